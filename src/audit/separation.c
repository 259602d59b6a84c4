/* The neighbours stay what they are; only who is of which set is dealt out again. */
#include "audit/separation.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "eval/neighbours.h"
#include "eval/statistics.h"

#include <stdbool.h>
#include <stdlib.h>

struct split {
    const struct grouping *groups;
    int64_t images;
    int64_t *row;   /* (images, SEPARATION_NEIGHBOURS): the nearest others */
    double *centre; /* (images): squared distance from the mean image */
    /* Of one dealing: */
    uint32_t *order;
    bool *trained;  /* (groups) */
    double *sorted; /* (images): centre, those of train first */
};

static void split_free(struct split *split)
{
    free(split->row);
    free(split->centre);
    free(split->order);
    free(split->trained);
    free(split->sorted);
}

static int split_new(struct split *split)
{
    const size_t images = (size_t)split->images, groups = (size_t)split->groups->count;
    split->row = memory_new(images, SEPARATION_NEIGHBOURS * sizeof *split->row);
    split->centre = memory_new(images, sizeof *split->centre);
    split->order = memory_new(groups, sizeof *split->order);
    split->trained = memory_new(groups, sizeof *split->trained);
    split->sorted = memory_new(images, sizeof *split->sorted);
    return split->row && split->centre && split->order && split->trained && split->sorted ? 0 : STATUS_MEMORY;
}

static void find_centre(struct split *split, const struct feature_set *reals)
{
    for (int64_t f = 0; f < reals->width; f++) {
        double mean = 0;
        for (int64_t i = 0; i < reals->count; i++)
            mean += reals->values[i * reals->width + f] / (double)reals->count;
        for (int64_t i = 0; i < reals->count; i++) {
            const double difference = reals->values[i * reals->width + f] - mean;
            split->centre[i] += difference * difference;
        }
    }
}

static int look(struct split *split, const struct feature_set *train, const struct feature_set *holdout,
                struct pool *pool)
{
    struct feature_set reals;
    double *distance = memory_new((size_t)split->images, SEPARATION_NEIGHBOURS * sizeof *distance);
    int status = distance ? 0 : STATUS_MEMORY;
    if (status == 0 && (status = feature_set_joined(&reals, train, holdout)) == 0) {
        find_centre(split, &reals);
        status = neighbours_nearest(distance, split->row, &reals, &reals, SEPARATION_NEIGHBOURS, true, pool);
        free((void *)reals.values);
    }
    free(distance);
    return status;
}

static double share_of_same_set(const struct split *split)
{
    const int64_t *group = split->groups->group;
    int64_t same = 0;
    for (int64_t i = 0; i < split->images; i++)
        for (int64_t j = i * SEPARATION_NEIGHBOURS; j < (i + 1) * SEPARATION_NEIGHBOURS; j++)
            same += split->trained[group[split->row[j]]] == split->trained[group[i]];
    return (double)same / (double)(split->images * SEPARATION_NEIGHBOURS);
}

static int auc_of_centre(double *auc, const struct split *split)
{
    int64_t trained = 0, others = split->images;
    for (int64_t i = 0; i < split->images; i++)
        split->sorted[split->trained[split->groups->group[i]] ? trained++ : --others] = split->centre[i];
    struct mann_whitney ranks = {0};
    const int status =
        statistics_mann_whitney(&ranks, split->sorted + trained, split->images - trained, split->sorted, trained);
    *auc = ranks.auc;
    return status;
}

/* As the groups are, and then dealt out by lot. */
static int measure(struct separation *out, struct split *split)
{
    const int64_t groups = split->groups->count;
    double share[RELABELLINGS], auc[RELABELLINGS];
    for (int64_t i = 0; i < groups; i++)
        split->trained[i] = i < split->groups->of_train;
    out->neighbours.value = share_of_same_set(split);
    int status = auc_of_centre(&out->centre.value, split);
    for (int d = 0; status == 0 && d < RELABELLINGS; d++) {
        random_permutation((random_address){.purpose = RANDOM_RELABEL, .step = 2, .sample = (uint64_t)d},
                           (uint32_t)groups, split->order);
        for (int64_t i = 0; i < groups; i++)
            split->trained[split->order[i]] = i < split->groups->of_train;
        share[d] = share_of_same_set(split);
        status = auc_of_centre(&auc[d], split);
    }
    if (status == 0) {
        out->neighbours.chance = chance_of(share);
        out->centre.chance = chance_of(auc);
    }
    return status;
}

int separation_measure(struct separation *out, const struct feature_set *train, const struct feature_set *holdout,
                       const struct grouping *groups, struct pool *pool)
{
    *out = (struct separation){0};
    int status = feature_set_check(train, "train", SEPARATION_NEIGHBOURS);
    if (status < 0 || (status = feature_set_check(holdout, "holdout", SEPARATION_NEIGHBOURS)) < 0 ||
        (status = feature_set_check_widths(train, "train", holdout, "holdout")) < 0)
        return status;
    struct split split = {.groups = groups, .images = train->count + holdout->count};
    if (split.images > UINT32_MAX / 2)
        return error_set(STATUS_INPUT, "too many images to deal out: %lld", (long long)split.images);
    status = split_new(&split);
    if (status == 0)
        status = look(&split, train, holdout, pool);
    if (status == 0)
        status = measure(out, &split);
    split_free(&split);
    return status;
}
