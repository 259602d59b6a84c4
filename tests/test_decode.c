/* From files of any kind to 8-bit pixels: sizes, channels, bits, colour, transparency, rotation. */
#include "data/write.h"
#include "scratch.h"

#include <setjmp.h>
#include <standin/standin.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

#include <cmocka.h>

#include "image_files.h"

enum { SIDE = 8, AREA = SIDE * SIDE };

/* The only image of the scratch folder at 8 x 8 pixels. */
static standin_dataset *open_only(enum standin_fit fit, int channels, standin_image *image)
{
    standin_dataset_options options = STANDIN_DATASET_OPTIONS_INIT;
    options.width = options.height = SIDE;
    options.fit = fit;
    options.channels = channels;
    options.threads = 1;
    standin_dataset *set;
    if (standin_dataset_open(&set, scratch(), &options) < 0)
        fail_msg("%s", standin_error_message());
    assert_int_equal(standin_dataset_images(set), 1);
    assert_int_equal(standin_dataset_image(set, 0, image), 0);
    return set;
}

static void assert_pixels(const uint8_t *pixels, int channels, const uint8_t *expected, int tolerance)
{
    for (int i = 0; i < AREA; i++)
        for (int c = 0; c < channels; c++)
            if (abs(pixels[i * channels + c] - expected[c]) > tolerance)
                fail_msg("pixel %d channel %d is %d, not %d", i, c, pixels[i * channels + c], expected[c]);
}

/* A pattern without any symmetry. */
static void pattern(uint8_t *samples, int width, int height, int channels)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < channels; c++)
                *samples++ = (uint8_t)(16 * x + 3 * y * y + 40 * c);
}

static void an_image_of_the_wanted_size_stays_as_it_is(void **state)
{
    (void)state;
    uint8_t samples[AREA * 3];
    pattern(samples, SIDE, SIDE, 3);
    image_file_bytes(scratch_path("a.png"), samples, SIDE, SIDE, 3, "");
    for (int fit = STANDIN_FIT_CROP; fit <= STANDIN_FIT_STRETCH; fit++) {
        standin_image image;
        standin_dataset *set = open_only((enum standin_fit)fit, 0, &image);
        assert_int_equal(standin_dataset_channels(set), 3);
        assert_memory_equal(image.pixels, samples, sizeof samples);
        standin_dataset_free(set);
    }
}

static void grey_stays_one_channel(void **state)
{
    (void)state;
    uint8_t samples[AREA];
    pattern(samples, SIDE, SIDE, 1);
    image_file_bytes(scratch_path("a.png"), samples, SIDE, SIDE, 1, "");
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_CROP, 0, &image);
    assert_int_equal(standin_dataset_channels(set), 1);
    assert_int_equal(image.channels, 1);
    assert_int_equal(image.bits, 8);
    assert_memory_equal(image.pixels, samples, sizeof samples);
    standin_dataset_free(set);
}

static void grey_becomes_colour_by_request(void **state)
{
    (void)state;
    image_file_plain(scratch_path("a.png"), 16, 16, 1, 77);
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_CROP, 3, &image);
    assert_pixels(image.pixels, 3, (const uint8_t[]){77, 77, 77}, 0);
    assert_int_equal(image.channels, 1); /* of the file */
    standin_dataset_free(set);
}

static void colour_becomes_grey_by_the_weights_of_rec_601(void **state)
{
    (void)state;
    uint8_t samples[AREA * 3];
    for (int i = 0; i < AREA; i++)
        memcpy(samples + 3 * i, (const uint8_t[]){200, 100, 50}, 3);
    image_file_bytes(scratch_path("a.png"), samples, SIDE, SIDE, 3, "");
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_CROP, 1, &image);
    assert_pixels(image.pixels, 1, (const uint8_t[]){124}, 0); /* 59.8 + 58.7 + 5.7 = 124.2 */
    standin_dataset_free(set);
}

static void sixteen_bits_become_eight_by_their_full_range(void **state)
{
    (void)state;
    uint16_t samples[AREA];
    uint8_t expected[AREA];
    for (int i = 0; i < AREA; i++) {
        expected[i] = (uint8_t)(i * 255 / (AREA - 1));
        samples[i] = (uint16_t)(expected[i] * 257 + (i % 3 - 1) * (i > 0 && i < AREA - 1 ? 100 : 0));
    }
    image_file_words(scratch_path("a.png"), samples, SIDE, SIDE, 1);
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_CROP, 0, &image);
    assert_int_equal(image.bits, 16);
    assert_memory_equal(image.pixels, expected, sizeof expected);
    standin_dataset_free(set);
}

static void sixteen_bit_colour_is_read_from_tiff(void **state)
{
    (void)state;
    uint16_t samples[AREA * 3];
    for (int i = 0; i < AREA; i++)
        for (int c = 0; c < 3; c++)
            samples[3 * i + c] = (uint16_t)(20000 * (c + 1));
    image_file_words(scratch_path("a.tif"), samples, SIDE, SIDE, 3);
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_CROP, 0, &image);
    assert_int_equal(image.bits, 16);
    assert_pixels(image.pixels, 3, (const uint8_t[]){78, 156, 233}, 0);
    standin_dataset_free(set);
}

static void transparency_lies_on_white(void **state)
{
    (void)state;
    uint8_t colour[AREA * 4];
    for (int i = 0; i < AREA; i++)
        memcpy(colour + 4 * i, (const uint8_t[]){100, 0, 200, 51}, 4); /* one fifth opaque */
    const char *path = scratch_path("a.png");
    image_file_bytes(path, colour, SIDE, SIDE, 4, "");
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_CROP, 0, &image);
    assert_int_equal(image.channels, 3);
    assert_pixels(image.pixels, 3, (const uint8_t[]){224, 204, 244}, 1);
    standin_dataset_free(set);

    uint8_t grey[AREA * 2];
    for (int i = 0; i < AREA; i++)
        memcpy(grey + 2 * i, (const uint8_t[]){100, 51}, 2);
    image_file_bytes(path, grey, SIDE, SIDE, 2, "");
    set = open_only(STANDIN_FIT_CROP, 0, &image);
    assert_int_equal(image.channels, 1);
    assert_pixels(image.pixels, 1, (const uint8_t[]){224}, 1);
    standin_dataset_free(set);
}

static void sixteen_bit_transparency_lies_on_white(void **state)
{
    (void)state;
    uint16_t samples[AREA * 4];
    for (int i = 0; i < AREA; i++)
        memcpy(samples + 4 * i, (const uint16_t[]){25700, 0, 51400, 13107}, 8);
    image_file_words(scratch_path("a.png"), samples, SIDE, SIDE, 4);
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_CROP, 0, &image);
    assert_pixels(image.pixels, 3, (const uint8_t[]){224, 204, 244}, 1);
    standin_dataset_free(set);
}

static void a_palette_is_read_as_its_colours(void **state)
{
    (void)state;
    uint8_t samples[AREA * 3];
    for (int i = 0; i < AREA; i++)
        memcpy(samples + 3 * i, i % SIDE < 4 ? (const uint8_t[]){255, 0, 0} : (const uint8_t[]){0, 0, 255}, 3);
    image_file_bytes(scratch_path("a.gif"), samples, SIDE, SIDE, 3, "[dither=0]");
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_CROP, 0, &image);
    assert_int_equal(image.channels, 3);
    for (size_t i = 0; i < sizeof samples; i++)
        assert_in_range(image.pixels[i], samples[i] < 8 ? 0 : samples[i] - 8, samples[i] > 247 ? 255 : samples[i] + 8);
    standin_dataset_free(set);
}

static void cmyk_becomes_srgb(void **state)
{
    (void)state;
    VipsImage *inks, *cmyk, *tagged;
    assert_int_equal(VIPS_INIT("test"), 0);
    assert_int_equal(vips_black(&inks, SIDE, SIDE, "bands", 4, NULL), 0); /* no ink: paper */
    assert_int_equal(vips_cast_uchar(inks, &cmyk, NULL), 0);
    assert_int_equal(vips_copy(cmyk, &tagged, "interpretation", VIPS_INTERPRETATION_CMYK, NULL), 0);
    assert_int_equal(vips_image_write_to_file(tagged, scratch_path("a.jpg"), NULL), 0);
    g_object_unref(inks);
    g_object_unref(cmyk);
    g_object_unref(tagged);
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_CROP, 0, &image);
    assert_int_equal(image.channels, 3);
    assert_pixels(image.pixels, 3, (const uint8_t[]){255, 255, 255}, 6);
    standin_dataset_free(set);
}

static void a_colour_profile_is_applied(void **state)
{
    (void)state;
    VipsImage *plain, *green, *wide;
    assert_int_equal(VIPS_INIT("test"), 0);
    assert_int_equal(vips_black(&plain, SIDE, SIDE, "bands", 3, NULL), 0);
    assert_int_equal(vips_linear(plain, &green, (double[]){1, 1, 1}, (double[]){40, 180, 40}, 3, "uchar", TRUE, NULL),
                     0);
    green->Type = VIPS_INTERPRETATION_sRGB;
    assert_int_equal(vips_icc_transform(green, &wide, "p3", "input_profile", "srgb", NULL), 0);
    assert_int_equal(vips_image_write_to_file(wide, scratch_path("a.png"), NULL), 0);
    const uint8_t *inside = vips_image_get_data(wide);
    assert_true(inside[0] > 60); /* the same green has other numbers in the wider space */
    g_object_unref(plain);
    g_object_unref(green);
    g_object_unref(wide);
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_CROP, 0, &image);
    assert_pixels(image.pixels, 3, (const uint8_t[]){40, 180, 40}, 3);
    standin_dataset_free(set);
}

/* What the image library itself makes of the tag. */
static void save_rotated(int orientation, uint8_t *upright, int *width, int *height)
{
    uint8_t samples[SIDE * 6];
    pattern(samples, SIDE, 6, 1);
    assert_int_equal(VIPS_INIT("test"), 0);
    VipsImage *image = vips_image_new_from_memory(samples, sizeof samples, SIDE, 6, 1, VIPS_FORMAT_UCHAR), *turned;
    assert_non_null(image);
    vips_image_set_int(image, VIPS_META_ORIENTATION, orientation);
    assert_int_equal(vips_image_write_to_file(image, scratch_path("a.tif"), NULL), 0);
    assert_int_equal(vips_autorot(image, &turned, NULL), 0);
    *width = vips_image_get_width(turned);
    *height = vips_image_get_height(turned);
    size_t size;
    void *pixels = vips_image_write_to_memory(turned, &size);
    memcpy(upright, pixels, size);
    g_free(pixels);
    g_object_unref(turned);
    g_object_unref(image);
}

static void every_exif_rotation_is_undone(void **state)
{
    (void)state;
    for (int orientation = 1; orientation <= 8; orientation++) {
        uint8_t upright[AREA];
        int width, height;
        save_rotated(orientation, upright, &width, &height);
        standin_image image;
        standin_dataset *set = open_only(STANDIN_FIT_PAD, 0, &image); /* one black line at two sides */
        assert_int_equal(image.width, width);
        assert_int_equal(image.height, height);
        const int left = (SIDE - width) / 2, top = (SIDE - height) / 2;
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                if (image.pixels[(y + top) * SIDE + x + left] != upright[y * width + x])
                    fail_msg("orientation %d: pixel %d, %d", orientation, x, y);
        standin_dataset_free(set);
    }
}

/* 24 x 8: black, white and grey thirds. */
static void save_thirds(void)
{
    uint8_t samples[24 * 8];
    for (int i = 0; i < 24 * 8; i++)
        samples[i] = i % 24 < 8 ? 0 : i % 24 < 16 ? 255 : 128;
    image_file_bytes(scratch_path("a.png"), samples, 24, 8, 1, "");
}

static void crop_takes_the_largest_centred_part(void **state)
{
    (void)state;
    save_thirds();
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_CROP, 0, &image);
    assert_pixels(image.pixels, 1, (const uint8_t[]){255}, 0);
    assert_int_equal(image.width, 24);
    assert_int_equal(image.height, 8);
    standin_dataset_free(set);
}

static void pad_keeps_the_whole_image_on_black(void **state)
{
    (void)state;
    save_thirds();
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_PAD, 0, &image);
    int bright_rows = 0;
    for (int y = 0; y < SIDE; y++) {
        bright_rows += image.pixels[y * SIDE + 4] > 200;
        assert_true(image.pixels[y * SIDE] < 20);
    }
    assert_int_equal(bright_rows, 3); /* 8 / 3 rounded */
    standin_dataset_free(set);
}

static void stretch_uses_the_whole_image_for_the_whole_result(void **state)
{
    (void)state;
    save_thirds();
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_STRETCH, 0, &image);
    for (int y = 0; y < SIDE; y++) {
        assert_true(image.pixels[y * SIDE] < 20);
        assert_true(image.pixels[y * SIDE + 4] > 230);
        assert_in_range(image.pixels[y * SIDE + 7], 108, 148);
    }
    standin_dataset_free(set);
}

static void reducing_does_not_alias(void **state)
{
    (void)state;
    enum { LARGE = 200 };
    uint8_t *samples = malloc(LARGE * LARGE);
    for (int i = 0; i < LARGE * LARGE; i++)
        samples[i] = (i / LARGE + i) % 2 ? 255 : 0; /* a chessboard of single pixels */
    image_file_bytes(scratch_path("a.png"), samples, LARGE, LARGE, 1, "");
    free(samples);
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_STRETCH, 0, &image);
    assert_pixels(image.pixels, 1, (const uint8_t[]){127}, 2);
    standin_dataset_free(set);
}

static void one_pixel_is_an_image(void **state)
{
    (void)state;
    image_file_plain(scratch_path("a.png"), 1, 1, 3, 99);
    for (int fit = STANDIN_FIT_CROP; fit <= STANDIN_FIT_STRETCH; fit++) {
        standin_image image;
        standin_dataset *set = open_only((enum standin_fit)fit, 0, &image);
        assert_int_equal(image.width, 1);
        assert_pixels(image.pixels, 3, (const uint8_t[]){99, 99, 99}, 0);
        standin_dataset_free(set);
    }
}

static void a_very_long_image_fits_too(void **state)
{
    (void)state;
    image_file_plain(scratch_path("a.png"), 5000, 1, 1, 50);
    standin_image image;
    standin_dataset *set = open_only(STANDIN_FIT_PAD, 0, &image);
    int filled = 0;
    for (int i = 0; i < AREA; i++)
        filled += image.pixels[i] == 50;
    assert_int_equal(filled, SIDE); /* one row */
    standin_dataset_free(set);
}

static void the_usual_formats_are_read(void **state)
{
    (void)state;
    static const char *const endings[] = {"png", "jpg", "tif", "webp", "gif", "ppm"};
    uint8_t samples[32 * 32 * 3];
    memset(samples, 90, sizeof samples);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const char *path = scratch_path("a.%s", endings[i]);
        image_file_bytes(path, samples, 32, 32, 3, "");
        standin_image image;
        standin_dataset *set = open_only(STANDIN_FIT_CROP, 3, &image);
        assert_pixels(image.pixels, 3, (const uint8_t[]){90, 90, 90}, 3);
        standin_dataset_free(set);
        assert_int_equal(remove(path), 0);
    }
}

static void what_is_written_reads_back_and_is_written_alike_every_time(void **state)
{
    (void)state;
    uint8_t samples[AREA * 3], *first, *second;
    size_t first_bytes, second_bytes;
    pattern(samples, SIDE, SIDE, 3);
    for (int channels = 1; channels <= 3; channels += 2) {
        assert_int_equal(image_write(scratch_path("a.png"), samples, SIDE, SIDE, channels), 0);
        standin_image image;
        standin_dataset *set = open_only(STANDIN_FIT_CROP, 0, &image);
        assert_int_equal(image.channels, channels);
        assert_memory_equal(image.pixels, samples, (size_t)(AREA * channels));
        standin_dataset_free(set);
        assert_int_equal(image_encode(&first, &first_bytes, samples, SIDE, SIDE, channels), 0);
        assert_int_equal(image_encode(&second, &second_bytes, samples, SIDE, SIDE, channels), 0);
        assert_int_equal(first_bytes, second_bytes);
        assert_memory_equal(first, second, first_bytes);
        free(first);
        free(second);
    }
    assert_int_equal(image_write(scratch_path("b.png"), samples, SIDE, SIDE, 2), STANDIN_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(an_image_of_the_wanted_size_stays_as_it_is),
        IN_SCRATCH(grey_stays_one_channel),
        IN_SCRATCH(grey_becomes_colour_by_request),
        IN_SCRATCH(colour_becomes_grey_by_the_weights_of_rec_601),
        IN_SCRATCH(sixteen_bits_become_eight_by_their_full_range),
        IN_SCRATCH(sixteen_bit_colour_is_read_from_tiff),
        IN_SCRATCH(transparency_lies_on_white),
        IN_SCRATCH(sixteen_bit_transparency_lies_on_white),
        IN_SCRATCH(a_palette_is_read_as_its_colours),
        IN_SCRATCH(cmyk_becomes_srgb),
        IN_SCRATCH(a_colour_profile_is_applied),
        IN_SCRATCH(every_exif_rotation_is_undone),
        IN_SCRATCH(crop_takes_the_largest_centred_part),
        IN_SCRATCH(pad_keeps_the_whole_image_on_black),
        IN_SCRATCH(stretch_uses_the_whole_image_for_the_whole_result),
        IN_SCRATCH(reducing_does_not_alias),
        IN_SCRATCH(one_pixel_is_an_image),
        IN_SCRATCH(a_very_long_image_fits_too),
        IN_SCRATCH(the_usual_formats_are_read),
        IN_SCRATCH(what_is_written_reads_back_and_is_written_alike_every_time),
    };
    return cmocka_run_group_tests(tests, NULL, image_files_teardown);
}
