/* Sets made from opened ones: what they hold, what they keep, what is refused. */
#include "data/dataset.h"
#include "data/derive.h"
#include "scratch.h"

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

enum { SIDE = 8, BYTES = SIDE * SIDE };

static standin_dataset *opened(const char *folder, int channels)
{
    standin_dataset *set;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = SIDE;
    options.channels = channels;
    must(standin_dataset_open(&set, folder, &options));
    return set;
}

/* Classes cat (two images) and dog (one); levels of grey are 10, 20, 30 above `level`. */
static standin_dataset *animals(const char *name, uint8_t level)
{
    scratch_folder(scratch_path("%s", name));
    scratch_folder(scratch_path("%s/cat", name));
    scratch_folder(scratch_path("%s/dog", name));
    image_file_plain(scratch_path("%s/cat/a.png", name), SIDE, SIDE, 1, (uint8_t)(level + 10));
    image_file_plain(scratch_path("%s/cat/b.png", name), SIDE, SIDE, 1, (uint8_t)(level + 20));
    image_file_plain(scratch_path("%s/dog/c.png", name), SIDE, SIDE, 1, (uint8_t)(level + 30));
    return opened(scratch_path("%s", name), 0);
}

static void holds_what_was_picked_in_this_order_without_the_sets_it_came_from(void **state)
{
    (void)state;
    standin_dataset *set = animals("one", 0), *part;
    must(derive_picks(&part, (struct pick[]){{set, 2}, {set, 0}}, 2));
    standin_dataset_free(set);
    assert_int_equal(standin_dataset_images(part), 2);
    assert_int_equal(dataset_pixels(part)[0], 30);
    assert_int_equal(dataset_pixels(part)[BYTES], 10);
    assert_string_equal(standin_dataset_class_name(part, dataset_labels(part)[0]), "dog");
    assert_string_equal(standin_dataset_class_name(part, dataset_labels(part)[1]), "cat");
    standin_dataset_free(part);
}

static void forgets_classes_of_which_nothing_was_picked(void **state)
{
    (void)state;
    standin_dataset *set = animals("one", 0), *part;
    must(derive_picks(&part, (struct pick[]){{set, 2}}, 1));
    assert_int_equal(standin_dataset_classes(part), 1);
    assert_string_equal(standin_dataset_class_name(part, 0), "dog");
    standin_dataset_free(part);
    standin_dataset_free(set);
}

static void joins_sets_by_the_names_of_their_classes(void **state)
{
    (void)state;
    standin_dataset *one = animals("one", 0), *two = animals("two", 100), *both;
    must(derive_joined(&both, (const standin_dataset *[]){one, two}, 2));
    assert_int_equal(standin_dataset_images(both), 6);
    assert_int_equal(standin_dataset_classes(both), 2);
    assert_int_equal(standin_dataset_class_images(both, 0), 4);
    assert_int_equal(dataset_pixels(both)[3 * BYTES], 110);
    standin_dataset_free(both);
    standin_dataset_free(one);
    standin_dataset_free(two);
}

static void the_whole_of_a_set_has_its_hash_and_a_part_has_another(void **state)
{
    (void)state;
    standin_dataset *set = animals("one", 0), *whole, *part;
    must(derive_joined(&whole, (const standin_dataset *[]){set}, 1));
    must(derive_picks(&part, (struct pick[]){{set, 0}, {set, 1}}, 2));
    assert_string_equal(standin_dataset_hash(whole), standin_dataset_hash(set));
    assert_string_not_equal(standin_dataset_hash(part), standin_dataset_hash(set));
    standin_dataset_free(part);
    standin_dataset_free(whole);
    standin_dataset_free(set);
}

static void repainting_keeps_labels_and_changes_pixels_and_hash(void **state)
{
    (void)state;
    standin_dataset *set = animals("one", 0), *other;
    uint8_t pixels[3 * BYTES];
    memset(pixels, 77, sizeof pixels);
    must(derive_repainted(&other, set, pixels));
    assert_memory_equal(dataset_pixels(other), pixels, sizeof pixels);
    assert_memory_equal(dataset_labels(other), dataset_labels(set), 3 * sizeof(int32_t));
    assert_string_not_equal(standin_dataset_hash(other), standin_dataset_hash(set));
    standin_image image;
    must(standin_dataset_image(other, 1, &image));
    assert_int_equal(image.duplicate_of, 0);
    standin_dataset_free(other);
    standin_dataset_free(set);
}

static void sets_of_unequal_size_or_colour_are_refused(void **state)
{
    (void)state;
    standin_dataset *grey = animals("one", 0), *colour = opened(scratch_path("one"), 3), *both = grey;
    assert_true(derive_joined(&both, (const standin_dataset *[]){grey, colour}, 2) < 0);
    assert_null(both);
    assert_non_null(strstr(standin_error_message(), "8x8 with 1 channels"));
    standin_dataset_free(colour);
    standin_dataset_free(grey);
}

static void an_image_that_is_not_there_is_refused(void **state)
{
    (void)state;
    standin_dataset *set = animals("one", 0), *part;
    assert_true(derive_picks(&part, (struct pick[]){{set, 3}}, 1) < 0);
    assert_non_null(strstr(standin_error_message(), "no image 3"));
    assert_true(derive_picks(&part, NULL, 0) < 0);
    standin_dataset_free(set);
}

static void a_set_that_was_only_looked_at_is_refused(void **state)
{
    (void)state;
    standin_dataset_free(animals("one", 0));
    standin_dataset *set, *part;
    must(standin_dataset_open(&set, scratch_path("one"), NULL));
    assert_true(derive_picks(&part, (struct pick[]){{set, 0}}, 1) < 0);
    assert_non_null(strstr(standin_error_message(), "without a size"));
    standin_dataset_free(set);
}


int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(holds_what_was_picked_in_this_order_without_the_sets_it_came_from),
        IN_SCRATCH(forgets_classes_of_which_nothing_was_picked),
        IN_SCRATCH(joins_sets_by_the_names_of_their_classes),
        IN_SCRATCH(the_whole_of_a_set_has_its_hash_and_a_part_has_another),
        IN_SCRATCH(repainting_keeps_labels_and_changes_pixels_and_hash),
        IN_SCRATCH(sets_of_unequal_size_or_colour_are_refused),
        IN_SCRATCH(an_image_that_is_not_there_is_refused),
        IN_SCRATCH(a_set_that_was_only_looked_at_is_refused),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    image_files_end();
    return failed;
}
