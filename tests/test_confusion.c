/* What a confusion matrix says, against numbers worked out by hand, and how it looks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"

#include "image_files.h"
#include "scratch.h"

#include <jansson.h>
#include <math.h>
#include <standin/standin.h>
#include <stdlib.h>
#include <string.h>

static void expect_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-12))
        fail_msg("%.17g is not %.17g", value, expected);
}

/* 16 images of three classes, 12 of them right. */
static const int64_t three[9] = {5, 1, 0, /**/ 2, 3, 1, /**/ 0, 0, 4};
static const char *const names[3] = {"bike", "car", "truck"};

static void wilsons_interval_is_the_published_one(void **state)
{
    (void)state;
    double centre, half_width;
    standin_wilson(23, 100, &centre, &half_width);
    expect_near(centre, .23998824451588613);
    expect_near(half_width, .08155558571285167);
}

static void wilsons_interval_stays_within_0_and_1(void **state)
{
    (void)state;
    double centre, half_width;
    standin_wilson(0, 10, &centre, &half_width);
    expect_near(centre - half_width, 0);
    assert_true(centre + half_width > 0.2 && centre + half_width < 0.3); /* 0.2775 */
    standin_wilson(10, 10, &centre, &half_width);
    expect_near(centre + half_width, 1);
    standin_wilson(0, 0, &centre, &half_width); /* nothing is known */
    expect_near(centre - half_width, 0);
    expect_near(centre + half_width, 1);
}

static void measures_of_all_classes_are_those_worked_out_by_hand(void **state)
{
    (void)state;
    standin_confusion all;
    standin_confusion_measure(three, 3, &all);
    assert_int_equal(all.images, 16);
    assert_int_equal(all.hits, 12);
    expect_near(all.accuracy, 0.75);
    assert_true(all.accuracy_low > 0.50 && all.accuracy_low < 0.51);
    assert_true(all.accuracy_high > 0.89 && all.accuracy_high < 0.90);
    expect_near(all.balanced_accuracy, (5.0 / 6 + 3.0 / 6 + 1) / 3);
    expect_near(all.macro_f1, (10.0 / 13 + 6.0 / 10 + 8.0 / 9) / 3);
}

static void measures_of_a_class_are_those_worked_out_by_hand(void **state)
{
    (void)state;
    standin_class_confusion car;
    standin_confusion_measure_class(three, 3, 1, &car);
    assert_int_equal(car.images, 6);
    assert_int_equal(car.predicted, 4);
    assert_int_equal(car.hits, 3);
    expect_near(car.sensitivity, 3.0 / 6);
    expect_near(car.specificity, 9.0 / 10);
    expect_near(car.precision, 3.0 / 4);
    expect_near(car.f1, 6.0 / 10);
}

static void a_class_that_is_missing_counts_only_where_it_is_predicted(void **state)
{
    (void)state;
    const int64_t counts[9] = {2, 1, 0, /**/ 0, 0, 0, /**/ 0, 0, 0};
    standin_confusion all;
    standin_class_confusion predicted, unseen;
    standin_confusion_measure(counts, 3, &all);
    standin_confusion_measure_class(counts, 3, 1, &predicted);
    standin_confusion_measure_class(counts, 3, 2, &unseen);
    expect_near(all.balanced_accuracy, 2.0 / 3); /* of the class that there is */
    expect_near(all.macro_f1, (0.8 + 0) / 2);
    assert_true(isnan(predicted.sensitivity));
    expect_near(predicted.precision, 0);
    assert_true(isnan(unseen.sensitivity) && isnan(unseen.precision) && isnan(unseen.f1));
    expect_near(unseen.specificity, 1);
}

static void the_text_shows_counts_and_shares_with_the_actual_class_in_rows(void **state)
{
    (void)state;
    char *text;
    must(standin_confusion_text(&text, three, 3, names, 0));
    assert_non_null(strstr(text, "accuracy            75.0 %   (12 of 16; 95 % interval 50.5 to 89.8 %)\n"));
    assert_non_null(strstr(text, "car          6          4       50.0 %       90.0 %     75.0 %\n"));
    assert_non_null(strstr(text, "2 car    2  33.3 %  3  50.0 %  1  16.7 %\n"));
    standin_text_free(text);
}

static void a_share_of_nothing_is_a_dash(void **state)
{
    (void)state;
    const int64_t counts[4] = {3, 0, 0, 0};
    char *text;
    must(standin_confusion_text(&text, counts, 2, names, 0));
    assert_non_null(strstr(text, "car          0          0          - %      100.0 %        - %\n"));
    standin_text_free(text);
}

static void names_do_not_speak_to_the_terminal(void **state)
{
    (void)state;
    const int64_t counts[4] = {1, 0, 0, 1};
    const char *const hostile[2] = {"a\x1b[31m", "b"};
    char *text;
    must(standin_confusion_text(&text, counts, 2, hostile, 0));
    assert_null(strchr(text, '\x1b'));
    assert_non_null(strstr(text, "a?[31m"));
    standin_text_free(text);
}

static void json_holds_the_same_and_the_whole_matrix(void **state)
{
    (void)state;
    char *text;
    must(standin_confusion_text(&text, three, 3, names, 1));
    json_t *all = json_loads(text, 0, NULL);
    assert_non_null(all);
    expect_near(json_real_value(json_object_get(all, "accuracy")), 0.75);
    const json_t *car = json_array_get(json_object_get(all, "classes"), 1);
    assert_string_equal(json_string_value(json_object_get(car, "name")), "car");
    expect_near(json_real_value(json_object_get(car, "specificity")), 0.9);
    const json_t *row = json_array_get(json_object_get(all, "matrix"), 1);
    assert_int_equal(json_integer_value(json_array_get(row, 0)), 2);
    json_decref(all);
    standin_text_free(text);
}

static void a_share_of_nothing_is_null_in_json(void **state)
{
    (void)state;
    const int64_t counts[4] = {3, 0, 0, 0};
    char *text;
    must(standin_confusion_text(&text, counts, 2, names, 1));
    json_t *all = json_loads(text, 0, NULL);
    assert_true(json_is_null(json_object_get(json_array_get(json_object_get(all, "classes"), 1), "sensitivity")));
    json_decref(all);
    standin_text_free(text);
}

/* Decodes the picture in its own size. */
static standin_dataset *open_picture(standin_image *image)
{
    standin_dataset *dataset;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    must(standin_dataset_open(&dataset, scratch_path("pictures"), &options));
    must(standin_dataset_image(dataset, 0, image));
    return dataset;
}

static void the_picture_is_darker_where_more_images_are(void **state)
{
    (void)state;
    enum { CELL = 4, MARGIN = 8, CLASSES = 70 }; /* so many that there is no text */
    int64_t *counts = calloc(CLASSES * CLASSES, sizeof *counts);
    const char *many[CLASSES];
    for (int i = 0; i < CLASSES; i++)
        many[i] = "a";
    counts[0] = 1;
    counts[1] = 3; /* row 0, column 1 */
    scratch_folder(scratch_path("pictures"));
    must(standin_confusion_write(scratch_path("pictures/matrix.png"), counts, CLASSES, many));
    standin_image about;
    standin_dataset *dataset = open_picture(&about);
    assert_int_equal(about.width, 2 * MARGIN + CLASSES * (CELL + 1));
    uint8_t *pixels = malloc((size_t)about.width * (size_t)about.height * 3);
    must(standin_dataset_decode(dataset, 0, about.width, about.height, STANDIN_FIT_CROP, 3, pixels));
    const uint8_t *row = pixels + (size_t)MARGIN * (size_t)about.width * 3;
    const int quarter = row[MARGIN * 3], most = row[(MARGIN + CELL + 1) * 3], none = row[(MARGIN + 2 * (CELL + 1)) * 3];
    assert_true(most < quarter && quarter < none);
    assert_int_equal(none, 255);
    free(pixels);
    free(counts);
    standin_dataset_free(dataset);
}

static void the_picture_has_names_and_numbers_in_it(void **state)
{
    (void)state;
    scratch_folder(scratch_path("pictures"));
    must(standin_confusion_write(scratch_path("pictures/matrix.png"), three, 3, names));
    standin_image about;
    standin_dataset *dataset = open_picture(&about);
    assert_true(about.width > 3 * 72 && about.height > 3 * 48);
    uint8_t *pixels = malloc((size_t)about.width * (size_t)about.height);
    must(standin_dataset_decode(dataset, 0, about.width, about.height, STANDIN_FIT_CROP, 1, pixels));
    int dark = 0; /* left of the matrix, where nothing but names is */
    for (int y = 0; y < about.height; y++)
        for (int x = 0; x < about.width - 3 * 73 - 9; x++)
            dark += pixels[y * about.width + x] < 128;
    assert_true(dark > 100);
    free(pixels);
    standin_dataset_free(dataset);
}

static void a_picture_of_too_many_classes_is_refused(void **state)
{
    (void)state;
    assert_int_equal(standin_confusion_write(scratch_path("matrix.png"), NULL, 1001, NULL), STANDIN_INPUT);
    assert_non_null(strstr(standin_error_message(), "no picture of 1001 classes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilsons_interval_is_the_published_one),
        cmocka_unit_test(wilsons_interval_stays_within_0_and_1),
        cmocka_unit_test(measures_of_all_classes_are_those_worked_out_by_hand),
        cmocka_unit_test(measures_of_a_class_are_those_worked_out_by_hand),
        cmocka_unit_test(a_class_that_is_missing_counts_only_where_it_is_predicted),
        cmocka_unit_test(the_text_shows_counts_and_shares_with_the_actual_class_in_rows),
        cmocka_unit_test(a_share_of_nothing_is_a_dash),
        cmocka_unit_test(names_do_not_speak_to_the_terminal),
        cmocka_unit_test(json_holds_the_same_and_the_whole_matrix),
        cmocka_unit_test(a_share_of_nothing_is_null_in_json),
        IN_SCRATCH(the_picture_is_darker_where_more_images_are),
        IN_SCRATCH(the_picture_has_names_and_numbers_in_it),
        IN_SCRATCH(a_picture_of_too_many_classes_is_refused),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    image_files_end();
    return failed;
}
