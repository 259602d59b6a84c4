/* From a decoded image to the pixels of a set: geometry, turning upright, channels, eight bits. The geometry is
 * done in the image as it lies in the file, so that only the small result has to be turned. */
#include "base/error.h"
#include "base/memory.h"
#include "data/raster.h"

#include <math.h>
#include <stdlib.h>

int raster_is_turned(int orientation)
{
    return orientation >= 5 && orientation <= 8;
}

/* Which part of the image fills which part of the result. */
struct placement {
    struct rectangle from;
    int x, y, width, height;
};

static int inner_side(int samples, double scale, int limit)
{
    const int side = (int)lround(samples / scale);
    return side < 1 ? 1 : side > limit ? limit : side;
}

static struct placement place(const struct raster *raster, int width, int height, enum standin_fit fit)
{
    const double across = (double)raster->width / width, down = (double)raster->height / height;
    struct placement placement = {{0, 0, raster->width, raster->height}, 0, 0, width, height};
    if (fit == STANDIN_FIT_CROP) {
        const double scale = fmin(across, down);
        placement.from.width = scale * width;
        placement.from.height = scale * height;
        placement.from.x = (raster->width - placement.from.width) / 2;
        placement.from.y = (raster->height - placement.from.height) / 2;
    } else if (fit == STANDIN_FIT_PAD) {
        const double scale = fmax(across, down);
        placement.width = inner_side(raster->width, scale, width);
        placement.height = inner_side(raster->height, scale, height);
        placement.x = (width - placement.width) / 2;
        placement.y = (height - placement.height) / 2;
    }
    return placement;
}

/* Where in an image of width x height that lies in a file the upright pixel (x, y) is: the EXIF tag 0x0112 says where
 * the file's row 0 and column 0 belong. */
static void turned_position(int orientation, int width, int height, int *x, int *y)
{
    const int right = width - 1, bottom = height - 1, ux = *x, uy = *y;
    switch (orientation) {
    case 2: *x = right - ux; break;
    case 3: *x = right - ux, *y = bottom - uy; break;
    case 4: *y = bottom - uy; break;
    case 5: *x = uy, *y = ux; break;
    case 6: *x = uy, *y = bottom - ux; break;
    case 7: *x = right - uy, *y = bottom - ux; break;
    case 8: *x = right - uy, *y = ux; break;
    default: break;
    }
}

static uint8_t to_byte(float value)
{
    return (uint8_t)(value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5f);
}

static void store(uint8_t *pixel, const float *sample, int from_channels, int to_channels, float scale)
{
    if (from_channels == to_channels) {
        for (int c = 0; c < to_channels; c++)
            pixel[c] = to_byte(sample[c] * scale);
    } else if (to_channels == 1) {
        pixel[0] = to_byte((0.299f * sample[0] + 0.587f * sample[1] + 0.114f * sample[2]) * scale);
    } else {
        pixel[0] = pixel[1] = pixel[2] = to_byte(sample[0] * scale);
    }
}

int raster_fit(uint8_t *pixels, const struct raster *raster, int width, int height, enum standin_fit fit,
               int channels)
{
    const int turned = raster_is_turned(raster->orientation);
    const int file_width = turned ? height : width, file_height = turned ? width : height;
    const struct placement placement = place(raster, file_width, file_height, fit);
    const size_t inner = (size_t)placement.width * (size_t)placement.height * (size_t)raster->channels;
    float *samples = malloc(inner * sizeof *samples);
    if (!samples)
        return error_set(STATUS_MEMORY, "out of memory: %zu bytes", inner * sizeof *samples);
    const int status = raster_resample(samples, raster, placement.from, placement.width, placement.height);
    const float scale = raster->bits == 16 ? 255.0f / 65535.0f : 1.0f;
    const float black[3] = {0};
    for (int uy = 0; status == 0 && uy < height; uy++) {
        for (int ux = 0; ux < width; ux++) {
            int x = ux, y = uy;
            turned_position(raster->orientation, file_width, file_height, &x, &y);
            x -= placement.x;
            y -= placement.y;
            const int inside = x >= 0 && y >= 0 && x < placement.width && y < placement.height;
            const size_t place_inside = ((size_t)y * (size_t)placement.width + (size_t)x) * (size_t)raster->channels;
            store(pixels, inside ? samples + place_inside : black, raster->channels, channels, scale);
            pixels += channels;
        }
    }
    free(samples);
    return status;
}
