/* What a run's folder says about its training, read without trust. */
#include "report/html_training.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#include <dirent.h>
#include <ini.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SETTINGS_MAXIMUM = 200 };
static const int64_t metrics_limit = 1 << 28, text_limit = 1 << 20, picture_limit = 1 << 25;

const char *const training_key[TRAINING_COLUMNS] = {
    [TRAINING_STEP] = "step",
    [TRAINING_SECONDS] = "seconds",
    [TRAINING_SPEED] = "images_per_second",
    [TRAINING_LOSS_D] = "loss_d",
    [TRAINING_LOSS_G] = "loss_g",
    [TRAINING_SCORE_REAL] = "logit_real",
    [TRAINING_SCORE_FAKE] = "logit_fake",
    [TRAINING_DIVERSITY] = "diversity",
    [TRAINING_CONTRAST] = "contrast",
    [TRAINING_DISTANCE] = "distance",
    [TRAINING_OVERFITTING] = "overfitting",
};

/* The file run/name, or NULL without an error if there is none. */
static int read_part(uint8_t **data, size_t *bytes, const char *run, const char *name, int64_t limit)
{
    *data = NULL;
    *bytes = 0;
    char *path = text_format("%s/%s", run, name);
    if (!path)
        return STATUS_MEMORY;
    const int status = access(path, F_OK) == 0 ? file_read_all(path, limit, data, bytes) : 0;
    free(path);
    return status;
}

/* ---- Figures ---------------------------------------------------------------------------------------------- */

static void keep_figures(struct html_training *training, const json_t *json)
{
    for (int i = 0; i < TRAINING_COLUMNS; i++) {
        const json_t *number = json_object_get(json, training_key[i]);
        training->column[i][training->count] = json_is_number(number) ? json_number_value(number) : NAN;
    }
    training->count++;
}

/* What is no line of figures, nor an event, is left out. */
static int read_line(struct html_training *training, const char *line, size_t bytes)
{
    int status = 0;
    json_t *json = json_loadb(line, bytes, 0, NULL);
    if (json_is_string(json_object_get(json, "event")))
        status = html_training_hear(training, json);
    else if (json_is_integer(json_object_get(json, training_key[TRAINING_STEP])))
        keep_figures(training, json);
    json_decref(json);
    return status;
}

static int read_metrics(struct html_training *training, const char *run)
{
    uint8_t *data;
    size_t bytes, lines = 0;
    int status = read_part(&data, &bytes, run, "metrics.jsonl", metrics_limit);
    if (status < 0 || !data)
        return status;
    for (size_t i = 0; i < bytes; i++)
        lines += data[i] == '\n';
    for (int i = 0; status == 0 && i < TRAINING_COLUMNS; i++)
        if (!(training->column[i] = memory_new(lines + 1, sizeof **training->column)))
            status = STATUS_MEMORY;
    for (size_t begin = 0; status == 0 && begin < bytes;) {
        const uint8_t *end = memchr(data + begin, '\n', bytes - begin);
        if (!end)
            break;
        const size_t length = (size_t)(end - data) - begin;
        if (length > 0)
            status = read_line(training, (const char *)data + begin, length);
        begin += length + 1;
    }
    free(data);
    return status;
}

static int read_times(struct html_training *training, const char *run)
{
    static const char *const names[] = {"metrics.jsonl", "run.json", "checkpoint.safetensors"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct stat about;
        char *path = text_format("%s/%s", run, names[i]);
        if (!path)
            return STATUS_MEMORY;
        if (stat(path, &about) == 0)
            training->written_at =
                fmax(training->written_at, (double)about.st_mtim.tv_sec + 1e-9 * (double)about.st_mtim.tv_nsec);
        free(path);
    }
    return 0;
}

/* ---- Recipe and origin ------------------------------------------------------------------------------------ */

static int keep_setting(void *context, const char *section, const char *name, const char *value)
{
    struct html_training *training = context;
    (void)section;
    if (training->setting_count == SETTINGS_MAXIMUM ||
        memory_grow(&training->settings, &training->setting_capacity, training->setting_count + 1,
                    sizeof *training->settings) < 0)
        return 1;
    struct training_setting setting = {text_copy(name), text_copy(value)};
    if (!setting.key || !setting.value) {
        free(setting.key);
        free(setting.value);
        return 1;
    }
    training->settings[training->setting_count++] = setting;
    return 1;
}

static int read_recipe(struct html_training *training, const char *run)
{
    uint8_t *data;
    size_t bytes;
    const int status = read_part(&data, &bytes, run, "recipe.ini", text_limit);
    if (data)
        ini_parse_string((const char *)data, keep_setting, training);
    free(data);
    return status;
}

static int read_origin(struct html_training *training, const char *run)
{
    uint8_t *data;
    size_t bytes;
    const int status = read_part(&data, &bytes, run, "run.json", text_limit);
    json_t *json = data ? json_loadb((const char *)data, bytes, 0, NULL) : NULL;
    const json_t *seconds = json_object_get(json, "predicted_seconds"), *images = json_object_get(json, "images");
    const char *hash = json_string_value(json_object_get(json, "hash"));
    training->predicted_seconds = json_is_number(seconds) ? json_number_value(seconds) : NAN;
    training->images = json_is_number(images) ? json_number_value(images) : NAN;
    training->hash = hash ? text_copy(hash) : NULL;
    json_decref(json);
    free(data);
    return status;
}

/* ---- Samples ---------------------------------------------------------------------------------------------- */

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Its size is in the first chunk of a PNG. */
static bool measure_picture(struct html_training *training)
{
    enum { HEAD = 24, SIDE_MAXIMUM = 1 << 16 };
    static const uint8_t mark[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    if (training->samples_bytes < HEAD || memcmp(training->samples, mark, sizeof mark) != 0)
        return false;
    const uint32_t width = big_endian(training->samples + 16), height = big_endian(training->samples + 20);
    training->samples_width = (int)width;
    training->samples_height = (int)height;
    return width > 0 && width <= SIDE_MAXIMUM && height > 0 && height <= SIDE_MAXIMUM;
}

static int64_t newest_step(const char *folder)
{
    int64_t newest = -1;
    DIR *stream = opendir(folder);
    for (const struct dirent *entry; stream && (entry = readdir(stream));) {
        char *end;
        if (strncmp(entry->d_name, "step-", 5) != 0)
            continue;
        const int64_t step = strtoll(entry->d_name + 5, &end, 10);
        if (strcmp(end, ".png") == 0 && step > newest)
            newest = step;
    }
    if (stream)
        closedir(stream);
    return newest;
}

static int read_samples(struct html_training *training, const char *run)
{
    char *folder = text_format("%s/samples", run), name[64];
    if (!folder)
        return STATUS_MEMORY;
    training->samples_step = newest_step(folder);
    free(folder);
    if (training->samples_step < 0)
        return 0;
    snprintf(name, sizeof name, "samples/step-%08lld.png", (long long)training->samples_step);
    const int status = read_part(&training->samples, &training->samples_bytes, run, name, picture_limit);
    if (training->samples && !measure_picture(training)) {
        free(training->samples);
        training->samples = NULL;
    }
    return status;
}

/* ---- The whole -------------------------------------------------------------------------------------------- */

int html_training_read(struct html_training **out, const char *run)
{
    *out = NULL;
    if (access(run, X_OK) != 0)
        return error_set_errno(STATUS_FILE, "%s", run);
    struct html_training *training = memory_new(1, sizeof *training);
    if (!training)
        return STATUS_MEMORY;
    training->goal_steps = training->limit_seconds = training->written_at = NAN;
    int (*const read[])(struct html_training *, const char *) = {read_metrics, read_recipe, read_origin, read_samples,
                                                                 read_times};
    int status = 0;
    for (size_t i = 0; status == 0 && i < sizeof read / sizeof *read; i++)
        status = read[i](training, run);
    if (status < 0) {
        html_training_free(training);
        return status;
    }
    *out = training;
    return 0;
}

void html_training_free(struct html_training *training)
{
    if (!training)
        return;
    for (int i = 0; i < TRAINING_COLUMNS; i++)
        free(training->column[i]);
    for (size_t i = 0; i < training->setting_count; i++) {
        free(training->settings[i].key);
        free(training->settings[i].value);
    }
    free(training->settings);
    for (size_t i = 0; i < training->alarm_count; i++) {
        free(training->alarms[i].kind);
        free(training->alarms[i].sentence);
    }
    free(training->alarms);
    free(training->hash);
    free(training->samples);
    free(training);
}

const char *html_training_setting(const struct html_training *training, const char *name)
{
    for (size_t i = 0; training && i < training->setting_count; i++)
        if (strcmp(training->settings[i].key, name) == 0)
            return training->settings[i].value;
    return NULL;
}

double html_training_seconds(const struct html_training *training)
{
    return training && training->count > 0 ? training->column[TRAINING_SECONDS][training->count - 1] : NAN;
}
