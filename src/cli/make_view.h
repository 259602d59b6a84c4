/* The one progress view of standin make: which stage it is at, and the time left for this one and for the whole. */
#ifndef CLI_MAKE_VIEW_H
#define CLI_MAKE_VIEW_H

#include "console.h"

#include <standin/standin.h>

enum make_stage {
    MAKE_INSPECT,
    MAKE_SPLIT,
    MAKE_TRAIN,
    MAKE_GENERATE,
    MAKE_EVALUATE,
    MAKE_STUDY,
    MAKE_REPORT,
    MAKE_STAGES
};
extern const char *const make_stage_name[MAKE_STAGES];

struct make_view {
    struct console *console;
    enum make_stage stage;
    double expected[MAKE_STAGES]; /* seconds, once they are planned */
    double taken[MAKE_STAGES];    /* seconds, by earlier calls and by stages that this one has left */
    bool planned;
    double entered, last; /* when the stage began, when it was last told of */
    int64_t done;
    double seconds;       /* that ... */
    int64_t worked;       /* ... so many units of this stage took; what was known from earlier is not counted */
};

/* Says that a stage begins; with `done_before` that there is nothing left to do in it. */
void make_view_enter(struct make_view *view, enum make_stage stage, bool done_before);

/* Seconds since the stage began. */
double make_view_spent(const struct make_view *view);

/* Seconds that a stage has taken so far. */
double make_view_taken(const struct make_view *view, enum make_stage stage);

/* For the library. */
int make_view_work(void *view, const char *what, int64_t done, int64_t total);
int make_view_training(void *view, const standin_training_status *status);

#endif
