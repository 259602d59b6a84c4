/* A task is a block of rows against all panels of the other set, in their order. Most tiles have nothing nearer than
 * what is in the lists and cost no more than their distances. */
#include "eval/neighbours.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/neighbours_search.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

static int check(const struct feature_set *of, const struct feature_set *among)
{
    int status = feature_set_check(of, "compared", 1);
    if (status == 0)
        status = feature_set_check(among, "other", 1);
    if (status == 0)
        status = feature_set_check_widths(of, "compared", among, "other");
    if (status == 0 && of->count > (int64_t)INT_MAX * NEIGHBOURS_BLOCK)
        status = error_set(STATUS_INPUT, "too many images to compare: %lld", (long long)of->count);
    return status;
}

/* ---- The nearest ------------------------------------------------------------------------------------------------ */

static void nearest_block(void *context, int task, int worker)
{
    (void)worker;
    const struct neighbours_search *search = context;
    const int k = search->k;
    const int64_t first = (int64_t)task * NEIGHBOURS_BLOCK, end = neighbours_block_end(search, task);
    double near[NEIGHBOURS_BLOCK * NEIGHBOURS_MAXIMUM], squared[TILE_ROWS * TILE_LANES], limit[TILE_ROWS];
    int64_t index[NEIGHBOURS_BLOCK * NEIGHBOURS_MAXIMUM];
    neighbours_list_empty(near, index, (int64_t)NEIGHBOURS_BLOCK * k);
    for (int64_t panel = 0; panel < search->among.panels; panel++) {
        const double *const panel_values = search->among.values + panel * TILE_LANES * search->among.width;
        const int lanes = panels_lanes(&search->among, panel);
        for (int64_t row = first; row < end; row += TILE_ROWS) {
            const double *rows[TILE_ROWS];
            panels_rows(rows, search->of, row);
            for (int r = 0; r < TILE_ROWS; r++)
                limit[r] = near[(row + r - first) * k + k - 1];
            const unsigned nearer = search->loops->distances(squared, limit, rows, panel_values, search->among.width);
            for (int r = 0; nearer >> r && row + r < end; r++) {
                const int64_t list = (row + r - first) * k;
                for (int l = 0; (nearer >> r & 1) && l < lanes; l++)
                    if (squared[r * TILE_LANES + l] < near[list + k - 1])
                        neighbours_list_insert(near + list, index + list, k, squared[r * TILE_LANES + l],
                                               panel * TILE_LANES + l);
            }
        }
    }
    for (int64_t i = 0; i < (end - first) * k; i++) {
        search->squared[first * k + i] = near[i];
        if (search->index)
            search->index[first * k + i] = index[i];
    }
}

int neighbours_nearest_squared(double *squared, int64_t *index, const struct feature_set *of,
                               const struct feature_set *among, int k, bool exclude_self, struct pool *pool)
{
    int status = check(of, among);
    if (status < 0)
        return status;
    if (exclude_self && (of->values != among->values || of->count != among->count))
        return error_set(STATUS_INPUT, "only within one set is a row no neighbour of itself");
    const int64_t most = among->count - (exclude_self ? 1 : 0);
    if (k < 1 || k > NEIGHBOURS_MAXIMUM || k > most)
        return error_set(STATUS_INPUT, "%d nearest neighbours of %lld images: it must be from 1 to %lld", k,
                         (long long)among->count, (long long)(most < NEIGHBOURS_MAXIMUM ? most : NEIGHBOURS_MAXIMUM));
    struct neighbours_search search = {
        .loops = eval_loops_here(), .of = of, .k = k, .squared = squared, .index = index};
    status = panels_of_rows(&search.among, among, pool);
    if (status == 0 && exclude_self)
        status = neighbours_search_own(&search, pool);
    else if (status == 0)
        pool_run(pool, neighbours_blocks(&search), nearest_block, &search);
    panels_free(&search.among);
    return status;
}

int neighbours_nearest(double *distance, int64_t *index, const struct feature_set *of, const struct feature_set *among,
                       int k, bool exclude_self, struct pool *pool)
{
    const int status = neighbours_nearest_squared(distance, index, of, among, k, exclude_self, pool);
    if (status < 0)
        return status;
    for (int64_t i = 0; i < of->count * k; i++)
        distance[i] = sqrt(distance[i]);
    return 0;
}

int neighbours_kth_squared(double *squared, const struct feature_set *of, const struct feature_set *among, int k,
                           bool exclude_self, struct pool *pool)
{
    double *all = memory_new((size_t)of->count, (size_t)(k > 0 ? k : 1) * sizeof *all);
    if (!all)
        return STATUS_MEMORY;
    const int status = neighbours_nearest_squared(all, NULL, of, among, k, exclude_self, pool);
    for (int64_t i = 0; status == 0 && i < of->count; i++)
        squared[i] = all[i * k + k - 1];
    free(all);
    return status;
}

int neighbours_kth(double *distance, const struct feature_set *of, const struct feature_set *among, int k,
                   bool exclude_self, struct pool *pool)
{
    const int status = neighbours_kth_squared(distance, of, among, k, exclude_self, pool);
    if (status < 0)
        return status;
    for (int64_t i = 0; i < of->count; i++)
        distance[i] = sqrt(distance[i]);
    return 0;
}

/* ---- Within a radius ---------------------------------------------------------------------------------------- */

static void within_block(void *context, int task, int worker)
{
    (void)worker;
    const struct neighbours_search *search = context;
    const int64_t first = (int64_t)task * NEIGHBOURS_BLOCK, end = neighbours_block_end(search, task);
    double squared[TILE_ROWS * TILE_LANES], limit[TILE_ROWS];
    for (int r = 0; r < TILE_ROWS; r++)
        limit[r] = search->limit;
    for (int64_t row = first; row < end; row++)
        search->inside[row] = 0;
    for (int64_t panel = 0; panel < search->among.panels; panel++) {
        const double *const lanes = search->among.values + panel * TILE_LANES * search->among.width;
        for (int64_t row = first; row < end; row += TILE_ROWS) {
            const double *rows[TILE_ROWS];
            panels_rows(rows, search->of, row);
            const unsigned any = search->loops->distances(squared, limit, rows, lanes, search->among.width);
            for (int r = 0; any >> r && row + r < end; r++)
                if (any >> r & 1)
                    search->inside[row + r] += search->loops->below(squared + r * TILE_LANES,
                                                                    panels_lanes(&search->among, panel), search->limit);
        }
    }
}

/* The least number whose square root is not less than `radius`: under it are the squares of exactly those distances
 * that, rounded, are less. */
static double square_limit(double radius)
{
    double limit = radius * radius;
    while (sqrt(limit) < radius)
        limit = nextafter(limit, INFINITY);
    while (limit > 0 && sqrt(nextafter(limit, 0)) >= radius)
        limit = nextafter(limit, 0);
    return limit;
}

int neighbours_within(int64_t *inside, const struct feature_set *of, const struct feature_set *among, double radius,
                      struct pool *pool)
{
    int status = check(of, among);
    if (status < 0)
        return status;
    if (!(radius >= 0) || isinf(radius * radius))
        return error_set(STATUS_INPUT, "a radius cannot be %g", radius);
    struct neighbours_search search = {
        .loops = eval_loops_here(), .of = of, .limit = square_limit(radius), .inside = inside};
    status = panels_of_rows(&search.among, among, pool);
    if (status == 0)
        pool_run(pool, neighbours_blocks(&search), within_block, &search);
    panels_free(&search.among);
    return status;
}
