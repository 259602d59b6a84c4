/* The page about a training as it goes. */
#include "report/watch_page.h"

#include "base/error.h"
#include "base/memory.h"
#include "report/document.h"
#include "report/html.h"
#include "report/html_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- What the training is doing --------------------------------------------------------------------------- */

static const double pace_seconds = 60;          /* the newest figures that tell the pace */
static const double patience = 60, gaps = 5;    /* seconds, and longest waits of late, before silence means something */
enum { LATE = 20 };

/* Seconds a step, over the newest figures; NAN where they go back or stand still. */
static double pace(const struct html_training *training)
{
    const double *step = training->column[TRAINING_STEP], *seconds = training->column[TRAINING_SECONDS];
    if (training->count < 2)
        return NAN;
    const size_t last = training->count - 1;
    size_t first = last;
    while (first > 0 && seconds[last] - seconds[first] < pace_seconds)
        first--;
    const double one = (seconds[last] - seconds[first]) / (step[last] - step[first]);
    return step[last] > step[first] && one > 0 && isfinite(one) ? one : NAN;
}

static double longest_wait(const struct html_training *training)
{
    const double *seconds = training->column[TRAINING_SECONDS];
    double longest = 0;
    for (size_t i = training->count; i > 1 && i + LATE > training->count; i--)
        longest = fmax(longest, seconds[i - 1] - seconds[i - 2]);
    return longest;
}

static double time_left(const struct watch_state *state, const struct html_training *training)
{
    const double by_steps = (state->steps - state->step) * pace(training);
    const double by_time = training->limit_seconds - state->seconds;
    const double left = fmin(by_steps, by_time); /* of those that are known */
    return isnan(left) ? NAN : fmax(0, left - state->quiet);
}

static double goal_of(const struct html_training *training)
{
    const char *steps = html_training_setting(training, "steps"); /* of old versions */
    const double set = steps ? strtod(steps, NULL) : 0;
    return isnan(training->goal_steps) && set > 0 ? set : training->goal_steps;
}

static enum watch_phase phase_of(const struct watch_state *state, const struct html_training *training)
{
    switch (training->phase) {
    case TRAINING_FINISHED: return WATCH_FINISHED;
    case TRAINING_STOPPED: return WATCH_STOPPED;
    case TRAINING_FAILED: return WATCH_FAILED;
    default: break;
    }
    if (training->phase == TRAINING_SILENT && state->step >= state->steps)
        return WATCH_FINISHED;
    if (state->quiet > fmax(patience, gaps * longest_wait(training)))
        return WATCH_BROKEN_OFF;
    return training->count > 0 ? WATCH_RUNS : WATCH_BEGINS;
}

void watch_state_take(struct watch_state *state, const struct html_training *training, double now)
{
    const size_t count = training->count;
    *state = (struct watch_state){.step = count ? training->column[TRAINING_STEP][count - 1] : 0,
                                  .steps = goal_of(training),
                                  .seconds = html_training_seconds(training),
                                  .seconds_left = NAN,
                                  .images_per_second = count ? training->column[TRAINING_SPEED][count - 1] : NAN,
                                  .quiet = fmax(0, now - training->written_at)};
    state->phase = phase_of(state, training);
    if (state->phase == WATCH_RUNS)
        state->seconds_left = time_left(state, training);
}

/* ---- In words --------------------------------------------------------------------------------------------- */

enum { SENTENCE = 400, STEPS_TEXT = 2 * NUMBER_FOR_PEOPLE + 16 };

/* "step 1,200 of 18,973", or without the goal. */
static const char *steps_text(char *text, const struct watch_state *state)
{
    char step[NUMBER_FOR_PEOPLE], steps[NUMBER_FOR_PEOPLE];
    count_text(step, state->step);
    if (isnan(state->steps))
        snprintf(text, STEPS_TEXT, "step %s", step);
    else
        snprintf(text, STEPS_TEXT, "step %s of %s", step, count_text(steps, state->steps));
    return text;
}

static void say_runs(char *text, const struct watch_state *state, const char *steps)
{
    char left[NUMBER_FOR_PEOPLE];
    if (isnan(state->seconds_left))
        snprintf(text, SENTENCE, "Training: %s.", steps);
    else
        snprintf(text, SENTENCE, "Training: %s, about %s left.", steps, seconds_text(left, state->seconds_left));
}

static void say_finished(char *text, const struct watch_state *state)
{
    char count[NUMBER_FOR_PEOPLE], taken[NUMBER_FOR_PEOPLE];
    count_text(count, state->step);
    if (isnan(state->seconds))
        snprintf(text, SENTENCE, "Finished after %s steps.", count);
    else
        snprintf(text, SENTENCE, "Finished: %s steps in %s.", count, seconds_text(taken, state->seconds));
}

static void say(char *text, const struct watch_state *state)
{
    char steps[STEPS_TEXT], quiet[NUMBER_FOR_PEOPLE];
    steps_text(steps, state);
    switch (state->phase) {
    case WATCH_BEGINS: snprintf(text, SENTENCE, "The training begins: no step has been taken yet."); break;
    case WATCH_RUNS: say_runs(text, state, steps); break;
    case WATCH_FINISHED: say_finished(text, state); break;
    case WATCH_STOPPED: snprintf(text, SENTENCE, "Stopped at %s. It can go on: train --resume.", steps); break;
    case WATCH_FAILED:
        snprintf(text, SENTENCE, "Ended with an error at %s; where it was started says which.", steps);
        break;
    case WATCH_BROKEN_OFF:
        snprintf(text, SENTENCE,
                 "Interrupted, it seems: nothing has been written for %s. The last was %s. It can go on: "
                 "train --resume.",
                 seconds_text(quiet, state->quiet), steps);
    }
}

static const char *phase_name(enum watch_phase phase)
{
    static const char *const name[] = {"begins", "running", "finished", "stopped", "failed", "interrupted"};
    return name[phase];
}

/* ---- The page --------------------------------------------------------------------------------------------- */

static void write_fact(FILE *out, const char *name, const char *value)
{
    if (strcmp(value, "-") == 0)
        return;
    fputs("<div><dt>", out);
    html_text(out, name);
    fputs("</dt><dd>", out);
    html_text(out, value);
    fputs("</dd></div>\n", out);
}

static const char *clock_text(char *text, const char *format, double when)
{
    const time_t whole = (time_t)when;
    struct tm local;
    if (!isfinite(when) || !localtime_r(&whole, &local) || !strftime(text, NUMBER_FOR_PEOPLE, format, &local))
        snprintf(text, NUMBER_FOR_PEOPLE, "-");
    return text;
}

static void write_facts(FILE *out, const struct html_training *training, const struct watch_state *state, double now)
{
    char text[NUMBER_FOR_PEOPLE];
    fputs("<dl class=\"facts\">\n", out);
    write_fact(out, "time taken", seconds_text(text, state->seconds));
    write_fact(out, "time left", seconds_text(text, state->seconds_left));
    write_fact(out, "will end at about", clock_text(text, "%H:%M", now + state->seconds_left));
    write_fact(out, "predicted at the start", seconds_text(text, training->predicted_seconds));
    write_fact(out, "images a second", count_text(text, round(state->images_per_second)));
    write_fact(out, "images trained on", count_text(text, training->images));
    fputs("</dl>\n", out);
}

static void write_body(struct html_page *page, const struct html_training *training, const struct watch_state *state,
                       double now)
{
    html_section_begin(page, "now", "How far it is");
    html_training_write_alarms(page->out, training);
    write_facts(page->out, training, state, now);
    html_section_end(page);
    if (training->samples) {
        html_section_begin(page, "samples", "What it makes");
        html_training_write_samples(page->out, training);
        html_section_end(page);
    }
    if (training->count > 1) {
        html_section_begin(page, "curves", "How it got there");
        html_training_write_curves(page->out, training);
        html_section_end(page);
    }
    html_recipe(page, training);
}

static void write_refreshing(FILE *out, double now, int refresh)
{
    char text[NUMBER_FOR_PEOPLE];
    fputs("<p class=\"key\">", out);
    html_format(out, "As of %s. ", clock_text(text, "%H:%M:%S", now));
    if (refresh > 0)
        html_format(out, "Renews itself every %d seconds. ", refresh);
    fprintf(out, "<a href=\"%s\">%s</a></p>\n", refresh > 0 ? WATCH_PAGE_STILL : WATCH_PAGE,
            refresh > 0 ? "Hold still" : "Renew by itself");
}

static void write_header(FILE *out, const char *name, const struct watch_state *state, double now, int refresh)
{
    char sentence[SENTENCE];
    say(sentence, state);
    fputs("<header>\n<p class=\"kicker\">A training as it goes</p>\n<h1>", out);
    html_text(out, name);
    fputs("</h1>\n", out);
    html_paragraph(out, state->phase == WATCH_FAILED || state->phase == WATCH_BROKEN_OFF ? "verdict bad" : "verdict",
                   sentence);
    if (state->steps > 0)
        fprintf(out, "<progress max=\"%.0f\" value=\"%.0f\" aria-label=\"steps done\"></progress>\n", state->steps,
                fmin(state->step, state->steps));
    write_refreshing(out, now, refresh);
    fputs("</header>\n", out);
}

static void write_title(char *title, size_t size, const char *name, const struct watch_state *state)
{
    if (state->phase == WATCH_RUNS && state->steps > 0)
        snprintf(title, size, "%.0f %% \u00b7 %s", floor(100 * fmin(1, state->step / state->steps)), name);
    else
        snprintf(title, size, "%s \u00b7 %s", phase_name(state->phase), name);
}

static int write_page(FILE *out, const char *name, const struct html_training *training,
                      const struct watch_state *state, double now, int refresh)
{
    struct html_page page = {0};
    char *body = NULL, title[SENTENCE];
    size_t bytes;
    page.out = open_memstream(&body, &bytes);
    if (!page.out)
        return error_set(STATUS_MEMORY, "out of memory");
    write_body(&page, training, state, now);
    const int status = fclose(page.out) == 0 ? page.status : error_set(STATUS_MEMORY, "out of memory");
    if (status == 0) {
        write_title(title, sizeof title, name, state);
        html_begin(out, title);
        fputs("<div class=\"page\">\n", out);
        write_header(out, name, state, now, refresh);
        html_contents(out, &page);
        fprintf(out,
                "<main>\n%s</main>\n<footer><p>Standin %s. The page comes from this machine alone, and runs no script."
                "</p></footer>\n</div>\n",
                body, STANDIN_VERSION);
        html_end(out);
    }
    html_page_forget(&page);
    free(body);
    return status;
}

/* The folder's own name, also of ".". */
static char *name_of(const char *run)
{
    char *whole = realpath(run, NULL);
    const char *slash = whole ? strrchr(whole, '/') : NULL;
    char *name = text_copy(slash && slash[1] ? slash + 1 : run);
    free(whole);
    return name;
}

/* What has ended may still be resumed. */
static int refresh_of(enum watch_phase phase, int refresh)
{
    const bool live = phase == WATCH_BEGINS || phase == WATCH_RUNS;
    return live || refresh == 0 || refresh > WATCH_PAGE_IDLE ? refresh : WATCH_PAGE_IDLE;
}

int watch_page_make(struct watch_page *page, const char *run, double now, int refresh)
{
    struct html_training *training = NULL;
    struct watch_state state;
    const locale_t before = html_numbers_begin();
    *page = (struct watch_page){0};
    char *name = name_of(run);
    int status = name ? html_training_read(&training, run) : STATUS_MEMORY;
    FILE *out = status == 0 ? open_memstream(&page->text, &page->bytes) : NULL;
    if (out) {
        watch_state_take(&state, training, now);
        page->refresh = refresh_of(state.phase, refresh);
        status = write_page(out, name, training, &state, now, page->refresh);
        if (fclose(out) != 0 && status == 0)
            status = error_set(STATUS_MEMORY, "out of memory");
    } else if (status == 0) {
        status = error_set(STATUS_MEMORY, "out of memory");
    }
    if (status < 0) {
        free(page->text);
        *page = (struct watch_page){0};
    }
    html_numbers_end(before);
    html_training_free(training);
    free(name);
    return status;
}
