/* Products of double matrices, cut by shapes alone: the same bits for any number of threads. Our own, because the
 * distribution's linear algebra library does not know processors newer than itself and multiplies at a fifth of their
 * speed. */
#ifndef EVAL_PRODUCTS_H
#define EVAL_PRODUCTS_H

#include "base/pool.h"
#include "eval/panels.h"

/* One strip of a b^T: out (rows of a, TILE_LANES) for the panels [first, last) of a and one panel of b, TILE_LANES rows
 * for each panel of a. */
void products_strip(double *out, const struct panels *a, int64_t first, int64_t last, const struct panels *b,
                    int64_t panel);

/* out (a->count, b->count) = a b^T, of vectors of the same width. 0 or STATUS_MEMORY. */
int products_all(double *out, const struct panels *a, const struct panels *b, struct pool *pool);

/* The same of which only the lower triangle is computed, and mirrored: for results that are symmetric. */
int products_symmetric(double *out, const struct panels *a, const struct panels *b, struct pool *pool);

#endif
