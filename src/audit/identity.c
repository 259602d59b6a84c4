/* The nearest image of another group is sought among as many neighbours as the search gives; if it is not among them,
 * the last stands for it. */
#include "audit/identity.h"

#include "audit/grouping.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "eval/neighbours.h"
#include "eval/statistics.h"

#include <stdbool.h>
#include <stdlib.h>

struct gallery {
    struct feature_set seen; /* train, then holdout */
    struct grouping groups;
};

static void gallery_free(struct gallery *gallery)
{
    free((void *)gallery->seen.values);
    grouping_free(&gallery->groups);
}

static int gallery_new(struct gallery *out, const struct feature_set *train, const int64_t *train_group,
                       const struct feature_set *holdout, const int64_t *holdout_group)
{
    *out = (struct gallery){0};
    int status = grouping_new(&out->groups, train_group, train->count, holdout_group, holdout->count);
    return status == 0 ? feature_set_joined(&out->seen, train, holdout) : status;
}

/* ---- The recogniser ------------------------------------------------------------------------------------------- */

/* How near an image of another group is. */
static double nearest_other(const struct gallery *gallery, int64_t image, const double *distance, const int64_t *row,
                            int list)
{
    int i = 0;
    while (i < list - 1 && gallery->groups.group[row[i]] == gallery->groups.group[image])
        i++;
    return distance[i];
}

static int calibrate(struct identity *out, const struct gallery *gallery, const double *distance, const int64_t *row,
                     int list, int64_t *size, double *other)
{
    const int64_t images = gallery->seen.count;
    int64_t shared = 0, recognised = 0;
    for (int64_t i = 0; i < images; i++) {
        size[gallery->groups.group[i]]++;
        other[i] = nearest_other(gallery, i, distance + i * list, row + i * list, list);
    }
    statistics_sort(other, images);
    out->radius = statistics_quantile(other, images, IDENTITY_FALSE_ALARMS);
    for (int64_t i = 0; i < images; i++) {
        const bool alone = size[gallery->groups.group[i]] == 1;
        shared += !alone;
        recognised += !alone && gallery->groups.group[row[i * list]] == gallery->groups.group[i] &&
                      distance[i * list] < out->radius;
    }
    if (shared == 0)
        return error_set(STATUS_INPUT, "every group has one image only: none can be recognised by another");
    out->recognised = (double)recognised / (double)shared;
    return 0;
}

static int make_recogniser(struct identity *out, const struct gallery *gallery, struct pool *pool)
{
    const int64_t images = gallery->seen.count;
    const int list = images - 1 < NEIGHBOURS_MAXIMUM ? (int)(images - 1) : NEIGHBOURS_MAXIMUM;
    double *distance = memory_new((size_t)images, (size_t)list * sizeof *distance);
    double *other = memory_new((size_t)images, sizeof *other);
    int64_t *row = memory_new((size_t)images, (size_t)list * sizeof *row);
    int64_t *size = memory_new((size_t)gallery->groups.count, sizeof *size);
    int status = distance && other && row && size ? 0 : STATUS_MEMORY;
    if (status == 0)
        status = neighbours_nearest(distance, row, &gallery->seen, &gallery->seen, list, true, pool);
    if (status == 0)
        status = calibrate(out, gallery, distance, row, list, size, other);
    free(size);
    free(row);
    free(other);
    free(distance);
    return status;
}

/* ---- The synthetic images ------------------------------------------------------------------------------------- */

/* Deals the groups out again and again: whoever would have been in train, how many would be taken for them? */
static int deal(struct chance *chance, const int64_t *taken, const struct gallery *gallery, int64_t images)
{
    double share[RELABELLINGS];
    uint32_t *order = memory_new((size_t)gallery->groups.count, sizeof *order);
    if (!order)
        return STATUS_MEMORY;
    for (int i = 0; i < RELABELLINGS; i++) {
        int64_t sum = 0;
        random_permutation((random_address){.purpose = RANDOM_RELABEL, .step = 1, .sample = (uint64_t)i},
                           (uint32_t)gallery->groups.count, order);
        for (int64_t j = 0; j < gallery->groups.of_train; j++)
            sum += taken[order[j]];
        share[i] = (double)sum / (double)images;
    }
    *chance = chance_of(share);
    free(order);
    return 0;
}

static int recognise(struct identity *out, const struct gallery *gallery, const struct feature_set *synthetic,
                     struct pool *pool)
{
    const int64_t images = synthetic->count;
    double *distance = memory_new((size_t)images, sizeof *distance);
    int64_t *row = memory_new((size_t)images, sizeof *row),
            *taken = memory_new((size_t)gallery->groups.count, sizeof *taken);
    int status = distance && row && taken ? 0 : STATUS_MEMORY;
    if (status == 0)
        status = neighbours_nearest(distance, row, synthetic, &gallery->seen, 1, false, pool);
    if (status == 0) {
        int64_t of_train = 0, of_holdout = 0;
        for (int64_t i = 0; i < images; i++) {
            if (distance[i] >= out->radius)
                continue;
            const int64_t group = gallery->groups.group[row[i]];
            taken[group]++;
            of_train += group < gallery->groups.of_train;
            of_holdout += group >= gallery->groups.of_train;
        }
        out->taken_train = (double)of_train / (double)images;
        out->taken_holdout = (double)of_holdout / (double)images;
        status = deal(&out->chance, taken, gallery, images);
    }
    free(taken);
    free(row);
    free(distance);
    return status;
}

int identity_measure(struct identity *out, const struct feature_set *train, const int64_t *train_group,
                     const struct feature_set *holdout, const int64_t *holdout_group,
                     const struct feature_set *synthetic, struct pool *pool)
{
    *out = (struct identity){0};
    int status = feature_set_check(train, "train", 1);
    if (status < 0 || (status = feature_set_check(holdout, "holdout", 1)) < 0 ||
        (status = feature_set_check(synthetic, "synthetic", 1)) < 0 ||
        (status = feature_set_check_widths(train, "train", holdout, "holdout")) < 0 ||
        (status = feature_set_check_widths(train, "train", synthetic, "synthetic")) < 0)
        return status;
    struct gallery gallery;
    status = gallery_new(&gallery, train, train_group, holdout, holdout_group);
    if (status == 0) {
        out->train_groups = gallery.groups.of_train;
        out->holdout_groups = gallery.groups.count - gallery.groups.of_train;
        status = make_recogniser(out, &gallery, pool);
    }
    if (status == 0)
        status = recognise(out, &gallery, synthetic, pool);
    gallery_free(&gallery);
    return status;
}
