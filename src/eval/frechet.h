/* The Frechet distance between two sets as normal distributions: |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^1/2)
 * (Dowson and Landau 1982), its extrapolation to infinitely many images, and what it is for equal distributions. */
#ifndef EVAL_FRECHET_H
#define EVAL_FRECHET_H

#include "base/pool.h"
#include "eval/moments.h"

#include <stdint.h>

enum { FRECHET_SIZES = 15 };

/* Of moments with the same width. */
int frechet_distance(double *value, const struct moments *a, const struct moments *b, struct pool *pool);

/* Of sets; what their features are must be the same. Refuses what moments_new refuses. */
int frechet_of_sets(double *value, const struct feature_set *real, const struct feature_set *generated,
                    struct pool *pool);

struct frechet_infinity {
    double value;                 /* the intercept a of a + b / N */
    double slope;                 /* b */
    int64_t count[FRECHET_SIZES]; /* N: evenly from a fifth of the smaller set to all of it */
    double distance[FRECHET_SIZES];
};

/* The distance at infinitely many images (Chong and Forsyth, CVPR 2020), except that both sets are subsampled: random
 * subsets without replacement of the same size. Needs five times as many images as features are wide, in both sets. */
int frechet_at_infinity(struct frechet_infinity *out, const struct feature_set *real,
                        const struct feature_set *generated, uint64_t seed, struct pool *pool);

/* The expected distance of two samples of count_a and count_b images from one and the same normal distribution with
 * this covariance, to first order in 1 / N. For the identity and equal counts it is 2 d / N + d (d + 1) / (2 N). */
int frechet_floor(double *value, const struct moments *of, int64_t count_a, int64_t count_b, struct pool *pool);

#endif
