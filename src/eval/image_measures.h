/* Measures between two images of the same size: 8-bit samples (height, width, channels). The range R is 255 always. */
#ifndef EVAL_IMAGE_MEASURES_H
#define EVAL_IMAGE_MEASURES_H

#include "base/pool.h"

#include <stdint.h>

struct image_shape {
    int width, height, channels; /* channels 1 or 3 */
};

enum ssim_window {
    SSIM_GAUSSIAN, /* 11 x 11, sigma 1.5, population moments: Wang et al. 2004 */
    SSIM_UNIFORM,  /* 7 x 7, sample moments: as a widely used Python library by default */
};

/* Of valid windows only, each channel for itself, and the mean of these. Refuses images smaller than the window. */
int image_ssim(double *value, const uint8_t *a, const uint8_t *b, struct image_shape shape, enum ssim_window window);

/* The same for pairs of images of one shape, values (pairs). */
int image_ssim_pairs(double *values, const uint8_t *const *a, const uint8_t *const *b, int64_t pairs,
                     struct image_shape shape, enum ssim_window window, struct pool *pool);

/* Multi-scale SSIM (Wang et al. 2003): five scales with the published weights, SSIM_GAUSSIAN; between scales means of 2
 * x 2, the last row or column of an odd number taken twice. Contrast and structure below 0 count as 0. Refuses images
 * under 161 pixels. */
int image_ms_ssim(double *value, const uint8_t *a, const uint8_t *b, struct image_shape shape);

/* The mean squared error over all pixels and channels. */
int image_mse(double *value, const uint8_t *a, const uint8_t *b, struct image_shape shape);

/* 10 log10(peak^2 / mse) in decibels; INFINITY for equal images. */
double image_psnr_of_mse(double mse, double peak);
int image_psnr(double *value, const uint8_t *a, const uint8_t *b, struct image_shape shape);

#endif
