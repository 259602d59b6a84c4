/* LAPACK by its Fortran names, which are in OpenBLAS itself: the C interface is a library apart that would bring a
 * second copy of all of them. */
#include "eval/lapack.h"

#include "base/error.h"
#include "base/memory.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

extern int openblas_get_num_threads(void);
extern void openblas_set_num_threads(int threads);

/* Fortran passes the lengths of texts at the end. */
extern void dpstrf_(const char *triangle, const int *n, double *matrix, const int *stride, int *pivot, int *rank,
                    const double *tolerance, double *work, int *info, size_t triangle_length);
extern void dsterf_(const int *n, double *diagonal, double *beside, int *info);
extern void dsyevr_(const char *job, const char *range, const char *triangle, const int *n, double *matrix,
                    const int *stride, const double *least, const double *most, const int *first, const int *last,
                    const double *tolerance, int *found, double *values, double *vectors, const int *vectors_stride,
                    int *support, double *work, const int *work_size, int *more_work, const int *more_work_size,
                    int *info, size_t job_length, size_t range_length, size_t triangle_length);

static int check_size(int64_t n)
{
    if (n < 1 || n > INT_MAX / 64)
        return error_set(STATUS_INPUT, "a matrix of %lld rows is too large", (long long)n);
    return 0;
}

/* In columns, as Fortran has it, the lower triangle of a symmetric matrix is the upper one in rows. */
static void place_rows(double *factor, const double *columns, const int *pivot, int64_t n, int64_t rank)
{
    memset(factor, 0, (size_t)(n * n) * sizeof *factor);
    for (int64_t j = 0; j < rank; j++)
        for (int64_t i = j; i < n; i++)
            factor[(pivot[i] - 1) * n + j] = columns[j * n + i];
}

int lapack_factor(double *factor, int64_t *rank, const double *matrix, int64_t n)
{
    int status = check_size(n);
    if (status < 0)
        return status;
    double *columns = memory_new((size_t)(n * n), sizeof *columns), *work = memory_new((size_t)(2 * n), sizeof *work);
    int *pivot = memory_new((size_t)n, sizeof *pivot);
    if (!columns || !work || !pivot) {
        status = STATUS_MEMORY;
        goto done;
    }
    memcpy(columns, matrix, (size_t)(n * n) * sizeof *columns);
    const int size = (int)n, threads = openblas_get_num_threads();
    const double automatic = -1; /* n times the rounding of the largest diagonal element */
    int found = 0, info = 0;
    openblas_set_num_threads(1);
    dpstrf_("L", &size, columns, &size, pivot, &found, &automatic, work, &info, 1);
    openblas_set_num_threads(threads);
    if (info < 0)
        status = error_set(STATUS_FAILED, "no factor of a covariance of %d features (%d)", size, info);
    *rank = found;
    place_rows(factor, columns, pivot, n, found);
done:
    free(columns);
    free(work);
    free(pivot);
    return status;
}

int lapack_tridiagonal(double *values, double *beside, int64_t n)
{
    const int status = check_size(n);
    if (status < 0)
        return status;
    const int size = (int)n;
    int info = 0;
    dsterf_(&size, values, beside, &info);
    return info == 0 ? 0 : error_set(STATUS_FAILED, "no eigenvalues of a matrix of %d rows (%d)", size, info);
}

int lapack_eigenvectors(double *values, double *vectors, double *matrix, int64_t n, int64_t wanted)
{
    int status = check_size(n);
    if (status < 0)
        return status;
    const int size = (int)n, first = (int)(n - wanted) + 1, threads = openblas_get_num_threads();
    const int work_size = (int)(34 * n), more_work_size = (int)(10 * n); /* blocks of 32; what it asks for at least */
    double *work = memory_new((size_t)work_size, sizeof *work), *all = memory_new((size_t)n, sizeof *all);
    int *more_work = memory_new((size_t)more_work_size, sizeof *more_work);
    int *support = memory_new((size_t)wanted, 2 * sizeof *support);
    if (!work || !all || !more_work || !support) {
        status = STATUS_MEMORY;
        goto done;
    }
    const double none = 0;
    int found = 0, info = 0;
    openblas_set_num_threads(1);
    dsyevr_("V", "I", "L", &size, matrix, &size, &none, &none, &first, &size, &none, &found, all, vectors, &size,
            support, work, &work_size, more_work, &more_work_size, &info, 1, 1, 1);
    openblas_set_num_threads(threads);
    if (info != 0 || found != wanted)
        status = error_set(STATUS_FAILED, "no eigenvectors of a matrix of %d rows (%d)", size, info);
    memcpy(values, all, (size_t)wanted * sizeof *values);
done:
    free(work);
    free(all);
    free(more_work);
    free(support);
    return status;
}
