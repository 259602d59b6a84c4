/* Factors and eigenvalues of symmetric matrices in double, from the linear algebra library, which runs on one thread so
 * that bits do not depend on how many there are. The only file that knows it. Matrices are symmetric: by row or by
 * column is the same. */
#ifndef EVAL_LAPACK_H
#define EVAL_LAPACK_H

#include <stdint.h>

/* Cholesky with pivoting of a positive semidefinite matrix (n, n): factor (n, n) of which the first *rank columns are L
 * with L L^T = matrix, up to rounding. 0, STATUS_MEMORY, or STATUS_INPUT if it is too large. */
int lapack_factor(double *factor, int64_t *rank, const double *matrix, int64_t n);

/* Of a tridiagonal matrix: values (n) holds its diagonal, beside (n - 1) what is beside it. values becomes its
 * eigenvalues, ascending; destroys beside. */
int lapack_tridiagonal(double *values, double *beside, int64_t n);

/* The `wanted` largest, values (wanted) ascending, and their vectors of length 1 as rows (wanted, n). Destroys the
 * matrix. */
int lapack_eigenvectors(double *values, double *vectors, double *matrix, int64_t n, int64_t wanted);

#endif
