/* standin estimate: how many images, how long, how much memory. */
#include "arguments.h"
#include "console.h"
#include "stop.h"
#include "study_sets.h"

int command_estimate(const struct arguments *arguments)
{
    struct console console;
    struct study_sets sets;
    char *document;
    if (arguments->budget > 0 && arguments->gan_steps > 0)
        return usage_error("estimate", "--budget and --gan-steps exclude each other");
    if (arguments->gan && !arguments->work)
        return usage_error("estimate", "estimate --gan trains generators, and keeps them in a folder: -w FOLDER");
    console_begin(&console, arguments->quiet);
    stop_listen();
    int status = study_sets_open(&sets, arguments, NULL, arguments->recipe ? arguments->recipe : "auto", &console);
    if (status == 0) {
        struct study_progress progress = {.console = &console};
        const standin_study_options options = study_options_of(arguments, &progress);
        status = standin_study_estimate(&document, sets.real, sets.test, &options);
    }
    study_sets_close(&sets);
    console_clear(&console);
    return status < 0 ? study_failed(arguments, status) : study_finish(arguments, document);
}
