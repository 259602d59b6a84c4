/* Frechet distance, KID, precision, recall, density and coverage have the values that others compute, have their null
 * values for equal distributions, refuse sets that they are not defined for, and do not depend on the number of
 * threads. */
#include "eval/frechet.h"
#include "eval/kid.h"
#include "eval/neighbours.h"
#include "eval/prdc.h"

#include "base/error.h"
#include "base/philox.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "must.h"
#include "near.h"
#include "normal_sets.h"
#include "reference_inputs.h"
#include "two_threads.h"

static double x_values[REFERENCE_ROWS * REFERENCE_WIDTH], y_values[REFERENCE_ROWS * REFERENCE_WIDTH];
static const struct feature_set x = {x_values, REFERENCE_ROWS, REFERENCE_WIDTH},
                                y = {y_values, REFERENCE_ROWS, REFERENCE_WIDTH};

static int begin(void **state)
{
    reference_features(x_values, y_values);
    return two_threads_begin(state);
}

static double frechet(struct feature_set a, struct feature_set b)
{
    double value = NAN;
    must(frechet_of_sets(&value, &a, &b, pool));
    return value;
}

static struct kid kid(struct feature_set a, struct feature_set b, struct pool *workers)
{
    struct kid value = {.value = NAN};
    must(kid_measure(&value, &a, &b, 1, workers));
    return value;
}

static struct prdc prdc(struct feature_set a, struct feature_set b, int k_precision, int k_density)
{
    struct prdc value = {.precision = NAN};
    must(prdc_measure(&value, &a, &b, k_precision, k_density, pool));
    return value;
}

/* ---- Frechet distance ---- */

static void the_frechet_distance_has_its_known_value(void **state)
{
    (void)state;
    near(frechet(x, y), 0.594130936822759, 1e-9);
    near(frechet(y, x), 0.594130936822759, 1e-9);
}

static void the_frechet_distance_of_a_set_to_itself_is_0(void **state)
{
    (void)state;
    near(frechet(x, x), 0, 1e-12);
}

static void the_frechet_distance_of_fewer_images_than_features_has_its_known_value(void **state)
{
    (void)state;
    const struct feature_set few_x = {x_values, 8, REFERENCE_WIDTH}, few_y = {y_values, 8, REFERENCE_WIDTH};
    near(frechet(few_x, few_y), 1.70698927, 1e-6);
    near(frechet(few_y, few_x), 1.70698927, 1e-6);
}

static void the_covariance_is_that_of_a_sample(void **state)
{
    (void)state;
    double a[200], b[200];
    for (int i = 0; i < 100; i++) {
        a[2 * i] = i < 50 ? 2 : 1;
        a[2 * i + 1] = 1;
        b[2 * i] = i < 50 ? 9 : 2;
        b[2 * i + 1] = 9;
    }
    near(frechet((struct feature_set){a, 100, 2}, (struct feature_set){b, 100, 2}), 89.09090909090908, 1e-12);
}

static void two_by_two_covariances_agree_with_the_closed_form(void **state)
{
    (void)state;
    double mean[2] = {0}, s1[4] = {2, 1, 1, 3}, s2[4] = {1, 0.5, 0.5, 2}, value = NAN;
    const struct moments a = {10, 2, mean, s1}, b = {10, 2, mean, s2};
    must(frechet_distance(&value, &a, &b, pool));
    near(value, 0.27573180602858205, 1e-12);
}

static void a_shift_by_1_in_each_of_the_dimensions_counts_as_many(void **state)
{
    (void)state;
    enum { WIDTH = 512 };
    struct moments a, b;
    double value = NAN;
    normal_moments(&a, WIDTH, 0);
    normal_moments(&b, WIDTH, 1);
    must(frechet_distance(&value, &a, &b, pool));
    near(value, WIDTH, 1e-9);
    moments_free(&a);
    moments_free(&b);
}

static void the_floor_of_the_identity_is_the_closed_formula(void **state)
{
    (void)state;
    struct moments a;
    double value = NAN;
    normal_moments(&a, 64, 0);
    must(frechet_floor(&value, &a, 2000, 2000, pool));
    near(value, 2.0 * 64 / 2000 + 64.0 * 65 / 4000, 1e-12);
    moments_free(&a);
}

static void equal_distributions_have_the_distance_of_the_floor(void **state)
{
    (void)state;
    const struct feature_set a = normal_set(4000, 32, 1, 1), b = normal_set(4000, 32, 2, 1);
    struct moments moments;
    double expected = NAN;
    must(moments_new(&moments, &a, "real", pool));
    must(frechet_floor(&expected, &moments, 4000, 4000, pool));
    const double value = frechet(a, b);
    near(value / expected, 1, 0.15);
    moments_free(&moments);
    normal_set_free(a);
    normal_set_free(b);
}

static void at_infinity_equal_distributions_have_no_distance(void **state)
{
    (void)state;
    const struct feature_set a = normal_set(4000, 32, 3, 1), b = normal_set(4000, 32, 4, 1);
    struct frechet_infinity infinity;
    must(frechet_at_infinity(&infinity, &a, &b, 1, pool));
    assert_int_equal(infinity.count[0], 800);
    assert_int_equal(infinity.count[FRECHET_SIZES - 1], 4000);
    near(infinity.distance[FRECHET_SIZES - 1], frechet(a, b), 1e-12);
    near(infinity.value, 0, 0.3 * frechet(a, b));
    assert_true(infinity.slope > 0);
    normal_set_free(a);
    normal_set_free(b);
}

static void at_infinity_the_distance_of_others_remains(void **state)
{
    (void)state;
    const struct feature_set a = normal_set(4000, 16, 5, 1), b = normal_set(4000, 16, 6, 2); /* (1 - 2)^2 a dimension */
    struct frechet_infinity infinity;
    must(frechet_at_infinity(&infinity, &a, &b, 1, pool));
    near(infinity.value, 16, 0.5);
    normal_set_free(a);
    normal_set_free(b);
}

/* ---- KID ---- */

static void kid_has_its_known_value(void **state)
{
    (void)state;
    near(kid(x, y, pool).value, 0.09334948459460435, 1e-9);
    near(kid(y, x, pool).value, 0.09334948459460435, 1e-9);
}

static void kid_of_a_set_with_itself_is_below_0(void **state)
{
    (void)state;
    near(kid(x, x, pool).value, -0.013920165171859011, 1e-9);
}

/* As the definition says it, for the sums over all subsets at once must mean the same. */
static double kid_of_a_subset(struct feature_set a, struct feature_set b, int64_t size, uint64_t subset)
{
    const struct feature_set sets[2] = {a, b};
    double rows[2][REFERENCE_ROWS * REFERENCE_WIDTH];
    for (uint64_t s = 0; s < 2; s++) {
        uint32_t order[REFERENCE_ROWS];
        random_permutation((random_address){1, s, RANDOM_SUBSET, subset}, REFERENCE_ROWS, order);
        for (int64_t i = 0; i < size; i++)
            memcpy(rows[s] + i * REFERENCE_WIDTH, sets[s].values + order[i] * REFERENCE_WIDTH,
                   REFERENCE_WIDTH * sizeof(double));
    }
    return kid((struct feature_set){rows[0], size, REFERENCE_WIDTH},
               (struct feature_set){rows[1], size, REFERENCE_WIDTH}, pool)
        .value;
}

static void the_subsets_of_kid_have_the_values_of_these_sets_alone(void **state)
{
    (void)state;
    const struct kid all = kid(x, y, pool);
    assert_int_equal(all.subset_size, 32);
    double mean = 0, squares = 0;
    for (uint64_t s = 0; s < KID_SUBSETS; s++)
        mean += kid_of_a_subset(x, y, 32, s) / KID_SUBSETS;
    for (uint64_t s = 0; s < KID_SUBSETS; s++)
        squares += pow(kid_of_a_subset(x, y, 32, s) - mean, 2);
    near(all.subset_mean, mean, 1e-12);
    near(all.subset_deviation, sqrt(squares / (KID_SUBSETS - 1)), 1e-12);
}

static void kid_of_sets_of_different_sizes_is_unbiased(void **state)
{
    (void)state;
    const struct feature_set a = normal_set(701, 8, 7, 1), b = normal_set(350, 8, 8, 1);
    const struct kid value = kid(a, b, pool);
    assert_int_equal(value.subset_size, 175);
    near(value.value, 0, 0.05);
    normal_set_free(a);
    normal_set_free(b);
}

/* ---- Precision, recall, density, coverage ---- */

static void all_four_have_their_known_values(void **state)
{
    (void)state;
    const struct prdc five = prdc(x, y, 5, 5), three = prdc(x, y, 3, 3);
    near(five.precision, 1, 1e-12);
    near(five.recall, 0.328125, 1e-12);
    near(five.density, 1.596875, 1e-12);
    near(five.coverage, 0.890625, 1e-12);
    near(three.precision, 0.984375, 1e-12);
    near(three.recall, 0.21875, 1e-12);
    near(three.density, 1.609375, 1e-12);
    near(three.coverage, 0.734375, 1e-12);
}

static void each_pair_of_them_has_its_own_k(void **state)
{
    (void)state;
    const struct prdc mixed = prdc(x, y, PRDC_K_PRECISION, PRDC_K_DENSITY);
    near(mixed.precision, 0.984375, 1e-12);
    near(mixed.coverage, 0.890625, 1e-12);
}

static void copies_have_1_in_all_four(void **state)
{
    (void)state;
    double turned[REFERENCE_ROWS * REFERENCE_WIDTH];
    for (int64_t i = 0; i < REFERENCE_ROWS; i++)
        memcpy(turned + i * REFERENCE_WIDTH, x_values + (REFERENCE_ROWS - 1 - i) * REFERENCE_WIDTH,
               REFERENCE_WIDTH * sizeof(double));
    const struct prdc value = prdc(x, (struct feature_set){turned, REFERENCE_ROWS, REFERENCE_WIDTH}, 5, 5);
    near(value.precision, 1, 0);
    near(value.recall, 1, 0);
    near(value.density, 1, 1e-12);
    near(value.coverage, 1, 0);
}

static void a_narrow_set_is_precise_and_a_wide_one_is_not_recalled(void **state)
{
    (void)state;
    const struct feature_set real = normal_set(200, 16, 9, 3), generated = normal_set(200, 16, 10, 0.1);
    const struct prdc value = prdc(real, generated, 3, 5);
    assert_true(value.precision > 0.8);
    assert_true(value.recall < 0.3);
    normal_set_free(real);
    normal_set_free(generated);
}

static void equal_distributions_have_the_expected_coverage(void **state)
{
    (void)state;
    const struct feature_set a = normal_set(2003, 8, 11, 1), b = normal_set(2003, 8, 12, 1);
    const struct prdc value = prdc(a, b, 3, 5);
    near(prdc_expected_coverage(5), 0.96875, 0);
    near(value.coverage, prdc_expected_coverage(5), 0.015);
    near(value.density, 1, 0.05);
    normal_set_free(a);
    normal_set_free(b);
}

/* ---- Neighbours ---- */

/* The nearest of row i that is not taken, the first of equal ones; it is taken then. */
static int64_t plain_nearest(double *least, bool *taken, const struct feature_set *of, int64_t i,
                             const struct feature_set *among)
{
    int64_t best = -1;
    *least = INFINITY;
    for (int64_t o = 0; o < among->count; o++) {
        double sum = 0;
        for (int64_t f = 0; f < of->width; f++)
            sum += pow(of->values[i * of->width + f] - among->values[o * of->width + f], 2);
        if (!taken[o] && sum < *least) {
            *least = sum;
            best = o;
        }
    }
    taken[best] = true;
    return best;
}

static void expect_nearest_of_a_plain_search(const struct feature_set *of, const struct feature_set *among, int k,
                                             bool within, struct pool *workers)
{
    double *distance = calloc((size_t)(of->count * k), sizeof *distance);
    int64_t *index = calloc((size_t)(of->count * k), sizeof *index);
    must(neighbours_nearest(distance, index, of, among, k, within, workers));
    for (int64_t i = 0; i < of->count; i++) {
        bool *taken = calloc((size_t)among->count, sizeof *taken);
        taken[within ? i : 0] = within;
        for (int64_t j = 0; j < k; j++) {
            double least;
            assert_int_equal(index[i * k + j], plain_nearest(&least, taken, of, i, among));
            near(distance[i * k + j], sqrt(least), 1e-15);
        }
        free(taken);
    }
    free(distance);
    free(index);
}

static void the_nearest_are_those_of_a_plain_search(void **state)
{
    (void)state;
    const struct feature_set of = normal_set(37, 5, 13, 1), among = normal_set(53, 5, 14, 1);
    expect_nearest_of_a_plain_search(&of, &among, 3, false, pool);
    normal_set_free(of);
    normal_set_free(among);
}

/* Whole numbers, so that many distances are equal, and some rows copies. */
static void so_are_those_within_a_set_with_any_number_of_threads(void **state)
{
    (void)state;
    static const int64_t counts[] = {5, 16, 64, 301};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (int threads = 1; threads <= 3; threads++) {
            struct pool *workers;
            const struct feature_set drawn = normal_set(counts[c], 3, 13, 1);
            double *whole = calloc((size_t)(drawn.count * drawn.width), sizeof *whole);
            for (int64_t i = 0; i < drawn.count * drawn.width; i++)
                whole[i] = round(2 * drawn.values[i]);
            const struct feature_set set = {whole, drawn.count, drawn.width};
            must(pool_new(&workers, threads));
            expect_nearest_of_a_plain_search(&set, &set, 4, true, workers);
            pool_free(workers);
            free(whole);
            normal_set_free(drawn);
        }
}

static void a_copy_is_at_exactly_0_and_of_equal_ones_the_first_is_named(void **state)
{
    (void)state;
    const double among[] = {1e8, 0.3, 1e8, 0.7, 1e8, 0.7, 1e8, 0.7}, of[] = {1e8, 0.7};
    double distance[2];
    int64_t index[2];
    must(neighbours_nearest(distance, index, &(struct feature_set){of, 1, 2}, &(struct feature_set){among, 4, 2}, 2,
                            false, pool));
    assert_true(distance[0] <= 0 && distance[1] <= 0);
    assert_int_equal(index[0], 1);
    assert_int_equal(index[1], 2);
}

static void an_image_is_not_its_own_neighbour_if_excluded_but_a_copy_is(void **state)
{
    (void)state;
    const double values[] = {0, 3, 0, 10};
    const struct feature_set set = {values, 4, 1};
    double distance[4];
    int64_t index[4];
    must(neighbours_nearest(distance, index, &set, &set, 1, true, pool));
    const double distances[] = {0, 3, 0, 7};
    const int64_t indices[] = {2, 0, 0, 1};
    assert_memory_equal(distance, distances, sizeof distance);
    assert_memory_equal(index, indices, sizeof index);
    const struct feature_set other = {distances, 4, 1};
    assert_int_equal(neighbours_nearest(distance, index, &set, &other, 1, true, pool), STATUS_INPUT);
    must(neighbours_kth(distance, &set, &set, 2, true, pool));
    const double second[] = {3, 3, 3, 10};
    assert_memory_equal(distance, second, sizeof distance);
}

static void within_a_radius_are_those_nearer_than_it(void **state)
{
    (void)state;
    const double of[] = {0, 100}, among[] = {0, 1, 2, 2, 3, 99.5};
    int64_t inside[2];
    must(neighbours_within(inside, &(struct feature_set){of, 2, 1}, &(struct feature_set){among, 6, 1}, 2, pool));
    assert_int_equal(inside[0], 2);
    assert_int_equal(inside[1], 1);
}

/* ---- What all of them promise ---- */

static void the_number_of_threads_changes_no_bit(void **state)
{
    (void)state;
    const struct feature_set a = normal_set(603, 70, 15, 1), b = normal_set(603, 70, 16, 1.1);
    double distances[2];
    struct kid kids[2];
    struct prdc prdcs[2];
    for (int i = 0; i < 2; i++) {
        struct pool *workers;
        must(pool_new(&workers, i ? 3 : 1));
        memset(&kids[i], 0, sizeof kids[i]);
        must(frechet_of_sets(&distances[i], &a, &b, workers));
        must(kid_measure(&kids[i], &a, &b, 1, workers));
        must(prdc_measure(&prdcs[i], &a, &b, 3, 5, workers));
        pool_free(workers);
    }
    assert_memory_equal(&distances[0], &distances[1], sizeof distances[0]);
    assert_memory_equal(&kids[0], &kids[1], sizeof kids[0]);
    assert_memory_equal(&prdcs[0], &prdcs[1], sizeof prdcs[0]);
    normal_set_free(a);
    normal_set_free(b);
}

static void slower_processors_give_the_same_values(void **state)
{
    (void)state;
    static const char *const levels[] = {"avx2", "plain"};
    for (int i = 0; i < 2; i++) {
        setenv("STANDIN_CPU", levels[i], 1);
        near(frechet(x, y), 0.594130936822759, 1e-9);
        near(kid(x, y, pool).value, 0.09334948459460435, 1e-9);
        near(prdc(x, y, 5, 5).density, 1.596875, 1e-12);
        unsetenv("STANDIN_CPU");
    }
}

enum measure { FRECHET, INFINITE, KID, PRDC, MEASURES };

static void refused(enum measure measure, struct feature_set a, struct feature_set b, const char *because)
{
    double value;
    struct frechet_infinity infinity;
    struct kid kid_value;
    struct prdc prdc_value;
    const int status = measure == FRECHET    ? frechet_of_sets(&value, &a, &b, pool)
                       : measure == INFINITE ? frechet_at_infinity(&infinity, &a, &b, 1, pool)
                       : measure == KID      ? kid_measure(&kid_value, &a, &b, 1, pool)
                                             : prdc_measure(&prdc_value, &a, &b, 3, 5, pool);
    assert_int_equal(status, STATUS_INPUT);
    if (!strstr(error_message(), because))
        fail_msg("\"%s\" does not say \"%s\"", error_message(), because);
}

static void features_that_are_no_numbers_are_refused(void **state)
{
    (void)state;
    const struct feature_set a = normal_set(120, 4, 17, 1), b = normal_set(120, 4, 18, 1);
    for (int i = 0; i < 2; i++) {
        ((double *)b.values)[7 * 4 + 1] = i ? INFINITY : NAN;
        for (enum measure measure = FRECHET; measure < MEASURES; measure++)
            refused(measure, a, b, "image 7");
        int64_t inside[120];
        assert_int_equal(neighbours_within(inside, &a, &b, 1, pool), STATUS_INPUT);
    }
    normal_set_free(a);
    normal_set_free(b);
}

static void sets_without_variety_are_refused(void **state)
{
    (void)state;
    const struct feature_set a = normal_set(120, 4, 19, 1), b = normal_set(120, 4, 20, 0);
    for (enum measure measure = FRECHET; measure < MEASURES; measure++) {
        refused(measure, a, b, "generated set have the same features");
        refused(measure, b, a, "real set have the same features");
    }
    normal_set_free(a);
    normal_set_free(b);
}

static void too_few_images_are_refused(void **state)
{
    (void)state;
    refused(FRECHET, (struct feature_set){x_values, 1, 16}, y, "too few images in the real set");
    refused(INFINITE, x, y, "too few images");
    refused(KID, x, (struct feature_set){y_values, 3, 16}, "too few images in the generated set");
    refused(PRDC, (struct feature_set){x_values, 5, 16}, (struct feature_set){y_values, 5, 16}, "too few images");
    refused(KID, (struct feature_set){x_values, 0, 16}, y, "too few images");
}

static void sets_that_do_not_match_are_refused(void **state)
{
    (void)state;
    const struct feature_set narrow = {y_values, 128, 8};
    refused(FRECHET, x, narrow, "16 features");
    refused(KID, x, narrow, "16 features");
    refused(PRDC, x, narrow, "16 features");
    refused(PRDC, x, (struct feature_set){y_values, 60, 16}, "as many");
}

static void a_k_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    double distance[4];
    struct prdc value;
    const double values[] = {0, 3, 5, 10};
    const struct feature_set set = {values, 4, 1};
    assert_int_equal(neighbours_nearest(distance, NULL, &set, &set, 0, false, pool), STATUS_INPUT);
    assert_int_equal(neighbours_kth(distance, &set, &set, 4, true, pool), STATUS_INPUT);
    assert_int_equal(prdc_measure(&value, &x, &y, 0, 5, pool), STATUS_INPUT);
    assert_int_equal(prdc_measure(&value, &x, &y, 3, 65, pool), STATUS_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_frechet_distance_has_its_known_value),
        cmocka_unit_test(the_frechet_distance_of_a_set_to_itself_is_0),
        cmocka_unit_test(the_frechet_distance_of_fewer_images_than_features_has_its_known_value),
        cmocka_unit_test(the_covariance_is_that_of_a_sample),
        cmocka_unit_test(two_by_two_covariances_agree_with_the_closed_form),
        cmocka_unit_test(a_shift_by_1_in_each_of_the_dimensions_counts_as_many),
        cmocka_unit_test(the_floor_of_the_identity_is_the_closed_formula),
        cmocka_unit_test(equal_distributions_have_the_distance_of_the_floor),
        cmocka_unit_test(at_infinity_equal_distributions_have_no_distance),
        cmocka_unit_test(at_infinity_the_distance_of_others_remains),
        cmocka_unit_test(kid_has_its_known_value),
        cmocka_unit_test(kid_of_a_set_with_itself_is_below_0),
        cmocka_unit_test(the_subsets_of_kid_have_the_values_of_these_sets_alone),
        cmocka_unit_test(kid_of_sets_of_different_sizes_is_unbiased),
        cmocka_unit_test(all_four_have_their_known_values),
        cmocka_unit_test(each_pair_of_them_has_its_own_k),
        cmocka_unit_test(copies_have_1_in_all_four),
        cmocka_unit_test(a_narrow_set_is_precise_and_a_wide_one_is_not_recalled),
        cmocka_unit_test(equal_distributions_have_the_expected_coverage),
        cmocka_unit_test(the_nearest_are_those_of_a_plain_search),
        cmocka_unit_test(so_are_those_within_a_set_with_any_number_of_threads),
        cmocka_unit_test(a_copy_is_at_exactly_0_and_of_equal_ones_the_first_is_named),
        cmocka_unit_test(an_image_is_not_its_own_neighbour_if_excluded_but_a_copy_is),
        cmocka_unit_test(within_a_radius_are_those_nearer_than_it),
        cmocka_unit_test(the_number_of_threads_changes_no_bit),
        cmocka_unit_test(slower_processors_give_the_same_values),
        cmocka_unit_test(features_that_are_no_numbers_are_refused),
        cmocka_unit_test(sets_without_variety_are_refused),
        cmocka_unit_test(too_few_images_are_refused),
        cmocka_unit_test(sets_that_do_not_match_are_refused),
        cmocka_unit_test(a_k_that_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, begin, two_threads_end);
}
