/* What an evaluation says, and what it refuses to say. */
#include "data/derive.h"
#include "scratch.h"
#include "study/evaluate_measure.h"
#include "study/synthetic.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <standin/standin.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "blobs.h"
#include "image_files.h"
#include "must.h"

enum { EACH = 70, FEW = 8 };
static const double close_to = 1e-12;

static standin_evaluate_options options_of_tests(void)
{
    standin_evaluate_options options = STANDIN_EVALUATE_OPTIONS_INIT;
    options.steps = 2;
    options.threads = 1;
    return options;
}

static json_t *evaluated(const standin_evaluation_sets *sets, const standin_evaluate_options *options)
{
    char *text;
    must(standin_evaluate(&text, sets, options));
    json_t *document = json_loads(text, 0, NULL);
    assert_non_null(document);
    standin_text_free(text);
    return document;
}

static const json_t *measure_of(const json_t *document, const char *part, const char *name)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(document, part), i, one)
        if (strcmp(json_string_value(json_object_get(one, "name")), name) == 0)
            return one;
    fail_msg("no measure %s", name);
    return NULL;
}

static double number_of(const json_t *measure, const char *key)
{
    assert_true(json_is_number(json_object_get(measure, key)));
    return json_number_value(json_object_get(measure, key));
}

static const char *refusal_of(const json_t *document, const char *part, const char *name)
{
    const json_t *measure = measure_of(document, part, name);
    assert_null(json_object_get(measure, "value"));
    const char *refused = json_string_value(json_object_get(measure, "refused"));
    assert_non_null(refused);
    return refused;
}

static bool says(const json_t *document, const char *part, const char *words)
{
    size_t i;
    json_t *sentence;
    json_array_foreach(json_object_get(document, part), i, sentence)
        if (strstr(json_string_value(sentence), words))
            return true;
    return false;
}

/* ---- Measures ----------------------------------------------------------------------------------------------- */

static void every_value_has_its_twin_and_images_drawn_alike_come_near_it(void **state)
{
    (void)state;
    standin_dataset *real = blobs("real", 0, 2 * EACH), *synthetic = blobs("synthetic", 1000, EACH);
    const standin_evaluate_options options = options_of_tests();
    json_t *document = evaluated(&(standin_evaluation_sets){.real = real, .synthetic = synthetic}, &options);
    static const char *const parts[] = {"image", "set"};
    int values = 0;
    for (int p = 0; p < 2; p++) {
        size_t i;
        json_t *one;
        json_array_foreach(json_object_get(document, parts[p]), i, one) {
            if (json_object_get(one, "refused"))
                continue;
            values++;
            assert_true(json_is_number(json_object_get(one, "value")));
            assert_true(json_is_number(json_object_get(one, "twin")));
            assert_true(json_is_string(json_object_get(one, "repeated")));
        }
    }
    assert_int_equal(values, 6 + 9); /* FD-infinity needs more images */
    static const char *const names[] = {"fd_task", "fd_random", "fd_pixels", "coverage", "recall", "density"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const double ratio = number_of(measure_of(document, "set", names[i]), "ratio");
        assert_true(ratio > 0.6 && ratio < 1.6);
    }
    assert_non_null(strstr(refusal_of(document, "image", "ms_ssim_within_class"), "161"));
    assert_true(says(document, "unknown", "halved"));
    assert_true(says(document, "unknown", "an audit needs"));
    assert_null(json_object_get(document, "verdict"));
    json_decref(document);
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

static void too_few_images_are_refused_with_the_number_that_is_needed(void **state)
{
    (void)state;
    standin_dataset *real = blobs("real", 0, 2 * FEW), *synthetic = blobs("synthetic", 1000, 2 * FEW);
    const standin_evaluate_options options = options_of_tests();
    json_t *document = evaluated(&(standin_evaluation_sets){.real = real, .synthetic = synthetic}, &options);
    assert_non_null(strstr(refusal_of(document, "set", "fd_task"), "at least 128 are needed"));
    assert_non_null(strstr(refusal_of(document, "set", "coverage"), "at least 50 are needed"));
    assert_non_null(
        strstr(refusal_of(document, "image", "ssim_within_class"), "8 pairs within classes, at least 10 are needed"));
    json_decref(document);
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

static void constant_images_are_said_and_not_measured(void **state)
{
    (void)state;
    standin_dataset *real = blobs("real", 0, 2 * EACH), *drawn = blobs("synthetic", 1000, EACH), *constant;
    uint8_t *pixels = calloc(2 * EACH, BLOB_SIDE * BLOB_SIDE);
    must(derive_repainted(&constant, drawn, pixels));
    const standin_evaluate_options options = options_of_tests();
    json_t *document = evaluated(&(standin_evaluation_sets){.real = real, .synthetic = constant}, &options);
    assert_true(says(document, "unknown", "140 of 140 synthetic images show a single level of grey"));
    assert_true(says(document, "unknown", "139 of 140 synthetic images repeat another one"));
    assert_non_null(strstr(refusal_of(document, "set", "coverage"), "have the same features"));
    assert_string_equal(json_string_value(json_object_get(measure_of(document, "image", "psnr_within_class"), "value")),
                        "inf");
    json_decref(document);
    free(pixels);
    standin_dataset_free(real);
    standin_dataset_free(drawn);
    standin_dataset_free(constant);
}

/* ---- Classes ------------------------------------------------------------------------------------------------ */

static standin_dataset *only_class(const char *name, const char *class_name)
{
    standin_dataset *set;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = BLOB_SIDE;
    options.class_name = class_name;
    must(standin_dataset_open(&set, scratch_path("%s", name), &options));
    return set;
}

static void one_class_alone_is_compared_without_a_classifier(void **state)
{
    (void)state;
    standin_dataset_free(blobs("real", 0, 2 * EACH));
    standin_dataset_free(blobs("synthetic", 1000, EACH));
    standin_dataset *real = only_class("real", "left"), *synthetic = only_class("synthetic", "left");
    const standin_evaluate_options options = options_of_tests();
    json_t *document = evaluated(&(standin_evaluation_sets){.real = real, .synthetic = synthetic}, &options);
    assert_non_null(strstr(refusal_of(document, "set", "fd_task"), "one class alone"));
    assert_true(number_of(measure_of(document, "set", "coverage"), "value") > 0.7);
    assert_int_equal(json_array_size(json_object_get(document, "classes")), 1);
    assert_null(json_object_get(document, "worst"));
    json_decref(document);
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

static void a_class_without_synthetic_images_is_the_worst_one(void **state)
{
    (void)state;
    standin_dataset *real = blobs("real", 0, 2 * EACH);
    standin_dataset_free(blobs("synthetic", 1000, EACH));
    standin_dataset *synthetic = only_class("synthetic", "left");
    const standin_evaluate_options options = options_of_tests();
    json_t *document = evaluated(&(standin_evaluation_sets){.real = real, .synthetic = synthetic}, &options);
    assert_true(says(document, "unknown", "Class 'right': there are no synthetic images of it."));
    assert_true(says(document, "unknown", "without regard to their classes"));
    assert_string_equal(json_string_value(json_object_get(document, "worst")), "right");
    assert_true(number_of(measure_of(document, "set", "recall"), "value") <
                number_of(measure_of(document, "set", "recall"), "twin") - 0.1);
    json_decref(document);
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

/* ---- Privacy ------------------------------------------------------------------------------------------------ */

static json_t *audited(const standin_dataset *train, const standin_dataset *holdout, const standin_dataset *synthetic)
{
    const standin_evaluate_options options = options_of_tests();
    return evaluated(
        &(standin_evaluation_sets){.real = train, .synthetic = synthetic, .train = train, .holdout = holdout},
        &options);
}

static void fresh_images_pass_an_audit_that_has_power(void **state)
{
    (void)state;
    standin_dataset *train = blobs("train", 0, EACH), *holdout = blobs("holdout", 1000, EACH);
    standin_dataset *synthetic = blobs("synthetic", 2000, EACH);
    json_t *document = audited(train, holdout, synthetic), *one;
    size_t i;
    json_array_foreach(json_object_get(document, "controls"), i, one)
        assert_true(json_is_true(json_object_get(one, "passed")));
    assert_int_equal(i, 16);
    assert_string_equal(json_string_value(json_object_get(document, "verdict")), "no leak detected at this power");
    assert_true(number_of(measure_of(document, "privacy", "membership_auc_pixels"), "chance") == 0.5);
    assert_true(says(document, "unknown", "dealt single images out by lot"));
    json_decref(document);
    standin_dataset_free(train);
    standin_dataset_free(holdout);
    standin_dataset_free(synthetic);
}

static void near_copies_of_the_training_images_leak(void **state)
{
    (void)state;
    standin_dataset *train = blobs_in_groups("train", 0, EACH, 10), *holdout = blobs_in_groups("holdout", 1000, EACH, 10);
    standin_dataset *copycat;
    must(synthetic_copycat(&copycat, train, 7));
    json_t *document = audited(train, holdout, copycat);
    assert_string_equal(json_string_value(json_object_get(document, "verdict")), "leaks");
    assert_true(number_of(json_object_get(document, "copies"), "train") > 0.5 * EACH);
    assert_true(number_of(measure_of(document, "privacy", "membership_auc_pixels"), "value") > 0.9);
    assert_true(number_of(measure_of(document, "privacy", "copying_z_pixels"), "value") < -3);
    assert_false(says(document, "unknown", "dealt single images out by lot"));
    assert_true(says(document, "verdict_reasons", "tells training groups from others"));
    assert_true(number_of(measure_of(document, "privacy", "identity_pixels"), "value") > 50);
    assert_true(number_of(measure_of(document, "privacy", "identity_pixels"), "twin") < 5);
    json_decref(document);
    standin_dataset_free(train);
    standin_dataset_free(holdout);
    standin_dataset_free(copycat);
}

static void a_holdout_of_another_kind_takes_the_audits_power(void **state)
{
    (void)state;
    standin_dataset *train = blobs("train", 0, EACH), *drawn = blobs("holdout", 1000, EACH), *holdout;
    standin_dataset *synthetic = blobs("synthetic", 2000, EACH);
    uint8_t *pixels = calloc(2 * EACH, BLOB_SIDE * BLOB_SIDE);
    for (int i = 0; i < 2 * EACH; i++) {
        blob_draw(pixels + i * BLOB_SIDE * BLOB_SIDE, i / EACH, 1000 + i % EACH);
        for (int k = 0; k < BLOB_SIDE * BLOB_SIDE; k++)
            pixels[i * BLOB_SIDE * BLOB_SIDE + k] = (uint8_t)(pixels[i * BLOB_SIDE * BLOB_SIDE + k] / 2);
    }
    must(derive_repainted(&holdout, drawn, pixels));
    json_t *document = audited(train, holdout, synthetic);
    assert_string_equal(json_string_value(json_object_get(document, "verdict")), "this audit has no power");
    assert_true(says(document, "verdict_reasons", "not drawn from the same images by lot"));
    json_decref(document);
    free(pixels);
    standin_dataset_free(train);
    standin_dataset_free(drawn);
    standin_dataset_free(holdout);
    standin_dataset_free(synthetic);
}

static void too_few_images_for_an_audit_have_no_power(void **state)
{
    (void)state;
    standin_dataset *train = blobs("train", 0, FEW), *holdout = blobs("holdout", 1000, FEW);
    standin_dataset *synthetic = blobs("synthetic", 2000, FEW);
    json_t *document = audited(train, holdout, synthetic);
    assert_string_equal(json_string_value(json_object_get(document, "verdict")), "this audit has no power");
    assert_true(says(document, "verdict_reasons", "are needed"));
    json_decref(document);
    standin_dataset_free(train);
    standin_dataset_free(holdout);
    standin_dataset_free(synthetic);
}

static void a_real_set_that_is_the_holdout_is_refused_without_a_training_set(void **state)
{
    (void)state;
    standin_dataset *real = blobs("real", 0, FEW), *synthetic = blobs("synthetic", 2000, FEW);
    const standin_evaluate_options options = options_of_tests();
    char *text;
    assert_int_equal(standin_evaluate(&text,
                                      &(standin_evaluation_sets){.real = real, .synthetic = synthetic, .holdout = real},
                                      &options),
                     STANDIN_INPUT);
    assert_non_null(strstr(standin_error_message(), "16 of 16 images are in the holdout"));
    assert_null(text);
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

/* ---- The same again ----------------------------------------------------------------------------------------- */

static void neither_threads_nor_a_second_run_change_the_document(void **state)
{
    (void)state;
    standin_dataset *train = blobs("train", 0, EACH), *holdout = blobs("holdout", 1000, EACH);
    standin_dataset *synthetic = blobs("synthetic", 2000, EACH);
    const standin_evaluation_sets sets = {train, synthetic, train, holdout, NULL};
    standin_evaluate_options options = options_of_tests();
    options.work = scratch_path("work");
    json_t *first = evaluated(&sets, &options), *again = evaluated(&sets, &options);
    assert_true(json_equal(first, again));
    options.threads = 2;
    options.work = NULL;
    json_t *other = evaluated(&sets, &options);
    json_object_del(first, "seconds");
    json_object_del(other, "seconds");
    assert_true(json_equal(first, other));
    json_decref(first);
    json_decref(again);
    json_decref(other);
    standin_dataset_free(train);
    standin_dataset_free(holdout);
    standin_dataset_free(synthetic);
}

static int stop_at_once(void *context, const char *what, int64_t done, int64_t total)
{
    (void)context, (void)what, (void)done, (void)total;
    return 1;
}

static void it_stops_when_asked(void **state)
{
    (void)state;
    standin_dataset *real = blobs("real", 0, 2 * FEW), *synthetic = blobs("synthetic", 1000, FEW);
    standin_evaluate_options options = options_of_tests();
    options.progress = stop_at_once;
    char *text;
    assert_int_equal(
        standin_evaluate(&text, &(standin_evaluation_sets){.real = real, .synthetic = synthetic}, &options),
        STANDIN_INTERRUPTED);
    assert_null(text);
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

/* ---- Summaries ---------------------------------------------------------------------------------------------- */

static void the_interval_of_a_mean_is_normal(void **state)
{
    (void)state;
    const struct summary summary = summary_of_mean((const double[]){1, 2, 3, 4}, 4);
    assert_true(fabs(summary.centre - (2.5)) < close_to);
    assert_true(fabs(summary.high - summary.low - (2 * 1.959963984540054 * sqrt(5.0 / 3) / 2)) < close_to);
}

static void the_interval_of_a_median_ends_at_ranks(void **state)
{
    (void)state;
    double values[100];
    for (int i = 0; i < 100; i++)
        values[i] = 99 - i;
    const struct summary summary = summary_of_median(values, 100);
    assert_true(fabs(summary.centre - (49.5)) < close_to);
    assert_true(fabs(summary.low - (40)) < close_to); /* 50 -+ 9.8 */
    assert_true(fabs(summary.high - (60)) < close_to);
}

static void a_median_of_infinities_is_infinite(void **state)
{
    (void)state;
    double values[] = {INFINITY, 1, INFINITY};
    assert_true(isinf(summary_of_median(values, 3).centre));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(every_value_has_its_twin_and_images_drawn_alike_come_near_it),
        IN_SCRATCH(too_few_images_are_refused_with_the_number_that_is_needed),
        IN_SCRATCH(constant_images_are_said_and_not_measured),
        IN_SCRATCH(one_class_alone_is_compared_without_a_classifier),
        IN_SCRATCH(a_class_without_synthetic_images_is_the_worst_one),
        IN_SCRATCH(fresh_images_pass_an_audit_that_has_power),
        IN_SCRATCH(near_copies_of_the_training_images_leak),
        IN_SCRATCH(a_holdout_of_another_kind_takes_the_audits_power),
        IN_SCRATCH(too_few_images_for_an_audit_have_no_power),
        IN_SCRATCH(a_real_set_that_is_the_holdout_is_refused_without_a_training_set),
        IN_SCRATCH(neither_threads_nor_a_second_run_change_the_document),
        IN_SCRATCH(it_stops_when_asked),
        cmocka_unit_test(the_interval_of_a_mean_is_normal),
        cmocka_unit_test(the_interval_of_a_median_ends_at_ranks),
        cmocka_unit_test(a_median_of_infinities_is_infinite),
    };
    const int failed = cmocka_run_group_tests_name("evaluate", tests, NULL, NULL);
    image_files_end();
    return failed;
}
