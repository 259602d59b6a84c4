/* weight_c = (covariance within classes + ridge)^-1 mean_c, by Cholesky's factors, in double. */
#include "train/watch_reader.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

enum { THUMBNAIL = 8, LEVELS = 4, COLOURS = LEVELS * LEVELS * LEVELS };
static const double ridge = 0.1; /* as a share of the mean variance of a number: images are few, numbers are many */

struct class_reader {
    int classes;
    int64_t numbers, images;
    int64_t *count;   /* [classes] */
    double *sum;      /* [classes][numbers], later the means, then the weights */
    double *square;   /* [numbers][numbers]: sums of products, the covariance, its factor; the lower half of each */
};

int64_t reading_numbers(int64_t channels)
{
    return THUMBNAIL * THUMBNAIL * channels + (channels == 3 ? COLOURS : 0);
}

/* NaN, which a training that fails can make, goes to the lowest. */
static int level(float number)
{
    if (!(number > -1))
        return 0;
    const int place = (int)((number + 1) * LEVELS / 2);
    return place < LEVELS ? place : LEVELS - 1;
}

/* Roots, so that rare colours count, on the scale of pixels. */
static void count_colours(const float *image, int64_t pixels, float *share)
{
    static const float scale = 4;
    for (int i = 0; i < COLOURS; i++)
        share[i] = 0;
    for (int64_t i = 0; i < pixels; i++, image += 3)
        share[(level(image[0]) * LEVELS + level(image[1])) * LEVELS + level(image[2])]++;
    for (int i = 0; i < COLOURS; i++)
        share[i] = scale * sqrtf(share[i] / (float)pixels);
}

void reading_make(const float *image, int64_t height, int64_t width, int64_t channels, float *reading)
{
    thumbnail_make(image, height, width, channels, THUMBNAIL, reading);
    if (channels == 3)
        count_colours(image, height * width, reading + THUMBNAIL * THUMBNAIL * channels);
}

int class_reader_new(struct class_reader **out, int classes, int64_t numbers)
{
    *out = NULL;
    struct class_reader *reader = memory_new(1, sizeof *reader);
    if (!reader)
        return STATUS_MEMORY;
    reader->classes = classes;
    reader->numbers = numbers;
    reader->count = memory_new((size_t)classes, sizeof *reader->count);
    reader->sum = memory_new((size_t)(classes * numbers), sizeof *reader->sum);
    reader->square = memory_new((size_t)(numbers * numbers), sizeof *reader->square);
    if (!reader->count || !reader->sum || !reader->square) {
        class_reader_free(reader);
        return STATUS_MEMORY;
    }
    *out = reader;
    return 0;
}

void class_reader_free(struct class_reader *reader)
{
    if (!reader)
        return;
    free(reader->count);
    free(reader->sum);
    free(reader->square);
    free(reader);
}

void class_reader_learn(struct class_reader *reader, const float *reading, int class)
{
    const int64_t numbers = reader->numbers;
    double *sum = reader->sum + class * numbers;
    reader->images++;
    reader->count[class]++;
    for (int64_t i = 0; i < numbers; i++) {
        sum[i] += (double)reading[i];
        double *row = reader->square + i * numbers;
        for (int64_t k = 0; k <= i; k++)
            row[k] += (double)reading[i] * (double)reading[k];
    }
}

static void make_covariance(struct class_reader *reader)
{
    const int64_t numbers = reader->numbers;
    double trace = 0;
    for (int c = 0; c < reader->classes; c++)
        for (int64_t i = 0; i < numbers; i++)
            reader->sum[c * numbers + i] /= (double)reader->count[c];
    for (int64_t i = 0; i < numbers; i++) {
        double *row = reader->square + i * numbers;
        for (int64_t k = 0; k <= i; k++) {
            for (int c = 0; c < reader->classes; c++)
                row[k] -= (double)reader->count[c] * reader->sum[c * numbers + i] * reader->sum[c * numbers + k];
            row[k] /= (double)reader->images;
        }
        trace += row[i];
    }
    for (int64_t i = 0; i < numbers; i++)
        reader->square[i * numbers + i] += ridge * trace / (double)numbers + 1e-9;
}

static double dot(const double *a, const double *b, int64_t numbers)
{
    double sum = 0;
    for (int64_t i = 0; i < numbers; i++)
        sum += a[i] * b[i];
    return sum;
}

/* The covariance becomes L with L L' = covariance. The ridge keeps what is under the root above 0. */
static void factor(struct class_reader *reader)
{
    const int64_t numbers = reader->numbers;
    for (int64_t i = 0; i < numbers; i++) {
        double *row = reader->square + i * numbers;
        for (int64_t k = 0; k < i; k++) {
            const double *other = reader->square + k * numbers;
            row[k] = (row[k] - dot(row, other, k)) / other[k];
        }
        row[i] = sqrt(fmax(1e-12, row[i] - dot(row, row, i)));
    }
}

/* L L' x = x, in place. */
static void solve(const double *lower, int64_t numbers, double *x)
{
    for (int64_t i = 0; i < numbers; i++)
        x[i] = (x[i] - dot(lower + i * numbers, x, i)) / lower[i * numbers + i];
    for (int64_t i = numbers - 1; i >= 0; i--) {
        x[i] /= lower[i * numbers + i];
        for (int64_t k = 0; k < i; k++)
            x[k] -= lower[i * numbers + k] * x[i];
    }
}

int class_reader_solve(struct class_reader *reader)
{
    for (int c = 0; c < reader->classes; c++)
        if (reader->count[c] == 0)
            return error_set(STATUS_FAILED, "no image of class %d to learn from", c);
    make_covariance(reader);
    factor(reader);
    for (int c = 0; c < reader->classes; c++)
        solve(reader->square, reader->numbers, reader->sum + c * reader->numbers);
    return 0;
}

static double score(const struct class_reader *reader, const float *reading, int one, int other)
{
    const double *a = reader->sum + one * reader->numbers, *b = reader->sum + other * reader->numbers;
    double sum = 0;
    for (int64_t i = 0; i < reader->numbers; i++)
        sum += (a[i] - b[i]) * (double)reading[i];
    return sum;
}

double class_reader_gap(const struct class_reader *reader, int one, const struct thumbnails *set_one, int other,
                        const struct thumbnails *set_other, double *deviation)
{
    const struct thumbnails *const sets[2] = {set_one, set_other};
    double mean[2], variance = 0;
    for (int k = 0; k < 2; k++) {
        double sum = 0, squares = 0;
        for (int64_t i = 0; i < sets[k]->count; i++) {
            const double value = score(reader, sets[k]->number + i * reader->numbers, one, other);
            sum += value;
            squares += value * value;
        }
        mean[k] = sum / (double)sets[k]->count;
        variance += fmax(0, squares / (double)sets[k]->count - mean[k] * mean[k]) / 2;
    }
    if (deviation)
        *deviation = sqrt(variance);
    return mean[0] - mean[1];
}
