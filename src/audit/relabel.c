/* The nearest real images of every image, of both kinds, are found once; a relabelling only looks for the first of a
 * kind among them. */
#include "audit/relabel.h"

#include "audit/copying.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "eval/neighbours.h"
#include "eval/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    LIST = 16
}; /* neighbours looked through: one in 2^16 images has 16 of one kind, and the last then stands for the next */

struct dealing {
    int64_t reals, set;                   /* reals: train and holdout together */
    int list;                             /* LIST, or as many as there are */
    double *real_distance, *set_distance; /* (images, list): to the nearest real images other than itself */
    int64_t *real_row, *set_row;          /* which those are */
    const int *real_cell, *set_cell;
    int cells;
    /* Of one relabelling: */
    uint32_t *order;
    bool *known;        /* (reals): is train */
    double *to_train;   /* (set) */
    double *to_holdout; /* (set) */
    double *fresh;      /* (reals / 2): of holdout to train */
    int *fresh_cell;    /* (reals / 2) */
};

static void dealing_free(struct dealing *d)
{
    free(d->real_distance);
    free(d->set_distance);
    free(d->real_row);
    free(d->set_row);
    free(d->order);
    free(d->known);
    free(d->to_train);
    free(d->to_holdout);
    free(d->fresh);
    free(d->fresh_cell);
}

static int dealing_new(struct dealing *d)
{
    const size_t reals = (size_t)d->reals, set = (size_t)d->set, list = (size_t)d->list;
    d->real_distance = memory_new(reals, list * sizeof *d->real_distance);
    d->set_distance = memory_new(set, list * sizeof *d->set_distance);
    d->real_row = memory_new(reals, list * sizeof *d->real_row);
    d->set_row = memory_new(set, list * sizeof *d->set_row);
    d->order = memory_new(reals, sizeof *d->order);
    d->known = memory_new(reals, sizeof *d->known);
    d->to_train = memory_new(set, sizeof *d->to_train);
    d->to_holdout = memory_new(set, sizeof *d->to_holdout);
    d->fresh = memory_new(reals / 2, sizeof *d->fresh);
    d->fresh_cell = memory_new(reals / 2, sizeof *d->fresh_cell);
    return d->real_distance && d->set_distance && d->real_row && d->set_row && d->order && d->known && d->to_train &&
                   d->to_holdout && d->fresh && d->fresh_cell
               ? 0
               : STATUS_MEMORY;
}

static int find_lists(struct dealing *d, const struct feature_set *train, const struct feature_set *holdout,
                      const struct feature_set *set, struct pool *pool)
{
    struct feature_set reals;
    int status = feature_set_joined(&reals, train, holdout);
    if (status == 0)
        status = neighbours_nearest(d->real_distance, d->real_row, &reals, &reals, d->list, true, pool);
    if (status == 0)
        status = neighbours_nearest(d->set_distance, d->set_row, set, &reals, d->list, false, pool);
    free((void *)reals.values);
    return status;
}

/* Distance to the nearest real image that is (not) known. */
static double nearest(const struct dealing *d, const double *distance, const int64_t *row, bool known)
{
    int i = 0;
    while (i < d->list - 1 && d->known[row[i]] != known)
        i++;
    return distance[i];
}

static void deal(struct dealing *d, uint64_t relabelling)
{
    random_permutation((random_address){0, 0, RANDOM_RELABEL, relabelling}, (uint32_t)d->reals, d->order);
    for (int64_t i = 0; i < d->reals; i++)
        d->known[d->order[i]] = i < d->reals / 2;
    for (int64_t i = 0; i < d->set; i++) {
        d->to_train[i] = nearest(d, d->set_distance + i * d->list, d->set_row + i * d->list, true);
        d->to_holdout[i] = nearest(d, d->set_distance + i * d->list, d->set_row + i * d->list, false);
    }
    for (int64_t i = 0, fresh = 0; i < d->reals; i++) {
        if (d->known[i])
            continue;
        d->fresh_cell[fresh] = d->real_cell[i];
        d->fresh[fresh++] = nearest(d, d->real_distance + i * d->list, d->real_row + i * d->list, true);
    }
}

struct chance chance_of(const double values[RELABELLINGS])
{
    double mean = 0;
    for (int i = 0; i < RELABELLINGS; i++)
        mean += values[i] / RELABELLINGS;
    return (struct chance){mean, statistics_deviation(values, RELABELLINGS)};
}

static int measure_all(struct relabelled *out, struct dealing *d)
{
    double share[RELABELLINGS], z[RELABELLINGS], cells[RELABELLINGS];
    const int64_t fresh = d->reals / 2;
    int status = 0, used;
    for (int i = 0; status == 0 && i < RELABELLINGS; i++) {
        struct mann_whitney closeness;
        deal(d, (uint64_t)i);
        status = copying_nearer_share(&share[i], d->to_train, d->to_holdout, d->set);
        if (status == 0)
            status = statistics_mann_whitney(&closeness, d->to_train, d->set, d->fresh, fresh);
        if (status == 0)
            status = copying_cells_z(&cells[i], &used, d->to_train, d->set_cell, d->set, d->fresh, d->fresh_cell, fresh,
                                     d->cells);
        z[i] = closeness.z;
    }
    if (status == 0)
        *out = (struct relabelled){chance_of(share), chance_of(z), chance_of(cells)};
    return status;
}

int relabel(struct relabelled *out, const struct feature_set *train, const struct feature_set *holdout,
            const struct feature_set *set, const int *cell, int cells, struct pool *pool)
{
    const int64_t reals = train->count + holdout->count;
    struct dealing d = {.reals = reals,
                        .set = set->count,
                        .list = reals - 1 < LIST ? (int)(reals - 1) : LIST,
                        .real_cell = cell,
                        .set_cell = cell + reals,
                        .cells = cells};
    if (reals > UINT32_MAX / 2)
        return error_set(STATUS_INPUT, "too many images to deal out: %lld", (long long)reals);
    int status = dealing_new(&d);
    if (status == 0)
        status = find_lists(&d, train, holdout, set, pool);
    if (status == 0)
        status = measure_all(out, &d);
    dealing_free(&d);
    return status;
}
