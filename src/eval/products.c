/* A task is a block of panels of a against a few panels of b; within it the width is cut so that a piece of a panel
 * stays in the nearest cache. */
#include "eval/products.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/loops.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
    WIDTH_PIECE = 256,
    BLOCK = 8 /* panels */,
    BLOCKS = 4 /* at least so many along a side, where there are panels enough */
};

struct multiplication {
    const struct panels *a, *b;
    double *out;
    double *strips; /* (workers, BLOCK * TILE_LANES, TILE_LANES) */
    int64_t side_a, side_b; /* of a block, in panels */
    int blocks_b;
    bool symmetric;
};

void products_strip(double *out, const struct panels *a, int64_t first, int64_t last, const struct panels *b,
                    int64_t panel)
{
    const struct eval_loops *loops = eval_loops_here();
    const int64_t width = a->width;
    for (int64_t from = 0; from < width; from += WIDTH_PIECE) {
        const int64_t piece = width - from < WIDTH_PIECE ? width - from : WIDTH_PIECE;
        const double *right = b->values + (panel * width + from) * TILE_LANES;
        for (int64_t p = first; p < last; p++) {
            const double *left = a->values + (p * width + from) * TILE_LANES;
            for (int half = 0; half < TILE_LANES; half += TILE_ROWS)
                loops->products(out + ((p - first) * TILE_LANES + half) * TILE_LANES, TILE_LANES, left + half, right,
                                piece, from > 0);
        }
    }
}

static void store(const struct multiplication *m, const double *strip, int64_t panel_a, int64_t panel_b)
{
    const int64_t columns = m->b->count, lanes = panels_lanes(m->b, panel_b), rows = panels_lanes(m->a, panel_a);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t l = 0; l < lanes; l++) {
            const int64_t i = panel_a * TILE_LANES + r, j = panel_b * TILE_LANES + l;
            if (m->symmetric && j > i)
                continue;
            m->out[i * columns + j] = strip[r * TILE_LANES + l];
            if (m->symmetric)
                m->out[j * columns + i] = strip[r * TILE_LANES + l];
        }
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void multiply_block(void *context, int task, int worker)
{
    const struct multiplication *m = context;
    const int64_t first_a = task / m->blocks_b * m->side_a, first_b = task % m->blocks_b * m->side_b;
    const int64_t last_a = least(first_a + m->side_a, m->a->panels), last_b = least(first_b + m->side_b, m->b->panels);
    double *strip = m->strips + (int64_t)worker * BLOCK * TILE_LANES * TILE_LANES;
    if (m->symmetric && first_b >= last_a)
        return;
    for (int64_t b = first_b; b < last_b; b++) {
        products_strip(strip, m->a, first_a, last_a, m->b, b);
        for (int64_t a = first_a; a < last_a; a++)
            store(m, strip + (a - first_a) * TILE_LANES * TILE_LANES, a, b);
    }
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
    m->strips = memory_new_aligned((size_t)pool_threads(pool) * BLOCK * TILE_LANES * TILE_LANES * sizeof *m->strips);
    if (!m->strips)
        return STATUS_MEMORY;
    pool_run(pool, (int)(blocks_a * blocks_b), multiply_block, m);
    free(m->strips);
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
