/* standin generate: a set of synthetic images, and a sheet of them beside real ones. */
#include "arguments.h"
#include "console.h"
#include "picks.h"
#include "stop.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    IMAGES_DEFAULT = 100,
    HALF_COLUMNS = 8,
    ROWS_MINIMUM = 8,
    ROWS_MAXIMUM = 32,
    SHEET_COLUMNS = 2 * HALF_COLUMNS + 1,
    GAP_LEVEL = 255
};

/* A row for each class, as far as a sheet is still looked at. */
static int sheet_rows(int classes)
{
    return classes < ROWS_MINIMUM ? ROWS_MINIMUM : classes < ROWS_MAXIMUM ? classes : ROWS_MAXIMUM;
}

static size_t image_bytes(const standin_generator *generator)
{
    return (size_t)standin_generator_width(generator) * (size_t)standin_generator_height(generator) *
           (size_t)standin_generator_channels(generator);
}

static uint8_t *cell(uint8_t *pixels, size_t image, int row, int column)
{
    return pixels + (size_t)(row * SHEET_COLUMNS + column) * image;
}

/* Without classes a row shows images of all; with classes of one, as many rows of it as come again. */
static void place_real_row(uint8_t *pixels, size_t image, const standin_dataset *dataset, int row, int classes)
{
    int64_t chosen[HALF_COLUMNS * ROWS_MINIMUM];
    const int turn = classes > 0 ? row / classes : row;
    const int count = picks_choose(dataset, classes > 0 ? row % classes : -1, HALF_COLUMNS * ROWS_MINIMUM, chosen);
    standin_image about;
    for (int i = 0; i < HALF_COLUMNS && turn * HALF_COLUMNS + i < count; i++)
        if (standin_dataset_image(dataset, chosen[turn * HALF_COLUMNS + i], &about) == 0)
            memcpy(cell(pixels, image, row, i), about.pixels, image);
}

/* Real images into the left half of the sheet, whatever the data has become since: in the generator's size. */
static int place_real(uint8_t *pixels, size_t image, const standin_generator *generator, const char *run_path)
{
    standin_run *run;
    standin_dataset *dataset;
    int status = standin_run_open(&run, run_path);
    if (status < 0)
        return status;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    standin_run_dataset_options(run, &options);
    options.width = standin_generator_width(generator);
    options.height = standin_generator_height(generator);
    options.channels = standin_generator_channels(generator);
    status = standin_dataset_open(&dataset, standin_run_data_path(run), &options);
    standin_run_free(run);
    if (status < 0)
        return status;
    const int classes = standin_generator_classes(generator);
    for (int row = 0; row < sheet_rows(classes); row++)
        place_real_row(pixels, image, dataset, row, classes);
    standin_dataset_free(dataset);
    return 0;
}

/* Generated ones into the right half: images 0 and up of the seed, with classes a row of each in turn. */
static int place_synthetic(uint8_t *pixels, size_t image, standin_generator *generator, uint64_t seed)
{
    const int classes = standin_generator_classes(generator);
    int status = 0;
    for (int row = 0; status == 0 && row < sheet_rows(classes); row++) {
        const int turn = classes > 0 ? row / classes : row;
        status = standin_generator_make(generator, classes > 0 ? row % classes : 0, seed, (int64_t)turn * HALF_COLUMNS,
                                        HALF_COLUMNS, cell(pixels, image, row, HALF_COLUMNS + 1));
    }
    return status;
}

static int write_comparison(standin_generator *generator, const struct arguments *arguments,
                            const struct console *console)
{
    const size_t image = image_bytes(generator);
    const int count = SHEET_COLUMNS * sheet_rows(standin_generator_classes(generator));
    uint8_t *pixels = malloc((size_t)count * image);
    if (!pixels)
        return STANDIN_MEMORY;
    memset(pixels, GAP_LEVEL, (size_t)count * image);
    int status = place_real(pixels, image, generator, arguments->path);
    if (status == 0)
        status = place_synthetic(pixels, image, generator, arguments->seed);
    const struct picture sheet = {pixels,
                                  count,
                                  standin_generator_width(generator),
                                  standin_generator_height(generator),
                                  standin_generator_channels(generator),
                                  SHEET_COLUMNS};
    if (status == 0)
        status = standin_sheet_write(arguments->compare, pixels, sheet.count, sheet.width, sheet.height, sheet.channels,
                                     sheet.columns);
    if (status == 0 && !console->quiet && console_can_draw(stdout))
        console_draw(stdout, &sheet, 0.8);
    free(pixels);
    return status;
}

static void print_written(const standin_set_options *options, int classes, const char *path)
{
    if (options->per_class > 0 && !options->class_name && classes > 1)
        printf("%" PRId64 " images of each of %d classes in %s\n", options->per_class, classes, path);
    else
        printf("%" PRId64 " images in %s\n", options->count + options->per_class, path);
}

static void print_compared(int classes, const char *path)
{
    const int rows = sheet_rows(classes);
    printf("real images beside synthetic ones in %s", path);
    if (rows < classes)
        printf(": the first %d of %d classes", rows, classes);
    putchar('\n');
}

static bool is_file(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && !S_ISDIR(about.st_mode);
}

int command_generate(const struct arguments *arguments)
{
    if (arguments->count && arguments->per_class)
        return usage_error("generate", "-n and --per-class exclude each other");
    if (!arguments->output && !arguments->compare)
        return usage_error("generate", "generate needs a folder for the images: -o FOLDER");
    if (arguments->compare && is_file(arguments->path))
        return usage_error("generate",
                           "--compare needs the run's folder, which says where the real images are, and %s is a file",
                           arguments->path);
    struct console console;
    console_begin(&console, arguments->quiet);
    stop_listen();
    standin_set_options options = STANDIN_SET_OPTIONS_INIT;
    options.count = arguments->count ? arguments->count : arguments->per_class ? 0 : IMAGES_DEFAULT;
    options.per_class = arguments->per_class;
    options.class_name = arguments->class_name;
    options.seed = arguments->seed;
    options.grid = arguments->grid;
    options.progress = console_work;
    options.progress_context = &console;
    standin_generator *generator;
    int status = standin_generator_open(&generator, arguments->path, (int)arguments->threads);
    if (status == 0 && arguments->output)
        status = standin_generator_write(generator, arguments->output, &options);
    console_clear(&console);
    if (status == 0 && arguments->output)
        print_written(&options, standin_generator_classes(generator), arguments->output);
    if (status == 0 && arguments->compare) {
        status = write_comparison(generator, arguments, &console);
        if (status == 0)
            print_compared(standin_generator_classes(generator), arguments->compare);
    }
    standin_generator_free(generator);
    return status < 0 ? library_error(status) : EXIT_GOOD;
}
