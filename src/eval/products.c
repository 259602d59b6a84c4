/* A task is a block of panels of a against a block of panels of b. Within it the width is cut so that a piece of both
 * blocks stays in the second cache, and of two panels in the first: they are multiplied all with all before the next
 * piece comes. */
#include "eval/products.h"

#include "base/error.h"
#include "base/least.h"
#include "base/memory.h"
#include "eval/loops.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
    WIDTH_PIECE = 96,
    BLOCK = 8 /* panels */,
    BLOCKS = 4 /* at least so many along a side, where there are panels enough */
};

struct multiplication {
    const struct panels *a, *b;
    double *out;
    double *tiles;          /* (workers, BLOCK, BLOCK, TILE_LANES, TILE_LANES) */
    int64_t side_a, side_b; /* of a block, in panels */
    int blocks_b;
    bool symmetric;
};

void products_block(double *out, const struct panels *a, int64_t first_a, int64_t last_a, const struct panels *b,
                    int64_t first_b, int64_t last_b, bool add)
{
    const struct eval_loops *loops = eval_loops_here();
    const int64_t width = a->width;
    for (int64_t from = 0; from < width; from += WIDTH_PIECE) {
        const int64_t piece = width - from < WIDTH_PIECE ? width - from : WIDTH_PIECE;
        double *tile = out;
        for (int64_t q = first_b; q < last_b; q++) {
            const double *right = b->values + (q * width + from) * TILE_LANES;
            for (int64_t p = first_a; p < last_a; p++, tile += TILE_LANES * TILE_LANES) {
                const double *left = a->values + (p * width + from) * TILE_LANES;
                for (int half = 0; half < TILE_LANES; half += TILE_ROWS)
                    loops->products(tile + half * TILE_LANES, TILE_LANES, left + half, right, piece, add || from > 0);
            }
        }
    }
}

static void store(const struct multiplication *m, const double *tile, int64_t panel_a, int64_t panel_b)
{
    const int64_t columns = m->b->count, lanes = panels_lanes(m->b, panel_b), rows = panels_lanes(m->a, panel_a);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t l = 0; l < lanes; l++) {
            const int64_t i = panel_a * TILE_LANES + r, j = panel_b * TILE_LANES + l;
            if (m->symmetric && j > i)
                continue;
            m->out[i * columns + j] = tile[r * TILE_LANES + l];
            if (m->symmetric)
                m->out[j * columns + i] = tile[r * TILE_LANES + l];
        }
}

static void multiply_block(void *context, int task, int worker)
{
    const struct multiplication *m = context;
    const int64_t first_a = task / m->blocks_b * m->side_a, first_b = task % m->blocks_b * m->side_b;
    const int64_t last_a = least(first_a + m->side_a, m->a->panels), last_b = least(first_b + m->side_b, m->b->panels);
    double *tile = m->tiles + (int64_t)worker * BLOCK * BLOCK * TILE_LANES * TILE_LANES;
    if (m->symmetric && first_b >= last_a)
        return;
    products_block(tile, m->a, first_a, last_a, m->b, first_b, last_b, false);
    for (int64_t b = first_b; b < last_b; b++)
        for (int64_t a = first_a; a < last_a; a++, tile += TILE_LANES * TILE_LANES)
            store(m, tile, a, b);
}

/* Few long vectors, as for the covariance of few features, make small blocks, so that there is work for all. */
static int64_t side_of(const struct panels *panels)
{
    const int64_t side = panels->panels / BLOCKS;
    return side < 1 ? 1 : least(side, BLOCK);
}

static int multiply(struct multiplication *m, struct pool *pool)
{
    m->side_a = side_of(m->a);
    m->side_b = side_of(m->b);
    const int64_t blocks_a = (m->a->panels + m->side_a - 1) / m->side_a;
    const int64_t blocks_b = (m->b->panels + m->side_b - 1) / m->side_b;
    if (blocks_a * blocks_b > INT_MAX)
        return error_set(STATUS_INPUT, "a product of %lld by %lld vectors is too large", (long long)m->a->count,
                         (long long)m->b->count);
    m->blocks_b = (int)blocks_b;
    m->tiles =
        memory_new_aligned((size_t)pool_threads(pool) * BLOCK * BLOCK * TILE_LANES * TILE_LANES * sizeof *m->tiles);
    if (!m->tiles)
        return STATUS_MEMORY;
    pool_run(pool, (int)(blocks_a * blocks_b), multiply_block, m);
    free(m->tiles);
    return 0;
}

int products_all(double *out, const struct panels *a, const struct panels *b, struct pool *pool)
{
    return multiply(&(struct multiplication){.a = a, .b = b, .out = out}, pool);
}

int products_symmetric(double *out, const struct panels *a, const struct panels *b, struct pool *pool)
{
    return multiply(&(struct multiplication){.a = a, .b = b, .out = out, .symmetric = true}, pool);
}

/* ---- The lower triangle of a matrix ------------------------------------------------------------------------- */

struct subtraction {
    double *matrix;
    int64_t stride, order;
    const struct panels *a, *b;
    double *tiles; /* (workers, BLOCK, TILE_LANES, TILE_LANES) */
};

/* A block of rows of tiles. */
static void subtract_block(void *context, int task, int worker)
{
    const struct subtraction *s = context;
    double *tiles = s->tiles + (int64_t)worker * BLOCK * TILE_LANES * TILE_LANES;
    const int64_t first = (int64_t)task * BLOCK, all = (s->order + TILE_LANES - 1) / TILE_LANES;
    const int64_t last = least(first + BLOCK, all), last_row = least(last * TILE_LANES, s->order);
    for (int64_t b = 0; b < last; b++) {
        const int64_t from = b > first ? b : first;
        products_block(tiles, s->a, from, last, s->b, b, b + 1, false);
        for (int64_t i = from * TILE_LANES; i < last_row; i++) {
            const double *tile = tiles + (i - from * TILE_LANES) * TILE_LANES;
            double *row = s->matrix + i * s->stride + b * TILE_LANES;
            const int64_t lanes = least(i + 1 - b * TILE_LANES, TILE_LANES);
            for (int64_t l = 0; l < lanes; l++)
                row[l] -= tile[l];
        }
    }
}

int products_subtract_lower(double *matrix, int64_t stride, int64_t order, const struct panels *a,
                            const struct panels *b, struct pool *pool)
{
    struct subtraction s = {.matrix = matrix, .stride = stride, .order = order, .a = a, .b = b};
    s.tiles = memory_new_aligned((size_t)pool_threads(pool) * BLOCK * TILE_LANES * TILE_LANES * sizeof *s.tiles);
    if (!s.tiles)
        return STATUS_MEMORY;
    const int64_t panels = (order + TILE_LANES - 1) / TILE_LANES;
    pool_run(pool, (int)((panels + BLOCK - 1) / BLOCK), subtract_block, &s);
    free(s.tiles);
    return 0;
}
