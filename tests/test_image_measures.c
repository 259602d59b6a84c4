/* SSIM, PSNR and MS-SSIM have the values that others compute, refuse what they are not defined for, and do not depend
 * on the number of threads or the processor. */
#include "eval/image_measures.h"

#include "base/error.h"
#include "eval/loops.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "must.h"
#include "near.h"

enum { SIDE = 64, PIXELS = SIDE * SIDE };

/* Integers alone, so that any language makes the same images. */
static uint32_t next_word(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state;
}

static void make_a(uint8_t pixels[PIXELS])
{
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            pixels[y * SIDE + x] = (uint8_t)(((x * x + 2 * y * y) >> 6) + 32 * (((x >> 3) + (y >> 3)) & 1));
}

static void make_b(uint8_t pixels[PIXELS])
{
    uint32_t state = 12345;
    make_a(pixels);
    for (int i = 0; i < PIXELS; i++) {
        const int value = pixels[i] + (int)((next_word(&state) >> 24) % 41) - 20;
        pixels[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

static void make_colour(uint8_t pixels[3 * PIXELS], const uint8_t grey_pixels[PIXELS])
{
    for (int i = 0; i < PIXELS; i++) {
        pixels[3 * i] = grey_pixels[i];
        pixels[3 * i + 1] = (uint8_t)(255 - grey_pixels[i]);
        pixels[3 * i + 2] = (uint8_t)(7 * grey_pixels[i] & 255);
    }
}

static const struct image_shape grey = {SIDE, SIDE, 1}, colour = {SIDE, SIDE, 3};
static uint8_t a[PIXELS], b[PIXELS], other[PIXELS];

static int make_images(void **state)
{
    (void)state;
    make_a(a);
    make_b(b);
    return 0;
}

static double ssim(const uint8_t *left, const uint8_t *right, struct image_shape shape, enum ssim_window window)
{
    double value = NAN;
    must(image_ssim(&value, left, right, shape, window));
    return value;
}

static double psnr(const uint8_t *left, const uint8_t *right, struct image_shape shape)
{
    double value = NAN;
    must(image_psnr(&value, left, right, shape));
    return value;
}

/* Sums and first samples that the reference names, so that its values are about these images. */
static int64_t sum_of(const uint8_t *samples, int count)
{
    int64_t sum = 0;
    for (int i = 0; i < count; i++)
        sum += samples[i];
    return sum;
}

static void the_images_are_those_of_the_reference(void **state)
{
    (void)state;
    static const uint8_t first_of_a[8] = {0}, first_of_b[8] = {0, 0, 0, 19, 7, 8, 0, 0};
    uint8_t coloured[3 * PIXELS];
    assert_int_equal(sum_of(a, PIXELS), 319808);
    assert_int_equal(sum_of(b, PIXELS), 319198);
    assert_memory_equal(a, first_of_a, sizeof first_of_a);
    assert_memory_equal(b, first_of_b, sizeof first_of_b);
    make_colour(coloured, a);
    assert_int_equal(sum_of(coloured, 3 * PIXELS), 1546432);
    make_colour(coloured, b);
    assert_int_equal(sum_of(coloured, 3 * PIXELS), 1541906);
}

static void ssim_with_a_gaussian_window_has_its_known_value(void **state)
{
    (void)state;
    near(ssim(a, b, grey, SSIM_GAUSSIAN), 0.7335332914116064, 1e-9);
}

static void ssim_with_a_uniform_window_has_that_of_the_python_library(void **state)
{
    (void)state;
    near(ssim(a, b, grey, SSIM_UNIFORM), 0.7625105895701009, 1e-9);
}

/* SSIM of one white pixel against black has a closed form in the window's weight at that pixel. */
static void the_gaussian_window_has_the_known_taps_across_and_down(void **state)
{
    (void)state;
    static const double taps[11] = {0.00102838008447911,  0.007598758135239186, 0.036000772128430815,
                                    0.10936068950970002,  0.2130055377112537,   0.26601172486179436,
                                    0.2130055377112537,   0.10936068950970002,  0.036000772128430815,
                                    0.007598758135239186, 0.00102838008447911};
    const struct image_shape one_window = {11, 11, 1};
    for (int t = 0; t < 22; t++) {
        uint8_t black[121] = {0}, pixel[121] = {0};
        pixel[t < 11 ? 5 * 11 + t : t % 11 * 11 + 5] = 255;
        const double weight = taps[t % 11] * taps[5], c1 = 2.55 * 2.55, c2 = 7.65 * 7.65;
        const double mean = 255 * weight, variance = 255. * 255 * weight - mean * mean;
        near(ssim(pixel, black, one_window, SSIM_GAUSSIAN), c1 / (mean * mean + c1) * c2 / (variance + c2), 1e-12);
    }
}

/* Of samples divided by `divisor`, with windows that the library does not offer, by its inner loops. */
static double ssim_by_loops(const struct ssim_constants *constants, double divisor)
{
    const struct eval_loops *loops = eval_loops_here();
    const int taps = constants->tap_count, across = SIDE - taps + 1;
    static double smoothed[SIDE][SSIM_PLANES * SIDE], work[2 * SIDE];
    double left[SIDE], right[SIDE], sums[SIDE] = {0}, structure[SIDE] = {0}, mean = 0;
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            left[x] = a[y * SIDE + x] / divisor;
            right[x] = b[y * SIDE + x] / divisor;
        }
        loops->smooth_row(smoothed[y], SIDE, work, left, right, across, constants);
    }
    for (int y = 0; y < across; y++) {
        const double *window[SSIM_TAPS];
        for (int t = 0; t < taps; t++)
            window[t] = smoothed[y + t];
        loops->ssim_row(sums, structure, window, SIDE, across, constants);
    }
    for (int x = 0; x < across; x++)
        mean += sums[x] / (across * across);
    return mean;
}

static void ssim_with_population_moments_in_a_uniform_window_has_its_known_value(void **state)
{
    (void)state;
    struct ssim_constants constants = {.tap_count = 7, .covariance_scale = 1, .c1 = 2.55 * 2.55, .c2 = 7.65 * 7.65};
    for (int t = 0; t < 7; t++)
        constants.taps[t] = 1. / 7;
    near(ssim_by_loops(&constants, 1), 0.763110245792553, 1e-9);
    constants.covariance_scale = 49. / 48;
    near(ssim_by_loops(&constants, 1), ssim(a, b, grey, SSIM_UNIFORM), 1e-12);
}

static void ssim_of_samples_between_0_and_1_is_the_same(void **state)
{
    (void)state;
    struct ssim_constants constants = {.tap_count = 11, .covariance_scale = 1, .c1 = 0.01 * 0.01, .c2 = 0.03 * 0.03};
    double sum = 0;
    for (int t = 0; t < 11; t++)
        sum += constants.taps[t] = exp(-(t - 5) * (t - 5) / 4.5);
    for (int t = 0; t < 11; t++)
        constants.taps[t] /= sum;
    near(ssim_by_loops(&constants, 255), 0.7335332914116063, 1e-9);
}

static void ssim_of_colour_is_the_mean_over_the_channels(void **state)
{
    (void)state;
    uint8_t colour_a[3 * PIXELS], colour_b[3 * PIXELS];
    make_colour(colour_a, a);
    make_colour(colour_b, b);
    near(ssim(colour_a, colour_b, colour, SSIM_GAUSSIAN), 0.4902835512364752, 1e-9);
    near(psnr(colour_a, colour_b, colour), 12.383873361872798, 1e-9);
}

static void ssim_of_grey_from_colour_has_its_known_value(void **state)
{
    (void)state;
    uint8_t grey_a[PIXELS], grey_b[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
        grey_a[i] = (uint8_t)rint(0.299 * a[i] + 0.587 * (255 - a[i]) + 0.114 * (7 * a[i] & 255));
        grey_b[i] = (uint8_t)rint(0.299 * b[i] + 0.587 * (255 - b[i]) + 0.114 * (7 * b[i] & 255));
    }
    near(ssim(grey_a, grey_b, grey, SSIM_GAUSSIAN), 0.453561258640266, 1e-9);
}

static void ssim_of_an_image_with_its_negative_is_negative(void **state)
{
    (void)state;
    for (int i = 0; i < PIXELS; i++)
        other[i] = (uint8_t)(255 - a[i]);
    near(ssim(a, other, grey, SSIM_GAUSSIAN), -0.41889046398636115, 1e-9);
}

static void ssim_of_plain_images_compares_their_brightness(void **state)
{
    (void)state;
    uint8_t plain[PIXELS];
    memset(plain, 100, sizeof plain);
    memset(other, 110, sizeof other);
    near(ssim(plain, other, grey, SSIM_GAUSSIAN), 0.9954764440915066, 1e-9);
    near(ssim(plain, other, grey, SSIM_UNIFORM), 0.9954764440915066, 1e-9);
    memset(plain, 0, sizeof plain);
    memset(other, 255, sizeof other);
    near(ssim(plain, other, grey, SSIM_GAUSSIAN), 9.999000099990002e-05, 1e-9);
}

static void ssim_of_an_image_with_itself_is_1_and_symmetric_otherwise(void **state)
{
    (void)state;
    near(ssim(a, a, grey, SSIM_GAUSSIAN), 1, 1e-12);
    near(ssim(a, b, grey, SSIM_GAUSSIAN), ssim(b, a, grey, SSIM_GAUSSIAN), 1e-15);
}

static void psnr_has_its_known_values(void **state)
{
    (void)state;
    double mse = NAN;
    must(image_mse(&mse, a, b, grey));
    near(mse, 138.9736328125, 1e-12);
    near(psnr(a, b, grey), 26.701479506157234, 1e-12);
    for (int offset = 1; offset <= 10; offset += 9) {
        uint8_t plain[PIXELS];
        memset(plain, 100, sizeof plain);
        memset(other, 100 + offset, sizeof other);
        near(psnr(plain, other, grey), offset == 1 ? 48.1308036086791 : 28.130803608679106, 1e-12);
    }
}

static void psnr_with_another_range_has_its_published_value(void **state)
{
    (void)state;
    const uint8_t up[4] = {0, 1, 2, 3}, down[4] = {3, 2, 1, 0};
    double mse = NAN;
    must(image_mse(&mse, up, down, (struct image_shape){2, 2, 1}));
    near(image_psnr_of_mse(mse, 3), 2.5527250510330606, 1e-12);
}

static void psnr_of_equal_images_is_infinite(void **state)
{
    (void)state;
    assert_true(isinf(psnr(a, a, grey)) && psnr(a, a, grey) > 0);
}

static void images_smaller_than_the_window_are_refused(void **state)
{
    (void)state;
    double value;
    assert_int_equal(image_ssim(&value, a, b, (struct image_shape){10, 64, 1}, SSIM_GAUSSIAN), STATUS_INPUT);
    assert_non_null(strstr(error_message(), "11 x 11"));
    assert_int_equal(image_ssim(&value, a, b, (struct image_shape){64, 6, 1}, SSIM_UNIFORM), STATUS_INPUT);
    assert_int_equal(image_psnr(&value, a, b, (struct image_shape){0, 64, 1}), STATUS_INPUT);
    assert_int_equal(image_psnr(&value, a, b, (struct image_shape){8, 8, 2}), STATUS_INPUT);
    must(image_ssim(&value, a, b, (struct image_shape){11, 11, 1}, SSIM_GAUSSIAN));
}

enum { LARGE = 161 };

/* A picture with structure on all scales, and another with more of it. */
static uint8_t *large_image(int salt)
{
    uint8_t *pixels = malloc(LARGE * LARGE);
    assert_non_null(pixels);
    uint32_t noise = 5;
    for (int y = 0; y < LARGE; y++)
        for (int x = 0; x < LARGE; x++) {
            const int wave = ((x * x + 2 * y * y) >> 8) & 127, cells = 32 * (((x >> 4) + (y >> 4)) & 1);
            pixels[y * LARGE + x] = (uint8_t)(wave + cells + (int)((next_word(&noise) >> 24) % 61) * salt);
        }
    return pixels;
}

static void ms_ssim_has_the_value_of_its_definition(void **state)
{
    (void)state;
    uint8_t *plain = large_image(0), *noisy = large_image(1);
    const struct image_shape shape = {LARGE, LARGE, 1};
    double value = NAN;
    must(image_ms_ssim(&value, plain, noisy, shape));
    near(value, 0.9034798434232316, 1e-9);
    must(image_ms_ssim(&value, plain, plain, shape));
    near(value, 1, 1e-12);
    free(plain);
    free(noisy);
}

static void ms_ssim_under_161_pixels_is_refused(void **state)
{
    (void)state;
    uint8_t *plain = large_image(0);
    double value;
    assert_int_equal(image_ms_ssim(&value, plain, plain, (struct image_shape){160, 161, 1}), STATUS_INPUT);
    assert_non_null(strstr(error_message(), "161 x 161"));
    free(plain);
}

static void many_pairs_have_the_values_of_single_ones_for_any_number_of_threads(void **state)
{
    (void)state;
    enum { PAIRS = 7 };
    const uint8_t *left[PAIRS], *right[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        left[i] = i % 2 ? a : b;
        right[i] = i % 3 ? b : a;
    }
    for (int threads = 1; threads <= 3; threads += 2) {
        double values[PAIRS];
        struct pool *pool;
        must(pool_new(&pool, threads));
        must(image_ssim_pairs(values, left, right, PAIRS, grey, SSIM_GAUSSIAN, pool));
        for (int i = 0; i < PAIRS; i++) {
            const double single = ssim(left[i], right[i], grey, SSIM_GAUSSIAN);
            assert_memory_equal(&values[i], &single, sizeof single);
        }
        pool_free(pool);
    }
}

static void every_instruction_set_gives_the_same_bits(void **state)
{
    (void)state;
    const double best = ssim(a, b, grey, SSIM_GAUSSIAN);
    static const char *const levels[] = {"avx2", "plain"};
    for (int i = 0; i < 2; i++) {
        setenv("STANDIN_CPU", levels[i], 1);
        const double value = ssim(a, b, grey, SSIM_GAUSSIAN);
        unsetenv("STANDIN_CPU");
        assert_memory_equal(&value, &best, sizeof value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_images_are_those_of_the_reference),
        cmocka_unit_test(ssim_with_a_gaussian_window_has_its_known_value),
        cmocka_unit_test(ssim_with_a_uniform_window_has_that_of_the_python_library),
        cmocka_unit_test(the_gaussian_window_has_the_known_taps_across_and_down),
        cmocka_unit_test(ssim_with_population_moments_in_a_uniform_window_has_its_known_value),
        cmocka_unit_test(ssim_of_samples_between_0_and_1_is_the_same),
        cmocka_unit_test(ssim_of_colour_is_the_mean_over_the_channels),
        cmocka_unit_test(ssim_of_grey_from_colour_has_its_known_value),
        cmocka_unit_test(ssim_of_an_image_with_its_negative_is_negative),
        cmocka_unit_test(ssim_of_plain_images_compares_their_brightness),
        cmocka_unit_test(ssim_of_an_image_with_itself_is_1_and_symmetric_otherwise),
        cmocka_unit_test(psnr_has_its_known_values),
        cmocka_unit_test(psnr_with_another_range_has_its_published_value),
        cmocka_unit_test(psnr_of_equal_images_is_infinite),
        cmocka_unit_test(images_smaller_than_the_window_are_refused),
        cmocka_unit_test(ms_ssim_has_the_value_of_its_definition),
        cmocka_unit_test(ms_ssim_under_161_pixels_is_refused),
        cmocka_unit_test(many_pairs_have_the_values_of_single_ones_for_any_number_of_threads),
        cmocka_unit_test(every_instruction_set_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, make_images, NULL);
}
