/* Batches for a classifier: every class takes its turn, so that unbalanced sets need no care, and every picture is
 * shown moved, turned, scaled and lit a little differently each time. What a step sees follows from (seed, step). */
#ifndef TRAIN_CLASSIFY_FEED_H
#define TRAIN_CLASSIFY_FEED_H

#include "base/pool.h"

#include <standin/standin.h>
#include <stdbool.h>
#include <stdint.h>

struct classify_feed;

struct classify_feed_settings {
    uint64_t seed;
    int64_t batch;    /* >= 1 */
    bool augment;     /* move, turn, scale, light */
    bool mirror;      /* also left to right, every second time */
    double smoothing; /* of the target's 1 that is spread evenly over all classes */
    int64_t others;   /* the last so many images of the set are only to begin with, before ... */
    int64_t steps;    /* this step: their share of a batch falls evenly from 1 at step 0 */
};

/* The dataset, opened with a size, and the pool must stay. */
int classify_feed_new(struct classify_feed **out, const standin_dataset *dataset,
                      const struct classify_feed_settings *settings, struct pool *pool);
void classify_feed_free(struct classify_feed *feed);

/* Makes the batch of a step: images (batch, height, width, channels), about [-1, 1], and targets (batch, classes). Both
 * always lie where they lie. */
void classify_feed_fill(struct classify_feed *feed, int64_t step);
const float *classify_feed_images(const struct classify_feed *feed);
const float *classify_feed_targets(const struct classify_feed *feed);

#endif
