/* Steps are timed one by one, so that the slow ones are seen. */
#include "study/estimate_cost.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/statistics.h"
#include "study/gan.h"
#include "train/recipe.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DURATION_TEXT = 48 };

static const char *say_duration(char *text, double seconds)
{
    if (seconds < 100)
        snprintf(text, DURATION_TEXT, seconds < 1.5 ? "a second" : "%.0f seconds", seconds);
    else if (seconds < 100 * 60)
        snprintf(text, DURATION_TEXT, "%.0f minutes", seconds / 60);
    else
        snprintf(text, DURATION_TEXT, "%.1f hours", seconds / 3600);
    return text;
}

static json_t *how_long(const struct gan_times *times, int64_t steps, double budget, const standin_dataset *set,
                        int64_t batch)
{
    const double median = statistics_quantile(times->seconds, times->count, 0.5);
    const double quick = statistics_quantile(times->seconds, times->count, 0.1);
    const double slow = statistics_quantile(times->seconds, times->count, 0.9);
    char sentence[400], usual[DURATION_TEXT], longest[DURATION_TEXT];
    if (budget > 0)
        steps = (int64_t)fmax(budget / median, 1);
    const double seen = (double)steps * (double)batch / (double)standin_dataset_images(set);
    say_duration(usual, budget > 0 ? budget : (double)steps * median);
    say_duration(longest, (double)steps * slow);
    if (budget > 0)
        snprintf(sentence, sizeof sentence,
                 "In %s a generator takes about %" PRId64
                 " steps and sees every image about %.3g times: a step takes %.3g s (median "
                 "of %d), the slowest tenth of them more than %.3g s.",
                 usual, steps, seen, median, times->count, slow);
    else
        snprintf(sentence, sizeof sentence,
                 "A generator on these %" PRId64 " images takes about %s for the recipe's %" PRId64
                 " steps, in which it sees every "
                 "image about %.3g times; %s if all steps are like the slowest tenth of the %d that were timed (median "
                 "%.3g s, 90th "
                 "percentile %.3g s).",
                 standin_dataset_images(set), usual, steps, seen, longest, times->count, median, slow);
    return json_pack("{s:f, s:[f, f], s:I, s:f, s:f, s:s}", "seconds", (double)steps * median, "interval",
                     (double)steps * quick, (double)steps * slow, "steps", (json_int_t)steps, "step_median", median,
                     "step_90th_percentile", slow, "sentence", sentence);
}

static json_t *how_much_memory(const standin_estimate *estimate)
{
    char sentence[160];
    const double bytes = (double)estimate->memory_bytes;
    snprintf(sentence, sizeof sentence, "Training a generator takes about %.*f %s at the peak, the images included.",
             bytes < 1e9 ? 0 : 1, bytes < 1e9 ? bytes / 1e6 : bytes / 1e9, bytes < 1e9 ? "MB" : "GB");
    return json_pack("{s:f, s:s}", "bytes", bytes, "sentence", sentence);
}

static int ask(void *context, const standin_training_status *status)
{
    (void)status;
    return work_advance(context, "timing a generator's step", 0) < 0;
}

int estimate_cost(json_t *body, struct study *study, const standin_dataset *set, double budget_seconds)
{
    standin_recipe *recipe;
    struct gan_times times;
    standin_estimate estimate;
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.steps = study->options.generator_steps;
    options.threads = study->options.threads;
    options.seed = study->options.seed;
    options.progress = ask;
    options.progress_context = study->work;
    int status = gan_recipe(&recipe, study, set, budget_seconds);
    if (status < 0)
        return status;
    status = standin_train_estimate(&estimate, set, recipe, &options);
    if (status == 0)
        status = gan_time(&times, study, set, recipe);
    if (status == 0) {
        const double budget = options.steps > 0 ? 0 : budget_seconds;
        if (json_object_set_new(body, "how_long",
                                how_long(&times, estimate.steps, budget, set, recipe->settings.batch)) < 0 ||
            json_object_set_new(body, "how_much_memory", how_much_memory(&estimate)) < 0)
            status = error_set(STATUS_MEMORY, "out of memory for the cost");
    }
    standin_recipe_free(recipe);
    return status;
}
