/* One decoded image in memory, and how it is brought to the size and channels of a set. */
#ifndef DATA_RASTER_H
#define DATA_RASTER_H

#include <standin/standin.h>
#include <stdint.h>

/* Samples (height, width, channels), as they lie in the file: 8 bit as uint8_t, 16 bit as uint16_t. */
struct raster {
    const void *samples;
    int width, height, channels; /* 1 grey or 3 colour */
    int bits;                    /* 8 or 16 */
    int orientation;             /* the EXIF tag, 1..8: how it has to be turned to stand upright */
};

/* A part of an image in pixels, not necessarily whole ones. */
struct rectangle {
    double x, y, width, height;
};

/* Whether the orientation exchanges width and height. */
int raster_is_turned(int orientation);

/* Resamples `from` of the image to (height, width, channels) floats in the units of the samples, with the cubic of
 * Keys (a = -1/2) widened by the reduction, so that reducing does not alias: the same as the customary "antialiased
 * bicubic". A rectangle that covers the image at its own size comes out unchanged. */
int raster_resample(float *out, const struct raster *raster, struct rectangle from, int width, int height);

/* Upright 8-bit pixels (height, width, channels) in the given size:
 * crop: the largest centred part with the proportions asked for; pad: the whole image on black; stretch: the whole
 * image. 16-bit samples are scaled by 255/65535. Colour becomes grey by the weights of Rec. 601. */
int raster_fit(uint8_t *pixels, const struct raster *raster, int width, int height, enum standin_fit fit,
               int channels);

#endif
