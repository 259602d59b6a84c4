/* standin_select: scores, the best of each class, diversity and copying before and after. */
#include "audit/duplicates.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/staging.h"
#include "data/dataset.h"
#include "study/arm.h"
#include "study/draw.h"
#include "study/evaluate_image.h"
#include "study/evaluate_measure.h"
#include "study/evaluate_sets.h"
#include "study/select_score.h"
#include "study/select_write.h"
#include "study/study.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { UNITS = 200 }; /* beside the classifier's steps */
static const double usual_share = 0.5;

struct select {
    struct study study;
    const standin_dataset *synthetic, *real;
    enum standin_select_by by;
    double keep;
    bool by_class, reject_copies;
    char *classifier; /* its file, or NULL */
    struct pool *pool;
    double *score;  /* (synthetic images) */
    bool *rejected; /* copies, by whatever is asked for */
    int64_t *chosen, chosen_count;
    struct nearest real_nearest; /* of real images among the others: the twin */
    struct duplicate *copies;    /* (synthetic images): of real ones */
    int64_t real_copies;         /* real images that are near-duplicates of other real ones */
};

/* ---- Checks ------------------------------------------------------------------------------------------------- */

static int check_classes(struct select *select)
{
    const standin_dataset *synthetic = select->synthetic, *real = select->real;
    select->by_class = true;
    for (int c = 0; c < standin_dataset_classes(synthetic); c++)
        if (evaluate_class_of(real, standin_dataset_class_name(synthetic, c)) < 0) {
            if (standin_dataset_classes(synthetic) > 1 || standin_dataset_classes(real) > 1)
                return error_set(STATUS_INPUT, "%s: has no images of class '%.80s', which %s has", dataset_path(real),
                                 standin_dataset_class_name(synthetic, c), dataset_path(synthetic));
            select->by_class = false; /* one class each, whatever they are called */
        }
    if (select->by == STANDIN_SELECT_CLASSIFIER && standin_dataset_classes(real) < 2)
        return error_set(STATUS_INPUT, "%s: one class alone; a classifier cannot choose by it", dataset_path(real));
    return 0;
}

static int check_place(const struct select *select, const char *path)
{
    int status = dataset_check_place(dataset_path(select->synthetic), path);
    if (status == 0)
        status = dataset_check_place(dataset_path(select->real), path);
    return status == 0 ? staging_check(path) : status;
}

static int check(struct select *select, const char *path)
{
    if (!(select->keep > 0 && select->keep < 1))
        return error_set(STATUS_INPUT, "a share of %g to keep; it lies between 0 and 1", select->keep);
    if (!dataset_pixels(select->synthetic) || !dataset_pixels(select->real) ||
        standin_dataset_width(select->synthetic) != standin_dataset_width(select->real) ||
        standin_dataset_height(select->synthetic) != standin_dataset_height(select->real) ||
        standin_dataset_channels(select->synthetic) != standin_dataset_channels(select->real))
        return error_set(STATUS_INPUT, "%s: opened in another size or colour than %s", dataset_path(select->synthetic),
                         dataset_path(select->real));
    const int status = check_classes(select);
    return status < 0 ? status : check_place(select, path);
}

/* ---- Choosing ----------------------------------------------------------------------------------------------- */

static int train_classifier(struct select *select)
{
    const standin_study_options *options = &select->study.options;
    const struct arm arm = {.name = "classifier",
                            .train = select->real,
                            .steps = options->steps,
                            .seed = options->seed,
                            .augment = STANDIN_AUGMENT_CLASSIC};
    if (select->by == STANDIN_SELECT_SSIM || standin_dataset_classes(select->real) < 2)
        return 0;
    work_expect(select->study.work, options->steps);
    return arm_train(&select->classifier, select->study.work, &arm);
}

static int find_copies(struct select *select)
{
    const int64_t images = standin_dataset_images(select->synthetic);
    const int status =
        duplicates_find(select->copies, dataset_pixels(select->synthetic), images, dataset_pixels(select->real),
                        standin_dataset_images(select->real), nearest_shape(select->real), 0, select->pool);
    for (int64_t i = 0; status == 0 && select->reject_copies && i < images; i++)
        select->rejected[i] |= select->copies[i].kind != DUPLICATE_NONE;
    return status;
}

static int count_real_copies(struct select *select)
{
    const int64_t images = standin_dataset_images(select->real);
    const uint8_t *pixels = dataset_pixels(select->real);
    struct duplicate *found = memory_new((size_t)images, sizeof *found);
    const int status =
        found ? duplicates_find(found, pixels, images, pixels, images, nearest_shape(select->real), 1, select->pool)
              : STATUS_MEMORY;
    if (status == 0) {
        const struct duplicates_count count = duplicates_sum(found, images);
        select->real_copies = duplicates_total(&count);
    }
    free(found);
    return status;
}

struct ranked {
    double score;
    int64_t image;
};

/* The best first. */
static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->score > y->score || x->score < y->score)
        return x->score > y->score ? -1 : 1;
    return (x->image > y->image) - (x->image < y->image);
}

static int compare_images(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The best of each class, in the order of the set. */
static int choose(struct select *select)
{
    const standin_dataset *set = select->synthetic;
    const int64_t images = standin_dataset_images(set);
    struct ranked *ranked = memory_new((size_t)images, sizeof *ranked);
    if (!ranked)
        return STATUS_MEMORY;
    for (int c = 0; c < standin_dataset_classes(set); c++) {
        int64_t count = 0;
        for (int64_t i = 0; i < images; i++)
            if (dataset_labels(set)[i] == c && !select->rejected[i])
                ranked[count++] = (struct ranked){select->score[i], i};
        qsort(ranked, (size_t)count, sizeof *ranked, compare_ranked);
        int64_t wanted = llround(select->keep * (double)standin_dataset_class_images(set, c));
        wanted = wanted < 1 ? 1 : wanted;
        if (wanted > count)
            study_note(&select->study,
                       "As many as asked for of class '%.80s': %" PRId64 " are left that are no copies, %" PRId64
                       " were wanted.",
                       standin_dataset_class_name(set, c), count, wanted);
        const int64_t first = select->chosen_count;
        for (int64_t i = 0; i < wanted && i < count; i++)
            select->chosen[select->chosen_count++] = ranked[i].image;
        qsort(select->chosen + first, (size_t)(select->chosen_count - first), sizeof *select->chosen, compare_images);
    }
    free(ranked);
    return select->chosen_count > 0
               ? 0
               : error_set(STATUS_INPUT, "%s: nothing is left: all images are near-copies of real ones",
                           dataset_path(set));
}

static int score(struct select *select)
{
    const struct score_request request = {.by = select->by,
                                          .synthetic = select->synthetic,
                                          .real = select->real,
                                          .by_class = select->by_class,
                                          .classifier = select->classifier,
                                          .seed = select->study.options.seed,
                                          .pool = select->pool,
                                          .work = select->study.work};
    int status = score_images(select->score, select->rejected, &request);
    if (status == 0)
        status = work_advance(select->study.work, "scoring", UNITS / 4);
    if (status == 0)
        status = find_copies(select);
    if (status == 0)
        status = count_real_copies(select);
    return status == 0 ? choose(select) : status;
}

/* ---- Before and after --------------------------------------------------------------------------------------- */

static int append_copies(json_t *measures, const struct select *select, const int64_t *images, int64_t count)
{
    struct measured measured = measured_new("near_duplicates", "copies, per cent", "equal");
    int64_t copies = 0;
    double centre, half;
    for (int64_t i = 0; i < count; i++)
        copies += select->copies[images ? images[i] : i].kind != DUPLICATE_NONE;
    standin_wilson(copies, count, &centre, &half);
    measured.value = 100 * (double)copies / (double)count;
    measured.low = 100 * (centre - half), measured.high = 100 * (centre + half);
    const int64_t reals = standin_dataset_images(select->real);
    standin_wilson(select->real_copies, reals, &centre, &half);
    measured.twin = 100 * (double)select->real_copies / (double)reals;
    measured.twin_low = 100 * (centre - half), measured.twin_high = 100 * (centre + half);
    snprintf(measured.repeated, sizeof measured.repeated, "%" PRId64 " images (Wilson)", count);
    snprintf(measured.note, sizeof measured.note,
             "per cent that are near-duplicates of a real image; twin: of another one");
    return measured_append(measures, &measured);
}

/* images NULL: all `count` of them. */
static int describe(json_t **out, struct select *select, const int64_t *images, int64_t count)
{
    const uint64_t seed = select->study.options.seed;
    standin_dataset *part = NULL;
    const standin_dataset *set = select->synthetic;
    struct nearest nearest = {0};
    char note[MEASURED_TEXT];
    snprintf(note, sizeof note, "the most alike of %" PRId64 " real images; twin: of real images among the others",
             standin_dataset_images(select->real));
    *out = json_array();
    int status = *out ? 0 : error_set(STATUS_MEMORY, "out of memory for the measures");
    if (status == 0 && images)
        status = draw_part(&part, set, images, count);
    set = part ? part : set;
    if (status == 0)
        status = image_measure_within(*out, set, select->real, select->by_class, false, seed, select->pool);
    if (status == 0) {
        status = select->real_nearest.count > 0
                     ? nearest_find(&nearest, set, select->real, false, seed, select->pool, select->study.work)
                     : error_set(STATUS_INPUT, "too few real images: %" PRId64 ", at least %d are needed",
                                 standin_dataset_images(select->real), NEAREST_MINIMUM);
        if (status == 0 || status == STATUS_INPUT)
            status = image_measure_nearest(*out, &nearest, &select->real_nearest, note, status);
    }
    if (status == 0)
        status = append_copies(*out, select, images, count);
    nearest_free(&nearest);
    standin_dataset_free(part);
    return status == 0 ? work_advance(select->study.work, "comparing images", UNITS / 4) : status;
}

static int write_document(char **document, struct select *select)
{
    static const char *const by[] = {"ssim", "density", "classifier", "nearest"};
    const int64_t images = standin_dataset_images(select->synthetic);
    json_t *before = NULL, *after = NULL;
    int64_t copies = 0;
    for (int64_t i = 0; i < images; i++)
        copies += select->rejected[i];
    int status = describe(&before, select, NULL, images);
    if (status == 0)
        status = describe(&after, select, select->chosen, select->chosen_count);
    if (status < 0) {
        json_decref(before);
        json_decref(after);
        return status;
    }
    json_t *nothing = json_object();
    status = work_keep(select->study.work, "selection", "seconds", nothing);
    json_decref(nothing);
    if (status < 0) {
        json_decref(before);
        json_decref(after);
        return status;
    }
    json_t *body = json_pack("{s:s, s:I, s:I, s:I, s:o, s:o}", "by", by[select->by], "kept",
                             (json_int_t)select->chosen_count, "rejected", (json_int_t)(images - select->chosen_count),
                             "rejected_as_copies", (json_int_t)copies, "before", before, "after", after);
    json_t *sets = json_pack("{s:o, s:o}", "real", study_set(select->real), "synthetic", study_set(select->synthetic));
    study_note(&select->study,
               "Whether the choice teaches a classifier more than all images do: a utility study says that.");
    return study_document(document, &select->study, "selection", sets, body);
}

/* ---- The selection ------------------------------------------------------------------------------------------ */

static int reserve(struct select *select)
{
    const size_t images = (size_t)standin_dataset_images(select->synthetic);
    select->score = memory_new(images, sizeof *select->score);
    select->rejected = memory_new(images, sizeof *select->rejected);
    select->chosen = memory_new(images, sizeof *select->chosen);
    select->copies = memory_new(images, sizeof *select->copies);
    return select->score && select->rejected && select->chosen && select->copies ? 0 : STATUS_MEMORY;
}

static int run(char **document, const char *path, struct select *select)
{
    work_expect(select->study.work, UNITS + standin_dataset_images(select->synthetic) / SCORE_UNIT_IMAGES);
    int status = reserve(select);
    if (status == 0)
        status = pool_new(&select->pool, select->study.options.threads);
    if (status == 0)
        status = train_classifier(select);
    if (status == 0) {
        work_begin(select->study.work);
        status = score(select);
    }
    if (status == 0) {
        status = nearest_find(&select->real_nearest, select->real, select->real, true, select->study.options.seed,
                              select->pool, select->study.work);
        status = status == STATUS_INPUT ? 0 : status; /* said where it is missing */
    }
    char *text = NULL;
    if (status == 0)
        status = write_document(&text, select);
    if (status == 0)
        status = select_write(path, select->synthetic, select->chosen, select->score, select->chosen_count,
                              select->study.work);
    if (status < 0)
        free(text);
    else
        *document = text;
    return status;
}

int standin_select(char **document, const char *path, const standin_dataset *synthetic, const standin_dataset *against,
                   const standin_select_options *options)
{
    struct select select = {.synthetic = synthetic,
                            .real = against,
                            .by = options->by,
                            .reject_copies = options->reject_copies,
                            .keep = options->keep != 0 ? options->keep : usual_share};
    standin_study_options common = STANDIN_STUDY_OPTIONS_INIT;
    common.work = options->work;
    common.steps = options->steps;
    common.seed = options->seed;
    common.threads = options->threads;
    common.progress = options->progress;
    common.progress_context = options->progress_context;
    *document = NULL;
    int status = check(&select, path);
    if (status == 0)
        status = study_begin(&select.study, &common, (const standin_dataset *const[]){synthetic, against}, 2);
    if (status == 0)
        status = run(document, path, &select);
    nearest_free(&select.real_nearest);
    pool_free(select.pool);
    free(select.classifier);
    free(select.score);
    free(select.rejected);
    free(select.chosen);
    free(select.copies);
    study_end(&select.study);
    return status;
}
