/* All eigenvalues of a symmetric matrix in double, with work for all threads; the same bits for any number of them. */
#ifndef EVAL_EIGENVALUES_H
#define EVAL_EIGENVALUES_H

#include "base/pool.h"

#include <stdint.h>

/* values (n), ascending, of the matrix (n, n), of which only the lower triangle is read, and which is destroyed. Their
 * errors are some roundings of the largest of them. 0, STATUS_MEMORY, STATUS_INPUT if the matrix is too large, or
 * STATUS_FAILED. */
int symmetric_eigenvalues(double *values, double *matrix, int64_t n, struct pool *pool);

#endif
