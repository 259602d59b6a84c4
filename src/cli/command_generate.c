/* standin generate: a set of synthetic images, and a sheet of them beside real ones. */
#include "arguments.h"
#include "console.h"
#include "picks.h"
#include "stop.h"

#include <stdlib.h>
#include <string.h>

enum { IMAGES_DEFAULT = 100, HALF_COLUMNS = 8, SHEET_ROWS = 8, SHEET_COLUMNS = 2 * HALF_COLUMNS + 1, GAP_LEVEL = 255 };

static size_t image_bytes(const standin_generator *generator)
{
    return (size_t)standin_generator_width(generator) * (size_t)standin_generator_height(generator) *
           (size_t)standin_generator_channels(generator);
}

static uint8_t *cell(uint8_t *pixels, size_t image, int row, int column)
{
    return pixels + (size_t)(row * SHEET_COLUMNS + column) * image;
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
    int64_t chosen[HALF_COLUMNS * SHEET_ROWS];
    const int count = picks_choose(dataset, -1, HALF_COLUMNS * SHEET_ROWS, chosen);
    standin_image about;
    for (int i = 0; i < count; i++)
        if (standin_dataset_image(dataset, chosen[i], &about) == 0)
            memcpy(cell(pixels, image, i / HALF_COLUMNS, i % HALF_COLUMNS), about.pixels, image);
    standin_dataset_free(dataset);
    return 0;
}

/* Generated ones into the right half: images 0 and up of the seed. */
static int place_synthetic(uint8_t *pixels, size_t image, standin_generator *generator, uint64_t seed)
{
    int status = 0;
    for (int row = 0; status == 0 && row < SHEET_ROWS; row++)
        status = standin_generator_make(generator, seed, row * HALF_COLUMNS, HALF_COLUMNS,
                                        cell(pixels, image, row, HALF_COLUMNS + 1));
    return status;
}

static int write_comparison(standin_generator *generator, const struct arguments *arguments, const struct console *console)
{
    const size_t image = image_bytes(generator);
    uint8_t *pixels = malloc((size_t)(SHEET_COLUMNS * SHEET_ROWS) * image);
    if (!pixels)
        return STANDIN_MEMORY;
    memset(pixels, GAP_LEVEL, (size_t)(SHEET_COLUMNS * SHEET_ROWS) * image);
    int status = place_real(pixels, image, generator, arguments->path);
    if (status == 0)
        status = place_synthetic(pixels, image, generator, arguments->seed);
    const struct picture sheet = {pixels,
                                  SHEET_COLUMNS * SHEET_ROWS,
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

int command_generate(const struct arguments *arguments)
{
    if (!arguments->output && !arguments->compare)
        return usage_error("generate", "generate needs a folder for the images: -o FOLDER");
    struct console console;
    console_begin(&console, arguments->quiet);
    stop_listen();
    const int64_t count = arguments->count ? arguments->count : IMAGES_DEFAULT;
    standin_generator *generator;
    int status = standin_generator_open(&generator, arguments->path, (int)arguments->threads);
    if (status == 0 && arguments->output)
        status = standin_generator_write(generator, arguments->output, arguments->seed, count, arguments->grid,
                                         console_work, &console);
    console_clear(&console);
    if (status == 0 && arguments->output)
        printf("%lld images in %s\n", (long long)count, arguments->output);
    if (status == 0 && arguments->compare) {
        status = write_comparison(generator, arguments, &console);
        if (status == 0)
            printf("real images beside synthetic ones in %s\n", arguments->compare);
    }
    standin_generator_free(generator);
    return status < 0 ? library_error(status) : EXIT_GOOD;
}
