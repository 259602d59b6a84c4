/* Batches of real images with their labels. What a step sees is a function of (seed, step): position p of the endless
 * row of batches holds, unbalanced, image p of one random order of all images after another; balanced, an image of
 * class p modulo the number of classes, and within each class one random order after another. */
#ifndef TRAIN_FEED_H
#define TRAIN_FEED_H

#include <standin/standin.h>
#include <stdbool.h>
#include <stdint.h>

struct feed;

struct feed_settings {
    uint64_t seed;
    int64_t batch;    /* >= 1 */
    bool mirror;      /* every second image, at random, left for right */
    bool balanced;    /* all classes equally often */
    double held_back; /* share of each class, rounded down, that no batch shows */
};

/* The dataset must stay open. */
int feed_new(struct feed **out, const standin_dataset *dataset, const struct feed_settings *settings);
void feed_free(struct feed *feed);

/* Makes batch number `step`. */
void feed_batch(struct feed *feed, int64_t step);

/* Of the last batch: images (batch, height, width, channels) in [-1, 1], and the numbers of their classes (batch). The
 * addresses stay. */
const float *feed_images(const struct feed *feed);
const float *feed_labels(const struct feed *feed);

/* Images that are held back, and as many that are not, each in a fixed order that mixes the classes: image `number`,
 * which counts modulo how many there are. */
int64_t feed_held_back(const struct feed *feed);
void feed_compare(const struct feed *feed, bool held_back, int64_t number, float *image, float *label);

#endif
