/* Each distance is computed once, for both its ends: a task is a share of the blocks of rows, against the panels behind
 * them, and has lists of its own for all rows, which are joined afterwards. */
#include "base/error.h"
#include "base/memory.h"
#include "eval/neighbours_search.h"

#include <math.h>
#include <stdlib.h>

static const double shares_bytes = 256e6;

/* Lists of all rows. */
struct share {
    double *squared; /* (rows, k) */
    int64_t *index;
    double *limit; /* (rows, in whole panels): what is under it may enter the row's list; 0 behind the last row */
};

struct own_search {
    const struct neighbours_search *search;
    struct share *share;
    int shares;
};

static void offer(struct share *share, int k, int64_t row, double squared, int64_t other)
{
    if (!(squared < share->limit[row]))
        return;
    neighbours_list_insert(share->squared + row * k, share->index + row * k, k, squared, other);
    /* an equal distance enters before a larger number */
    share->limit[row] = nextafter(share->squared[row * k + k - 1], INFINITY);
}

static void offer_row(struct share *share, const struct neighbours_search *search, const double *squared, int64_t row,
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
    const struct neighbours_search *search = own->search;
    struct share *share = &own->share[task];
    double squared[TILE_ROWS * TILE_LANES];
    for (int block = task; block < neighbours_blocks(search); block += own->shares) {
        const int64_t first = (int64_t)block * NEIGHBOURS_BLOCK, end = neighbours_block_end(search, block);
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
    const struct neighbours_search *search = own->search;
    const int64_t k = search->k, first = task * (int64_t)NEIGHBOURS_BLOCK * k,
                  end = neighbours_block_end(search, task) * k;
    const struct share *all = &own->share[0];
    for (int s = 1; s < own->shares; s++)
        for (int64_t i = first; i < end; i++)
            neighbours_list_insert(all->squared + i / k * k, all->index + i / k * k, search->k,
                                   own->share[s].squared[i], own->share[s].index[i]);
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
    neighbours_list_empty(share->squared, share->index, rows * k);
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
static int shares_for(const struct neighbours_search *search, struct pool *pool)
{
    const double each = (double)search->of->count * (16.0 * search->k + 8);
    const int wanted = 2 * pool_threads(pool), most = (int)fmin(shares_bytes / each, neighbours_blocks(search));
    return most < 1 ? 1 : wanted < most ? wanted : most;
}

int neighbours_search_own(const struct neighbours_search *search, struct pool *pool)
{
    struct own_search own = {.search = search, .shares = shares_for(search, pool)};
    own.share = memory_new((size_t)own.shares, sizeof *own.share);
    int status = own.share ? 0 : STATUS_MEMORY;
    for (int s = 0; s < own.shares && status == 0; s++)
        status = share_new(&own.share[s], search->of->count, search->k);
    if (status == 0) {
        pool_run(pool, own.shares, nearest_share, &own);
        pool_run(pool, neighbours_blocks(search), join_block, &own);
    }
    for (int s = 0; s < own.shares && own.share; s++)
        share_free(&own.share[s]);
    free(own.share);
    return status;
}
