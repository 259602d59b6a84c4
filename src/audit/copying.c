/* All nearest distances once, then ranks and counts of them. */
#include "audit/copying.h"

#include "audit/cells.h"
#include "base/error.h"
#include "base/memory.h"
#include "eval/neighbours.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* ---- Parts ------------------------------------------------------------------------------------------------ */

int copying_nearer_share(double *share, const double *to_train, const double *to_holdout, int64_t count)
{
    int status = statistics_check(to_train, count, 1, "distances to train");
    if (status < 0 || (status = statistics_check(to_holdout, count, 1, "distances to holdout")) < 0)
        return status;
    double nearer = 0;
    for (int64_t i = 0; i < count; i++)
        nearer += to_train[i] < to_holdout[i] ? 1 : to_train[i] == to_holdout[i] ? 0.5 : 0;
    *share = nearer / (double)count;
    return 0;
}

struct interval copying_nearer_null(int64_t count)
{
    const double half_width = STATISTICS_Z95 / 2 / sqrt((double)count);
    return (struct interval){0.5 - half_width, 0.5 + half_width};
}

void copying_distance_ratios(double *ratio, const double *nearest_two, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        ratio[i] = (nearest_two[2 * i] + 1e-8) / (nearest_two[2 * i + 1] + 1e-8);
}

static int64_t select_cell(double *selected, const double *distance, const int *cell, int64_t count, int wanted)
{
    int64_t selections = 0;
    for (int64_t i = 0; i < count; i++)
        if (cell[i] == wanted)
            selected[selections++] = distance[i];
    return selections;
}

int copying_cells_z(double *z, int *cells_used, const double *set_distance, const int *set_cell, int64_t set_count,
                    const double *holdout_distance, const int *holdout_cell, int64_t holdout_count, int cells)
{
    double *of_set = memory_new((size_t)set_count, sizeof *of_set);
    double *of_holdout = memory_new((size_t)holdout_count, sizeof *of_holdout);
    int status = of_set && of_holdout ? 0 : STATUS_MEMORY;
    double sum = 0, weight = 0;
    *cells_used = 0;
    for (int c = 0; status == 0 && c < cells; c++) {
        const int64_t m = select_cell(of_set, set_distance, set_cell, set_count, c);
        const int64_t n = select_cell(of_holdout, holdout_distance, holdout_cell, holdout_count, c);
        if (m < COPYING_CELL_MINIMUM || n < COPYING_CELL_MINIMUM)
            continue;
        struct mann_whitney ranks;
        status = statistics_mann_whitney(&ranks, of_set, m, of_holdout, n);
        if (status == 0) {
            sum += (double)n * ranks.z;
            weight += (double)n;
            ++*cells_used;
        }
    }
    *z = weight > 0 ? sum / weight : NAN;
    free(of_holdout);
    free(of_set);
    return status;
}

/* ---- The whole -------------------------------------------------------------------------------------------- */

struct distances {
    double *set_two, *holdout_two;     /* (set, 2), (holdout, 2): to train, nearest first */
    int64_t *set_row, *holdout_row;    /* which rows of train these are */
    double *holdout;                   /* (set): to the nearest of holdout */
    double *train_own;                 /* (train): to the nearest other training image */
    double *train_set, *train_holdout; /* (train): to the nearest of these */
};

static void distances_free(struct distances *d)
{
    free(d->set_two);
    free(d->holdout_two);
    free(d->set_row);
    free(d->holdout_row);
    free(d->holdout);
    free(d->train_own);
    free(d->train_set);
    free(d->train_holdout);
}

static int distances_find(struct distances *d, const struct feature_set *train, const struct feature_set *holdout,
                          const struct feature_set *set, struct pool *pool)
{
    d->set_two = memory_new((size_t)set->count, 2 * sizeof *d->set_two);
    d->holdout_two = memory_new((size_t)holdout->count, 2 * sizeof *d->holdout_two);
    d->set_row = memory_new((size_t)set->count, 2 * sizeof *d->set_row);
    d->holdout_row = memory_new((size_t)holdout->count, 2 * sizeof *d->holdout_row);
    d->holdout = memory_new((size_t)set->count, sizeof *d->holdout);
    d->train_own = memory_new((size_t)train->count, sizeof *d->train_own);
    d->train_set = memory_new((size_t)train->count, sizeof *d->train_set);
    d->train_holdout = memory_new((size_t)train->count, sizeof *d->train_holdout);
    if (!d->set_two || !d->holdout_two || !d->set_row || !d->holdout_row || !d->holdout || !d->train_own ||
        !d->train_set || !d->train_holdout)
        return STATUS_MEMORY;
    int status = neighbours_nearest(d->set_two, d->set_row, set, train, 2, false, pool);
    if (status == 0)
        status = neighbours_nearest(d->holdout_two, d->holdout_row, holdout, train, 2, false, pool);
    if (status == 0)
        status = neighbours_nearest(d->holdout, NULL, set, holdout, 1, false, pool);
    if (status == 0)
        status = neighbours_nearest(d->train_own, NULL, train, train, 1, true, pool);
    if (status == 0)
        status = neighbours_nearest(d->train_set, NULL, train, set, 1, false, pool);
    return status < 0 ? status : neighbours_nearest(d->train_holdout, NULL, train, holdout, 1, false, pool);
}

/* every[i] = pairs[2 i]. */
static void first_of_two(double *every, const double *pairs, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        every[i] = pairs[2 * i];
}

/* Per cent of a set that is farther from its nearest training image than that is from its own nearest (Alaa et al.
 * 2022). */
static double authentic_percent(const double *nearest_two, const int64_t *row, const double *train_own, int64_t count)
{
    int64_t authentic = 0;
    for (int64_t i = 0; i < count; i++)
        authentic += train_own[row[2 * i]] < nearest_two[2 * i];
    return 100 * (double)authentic / (double)count;
}

static double share_below(const double *a, const double *b, int64_t count)
{
    int64_t below = 0;
    for (int64_t i = 0; i < count; i++)
        below += a[i] < b[i];
    return (double)below / (double)count;
}

static double ratio_percentile(double *work, const double *nearest_two, int64_t count)
{
    copying_distance_ratios(work, nearest_two, count);
    statistics_sort(work, count);
    return statistics_quantile(work, count, 0.05);
}

/* Cells of train, holdout and the set, one after another, by centres that are found in train. */
static int measure_cells(struct copying *out, const struct feature_set *train, const struct feature_set *holdout,
                         const struct feature_set *set, const struct grouping *groups, const double *to_train,
                         const double *holdout_to_train, struct pool *pool)
{
    const int64_t reals = train->count + holdout->count;
    double *centres = memory_new((size_t)train->width, COPYING_CELLS * sizeof *centres);
    int *cell = memory_new((size_t)(reals + set->count), sizeof *cell);
    int status = centres && cell ? cells_find(centres, COPYING_CELLS, train) : STATUS_MEMORY;
    if (status == 0) {
        cells_assign(cell, train, centres, COPYING_CELLS);
        cells_assign(cell + train->count, holdout, centres, COPYING_CELLS);
        cells_assign(cell + reals, set, centres, COPYING_CELLS);
        status = copying_cells_z(&out->cells_z, &out->cells, to_train, cell + reals, set->count, holdout_to_train,
                                 cell + train->count, holdout->count, COPYING_CELLS);
    }
    if (status == 0)
        status = relabel(&out->chance, train, holdout, set, groups, cell, COPYING_CELLS, pool);
    free(cell);
    free(centres);
    return status;
}

static int measure(struct copying *out, const struct distances *d, const struct feature_set *train,
                   const struct feature_set *holdout, const struct feature_set *set, const struct grouping *groups,
                   double *to_train, double *holdout_to_train, struct pool *pool)
{
    first_of_two(to_train, d->set_two, set->count);
    first_of_two(holdout_to_train, d->holdout_two, holdout->count);
    int status = copying_nearer_share(&out->nearer_train, to_train, d->holdout, set->count);
    out->nearer_train_null = copying_nearer_null(set->count);
    if (status == 0)
        status = statistics_mann_whitney(&out->closeness, to_train, set->count, holdout_to_train, holdout->count);
    if (status == 0)
        status = measure_cells(out, train, holdout, set, groups, to_train, holdout_to_train, pool);
    if (status < 0)
        return status;
    out->authentic = authentic_percent(d->set_two, d->set_row, d->train_own, set->count);
    out->authentic_holdout = authentic_percent(d->holdout_two, d->holdout_row, d->train_own, holdout->count);
    out->identifiable = share_below(d->train_set, d->train_own, train->count);
    out->identifiable_holdout = share_below(d->train_holdout, d->train_own, train->count);
    out->distance_ratio = ratio_percentile(to_train, d->set_two, set->count);
    out->distance_ratio_holdout = ratio_percentile(holdout_to_train, d->holdout_two, holdout->count);
    return 0;
}

static int check(const struct feature_set *train, const struct feature_set *holdout, const struct feature_set *set)
{
    int status = feature_set_check_varied(train, "train", COPYING_SET_MINIMUM);
    if (status < 0 || (status = feature_set_check(holdout, "holdout", COPYING_SET_MINIMUM)) < 0 ||
        (status = feature_set_check(set, "synthetic", COPYING_SET_MINIMUM)) < 0 ||
        (status = feature_set_check_widths(train, "train", holdout, "holdout")) < 0 ||
        (status = feature_set_check_widths(train, "train", set, "synthetic")) < 0)
        return status;
    if (train->count != holdout->count)
        return error_set(STATUS_INPUT,
                         "train has %" PRId64 " images and holdout %" PRId64 "; copying needs as many of both",
                         train->count, holdout->count);
    return 0;
}

int copying_measure(struct copying *out, const struct feature_set *train, const struct feature_set *holdout,
                    const struct feature_set *set, const struct grouping *groups, struct pool *pool)
{
    int status = check(train, holdout, set);
    if (status < 0)
        return status;
    struct distances d = {0};
    double *to_train = memory_new((size_t)set->count, sizeof *to_train);
    double *holdout_to_train = memory_new((size_t)holdout->count, sizeof *holdout_to_train);
    *out = (struct copying){0};
    status = to_train && holdout_to_train ? distances_find(&d, train, holdout, set, pool) : STATUS_MEMORY;
    if (status == 0)
        status = measure(out, &d, train, holdout, set, groups, to_train, holdout_to_train, pool);
    distances_free(&d);
    free(holdout_to_train);
    free(to_train);
    return status;
}
