/* standin select: the best of a synthetic set. */
#include "arguments.h"
#include "console.h"
#include "opening.h"
#include "stop.h"
#include "study_console.h"

#include <stddef.h>

static int check(const struct arguments *arguments)
{
    if (!arguments->output)
        return usage_error("select", "select needs a new folder for the images: -o FOLDER");
    if (!arguments->against)
        return usage_error("select", "select needs the real images: --against DIR");
    if (!arguments_have(arguments, "by"))
        return usage_error("select",
                           "select needs to know what to choose by: --by ssim, density, classifier or nearest");
    return EXIT_GOOD;
}

static standin_select_options options_of(const struct arguments *arguments, struct study_progress *progress)
{
    standin_select_options options = STANDIN_SELECT_OPTIONS_INIT;
    options.by = (enum standin_select_by)arguments->by;
    options.keep = arguments->keep;
    options.reject_copies = arguments->reject_copies;
    options.work = arguments->work;
    options.steps = arguments->steps;
    options.seed = arguments->seed;
    options.threads = (int)arguments->threads;
    options.progress = study_progress_show;
    options.progress_context = progress;
    return options;
}

int command_select(const struct arguments *arguments)
{
    const int code = check(arguments);
    if (code != EXIT_GOOD)
        return code;
    struct console console;
    standin_dataset *real = NULL, *synthetic = NULL;
    standin_dataset_options opening = opening_of(arguments, console_work, &console);
    char *document = NULL;
    console_begin(&console, arguments->quiet);
    stop_listen();
    int status = opening_choose_size(&opening, arguments, arguments->against);
    if (status == 0)
        status = opening_open(&real, "real", arguments->against, STANDIN_PART_TRAIN, &opening, &console);
    if (status == 0)
        status = opening_open(&synthetic, "synthetic", arguments->path, STANDIN_PART_ALL, &opening, &console);
    if (status == 0) {
        struct study_progress progress = {.console = &console};
        const standin_select_options options = options_of(arguments, &progress);
        status = standin_select(&document, arguments->output, synthetic, real, &options);
    }
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
    console_clear(&console);
    if (status < 0)
        return study_failed(arguments, status);
    struct arguments printed = *arguments;
    printed.output = NULL; /* is the folder of the images */
    return study_finish(&printed, document, NULL);
}
