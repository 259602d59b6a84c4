/* standin evaluate: how good a synthetic set is, and what it gives away. */
#include "arguments.h"
#include "console.h"
#include "opening.h"
#include "stop.h"
#include "study_console.h"

#include <stddef.h>

struct opened {
    standin_dataset *real, *synthetic, *train, *holdout, *test;
};

/* Of a real set that is split, its own test part is the holdout of what was trained on the rest. */
static int open_all(struct opened *opened, const struct arguments *arguments, struct console *console)
{
    standin_dataset_options opening = opening_of(arguments, console_work, console);
    int status = opening_choose_size(&opening, arguments, arguments->path);
    if (status == 0)
        status = opening_open(&opened->real, "real", arguments->path, STANDIN_PART_TRAIN, &opening, console);
    const bool own_holdout = status == 0 && !arguments->train && !arguments->holdout && opening_is_split(opened->real);
    if (status == 0 && (arguments->train || own_holdout))
        status = opening_open(&opened->train, "train", arguments->train ? arguments->train : arguments->path,
                              STANDIN_PART_TRAIN, &opening, console);
    if (status == 0 && (arguments->holdout || own_holdout))
        status = opening_open(&opened->holdout, "holdout", arguments->holdout ? arguments->holdout : arguments->path,
                              STANDIN_PART_TEST, &opening, console);
    if (status == 0 && arguments->test)
        status = opening_open(&opened->test, "test", arguments->test, STANDIN_PART_TEST, &opening, console);
    if (status == 0)
        status =
            opening_open(&opened->synthetic, "synthetic", arguments->second_path, STANDIN_PART_ALL, &opening, console);
    return status;
}

static void close_all(struct opened *opened)
{
    standin_dataset_free(opened->real);
    standin_dataset_free(opened->synthetic);
    standin_dataset_free(opened->train);
    standin_dataset_free(opened->holdout);
    standin_dataset_free(opened->test);
}

int command_evaluate(const struct arguments *arguments)
{
    struct console console;
    struct opened opened = {0};
    char *document = NULL;
    console_begin(&console, arguments->quiet);
    stop_listen();
    int status = open_all(&opened, arguments, &console);
    if (status == 0) {
        struct study_progress progress = {.console = &console};
        const standin_evaluation_sets sets = {opened.real, opened.synthetic, opened.train, opened.holdout, opened.test};
        standin_evaluate_options options = STANDIN_EVALUATE_OPTIONS_INIT;
        options.work = arguments->work;
        options.steps = arguments->steps;
        options.seed = arguments->seed;
        options.threads = (int)arguments->threads;
        options.inception = arguments->inception;
        options.progress = study_progress_show;
        options.progress_context = &progress;
        status = standin_evaluate(&document, &sets, &options);
    }
    console_clear(&console);
    const int code = status < 0 ? study_failed(arguments, status) : study_finish(arguments, document, opened.synthetic);
    close_all(&opened);
    return code;
}
