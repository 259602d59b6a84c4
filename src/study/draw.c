/* Folds are dealt out greedily: units (groups, or single images) from the largest to the smallest, each to the fold
 * that has the least of its classes so far. */
#include "study/draw.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "data/dataset.h"
#include "data/derive.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { USE_NESTED = 100, USE_FOLDS, USE_GROUPS }; /* of RANDOM_SUBSET */

/* ---- Growing parts ------------------------------------------------------------------------------------------ */

struct place {
    double share; /* of its class that comes before it */
    uint32_t tie;
    int64_t image;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->share != y->share)
        return x->share < y->share ? -1 : 1;
    return x->tie != y->tie ? (x->tie < y->tie ? -1 : 1) : (x->image > y->image) - (x->image < y->image);
}

/* random[0..images) is a permutation; within a class images come in its order. */
static int permutation_of(uint32_t **random, const standin_dataset *set, uint64_t seed, uint64_t use)
{
    const int64_t images = standin_dataset_images(set);
    *random = memory_new((size_t)images, sizeof **random);
    if (!*random)
        return STATUS_MEMORY;
    random_permutation((random_address){.seed = seed, .step = use, .purpose = RANDOM_SUBSET}, (uint32_t)images,
                       *random);
    return 0;
}

int draw_nested(int64_t **order, const standin_dataset *set, uint64_t seed)
{
    const int64_t images = standin_dataset_images(set);
    const int32_t *label = dataset_labels(set);
    uint32_t *random;
    int status = permutation_of(&random, set, seed, USE_NESTED);
    struct place *places = memory_new((size_t)images, sizeof *places);
    int64_t *taken = memory_new((size_t)standin_dataset_classes(set), sizeof *taken);
    *order = memory_new((size_t)images, sizeof **order);
    if (status == 0 && (!places || !taken || !*order))
        status = STATUS_MEMORY;
    for (int64_t i = 0; status == 0 && i < images; i++) {
        const int64_t image = random[i];
        const int32_t class_index = label[image];
        const double rank = (double)taken[class_index]++ + 0.5;
        places[i] = (struct place){rank / (double)standin_dataset_class_images(set, class_index), (uint32_t)i, image};
    }
    if (status == 0)
        qsort(places, (size_t)images, sizeof *places, compare_places);
    for (int64_t i = 0; status == 0 && i < images; i++)
        (*order)[i] = places[i].image;
    free(taken);
    free(places);
    free(random);
    if (status < 0) {
        free(*order);
        *order = NULL;
    }
    return status;
}

/* ---- Folds -------------------------------------------------------------------------------------------------- */

/* What must stay together: a chain of images that ends with -1. */
struct unit {
    int64_t first, images;
    uint32_t tie;
};

struct units {
    struct unit *unit;
    int64_t *next; /* (images) */
    int64_t count;
};

static int64_t find_root(int64_t *parent, int64_t image)
{
    while (parent[image] != image)
        image = parent[image] = parent[parent[image]];
    return image;
}

struct member {
    const char *group;
    int64_t image;
};

static int compare_members(const void *a, const void *b)
{
    return strcmp(((const struct member *)a)->group, ((const struct member *)b)->group);
}

/* To be freed; NULL without memory. */
static struct member *members_by_group(const standin_dataset *set)
{
    const int64_t images = standin_dataset_images(set);
    struct member *members = memory_new((size_t)images, sizeof *members);
    for (int64_t i = 0; members && i < images; i++) {
        standin_image about;
        standin_dataset_image(set, i, &about);
        members[i] = (struct member){about.group, i};
    }
    if (members)
        qsort(members, (size_t)images, sizeof *members, compare_members);
    return members;
}

/* parent[]: images of one group, or of equal pixels, get one root. */
static int join_images(int64_t *parent, const standin_dataset *set)
{
    const int64_t images = standin_dataset_images(set);
    struct member *members = members_by_group(set);
    if (!members)
        return STATUS_MEMORY;
    for (int64_t i = 0; i < images; i++) {
        standin_image about;
        standin_dataset_image(set, i, &about);
        parent[i] = i;
        if (about.duplicate_of >= 0)
            parent[i] = find_root(parent, about.duplicate_of);
    }
    for (int64_t i = 1; i < images; i++)
        if (*members[i].group && strcmp(members[i].group, members[i - 1].group) == 0)
            parent[find_root(parent, members[i].image)] = find_root(parent, members[i - 1].image);
    free(members);
    return 0;
}

static int compare_units(const void *a, const void *b)
{
    const struct unit *x = a, *y = b;
    if (x->images != y->images)
        return x->images > y->images ? -1 : 1;
    return x->tie < y->tie ? -1 : x->tie > y->tie;
}

static int find_units(struct units *units, const standin_dataset *set, uint64_t seed)
{
    const int64_t images = standin_dataset_images(set);
    uint32_t *random;
    int64_t *parent = memory_new((size_t)images, sizeof *parent);
    units->unit = memory_new((size_t)images, sizeof *units->unit);
    units->next = memory_new((size_t)images, sizeof *units->next);
    int status = permutation_of(&random, set, seed, USE_FOLDS);
    if (status == 0)
        status = parent && units->unit && units->next ? join_images(parent, set) : STATUS_MEMORY;
    for (int64_t i = 0; status == 0 && i < images; i++)
        units->unit[i] = (struct unit){.first = -1, .tie = random[i]};
    for (int64_t i = images - 1; status == 0 && i >= 0; i--) {
        struct unit *unit = &units->unit[find_root(parent, i)];
        units->next[i] = unit->first;
        unit->first = i;
        unit->images++;
    }
    if (status == 0)
        qsort(units->unit, (size_t)images, sizeof *units->unit, compare_units);
    for (units->count = 0; status == 0 && units->count < images && units->unit[units->count].images > 0;)
        units->count++;
    free(parent);
    free(random);
    return status;
}

/* have[fold * classes + class]: images so far. How much of its classes the fold has beforehand; ties: images in all. */
static int emptiest_fold(const struct units *units, const struct unit *unit, const standin_dataset *set,
                         const int64_t *have, int folds)
{
    const int classes = standin_dataset_classes(set);
    const int32_t *label = dataset_labels(set);
    int best = 0;
    double best_share = 0, best_images = 0;
    for (int f = 0; f < folds; f++) {
        double share = 0, images = 0;
        for (int64_t i = unit->first; i >= 0; i = units->next[i])
            share += (double)have[f * classes + label[i]] / (double)standin_dataset_class_images(set, label[i]);
        for (int c = 0; c < classes; c++)
            images += (double)have[f * classes + c];
        if (f == 0 || share < best_share || (!(share > best_share) && images < best_images)) {
            best = f;
            best_share = share;
            best_images = images;
        }
    }
    return best;
}

static int check_folds(const int64_t *have, const standin_dataset *set, int folds)
{
    const int classes = standin_dataset_classes(set);
    for (int f = 0; f < folds; f++)
        for (int c = 0; c < classes; c++)
            if (have[f * classes + c] == 0)
                return error_set(
                    STATUS_INPUT,
                    "%s: class '%.80s' has %" PRId64 " images, which cannot be dealt out to %d folds so that "
                    "each gets some and groups and equal images stay together; take fewer folds or give a test "
                    "set",
                    dataset_path(set), standin_dataset_class_name(set, c), standin_dataset_class_images(set, c), folds);
    return 0;
}

int draw_folds(int32_t **fold, const standin_dataset *set, int folds, uint64_t seed)
{
    const int classes = standin_dataset_classes(set);
    struct units units = {0};
    int64_t *have = memory_new((size_t)folds * (size_t)classes, sizeof *have);
    *fold = memory_new((size_t)standin_dataset_images(set), sizeof **fold);
    int status = have && *fold ? find_units(&units, set, seed) : STATUS_MEMORY;
    for (int64_t u = 0; status == 0 && u < units.count; u++) {
        const int f = emptiest_fold(&units, &units.unit[u], set, have, folds);
        for (int64_t i = units.unit[u].first; i >= 0; i = units.next[i]) {
            (*fold)[i] = f;
            have[f * classes + dataset_labels(set)[i]]++;
        }
    }
    if (status == 0)
        status = check_folds(have, set, folds);
    free(units.unit);
    free(units.next);
    free(have);
    if (status < 0) {
        free(*fold);
        *fold = NULL;
    }
    return status;
}

/* ---- Groups ------------------------------------------------------------------------------------------------- */

struct lot {
    uint32_t drawn; /* of the group */
    int64_t image;
};

static int compare_lots(const void *a, const void *b)
{
    const struct lot *x = a, *y = b;
    if (x->drawn != y->drawn)
        return x->drawn < y->drawn ? -1 : 1;
    return (x->image > y->image) - (x->image < y->image);
}

/* members: sorted by group. */
static void draw_lots(struct lot *lots, const struct member *members, const uint32_t *random, int64_t images)
{
    int64_t group = 0;
    for (int64_t i = 0; i < images; i++) {
        group += i > 0 && (!*members[i].group || strcmp(members[i].group, members[i - 1].group) != 0);
        lots[i] = (struct lot){random[group], members[i].image};
    }
    qsort(lots, (size_t)images, sizeof *lots, compare_lots);
}

int draw_by_group(int64_t **order, const standin_dataset *set, uint64_t seed)
{
    const int64_t images = standin_dataset_images(set);
    uint32_t *random;
    int status = permutation_of(&random, set, seed, USE_GROUPS);
    struct member *members = members_by_group(set);
    struct lot *lots = memory_new((size_t)images, sizeof *lots);
    *order = memory_new((size_t)images, sizeof **order);
    if (status == 0 && members && lots && *order) {
        draw_lots(lots, members, random, images);
        for (int64_t i = 0; i < images; i++)
            (*order)[i] = lots[i].image;
    } else {
        free(*order);
        *order = NULL;
        status = STATUS_MEMORY;
    }
    free(lots);
    free(members);
    free(random);
    return status;
}

/* ---- Parts -------------------------------------------------------------------------------------------------- */

int draw_part(standin_dataset **out, const standin_dataset *set, const int64_t *images, int64_t count)
{
    *out = NULL;
    struct pick *picks = memory_new((size_t)count, sizeof *picks);
    if (!picks)
        return STATUS_MEMORY;
    for (int64_t i = 0; i < count; i++)
        picks[i] = (struct pick){set, images[i]};
    const int status = derive_picks(out, picks, count);
    free(picks);
    return status;
}

int draw_sample(standin_dataset **out, const standin_dataset *set, int64_t count, uint64_t seed)
{
    const int64_t images = standin_dataset_images(set);
    int64_t *order;
    *out = NULL;
    if (count > images)
        return error_set(STATUS_INPUT, "%s: has %" PRId64 " images to train on, and %" PRId64 " are to be taken",
                         dataset_path(set), images, count);
    int status = draw_nested(&order, set, seed);
    if (status == 0)
        status = draw_part(out, set, order, count > 0 ? count : images);
    free(order);
    return status;
}
