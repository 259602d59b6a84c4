/* Results are files NAME.json of key, seconds and result, written in one piece. */
#include "study/work.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RESULT_BYTES_MAXIMUM = 1 << 28 };

struct work {
    char *folder;
    bool temporary;
    struct work_settings settings;
    double begun;
    double seconds;
    json_t *counted; /* names of the stages whose seconds are in it: a stage that several ask for counts once */
    int64_t done, expected;
};

/* ---- The folder --------------------------------------------------------------------------------------------- */

static int make_folder(struct work *work, const char *folder)
{
    if (folder) {
        work->folder = text_copy(folder);
        return work->folder ? folder_make(folder) : STATUS_MEMORY;
    }
    const char *root = getenv("TMPDIR");
    work->folder = text_format("%s/standin-XXXXXX", root && *root ? root : "/tmp");
    if (!work->folder)
        return STATUS_MEMORY;
    work->temporary = mkdtemp(work->folder) != NULL;
    return work->temporary ? 0 : error_set_errno(STATUS_FILE, "%s", work->folder);
}

int work_remove(const struct work *work, const char *name)
{
    char *path = work_path(work, name);
    const int status = path ? folder_remove(path) : STATUS_MEMORY;
    free(path);
    return status;
}

int work_open(struct work **out, const struct work_settings *settings)
{
    *out = NULL;
    struct work *work = memory_new(1, sizeof *work);
    if (!work)
        return STATUS_MEMORY;
    work->settings = *settings;
    work->counted = json_object();
    const int status = work->counted ? make_folder(work, settings->folder) : error_set(STATUS_MEMORY, "out of memory");
    if (status < 0)
        work_close(work);
    else
        *out = work;
    return status;
}

void work_close(struct work *work)
{
    if (!work)
        return;
    if (work->temporary)
        folder_remove(work->folder);
    json_decref(work->counted);
    free(work->folder);
    free(work);
}

int work_threads(const struct work *work)
{
    return work->settings.threads;
}

char *work_path(const struct work *work, const char *name)
{
    return text_format("%s/%s", work->folder, name);
}

/* ---- Results ------------------------------------------------------------------------------------------------ */

static char *result_path(const struct work *work, const char *name)
{
    return text_format("%s/%s.json", work->folder, name);
}

static void count_seconds(struct work *work, const char *name, double seconds)
{
    if (!json_object_get(work->counted, name) && json_object_set_new(work->counted, name, json_true()) == 0)
        work->seconds += seconds;
}

/* A file that is damaged or of another key is as good as none: the stage is done again and replaces it. */
int work_recall(json_t **result, const struct work *work, const char *name, const char *key)
{
    *result = NULL;
    char *path = result_path(work, name);
    if (!path)
        return STATUS_MEMORY;
    uint8_t *text = NULL;
    size_t bytes;
    const bool there = access(path, F_OK) == 0;
    const int status = there ? file_read_all(path, RESULT_BYTES_MAXIMUM, &text, &bytes) : 0;
    if (there && status == 0) {
        json_t *whole = json_loadb((const char *)text, bytes, 0, NULL);
        const char *kept = json_string_value(json_object_get(whole, "key"));
        if (kept && strcmp(kept, key) == 0) {
            *result = json_incref(json_object_get(whole, "result"));
            count_seconds((struct work *)work, name, json_number_value(json_object_get(whole, "seconds")));
        }
        json_decref(whole);
    }
    free(text);
    free(path);
    return status;
}

void work_begin(struct work *work)
{
    work->begun = clock_now();
}

int work_keep(struct work *work, const char *name, const char *key, json_t *result)
{
    const double seconds = clock_now() - work->begun;
    char *path = result_path(work, name);
    json_t *whole = json_pack("{s:s, s:f, s:O}", "key", key, "seconds", seconds, "result", result);
    char *text = whole ? json_dumps(whole, JSON_COMPACT) : NULL;
    int status = STATUS_MEMORY;
    if (path && text)
        status = file_replace(path, text, strlen(text));
    else
        error_set(status, "out of memory for the result of %s", name);
    if (status == 0)
        count_seconds(work, name, seconds);
    work_begin(work); /* what comes next without beginning anew is not counted twice */
    free(text);
    json_decref(whole);
    free(path);
    return status;
}

double work_seconds(const struct work *work)
{
    return work->seconds;
}

/* ---- Progress ----------------------------------------------------------------------------------------------- */

void work_expect(struct work *work, int64_t units)
{
    work->expected += units;
}

int work_advance(struct work *work, const char *what, int64_t units)
{
    const struct work_settings *settings = &work->settings;
    work->done += units;
    if (settings->progress && settings->progress(settings->progress_context, what, work->done, work->expected) != 0)
        return error_set(STATUS_INTERRUPTED, "%s: stopped", what);
    return 0;
}
