/* The public functions of training. */
#include "base/error.h"
#include "train/origin.h"
#include "train/run_check.h"
#include "train/run_folder.h"
#include "train/trainer.h"

#include <math.h>

static int64_t steps_of(const standin_dataset *dataset, const struct recipe *recipe,
                        const standin_train_options *options, double step_seconds)
{
    if (options->steps > 0)
        return options->steps;
    if (options->budget_seconds > 0)
        return (int64_t)fmin(options->budget_seconds / step_seconds, RECIPE_STEPS_MAXIMUM);
    return settings_steps(recipe, standin_dataset_images(dataset));
}

int standin_train_estimate(standin_estimate *estimate, const standin_dataset *dataset, const standin_recipe *recipe,
                           const standin_train_options *options)
{
    struct trainer *trainer;
    int status = trainer_new(&trainer, dataset, &recipe->settings, options->seed, options->threads, options->shards);
    if (status < 0)
        return status;
    status = trainer_estimate(trainer, estimate, options);
    trainer_free(trainer);
    if (status < 0)
        return status;
    estimate->steps = steps_of(dataset, &recipe->settings, options, estimate->step_seconds);
    estimate->seconds = options->budget_seconds > 0 && options->steps == 0
                            ? options->budget_seconds
                            : (double)estimate->steps * estimate->step_seconds;
    return 0;
}

int standin_train(const char *run, const standin_dataset *dataset, const standin_recipe *recipe,
                  const standin_train_options *options)
{
    struct trainer *trainer;
    int status = trainer_new(&trainer, dataset, &recipe->settings, options->seed, options->threads, options->shards);
    if (status < 0)
        return status;
    status = run_folder_make(run, dataset, &recipe->settings);
    if (status == 0)
        status = trainer_run(trainer, run, options);
    trainer_free(trainer);
    return status;
}

int standin_train_resume(const char *run, const standin_dataset *dataset, const standin_train_options *options)
{
    struct origin origin;
    int status = origin_read_run(&origin, run);
    if (status == 0)
        status = run_check_recipe_file(run, &origin);
    if (status < 0)
        return status;
    struct trainer *trainer;
    status = trainer_new(&trainer, dataset, &origin.recipe, origin.seed, options->threads, origin.shards);
    if (status < 0)
        return status;
    status = trainer_restore(trainer, run);
    if (status == 0)
        status = run_folder_write_place(run, dataset);
    if (status == 0)
        status = trainer_run(trainer, run, options);
    trainer_free(trainer);
    return status;
}
