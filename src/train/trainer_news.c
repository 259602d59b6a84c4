/* What a training says: to the caller, to the run's metrics and to the log. */
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "train/trainer_parts.h"

#include <string.h>

standin_training_status trainer_status_now(const struct trainer *trainer, const char *event)
{
    const double left = trainer_seconds_left(trainer);
    return (standin_training_status){
        .step = trainer->step,
        .steps = trainer->goal.steps         ? trainer->goal.steps
                 : trainer->step_seconds > 0 ? trainer->step + (int64_t)(left / trainer->step_seconds)
                                             : trainer->step,
        .loss_d = trainer->last.loss_d,
        .loss_g = trainer->last.loss_g,
        .images_per_second = trainer->step_seconds > 0 ? (double)trainer->settings.batch / trainer->step_seconds : 0,
        .seconds = trainer_elapsed(trainer),
        .seconds_left = left,
        .event = event,
        .width = trainer->recipe.width,
        .height = trainer->recipe.height,
        .channels = standin_dataset_channels(trainer->dataset),
    };
}

int trainer_tell(const struct trainer *trainer, const standin_training_status *news)
{
    standin_training_function *progress = trainer->options->progress;
    return progress && progress(trainer->options->progress_context, news) ? STATUS_INTERRUPTED : 0;
}

int trainer_show_samples(struct trainer *trainer)
{
    standin_training_status news = trainer_status_now(trainer, "samples");
    int status = sampler_grid(trainer->sampler, &news.samples);
    if (status < 0)
        return status;
    news.sample_count = (int)sampler_images(trainer->sampler);
    news.sample_columns = SAMPLER_COLUMNS;
    status = run_write_samples(trainer->run, trainer->step, news.samples, news.sample_count, news.sample_columns,
                               news.width, news.height, news.channels);
    trainer->sampled_at = clock_now();
    return status < 0 ? status : trainer_tell(trainer, &news);
}

int trainer_say(const struct trainer *trainer, const char *sentence)
{
    const standin_training_status news = trainer_status_now(trainer, sentence);
    log_line("%s", sentence);
    return trainer_tell(trainer, &news);
}

int trainer_write_event(struct trainer *trainer, const char *event, const char *alarm, const char *sentence)
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

int trainer_write_metrics(struct trainer *trainer, const struct watch_figures *looked)
{
    struct metrics_line line = {
        .step = trainer->step,
        .loss_d = trainer->last.loss_d,
        .loss_g = trainer->last.loss_g,
        .logit_real = trainer->last.logit_real,
        .logit_fake = trainer->last.logit_fake,
        .images_per_second = trainer->step_seconds > 0 ? (double)trainer->settings.batch / trainer->step_seconds : 0,
        .seconds = trainer_elapsed(trainer)};
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
