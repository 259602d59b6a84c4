/* Whole studies on a few small pictures: what their documents hold, that they go on where they were, what they refuse.
 */
#include "scratch.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <standin/standin.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "image_files.h"
#include "must.h"

enum { SIDE = 32, STEPS = 1, LIMIT = 1000000 };

static standin_dataset *opened(const char *name)
{
    standin_dataset *set;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = SIDE;
    must(standin_dataset_open(&set, scratch_path("%s", name), &options));
    return set;
}

/* So many bright and dark pictures each; all sets differ. */
static standin_dataset *pictures(const char *name, int each)
{
    static unsigned seed;
    static const char *const classes[] = {"bright", "dark"};
    scratch_folder(scratch_path("%s", name));
    for (int c = 0; c < 2; c++) {
        scratch_folder(scratch_path("%s/%s", name, classes[c]));
        for (int i = 0; i < each; i++)
            image_file_noise(scratch_path("%s/%s/%02d.png", name, classes[c], i), SIDE, SIDE, ++seed);
    }
    return opened(name);
}

/* Stops when more than `limit` units are done. */
static int stop_at(void *limit, const char *what, int64_t done, int64_t total)
{
    assert_non_null(what);
    assert_true(total >= 0);
    return done > *(int64_t *)limit;
}

static int64_t limit;

static standin_study_options options_for(int64_t stop_after)
{
    standin_study_options options = STANDIN_STUDY_OPTIONS_INIT;
    static char work[512], recipe[512];
    limit = stop_after;
    snprintf(work, sizeof work, "%s", scratch_path("work"));
    snprintf(recipe, sizeof recipe, "%s", scratch_path("tiny.ini"));
    options.work = work;
    options.steps = STEPS;
    options.seeds = 1;
    options.threads = 1;
    options.recipe = recipe;
    options.generator_steps = 2;
    options.times = 1;
    options.progress = stop_at;
    options.progress_context = &limit;
    scratch_text(options.recipe,
                 "[networks]\nnetwork = dcgan\nwidth-g = 4\nwidth-d = 4\nlabel-g = norm\nlabel-d = projection\n"
                 "[training]\nbatch = 4\n");
    return options;
}

static json_t *parsed(char *document)
{
    char *text;
    json_t *json = json_loads(document, 0, NULL);
    assert_non_null(json);
    must(standin_document_text(&text, document));
    standin_text_free(text);
    standin_text_free(document);
    return json;
}

static json_t *row_of(const json_t *document, const char *name)
{
    json_t *rows = json_object_get(document, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(rows, i), "name")), name) == 0)
            return json_array_get(rows, i);
    fail_msg("no row %s", name);
    return NULL;
}

static json_int_t integer(const json_t *object, const char *key)
{
    assert_true(json_is_integer(json_object_get(object, key)));
    return json_integer_value(json_object_get(object, key));
}

static void utility_has_a_row_for_each_kind_of_classifier(void **state)
{
    (void)state;
    standin_dataset *real = pictures("real", 8), *test = pictures("test", 5), *synthetic = pictures("synthetic", 9);
    standin_study_options options = options_for(LIMIT);
    char *document;
    options.seed = UINT64_MAX; /* too large for an integer of JSON */
    must(standin_study_utility(&document, real, test, synthetic, &options));
    json_t *whole = parsed(document);
    assert_string_equal(json_string_value(json_object_get(whole, "kind")), "utility");
    assert_string_equal(json_string_value(json_object_get(whole, "seed")), "18446744073709551615");
    assert_true(fabs(json_number_value(json_object_get(row_of(whole, "chance"), "accuracy")) - 0.5) < 1e-9);
    assert_int_equal(integer(row_of(whole, "trtr"), "images"), 16);
    assert_int_equal(integer(row_of(whole, "tstr"), "images"), 16);
    assert_int_equal(integer(row_of(whole, "tstr_classic"), "images"), 16);
    assert_int_equal(integer(row_of(whole, "trtr_s"), "images"), 32);
    assert_int_equal(json_array_size(json_object_get(row_of(whole, "trtr_classic"), "seed_accuracies")), 1);
    assert_non_null(json_object_get(row_of(whole, "trts"), "interval"));
    assert_non_null(json_object_get(row_of(whole, "copycat"), "confusion"));
    assert_true(json_array_size(json_object_get(whole, "comparisons")) >= 4);
    assert_non_null(json_object_get(whole, "effective_real_size"));
    json_decref(whole);
    standin_dataset_free(synthetic);
    standin_dataset_free(test);
    standin_dataset_free(real);
}

static void amounts_grow_fourfold_as_far_as_a_classifier_sees_them(void **state)
{
    (void)state;
    standin_dataset *real = pictures("real", 6), *test = pictures("test", 5);
    standin_study_options options = options_for(LIMIT);
    char *document;
    options.times = 32; /* 384 images, of which 4 steps show 64 */
    options.steps = 4;
    must(standin_study_augment(&document, real, test, &options));
    json_t *whole = parsed(document), *rows = json_object_get(whole, "rows");
    assert_int_equal(json_array_size(rows), 6);
    assert_int_equal(integer(json_array_get(rows, 2), "synthetic"), 24);
    assert_int_equal(integer(json_array_get(rows, 5), "synthetic"), 96);
    json_decref(whole);
    standin_dataset_free(test);
    standin_dataset_free(real);
}

static void a_study_that_was_stopped_goes_on_and_never_does_a_finished_stage_again(void **state)
{
    (void)state;
    standin_dataset *real = pictures("real", 6), *test = pictures("test", 5);
    standin_study_options options = options_for(4);
    char *document;
    assert_int_equal(standin_study_augment(&document, real, test, &options), STANDIN_INTERRUPTED);
    assert_null(document);
    assert_int_equal(access(scratch_path("work/generator/checkpoint.safetensors"), R_OK), 0);
    assert_int_equal(unlink(scratch_path("work/none-1.safetensors")), 0); /* training again would bring it back */
    options = options_for(LIMIT);
    must(standin_study_augment(&document, real, test, &options));
    assert_int_not_equal(access(scratch_path("work/none-1.safetensors"), R_OK), 0);
    json_t *whole = parsed(document), *rows = json_object_get(whole, "rows");
    assert_int_equal(integer(whole, "real"), 12);
    assert_int_equal(json_array_size(rows), 4);
    assert_int_equal(integer(json_array_get(rows, 3), "synthetic"), 12);
    assert_int_equal(integer(json_array_get(rows, 3), "images"), 24);
    assert_non_null(json_string_value(json_object_get(whole, "verdict")));
    assert_true(json_is_boolean(json_object_get(whole, "gain_is_real")));
    json_decref(whole);
    standin_dataset_free(test);
    standin_dataset_free(real);
}

static void estimate_answers_all_three_questions_and_draws_both_curves(void **state)
{
    (void)state;
    standin_dataset *real = pictures("real", 16), *test = pictures("test", 5);
    standin_study_options options = options_for(LIMIT);
    char *document;
    options.target = 0.01;
    options.generators = 1;
    must(standin_study_estimate(&document, real, test, &options));
    json_t *whole = parsed(document), *curve = json_object_get(whole, "curve");
    assert_int_equal(json_array_size(curve), 4);
    assert_true(fabs(json_number_value(json_object_get(json_array_get(curve, 3), "images")) - 32) < 1e-9);
    assert_non_null(json_object_get(json_object_get(whole, "how_many"), "met_at"));
    assert_true(json_number_value(json_object_get(json_object_get(whole, "how_long"), "seconds")) > 0);
    assert_true(json_number_value(json_object_get(json_object_get(whole, "how_much_memory"), "bytes")) > 1e5);
    assert_int_equal(json_array_size(json_object_get(whole, "synthetic_curve")), 3);
    json_decref(whole);
    standin_dataset_free(test);
    standin_dataset_free(real);
}

static void nonsense_is_refused_in_words(void **state)
{
    (void)state;
    standin_dataset *real = pictures("real", 4), *test = pictures("test", 4);
    standin_study_options options = options_for(LIMIT);
    char *document;
    options.target = NAN;
    assert_int_equal(standin_study_estimate(&document, real, test, &options), STANDIN_INPUT);
    assert_non_null(strstr(standin_error_message(), "a target of"));
    options = options_for(LIMIT);
    options.real = 9;
    assert_int_equal(standin_study_augment(&document, real, test, &options), STANDIN_INPUT);
    assert_non_null(strstr(standin_error_message(), "has 8 images to train on, and 9"));
    options = options_for(LIMIT);
    options.seeds = -1;
    assert_int_equal(standin_study_augment(&document, real, test, &options), STANDIN_INPUT);
    assert_null(document);
    options = options_for(LIMIT);
    options.recipe = "small";
    refuses(standin_study_augment(&document, real, test, &options), "the recipe small learns no labels");
    options.generators = 1;
    refuses(standin_study_estimate(&document, real, test, &options), "the recipe small learns no labels");
    standin_dataset_free(test);
    standin_dataset_free(real);
}

static void a_work_folder_among_the_images_is_refused(void **state)
{
    (void)state;
    standin_dataset *real = pictures("real", 4), *test = pictures("test", 4), *synthetic = pictures("synthetic", 4);
    standin_study_options options = options_for(LIMIT);
    char *document;
    options.work = scratch_path("real/work");
    refuses(standin_study_estimate(&document, real, NULL, &options), "take another place");
    options.work = scratch_path("test/work");
    refuses(standin_study_augment(&document, real, test, &options), "take another place");
    options.work = scratch_path("synthetic/work");
    refuses(standin_study_utility(&document, real, test, synthetic, &options), "take another place");
    assert_null(document);
    assert_int_equal(scratch_count(scratch_path("synthetic")), 2);
    standin_dataset_free(synthetic);
    standin_dataset_free(test);
    standin_dataset_free(real);
}

static void a_synthetic_set_without_one_of_the_classes_is_refused(void **state)
{
    (void)state;
    standin_dataset *real = pictures("real", 4), *test = pictures("test", 4);
    scratch_folder(scratch_path("synthetic"));
    scratch_folder(scratch_path("synthetic/dark"));
    image_file_noise(scratch_path("synthetic/dark/1.png"), SIDE, SIDE, 7777);
    standin_dataset *synthetic = opened("synthetic");
    const standin_study_options options = options_for(LIMIT);
    char *document;
    assert_int_equal(standin_study_utility(&document, real, test, synthetic, &options), STANDIN_INPUT);
    assert_non_null(strstr(standin_error_message(), "has no images of class 'bright'"));
    standin_dataset_free(synthetic);
    standin_dataset_free(test);
    standin_dataset_free(real);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(utility_has_a_row_for_each_kind_of_classifier),
        IN_SCRATCH(amounts_grow_fourfold_as_far_as_a_classifier_sees_them),
        IN_SCRATCH(a_study_that_was_stopped_goes_on_and_never_does_a_finished_stage_again),
        IN_SCRATCH(estimate_answers_all_three_questions_and_draws_both_curves),
        IN_SCRATCH(nonsense_is_refused_in_words),
        IN_SCRATCH(a_work_folder_among_the_images_is_refused),
        IN_SCRATCH(a_synthetic_set_without_one_of_the_classes_is_refused),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    image_files_end();
    return failed;
}
