/* Sets of a study and its document. */
#include "study_sets.h"

#include "opening.h"
#include "stop.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- Sets --------------------------------------------------------------------------------------------------- */

static standin_dataset_options opening_of(const struct arguments *arguments, struct console *console)
{
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.fit = (enum standin_fit)arguments->fit;
    options.threads = (int)arguments->threads;
    options.progress = console_work;
    options.progress_context = console;
    return options;
}

/* As the generators will make them. */
static int size_of_recipe(struct size *size, const char *path, const char *name, const standin_dataset_options *opening)
{
    standin_recipe *recipe;
    standin_dataset *looked = NULL;
    char *reasons = NULL;
    int status = standin_recipe_open(&recipe, name);
    if (status < 0)
        return status;
    status = standin_dataset_open(&looked, path, opening);
    if (status == 0)
        status = standin_recipe_fit_size(recipe, &reasons, looked);
    if (status == 0) {
        standin_dataset_options resolved = *opening;
        standin_recipe_dataset_options(recipe, &resolved);
        *size = (struct size){resolved.width, resolved.height};
    }
    standin_text_free(reasons);
    standin_dataset_free(looked);
    standin_recipe_free(recipe);
    return status;
}

static int choose_size(struct size *size, const struct arguments *arguments, const char *recipe,
                       const standin_dataset_options *opening)
{
    *size = arguments->size;
    if (size->width)
        return 0;
    return recipe ? size_of_recipe(size, arguments->path, recipe, opening) : opening_usual_size(size, arguments->path, opening);
}

/* Whether a set has folders train/, val/ or test/. */
static bool is_split(const standin_dataset *set)
{
    standin_image image;
    return standin_dataset_image(set, 0, &image) == 0 && *image.split;
}

static void announce(struct console *console, const char *role, const char *path, const standin_dataset *set)
{
    console_clear(console);
    console_line(console, "%-9s  %s: %" PRId64 " images in %d %s, %dx%d %s", role, path, standin_dataset_images(set),
                 standin_dataset_classes(set), standin_dataset_classes(set) == 1 ? "class" : "classes",
                 standin_dataset_width(set), standin_dataset_height(set), standin_dataset_channels(set) == 1 ? "grey" : "colour");
}

static int open_one(standin_dataset **set, const char *role, const char *path, enum standin_part part,
                    standin_dataset_options opening, struct console *console)
{
    opening.part = part;
    const int status = standin_dataset_open(set, path, &opening);
    console_clear(console);
    if (status == 0)
        announce(console, role, path, *set);
    return status;
}

int study_sets_open(struct study_sets *sets, const struct arguments *arguments, const char *synthetic, const char *recipe,
                    struct console *console)
{
    *sets = (struct study_sets){0};
    standin_dataset_options opening = opening_of(arguments, console);
    opening.part = STANDIN_PART_TRAIN;
    struct size size;
    int status = choose_size(&size, arguments, recipe, &opening);
    opening.width = size.width;
    opening.height = size.height;
    if (status == 0)
        status = open_one(&sets->real, "real", arguments->path, STANDIN_PART_TRAIN, opening, console);
    if (status == 0)
        opening.channels = standin_dataset_channels(sets->real);
    if (status == 0 && arguments->test)
        status = open_one(&sets->test, "test", arguments->test, STANDIN_PART_TEST, opening, console);
    else if (status == 0 && is_split(sets->real))
        status = open_one(&sets->test, "test", arguments->path, STANDIN_PART_TEST, opening, console);
    if (status == 0 && synthetic)
        status = open_one(&sets->synthetic, "synthetic", synthetic, STANDIN_PART_ALL, opening, console);
    if (status < 0)
        study_sets_close(sets);
    return status;
}

void study_sets_close(struct study_sets *sets)
{
    standin_dataset_free(sets->real);
    standin_dataset_free(sets->test);
    standin_dataset_free(sets->synthetic);
    *sets = (struct study_sets){0};
}

/* ---- Progress ----------------------------------------------------------------------------------------------- */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int study_progress_show(void *context, const char *what, int64_t done, int64_t total)
{
    static const double instant = 0.0005, memory = 600; /* seconds: a unit that was known; of the speed */
    struct study_progress *progress = context;
    const double time = now(), passed = time - progress->last;
    const int64_t units = done - progress->done;
    if (progress->last > 0 && units > 0 && passed > instant * (double)units) {
        progress->seconds += passed;
        progress->worked += units;
        if (progress->seconds > memory) {
            progress->seconds /= 2;
            progress->worked /= 2;
        }
    }
    progress->last = time;
    progress->done = done;
    const double share = total > 0 ? 100 * (double)done / (double)total : 0;
    char left[DURATION_TEXT];
    if (progress->worked > 0 && total >= done)
        console_progress(progress->console, "%s  %.1f %%  %s left", what, share,
                         duration_text(progress->seconds / (double)progress->worked * (double)(total - done), left));
    else
        console_progress(progress->console, "%s  %.1f %%", what, share);
    return stop_wanted();
}

/* ---- Beginning and end -------------------------------------------------------------------------------------- */

standin_study_options study_options_of(const struct arguments *arguments, struct study_progress *progress)
{
    standin_study_options options = STANDIN_STUDY_OPTIONS_INIT;
    options.work = arguments->work;
    options.steps = arguments->steps;
    options.seeds = (int)arguments->seeds;
    options.folds = (int)arguments->folds;
    options.seed = arguments->seed;
    options.threads = (int)arguments->threads;
    options.real = arguments->real;
    options.times = arguments->times;
    options.recipe = arguments->recipe;
    options.budget_seconds = arguments->budget;
    options.generator_steps = arguments->gan_steps;
    options.target = arguments->target;
    options.generators = arguments->gan;
    options.progress = study_progress_show;
    options.progress_context = progress;
    return options;
}

static int write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    const bool written = file && fputs(text, file) >= 0 && fputc('\n', file) >= 0;
    const bool closed = file && fclose(file) == 0;
    if (!written || !closed)
        fprintf(stderr, "standin: %s: %s\n", path, strerror(errno));
    return written && closed ? EXIT_GOOD : EXIT_FAILED;
}

int study_finish(const struct arguments *arguments, char *document)
{
    int code = arguments->output ? write_file(arguments->output, document) : EXIT_GOOD;
    if (arguments->json) {
        puts(document);
    } else {
        char *text;
        const int status = standin_document_text(&text, document);
        if (status < 0)
            code = library_error(status);
        else
            fputs(text, stdout);
        standin_text_free(text);
    }
    standin_text_free(document);
    return code;
}

int study_failed(const struct arguments *arguments, int status)
{
    const int code = library_error(status);
    if (status == STANDIN_INTERRUPTED)
        fputs(arguments->work ? "go on with the same command: what is finished is not done again\n"
                              : "nothing is kept; with -w FOLDER the same command could go on\n",
              stderr);
    return code;
}
