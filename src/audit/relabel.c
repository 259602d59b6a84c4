/* The nearest groups of real images of every image, of both kinds, are found once; a relabelling only looks for the
 * first of a kind among them. */
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
}; /* groups looked through: one in 2^16 images has 16 of one kind, and the last then stands for the next */

struct dealing {
    int64_t reals, set; /* reals: train and holdout together */
    const struct grouping *groups;
    int list;                             /* LIST, or as many as there are */
    double *real_distance, *set_distance; /* (images, list): to the nearest groups of real images other than its own */
    int64_t *real_group, *set_group;      /* which those are */
    const int *real_cell, *set_cell;
    int cells;
    /* Of one relabelling: */
    uint32_t *order;
    bool *known;        /* (groups): is train */
    double *to_train;   /* (set) */
    double *to_holdout; /* (set) */
    int64_t fresh_count;
    double *fresh;   /* (reals), of which fresh_count count: of holdout to train */
    int *fresh_cell; /* (reals) */
};

static void dealing_free(struct dealing *d)
{
    free(d->real_distance);
    free(d->set_distance);
    free(d->real_group);
    free(d->set_group);
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
    const size_t groups = (size_t)d->groups->count;
    d->real_distance = memory_new(reals, list * sizeof *d->real_distance);
    d->set_distance = memory_new(set, list * sizeof *d->set_distance);
    d->real_group = memory_new(reals, list * sizeof *d->real_group);
    d->set_group = memory_new(set, list * sizeof *d->set_group);
    d->order = memory_new(groups, sizeof *d->order);
    d->known = memory_new(groups, sizeof *d->known);
    d->to_train = memory_new(set, sizeof *d->to_train);
    d->to_holdout = memory_new(set, sizeof *d->to_holdout);
    d->fresh = memory_new(reals, sizeof *d->fresh);
    d->fresh_cell = memory_new(reals, sizeof *d->fresh_cell);
    return d->real_distance && d->set_distance && d->real_group && d->set_group && d->order && d->known &&
                   d->to_train && d->to_holdout && d->fresh && d->fresh_cell
               ? 0
               : STATUS_MEMORY;
}

/* Into a list that ascends; what is as near as another one stays behind it. */
static void insert(double *distance, int64_t *group, int list, double candidate, int64_t number)
{
    int place = list;
    while (place > 0 && candidate < distance[place - 1])
        place--;
    for (int i = list - 1; i > place; i--) {
        distance[i] = distance[i - 1];
        group[i] = group[i - 1];
    }
    if (place < list) {
        distance[place] = candidate;
        group[place] = number;
    }
}

/* One image of each group, the nearest: of `of`, or with `of` NULL of the real images to all groups but their own. */
static int find_nearest_groups(double *distance, int64_t *group, const struct dealing *d, const struct feature_set *of,
                               const struct feature_set *reals, struct pool *pool)
{
    const struct feature_set *from = of ? of : reals;
    if (!grouping_joins_images(d->groups))
        return neighbours_nearest(distance, group, from, reals, d->list, !of, pool);
    double *nearest = memory_new((size_t)from->count, sizeof *nearest);
    int status = nearest ? 0 : STATUS_MEMORY;
    for (int64_t i = 0; status == 0 && i < from->count * d->list; i++)
        distance[i] = INFINITY;
    for (int64_t g = 0; status == 0 && g < d->groups->count; g++) {
        const int64_t first = d->groups->first[g];
        const struct feature_set images = {reals->values + first * reals->width, d->groups->first[g + 1] - first,
                                           reals->width};
        status = neighbours_nearest(nearest, NULL, from, &images, 1, false, pool);
        for (int64_t i = 0; status == 0 && i < from->count; i++)
            if (of || d->groups->group[i] != g)
                insert(distance + i * d->list, group + i * d->list, d->list, nearest[i], g);
    }
    free(nearest);
    return status;
}

static int find_lists(struct dealing *d, const struct feature_set *train, const struct feature_set *holdout,
                      const struct feature_set *set, struct pool *pool)
{
    struct feature_set reals;
    int status = feature_set_joined(&reals, train, holdout);
    if (status == 0)
        status = find_nearest_groups(d->real_distance, d->real_group, d, NULL, &reals, pool);
    if (status == 0)
        status = find_nearest_groups(d->set_distance, d->set_group, d, set, &reals, pool);
    free((void *)reals.values);
    return status;
}

/* Distance to the nearest real image that is (not) known. */
static double nearest(const struct dealing *d, const double *distance, const int64_t *group, bool known)
{
    int i = 0;
    while (i < d->list - 1 && d->known[group[i]] != known)
        i++;
    return distance[i];
}

/* A group becomes train unless that takes train farther from half of the images. */
static void deal_groups(struct dealing *d, uint64_t relabelling)
{
    const struct grouping *groups = d->groups;
    int64_t trained = 0;
    random_permutation((random_address){0, 0, RANDOM_RELABEL, relabelling}, (uint32_t)groups->count, d->order);
    for (int64_t i = 0; i < groups->count; i++) {
        const int64_t group = d->order[i], images = groups->first[group + 1] - groups->first[group];
        d->known[group] = 2 * trained + images <= d->reals;
        trained += d->known[group] ? images : 0;
    }
}

static void deal(struct dealing *d, uint64_t relabelling)
{
    deal_groups(d, relabelling);
    for (int64_t i = 0; i < d->set; i++) {
        d->to_train[i] = nearest(d, d->set_distance + i * d->list, d->set_group + i * d->list, true);
        d->to_holdout[i] = nearest(d, d->set_distance + i * d->list, d->set_group + i * d->list, false);
    }
    d->fresh_count = 0;
    for (int64_t i = 0; i < d->reals; i++) {
        if (d->known[d->groups->group[i]])
            continue;
        d->fresh_cell[d->fresh_count] = d->real_cell[i];
        d->fresh[d->fresh_count++] = nearest(d, d->real_distance + i * d->list, d->real_group + i * d->list, true);
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
    int status = 0, used;
    for (int i = 0; status == 0 && i < RELABELLINGS; i++) {
        struct mann_whitney closeness;
        deal(d, (uint64_t)i);
        status = copying_nearer_share(&share[i], d->to_train, d->to_holdout, d->set);
        if (status == 0)
            status = statistics_mann_whitney(&closeness, d->to_train, d->set, d->fresh, d->fresh_count);
        if (status == 0)
            status = copying_cells_z(&cells[i], &used, d->to_train, d->set_cell, d->set, d->fresh, d->fresh_cell,
                                     d->fresh_count, d->cells);
        z[i] = closeness.z;
    }
    if (status == 0)
        *out = (struct relabelled){chance_of(share), chance_of(z), chance_of(cells)};
    return status;
}

int relabel(struct relabelled *out, const struct feature_set *train, const struct feature_set *holdout,
            const struct feature_set *set, const struct grouping *groups, const int *cell, int cells, struct pool *pool)
{
    const int64_t reals = train->count + holdout->count;
    struct dealing d = {.reals = reals,
                        .set = set->count,
                        .groups = groups,
                        .list = groups->count - 1 < LIST ? (int)(groups->count - 1) : LIST,
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
