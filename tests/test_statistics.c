/* Intervals and tests, against published values, exact fractions and an independent library's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"
#include "reference_inputs.h"

#include "base/philox.h"
#include "eval/beta.h"
#include "eval/inception_score.h"
#include "eval/statistics.h"

#include <math.h>
#include <string.h>

static void expect_within(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance * fmax(1, fabs(expected))))
        fail_msg("%.17g is not %.17g", value, expected);
}

static void expect_near(double value, double expected)
{
    expect_within(value, expected, 1e-12);
}

/* Small numbers too must be right to many digits. */
static void expect_ratio(double value, double expected, double tolerance)
{
    if (!(fabs(value / expected - 1) <= tolerance))
        fail_msg("%.17g is not %.17g", value, expected);
}

/* ---- The beta function ------------------------------------------------------------------------------------ */

static void the_incomplete_beta_function_is_right_in_both_tails(void **state)
{
    (void)state;
    static const struct {
        double x, a, b, lower, upper;
    } known[] = {
        {.5, 2, 3, .6875, .3125},
        {1e-5, .5, 200, .0503976883884875401, .94960231161151246},
        {.999, 1000, 1, .367695424770963718, .632304575229036282},
        {.3, 3000, 7100, .743750595240260531, .256249404759739469},
        {.9999999, 1e6, 2, .995321154867712082, .00467884513228791817},
        {.02, 1e-3, 5, .998093683845577386, .00190631615442261414},
        {1e-300, 1, 3, 3e-300, 1},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        expect_ratio(beta_lower(known[i].x, known[i].a, known[i].b), known[i].lower, 1e-12);
        expect_ratio(beta_upper(known[i].x, known[i].a, known[i].b), known[i].upper, 1e-12);
    }
}

static void the_incomplete_beta_function_keeps_its_digits_far_out(void **state)
{
    (void)state;
    expect_ratio(beta_lower(.49, 1e6, 1e6), 2.4904536576139057e-176, 1e-9);
    expect_ratio(beta_lower(.001, 20, 10000), .003508833926495367, 1e-12);
    expect_near(beta_lower(.5, 1e5, 1e5), .5);
}

static void the_beta_quantile_is_the_inverse(void **state)
{
    (void)state;
    static const struct {
        double p, a, b, quantile;
    } known[] = {
        {.025, 3, 98, .006229971538306395},   {.975, 4, 97, .08517605297428002},
        {1e-10, 2, 3, 4.082494015808333e-06}, {.5, 1e-2, 5, 9.892240424112215e-32},
        {.995, 1, 500, .010540688188675816},  {.005, 500, 1, .9894593118113242},
        {1e-6, 1e5, 10, .9996729648009521},   {.99999, 10, 1e6, 2.9521706570059356e-05},
        {.9, .5, .5, .9755282581475768},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        expect_ratio(beta_quantile(known[i].p, known[i].a, known[i].b), known[i].quantile, 1e-11);
}

static void the_beta_function_answers_its_ends_and_refuses_nonsense(void **state)
{
    (void)state;
    assert_true(beta_lower(0, 2, 3) == 0 && beta_lower(1, 2, 3) == 1 && beta_upper(-1, 2, 3) == 1);
    assert_true(beta_quantile(0, 2, 3) == 0 && beta_quantile(1, 2, 3) == 1);
    assert_true(isnan(beta_lower(.5, 0, 3)) && isnan(beta_lower(NAN, 2, 3)) && isnan(beta_quantile(1.5, 2, 3)));
}

/* ---- Shares ----------------------------------------------------------------------------------------------- */

static void wilsons_intervals_are_the_published_ones(void **state)
{
    (void)state;
    double centre, half_width;
    standin_wilson(23, 100, &centre, &half_width);
    expect_near(centre, .23998824451588613);
    expect_near(half_width, .08155558571285167);
    standin_wilson(850, 1000, &centre, &half_width);
    expect_near(centre, .8486606345300557);
    expect_near(half_width, .022129292956856016);
}

static void clopper_and_pearsons_interval_is_exact(void **state)
{
    (void)state;
    static const struct {
        int64_t hits, trials;
        double confidence, low, high;
    } known[] = {
        {23, 100, .95, .1517316113014672, .3248587327751031},
        {495, 500, .99, .971958438867331, .9978378160594166},
        {0, 50, .95, 0, .07112173646420458},
        {50, 50, .95, 1 - .07112173646420458, 1},
        {1, 100000, .99, 5.0124957369145935e-08, 7.429890621410854e-05},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct interval interval;
        must(statistics_clopper_pearson(&interval, known[i].hits, known[i].trials, known[i].confidence));
        expect_near(interval.low, known[i].low);
        expect_near(interval.high, known[i].high);
    }
}

static void shares_that_cannot_be_are_refused(void **state)
{
    (void)state;
    struct interval interval;
    double p;
    refuses(statistics_clopper_pearson(&interval, 11, 10, .95), "11 of 10 is no share");
    refuses(statistics_clopper_pearson(&interval, 0, 0, .95), "0 of 0 is no share");
    refuses(statistics_clopper_pearson(&interval, 1, 10, 95), "a confidence of 95");
    refuses(statistics_two_shares(&p, -1, 10, 1, 10), "-1 of 10 is no share");
    refuses(statistics_mcnemar(&p, -1, 10), "-1 and 10");
    refuses(statistics_binomial_upper(&p, 1, 10, 1.5), "a chance of 1.5");
}

static void fishers_test_is_scipy_s(void **state)
{
    (void)state;
    static const struct {
        int64_t a, n, b, m;
        double p;
    } known[] = {{8, 10, 1, 6, 0.024475524475524483},
                 {30, 100, 20, 120, 0.014386912616086054},
                 {5, 300, 0, 300, 0.030729607973087474},
                 {0, 10, 3, 10, 1},
                 {10, 10, 0, 10, 5.412544112234515e-06}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double p;
        must(statistics_fisher_upper(&p, known[i].a, known[i].n, known[i].b, known[i].m));
        assert_true(fabs(p - known[i].p) <= 1e-11 * known[i].p);
    }
    double p;
    refuses(statistics_fisher_upper(&p, 11, 10, 0, 10), "11 of 10");
}

static void mcnemars_test_is_the_exact_binomial_one(void **state)
{
    (void)state;
    double p;
    must(statistics_mcnemar(&p, 3, 12));
    expect_near(p, .03515625);
    must(statistics_mcnemar(&p, 60, 40)); /* which is which does not matter */
    expect_near(p, .05688793364098089);
    must(statistics_mcnemar(&p, 0, 12));
    expect_near(p, 2.0 / 4096);
    must(statistics_mcnemar(&p, 7, 7));
    assert_true(p == 1);
    must(statistics_mcnemar(&p, 0, 0));
    assert_true(p == 1);
}

static void sensitivities_143_and_156_of_182_do_not_differ_significantly(void **state)
{
    (void)state;
    double p;
    must(statistics_two_shares(&p, 143, 182, 156, 182));
    expect_within(p, .075, 5e-4);
    must(statistics_two_shares(&p, 5, 5, 7, 7));
    assert_true(p == 1);
}

static void a_binomial_tail_counts_its_own_hits(void **state)
{
    (void)state;
    double p;
    must(statistics_binomial_upper(&p, 10, 20, .3));
    expect_near(p, .04796189733134342);
    must(statistics_binomial_upper(&p, 2, 2, .5));
    expect_near(p, .25);
    must(statistics_binomial_upper(&p, 0, 0, .5));
    assert_true(p == 1);
}

/* ---- Resampling ------------------------------------------------------------------------------------------- */

static void a_percentile_interval_cuts_off_both_ends(void **state)
{
    (void)state;
    double values[101];
    for (int i = 0; i < 101; i++)
        values[i] = (i * 37) % 101; /* 0..100, mixed */
    struct interval interval;
    must(statistics_percentile_interval(&interval, values, 101, .95));
    expect_near(interval.low, 2.5);
    expect_near(interval.high, 97.5);
}

static void a_resample_depends_on_its_number_and_the_seed_and_leaves_places_out(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    int64_t first[COUNT], again[COUNT], next[COUNT], other[COUNT];
    statistics_resample(first, COUNT, 1, 0);
    statistics_resample(again, COUNT, 1, 0);
    statistics_resample(next, COUNT, 1, 1);
    statistics_resample(other, COUNT, 2, 0);
    assert_memory_equal(first, again, sizeof first);
    assert_memory_not_equal(first, next, sizeof first);
    assert_memory_not_equal(first, other, sizeof first);
    int seen[COUNT] = {0}, places = 0;
    for (int i = 0; i < COUNT; i++) {
        assert_in_range(first[i], 0, COUNT - 1);
        places += seen[first[i]]++ == 0;
    }
    assert_in_range(places, 590, 675); /* 1 - 1 / e of them */
}

static void the_paired_bootstrap_repeats_and_agrees_with_the_normal_approximation(void **state)
{
    (void)state;
    enum { IMAGES = 400 };
    double a[IMAGES], b[IMAGES];
    for (int i = 0; i < IMAGES; i++) { /* 40 only a, 20 only b, the rest the same */
        a[i] = i < 300 || i >= 380 ? 1 : 0;
        b[i] = i < 260 || i >= 360 ? 1 : 0;
    }
    struct paired_difference first, second;
    must(statistics_paired_bootstrap(&first, a, b, IMAGES, 1));
    must(statistics_paired_bootstrap(&second, a, b, IMAGES, 1));
    assert_memory_equal(&first, &second, sizeof first);
    expect_near(first.difference, .05);
    const double half_width = STATISTICS_Z95 * sqrt((60 - 20. * 20 / IMAGES) / IMAGES / IMAGES);
    expect_within(first.interval.low, .05 - half_width, .004);
    expect_within(first.interval.high, .05 + half_width, .004);
}

static void accuracies_that_are_no_numbers_are_refused(void **state)
{
    (void)state;
    const double good[3] = {1, 0, 1}, bad[3] = {1, 1, NAN};
    struct paired_difference difference;
    refuses(statistics_paired_bootstrap(&difference, good, bad, 3, 1), "second of two accuracies: value 2 is not a");
    refuses(statistics_paired_bootstrap(&difference, good, good, 1, 1), "1 values are too few, at least 2");
}

/* ---- Ranks ------------------------------------------------------------------------------------------------ */

static void mann_whitneys_u_and_z_are_those_worked_out_by_hand(void **state)
{
    (void)state;
    const double a[3] = {1, 2, 3}, b[3] = {2, 3, 4};
    struct mann_whitney ranks;
    must(statistics_mann_whitney(&ranks, a, 3, b, 3));
    expect_near(ranks.u, 2);
    expect_near(ranks.z, -.8728715609439696);
    expect_near(ranks.auc, 2. / 9);
}

static void samples_that_do_not_overlap_have_an_auc_of_0_or_1_without_error(void **state)
{
    (void)state;
    const double a[2] = {1, 2}, b[3] = {5, 6, 7};
    struct mann_whitney below, above;
    must(statistics_mann_whitney(&below, a, 2, b, 3));
    must(statistics_mann_whitney(&above, b, 3, a, 2));
    assert_true(below.auc == 0 && above.auc == 1 && above.auc_error == 0);
}

static void a_sample_of_equal_values_has_an_auc_of_a_half(void **state)
{
    (void)state;
    const double a[2] = {1, 1}, b[3] = {1, 1, 1};
    struct mann_whitney ranks;
    must(statistics_mann_whitney(&ranks, a, 2, b, 3));
    expect_near(ranks.auc, .5);
}

static void samples_that_cannot_be_ranked_are_refused(void **state)
{
    (void)state;
    const double a[2] = {1, 2}, b[2] = {NAN, 1};
    struct mann_whitney ranks;
    refuses(statistics_mann_whitney(&ranks, a, 2, b, 2), "second of two samples: value 0");
    refuses(statistics_mann_whitney(&ranks, a, 0, b, 2), "first of two samples: 0 values are too few");
}

static void the_error_of_an_auc_is_what_repeated_draws_show(void **state)
{
    (void)state;
    enum { EACH = 100, DRAWS = 200 };
    double aucs[DRAWS], mean_error = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
        float normal[2 * EACH];
        double a[EACH], b[EACH];
        random_normal((random_address){.seed = 7, .purpose = RANDOM_USER, .sample = (uint64_t)draw}, 0, 2 * EACH,
                      normal);
        for (int i = 0; i < EACH; i++) {
            a[i] = (double)normal[i] + 1;
            b[i] = (double)normal[EACH + i];
        }
        struct mann_whitney ranks;
        must(statistics_mann_whitney(&ranks, a, EACH, b, EACH));
        aucs[draw] = ranks.auc;
        mean_error += ranks.auc_error / DRAWS;
    }
    expect_ratio(mean_error, statistics_deviation(aucs, DRAWS), .2);
}

/* ---- Inception score -------------------------------------------------------------------------------------- */

enum { IMAGES = 40, CLASSES = 10 };

static void the_inception_score_is_the_reference_s(void **state)
{
    (void)state;
    double probabilities[IMAGES * CLASSES];
    reference_unit(probabilities, IMAGES * CLASSES, 3);
    for (int i = 0; i < IMAGES; i++) {
        double sum = 0, *row = probabilities + i * CLASSES;
        for (int j = 0; j < CLASSES; j++)
            sum += row[j] = exp(8 * row[j] - 4);
        for (int j = 0; j < CLASSES; j++)
            row[j] /= sum;
    }
    struct inception_score score;
    must(inception_score_measure(&score, probabilities, IMAGES, CLASSES, 1));
    expect_near(score.mean, 2.4392613119377162);
    assert_true(score.deviation == 0);
    must(inception_score_measure(&score, probabilities, IMAGES, CLASSES, 4));
    expect_near(score.mean, 2.30334403194117);
    expect_near(score.deviation, .2665874191493623);
}

static void the_inception_score_lies_between_1_and_the_number_of_classes(void **state)
{
    (void)state;
    double even[IMAGES * CLASSES], sure[IMAGES * CLASSES] = {0};
    for (int i = 0; i < IMAGES * CLASSES; i++)
        even[i] = 1. / CLASSES;
    for (int i = 0; i < IMAGES; i++)
        sure[i * CLASSES + i % CLASSES] = 1;
    struct inception_score score;
    must(inception_score_measure(&score, even, IMAGES, CLASSES, 1));
    expect_near(score.mean, 1);
    must(inception_score_measure(&score, sure, IMAGES, CLASSES, 1));
    expect_near(score.mean, CLASSES);
}

static void an_inception_score_of_what_are_no_probabilities_is_refused(void **state)
{
    (void)state;
    double probabilities[2 * 2] = {.5, .5, .7, .7};
    struct inception_score score;
    refuses(inception_score_measure(&score, probabilities, 2, 2, 1), "image 1: its probabilities add up to 1.4");
    probabilities[2] = NAN;
    refuses(inception_score_measure(&score, probabilities, 2, 2, 1), "image 1: nan is no probability");
    refuses(inception_score_measure(&score, probabilities, 2, 2, 3), "2 images and 2 classes in 3 parts");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_incomplete_beta_function_is_right_in_both_tails),
        cmocka_unit_test(the_incomplete_beta_function_keeps_its_digits_far_out),
        cmocka_unit_test(the_beta_quantile_is_the_inverse),
        cmocka_unit_test(the_beta_function_answers_its_ends_and_refuses_nonsense),
        cmocka_unit_test(wilsons_intervals_are_the_published_ones),
        cmocka_unit_test(clopper_and_pearsons_interval_is_exact),
        cmocka_unit_test(shares_that_cannot_be_are_refused),
        cmocka_unit_test(fishers_test_is_scipy_s),
        cmocka_unit_test(mcnemars_test_is_the_exact_binomial_one),
        cmocka_unit_test(sensitivities_143_and_156_of_182_do_not_differ_significantly),
        cmocka_unit_test(a_binomial_tail_counts_its_own_hits),
        cmocka_unit_test(a_percentile_interval_cuts_off_both_ends),
        cmocka_unit_test(a_resample_depends_on_its_number_and_the_seed_and_leaves_places_out),
        cmocka_unit_test(the_paired_bootstrap_repeats_and_agrees_with_the_normal_approximation),
        cmocka_unit_test(accuracies_that_are_no_numbers_are_refused),
        cmocka_unit_test(mann_whitneys_u_and_z_are_those_worked_out_by_hand),
        cmocka_unit_test(samples_that_do_not_overlap_have_an_auc_of_0_or_1_without_error),
        cmocka_unit_test(a_sample_of_equal_values_has_an_auc_of_a_half),
        cmocka_unit_test(samples_that_cannot_be_ranked_are_refused),
        cmocka_unit_test(the_error_of_an_auc_is_what_repeated_draws_show),
        cmocka_unit_test(the_inception_score_is_the_reference_s),
        cmocka_unit_test(the_inception_score_lies_between_1_and_the_number_of_classes),
        cmocka_unit_test(an_inception_score_of_what_are_no_probabilities_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
