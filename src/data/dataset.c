/* Opens a set: lists its files, decodes them on all processors, drops and lists what cannot be decoded, and settles
 * classes, duplicates and the hash. Nothing in the result depends on the number of threads. */
#include "data/dataset.h"

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/pool.h"
#include "data/decode.h"
#include "data/memory_limit.h"
#include "data/set.h"
#include "data/twins.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { SIDE_MINIMUM = 8, SIDE_MAXIMUM = 4096, SKIPS_LOGGED = 10 };
static const int64_t pixel_limit_default = 100 * 1000 * 1000;

static int check_size(int width, int height)
{
    if (width < SIDE_MINIMUM || width > SIDE_MAXIMUM || height < SIDE_MINIMUM || height > SIDE_MAXIMUM)
        return error_set(STATUS_INPUT, "images of %d x %d pixels: each side must be from %d to %d", width, height,
                         SIDE_MINIMUM, SIDE_MAXIMUM);
    return 0;
}

static int check_options(const standin_dataset_options *options)
{
    if (options->channels != 0 && options->channels != 1 && options->channels != 3)
        return error_set(STATUS_INPUT, "channels must be 1 (grey), 3 (colour) or 0, not %d", options->channels);
    if (options->fit < STANDIN_FIT_CROP || options->fit > STANDIN_FIT_STRETCH)
        return error_set(STATUS_INPUT, "no such fit: %d", (int)options->fit);
    if (options->pixel_limit < 0)
        return error_set(STATUS_INPUT, "the pixel limit must not be negative: %lld", (long long)options->pixel_limit);
    if (options->width == 0 && options->height == 0)
        return 0;
    return check_size(options->width, options->height);
}

/* ---- Listing --------------------------------------------------------------------------------------------- */

static bool ends_in_csv(const char *path)
{
    const size_t length = strlen(path);
    return length > 4 && strcasecmp(path + length - 4, ".csv") == 0;
}

static int list_source(struct listing *listing, const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return error_set_errno(STATUS_FILE, "%s", path);
    if (S_ISDIR(about.st_mode))
        return find_folder(listing, path);
    if (!S_ISREG(about.st_mode))
        return error_set(STATUS_FILE, "%s: neither a folder nor a regular file", path);
    return ends_in_csv(path) ? csv_read(listing, path) : idx_read(listing, path, "");
}

static int no_images(const struct listing *listing, const char *path)
{
    if (listing->skips_count == 0)
        return error_set(STATUS_INPUT, "%s: no images", path);
    const struct listing_skip *first = &listing->skips[0];
    return error_set(STATUS_INPUT, "%s: no usable image; %zu skipped, the first: %s: %s", path, listing->skips_count,
                     first->path, first->reason);
}

static int keep_class(struct listing *listing, const char *path, const char *class_name)
{
    if (!class_name)
        return 0;
    size_t kept = 0;
    for (size_t i = 0; i < listing->count; i++)
        if (strcmp(listing->entries[i].class_name, class_name) == 0)
            listing->entries[kept++] = listing->entries[i];
    listing->count = kept;
    return kept > 0 ? 0 : error_set(STATUS_INPUT, "%s: no class called %s", path, class_name);
}

static bool has_split(const struct listing *listing, const char *split)
{
    for (size_t i = 0; i < listing->count; i++)
        if (strcmp(listing->entries[i].split, split) == 0)
            return true;
    return false;
}

/* A set with splits of which none serves is no set for this purpose. */
static int keep_part(struct listing *listing, const char *path, enum standin_part part)
{
    const bool train = has_split(listing, "train"), val = has_split(listing, "val"), test = has_split(listing, "test");
    if (part == STANDIN_PART_ALL || !(train || val || test))
        return 0;
    const char *wanted = part == STANDIN_PART_TRAIN ? "train" : test ? "test" : "val";
    size_t kept = 0;
    for (size_t i = 0; i < listing->count; i++)
        if (strcmp(listing->entries[i].split, wanted) == 0)
            listing->entries[kept++] = listing->entries[i];
    listing->count = kept;
    return kept > 0 ? 0
                    : error_set(STATUS_INPUT, "%s: is split into parts, but has no images called %s", path,
                                part == STANDIN_PART_TRAIN ? "train" : "test or val");
}

static int records_new(standin_dataset *dataset)
{
    const struct listing *listing = &dataset->listing;
    if (listing->count > INT_MAX)
        return error_set(STATUS_INPUT, "%zu images are too many", listing->count);
    dataset->records = memory_new(listing->count, sizeof *dataset->records);
    dataset->labels = memory_new(listing->count, sizeof *dataset->labels);
    if (!dataset->records || !dataset->labels)
        return STATUS_MEMORY;
    dataset->count = (int64_t)listing->count;
    for (size_t i = 0; i < listing->count; i++)
        dataset->records[i].entry = listing->entries[i];
    return 0;
}

/* ---- Decoding -------------------------------------------------------------------------------------------- */

/* The room that each image has while nobody knows whether the set is grey or colour. */
static int64_t slot_size(const standin_dataset *dataset, int channels)
{
    return (int64_t)dataset->width * dataset->height * (channels ? channels : 3);
}

/* Memory that is never written costs nothing: a grey set touches a third of what is reserved. */
static int reserve_pixels(standin_dataset *dataset, const char *path, int channels)
{
    const int64_t slot = slot_size(dataset, channels), limit = memory_limit();
    int64_t bytes;
    if (slot == 0)
        return 0;
    if (!size_multiply(dataset->count, slot, &bytes) || bytes > limit)
        return error_set(STATUS_INPUT,
                         "%s: %lld images of %d x %d x %d bytes need %.1f GiB, more than the %.1f GiB that a set may "
                         "fill here: choose a smaller size or fewer images",
                         path, (long long)dataset->count, dataset->width, dataset->height, channels ? channels : 3,
                         gibibytes(dataset->count * slot), gibibytes(limit));
    dataset->pixels = memory_new((size_t)dataset->count, (size_t)slot);
    return dataset->pixels ? 0 : STATUS_MEMORY;
}

struct reading {
    standin_dataset *dataset;
    const standin_dataset_options *options;
    struct decode_request request;
    int64_t slot;
    bool *failed; /* by image */
    atomic_int_fast64_t done;
    atomic_bool stop;
};

static int read_image(const struct reading *reading, int64_t index)
{
    struct record *record = &reading->dataset->records[index];
    const struct listing_entry *entry = &record->entry;
    uint8_t *pixels = reading->dataset->pixels ? reading->dataset->pixels + index * reading->slot : NULL;
    if (entry->raw)
        return decode_grey(&record->decoded, pixels, entry->raw, entry->raw_width, entry->raw_height,
                           &reading->request);
    return decode_file(&record->decoded, pixels, entry->path, &reading->request);
}

static void read_task(void *context, int task, int worker)
{
    struct reading *reading = context;
    if (atomic_load(&reading->stop))
        return;
    reading->failed[task] = read_image(reading, task) < 0;
    const int64_t done = atomic_fetch_add(&reading->done, 1) + 1;
    const standin_dataset_options *options = reading->options;
    if (worker == 0 && options->progress && /* worker 0 is the thread that called the library */
        options->progress(options->progress_context, "reading images", done, reading->dataset->count) != 0)
        atomic_store(&reading->stop, true);
}

/* libvips keeps one message for all threads, so the reasons are found by trying the failed files again, alone. */
static int list_failures(struct reading *reading)
{
    standin_dataset *dataset = reading->dataset;
    for (int64_t i = 0; i < dataset->count; i++) {
        if (!reading->failed[i])
            continue;
        const int status = read_image(reading, i);
        reading->failed[i] = status < 0;
        if (status == STATUS_MEMORY)
            return status;
        if (status < 0 && listing_skip_error(&dataset->listing, dataset->records[i].entry.path) < 0)
            return STATUS_MEMORY;
    }
    return 0;
}

static int settled_channels(const struct reading *reading)
{
    if (reading->request.channels)
        return reading->request.channels;
    for (int64_t i = 0; i < reading->dataset->count; i++)
        if (!reading->failed[i] && reading->dataset->records[i].decoded.channels == 3)
            return 3;
    return 1;
}

/* Closes up the images that were read, all with the channels of the set. An image never moves up, and a grey one that
 * becomes colour grows within its slot, so that one pass forwards is safe. */
static void close_up(struct reading *reading)
{
    standin_dataset *dataset = reading->dataset;
    const int64_t area = (int64_t)dataset->width * dataset->height;
    const int channels = settled_channels(reading);
    int64_t kept = 0;
    for (int64_t i = 0; i < dataset->count; i++) {
        if (reading->failed[i])
            continue;
        const int held = reading->request.channels ? channels : dataset->records[i].decoded.channels;
        dataset->records[kept] = dataset->records[i];
        if (dataset->pixels) {
            uint8_t *to = dataset->pixels + kept * area * channels;
            memmove(to, dataset->pixels + i * reading->slot, (size_t)(area * held));
            for (int64_t p = area - 1; held < channels && p >= 0; p--)
                to[3 * p] = to[3 * p + 1] = to[3 * p + 2] = to[p];
        }
        kept++;
    }
    dataset->count = kept;
    dataset->channels = dataset->pixels ? channels : 0;
    if (dataset->pixels && kept > 0) {
        uint8_t *shrunk = realloc(dataset->pixels, (size_t)(kept * area * channels));
        dataset->pixels = shrunk ? shrunk : dataset->pixels;
    }
}

static int read_images(standin_dataset *dataset, const standin_dataset_options *options)
{
    struct reading reading = {
        .dataset = dataset,
        .options = options,
        .request = {options->width, options->height, options->fit, options->channels,
                    options->pixel_limit ? options->pixel_limit : pixel_limit_default},
        .slot = slot_size(dataset, options->channels),
    };
    struct pool *pool = NULL;
    int status = decode_start();
    reading.failed = memory_new((size_t)dataset->count, sizeof *reading.failed);
    if (status == 0 && !reading.failed)
        status = STATUS_MEMORY;
    if (status == 0)
        status = pool_new(&pool, options->threads);
    if (status < 0)
        goto done;
    pool_run(pool, (int)dataset->count, read_task, &reading);
    if (atomic_load(&reading.stop))
        status = error_set(STATUS_INTERRUPTED, "interrupted while reading images");
    if (status == 0)
        status = list_failures(&reading);
    if (status == 0)
        close_up(&reading);
done:
    pool_free(pool);
    free(reading.failed);
    return status;
}

/* ---- Public ---------------------------------------------------------------------------------------------- */

static void log_skips(const struct listing *listing)
{
    for (size_t i = 0; i < listing->skips_count && i < SKIPS_LOGGED; i++)
        log_line("skipped %s: %s", listing->skips[i].path, listing->skips[i].reason);
    if (listing->skips_count > SKIPS_LOGGED)
        log_line("skipped %zu more files", listing->skips_count - SKIPS_LOGGED);
}

static int open_set(standin_dataset *dataset, const char *path, const standin_dataset_options *options)
{
    dataset->width = options->width;
    dataset->height = options->height;
    int status = listing_new(&dataset->listing);
    if (status == 0)
        status = list_source(&dataset->listing, path);
    if (status == 0 && dataset->listing.count == 0)
        status = no_images(&dataset->listing, path);
    if (status == 0)
        status = keep_class(&dataset->listing, path, options->class_name);
    if (status == 0)
        status = keep_part(&dataset->listing, path, options->part);
    if (status == 0)
        status = records_new(dataset);
    if (status == 0)
        status = reserve_pixels(dataset, path, options->channels);
    if (status == 0)
        status = read_images(dataset, options);
    if (status < 0)
        return status;
    const bool looks = dataset->width == 0; /* what is to be said is said when the pixels are read */
    if (!looks)
        log_skips(&dataset->listing);
    if (dataset->count == 0)
        return no_images(&dataset->listing, path);
    status = set_settle(dataset);
    return status == 0 && !looks ? twins_warn(dataset->classes, (size_t)dataset->classes_count) : status;
}

static int remember_origin(standin_dataset *dataset, const char *path, const standin_dataset_options *options)
{
    dataset->options = *options;
    dataset->options.progress = NULL;
    dataset->options.class_name = options->class_name ? text_copy(options->class_name) : NULL;
    dataset->path = text_copy(path);
    return dataset->path && (dataset->options.class_name || !options->class_name) ? 0 : STATUS_MEMORY;
}

const char *dataset_path(const standin_dataset *dataset)
{
    return dataset->path;
}

const standin_dataset_options *dataset_options(const standin_dataset *dataset)
{
    return &dataset->options;
}

int standin_dataset_open(standin_dataset **out, const char *path, const standin_dataset_options *options)
{
    *out = NULL;
    const standin_dataset_options defaults = STANDIN_DATASET_OPTIONS_INIT;
    options = options ? options : &defaults;
    int status = check_options(options);
    if (status < 0)
        return status;
    standin_dataset *dataset = memory_new(1, sizeof *dataset);
    if (!dataset)
        return STATUS_MEMORY;
    status = remember_origin(dataset, path, options);
    if (status == 0)
        status = open_set(dataset, path, options);
    if (status < 0)
        standin_dataset_free(dataset);
    else
        *out = dataset;
    return status;
}

void standin_dataset_free(standin_dataset *dataset)
{
    if (!dataset)
        return;
    listing_free(&dataset->listing);
    free(dataset->path);
    free((char *)dataset->options.class_name);
    free(dataset->records);
    free(dataset->labels);
    free(dataset->classes);
    free(dataset->class_images);
    free(dataset->pixels);
    free(dataset);
}

int standin_dataset_classes(const standin_dataset *dataset)
{
    return dataset->classes_count;
}

static bool is_class(const standin_dataset *dataset, int class_index)
{
    return class_index >= 0 && class_index < dataset->classes_count;
}

const char *standin_dataset_class_name(const standin_dataset *dataset, int class_index)
{
    return is_class(dataset, class_index) ? dataset->classes[class_index] : NULL;
}

int64_t standin_dataset_class_images(const standin_dataset *dataset, int class_index)
{
    return is_class(dataset, class_index) ? dataset->class_images[class_index] : 0;
}

int64_t standin_dataset_images(const standin_dataset *dataset)
{
    return dataset->count;
}

int standin_dataset_width(const standin_dataset *dataset)
{
    return dataset->width;
}

int standin_dataset_height(const standin_dataset *dataset)
{
    return dataset->height;
}

int standin_dataset_channels(const standin_dataset *dataset)
{
    return dataset->channels;
}

static int check_image(const standin_dataset *dataset, int64_t index)
{
    if (index < 0 || index >= dataset->count)
        return error_set(STATUS_INPUT, "no image %lld in a set of %lld", (long long)index, (long long)dataset->count);
    return 0;
}

int standin_dataset_image(const standin_dataset *dataset, int64_t index, standin_image *image)
{
    const int status = check_image(dataset, index);
    if (status < 0)
        return status;
    const struct record *record = &dataset->records[index];
    const int64_t size = slot_size(dataset, dataset->channels);
    *image = (standin_image){
        .path = record->entry.path,
        .class_index = dataset->labels[index],
        .group = record->entry.group,
        .split = record->entry.split,
        .width = record->decoded.width,
        .height = record->decoded.height,
        .channels = record->decoded.channels,
        .bits = record->decoded.bits,
        .pixels = dataset->pixels ? dataset->pixels + index * size : NULL,
        .duplicate_of = record->duplicate_of,
    };
    return 0;
}

int standin_dataset_decode(const standin_dataset *dataset, int64_t index, int width, int height, enum standin_fit fit,
                           int channels, uint8_t *pixels)
{
    int status = check_image(dataset, index);
    if (status == 0)
        status = check_size(width, height);
    if (status == 0 && channels != 1 && channels != 3)
        status = error_set(STATUS_INPUT, "channels must be 1 (grey) or 3 (colour), not %d", channels);
    if (status < 0)
        return status;
    const struct listing_entry *entry = &dataset->records[index].entry;
    const struct decode_request request = {width, height, fit, channels, INT64_MAX}; /* it was under the limit */
    struct decoded decoded;
    if (entry->raw)
        return decode_grey(&decoded, pixels, entry->raw, entry->raw_width, entry->raw_height, &request);
    return decode_file(&decoded, pixels, entry->path, &request);
}

int64_t standin_dataset_skipped(const standin_dataset *dataset)
{
    return (int64_t)dataset->listing.skips_count;
}

int standin_dataset_skipped_file(const standin_dataset *dataset, int64_t index, const char **path, const char **reason)
{
    if (index < 0 || index >= standin_dataset_skipped(dataset))
        return error_set(STATUS_INPUT, "no skipped file %lld of %lld", (long long)index,
                         (long long)standin_dataset_skipped(dataset));
    *path = dataset->listing.skips[index].path;
    *reason = dataset->listing.skips[index].reason;
    return 0;
}

const char *standin_dataset_hash(const standin_dataset *dataset)
{
    return dataset->hash;
}

const uint8_t *dataset_pixels(const standin_dataset *dataset)
{
    return dataset->pixels;
}

const int32_t *dataset_labels(const standin_dataset *dataset)
{
    return dataset->labels;
}

int dataset_check_place(const char *images, const char *path)
{
    return folder_holds(images, path)
               ? error_set(STATUS_INPUT, "%s: lies in the folder of the images, %s; take another place", path, images)
               : 0;
}
