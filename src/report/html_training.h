/* The training part of a page: what the run's folder says, and curves, alarms and the newest samples of it. The report
 * has it once; a page that shows a running training has it again and again. */
#ifndef REPORT_HTML_TRAINING_H
#define REPORT_HTML_TRAINING_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Columns of metrics.jsonl. */
enum training_column {
    TRAINING_STEP,
    TRAINING_SECONDS,
    TRAINING_SPEED,
    TRAINING_LOSS_D,
    TRAINING_LOSS_G,
    TRAINING_SCORE_REAL,
    TRAINING_SCORE_FAKE,
    TRAINING_DIVERSITY,
    TRAINING_CONTRAST,
    TRAINING_DISTANCE,
    TRAINING_OVERFITTING,
    TRAINING_COLUMNS
};
extern const char *const training_key[TRAINING_COLUMNS]; /* as metrics.jsonl calls them */

struct training_setting {
    char *key, *value;
};

/* Trouble that the training spoke of. */
struct training_alarm {
    char *kind, *sentence;
    int64_t begun, ended; /* ended: -1 while it is still the matter; both the same: a moment */
};

/* What the run said last about itself; runs of old versions say nothing. */
enum training_phase { TRAINING_SILENT, TRAINING_STARTED, TRAINING_FINISHED, TRAINING_STOPPED, TRAINING_FAILED };

struct html_training {
    size_t count;                     /* lines */
    double *column[TRAINING_COLUMNS]; /* NAN where a line has nothing */
    double predicted_seconds;         /* run.json's "predicted_seconds", or NAN */
    double goal_steps, limit_seconds; /* of the last session, or NAN */
    double written_at;                /* the newest of its files: seconds since 1970, or NAN */
    enum training_phase phase;
    struct training_alarm *alarms; /* in order; the last few hundred */
    size_t alarm_count, alarm_capacity;
    char *hash;                       /* of the data trained on, or NULL */
    double images;
    struct training_setting *settings; /* of recipe.ini */
    size_t setting_count, setting_capacity;
    uint8_t *samples; /* the newest PNG of samples/, or NULL */
    size_t samples_bytes;
    int samples_width, samples_height;
    int64_t samples_step;
};

/* Reads what is there of a run's folder; a folder that is none is an error, a file that is missing is not. The run may
 * be going on: half a line at the end of its figures is left out. */
int html_training_read(struct html_training **out, const char *run);
void html_training_free(struct html_training *training); /* NULL is fine */

/* NULL if there is none. */
const char *html_training_setting(const struct html_training *training, const char *key);

/* When the last line was written; NAN if there is none. */
double html_training_seconds(const struct html_training *training);

/* A line of metrics.jsonl that is an event; 0 or STATUS_MEMORY. */
int html_training_hear(struct html_training *training, const json_t *event);

/* Sentences about trouble: what is still the matter in a box, then what is over. Parts without anything to show write
 * nothing. Call under the "C" locale for numbers. */
void html_training_write_alarms(FILE *out, const struct html_training *training);
void html_training_write_curves(FILE *out, const struct html_training *training);
void html_training_write_samples(FILE *out, const struct html_training *training);

#endif
