/* Which images a selection keeps, and what it writes. */
#include "data/dataset.h"
#include "scratch.h"

#include <jansson.h>
#include <setjmp.h>
#include <standin/standin.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "blobs.h"
#include "image_files.h"
#include "must.h"

enum { EACH = 30, COPIES = 6 };

static standin_select_options options_of_tests(enum standin_select_by by)
{
    standin_select_options options = STANDIN_SELECT_OPTIONS_INIT;
    options.by = by;
    options.steps = 2;
    options.threads = 1;
    return options;
}

static json_t *selected(const char *name, const standin_dataset *synthetic, const standin_dataset *real,
                        const standin_select_options *options)
{
    char *text;
    must(standin_select(&text, scratch_path("%s", name), synthetic, real, options));
    json_t *document = json_loads(text, 0, NULL);
    assert_non_null(document);
    standin_text_free(text);
    return document;
}

/* Adds `count` pictures of noise to both classes of a set of blobs; their names come first. */
static void add_noise(const char *name, int count)
{
    for (int i = 0; i < count; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s/left/!noise%02d.png", scratch(), name, i);
        image_file_noise(path, BLOB_SIDE, BLOB_SIDE, (unsigned)i);
        snprintf(path, sizeof path, "%s/%s/right/!noise%02d.png", scratch(), name, i);
        image_file_noise(path, BLOB_SIDE, BLOB_SIDE, (unsigned)(100 + i));
    }
}

static char *text_of(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 16);
    assert_non_null(file);
    assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
    fclose(file);
    return text;
}

static void every_way_keeps_the_same_share_of_each_class(void **state)
{
    (void)state;
    standin_dataset *real = blobs("real", 0, EACH), *synthetic = blobs("synthetic", 1000, EACH);
    for (int by = STANDIN_SELECT_SSIM; by <= STANDIN_SELECT_NEAREST; by++) {
        standin_select_options options = options_of_tests((enum standin_select_by)by);
        options.keep = 0.2;
        char name[16];
        snprintf(name, sizeof name, "chosen-%d", by);
        json_t *document = selected(name, synthetic, real, &options);
        assert_int_equal(json_integer_value(json_object_get(document, "kept")), 2 * EACH / 5);
        assert_int_equal(json_integer_value(json_object_get(document, "rejected")), 2 * EACH * 4 / 5);
        assert_int_equal(json_array_size(json_object_get(document, "before")),
                         json_array_size(json_object_get(document, "after")));
        standin_dataset *chosen = blobs_open(name);
        assert_int_equal(standin_dataset_class_images(chosen, 0), EACH / 5);
        assert_int_equal(standin_dataset_class_images(chosen, 1), EACH / 5);
        standin_dataset_free(chosen);
        json_decref(document);
    }
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

static void likeness_to_real_images_leaves_noise_behind(void **state)
{
    (void)state;
    static const enum standin_select_by ways[] = {STANDIN_SELECT_SSIM,
                                                  STANDIN_SELECT_DENSITY}; /* the others need more steps */
    standin_dataset *real = blobs("real", 0, EACH);
    standin_dataset_free(blobs("synthetic", 1000, EACH));
    add_noise("synthetic", EACH);
    standin_dataset *synthetic = blobs_open("synthetic");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const standin_select_options options = options_of_tests(ways[i]);
        char name[16];
        snprintf(name, sizeof name, "chosen-%zu", i);
        json_decref(selected(name, synthetic, real, &options));
        char *manifest = text_of(scratch_path("%s/manifest.csv", name));
        if (strstr(manifest, "noise"))
            fail_msg("way %zu keeps noise", i);
        assert_non_null(strstr(manifest, "right/1029.png"));
        free(manifest);
    }
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

static void copies_are_rejected_when_asked(void **state)
{
    (void)state;
    standin_dataset *real = blobs("real", 0, EACH);
    standin_dataset_free(blobs("synthetic", 1000, EACH));
    standin_dataset_free(blobs("synthetic", 0, COPIES));
    standin_dataset *synthetic = blobs_open("synthetic");
    standin_select_options options = options_of_tests(STANDIN_SELECT_DENSITY);
    options.keep = 0.8;
    options.reject_copies = 1;
    json_t *document = selected("chosen", synthetic, real, &options);
    assert_int_equal(json_integer_value(json_object_get(document, "rejected_as_copies")), 2 * COPIES);
    const json_t *before = json_array_get(json_object_get(document, "before"), 3),
                 *after = json_array_get(json_object_get(document, "after"), 3);
    assert_string_equal(json_string_value(json_object_get(before, "name")), "near_duplicates");
    assert_true(json_number_value(json_object_get(before, "value")) > 0);
    assert_true(json_number_value(json_object_get(after, "value")) <= 0);
    json_decref(document);
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

static void the_nearest_ones_are_no_copies(void **state)
{
    (void)state;
    standin_dataset *real = blobs("real", 0, EACH);
    standin_dataset_free(blobs("synthetic", 1000, EACH));
    standin_dataset_free(blobs("synthetic", 0, COPIES));
    standin_dataset *synthetic = blobs_open("synthetic");
    const standin_select_options options = options_of_tests(STANDIN_SELECT_NEAREST);
    json_decref(selected("chosen", synthetic, real, &options));
    char *manifest = text_of(scratch_path("chosen/manifest.csv"));
    assert_null(strstr(manifest, "left/0000.png,left")); /* the source of a copy would end the field before the label */
    assert_null(strstr(manifest, "synthetic/left/0000.png"));
    free(manifest);
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

static void what_is_written_is_the_image_as_it_was(void **state)
{
    (void)state;
    standin_dataset *real = blobs("real", 0, EACH), *synthetic = blobs("synthetic", 1000, EACH);
    standin_select_options options = options_of_tests(STANDIN_SELECT_SSIM);
    options.keep = 0.99; /* rounds to all */
    json_decref(selected("chosen", synthetic, real, &options));
    standin_dataset *chosen = blobs_open("chosen");
    assert_int_equal(standin_dataset_images(chosen), 2 * EACH);
    assert_memory_equal(dataset_pixels(chosen), dataset_pixels(synthetic), 2 * EACH * BLOB_SIDE * BLOB_SIDE);
    char *manifest = text_of(scratch_path("chosen/manifest.csv")),
         *metadata = text_of(scratch_path("chosen/metadata.csv"));
    assert_int_equal(strncmp(manifest, "file,label,source,score\nleft/00000000.png,left,", 47), 0);
    assert_int_equal(strncmp(metadata, "file_name,label\nleft/00000000.png,left\n", 39), 0);
    free(manifest);
    free(metadata);
    standin_dataset_free(chosen);
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

static void a_folder_that_is_there_stays_as_it_is(void **state)
{
    (void)state;
    standin_dataset *real = blobs("real", 0, EACH), *synthetic = blobs("synthetic", 1000, EACH);
    const standin_select_options options = options_of_tests(STANDIN_SELECT_SSIM);
    char *text;
    scratch_folder(scratch_path("mine"));
    scratch_text(scratch_path("mine/letter"), "text");
    assert_int_equal(standin_select(&text, scratch_path("mine"), synthetic, real, &options), STANDIN_INPUT);
    assert_non_null(strstr(standin_error_message(), "is not empty"));
    assert_int_equal(scratch_count(scratch_path("mine")), 1);
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

static void nothing_is_written_into_the_sets(void **state)
{
    (void)state;
    standin_dataset *real = blobs("real", 0, EACH), *synthetic = blobs("synthetic", 1000, EACH);
    const standin_select_options options = options_of_tests(STANDIN_SELECT_SSIM);
    const char *const places[] = {"real/chosen", "synthetic/left/chosen"};
    char *text;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        assert_int_equal(standin_select(&text, scratch_path("%s", places[i]), synthetic, real, &options),
                         STANDIN_INPUT);
        assert_non_null(strstr(standin_error_message(), "take another place"));
    }
    assert_int_equal(scratch_count(scratch_path("real")), 2);
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

static int stop_when_writing(void *context, const char *what, int64_t done, int64_t total)
{
    (void)context, (void)done, (void)total;
    return strcmp(what, "writing") == 0;
}

static void an_interrupted_selection_leaves_nothing_behind(void **state)
{
    (void)state;
    standin_dataset *real = blobs("real", 0, EACH), *synthetic = blobs("synthetic", 1000, EACH);
    standin_select_options options = options_of_tests(STANDIN_SELECT_SSIM);
    options.progress = stop_when_writing;
    char *text;
    assert_int_equal(standin_select(&text, scratch_path("chosen"), synthetic, real, &options), STANDIN_INTERRUPTED);
    assert_null(text);
    assert_int_equal(scratch_count(scratch()), 2); /* real, synthetic */
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

static void a_class_that_the_real_set_lacks_is_refused(void **state)
{
    (void)state;
    standin_dataset *synthetic = blobs("synthetic", 1000, EACH), *real;
    standin_dataset_free(blobs("real", 0, EACH));
    standin_dataset_options opening = STANDIN_DATASET_OPTIONS_INIT;
    opening.width = opening.height = BLOB_SIDE;
    opening.class_name = "left";
    must(standin_dataset_open(&real, scratch_path("real"), &opening));
    const standin_select_options options = options_of_tests(STANDIN_SELECT_SSIM);
    char *text;
    assert_int_equal(standin_select(&text, scratch_path("chosen"), synthetic, real, &options), STANDIN_INPUT);
    assert_non_null(strstr(standin_error_message(), "has no images of class 'right'"));
    standin_dataset_free(real);
    standin_dataset_free(synthetic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(every_way_keeps_the_same_share_of_each_class),
        IN_SCRATCH(likeness_to_real_images_leaves_noise_behind),
        IN_SCRATCH(copies_are_rejected_when_asked),
        IN_SCRATCH(the_nearest_ones_are_no_copies),
        IN_SCRATCH(what_is_written_is_the_image_as_it_was),
        IN_SCRATCH(a_folder_that_is_there_stays_as_it_is),
        IN_SCRATCH(nothing_is_written_into_the_sets),
        IN_SCRATCH(an_interrupted_selection_leaves_nothing_behind),
        IN_SCRATCH(a_class_that_the_real_set_lacks_is_refused),
    };
    const int failed = cmocka_run_group_tests_name("select", tests, NULL, NULL);
    image_files_end();
    return failed;
}
