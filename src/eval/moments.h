/* Mean and sample covariance (divided by N - 1) of a set of features, in double. */
#ifndef EVAL_MOMENTS_H
#define EVAL_MOMENTS_H

#include "base/pool.h"
#include "eval/feature_set.h"

struct moments {
    int64_t count, width;
    double *mean;       /* (width) */
    double *covariance; /* (width, width), symmetric to the bit */
};

/* Refuses fewer than two images, features that are not finite, and sets whose images all have the same features; `name`
 * ("real") is the set's in messages. Free with moments_free, also after a failure. */
int moments_new(struct moments *moments, const struct feature_set *set, const char *name, struct pool *pool);

void moments_free(struct moments *moments);

#endif
