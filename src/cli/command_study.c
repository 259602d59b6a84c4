/* standin study utility, standin study augment, standin estimate: what synthetic images are worth to a classifier, and
 * how many real ones a generator needs. */
#include "arguments.h"
#include "console.h"
#include "stop.h"
#include "study_console.h"
#include "study_sets.h"

#include <stddef.h>

typedef int study_function(char **document, const struct study_sets *sets, const standin_study_options *options);

static standin_study_options options_of(const struct arguments *arguments, struct study_progress *progress)
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

/* `synthetic` and `recipe` as for study_sets_open. */
static int run(const struct arguments *arguments, const char *synthetic, const char *recipe, study_function *study)
{
    struct console console;
    struct study_sets sets;
    char *document;
    console_begin(&console, arguments->quiet);
    stop_listen();
    int status = study_sets_open(&sets, arguments, synthetic, recipe, &console);
    if (status == 0) {
        struct study_progress progress = {.console = &console};
        const standin_study_options options = options_of(arguments, &progress);
        status = study(&document, &sets, &options);
    }
    console_clear(&console);
    const int code = status < 0 ? study_failed(arguments, status) : study_finish(arguments, document, sets.synthetic);
    study_sets_close(&sets);
    return code;
}

/* Of a study that trains generators itself. */
static int run_generators(const struct arguments *arguments, const char *command, study_function *study)
{
    if (arguments->budget > 0 && arguments->gan_steps > 0)
        return usage_error(command, "--budget and --gan-steps exclude each other");
    return run(arguments, NULL, arguments->recipe ? arguments->recipe : "auto", study);
}

static int utility(char **document, const struct study_sets *sets, const standin_study_options *options)
{
    return standin_study_utility(document, sets->real, sets->test, sets->synthetic, options);
}

static int augment(char **document, const struct study_sets *sets, const standin_study_options *options)
{
    return standin_study_augment(document, sets->real, sets->test, options);
}

static int estimate(char **document, const struct study_sets *sets, const standin_study_options *options)
{
    return standin_study_estimate(document, sets->real, sets->test, options);
}

int command_study_utility(const struct arguments *arguments)
{
    return run(arguments, arguments->second_path, NULL, utility);
}

int command_study_augment(const struct arguments *arguments)
{
    if (!arguments->work)
        return usage_error("study augment",
                           "study augment trains generators for hours, and keeps them in a folder: -w FOLDER");
    return run_generators(arguments, "study augment", augment);
}

int command_estimate(const struct arguments *arguments)
{
    if (arguments->gan && !arguments->work)
        return usage_error("estimate", "estimate --gan trains generators, and keeps them in a folder: -w FOLDER");
    return run_generators(arguments, "estimate", estimate);
}
