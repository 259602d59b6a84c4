/* Deviations from the mean are multiplied, not features: the difference of two large sums would lose digits. */
#include "eval/moments.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/loops.h"
#include "eval/panels.h"
#include "eval/products.h"

#include <stdbool.h>
#include <stdlib.h>

static void find_mean(double *mean, const struct feature_set *set)
{
    for (int64_t i = 0; i < set->count; i++)
        for (int64_t j = 0; j < set->width; j++)
            mean[j] += set->values[i * set->width + j];
    for (int64_t j = 0; j < set->width; j++)
        mean[j] /= (double)set->count;
}

/* ---- Few features of many images: a piece of the images at a time, which stays in cache ---------------------- */

enum { NARROW = 128, PIECE = 192, PARTS = 16 };

struct narrow {
    const struct feature_set *set;
    const double *mean;
    int64_t panels;
    double *work; /* (workers, panels, PIECE, TILE_LANES) */
    double *sums; /* (PARTS, panels, panels, TILE_LANES, TILE_LANES): of each panel's columns, the rows of the panels
                     from it on */
};

static int64_t sums_of_part(const struct narrow *n)
{
    return n->panels * n->panels * TILE_LANES * TILE_LANES;
}

static void add_part(void *context, int part, int worker)
{
    const struct narrow *n = context;
    const int64_t width = n->set->width, end = n->set->count * (part + 1) / PARTS;
    double *work = n->work + worker * n->panels * PIECE * TILE_LANES;
    bool add = false;
    for (int64_t i = n->set->count * part / PARTS; i < end; i += PIECE, add = true) {
        const int64_t count = end - i < PIECE ? end - i : PIECE;
        const struct feature_set piece = {n->set->values + i * width, count, width};
        struct panels columns = {work, width, n->panels, count};
        double *sums = n->sums + part * sums_of_part(n);
        for (int64_t p = 0; p < n->panels; p++)
            panels_pack_columns(&columns, p, &piece, n->mean);
        for (int64_t p = 0; p < n->panels; p++, sums += n->panels * TILE_LANES * TILE_LANES)
            products_block(sums, &columns, p, n->panels, &columns, p, p + 1, add);
    }
}

static double sum_of_parts(const struct narrow *n, int64_t row, int64_t column)
{
    const int64_t panel = column / TILE_LANES;
    const double *sum =
        n->sums + (panel * n->panels * TILE_LANES + row - panel * TILE_LANES) * TILE_LANES + column % TILE_LANES;
    double total = 0;
    for (int part = 0; part < PARTS; part++)
        total += sum[part * sums_of_part(n)];
    return total;
}

static int narrow_covariance(double *covariance, const struct feature_set *set, const double *mean, struct pool *pool)
{
    struct narrow n = {.set = set, .mean = mean, .panels = (set->width + TILE_LANES - 1) / TILE_LANES};
    n.work = memory_new_aligned((size_t)(pool_threads(pool) * n.panels * PIECE * TILE_LANES) * sizeof *n.work);
    n.sums = memory_new_aligned((size_t)(PARTS * sums_of_part(&n)) * sizeof *n.sums);
    const int status = n.work && n.sums ? 0 : STATUS_MEMORY;
    if (status == 0) {
        pool_run(pool, PARTS, add_part, &n);
        for (int64_t i = 0; i < set->width; i++)
            for (int64_t j = 0; j <= i; j++)
                covariance[i * set->width + j] = covariance[j * set->width + i] = sum_of_parts(&n, i, j);
    }
    free(n.work);
    free(n.sums);
    return status;
}

/* ---- Any others ---------------------------------------------------------------------------------------------- */

static int wide_covariance(double *covariance, const struct feature_set *set, const double *mean, struct pool *pool)
{
    struct panels deviations;
    int status = panels_of_columns(&deviations, set, mean, pool);
    if (status == 0)
        status = products_symmetric(covariance, &deviations, &deviations, pool);
    panels_free(&deviations);
    return status;
}

int moments_new(struct moments *moments, const struct feature_set *set, const char *name, struct pool *pool)
{
    *moments = (struct moments){.count = set->count, .width = set->width};
    int status = feature_set_check_varied(set, name, 2);
    if (status < 0)
        return status;
    int64_t numbers;
    if (!size_multiply(set->width, set->width, &numbers))
        return error_set(STATUS_MEMORY, "a covariance of %lld features is too large", (long long)set->width);
    moments->mean = memory_new((size_t)set->width, sizeof *moments->mean);
    moments->covariance = memory_new((size_t)numbers, sizeof *moments->covariance);
    if (!moments->mean || !moments->covariance)
        return STATUS_MEMORY;
    find_mean(moments->mean, set);
    status =
        (set->width <= NARROW ? narrow_covariance : wide_covariance)(moments->covariance, set, moments->mean, pool);
    for (int64_t i = 0; status == 0 && i < numbers; i++)
        moments->covariance[i] /= (double)(set->count - 1);
    return status;
}

void moments_free(struct moments *moments)
{
    free(moments->mean);
    free(moments->covariance);
    moments->mean = moments->covariance = NULL;
}
