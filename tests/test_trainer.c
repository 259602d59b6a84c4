/* Whole runs: their checkpoints are the same bits for any number of threads and with or without a break, and losses
 * that are no numbers lead back to the last good one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/safetensors.h"
#include "image_files.h"
#include "runs.h"
#include "scratch.h"
#include "train/recipe.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <standin/standin.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

enum { IMAGES = 20, SIDE = 16 };

static standin_dataset *open_noise(void)
{
    standin_dataset *dataset;
    scratch_folder(scratch_path("images"));
    for (unsigned i = 0; i < IMAGES; i++)
        image_file_noise(scratch_path("images/%02u.png", i), SIDE, SIDE, i + 1);
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = SIDE;
    must(standin_dataset_open(&dataset, scratch_path("images"), &options));
    return dataset;
}

static standin_recipe *tiny_recipe(void)
{
    standin_recipe *recipe;
    must(standin_recipe_open(&recipe, "small"));
    must(standin_recipe_set(recipe, "size", "16"));
    must(standin_recipe_set(recipe, "batch", "12"));
    must(standin_recipe_set(recipe, "width-g", "16"));
    must(standin_recipe_set(recipe, "width-d", "16"));
    must(standin_recipe_set(recipe, "mirror", "yes"));
    return recipe;
}

static void train(const standin_dataset *dataset, const char *run, int64_t steps, int threads)
{
    standin_recipe *recipe = tiny_recipe();
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.steps = steps;
    options.threads = threads;
    must(standin_train(scratch_path("%s", run), dataset, recipe, &options));
    standin_recipe_free(recipe);
}

static void any_number_of_threads_gives_the_same_checkpoint(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    train(dataset, "one", 8, 1);
    train(dataset, "two", 8, 2);
    train(dataset, "three", 8, 3);
    train(dataset, "four", 8, 4);
    runs_expect_same_checkpoint("one", "two");
    runs_expect_same_checkpoint("one", "three");
    runs_expect_same_checkpoint("one", "four");
    standin_dataset_free(dataset);
}

static void twenty_steps_are_ten_and_ten_more(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    train(dataset, "whole", 20, 2);
    train(dataset, "parts", 10, 2);
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.steps = 20;
    must(standin_train_resume(scratch_path("parts"), dataset, &options));
    runs_expect_same_checkpoint("whole", "parts");
    standin_dataset_free(dataset);
}

static void a_checkpoint_in_between_changes_nothing(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    train(dataset, "plain", 6, 2);
    standin_recipe *recipe = tiny_recipe();
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.steps = 6;
    options.checkpoint_seconds = options.sample_seconds = 1e-9; /* after every step */
    must(standin_train(scratch_path("often"), dataset, recipe, &options));
    runs_expect_same_checkpoint("plain", "often");
    standin_recipe_free(recipe);
    standin_dataset_free(dataset);
}

static void a_run_does_not_go_on_with_other_images(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    train(dataset, "run", 2, 1);
    standin_dataset_free(dataset);
    image_file_noise(scratch_path("images/00.png"), SIDE, SIDE, 99);
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = SIDE;
    must(standin_dataset_open(&dataset, scratch_path("images"), &options));
    const standin_train_options train_options = STANDIN_TRAIN_OPTIONS_INIT;
    assert_int_equal(standin_train_resume(scratch_path("run"), dataset, &train_options), STANDIN_INPUT);
    assert_non_null(strstr(standin_error_message(), "was trained on other images"));
    standin_dataset_free(dataset);
}

static void a_run_does_not_go_on_with_another_recipe(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    train(dataset, "run", 2, 1);
    standin_recipe *recipe = tiny_recipe();
    const uint64_t begun = 1, other = 2;
    must(standin_run_check(scratch_path("run"), recipe, &begun, 8));
    must(standin_run_check(scratch_path("run"), NULL, NULL, 0));
    must(standin_recipe_set(recipe, "steps", "9"));
    must(standin_run_check(scratch_path("run"), recipe, NULL, 0));
    refuses(standin_run_check(scratch_path("run"), NULL, &other, 0), "seed 1, not 2");
    refuses(standin_run_check(scratch_path("run"), NULL, NULL, 4), "8 shards, not 4");
    must(standin_recipe_set(recipe, "batch", "32"));
    refuses(standin_run_check(scratch_path("run"), recipe, NULL, 0), "batch = 12, not 32");
    standin_recipe_free(recipe);
    standin_dataset_free(dataset);
}

static void a_run_does_not_go_on_with_an_edited_recipe_file(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    train(dataset, "run", 2, 1);
    scratch_text(scratch_path("run/recipe.ini"), "leak = 0.3\n");
    const standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    refuses(standin_train_resume(scratch_path("run"), dataset, &options), "recipe.ini: was edited");
    standin_dataset_free(dataset);
}

static void a_run_of_more_steps_than_count_in_64_bits_does_not_go_on(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    const standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    train(dataset, "run", 2, 1);
    run_checkpoint_say("run", "goal.steps", "4611686018427387903");
    refuses(standin_train_resume(scratch_path("run"), dataset, &options), "'goal.steps' is '4611686018427387903'");
    run_checkpoint_say("run", "step", "4611686018427387000");
    refuses(standin_train_resume(scratch_path("run"), dataset, &options), "'step' is '4611686018427387000'");
    standin_dataset_free(dataset);
}

struct watch {
    int retreats;
    int stop_at;
};

static int count_retreats(void *context, const standin_training_status *status)
{
    struct watch *watch = context;
    if (status->event && strstr(status->event, "the losses were not numbers"))
        watch->retreats++;
    return watch->stop_at > 0 && status->step >= watch->stop_at;
}

/* Towards `steps` or for some seconds, but stopped after `stop_at` steps. */
static void train_and_stop(const standin_dataset *dataset, const char *run, int64_t steps, double seconds, int stop_at)
{
    standin_recipe *recipe = tiny_recipe();
    struct watch watch = {0, stop_at};
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.steps = steps;
    options.budget_seconds = seconds;
    options.progress = count_retreats;
    options.progress_context = &watch;
    assert_int_equal(standin_train(scratch_path("%s", run), dataset, recipe, &options), STANDIN_INTERRUPTED);
    standin_recipe_free(recipe);
}

static void losses_that_are_not_numbers_lead_back_to_the_checkpoint(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    standin_recipe *recipe = tiny_recipe();
    recipe->settings.learning_rate_d =
        1e38; /* no recipe may say this: even half of a half of it throws weights to infinity */
    struct watch watch = {0, 0};
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.steps = 20;
    options.progress = count_retreats;
    options.progress_context = &watch;
    assert_int_equal(standin_train(scratch_path("run"), dataset, recipe, &options), STANDIN_FAILED);
    assert_int_equal(watch.retreats, 5);
    assert_non_null(strstr(standin_error_message(), "try lower learning rates"));
    /* What is on the disk is still good. */
    struct safetensors *checkpoint = run_checkpoint("run");
    for (int i = 0; i < safetensors_tensors(checkpoint); i++) {
        const struct safetensors_tensor *tensor = safetensors_tensor(checkpoint, i);
        float *number = malloc(safetensors_bytes(tensor));
        must(safetensors_read(checkpoint, tensor, number));
        for (int64_t k = 0; k < safetensors_elements(tensor); k++)
            assert_true(isfinite(number[k]));
        free(number);
    }
    safetensors_close(checkpoint);
    standin_recipe_free(recipe);
    standin_dataset_free(dataset);
}

static void a_stop_that_is_asked_for_saves_the_step(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    train_and_stop(dataset, "stopped", 100, 0, 7);
    train(dataset, "seven", 7, 2);
    runs_expect_same_checkpoint("stopped", "seven");
    standin_dataset_free(dataset);
}

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 16);
    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
    fclose(file);
    return text;
}

static int events(const char *text, const char *event)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, event)); at++)
        count++;
    return count;
}

static void a_run_says_when_it_starts_and_how_it_ends(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    train_and_stop(dataset, "run", 100, 0, 7);
    char *text = read_text(scratch_path("run/metrics.jsonl"));
    assert_int_equal(events(text, "{\"step\": 0, \"event\": \"started\", \"steps\": 100}\n"), 1);
    assert_int_equal(events(text, "{\"step\": 7, \"event\": \"stopped\"}\n"), 1);
    free(text);
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.steps = 9;
    must(standin_train_resume(scratch_path("run"), dataset, &options));
    text = read_text(scratch_path("run/metrics.jsonl"));
    assert_int_equal(events(text, "{\"step\": 7, \"event\": \"stopped\"}\n"), 1);
    assert_int_equal(events(text, "{\"step\": 7, \"event\": \"started\", \"steps\": 9}\n"), 1);
    assert_int_equal(events(text, "{\"step\": 9, \"event\": \"finished\"}\n"), 1);
    free(text);
    standin_dataset_free(dataset);
}

static double checkpoint_number(const char *run, const char *key)
{
    double number;
    struct safetensors *file = run_checkpoint(run);
    must(metadata_real(safetensors_metadata(file), key, 0, 1e12, &number));
    safetensors_close(file);
    return number;
}

static void expect_resuming_changes_nothing(const standin_dataset *dataset, int64_t steps, double seconds,
                                            const char *why)
{
    char *before = read_text(scratch_path("run/metrics.jsonl"));
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.steps = steps;
    options.budget_seconds = seconds;
    const int status = standin_train_resume(scratch_path("run"), dataset, &options);
    if (why)
        refuses(status, why);
    else
        must(status);
    char *after = read_text(scratch_path("run/metrics.jsonl"));
    assert_string_equal(after, before);
    runs_expect_same_checkpoint("run", "as it was");
    free(before);
    free(after);
}

static void a_run_at_its_goal_stays_as_it_is(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    train(dataset, "run", 4, 1);
    train(dataset, "as it was", 4, 1);
    expect_resuming_changes_nothing(dataset, 0, 0, NULL);
    expect_resuming_changes_nothing(dataset, 4, 0, NULL);
    expect_resuming_changes_nothing(dataset, 3, 0, "run: is at step 4 already, beyond the 3 that were asked for");
    expect_resuming_changes_nothing(dataset, 0, 1e-6, "already, longer than the 1e-06 asked for");
    assert_float_equal(checkpoint_number("run", "goal.steps"), 4, 0);
    standin_dataset_free(dataset);
}

static double predicted_seconds(const char *run)
{
    char *text = read_text(scratch_path("%s/run.json", run));
    const char *key = strstr(text, "\"predicted_seconds\": ");
    const double seconds = key ? strtod(key + 21, NULL) : NAN;
    assert_non_null(strstr(text, "\"hash\": ")); /* all else is still there */
    free(text);
    return seconds;
}

static int stop_at_the_second(void *context, const standin_training_status *status)
{
    int64_t *asked = context;
    assert_string_equal(status->event, "timing");
    assert_int_equal(status->step, (*asked)++);
    return status->step == 1;
}

static void an_estimate_asks_before_each_step_whether_to_stop(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    standin_recipe *recipe = tiny_recipe();
    standin_estimate estimate;
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    must(standin_train_estimate(&estimate, dataset, recipe, &options));
    assert_true(estimate.step_seconds > 0 && estimate.seconds > 0);
    int64_t asked = 0;
    options.progress = stop_at_the_second;
    options.progress_context = &asked;
    assert_int_equal(standin_train_estimate(&estimate, dataset, recipe, &options), STANDIN_INTERRUPTED);
    assert_int_equal(asked, 2);
    standin_recipe_free(recipe);
    standin_dataset_free(dataset);
}

static void the_time_is_predicted_before_it_has_passed(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    train_and_stop(dataset, "steps", 1000000, 0, 20);
    assert_true(predicted_seconds("steps") > 10);
    train_and_stop(dataset, "budget", 0, 600, 1);
    const double first = predicted_seconds("budget");
    assert_float_equal(first, 600, 6);
    struct watch watch = {0, 20};
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.progress = count_retreats;
    options.progress_context = &watch;
    assert_int_equal(standin_train_resume(scratch_path("budget"), dataset, &options), STANDIN_INTERRUPTED);
    assert_float_equal(predicted_seconds("budget"), first, 0); /* hindsight is no prediction */
    standin_dataset_free(dataset);
}

static const double budget = 4; /* seconds */

/* Nine tenths of the time asleep, however busy the machine is with other things. */
static void doze(int signal)
{
    (void)signal;
    const int before = errno;
    nanosleep(&(struct timespec){.tv_nsec = 9 * 1000000}, NULL);
    errno = before;
}

static void set_dozing(bool on)
{
    const struct timeval every = {.tv_usec = on ? 10 * 1000 : 0};
    const struct itimerval timer = {every, every};
    assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

static int wake_up(void *context, const standin_training_status *status)
{
    (void)context;
    (void)status;
    set_dozing(false);
    return 0;
}

/* Its steps are timed while the process sleeps most of the time, but only then. */
static void train_after_a_doze(const char *run, const standin_dataset *dataset, const char *decay)
{
    standin_recipe *recipe = tiny_recipe();
    must(standin_recipe_set(recipe, "decay", decay));
    struct sigaction dozing = {.sa_handler = doze, .sa_flags = SA_RESTART}, before;
    sigemptyset(&dozing.sa_mask);
    assert_int_equal(sigaction(SIGALRM, &dozing, &before), 0);
    standin_train_options options = STANDIN_TRAIN_OPTIONS_INIT;
    options.budget_seconds = budget;
    options.threads = 1;
    options.progress = wake_up;
    set_dozing(true);
    must(standin_train(scratch_path("%s", run), dataset, recipe, &options));
    set_dozing(false);
    assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
    standin_recipe_free(recipe);
}

static void time_that_is_left_becomes_steps(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    train_after_a_doze("free", dataset, "none");
    char *text = read_text(scratch_path("free/metrics.jsonl"));
    assert_true(events(text, "\"event\": \"prolonged\", \"sentence\": \"the planned steps took less time") >= 1);
    free(text);
    assert_true(checkpoint_number("free", "seconds") > 0.6 * budget); /* some is kept for the last checkpoint */
    train(dataset, "same", (int64_t)checkpoint_number("free", "step"), 2);
    runs_expect_same_checkpoint("free", "same");
    /* Steps of a schedule that goes by the share of the training would have been others. */
    train_after_a_doze("bound", dataset, "linear");
    text = read_text(scratch_path("bound/metrics.jsonl"));
    assert_int_equal(events(text, "\"event\": \"prolonged\""), 0);
    free(text);
    standin_dataset_free(dataset);
}

static void a_budget_of_more_steps_than_a_recipe_may_say_is_cut(void **state)
{
    (void)state;
    standin_dataset *dataset = open_noise();
    train_and_stop(dataset, "long", 0, 1e13, 1);
    char *recipe = read_text(scratch_path("long/recipe.ini"));
    assert_int_equal(events(recipe, "\nsteps = 1000000000\n"), 1);
    free(recipe);
    standin_dataset_free(dataset);
}

static void an_image_does_not_depend_on_what_is_made_with_it(void **state)
{
    (void)state;
    enum { BYTES = SIDE * SIDE, COUNT = 100 };
    standin_dataset *dataset = open_noise();
    train(dataset, "run", 2, 2);
    standin_generator *one, *two;
    must(standin_generator_open(&one, scratch_path("run"), 1));
    must(standin_generator_open(&two, scratch_path("run"), 2));
    uint8_t all[COUNT * BYTES], single[BYTES];
    must(standin_generator_make(one, 0, 3, 0, COUNT, all));
    for (int64_t i = 0; i < COUNT; i += 33) {
        must(standin_generator_make(two, 0, 3, i, 1, single));
        assert_memory_equal(single, all + i * BYTES, BYTES);
    }
    must(standin_generator_make(two, 0, 4, 0, 1, single));
    assert_memory_not_equal(single, all, BYTES);
    assert_int_equal(standin_generator_make(two, 0, 3, -1, 1, single), STANDIN_INPUT);
    standin_generator_free(one);
    standin_generator_free(two);
    standin_dataset_free(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(any_number_of_threads_gives_the_same_checkpoint),
        IN_SCRATCH(twenty_steps_are_ten_and_ten_more),
        IN_SCRATCH(a_checkpoint_in_between_changes_nothing),
        IN_SCRATCH(a_run_does_not_go_on_with_other_images),
        IN_SCRATCH(a_run_does_not_go_on_with_another_recipe),
        IN_SCRATCH(a_run_does_not_go_on_with_an_edited_recipe_file),
        IN_SCRATCH(a_run_of_more_steps_than_count_in_64_bits_does_not_go_on),
        IN_SCRATCH(losses_that_are_not_numbers_lead_back_to_the_checkpoint),
        IN_SCRATCH(a_stop_that_is_asked_for_saves_the_step),
        IN_SCRATCH(a_run_says_when_it_starts_and_how_it_ends),
        IN_SCRATCH(a_run_at_its_goal_stays_as_it_is),
        IN_SCRATCH(an_estimate_asks_before_each_step_whether_to_stop),
        IN_SCRATCH(the_time_is_predicted_before_it_has_passed),
        IN_SCRATCH(time_that_is_left_becomes_steps),
        IN_SCRATCH(a_budget_of_more_steps_than_a_recipe_may_say_is_cut),
        IN_SCRATCH(an_image_does_not_depend_on_what_is_made_with_it),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    image_files_end();
    return failed;
}
