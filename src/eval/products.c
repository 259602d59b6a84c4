/* A task is a block of panels of a against a few panels of b; within it the width is cut so that a piece of a panel
 * stays in the nearest cache. */
#include "eval/products.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/loops.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

enum { WIDTH_PIECE = 256, BLOCK_A = 8, BLOCK_B = 8 /* panels */ };

struct multiplication {
    const struct panels *a, *b;
    double *out;
    double *strips; /* (workers, BLOCK_A * TILE_LANES, TILE_LANES) */
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
    const int64_t first_a = (int64_t)(task / m->blocks_b) * BLOCK_A, first_b = (int64_t)(task % m->blocks_b) * BLOCK_B;
    const int64_t last_a = least(first_a + BLOCK_A, m->a->panels), last_b = least(first_b + BLOCK_B, m->b->panels);
    double *strip = m->strips + (int64_t)worker * BLOCK_A * TILE_LANES * TILE_LANES;
    if (m->symmetric && first_b >= last_a)
        return;
    for (int64_t b = first_b; b < last_b; b++) {
        products_strip(strip, m->a, first_a, last_a, m->b, b);
        for (int64_t a = first_a; a < last_a; a++)
            store(m, strip + (a - first_a) * TILE_LANES * TILE_LANES, a, b);
    }
}

static int multiply(struct multiplication *m, struct pool *pool)
{
    const int64_t blocks_a = (m->a->panels + BLOCK_A - 1) / BLOCK_A, blocks_b = (m->b->panels + BLOCK_B - 1) / BLOCK_B;
    if (blocks_a * blocks_b > INT_MAX)
        return error_set(STATUS_INPUT, "a product of %lld by %lld vectors is too large", (long long)m->a->count,
                         (long long)m->b->count);
    m->blocks_b = (int)blocks_b;
    m->strips = memory_new_aligned((size_t)pool_threads(pool) * BLOCK_A * TILE_LANES * TILE_LANES * sizeof *m->strips);
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
