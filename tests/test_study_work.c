/* Stages of a study: kept, recalled, done again when what they depend on has changed; arms made of them. */
#include "data/dataset.h"
#include "scratch.h"
#include "study/arm.h"
#include "study/work.h"

#include <setjmp.h>
#include <standin/standin.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "image_files.h"
#include "must.h"

enum { SIDE = 28, STEPS = 2 };

static struct work *opened(const char *folder)
{
    struct work *work;
    must(work_open(&work, &(struct work_settings){.folder = folder, .threads = 1}));
    return work;
}

static void keep(struct work *work, const char *name, const char *key, int value)
{
    json_t *result = json_integer(value);
    must(work_keep(work, name, key, result));
    json_decref(result);
}

static int recalled(const struct work *work, const char *name, const char *key)
{
    json_t *result;
    must(work_recall(&result, work, name, key));
    const int value = result ? (int)json_integer_value(result) : -1;
    json_decref(result);
    return value;
}

static void a_kept_result_is_recalled_in_another_session(void **state)
{
    (void)state;
    struct work *work = opened(scratch_path("work"));
    keep(work, "stage", "on a and b", 7);
    work_close(work);
    work = opened(scratch_path("work"));
    assert_int_equal(recalled(work, "stage", "on a and b"), 7);
    work_close(work);
}

static void a_result_of_another_key_or_name_is_none(void **state)
{
    (void)state;
    struct work *work = opened(scratch_path("work"));
    keep(work, "stage", "on a and b", 7);
    assert_int_equal(recalled(work, "stage", "on a and c"), -1);
    assert_int_equal(recalled(work, "other", "on a and b"), -1);
    work_close(work);
}

static void a_damaged_result_is_none_and_is_replaced(void **state)
{
    (void)state;
    struct work *work = opened(scratch_path("work"));
    keep(work, "stage", "key", 7);
    scratch_text(scratch_path("work/stage.json"), "{\"key\": \"key\", \"res");
    assert_int_equal(recalled(work, "stage", "key"), -1);
    keep(work, "stage", "key", 8);
    assert_int_equal(recalled(work, "stage", "key"), 8);
    work_close(work);
}

static void a_temporary_folder_is_gone_afterwards(void **state)
{
    (void)state;
    struct work *work = opened(NULL);
    keep(work, "stage", "key", 7);
    char *path = work_path(work, "stage.json");
    assert_int_equal(access(path, F_OK), 0);
    work_close(work);
    assert_int_not_equal(access(path, F_OK), 0);
    free(path);
}

/* Bright and dark pictures: two classes that anybody can tell. */
static standin_dataset *pictures(const char *name, uint8_t shift)
{
    standin_dataset *set;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = SIDE;
    scratch_folder(scratch_path("%s", name));
    scratch_folder(scratch_path("%s/bright", name));
    scratch_folder(scratch_path("%s/dark", name));
    for (int i = 0; i < 4; i++) {
        image_file_plain(scratch_path("%s/bright/%d.png", name, i), SIDE, SIDE, 1, (uint8_t)(200 + 5 * i + shift));
        image_file_plain(scratch_path("%s/dark/%d.png", name, i), SIDE, SIDE, 1, (uint8_t)(20 + 5 * i + shift));
    }
    must(standin_dataset_open(&set, scratch_path("%s", name), &options));
    return set;
}

static int64_t advanced;

static int count_units(void *context, const char *what, int64_t done, int64_t total)
{
    (void)context;
    (void)what;
    (void)total;
    advanced = done;
    return 0;
}

static void an_arm_is_trained_once_and_its_answers_stay(void **state)
{
    (void)state;
    standin_dataset *train = pictures("train", 0), *test = pictures("test", 1);
    const struct arm arm = {.name = "trtr", .train = train, .steps = STEPS, .seed = 3};
    int32_t *first, *again;
    struct work *work = opened(scratch_path("work"));
    must(arm_predict(&first, work, &arm, "test", test));
    work_close(work);
    unlink(scratch_path("work/trtr-3.safetensors")); /* training again would bring it back */
    must(work_open(&work, &(struct work_settings){scratch_path("work"), 1, count_units, NULL}));
    must(arm_predict(&again, work, &arm, "test", test));
    assert_int_equal(advanced, STEPS);
    assert_memory_equal(first, again, (size_t)standin_dataset_images(test) * sizeof *first);
    assert_int_not_equal(access(scratch_path("work/trtr-3.safetensors"), F_OK), 0);
    assert_true(work_seconds(work) > 0);
    work_close(work);
    free(first);
    free(again);
    standin_dataset_free(train);
    standin_dataset_free(test);
}

static void an_arm_on_another_set_is_trained_again(void **state)
{
    (void)state;
    standin_dataset *one = pictures("one", 0), *two = pictures("two", 9);
    struct work *work = opened(scratch_path("work"));
    struct arm arm = {.name = "trtr", .train = one, .steps = STEPS, .seed = 3};
    char *model;
    must(arm_train(&model, work, &arm));
    unlink(model);
    free(model);
    arm.train = two;
    must(arm_train(&model, work, &arm));
    assert_int_equal(access(model, R_OK), 0);
    free(model);
    work_close(work);
    standin_dataset_free(one);
    standin_dataset_free(two);
}

static int stop_at_once(void *context, const char *what, int64_t done, int64_t total)
{
    (void)context;
    (void)what;
    (void)done;
    (void)total;
    return 1;
}

static void an_interrupted_arm_says_so_and_keeps_no_result(void **state)
{
    (void)state;
    standin_dataset *train = pictures("train", 0);
    const struct arm arm = {.name = "trtr", .train = train, .steps = STEPS, .seed = 3};
    struct work *work;
    int32_t *predicted;
    must(work_open(&work, &(struct work_settings){scratch_path("work"), 1, stop_at_once, NULL}));
    assert_int_equal(arm_predict(&predicted, work, &arm, "train", train), STANDIN_INTERRUPTED);
    assert_null(predicted);
    assert_int_equal(scratch_count(scratch_path("work")), 0);
    work_close(work);
    standin_dataset_free(train);
}

static void hits_and_counts_are_of_the_test_sets_classes(void **state)
{
    (void)state;
    standin_dataset *test = pictures("test", 0);
    const int32_t predicted[8] = {0, 0, 1, -1, 1, 1, 0, 1}; /* 4 bright, 4 dark */
    int64_t counts[4] = {0};
    assert_int_equal(arm_count(counts, test, predicted), 5);
    assert_int_equal(counts[0], 2);
    assert_int_equal(counts[1], 1);
    assert_int_equal(counts[2], 1);
    assert_int_equal(counts[3], 3);
    standin_dataset_free(test);
}


int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(a_kept_result_is_recalled_in_another_session),
        IN_SCRATCH(a_result_of_another_key_or_name_is_none),
        IN_SCRATCH(a_damaged_result_is_none_and_is_replaced),
        IN_SCRATCH(a_temporary_folder_is_gone_afterwards),
        IN_SCRATCH(an_arm_is_trained_once_and_its_answers_stay),
        IN_SCRATCH(an_arm_on_another_set_is_trained_again),
        IN_SCRATCH(an_interrupted_arm_says_so_and_keeps_no_result),
        IN_SCRATCH(hits_and_counts_are_of_the_test_sets_classes),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    image_files_end();
    return failed;
}
