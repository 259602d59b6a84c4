/* A set of synthetic images as a folder: PNG files, with labels in a folder for each class, and tables that tell of
 * them. It appears under its name when it is complete (base/staging.h), the manifest last. */
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/staging.h"
#include "data/dataset.h"
#include "data/write.h"
#include "train/generator.h"

#include <inttypes.h>
#include <standin/standin.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64, GRID_COLUMNS = 8, GRID_ROWS_ONE_KIND = 8, GRID_ROWS_MAXIMUM = 32 };

struct set {
    standin_generator *generator;
    const standin_set_options *options;
    const char *path;   /* where it will be, to speak of */
    const char *folder; /* where it is written */
    int classes;        /* 0: unlabelled */
    int64_t *images;    /* of each class; of the one kind there is */
    int64_t total;
    int width, height, channels;
    size_t image;    /* bytes */
    uint8_t *pixels; /* BLOCK images */
};

/* ---- How many of what --------------------------------------------------------------------------------------- */

static int find_class(const struct set *set, const char *name)
{
    for (int c = 0; c < set->classes; c++)
        if (strcmp(standin_generator_class_name(set->generator, c), name) == 0)
            return c;
    return error_set(STATUS_INPUT, "%s: knows no class '%.80s'", generator_path(set->generator), name);
}

static int deal_out(struct set *set)
{
    const standin_set_options *options = set->options;
    const int kinds = set->classes > 0 ? set->classes : 1;
    if (options->per_class > 0 && set->classes == 0)
        return error_set(STATUS_INPUT, "%s: was trained without labels: say how many images in all",
                         generator_path(set->generator));
    if (options->class_name && set->classes == 0)
        return error_set(STATUS_INPUT, "%s: was trained without labels and knows no class '%.80s'",
                         generator_path(set->generator), options->class_name);
    const int only = options->class_name ? find_class(set, options->class_name) : -1;
    if (options->class_name && only < 0)
        return only;
    const int64_t sharing = only < 0 ? kinds : 1;
    for (int c = 0, turn = 0; c < kinds; c++) {
        if (only >= 0 && c != only)
            continue;
        set->images[c] =
            options->count > 0 ? options->count / sharing + (turn < options->count % sharing) : options->per_class;
        set->total += set->images[c];
        turn++;
    }
    return set->total > 0 ? 0 : error_set(STATUS_INPUT, "%s: cannot write no images", set->path);
}

/* ---- Images ------------------------------------------------------------------------------------------------- */

/* "car/00000017.png"; without labels "00000017.png". To be freed. */
static char *relative_path(const struct set *set, int class_index, int64_t index)
{
    return set->classes > 0
               ? text_format("%s/%08" PRId64 ".png", standin_generator_class_name(set->generator, class_index), index)
               : text_format("%08" PRId64 ".png", index);
}

static int write_image(const struct set *set, int class_index, int64_t index, const uint8_t *pixels)
{
    char *name = relative_path(set, class_index, index);
    char *path = name ? text_format("%s/%s", set->folder, name) : NULL;
    const int status =
        path ? image_write_unsynced(path, pixels, set->width, set->height, set->channels) : STATUS_MEMORY;
    free(path);
    free(name);
    return status;
}

static int make_class_folder(const struct set *set, int class_index)
{
    if (set->classes == 0)
        return 0;
    char *path = text_format("%s/%s", set->folder, standin_generator_class_name(set->generator, class_index));
    const int status = path ? folder_make(path) : STATUS_MEMORY;
    free(path);
    return status;
}

static int write_class(const struct set *set, int class_index, int64_t *done)
{
    const standin_set_options *options = set->options;
    const int64_t count = set->images[class_index];
    int status = count > 0 ? make_class_folder(set, class_index) : 0;
    for (int64_t first = 0; status == 0 && first < count; first += BLOCK) {
        const int64_t some = count - first < BLOCK ? count - first : BLOCK;
        status = standin_generator_make(set->generator, class_index, options->seed, first, some, set->pixels);
        for (int64_t i = 0; status == 0 && i < some; i++)
            status = write_image(set, class_index, first + i, set->pixels + (size_t)i * set->image);
        *done += some;
        if (status == 0 && options->progress &&
            options->progress(options->progress_context, "making images", *done, set->total))
            status =
                error_set(STATUS_INTERRUPTED, "%s: stopped after %" PRId64 " of %" PRId64 " images; none were kept",
                          set->path, *done, set->total);
    }
    return status;
}

static int write_images(const struct set *set)
{
    int64_t done = 0;
    int status = 0;
    for (int c = 0; status == 0 && c < (set->classes > 0 ? set->classes : 1); c++)
        status = write_class(set, c, &done);
    return status;
}

/* ---- The grid ----------------------------------------------------------------------------------------------- */

static int count_kinds_made(const struct set *set)
{
    int made = 0;
    for (int c = 0; c < (set->classes > 0 ? set->classes : 1); c++)
        made += set->images[c] > 0;
    return made;
}

/* The first kind from `c` on that there are images of. */
static int kind_made(const struct set *set, int c)
{
    while (set->images[c] == 0)
        c++;
    return c;
}

static int write_grid(const struct set *set)
{
    const int kinds = count_kinds_made(set);
    const bool row_a_class = kinds > 1;
    const int rows = !row_a_class ? GRID_ROWS_ONE_KIND : kinds < GRID_ROWS_MAXIMUM ? kinds : GRID_ROWS_MAXIMUM;
    uint8_t *pixels = memory_new((size_t)rows * GRID_COLUMNS, set->image);
    char *path = text_format("%s/grid.png", set->folder);
    int status = pixels && path ? 0 : STATUS_MEMORY;
    for (int row = 0, c = kind_made(set, 0); status == 0 && row < rows; row++) {
        status =
            standin_generator_make(set->generator, c, set->options->seed, row_a_class ? 0 : (int64_t)row * GRID_COLUMNS,
                                   GRID_COLUMNS, pixels + (size_t)row * GRID_COLUMNS * set->image);
        if (row_a_class && row + 1 < rows)
            c = kind_made(set, c + 1);
    }
    if (status == 0)
        status = standin_sheet_write(path, pixels, (int64_t)rows * GRID_COLUMNS, set->width, set->height, set->channels,
                                     GRID_COLUMNS);
    free(path);
    free(pixels);
    return status;
}

/* ---- Tables ------------------------------------------------------------------------------------------------- */

typedef char *line_function(const struct set *set, const char *file, const char *label, int64_t index);

static char *manifest_line(const struct set *set, const char *file, const char *label, int64_t index)
{
    return text_format("%s,%s,%" PRIu64 ",%" PRId64 "\n", file, label, set->options->seed, index);
}

static char *metadata_line(const struct set *set, const char *file, const char *label, int64_t index)
{
    (void)set, (void)index;
    return text_format("%s,%s\n", file, label);
}

static int write_lines(const struct set *set, struct file_writer *writer, line_function *line_of, int class_index)
{
    char *label = write_csv_field(set->classes > 0 ? standin_generator_class_name(set->generator, class_index) : "");
    int status = label ? 0 : STATUS_MEMORY;
    for (int64_t i = 0; status == 0 && i < set->images[class_index]; i++) {
        char *name = relative_path(set, class_index, i);
        char *file = name ? write_csv_field(name) : NULL;
        char *line = file ? line_of(set, file, label, i) : NULL;
        status = line ? file_writer_write(writer, line, strlen(line)) : STATUS_MEMORY;
        free(line);
        free(file);
        free(name);
    }
    free(label);
    return status;
}

static int write_table(const struct set *set, const char *name, const char *head, line_function *line_of)
{
    char *path = text_format("%s/%s", set->folder, name);
    struct file_writer *writer = NULL;
    int status = path ? file_writer_open(&writer, path) : STATUS_MEMORY;
    if (status == 0)
        status = file_writer_write(writer, head, strlen(head));
    for (int c = 0; status == 0 && c < (set->classes > 0 ? set->classes : 1); c++)
        status = write_lines(set, writer, line_of, c);
    free(path);
    if (status < 0) {
        file_writer_abandon(writer);
        return status;
    }
    return file_writer_commit(writer);
}

/* ---- The set ------------------------------------------------------------------------------------------------ */

static int fill_folder(const struct set *set)
{
    int status = write_images(set);
    if (status == 0 && set->options->grid)
        status = write_grid(set);
    if (status == 0 && set->classes > 0)
        status = write_table(set, "metadata.csv", "file_name,label\n", metadata_line);
    return status == 0 ? write_table(set, "manifest.csv", "file,label,seed,index\n", manifest_line) : status;
}

/* A run says which images it was trained on; a checkpoint by itself does not. */
static int check_place(const struct set *set)
{
    standin_run *run;
    if (standin_run_open(&run, generator_path(set->generator)) < 0)
        return 0;
    const int status = dataset_check_place(standin_run_data_path(run), set->path);
    standin_run_free(run);
    return status;
}

/* A set that was stopped is no set: nobody could tell it from a small one. */
static int write_set(struct set *set)
{
    struct staging *staging;
    int status = staging_open(&staging, set->path);
    if (status < 0)
        return status;
    set->folder = staging_folder(staging);
    status = fill_folder(set);
    if (status < 0) {
        staging_abandon(staging);
        return status;
    }
    return staging_commit(staging, "manifest.csv");
}

int standin_generator_write(standin_generator *generator, const char *path, const standin_set_options *options)
{
    if (options->count < 0 || options->per_class < 0 || (options->count > 0 && options->per_class > 0))
        return error_set(STATUS_INPUT, "%s: cannot write %" PRId64 " images and %" PRId64 " of each class", path,
                         options->count, options->per_class);
    struct set set = {.generator = generator,
                      .options = options,
                      .path = path,
                      .classes = standin_generator_classes(generator),
                      .width = standin_generator_width(generator),
                      .height = standin_generator_height(generator),
                      .channels = standin_generator_channels(generator)};
    set.image = (size_t)set.width * (size_t)set.height * (size_t)set.channels;
    set.pixels = memory_new(BLOCK, set.image);
    set.images = memory_new((size_t)set.classes + 1, sizeof *set.images);
    int status = set.pixels && set.images ? deal_out(&set) : STATUS_MEMORY;
    if (status == 0)
        status = check_place(&set);
    if (status == 0)
        status = write_set(&set);
    free(set.images);
    free(set.pixels);
    return status;
}
