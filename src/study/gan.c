/* Two stages a generator: that it was begun, and that it is finished. What lies between them is the run's own
 * checkpoint. */
#include "study/gan.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/statistics.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int64_t gan_units(const struct study *study, double seconds_a_unit)
{
    const standin_study_options *options = &study->options;
    return options->generator_steps > 0 ? options->generator_steps
                                        : 1 + (int64_t)fmin(options->budget_seconds / seconds_a_unit, 1e12);
}

static const char *name_of(const char *recipe)
{
    return recipe ? recipe : "auto";
}

int gan_check(const char *name)
{
    standin_recipe *recipe;
    int status = standin_recipe_open(&recipe, name_of(name));
    if (status == 0 && !standin_recipe_learns_labels(recipe))
        status = error_set(STATUS_INPUT,
                           "the recipe %s learns no labels (label-g = none, label-d = none), and a classifier learns "
                           "nothing from images without; take auto",
                           name_of(name));
    standin_recipe_free(recipe);
    return status;
}

int gan_recipe(standin_recipe **out, const struct study *study, const standin_dataset *set, double budget_seconds)
{
    char size[32], *reasons = NULL;
    snprintf(size, sizeof size, "%dx%d", standin_dataset_width(set), standin_dataset_height(set));
    int status = standin_recipe_open(out, name_of(study->options.recipe));
    if (status < 0)
        return status;
    status = standin_recipe_set(*out, "size", size);
    if (status == 0)
        status = standin_recipe_fit(*out, &reasons, set, budget_seconds);
    standin_text_free(reasons);
    if (status < 0) {
        standin_recipe_free(*out);
        *out = NULL;
    }
    return status;
}

/* ---- Training ----------------------------------------------------------------------------------------------- */

struct passed {
    struct study *study;
    char *what;
    int64_t units, told;
};

static int show_step(void *context, const standin_training_status *status)
{
    struct passed *passed = context;
    const double share = status->steps > 0 ? fmin((double)status->step / (double)status->steps, 1) : 0;
    const int64_t units = (int64_t)(share * (double)passed->units) - passed->told;
    passed->told += units;
    return work_advance(passed->study->work, passed->what, units) < 0;
}

static char *training_key(const struct study *study, const standin_dataset *set, const standin_recipe *recipe)
{
    char *text = NULL;
    if (standin_recipe_text(recipe, &text) < 0)
        return NULL;
    const standin_study_options *options = &study->options;
    char *key = text_format("generator of Standin " STANDIN_VERSION " on %s, %" PRId64
                            " steps, %g seconds, seed %" PRIu64 ", recipe:\n%s",
                            standin_dataset_hash(set), options->generator_steps,
                            options->generator_steps > 0 ? 0.0 : options->budget_seconds, options->seed, text);
    standin_text_free(text);
    return key;
}

static bool can_go_on(const struct study *study, const char *begun, const char *key, const char *run)
{
    json_t *known = NULL;
    char *checkpoint = text_format("%s/checkpoint.safetensors", run);
    const bool can =
        checkpoint && work_recall(&known, study->work, begun, key) == 0 && known && access(checkpoint, R_OK) == 0;
    json_decref(known);
    free(checkpoint);
    return can;
}

static int begin(struct study *study, const char *name, const char *begun, const char *key)
{
    json_t *nothing = json_object();
    int status = nothing ? work_remove(study->work, name) : STATUS_MEMORY;
    if (status == 0)
        status = work_keep(study->work, begun, key, nothing);
    json_decref(nothing);
    return status;
}

static int train(const char *run, struct study *study, const char *name, const standin_dataset *set,
                 const standin_recipe *recipe, const char *key, int64_t units)
{
    struct passed passed = {.study = study, .what = text_format("training generator %s", name), .units = units};
    char *begun = text_format("%s-begun", name);
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.seed = study->options.seed;
    options.threads = study->options.threads;
    options.progress = show_step;
    options.progress_context = &passed;
    int status = passed.what && begun ? 0 : STATUS_MEMORY;
    work_begin(study->work);
    if (status == 0 && can_go_on(study, begun, key, run)) {
        status = standin_train_resume(run, set, &options);
    } else if (status == 0) {
        options.steps = study->options.generator_steps;
        options.budget_seconds = options.steps > 0 ? 0 : study->options.budget_seconds;
        status = begin(study, name, begun, key);
        if (status == 0)
            status = standin_train(run, set, recipe, &options);
    }
    if (status == 0)
        status = work_advance(study->work, passed.what, units - passed.told);
    free(begun);
    free(passed.what);
    return status;
}

int gan_train(char **run, struct study *study, const char *name, const standin_dataset *set, int64_t units)
{
    standin_recipe *recipe;
    json_t *known = NULL, *nothing = NULL;
    *run = NULL;
    int status =
        gan_recipe(&recipe, study, set, study->options.generator_steps > 0 ? 0 : study->options.budget_seconds);
    if (status < 0)
        return status;
    char *key = training_key(study, set, recipe);
    *run = work_path(study->work, name);
    status = key && *run ? work_recall(&known, study->work, name, key) : STATUS_MEMORY;
    if (status == 0 && known) {
        status = work_advance(study->work, name, units);
    } else if (status == 0) {
        status = train(*run, study, name, set, recipe, key, units);
        nothing = json_object();
        if (status == 0)
            status = work_keep(study->work, name, key, nothing);
    }
    json_decref(nothing);
    json_decref(known);
    free(key);
    standin_recipe_free(recipe);
    if (status < 0) {
        free(*run);
        *run = NULL;
    }
    return status;
}

/* ---- The time of a step ------------------------------------------------------------------------------------- */

enum { GAN_UNTIMED = 3 }; /* the first steps, in which memory is touched for the first time */

struct watch_steps {
    struct study *study;
    double last; /* seconds since the start, after the step before */
    struct gan_times *times;
};

static int note_step(void *context, const standin_training_status *status)
{
    struct watch_steps *watch = context;
    if (!status->event) {
        if (status->step > GAN_UNTIMED && watch->times->count < GAN_TIMED)
            watch->times->seconds[watch->times->count++] = status->seconds - watch->last;
        watch->last = status->seconds;
    }
    return work_advance(watch->study->work, "timing a generator's step", 0) < 0;
}

static int time_steps(struct gan_times *times, struct study *study, const standin_dataset *set,
                      const standin_recipe *recipe)
{
    static const char name[] = "timing";
    struct watch_steps watch = {.study = study, .times = times};
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.steps = GAN_TIMED + GAN_UNTIMED;
    options.seed = study->options.seed;
    options.threads = study->options.threads;
    options.progress = note_step;
    options.progress_context = &watch;
    char *run = work_path(study->work, name);
    int status = run ? work_remove(study->work, name) : STATUS_MEMORY;
    if (status == 0)
        status = standin_train(run, set, recipe, &options);
    if (status == 0)
        status = work_remove(study->work, name);
    free(run);
    return status;
}

static json_t *times_json(const struct gan_times *times)
{
    json_t *array = json_array();
    for (int i = 0; array && i < times->count; i++)
        json_array_append_new(array, json_real(times->seconds[i]));
    return array;
}

int gan_time(struct gan_times *times, struct study *study, const standin_dataset *set, const standin_recipe *recipe)
{
    static const char name[] = "step-times";
    json_t *known = NULL;
    *times = (struct gan_times){.count = 0};
    char *key = training_key(study, set, recipe);
    int status = key ? work_recall(&known, study->work, name, key) : STATUS_MEMORY;
    for (size_t i = 0; i < json_array_size(known) && i < GAN_TIMED; i++)
        times->seconds[times->count++] = json_number_value(json_array_get(known, i));
    if (status == 0 && times->count == 0) {
        work_begin(study->work);
        status = time_steps(times, study, set, recipe);
        statistics_sort(times->seconds, times->count);
        json_t *found = times_json(times);
        if (status == 0)
            status = found ? work_keep(study->work, name, key, found) : STATUS_MEMORY;
        json_decref(found);
    }
    json_decref(known);
    free(key);
    if (status == 0 && times->count == 0)
        status = error_set(STATUS_FAILED, "no step of a generator was timed");
    return status;
}
