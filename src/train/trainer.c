/* The loop: a batch, a step, news; now and then samples and a checkpoint; after NaN, back to the last good
 * checkpoint with half the learning rate. */
#include "train/trainer.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "train/checkpoint.h"
#include "train/origin.h"
#include "train/run_folder.h"
#include "train/sampler.h"
#include "train/stepper.h"
#include "train/watch_alarm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RETREATS_MAXIMUM = 5 };
static const double sample_seconds_default = 30, checkpoint_seconds_default = 60, metrics_seconds = 1;
static const double look_share = 0.02, last_look_share = 0.05; /* of the time since the watch's last look */
static const double used = 0.97; /* of the time, by steps; the rest is for samples and checkpoints */
static const double worth_planning = 0.05; /* of the time, if it is left after the last step */

struct goal {
    int64_t steps;  /* 0: until the time is up */
    double seconds; /* 0: no limit */
};

struct trainer {
    const standin_dataset *dataset;
    struct recipe recipe;
    struct step_settings settings;
    uint64_t seed;
    int shards;
    struct pool *pool;
    struct store *store;
    struct stepper *stepper;
    struct sampler *sampler;
    struct watch *watch;
    struct watch_alarms alarms;

    int64_t step;      /* done so far */
    double seconds;    /* that earlier sessions took */
    double rate_scale; /* halved after each retreat */
    int64_t retreats;
    struct goal goal;

    /* of this session */
    const char *run;
    const standin_train_options *options;
    struct metrics *metrics;
    double started, saved_at, sampled_at, measured_at;
    int64_t first_step;
    double step_seconds; /* smoothed */
    bool predicted;      /* run.json says how long all of it takes */
    double save_seconds; /* what the last save took */
    double looked_at, look_seconds; /* the watch's last look, and what it took; 0: not known yet */
    struct step_news last;
};

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

static struct step_moment moment_now(const struct trainer *trainer)
{
    return (struct step_moment){trainer->step, share_done(trainer), trainer->rate_scale, trainer->goal.steps};
}

static int take_step(struct trainer *trainer)
{
    const struct step_moment moment = moment_now(trainer);
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

int trainer_estimate(struct trainer *trainer, standin_estimate *estimate)
{
    const int threads = pool_threads(trainer->pool);
    const struct plan_cost cost = stepper_cost(trainer->stepper, threads);
    const int64_t image =
        (int64_t)trainer->recipe.width * trainer->recipe.height * standin_dataset_channels(trainer->dataset);
    enum { TIMED = 2 };
    double seconds = HUGE_VAL;
    for (int i = 0; i <= TIMED; i++) { /* the first touches all memory for the first time */
        const double start = clock_now();
        const int status = take_step(trainer);
        if (status < 0)
            return status;
        if (i > 0 && clock_now() - start < seconds)
            seconds = clock_now() - start;
    }
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

/* --- Checkpoints ------------------------------------------------------------------------------------------ */

static double elapsed(const struct trainer *trainer)
{
    return trainer->seconds + clock_now() - trainer->started;
}

static int describe(const struct trainer *trainer, struct metadata *metadata)
{
    int status = origin_write(metadata, &trainer->recipe, trainer->seed, trainer->shards, trainer->dataset);
    if (status == 0 && (status = metadata_set_integer(metadata, "step", trainer->step)) == 0 &&
        (status = metadata_set_integer(metadata, "goal.steps", trainer->goal.steps)) == 0 &&
        (status = metadata_set_real(metadata, "goal.seconds", trainer->goal.seconds)) == 0 &&
        (status = metadata_set_real(metadata, "seconds", elapsed(trainer))) == 0 &&
        (status = metadata_set_real(metadata, "rate-scale", trainer->rate_scale)) == 0)
        status = metadata_set_integer(metadata, "retreats", trainer->retreats);
    return status;
}

/* A step can overflow the weights and still show finite losses: a checkpoint of such weights would be no way back. */
static bool weights_are_finite(const struct trainer *trainer)
{
    for (int i = 0; i < store_tensors(trainer->store); i++) {
        const struct tensor *tensor = store_tensor(trainer->store, i);
        const float *number = tensor->data;
        for (int64_t k = 0; k < shape_elements(&tensor->shape); k++)
            if (!isfinite(number[k]))
                return false;
    }
    return true;
}

static int save(struct trainer *trainer)
{
    const double start = clock_now();
    char *path = run_path(trainer->run, CHECKPOINT_NAME);
    struct metadata *metadata = NULL;
    int status = path ? metadata_new(&metadata) : STATUS_MEMORY;
    if (status == 0)
        status = sampler_update_statistics(trainer->sampler, trainer->recipe.standing_batches);
    if (status == 0)
        status = describe(trainer, metadata);
    if (status == 0)
        status = stepper_save(trainer->stepper, metadata);
    if (status == 0)
        status = checkpoint_save(path, trainer->store, metadata);
    metadata_free(metadata);
    free(path);
    trainer->saved_at = clock_now();
    trainer->save_seconds = trainer->saved_at - start;
    return status;
}

static int read_description(struct trainer *trainer, const struct metadata *metadata, bool resuming)
{
    int status = origin_check_dataset(metadata, trainer->dataset);
    if (status == 0)
        status = metadata_integer(metadata, "step", 0, INT64_MAX / 2, &trainer->step);
    if (status < 0 || !resuming)
        return status;
    if ((status = metadata_real(metadata, "seconds", 0, 1e12, &trainer->seconds)) < 0 ||
        (status = metadata_real(metadata, "rate-scale", 0, 1, &trainer->rate_scale)) < 0 ||
        (status = metadata_integer(metadata, "retreats", 0, RETREATS_MAXIMUM, &trainer->retreats)) < 0 ||
        (status = metadata_integer(metadata, "goal.steps", 0, INT64_MAX / 2, &trainer->goal.steps)) < 0)
        return status;
    return metadata_real(metadata, "goal.seconds", 0, 1e12, &trainer->goal.seconds);
}

static int load(struct trainer *trainer, const char *run, bool resuming)
{
    struct checkpoint *checkpoint;
    int status = checkpoint_open(&checkpoint, run);
    if (status < 0)
        return status;
    status = read_description(trainer, checkpoint_metadata(checkpoint), resuming);
    if (status < 0)
        error_prefix(status, "%s", checkpoint_path(checkpoint));
    else
        status = checkpoint_load(checkpoint, trainer->store, true);
    if (status == 0)
        status = stepper_load(trainer->stepper, checkpoint_metadata(checkpoint));
    checkpoint_close(checkpoint);
    stepper_states_changed(trainer->stepper);
    return status;
}

int trainer_restore(struct trainer *trainer, const char *run)
{
    return load(trainer, run, true);
}

/* --- News ------------------------------------------------------------------------------------------------- */

static double seconds_left(const struct trainer *trainer)
{
    const double by_steps =
        trainer->goal.steps ? (double)(trainer->goal.steps - trainer->step) * trainer->step_seconds : HUGE_VAL;
    const double by_time = trainer->goal.seconds > 0 ? trainer->goal.seconds - elapsed(trainer) : HUGE_VAL;
    const double left = by_steps < by_time ? by_steps : by_time;
    return left > 0 ? left : 0;
}

static standin_training_status status_now(const struct trainer *trainer, const char *event)
{
    const double left = seconds_left(trainer);
    return (standin_training_status){
        .step = trainer->step,
        .steps = trainer->goal.steps          ? trainer->goal.steps
                 : trainer->step_seconds > 0 ? trainer->step + (int64_t)(left / trainer->step_seconds)
                                             : trainer->step,
        .loss_d = trainer->last.loss_d,
        .loss_g = trainer->last.loss_g,
        .images_per_second = trainer->step_seconds > 0 ? (double)trainer->settings.batch / trainer->step_seconds : 0,
        .seconds = elapsed(trainer),
        .seconds_left = left,
        .event = event,
        .width = trainer->recipe.width,
        .height = trainer->recipe.height,
        .channels = standin_dataset_channels(trainer->dataset),
    };
}

/* Returns STATUS_INTERRUPTED if the caller asks to stop. */
static int tell(const struct trainer *trainer, const standin_training_status *news)
{
    standin_training_function *progress = trainer->options->progress;
    return progress && progress(trainer->options->progress_context, news) ? STATUS_INTERRUPTED : 0;
}

static int show_samples(struct trainer *trainer)
{
    standin_training_status news = status_now(trainer, "samples");
    int status = sampler_grid(trainer->sampler, &news.samples);
    if (status < 0)
        return status;
    news.sample_count = (int)sampler_images(trainer->sampler);
    news.sample_columns = SAMPLER_COLUMNS;
    status = run_write_samples(trainer->run, trainer->step, news.samples, news.sample_count, news.sample_columns,
                               news.width, news.height, news.channels);
    trainer->sampled_at = clock_now();
    return status < 0 ? status : tell(trainer, &news);
}

/* Trouble, in words: to the log and to whoever follows the training. */
static int say(const struct trainer *trainer, const char *sentence)
{
    const standin_training_status news = status_now(trainer, sentence);
    log_line("%s", sentence);
    return tell(trainer, &news);
}

static int write_event(struct trainer *trainer, const char *event, const char *alarm, const char *sentence)
{
    const bool plans = strcmp(event, "started") == 0 || strcmp(event, "prolonged") == 0;
    const struct metrics_event line = {.step = trainer->step,
                                       .event = event,
                                       .alarm = alarm,
                                       .sentence = sentence,
                                       .steps = plans ? trainer->goal.steps : 0,
                                       .limit_seconds = plans ? trainer->goal.seconds : 0};
    return metrics_write_event(trainer->metrics, &line);
}

/* looked: the figures of a look that has just been taken, or NULL. */
static int write_metrics(struct trainer *trainer, const struct watch_figures *looked)
{
    struct metrics_line line = {
        .step = trainer->step,
        .loss_d = trainer->last.loss_d,
        .loss_g = trainer->last.loss_g,
        .logit_real = trainer->last.logit_real,
        .logit_fake = trainer->last.logit_fake,
        .images_per_second = trainer->step_seconds > 0 ? (double)trainer->settings.batch / trainer->step_seconds : 0,
        .seconds = elapsed(trainer)};
    if (looked) {
        line.looked = true;
        line.diversity = watch_least_diversity(looked);
        line.contrast = watch_least_contrast(looked);
        line.distance = looked->distance;
        line.overfitting = looked->overfitting;
    }
    trainer->measured_at = clock_now();
    return metrics_write(trainer->metrics, &line);
}

/* A look may take this share of the time since the one before; before the first it is taken for two steps. */
static bool can_afford_look(const struct trainer *trainer, double share)
{
    const double cost = trainer->look_seconds > 0 ? trainer->look_seconds : 2 * trainer->step_seconds;
    return cost <= share * (clock_now() - trainer->looked_at);
}

static int look(struct trainer *trainer, bool last)
{
    const double start = clock_now();
    const struct step_moment moment = moment_now(trainer);
    struct watch_figures figures;
    int status = watch_look(trainer->watch, &moment, &figures);
    if (status == 0)
        status = write_metrics(trainer, &figures);
    if (status < 0)
        return status;
    watch_alarms_hear(&trainer->alarms, &figures, last);
    for (enum alarm_kind i = 0; status == 0 && i < ALARM_KINDS; i++) {
        const struct alarm *alarm = &trainer->alarms.alarm[i];
        if (alarm->changed)
            status = write_event(trainer, alarm->holds ? "alarm" : "over", watch_alarm_name(i), alarm->sentence);
        if (alarm->changed && status == 0)
            status = say(trainer, alarm->sentence);
    }
    trainer->looked_at = clock_now();
    trainer->look_seconds = trainer->looked_at - start;
    return status;
}

/* The last look of a training, after which what is still the matter is said again. */
static int look_back(struct trainer *trainer)
{
    bool known[ALARM_KINDS];
    for (int i = 0; i < ALARM_KINDS; i++)
        known[i] = trainer->alarms.alarm[i].holds;
    const bool changed = trainer->step > trainer->first_step;
    int status = changed && can_afford_look(trainer, last_look_share) ? look(trainer, true) : 0;
    for (int i = 0; status == 0 && i < ALARM_KINDS; i++)
        if (known[i] && trainer->alarms.alarm[i].holds) {
            char text[ALARM_TEXT + 16];
            snprintf(text, sizeof text, "at the end: %s", trainer->alarms.alarm[i].sentence);
            status = say(trainer, text);
        }
    return status;
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
    int status = load(trainer, trainer->run, false);
    if (status < 0)
        return status;
    char *text =
        text_format("the losses were not numbers at step %lld: back to step %lld, with half the learning rates",
                    (long long)failed_at, (long long)trainer->step);
    if (!text)
        return STATUS_MEMORY;
    status = write_event(trainer, "retreat", NULL, text);
    if (status == 0)
        status = say(trainer, text);
    free(text);
    return status;
}

static bool is_done(const struct trainer *trainer)
{
    if (trainer->goal.steps > 0 && trainer->step >= trainer->goal.steps)
        return true;
    return trainer->goal.seconds > 0 &&
           elapsed(trainer) + trainer->step_seconds + trainer->save_seconds >= trainer->goal.seconds;
}

static double seconds_or(double wanted, double fallback)
{
    return wanted > 0 ? wanted : fallback;
}

static int one_round(struct trainer *trainer)
{
    const double start = clock_now();
    int status = take_step(trainer);
    if (status < 0)
        return status;
    if (!isfinite(trainer->last.loss_d) || !isfinite(trainer->last.loss_g))
        return retreat(trainer);
    const double took = clock_now() - start;
    const bool fresh = trainer->step - trainer->first_step <= 2; /* the first step touches memory for the first time */
    trainer->step_seconds = fresh ? took : 0.9 * trainer->step_seconds + 0.1 * took;
    if (clock_now() - trainer->measured_at >= metrics_seconds || is_done(trainer))
        status = write_metrics(trainer, NULL);
    const standin_training_status news = status_now(trainer, NULL);
    const int asked = tell(trainer, &news);
    if (status == 0 &&
        clock_now() - trainer->sampled_at >= seconds_or(trainer->options->sample_seconds, sample_seconds_default)) {
        status = show_samples(trainer);
        if (status == 0 && can_afford_look(trainer, look_share))
            status = look(trainer, false);
    }
    if (status == 0 &&
        clock_now() - trainer->saved_at >= seconds_or(trainer->options->checkpoint_seconds, checkpoint_seconds_default))
        status = weights_are_finite(trainer) ? save(trainer) : retreat(trainer);
    return status < 0 ? status : asked;
}

/* Seconds a step, from as many steps as fit into a small part of the budget; afterwards everything is as it was. */
static int time_steps(struct trainer *trainer, double budget, double *seconds)
{
    enum { WARM = 2, TIMED_MINIMUM = 3, TIMED_MAXIMUM = 30 };
    double begun = 0;
    int timed = 0;
    for (int i = 0; i < WARM + TIMED_MAXIMUM; i++) {
        if (i == WARM)
            begun = clock_now();
        const int status = take_step(trainer);
        if (status < 0)
            return status;
        if (i >= WARM)
            timed++;
        if (timed >= TIMED_MINIMUM && clock_now() - begun > 0.02 * budget)
            break;
    }
    *seconds = (clock_now() - begun) / timed;
    return load(trainer, trainer->run, false);
}

static int predict(struct trainer *trainer, double step_seconds)
{
    const double left = (double)(trainer->goal.steps - trainer->step) * step_seconds / used;
    trainer->predicted = true;
    return run_folder_write_prediction(trainer->run, elapsed(trainer) + left);
}

/* The steps that fit into what is left of the time; the recipe says them from now on. */
static int plan_steps(struct trainer *trainer, double step_seconds)
{
    const double left = used * (trainer->goal.seconds - elapsed(trainer));
    trainer->goal.steps = trainer->step + (left > step_seconds ? (int64_t)(left / step_seconds) : 1);
    trainer->recipe.steps = trainer->goal.steps;
    return run_folder_write_recipe(trainer->run, &trainer->recipe);
}

/* A budget of time becomes a number of steps before the first one, since schedules, and so the bits, may depend on it.
 * The time stays the limit: a machine that slows down ends the run early. */
static int goal_from_budget(struct trainer *trainer, double budget)
{
    double seconds;
    int status = time_steps(trainer, budget, &seconds);
    trainer->goal = (struct goal){0, budget};
    if (status == 0)
        status = plan_steps(trainer, seconds);
    return status == 0 ? predict(trainer, seconds) : status;
}

/* A machine that was slow when the steps were planned leaves time over, which becomes steps too, unless those that have
 * been taken would have been others. */
static int use_time_left(struct trainer *trainer)
{
    const double left = trainer->goal.seconds - elapsed(trainer);
    if (trainer->step < trainer->goal.steps || left < worth_planning * trainer->goal.seconds ||
        trainer->goal.seconds == 0 || settings_depend_on_steps(&trainer->recipe))
        return 0;
    int status = plan_steps(trainer, trainer->step_seconds);
    if (status < 0)
        return status;
    char *text = text_format("the planned steps took less time than expected: on to step %lld",
                             (long long)trainer->goal.steps);
    status = text ? write_event(trainer, "prolonged", NULL, text) : STATUS_MEMORY;
    if (status == 0)
        status = say(trainer, text);
    free(text);
    return status;
}

static int set_goal(struct trainer *trainer)
{
    const standin_train_options *options = trainer->options;
    trainer->predicted = trainer->goal.steps > 0 && (options->steps == 0 || options->steps == trainer->goal.steps);
    if (options->steps > 0)
        trainer->goal = (struct goal){options->steps, 0};
    else if (options->budget_seconds > 0)
        return goal_from_budget(trainer, options->budget_seconds);
    else if (trainer->goal.steps == 0 && trainer->goal.seconds > 0) /* killed before it was known */
        return goal_from_budget(trainer, trainer->goal.seconds);
    else if (trainer->goal.steps == 0)
        trainer->goal.steps = settings_steps(&trainer->recipe, standin_dataset_images(trainer->dataset));
    return 0;
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
    while (status == 0 && !is_done(trainer)) {
        status = one_round(trainer);
        if (trainer->step == trainer->first_step + WARM)
            warm_at = clock_now();
        if (status == 0 && !trainer->predicted && trainer->step == trainer->first_step + WARM + TIMED)
            status = predict(trainer, (clock_now() - warm_at) / TIMED);
        if (status == 0)
            status = use_time_left(trainer);
        if (trainer->options->profile && trainer->step == trainer->first_step + 2)
            stepper_profile(trainer->stepper);
    }
    return status;
}

static const char *ending(int status)
{
    return status == 0 ? "finished" : status == STATUS_INTERRUPTED ? "stopped" : "failed";
}

int trainer_run(struct trainer *trainer, const char *run, const standin_train_options *options)
{
    trainer->run = run;
    trainer->options = options;
    trainer->started = trainer->measured_at = trainer->sampled_at = trainer->looked_at = clock_now();
    trainer->first_step = trainer->step;
    int status = metrics_open(&trainer->metrics, run, trainer->step);
    if (trainer->step == 0 && options->steps == 0 && options->budget_seconds > 0)
        trainer->goal = (struct goal){0, options->budget_seconds};
    if (status == 0 && trainer->step == 0)
        status = save(trainer); /* from here on there is always something to go back to */
    if (status == 0)
        status = set_goal(trainer);
    if (status == 0)
        status = write_event(trainer, "started", NULL, NULL);
    trainer->saved_at = clock_now();
    if (status == 0)
        status = loop(trainer);
    if (status == 0 || status == STATUS_INTERRUPTED) {
        const int asked = status;
        status = weights_are_finite(trainer)
                     ? save(trainer)
                     : error_set(STATUS_FAILED, "%s: the weights are not numbers after the last step %lld", run,
                                 (long long)trainer->step);
        if (status == 0 && asked == 0)
            status = show_samples(trainer);
        if (status == 0 && asked == 0)
            status = look_back(trainer);
        if (status == 0)
            status = asked;
    }
    if (status == 0 && options->profile)
        status = write_profile(trainer);
    if (trainer->metrics && write_event(trainer, ending(status), NULL, NULL) < 0 && status == 0)
        status = STATUS_FILE;
    if (status == STATUS_INTERRUPTED)
        error_set(status, "%s: stopped at step %lld", run, (long long)trainer->step);
    return status;
}
