/* Reflections make the matrix tridiagonal, from its last row up to its first, and the library finds the eigenvalues of
 * that. Reflections are collected in panels and applied to the rest of the matrix together (Dongarra, Sorensen and
 * Hammarling 1989), so that half of the work are products. The other half is one product of matrix and vector a row,
 * which only passes over memory: each strip of rows reads its part of the lower triangle once, for both triangles.
 *
 * Our own, because the distribution's library does this on one thread, and with its oldest loops on processors newer
 * than itself. */
#include "eval/eigenvalues.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/lapack.h"
#include "eval/loops.h"
#include "eval/panels.h"
#include "eval/products.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    PANEL = 32,      /* reflections that are applied together */
    STRIPS = 16,     /* of rows, for the product with a vector */
    ONE_STRIP = 256, /* so few rows are one strip */
};

struct reduction {
    double *matrix; /* (n, n): of the leading rows, the lower triangle is what is left to do */
    int64_t n;
    struct pool *pool;
    double *reflections; /* (3, PANEL, rows): v, w and again v of the panel's reflections; rows when the panel began */
    int64_t rows, count; /* reflections so far */
    double *parts;       /* (STRIPS, n): what each strip adds to a product */
    const double *x;     /* of the product */
    int64_t order;       /* its rows */
    int strips;
};

static double *v_of(const struct reduction *r, int64_t k)
{
    return r->reflections + k * r->rows;
}

static double *w_of(const struct reduction *r, int64_t k)
{
    return r->reflections + (PANEL + k) * r->rows;
}

/* ---- The product with a vector ------------------------------------------------------------------------------ */

/* First row of a strip: strips have about the same area. */
static int64_t strip_begin(const struct reduction *r, int strip)
{
    const int64_t row = (int64_t)((double)r->order * sqrt((double)strip / r->strips)) / DOT_ROWS * DOT_ROWS;
    return strip == r->strips ? r->order : row;
}

/* The square where a group of rows meets its own columns. */
static void multiply_corner(double *part, double *const *row, const double *x, int64_t first, int64_t rows)
{
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < i; j++) {
            part[first + i] += row[i][first + j] * x[first + j];
            part[first + j] += row[i][first + j] * x[first + i];
        }
        part[first + i] += row[i][first + i] * x[first + i];
    }
}

static void multiply_strip(void *context, int strip, int worker)
{
    (void)worker;
    const struct reduction *r = context;
    const struct eval_loops *loops = eval_loops_here();
    const int64_t begin = strip_begin(r, strip), end = strip_begin(r, strip + 1);
    double *part = r->parts + strip * r->n;
    memset(part, 0, (size_t)end * sizeof *part);
    for (int64_t first = begin; first < end; first += DOT_ROWS) {
        const int64_t rows = end - first < DOT_ROWS ? end - first : DOT_ROWS;
        double *row[DOT_ROWS], factor[DOT_ROWS], sum[DOT_ROWS];
        for (int64_t i = 0; i < DOT_ROWS; i++) {
            row[i] = r->matrix + (first + (i < rows ? i : 0)) * r->n;
            factor[i] = i < rows ? r->x[first + i] : 0;
        }
        loops->rows_both(sum, part, (const double *const *)row, factor, r->x, first);
        for (int64_t i = 0; i < rows; i++)
            part[first + i] += sum[i];
        multiply_corner(part, row, r->x, first, rows);
    }
}

/* y (order) = the leading rows and columns of the matrix times x */
static void multiply(double *y, struct reduction *r, const double *x, int64_t order)
{
    r->x = x;
    r->order = order;
    r->strips = order < ONE_STRIP ? 1 : STRIPS;
    if (r->strips == 1)
        multiply_strip(r, 0, 0);
    else
        pool_run(r->pool, r->strips, multiply_strip, r);
    memset(y, 0, (size_t)order * sizeof *y);
    for (int strip = 0; strip < r->strips; strip++) {
        const double *part = r->parts + strip * r->n;
        const int64_t end = strip_begin(r, strip + 1);
        for (int64_t i = 0; i < end; i++)
            y[i] += part[i];
    }
}

/* ---- Reflections of the panel ------------------------------------------------------------------------------- */

/* A few of the vectors `of` (v_of or w_of), the last one again behind the end. */
static int64_t take_rows(const double **row, const struct reduction *r, int64_t first,
                         double *of(const struct reduction *, int64_t))
{
    const int64_t rows = r->count - first < DOT_ROWS ? r->count - first : DOT_ROWS;
    for (int64_t i = 0; i < DOT_ROWS; i++)
        row[i] = of(r, first + (i < rows ? i : 0));
    return rows;
}

/* y -= sum of v_k a_k + w_k b_k over the panel's reflections */
static void subtract_reflections(double *y, const struct reduction *r, const double *a, const double *b, int64_t order)
{
    const struct eval_loops *loops = eval_loops_here();
    for (int64_t first = 0; first < r->count; first += DOT_ROWS) {
        const double *row[DOT_ROWS];
        double factor[DOT_ROWS];
        const int64_t rows = take_rows(row, r, first, v_of);
        for (int64_t i = 0; i < DOT_ROWS; i++)
            factor[i] = i < rows ? -a[first + i] : 0;
        loops->rows_add(y, row, factor, order);
        take_rows(row, r, first, w_of);
        for (int64_t i = 0; i < DOT_ROWS; i++)
            factor[i] = i < rows ? -b[first + i] : 0;
        loops->rows_add(y, row, factor, order);
    }
}

/* dots[k] = the product of x with the k-th vector */
static void multiply_reflections(double *dots, const struct reduction *r, double *of(const struct reduction *, int64_t),
                                 const double *x, int64_t order)
{
    for (int64_t first = 0; first < r->count; first += DOT_ROWS) {
        const double *row[DOT_ROWS];
        double sum[DOT_ROWS];
        const int64_t rows = take_rows(row, r, first, of);
        eval_loops_here()->rows_dot(sum, row, x, order);
        memcpy(dots + first, sum, (size_t)rows * sizeof *dots);
    }
}

static double dot(const double *a, const double *b, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* The reflection 1 - tau v v^T, v ending in 1, that leaves of x only its last element, which is returned (Householder
 * 1958). */
static double reflect(double *v, double *tau, const double *x, int64_t count)
{
    const double last = x[count - 1], rest = dot(x, x, count - 1);
    *tau = 0;
    memset(v, 0, (size_t)count * sizeof *v);
    if (rest == 0)
        return last;
    const double left = -copysign(sqrt(last * last + rest), last);
    *tau = (left - last) / left;
    for (int64_t i = 0; i < count - 1; i++)
        v[i] = x[i] / (last - left);
    v[count - 1] = 1;
    return left;
}

/* Row `i` of the matrix becomes an element of the diagonal and the one beside it, and one more reflection. */
static void reduce_row(struct reduction *r, double *diagonal, double *beside, int64_t i)
{
    double *row = r->matrix + i * r->n, a[PANEL], b[PANEL], tau;
    double *v = v_of(r, r->count), *w = w_of(r, r->count);
    for (int64_t k = 0; k < r->count; k++) {
        a[k] = w_of(r, k)[i];
        b[k] = v_of(r, k)[i];
    }
    subtract_reflections(row, r, a, b, i + 1);
    diagonal[i] = row[i];
    beside[i - 1] = reflect(v, &tau, row, i);
    memset(w, 0, (size_t)i * sizeof *w);
    if (tau != 0) {
        multiply(w, r, v, i);
        multiply_reflections(a, r, w_of, v, i);
        multiply_reflections(b, r, v_of, v, i);
        subtract_reflections(w, r, a, b, i);
        const double half = tau * dot(w, v, i) / 2;
        for (int64_t j = 0; j < i; j++)
            w[j] = tau * (w[j] - half * v[j]);
    }
    memcpy(r->reflections + (2 * PANEL + r->count) * r->rows, v, (size_t)r->rows * sizeof *v);
    r->count++;
}

/* ---- The update --------------------------------------------------------------------------------------------- */

/* Takes v w^T + w v^T of the panel's reflections from the leading rows that are left. */
static int update(struct reduction *r, int64_t order)
{
    const struct feature_set left = {r->reflections, 2 * PANEL, r->rows};
    const struct feature_set right = {r->reflections + PANEL * r->rows, 2 * PANEL, r->rows};
    struct panels a = {0}, b = {0};
    int status = panels_of_columns(&a, &left, NULL, r->pool);
    if (status == 0)
        status = panels_of_columns(&b, &right, NULL, r->pool);
    if (status == 0)
        status = products_subtract_lower(r->matrix, r->n, order, &a, &b, r->pool);
    panels_free(&a);
    panels_free(&b);
    return status;
}

static int reduce(struct reduction *r, double *diagonal, double *beside)
{
    int status = 0;
    int64_t order = r->n;
    while (status == 0 && order > 1) {
        r->rows = order;
        r->count = 0;
        const int64_t until = order - 1 < PANEL ? 1 : order - PANEL;
        memset(r->reflections, 0, (size_t)(3 * PANEL * order) * sizeof *r->reflections);
        for (int64_t i = order - 1; i >= until; i--)
            reduce_row(r, diagonal, beside, i);
        order = until;
        status = update(r, order);
    }
    diagonal[0] = r->matrix[0];
    return status;
}

/* ---- All of it ---------------------------------------------------------------------------------------------- */

/* So that no square is too large or too small: the largest element becomes 1. Returns what it was. */
static double scale(double *matrix, int64_t n)
{
    double largest = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++)
            largest = fmax(largest, fabs(matrix[i * n + j]));
    if (largest == 0)
        return 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++)
            matrix[i * n + j] /= largest;
    return largest;
}

int symmetric_eigenvalues(double *values, double *matrix, int64_t n, struct pool *pool)
{
    struct reduction r = {.matrix = matrix, .n = n, .pool = pool};
    r.reflections = memory_new((size_t)(3 * PANEL), (size_t)n * sizeof *r.reflections);
    r.parts = memory_new(STRIPS, (size_t)n * sizeof *r.parts);
    double *beside = memory_new((size_t)n, sizeof *beside);
    int status = r.reflections && r.parts && beside ? 0 : STATUS_MEMORY;
    if (status == 0) {
        const double largest = scale(matrix, n);
        status = reduce(&r, values, beside);
        if (status == 0)
            status = lapack_tridiagonal(values, beside, n);
        for (int64_t i = 0; status == 0 && i < n; i++)
            values[i] *= largest;
    }
    free(r.reflections);
    free(r.parts);
    free(beside);
    return status;
}
