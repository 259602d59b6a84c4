/* Options, notes, the frame of a document. */
#include "study/study.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "eval/statistics.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SEEDS = 5, FOLDS = 5, TIMES = 32, BUDGET = 600, SEEDS_MAXIMUM = 100, FOLDS_MAXIMUM = 100 };
static const double target = 0.9;

static int check_options(const standin_study_options *options)
{
    if (options->steps < 1 || options->generator_steps < 0)
        return error_set(STATUS_INPUT, "a classifier of %" PRId64 " steps, a generator of %" PRId64, options->steps,
                         options->generator_steps);
    if (options->seeds < 1 || options->seeds > SEEDS_MAXIMUM)
        return error_set(STATUS_INPUT, "%d seeds; 1 to %d can be taken", options->seeds, SEEDS_MAXIMUM);
    if (options->folds < 2 || options->folds > FOLDS_MAXIMUM)
        return error_set(STATUS_INPUT, "%d folds; 2 to %d can be taken", options->folds, FOLDS_MAXIMUM);
    if (options->real < 0 || options->times < 1 || options->times > 1000)
        return error_set(STATUS_INPUT, "%" PRId64 " real images and up to %" PRId64 " times as many synthetic ones",
                         options->real, options->times);
    if (!(options->target > 0 && options->target < 1))
        return error_set(STATUS_INPUT, "a target of %g; an accuracy lies between 0 and 1", options->target);
    if (!(options->budget_seconds >= 0 && options->budget_seconds < 1e9))
        return error_set(STATUS_INPUT, "a budget of %g seconds", options->budget_seconds);
    return 0;
}

static int check_place(const char *work, const standin_dataset *const *sets, int count)
{
    int status = 0;
    for (int i = 0; work && status == 0 && i < count; i++)
        if (sets[i])
            status = dataset_check_place(dataset_path(sets[i]), work);
    return status;
}

int study_begin(struct study *study, const standin_study_options *options, const standin_dataset *const *sets,
                int count)
{
    *study = (struct study){.options = *options};
    standin_study_options *own = &study->options;
    own->steps = own->steps ? own->steps : STANDIN_CLASSIFIER_STEPS;
    own->seeds = own->seeds ? own->seeds : SEEDS;
    own->folds = own->folds ? own->folds : FOLDS;
    own->times = own->times ? own->times : TIMES;
    own->target = own->target != 0 ? own->target : target;
    if (own->budget_seconds == 0 && own->generator_steps == 0) /* NaN stays and is refused */
        own->budget_seconds = BUDGET;
    int status = check_options(own);
    if (status == 0)
        status = check_place(own->work, sets, count);
    if (status < 0)
        return status;
    study->unknown = json_array();
    return study->unknown ? work_open(&study->work, &(struct work_settings){own->work, own->threads, own->progress,
                                                                            own->progress_context})
                          : error_set(STATUS_MEMORY, "out of memory");
}

void study_end(struct study *study)
{
    work_close(study->work);
    json_decref(study->unknown);
    *study = (struct study){0};
}

/* ---- Notes -------------------------------------------------------------------------------------------------- */

void study_note(struct study *study, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    json_array_append_new(study->unknown, json_string(text));
}

static bool has_groups(const standin_dataset *set)
{
    for (int64_t i = 0; i < standin_dataset_images(set); i++) {
        standin_image about;
        standin_dataset_image(set, i, &about);
        if (*about.group)
            return true;
    }
    return false;
}

void study_note_material(struct study *study, const struct material *material)
{
    if (material->shared > 0)
        study_note(study,
                   "%" PRId64 " of %" PRId64
                   " test images are training images as well (the same pixels): by so much all "
                   "accuracies may be too high.",
                   material->shared, standin_dataset_images(material->all_tests));
    if (has_groups(material->all_tests))
        study_note(study,
                   "Images of one group are alike. Intervals and p take every image for one that is independent of the "
                   "others, and are too narrow by as much.");
    if (material->folded)
        study_note(study,
                   "Of %d folds each was tested on by classifiers that had learned from the others. These have "
                   "training images in "
                   "common: intervals and p are approximate.",
                   material->count);
    const standin_dataset *train = material->cases[0].train;
    if (standin_dataset_classes(material->all_tests) < standin_dataset_classes(train))
        study_note(
            study,
            "The test set has images of %d of the %d classes; being taken for one of the others counts as wrong and "
            "does not appear in the confusion matrix.",
            standin_dataset_classes(material->all_tests), standin_dataset_classes(train));
    study_note(
        study,
        "How the result depends on the classifier: one network was used, with the same number of steps everywhere.");
}

/* ---- Pace --------------------------------------------------------------------------------------------------- */

enum { PACE_STEPS = 8 };

struct pace {
    double at[PACE_STEPS + 1];
    struct study *study;
};

static int note_time(void *context, const standin_classifier_status *status)
{
    struct pace *pace = context;
    pace->at[status->step < PACE_STEPS ? status->step : PACE_STEPS] = status->seconds;
    return work_advance(pace->study->work, "timing a step", 0) < 0;
}

static int time_steps(struct study *study, const standin_dataset *set, double *seconds)
{
    struct pace pace = {.study = study};
    char *model = work_path(study->work, "pace.safetensors");
    standin_classifier_options options = STANDIN_CLASSIFIER_OPTIONS_INIT;
    options.steps = PACE_STEPS;
    options.threads = study->options.threads;
    options.progress = note_time;
    options.progress_context = &pace;
    const int status = model ? standin_classifier_train(model, set, &options) : STATUS_MEMORY;
    if (status == 0)
        remove(model);
    double each[PACE_STEPS - 1];
    for (int i = 0; i < PACE_STEPS - 1; i++)
        each[i] = pace.at[i + 2] - pace.at[i + 1];
    statistics_sort(each, PACE_STEPS - 1);
    *seconds = fmax(statistics_quantile(each, PACE_STEPS - 1, 0.5), 1e-6);
    free(model);
    return status;
}

int study_measure_pace(struct study *study, const standin_dataset *set, double *seconds_a_step)
{
    static const char name[] = "pace";
    char *key = text_format("seconds of a classifier's step at %dx%dx%d", standin_dataset_width(set),
                            standin_dataset_height(set), standin_dataset_channels(set));
    json_t *known = NULL;
    int status = key ? work_recall(&known, study->work, name, key) : STATUS_MEMORY;
    *seconds_a_step = json_number_value(known);
    if (status == 0 && !(*seconds_a_step > 0)) {
        work_begin(study->work);
        status = time_steps(study, set, seconds_a_step);
        json_t *found = json_real(*seconds_a_step);
        if (status == 0)
            status = found ? work_keep(study->work, name, key, found) : STATUS_MEMORY;
        json_decref(found);
    }
    json_decref(known);
    free(key);
    return status;
}

/* ---- Documents ---------------------------------------------------------------------------------------------- */

json_t *study_set(const standin_dataset *set)
{
    return json_pack("{s:s, s:I, s:i, s:s, s:i, s:i, s:i}", "path", dataset_path(set), "images",
                     (json_int_t)standin_dataset_images(set), "classes", standin_dataset_classes(set), "hash",
                     standin_dataset_hash(set), "width", standin_dataset_width(set), "height",
                     standin_dataset_height(set), "channels", standin_dataset_channels(set));
}

json_t *study_interval(double low, double high)
{
    return json_pack("[f, f]", low, high);
}

json_t *study_seed(uint64_t seed)
{
    return seed <= INT64_MAX ? json_integer((json_int_t)seed) : json_sprintf("%" PRIu64, seed);
}

int study_document(char **text, struct study *study, const char *kind, json_t *sets, json_t *body)
{
    json_t *document = json_pack("{s:s, s:s, s:o, s:f, s:o}", "kind", kind, "version", STANDIN_VERSION, "seed",
                                 study_seed(study->options.seed), "seconds", work_seconds(study->work), "sets", sets);
    int failed = !document || !body || json_object_update(document, body) < 0 ||
                 json_object_set(document, "unknown", study->unknown) < 0;
    *text = failed ? NULL : json_dumps(document, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    json_decref(body);
    json_decref(document);
    return *text ? 0 : error_set(STATUS_MEMORY, "out of memory for the document");
}
