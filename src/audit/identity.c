/* The nearest image of another group is sought among as many neighbours as the search gives; if it is not among them,
 * the last stands for it. */
#include "audit/identity.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "eval/neighbours.h"
#include "eval/statistics.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct gallery {
    struct feature_set seen; /* train, then holdout */
    int64_t *group;          /* of each image: numbered without gaps, those of train first */
    int64_t train_groups, groups;
};

static void gallery_free(struct gallery *gallery)
{
    free((void *)gallery->seen.values);
    free(gallery->group);
}

/* ---- Groups ------------------------------------------------------------------------------------------------- */

struct membership_of_group {
    int64_t group, image;
};

static int compare_groups(const void *a, const void *b)
{
    const struct membership_of_group *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return (x->image > y->image) - (x->image < y->image);
}

/* One set's images get numbers from `next` on; its different groups are written, ascending, to `names`. */
static int64_t number_groups(int64_t *number, int64_t *names, struct membership_of_group *sorted, const int64_t *group,
                             int64_t images, int64_t next)
{
    for (int64_t i = 0; i < images; i++)
        sorted[i] = (struct membership_of_group){group[i], i};
    qsort(sorted, (size_t)images, sizeof *sorted, compare_groups);
    int64_t count = 0;
    for (int64_t i = 0; i < images; i++) {
        if (i == 0 || sorted[i].group != sorted[i - 1].group)
            names[count++] = sorted[i].group;
        number[sorted[i].image] = next + count - 1;
    }
    return count;
}

static int check_apart(const int64_t *a, int64_t count_a, const int64_t *b, int64_t count_b)
{
    for (int64_t i = 0, j = 0; i < count_a && j < count_b;) {
        if (a[i] == b[j])
            return error_set(STATUS_INPUT, "a group has images in train and in holdout");
        if (a[i] < b[j])
            i++;
        else
            j++;
    }
    return 0;
}

static int check_count(int64_t groups, const char *name)
{
    if (groups < IDENTITY_GROUPS_MINIMUM)
        return error_set(STATUS_INPUT, "%" PRId64 " groups in %s; at least %d are needed", groups, name,
                         IDENTITY_GROUPS_MINIMUM);
    return 0;
}

static int gallery_new(struct gallery *out, const struct feature_set *train, const int64_t *train_group,
                       const struct feature_set *holdout, const int64_t *holdout_group)
{
    const int64_t images = train->count + holdout->count, width = train->width;
    double *values = memory_new((size_t)images, (size_t)width * sizeof *values);
    *out = (struct gallery){.seen = {values, images, width}};
    out->group = memory_new((size_t)images, sizeof *out->group);
    int64_t *names = memory_new((size_t)images, sizeof *names);
    struct membership_of_group *sorted = memory_new((size_t)images, sizeof *sorted);
    int status = values && out->group && names && sorted ? 0 : STATUS_MEMORY;
    if (status == 0) {
        memcpy(values, train->values, (size_t)(train->count * width) * sizeof *values);
        memcpy(values + train->count * width, holdout->values, (size_t)(holdout->count * width) * sizeof *values);
        int64_t *others = names + train->count;
        out->train_groups = number_groups(out->group, names, sorted, train_group, train->count, 0);
        const int64_t rest =
            number_groups(out->group + train->count, others, sorted, holdout_group, holdout->count, out->train_groups);
        out->groups = out->train_groups + rest;
        status = check_apart(names, out->train_groups, others, rest);
        if (status == 0)
            status = check_count(out->train_groups, "train");
        if (status == 0)
            status = check_count(rest, "holdout");
    }
    free(sorted);
    free(names);
    return status;
}

/* ---- The recogniser ------------------------------------------------------------------------------------------- */

/* How near an image of another group is. */
static double nearest_other(const struct gallery *gallery, int64_t image, const double *distance, const int64_t *row,
                            int list)
{
    int i = 0;
    while (i < list - 1 && gallery->group[row[i]] == gallery->group[image])
        i++;
    return distance[i];
}

static int calibrate(struct identity *out, const struct gallery *gallery, const double *distance, const int64_t *row,
                     int list, int64_t *size, double *other)
{
    const int64_t images = gallery->seen.count;
    int64_t shared = 0, recognised = 0;
    for (int64_t i = 0; i < images; i++) {
        size[gallery->group[i]]++;
        other[i] = nearest_other(gallery, i, distance + i * list, row + i * list, list);
    }
    statistics_sort(other, images);
    out->radius = statistics_quantile(other, images, IDENTITY_FALSE_ALARMS);
    for (int64_t i = 0; i < images; i++) {
        const bool alone = size[gallery->group[i]] == 1;
        shared += !alone;
        recognised += !alone && gallery->group[row[i * list]] == gallery->group[i] && distance[i * list] < out->radius;
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
    int64_t *size = memory_new((size_t)gallery->groups, sizeof *size);
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
    uint32_t *order = memory_new((size_t)gallery->groups, sizeof *order);
    if (!order)
        return STATUS_MEMORY;
    double mean = 0;
    for (int i = 0; i < RELABELLINGS; i++) {
        int64_t sum = 0;
        random_permutation((random_address){.purpose = RANDOM_RELABEL, .step = 1, .sample = (uint64_t)i},
                           (uint32_t)gallery->groups, order);
        for (int64_t j = 0; j < gallery->train_groups; j++)
            sum += taken[order[j]];
        share[i] = (double)sum / (double)images;
        mean += share[i] / RELABELLINGS;
    }
    *chance = (struct chance){mean, statistics_deviation(share, RELABELLINGS)};
    free(order);
    return 0;
}

static int recognise(struct identity *out, const struct gallery *gallery, const struct feature_set *synthetic,
                     struct pool *pool)
{
    const int64_t images = synthetic->count;
    double *distance = memory_new((size_t)images, sizeof *distance);
    int64_t *row = memory_new((size_t)images, sizeof *row), *taken = memory_new((size_t)gallery->groups, sizeof *taken);
    int status = distance && row && taken ? 0 : STATUS_MEMORY;
    if (status == 0)
        status = neighbours_nearest(distance, row, synthetic, &gallery->seen, 1, false, pool);
    if (status == 0) {
        int64_t of_train = 0, of_holdout = 0;
        for (int64_t i = 0; i < images; i++) {
            if (distance[i] >= out->radius)
                continue;
            const int64_t group = gallery->group[row[i]];
            taken[group]++;
            of_train += group < gallery->train_groups;
            of_holdout += group >= gallery->train_groups;
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
        out->train_groups = gallery.train_groups;
        out->holdout_groups = gallery.groups - gallery.train_groups;
        status = make_recogniser(out, &gallery, pool);
    }
    if (status == 0)
        status = recognise(out, &gallery, synthetic, pool);
    gallery_free(&gallery);
    return status;
}
