/* What the files of a training share: its state, and what each offers the others. Internal to them; trainer.h is for
 * the rest. trainer.c loops, trainer_goal.c knows when it is over, trainer_look.c watches, trainer_news.c tells,
 * trainer_state.c keeps. */
#ifndef TRAIN_TRAINER_PARTS_H
#define TRAIN_TRAINER_PARTS_H

#include "train/run_folder.h"
#include "train/sampler.h"
#include "train/stepper.h"
#include "train/trainer.h"
#include "train/watch_alarm.h"

#include <stdbool.h>

enum { RETREATS_MAXIMUM = 5 };

struct goal {
    int64_t steps;  /* 0: until the time is up */
    double seconds; /* 0: no limit */
};

struct trainer {
    const standin_dataset *dataset;
    struct recipe recipe;
    struct step_settings settings;
    uint64_t seed;
    int shards;
    struct pool *pool;
    struct store *store;
    struct stepper *stepper;
    struct sampler *sampler;
    struct watch *watch;
    struct watch_alarms alarms;

    int64_t step;      /* done so far */
    double seconds;    /* that earlier sessions took */
    double rate_scale; /* halved after each retreat */
    int64_t retreats;
    struct goal goal;

    /* of this session */
    const char *run;
    const standin_train_options *options;
    struct metrics *metrics;
    double started, saved_at, sampled_at, measured_at;
    int64_t first_step;
    double step_seconds;            /* smoothed */
    bool predicted;                 /* run.json says how long all of it takes */
    double save_seconds;            /* what the last save took */
    double looked_at, look_seconds; /* the watch's last look, and what it took; 0: not known yet */
    struct step_news last;
};

/* One step of both networks; its news are in trainer->last. */
int trainer_take_step(struct trainer *trainer);
struct step_moment trainer_moment(const struct trainer *trainer);

/* ---- The goal ------------------------------------------------------------------------------------------------- */

/* Steps or time, from the options, the recipe or the run that goes on. */
int trainer_set_goal(struct trainer *trainer);

/* An error if less is asked for than is done already. */
int trainer_check_goal(const struct trainer *trainer);

/* Whether a run that is resumed is where it is to go already. */
bool trainer_is_at_goal(const struct trainer *trainer);
bool trainer_is_done(const struct trainer *trainer);

/* After the last of the planned steps: more of them, if much of the time is left. */
int trainer_use_time_left(struct trainer *trainer);

/* Writes down how long all of the training will take. */
int trainer_predict(struct trainer *trainer, double step_seconds);

/* Of all sessions together. */
double trainer_elapsed(const struct trainer *trainer);
double trainer_seconds_left(const struct trainer *trainer);

/* ---- News: those that return a status return STATUS_INTERRUPTED if the caller asks to stop ---------------------- */

standin_training_status trainer_status_now(const struct trainer *trainer, const char *event);
int trainer_tell(const struct trainer *trainer, const standin_training_status *news);
int trainer_show_samples(struct trainer *trainer);

/* Trouble, in words: to the log and to whoever follows the training. */
int trainer_say(const struct trainer *trainer, const char *sentence);

/* Into the run's metrics; alarm and sentence may be NULL. */
int trainer_write_event(struct trainer *trainer, const char *event, const char *alarm, const char *sentence);

/* looked: the figures of a look that has just been taken, or NULL. */
int trainer_write_metrics(struct trainer *trainer, const struct watch_figures *looked);

/* ---- The watch's looks at the networks ------------------------------------------------------------------------ */

/* If it costs little beside the time since the one before. */
int trainer_look(struct trainer *trainer);

/* The last one of a training, after which what is still the matter is said again. */
int trainer_look_back(struct trainer *trainer);

/* ---- State ----------------------------------------------------------------------------------------------------- */

/* The run's checkpoint. resuming: also the goal, the time taken and what trouble there was. */
int trainer_save(struct trainer *trainer);
int trainer_load(struct trainer *trainer, const char *run, bool resuming);

/* A step can overflow the weights and still show finite losses: a checkpoint of such weights would be no way back. */
bool trainer_weights_are_finite(const struct trainer *trainer);

#endif
