/* Files of a run other than the checkpoint. */
#include "train/run_folder.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "train/checkpoint.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t text_file_limit = 1 << 30, origin_limit = 1 << 20;

char *run_path(const char *run, const char *name)
{
    return text_format("%s/%s", run, name);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* A folder is a run once it has a checkpoint: what is killed before that leaves nothing worth keeping. */
static int refuse_existing_run(const char *run)
{
    char *path = run_path(run, CHECKPOINT_NAME);
    if (!path)
        return STATUS_MEMORY;
    const bool taken = exists(path);
    free(path);
    return taken ? error_set(STATUS_INPUT, "%s: holds a run already; resume it or choose another folder", run) : 0;
}

static int write_text(const char *run, const char *name, const char *text)
{
    char *path = run_path(run, name);
    const int status = path ? file_replace(path, text, strlen(text)) : STATUS_MEMORY;
    free(path);
    return status;
}

int run_folder_write_recipe(const char *run, const struct recipe *recipe)
{
    char *text;
    int status = recipe_text(recipe, &text);
    if (status < 0)
        return status;
    status = write_text(run, RUN_RECIPE_NAME, text);
    free(text);
    return status;
}

static int refuse_not_utf8(const standin_dataset *dataset)
{
    return error_set(STATUS_INPUT, "%s: a path that is not UTF-8 cannot be kept", dataset_path(dataset));
}

/* The whole path of the images, to be released. */
static int place_of(json_t **place, const standin_dataset *dataset)
{
    char *absolute = realpath(dataset_path(dataset), NULL);
    *place = absolute ? json_string(absolute) : NULL;
    if (!absolute)
        return error_set_errno(STATUS_FILE, "%s", dataset_path(dataset));
    free(absolute);
    return *place ? 0 : refuse_not_utf8(dataset);
}

static int write_origin(const char *run, const standin_dataset *dataset)
{
    const standin_dataset_options *options = dataset_options(dataset);
    json_t *place;
    int status = place_of(&place, dataset);
    if (status < 0)
        return status;
    json_t *json =
        json_pack("{s:o, s:i, s:i, s:i, s:i, s:i, s:s?, s:I, s:I, s:s}", "data", place, "width", options->width,
                  "height", options->height, "fit", (int)options->fit, "channels", options->channels, "part",
                  (int)options->part, "class", options->class_name, "pixel_limit", (json_int_t)options->pixel_limit,
                  "images", (json_int_t)standin_dataset_images(dataset), "hash", standin_dataset_hash(dataset));
    char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
    json_decref(json);
    if (!text)
        return refuse_not_utf8(dataset);
    status = write_text(run, "run.json", text);
    free(text);
    return status;
}

int run_folder_make(const char *run, const standin_dataset *dataset, const struct recipe *recipe)
{
    int status = refuse_existing_run(run);
    if (status == 0)
        status = dataset_check_place(dataset_path(dataset), run);
    if (status < 0)
        return status;
    char *samples = run_path(run, "samples");
    status = samples ? folder_make(samples) : STATUS_MEMORY;
    free(samples);
    if (status == 0)
        status = run_folder_write_recipe(run, recipe);
    return status == 0 ? write_origin(run, dataset) : status;
}

/* Puts a value, which it takes over, into run.json beside all that is there. */
static int set_in_origin(const char *run, const char *key, json_t *value)
{
    char *path = run_path(run, "run.json");
    uint8_t *data = NULL;
    size_t bytes;
    json_error_t why;
    int status = path ? file_read_all(path, origin_limit, &data, &bytes) : STATUS_MEMORY;
    json_t *json = status == 0 ? json_loadb((const char *)data, bytes, 0, &why) : NULL;
    if (status == 0 && !json)
        status = error_set(STATUS_INPUT, "%s: line %d: %s", path, why.line, why.text);
    const bool known = value && json_equal(json_object_get(json, key), value);
    if (status == 0 && json_object_set(json, key, value) != 0)
        status = error_set(STATUS_INPUT, "%s: does not describe a run", path);
    char *text = status == 0 ? json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(7)) : NULL;
    if (status == 0 && !text)
        status = error_set(STATUS_MEMORY, "out of memory");
    if (status == 0 && !known)
        status = file_replace(path, text, strlen(text));
    free(text);
    json_decref(json);
    json_decref(value);
    free(data);
    free(path);
    return status;
}

int run_folder_write_place(const char *run, const standin_dataset *dataset)
{
    json_t *place;
    const int status = place_of(&place, dataset);
    return status == 0 ? set_in_origin(run, "data", place) : status;
}

int run_folder_write_prediction(const char *run, double seconds)
{
    return set_in_origin(run, "predicted_seconds", json_real(seconds));
}

int run_write_samples(const char *run, int64_t step, const uint8_t *pixels, int count, int columns, int width,
                      int height, int channels)
{
    char *path = text_format("%s/samples/step-%08lld.png", run, (long long)step);
    const int status =
        path ? standin_sheet_write(path, pixels, count, width, height, channels, columns) : STATUS_MEMORY;
    free(path);
    return status;
}

/* --- Metrics ---------------------------------------------------------------------------------------------- */

struct metrics {
    FILE *file;
    char *path;
};

/* Length of the lines up to and including `step`. */
static size_t lines_until(const char *text, size_t bytes, int64_t step)
{
    size_t kept = 0;
    while (kept < bytes) {
        const char *line = text + kept, *end = memchr(line, '\n', bytes - kept);
        const char *number = end ? memmem(line, (size_t)(end - line), "\"step\": ", 8) : NULL;
        if (!number || strtoll(number + 8, NULL, 10) > step)
            break;
        kept = (size_t)(end + 1 - text);
    }
    return kept;
}

static int drop_later_lines(const char *path, int64_t step)
{
    uint8_t *text;
    size_t bytes;
    if (!exists(path))
        return 0;
    int status = file_read_all(path, text_file_limit, &text, &bytes);
    if (status < 0)
        return status;
    const size_t kept = lines_until((const char *)text, bytes, step);
    if (kept < bytes)
        status = file_replace(path, text, kept);
    free(text);
    return status;
}

int metrics_open(struct metrics **out, const char *run, int64_t step)
{
    *out = NULL;
    struct metrics *metrics = memory_new(1, sizeof *metrics);
    if (!metrics || !(metrics->path = run_path(run, "metrics.jsonl"))) {
        free(metrics);
        return STATUS_MEMORY;
    }
    int status = drop_later_lines(metrics->path, step);
    if (status == 0 && !(metrics->file = fopen(metrics->path, "ae")))
        status = error_set_errno(STATUS_FILE, "%s", metrics->path);
    if (status < 0) {
        metrics_close(metrics);
        return status;
    }
    *out = metrics;
    return 0;
}

/* Adds "key": value, with null for what JSON cannot say. */
static void write_number(FILE *file, const char *key, double value)
{
    if (value - value == 0) /* finite */
        fprintf(file, ", \"%s\": %.7g", key, value);
    else
        fprintf(file, ", \"%s\": null", key);
}

int metrics_write(struct metrics *metrics, const struct metrics_line *line)
{
    fprintf(metrics->file, "{\"step\": %lld", (long long)line->step);
    write_number(metrics->file, "loss_d", line->loss_d);
    write_number(metrics->file, "loss_g", line->loss_g);
    write_number(metrics->file, "logit_real", line->logit_real);
    write_number(metrics->file, "logit_fake", line->logit_fake);
    write_number(metrics->file, "images_per_second", line->images_per_second);
    write_number(metrics->file, "seconds", line->seconds);
    if (line->looked) {
        write_number(metrics->file, "diversity", line->diversity);
        write_number(metrics->file, "contrast", line->contrast);
        write_number(metrics->file, "distance", line->distance);
        write_number(metrics->file, "overfitting", line->overfitting);
    }
    fputs("}\n", metrics->file);
    if (fflush(metrics->file) != 0)
        return error_set_errno(STATUS_FILE, "%s", metrics->path);
    return 0;
}

static bool add_to_event(json_t *json, const char *key, json_t *value)
{
    return value && json_object_set_new(json, key, value) == 0;
}

int metrics_write_event(struct metrics *metrics, const struct metrics_event *event)
{
    json_t *json = json_pack("{s:I, s:s}", "step", (json_int_t)event->step, "event", event->event);
    bool whole = json != NULL;
    if (whole && event->alarm)
        whole = add_to_event(json, "alarm", json_string(event->alarm));
    if (whole && event->sentence) { /* a class's name may be no UTF-8, which JSON cannot say */
        json_t *sentence = json_string(event->sentence);
        whole = add_to_event(json, "sentence", sentence ? sentence : json_null());
    }
    if (whole && event->steps > 0)
        whole = add_to_event(json, "steps", json_integer((json_int_t)event->steps));
    if (whole && event->limit_seconds > 0)
        whole = add_to_event(json, "limit_seconds", json_real(event->limit_seconds));
    char *text = whole ? json_dumps(json, JSON_REAL_PRECISION(7)) : NULL;
    json_decref(json);
    if (!text)
        return error_set(STATUS_MEMORY, "out of memory");
    fprintf(metrics->file, "%s\n", text);
    free(text);
    return fflush(metrics->file) == 0 ? 0 : error_set_errno(STATUS_FILE, "%s", metrics->path);
}

void metrics_close(struct metrics *metrics)
{
    if (!metrics)
        return;
    if (metrics->file)
        fclose(metrics->file);
    free(metrics->path);
    free(metrics);
}

/* --- The public view of a run ----------------------------------------------------------------------------- */

struct standin_run {
    char *data, *class_name;
    standin_dataset_options options;
};

static int read_origin(standin_run *run, const char *path, json_t *json)
{
    const standin_dataset_options defaults = STANDIN_DATASET_OPTIONS_INIT;
    const char *data = NULL, *class_name = NULL;
    json_int_t pixel_limit = 0;
    int fit = 0, part = 0;
    run->options = defaults;
    if (json_unpack(json, "{s:s, s:i, s:i, s:i, s:i, s?i, s:I}", "data", &data, "width", &run->options.width, "height",
                    &run->options.height, "fit", &fit, "channels", &run->options.channels, "part", &part, "pixel_limit",
                    &pixel_limit) != 0)
        return error_set(STATUS_INPUT, "%s: does not describe a run", path);
    if (fit < STANDIN_FIT_CROP || fit > STANDIN_FIT_STRETCH || part < STANDIN_PART_ALL || part > STANDIN_PART_TEST ||
        pixel_limit < 0) /* the sizes are checked when it is opened */
        return error_set(STATUS_INPUT, "%s: fit %d, pixel limit %lld", path, fit, (long long)pixel_limit);
    run->options.fit = (enum standin_fit)fit;
    run->options.part = (enum standin_part)part;
    run->options.pixel_limit = pixel_limit;
    class_name = json_string_value(json_object_get(json, "class")); /* null: all classes */
    run->data = text_copy(data);
    run->class_name = class_name ? text_copy(class_name) : NULL;
    run->options.class_name = run->class_name;
    return run->data && (run->class_name || !class_name) ? 0 : STATUS_MEMORY;
}

int standin_run_open(standin_run **out, const char *path)
{
    *out = NULL;
    char *name = run_path(path, "run.json");
    standin_run *run = memory_new(1, sizeof *run);
    if (!name || !run) {
        free(name);
        free(run);
        return STATUS_MEMORY;
    }
    uint8_t *text = NULL;
    size_t bytes;
    int status = file_read_all(name, origin_limit, &text, &bytes);
    if (status == 0) {
        json_error_t why;
        json_t *json = json_loadb((const char *)text, bytes, 0, &why);
        status =
            json ? read_origin(run, name, json) : error_set(STATUS_INPUT, "%s: line %d: %s", name, why.line, why.text);
        json_decref(json);
    }
    free(text);
    free(name);
    if (status < 0) {
        standin_run_free(run);
        return status;
    }
    *out = run;
    return 0;
}

void standin_run_free(standin_run *run)
{
    if (!run)
        return;
    free(run->data);
    free(run->class_name);
    free(run);
}

const char *standin_run_data_path(const standin_run *run)
{
    return run->data;
}

void standin_run_dataset_options(const standin_run *run, standin_dataset_options *options)
{
    standin_progress_function *progress = options->progress;
    void *context = options->progress_context;
    const int threads = options->threads;
    *options = run->options;
    options->progress = progress;
    options->progress_context = context;
    options->threads = threads;
}
