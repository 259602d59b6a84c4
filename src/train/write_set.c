/* A set of synthetic images as a folder: PNG files and a manifest that is written last, so that a folder with a
 * manifest is complete. */
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/write.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <standin/standin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64, GRID_COLUMNS = 8, GRID_IMAGES = GRID_COLUMNS * GRID_COLUMNS };

static int make_empty_folder(const char *path)
{
    const int status = folder_make(path);
    if (status < 0)
        return status;
    DIR *folder = opendir(path);
    if (!folder)
        return error_set_errno(STATUS_FILE, "%s", path);
    const struct dirent *entry;
    int entries = 0;
    while ((entry = readdir(folder)) != NULL)
        entries += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return entries == 0 ? 0 : error_set(STATUS_INPUT, "%s: is not empty; give the images a folder of their own", path);
}

struct set {
    standin_generator *generator;
    const char *path;
    uint64_t seed;
    int width, height, channels;
    size_t image; /* bytes */
    uint8_t *pixels; /* BLOCK images */
};

static int write_image(const struct set *set, int64_t index, const uint8_t *pixels)
{
    char *path = text_format("%s/%08" PRId64 ".png", set->path, index);
    const int status =
        path ? image_write_unsynced(path, pixels, set->width, set->height, set->channels) : STATUS_MEMORY;
    free(path);
    return status;
}

static int write_images(const struct set *set, int64_t count, standin_progress_function *progress, void *context)
{
    for (int64_t first = 0; first < count; first += BLOCK) {
        const int64_t some = count - first < BLOCK ? count - first : BLOCK;
        int status = standin_generator_make(set->generator, set->seed, first, some, set->pixels);
        for (int64_t i = 0; status == 0 && i < some; i++)
            status = write_image(set, first + i, set->pixels + (size_t)i * set->image);
        if (status < 0)
            return status;
        if (progress && progress(context, "making images", first + some, count))
            return error_set(STATUS_INTERRUPTED, "%s: stopped after %" PRId64 " of %" PRId64 " images", set->path,
                             first + some, count);
    }
    return 0;
}

static int write_grid(const struct set *set, int64_t count)
{
    const int64_t images = count < GRID_IMAGES ? count : GRID_IMAGES;
    uint8_t *pixels = memory_new((size_t)images, set->image);
    char *path = text_format("%s/grid.png", set->path);
    int status = pixels && path ? 0 : STATUS_MEMORY;
    if (status == 0)
        status = standin_generator_make(set->generator, set->seed, 0, images, pixels);
    if (status == 0)
        status = standin_sheet_write(path, pixels, images, set->width, set->height, set->channels, GRID_COLUMNS);
    free(path);
    free(pixels);
    return status;
}

static int write_manifest(const struct set *set, int64_t count)
{
    char *path = text_format("%s/manifest.csv", set->path);
    struct file_writer *writer = NULL;
    int status = path ? file_writer_open(&writer, path) : STATUS_MEMORY;
    static const char head[] = "file,seed,index\n";
    if (status == 0)
        status = file_writer_write(writer, head, strlen(head));
    for (int64_t i = 0; status == 0 && i < count; i++) {
        char line[80];
        const int length =
            snprintf(line, sizeof line, "%08" PRId64 ".png,%" PRIu64 ",%" PRId64 "\n", i, set->seed, i);
        status = file_writer_write(writer, line, (size_t)length);
    }
    free(path);
    if (status < 0) {
        file_writer_abandon(writer);
        return status;
    }
    return file_writer_commit(writer);
}

int standin_generator_write(standin_generator *generator, const char *path, uint64_t seed, int64_t count, int grid,
                            standin_progress_function *progress, void *progress_context)
{
    if (count < 1)
        return error_set(STATUS_INPUT, "%s: cannot write %" PRId64 " images", path, count);
    struct set set = {.generator = generator,
                      .path = path,
                      .seed = seed,
                      .width = standin_generator_width(generator),
                      .height = standin_generator_height(generator),
                      .channels = standin_generator_channels(generator)};
    set.image = (size_t)set.width * (size_t)set.height * (size_t)set.channels;
    set.pixels = memory_new(BLOCK, set.image);
    int status = set.pixels ? make_empty_folder(path) : STATUS_MEMORY;
    if (status == 0)
        status = write_images(&set, count, progress, progress_context);
    if (status == 0 && grid)
        status = write_grid(&set, count);
    if (status == 0)
        status = file_sync_system(path);
    if (status == 0)
        status = write_manifest(&set, count);
    free(set.pixels);
    return status;
}
