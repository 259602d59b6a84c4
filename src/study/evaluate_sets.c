/* With a holdout the twin is the holdout, without one the real set is halved. */
#include "study/evaluate_sets.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "data/derive.h"
#include "study/draw.h"
#include "study/evaluate_groups.h"
#include "study/material.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Drawing ------------------------------------------------------------------------------------------------ */

bool evaluate_same_classes(const standin_dataset *a, const standin_dataset *b)
{
    if (standin_dataset_classes(a) != standin_dataset_classes(b))
        return false;
    for (int c = 0; c < standin_dataset_classes(a); c++)
        if (strcmp(standin_dataset_class_name(a, c), standin_dataset_class_name(b, c)) != 0)
            return false;
    return true;
}

int32_t evaluate_class_of(const standin_dataset *set, const char *name)
{
    for (int32_t c = 0; c < standin_dataset_classes(set); c++)
        if (strcmp(standin_dataset_class_name(set, c), name) == 0)
            return c;
    return -1;
}

/* How images are drawn: so many of each class from each set, and whole groups by lot or single images. */
struct manner {
    bool by_class, by_group;
};

/* The first quota[class] images of each class in a random order; without classes quota[0] images. */
static int draw_quota(standin_dataset **out, const standin_dataset *set, const int64_t *quota, struct manner manner,
                      uint64_t seed)
{
    const int64_t images = standin_dataset_images(set);
    const size_t classes = manner.by_class ? (size_t)standin_dataset_classes(set) : 1;
    int64_t *order = NULL, *left = memory_new(classes, sizeof *left), taken = 0;
    *out = NULL;
    int status = left ? 0 : STATUS_MEMORY;
    if (status == 0)
        status = manner.by_group ? draw_by_group(&order, set, seed) : draw_nested(&order, set, seed);
    if (left)
        memcpy(left, quota, classes * sizeof *left);
    for (int64_t i = 0; status == 0 && i < images; i++)
        if (left[manner.by_class ? dataset_labels(set)[order[i]] : 0]-- > 0)
            order[taken++] = order[i];
    if (status == 0)
        status = draw_part(out, set, order, taken);
    free(order);
    free(left);
    return status;
}

/* out[i]: equally many images of each set from[i]. */
static int draw_equal(standin_dataset **out, const standin_dataset *const *from, int count, struct manner manner,
                      uint64_t seed)
{
    const int classes = manner.by_class ? standin_dataset_classes(from[0]) : 1;
    int64_t *quota = memory_new((size_t)classes, sizeof *quota);
    int status = quota ? 0 : STATUS_MEMORY;
    for (int c = 0; status == 0 && c < classes; c++)
        for (int i = 0; i < count; i++) {
            const int64_t there =
                manner.by_class ? standin_dataset_class_images(from[i], c) : standin_dataset_images(from[i]);
            quota[c] = i == 0 || there < quota[c] ? there : quota[c];
        }
    for (int i = 0; i < count; i++)
        out[i] = NULL;
    for (int i = 0; status == 0 && i < count; i++)
        status = draw_quota(&out[i], from[i], quota, manner, seed);
    free(quota);
    return status;
}

/* ---- Real images -------------------------------------------------------------------------------------------- */

static int copy(standin_dataset **out, const standin_dataset *set)
{
    return derive_joined(out, &set, 1);
}

static bool has_groups(const standin_dataset *set)
{
    standin_image about = {.group = ""};
    for (int64_t i = 0; i < standin_dataset_images(set) && !*about.group; i++)
        standin_dataset_image(set, i, &about);
    return *about.group;
}

static int halve(standin_dataset **first, standin_dataset **second, struct study *study, const standin_dataset *real)
{
    const int64_t images = standin_dataset_images(real);
    int32_t *fold = NULL;
    int64_t *some = memory_new((size_t)images, sizeof *some);
    int status = some ? draw_folds(&fold, real, 2, study->options.seed) : STATUS_MEMORY;
    for (int half = 0; status == 0 && half < 2; half++) {
        int64_t count = 0;
        for (int64_t i = 0; i < images; i++)
            if (fold[i] == half)
                some[count++] = i;
        status = draw_part(half == 0 ? first : second, real, some, count);
    }
    free(fold);
    free(some);
    if (status < 0)
        return error_prefix(status, "halving the real images");
    study_note(study,
               "How near the synthetic images come to all real ones: without a holdout the %" PRId64
               " real images were halved%s, "
               "so that one half could be compared with the other.",
               images, has_groups(real) ? " by group" : "");
    return 0;
}

/* `real`, or the training set if the real set contains images of the holdout. */
static int choose_pool(const standin_dataset **pool, struct study *study, const standin_evaluation_sets *given)
{
    int64_t shared;
    *pool = given->real;
    int status = material_shared(&shared, given->real, given->holdout);
    if (status < 0 || shared == 0)
        return status;
    if (!given->train)
        return error_set(
            STATUS_INPUT, "%s: %" PRId64 " of %" PRId64 " images are in the holdout %s as well (the same pixels)",
            dataset_path(given->real), shared, standin_dataset_images(given->real), dataset_path(given->holdout));
    status = material_shared(&shared, given->train, given->holdout);
    if (status < 0)
        return status;
    if (shared * 2 >= standin_dataset_images(given->holdout))
        return error_set(STATUS_INPUT,
                         "%s: %" PRId64 " of %" PRId64 " images are training images as well (the same pixels); "
                         "nothing is held out",
                         dataset_path(given->holdout), shared, standin_dataset_images(given->holdout));
    *pool = given->train;
    study_note(study, "The real set contains images of the holdout: compared are the training images, and the holdout "
                      "as their twin.");
    return 0;
}

static int find_reals(struct evaluate_sets *sets, standin_dataset **other, struct study *study,
                      const standin_evaluation_sets *given)
{
    const standin_dataset *pool;
    if (!given->holdout)
        return halve(&sets->pool, other, study, given->real);
    int status = choose_pool(&pool, study, given);
    if (status == 0)
        status = copy(&sets->pool, pool);
    return status == 0 ? copy(other, given->holdout) : status;
}

/* ---- What follows from it ----------------------------------------------------------------------------------- */

static void note_classes(struct study *study, const standin_dataset *real, const standin_dataset *synthetic)
{
    for (int c = 0; c < standin_dataset_classes(real); c++)
        if (evaluate_class_of(synthetic, standin_dataset_class_name(real, c)) < 0)
            study_note(study, "Class '%.80s': there are no synthetic images of it.",
                       standin_dataset_class_name(real, c));
    for (int c = 0; c < standin_dataset_classes(synthetic); c++)
        if (evaluate_class_of(real, standin_dataset_class_name(synthetic, c)) < 0)
            study_note(study, "Class '%.80s': there are synthetic images of it, but no real ones.",
                       standin_dataset_class_name(synthetic, c));
    study_note(
        study,
        "The sets have different classes: images were drawn and compared without regard to their classes, and what "
        "one set lacks counts as a difference.");
}

static int64_t count_blank(const standin_dataset *set)
{
    const size_t bytes = (size_t)standin_dataset_width(set) * (size_t)standin_dataset_height(set) *
                         (size_t)standin_dataset_channels(set);
    int64_t blank = 0;
    for (int64_t i = 0; i < standin_dataset_images(set); i++) {
        const uint8_t *pixels = dataset_pixels(set) + (size_t)i * bytes;
        blank += memcmp(pixels, pixels + 1, bytes - 1) == 0;
    }
    return blank;
}

static void note_synthetic(struct study *study, const standin_dataset *set)
{
    const int64_t images = standin_dataset_images(set), blank = count_blank(set);
    int64_t repeated = 0;
    for (int64_t i = 0; i < images; i++) {
        standin_image about;
        standin_dataset_image(set, i, &about);
        repeated += about.duplicate_of >= 0;
    }
    if (blank > 0)
        study_note(study, "%" PRId64 " of %" PRId64 " synthetic images show a single level of grey and nothing else.",
                   blank, images);
    if (repeated > 0)
        study_note(study, "%" PRId64 " of %" PRId64 " synthetic images repeat another one pixel by pixel.", repeated,
                   images);
}

static void note_counts(struct study *study, const standin_evaluation_sets *given, const struct evaluate_sets *sets)
{
    const int64_t used = standin_dataset_images(sets->reference), made = standin_dataset_images(given->synthetic);
    if (used < made || used < standin_dataset_images(sets->pool))
        study_note(study,
                   "Set measures compare sets of equal size: %" PRId64 " images of each, drawn by lot%s, of %" PRId64
                   " real, %" PRId64 " synthetic ones.",
                   used,
                   sets->by_class && standin_dataset_classes(sets->pool) > 1 ? ", of every class as many from each set"
                                                                             : "",
                   standin_dataset_images(sets->pool), made);
}

/* ---- The audit ---------------------------------------------------------------------------------------------- */

/* Of the synthetic images as many as there are in the proportions of the training images. */
static int draw_audited(struct evaluate_sets *sets, const standin_dataset *synthetic, uint64_t seed)
{
    const int classes = standin_dataset_classes(sets->train);
    if (!evaluate_same_classes(sets->train, synthetic))
        return copy(&sets->audited, synthetic);
    int64_t *quota = memory_new((size_t)classes, sizeof *quota);
    if (!quota)
        return STATUS_MEMORY;
    double times = 0;
    for (int c = 0; c < classes; c++) {
        const double of_class =
            (double)standin_dataset_class_images(synthetic, c) / (double)standin_dataset_class_images(sets->train, c);
        times = c == 0 || of_class < times ? of_class : times;
    }
    for (int c = 0; c < classes; c++)
        quota[c] = times < 1 ? standin_dataset_class_images(synthetic, c)
                             : (int64_t)(times * (double)standin_dataset_class_images(sets->train, c));
    const int status = draw_quota(&sets->audited, synthetic, quota, (struct manner){.by_class = true}, seed);
    free(quota);
    return status;
}

/* Single images of many groups against all images of a few would be another kind of set, so whole groups are drawn
 * where the sets were split by them. */
static int draw_members(struct evaluate_sets *sets, struct study *study, const standin_evaluation_sets *given)
{
    struct groups groups;
    standin_dataset *out[2] = {NULL, NULL};
    int status = groups_number(&groups, given->train, given->holdout);
    if (status == 0)
        status = draw_equal(out, (const standin_dataset *[]){given->train, given->holdout}, 2,
                            (struct manner){evaluate_same_classes(given->train, given->holdout), groups.apart},
                            study->options.seed);
    if (status == 0 && !groups.train)
        study_note(study, "The audit dealt single images out by lot, since not all have groups. If the holdout shows "
                          "other patients or scenes than the training set, these are the groups it needs: without them "
                          "chance looks narrower than it is.");
    sets->train = out[0];
    sets->holdout = out[1];
    groups_free(&groups);
    return status;
}

static int find_audit(struct evaluate_sets *sets, struct study *study, const standin_evaluation_sets *given)
{
    if (!given->train || !given->holdout) {
        study_note(study,
                   "Whether the synthetic images give away training images: an audit needs the set that the generator "
                   "was trained on and a holdout that it was not.");
        return 0;
    }
    int64_t shared;
    int status = material_shared(&shared, given->train, given->holdout);
    if (status < 0)
        return status;
    if (shared > 0)
        study_note(study,
                   "%" PRId64
                   " holdout images are training images as well (the same pixels): leaks look smaller than they "
                   "are.",
                   shared);
    status = draw_members(sets, study, given);
    return status == 0 ? draw_audited(sets, given->synthetic, study->options.seed) : status;
}

/* ---- All of them -------------------------------------------------------------------------------------------- */

static int draw_compared(struct evaluate_sets *sets, const standin_dataset *other, const standin_dataset *synthetic,
                         uint64_t seed)
{
    standin_dataset *out[3];
    const bool all_same = sets->by_class && evaluate_same_classes(sets->pool, other);
    const int status = draw_equal(out, (const standin_dataset *[]){sets->pool, other, synthetic}, 3,
                                  (struct manner){.by_class = all_same}, seed);
    sets->reference = out[0];
    sets->other = out[1];
    sets->synthetic = out[2];
    return status;
}

int evaluate_sets_new(struct evaluate_sets *sets, struct study *study, const standin_evaluation_sets *given)
{
    standin_dataset *other = NULL;
    *sets = (struct evaluate_sets){.by_class = evaluate_same_classes(given->real, given->synthetic)};
    const bool one_each = standin_dataset_classes(given->real) == 1 && standin_dataset_classes(given->synthetic) == 1;
    if (!sets->by_class && !one_each)
        note_classes(study, given->real, given->synthetic);
    note_synthetic(study, given->synthetic);
    int status = find_reals(sets, &other, study, given);
    if (status == 0)
        status = draw_compared(sets, other, given->synthetic, study->options.seed);
    if (status == 0) {
        note_counts(study, given, sets);
        status = find_audit(sets, study, given);
    }
    standin_dataset_free(other);
    if (status < 0)
        evaluate_sets_free(sets);
    return status;
}

void evaluate_sets_free(struct evaluate_sets *sets)
{
    standin_dataset *const all[] = {sets->pool,  sets->reference, sets->other,  sets->synthetic,
                                    sets->train, sets->holdout,   sets->audited};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        standin_dataset_free(all[i]);
    *sets = (struct evaluate_sets){0};
}
