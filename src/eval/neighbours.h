/* Nearest neighbours between two sets of feature vectors by comparing all pairs, tile by tile, so that no matrix of
 * distances is ever in memory. Distances are Euclidean, from differences (a - b)^2 summed in the order of the features:
 * a copy is at exactly 0, d(a, b) = d(b, a) to the bit, and bits depend on neither threads nor processor. */
#ifndef EVAL_NEIGHBOURS_H
#define EVAL_NEIGHBOURS_H

#include "base/pool.h"
#include "eval/feature_set.h"

#include <stdbool.h>
#include <stdint.h>

enum { NEIGHBOURS_MAXIMUM = 64 }; /* largest k */

/* For each row i of `of` its k nearest rows of `among`, nearest first, equal distances in order of the row numbers:
 * distance[i * k + j] and, unless index is NULL, their row numbers index[i * k + j]. exclude_self: both are the
 * same set, where row i is no neighbour of itself (other copies of the same vector are). 1 <= k <= the
 * rows left, and at most NEIGHBOURS_MAXIMUM. Both sets must hold finite numbers and are checked for it. */
int neighbours_nearest(double *distance, int64_t *index, const struct feature_set *of, const struct feature_set *among,
                       int k, bool exclude_self, struct pool *pool);

/* The same with squared distances, which are compared without rounding twice. */
int neighbours_nearest_squared(double *squared, int64_t *index, const struct feature_set *of,
                               const struct feature_set *among, int k, bool exclude_self, struct pool *pool);

/* distance[i], or its square, to the k-th nearest alone. */
int neighbours_kth_squared(double *squared, const struct feature_set *of, const struct feature_set *among, int k,
                           bool exclude_self, struct pool *pool);
int neighbours_kth(double *distance, const struct feature_set *of, const struct feature_set *among, int k,
                   bool exclude_self, struct pool *pool);

/* inside[i] = how many rows of `among` are nearer to row i of `of` than radius (strictly). */
int neighbours_within(int64_t *inside, const struct feature_set *of, const struct feature_set *among, double radius,
                      struct pool *pool);

#endif
