/* Batches of real images. Which images a step sees is a function of (seed, step): every epoch is a new random order of
 * all images, and batches follow each other without gaps across epochs. */
#ifndef TRAIN_FEED_H
#define TRAIN_FEED_H

#include <standin/standin.h>
#include <stdbool.h>
#include <stdint.h>

struct feed;

/* The dataset must stay open. batch >= 1. */
int feed_new(struct feed **out, const standin_dataset *dataset, uint64_t seed, int64_t batch, bool mirror);
void feed_free(struct feed *feed);

/* (batch, height, width, channels) in [-1, 1], valid until the next call. */
const float *feed_batch(struct feed *feed, int64_t step);

#endif
