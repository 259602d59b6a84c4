/* The vectorised inner loops of the measures, one table for each instruction set, chosen when the program runs. Lanes
 * are different pairs or pixels, never parts of one sum but where it is said: distances and SSIM have the same bits on
 * every processor. Products are added with one rounding where the processor can. */
#ifndef EVAL_LOOPS_H
#define EVAL_LOOPS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TILE_ROWS = 8,
    TILE_LANES = 16,
    DOT_ROWS = 4,
    SSIM_TAPS = 11,  /* of the widest window */
    SSIM_PLANES = 4, /* smoothed for SSIM: a, b, a^2 + b^2, ab */
};

/* Which balls points are in, counted over the pairs of tiles of rows (real) and lanes (generated). */
struct ball_tile {
    const double *inclusive, *strict; /* squared radii of the rows: (TILE_ROWS) */
    const double *lane_radius;        /* those of the lanes, inclusive: (TILE_LANES) */
    int64_t *covered;                 /* (TILE_LANES): non-zero if in any row's inclusive ball */
    int64_t *inside;                  /* (TILE_LANES): how many rows' strict balls it is in */
    int64_t *recalled;                /* (TILE_ROWS): non-zero if in any lane's ball */
};

struct ssim_constants {
    double taps[SSIM_TAPS]; /* symmetric, sum 1 */
    int tap_count;          /* 11 or 7 */
    double covariance_scale; /* 1: population; n / (n - 1): sample */
    double c1, c2;
};

struct eval_loops {
    /* squared (TILE_ROWS, TILE_LANES) = squared distances of TILE_ROWS vectors from those of a panel (width,
     * TILE_LANES). Bit r of the result: whether any in row r is under limit[r]. */
    unsigned (*distances)(double *squared, const double *limit, const double *const *rows, const double *panel,
                          int64_t width);
    /* Of such a tile. Bit r: whether any in row r is under its lane's limit, lane_limit (TILE_LANES). */
    unsigned (*under_lanes)(const double *squared, const double *lane_limit);
    /* out (TILE_ROWS, TILE_LANES), rows `stride` apart, = or += a b^T over the values [0, width) of TILE_ROWS lanes of
     * one panel, a, and all lanes of another, b. */
    void (*products)(double *out, int64_t stride, const double *a, const double *b, int64_t width, bool add);
    /* Of DOT_ROWS rows of `count` values: dots[r] = the product of row r with x; y += the sum of factors[r] row r; and
     * both in one pass. x and y do not overlap. A dot's terms are added in eight sums on every processor. */
    void (*rows_dot)(double *dots, const double *const *rows, const double *x, int64_t count);
    void (*rows_add)(double *y, const double *const *rows, const double *factors, int64_t count);
    void (*rows_both)(double *dots, double *y, const double *const *rows, const double *factors, const double *x,
                      int64_t count);
    /* Counts the first `rows` rows of a tile of squared distances. */
    void (*balls)(const struct ball_tile *balls, const double *squared, int rows);
    /* How many of the first lanes are under the limit (strictly). */
    int64_t (*below)(const double *squared, int lanes, double limit);
    /* values[i] = (scale values[i] + 1)^3 */
    void (*cube)(double *values, int64_t count, double scale);
    /* smoothed (SSIM_PLANES, stride) = the four planes of one row of two images, smoothed along it, `count` values
     * each; work holds 2 (count + tap_count - 1) numbers. */
    void (*smooth_row)(double *smoothed, int64_t stride, double *work, const double *a, const double *b, int64_t count,
                       const struct ssim_constants *constants);
    /* ssim[x], structure[x] += SSIM and its contrast and structure at `count` places, from as many smoothed rows as
     * there are taps. */
    void (*ssim_row)(double *ssim, double *structure, const double *const *smoothed, int64_t stride, int64_t count,
                     const struct ssim_constants *constants);
};

/* For the processor that this runs on. */
const struct eval_loops *eval_loops_here(void);

#endif
