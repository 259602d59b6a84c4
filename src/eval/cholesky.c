/* Block by block of columns, from left to right: the block's triangle, what stands under it by the triangle's inverse,
 * and then its square is taken from all that is to the right of it. The last two are products, on all threads. Our own
 * for the reasons that eigenvalues.c gives. */
#include "eval/cholesky.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/lapack.h"
#include "eval/panels.h"
#include "eval/products.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64 };

struct work {
    double *matrix; /* (n, n): the lower triangle becomes the factor */
    int64_t n;
    double least;    /* pivots that are not larger make the matrix singular */
    double *inverse; /* (BLOCK, BLOCK) */
    double *under;   /* (n, BLOCK): the rows under a block */
    double *solved;  /* the same as columns of the factor */
    struct pool *pool;
};

/* Of `width` columns from `first` on, down to the diagonal. False if a pivot is too small. */
static bool factor_triangle(struct work *w, int64_t first, int64_t width)
{
    double *corner = w->matrix + first * w->n + first;
    for (int64_t j = 0; j < width; j++) {
        double *row = corner + j * w->n;
        for (int64_t k = 0; k < j; k++) {
            const double *above = corner + k * w->n;
            double sum = row[k];
            for (int64_t t = 0; t < k; t++)
                sum -= row[t] * above[t];
            row[k] = sum / above[k];
        }
        double pivot = row[j];
        for (int64_t t = 0; t < j; t++)
            pivot -= row[t] * row[t];
        if (!(pivot > w->least))
            return false;
        row[j] = sqrt(pivot);
    }
    return true;
}

/* Of the triangle, as rows of `width`. */
static void invert_triangle(struct work *w, int64_t first, int64_t width)
{
    const double *corner = w->matrix + first * w->n + first;
    memset(w->inverse, 0, (size_t)(width * width) * sizeof *w->inverse);
    for (int64_t j = 0; j < width; j++) {
        w->inverse[j * width + j] = 1 / corner[j * w->n + j];
        for (int64_t i = j + 1; i < width; i++) {
            double sum = 0;
            for (int64_t t = j; t < i; t++)
                sum -= corner[i * w->n + t] * w->inverse[t * width + j];
            w->inverse[i * width + j] = sum / corner[i * w->n + i];
        }
    }
}

/* Rows under the triangle times its inverse, transposed. */
static int solve_under(struct work *w, int64_t first, int64_t width, int64_t rows)
{
    double *below = w->matrix + (first + width) * w->n + first;
    for (int64_t i = 0; i < rows; i++)
        memcpy(w->under + i * width, below + i * w->n, (size_t)width * sizeof *below);
    const struct feature_set under = {w->under, rows, width}, inverse = {w->inverse, width, width};
    struct panels left = {0}, right = {0};
    int status = panels_of_rows(&left, &under, w->pool);
    if (status == 0)
        status = panels_of_rows(&right, &inverse, w->pool);
    if (status == 0)
        status = products_all(w->solved, &left, &right, w->pool);
    for (int64_t i = 0; status == 0 && i < rows; i++)
        memcpy(below + i * w->n, w->solved + i * width, (size_t)width * sizeof *below);
    panels_free(&left);
    panels_free(&right);
    return status;
}

static int subtract_square(struct work *w, int64_t next, int64_t width, int64_t rows)
{
    const struct feature_set solved = {w->solved, rows, width};
    struct panels panels = {0};
    int status = panels_of_rows(&panels, &solved, w->pool);
    if (status == 0)
        status = products_subtract_lower(w->matrix + next * w->n + next, w->n, rows, &panels, &panels, w->pool);
    panels_free(&panels);
    return status;
}

/* *regular: whether all pivots were large enough. */
static int factor_blocks(struct work *w, bool *regular)
{
    int status = 0;
    *regular = true;
    for (int64_t first = 0; status == 0 && first < w->n; first += BLOCK) {
        const int64_t width = w->n - first < BLOCK ? w->n - first : BLOCK, rows = w->n - first - width;
        *regular = factor_triangle(w, first, width);
        if (!*regular || rows == 0)
            break;
        invert_triangle(w, first, width);
        status = solve_under(w, first, width, rows);
        if (status == 0)
            status = subtract_square(w, first + width, width, rows);
    }
    return status;
}

static double largest_on_diagonal(const double *matrix, int64_t n)
{
    double largest = 0;
    for (int64_t i = 0; i < n; i++)
        largest = fmax(largest, matrix[i * n + i]);
    return largest;
}

int cholesky_factor(double *factor, int64_t *rank, const double *matrix, int64_t n, struct pool *pool)
{
    struct work w = {.matrix = factor, .n = n, .pool = pool};
    w.least = (double)n * DBL_EPSILON * largest_on_diagonal(matrix, n);
    w.inverse = memory_new(BLOCK, BLOCK * sizeof *w.inverse);
    w.under = memory_new((size_t)n, BLOCK * sizeof *w.under);
    w.solved = memory_new((size_t)n, BLOCK * sizeof *w.solved);
    bool regular = false;
    int status = w.inverse && w.under && w.solved ? 0 : STATUS_MEMORY;
    if (status == 0) {
        memcpy(factor, matrix, (size_t)(n * n) * sizeof *factor);
        status = factor_blocks(&w, &regular);
    }
    for (int64_t i = 0; regular && i < n; i++)
        memset(factor + i * n + i + 1, 0, (size_t)(n - i - 1) * sizeof *factor);
    free(w.inverse);
    free(w.under);
    free(w.solved);
    *rank = n;
    return status == 0 && !regular ? lapack_factor(factor, rank, matrix, n) : status;
}
