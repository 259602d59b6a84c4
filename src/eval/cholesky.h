/* A factor of a covariance. */
#ifndef EVAL_CHOLESKY_H
#define EVAL_CHOLESKY_H

#include "base/pool.h"

#include <stdint.h>

/* factor (n, n), of which the first *rank columns are L with L L^T = matrix, up to rounding. The matrix (n, n) is
 * symmetric and positive semidefinite; of one that has not full rank the library finds the factor, with pivots and on
 * one thread. The same bits for any number of threads. 0, STATUS_MEMORY, or STATUS_INPUT if it is too large. */
int cholesky_factor(double *factor, int64_t *rank, const double *matrix, int64_t n, struct pool *pool);

#endif
