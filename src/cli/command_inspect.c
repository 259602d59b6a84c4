/* standin inspect: reads a set of images and hands the findings to a report for people or programs. */
#include "arguments.h"
#include "console.h"
#include "findings.h"
#include "picks.h"
#include "stop.h"

#include <stdlib.h>
#include <string.h>

enum { SIDE_DEFAULT = 64, SHEET_COLUMNS = 8, GAP_LEVEL = 128 };

static int open_dataset(standin_dataset **dataset, const struct arguments *arguments, struct console *console)
{
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = arguments->size.width ? arguments->size.width : SIDE_DEFAULT;
    options.height = arguments->size.height ? arguments->size.height : SIDE_DEFAULT;
    options.fit = (enum standin_fit)arguments->fit;
    options.class_name = arguments->class_name;
    options.threads = (int)arguments->threads;
    options.progress = console_work;
    options.progress_context = console;
    const int status = standin_dataset_open(dataset, arguments->path, &options);
    console_clear(console);
    return status;
}

/* One row of a few random images for every class; picture->pixels is the caller's to free. */
static int make_sheet(struct picture *picture, uint8_t **pixels, const standin_dataset *dataset)
{
    *picture = (struct picture){.count = (int64_t)standin_dataset_classes(dataset) * SHEET_COLUMNS,
                                .width = standin_dataset_width(dataset),
                                .height = standin_dataset_height(dataset),
                                .channels = standin_dataset_channels(dataset),
                                .columns = SHEET_COLUMNS};
    const size_t image = (size_t)picture->width * (size_t)picture->height * (size_t)picture->channels;
    *pixels = malloc((size_t)picture->count * image);
    if (!*pixels)
        return STANDIN_MEMORY;
    memset(*pixels, GAP_LEVEL, (size_t)picture->count * image);
    picture->pixels = *pixels;
    for (int class_index = 0; class_index < standin_dataset_classes(dataset); class_index++) {
        int64_t chosen[SHEET_COLUMNS];
        const int count = picks_choose(dataset, class_index, SHEET_COLUMNS, chosen);
        standin_image about;
        for (int i = 0; i < count; i++)
            if (standin_dataset_image(dataset, chosen[i], &about) == 0)
                memcpy(*pixels + (size_t)(class_index * SHEET_COLUMNS + i) * image, about.pixels, image);
    }
    return 0;
}

static int show_sheet(const standin_dataset *dataset, const struct arguments *arguments)
{
    const bool draw = !arguments->json && !arguments->quiet && console_can_draw(stdout);
    if (!arguments->sheet && !draw)
        return 0;
    struct picture picture;
    uint8_t *pixels;
    int status = make_sheet(&picture, &pixels, dataset);
    if (status < 0)
        return status;
    if (draw)
        console_draw(stdout, &picture, 0.7);
    if (arguments->sheet)
        status = standin_sheet_write(arguments->sheet, picture.pixels, picture.count, picture.width, picture.height,
                                     picture.channels, picture.columns);
    free(pixels);
    return status;
}

/* The augmentation that was asked for, or the one that the images ask for, with its reasons. */
static int show_augmented(const standin_dataset *dataset, const struct arguments *arguments)
{
    if (arguments->policy && strcmp(arguments->policy, "auto") != 0)
        return standin_augment_sheet(arguments->augmented, dataset, arguments->policy, arguments->seed,
                                     (int)arguments->threads);
    char *policy = NULL, *reasons = NULL;
    int status = standin_augment_choose(&policy, &reasons, dataset);
    if (status == 0) {
        if (!arguments->json)
            printf("augmentation   %s\n%s\n", policy, reasons);
        status = standin_augment_sheet(arguments->augmented, dataset, policy, arguments->seed, (int)arguments->threads);
    }
    standin_text_free(policy);
    standin_text_free(reasons);
    return status;
}

int command_inspect(const struct arguments *arguments)
{
    struct console console;
    console_begin(&console, true); /* what is skipped stands in the report */
    console.quiet = arguments->quiet;
    stop_listen();
    standin_dataset *dataset;
    int status = open_dataset(&dataset, arguments, &console);
    if (status == 0) {
        struct findings findings;
        status = findings_make(&findings, dataset);
        if (status == 0 && arguments->json)
            findings_print_json(&findings, arguments->path);
        else if (status == 0)
            findings_print(&findings, arguments->path);
        findings_free(&findings);
    }
    if (status == 0)
        status = show_sheet(dataset, arguments);
    if (status == 0 && arguments->augmented)
        status = show_augmented(dataset, arguments);
    standin_dataset_free(dataset);
    return status < 0 ? library_error(status) : EXIT_GOOD;
}
