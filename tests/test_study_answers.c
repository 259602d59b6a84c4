/* Answers of classifiers: how often they are right, with intervals and tests; and the verdict on augmentation. */
#include "data/dataset.h"
#include "scratch.h"
#include "study/answers.h"
#include "study/augment_verdict.h"
#include "study/row.h"
#include "study/study.h"

#include <math.h>
#include <setjmp.h>
#include <standin/standin.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image_files.h"
#include "must.h"

enum { SIDE = 8, EACH = 50, IMAGES = 2 * EACH };
static const double close_to = 1e-9;

static standin_dataset *two_classes(void)
{
    standin_dataset *set;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = SIDE;
    scratch_folder(scratch_path("set"));
    for (int c = 0; c < 2; c++) {
        scratch_folder(scratch_path("set/%c", 'a' + c));
        for (int i = 0; i < EACH; i++)
            image_file_plain(scratch_path("set/%c/%02d.png", 'a' + c, i), SIDE, SIDE, 1, (uint8_t)(100 * c + i));
    }
    must(standin_dataset_open(&set, scratch_path("set"), &options));
    return set;
}

/* Seed s has the first right[s] images right and the others wrong. */
static struct answers answers_with(const standin_dataset *tests, int seeds, const int *right)
{
    struct answers answers = {seeds, IMAGES, tests, malloc((size_t)(seeds * IMAGES) * sizeof(int32_t))};
    for (int s = 0; s < seeds; s++)
        for (int i = 0; i < IMAGES; i++) {
            const int32_t label = dataset_labels(tests)[i];
            answers.predicted[s * IMAGES + i] = i < right[s] ? label : 1 - label;
        }
    return answers;
}

static void accuracy_is_the_mean_over_the_seeds(void **state)
{
    (void)state;
    standin_dataset *set = two_classes();
    struct answers answers = answers_with(set, 2, (int[]){60, 80});
    double *right;
    assert_true(fabs(answers_accuracy(&answers) - 0.7) < close_to);
    assert_true(fabs(answers_seed_accuracy(&answers, 1) - 0.8) < close_to);
    must(answers_right(&right, &answers));
    assert_true(fabs(right[70] - 0.5) < close_to);
    free(right);
    answers_free(&answers);
    standin_dataset_free(set);
}

static void resamples_draw_the_same_images_for_every_kind_of_classifier(void **state)
{
    (void)state;
    standin_dataset *set = two_classes();
    struct answers one = answers_with(set, 1, (int[]){70}), other = answers_with(set, 1, (int[]){30});
    double first[STATISTICS_RESAMPLES], second[STATISTICS_RESAMPLES], sum = 0;
    must(answers_resampled(first, &one, 0, 1));
    must(answers_resampled(second, &one, 5, 1));
    assert_memory_equal(first, second, sizeof first);
    must(answers_resampled(second, &other, 5, 1));
    for (int r = 0; r < STATISTICS_RESAMPLES; r++) {
        assert_true(second[r] <= first[r]); /* what the other has right, the one has too */
        sum += first[r] / STATISTICS_RESAMPLES;
    }
    assert_true(fabs(sum - 0.7) < 0.01);
    answers_free(&other);
    answers_free(&one);
    standin_dataset_free(set);
}

static void the_interval_of_one_seed_is_about_as_wide_as_the_binomial_one(void **state)
{
    (void)state;
    standin_dataset *set = two_classes();
    struct answers answers = answers_with(set, 1, (int[]){70});
    struct interval interval;
    must(answers_interval(&interval, &answers, 1));
    assert_true(fabs(interval.low - (0.7 - 1.96 * sqrt(0.7 * 0.3 / IMAGES))) < 0.02);
    assert_true(fabs(interval.high - (0.7 + 1.96 * sqrt(0.7 * 0.3 / IMAGES))) < 0.02);
    answers_free(&answers);
    standin_dataset_free(set);
}

static void more_seeds_with_the_same_answers_make_no_interval_narrower(void **state)
{
    (void)state;
    standin_dataset *set = two_classes();
    struct answers one = answers_with(set, 1, (int[]){70}), five = answers_with(set, 5, (int[]){70, 70, 70, 70, 70});
    struct interval of_one, of_five;
    must(answers_interval(&of_one, &one, 1));
    must(answers_interval(&of_five, &five, 1));
    assert_true(fabs((of_five.high - of_five.low) - (of_one.high - of_one.low)) < close_to);
    answers_free(&five);
    answers_free(&one);
    standin_dataset_free(set);
}

static void seeds_that_disagree_make_the_interval_wider(void **state)
{
    (void)state;
    standin_dataset *set = two_classes();
    struct answers same = answers_with(set, 3, (int[]){70, 70, 70}),
                   spread = answers_with(set, 3, (int[]){40, 70, 100});
    struct interval narrow, wide;
    must(answers_interval(&narrow, &same, 1));
    must(answers_interval(&wide, &spread, 1));
    assert_true(wide.high - wide.low > 1.5 * (narrow.high - narrow.low));
    answers_free(&spread);
    answers_free(&same);
    standin_dataset_free(set);
}

static void all_right_still_has_an_interval(void **state)
{
    (void)state;
    standin_dataset *set = two_classes();
    struct answers answers = answers_with(set, 1, (int[]){IMAGES});
    struct interval interval;
    must(answers_interval(&interval, &answers, 1));
    assert_true(fabs(interval.high - 1) < close_to);
    assert_true(fabs(interval.low - 0.963) < 0.001); /* Wilson, 100 of 100 */
    answers_free(&answers);
    standin_dataset_free(set);
}

static void a_difference_comes_with_a_paired_interval_and_two_p(void **state)
{
    (void)state;
    standin_dataset *set = two_classes();
    struct answers better = answers_with(set, 1, (int[]){80}), worse = answers_with(set, 1, (int[]){70});
    struct answers_difference difference;
    must(answers_compare(&difference, &better, &worse, 1));
    assert_true(fabs(difference.difference - 0.1) < close_to);
    assert_true(difference.interval.low > 0.03 && difference.interval.high < 0.17);
    assert_true(fabs(difference.mcnemar - 2 * pow(0.5, 10)) < close_to); /* ten images, all on one side */
    assert_true(fabs(difference.unpaired - 0.1025) < 0.001);
    answers_free(&worse);
    answers_free(&better);
    standin_dataset_free(set);
}

static void a_comparison_says_when_an_unpaired_reading_would_differ(void **state)
{
    (void)state;
    json_t *comparison;
    const struct answers_difference difference = {0.1, {0.04, 0.16}, 0.002, 0.1};
    must(row_comparison(&comparison, "a", "b", "", &difference));
    const char *sentence = json_string_value(json_object_get(comparison, "sentence"));
    assert_non_null(strstr(sentence, "Better, by more than chance explains."));
    assert_non_null(strstr(sentence, "p would be 0.1"));
    json_decref(comparison);
}

static void a_row_has_measures_of_every_class_and_counts_over_all_seeds(void **state)
{
    (void)state;
    standin_dataset *set = two_classes();
    struct answers answers = answers_with(set, 2, (int[]){75, 75});
    json_t *row;
    must(row_json(&row, &(struct row){"tstr", "TSTR", "synthetic", "real", 40, -1}, &answers, 1));
    json_t *classes = json_object_get(row, "classes"), *confusion = json_object_get(row, "confusion");
    assert_true(fabs(json_real_value(json_object_get(json_array_get(classes, 0), "sensitivity")) - 1) < close_to);
    assert_true(fabs(json_real_value(json_object_get(json_array_get(classes, 1), "sensitivity")) - 0.5) < close_to);
    assert_int_equal(json_integer_value(json_array_get(json_array_get(confusion, 1), 0)), 50);
    assert_int_equal(json_array_size(json_object_get(row, "seed_accuracies")), 2);
    assert_null(json_object_get(row, "synthetic"));
    json_decref(row);
    answers_free(&answers);
    standin_dataset_free(set);
}

/* ---- The verdict on augmentation ---- */

enum { ARMS = 6 };

static json_t *concluded(const int *right)
{
    static const char *const names[ARMS] = {"none", "classic", "gan", "classic_gan", "gan", "classic_gan"};
    standin_dataset *set = two_classes();
    struct augment_arm arms[ARMS];
    struct material_case one = {.train = set};
    const struct material material = {.cases = &one, .count = 1, .all_tests = set};
    struct study study = {.options = STANDIN_STUDY_OPTIONS_INIT};
    json_t *body = json_object();
    for (int i = 0; i < ARMS; i++)
        arms[i] = (struct augment_arm){names[i], names[i], STANDIN_AUGMENT_NONE,
                                       i < 2   ? 0
                                       : i < 4 ? 1
                                               : 2,
                                       answers_with(set, 1, &right[i])};
    must(augment_conclude(body, &study, &material, arms, ARMS));
    for (int i = 0; i < ARMS; i++)
        answers_free(&arms[i].answers);
    standin_dataset_free(set);
    return body;
}

static void a_clear_gain_is_real_and_a_plateau_is_where_it_saturates(void **state)
{
    (void)state;
    json_t *body = concluded((int[ARMS]){50, 60, 70, 80, 70, 80});
    assert_true(json_is_true(json_object_get(body, "gain_is_real")));
    assert_int_equal(json_integer_value(json_object_get(body, "saturates_at")), IMAGES); /* as many as real ones */
    assert_non_null(strstr(json_string_value(json_object_get(body, "verdict")), "the gain is real"));
    json_decref(body);
}

static void a_gain_that_goes_on_has_no_place_where_it_saturates(void **state)
{
    (void)state;
    json_t *body = concluded((int[ARMS]){50, 60, 70, 75, 70, 90});
    assert_true(json_is_true(json_object_get(body, "gain_is_real")));
    assert_null(json_object_get(body, "saturates_at"));
    json_decref(body);
}

static void a_gain_within_chance_is_not_real_and_saturates_at_nothing(void **state)
{
    (void)state;
    json_t *body = concluded((int[ARMS]){50, 60, 60, 61, 60, 61});
    assert_true(json_is_false(json_object_get(body, "gain_is_real")));
    assert_int_equal(json_integer_value(json_object_get(body, "saturates_at")), 0);
    assert_non_null(strstr(json_string_value(json_object_get(body, "verdict")), "may be chance"));
    json_decref(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(accuracy_is_the_mean_over_the_seeds),
        IN_SCRATCH(resamples_draw_the_same_images_for_every_kind_of_classifier),
        IN_SCRATCH(the_interval_of_one_seed_is_about_as_wide_as_the_binomial_one),
        IN_SCRATCH(more_seeds_with_the_same_answers_make_no_interval_narrower),
        IN_SCRATCH(seeds_that_disagree_make_the_interval_wider),
        IN_SCRATCH(all_right_still_has_an_interval),
        IN_SCRATCH(a_difference_comes_with_a_paired_interval_and_two_p),
        cmocka_unit_test(a_comparison_says_when_an_unpaired_reading_would_differ),
        IN_SCRATCH(a_row_has_measures_of_every_class_and_counts_over_all_seeds),
        IN_SCRATCH(a_clear_gain_is_real_and_a_plateau_is_where_it_saturates),
        IN_SCRATCH(a_gain_that_goes_on_has_no_place_where_it_saturates),
        IN_SCRATCH(a_gain_within_chance_is_not_real_and_saturates_at_nothing),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    image_files_end();
    return failed;
}
