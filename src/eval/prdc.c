/* One pass over the pairs of real and generated images, tile by tile, counts for all four. A task is a block of panels
 * of generated images; what it finds about real images is joined afterwards, in no order that matters: they are flags.
 */
#include "eval/prdc.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/loops.h"
#include "eval/neighbours.h"
#include "eval/panels.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

enum { BLOCK_PANELS = 4 };

struct counting {
    const struct eval_loops *loops;
    const struct feature_set *real;
    struct panels generated;
    double *real_inclusive, *real_strict, *generated_inclusive; /* squared radii, in whole tiles */
    int64_t *covered, *inside;                                  /* (panels, TILE_LANES) */
    unsigned char *recalled, *hit;                              /* (workers, real) */
};

static int64_t whole(int64_t count, int64_t tile)
{
    return (count + tile - 1) / tile * tile;
}

static void count_tile(struct counting *c, const double *squared, unsigned hit, int64_t panel, int64_t row, int worker)
{
    int64_t recalled[TILE_ROWS] = {0};
    const struct ball_tile tile = {
        .inclusive = c->real_inclusive + row,
        .strict = c->real_strict + row,
        .lane_radius = c->generated_inclusive + panel * TILE_LANES,
        .covered = c->covered + panel * TILE_LANES,
        .inside = c->inside + panel * TILE_LANES,
        .recalled = recalled,
    };
    const int64_t left = c->real->count - row;
    const int rows = left < TILE_ROWS ? (int)left : TILE_ROWS;
    c->loops->balls(&tile, squared, rows);
    for (int r = 0; r < rows; r++) {
        const int64_t place = (int64_t)worker * c->real->count + row + r;
        c->recalled[place] |= recalled[r] != 0;
        c->hit[place] |= (hit >> r & 1) != 0;
    }
}

static void count_block(void *context, int task, int worker)
{
    struct counting *c = context;
    const int64_t first = (int64_t)task * BLOCK_PANELS, end = first + BLOCK_PANELS;
    const int64_t last = end < c->generated.panels ? end : c->generated.panels;
    double squared[TILE_ROWS * TILE_LANES];
    for (int64_t row = 0; row < c->real->count; row += TILE_ROWS) {
        const double *rows[TILE_ROWS];
        panels_rows(rows, c->real, row);
        for (int64_t panel = first; panel < last; panel++) {
            const double *lanes = c->generated.values + panel * TILE_LANES * c->generated.width;
            const unsigned hit = c->loops->distances(squared, c->real_strict + row, rows, lanes, c->generated.width);
            count_tile(c, squared, hit, panel, row, worker);
        }
    }
}

static void sum_up(struct prdc *out, const struct counting *c, int k_density, int workers)
{
    const int64_t count = c->real->count;
    int64_t covered = 0, inside = 0, recalled = 0, hit = 0;
    for (int64_t i = 0; i < count; i++) {
        unsigned char any_recalled = 0, any_hit = 0;
        for (int w = 0; w < workers; w++) {
            any_recalled |= c->recalled[w * count + i];
            any_hit |= c->hit[w * count + i];
        }
        covered += c->covered[i] != 0;
        inside += c->inside[i];
        recalled += any_recalled;
        hit += any_hit;
    }
    *out = (struct prdc){
        .precision = (double)covered / (double)count,
        .recall = (double)recalled / (double)count,
        .density = (double)inside / (double)k_density / (double)count,
        .coverage = (double)hit / (double)count,
    };
}

static int check(const struct feature_set *real, const struct feature_set *generated, int k_precision, int k_density)
{
    const int k = k_precision > k_density ? k_precision : k_density;
    if (k_precision < 1 || k_density < 1 || k > NEIGHBOURS_MAXIMUM)
        return error_set(STATUS_INPUT, "%d and %d nearest neighbours: they must be from 1 to %d", k_precision,
                         k_density, NEIGHBOURS_MAXIMUM);
    int status = feature_set_check_widths(real, "real", generated, "generated");
    if (status == 0)
        status = feature_set_check_varied(real, "real", k + 1);
    if (status == 0)
        status = feature_set_check_varied(generated, "generated", k + 1);
    if (status == 0 && real->count != generated->count)
        status = error_set(STATUS_INPUT, "density and coverage need as many generated as real images: %lld and %lld",
                           (long long)generated->count, (long long)real->count);
    if (status == 0 && real->count > (int64_t)INT_MAX * TILE_LANES)
        status = error_set(STATUS_INPUT, "too many images to compare: %lld", (long long)real->count);
    return status;
}

/* inclusive (count) and strict (count) squared distances to the neighbours that end the balls. */
static int find_radii(double *inclusive, double *strict, const struct feature_set *set, int k_precision, int k_density,
                      struct pool *pool)
{
    const int k = k_precision > k_density ? k_precision : k_density;
    double *nearest = memory_new((size_t)set->count, (size_t)k * sizeof *nearest);
    if (!nearest)
        return STATUS_MEMORY;
    const int status = neighbours_nearest_squared(nearest, NULL, set, set, k, true, pool);
    for (int64_t i = 0; status == 0 && i < set->count; i++) {
        inclusive[i] = nearest[i * k + k_precision - 1];
        if (strict)
            strict[i] = nearest[i * k + k_density - 1];
    }
    free(nearest);
    return status;
}

static int allocate(struct counting *c, int workers)
{
    const size_t count = (size_t)whole(c->real->count, TILE_LANES);
    c->real_inclusive = memory_new(count, sizeof *c->real_inclusive);
    c->real_strict = memory_new(count, sizeof *c->real_strict);
    c->generated_inclusive = memory_new(count, sizeof *c->generated_inclusive);
    c->covered = memory_new(count, sizeof *c->covered);
    c->inside = memory_new(count, sizeof *c->inside);
    c->recalled = memory_new(count, (size_t)workers);
    c->hit = memory_new(count, (size_t)workers);
    return c->real_inclusive && c->real_strict && c->generated_inclusive && c->covered && c->inside && c->recalled &&
                   c->hit
               ? 0
               : STATUS_MEMORY;
}

static void release(struct counting *c)
{
    panels_free(&c->generated);
    free(c->real_inclusive);
    free(c->real_strict);
    free(c->generated_inclusive);
    free(c->covered);
    free(c->inside);
    free(c->recalled);
    free(c->hit);
}

int prdc_measure(struct prdc *out, const struct feature_set *real, const struct feature_set *generated, int k_precision,
                 int k_density, struct pool *pool)
{
    int status = check(real, generated, k_precision, k_density);
    if (status < 0)
        return status;
    struct counting c = {.loops = eval_loops_here(), .real = real};
    status = allocate(&c, pool_threads(pool));
    if (status == 0)
        status = find_radii(c.real_inclusive, c.real_strict, real, k_precision, k_density, pool);
    if (status == 0)
        status = find_radii(c.generated_inclusive, NULL, generated, k_precision, 1, pool);
    for (int64_t l = generated->count; status == 0 && l < whole(generated->count, TILE_LANES); l++)
        c.generated_inclusive[l] = -1; /* lanes behind the last image are nobody's ball */
    if (status == 0)
        status = panels_of_rows(&c.generated, generated, pool);
    if (status == 0) {
        pool_run(pool, (int)((c.generated.panels + BLOCK_PANELS - 1) / BLOCK_PANELS), count_block, &c);
        sum_up(out, &c, k_density, pool_threads(pool));
    }
    release(&c);
    return status;
}

double prdc_expected_coverage(int k)
{
    return 1 - exp2(-k);
}
