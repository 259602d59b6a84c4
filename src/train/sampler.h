/* Looking at a generator that is in training: a grid of samples from always the same latents, and the standing
 * statistics of its normalisations, which are what a finished generator normalises with. */
#ifndef TRAIN_SAMPLER_H
#define TRAIN_SAMPLER_H

#include "train/step.h"

struct sampler;

/* On the weights in the store; adds the statistics' states to it. The store and the pool must stay. With labels each
 * row of the grid is a class. */
int sampler_new(struct sampler **out, const struct step_settings *settings, struct store *store, struct pool *pool,
                int shards, uint64_t seed);
void sampler_free(struct sampler *sampler);

/* Makes the grid's images, `sampler_images` of them in SAMPLER_COLUMNS columns, as 8-bit samples, owned by the sampler
 * until the next call. */
enum { SAMPLER_COLUMNS = 8 };
int sampler_grid(struct sampler *sampler, const uint8_t **pixels);
int64_t sampler_images(const struct sampler *sampler);

/* Averages the batch statistics of the present weights over some batches and puts them into the store. */
int sampler_update_statistics(struct sampler *sampler, int64_t batches);

size_t sampler_bytes(const struct sampler *sampler, int threads);

#endif
