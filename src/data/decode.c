/* libvips opens, checks, colour-converts and delivers an image in strips; the strips are pulled on the thread that
 * asks, because libvips' own threads cost more than decoding a small image. */
#include "data/decode.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/raster.h"

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

enum { FILE_LIMIT = 1 << 30, STRIP = 64 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int start_status;

/* The library promises silence; libvips would print its warnings. */
static void drop_message(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer context)
{
    (void)domain, (void)level, (void)message, (void)context;
}

static void start_once(void)
{
    g_log_set_handler("VIPS", G_LOG_LEVEL_MASK, drop_message, NULL);
    g_log_set_handler("GLib-GObject", G_LOG_LEVEL_WARNING, drop_message, NULL); /* of sizes that damaged files claim */
    start_status = vips_init("standin");
    if (start_status != 0)
        return;
    vips_block_untrusted_set(TRUE);
    vips_operation_block_set("VipsForeignLoadMatrix", TRUE); /* a table of numbers as text is no image */
    vips_operation_block_set("VipsForeignLoadPpm", FALSE);   /* plain rows of samples; customary for faces */
    vips_cache_set_max(0);
    vips_concurrency_set(1);
}

int decode_start(void)
{
    pthread_once(&once, start_once);
    return start_status == 0 ? 0 : error_set(STATUS_FAILED, "cannot start the image library: %s", vips_error_buffer());
}

/* libvips says "domain: reason", perhaps on several lines; the first reason is the cause. */
int decode_failure(const char *path)
{
    static const struct {
        const char *said, *meant;
    } plainer[] = {
        {"known format", "not an image in a format that is read"},
        {"is blocked", "a format that is not read, because its decoder is not made for untrusted files"},
        {"png read error", "truncated or damaged"},
    };
    char reason[256] = "cannot be decoded";
    const char *buffer = vips_error_buffer();
    const size_t length = strcspn(buffer, "\n");
    const char *colon = memchr(buffer, ':', length);
    const char *start = colon && colon[1] == ' ' ? colon + 2 : buffer;
    if (length > 0)
        g_snprintf(reason, sizeof reason, "%.*s", (int)(length - (size_t)(start - buffer)), start);
    for (size_t i = 0; i < sizeof plainer / sizeof *plainer; i++)
        if (strstr(reason, plainer[i].said))
            g_strlcpy(reason, plainer[i].meant, sizeof reason);
    vips_error_clear();
    return error_set(STATUS_INPUT, "%s: %s", path, reason);
}

/* Replaces *image by the result of an operation on it. */
static void exchange(VipsImage **image, VipsImage *result)
{
    g_object_unref(*image);
    *image = result;
}

static int check_header(const VipsImage *image, const char *path, int64_t pixel_limit)
{
    const int64_t width = vips_image_get_width(image), height = vips_image_get_height(image);
    if (width * height > pixel_limit)
        return error_set(STATUS_INPUT, "%s: %lld x %lld pixels are more than the limit of %lld", path,
                         (long long)width, (long long)height, (long long)pixel_limit);
    const VipsBandFormat format = vips_image_get_format(image);
    if ((format != VIPS_FORMAT_UCHAR && format != VIPS_FORMAT_USHORT) ||
        vips_image_get_coding(image) != VIPS_CODING_NONE)
        return error_set(STATUS_INPUT, "%s: samples of type %s; 8 and 16 bit are read", path,
                         vips_enum_nick(VIPS_TYPE_BAND_FORMAT, format));
    return 0;
}

static bool is_rgb(const VipsImage *image)
{
    const VipsInterpretation space = vips_image_get_interpretation(image);
    return space == VIPS_INTERPRETATION_sRGB || space == VIPS_INTERPRETATION_RGB ||
           space == VIPS_INTERPRETATION_RGB16 || space == VIPS_INTERPRETATION_MULTIBAND;
}

/* Brings colour to sRGB with the bits it has. A profile that cannot be used is ignored, as viewers do. */
static int to_srgb(VipsImage **image, int bits)
{
    VipsImage *result = NULL;
    const bool rgb = is_rgb(*image);
    if (vips_image_get_typeof(*image, VIPS_META_ICC_NAME) &&
        vips_icc_transform(*image, &result, "srgb", "embedded", TRUE, "depth", bits, NULL) == 0) {
        exchange(image, result);
        return 0;
    }
    vips_error_clear();
    if (rgb)
        return 0;
    if (vips_colourspace(*image, &result, bits == 16 ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB, NULL) != 0)
        return -1;
    exchange(image, result);
    return 0;
}

static int flatten_on_white(VipsImage **image, int bits)
{
    VipsImage *result = NULL;
    const double white_level = bits == 16 ? 65535 : 255;
    VipsArrayDouble *white = vips_array_double_newv(1, white_level);
    const int failed = vips_flatten(*image, &result, "background", white, "max_alpha", white_level, NULL);
    vips_area_unref(VIPS_AREA(white));
    if (failed)
        return -1;
    exchange(image, result);
    return 0;
}

/* One or three channels of sRGB without transparency. */
static int to_plain_channels(VipsImage **image, int bits, const char *path)
{
    const bool alpha = vips_image_hasalpha(*image);
    const int bands = vips_image_get_bands(*image) - alpha;
    if (bands != 1 && bands != 3 && !(bands == 4 && !is_rgb(*image)))
        return error_set(STATUS_INPUT, "%s: %d channels; grey and colour are read", path, bands);
    if (bands > 1 && to_srgb(image, bits) != 0)
        return decode_failure(path);
    if (alpha && flatten_on_white(image, bits) != 0)
        return decode_failure(path);
    const int channels = vips_image_get_bands(*image);
    if (channels != (bands == 1 ? 1 : 3))
        return error_set(STATUS_INPUT, "%s: %d channels; grey and colour are read", path, channels);
    return 0;
}

/* All samples in one block, which is the caller's. */
static int pull(void **samples, VipsImage *image, int bits, const char *path)
{
    const int width = vips_image_get_width(image), height = vips_image_get_height(image);
    const size_t row = (size_t)width * (size_t)vips_image_get_bands(image) * (size_t)(bits / 8);
    uint8_t *block = malloc(row * (size_t)height);
    *samples = block;
    if (!block)
        return error_set(STATUS_MEMORY, "%s: out of memory: %zu bytes", path, row * (size_t)height);
    VipsRegion *region = vips_region_new(image);
    int status = region ? 0 : decode_failure(path);
    for (int top = 0; top < height && status == 0; top += STRIP) {
        const int rows = height - top < STRIP ? height - top : STRIP;
        size_t bytes;
        VipsPel *strip = vips_region_fetch(region, 0, top, width, rows, &bytes);
        if (strip && bytes == row * (size_t)rows)
            memcpy(block + row * (size_t)top, strip, bytes);
        else
            status = decode_failure(path);
        g_free(strip);
    }
    if (region)
        g_object_unref(region);
    return status;
}

static void digest_of(uint8_t *digest, const struct raster *raster)
{
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
    const int32_t heading[5] = {raster->width, raster->height, raster->channels, raster->bits, raster->orientation};
    const size_t samples = (size_t)raster->width * (size_t)raster->height * (size_t)raster->channels;
    gsize size = DIGEST_SIZE;
    g_checksum_update(checksum, (const guchar *)heading, sizeof heading);
    for (size_t left = samples * (size_t)(raster->bits / 8), done = 0; left > 0;) { /* GLib counts in gssize */
        const size_t part = left < G_MAXINT ? left : G_MAXINT;
        g_checksum_update(checksum, (const guchar *)raster->samples + done, (gssize)part);
        done += part;
        left -= part;
    }
    g_checksum_get_digest(checksum, digest, &size);
    g_checksum_free(checksum);
}

static int use_raster(struct decoded *decoded, uint8_t *pixels, const struct raster *raster,
                      const struct decode_request *request)
{
    const int turned = raster_is_turned(raster->orientation);
    decoded->width = turned ? raster->height : raster->width;
    decoded->height = turned ? raster->width : raster->height;
    decoded->channels = raster->channels;
    decoded->bits = raster->bits;
    digest_of(decoded->digest, raster);
    if (request->width == 0)
        return 0;
    return raster_fit(pixels, raster, request->width, request->height, request->fit,
                      request->channels ? request->channels : raster->channels);
}

static int decode_bytes(struct decoded *decoded, uint8_t *pixels, const char *path,
                        const struct decode_request *request, const uint8_t *bytes, size_t size)
{
    void *samples = NULL;
    int status = 0;
    VipsSource *source = vips_source_new_from_memory(bytes, size);
    VipsImage *image = source ? vips_image_new_from_source(source, "", "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                                                           VIPS_FAIL_ON_ERROR, NULL)
                              : NULL;
    if (!image) {
        status = decode_failure(path);
        goto done;
    }
    status = check_header(image, path, request->pixel_limit);
    if (status < 0)
        goto done;
    const int bits = vips_image_get_format(image) == VIPS_FORMAT_USHORT ? 16 : 8;
    const int orientation = vips_image_get_orientation(image);
    status = to_plain_channels(&image, bits, path);
    if (status == 0)
        status = pull(&samples, image, bits, path);
    if (status < 0)
        goto done;
    const struct raster raster = {samples, vips_image_get_width(image), vips_image_get_height(image),
                                  vips_image_get_bands(image), bits, orientation};
    status = use_raster(decoded, pixels, &raster, request);
done:
    free(samples);
    g_clear_object(&image);
    g_clear_object(&source);
    return status;
}

int decode_file(struct decoded *decoded, uint8_t *pixels, const char *path, const struct decode_request *request)
{
    uint8_t *bytes;
    size_t size;
    int status = file_read_all(path, FILE_LIMIT, &bytes, &size);
    if (status == 0 && size == 0)
        status = error_set(STATUS_INPUT, "%s: an empty file", path);
    if (status == 0)
        status = decode_bytes(decoded, pixels, path, request, bytes, size);
    free(bytes);
    return status;
}

int decode_grey(struct decoded *decoded, uint8_t *pixels, const uint8_t *raw, int width, int height,
                const struct decode_request *request)
{
    const struct raster raster = {raw, width, height, 1, 8, 1};
    return use_raster(decoded, pixels, &raster, request);
}
