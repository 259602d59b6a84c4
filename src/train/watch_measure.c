/* Sums in a fixed order, so that the same images give the same bits. */
#include "train/watch_measure.h"

#include <math.h>

void thumbnail_make(const float *image, int64_t height, int64_t width, int64_t channels, int64_t side, float *thumbnail)
{
    for (int64_t row = 0; row < side; row++)
        for (int64_t column = 0; column < side; column++) {
            const int64_t top = row * height / side, bottom = (row + 1) * height / side;
            const int64_t left = column * width / side, right = (column + 1) * width / side;
            for (int64_t c = 0; c < channels; c++) {
                float sum = 0;
                for (int64_t y = top; y < bottom; y++)
                    for (int64_t x = left; x < right; x++)
                        sum += image[(y * width + x) * channels + c];
                *thumbnail++ = sum / (float)((bottom - top) * (right - left));
            }
        }
}

/* The independent sums are what lets a compiler use vectors. */
static double distance(const float *one, const float *other, int64_t numbers)
{
    enum { LANES = 16 };
    float lane[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= numbers; i += LANES)
        for (int k = 0; k < LANES; k++) {
            const float difference = one[i + k] - other[i + k];
            lane[k] += difference * difference;
        }
    double sum = 0;
    for (int k = 0; k < LANES; k++)
        sum += (double)lane[k];
    for (; i < numbers; i++)
        sum += ((double)one[i] - (double)other[i]) * ((double)one[i] - (double)other[i]);
    return sqrt(sum / (double)numbers);
}

static double distance_of(const struct thumbnails *one, int64_t i, const struct thumbnails *other, int64_t k)
{
    return distance(one->number + i * one->numbers, other->number + k * other->numbers, one->numbers);
}

double measure_spread(const struct thumbnails *set)
{
    double sum = 0;
    for (int64_t i = 0; i < set->count; i++)
        for (int64_t k = i + 1; k < set->count; k++)
            sum += distance_of(set, i, set, k);
    return set->count > 1 ? 2 * sum / ((double)set->count * (double)(set->count - 1)) : (double)NAN;
}

double measure_repetition(const struct thumbnails *set)
{
    double sum = 0;
    for (int64_t i = 0; i < set->count; i++) {
        double nearest = HUGE_VAL;
        for (int64_t k = 0; k < set->count; k++)
            if (k != i)
                nearest = fmin(nearest, distance_of(set, i, set, k));
        sum += nearest;
    }
    return set->count > 1 ? sum / (double)set->count : (double)NAN;
}

double measure_between(const struct thumbnails *one, const struct thumbnails *other)
{
    double sum = 0;
    for (int64_t i = 0; i < one->count; i++)
        for (int64_t k = 0; k < other->count; k++)
            sum += distance_of(one, i, other, k);
    return sum / ((double)one->count * (double)other->count);
}

double measure_energy(double between, double spread_one, double spread_other)
{
    return between > 0 ? 1 - (spread_one + spread_other) / (2 * between) : 0;
}

void logits_add(struct logits *logits, double logit)
{
    logits->count++;
    logits->sum += logit;
    logits->squares += logit * logit;
}

static double mean(const struct logits *logits)
{
    return logits->sum / (double)logits->count;
}

/* Of the mean, squared. */
static double squared_error(const struct logits *logits)
{
    const double count = (double)logits->count;
    return fmax(0, logits->squares / count - mean(logits) * mean(logits)) / fmax(1, count - 1);
}

double measure_overfitting(const struct logits *shown, const struct logits *unseen, const struct logits *generated)
{
    if (shown->count == 0 || unseen->count == 0 || generated->count == 0 || !(mean(shown) > mean(generated)))
        return (double)NAN;
    const double gap = mean(shown) - mean(unseen);
    const double error = sqrt(squared_error(shown) + squared_error(unseen));
    return fabs(gap) > 2 * error ? gap / (mean(shown) - mean(generated)) : 0;
}
