/* Learning curves: fits that find what the curve was made with, and answers that know their limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"

#include "base/philox.h"
#include "eval/learning_curve.h"

#include <math.h>
#include <string.h>

enum { SIZES = 6, SEEDS = 5 };
static const double images[SIZES] = {125, 250, 500, 1000, 2000, 4000};

static void expect_within(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.17g is not %.17g", value, expected);
}

static double power_error(double n)
{
    return 3 * pow(n, -.5) + .04;
}

/* accuracy (SIZES, SEEDS) of 3 n^-.5 + .04 with normal noise. */
static struct learning_curve curve_with_noise(double accuracy[SIZES * SEEDS], double deviation, uint64_t seed)
{
    float normal[SIZES * SEEDS];
    random_normal((random_address){.seed = seed, .purpose = RANDOM_USER}, 0, SIZES * SEEDS, normal);
    for (int i = 0; i < SIZES * SEEDS; i++)
        accuracy[i] = 1 - power_error(images[i / SEEDS]) + deviation * (double)normal[i];
    return (struct learning_curve){SIZES, SEEDS, images, accuracy};
}

static void a_power_law_is_found_again(void **state)
{
    (void)state;
    double accuracy[SIZES * SEEDS];
    const struct learning_curve curve = curve_with_noise(accuracy, 0, 1);
    struct curve_fit fit;
    must(learning_curve_fit(&fit, CURVE_POWER, &curve));
    expect_within(fit.a, 3, 1e-4);
    expect_within(fit.b, .5, 1e-5);
    expect_within(fit.c, .04, 1e-6);
    expect_within(fit.residual, 0, 1e-8);
    expect_within(curve_fit_accuracy(&fit, 8000), 1 - power_error(8000), 1e-6);
    expect_within(curve_fit_images(&fit, 1 - power_error(8000)) / 8000, 1, 1e-4);
}

static void a_logarithm_is_found_again(void **state)
{
    (void)state;
    double accuracy[SIZES];
    for (int i = 0; i < SIZES; i++)
        accuracy[i] = 1 - (.6 - .06 * log(images[i]));
    const struct learning_curve curve = {SIZES, 1, images, accuracy};
    struct curve_fit fit;
    must(learning_curve_fit(&fit, CURVE_LOGARITHM, &curve));
    expect_within(fit.a, .6, 1e-12);
    expect_within(fit.b, .06, 1e-12);
    assert_true(fit.c == 0);
}

static void parameters_are_never_below_0(void **state)
{
    (void)state;
    const double falling[SIZES] = {.9, .88, .86, .85, .84, .83}, steep[SIZES] = {.3, .5, .7, .85, .95, .999};
    for (int form = 0; form < CURVE_FORMS; form++)
        for (int i = 0; i < 2; i++) {
            const struct learning_curve curve = {SIZES, 1, images, i ? steep : falling};
            struct curve_fit fit;
            must(learning_curve_fit(&fit, (enum curve_form)form, &curve));
            assert_true(fit.a >= 0 && fit.b >= 0 && fit.c >= 0 && isfinite(fit.a) && fit.residual < .2);
        }
}

static void sizes_whose_seeds_agree_weigh_more(void **state)
{
    (void)state;
    double accuracy[SIZES * 2], unweighted[SIZES];
    for (int i = 0; i < SIZES; i++) {
        const double spread = i == 5 ? .1 : 0, wrong = i == 5 ? -.05 : 0;
        accuracy[2 * i] = 1 - power_error(images[i]) + wrong + spread;
        accuracy[2 * i + 1] = 1 - power_error(images[i]) + wrong - spread;
        unweighted[i] = 1 - power_error(images[i]) + wrong;
    }
    const struct learning_curve weighted = {SIZES, 2, images, accuracy}, plain = {SIZES, 1, images, unweighted};
    struct curve_fit good, bad;
    must(learning_curve_fit(&good, CURVE_POWER, &weighted));
    must(learning_curve_fit(&bad, CURVE_POWER, &plain));
    const double expected = 1 - power_error(2000);
    assert_true(fabs(curve_fit_accuracy(&good, 2000) - expected) <
                .6 * fabs(curve_fit_accuracy(&bad, 2000) - expected));
}

static void a_target_within_the_data_is_met_at_a_measured_size(void **state)
{
    (void)state;
    double accuracy[SIZES * SEEDS];
    const struct learning_curve curve = curve_with_noise(accuracy, .001, 1);
    struct curve_target target;
    must(learning_curve_how_many(&target, &curve, .85, 1)); /* .826 at 500, .865 at 1000 */
    assert_int_equal(target.answer, CURVE_MET);
    assert_true(target.images == 1000);
    assert_string_equal(target.sentence, "85.0 % is met at 1000 images");
}

static void one_lucky_size_does_not_meet_a_target(void **state)
{
    (void)state;
    const double accuracy[SIZES] = {.5, .6, .9, .7, .8, .95};
    const struct learning_curve curve = {SIZES, 1, images, accuracy};
    struct curve_target target;
    must(learning_curve_how_many(&target, &curve, .85, 1));
    assert_true(target.answer == CURVE_MET && target.images == 4000);
}

static void a_target_beyond_the_data_is_met_at_about_the_true_number(void **state)
{
    (void)state;
    double accuracy[SIZES * SEEDS];
    const struct learning_curve curve = curve_with_noise(accuracy, .001, 1);
    struct curve_target target, again;
    must(learning_curve_how_many(&target, &curve, 1 - power_error(8000), 1));
    must(learning_curve_how_many(&again, &curve, 1 - power_error(8000), 1));
    assert_int_equal(target.answer, CURVE_ABOUT);
    expect_within(target.images, 8000, 800);
    assert_true(target.interval.low <= target.images && target.images <= target.interval.high);
    assert_non_null(strstr(target.sentence, "expected at about"));
    assert_memory_equal(&target, &again, sizeof target);
}

static void the_interval_holds_the_true_number_about_as_often_as_it_says(void **state)
{
    (void)state;
    enum { CURVES = 30 };
    int held = 0, asked = 0;
    for (uint64_t i = 0; i < CURVES; i++) {
        double accuracy[SIZES * SEEDS];
        const struct learning_curve curve = curve_with_noise(accuracy, .003, 100 + i);
        struct curve_target target;
        must(learning_curve_how_many(&target, &curve, 1 - power_error(7000), i));
        if (target.answer != CURVE_ABOUT)
            continue;
        asked++;
        held += target.interval.low <= 7000 && target.interval.high >= 7000;
    }
    assert_in_range(asked, CURVES / 2, CURVES);
    if (held < .7 * asked)
        fail_msg("%d of %d intervals hold the true number", held, asked);
}

static void nothing_is_said_beyond_four_times_the_data(void **state)
{
    (void)state;
    double accuracy[SIZES * SEEDS];
    const struct learning_curve curve = curve_with_noise(accuracy, .001, 1);
    struct curve_target far, never;
    must(learning_curve_how_many(&far, &curve, 1 - power_error(40000), 1));
    must(learning_curve_how_many(&never, &curve, .99, 1)); /* .96 at most */
    assert_int_equal(far.answer, CURVE_CANNOT_SAY);
    assert_int_equal(never.answer, CURVE_CANNOT_SAY);
    assert_true(isnan(far.images) && isnan(far.interval.low));
    assert_non_null(strstr(far.sentence, "cannot say"));
}

static void one_seed_gives_an_answer_without_an_interval(void **state)
{
    (void)state;
    double accuracy[SIZES];
    for (int i = 0; i < SIZES; i++)
        accuracy[i] = 1 - power_error(images[i]);
    const struct learning_curve curve = {SIZES, 1, images, accuracy};
    struct curve_target target;
    must(learning_curve_how_many(&target, &curve, 1 - power_error(6000), 1));
    assert_int_equal(target.answer, CURVE_ABOUT);
    assert_true(isnan(target.interval.low) && isnan(target.interval.high));
    assert_non_null(strstr(target.sentence, "one seed gives no interval"));
}

static void the_effective_size_lies_between_the_sizes_of_equal_accuracy(void **state)
{
    (void)state;
    const double accuracy[SIZES] = {.5, .6, .7, .8, .9, .95};
    const struct learning_curve curve = {SIZES, 1, images, accuracy};
    struct effective_size size;
    must(learning_curve_effective_size(&size, &curve, .75, NULL));
    expect_within(size.images, sqrt(500. * 1000), 1e-6); /* half-way in log n */
    assert_true(!size.below && !size.above);
    assert_true(isnan(size.interval.low) && isnan(size.interval.high));
}

/* The curve goes up and down as a whole: 2.5 points are a quarter of a doubling. */
static void the_effective_size_varies_with_the_curve_and_with_the_synthetic_images(void **state)
{
    (void)state;
    enum { COUNT = 3 };
    static const double up_and_down[SIZES][COUNT] = {{.475, .5, .525}, {.575, .6, .625}, {.675, .7, .725},
                                                     {.775, .8, .825}, {.875, .9, .925}, {.925, .95, .975}};
    static const double as_it_is[SIZES][COUNT] = {{.5, .5, .5}, {.6, .6, .6}, {.7, .7, .7},
                                                  {.8, .8, .8}, {.9, .9, .9}, {.95, .95, .95}};
    const double accuracy[SIZES] = {.5, .6, .7, .8, .9, .95}, fixed[COUNT] = {.75, .75, .75},
                 rising[COUNT] = {.725, .75, .775};
    const struct learning_curve curve = {SIZES, 1, images, accuracy};
    const double *curves[2][SIZES];
    for (int i = 0; i < SIZES; i++)
        curves[0][i] = up_and_down[i], curves[1][i] = as_it_is[i];
    const struct curve_resamples resamples[] = {{COUNT, curves[0], fixed}, {COUNT, curves[1], rising}};
    struct effective_size size[2];
    for (int k = 0; k < 2; k++) {
        must(learning_curve_effective_size(&size[k], &curve, .75, &resamples[k]));
        assert_true(size[k].interval.low > 500 * pow(2, .25) && size[k].interval.low < 500 * pow(2, .3));
        assert_true(size[k].interval.high < 500 * pow(2, .75) && size[k].interval.high > 500 * pow(2, .7));
    }
    const struct curve_resamples together = {COUNT, curves[0], rising}; /* what is common to both makes no difference */
    must(learning_curve_effective_size(&size[0], &curve, .75, &together));
    expect_within(size[0].interval.low, size[0].images, 1e-6);
    expect_within(size[0].interval.high, size[0].images, 1e-6);
}

static void an_effective_size_outside_the_curve_says_so(void **state)
{
    (void)state;
    const double accuracy[SIZES] = {.5, .6, .7, .8, .9, .95};
    const struct learning_curve curve = {SIZES, 1, images, accuracy};
    struct effective_size below, above;
    must(learning_curve_effective_size(&below, &curve, .3, NULL));
    must(learning_curve_effective_size(&above, &curve, .97, NULL));
    assert_true(below.below && below.images == 125);
    assert_true(above.above && above.images == 4000);
    assert_string_equal(below.sentence, "the synthetic set is worth fewer than 125 real images");
    assert_string_equal(above.sentence, "the synthetic set is worth more than 4000 real images");
}

static void a_dip_in_the_curve_is_levelled_out(void **state)
{
    (void)state;
    const double sizes[4] = {100, 200, 400, 800}, accuracy[4] = {.5, .7, .6, .9};
    const struct learning_curve curve = {4, 1, sizes, accuracy};
    struct effective_size size;
    must(learning_curve_effective_size(&size, &curve, .575, NULL));
    expect_within(size.images, 100 * sqrt(2), 1e-9); /* 200 and 400 images both count as .65 */
}

static void curves_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    double accuracy[SIZES] = {.5, .6, .7, .8, .9, .95};
    const double unsorted[4] = {100, 300, 200, 400};
    struct learning_curve curve = {3, 1, images, accuracy};
    struct curve_fit fit;
    struct curve_target target;
    struct effective_size size;
    refuses(learning_curve_fit(&fit, CURVE_POWER, &curve), "a learning curve of 3 sizes and 1 seeds");
    curve = (struct learning_curve){4, 1, unsorted, accuracy};
    refuses(learning_curve_fit(&fit, CURVE_POWER, &curve), "size 2 is 200");
    curve = (struct learning_curve){SIZES, 1, images, accuracy};
    refuses(learning_curve_how_many(&target, &curve, 85, 1), "a target accuracy of 85");
    refuses(learning_curve_effective_size(&size, &curve, 85, NULL), "85 does not lie between");
    accuracy[3] = NAN;
    refuses(learning_curve_fit(&fit, CURVE_POWER, &curve), "an accuracy of nan at 1000 images");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_power_law_is_found_again),
        cmocka_unit_test(a_logarithm_is_found_again),
        cmocka_unit_test(parameters_are_never_below_0),
        cmocka_unit_test(sizes_whose_seeds_agree_weigh_more),
        cmocka_unit_test(a_target_within_the_data_is_met_at_a_measured_size),
        cmocka_unit_test(one_lucky_size_does_not_meet_a_target),
        cmocka_unit_test(a_target_beyond_the_data_is_met_at_about_the_true_number),
        cmocka_unit_test(the_interval_holds_the_true_number_about_as_often_as_it_says),
        cmocka_unit_test(nothing_is_said_beyond_four_times_the_data),
        cmocka_unit_test(one_seed_gives_an_answer_without_an_interval),
        cmocka_unit_test(the_effective_size_lies_between_the_sizes_of_equal_accuracy),
        cmocka_unit_test(the_effective_size_varies_with_the_curve_and_with_the_synthetic_images),
        cmocka_unit_test(an_effective_size_outside_the_curve_says_so),
        cmocka_unit_test(a_dip_in_the_curve_is_levelled_out),
        cmocka_unit_test(curves_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
