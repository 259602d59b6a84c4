/* The graph of augment.h alone, run once. */
#include "train/augment_sheet.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "data/dataset.h"
#include "run/plan.h"
#include "train/augment.h"
#include "train/pixels.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 6, COLUMNS = 10, VERSIONS = COLUMNS - 1 };

struct sheet {
    struct graph *graph;
    struct node *result; /* (ROWS * VERSIONS, H, W, C) */
    struct plan *plan;
    struct store *store;
    struct pool *pool;
    struct executor *executor;
    float *numbers;  /* (ROWS * VERSIONS, H, W, C) */
    uint8_t *pixels; /* (ROWS, COLUMNS, H, W, C) */
};

static void sheet_free(struct sheet *sheet)
{
    executor_free(sheet->executor);
    pool_free(sheet->pool);
    store_free(sheet->store);
    plan_free(sheet->plan);
    graph_free(sheet->graph);
    free(sheet->numbers);
    free(sheet->pixels);
}

static int sheet_make(struct sheet *sheet, struct shape shape, unsigned parts, int threads)
{
    int status = graph_new(&sheet->graph);
    if (status < 0)
        return status;
    struct graph *g = sheet->graph;
    sheet->result = augment(g, parts, graph_input(g, "images", shape), NULL, RANDOM_AUGMENT);
    graph_output(g, sheet->result);
    status = graph_status(g);
    if (status == 0)
        status = plan_make(&sheet->plan, g, &cpu_f32, 0);
    if (status == 0)
        status = store_new(&sheet->store, NUMBER_F32);
    if (status == 0)
        status = pool_new(&sheet->pool, threads);
    return status < 0 ? status : executor_new(&sheet->executor, sheet->plan, sheet->store, sheet->pool);
}

/* The image for a row: a random one, of the row's class as long as classes last. */
static int64_t image_of_row(const standin_dataset *dataset, int row, uint64_t seed)
{
    const int64_t images = standin_dataset_images(dataset);
    const int32_t wanted = row % standin_dataset_classes(dataset);
    float draw;
    random_uniform((random_address){seed, 0, RANDOM_SAMPLE_GRID, (uint64_t)row}, 0, 1, &draw);
    int64_t left = (int64_t)((double)draw * (double)standin_dataset_class_images(dataset, wanted));
    for (int64_t i = 0; i < images; i++)
        if (dataset_labels(dataset)[i] == wanted && left-- == 0)
            return i;
    return 0;
}

static void fill_originals(struct sheet *sheet, const standin_dataset *dataset, int64_t elements, uint64_t seed)
{
    for (int row = 0; row < ROWS; row++) {
        const uint8_t *image = dataset_pixels(dataset) + image_of_row(dataset, row, seed) * elements;
        memcpy(sheet->pixels + row * COLUMNS * elements, image, (size_t)elements);
        for (int version = 0; version < VERSIONS; version++)
            for (int64_t i = 0; i < elements; i++)
                sheet->numbers[(row * VERSIONS + version) * elements + i] = pixel_to_number(image[i]);
    }
}

static void fill_versions(struct sheet *sheet, int64_t elements)
{
    const float *result = executor_output(sheet->executor, sheet->result);
    for (int row = 0; row < ROWS; row++)
        for (int64_t i = 0; i < VERSIONS * elements; i++)
            sheet->pixels[(row * COLUMNS + 1) * elements + i] = pixel_from_number(*result++);
}

int augment_sheet(const char *path, const standin_dataset *dataset, unsigned parts, uint64_t seed, int threads)
{
    const int width = standin_dataset_width(dataset), height = standin_dataset_height(dataset);
    const int channels = standin_dataset_channels(dataset);
    const int64_t elements = (int64_t)width * height * channels;
    if (!dataset_pixels(dataset))
        return error_set(STATUS_INPUT, "%s: a sheet needs decoded images, and it was only looked at",
                         dataset_path(dataset));
    struct sheet sheet = {0};
    const struct shape shape = shape_batch(ROWS * VERSIONS, 3, (int64_t[]){height, width, channels});
    sheet.numbers = memory_new((size_t)(ROWS * VERSIONS * elements), sizeof *sheet.numbers);
    sheet.pixels = memory_new((size_t)(ROWS * COLUMNS * elements), 1);
    int status = sheet.numbers && sheet.pixels ? sheet_make(&sheet, shape, parts, threads) : STATUS_MEMORY;
    if (status < 0)
        goto done;
    fill_originals(&sheet, dataset, elements, seed);
    status = executor_bind(sheet.executor, "images", sheet.numbers);
    if (status == 0)
        status = executor_run(sheet.executor, seed, 0);
    if (status < 0)
        goto done;
    fill_versions(&sheet, elements);
    status = standin_sheet_write(path, sheet.pixels, ROWS * COLUMNS, width, height, channels, COLUMNS);
done:
    sheet_free(&sheet);
    return status;
}

int standin_augment_sheet(const char *path, const standin_dataset *dataset, const char *policy, uint64_t seed,
                          int threads)
{
    unsigned parts;
    const int status = augment_parse(&parts, policy);
    return status < 0 ? status : augment_sheet(path, dataset, parts, seed, threads);
}
