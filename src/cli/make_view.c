/* Time left: of this stage by its own speed, of the later ones by the plan. */
#include "make_view.h"

#include "stop.h"

#include <inttypes.h>

const char *const make_stage_name[MAKE_STAGES] = {
    "inspect", "split", "train", "generate", "evaluate", "study", "report",
};

void make_view_enter(struct make_view *view, enum make_stage stage, bool done_before)
{
    view->taken[view->stage] = make_view_taken(view, view->stage);
    view->stage = stage;
    view->entered = view->last = console_now();
    view->done = view->worked = 0;
    view->seconds = 0;
    console_line(view->console, "%d/%d %s%s", stage + 1, MAKE_STAGES, make_stage_name[stage],
                 done_before ? ": is done" : "");
}

double make_view_spent(const struct make_view *view)
{
    return console_now() - view->entered;
}

double make_view_taken(const struct make_view *view, enum make_stage stage)
{
    return view->taken[stage] + (stage == view->stage && view->entered > 0 ? make_view_spent(view) : 0);
}

static double later_stages(const struct make_view *view)
{
    double seconds = 0;
    for (int stage = (int)view->stage + 1; stage < MAKE_STAGES; stage++)
        seconds += view->expected[stage];
    return seconds;
}

static int show(struct make_view *view, const char *what, double share, double left)
{
    char here[DURATION_TEXT], whole[DURATION_TEXT];
    if (view->planned)
        console_progress(view->console, "%d/%d %s  %.1f %%  %s left, %s for the whole", view->stage + 1, MAKE_STAGES,
                         what, 100 * share, duration_text(left, here), duration_text(left + later_stages(view), whole));
    else
        console_progress(view->console, "%d/%d %s  %.1f %%", view->stage + 1, MAKE_STAGES, what, 100 * share);
    return stop_wanted();
}

int make_view_work(void *context, const char *what, int64_t done, int64_t total)
{
    static const double instant = 0.0005; /* seconds: a unit that was known */
    struct make_view *view = context;
    const double time = console_now(), passed = time - view->last;
    const int64_t units = done - view->done;
    if (units > 0 && passed > instant * (double)units) {
        view->seconds += passed;
        view->worked += units;
    }
    if (units != 0) {
        view->last = time;
        view->done = done;
    }
    const double share = total > 0 ? (double)done / (double)total : 0;
    const double planned = view->expected[view->stage] - make_view_spent(view);
    const double left =
        view->worked > 0 && total >= done ? view->seconds / (double)view->worked * (double)(total - done) : planned;
    return show(view, what, share, left > 0 ? left : 0);
}

int make_view_training(void *context, const standin_training_status *status)
{
    struct make_view *view = context;
    char what[96];
    if (status->event && status->samples && !view->console->quiet && console_can_draw(stderr)) {
        const struct picture picture = {status->samples, status->sample_count, status->width,
                                        status->height,  status->channels,     status->sample_columns};
        console_clear(view->console);
        console_draw(stderr, &picture, 0.6);
    }
    snprintf(what, sizeof what, "train  step %" PRId64 "/%" PRId64 "  loss D %.3f  G %.3f", status->step, status->steps,
             status->loss_d, status->loss_g);
    return show(view, what, status->steps > 0 ? (double)status->step / (double)status->steps : 0, status->seconds_left);
}
