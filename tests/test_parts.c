/* Sets made of an open one by its public functions: parts by lot, and what two parts have in common. */
#include "scratch.h"

#include <setjmp.h>
#include <standin/standin.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "image_files.h"
#include "must.h"

enum { SIDE = 28, GROUPS = 5, OF_GROUP = 4, CLASSES = 2, IMAGES = GROUPS * OF_GROUP * CLASSES };
static const char *const class_names[CLASSES] = {"cat", "dog"};

static standin_dataset *opened(const char *name)
{
    standin_dataset *set;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = SIDE;
    must(standin_dataset_open(&set, scratch_path("%s", name), &options));
    return set;
}

/* Two classes of 20 images in five groups. */
static standin_dataset *grouped(void)
{
    char path[512];
    for (int c = 0; c < CLASSES; c++)
        for (int i = 0; i < GROUPS * OF_GROUP; i++) {
            snprintf(path, sizeof path, "%s/set/%s/group-%d", scratch(), class_names[c], i % GROUPS);
            scratch_folder(path);
            snprintf(path, sizeof path, "%s/set/%s/group-%d/%02d.png", scratch(), class_names[c], i % GROUPS, i);
            image_file_noise(path, SIDE, SIDE, (unsigned)(100 * c + i));
        }
    return opened("set");
}

static standin_image about(const standin_dataset *set, int64_t index)
{
    standin_image image;
    must(standin_dataset_image(set, index, &image));
    return image;
}

static void no_group_lies_in_two_parts(void **state)
{
    (void)state;
    standin_dataset *set = grouped();
    int32_t part[IMAGES], of_group[GROUPS];
    must(standin_dataset_deal(part, set, GROUPS, 1, 3));
    memset(of_group, -1, sizeof of_group);
    for (int64_t i = 0; i < IMAGES; i++) {
        const int group = about(set, i).group[strlen("group-")] - '0';
        assert_true(of_group[group] == -1 || of_group[group] == part[i]);
        of_group[group] = part[i];
    }
    standin_dataset_free(set);
}

static void without_groups_every_part_has_the_classes_in_proportion(void **state)
{
    (void)state;
    standin_dataset *set = grouped();
    int32_t part[IMAGES], have[4][CLASSES] = {{0}};
    must(standin_dataset_deal(part, set, 4, 0, 3));
    for (int64_t i = 0; i < IMAGES; i++)
        have[part[i]][about(set, i).class_index]++;
    for (int k = 0; k < 4; k++)
        for (int c = 0; c < CLASSES; c++)
            assert_int_equal(have[k][c], GROUPS * OF_GROUP / 4);
    standin_dataset_free(set);
}

static void equal_images_share_a_part_even_without_groups(void **state)
{
    (void)state;
    scratch_folder(scratch_path("set/cat"));
    for (int i = 0; i < 12; i++)
        image_file_noise(scratch_path("set/cat/%02d.png", i), SIDE, SIDE, (unsigned)(i / 2));
    standin_dataset *set = opened("set");
    int32_t part[12];
    must(standin_dataset_deal(part, set, 2, 0, 1));
    for (int i = 0; i < 12; i += 2)
        assert_int_equal(part[i], part[i + 1]);
    standin_dataset_free(set);
}

static void a_class_that_does_not_reach_all_parts_is_an_error(void **state)
{
    (void)state;
    standin_dataset *set = grouped();
    int32_t part[IMAGES];
    assert_int_equal(standin_dataset_deal(part, set, GROUPS + 1, 1, 3), STANDIN_INPUT);
    assert_int_equal(standin_dataset_deal(part, set, GROUPS * OF_GROUP + 1, 0, 3), STANDIN_INPUT);
    assert_non_null(strstr(standin_error_message(), "21 parts"));
    standin_dataset_free(set);
}

static void what_is_taken_has_the_images_in_the_order_that_was_asked_for(void **state)
{
    (void)state;
    standin_dataset *set = grouped(), *some;
    must(standin_dataset_take(&some, set, (const int64_t[]){30, 2, 7}, 3));
    assert_int_equal(standin_dataset_images(some), 3);
    assert_string_equal(about(some, 0).path, about(set, 30).path);
    assert_memory_equal(about(some, 2).pixels, about(set, 7).pixels, SIDE * SIDE);
    standin_dataset_free(some);
    assert_int_equal(standin_dataset_take(&some, set, NULL, 0), STANDIN_INPUT);
    assert_int_equal(standin_dataset_take(&some, set, (const int64_t[]){IMAGES}, 1), STANDIN_INPUT);
    standin_dataset_free(set);
}

static void equal_and_alike_images_of_two_sets_are_counted(void **state)
{
    (void)state;
    uint8_t pixels[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++)
        pixels[i] = (uint8_t)(i * 37 % 200);
    scratch_folder(scratch_path("a/cat"));
    scratch_folder(scratch_path("b/cat"));
    image_file_bytes(scratch_path("a/cat/same.png"), pixels, SIDE, SIDE, 1, "");
    image_file_bytes(scratch_path("b/cat/same.png"), pixels, SIDE, SIDE, 1, "");
    pixels[0]++;
    image_file_bytes(scratch_path("a/cat/alike.png"), pixels, SIDE, SIDE, 1, "");
    image_file_noise(scratch_path("a/cat/other.png"), SIDE, SIDE, 9);
    standin_dataset *a = opened("a"), *b = opened("b");
    standin_duplicates found;
    must(standin_dataset_duplicates(&found, a, b, 1));
    assert_int_equal(found.images, 3);
    assert_int_equal(found.identical, 1);
    assert_int_equal(found.all, 2);
    standin_dataset_free(a);
    standin_dataset_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(no_group_lies_in_two_parts),
        cmocka_unit_test_setup_teardown(without_groups_every_part_has_the_classes_in_proportion, scratch_setup,
                                        scratch_teardown),
        IN_SCRATCH(equal_images_share_a_part_even_without_groups),
        cmocka_unit_test_setup_teardown(a_class_that_does_not_reach_all_parts_is_an_error, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(what_is_taken_has_the_images_in_the_order_that_was_asked_for, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(equal_and_alike_images_of_two_sets_are_counted, scratch_setup,
                                        scratch_teardown),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    image_files_end();
    return failed;
}
