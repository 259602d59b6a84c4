/* The eigenvalues of S1 S2 are those of F^T S2 F for any F with F F^T = S1. The symmetric root of S1 is one such F; its
 * Cholesky factor is another that costs no eigenvectors, and where S1 has not full rank it has only as many columns. */
#include "eval/frechet.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "eval/eigenvalues.h"
#include "eval/cholesky.h"
#include "eval/loops.h"
#include "eval/panels.h"
#include "eval/products.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double trace(const double *matrix, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += matrix[i * n + i];
    return sum;
}

/* product (rank, rank) = F^T S F with the first `rank` columns of `factor`; half (rank, n) is work. */
static int congruence(double *product, double *half, const double *factor, int64_t rank, const double *covariance,
                      int64_t n, struct pool *pool)
{
    struct panels columns = {0}, rows = {0}, halves = {0};
    const struct feature_set factor_set = {factor, n, n}, covariance_set = {covariance, n, n},
                             half_set = {half, rank, n};
    int status = panels_of_columns(&columns, &factor_set, NULL, pool);
    columns.count = rank; /* the columns behind it are zero */
    columns.panels = (rank + TILE_LANES - 1) / TILE_LANES;
    if (status == 0)
        status = panels_of_rows(&rows, &covariance_set, pool);
    if (status == 0)
        status = products_all(half, &columns, &rows, pool);
    if (status == 0)
        status = panels_of_rows(&halves, &half_set, pool);
    if (status == 0)
        status = products_symmetric(product, &columns, &halves, pool);
    panels_free(&columns);
    panels_free(&rows);
    panels_free(&halves);
    return status;
}

/* tr (S1 S2)^1/2 */
static int trace_of_root(double *value, const double *s1, const double *s2, int64_t n, struct pool *pool)
{
    double *factor = memory_new((size_t)(n * n), sizeof *factor), *half = memory_new((size_t)(n * n), sizeof *half);
    double *product = memory_new((size_t)(n * n), sizeof *product), *values = memory_new((size_t)n, sizeof *values);
    int64_t rank = 0;
    int status = factor && half && product && values ? cholesky_factor(factor, &rank, s1, n, pool) : STATUS_MEMORY;
    if (status == 0 && rank > 0)
        status = congruence(product, half, factor, rank, s2, n, pool);
    if (status == 0 && rank > 0)
        status = symmetric_eigenvalues(values, product, rank, pool);
    *value = 0;
    for (int64_t i = 0; status == 0 && i < rank; i++)
        *value += values[i] > 0 ? sqrt(values[i]) : 0;
    free(factor);
    free(half);
    free(product);
    free(values);
    return status;
}

int frechet_distance(double *value, const struct moments *a, const struct moments *b, struct pool *pool)
{
    const int64_t n = a->width;
    if (n != b->width)
        return error_set(STATUS_INPUT, "a Frechet distance of %lld and %lld features", (long long)n,
                         (long long)b->width);
    double root, means = 0;
    const int status = trace_of_root(&root, a->covariance, b->covariance, n, pool);
    if (status < 0)
        return status;
    for (int64_t i = 0; i < n; i++)
        means += (a->mean[i] - b->mean[i]) * (a->mean[i] - b->mean[i]);
    *value = means + trace(a->covariance, n) + trace(b->covariance, n) - 2 * root;
    return 0;
}

int frechet_of_sets(double *value, const struct feature_set *real, const struct feature_set *generated,
                    struct pool *pool)
{
    struct moments a = {0}, b = {0};
    int status = feature_set_check_widths(real, "real", generated, "generated");
    if (status == 0)
        status = moments_new(&a, real, "real", pool);
    if (status == 0)
        status = moments_new(&b, generated, "generated", pool);
    if (status == 0)
        status = frechet_distance(value, &a, &b, pool);
    moments_free(&a);
    moments_free(&b);
    return status;
}

/* rows (count, width) = a random subset of the set. */
static void draw(double *rows, uint32_t *order, const struct feature_set *set, int64_t count, random_address address)
{
    random_permutation(address, (uint32_t)set->count, order);
    for (int64_t i = 0; i < count; i++)
        memcpy(rows + i * set->width, set->values + order[i] * set->width, (size_t)set->width * sizeof *rows);
}

static void fit_line(struct frechet_infinity *out)
{
    double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
    for (int i = 0; i < FRECHET_SIZES; i++) {
        mean_x += 1 / (double)out->count[i] / FRECHET_SIZES;
        mean_y += out->distance[i] / FRECHET_SIZES;
    }
    for (int i = 0; i < FRECHET_SIZES; i++) {
        const double x = 1 / (double)out->count[i] - mean_x;
        xx += x * x;
        xy += x * (out->distance[i] - mean_y);
    }
    out->slope = xy / xx;
    out->value = mean_y - out->slope * mean_x;
}

static int check_infinity(const struct feature_set *real, const struct feature_set *generated)
{
    const int64_t smaller = real->count < generated->count ? real->count : generated->count;
    const int64_t larger = real->count < generated->count ? generated->count : real->count;
    if (smaller / 5 <= real->width || smaller < 100 || larger > UINT32_MAX)
        return error_set(STATUS_INPUT,
                         "too few images to extrapolate the Frechet distance: %lld, more than %lld are needed",
                         (long long)smaller, (long long)(real->width >= 20 ? 5 * real->width + 4 : 99));
    int status = feature_set_check_widths(real, "real", generated, "generated");
    if (status == 0)
        status = feature_set_check_varied(real, "real", 2);
    if (status == 0)
        status = feature_set_check_varied(generated, "generated", 2);
    return status;
}

int frechet_at_infinity(struct frechet_infinity *out, const struct feature_set *real,
                        const struct feature_set *generated, uint64_t seed, struct pool *pool)
{
    int status = check_infinity(real, generated);
    if (status < 0)
        return status;
    const struct feature_set *const sets[2] = {real, generated};
    const int64_t all = real->count < generated->count ? real->count : generated->count;
    double *rows[2] = {0};
    uint32_t *order[2] = {0};
    for (int s = 0; s < 2 && status == 0; s++) {
        rows[s] = memory_new((size_t)all, (size_t)sets[s]->width * sizeof *rows[s]);
        order[s] = memory_new((size_t)sets[s]->count, sizeof *order[s]);
        status = rows[s] && order[s] ? 0 : STATUS_MEMORY;
    }
    for (int i = 0; i < FRECHET_SIZES && status == 0; i++) {
        const int64_t smallest = all / 5, count = smallest + (all - smallest) * i / (FRECHET_SIZES - 1);
        for (uint64_t s = 0; s < 2; s++)
            draw(rows[s], order[s], sets[s], count, (random_address){seed, s, RANDOM_SUBSET, (uint64_t)i});
        out->count[i] = count;
        status = frechet_of_sets(&out->distance[i], &(struct feature_set){rows[0], count, real->width},
                                 &(struct feature_set){rows[1], count, generated->width}, pool);
    }
    if (status == 0)
        fit_line(out);
    for (int s = 0; s < 2; s++) {
        free(rows[s]);
        free(order[s]);
    }
    return status;
}

/* The mean costs tr(S) (1/Na + 1/Nb). A difference D of covariances costs sum of D_ij^2 / (2 (l_i + l_j)) in the basis
 * where S is diagonal, and D_ij has the variance l_i l_j (1 + [i = j]) (1/Na + 1/Nb). */
int frechet_floor(double *value, const struct moments *of, int64_t count_a, int64_t count_b, struct pool *pool)
{
    const int64_t n = of->width;
    if (count_a < 2 || count_b < 2)
        return error_set(STATUS_INPUT, "too few images for a Frechet distance: %lld and %lld", (long long)count_a,
                         (long long)count_b);
    double *matrix = memory_new((size_t)(n * n), sizeof *matrix), *l = memory_new((size_t)n, sizeof *l);
    int status = STATUS_MEMORY;
    if (matrix && l) {
        memcpy(matrix, of->covariance, (size_t)(n * n) * sizeof *matrix);
        status = symmetric_eigenvalues(l, matrix, n, pool);
    }
    double sum = 0;
    for (int64_t i = 0; status == 0 && i < n; i++) {
        sum += l[i] > 0 ? 1.5 * l[i] : 0; /* the mean, and the diagonal of D */
        for (int64_t j = 0; j < i; j++)
            sum += l[i] > 0 && l[j] > 0 ? l[i] * l[j] / (l[i] + l[j]) : 0;
    }
    *value = sum * (1 / (double)count_a + 1 / (double)count_b);
    free(matrix);
    free(l);
    return status;
}
