/* Each row of an image is smoothed once along itself and kept while a window needs it; windows are separable. */
#include "eval/image_measures.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/loops.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCALES = 5, MS_SSIM_SMALLEST = 161 };

static const double range = 255;

/* One channel. */
struct plane {
    double *values; /* (height, width) */
    int64_t width, height;
};

/* Room for what is computed about one pair of images of a shape, and for one channel of each. */
struct ssim_work {
    struct ssim_constants constants;
    struct plane a, b;
    double *smoothed;         /* (taps, SSIM_PLANES, width) */
    double *line;             /* (2, width) */
    double *ssim, *structure; /* (width): sums over the rows */
};

static struct ssim_constants constants_of(enum ssim_window window)
{
    struct ssim_constants c = {.c1 = 0.01 * range * 0.01 * range, .c2 = 0.03 * range * 0.03 * range};
    c.tap_count = window == SSIM_GAUSSIAN ? 11 : 7;
    const double sigma = 1.5, places = (double)(c.tap_count * c.tap_count);
    c.covariance_scale = window == SSIM_GAUSSIAN ? 1 : places / (places - 1);
    double sum = 0;
    for (int t = 0; t < c.tap_count; t++) {
        const double x = t - c.tap_count / 2;
        c.taps[t] = window == SSIM_GAUSSIAN ? exp(-x * x / (2 * sigma * sigma)) : 1;
        sum += c.taps[t];
    }
    for (int t = 0; t < c.tap_count; t++)
        c.taps[t] /= sum;
    return c;
}

static int check_shape(struct image_shape shape, int smallest, const char *measure)
{
    if (shape.channels != 1 && shape.channels != 3)
        return error_set(STATUS_INPUT, "%s of images with %d channels: 1 or 3 are possible", measure, shape.channels);
    if (shape.width < smallest || shape.height < smallest)
        return error_set(STATUS_INPUT, "%s needs images of at least %d x %d pixels, not %d x %d", measure, smallest,
                         smallest, shape.width, shape.height);
    int64_t samples;
    if (!size_multiply((int64_t)shape.width * shape.height, shape.channels * 64, &samples))
        return error_set(STATUS_INPUT, "%s of images of %d x %d pixels: too large", measure, shape.width, shape.height);
    return 0;
}

static int work_new(struct ssim_work *work, struct image_shape shape, enum ssim_window window)
{
    const size_t width = (size_t)shape.width, pixels = width * (size_t)shape.height;
    *work = (struct ssim_work){.constants = constants_of(window)};
    work->a = (struct plane){memory_new_aligned(pixels * sizeof(double)), shape.width, shape.height};
    work->b = (struct plane){memory_new_aligned(pixels * sizeof(double)), shape.width, shape.height};
    work->smoothed = memory_new_aligned(width * SSIM_TAPS * SSIM_PLANES * sizeof(double));
    work->line = memory_new_aligned(2 * width * sizeof(double));
    work->ssim = memory_new_aligned(width * sizeof(double));
    work->structure = memory_new_aligned(width * sizeof(double));
    return work->a.values && work->b.values && work->smoothed && work->line && work->ssim && work->structure
               ? 0
               : STATUS_MEMORY;
}

static void work_free(struct ssim_work *work)
{
    free(work->a.values);
    free(work->b.values);
    free(work->smoothed);
    free(work->line);
    free(work->ssim);
    free(work->structure);
}

static void take_channel(struct plane *plane, const uint8_t *samples, struct image_shape shape, int channel)
{
    plane->width = shape.width;
    plane->height = shape.height;
    const int64_t pixels = plane->width * plane->height;
    if (shape.channels == 1) /* apart, because only then can it be vectorised well */
        for (int64_t i = 0; i < pixels; i++)
            plane->values[i] = samples[i];
    else
        for (int64_t i = 0; i < pixels; i++)
            plane->values[i] = samples[i * shape.channels + channel];
}

/* Mean SSIM, and mean of its contrast and structure alone, of the two planes. */
static void compare_planes(double *ssim, double *structure, struct ssim_work *work)
{
    const struct eval_loops *loops = eval_loops_here();
    const int taps = work->constants.tap_count;
    const int64_t width = work->a.width, across = width - taps + 1, down = work->a.height - taps + 1;
    const double *window[SSIM_TAPS];
    memset(work->ssim, 0, (size_t)across * sizeof(double));
    memset(work->structure, 0, (size_t)across * sizeof(double));
    for (int64_t y = 0; y < work->a.height; y++) {
        loops->smooth_row(work->smoothed + y % taps * SSIM_PLANES * width, width, work->line,
                          work->a.values + y * width, work->b.values + y * width, across, &work->constants);
        if (y < taps - 1)
            continue;
        for (int t = 0; t < taps; t++)
            window[t] = work->smoothed + (y + 1 + t) % taps * SSIM_PLANES * width;
        loops->ssim_row(work->ssim, work->structure, window, width, across, &work->constants);
    }
    *ssim = *structure = 0;
    for (int64_t x = 0; x < across; x++) {
        *ssim += work->ssim[x] / (double)(across * down);
        *structure += work->structure[x] / (double)(across * down);
    }
}

static double ssim_of_pair(struct ssim_work *work, const uint8_t *a, const uint8_t *b, struct image_shape shape)
{
    double sum = 0;
    for (int c = 0; c < shape.channels; c++) {
        double ssim, structure;
        take_channel(&work->a, a, shape, c);
        take_channel(&work->b, b, shape, c);
        compare_planes(&ssim, &structure, work);
        sum += ssim;
    }
    return sum / shape.channels;
}

int image_ssim(double *value, const uint8_t *a, const uint8_t *b, struct image_shape shape, enum ssim_window window)
{
    int status = check_shape(shape, window == SSIM_GAUSSIAN ? 11 : 7, "SSIM");
    if (status < 0)
        return status;
    struct ssim_work work;
    status = work_new(&work, shape, window);
    if (status == 0)
        *value = ssim_of_pair(&work, a, b, shape);
    work_free(&work);
    return status;
}

struct many_pairs {
    double *values;
    const uint8_t *const *a, *const *b;
    struct image_shape shape;
    struct ssim_work *work; /* (workers) */
};

static void compare_pair(void *context, int task, int worker)
{
    const struct many_pairs *pairs = context;
    pairs->values[task] = ssim_of_pair(&pairs->work[worker], pairs->a[task], pairs->b[task], pairs->shape);
}

int image_ssim_pairs(double *values, const uint8_t *const *a, const uint8_t *const *b, int64_t pairs,
                     struct image_shape shape, enum ssim_window window, struct pool *pool)
{
    int status = check_shape(shape, window == SSIM_GAUSSIAN ? 11 : 7, "SSIM");
    if (status == 0 && (pairs < 0 || pairs > INT_MAX))
        status = error_set(STATUS_INPUT, "SSIM of %lld pairs of images", (long long)pairs);
    if (status < 0)
        return status;
    const int workers = pool_threads(pool);
    struct ssim_work *work = memory_new((size_t)workers, sizeof *work);
    if (!work)
        return STATUS_MEMORY;
    for (int w = 0; w < workers && status == 0; w++)
        status = work_new(&work[w], shape, window);
    if (status == 0)
        pool_run(pool, (int)pairs, compare_pair, &(struct many_pairs){values, a, b, shape, work});
    for (int w = 0; w < workers; w++)
        work_free(&work[w]);
    free(work);
    return status;
}

/* In place: a value is written where nothing is read any more. */
static void halve(struct plane *plane)
{
    const int64_t width = plane->width, height = plane->height, across = (width + 1) / 2, down = (height + 1) / 2;
    for (int64_t y = 0; y < down; y++) {
        const double *upper = plane->values + 2 * y * width, *lower = 2 * y + 1 < height ? upper + width : upper;
        for (int64_t x = 0; x < across; x++) {
            const int64_t left = 2 * x, right = left + 1 < width ? left + 1 : left;
            plane->values[y * across + x] = (upper[left] + upper[right] + lower[left] + lower[right]) / 4;
        }
    }
    plane->width = across;
    plane->height = down;
}

static double multi_scale(struct ssim_work *work)
{
    static const double weights[SCALES] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
    double product = 1;
    for (int scale = 0; scale < SCALES; scale++) {
        double ssim, structure;
        compare_planes(&ssim, &structure, work);
        const double factor = scale == SCALES - 1 ? ssim : structure;
        product *= factor > 0 ? pow(factor, weights[scale]) : 0;
        halve(&work->a);
        halve(&work->b);
    }
    return product;
}

int image_ms_ssim(double *value, const uint8_t *a, const uint8_t *b, struct image_shape shape)
{
    int status = check_shape(shape, MS_SSIM_SMALLEST, "MS-SSIM");
    if (status < 0)
        return status;
    struct ssim_work work;
    status = work_new(&work, shape, SSIM_GAUSSIAN);
    double sum = 0;
    for (int c = 0; c < shape.channels && status == 0; c++) {
        take_channel(&work.a, a, shape, c);
        take_channel(&work.b, b, shape, c);
        sum += multi_scale(&work);
    }
    *value = sum / shape.channels;
    work_free(&work);
    return status;
}

int image_mse(double *value, const uint8_t *a, const uint8_t *b, struct image_shape shape)
{
    const int status = check_shape(shape, 1, "PSNR");
    if (status < 0)
        return status;
    const int64_t samples = (int64_t)shape.width * shape.height * shape.channels;
    int64_t sum = 0;
    for (int64_t i = 0; i < samples; i++) {
        const int difference = a[i] - b[i];
        sum += difference * difference;
    }
    *value = (double)sum / (double)samples;
    return 0;
}

double image_psnr_of_mse(double mse, double peak)
{
    return mse > 0 ? 10 * log10(peak * peak / mse) : INFINITY;
}

int image_psnr(double *value, const uint8_t *a, const uint8_t *b, struct image_shape shape)
{
    double mse;
    const int status = image_mse(&mse, a, b, shape);
    if (status == 0)
        *value = image_psnr_of_mse(mse, range);
    return status;
}
