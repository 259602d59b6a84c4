/* The loop: a batch, a step, news; now and then samples and a checkpoint; after NaN, back to the last good
 * checkpoint with half the learning rate. */
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "train/trainer_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double sample_seconds_default = 30, checkpoint_seconds_default = 60, metrics_seconds = 1;

/* --- Putting together ------------------------------------------------------------------------------------- */

static int check_dataset(const standin_dataset *dataset, const struct recipe *recipe)
{
    if (standin_dataset_width(dataset) != recipe->width || standin_dataset_height(dataset) != recipe->height)
        return error_set(STATUS_INPUT, "the recipe's size is %dx%d, the dataset was opened at %dx%d", recipe->width,
                         recipe->height, standin_dataset_width(dataset), standin_dataset_height(dataset));
    return 0;
}

static int put_together(struct trainer *trainer, int threads)
{
    const standin_dataset *dataset = trainer->dataset;
    int status = settings_from_recipe(&trainer->settings, &trainer->recipe, standin_dataset_channels(dataset),
                                      standin_dataset_classes(dataset));
    if (status == 0)
        status = pool_new(&trainer->pool, threads);
    if (status == 0)
        status = store_new(&trainer->store, cpu_f32.type);
    if (status == 0)
        status = stepper_new(&trainer->stepper, dataset, &trainer->recipe, &trainer->settings, trainer->seed,
                             trainer->store, trainer->pool, trainer->shards);
    if (status == 0)
        status = sampler_new(&trainer->sampler, &trainer->settings, trainer->store, trainer->pool, trainer->shards,
                             trainer->seed);
    if (status == 0)
        status =
            watch_new(&trainer->watch, dataset, &trainer->recipe, &trainer->settings, stepper_feed(trainer->stepper),
                      trainer->seed, trainer->store, trainer->pool, trainer->shards);
    watch_alarms_begin(&trainer->alarms, dataset, &trainer->settings);
    return status;
}

int trainer_new(struct trainer **out, const standin_dataset *dataset, const struct recipe *recipe, uint64_t seed,
                int threads, int shards)
{
    *out = NULL;
    int status = check_dataset(dataset, recipe);
    if (status < 0)
        return status;
    struct trainer *trainer = memory_new(1, sizeof *trainer);
    if (!trainer)
        return STATUS_MEMORY;
    trainer->dataset = dataset;
    trainer->recipe = *recipe;
    trainer->seed = seed;
    trainer->shards = shards ? shards : SHARDS_DEFAULT;
    trainer->rate_scale = 1;
    status = put_together(trainer, threads);
    if (status < 0) {
        trainer_free(trainer);
        return status;
    }
    *out = trainer;
    return 0;
}

void trainer_free(struct trainer *trainer)
{
    if (!trainer)
        return;
    metrics_close(trainer->metrics);
    watch_free(trainer->watch);
    sampler_free(trainer->sampler);
    stepper_free(trainer->stepper);
    store_free(trainer->store);
    pool_free(trainer->pool);
    free(trainer);
}

/* --- One step --------------------------------------------------------------------------------------------- */

/* The share of the training that lies behind: by steps, which are always known once it runs. */
static double share_done(const struct trainer *trainer)
{
    return trainer->goal.steps > 0 ? fmin(1, (double)trainer->step / (double)trainer->goal.steps) : 0;
}

struct step_moment trainer_moment(const struct trainer *trainer)
{
    return (struct step_moment){trainer->step, share_done(trainer), trainer->rate_scale, trainer->goal.steps};
}

int trainer_take_step(struct trainer *trainer)
{
    const struct step_moment moment = trainer_moment(trainer);
    const int status = stepper_take(trainer->stepper, &moment, &trainer->last);
    if (status < 0)
        return status;
    watch_see(trainer->watch, &trainer->last);
    trainer->step++;
    return 0;
}

static int64_t parameters(const struct weights *weights)
{
    int64_t count = 0;
    for (int i = 0; i < weights->count; i++)
        count += shape_elements(&weights->state[i]->shape);
    return count;
}

/* Seconds a step. The first touches all memory for the first time; of slow ones, a single other one is enough. */
static int time_steps(double *seconds, struct trainer *trainer)
{
    enum { TIMED = 2 };
    static const double slow = 10;
    int steps = 1 + TIMED;
    *seconds = HUGE_VAL;
    for (int i = 0; i < steps; i++) {
        const standin_training_status news = {.step = i, .steps = steps, .event = "timing"};
        int status = trainer_tell(trainer, &news);
        if (status < 0)
            return error_set(status, "stopped while steps were timed");
        const double start = clock_now();
        status = trainer_take_step(trainer);
        if (status < 0)
            return status;
        const double took = clock_now() - start;
        if (i > 0 && took < *seconds)
            *seconds = took;
        if (took > slow)
            steps = 2;
    }
    return 0;
}

int trainer_estimate(struct trainer *trainer, standin_estimate *estimate, const standin_train_options *options)
{
    const int threads = pool_threads(trainer->pool);
    const struct plan_cost cost = stepper_cost(trainer->stepper, threads);
    const int64_t image =
        (int64_t)trainer->recipe.width * trainer->recipe.height * standin_dataset_channels(trainer->dataset);
    double seconds;
    trainer->options = options;
    const int status = time_steps(&seconds, trainer);
    if (status < 0)
        return status;
    *estimate = (standin_estimate){
        .parameters_g = parameters(&stepper_graph(trainer->stepper)->weights_g),
        .parameters_d = parameters(&stepper_graph(trainer->stepper)->weights_d),
        .memory_bytes = (int64_t)(cost.memory + store_bytes(trainer->store) + sampler_bytes(trainer->sampler, threads) +
                                  watch_bytes(trainer->watch, threads)) +
                        image * standin_dataset_images(trainer->dataset),
        .step_flops = cost.contraction_flops,
        .step_seconds = seconds,
    };
    return 0;
}

/* --- The loop --------------------------------------------------------------------------------------------- */

/* Back to the last good checkpoint, more carefully from there. */
static int retreat(struct trainer *trainer)
{
    const int64_t failed_at = trainer->step;
    if (++trainer->retreats > RETREATS_MAXIMUM)
        return error_set(STATUS_FAILED,
                         "%s: the losses were not numbers at step %lld, after %d retreats; try lower learning rates",
                         trainer->run, (long long)failed_at, RETREATS_MAXIMUM);
    trainer->rate_scale /= 2;
    int status = trainer_load(trainer, trainer->run, false);
    if (status < 0)
        return status;
    char *text =
        text_format("the losses were not numbers at step %lld: back to step %lld, with half the learning rates",
                    (long long)failed_at, (long long)trainer->step);
    if (!text)
        return STATUS_MEMORY;
    status = trainer_write_event(trainer, "retreat", NULL, text);
    if (status == 0)
        status = trainer_say(trainer, text);
    free(text);
    return status;
}

static double seconds_or(double wanted, double fallback)
{
    return wanted > 0 ? wanted : fallback;
}

static int one_round(struct trainer *trainer)
{
    const double start = clock_now();
    int status = trainer_take_step(trainer);
    if (status < 0)
        return status;
    if (!isfinite(trainer->last.loss_d) || !isfinite(trainer->last.loss_g))
        return retreat(trainer);
    const double took = clock_now() - start;
    const bool fresh = trainer->step - trainer->first_step <= 2; /* the first step touches memory for the first time */
    trainer->step_seconds = fresh ? took : 0.9 * trainer->step_seconds + 0.1 * took;
    if (clock_now() - trainer->measured_at >= metrics_seconds || trainer_is_done(trainer))
        status = trainer_write_metrics(trainer, NULL);
    const standin_training_status news = trainer_status_now(trainer, NULL);
    const int asked = trainer_tell(trainer, &news);
    if (status == 0 &&
        clock_now() - trainer->sampled_at >= seconds_or(trainer->options->sample_seconds, sample_seconds_default)) {
        status = trainer_show_samples(trainer);
        if (status == 0)
            status = trainer_look(trainer);
    }
    if (status == 0 &&
        clock_now() - trainer->saved_at >= seconds_or(trainer->options->checkpoint_seconds, checkpoint_seconds_default))
        status = trainer_weights_are_finite(trainer) ? trainer_save(trainer) : retreat(trainer);
    return status < 0 ? status : asked;
}

static int write_profile(const struct trainer *trainer)
{
    char *text;
    int status = stepper_profile_text(&text, trainer->stepper);
    if (status < 0)
        return status;
    status = file_replace(trainer->options->profile, text, strlen(text));
    free(text);
    return status;
}

static int loop(struct trainer *trainer)
{
    enum { WARM = 2, TIMED = 10 }; /* steps, where none were timed before */
    int status = 0;
    double warm_at = clock_now();
    while (status == 0 && !trainer_is_done(trainer)) {
        status = one_round(trainer);
        if (trainer->step == trainer->first_step + WARM)
            warm_at = clock_now();
        if (status == 0 && !trainer->predicted && trainer->step == trainer->first_step + WARM + TIMED)
            status = trainer_predict(trainer, (clock_now() - warm_at) / TIMED);
        if (status == 0)
            status = trainer_use_time_left(trainer);
        if (trainer->options->profile && trainer->step == trainer->first_step + 2)
            stepper_profile(trainer->stepper);
    }
    return status;
}

static const char *ending(int status)
{
    return status == 0 ? "finished" : status == STATUS_INTERRUPTED ? "stopped" : "failed";
}

static int run_session(struct trainer *trainer)
{
    const char *run = trainer->run;
    const standin_train_options *options = trainer->options;
    trainer->first_step = trainer->step;
    int status = metrics_open(&trainer->metrics, run, trainer->step);
    if (trainer->step == 0 && options->steps == 0 && options->budget_seconds > 0)
        trainer->goal = (struct goal){0, options->budget_seconds};
    if (status == 0 && trainer->step == 0)
        status = trainer_save(trainer); /* from here on there is always something to go back to */
    if (status == 0)
        status = trainer_set_goal(trainer);
    if (status == 0)
        status = trainer_write_event(trainer, "started", NULL, NULL);
    trainer->saved_at = clock_now();
    if (status == 0)
        status = loop(trainer);
    if (status == 0 || status == STATUS_INTERRUPTED) {
        const int asked = status;
        status = trainer_weights_are_finite(trainer)
                     ? trainer_save(trainer)
                     : error_set(STATUS_FAILED, "%s: the weights are not numbers after the last step %lld", run,
                                 (long long)trainer->step);
        if (status == 0 && asked == 0)
            status = trainer_show_samples(trainer);
        if (status == 0 && asked == 0)
            status = trainer_look_back(trainer);
        if (status == 0)
            status = asked;
    }
    if (status == 0 && options->profile)
        status = write_profile(trainer);
    if (trainer->metrics && trainer_write_event(trainer, ending(status), NULL, NULL) < 0 && status == 0)
        status = STATUS_FILE;
    if (status == STATUS_INTERRUPTED)
        error_set(status, "%s: stopped at step %lld", run, (long long)trainer->step);
    return status;
}

int trainer_run(struct trainer *trainer, const char *run, const standin_train_options *options)
{
    trainer->run = run;
    trainer->options = options;
    trainer->started = trainer->measured_at = trainer->sampled_at = trainer->looked_at = clock_now();
    const int status = trainer_check_goal(trainer);
    if (status < 0)
        return status;
    if (!trainer_is_at_goal(trainer))
        return run_session(trainer);
    const standin_training_status news = trainer_status_now(trainer, "reached");
    trainer_tell(trainer, &news); /* there is nothing to be stopped */
    return 0;
}
