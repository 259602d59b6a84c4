/* The page about a training as it goes: what it says of a run's state and trouble, whatever the folder holds. With
 * STANDIN_EXAMPLE_PAGE an example is left in the folder of that name, for tests/report_browser.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"

#include "image_files.h"
#include "report/html_training.h"
#include "report/watch_page.h"
#include "scratch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- Helpers ---------------------------------------------------------------------------------------------- */

/* Lines of steps 10, 20, ... up to `last`, half a second apart. */
static void write_lines(FILE *file, int first, int last)
{
    for (int step = first; step <= last; step += 10)
        fprintf(file,
                "{\"step\": %d, \"loss_d\": 1.5, \"loss_g\": 0.%d, \"logit_real\": 0.4, \"logit_fake\": -0.3, "
                "\"images_per_second\": 640, \"seconds\": %.1f%s}\n",
                step, step % 7, 0.05 * step, step % 100 == 0 ? ", \"diversity\": 0.8, \"contrast\": 0.9" : "");
}

static void write_run(const char *before, int last, const char *after)
{
    char *text;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);
    assert_non_null(file);
    fputs(before, file);
    write_lines(file, 10, last);
    fputs(after, file);
    fclose(file);
    scratch_text(scratch_path("run/metrics.jsonl"), text);
    free(text);
    scratch_text(scratch_path("run/run.json"), "{\"data\": \"/secret/place\", \"images\": 1920, \"hash\": \"e05d\", "
                                               "\"predicted_seconds\": 110}");
}

static const char started[] = "{\"step\": 0, \"event\": \"started\", \"steps\": 2000}\n";

static struct html_training *read_run(void)
{
    struct html_training *training;
    must(html_training_read(&training, scratch_path("run")));
    return training;
}

/* As seen so many seconds after the last line. */
static struct watch_state state_after(double seconds)
{
    struct watch_state state;
    struct html_training *training = read_run();
    watch_state_take(&state, training, training->written_at + seconds);
    html_training_free(training);
    return state;
}

static char *page_at(double now, int refresh)
{
    struct watch_page page;
    must(watch_page_make(&page, scratch_path("run"), now, refresh));
    return page.text;
}

static char *page_now(void)
{
    return page_at((double)time(NULL), 5);
}

static void expect_in(const char *page, const char *text)
{
    if (!strstr(page, text))
        fail_msg("not in the page: %s", text);
}

static void expect_not_in(const char *page, const char *text)
{
    if (strstr(page, text))
        fail_msg("in the page: %s", text);
}

static void expect_on_page(const char *text)
{
    char *page = page_now();
    expect_in(page, text);
    free(page);
}

/* ---- State ------------------------------------------------------------------------------------------------- */

static void the_time_left_follows_from_the_pace(void **state)
{
    (void)state;
    write_run(started, 1000, "");
    const struct watch_state seen = state_after(0);
    assert_int_equal(seen.phase, WATCH_RUNS);
    assert_float_equal(seen.step, 1000, 0);
    assert_float_equal(seen.steps, 2000, 0);
    assert_float_equal(seen.seconds_left, 50, 1e-6);
    assert_float_equal(seen.images_per_second, 640, 0);
    assert_float_equal(state_after(20).seconds_left, 30, 1e-3);
    expect_on_page("Training: step 1,000 of 2,000, about 50 s left.");
    expect_on_page("<progress max=\"2000\" value=\"1000\"");
    expect_on_page("<title>50 % \u00b7 run</title>");
}

static void a_limit_of_time_shortens_it(void **state)
{
    (void)state;
    write_run("{\"step\": 0, \"event\": \"started\", \"steps\": 2000, \"limit_seconds\": 60}\n", 1000, "");
    assert_float_equal(state_after(0).seconds_left, 10, 1e-6);
}

static void a_prolonged_run_aims_farther(void **state)
{
    (void)state;
    write_run("{\"step\": 0, \"event\": \"started\", \"steps\": 1000, \"limit_seconds\": 400}\n", 1000,
              "{\"step\": 1000, \"event\": \"prolonged\", \"steps\": 4000, \"limit_seconds\": 400}\n");
    assert_int_equal(state_after(0).phase, WATCH_RUNS);
    assert_float_equal(state_after(0).steps, 4000, 0);
    assert_float_equal(state_after(0).seconds_left, 150, 1e-6);
}

static void a_run_that_falls_silent_was_interrupted(void **state)
{
    (void)state;
    write_run(started, 1000, "");
    assert_int_equal(state_after(59).phase, WATCH_RUNS);
    const struct watch_state seen = state_after(61);
    assert_int_equal(seen.phase, WATCH_BROKEN_OFF);
    assert_true(isnan(seen.seconds_left));
    char *page = page_at((double)time(NULL) + 610, 5);
    expect_in(page, "nothing has been written for 10 min");
    expect_in(page, "train --resume");
    free(page);
}

static void slow_steps_are_no_silence(void **state)
{
    (void)state;
    scratch_text(scratch_path("run/metrics.jsonl"), "{\"step\": 1, \"seconds\": 40}\n{\"step\": 2, \"seconds\": 80}\n");
    assert_int_equal(state_after(150).phase, WATCH_RUNS);
    assert_int_equal(state_after(250).phase, WATCH_BROKEN_OFF);
}

static void what_the_run_says_of_its_end_holds(void **state)
{
    (void)state;
    write_run(started, 1000, "{\"step\": 1000, \"event\": \"stopped\"}\n");
    assert_int_equal(state_after(1).phase, WATCH_STOPPED);
    expect_on_page("Stopped at step 1,000 of 2,000.");
    write_run(started, 1000, "{\"step\": 1000, \"event\": \"failed\"}\n");
    assert_int_equal(state_after(1).phase, WATCH_FAILED);
    write_run(started, 2000, "{\"step\": 2000, \"event\": \"finished\"}\n");
    assert_int_equal(state_after(9999).phase, WATCH_FINISHED);
    expect_on_page("Finished: 2,000 steps in 1 min 40 s.");
    write_run(started, 1000,
              "{\"step\": 1000, \"event\": \"stopped\"}\n{\"step\": 1000, \"event\": \"started\", \"steps\": 3000}\n");
    assert_int_equal(state_after(1).phase, WATCH_RUNS);
    assert_float_equal(state_after(1).steps, 3000, 0);
}

static void runs_of_old_versions_are_finished_at_their_last_step(void **state)
{
    (void)state;
    write_run("", 1000, "");
    scratch_text(scratch_path("run/recipe.ini"), "[training]\nsteps = 1000\n");
    assert_int_equal(state_after(1).phase, WATCH_FINISHED);
    scratch_text(scratch_path("run/recipe.ini"), "[training]\nsteps = 1200\n");
    assert_int_equal(state_after(1).phase, WATCH_RUNS);
    scratch_text(scratch_path("run/recipe.ini"), "[training]\nsteps = 0\n");
    expect_on_page("Training: step 1,000.");
}

static void before_the_first_step_it_begins(void **state)
{
    (void)state;
    scratch_text(scratch_path("run/run.json"), "{}");
    assert_int_equal(state_after(1).phase, WATCH_BEGINS);
    expect_on_page("no step has been taken yet");
    scratch_text(scratch_path("run/metrics.jsonl"), "");
    expect_on_page("no step has been taken yet");
}

static void steps_that_go_back_tell_no_pace(void **state)
{
    (void)state;
    scratch_text(scratch_path("run/metrics.jsonl"),
                 "{\"step\": 0, \"event\": \"started\", \"steps\": 2000}\n{\"step\": 90, \"seconds\": 10}\n"
                 "{\"step\": 50, \"seconds\": 12}\n");
    assert_true(isnan(state_after(0).seconds_left));
    expect_on_page("Training: step 50 of 2,000.");
}

/* ---- Trouble ------------------------------------------------------------------------------------------------ */

static void alarms_begin_and_end(void **state)
{
    (void)state;
    write_run(started, 500,
              "{\"step\": 100, \"event\": \"alarm\", \"alarm\": \"collapse\", \"sentence\": \"cats & dogs <vary>\"}\n"
              "{\"step\": 200, \"event\": \"alarm\", \"alarm\": \"stray\", \"sentence\": \"far off\"}\n"
              "{\"step\": 300, \"event\": \"over\", \"alarm\": \"stray\", \"sentence\": \"near again\"}\n"
              "{\"step\": 400, \"event\": \"retreat\", \"sentence\": \"back to step 350\"}\n");
    struct html_training *training = read_run();
    assert_int_equal(training->count, 50);
    assert_int_equal(training->alarm_count, 3);
    assert_int_equal(training->alarms[0].ended, -1);
    assert_int_equal(training->alarms[1].ended, 300);
    html_training_free(training);
    char *page = page_now();
    expect_in(page, "<ul class=\"alarms\" aria-label=\"Trouble\">\n"
                    "<li>Since step 100: cats &amp; dogs &lt;vary&gt;</li>\n</ul>");
    expect_in(page, "<li>Steps 200 to 300: far off</li>\n<li>Step 400: back to step 350</li>");
    free(page);
}

static void a_resumed_run_watches_with_fresh_eyes(void **state)
{
    (void)state;
    write_run(started, 500,
              "{\"step\": 100, \"event\": \"alarm\", \"alarm\": \"collapse\", \"sentence\": \"all alike\"}\n"
              "{\"step\": 500, \"event\": \"started\", \"steps\": 2000}\n");
    char *page = page_now();
    expect_not_in(page, "class=\"alarms\"");
    expect_in(page, "Steps 100 to 500: all alike");
    free(page);
}

static void the_same_alarm_again_is_one_that_holds(void **state)
{
    (void)state;
    write_run(started, 20,
              "{\"step\": 10, \"event\": \"alarm\", \"alarm\": \"stray\", \"sentence\": \"far off\"}\n"
              "{\"step\": 20, \"event\": \"alarm\", \"alarm\": \"stray\"}\n");
    struct html_training *training = read_run();
    assert_int_equal(training->alarm_count, 2);
    assert_int_equal(training->alarms[0].ended, 20);
    assert_int_equal(training->alarms[1].ended, -1);
    assert_string_equal(training->alarms[1].sentence, "stray"); /* which is better than nothing */
    html_training_free(training);
}

static void of_endless_alarms_the_last_are_kept(void **state)
{
    (void)state;
    char *text;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);
    for (int i = 1; i <= 1000; i++)
        fprintf(file, "{\"step\": %d, \"event\": \"alarm\", \"alarm\": \"stray\", \"sentence\": \"no %d\"}\n", i, i);
    fclose(file);
    scratch_text(scratch_path("run/metrics.jsonl"), text);
    free(text);
    struct html_training *training = read_run();
    assert_in_range(training->alarm_count, 100, 500);
    assert_int_equal(training->alarms[training->alarm_count - 1].begun, 1000);
    html_training_free(training);
}

static void damaged_lines_do_no_harm(void **state)
{
    (void)state;
    write_run(started, 100,
              "\n[]\n{\"event\": \"alarm\"}\n{\"step\": -4, \"event\": \"alarm\", \"alarm\": \"x\"}\n"
              "{\"step\": 1e300, \"seconds\": \"soon\"}\n{\"step\": 7, \"event\": 7}\n{\"step\": 8, \"event\": \"\"}\n"
              "{\"step\": 110, \"event\": \"started\", \"steps\": -5, \"limit_seconds\": \"x\"}\n"
              "\xff\xfe{{{\n{\"step\": 120, \"loss_d\": null, \"seconds\": 6");
    struct html_training *training = read_run();
    assert_int_equal(training->count, 11); /* an event that is a number is none: step 7 counts */
    assert_int_equal(training->alarm_count, 0);
    assert_true(isnan(training->goal_steps));
    html_training_free(training);
    free(page_now());
}

/* ---- The page ----------------------------------------------------------------------------------------------- */

static void the_page_runs_and_loads_nothing(void **state)
{
    (void)state;
    write_run(started, 1000, "");
    image_file_plain(scratch_path("run/samples/step-00001000.png"), 40, 30, 3, 90);
    char *page = page_now();
    expect_in(page, "default-src 'none'");
    expect_in(page, "id=\"samples\"");
    expect_in(page, "aria-labelledby=\"losses-w-t losses-w-d\"");
    expect_not_in(page, "<script");
    expect_not_in(page, "src=\"http");
    expect_not_in(page, "/secret");
    free(page);
}

static void it_can_be_held_still(void **state)
{
    (void)state;
    write_run(started, 1000, "");
    char *live = page_at((double)time(NULL), 7), *still = page_at((double)time(NULL), 0);
    expect_in(live, "Renews itself every 7 seconds. <a href=\"/still\">");
    expect_not_in(still, "Renews itself");
    expect_in(still, "<a href=\"/\">");
    free(live);
    free(still);
}

static void what_has_ended_is_asked_for_less_often(void **state)
{
    (void)state;
    struct watch_page page;
    write_run(started, 2000, "{\"step\": 2000, \"event\": \"finished\"}\n");
    must(watch_page_make(&page, scratch_path("run"), (double)time(NULL), 5));
    assert_int_equal(page.refresh, WATCH_PAGE_IDLE);
    free(page.text);
}

static void a_folder_that_is_gone_is_an_error(void **state)
{
    (void)state;
    struct watch_page page;
    assert_int_equal(watch_page_make(&page, scratch_path("nowhere"), 0, 5), STANDIN_FILE);
    assert_null(page.text);
}

static void leave_example(void **state)
{
    (void)state;
    const char *folder = getenv("STANDIN_EXAMPLE_PAGE");
    if (!folder)
        skip();
    write_run(
        started, 1400,
        "{\"step\": 900, \"event\": \"alarm\", \"alarm\": \"resemblance\", \"sentence\": \"the generated images of "
        "classes 'bus' and 'truck' look alike: they differ only 18 % as much as the real ones\"}\n"
        "{\"step\": 1000, \"event\": \"retreat\", \"sentence\": \"the losses were not numbers at step 1000: back "
        "to step 950, with half the learning rates\"}\n");
    image_file_plain(scratch_path("run/samples/step-00001000.png"), 520, 260, 3, 90);
    scratch_text(scratch_path("run/recipe.ini"), "[images]\nsize = 64x64\n[training]\nloss = hinge\nbatch = 32\n");
    char path[4096], *page = page_now();
    snprintf(path, sizeof path, "%s/watch.html", folder);
    scratch_text(path, page);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(the_time_left_follows_from_the_pace),
        IN_SCRATCH(a_limit_of_time_shortens_it),
        IN_SCRATCH(a_prolonged_run_aims_farther),
        IN_SCRATCH(a_run_that_falls_silent_was_interrupted),
        IN_SCRATCH(slow_steps_are_no_silence),
        IN_SCRATCH(what_the_run_says_of_its_end_holds),
        IN_SCRATCH(runs_of_old_versions_are_finished_at_their_last_step),
        IN_SCRATCH(before_the_first_step_it_begins),
        IN_SCRATCH(steps_that_go_back_tell_no_pace),
        IN_SCRATCH(alarms_begin_and_end),
        IN_SCRATCH(a_resumed_run_watches_with_fresh_eyes),
        IN_SCRATCH(the_same_alarm_again_is_one_that_holds),
        IN_SCRATCH(of_endless_alarms_the_last_are_kept),
        IN_SCRATCH(damaged_lines_do_no_harm),
        IN_SCRATCH(the_page_runs_and_loads_nothing),
        IN_SCRATCH(it_can_be_held_still),
        IN_SCRATCH(what_has_ended_is_asked_for_less_often),
        IN_SCRATCH(a_folder_that_is_gone_is_an_error),
        IN_SCRATCH(leave_example),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    image_files_end();
    return failed;
}
