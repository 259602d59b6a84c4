/* Products of double matrices, cut by shapes alone: the same bits for any number of threads. Our own, because the
 * distribution's linear algebra library does not know processors newer than itself and multiplies at a fifth of their
 * speed. */
#ifndef EVAL_PRODUCTS_H
#define EVAL_PRODUCTS_H

#include "base/pool.h"
#include "eval/panels.h"

#include <stdbool.h>

/* A block of a b^T, of the panels [first_a, last_a) of a and [first_b, last_b) of b: out (panels of b, rows of the
 * panels of a, TILE_LANES), stored or added. */
void products_block(double *out, const struct panels *a, int64_t first_a, int64_t last_a, const struct panels *b,
                    int64_t first_b, int64_t last_b, bool add);

/* out (a->count, b->count) = a b^T, of vectors of the same width. 0 or STATUS_MEMORY. */
int products_all(double *out, const struct panels *a, const struct panels *b, struct pool *pool);

/* The same of which only the lower triangle is computed, and mirrored: for results that are symmetric. */
int products_symmetric(double *out, const struct panels *a, const struct panels *b, struct pool *pool);

/* The lower triangle of the first `order` rows of a matrix, rows `stride` apart, less a b^T; a and b have at least as
 * many vectors. 0 or STATUS_MEMORY. */
int products_subtract_lower(double *matrix, int64_t stride, int64_t order, const struct panels *a,
                            const struct panels *b, struct pool *pool);

#endif
