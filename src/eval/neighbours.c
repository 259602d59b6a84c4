/* Between two sets a task is a block of rows against all panels of the other set, in their order. Within one set each
 * distance is computed once, for both its ends: a task is a share of the blocks of rows, against the panels behind
 * them, and has lists of its own for all rows, which are joined afterwards. Most tiles have nothing nearer than what is
 * in the lists and cost no more than their distances. */
#include "eval/neighbours.h"

#include "base/error.h"
#include "base/least.h"
#include "base/memory.h"
#include "eval/loops.h"
#include "eval/panels.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

enum { BLOCK_ROWS = 64 };
static const double shares_bytes = 256e6;

struct search {
    const struct eval_loops *loops;
    const struct feature_set *of;
    struct panels among;
    int k;
    double *squared; /* (of, k) */
    int64_t *index;  /* (of, k), or NULL */
    double limit;    /* of a search within a radius: its square */
    int64_t *inside; /* (of) */
};

static int check(const struct feature_set *of, const struct feature_set *among)
{
    int status = feature_set_check(of, "compared", 1);
    if (status == 0)
        status = feature_set_check(among, "other", 1);
    if (status == 0)
        status = feature_set_check_widths(of, "compared", among, "other");
    if (status == 0 && of->count > (int64_t)INT_MAX * BLOCK_ROWS)
        status = error_set(STATUS_INPUT, "too many images to compare: %lld", (long long)of->count);
    return status;
}

static int blocks(const struct feature_set *set)
{
    return (int)((set->count + BLOCK_ROWS - 1) / BLOCK_ROWS);
}

static int64_t block_end(const struct feature_set *set, int block)
{
    return least(((int64_t)block + 1) * BLOCK_ROWS, set->count);
}

/* ---- Lists -------------------------------------------------------------------------------------------------- */

/* Into a list that is sorted by distance and then by number, unless all in it come before. */
static void insert(double *squared, int64_t *index, int k, double candidate, int64_t row)
{
    int place = k;
    for (; place > 0; place--) {
        const double before = squared[place - 1];
        if (before < candidate || (before == candidate && index[place - 1] < row))
            break;
        if (place < k) {
            squared[place] = before;
            index[place] = index[place - 1];
        }
    }
    if (place < k) {
        squared[place] = candidate;
        index[place] = row;
    }
}

static void empty(double *squared, int64_t *index, int64_t places)
{
    for (int64_t i = 0; i < places; i++) {
        squared[i] = INFINITY;
        index[i] = INT64_MAX;
    }
}

/* ---- Between two sets --------------------------------------------------------------------------------------- */

static void nearest_block(void *context, int task, int worker)
{
    (void)worker;
    const struct search *search = context;
    const int k = search->k;
    const int64_t first = (int64_t)task * BLOCK_ROWS, end = block_end(search->of, task);
    double near[BLOCK_ROWS * NEIGHBOURS_MAXIMUM], squared[TILE_ROWS * TILE_LANES], limit[TILE_ROWS];
    int64_t index[BLOCK_ROWS * NEIGHBOURS_MAXIMUM];
    empty(near, index, (int64_t)BLOCK_ROWS * k);
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
                        insert(near + list, index + list, k, squared[r * TILE_LANES + l], panel * TILE_LANES + l);
            }
        }
    }
    for (int64_t i = 0; i < (end - first) * k; i++) {
        search->squared[first * k + i] = near[i];
        if (search->index)
            search->index[first * k + i] = index[i];
    }
}

/* ---- Within one set ----------------------------------------------------------------------------------------- */

/* Lists of all rows. */
struct share {
    double *squared; /* (rows, k) */
    int64_t *index;
    double *limit; /* (rows, in whole panels): what is under it may enter the row's list; 0 behind the last row */
};

struct own_search {
    const struct search *search;
    struct share *share;
    int shares;
};

static void offer(struct share *share, int k, int64_t row, double squared, int64_t other)
{
    if (!(squared < share->limit[row]))
        return;
    insert(share->squared + row * k, share->index + row * k, k, squared, other);
    /* an equal distance enters before a larger number */
    share->limit[row] = nextafter(share->squared[row * k + k - 1], INFINITY);
}

static void offer_row(struct share *share, const struct search *search, const double *squared, int64_t row,
                      int64_t panel)
{
    const int lanes = panels_lanes(&search->among, panel);
    for (int l = 0; l < lanes; l++) {
        const int64_t other = panel * TILE_LANES + l;
        if (other <= row)
            continue;
        offer(share, search->k, row, squared[l], other);
        offer(share, search->k, other, squared[l], row);
    }
}

static void nearest_share(void *context, int task, int worker)
{
    (void)worker;
    const struct own_search *own = context;
    const struct search *search = own->search;
    struct share *share = &own->share[task];
    double squared[TILE_ROWS * TILE_LANES];
    for (int block = task; block < blocks(search->of); block += own->shares) {
        const int64_t first = (int64_t)block * BLOCK_ROWS, end = block_end(search->of, block);
        for (int64_t panel = first / TILE_LANES; panel < search->among.panels; panel++) {
            const double *const panel_values = search->among.values + panel * TILE_LANES * search->among.width;
            const double *const lane_limit = share->limit + panel * TILE_LANES;
            for (int64_t row = first; row < end && row < (panel + 1) * TILE_LANES; row += TILE_ROWS) {
                const double *rows[TILE_ROWS];
                panels_rows(rows, search->of, row);
                const unsigned nearer =
                    search->loops->distances(squared, share->limit + row, rows, panel_values, search->among.width) |
                    search->loops->under_lanes(squared, lane_limit);
                for (int r = 0; nearer >> r && row + r < end; r++)
                    if (nearer >> r & 1)
                        offer_row(share, search, squared + r * TILE_LANES, row + r, panel);
            }
        }
    }
}

static void join_block(void *context, int task, int worker)
{
    (void)worker;
    const struct own_search *own = context;
    const struct search *search = own->search;
    const int64_t k = search->k, first = task * (int64_t)BLOCK_ROWS * k, end = block_end(search->of, task) * k;
    const struct share *all = &own->share[0];
    for (int s = 1; s < own->shares; s++)
        for (int64_t i = first; i < end; i++)
            insert(all->squared + i / k * k, all->index + i / k * k, search->k, own->share[s].squared[i],
                   own->share[s].index[i]);
    for (int64_t i = first; i < end; i++) {
        search->squared[i] = all->squared[i];
        if (search->index)
            search->index[i] = all->index[i];
    }
}

static int share_new(struct share *share, int64_t rows, int k)
{
    const int64_t whole = (rows + TILE_LANES - 1) / TILE_LANES * TILE_LANES;
    share->squared = memory_new((size_t)rows, (size_t)k * sizeof *share->squared);
    share->index = memory_new((size_t)rows, (size_t)k * sizeof *share->index);
    share->limit = memory_new_aligned((size_t)whole * sizeof *share->limit);
    if (!share->squared || !share->index || !share->limit)
        return STATUS_MEMORY;
    empty(share->squared, share->index, rows * k);
    for (int64_t i = 0; i < whole; i++)
        share->limit[i] = i < rows ? INFINITY : 0;
    return 0;
}

static void share_free(struct share *share)
{
    free(share->squared);
    free(share->index);
    free(share->limit);
}

/* Two for each thread, since one thread may be slower, if memory allows. */
static int shares_for(const struct search *search, struct pool *pool)
{
    const double each = (double)search->of->count * (16.0 * search->k + 8);
    const int wanted = 2 * pool_threads(pool), most = (int)fmin(shares_bytes / each, blocks(search->of));
    return most < 1 ? 1 : wanted < most ? wanted : most;
}

static int nearest_own(const struct search *search, struct pool *pool)
{
    struct own_search own = {.search = search, .shares = shares_for(search, pool)};
    own.share = memory_new((size_t)own.shares, sizeof *own.share);
    int status = own.share ? 0 : STATUS_MEMORY;
    for (int s = 0; s < own.shares && status == 0; s++)
        status = share_new(&own.share[s], search->of->count, search->k);
    if (status == 0) {
        pool_run(pool, own.shares, nearest_share, &own);
        pool_run(pool, blocks(search->of), join_block, &own);
    }
    for (int s = 0; s < own.shares && own.share; s++)
        share_free(&own.share[s]);
    free(own.share);
    return status;
}

/* ---- For others --------------------------------------------------------------------------------------------- */

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
    struct search search = {.loops = eval_loops_here(), .of = of, .k = k, .squared = squared, .index = index};
    status = panels_of_rows(&search.among, among, pool);
    if (status == 0 && exclude_self)
        status = nearest_own(&search, pool);
    else if (status == 0)
        pool_run(pool, blocks(of), nearest_block, &search);
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
    const struct search *search = context;
    const int64_t first = (int64_t)task * BLOCK_ROWS, end = block_end(search->of, task);
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
    struct search search = {.loops = eval_loops_here(), .of = of, .limit = square_limit(radius), .inside = inside};
    status = panels_of_rows(&search.among, among, pool);
    if (status == 0)
        pool_run(pool, blocks(of), within_block, &search);
    panels_free(&search.among);
    return status;
}
