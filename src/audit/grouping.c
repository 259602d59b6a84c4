/* Sorted by group, then the numbers are dealt in that order. */
#include "audit/grouping.h"

#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>

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
    if (groups < GROUPING_MINIMUM)
        return error_set(STATUS_INPUT, "%" PRId64 " groups in %s; at least %d are needed", groups, name,
                         GROUPING_MINIMUM);
    return 0;
}

/* `names` and `sorted` have room for all images. */
static int number_both(struct grouping *out, int64_t *names, struct membership_of_group *sorted,
                       const int64_t *train_group, int64_t train, const int64_t *holdout_group, int64_t holdout)
{
    int64_t *others = names + train;
    out->of_train = number_groups(out->group, names, sorted, train_group, train, 0);
    const int64_t rest = number_groups(out->group + train, others, sorted, holdout_group, holdout, out->of_train);
    out->count = out->of_train + rest;
    int status = check_apart(names, out->of_train, others, rest);
    if (status == 0)
        status = check_count(out->of_train, "train");
    return status == 0 ? check_count(rest, "holdout") : status;
}

int grouping_new(struct grouping *out, const int64_t *train_group, int64_t train, const int64_t *holdout_group,
                 int64_t holdout)
{
    const size_t images = (size_t)(train + holdout);
    *out = (struct grouping){.group = memory_new(images, sizeof *out->group)};
    int64_t *names = memory_new(images, sizeof *names);
    struct membership_of_group *sorted = memory_new(images, sizeof *sorted);
    const int status = out->group && names && sorted
                           ? number_both(out, names, sorted, train_group, train, holdout_group, holdout)
                           : STATUS_MEMORY;
    free(sorted);
    free(names);
    return status;
}

int grouping_of_images(struct grouping *out, int64_t train, int64_t holdout)
{
    *out = (struct grouping){memory_new((size_t)(train + holdout), sizeof *out->group), train, train + holdout};
    for (int64_t i = 0; out->group && i < out->count; i++)
        out->group[i] = i;
    return out->group ? 0 : STATUS_MEMORY;
}

void grouping_free(struct grouping *grouping)
{
    free(grouping->group);
    grouping->group = NULL;
}
