/* A study's work folder: what its stages found, so that a study that was stopped goes on where it was and never does a
 * finished stage twice. A stage is known by its name and its key: everything that its result depends on, as text. A
 * result whose key has changed counts as not there. Also the progress over all stages. */
#ifndef STUDY_WORK_H
#define STUDY_WORK_H

#include <jansson.h>
#include <standin/standin.h>
#include <stdint.h>

struct work;

struct work_settings {
    const char *folder;                  /* made if missing; NULL: a temporary one, removed by work_close */
    int threads;                         /* 0: one a processor */
    standin_progress_function *progress; /* may be NULL */
    void *progress_context;
};

int work_open(struct work **out, const struct work_settings *settings);
void work_close(struct work *work); /* NULL is fine */

int work_threads(const struct work *work);

/* Where a file of this name lies, there or not; to be freed. Names: letters, digits, '-', '_', '.'. */
char *work_path(const struct work *work, const char *name);

/* Removes a file or a folder of this name, with all that is in it; none there is fine. */
int work_remove(const struct work *work, const char *name);

/* *result is what work_keep was given under this name and key, to free with json_decref; NULL if there is none. */
int work_recall(json_t **result, const struct work *work, const char *name, const char *key);
int work_keep(struct work *work, const char *name, const char *key, json_t *result);

/* Seconds that the stages took that were kept or recalled, each counted once: work_keep stores how long ago work_begin
 * was. */
void work_begin(struct work *work);
double work_seconds(const struct work *work);

/* Progress in units of a classifier's step, or whatever all stages can be counted in. The total may grow while it runs.
 * What is recalled advances too. STATUS_INTERRUPTED if the receiver asked to stop. */
void work_expect(struct work *work, int64_t units);
int work_advance(struct work *work, const char *what, int64_t units);

#endif
