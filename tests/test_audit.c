/* The measures of the privacy audit: reference values, nulls that are nulls, and copies that are caught. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"
#include "reference_inputs.h"
#include "scenes.h"
#include "two_threads.h"

#include "audit/cells.h"
#include "audit/duplicates.h"
#include "base/pool.h"
#include "eval/neighbours.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void expect_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-12 * fmax(1, fabs(expected))))
        fail_msg("%.17g is not %.17g", value, expected);
}

/* So many in train and in the holdout. */
static struct grouping images_alone(int64_t each)
{
    struct grouping alone;
    must(grouping_of_images(&alone, each, each));
    return alone;
}

/* ---- Reference values ------------------------------------------------------------------------------------- */

/* T and H are the halves of X; Q is Y with 16 rows planted next to rows of T. */
struct reference {
    double x[REFERENCE_ROWS * WIDTH], q[REFERENCE_ROWS * WIDTH];
    struct feature_set train, holdout, synthetic;
};

static void reference_make(struct reference *reference)
{
    reference_features(reference->x, reference->q);
    for (int i = 0; i < REFERENCE_HALF / 2 * WIDTH; i++)
        reference->q[i] = reference->x[i] + 0.01;
    reference->train = (struct feature_set){reference->x, REFERENCE_HALF, WIDTH};
    reference->holdout = (struct feature_set){reference->x + REFERENCE_HALF * WIDTH, REFERENCE_HALF, WIDTH};
    reference->synthetic = (struct feature_set){reference->q, REFERENCE_ROWS, WIDTH};
}

static void measures_of_copying_are_the_reference_s(void **state)
{
    (void)state;
    struct reference r;
    struct copying copying;
    reference_make(&r);
    struct grouping alone = images_alone(REFERENCE_HALF);
    must(copying_measure(&copying, &r.train, &r.holdout, &r.synthetic, &alone, pool));
    grouping_free(&alone);
    expect_near(copying.closeness.u, 491);
    expect_near(copying.closeness.z, -4.138656590571128);
    expect_near(copying.nearer_train, .578125);
    expect_near(copying.authentic, 31.25);
    expect_near(copying.identifiable, .90625);
    expect_near(copying.nearer_train_null.high, .5 + .98 / 8 * 1.9599639845400545 / 1.96);
}

static void distances_to_train_and_their_ratios_are_the_reference_s(void **state)
{
    (void)state;
    struct reference r;
    double two[REFERENCE_ROWS * 2], ratio[REFERENCE_ROWS], mean = 0, least = INFINITY;
    reference_make(&r);
    must(neighbours_nearest(two, NULL, &r.synthetic, &r.train, 2, false, pool));
    for (int i = 0; i < REFERENCE_ROWS; i++) {
        mean += two[2 * i] / REFERENCE_ROWS;
        least = fmin(least, two[2 * i]);
    }
    expect_near(mean, .8110582065718007);
    expect_near(least, .04);
    copying_distance_ratios(ratio, two, REFERENCE_ROWS);
    statistics_sort(ratio, REFERENCE_ROWS);
    expect_near(ratio[9], .03789910311782968);
}

static void membership_attacks_are_the_reference_s(void **state)
{
    (void)state;
    struct reference r;
    struct membership membership;
    reference_make(&r);
    struct grouping alone = images_alone(REFERENCE_HALF);
    must(membership_measure(&membership, &r.train, &r.holdout, &r.synthetic, &alone, pool));
    grouping_free(&alone);
    expect_near(membership.nearest.auc, .8056640625);
    expect_near(membership.nearest.auc_error, .05512740843599467);
    expect_near(membership.radius, 1.0254185305871788);
    expect_near(membership.monte_carlo.auc, .65185546875);
}

static void a_perfect_attack_certifies_what_its_size_allows(void **state)
{
    (void)state;
    static const struct {
        int64_t images;
        double alpha, epsilon;
    } known[] = {
        {100, .01, 2.91117234238789},   {500, .01, 4.541915810224077},  {1000, .01, 5.237715658484055},
        {2000, .01, 5.932188295640598}, {10000, .01, 7.54268615226966}, {100, .05, 3.2813463490987878},
        {500, .05, 4.905594210033932},  {1000, .05, 5.600587531298923}, {2000, .05, 6.294657356967075},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double epsilon;
        must(membership_epsilon_lower(&epsilon, known[i].images, known[i].images, 0, known[i].images, known[i].alpha));
        expect_near(epsilon, known[i].epsilon);
    }
}

static void guessing_certifies_nothing(void **state)
{
    (void)state;
    double epsilon;
    must(membership_epsilon_lower(&epsilon, 50, 100, 50, 100, .01));
    assert_true(epsilon == 0);
}

/* ---- Random sets ------------------------------------------------------------------------------------------ */

static void three_random_sets_give_the_nulls(void **state)
{
    (void)state;
    int outside = 0, certified = 0;
    enum { SCENES = 12 };
    struct grouping alone = images_alone(MANY / 2);
    for (uint64_t i = 0; i < SCENES; i++) {
        struct scene scene;
        scene_make(&scene, 10 * i, MANY / 2);
        struct copying copying;
        struct membership membership;
        must(copying_measure(&copying, &scene.train, &scene.holdout, &scene.synthetic, &alone, pool));
        must(membership_measure(&membership, &scene.train, &scene.holdout, &scene.synthetic, &alone, pool));
        outside += copying.nearer_train < copying.nearer_train_null.low ||
                   copying.nearer_train > copying.nearer_train_null.high;
        outside += fabs(membership.nearest.auc - .5) > STATISTICS_Z95 * membership.nearest.auc_error;
        outside += fabs(membership.monte_carlo.auc - .5) > STATISTICS_Z95 * membership.monte_carlo.auc_error;
        outside += fabs(copying.closeness.z) > 3 || fabs(copying.cells_z) > 3;
        certified += membership.nearest.epsilon_lower > 0 || membership.nearest.threshold_chance < .01;
        outside += fabs(copying.distance_ratio - copying.distance_ratio_holdout) > .1;
        assert_true(fabs(copying.authentic - copying.authentic_holdout) < 15);
        assert_true(fabs(copying.identifiable - copying.identifiable_holdout) < .15);
        assert_true(membership.nearest.true_positives < .06);
        scene_free(&scene);
    }
    if (outside > 6) /* 60 tests at about 5 % */
        fail_msg("%d of %d nulls lie outside of their intervals", outside, 5 * SCENES);
    assert_int_equal(certified, 0);
    grouping_free(&alone);
}

static void a_copycat_is_caught_by_every_measure(void **state)
{
    (void)state;
    struct scene scene;
    scene_make(&scene, 1000, MANY);
    scene_measure(&scene, pool);
    const struct audit_numbers *caught = &scene.space.copycat;
    assert_true(caught->copying.nearer_train > .99);
    assert_true(caught->copying.closeness.z < -10 && caught->copying.cells_z < -10);
    assert_int_equal(caught->copying.cells, COPYING_CELLS);
    assert_true(caught->copying.authentic < 1 && caught->copying.identifiable > .99);
    assert_true(caught->copying.distance_ratio < .1 * caught->copying.distance_ratio_holdout);
    assert_true(caught->membership.nearest.auc > .99 && caught->membership.nearest.true_positives > .99);
    expect_near(caught->membership.nearest.epsilon_lower, caught->membership.nearest.epsilon_ceiling);
    assert_true(caught->membership.nearest.epsilon_lower > 4);
    assert_true(caught->membership.nearest.threshold_chance < 1e-12);
    scene_free(&scene);
}

/* ---- Groups ----------------------------------------------------------------------------------------------- */

static void a_group_is_found_by_the_image_that_is_found(void **state)
{
    (void)state;
    enum { GROUPS = 12, EACH = 5, COUNT = GROUPS * EACH };
    struct feature_set train = random_set(1, COUNT), holdout = random_set(2, COUNT), synthetic = random_set(3, COUNT);
    int64_t train_group[COUNT], holdout_group[COUNT];
    for (int i = 0; i < COUNT; i++) {
        train_group[i] = i / EACH;
        holdout_group[i] = GROUPS + i / EACH;
    }
    for (int g = 0; g < GROUPS; g++) /* one image of each group */
        memcpy((double *)synthetic.values + g * WIDTH, train.values + (g * EACH + g % EACH) * WIDTH,
               WIDTH * sizeof(double));
    struct grouping groups;
    struct membership membership;
    must(grouping_new(&groups, train_group, COUNT, holdout_group, COUNT));
    must(membership_measure(&membership, &train, &holdout, &synthetic, &groups, pool));
    assert_true(membership.nearest.auc > 1 - 1e-12 && membership.nearest.true_positives > 1 - 1e-12);
    double ceiling;
    must(membership_epsilon_lower(&ceiling, GROUPS, GROUPS, 0, GROUPS, MEMBERSHIP_ALPHA / 3));
    expect_near(membership.nearest.epsilon_lower, ceiling); /* of twelve witnesses, not of sixty */
    expect_near(membership.nearest.auc_error, sqrt((2 * GROUPS + 1) / (12. * GROUPS * GROUPS)));
    grouping_free(&groups);
    set_free(&train);
    set_free(&holdout);
    set_free(&synthetic);
}

static void groups_that_cannot_be_dealt_out_are_refused(void **state)
{
    (void)state;
    int64_t group[12] = {0, 0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9};
    struct grouping groups;
    must(grouping_new(&groups, group, 6, group + 6, 6));
    assert_int_equal(groups.of_train, 5);
    assert_int_equal(groups.count, 10);
    assert_int_equal(groups.first[9], 11);
    assert_int_equal(groups.group[7], 5);
    grouping_free(&groups);
    group[5] = 0;
    refuses(grouping_new(&groups, group, 6, group + 6, 6), "images of a group do not follow each other");
    grouping_free(&groups);
    group[5] = 9;
    refuses(grouping_new(&groups, group, 6, group + 6, 6), "a group has images in train and in holdout");
    grouping_free(&groups);
    refuses(grouping_new(&groups, group, 5, group + 6, 5), "4 groups in train; at least 5 are needed");
    grouping_free(&groups);
}

/* ---- Cells ------------------------------------------------------------------------------------------------ */

static void cells_are_the_clusters_that_there_are(void **state)
{
    (void)state;
    enum { EACH = 20 };
    double values[3 * EACH * 2], centres[3 * 2];
    for (int i = 0; i < 3 * EACH; i++) {
        values[2 * i] = 10 * (i % 3) + .01 * (i / 3);
        values[2 * i + 1] = i % 3 == 1 ? 5 : 0;
    }
    const struct feature_set set = {values, 3 * EACH, 2};
    int cell[3 * EACH];
    must(cells_find(centres, 3, &set));
    cells_assign(cell, &set, centres, 3);
    for (int i = 3; i < 3 * EACH; i++)
        assert_int_equal(cell[i], cell[i % 3]);
    assert_true(cell[0] != cell[1] && cell[1] != cell[2] && cell[0] != cell[2]);
}

static void copying_in_one_cell_is_seen_there(void **state)
{
    (void)state;
    enum { EACH = 40 };
    double set[3 * EACH], holdout[3 * EACH], z;
    int cell[3 * EACH], used;
    for (int i = 0; i < 3 * EACH; i++) {
        cell[i] = i % 3;
        holdout[i] = i;
        set[i] = cell[i] == 2 ? 0.001 * i : i; /* copies in the third cell */
    }
    must(copying_cells_z(&z, &used, set, cell, 3 * EACH, holdout, cell, 3 * EACH, 3));
    assert_int_equal(used, 3);
    struct mann_whitney third, other;
    double set_third[EACH], holdout_third[EACH];
    for (int i = 0; i < EACH; i++) {
        set_third[i] = set[3 * i + 2];
        holdout_third[i] = holdout[3 * i + 2];
    }
    must(statistics_mann_whitney(&third, set_third, EACH, holdout_third, EACH));
    must(statistics_mann_whitney(&other, holdout_third, EACH, holdout_third, EACH));
    expect_near(z, (third.z + 2 * other.z) / 3);
}

static void cells_with_too_few_images_do_not_count(void **state)
{
    (void)state;
    double distance[20] = {0}, z;
    int cell[20], used;
    for (int i = 0; i < 20; i++)
        cell[i] = i % 3;
    must(copying_cells_z(&z, &used, distance, cell, 20, distance, cell, 20, 3));
    assert_true(isnan(z));
    assert_int_equal(used, 0);
}

/* ---- Bad input -------------------------------------------------------------------------------------------- */

static void sets_that_cannot_be_audited_are_refused(void **state)
{
    (void)state;
    struct feature_set train = random_set(1, 30), holdout = random_set(2, 30), few = random_set(3, 9);
    const struct feature_set fewer = {holdout.values, 20, WIDTH}, narrow = {holdout.values, 30, WIDTH / 2};
    struct grouping alone = images_alone(30);
    struct copying copying;
    struct membership membership;
    refuses(copying_measure(&copying, &train, &fewer, &holdout, &alone, pool), "train has 30 images and holdout 20");
    refuses(copying_measure(&copying, &train, &narrow, &holdout, &alone, pool), "8");
    refuses(copying_measure(&copying, &train, &holdout, &few, &alone, pool), "9");
    refuses(membership_measure(&membership, &few, &holdout, &train, &alone, pool), "9");
    ((double *)holdout.values)[5 * WIDTH] = NAN;
    refuses(copying_measure(&copying, &train, &holdout, &train, &alone, pool), "image 5");
    refuses(membership_measure(&membership, &train, &holdout, &train, &alone, pool), "image 5");
    memset((void *)train.values, 0, 30 * WIDTH * sizeof(double));
    refuses(copying_measure(&copying, &train, &train, &few, &alone, pool), "same features");
    grouping_free(&alone);
    set_free(&train);
    set_free(&holdout);
    set_free(&few);
}

static void scores_that_cannot_be_ranked_are_refused(void **state)
{
    (void)state;
    double scores[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, NAN};
    struct attack attack;
    refuses(membership_attack(&attack, scores, 0, scores, 9), "scores of members: 0 values are too few");
    refuses(membership_attack(&attack, scores, 10, scores, 10), "scores of members: value 9 is not a number");
}

/* ---- Duplicates ------------------------------------------------------------------------------------------- */

enum { SIDE = 24, PICTURES = 60 };
static const struct image_shape shape = {SIDE, SIDE, 1};

/* Smooth blobs that differ from each other, with enough texture for SSIM. */
static void draw(uint8_t *pixels, uint32_t number)
{
    double unit[6];
    reference_unit(unit, 6, number * 7919 + 17);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const double wave = sin(x * (.3 + unit[0]) + 6 * unit[1]) * cos(y * (.3 + unit[2]) + 6 * unit[3]);
            pixels[y * SIDE + x] = (uint8_t)(128 + 60 * wave + 40 * (unit[4] - .5));
        }
}

static void draw_all(uint8_t *pixels, uint32_t first)
{
    for (uint32_t i = 0; i < PICTURES; i++)
        draw(pixels + i * SIDE * SIDE, first + i);
}

static void near_duplicates_are_found_by_bytes_by_difference_and_by_structure(void **state)
{
    (void)state;
    static uint8_t train[PICTURES * SIDE * SIDE], synthetic[PICTURES * SIDE * SIDE];
    draw_all(train, 0);
    draw_all(synthetic, 1000);
    memcpy(synthetic + 3 * SIDE * SIDE, train + 40 * SIDE * SIDE, SIDE * SIDE);
    for (int i = 0; i < SIDE * SIDE; i++) {
        synthetic[5 * SIDE * SIDE + i] = (uint8_t)(train[7 * SIDE * SIDE + i] + (i & 1)); /* by one level */
        synthetic[9 * SIDE * SIDE + i] = (uint8_t)(train[11 * SIDE * SIDE + i] + 12);     /* brighter */
    }
    struct duplicate found[PICTURES];
    must(duplicates_find(found, synthetic, PICTURES, train, PICTURES, shape, 0, pool));
    const struct duplicates_count sum = duplicates_sum(found, PICTURES);
    assert_int_equal(found[3].kind, DUPLICATE_IDENTICAL);
    assert_int_equal(found[3].row, 40);
    assert_int_equal(found[5].kind, DUPLICATE_RMSE);
    assert_int_equal(found[5].row, 7);
    assert_int_equal(found[9].kind, DUPLICATE_SSIM);
    assert_int_equal(found[9].row, 11);
    assert_true(sum.identical == 1 && sum.rmse == 1 && sum.ssim == 1 && sum.images == PICTURES);
    assert_int_equal(duplicates_total(&sum), 3);
    assert_int_equal(found[0].row, -1);
}

static void an_rmse_of_exactly_2_levels_is_a_duplicate_and_3_levels_of_noise_are_not(void **state)
{
    (void)state;
    uint8_t a[64], two[64], three[64];
    for (int i = 0; i < 64; i++) { /* too small for SSIM: differences alone count */
        a[i] = (uint8_t)(100 + i);
        two[i] = (uint8_t)(a[i] + (i & 1 ? 2 : -2));
        three[i] = (uint8_t)(a[i] + (i & 1 ? 3 : -3));
    }
    const struct image_shape small = {8, 8, 1};
    struct duplicate found;
    must(duplicates_find(&found, two, 1, a, 1, small, 0, pool));
    assert_int_equal(found.kind, DUPLICATE_RMSE);
    must(duplicates_find(&found, three, 1, a, 1, small, 0, pool));
    assert_int_equal(found.kind, DUPLICATE_NONE);
}

static void a_set_against_itself_finds_others_only(void **state)
{
    (void)state;
    static uint8_t pictures[PICTURES * SIDE * SIDE];
    draw_all(pictures, 0);
    memcpy(pictures + 20 * SIDE * SIDE, pictures, SIDE * SIDE);
    struct duplicate found[PICTURES];
    must(duplicates_find(found, pictures, PICTURES, pictures, PICTURES, shape, 1, pool));
    assert_int_equal(duplicates_sum(found, PICTURES).identical, 2);
    assert_true(found[0].row == 20 && found[20].row == 0);
    assert_int_equal(duplicates_sum(found, PICTURES).rmse, 0);
}

static void duplicates_among_nothing_are_none_and_of_no_picture_are_refused(void **state)
{
    (void)state;
    uint8_t pixel = 0;
    struct duplicate found;
    must(duplicates_find(&found, &pixel, 1, NULL, 0, (struct image_shape){1, 1, 1}, 0, pool));
    assert_int_equal(found.kind, DUPLICATE_NONE);
    refuses(duplicates_find(&found, &pixel, 1, &pixel, 1, (struct image_shape){1, 0, 1}, 0, pool), "images of 1x0x1");
    refuses(duplicates_find(&found, &pixel, 1, &pixel, 1, (struct image_shape){1, 1, 2}, 0, pool), "images of 1x1x2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_of_copying_are_the_reference_s),
        cmocka_unit_test(distances_to_train_and_their_ratios_are_the_reference_s),
        cmocka_unit_test(membership_attacks_are_the_reference_s),
        cmocka_unit_test(a_perfect_attack_certifies_what_its_size_allows),
        cmocka_unit_test(guessing_certifies_nothing),
        cmocka_unit_test(three_random_sets_give_the_nulls),
        cmocka_unit_test(a_copycat_is_caught_by_every_measure),
        cmocka_unit_test(a_group_is_found_by_the_image_that_is_found),
        cmocka_unit_test(groups_that_cannot_be_dealt_out_are_refused),
        cmocka_unit_test(cells_are_the_clusters_that_there_are),
        cmocka_unit_test(copying_in_one_cell_is_seen_there),
        cmocka_unit_test(cells_with_too_few_images_do_not_count),
        cmocka_unit_test(sets_that_cannot_be_audited_are_refused),
        cmocka_unit_test(scores_that_cannot_be_ranked_are_refused),
        cmocka_unit_test(near_duplicates_are_found_by_bytes_by_difference_and_by_structure),
        cmocka_unit_test(an_rmse_of_exactly_2_levels_is_a_duplicate_and_3_levels_of_noise_are_not),
        cmocka_unit_test(a_set_against_itself_finds_others_only),
        cmocka_unit_test(duplicates_among_nothing_are_none_and_of_no_picture_are_refused),
    };
    return cmocka_run_group_tests(tests, two_threads_begin, two_threads_end);
}
