/* Which files of folders make a set; what is skipped and why; classes, groups, splits, duplicates. */
#include "base/error.h"
#include "data/dataset.h"
#include "opened.h"
#include "scratch.h"

#include <setjmp.h>
#include <standin/standin.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "image_files.h"
#include "must.h"

static char news[4096];

static void remember(void *context, const char *line)
{
    (void)context;
    strncat(news, line, sizeof news - strlen(news) - 2);
    strncat(news, "\n", 2);
}

/* ---- Folders ---------------------------------------------------------------------------------------------- */

static void class_folders_and_files_are_in_bytewise_order(void **state)
{
    (void)state;
    put("b/2.png"), put("b/10.png"), put("a/x.png"), put("B/y.png"), put("a/\xC3\xA4.png"), put("a/z.png");
    standin_dataset *set = open_set(scratch());
    assert_int_equal(standin_dataset_classes(set), 3);
    assert_string_equal(standin_dataset_class_name(set, 0), "B");
    assert_string_equal(standin_dataset_class_name(set, 1), "a");
    assert_string_equal(standin_dataset_class_name(set, 2), "b");
    assert_null(standin_dataset_class_name(set, 3));
    assert_int_equal(standin_dataset_class_images(set, 1), 3);
    static const char *const order[] = {"B/y.png", "a/x.png", "a/z.png", "a/\xC3\xA4.png", "b/10.png", "b/2.png"};
    assert_int_equal(standin_dataset_images(set), 6);
    for (int i = 0; i < 6; i++)
        assert_path(set, i, order[i]);
    assert_int_equal(image_of(set, 4).class_index, 2);
    assert_int_equal(dataset_labels(set)[4], 2);
    assert_string_equal(image_of(set, 0).split, "");
    assert_string_equal(image_of(set, 0).group, "");
    assert_int_equal(image_of(set, 0).width, 9);
    assert_int_equal(image_of(set, 0).height, 10);
    assert_int_equal(standin_dataset_skipped(set), 0);
    standin_dataset_free(set);
}

static void a_trailing_slash_changes_nothing(void **state)
{
    (void)state;
    put("a/1.png");
    standin_dataset *plain = open_set(scratch()), *slash = open_set(scratch_path("%s", ""));
    assert_string_equal(image_of(plain, 0).path, image_of(slash, 0).path);
    assert_string_equal(standin_dataset_hash(plain), standin_dataset_hash(slash));
    standin_dataset_free(plain);
    standin_dataset_free(slash);
}

static void a_level_of_folders_in_a_class_is_the_group(void **state)
{
    (void)state;
    put("a/race-1/1.png"), put("a/race-2/1.png"), put("a/loose.png"), put("a/race-1/deeper/1.png");
    standin_dataset *set = open_set(scratch());
    assert_int_equal(standin_dataset_classes(set), 1);
    assert_int_equal(standin_dataset_images(set), 3);
    assert_string_equal(image_of(set, 0).group, "");
    assert_string_equal(image_of(set, 1).group, "race-1");
    assert_string_equal(image_of(set, 2).group, "race-2");
    assert_skipped(set, scratch_path("a/race-1/deeper"), "deeper than class/group");
    standin_dataset_free(set);
}

static void train_val_and_test_are_splits(void **state)
{
    (void)state;
    put("train/a/1.png"), put("train/b/1.png"), put("val/a/1.png"), put("test/b/1.png"), put("extra/1.png");
    standin_dataset *set = open_set(scratch());
    assert_int_equal(standin_dataset_classes(set), 2);
    assert_int_equal(standin_dataset_images(set), 4);
    assert_string_equal(image_of(set, 0).split, "test");
    assert_string_equal(image_of(set, 1).split, "train");
    assert_string_equal(image_of(set, 3).split, "val");
    assert_int_equal(image_of(set, 0).class_index, 1);
    assert_skipped(set, scratch_path("extra"), "beside the folders train, val or test");
    standin_dataset_free(set);
}

static void a_class_called_test_is_a_class_where_nothing_is_called_train(void **state)
{
    (void)state;
    put("test/1.png"), put("other/1.png");
    standin_dataset *set = open_set(scratch());
    assert_int_equal(standin_dataset_classes(set), 2);
    assert_string_equal(standin_dataset_class_name(set, 1), "test");
    standin_dataset_free(set);
}

static void a_flat_folder_is_one_class_with_its_name(void **state)
{
    (void)state;
    put("cars/2.png"), put("cars/1.png");
    standin_dataset *set = open_set(scratch_path("cars"));
    assert_int_equal(standin_dataset_classes(set), 1);
    assert_string_equal(standin_dataset_class_name(set, 0), "cars");
    assert_int_equal(standin_dataset_images(set), 2);
    standin_dataset_free(set);
}

static void a_split_may_be_flat(void **state)
{
    (void)state;
    put("cars/train/1.png"), put("cars/test/2.png");
    standin_dataset *set = open_set(scratch_path("cars"));
    assert_int_equal(standin_dataset_classes(set), 1);
    assert_string_equal(standin_dataset_class_name(set, 0), "cars");
    assert_string_equal(image_of(set, 1).split, "train");
    standin_dataset_free(set);
}

static void hidden_files_and_the_usual_company_are_passed_over(void **state)
{
    (void)state;
    put("a/1.png");
    static const char *const company[] = {"a/.hidden",   ".git/config", "README.md",    "a/README",
                                          "LICENSE",     "labels.csv",  "manifest.csv", "metadata.csv",
                                          "report.html", "report.json", "a/Thumbs.db"};
    for (size_t i = 0; i < sizeof company / sizeof *company; i++)
        scratch_text(scratch_path("%s", company[i]), "text");
    standin_dataset *set = open_set(scratch());
    assert_int_equal(standin_dataset_images(set), 1);
    assert_int_equal(standin_dataset_skipped(set), 0);
    standin_dataset_free(set);
}

static void a_file_beside_class_folders_is_skipped(void **state)
{
    (void)state;
    put("a/1.png"), put("loose.png");
    standin_dataset *set = open_set(scratch());
    assert_int_equal(standin_dataset_images(set), 1);
    assert_skipped(set, scratch_path("loose.png"), "it has no class");
    standin_dataset_free(set);
}

static void an_empty_class_folder_is_listed_and_no_class(void **state)
{
    (void)state;
    put("a/1.png");
    scratch_folder(scratch_path("b"));
    standin_dataset *set = open_set(scratch());
    assert_int_equal(standin_dataset_classes(set), 1);
    assert_skipped(set, scratch_path("b"), "a folder without images");
    standin_dataset_free(set);
}

/* At this size, 0: only to look. What the log says is in news. */
static standin_dataset *open_and_listen(int size)
{
    const standin_dataset_options options = at_size(size);
    standin_dataset *set;
    news[0] = 0;
    standin_log_set(remember, NULL);
    must(standin_dataset_open(&set, scratch(), &options));
    standin_log_set(NULL, NULL);
    return set;
}

static void what_is_skipped_is_said_once_when_the_pixels_are_read(void **state)
{
    (void)state;
    put("Car/1.png"), put("car/1.png");
    scratch_text(scratch_path("car/2.png"), "no picture");
    standin_dataset *looked = open_and_listen(0);
    assert_string_equal(news, "");
    assert_int_equal(standin_dataset_skipped(looked), 1);
    standin_dataset_free(looked);
    standin_dataset *set = open_and_listen(16);
    assert_non_null(strstr(news, "2.png: not an image in a format that is read"));
    assert_non_null(strstr(news, "Car and car"));
    standin_dataset_free(set);
}

static void classes_that_differ_only_by_an_accent_stay_apart_with_a_warning(void **state)
{
    (void)state;
    put("caf\u00e9/1.png"), put("cafe/1.png");
    standin_dataset *set = open_and_listen(16);
    assert_int_equal(standin_dataset_classes(set), 2);
    assert_non_null(strstr(news, "cafe and caf\u00e9 differ only in capitals or accents"));
    standin_dataset_free(set);
}

static void classes_that_differ_only_in_capitals_stay_apart_with_a_warning(void **state)
{
    (void)state;
    put("Car/1.png"), put("car/1.png"), put("cat/1.png");
    standin_dataset *set = open_and_listen(16);
    assert_int_equal(standin_dataset_classes(set), 3);
    assert_non_null(strstr(news, "Car and car differ only in capitals or accents"));
    assert_null(strstr(news, "cat"));
    standin_dataset_free(set);
}

static void one_class_can_be_chosen(void **state)
{
    (void)state;
    put("a/1.png"), put("b/1.png"), put("b/2.png");
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.class_name = "b";
    standin_dataset *set;
    assert_int_equal(standin_dataset_open(&set, scratch(), &options), 0);
    assert_int_equal(standin_dataset_classes(set), 1);
    assert_int_equal(standin_dataset_images(set), 2);
    assert_string_equal(standin_dataset_class_name(set, 0), "b");
    standin_dataset_free(set);
    options.class_name = "c";
    assert_refused(scratch(), &options, "no class called c");
}

/* ---- What cannot be used ---------------------------------------------------------------------------------- */

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    const char *path = scratch_path("missing");
    assert_refused(path, NULL, path);
    assert_refused(path, NULL, "No such file or directory");
}

static void an_empty_folder_has_no_images(void **state)
{
    (void)state;
    assert_refused(scratch(), NULL, "no images");
}

static void a_folder_without_permission_is_named(void **state)
{
    (void)state;
    put("closed/1.png");
    const char *closed = scratch_path("closed");
    assert_int_equal(chmod(closed, 0), 0);
    if (!scratch_become_nobody())
        skip();
    standin_dataset *set;
    const int status = standin_dataset_open(&set, closed, NULL);
    scratch_become_self();
    assert_int_equal(chmod(closed, 0777), 0);
    assert_int_equal(status, STANDIN_FILE);
    assert_non_null(strstr(standin_error_message(), "closed: Permission denied"));
}

static void a_class_or_file_without_permission_is_skipped(void **state)
{
    (void)state;
    put("a/1.png"), put("a/2.png"), put("b/1.png");
    const char *file = scratch_path("a/2.png"), *class_folder = scratch_path("b");
    assert_int_equal(chmod(file, 0), 0);
    assert_int_equal(chmod(class_folder, 0), 0);
    if (!scratch_become_nobody())
        skip();
    standin_dataset *set = open_set(scratch());
    scratch_become_self();
    assert_int_equal(chmod(class_folder, 0777), 0);
    assert_int_equal(standin_dataset_images(set), 1);
    assert_skipped(set, file, "Permission denied");
    assert_skipped(set, class_folder, "Permission denied");
    standin_dataset_free(set);
}

static void unreadable_images_are_listed_each_with_its_reason(void **state)
{
    (void)state;
    const char *text = scratch_path("a/text.jpg"), *jpeg = scratch_path("a/cut.jpg"), *png = scratch_path("a/cut.png");
    const char *empty = scratch_path("a/empty.png"), *pipe_path = scratch_path("a/pipe.png");
    const char *gone = scratch_path("a/gone.png"), *drawing = scratch_path("a/drawing.svg");
    put("a/good.png");
    scratch_text(text, "this is a text\n");
    scratch_text(drawing, "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'></svg>");
    scratch_text(empty, "");
    image_file_noise(jpeg, 200, 200, 5);
    image_file_noise(png, 200, 200, 5);
    scratch_cut_short(jpeg);
    scratch_cut_short(png);
    assert_int_equal(mkfifo(pipe_path, 0666), 0);
    assert_int_equal(symlink("nowhere", gone), 0);
    for (int size = 0; size <= 16; size += 16) {
        const standin_dataset_options options = at_size(size);
        standin_dataset *set;
        assert_int_equal(standin_dataset_open(&set, scratch(), &options), 0);
        assert_int_equal(standin_dataset_images(set), 1);
        assert_int_equal(standin_dataset_skipped(set), 7);
        assert_skipped(set, text, "not an image in a format that is read");
        assert_skipped(set, drawing, "a format that is not read");
        assert_skipped(set, jpeg, "remature end");
        assert_skipped(set, png, "truncated or damaged");
        assert_skipped(set, empty, "an empty file");
        assert_skipped(set, pipe_path, "not a regular file");
        assert_skipped(set, gone, "No such file or directory");
        standin_dataset_free(set);
    }
}

static void only_unreadable_images_are_an_error_with_the_first_reason(void **state)
{
    (void)state;
    scratch_text(scratch_path("a/1.png"), "text");
    assert_refused(scratch(), NULL, "no usable image; 1 skipped");
    assert_refused(scratch(), NULL, "not an image in a format that is read");
}

static void too_many_pixels_are_refused_before_decoding(void **state)
{
    (void)state;
    const char *giant = scratch_path("a/giant.png"), *above = scratch_path("a/above.png");
    image_file_claim(giant, 30000, 30000);
    image_file_plain(above, 11, 10, 1, 7);
    image_file_plain(scratch_path("a/at.png"), 10, 10, 1, 7);
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    standin_dataset *set = open_set(scratch());
    assert_skipped(set, giant, "30000 x 30000 pixels are more than the limit of 100000000");
    assert_int_equal(standin_dataset_images(set), 2);
    standin_dataset_free(set);
    options.pixel_limit = 100;
    assert_int_equal(standin_dataset_open(&set, scratch(), &options), 0);
    assert_int_equal(standin_dataset_images(set), 1);
    assert_skipped(set, above, "11 x 10 pixels are more than the limit of 100");
    standin_dataset_free(set);
}

static void a_set_larger_than_the_memory_is_refused_with_numbers(void **state)
{
    (void)state;
    static const char line[] = "1.png,a\n";
    enum { LINES = 8000, LINE = sizeof line - 1 };
    char *table = malloc(LINES * LINE + 1);
    for (int i = 0; i < LINES; i++)
        memcpy(table + i * LINE, line, LINE + 1);
    const char *path = scratch_path("large.csv");
    scratch_text(path, table);
    free(table);
    const standin_dataset_options options = at_size(4096);
    assert_refused(path, &options, "8000 images of 4096 x 4096 x 3 bytes need 375.0 GiB");
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    put("a/1.png");
    standin_dataset_options options = at_size(7);
    assert_refused(scratch(), &options, "7 x 7");
    options = at_size(4097);
    assert_refused(scratch(), &options, "from 8 to 4096");
    options = at_size(8);
    options.height = 0;
    assert_refused(scratch(), &options, "8 x 0");
    options = at_size(8);
    options.channels = 2;
    assert_refused(scratch(), &options, "not 2");
    options = at_size(8);
    options.fit = (enum standin_fit)3;
    assert_refused(scratch(), &options, "no such fit");
    options = at_size(8);
    options.pixel_limit = -1;
    assert_refused(scratch(), &options, "negative");
    options = at_size(8);
    options.threads = 1000;
    assert_refused(scratch(), &options, "threads");
}

static int stop_at_once(void *context, const char *what, int64_t done, int64_t total)
{
    int *calls = context;
    assert_string_equal(what, "reading images");
    assert_in_range(done, 1, total);
    return ++*calls >= 2;
}

static void the_caller_can_stop_the_reading(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++)
        image_file_noise(scratch_path("a/%02d.png", i), 9, 9, (unsigned)i);
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    int calls = 0;
    options.threads = 1;
    options.progress = stop_at_once;
    options.progress_context = &calls;
    standin_dataset *set;
    assert_int_equal(standin_dataset_open(&set, scratch(), &options), STANDIN_INTERRUPTED);
    assert_null(set);
    assert_int_equal(calls, 2);
}

/* ---- The set as a whole ----------------------------------------------------------------------------------- */

static void grey_and_colour_together_are_colour(void **state)
{
    (void)state;
    image_file_plain(scratch_path("a/1.png"), 8, 8, 1, 10);
    image_file_plain(scratch_path("a/2.png"), 8, 8, 3, 20);
    image_file_plain(scratch_path("a/3.png"), 8, 8, 1, 30);
    scratch_text(scratch_path("a/0.png"), "no image");
    const standin_dataset_options options = at_size(8);
    standin_dataset *set;
    assert_int_equal(standin_dataset_open(&set, scratch(), &options), 0);
    assert_int_equal(standin_dataset_channels(set), 3);
    assert_int_equal(standin_dataset_images(set), 3);
    for (int i = 0; i < 3; i++)
        for (int p = 0; p < 8 * 8 * 3; p++)
            assert_int_equal(image_of(set, i).pixels[p], 10 * (i + 1));
    assert_int_equal(image_of(set, 0).channels, 1);
    standin_dataset_free(set);
}

static void an_unreadable_colour_image_makes_no_set_colour(void **state)
{
    (void)state;
    image_file_plain(scratch_path("a/2.png"), 8, 8, 1, 10);
    const char *cut = scratch_path("a/1.jpg");
    image_file_plain(cut, 300, 300, 3, 10);
    scratch_cut_short(cut);
    const standin_dataset_options options = at_size(8);
    standin_dataset *set;
    assert_int_equal(standin_dataset_open(&set, scratch(), &options), 0);
    assert_int_equal(standin_dataset_channels(set), 1);
    assert_int_equal(image_of(set, 0).pixels[63], 10);
    standin_dataset_free(set);
}

static void equal_pixels_are_duplicates_of_the_first_whatever_the_format(void **state)
{
    (void)state;
    image_file_noise(scratch_path("a/1.png"), 20, 20, 1);
    image_file_noise(scratch_path("a/2.png"), 20, 20, 2);
    image_file_noise(scratch_path("b/1.tif"), 20, 20, 1);
    image_file_noise(scratch_path("b/2.png"), 20, 20, 1);
    standin_dataset *set = open_set(scratch());
    assert_int_equal(image_of(set, 0).duplicate_of, -1);
    assert_int_equal(image_of(set, 1).duplicate_of, -1);
    assert_int_equal(image_of(set, 2).duplicate_of, 0);
    assert_int_equal(image_of(set, 3).duplicate_of, 0);
    standin_dataset_free(set);
}

static void hash_of(char hash[65], int size, int threads)
{
    standin_dataset_options options = at_size(size);
    options.threads = threads;
    standin_dataset *set;
    assert_int_equal(standin_dataset_open(&set, scratch(), &options), 0);
    memcpy(hash, standin_dataset_hash(set), 65);
    standin_dataset_free(set);
}

static void the_hash_knows_names_labels_and_pixels_and_nothing_else(void **state)
{
    (void)state;
    char first[65], other[65];
    const char *image = scratch_path("a/1.png");
    image_file_noise(image, 20, 20, 1);
    put("a/2.png");
    hash_of(first, 0, 1);
    assert_int_equal(strlen(first), 64);
    hash_of(other, 16, 4);
    assert_string_equal(first, other);

    image_file_noise(image, 20, 20, 2);
    hash_of(other, 0, 1);
    assert_string_not_equal(first, other);
    image_file_noise(image, 20, 20, 1);
    hash_of(other, 0, 1);
    assert_string_equal(first, other);

    assert_int_equal(rename(image, scratch_path("a/3.png")), 0);
    hash_of(other, 0, 1);
    assert_string_not_equal(first, other);
    assert_int_equal(rename(scratch_path("a/3.png"), image), 0);
    assert_int_equal(rename(scratch_path("a"), scratch_path("b")), 0);
    hash_of(other, 0, 1);
    assert_string_not_equal(first, other);
}

static void the_number_of_threads_changes_no_pixel(void **state)
{
    (void)state;
    enum { IMAGES = 40, SIZE = 24 };
    for (int i = 0; i < IMAGES; i++)
        image_file_noise(scratch_path("%d/%02d.png", i % 3, i), 30 + i, 50 - i, (unsigned)i);
    standin_dataset_options options = at_size(SIZE);
    standin_dataset *one, *four;
    options.threads = 1;
    assert_int_equal(standin_dataset_open(&one, scratch(), &options), 0);
    options.threads = 4;
    assert_int_equal(standin_dataset_open(&four, scratch(), &options), 0);
    assert_memory_equal(dataset_pixels(one), dataset_pixels(four), IMAGES * SIZE * SIZE);
    assert_memory_equal(dataset_labels(one), dataset_labels(four), IMAGES * sizeof(int32_t));
    standin_dataset_free(one);
    standin_dataset_free(four);
}

static void one_image_can_be_decoded_from_a_set_that_was_only_looked_at(void **state)
{
    (void)state;
    put("a/1.png"), put("a/2.png");
    const standin_dataset_options options = at_size(8);
    standin_dataset *decoded, *looked = open_set(scratch());
    assert_int_equal(standin_dataset_open(&decoded, scratch(), &options), 0);
    assert_int_equal(standin_dataset_width(looked), 0);
    assert_int_equal(standin_dataset_channels(looked), 0);
    assert_null(image_of(looked, 1).pixels);
    uint8_t pixels[64];
    assert_int_equal(standin_dataset_decode(looked, 1, 8, 8, STANDIN_FIT_CROP, 1, pixels), 0);
    assert_memory_equal(pixels, image_of(decoded, 1).pixels, 64);
    assert_int_equal(standin_dataset_decode(looked, 2, 8, 8, STANDIN_FIT_CROP, 1, pixels), STANDIN_INPUT);
    assert_int_equal(standin_dataset_decode(looked, 1, 4, 8, STANDIN_FIT_CROP, 1, pixels), STANDIN_INPUT);
    assert_int_equal(standin_dataset_decode(looked, 1, 8, 8, STANDIN_FIT_CROP, 2, pixels), STANDIN_INPUT);
    standin_dataset_free(decoded);
    standin_dataset_free(looked);
}

static void an_index_out_of_range_is_refused(void **state)
{
    (void)state;
    put("a/1.png");
    standin_dataset *set = open_set(scratch());
    standin_image image;
    const char *path, *reason;
    assert_int_equal(standin_dataset_image(set, 1, &image), STANDIN_INPUT);
    assert_int_equal(standin_dataset_image(set, -1, &image), STANDIN_INPUT);
    assert_int_equal(standin_dataset_skipped_file(set, 0, &path, &reason), STANDIN_INPUT);
    standin_dataset_free(set);
    standin_dataset_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(class_folders_and_files_are_in_bytewise_order),
        IN_SCRATCH(a_trailing_slash_changes_nothing),
        IN_SCRATCH(a_level_of_folders_in_a_class_is_the_group),
        IN_SCRATCH(train_val_and_test_are_splits),
        IN_SCRATCH(a_class_called_test_is_a_class_where_nothing_is_called_train),
        IN_SCRATCH(a_flat_folder_is_one_class_with_its_name),
        IN_SCRATCH(a_split_may_be_flat),
        IN_SCRATCH(hidden_files_and_the_usual_company_are_passed_over),
        IN_SCRATCH(a_file_beside_class_folders_is_skipped),
        IN_SCRATCH(an_empty_class_folder_is_listed_and_no_class),
        IN_SCRATCH(classes_that_differ_only_in_capitals_stay_apart_with_a_warning),
        IN_SCRATCH(what_is_skipped_is_said_once_when_the_pixels_are_read),
        IN_SCRATCH(classes_that_differ_only_by_an_accent_stay_apart_with_a_warning),
        IN_SCRATCH(one_class_can_be_chosen),
        IN_SCRATCH(a_missing_folder_is_named),
        IN_SCRATCH(an_empty_folder_has_no_images),
        IN_SCRATCH(a_folder_without_permission_is_named),
        IN_SCRATCH(a_class_or_file_without_permission_is_skipped),
        IN_SCRATCH(unreadable_images_are_listed_each_with_its_reason),
        IN_SCRATCH(only_unreadable_images_are_an_error_with_the_first_reason),
        IN_SCRATCH(too_many_pixels_are_refused_before_decoding),
        IN_SCRATCH(a_set_larger_than_the_memory_is_refused_with_numbers),
        IN_SCRATCH(options_out_of_range_are_refused),
        IN_SCRATCH(the_caller_can_stop_the_reading),
        IN_SCRATCH(grey_and_colour_together_are_colour),
        IN_SCRATCH(an_unreadable_colour_image_makes_no_set_colour),
        IN_SCRATCH(equal_pixels_are_duplicates_of_the_first_whatever_the_format),
        IN_SCRATCH(the_hash_knows_names_labels_and_pixels_and_nothing_else),
        IN_SCRATCH(the_number_of_threads_changes_no_pixel),
        IN_SCRATCH(one_image_can_be_decoded_from_a_set_that_was_only_looked_at),
        IN_SCRATCH(an_index_out_of_range_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, image_files_teardown);
}
