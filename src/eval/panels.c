/* Turning rows or columns into lanes, a task for each panel. */
#include "eval/panels.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/loops.h"

#include <limits.h>
#include <stdlib.h>

struct packing {
    struct panels *panels;
    const struct feature_set *set;
    const double *means;
};

static int panels_new(struct panels *panels, int64_t count, int64_t width)
{
    *panels = (struct panels){NULL, count, (count + TILE_LANES - 1) / TILE_LANES, width};
    int64_t numbers;
    if (panels->panels > INT_MAX || !size_multiply(panels->panels * TILE_LANES, width, &numbers) ||
        numbers > INT64_MAX / (int64_t)sizeof(double))
        return error_set(STATUS_MEMORY, "too many features: %lld vectors of %lld", (long long)count, (long long)width);
    panels->values = memory_new_aligned((size_t)numbers * sizeof(double));
    return panels->values ? 0 : STATUS_MEMORY;
}

static int64_t vector_of(const struct panels *panels, int64_t panel, int lane)
{
    const int64_t vector = panel * TILE_LANES + lane;
    return vector < panels->count ? vector : panels->count - 1;
}

static void pack_rows(void *context, int task, int worker)
{
    (void)worker;
    const struct packing *packing = context;
    const int64_t width = packing->panels->width;
    double *to = packing->panels->values + task * TILE_LANES * width;
    const double *rows[TILE_LANES];
    for (int l = 0; l < TILE_LANES; l++)
        rows[l] = packing->set->values + vector_of(packing->panels, task, l) * width;
    for (int64_t k = 0; k < width; k++)
        for (int l = 0; l < TILE_LANES; l++)
            to[k * TILE_LANES + l] = rows[l][k];
}

void panels_pack_columns(struct panels *panels, int64_t panel, const struct feature_set *set, const double *means)
{
    double *to = panels->values + panel * TILE_LANES * panels->width;
    int64_t column[TILE_LANES];
    double mean[TILE_LANES];
    for (int l = 0; l < TILE_LANES; l++) {
        column[l] = vector_of(panels, panel, l);
        mean[l] = means ? means[column[l]] : 0;
    }
    for (int64_t k = 0; k < set->count; k++)
        for (int l = 0; l < TILE_LANES; l++)
            to[k * TILE_LANES + l] = set->values[k * set->width + column[l]] - mean[l];
}

static void pack_columns(void *context, int task, int worker)
{
    (void)worker;
    const struct packing *packing = context;
    panels_pack_columns(packing->panels, task, packing->set, packing->means);
}

int panels_of_rows(struct panels *panels, const struct feature_set *set, struct pool *pool)
{
    const int status = panels_new(panels, set->count, set->width);
    if (status == 0)
        pool_run(pool, (int)panels->panels, pack_rows, &(struct packing){panels, set, NULL});
    return status;
}

int panels_of_columns(struct panels *panels, const struct feature_set *set, const double *means, struct pool *pool)
{
    const int status = panels_new(panels, set->width, set->count);
    if (status == 0)
        pool_run(pool, (int)panels->panels, pack_columns, &(struct packing){panels, set, means});
    return status;
}

void panels_free(struct panels *panels)
{
    free(panels->values);
    panels->values = NULL;
}

int panels_lanes(const struct panels *panels, int64_t panel)
{
    const int64_t left = panels->count - panel * TILE_LANES;
    return left < TILE_LANES ? (int)left : TILE_LANES;
}

void panels_rows(const double **rows, const struct feature_set *set, int64_t first)
{
    for (int r = 0; r < TILE_ROWS; r++)
        rows[r] = set->values + (first + r < set->count ? first + r : set->count - 1) * set->width;
}
