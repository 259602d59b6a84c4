/* standin study utility, standin study augment: what synthetic images are worth to a classifier. */
#include "arguments.h"
#include "console.h"
#include "stop.h"
#include "study_sets.h"

int command_study_utility(const struct arguments *arguments)
{
    struct console console;
    struct study_sets sets;
    char *document;
    console_begin(&console, arguments->quiet);
    stop_listen();
    int status = study_sets_open(&sets, arguments, arguments->second_path, NULL, &console);
    if (status == 0) {
        struct study_progress progress = {.console = &console};
        const standin_study_options options = study_options_of(arguments, &progress);
        status = standin_study_utility(&document, sets.real, sets.test, sets.synthetic, &options);
    }
    study_sets_close(&sets);
    console_clear(&console);
    return status < 0 ? study_failed(arguments, status) : study_finish(arguments, document);
}

int command_study_augment(const struct arguments *arguments)
{
    struct console console;
    struct study_sets sets;
    char *document;
    if (!arguments->work)
        return usage_error("study augment", "study augment trains generators for hours, and keeps them in a folder: -w FOLDER");
    if (arguments->budget > 0 && arguments->gan_steps > 0)
        return usage_error("study augment", "--budget and --gan-steps exclude each other");
    console_begin(&console, arguments->quiet);
    stop_listen();
    int status = study_sets_open(&sets, arguments, NULL, arguments->recipe ? arguments->recipe : "auto", &console);
    if (status == 0) {
        struct study_progress progress = {.console = &console};
        const standin_study_options options = study_options_of(arguments, &progress);
        status = standin_study_augment(&document, sets.real, sets.test, &options);
    }
    study_sets_close(&sets);
    console_clear(&console);
    return status < 0 ? study_failed(arguments, status) : study_finish(arguments, document);
}
