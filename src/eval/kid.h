/* The kernel inception distance (Binkowski et al. 2018): the squared maximum mean discrepancy with the kernel
 * (x'y / d + 1)^3, unbiased, so that it may be negative. */
#ifndef EVAL_KID_H
#define EVAL_KID_H

#include "base/pool.h"
#include "eval/feature_set.h"

#include <stdint.h>

enum { KID_SUBSETS = 100, KID_SUBSET_SIZE = 1000 };

struct kid {
    double value;                         /* of the full sets */
    int64_t subset_size;                  /* images of each set in a subset: KID_SUBSET_SIZE, or half the smaller set */
    double subset_mean, subset_deviation; /* of KID_SUBSETS random subsets; the spread is not an interval of `value` */
};

/* Refuses sets of fewer than four images, or whose images all have the same features. */
int kid_measure(struct kid *out, const struct feature_set *real, const struct feature_set *generated, uint64_t seed,
                struct pool *pool);

#endif
