/* standin classify train, standin classify test: a classifier as the yardstick for sets of images. */
#include "arguments.h"
#include "console.h"
#include "opening.h"
#include "stop.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Training --------------------------------------------------------------------------------------------- */

static int show_progress(void *context, const standin_classifier_status *status)
{
    char left[DURATION_TEXT];
    console_progress(context, "step %" PRId64 "/%" PRId64 "  loss %.3f  %.0f images/s  %s left", status->step,
                     status->steps, status->loss, status->images_per_second, duration_text(status->seconds_left, left));
    return stop_wanted();
}

static int train(const struct arguments *arguments, struct console *console)
{
    standin_dataset *dataset = NULL, *first = NULL;
    standin_dataset_options opening = opening_of(arguments, console_work, console);
    standin_classifier_options options = STANDIN_CLASSIFIER_OPTIONS_INIT;
    int status = opening_choose_size(&opening, arguments, arguments->path);
    if (status == 0)
        status = opening_open(&dataset, "train", arguments->path, STANDIN_PART_TRAIN, &opening, console);
    if (status == 0 && arguments->first)
        status = opening_open(&first, "first", arguments->first, STANDIN_PART_TRAIN, &opening, console);
    console_clear(console);
    if (status < 0) {
        standin_dataset_free(dataset);
        return status;
    }
    options.first = first;
    options.steps = arguments->steps;
    options.seed = arguments->seed;
    options.threads = (int)arguments->threads;
    options.augment = (enum standin_augment)arguments->augment;
    options.mirror = arguments->mirror;
    options.profile = arguments->profile;
    options.progress = show_progress;
    options.progress_context = console;
    status = standin_classifier_train(arguments->output, dataset, &options);
    standin_dataset_free(dataset);
    standin_dataset_free(first);
    return status;
}

int command_classify_train(const struct arguments *arguments)
{
    if (!arguments->output)
        return usage_error("classify train", "classify train needs a file for the classifier: -o MODEL");
    struct console console;
    console_begin(&console, arguments->quiet);
    stop_listen();
    const int status = train(arguments, &console);
    console_clear(&console);
    if (status < 0)
        return library_error(status);
    printf("trained: %s\n", arguments->output);
    return EXIT_GOOD;
}

/* ---- Testing ---------------------------------------------------------------------------------------------- */

static int report(const struct arguments *arguments, const standin_classifier *classifier, const int64_t *counts)
{
    const int classes = standin_classifier_classes(classifier);
    const char **names = calloc((size_t)classes, sizeof *names);
    if (!names)
        return STANDIN_MEMORY;
    for (int i = 0; i < classes; i++)
        names[i] = standin_classifier_class_name(classifier, i);
    char *text;
    int status = standin_confusion_text(&text, counts, classes, names, arguments->json);
    if (status == 0) {
        fputs(text, stdout);
        standin_text_free(text);
        if (arguments->output)
            status = standin_confusion_write(arguments->output, counts, classes, names);
    }
    free(names);
    return status;
}

static int test(const struct arguments *arguments, struct console *console)
{
    standin_classifier *classifier;
    standin_dataset *dataset = NULL;
    int64_t *counts = NULL;
    standin_dataset_options opening = opening_of(arguments, console_work, console);
    opening.part = STANDIN_PART_TEST;
    int status = standin_classifier_open(&classifier, arguments->path, (int)arguments->threads);
    if (status < 0)
        return status;
    const size_t classes = (size_t)standin_classifier_classes(classifier);
    opening.width = standin_classifier_width(classifier);
    opening.height = standin_classifier_height(classifier);
    opening.channels = standin_classifier_channels(classifier);
    status = standin_dataset_open(&dataset, arguments->second_path, &opening);
    if (status == 0) {
        counts = calloc(classes * classes, sizeof *counts);
        status = counts ? standin_classifier_test(classifier, dataset, counts, console_work, console) : STANDIN_MEMORY;
    }
    console_clear(console);
    if (status == 0)
        status = report(arguments, classifier, counts);
    free(counts);
    standin_dataset_free(dataset);
    standin_classifier_free(classifier);
    return status;
}

int command_classify_test(const struct arguments *arguments)
{
    struct console console;
    console_begin(&console, arguments->quiet);
    stop_listen();
    const int status = test(arguments, &console);
    console_clear(&console);
    return status < 0 ? library_error(status) : EXIT_GOOD;
}
