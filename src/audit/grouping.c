/* Images of one group follow each other, so a group is a run of rows. */
#include "audit/grouping.h"

#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>

static int grouping_allocate(struct grouping *out, int64_t images)
{
    const size_t rows = (size_t)images;
    *out = (struct grouping){.group = memory_new(rows, sizeof *out->group),
                             .first = memory_new(rows + 1, sizeof *out->first)};
    return out->group && out->first ? 0 : STATUS_MEMORY;
}

/* One set's images behind those that are there; name[i] is the same number for images of one group. */
static void append(struct grouping *out, const int64_t *name, int64_t images)
{
    const int64_t before = out->first[out->count];
    for (int64_t i = 0; i < images; i++) {
        if (i == 0 || name[i] != name[i - 1])
            out->first[out->count++] = before + i;
        out->group[before + i] = out->count - 1;
    }
    out->first[out->count] = before + images;
}

static void append_both(struct grouping *out, const int64_t *train_group, int64_t train, const int64_t *holdout_group,
                        int64_t holdout)
{
    append(out, train_group, train);
    out->of_train = out->count;
    append(out, holdout_group, holdout);
}

struct named {
    int64_t name, number;
};

static int compare_names(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    return (x->name > y->name) - (x->name < y->name);
}

static int check_names(const struct grouping *grouping, const int64_t *train_group, const int64_t *holdout_group)
{
    const int64_t train = grouping->first[grouping->of_train];
    struct named *names = memory_new((size_t)grouping->count, sizeof *names);
    if (!names)
        return STATUS_MEMORY;
    for (int64_t g = 0; g < grouping->count; g++) {
        const int64_t row = grouping->first[g];
        names[g] = (struct named){row < train ? train_group[row] : holdout_group[row - train], g};
    }
    qsort(names, (size_t)grouping->count, sizeof *names, compare_names);
    int status = 0;
    for (int64_t g = 1; status == 0 && g < grouping->count; g++)
        if (names[g].name == names[g - 1].name)
            status = (names[g].number < grouping->of_train) == (names[g - 1].number < grouping->of_train)
                         ? error_set(STATUS_INPUT, "images of a group do not follow each other")
                         : error_set(STATUS_INPUT, "a group has images in train and in holdout");
    free(names);
    return status;
}

static int check_count(int64_t groups, const char *name)
{
    if (groups < GROUPING_MINIMUM)
        return error_set(STATUS_INPUT, "%" PRId64 " groups in %s; at least %d are needed", groups, name,
                         GROUPING_MINIMUM);
    return 0;
}

int grouping_new(struct grouping *out, const int64_t *train_group, int64_t train, const int64_t *holdout_group,
                 int64_t holdout)
{
    int status = grouping_allocate(out, train + holdout);
    if (status < 0)
        return status;
    append_both(out, train_group, train, holdout_group, holdout);
    status = check_names(out, train_group, holdout_group);
    if (status == 0)
        status = check_count(out->of_train, "train");
    return status == 0 ? check_count(out->count - out->of_train, "holdout") : status;
}

int grouping_of_images(struct grouping *out, int64_t train, int64_t holdout)
{
    const int64_t images = train + holdout;
    const int status = grouping_allocate(out, images);
    out->of_train = train;
    out->count = images;
    for (int64_t i = 0; status == 0 && i < images; i++)
        out->group[i] = out->first[i] = i;
    if (status == 0)
        out->first[images] = images;
    return status;
}

int grouping_of_split(struct grouping *out, const int64_t *train_group, int64_t train, const int64_t *holdout_group,
                      int64_t holdout)
{
    *out = (struct grouping){0};
    const int status = train_group ? grouping_new(out, train_group, train, holdout_group, holdout) : STATUS_INPUT;
    if (status != STATUS_INPUT)
        return status;
    grouping_free(out);
    return grouping_of_images(out, train, holdout);
}

int grouping_of_part(struct grouping *out, const struct grouping *whole, int64_t images)
{
    const int status = grouping_allocate(out, 2 * images);
    if (status == 0)
        append_both(out, whole->group, images, whole->group + whole->first[whole->of_train], images);
    return status;
}

bool grouping_joins_images(const struct grouping *grouping)
{
    return grouping->count < grouping->first[grouping->count];
}

void grouping_free(struct grouping *grouping)
{
    free(grouping->group);
    free(grouping->first);
    grouping->group = grouping->first = NULL;
}
