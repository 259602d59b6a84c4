/* Image files for tests, by libvips. */
#include "image_files.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>
#include <zlib.h>

#include <cmocka.h>

static void save(const char *path, const void *samples, size_t bytes, int width, int height, int channels,
                 VipsBandFormat format, VipsInterpretation space, const char *options)
{
    char target[512];
    assert_int_equal(VIPS_INIT("test"), 0);
    scratch_write(path, "", 0); /* makes the folders above it */
    VipsImage *image = vips_image_new_from_memory(samples, bytes, width, height, channels, format);
    assert_non_null(image);
    image->Type = space;
    snprintf(target, sizeof target, "%s%s", path, options);
    if (vips_image_write_to_file(image, target, NULL) != 0)
        fail_msg("%s: %s", target, vips_error_buffer());
    g_object_unref(image);
}

static size_t samples_of(int width, int height, int channels)
{
    return (size_t)width * (size_t)height * (size_t)channels;
}

void image_file_bytes(const char *path, const uint8_t *samples, int width, int height, int channels,
                      const char *options)
{
    save(path, samples, samples_of(width, height, channels), width, height, channels, VIPS_FORMAT_UCHAR,
         channels < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB, options);
}

void image_file_words(const char *path, const uint16_t *samples, int width, int height, int channels)
{
    save(path, samples, 2 * samples_of(width, height, channels), width, height, channels, VIPS_FORMAT_USHORT,
         channels < 3 ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16, "");
}

void image_file_plain(const char *path, int width, int height, int channels, uint8_t level)
{
    const size_t size = samples_of(width, height, channels);
    uint8_t *samples = test_malloc(size);
    memset(samples, level, size);
    image_file_bytes(path, samples, width, height, channels, "");
    test_free(samples);
}

void image_file_noise(const char *path, int width, int height, unsigned seed)
{
    const size_t size = samples_of(width, height, 1);
    uint8_t *samples = test_malloc(size);
    uint32_t state = seed * 2654435761u + 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        samples[i] = (uint8_t)(state >> 24);
    }
    image_file_bytes(path, samples, width, height, 1, "");
    test_free(samples);
}

static uint8_t *put_word(uint8_t *to, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        *to++ = (uint8_t)(word >> (24 - 8 * i));
    return to;
}

static uint8_t *put_chunk(uint8_t *to, const char *kind, const uint8_t *data, uint32_t size)
{
    uint8_t *const start = put_word(to, size);
    memcpy(start, kind, 4);
    if (size > 0)
        memcpy(start + 4, data, size);
    return put_word(start + 4 + size, (uint32_t)crc32(0, start, size + 4));
}

void image_file_claim(const char *path, uint32_t width, uint32_t height)
{
    uint8_t file[128], head[13] = {0}, *end = file;
    memcpy(end, "\x89PNG\r\n\x1a\n", 8);
    put_word(head, width);
    put_word(head + 4, height);
    head[8] = 8; /* bits, grey, and the customary zeros */
    end = put_chunk(end + 8, "IHDR", head, sizeof head);
    end = put_chunk(end, "IDAT", (const uint8_t *)"\x78\x9c\x03\x00\x00\x00\x00\x01", 8);
    end = put_chunk(end, "IEND", NULL, 0);
    scratch_write(path, file, (size_t)(end - file));
}

void image_files_end(void)
{
    if (VIPS_INIT("test") == 0) /* it may not have been needed */
        vips_shutdown();
}

int image_files_teardown(void **state)
{
    (void)state;
    image_files_end();
    return 0;
}
