/* Measures between single images, over samples: how near images come to those of another set, and how much images of
 * one class resemble each other. Candidates for the nearest are found by principal components of the pixels. */
#ifndef STUDY_EVALUATE_NEAREST_H
#define STUDY_EVALUATE_NEAREST_H

#include "base/pool.h"
#include "eval/image_measures.h"
#include "study/work.h"

#include <standin/standin.h>
#include <stdbool.h>
#include <stdint.h>

enum { NEAREST_SAMPLE = 1000, NEAREST_CANDIDATES = 16, NEAREST_PAIRS = 1000, NEAREST_MINIMUM = 10 };

struct image_shape nearest_shape(const standin_dataset *set);

/* Largest SSIM and PSNR among the candidates of each sampled image. */
struct nearest {
    int64_t count;
    int64_t *image; /* which ones of the set */
    double *ssim, *psnr;
};

/* `among` is looked through whole; exclude_self: it is the same set as `of`. A random sample of at most NEAREST_SAMPLE
 * images. */
int nearest_find(struct nearest *nearest, const standin_dataset *of, const standin_dataset *among, bool exclude_self,
                 uint64_t seed, struct pool *pool, struct work *work);
void nearest_free(struct nearest *nearest);

/* Pairs of different images, each image in at most one pair. */
struct image_pairs {
    int64_t count;
    const uint8_t **a, **b; /* pixels, borrowed from the sets */
};

/* Within `set` if `other` is NULL, else one of each; of one class if by_class. At most `maximum` pairs. */
int pairs_draw(struct image_pairs *pairs, const standin_dataset *set, const standin_dataset *other, bool by_class,
               int64_t maximum, uint64_t seed);
void pairs_free(struct image_pairs *pairs);

#endif
