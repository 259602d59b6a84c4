/* People of the training set who are in the synthetic images are found; people who are not are not, and who cannot be
 * told from others is said to be so. */
#include "audit/identity.h"

#include "base/error.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"
#include "normal_sets.h"
#include "two_threads.h"

enum { WIDTH = 8, PEOPLE = 20, EACH = 6, IMAGES = PEOPLE * EACH };

/* IMAGES images of PEOPLE, from `first` on, who look the same but for `spread`; all people differ by normal numbers. */
static struct feature_set portraits(int64_t first, double spread, uint64_t seed)
{
    const struct feature_set faces = normal_set(first + PEOPLE, WIDTH, 1, 3),
                             set = normal_set(IMAGES, WIDTH, seed, spread);
    for (int64_t i = 0; i < IMAGES * WIDTH; i++)
        ((double *)set.values)[i] += faces.values[(first + i / WIDTH / EACH) * WIDTH + i % WIDTH];
    normal_set_free(faces);
    return set;
}

static int64_t train_group[IMAGES], holdout_group[IMAGES];

/* Numbers that need not follow each other. */
static void name_groups(int64_t shared)
{
    for (int64_t i = 0; i < IMAGES; i++) {
        train_group[i] = 1000 - 7 * (i / EACH);
        holdout_group[i] = i < shared ? train_group[i] : 5000 + i / EACH;
    }
}

static struct identity measure(int64_t synthetic_first, double spread)
{
    const struct feature_set train = portraits(0, spread, 2), holdout = portraits(PEOPLE, spread, 3),
                             synthetic = portraits(synthetic_first, spread, 4);
    struct identity identity;
    name_groups(0);
    must(identity_measure(&identity, &train, train_group, &holdout, holdout_group, &synthetic, pool));
    normal_set_free(train);
    normal_set_free(holdout);
    normal_set_free(synthetic);
    assert_int_equal(identity.train_groups, PEOPLE);
    assert_int_equal(identity.holdout_groups, PEOPLE);
    return identity;
}

static double excess(const struct identity *identity)
{
    return (identity->taken_train - identity->chance.mean) / identity->chance.deviation;
}

static void the_same_people_are_recognised(void **state)
{
    (void)state;
    const struct identity identity = measure(0, .3);
    assert_true(identity.recognised > .9);
    assert_true(identity.taken_train > .9 && identity.taken_holdout < .01);
    assert_true(excess(&identity) > 4);
}

static void other_people_are_not(void **state)
{
    (void)state;
    const struct identity identity = measure(2 * PEOPLE, .3);
    assert_true(identity.recognised > .9);
    assert_true(identity.taken_train < .1 && identity.taken_holdout < .1);
    assert_true(fabs(excess(&identity)) < 3);
}

/* A mistake for a group of the holdout is as likely as one for a group of train. */
static void people_of_the_holdout_are_taken_for_nobody_of_train(void **state)
{
    (void)state;
    const struct identity identity = measure(PEOPLE, .3);
    assert_true(identity.taken_holdout > .9 && identity.taken_train < .01);
    assert_true(excess(&identity) < -4);
}

static void people_who_all_look_alike_are_recognised_by_nobody(void **state)
{
    (void)state;
    const struct identity identity = measure(0, 30);
    assert_true(identity.recognised < .05);
    assert_true(identity.taken_train < .05 && identity.taken_holdout < .05);
}

static void nothing_depends_on_threads(void **state)
{
    (void)state;
    const struct identity two = measure(0, .5);
    struct pool *others = pool;
    must(pool_new(&pool, 1));
    const struct identity one = measure(0, .5);
    pool_free(pool);
    pool = others;
    assert_memory_equal(&one, &two, sizeof one);
}

static void what_cannot_be_recognised_is_refused(void **state)
{
    (void)state;
    const struct feature_set train = portraits(0, .3, 2), holdout = portraits(PEOPLE, .3, 3);
    struct identity identity;
    name_groups(EACH);
    refuses(identity_measure(&identity, &train, train_group, &holdout, holdout_group, &train, pool),
            "a group has images in train and in holdout");
    name_groups(0);
    for (int64_t i = 0; i < IMAGES; i++)
        holdout_group[i] = i / (IMAGES / 4);
    refuses(identity_measure(&identity, &train, train_group, &holdout, holdout_group, &train, pool),
            "4 groups in holdout; at least 5 are needed");
    for (int64_t i = 0; i < IMAGES; i++) {
        train_group[i] = i;
        holdout_group[i] = IMAGES + i;
    }
    refuses(identity_measure(&identity, &train, train_group, &holdout, holdout_group, &train, pool),
            "every group has one image only");
    normal_set_free(train);
    normal_set_free(holdout);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_people_are_recognised),
        cmocka_unit_test(other_people_are_not),
        cmocka_unit_test(people_of_the_holdout_are_taken_for_nobody_of_train),
        cmocka_unit_test(people_who_all_look_alike_are_recognised_by_nobody),
        cmocka_unit_test(nothing_depends_on_threads),
        cmocka_unit_test(what_cannot_be_recognised_is_refused),
    };
    return cmocka_run_group_tests(tests, two_threads_begin, two_threads_end);
}
