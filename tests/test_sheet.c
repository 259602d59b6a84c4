/* Contact sheets, as a picture and as characters. */
#include "report/sheet.h"
#include "scratch.h"

#include <setjmp.h>
#include <standin/standin.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image_files.h"

enum { WIDTH = 3, HEIGHT = 2 };

static void a_sheet_has_the_images_in_rows_with_lines_between(void **state)
{
    (void)state;
    uint8_t images[3 * WIDTH * HEIGHT], *sheet;
    for (size_t i = 0; i < sizeof images; i++)
        images[i] = (uint8_t)(i / (WIDTH * HEIGHT) + 1);
    int width, height;
    assert_int_equal(sheet_compose(&sheet, &width, &height, images, 3, WIDTH, HEIGHT, 1, 2), 0);
    const uint8_t expected[] = {
        1, 1, 1, 128, 2, 2, 2, //
        1, 1, 1, 128, 2, 2, 2, //
        128, 128, 128, 128, 128, 128, 128, //
        3, 3, 3, 128, 128, 128, 128, //
        3, 3, 3, 128, 128, 128, 128, //
    };
    assert_int_equal(width, 7);
    assert_int_equal(height, 5);
    assert_memory_equal(sheet, expected, sizeof expected);
    free(sheet);
}

static void fewer_images_than_columns_make_a_narrower_sheet(void **state)
{
    (void)state;
    const uint8_t images[2 * WIDTH * HEIGHT * 3] = {0};
    uint8_t *sheet;
    int width, height;
    assert_int_equal(sheet_compose(&sheet, &width, &height, images, 2, WIDTH, HEIGHT, 3, 10), 0);
    assert_int_equal(width, 7);
    assert_int_equal(height, 2);
    free(sheet);
}

static void a_sheet_is_written_as_png(void **state)
{
    (void)state;
    uint8_t images[4 * 64 * 3];
    memset(images, 200, sizeof images);
    assert_int_equal(standin_sheet_write(scratch_path("sheet.png"), images, 4, 8, 8, 3, 2), 0);
    standin_dataset *set;
    assert_int_equal(standin_dataset_open(&set, scratch(), NULL), 0);
    standin_image image;
    assert_int_equal(standin_dataset_image(set, 0, &image), 0);
    assert_int_equal(image.width, 17);
    assert_int_equal(image.height, 17);
    assert_int_equal(image.channels, 3);
    standin_dataset_free(set);
}

static void a_sheet_without_sense_is_refused(void **state)
{
    (void)state;
    const uint8_t image[64] = {0};
    const char *path = scratch_path("sheet.png");
    assert_int_equal(standin_sheet_write(path, image, 0, 8, 8, 1, 1), STANDIN_INPUT);
    assert_int_equal(standin_sheet_write(path, image, 1, 8, 8, 2, 1), STANDIN_INPUT);
    assert_int_equal(standin_sheet_write(path, image, 1, 8, 8, 1, 0), STANDIN_INPUT);
    assert_int_equal(standin_sheet_write(path, image, (int64_t)1 << 40, 8, 8, 1, 1), STANDIN_INPUT);
    assert_int_equal(standin_sheet_write(scratch_path("no/sheet.png"), image, 1, 8, 8, 1, 1), STANDIN_FILE);
    assert_non_null(strstr(standin_error_message(), "no/sheet.png"));
}

static int lines_of(const char *text)
{
    int lines = 1;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void a_sheet_is_drawn_for_a_terminal_in_its_colours(void **state)
{
    (void)state;
    uint8_t images[2 * 64];
    memset(images, 0, 64);
    memset(images + 64, 255, 64);
    char *text;
    assert_int_equal(standin_sheet_text(&text, images, 2, 8, 8, 1, 2, 40, 10, 1 << 24), 0);
    assert_non_null(strstr(text, "\x1b[38;2;255;255;255"));
    assert_in_range(lines_of(text), 9, 10);
    standin_text_free(text);
    assert_int_equal(standin_sheet_text(&text, images, 2, 8, 8, 1, 2, 40, 10, 256), 0);
    assert_non_null(strstr(text, "\x1b[38;5;"));
    standin_text_free(text);
    assert_int_equal(standin_sheet_text(&text, images, 2, 8, 8, 1, 2, 40, 10, 2), 0);
    assert_null(strchr(text, '\x1b')); /* no colours, no escapes */
    standin_text_free(text);
}

static void a_terminal_without_sense_is_refused(void **state)
{
    (void)state;
    const uint8_t image[64] = {0};
    char *text;
    assert_int_equal(standin_sheet_text(&text, image, 1, 8, 8, 1, 1, 40, 10, 8), STANDIN_INPUT);
    assert_int_equal(standin_sheet_text(&text, image, 1, 8, 8, 1, 1, 0, 10, 2), STANDIN_INPUT);
    assert_null(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(a_sheet_has_the_images_in_rows_with_lines_between),
        IN_SCRATCH(fewer_images_than_columns_make_a_narrower_sheet),
        IN_SCRATCH(a_sheet_is_written_as_png),
        IN_SCRATCH(a_sheet_without_sense_is_refused),
        IN_SCRATCH(a_sheet_is_drawn_for_a_terminal_in_its_colours),
        IN_SCRATCH(a_terminal_without_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, image_files_teardown);
}
