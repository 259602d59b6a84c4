/* PNG by libvips. Speed before size: a set of ten thousand small images is written while somebody waits. */
#include "data/write.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/decode.h"

#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

enum { COMPRESSION = 3 };

int image_encode(uint8_t **png, size_t *bytes, const uint8_t *pixels, int width, int height, int channels)
{
    *png = NULL;
    *bytes = 0;
    if (width < 1 || height < 1 || (channels != 1 && channels != 3))
        return error_set(STATUS_INPUT, "cannot write an image of %d x %d x %d", width, height, channels);
    int status = decode_start();
    if (status < 0)
        return status;
    const size_t size = (size_t)width * (size_t)height * (size_t)channels;
    VipsImage *image = vips_image_new_from_memory(pixels, size, width, height, channels, VIPS_FORMAT_UCHAR);
    if (!image)
        return decode_failure("PNG");
    image->Type = channels == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
    void *buffer = NULL;
    if (vips_pngsave_buffer(image, &buffer, bytes, "compression", COMPRESSION, "filter", VIPS_FOREIGN_PNG_FILTER_PAETH,
                            "strip", TRUE, NULL) != 0)
        status = decode_failure("PNG");
    g_object_unref(image);
    *png = buffer; /* GLib's allocator is the system's since 2.46 */
    return status;
}

typedef int replace_function(const char *path, const void *data, size_t bytes);

static int write_by(replace_function *replace, const char *path, const uint8_t *pixels, int width, int height,
                    int channels)
{
    uint8_t *png;
    size_t bytes;
    int status = image_encode(&png, &bytes, pixels, width, height, channels);
    if (status < 0)
        return error_prefix(status, "%s", path);
    status = replace(path, png, bytes);
    free(png);
    return status;
}

int image_write(const char *path, const uint8_t *pixels, int width, int height, int channels)
{
    return write_by(file_replace, path, pixels, width, height, channels);
}

int image_write_unsynced(const char *path, const uint8_t *pixels, int width, int height, int channels)
{
    return write_by(file_replace_unsynced, path, pixels, width, height, channels);
}

char *write_csv_field(const char *text)
{
    if (!strpbrk(text, ",\"\r\n"))
        return text_copy(text);
    char *field = memory_new(2 * strlen(text) + 3, 1);
    if (!field)
        return NULL;
    char *end = field;
    *end++ = '"';
    for (; *text; text++) {
        if (*text == '"')
            *end++ = '"';
        *end++ = *text;
    }
    *end = '"';
    return field;
}
