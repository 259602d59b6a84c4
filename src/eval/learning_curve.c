/* Fits by exact least squares in a and c for each b; intervals by resampling whole columns of seeds, so that what the
 * nested subsets of one seed have in common stays together. */
#include "eval/learning_curve.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int check_from(const struct learning_curve *curve, int sizes_minimum)
{
    if (curve->sizes < sizes_minimum || curve->sizes > LEARNING_CURVE_SIZES_MAXIMUM || curve->seeds < 1)
        return error_set(STATUS_INPUT, "a learning curve of %d sizes and %d seeds; %d to %d sizes are needed",
                         curve->sizes, curve->seeds, sizes_minimum, LEARNING_CURVE_SIZES_MAXIMUM);
    for (int i = 0; i < curve->sizes; i++) {
        if (!(curve->images[i] >= 1) || isinf(curve->images[i]) || (i > 0 && curve->images[i] <= curve->images[i - 1]))
            return error_set(STATUS_INPUT, "learning curve: size %d is %g; sizes must be at least 1 and increase", i,
                             curve->images[i]);
        for (int s = 0; s < curve->seeds; s++) {
            const double accuracy = curve->accuracy[i * curve->seeds + s];
            if (!(accuracy >= 0 && accuracy <= 1))
                return error_set(STATUS_INPUT, "learning curve: an accuracy of %g at %g images", accuracy,
                                 curve->images[i]);
        }
    }
    return 0;
}

int learning_curve_check(const struct learning_curve *curve)
{
    return check_from(curve, LEARNING_CURVE_SIZES_MINIMUM);
}

/* What the fits work on: mean errors with weights. */
struct points {
    int count;
    double log_images[LEARNING_CURVE_SIZES_MAXIMUM];
    double error[LEARNING_CURVE_SIZES_MAXIMUM];
    double weight[LEARNING_CURVE_SIZES_MAXIMUM]; /* add up to 1 */
};

static double mean_of(const double *values, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += values[i];
    return sum / count;
}

static struct points points_of(const struct learning_curve *curve)
{
    struct points points = {.count = curve->sizes};
    double variance[LEARNING_CURVE_SIZES_MAXIMUM], all = 0, weights = 0;
    for (int i = 0; i < curve->sizes; i++) {
        const double *accuracy = curve->accuracy + i * curve->seeds;
        const double deviation = statistics_deviation(accuracy, curve->seeds);
        variance[i] = deviation * deviation;
        all += variance[i] / curve->sizes;
        points.log_images[i] = log(curve->images[i]);
        points.error[i] = 1 - mean_of(accuracy, curve->seeds);
    }
    for (int i = 0; i < curve->sizes; i++)
        weights += points.weight[i] = all > 0 ? 1 / (variance[i] + all) : 1;
    for (int i = 0; i < curve->sizes; i++)
        points.weight[i] /= weights;
    return points;
}

/* ---- Fits ------------------------------------------------------------------------------------------------- */

static double error_at(const struct curve_fit *fit, double log_images)
{
    if (fit->form == CURVE_LOGARITHM)
        return fit->a - fit->b * log_images;
    return fit->a * exp(-fit->b * log_images) + fit->c;
}

static double squares_of(const struct curve_fit *fit, const struct points *points)
{
    double squares = 0;
    for (int i = 0; i < points->count; i++) {
        const double difference = points->error[i] - error_at(fit, points->log_images[i]);
        squares += points->weight[i] * difference * difference;
    }
    return squares;
}

/* The best a, c >= 0 for this b: inside, or on the better one of the two borders. */
static double squares_for_exponent(struct curve_fit *fit, const struct points *points, double b)
{
    const double origin = points->log_images[0]; /* powers of n / n_0 stay near 1 */
    double p = 0, pp = 0, y = 0, py = 0;
    for (int i = 0; i < points->count; i++) {
        const double power = exp(-b * (points->log_images[i] - origin)), weight = points->weight[i];
        p += weight * power;
        pp += weight * power * power;
        y += weight * points->error[i];
        py += weight * power * points->error[i];
    }
    const double determinant = pp - p * p, scale = exp(b * origin);
    const double slope = determinant > 1e-14 ? (py - p * y) / determinant : 0, level = y - slope * p;
    if (slope >= 0 && level >= 0) {
        *fit = (struct curve_fit){.form = CURVE_POWER, .a = slope * scale, .b = b, .c = level};
        return squares_of(fit, points);
    }
    struct curve_fit flat = {.form = CURVE_POWER, .b = b, .c = y};
    struct curve_fit falling = {.form = CURVE_POWER, .a = py / pp * scale, .b = b};
    const double of_flat = squares_of(&flat, points), of_falling = squares_of(&falling, points);
    *fit = of_flat < of_falling ? flat : falling;
    return fmin(of_flat, of_falling);
}

/* A grid over the exponents that learning curves have and more, then the golden section around its best. */
static struct curve_fit fit_power(const struct points *points)
{
    static const double step = 0.1, largest = 4, golden = 0.6180339887498949;
    struct curve_fit fit;
    double best = 0, least = INFINITY;
    for (int i = 0; i * step <= largest; i++) {
        const double squares = squares_for_exponent(&fit, points, i * step);
        if (squares < least) {
            least = squares;
            best = i * step;
        }
    }
    double low = fmax(best - step, 0), high = best + step;
    double left = high - golden * (high - low), right = low + golden * (high - low);
    double of_left = squares_for_exponent(&fit, points, left), of_right = squares_for_exponent(&fit, points, right);
    while (high - low > 1e-7) {
        if (of_left < of_right) {
            high = right, right = left, of_right = of_left;
            of_left = squares_for_exponent(&fit, points, left = high - golden * (high - low));
        } else {
            low = left, left = right, of_left = of_right;
            of_right = squares_for_exponent(&fit, points, right = low + golden * (high - low));
        }
    }
    fit.residual = sqrt(squares_for_exponent(&fit, points, (low + high) / 2));
    return fit;
}

static struct curve_fit fit_logarithm(const struct points *points)
{
    double x = 0, y = 0, xx = 0, xy = 0;
    for (int i = 0; i < points->count; i++) {
        x += points->weight[i] * points->log_images[i];
        y += points->weight[i] * points->error[i];
    }
    for (int i = 0; i < points->count; i++) {
        const double difference = points->log_images[i] - x;
        xx += points->weight[i] * difference * difference;
        xy += points->weight[i] * difference * (points->error[i] - y);
    }
    const double b = fmax(-xy / xx, 0);
    struct curve_fit fit = {.form = CURVE_LOGARITHM, .a = y + b * x, .b = b};
    fit.residual = sqrt(squares_of(&fit, points));
    return fit;
}

static struct curve_fit fit_form(enum curve_form form, const struct points *points)
{
    return form == CURVE_POWER ? fit_power(points) : fit_logarithm(points);
}

int learning_curve_fit(struct curve_fit *fit, enum curve_form form, const struct learning_curve *curve)
{
    const int status = learning_curve_check(curve);
    if (status < 0)
        return status;
    const struct points points = points_of(curve);
    *fit = fit_form(form, &points);
    return 0;
}

double curve_fit_accuracy(const struct curve_fit *fit, double images)
{
    return fmin(fmax(1 - error_at(fit, log(images)), 0), 1);
}

double curve_fit_images(const struct curve_fit *fit, double accuracy)
{
    const double error = 1 - accuracy;
    if (fit->form == CURVE_LOGARITHM)
        return fit->a <= error ? 1 : fit->b > 0 ? exp((fit->a - error) / fit->b) : INFINITY;
    if (fit->a + fit->c <= error)
        return 1;
    return error > fit->c && fit->b > 0 ? pow(fit->a / (error - fit->c), 1 / fit->b) : INFINITY;
}

/* The one with less left over for each point that its parameters leave free. */
static struct curve_fit fit_better(const struct points *points)
{
    const struct curve_fit power = fit_power(points), logarithm = fit_logarithm(points);
    const double of_power = power.residual * power.residual / (points->count - 3);
    const double of_logarithm = logarithm.residual * logarithm.residual / (points->count - 2);
    return of_power < of_logarithm ? power : logarithm;
}

/* ---- Resampled seeds -------------------------------------------------------------------------------------- */

/* Means over seeds drawn with replacement, spread around the plain means by sqrt(S / (S - 1)): a resample of few values
 * varies by that much less than a new sample would. places: the seeds drawn. */
static double resampled_mean(const double *values, int count, const int64_t *places)
{
    const double mean = mean_of(values, count);
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += values[places[i]] - mean;
    return mean + sum / count * sqrt(count / (count - 1.0));
}

static struct points points_resampled(const struct points *points, const struct learning_curve *curve,
                                      const int64_t *places)
{
    struct points resampled = *points;
    for (int i = 0; i < curve->sizes; i++) {
        const double accuracy = resampled_mean(curve->accuracy + i * curve->seeds, curve->seeds, places);
        resampled.error[i] = 1 - fmin(accuracy, 1);
    }
    return resampled;
}

/* ---- How many images -------------------------------------------------------------------------------------- */

/* Errors that never rise, by pooling neighbours that do (Ayer et al. 1955); every size counts the same. */
static void make_monotone(double *error, int count)
{
    double level[LEARNING_CURVE_SIZES_MAXIMUM];
    int members[LEARNING_CURVE_SIZES_MAXIMUM], blocks = 0;
    for (int i = 0; i < count; i++) {
        level[blocks] = error[i];
        members[blocks++] = 1;
        while (blocks > 1 && level[blocks - 1] > level[blocks - 2]) {
            const int a = members[blocks - 2], b = members[blocks - 1];
            level[blocks - 2] = (a * level[blocks - 2] + b * level[blocks - 1]) / (a + b);
            members[blocks - 2] = a + b;
            blocks--;
        }
    }
    for (int block = 0, i = 0; block < blocks; block++)
        for (int member = 0; member < members[block]; member++)
            error[i++] = level[block];
}

/* The first size that meets the target by itself and together with the larger ones, so that one lucky size does not
 * count; -1 if there is none. */
static int size_that_meets(const struct points *points, double target)
{
    struct points monotone = *points;
    make_monotone(monotone.error, monotone.count);
    for (int i = 0; i < points->count; i++)
        if (1 - points->error[i] >= target && 1 - monotone.error[i] >= target)
            return i;
    return -1;
}

enum { RESAMPLES = 500 }; /* each fits two curves; the ends of 90 % need no more */

static int interval_of_images(struct interval *interval, const struct learning_curve *curve,
                              const struct points *points, double target, uint64_t seed)
{
    double images[RESAMPLES];
    int64_t *places = memory_new((size_t)curve->seeds, sizeof *places);
    if (!places)
        return STATUS_MEMORY;
    for (int r = 0; r < RESAMPLES; r++) {
        statistics_resample(places, curve->seeds, seed, (uint64_t)r);
        const struct points resampled = points_resampled(points, curve, places);
        const struct curve_fit fit = fit_better(&resampled);
        images[r] = curve_fit_images(&fit, target);
    }
    free(places);
    return statistics_percentile_interval(interval, images, RESAMPLES, 0.9);
}

static void answer_about(struct curve_target *out, double largest)
{
    const double percent = 100 * out->target;
    const struct interval *interval = &out->interval;
    if (isnan(interval->low))
        snprintf(out->sentence, sizeof out->sentence,
                 "%.1f %% is expected at about %.0f images; one seed gives no interval", percent, out->images);
    else if (isinf(interval->high))
        snprintf(
            out->sentence, sizeof out->sentence,
            "%.1f %% is expected at about %.0f images (90 %% interval from %.0f to more than %d times the data, %.0f)",
            percent, out->images, interval->low, LEARNING_CURVE_REACH, LEARNING_CURVE_REACH * largest);
    else
        snprintf(out->sentence, sizeof out->sentence,
                 "%.1f %% is expected at about %.0f images (90 %% interval %.0f to %.0f)", percent, out->images,
                 interval->low, interval->high);
}

/* The target is not met by what was measured. */
static int extrapolate(struct curve_target *out, const struct learning_curve *curve, const struct points *points,
                       uint64_t seed)
{
    const double largest = curve->images[curve->sizes - 1], reach = LEARNING_CURVE_REACH * largest;
    const struct curve_fit fit = fit_better(points);
    /* A fit may pass above the last mean, but there the target was seen not to be met. */
    const double images = fmax(curve_fit_images(&fit, out->target), largest);
    if (!(images <= reach)) {
        out->answer = CURVE_CANNOT_SAY;
        snprintf(out->sentence, sizeof out->sentence,
                 "cannot say when %.1f %% is met: it lies beyond %d times the data, more than %.0f images, if it is "
                 "ever met",
                 100 * out->target, LEARNING_CURVE_REACH, reach);
        return 0;
    }
    out->answer = CURVE_ABOUT;
    out->images = images;
    if (curve->seeds > 1) {
        const int status = interval_of_images(&out->interval, curve, points, out->target, seed);
        if (status < 0)
            return status;
        out->interval.low = fmin(out->interval.low, images);
        out->interval.high = out->interval.high > reach ? INFINITY : fmax(out->interval.high, images);
    }
    answer_about(out, largest);
    return 0;
}

int learning_curve_how_many(struct curve_target *out, const struct learning_curve *curve, double target, uint64_t seed)
{
    const int status = learning_curve_check(curve);
    if (status < 0)
        return status;
    if (!(target > 0 && target <= 1))
        return error_set(STATUS_INPUT, "a target accuracy of %g does not lie between 0 and 1", target);
    *out = (struct curve_target){.target = target, .images = NAN, .interval = {NAN, NAN}};
    const struct points points = points_of(curve);
    const int met = size_that_meets(&points, target);
    if (met < 0)
        return extrapolate(out, curve, &points, seed);
    out->answer = CURVE_MET;
    out->images = curve->images[met];
    snprintf(out->sentence, sizeof out->sentence, "%.1f %% is met at %.0f images", 100 * target, out->images);
    return 0;
}

/* ---- Effective real size ---------------------------------------------------------------------------------- */

/* 0 below the curve, INFINITY above it. */
static double size_with(const struct points *points, double accuracy)
{
    struct points monotone = *points;
    make_monotone(monotone.error, monotone.count);
    const double error = 1 - accuracy, *errors = monotone.error, *at = monotone.log_images;
    if (error > errors[0])
        return 0;
    int i = 0;
    while (i < monotone.count && errors[i] > error)
        i++;
    if (i == monotone.count)
        return INFINITY;
    if (i == 0)
        return exp(at[0]);
    return exp(at[i - 1] + (at[i] - at[i - 1]) * (errors[i - 1] - error) / (errors[i - 1] - errors[i]));
}

static int interval_of_size(struct interval *interval, const struct points *points,
                            const struct curve_resamples *resamples)
{
    double *sizes = memory_new((size_t)resamples->count, sizeof *sizes);
    if (!sizes)
        return STATUS_MEMORY;
    for (int r = 0; r < resamples->count; r++) {
        struct points resampled = *points;
        for (int i = 0; i < points->count; i++)
            resampled.error[i] = 1 - resamples->curve[i][r];
        sizes[r] = size_with(&resampled, resamples->synthetic[r]);
    }
    const int status = statistics_percentile_interval(interval, sizes, resamples->count, 0.95);
    free(sizes);
    return status;
}

int learning_curve_effective_size(struct effective_size *out, const struct learning_curve *curve, double accuracy,
                                  const struct curve_resamples *resamples)
{
    int status = check_from(curve, 2);
    if (status < 0)
        return status;
    if (!(accuracy >= 0 && accuracy <= 1))
        return error_set(STATUS_INPUT, "an accuracy on synthetic images of %g does not lie between 0 and 1", accuracy);
    const struct points points = points_of(curve);
    const double size = size_with(&points, accuracy);
    const double smallest = curve->images[0], largest = curve->images[curve->sizes - 1];
    *out = (struct effective_size){.images = fmin(fmax(size, smallest), largest),
                                   .below = size <= 0,
                                   .above = isinf(size),
                                   .interval = {NAN, NAN}};
    if (resamples && (status = interval_of_size(&out->interval, &points, resamples)) < 0)
        return status;
    snprintf(out->sentence, sizeof out->sentence, "the synthetic set is worth %s %.0f real images",
             out->below   ? "fewer than"
             : out->above ? "more than"
                          : "about",
             out->images);
    return 0;
}
