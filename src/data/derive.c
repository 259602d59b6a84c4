/* Every derived set is filled by picks; the hash of a set covers names and digests, so picks of equal images are equal
 * sets, and repainted images get a digest of their new pixels. */
#include "data/derive.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "data/memory_limit.h"
#include "data/set.h"

#include <glib.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int64_t image_bytes(const standin_dataset *dataset)
{
    return (int64_t)dataset->width * dataset->height * dataset->channels;
}

static int check_picks(const struct pick *picks, int64_t count)
{
    if (count < 1 || count > INT_MAX)
        return error_set(STATUS_INPUT, "a set of %lld images", (long long)count);
    const standin_dataset *first = picks[0].dataset;
    for (int64_t i = 0; i < count; i++) {
        const standin_dataset *dataset = picks[i].dataset;
        if (!dataset->pixels)
            return error_set(STATUS_INPUT, "%s: opened without a size, so it has no pixels to take", dataset->path);
        if (dataset->width != first->width || dataset->height != first->height || dataset->channels != first->channels)
            return error_set(STATUS_INPUT, "%s has images of %dx%d with %d channels, and %s of %dx%d with %d",
                             first->path, first->width, first->height, first->channels, dataset->path, dataset->width,
                             dataset->height, dataset->channels);
        if (picks[i].index < 0 || picks[i].index >= dataset->count)
            return error_set(STATUS_INPUT, "%s: no image %lld in a set of %lld", dataset->path,
                             (long long)picks[i].index, (long long)dataset->count);
    }
    return 0;
}

/* Text is copied: the sets that it comes from may be freed first. Raw pixels are not: a derived set cannot be decoded
 * again. */
static int take_record(standin_dataset *dataset, struct record *record, const struct record *from)
{
    struct arena *arena = dataset->listing.arena;
    *record = *from;
    record->entry = (struct listing_entry){.path = arena_text(arena, from->entry.path),
                                           .name = arena_text(arena, from->entry.name),
                                           .class_name = arena_text(arena, from->entry.class_name),
                                           .group = arena_text(arena, from->entry.group),
                                           .split = arena_text(arena, from->entry.split)};
    return record->entry.path && record->entry.name && record->entry.class_name && record->entry.group &&
                   record->entry.split
               ? 0
               : STATUS_MEMORY;
}

static int reserve(standin_dataset *dataset, int64_t count)
{
    int64_t bytes;
    if (!size_multiply(count, image_bytes(dataset), &bytes) || bytes > memory_limit())
        return error_set(STATUS_INPUT, "%s: %lld images of %dx%d are more than this machine's memory holds",
                         dataset->path, (long long)count, dataset->width, dataset->height);
    dataset->records = memory_new((size_t)count, sizeof *dataset->records);
    dataset->labels = memory_new((size_t)count, sizeof *dataset->labels);
    dataset->pixels = memory_new((size_t)bytes, 1);
    return dataset->records && dataset->labels && dataset->pixels ? 0 : STATUS_MEMORY;
}

static int begin(standin_dataset *dataset, const standin_dataset *like, int64_t count)
{
    dataset->width = like->width;
    dataset->height = like->height;
    dataset->channels = like->channels;
    dataset->options = like->options;
    dataset->options.class_name = NULL;
    dataset->path = text_copy(like->path);
    int status = dataset->path ? listing_new(&dataset->listing) : STATUS_MEMORY;
    if (status == 0)
        status = reserve(dataset, count);
    return status;
}

static int fill(standin_dataset *dataset, const struct pick *picks, int64_t count)
{
    int status = begin(dataset, picks[0].dataset, count);
    const size_t bytes = (size_t)image_bytes(dataset);
    for (int64_t i = 0; status == 0 && i < count; i++) {
        const standin_dataset *from = picks[i].dataset;
        memcpy(dataset->pixels + (size_t)i * bytes, from->pixels + (size_t)picks[i].index * bytes, bytes);
        status = take_record(dataset, &dataset->records[i], &from->records[picks[i].index]);
    }
    dataset->count = count;
    return status;
}

static void digest_pixels(standin_dataset *dataset)
{
    const size_t bytes = (size_t)image_bytes(dataset);
    for (int64_t i = 0; i < dataset->count; i++) {
        GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
        gsize size = DIGEST_SIZE;
        g_checksum_update(checksum, dataset->pixels + (size_t)i * bytes, (gssize)bytes);
        g_checksum_get_digest(checksum, dataset->records[i].decoded.digest, &size);
        g_checksum_free(checksum);
    }
}

static int derive(standin_dataset **out, const struct pick *picks, int64_t count, const uint8_t *pixels)
{
    *out = NULL;
    int status = check_picks(picks, count);
    if (status < 0)
        return status;
    standin_dataset *dataset = memory_new(1, sizeof *dataset);
    if (!dataset)
        return STATUS_MEMORY;
    status = fill(dataset, picks, count);
    if (status == 0 && pixels) {
        memcpy(dataset->pixels, pixels, (size_t)(count * image_bytes(dataset)));
        digest_pixels(dataset);
    }
    if (status == 0)
        status = set_settle(dataset);
    if (status < 0)
        standin_dataset_free(dataset);
    else
        *out = dataset;
    return status;
}

int derive_picks(standin_dataset **out, const struct pick *picks, int64_t count)
{
    return derive(out, picks, count, NULL);
}

static int derive_all(standin_dataset **out, const standin_dataset *const *sets, int sets_count, const uint8_t *pixels)
{
    int64_t count = 0;
    *out = NULL;
    for (int i = 0; i < sets_count; i++)
        count += sets[i]->count;
    struct pick *picks = memory_new((size_t)count, sizeof *picks);
    if (!picks)
        return STATUS_MEMORY;
    for (int64_t i = 0, k = 0; i < sets_count; i++)
        for (int64_t image = 0; image < sets[i]->count; image++)
            picks[k++] = (struct pick){sets[i], image};
    const int status = derive(out, picks, count, pixels);
    free(picks);
    return status;
}

int derive_joined(standin_dataset **out, const standin_dataset *const *sets, int count)
{
    return derive_all(out, sets, count, NULL);
}

int derive_repainted(standin_dataset **out, const standin_dataset *dataset, const uint8_t *pixels)
{
    return derive_all(out, &dataset, 1, pixels);
}
