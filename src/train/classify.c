/* The course of a training: a fixed number of steps, a learning rate that rises and then falls to 0 along a cosine, and
 * one file at the end. Nothing is written before that. */
#include "train/classify.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "data/dataset.h"
#include "data/derive.h"
#include "run/profile.h"
#include "train/classify_feed.h"
#include "train/classify_model.h"
#include "train/classify_step.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct classify_course classify_course_default = {
    .batch = 64, .features = 32, .peak_rate = 6e-3, .weight_decay = 0.02, .smoothing = 0.1};

static const double warm_up = 0.15;         /* of the steps: while the rate rises */
static const double statistics_rate = 0.05; /* about the last twenty batches count */
static const double first_share = 0.6;      /* of the steps: while images to begin with are shown */
static const double pi = 3.14159265358979323846;

struct training {
    struct classify_settings settings;
    const struct classify_course *course;
    const standin_classifier_options *options;
    int64_t steps;
    struct pool *pool;
    struct classify_step step;
    struct plan *plan;
    struct store *store;
    struct executor *executor;
    struct classify_scalars scalars;
    struct classify_feed *feed;
    standin_dataset *joined; /* with images to begin with, or NULL */
    double loss, started;
};

/* ---- Putting together ------------------------------------------------------------------------------------- */

static int check_dataset(const standin_dataset *dataset)
{
    const int classes = standin_dataset_classes(dataset);
    if (!dataset_pixels(dataset))
        return error_set(STATUS_INPUT, "the dataset was opened without a size: there are no pixels to train on");
    if (classes < 2)
        return error_set(STATUS_INPUT, "a classifier needs at least two classes, and there is only '%s'",
                         standin_dataset_class_name(dataset, 0));
    int single = 0, first = 0;
    for (int i = classes - 1; i >= 0; i--)
        if (standin_dataset_class_images(dataset, i) == 1) {
            single++;
            first = i;
        }
    if (single > 0)
        log_line("%d of %d classes, '%s' the first, have a single image", single, classes,
                 standin_dataset_class_name(dataset, first));
    return 0;
}

static int make_machine(struct training *training)
{
    int status = classify_step_make(&training->step, &training->settings);
    if (status == 0)
        status = pool_new(&training->pool, training->options->threads);
    if (status == 0)
        status = plan_make(&training->plan, training->step.graph, &cpu_f32, SHARDS_DEFAULT);
    if (status == 0)
        status = store_new(&training->store, cpu_f32.type);
    if (status == 0)
        status = store_add_states(training->store, training->step.graph, training->options->seed);
    if (status == 0)
        status = executor_new(&training->executor, training->plan, training->store, training->pool);
    return status == 0 ? classify_scalars_bind(&training->scalars, training->executor) : status;
}

/* *all: the set, or it and behind it the images to begin with, to be freed. */
static int join_first(standin_dataset **all, const standin_dataset *dataset, const standin_dataset *first)
{
    const int status = derive_joined(all, (const standin_dataset *[]){dataset, first}, 2);
    if (status < 0 || standin_dataset_classes(*all) == standin_dataset_classes(dataset))
        return status;
    error_set(STATUS_INPUT, "%s: a class '%s' to begin with, which %s has not got", dataset_path(first),
              standin_dataset_class_name(*all, standin_dataset_classes(dataset)), dataset_path(dataset));
    standin_dataset_free(*all);
    *all = NULL;
    return STATUS_INPUT;
}

static int make_feed(struct training *training, const standin_dataset *dataset)
{
    const standin_dataset *first = training->options->first;
    int status = first ? join_first(&training->joined, dataset, first) : 0;
    if (status < 0)
        return status;
    const struct classify_feed_settings settings = {.seed = training->options->seed,
                                                    .batch = training->course->batch,
                                                    .augment = training->options->augment == STANDIN_AUGMENT_CLASSIC,
                                                    .mirror = training->options->mirror != 0,
                                                    .smoothing = training->course->smoothing,
                                                    .others = first ? standin_dataset_images(first) : 0,
                                                    .steps = (int64_t)ceil(first_share * (double)training->steps)};
    status = classify_feed_new(&training->feed, first ? training->joined : dataset, &settings, training->pool);
    if (status == 0)
        status = executor_bind(training->executor, "images", classify_feed_images(training->feed));
    return status == 0 ? executor_bind(training->executor, "targets", classify_feed_targets(training->feed)) : status;
}

static void put_away(struct training *training)
{
    classify_feed_free(training->feed);
    standin_dataset_free(training->joined);
    executor_free(training->executor);
    store_free(training->store);
    plan_free(training->plan);
    pool_free(training->pool);
    classify_step_free(&training->step);
}

/* ---- The loop --------------------------------------------------------------------------------------------- */

/* Their share of a batch falls evenly from 1 to 0. */
int64_t classify_first_shown(int64_t steps)
{
    return (int64_t)(first_share * (double)steps / 2) * classify_course_default.batch;
}

/* Of the peak, when this part of the steps is done. */
static double rate_at(double done)
{
    return done < warm_up ? done / warm_up : (1 + cos(pi * (done - warm_up) / (1 - warm_up))) / 2;
}

static int take_step(struct training *training, int64_t step)
{
    const double mean = 1 / (double)(step + 1); /* at first, the plain mean of all batches */
    const struct classify_schedule schedule = {
        .step = step,
        .rate = training->course->peak_rate * rate_at(((double)step + 0.5) / (double)training->steps),
        .weight_decay = training->course->weight_decay,
        .statistics_rate = mean > statistics_rate ? mean : statistics_rate};
    classify_scalars_set(&training->scalars, &schedule);
    classify_feed_fill(training->feed, step);
    const int status = executor_run(training->executor, training->options->seed, (uint64_t)step);
    if (status < 0)
        return status;
    training->loss = (double)*(const float *)executor_output(training->executor, training->step.loss);
    if (!isfinite(training->loss))
        return error_set(STATUS_FAILED, "the classifier's loss is not a number at step %lld; it was not written",
                         (long long)step + 1);
    return 0;
}

static int tell(const struct training *training, int64_t done)
{
    if (!training->options->progress)
        return 0;
    const double seconds = clock_now() - training->started, each = seconds / (double)done;
    const standin_classifier_status status = {.step = done,
                                              .steps = training->steps,
                                              .loss = training->loss,
                                              .images_per_second = (double)training->course->batch / each,
                                              .seconds = seconds,
                                              .seconds_left = each * (double)(training->steps - done)};
    if (training->options->progress(training->options->progress_context, &status) != 0)
        return error_set(STATUS_INTERRUPTED, "the classifier stopped at step %lld of %lld and was not written",
                         (long long)done, (long long)training->steps);
    return 0;
}

static int loop(struct training *training)
{
    enum { FIRST_PROFILED = 2 }; /* the first ones touch memory for the first time */
    int status = 0;
    training->started = clock_now();
    for (int64_t step = 0; status == 0 && step < training->steps; step++) {
        if (training->options->profile && step == FIRST_PROFILED)
            executor_profile(training->executor, true);
        status = take_step(training, step);
        if (status == 0)
            status = tell(training, step + 1);
    }
    return status;
}

/* Whether the file can be written is better known before the work than after it. */
static int try_to_write(const char *path)
{
    struct file_writer *writer;
    const int status = file_writer_open(&writer, path);
    if (status == 0)
        file_writer_abandon(writer);
    return status;
}

static int write_profile(const struct training *training)
{
    char *text;
    int status = executor_profile_text(&text, training->executor);
    if (status < 0)
        return status;
    status = file_replace(training->options->profile, text, strlen(text));
    free(text);
    return status;
}

int classify_train(const char *path, const standin_dataset *dataset, const standin_classifier_options *options,
                   const struct classify_course *course)
{
    int status = check_dataset(dataset);
    if (status == 0)
        status = try_to_write(path);
    if (status < 0)
        return status;
    struct training training = {
        .settings = {.network = {.height = standin_dataset_height(dataset),
                                 .width = standin_dataset_width(dataset),
                                 .channels = standin_dataset_channels(dataset),
                                 .classes = standin_dataset_classes(dataset),
                                 .features = course->features},
                     .batch = course->batch},
        .course = course,
        .options = options,
        .steps = options->steps > 0 ? options->steps : STANDIN_CLASSIFIER_STEPS,
    };
    const struct classify_origin origin = {dataset, options, training.steps};
    status = make_machine(&training);
    if (status == 0)
        status = make_feed(&training, dataset);
    if (status == 0)
        status = loop(&training);
    if (status == 0)
        status = classify_model_save(path, &training.settings.network, training.store, &origin);
    if (status == 0 && options->profile)
        status = write_profile(&training);
    put_away(&training);
    return status;
}

int standin_classifier_train(const char *path, const standin_dataset *dataset,
                             const standin_classifier_options *options)
{
    return classify_train(path, dataset, options, &classify_course_default);
}
