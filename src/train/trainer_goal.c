/* When a training is over: after steps, or after a time, of which steps are made. */
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "train/trainer_parts.h"

#include <math.h>
#include <stdlib.h>

static const double used = 0.97;           /* of the time, by steps; the rest is for samples and checkpoints */
static const double worth_planning = 0.05; /* of the time, if it is left after the last step */

double trainer_elapsed(const struct trainer *trainer)
{
    return trainer->seconds + clock_now() - trainer->started;
}

double trainer_seconds_left(const struct trainer *trainer)
{
    const double by_steps =
        trainer->goal.steps ? (double)(trainer->goal.steps - trainer->step) * trainer->step_seconds : HUGE_VAL;
    const double by_time = trainer->goal.seconds > 0 ? trainer->goal.seconds - trainer_elapsed(trainer) : HUGE_VAL;
    const double left = by_steps < by_time ? by_steps : by_time;
    return left > 0 ? left : 0;
}

bool trainer_is_done(const struct trainer *trainer)
{
    if (trainer->goal.steps > 0 && trainer->step >= trainer->goal.steps)
        return true;
    return trainer->goal.seconds > 0 &&
           trainer_elapsed(trainer) + trainer->step_seconds + trainer->save_seconds >= trainer->goal.seconds;
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
        const int status = trainer_take_step(trainer);
        if (status < 0)
            return status;
        if (i >= WARM)
            timed++;
        if (timed >= TIMED_MINIMUM && clock_now() - begun > 0.02 * budget)
            break;
    }
    *seconds = (clock_now() - begun) / timed;
    return trainer_load(trainer, trainer->run, false);
}

int trainer_predict(struct trainer *trainer, double step_seconds)
{
    const double left = (double)(trainer->goal.steps - trainer->step) * step_seconds / used;
    trainer->predicted = true;
    return run_folder_write_prediction(trainer->run, trainer_elapsed(trainer) + left);
}

/* The steps that fit into what is left of the time, at most what a recipe may say; it says them from now on. */
static int plan_steps(struct trainer *trainer, double step_seconds)
{
    const double left = used * (trainer->goal.seconds - trainer_elapsed(trainer));
    const double fitting = left > step_seconds ? left / step_seconds : 1;
    trainer->goal.steps = (int64_t)fmin((double)trainer->step + fitting, RECIPE_STEPS_MAXIMUM);
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
    return status == 0 ? trainer_predict(trainer, seconds) : status;
}

/* A machine that was slow when the steps were planned leaves time over, which becomes steps too, unless those that have
 * been taken would have been others. */
int trainer_use_time_left(struct trainer *trainer)
{
    const double left = trainer->goal.seconds - trainer_elapsed(trainer);
    if (trainer->step < trainer->goal.steps || left < worth_planning * trainer->goal.seconds ||
        trainer->goal.seconds == 0 || trainer->step >= RECIPE_STEPS_MAXIMUM ||
        settings_depend_on_steps(&trainer->recipe))
        return 0;
    int status = plan_steps(trainer, trainer->step_seconds);
    if (status < 0)
        return status;
    char *text =
        text_format("the planned steps took less time than expected: on to step %lld", (long long)trainer->goal.steps);
    status = text ? trainer_write_event(trainer, "prolonged", NULL, text) : STATUS_MEMORY;
    if (status == 0)
        status = trainer_say(trainer, text);
    free(text);
    return status;
}

int trainer_check_goal(const struct trainer *trainer)
{
    const standin_train_options *options = trainer->options;
    if (options->steps > 0 && options->steps < trainer->step)
        return error_set(STATUS_INPUT, "%s: is at step %lld already, beyond the %lld that were asked for", trainer->run,
                         (long long)trainer->step, (long long)options->steps);
    if (options->steps == 0 && options->budget_seconds > 0 && options->budget_seconds < trainer->seconds)
        return error_set(STATUS_INPUT, "%s: was trained for %.4g seconds already, longer than the %.4g asked for",
                         trainer->run, trainer->seconds, options->budget_seconds);
    return 0;
}

bool trainer_is_at_goal(const struct trainer *trainer)
{
    const standin_train_options *options = trainer->options;
    if (options->steps == 0 && options->budget_seconds > 0)
        return false;
    const int64_t steps = options->steps > 0 ? options->steps : trainer->goal.steps;
    return steps > 0 && trainer->step >= steps;
}

int trainer_set_goal(struct trainer *trainer)
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
