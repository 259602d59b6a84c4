/* Sets that a file describes: tables and IDX, whole and damaged. */
#include "data/dataset.h"
#include "opened.h"
#include "scratch.h"

#include <setjmp.h>
#include <standin/standin.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "image_files.h"

/* ---- Tables ----------------------------------------------------------------------------------------------- */

static void a_table_gives_labels_and_groups(void **state)
{
    (void)state;
    put("images/1.png"), put("images/2.png"), put("images/with, comma.png");
    const char *table = scratch_path("set.csv");
    scratch_text(table, "\xEF\xBB\xBF"
                        "File,Label,group\r\n"
                        "images/2.png,b,p7\r\n"
                        "\r\n"
                        "\"images/with, comma.png\",\"a \"\"quoted\"\" one\"\r\n"
                        "images/1.png,b,");
    standin_dataset *set = open_set(table);
    assert_int_equal(standin_dataset_skipped(set), 0);
    assert_int_equal(standin_dataset_images(set), 3);
    assert_path(set, 0, "images/1.png");
    assert_path(set, 2, "images/with, comma.png");
    assert_string_equal(standin_dataset_class_name(set, 0), "a \"quoted\" one");
    assert_string_equal(image_of(set, 0).group, "");
    assert_string_equal(image_of(set, 1).group, "p7");
    assert_int_equal(image_of(set, 1).class_index, 1);
    standin_dataset_free(set);
}

static void the_metadata_of_a_synthetic_set_are_such_a_table(void **state)
{
    (void)state;
    put("a/1.png");
    const char *table = scratch_path("metadata.csv");
    scratch_text(table, "file_name,label\na/1.png,a\n");
    standin_dataset *set = open_set(table);
    assert_int_equal(standin_dataset_images(set), 1);
    assert_int_equal(standin_dataset_skipped(set), 0);
    standin_dataset_free(set);
}

static void the_order_of_lines_means_nothing(void **state)
{
    (void)state;
    put("1.png"), put("2.png");
    const char *first = scratch_path("first.csv"), *second = scratch_path("second.csv");
    scratch_text(first, "1.png,a\n2.png,b\n");
    scratch_text(second, "2.png,b\n1.png,a\n");
    standin_dataset *one = open_set(first), *two = open_set(second);
    assert_string_equal(standin_dataset_hash(one), standin_dataset_hash(two));
    standin_dataset_free(one);
    standin_dataset_free(two);
}

static void lines_that_make_no_sense_are_listed(void **state)
{
    (void)state;
    put("1.png");
    const char *table = scratch_path("set.csv");
    scratch_text(table, "1.png,a\n"
                        "1.png\n"
                        "1.png,a,b,c\n"
                        ",a\n"
                        "1.png,\n"
                        "1.png,../../etc\n"
                        "1.png,..\n"
                        "1.png,a,x/y\n"
                        "gone.png,a\n"
                        "\"1.png,a\n");
    standin_dataset *set = open_set(table);
    assert_int_equal(standin_dataset_images(set), 1);
    assert_int_equal(standin_dataset_skipped(set), 9);
    assert_skipped(set, scratch_path("set.csv:2"), "not file,label[,group]");
    assert_skipped(set, scratch_path("set.csv:3"), "not file,label[,group]");
    assert_skipped(set, scratch_path("set.csv:4"), "no file name");
    assert_skipped(set, scratch_path("set.csv:5"), "an empty name");
    assert_skipped(set, scratch_path("set.csv:6"), "starts with a dot");
    assert_skipped(set, scratch_path("set.csv:7"), "starts with a dot");
    assert_skipped(set, scratch_path("set.csv:8"), "slash");
    assert_skipped(set, scratch_path("set.csv:10"), "not closed");
    assert_skipped(set, scratch_path("gone.png"), "No such file or directory");
    standin_dataset_free(set);
}

static void a_table_with_a_zero_byte_is_no_text(void **state)
{
    (void)state;
    const char *table = scratch_path("set.csv");
    scratch_write(table, "1.png,a\0", 8);
    assert_refused(table, NULL, "zero byte");
}

/* ---- IDX -------------------------------------------------------------------------------------------------- */

enum { IDX_IMAGES = 3, IDX_WIDTH = 10, IDX_HEIGHT = 9, IDX_BYTES = IDX_IMAGES * IDX_WIDTH * IDX_HEIGHT };

static uint8_t idx_images[16 + IDX_BYTES + 1], idx_labels[8 + IDX_IMAGES];

static void make_idx(void)
{
    const uint8_t images_head[16] = {0, 0, 8, 3, 0, 0, 0, IDX_IMAGES, 0, 0, 0, IDX_HEIGHT, 0, 0, 0, IDX_WIDTH};
    const uint8_t labels_head[8] = {0, 0, 8, 1, 0, 0, 0, IDX_IMAGES};
    memcpy(idx_images, images_head, sizeof images_head);
    memcpy(idx_labels, labels_head, sizeof labels_head);
    for (int i = 0; i < IDX_BYTES; i++)
        idx_images[16 + i] = (uint8_t)i;
    memcpy(idx_labels + 8, (const uint8_t[]){7, 1, 7}, IDX_IMAGES);
}

static void write_gz(const char *path, const uint8_t *bytes, unsigned size)
{
    scratch_text(path, "");
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, size), size);
    assert_int_equal(gzclose(file), Z_OK);
}

static void assert_idx(const char *path, const char *split)
{
    standin_dataset_options options = at_size(10);
    options.height = 9;
    standin_dataset *set;
    if (standin_dataset_open(&set, path, &options) < 0)
        fail_msg("%s", standin_error_message());
    assert_int_equal(standin_dataset_images(set), IDX_IMAGES);
    assert_int_equal(standin_dataset_channels(set), 1);
    assert_int_equal(standin_dataset_classes(set), 2);
    assert_string_equal(standin_dataset_class_name(set, 0), "1");
    assert_string_equal(standin_dataset_class_name(set, 1), "7");
    assert_int_equal(image_of(set, 1).class_index, 0);
    assert_non_null(strstr(image_of(set, 2).path, "#2"));
    assert_string_equal(image_of(set, 0).split, split);
    assert_int_equal(image_of(set, 0).width, IDX_WIDTH);
    assert_int_equal(image_of(set, 0).height, IDX_HEIGHT);
    assert_memory_equal(dataset_pixels(set), idx_images + 16, IDX_BYTES);
    standin_dataset_free(set);
}

static void idx_files_are_read_plain_and_gzipped(void **state)
{
    (void)state;
    make_idx();
    const char *plain = scratch_path("plain/train-images-idx3-ubyte");
    const char *gzipped = scratch_path("gz/t10k-images-idx3-ubyte.gz");
    const char *mixed = scratch_path("mixed/images-idx3-ubyte.gz");
    scratch_write(plain, idx_images, 16 + IDX_BYTES);
    scratch_write(scratch_path("plain/train-labels-idx1-ubyte"), idx_labels, sizeof idx_labels);
    write_gz(gzipped, idx_images, 16 + IDX_BYTES);
    write_gz(scratch_path("gz/t10k-labels-idx1-ubyte.gz"), idx_labels, sizeof idx_labels);
    write_gz(mixed, idx_images, 16 + IDX_BYTES);
    scratch_write(scratch_path("mixed/labels-idx1-ubyte"), idx_labels, sizeof idx_labels);
    assert_idx(plain, "");
    assert_idx(gzipped, "");
    assert_idx(mixed, "");
    assert_idx(scratch_path("plain"), "train");
    assert_idx(scratch_path("gz"), "test");
}

static void damaged_idx_files_are_named_with_the_reason(void **state)
{
    (void)state;
    const char *images = scratch_path("images-idx3-ubyte"), *labels = scratch_path("labels-idx1-ubyte");
    make_idx();
    scratch_write(images, idx_images, 16 + IDX_BYTES);
    assert_refused(images, NULL, "labels-idx1-ubyte is missing");

    idx_labels[7] = IDX_IMAGES + 1;
    scratch_write(labels, idx_labels, sizeof idx_labels);
    assert_refused(images, NULL, "4 labels for 3 images");

    scratch_write(images, idx_images, 16 + IDX_BYTES + 1);
    assert_refused(images, NULL, "asks for 286 bytes, the file has 287");
    scratch_write(images, idx_images, 16 + IDX_BYTES - 1);
    assert_refused(images, NULL, "asks for 286 bytes, the file has 285");
    scratch_write(images, idx_images, 10);
    assert_refused(images, NULL, "truncated: 6 bytes are missing");

    idx_images[4] = 0xFF; /* four thousand million images */
    scratch_write(images, idx_images, 16 + IDX_BYTES);
    assert_refused(images, NULL, "the file has 286");
    idx_images[8] = 1; /* and many rows */
    scratch_write(images, idx_images, 16 + IDX_BYTES);
    assert_refused(images, NULL, "1 to 4096 are read");
    idx_images[3] = 1;
    scratch_write(images, idx_images, 16 + IDX_BYTES);
    assert_refused(images, NULL, "starts with 0x00000801");
}

static void tiny_images_are_refused_where_the_list_of_them_would_fill_the_memory(void **state)
{
    (void)state;
    const char *images = scratch_path("images-idx3-ubyte");
    make_idx();
    memcpy(idx_images + 4, (const uint8_t[]){0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1, 0, 0, 0, 1}, 12);
    scratch_write(images, idx_images, 16);
    assert_int_equal(truncate(images, 16 + 0xFFFFFFFFLL), 0); /* sparse */
    assert_refused(images, NULL, "that a set may fill here");
}

static void a_gzipped_idx_file_cannot_claim_more_than_it_holds(void **state)
{
    (void)state;
    const char *images = scratch_path("images-idx3-ubyte.gz");
    make_idx();
    idx_images[4] = 0x0F;
    write_gz(images, idx_images, 16 + IDX_BYTES);
    assert_refused(images, NULL, "more than a gzip file of");
    make_idx();
    write_gz(images, idx_images, 16 + IDX_BYTES);
    scratch_cut_short(images);
    assert_refused(images, NULL, "truncated");
    scratch_write(images, "\x1f\x8b\x08\0\0\0\0\0\0\0\xff\xff", 12);
    assert_refused(images, NULL, "ubyte.gz: damaged: invalid block type");
}

static void a_damaged_idx_pair_in_a_folder_leaves_the_others(void **state)
{
    (void)state;
    make_idx();
    scratch_write(scratch_path("train-images-idx3-ubyte"), idx_images, 16 + IDX_BYTES);
    scratch_write(scratch_path("train-labels-idx1-ubyte"), idx_labels, sizeof idx_labels);
    scratch_write(scratch_path("t10k-images-idx3-ubyte"), idx_images, 16);
    standin_dataset *set = open_set(scratch());
    assert_int_equal(standin_dataset_images(set), IDX_IMAGES);
    assert_skipped(set, scratch_path("t10k-images-idx3-ubyte"), "the file has 16");
    standin_dataset_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(a_table_gives_labels_and_groups),
        IN_SCRATCH(the_metadata_of_a_synthetic_set_are_such_a_table),
        IN_SCRATCH(the_order_of_lines_means_nothing),
        IN_SCRATCH(lines_that_make_no_sense_are_listed),
        IN_SCRATCH(a_table_with_a_zero_byte_is_no_text),
        IN_SCRATCH(idx_files_are_read_plain_and_gzipped),
        IN_SCRATCH(damaged_idx_files_are_named_with_the_reason),
        IN_SCRATCH(tiny_images_are_refused_where_the_list_of_them_would_fill_the_memory),
        IN_SCRATCH(a_gzipped_idx_file_cannot_claim_more_than_it_holds),
        IN_SCRATCH(a_damaged_idx_pair_in_a_folder_leaves_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, image_files_teardown);
}
