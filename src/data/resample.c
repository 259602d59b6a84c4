/* Separable resampling: for each row of the result the rows of the source are weighted into one row of floats, and
 * that row is weighted along itself. One order of additions, so the result does not depend on the machine's load,
 * the threads or the version of an image library, and memory for one row suffices. */
#include "base/error.h"
#include "base/memory.h"
#include "data/raster.h"

#include <math.h>
#include <stdlib.h>

/* For each place of the result, `taps` weights for the samples from `first` on. */
struct axis {
    int taps;
    int *first;
    float *weights;
};

/* R. Keys, "Cubic convolution interpolation for digital image processing", 1981, eq. 15 (a = -1/2). */
static double cubic(double x)
{
    x = fabs(x);
    if (x < 1)
        return (1.5 * x - 2.5) * x * x + 1;
    if (x < 2)
        return ((-0.5 * x + 2.5) * x - 4) * x + 2;
    return 0;
}

static void axis_free(struct axis *axis)
{
    free(axis->first);
    free(axis->weights);
}

/* `size` places over [start, start + length) of `samples` samples. */
static int axis_new(struct axis *axis, int samples, double start, double length, int size)
{
    const double step = length / size, widening = step > 1 ? step : 1, reach = 2 * widening;
    int taps = (int)(2 * reach) + 2;
    taps = taps < samples ? taps : samples;
    *axis = (struct axis){.taps = taps};
    axis->first = memory_new((size_t)size, sizeof *axis->first);
    axis->weights = memory_new((size_t)size * (size_t)taps, sizeof *axis->weights);
    if (!axis->first || !axis->weights)
        return STATUS_MEMORY;
    for (int i = 0; i < size; i++) {
        const double centre = start + (i + 0.5) * step - 0.5;
        int first = (int)ceil(centre - reach);
        first = first < 0 ? 0 : first > samples - taps ? samples - taps : first;
        axis->first[i] = first;
        double sum = 0;
        for (int t = 0; t < taps; t++)
            sum += cubic((first + t - centre) / widening);
        for (int t = 0; t < taps; t++)
            axis->weights[(size_t)i * (size_t)taps + (size_t)t] =
                (float)(cubic((first + t - centre) / widening) / sum);
    }
    return 0;
}

static void add_row(float *restrict row, const struct raster *raster, int y, float weight)
{
    const size_t count = (size_t)raster->width * (size_t)raster->channels;
    if (raster->bits == 8) {
        const uint8_t *restrict samples = (const uint8_t *)raster->samples + (size_t)y * count;
        for (size_t i = 0; i < count; i++)
            row[i] += weight * samples[i];
    } else {
        const uint16_t *restrict samples = (const uint16_t *)raster->samples + (size_t)y * count;
        for (size_t i = 0; i < count; i++)
            row[i] += weight * samples[i];
    }
}

static void weight_along(float *restrict out, const float *restrict row, const struct axis *axis, int size,
                         int channels)
{
    for (int x = 0; x < size; x++) {
        const float *weights = axis->weights + (size_t)x * (size_t)axis->taps;
        const float *samples = row + (size_t)axis->first[x] * (size_t)channels;
        for (int c = 0; c < channels; c++) {
            float sum = 0;
            for (int t = 0; t < axis->taps; t++)
                sum += weights[t] * samples[t * channels + c];
            out[x * channels + c] = sum;
        }
    }
}

int raster_resample(float *out, const struct raster *raster, struct rectangle from, int width, int height)
{
    struct axis across = {0}, down = {0};
    float *row = NULL;
    int status = axis_new(&across, raster->width, from.x, from.width, width);
    if (status == 0)
        status = axis_new(&down, raster->height, from.y, from.height, height);
    if (status < 0)
        goto done;
    const size_t samples = (size_t)raster->width * (size_t)raster->channels;
    row = memory_new(samples, sizeof *row);
    if (!row) {
        status = STATUS_MEMORY;
        goto done;
    }
    for (int y = 0; y < height; y++) {
        for (size_t i = 0; i < samples; i++)
            row[i] = 0;
        for (int t = 0; t < down.taps; t++) {
            const float weight = down.weights[(size_t)y * (size_t)down.taps + (size_t)t];
            if (weight < 0 || weight > 0)
                add_row(row, raster, down.first[y] + t, weight);
        }
        weight_along(out + (size_t)y * (size_t)width * (size_t)raster->channels, row, &across, width,
                     raster->channels);
    }
done:
    free(row);
    axis_free(&across);
    axis_free(&down);
    return status;
}
