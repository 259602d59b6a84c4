/* Random numbers as addresses: Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3",
 * SC 2011). Number i of sample s is a pure function of (seed, purpose, step, s, i): nothing to save, and
 * nothing that depends on threads, ranks or shards. */
#ifndef BASE_PHILOX_H
#define BASE_PHILOX_H

#include <stdint.h>

/* What a stream of numbers is for. Different purposes never share numbers. Values are part of every
 * saved run: add at the end, never renumber. */
enum random_purpose {
    RANDOM_INITIAL_WEIGHTS = 1, /* step = index of the parameter, sample = 0 */
    RANDOM_BATCH_ORDER,         /* step = epoch */
    RANDOM_LATENT_D,            /* step = training step */
    RANDOM_LATENT_G,
    RANDOM_SAMPLE_GRID,
    RANDOM_GENERATE,            /* step = 0, sample = number of the image */
    RANDOM_STANDING_STATISTICS,
    RANDOM_MIRROR,
    RANDOM_AUGMENT,             /* this and the following ones: one for each augmentation */
    RANDOM_HOLD_BACK = 499,     /* sample = class */
    RANDOM_REPLAY,              /* sample = slot of the batch or of the buffer */
    RANDOM_PENALTY,             /* where between a real and a generated picture a gradient is taken */
    RANDOM_RESAMPLE,            /* bootstrap: sample = number of the resample */
    RANDOM_CELLS,               /* where the centres of k-means begin: step = attempt */
    RANDOM_SUBSET,              /* step = which use of which set, sample = number of the subset */
    RANDOM_RELABEL,             /* sample = number of the relabelling */
    RANDOM_USER = 1000,
};

/* Ten rounds on a counter of four and a key of two 32-bit words. */
void philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* One address: where a sample's numbers start. purpose < 2^16, sample < 2^40. */
typedef struct random_address {
    uint64_t seed, step;
    uint32_t purpose;
    uint64_t sample;
} random_address;

/* numbers[i] for i in [first, first + count), as 32-bit words. */
void random_words(random_address address, uint64_t first, uint64_t count, uint32_t *numbers);

/* The same as reals in [0, 1): (word >> 8) / 2^24. */
void random_uniform(random_address address, uint64_t first, uint64_t count, float *numbers);

/* Standard normal numbers by Box-Muller on pairs of words; `first` must be even. */
void random_normal(random_address address, uint64_t first, uint64_t count, float *numbers);

/* order[0..count) = a random permutation of 0..count-1 (Fisher-Yates, bias under 2^-32 count). */
void random_permutation(random_address address, uint32_t count, uint32_t *order);

#endif
