/* The automatic policy on sets made up for it: parts that would make labels wrong stay out, with the reason; and the
 * contact sheet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"

#include "base/philox.h"
#include "image_files.h"
#include "scratch.h"
#include "train/augment.h"
#include "train/augment_policy.h"
#include "train/augment_sheet.h"

#include <math.h>
#include <standin/standin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 16, ELEMENTS = SIDE * SIDE * 3 };
enum { COLOURS = AUGMENT_BRIGHTNESS | AUGMENT_SATURATION | AUGMENT_CONTRAST };

/* Draws image `index` of class `class_index`: a soft spot of a random size somewhere right or left of the middle, on a
 * noisy ground. */
struct scene {
    bool coloured;  /* one class is reddish, the other bluish */
    bool one_sided; /* spots of class 0 are left, those of class 1 right */
};

static void draw(uint8_t pixels[ELEMENTS], const struct scene *scene, int class_index, int index)
{
    float chance[ELEMENTS];
    random_uniform((random_address){9, (uint64_t)class_index, RANDOM_USER, (uint64_t)index}, 0, ELEMENTS, chance);
    const bool right = scene->one_sided ? class_index == 1 : chance[0] > 0.5f;
    const double x = (right ? 11 : 4) + 4 * (double)chance[1] - 2, y = 15 * (double)chance[2];
    const double width = 6 + 20 * (double)chance[3];
    for (int i = 0; i < ELEMENTS; i++) {
        const double dx = i / 3 % SIDE - x, dy = i / 3 / SIDE - y;
        const bool favoured = i % 3 == 2 * class_index;
        double level = 80 + 100 * exp(-(dx * dx + dy * dy) / width) + 30 * (double)chance[i];
        if (scene->coloured && favoured)
            level += 40;
        pixels[i] = (uint8_t)level;
    }
}

static standin_dataset *open_set(const struct scene *scene, int classes, int images)
{
    standin_dataset *dataset;
    for (int c = 0; c < classes; c++) {
        scratch_folder(scratch_path("set/%c", 'a' + c));
        for (int i = 0; i < images; i++) {
            uint8_t pixels[ELEMENTS];
            char path[256];
            snprintf(path, sizeof path, "%s/set/%c/%03d.ppm", scratch(), 'a' + c, i);
            draw(pixels, scene, c, i);
            image_file_bytes(path, pixels, SIDE, SIDE, 3, "");
        }
    }
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = SIDE;
    must(standin_dataset_open(&dataset, scratch_path("set"), &options));
    return dataset;
}

static unsigned choose(const struct scene *scene, int classes, int images, const char *reason)
{
    unsigned parts;
    char *reasons;
    standin_dataset *dataset = open_set(scene, classes, images);
    must(augment_choose(&parts, &reasons, dataset));
    if (!strstr(reasons, reason))
        fail_msg("'%s' is not in: %s", reason, reasons);
    free(reasons);
    standin_dataset_free(dataset);
    return parts;
}

static void where_nothing_speaks_against_it_everything_of_the_paper_and_mirror_are_used(void **state)
{
    (void)state;
    const unsigned parts = choose(&(struct scene){0}, 2, 250, "mirror: used;");
    assert_int_equal(parts, COLOURS | AUGMENT_TRANSLATION | AUGMENT_CUTOUT | AUGMENT_MIRROR);
}

static void where_colour_tells_the_class_it_stays(void **state)
{
    (void)state;
    const unsigned parts =
        choose(&(struct scene){.coloured = true}, 2, 60,
               "brightness, saturation, contrast: left out; mean colour and contrast alone tell the class");
    assert_int_equal(parts & COLOURS, 0);
    assert_true(parts & AUGMENT_TRANSLATION);
}

static void where_left_and_right_are_the_classes_nothing_is_mirrored(void **state)
{
    (void)state;
    const unsigned parts =
        choose(&(struct scene){.one_sided = true}, 2, 60, "mirror: left out; mirrored images of class '");
    assert_int_equal(parts & AUGMENT_MIRROR, 0);
    assert_int_equal(parts & COLOURS, COLOURS);
}

static void of_one_class_colours_tell_nothing(void **state)
{
    (void)state;
    const unsigned parts =
        choose(&(struct scene){.coloured = true}, 1, 20, "there are no classes for colour to tell apart");
    assert_int_equal(parts & COLOURS, COLOURS);
}

static void few_images_cannot_show_that_they_may_be_mirrored(void **state)
{
    (void)state;
    const unsigned parts = choose(&(struct scene){0}, 2, 15, "mirror: left out; 30 images are too few");
    assert_int_equal(parts & AUGMENT_MIRROR, 0);
}

static void the_choice_is_the_same_every_time(void **state)
{
    (void)state;
    unsigned one, other;
    char *reasons, *again;
    standin_dataset *dataset = open_set(&(struct scene){0}, 3, 30);
    must(augment_choose(&one, &reasons, dataset));
    must(augment_choose(&other, &again, dataset));
    assert_int_equal(one, other);
    assert_string_equal(reasons, again);
    free(reasons);
    free(again);
    must(augment_choose(&other, NULL, dataset));
    assert_int_equal(one, other);
    standin_dataset_free(dataset);
}

static void the_measures_count_what_was_looked_at(void **state)
{
    (void)state;
    struct augment_measures measures;
    standin_dataset *dataset = open_set(&(struct scene){.coloured = true, .one_sided = true}, 2, 40);
    must(augment_measure(&measures, dataset, 1));
    assert_int_equal(measures.classes, 2);
    assert_int_equal(measures.images, 80);
    assert_true(measures.colour_right > 0.95 && measures.colour_right <= 1);
    assert_true(measures.mirror_ratio > 1.1);
    assert_true(measures.mirror_worst_ratio >= measures.mirror_ratio);
    standin_dataset_free(dataset);
}

static void a_set_without_pixels_is_an_error(void **state)
{
    (void)state;
    unsigned parts;
    standin_dataset *dataset;
    scratch_folder(scratch_path("set"));
    image_file_noise(scratch_path("set/a.png"), 16, 16, 1);
    must(standin_dataset_open(&dataset, scratch_path("set"), NULL));
    assert_true(augment_choose(&parts, NULL, dataset) < 0);
    assert_non_null(strstr(standin_error_message(), "only looked at"));
    assert_true(augment_sheet(scratch_path("sheet.png"), dataset, 0, 1, 1) < 0);
    standin_dataset_free(dataset);
}

/* Opened as a set of one image of its own size. */
static standin_dataset *open_sheet(const char *name)
{
    standin_dataset *sheet;
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = 10 * (SIDE + 1) - 1;
    options.fit = STANDIN_FIT_PAD;
    must(standin_dataset_open(&sheet, scratch_path("%s", name), &options));
    return sheet;
}

static void the_sheet_shows_six_images_in_ten_columns_whatever_the_threads(void **state)
{
    (void)state;
    standin_image one, two, plain;
    standin_dataset *dataset = open_set(&(struct scene){.coloured = true}, 2, 5);
    scratch_folder(scratch_path("one"));
    scratch_folder(scratch_path("two"));
    scratch_folder(scratch_path("plain"));
    must(augment_sheet(scratch_path("one/sheet.png"), dataset, AUGMENT_ALL, 4, 1));
    must(augment_sheet(scratch_path("two/sheet.png"), dataset, AUGMENT_ALL, 4, 2));
    must(augment_sheet(scratch_path("plain/sheet.png"), dataset, 0, 4, 2));
    standin_dataset *sheets[3] = {open_sheet("one"), open_sheet("two"), open_sheet("plain")};
    must(standin_dataset_image(sheets[0], 0, &one));
    must(standin_dataset_image(sheets[1], 0, &two));
    must(standin_dataset_image(sheets[2], 0, &plain));
    assert_int_equal(one.width, 10 * (SIDE + 1) - 1);
    assert_int_equal(one.height, 6 * (SIDE + 1) - 1);
    const size_t bytes = (size_t)one.width * (size_t)one.width * 3;
    assert_memory_equal(one.pixels, two.pixels, bytes);
    assert_memory_not_equal(one.pixels, plain.pixels, bytes);
    for (int i = 0; i < 3; i++)
        standin_dataset_free(sheets[i]);
    standin_dataset_free(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(where_nothing_speaks_against_it_everything_of_the_paper_and_mirror_are_used),
        IN_SCRATCH(where_colour_tells_the_class_it_stays),
        cmocka_unit_test_setup_teardown(where_left_and_right_are_the_classes_nothing_is_mirrored, scratch_setup,
                                        scratch_teardown),
        IN_SCRATCH(of_one_class_colours_tell_nothing),
        cmocka_unit_test_setup_teardown(few_images_cannot_show_that_they_may_be_mirrored, scratch_setup,
                                        scratch_teardown),
        IN_SCRATCH(the_choice_is_the_same_every_time),
        IN_SCRATCH(the_measures_count_what_was_looked_at),
        IN_SCRATCH(a_set_without_pixels_is_an_error),
        cmocka_unit_test_setup_teardown(the_sheet_shows_six_images_in_ten_columns_whatever_the_threads, scratch_setup,
                                        scratch_teardown),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    image_files_end();
    return failed;
}
