#include "study/arm.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int64_t steps_of(const struct arm *arm)
{
    return arm->steps > 0 ? arm->steps : STANDIN_CLASSIFIER_STEPS;
}

/* ---- Training ----------------------------------------------------------------------------------------------- */

/* Everything that a trained classifier's bits depend on, as text to be freed. */
static char *training_key(const struct arm *arm)
{
    return text_format("classifier of Standin " STANDIN_VERSION " on %s%s%s at %dx%dx%d, %" PRId64
                       " steps, seed %" PRIu64 ", augmentation %d, mirror %d",
                       standin_dataset_hash(arm->train), arm->first ? " after " : "",
                       arm->first ? standin_dataset_hash(arm->first) : "", standin_dataset_width(arm->train),
                       standin_dataset_height(arm->train), standin_dataset_channels(arm->train), steps_of(arm),
                       arm->seed, (int)arm->augment, arm->mirror != 0);
}

struct steps_passed {
    struct work *work;
    char *what;
    int64_t told;
};

static int show_step(void *context, const standin_classifier_status *status)
{
    struct steps_passed *passed = context;
    const int64_t units = status->step - passed->told;
    passed->told = status->step;
    return work_advance(passed->work, passed->what, units) < 0;
}

static int train(const char *model, struct work *work, const struct arm *arm)
{
    struct steps_passed passed = {.work = work, .what = text_format("training %s", arm->name)};
    standin_classifier_options options = STANDIN_CLASSIFIER_OPTIONS_INIT;
    options.steps = arm->steps;
    options.seed = arm->seed;
    options.threads = work_threads(work);
    options.augment = arm->augment;
    options.mirror = arm->mirror;
    options.first = arm->first;
    options.progress = show_step;
    options.progress_context = &passed;
    const int status = passed.what ? standin_classifier_train(model, arm->train, &options) : STATUS_MEMORY;
    free(passed.what);
    return status;
}

static char *model_name(const struct arm *arm)
{
    return text_format("%s-%" PRIu64 ".safetensors", arm->name, arm->seed);
}

int arm_train(char **model, struct work *work, const struct arm *arm)
{
    char *key = training_key(arm), *name = model_name(arm);
    json_t *known = NULL;
    *model = name ? work_path(work, name) : NULL;
    int status = key && *model ? work_recall(&known, work, name, key) : STATUS_MEMORY;
    if (status == 0 && known && access(*model, R_OK) == 0) {
        status = work_advance(work, arm->name, steps_of(arm));
    } else if (status == 0) {
        work_begin(work);
        status = train(*model, work, arm);
        json_t *nothing = json_object();
        if (status == 0)
            status = work_keep(work, name, key, nothing);
        json_decref(nothing);
    }
    json_decref(known);
    free(name);
    free(key);
    if (status < 0) {
        free(*model);
        *model = NULL;
    }
    return status;
}

/* ---- Asking ------------------------------------------------------------------------------------------------- */

/* own[class of the classifier] = class of the set, or -1 */
static int32_t *match_classes(const standin_classifier *classifier, const standin_dataset *test)
{
    const int known = standin_classifier_classes(classifier), asked = standin_dataset_classes(test);
    int32_t *own = memory_new((size_t)known, sizeof *own);
    for (int i = 0; own && i < known; i++) {
        own[i] = -1;
        for (int32_t k = 0; k < asked; k++)
            if (strcmp(standin_classifier_class_name(classifier, i), standin_dataset_class_name(test, k)) == 0)
                own[i] = k;
    }
    return own;
}

static int predict(int32_t *predicted, const char *model, struct work *work, const standin_dataset *test)
{
    standin_classifier *classifier;
    int status = standin_classifier_open(&classifier, model, work_threads(work));
    if (status < 0)
        return status;
    int32_t *own = match_classes(classifier, test);
    const int64_t images = standin_dataset_images(test);
    if (standin_classifier_width(classifier) != standin_dataset_width(test) ||
        standin_classifier_height(classifier) != standin_dataset_height(test) ||
        standin_classifier_channels(classifier) != standin_dataset_channels(test))
        status =
            error_set(STATUS_INPUT, "%s: opened in another size or colour than what the classifier has learned from",
                      dataset_path(test));
    if (status == 0)
        status = own ? standin_classifier_predict(classifier, dataset_pixels(test), images, predicted) : STATUS_MEMORY;
    for (int64_t i = 0; status == 0 && i < images; i++)
        predicted[i] = own[predicted[i]];
    free(own);
    standin_classifier_free(classifier);
    return status;
}

static json_t *json_of(const int32_t *predicted, int64_t images)
{
    json_t *array = json_array();
    for (int64_t i = 0; array && i < images; i++)
        json_array_append_new(array, json_integer(predicted[i]));
    return array;
}

/* False if that is not what was kept: then it is done again. */
static bool read_json(int32_t *predicted, int64_t images, int classes, const json_t *array)
{
    bool good = (int64_t)json_array_size(array) == images;
    for (int64_t i = 0; good && i < images; i++) {
        const json_t *number = json_array_get(array, (size_t)i);
        const json_int_t value = json_integer_value(number);
        good = json_is_integer(number) && value >= -1 && value < classes;
        predicted[i] = good ? (int32_t)value : -1;
    }
    return good;
}

static int ask(int32_t *predicted, struct work *work, const struct arm *arm, const char *name, const char *key,
               const standin_dataset *test)
{
    char *model;
    int status = arm_train(&model, work, arm);
    if (status < 0)
        return status;
    work_begin(work);
    status = predict(predicted, model, work, test);
    json_t *array = status == 0 ? json_of(predicted, standin_dataset_images(test)) : NULL;
    if (status == 0)
        status = array ? work_keep(work, name, key, array) : STATUS_MEMORY;
    json_decref(array);
    free(model);
    return status;
}

/* The training behind answers that are known: only so that its seconds count. */
static int pass_over(struct work *work, const struct arm *arm, const char *training)
{
    json_t *known = NULL;
    char *name = model_name(arm);
    int status = name ? work_recall(&known, work, name, training) : STATUS_MEMORY;
    json_decref(known);
    free(name);
    return status == 0 ? work_advance(work, arm->name, steps_of(arm)) : status;
}

int arm_predict(int32_t **predicted, struct work *work, const struct arm *arm, const char *test_name,
                const standin_dataset *test)
{
    const int64_t images = standin_dataset_images(test);
    char *training = training_key(arm), *name = text_format("%s-%" PRIu64 "-on-%s", arm->name, arm->seed, test_name);
    char *key = training ? text_format("%s; asked about %s", training, standin_dataset_hash(test)) : NULL;
    json_t *known = NULL;
    *predicted = memory_new((size_t)images, sizeof **predicted);
    int status = name && key && *predicted ? work_recall(&known, work, name, key) : STATUS_MEMORY;
    if (status == 0 && known && read_json(*predicted, images, standin_dataset_classes(test), known))
        status = pass_over(work, arm, training);
    else if (status == 0)
        status = ask(*predicted, work, arm, name, key, test);
    json_decref(known);
    free(key);
    free(name);
    free(training);
    if (status < 0) {
        free(*predicted);
        *predicted = NULL;
    }
    return status;
}

int64_t arm_count(int64_t *counts, const standin_dataset *test, const int32_t *predicted)
{
    const int64_t images = standin_dataset_images(test), classes = standin_dataset_classes(test);
    const int32_t *label = dataset_labels(test);
    int64_t hits = 0;
    for (int64_t i = 0; i < images; i++) {
        hits += predicted[i] == label[i];
        if (counts && predicted[i] >= 0)
            counts[label[i] * classes + predicted[i]]++;
    }
    return hits;
}
