/* Measures between sets of features. The interval comes from halves drawn without replacement: the spread of a
 * statistic over random halves of its sample is the standard error of the whole (the jackknife that deletes one half;
 * Shao and Wu 1989). Resampling with replacement would not do: it changes the distances between sets themselves. */
#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "data/dataset.h"
#include "eval/frechet.h"
#include "eval/kid.h"
#include "eval/prdc.h"
#include "eval/statistics.h"
#include "study/evaluate.h"
#include "study/evaluate_classes.h"
#include "study/evaluate_measure.h"
#include "study/evaluate_space.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HALVES = 20,
    RESULTS = 4,           /* most numbers of one family */
    FRECHET_MINIMUM = 128, /* images of each set: twice the features of a space */
    NEIGHBOURS_MINIMUM = 50,
    KERNEL_MINIMUM = 20,
    USE_HALVES = 120, /* of RANDOM_SUBSET */
};
static const double student_of_halves = 2.093; /* 97.5 % of Student's t with HALVES - 1 degrees of freedom */

struct pair {
    struct feature_set real, other;
    uint64_t seed;
    struct pool *pool;
};

/* What one computation gives: one to RESULTS measures. */
struct family {
    int results;
    const char *name[RESULTS], *title[RESULTS], *better[RESULTS];
    int (*measure)(double *results, const struct pair *pair);
    double lowest, highest;
    int64_t minimum; /* images of each set */
};

/* ---- Families ----------------------------------------------------------------------------------------------- */

static int measure_frechet(double *results, const struct pair *pair)
{
    return frechet_of_sets(results, &pair->real, &pair->other, pair->pool);
}

static int measure_infinity(double *results, const struct pair *pair)
{
    struct frechet_infinity infinity;
    const int status = frechet_at_infinity(&infinity, &pair->real, &pair->other, pair->seed, pair->pool);
    *results = infinity.value;
    return status;
}

static int measure_kid(double *results, const struct pair *pair)
{
    struct kid kid;
    const int status = kid_measure(&kid, &pair->real, &pair->other, pair->seed, pair->pool);
    *results = kid.value;
    return status;
}

static int measure_prdc(double *results, const struct pair *pair)
{
    struct prdc prdc;
    const int status = prdc_measure(&prdc, &pair->real, &pair->other, PRDC_K_PRECISION, PRDC_K_DENSITY, pair->pool);
    results[0] = prdc.precision, results[1] = prdc.recall, results[2] = prdc.density, results[3] = prdc.coverage;
    return status;
}

static const struct family kernel = {1, {"kid"}, {"KID"}, {"lower"}, measure_kid, -INFINITY, INFINITY, KERNEL_MINIMUM};
static const struct family infinity_family = {1,         {"fd_infinity"}, {"FD-infinity"}, {"lower"}, measure_infinity,
                                              -INFINITY, INFINITY,        FRECHET_MINIMUM};
static const struct family neighbourhood = {4,
                                            {"precision", "recall", "density", "coverage"},
                                            {"precision", "recall", "density", "coverage"},
                                            {"higher", "higher", "higher", "higher"},
                                            measure_prdc,
                                            0,
                                            INFINITY,
                                            NEIGHBOURS_MINIMUM};

/* ---- Value, twin, interval ---------------------------------------------------------------------------------- */

/* half (count / 2, width): rows by lot. */
static int draw_half(double *half, const struct feature_set *set, uint64_t seed, uint64_t use, uint64_t number)
{
    uint32_t *order = memory_new((size_t)set->count, sizeof *order);
    if (!order)
        return STATUS_MEMORY;
    random_permutation((random_address){seed, USE_HALVES + use, RANDOM_SUBSET, number}, (uint32_t)set->count, order);
    for (int64_t i = 0; i < set->count / 2; i++)
        memcpy(half + i * set->width, set->values + order[i] * set->width, (size_t)set->width * sizeof *half);
    free(order);
    return 0;
}

/* error[result]: standard errors; NAN if halves are too small to be measured. */
static int spread_of_halves(double *error, const struct family *family, const struct pair *pair, uint64_t use)
{
    const int64_t count = pair->real.count / 2, width = pair->real.width;
    double *half[2] = {memory_new((size_t)count, (size_t)width * sizeof(double)),
                       memory_new((size_t)count, (size_t)width * sizeof(double))};
    double results[RESULTS], all[RESULTS][HALVES];
    int status = half[0] && half[1] ? 0 : STATUS_MEMORY;
    for (uint64_t h = 0; status == 0 && h < HALVES; h++) {
        status = draw_half(half[0], &pair->real, pair->seed, 0, h);
        if (status == 0)
            status = draw_half(half[1], &pair->other, pair->seed, use, h);
        const struct pair halves = {{half[0], count, width}, {half[1], count, width}, pair->seed + h, pair->pool};
        if (status == 0)
            status = family->measure(results, &halves);
        for (int r = 0; status == 0 && r < family->results; r++)
            all[r][h] = results[r];
    }
    for (int r = 0; r < family->results; r++)
        error[r] = status == 0 ? student_of_halves * statistics_deviation(all[r], HALVES) : NAN;
    free(half[0]);
    free(half[1]);
    return status == STATUS_INPUT ? 0 : status;
}

struct three {
    struct feature_set reference, other, synthetic;
};

static int measure_all(struct measured *measured, const struct family *family, const struct three *three, uint64_t seed,
                       struct pool *pool)
{
    const struct pair value = {three->reference, three->synthetic, seed, pool},
                      twin = {three->reference, three->other, seed, pool};
    double results[RESULTS], twins[RESULTS], errors[RESULTS], twin_errors[RESULTS];
    if (value.real.count < family->minimum)
        return error_set(STATUS_INPUT, "too few images: %" PRId64 " of each set, at least %" PRId64 " are needed",
                         value.real.count, family->minimum);
    int status = family->measure(results, &value);
    if (status == 0)
        status = family->measure(twins, &twin);
    if (status == 0)
        status = spread_of_halves(errors, family, &value, 1);
    if (status == 0)
        status = spread_of_halves(twin_errors, family, &twin, 2);
    for (int r = 0; status == 0 && r < family->results; r++) {
        measured[r].value = results[r];
        measured[r].low = fmax(results[r] - errors[r], isnan(errors[r]) ? NAN : family->lowest);
        measured[r].high = fmin(results[r] + errors[r], isnan(errors[r]) ? NAN : family->highest);
        measured[r].twin = twins[r];
        measured[r].twin_low = fmax(twins[r] - twin_errors[r], isnan(twin_errors[r]) ? NAN : family->lowest);
        measured[r].twin_high = twins[r] + twin_errors[r];
        if (isnan(errors[r]))
            snprintf(measured[r].repeated, sizeof measured[r].repeated,
                     "no interval: halves of the sets are too small");
        else
            snprintf(measured[r].repeated, sizeof measured[r].repeated, "%d halves of both sets", HALVES);
    }
    return status;
}

/* Shares end at 1; density does not. */
static void end_at_one(struct measured *measured)
{
    if (strcmp(measured->name, "density") == 0)
        return;
    measured->high = measured->high > 1 ? 1 : measured->high;
    measured->twin_high = measured->twin_high > 1 ? 1 : measured->twin_high;
}

static int append_family(json_t *measures, const struct family *family, const struct three *three, const char *note,
                         struct evaluation *evaluation)
{
    struct measured measured[RESULTS];
    for (int r = 0; r < family->results; r++) {
        measured[r] = measured_new(family->name[r], family->title[r], family->better[r]);
        snprintf(measured[r].note, sizeof measured[r].note, "%s; %" PRId64 " images of each", note,
                 three->reference.count);
    }
    int status = measure_all(measured, family, three, evaluation->study.options.seed, evaluation->pool);
    for (int r = 0; r < family->results && (status == 0 || status == STATUS_INPUT); r++) {
        const int settled = measured_settle(&measured[r], status);
        if (family == &neighbourhood)
            end_at_one(&measured[r]);
        if (strcmp(measured[r].name, "coverage") == 0) {
            const size_t length = strlen(measured[r].note);
            snprintf(measured[r].note + length, sizeof measured[r].note - length, "; equal distributions give %.3f",
                     prdc_expected_coverage(PRDC_K_DENSITY));
        }
        const int appended = settled == 0 ? measured_append(measures, &measured[r]) : settled;
        if (appended < 0)
            return appended;
    }
    return status == STATUS_INPUT ? 0 : status;
}

/* ---- Spaces ------------------------------------------------------------------------------------------------- */

struct seen {
    struct features *features;
    double *values[3];
    struct three three;
};

static void seen_free(struct seen *seen)
{
    for (int i = 0; i < 3; i++)
        free(seen->values[i]);
    features_free(seen->features);
    *seen = (struct seen){0};
}

static int look(struct seen *seen, enum space space, const char *file, const struct evaluation *evaluation)
{
    const struct evaluate_sets *sets = &evaluation->sets;
    struct work *work = evaluation->study.work;
    *seen = (struct seen){0};
    int status = space_open(&seen->features, space, file, sets->pool, work_threads(work));
    if (status == 0)
        status = space_look(&seen->values[0], &seen->three.reference, seen->features, sets->reference, work);
    if (status == 0)
        status = space_look(&seen->values[1], &seen->three.other, seen->features, sets->other, work);
    if (status == 0)
        status = space_look(&seen->values[2], &seen->three.synthetic, seen->features, sets->synthetic, work);
    return status;
}

static int append_frechet(json_t *measures, const struct seen *seen, struct evaluation *evaluation)
{
    const char *title = features_title(seen->features), *name = features_name(seen->features);
    char key[MEASURED_NAME], note[MEASURED_TEXT];
    snprintf(key, sizeof key, "%s", strcmp(title, "FID") == 0 ? "fid" : name);
    if (strcmp(title, "FID") != 0)
        snprintf(key, sizeof key, "fd_%s", name);
    const int64_t unbiased = 20 * features_dimension(seen->features);
    struct moments moments = {0};
    double nothing = NAN;
    if (seen->three.reference.count >= 2 &&
        moments_new(&moments, &seen->three.reference, "real", evaluation->pool) == 0 &&
        frechet_floor(&nothing, &moments, moments.count, moments.count, evaluation->pool) < 0)
        nothing = NAN;
    moments_free(&moments);
    snprintf(note, sizeof note, "%s", features_note(seen->features));
    size_t length = strlen(note);
    if (!isnan(nothing))
        snprintf(note + length, sizeof note - length, "; equal distributions give about %.3g at so few images",
                 nothing);
    length = strlen(note);
    if (seen->three.reference.count < unbiased)
        snprintf(note + length, sizeof note - length, ", %" PRId64 " would be enough", unbiased);
    const struct family family = {1, {key}, {title}, {"lower"}, measure_frechet, 0, INFINITY, FRECHET_MINIMUM};
    return append_family(measures, &family, &seen->three, note, evaluation);
}

static int append_missing(json_t *measures, const char *name, const char *title, int status)
{
    struct measured measured = measured_new(name, title, "lower");
    status = measured_settle(&measured, status);
    return status < 0 ? status : measured_append(measures, &measured);
}

/* The space of most measures: the task's, if there is a task. */
static int measure_main(json_t *measures, json_t *classes, struct evaluation *evaluation)
{
    struct seen seen;
    const bool task = evaluation->classifier != NULL;
    int status = look(&seen, task ? SPACE_TASK : SPACE_RANDOM, evaluation->classifier, evaluation);
    char note[MEASURED_TEXT] = "";
    if (status == 0) {
        snprintf(note, sizeof note, "%s features", task ? "task" : "random");
        status = task ? append_frechet(measures, &seen, evaluation)
                      : append_missing(
                            measures, "fd_task", "FD-task",
                            error_set(STATUS_INPUT, "one class alone: there is no classifier to take features of"));
    }
    static const struct family *const families[] = {&infinity_family, &kernel, &neighbourhood};
    for (size_t i = 0; status == 0 && i < sizeof families / sizeof *families; i++) {
        status = append_family(measures, families[i], &seen.three, note, evaluation);
        if (status == 0)
            status = work_advance(evaluation->study.work, "comparing sets", EVALUATE_SET_UNITS / 6);
    }
    if (status == 0)
        status = classes_measure(classes, evaluation, &seen.three.reference, &seen.three.other, &seen.three.synthetic);
    seen_free(&seen);
    return status;
}

static int measure_frechet_in(json_t *measures, enum space space, const char *file, struct evaluation *evaluation)
{
    struct seen seen;
    int status = look(&seen, space, file, evaluation);
    if (status == 0)
        status = append_frechet(measures, &seen, evaluation);
    if (status == 0)
        status = work_advance(evaluation->study.work, "comparing sets", EVALUATE_SET_UNITS / 6);
    seen_free(&seen);
    return status;
}

/* ---- Labels ------------------------------------------------------------------------------------------------- */

static int count_right(int64_t *right, int64_t *asked, const char *model, const standin_dataset *set, struct work *work)
{
    standin_classifier *classifier;
    int status = standin_classifier_open(&classifier, model, work_threads(work));
    const int64_t images = standin_dataset_images(set);
    int32_t *predicted = memory_new((size_t)images, sizeof *predicted);
    if (status == 0)
        status =
            predicted ? standin_classifier_predict(classifier, dataset_pixels(set), images, predicted) : STATUS_MEMORY;
    *right = 0;
    *asked = images;
    for (int64_t i = 0; status == 0 && i < images; i++)
        *right += strcmp(standin_classifier_class_name(classifier, predicted[i]),
                         standin_dataset_class_name(set, dataset_labels(set)[i])) == 0;
    free(predicted);
    standin_classifier_free(classifier);
    return status;
}

static int measure_labels(json_t *measures, struct evaluation *evaluation)
{
    const standin_dataset *test = evaluation->given->test ? evaluation->given->test : evaluation->sets.other;
    struct measured measured = measured_new("labels", "labels recognised", "higher");
    int64_t right, asked;
    double centre, half;
    int status =
        count_right(&right, &asked, evaluation->classifier, evaluation->sets.synthetic, evaluation->study.work);
    if (status < 0)
        return status;
    standin_wilson(right, asked, &centre, &half);
    measured.value = (double)right / (double)asked, measured.low = centre - half, measured.high = centre + half;
    status = count_right(&right, &asked, evaluation->classifier, test, evaluation->study.work);
    if (status < 0)
        return status;
    standin_wilson(right, asked, &centre, &half);
    measured.twin = (double)right / (double)asked, measured.twin_low = centre - half,
    measured.twin_high = centre + half;
    measured.chance = 1.0 / standin_dataset_classes(evaluation->sets.pool);
    snprintf(measured.repeated, sizeof measured.repeated, "%" PRId64 " images, twin %" PRId64 " (Wilson)",
             standin_dataset_images(evaluation->sets.synthetic), asked);
    snprintf(measured.note, sizeof measured.note,
             "share of images that the classifier of the task features takes for their class");
    return measured_append(measures, &measured);
}

/* ---- All of them -------------------------------------------------------------------------------------------- */

int evaluate_set(json_t **result, struct evaluation *evaluation)
{
    json_t *measures = json_array(), *classes = json_array();
    int status = measures && classes ? measure_main(measures, classes, evaluation) : STATUS_MEMORY;
    if (status == 0)
        status = measure_frechet_in(measures, SPACE_RANDOM, NULL, evaluation);
    if (status == 0)
        status = measure_frechet_in(measures, SPACE_PIXELS, NULL, evaluation);
    if (status == 0 && evaluation->inception)
        status = measure_frechet_in(measures, SPACE_INCEPTION, evaluation->inception, evaluation);
    if (status == 0 && evaluation->classifier)
        status = measure_labels(measures, evaluation);
    if (status == 0)
        status = work_advance(evaluation->study.work, "comparing sets", EVALUATE_SET_UNITS / 6);
    *result = status == 0 ? json_pack("{s:O, s:O}", "measures", measures, "classes", classes) : NULL;
    if (status == 0 && !*result)
        status = error_set(STATUS_MEMORY, "out of memory for the set measures");
    json_decref(classes);
    json_decref(measures);
    return status;
}
