/* A kernel matrix K (images, images) is computed piece by piece, and each piece adds to the sums over the full sets and
 * over all subsets at once: with a row of zeros and ones for each subset in M, these sums are the diagonal of M K M'.
 */
#include "eval/kid.h"

#include "base/error.h"
#include "base/least.h"
#include "base/memory.h"
#include "base/philox.h"
#include "eval/loops.h"
#include "eval/panels.h"
#include "eval/products.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
    SUMS = (KID_SUBSETS + 1 + TILE_LANES - 1) / TILE_LANES * TILE_LANES, /* the full set is behind the subsets */
    FULL = KID_SUBSETS,
    BLOCK_PANELS = 4,  /* of the columns of K, in one task */
    PIECE_PANELS = 16, /* of its rows, at a time */
    PIECE = PIECE_PANELS * TILE_LANES,
};

/* A set, and which images of it are in which subset. */
struct side {
    struct panels images;
    double *members; /* (SUMS / TILE_LANES, images rounded up, TILE_LANES): 0 or 1 */
    int64_t rows;    /* images rounded up */
};

struct summing {
    const struct side *rows, *columns; /* of K; the same side for a set against itself */
    double *partial;                   /* (tasks, SUMS) */
    double *piece;                     /* (workers, BLOCK_PANELS, PIECE, TILE_LANES) */
    double *selected;                  /* (workers, BLOCK_PANELS, SUMS, TILE_LANES) */
};

static double *member(const struct side *side, int64_t subset, int64_t image)
{
    return side->members + (subset / TILE_LANES * side->rows + image) * TILE_LANES + subset % TILE_LANES;
}

static void draw_members(struct side *side, uint32_t *order, int64_t size, uint64_t seed, uint64_t which)
{
    for (int64_t s = 0; s < KID_SUBSETS; s++) {
        random_permutation((random_address){seed, which, RANDOM_SUBSET, (uint64_t)s}, (uint32_t)side->images.count,
                           order);
        for (int64_t i = 0; i < size; i++)
            *member(side, s, order[i]) = 1;
    }
    for (int64_t i = 0; i < side->images.count; i++)
        *member(side, FULL, i) = 1;
}

static int side_new(struct side *side, const struct feature_set *set, int64_t size, uint64_t seed, uint64_t which,
                    struct pool *pool)
{
    *side = (struct side){0};
    if (set->count > UINT32_MAX / 2)
        return error_set(STATUS_INPUT, "too many images: %lld", (long long)set->count);
    int status = panels_of_rows(&side->images, set, pool);
    side->rows = side->images.panels * TILE_LANES;
    uint32_t *order = memory_new((size_t)set->count, sizeof *order);
    side->members = memory_new_aligned((size_t)side->rows * SUMS * sizeof *side->members);
    if (status == 0 && (!order || !side->members))
        status = STATUS_MEMORY;
    if (status == 0)
        draw_members(side, order, size, seed, which);
    free(order);
    return status;
}

static void side_free(struct side *side)
{
    panels_free(&side->images);
    free(side->members);
}

/* piece (PIECE, TILE_LANES) = K of the rows of panels [first, last) and the columns of one panel. */
static void compute_piece(double *piece, const struct summing *s, int64_t first, int64_t last, int64_t panel)
{
    products_block(piece, &s->rows->images, first, last, &s->columns->images, panel, panel + 1, false);
    eval_loops_here()->cube(piece, (last - first) * TILE_LANES * TILE_LANES, 1.0 / (double)s->rows->images.width);
}

/* selected (SUMS, TILE_LANES) = or += M K for a piece: sums over the members of each subset of each column. */
static void select_rows(double *selected, const struct side *rows, const double *piece, int64_t first, int64_t last,
                        bool add)
{
    for (int64_t subset = 0; subset < SUMS; subset += TILE_ROWS)
        eval_loops_here()->products(selected + subset * TILE_LANES, TILE_LANES,
                                    member(rows, subset, first * TILE_LANES), piece, (last - first) * TILE_LANES, add);
}

/* sums (SUMS) += weight times those of the selected rows over the members among TILE_LANES columns. */
static void select_columns(double *sums, const struct side *columns, const double *selected, int64_t panel,
                           double weight)
{
    for (int64_t subset = 0; subset < SUMS; subset++) {
        double sum = 0;
        for (int64_t l = 0; l < TILE_LANES; l++)
            sum += selected[subset * TILE_LANES + l] * *member(columns, subset, panel * TILE_LANES + l);
        sums[subset] += weight * sum;
    }
}

static void remove_diagonal(double *sums, const struct side *side, const double *piece, int64_t panel)
{
    for (int64_t l = 0; l < TILE_LANES; l++)
        for (int64_t subset = 0; subset < SUMS; subset++)
            sums[subset] -= piece[l * TILE_LANES + l] * *member(side, subset, panel * TILE_LANES + l);
}

/* Of a set against itself the square on the diagonal, less the diagonal; what is under it counts twice. */
static void sum_square(double *sums, const struct summing *s, double *piece, double *selected, int64_t panel)
{
    compute_piece(piece, s, panel, panel + 1, panel);
    select_rows(selected, s->rows, piece, panel, panel + 1, false);
    select_columns(sums, s->columns, selected, panel, 1);
    remove_diagonal(sums, s->rows, piece, panel);
}

static void sum_block(void *context, int task, int worker)
{
    const struct summing *s = context;
    const int64_t first = (int64_t)task * BLOCK_PANELS, end = least(first + BLOCK_PANELS, s->columns->images.panels);
    double *sums = s->partial + (int64_t)task * SUMS;
    double *piece = s->piece + (int64_t)worker * PIECE * TILE_LANES;
    double *selected = s->selected + (int64_t)worker * BLOCK_PANELS * SUMS * TILE_LANES;
    const bool itself = s->rows == s->columns;
    for (int64_t panel = first; itself && panel < end; panel++)
        sum_square(sums, s, piece, selected, panel);
    for (int64_t i = 0; i < BLOCK_PANELS * SUMS * TILE_LANES; i++)
        selected[i] = 0;
    for (int64_t row = itself ? first + 1 : 0; row < s->rows->images.panels; row += PIECE_PANELS) {
        const int64_t last = least(row + PIECE_PANELS, s->rows->images.panels);
        for (int64_t panel = first; panel < end; panel++) {
            const int64_t from = itself && row <= panel ? panel + 1 : row;
            if (from >= last)
                continue;
            compute_piece(piece, s, from, last, panel);
            select_rows(selected + (panel - first) * SUMS * TILE_LANES, s->rows, piece, from, last, true);
        }
    }
    for (int64_t panel = first; panel < end; panel++)
        select_columns(sums, s->columns, selected + (panel - first) * SUMS * TILE_LANES, panel, itself ? 2 : 1);
}

/* sums (SUMS) over K of two sides, or of one with itself without the diagonal. */
static int sum_kernel(double *sums, const struct side *rows, const struct side *columns, struct pool *pool)
{
    const int64_t tasks = (columns->images.panels + BLOCK_PANELS - 1) / BLOCK_PANELS;
    const size_t workers = (size_t)pool_threads(pool);
    struct summing s = {.rows = rows, .columns = columns};
    s.partial = memory_new((size_t)tasks * SUMS, sizeof *s.partial);
    s.piece = memory_new_aligned(workers * PIECE * TILE_LANES * sizeof *s.piece);
    s.selected = memory_new_aligned(workers * BLOCK_PANELS * SUMS * TILE_LANES * sizeof *s.selected);
    const int status = s.partial && s.piece && s.selected ? 0 : STATUS_MEMORY;
    if (status == 0)
        pool_run(pool, (int)tasks, sum_block, &s);
    for (int64_t subset = 0; subset < SUMS; subset++) {
        sums[subset] = 0;
        for (int64_t task = 0; status == 0 && task < tasks; task++)
            sums[subset] += s.partial[task * SUMS + subset];
    }
    free(s.partial);
    free(s.piece);
    free(s.selected);
    return status;
}

/* The unbiased estimate (Gretton et al. 2012, equation 3) from sums over m and n images. */
static double estimate(double within_a, double within_b, double between, int64_t m, int64_t n)
{
    const double a = (double)m, b = (double)n;
    return within_a / (a * (a - 1)) + within_b / (b * (b - 1)) - 2 * between / (a * b);
}

static void conclude(struct kid *out, double sums[3][SUMS], int64_t m, int64_t n)
{
    const int64_t size = out->subset_size;
    out->value = estimate(sums[0][FULL], sums[1][FULL], sums[2][FULL], m, n);
    double values[KID_SUBSETS], mean = 0, squares = 0;
    for (int s = 0; s < KID_SUBSETS; s++) {
        values[s] = estimate(sums[0][s], sums[1][s], sums[2][s], size, size);
        mean += values[s] / KID_SUBSETS;
    }
    for (int s = 0; s < KID_SUBSETS; s++)
        squares += (values[s] - mean) * (values[s] - mean);
    out->subset_mean = mean;
    out->subset_deviation = sqrt(squares / (KID_SUBSETS - 1));
}

int kid_measure(struct kid *out, const struct feature_set *real, const struct feature_set *generated, uint64_t seed,
                struct pool *pool)
{
    int status = feature_set_check_widths(real, "real", generated, "generated");
    if (status == 0)
        status = feature_set_check_varied(real, "real", 4);
    if (status == 0)
        status = feature_set_check_varied(generated, "generated", 4);
    if (status < 0)
        return status;
    const int64_t half = least(real->count, generated->count) / 2;
    out->subset_size = least(half, KID_SUBSET_SIZE);
    struct side sides[2] = {0};
    double sums[3][SUMS];
    status = side_new(&sides[0], real, out->subset_size, seed, 0, pool);
    if (status == 0)
        status = side_new(&sides[1], generated, out->subset_size, seed, 1, pool);
    for (int s = 0; s < 2 && status == 0; s++)
        status = sum_kernel(sums[s], &sides[s], &sides[s], pool);
    if (status == 0)
        status = sum_kernel(sums[2], &sides[0], &sides[1], pool);
    if (status == 0)
        conclude(out, sums, real->count, generated->count);
    side_free(&sides[0]);
    side_free(&sides[1]);
    return status;
}
