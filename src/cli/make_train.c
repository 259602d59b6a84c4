/* The images are read, the generator is trained on the training part alone, and the set is made. */
#include "make.h"
#include "opening.h"
#include "recipe_of.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char run_name[] = "run", trained_name[] = "trained.json";

static void say_choices(struct make *make, char *reasons)
{
    for (char *line = strtok(reasons, "\n"); line; line = strtok(NULL, "\n"))
        console_line(&make->console, "  %s", line);
}

/* ---- Reading ------------------------------------------------------------------------------------------------ */

int make_open_recipe(struct make *make)
{
    return recipe_of(&make->recipe, make->arguments);
}

static int check_size(struct make *make, const standin_dataset_options *opening)
{
    enum { SIDE_LEAST = 28 };
    if (opening->width >= SIDE_LEAST && opening->height >= SIDE_LEAST)
        return 0;
    return make_refuse(make, "images of %dx%d; the classifiers that judge a set need at least %dx%d", opening->width,
                       opening->height, SIDE_LEAST, SIDE_LEAST);
}

static int fit_size(struct make *make, const standin_dataset *looked)
{
    char *reasons = NULL;
    const int status = standin_recipe_fit_size(make->recipe, &reasons, looked);
    if (status == 0)
        say_choices(make, reasons);
    standin_text_free(reasons);
    return status;
}

/* The files are looked at first only where the recipe wants to know them. */
int make_open_data(struct make *make, standin_dataset **whole, bool look)
{
    standin_dataset_options opening = opening_of(make->arguments, make_view_work, &make->view);
    const bool automatic = standin_recipe_is_automatic(make->recipe) && make->arguments->size.width == 0;
    int status = 0;
    *whole = NULL;
    if (look || automatic)
        status = standin_dataset_open(whole, make->data, &opening);
    if (status < 0 || look)
        return status;
    if (automatic)
        status = fit_size(make, *whole);
    standin_dataset_free(*whole);
    *whole = NULL;
    standin_recipe_dataset_options(make->recipe, &opening);
    if (status == 0)
        status = check_size(make, &opening);
    if (status == 0)
        status = standin_dataset_open(whole, make->data, &opening);
    console_clear(&make->console);
    char about[ABOUT_TEXT];
    if (status == 0)
        console_line(&make->console, "  %s; %" PRId64 " files could not be used", opening_about(*whole, about),
                     standin_dataset_skipped(*whole));
    return status;
}

/* ---- Training ----------------------------------------------------------------------------------------------- */

static int begin_run(struct make *make, const char *run, standin_train_options *options)
{
    char *reasons = NULL;
    int status = standin_recipe_fit(make->recipe, &reasons, make->train, make->plan.train);
    if (status == 0)
        say_choices(make, reasons);
    standin_text_free(reasons);
    options->steps = make->arguments->gan_steps;
    options->budget_seconds = options->steps > 0 ? 0 : make->plan.train;
    return status == 0 ? standin_train(run, make->train, make->recipe, options) : status;
}

int make_train(struct make *make)
{
    const bool trained = make_is_there(make->work, trained_name);
    make_view_enter(&make->view, MAKE_TRAIN, trained);
    if (trained)
        return 0;
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.seed = make->arguments->seed;
    options.threads = (int)make->arguments->threads;
    options.progress = make_view_training;
    options.progress_context = &make->view;
    char *run = make_path(make->work, run_name);
    int status = STANDIN_MEMORY;
    if (run)
        status = make_is_there(run, "checkpoint.safetensors") ? standin_train_resume(run, make->train, &options)
                                                              : begin_run(make, run, &options);
    free(run);
    if (status < 0)
        return status;
    json_t *record = json_pack("{s:f}", "seconds_of_last_session", make_view_spent(&make->view));
    const int failure = make_write_json(make->work, trained_name, record);
    json_decref(record);
    return make_check_file(make, failure, make->work);
}

/* ---- Making ------------------------------------------------------------------------------------------------- */

/* As many of each class as there are training images of the largest, so that a study can take as many synthetic ones as
 * real. */
static int64_t usual_count(const struct make *make)
{
    int64_t count = 100;
    for (int c = 0; c < standin_dataset_classes(make->train); c++)
        if (standin_dataset_class_images(make->train, c) > count)
            count = standin_dataset_class_images(make->train, c);
    return count;
}

/* An empty folder is filled from within: so whatever kills this leaves that one folder, which is emptied then. */
static int fill_staging(struct make *make, standin_generator *generator, const standin_set_options *options)
{
    int status = make_staging_begin(make);
    if (status < 0)
        return status;
    status = standin_generator_write(generator, make->staging, options);
    if (status < 0)
        make_remove(make->staging);
    return status;
}

static int write_set(struct make *make)
{
    standin_generator *generator = NULL;
    standin_set_options options = STANDIN_SET_OPTIONS_INIT;
    char *run = make_path(make->work, run_name);
    int status = run ? standin_generator_open(&generator, run, (int)make->arguments->threads) : STANDIN_MEMORY;
    const int64_t count = make->arguments->per_class > 0 ? make->arguments->per_class : usual_count(make);
    if (status == 0 && standin_generator_classes(generator) > 0)
        options.per_class = count;
    else
        options.count = count;
    options.seed = make->arguments->seed;
    options.progress = make_view_work;
    options.progress_context = &make->view;
    if (status == 0)
        status = fill_staging(make, generator, &options);
    standin_generator_free(generator);
    free(run);
    return status;
}

int make_generate(struct make *make)
{
    int status = make_staging_check(make); /* again: hours may have passed */
    if (status < 0)
        return status;
    const bool made = make_is_there(make->staging, "manifest.csv"); /* which is written last */
    make_view_enter(&make->view, MAKE_GENERATE, made);
    if (!made)
        status = write_set(make);
    if (status < 0)
        return status;
    standin_dataset_options opening = opening_of(make->arguments, make_view_work, &make->view);
    opening.width = standin_dataset_width(make->train);
    opening.height = standin_dataset_height(make->train);
    opening.channels = standin_dataset_channels(make->train);
    return standin_dataset_open(&make->synthetic, make->staging, &opening);
}
