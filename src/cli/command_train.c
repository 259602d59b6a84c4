/* standin train: trains a run, goes on with one, or says what a run would take. */
#include "arguments.h"
#include "console.h"
#include "opening.h"
#include "recipe_of.h"
#include "stop.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* As a shell reads it. */
static void print_path(FILE *out, const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:=@%";
    if (*path && strspn(path, plain) == strlen(path)) {
        fputs(path, out);
        return;
    }
    fputc('\'', out);
    for (; *path; path++)
        fputs(*path == '\'' ? "'\\''" : (char[]){*path, 0}, out);
    fputc('\'', out);
}

/* Whoever watches a training on the terminal. */
struct viewer {
    struct console *console;
    int64_t reached; /* the step at which nothing was left to do; 0: there was something */
};

static int show_progress(void *context, const standin_training_status *status)
{
    struct viewer *viewer = context;
    struct console *console = viewer->console;
    char left[DURATION_TEXT];
    if (status->event && strcmp(status->event, "reached") == 0) {
        viewer->reached = status->step;
        return 0;
    }
    if (status->event && strcmp(status->event, "samples") == 0 && !console->quiet && console_can_draw(stderr)) {
        const struct picture picture = {status->samples, status->sample_count, status->width,
                                        status->height,  status->channels,     status->sample_columns};
        console_clear(console);
        console_draw(stderr, &picture, 0.6);
    }
    console_progress(console, "step %" PRId64 "/%" PRId64 "  loss D %.3f  G %.3f  %.0f images/s  %s left", status->step,
                     status->steps, status->loss_d, status->loss_g, status->images_per_second,
                     duration_text(status->seconds_left, left));
    return stop_wanted();
}

static int show_timing(void *context, const standin_training_status *status)
{
    const struct viewer *viewer = context;
    console_progress(viewer->console, "timing: step %" PRId64 " of %" PRId64, status->step + 1, status->steps);
    return 0; /* a signal ends it in the middle of a step */
}

/* ---- What is to be trained -------------------------------------------------------------------------------- */

static standin_dataset_options dataset_options(const struct arguments *arguments, struct console *console)
{
    standin_dataset_options options = opening_of(arguments, console_work, console);
    options.class_name = arguments->class_name;
    options.part = STANDIN_PART_TRAIN;
    return options;
}

static standin_train_options train_options(const struct arguments *arguments, struct viewer *viewer)
{
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.steps = arguments->steps;
    options.budget_seconds = arguments->budget;
    options.seed = arguments->seed;
    options.threads = (int)arguments->threads;
    options.shards = (int)arguments->shards;
    options.profile = arguments->profile;
    options.progress = arguments->dry_run ? show_timing : show_progress;
    options.progress_context = viewer;
    return options;
}

static void announce(struct console *console, const char *path, const standin_dataset *dataset)
{
    char about[ABOUT_TEXT];
    console_line(console, "%s: %s", path, opening_about(dataset, about));
}

/* ---- The three things it does ----------------------------------------------------------------------------- */

/* To make a large network and to take a step can take a minute each. */
static int print_estimate(struct console *console, const standin_dataset *dataset, const standin_recipe *recipe,
                          const standin_train_options *options)
{
    standin_estimate estimate;
    char run[DURATION_TEXT];
    console_line(console, "making the networks and timing two or three steps; nothing is kept");
    const int status = standin_train_estimate(&estimate, dataset, recipe, options);
    console_clear(console);
    if (status < 0)
        return status;
    printf("generator      %.2f million parameters\n", (double)estimate.parameters_g / 1e6);
    printf("discriminator  %.2f million parameters\n", (double)estimate.parameters_d / 1e6);
    printf("memory         %.0f MB\n", (double)estimate.memory_bytes / 1e6);
    printf("a step         %.1f GFLOP, %.3f s\n", estimate.step_flops / 1e9, estimate.step_seconds);
    printf("the run        %" PRId64 " steps, %s\n", estimate.steps, duration_text(estimate.seconds, run));
    return 0;
}

enum { BUDGET_DEFAULT = 30 * 60 };

static void say_choices(struct console *console, char *reasons)
{
    for (char *line = strtok(reasons, "\n"); line; line = strtok(NULL, "\n"))
        console_line(console, "  %s", line);
}

/* The recipe that fits itself looks at the files before they are opened in the size that it then chooses. */
static int fit_size(standin_recipe *recipe, const struct arguments *arguments, standin_dataset_options opening,
                    struct console *console)
{
    standin_dataset *dataset;
    char *reasons = NULL;
    opening.width = opening.height = 0;
    int status = standin_dataset_open(&dataset, arguments->path, &opening);
    console_clear(console);
    if (status < 0)
        return status;
    status = standin_recipe_fit_size(recipe, &reasons, dataset);
    if (status == 0)
        say_choices(console, reasons);
    standin_text_free(reasons);
    standin_dataset_free(dataset);
    return status;
}

static int choose_augmentation(standin_recipe *recipe, const standin_dataset *dataset, struct console *console)
{
    char *policy, *reasons = NULL;
    int status = standin_augment_choose(&policy, &reasons, dataset);
    if (status == 0)
        status = standin_recipe_set(recipe, "augment", policy);
    if (status == 0) {
        console_line(console, "  augment %s:", policy);
        say_choices(console, reasons);
    }
    standin_text_free(policy);
    standin_text_free(reasons);
    return status;
}

static int fit(standin_recipe *recipe, const standin_dataset *dataset, double budget, struct console *console)
{
    char *reasons = NULL;
    const int status = standin_recipe_fit(recipe, &reasons, dataset, budget);
    if (status == 0)
        say_choices(console, reasons);
    standin_text_free(reasons);
    return status;
}

static void say_if_no_labels(struct console *console, const standin_recipe *recipe, const standin_dataset *dataset)
{
    const int classes = standin_dataset_classes(dataset);
    if (classes > 1 && !standin_recipe_learns_labels(recipe))
        console_line(console, "  no labels are learned: nobody will know which of the %d classes an image shows",
                     classes);
}

static int train_new(const struct arguments *arguments, struct viewer *viewer)
{
    struct console *console = viewer->console;
    standin_recipe *recipe = NULL;
    standin_dataset *dataset = NULL;
    standin_dataset_options opening = dataset_options(arguments, console);
    standin_train_options options = train_options(arguments, viewer);
    int status = recipe_of(&recipe, arguments);
    if (status < 0)
        goto done;
    if (standin_recipe_is_automatic(recipe)) {
        if (options.steps == 0 && options.budget_seconds <= 0)
            options.budget_seconds = BUDGET_DEFAULT;
        status = fit_size(recipe, arguments, opening, console);
        if (status < 0)
            goto done;
    }
    standin_recipe_dataset_options(recipe, &opening);
    status = standin_dataset_open(&dataset, arguments->path, &opening);
    console_clear(console);
    if (status < 0)
        goto done;
    announce(console, arguments->path, dataset);
    say_if_no_labels(console, recipe, dataset);
    if (recipe_augment_is_auto(arguments))
        status = choose_augmentation(recipe, dataset, console);
    if (status == 0)
        status = fit(recipe, dataset, options.budget_seconds, console);
    if (status < 0)
        goto done;
    status = arguments->dry_run ? print_estimate(console, dataset, recipe, &options)
                                : standin_train(arguments->output, dataset, recipe, &options);
done:
    standin_dataset_free(dataset);
    standin_recipe_free(recipe);
    return status;
}

/* What is said of the settings must be what the run has. */
static int check_settings(const struct arguments *arguments)
{
    const bool said = arguments->recipe || arguments->policy || arguments->size.width || arguments->settings > 0;
    standin_recipe *recipe = NULL;
    int status = said ? recipe_of_run(&recipe, arguments) : 0;
    if (status == 0)
        status = standin_run_check(arguments->output, recipe,
                                   arguments_have(arguments, "seed") ? &arguments->seed : NULL, (int)arguments->shards);
    standin_recipe_free(recipe);
    return status;
}

static int train_more(const struct arguments *arguments, struct viewer *viewer)
{
    struct console *console = viewer->console;
    standin_run *run;
    standin_dataset *dataset = NULL;
    standin_dataset_options opening = dataset_options(arguments, console);
    const standin_train_options options = train_options(arguments, viewer);
    int status = standin_run_open(&run, arguments->output);
    if (status < 0)
        return status;
    const char *path = arguments->path ? arguments->path : standin_run_data_path(run);
    standin_run_dataset_options(run, &opening);
    status = check_settings(arguments);
    if (status == 0)
        status = standin_dataset_open(&dataset, path, &opening);
    console_clear(console);
    if (status == 0) {
        announce(console, path, dataset);
        status = standin_train_resume(arguments->output, dataset, &options);
    }
    standin_dataset_free(dataset);
    standin_run_free(run);
    return status;
}

/* ---- The command ------------------------------------------------------------------------------------------ */

static int check_arguments(const struct arguments *arguments)
{
    static const char *const fixed[] = {"fit", "class", "dry-run"};
    if (!arguments->output && !arguments->dry_run)
        return usage_error("train", "train needs the run's folder: -o FOLDER");
    if (!arguments->path && !arguments->resume)
        return usage_error("train", "train needs a DIR of images");
    if (arguments->budget > 0 && arguments->steps > 0)
        return usage_error("train", "--budget and --steps exclude each other");
    for (size_t i = 0; arguments->resume && i < sizeof fixed / sizeof *fixed; i++)
        if (arguments_have(arguments, fixed[i]))
            return usage_error("train", "--%s and --resume exclude each other", fixed[i]);
    if (arguments->resume && recipe_augment_is_auto(arguments))
        return usage_error("train", "--augment auto and --resume exclude each other: a run keeps its augmentations");
    return EXIT_GOOD;
}

static void say_how_to_go_on(const char *run)
{
    fprintf(stderr, "go on with: standin train --resume -o ");
    print_path(stderr, run);
    fputc('\n', stderr);
}

static void say_what_is_done(const char *run, int64_t reached)
{
    if (reached > 0) {
        print_path(stdout, run);
        printf(" is at step %" PRId64 " already; nothing was done\n", reached);
        return;
    }
    fputs("trained: ", stdout);
    print_path(stdout, run);
    fputs("\nmake images with: standin generate ", stdout);
    print_path(stdout, run);
    fputs(" -n 1000 -o FOLDER\n", stdout);
}

static bool holds_a_run(const char *path)
{
    standin_run *run;
    const bool holds = standin_run_open(&run, path) == 0;
    if (holds)
        standin_run_free(run);
    return holds;
}

int command_train(const struct arguments *arguments)
{
    const int code = check_arguments(arguments);
    if (code != EXIT_GOOD)
        return code;
    struct console console;
    struct viewer viewer = {.console = &console};
    console_begin(&console, arguments->quiet);
    if (!arguments->dry_run) /* which has nothing to lose */
        stop_listen();
    const int status = arguments->resume ? train_more(arguments, &viewer) : train_new(arguments, &viewer);
    console_clear(&console);
    if (status < 0) {
        const int failure = library_error(status);
        if (status == STANDIN_INTERRUPTED && arguments->output && holds_a_run(arguments->output))
            say_how_to_go_on(arguments->output);
        return failure;
    }
    if (!arguments->dry_run)
        say_what_is_done(arguments->output, viewer.reached);
    return EXIT_GOOD;
}
