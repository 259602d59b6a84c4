/* Parts of sets by lot: growing samples, folds, and what cannot be a study's material. */
#include "data/dataset.h"
#include "scratch.h"
#include "study/draw.h"
#include "study/material.h"

#include <setjmp.h>
#include <standin/standin.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image_files.h"
#include "must.h"

enum { SIDE = 28, CATS = 20, DOGS = 10 };

static standin_dataset *opened(const char *name)
{
    standin_dataset *set;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = SIDE;
    must(standin_dataset_open(&set, scratch_path("%s", name), &options));
    return set;
}

/* 20 cats and 10 dogs that all differ; unlike for other names. */
static standin_dataset *animals(const char *name, unsigned seed)
{
    scratch_folder(scratch_path("%s", name));
    scratch_folder(scratch_path("%s/cat", name));
    scratch_folder(scratch_path("%s/dog", name));
    for (int i = 0; i < CATS; i++)
        image_file_noise(scratch_path("%s/cat/%02d.png", name, i), SIDE, SIDE, seed + (unsigned)i);
    for (int i = 0; i < DOGS; i++)
        image_file_noise(scratch_path("%s/dog/%02d.png", name, i), SIDE, SIDE, seed + 100 + (unsigned)i);
    return opened(name);
}

static void the_first_images_of_the_order_have_every_class_in_proportion(void **state)
{
    (void)state;
    standin_dataset *set = animals("set", 1);
    int64_t *order;
    must(draw_nested(&order, set, 7));
    for (int n = 3; n <= CATS + DOGS; n += 3) {
        int cats = 0;
        for (int i = 0; i < n; i++)
            cats += dataset_labels(set)[order[i]] == 0;
        assert_int_equal(cats, n * 2 / 3);
    }
    free(order);
    standin_dataset_free(set);
}

static void the_order_holds_every_image_once_and_depends_on_the_seed(void **state)
{
    (void)state;
    standin_dataset *set = animals("set", 1);
    int64_t *one, *same, *other;
    int seen[CATS + DOGS] = {0};
    must(draw_nested(&one, set, 7));
    must(draw_nested(&same, set, 7));
    must(draw_nested(&other, set, 8));
    for (int i = 0; i < CATS + DOGS; i++)
        seen[one[i]]++;
    for (int i = 0; i < CATS + DOGS; i++)
        assert_int_equal(seen[i], 1);
    assert_memory_equal(one, same, sizeof *one * (CATS + DOGS));
    assert_memory_not_equal(one, other, sizeof *one * (CATS + DOGS));
    free(one);
    free(same);
    free(other);
    standin_dataset_free(set);
}

static void folds_share_out_every_class_evenly(void **state)
{
    (void)state;
    standin_dataset *set = animals("set", 1);
    int32_t *fold;
    int count[5][2] = {{0}};
    must(draw_folds(&fold, set, 5, 1));
    for (int i = 0; i < CATS + DOGS; i++)
        count[fold[i]][dataset_labels(set)[i]]++;
    for (int f = 0; f < 5; f++) {
        assert_int_equal(count[f][0], CATS / 5);
        assert_int_equal(count[f][1], DOGS / 5);
    }
    free(fold);
    standin_dataset_free(set);
}

/* Six patients with three images of each kind. */
static standin_dataset *patients(void)
{
    for (int group = 0; group < 6; group++)
        for (int kind = 0; kind < 2; kind++) {
            const char *class_name = kind ? "cat" : "dog";
            scratch_folder(scratch_path("set"));
            scratch_folder(scratch_path("set/%s", class_name));
            scratch_folder(scratch_path("set/%s/patient-%d", class_name, group));
            for (int i = 0; i < 3; i++)
                image_file_noise(scratch_path("set/%s/patient-%d/%d.png", class_name, group, i), SIDE, SIDE,
                                 (unsigned)(100 * group + 10 * kind + i));
        }
    return opened("set");
}

static void images_of_one_group_share_a_fold(void **state)
{
    (void)state;
    standin_dataset *set = patients();
    int32_t *fold;
    must(draw_folds(&fold, set, 3, 1));
    for (int64_t i = 0; i < standin_dataset_images(set); i++)
        for (int64_t k = 0; k < i; k++) {
            standin_image one, other;
            must(standin_dataset_image(set, i, &one));
            must(standin_dataset_image(set, k, &other));
            if (strcmp(one.group, other.group) == 0)
                assert_int_equal(fold[i], fold[k]);
        }
    free(fold);
    standin_dataset_free(set);
}

static void groups_come_whole_and_by_lot(void **state)
{
    (void)state;
    enum { SEEDS = 60 };
    standin_dataset *set = patients();
    int last = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        int64_t *order;
        bool drawn[36] = {false};
        int changes = 0;
        standin_image before = {.group = ""}, now;
        must(draw_by_group(&order, set, seed));
        for (int64_t i = 0; i < 36; i++) {
            assert_false(drawn[order[i]]);
            drawn[order[i]] = true;
            must(standin_dataset_image(set, order[i], &now));
            changes += strcmp(now.group, before.group) != 0;
            before = now;
        }
        assert_int_equal(changes, 6);
        last |= 1 << (before.group[strlen(before.group) - 1] - '0');
        free(order);
    }
    assert_int_equal(last, (1 << 6) - 1); /* each of them was the last once */
    standin_dataset_free(set);
}

static void equal_images_share_a_fold(void **state)
{
    (void)state;
    standin_dataset_free(animals("set", 1));
    for (int i = 0; i < 6; i++)
        image_file_noise(scratch_path("set/cat/again-%d.png", i), SIDE, SIDE, 1 + (unsigned)i); /* 00.png to 05.png */
    standin_dataset *set = opened("set");
    int32_t *fold;
    int found = 0;
    must(draw_folds(&fold, set, 4, 1));
    for (int64_t i = 0; i < standin_dataset_images(set); i++) {
        standin_image image;
        must(standin_dataset_image(set, i, &image));
        if (image.duplicate_of >= 0) {
            found++;
            assert_int_equal(fold[i], fold[image.duplicate_of]);
        }
    }
    assert_int_equal(found, 6);
    free(fold);
    standin_dataset_free(set);
}

static void a_class_with_fewer_images_than_folds_is_refused(void **state)
{
    (void)state;
    standin_dataset *set = animals("set", 1);
    int32_t *fold;
    assert_int_equal(draw_folds(&fold, set, DOGS + 1, 1), STANDIN_INPUT);
    assert_non_null(strstr(standin_error_message(), "class 'dog' has 10 images"));
    assert_null(fold);
    standin_dataset_free(set);
}

static void every_image_of_a_folded_set_is_tested_once(void **state)
{
    (void)state;
    standin_dataset *set = animals("set", 1);
    struct material material;
    int tested[CATS + DOGS] = {0};
    must(material_new(&material, set, NULL, 5, 1));
    assert_int_equal(material.count, 5);
    for (int k = 0; k < material.count; k++) {
        const struct material_case *one = &material.cases[k];
        assert_int_equal(standin_dataset_images(one->train) + standin_dataset_images(one->test), CATS + DOGS);
        for (int64_t i = 0; i < standin_dataset_images(one->test); i++)
            tested[one->place[i]]++;
    }
    for (int i = 0; i < CATS + DOGS; i++)
        assert_int_equal(tested[i], 1);
    material_free(&material);
    standin_dataset_free(set);
}

static void expect_refused(const standin_dataset *train, const standin_dataset *test, const char *reason)
{
    struct material material;
    assert_int_equal(material_new(&material, train, test, 5, 1), STANDIN_INPUT);
    if (!strstr(standin_error_message(), reason))
        fail_msg("'%s' is not in: %s", reason, standin_error_message());
}

static void a_test_set_that_is_the_training_set_is_refused(void **state)
{
    (void)state;
    standin_dataset *set = animals("set", 1);
    expect_refused(set, set, "the test set is the training set");
    standin_dataset_free(set);
}

static void a_test_set_of_which_half_is_in_the_training_set_is_refused(void **state)
{
    (void)state;
    standin_dataset *train = animals("train", 1), *test = animals("test", 6);
    struct material material;
    expect_refused(train, test, "of 30 test images are training images as well");
    standin_dataset_free(test);
    test = animals("other", 16);
    must(material_new(&material, train, test, 5, 1));
    assert_int_equal(material.shared, 5); /* the last five cats of the one are the first of the other */
    material_free(&material);
    standin_dataset_free(test);
    standin_dataset_free(train);
}

static void a_class_that_cannot_be_learned_is_refused(void **state)
{
    (void)state;
    standin_dataset *train = animals("train", 1);
    standin_dataset_free(animals("test", 1000));
    scratch_folder(scratch_path("test/zebra"));
    image_file_noise(scratch_path("test/zebra/1.png"), SIDE, SIDE, 5000);
    standin_dataset *test = opened("test");
    expect_refused(train, test, "class 'zebra' is to be tested");
    standin_dataset_free(test);
    standin_dataset_free(train);
}

static void a_single_class_is_refused(void **state)
{
    (void)state;
    scratch_folder(scratch_path("set"));
    scratch_folder(scratch_path("set/cat"));
    for (int i = 0; i < 10; i++)
        image_file_noise(scratch_path("set/cat/%d.png", i), SIDE, SIDE, (unsigned)i);
    standin_dataset *set = opened("set");
    expect_refused(set, NULL, "at least two classes");
    standin_dataset_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(the_first_images_of_the_order_have_every_class_in_proportion),
        IN_SCRATCH(the_order_holds_every_image_once_and_depends_on_the_seed),
        IN_SCRATCH(folds_share_out_every_class_evenly),
        IN_SCRATCH(images_of_one_group_share_a_fold),
        IN_SCRATCH(groups_come_whole_and_by_lot),
        IN_SCRATCH(equal_images_share_a_fold),
        IN_SCRATCH(a_class_with_fewer_images_than_folds_is_refused),
        IN_SCRATCH(every_image_of_a_folded_set_is_tested_once),
        IN_SCRATCH(a_test_set_that_is_the_training_set_is_refused),
        IN_SCRATCH(a_test_set_of_which_half_is_in_the_training_set_is_refused),
        IN_SCRATCH(a_class_that_cannot_be_learned_is_refused),
        IN_SCRATCH(a_single_class_is_refused),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    image_files_end();
    return failed;
}
