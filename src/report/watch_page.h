/* A page about a training as it goes: what it is doing, how much is left, trouble, samples, curves. Made from the run's
 * folder alone, so that the training neither knows nor waits. It must not know who asks for the page. */
#ifndef REPORT_WATCH_PAGE_H
#define REPORT_WATCH_PAGE_H

#include "report/html_training.h"

enum watch_phase {
    WATCH_BEGINS, /* no step yet */
    WATCH_RUNS,
    WATCH_FINISHED,
    WATCH_STOPPED, /* when asked */
    WATCH_FAILED,
    WATCH_BROKEN_OFF /* has written nothing for long, and not said why */
};

/* NAN: not known. */
struct watch_state {
    enum watch_phase phase;
    double step, steps;
    double seconds, seconds_left;
    double images_per_second;
    double quiet; /* seconds since something was written */
};

/* now: seconds since 1970. */
void watch_state_take(struct watch_state *state, const struct html_training *training, double now);

struct watch_page {
    char *text; /* to be freed */
    size_t bytes;
    int refresh; /* the seconds after which to ask for it again, 0: never */
};

/* refresh: how soon a page that can be expected to change is worth asking for again, 0: never; others wait for
 * WATCH_PAGE_IDLE. The page says so and links to the other of its two addresses. */
enum { WATCH_PAGE_IDLE = 60 };
#define WATCH_PAGE "/"
#define WATCH_PAGE_STILL "/still"
int watch_page_make(struct watch_page *page, const char *run, double now, int refresh);

#endif
