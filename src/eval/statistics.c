/* Exact where there is a closed form; resampling by addressed random numbers, so that it repeats to the bit. */
#include "eval/statistics.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "eval/beta.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* ---- Samples ---------------------------------------------------------------------------------------------- */

int statistics_check(const double *values, int64_t count, int64_t minimum, const char *name)
{
    if (count < minimum)
        return error_set(STATUS_INPUT, "%s: %" PRId64 " values are too few, at least %" PRId64 " are needed", name,
                         count, minimum);
    for (int64_t i = 0; i < count; i++)
        if (isnan(values[i]))
            return error_set(STATUS_INPUT, "%s: value %" PRId64 " is not a number", name, i);
    return 0;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void statistics_sort(double *values, int64_t count)
{
    qsort(values, (size_t)count, sizeof *values, compare);
}

double statistics_quantile(const double *sorted, int64_t count, double share)
{
    const double place = share * (double)(count - 1);
    const int64_t below = (int64_t)place;
    const double rest = place - (double)below;
    /* Not 0 times a neighbour that may be infinite. */
    return rest > 0 && sorted[below] < sorted[below + 1] ? sorted[below] + rest * (sorted[below + 1] - sorted[below])
                                                         : sorted[below];
}

double statistics_deviation(const double *values, int64_t count)
{
    if (count < 2)
        return 0;
    double mean = 0, squares = 0;
    for (int64_t i = 0; i < count; i++)
        mean += values[i] / (double)count;
    for (int64_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return sqrt(squares / (double)(count - 1));
}

static int check_confidence(double confidence)
{
    if (!(confidence > 0 && confidence < 1))
        return error_set(STATUS_INPUT, "a confidence of %g does not lie between 0 and 1", confidence);
    return 0;
}

int statistics_percentile_interval(struct interval *interval, double *values, int64_t count, double confidence)
{
    int status = check_confidence(confidence);
    if (status < 0 || (status = statistics_check(values, count, 2, "resamples")) < 0)
        return status;
    statistics_sort(values, count);
    interval->low = statistics_quantile(values, count, (1 - confidence) / 2);
    interval->high = statistics_quantile(values, count, (1 + confidence) / 2);
    return 0;
}

void statistics_resample(int64_t *places, int64_t count, uint64_t seed, uint64_t resample)
{
    enum { AT_ONCE = 256 };
    const random_address address = {.seed = seed, .purpose = RANDOM_RESAMPLE, .sample = resample};
    uint32_t words[AT_ONCE];
    for (int64_t first = 0; first < count; first += AT_ONCE) {
        const int64_t now = count - first < AT_ONCE ? count - first : AT_ONCE;
        random_words(address, (uint64_t)first, (uint64_t)now, words);
        for (int64_t i = 0; i < now; i++)
            places[first + i] = (int64_t)((uint64_t)words[i] * (uint64_t)count >> 32);
    }
}

/* ---- Shares ----------------------------------------------------------------------------------------------- */

static int check_share(int64_t hits, int64_t trials)
{
    if (trials < 1 || hits < 0 || hits > trials)
        return error_set(STATUS_INPUT, "%" PRId64 " of %" PRId64 " is no share", hits, trials);
    return 0;
}

int statistics_clopper_pearson(struct interval *interval, int64_t hits, int64_t trials, double confidence)
{
    int status = check_confidence(confidence);
    if (status < 0 || (status = check_share(hits, trials)) < 0)
        return status;
    const double tail = (1 - confidence) / 2, k = (double)hits, n = (double)trials;
    interval->low = hits == 0 ? 0 : hits == trials ? pow(tail, 1 / n) : beta_quantile(tail, k, n - k + 1);
    interval->high = hits == trials ? 1 : hits == 0 ? -expm1(log(tail) / n) : beta_quantile(1 - tail, k + 1, n - k);
    return 0;
}

int statistics_two_shares(double *p, int64_t hits_a, int64_t trials_a, int64_t hits_b, int64_t trials_b)
{
    int status = check_share(hits_a, trials_a);
    if (status < 0 || (status = check_share(hits_b, trials_b)) < 0)
        return status;
    const double n = (double)trials_a, m = (double)trials_b;
    const double pooled = (double)(hits_a + hits_b) / (n + m);
    const double error = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
    const double difference = fabs((double)hits_a / n - (double)hits_b / m);
    *p = error > 0 ? erfc(difference / error / sqrt(2)) : 1;
    return 0;
}

static double log_choose(int64_t n, int64_t k)
{
    return lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1);
}

int statistics_fisher_upper(double *p, int64_t hits_a, int64_t trials_a, int64_t hits_b, int64_t trials_b)
{
    int status = check_share(hits_a, trials_a);
    if (status < 0 || (status = check_share(hits_b, trials_b)) < 0)
        return status;
    const int64_t hits = hits_a + hits_b, most = hits < trials_a ? hits : trials_a;
    const int64_t least = hits > trials_b ? hits - trials_b : 0;
    const double all = log_choose(trials_a + trials_b, hits);
    double sum = 0;
    for (int64_t k = hits_a > least ? hits_a : least; k <= most; k++)
        sum += exp(log_choose(trials_a, k) + log_choose(trials_b, hits - k) - all);
    *p = fmin(sum, 1);
    return 0;
}

int statistics_mcnemar(double *p, int64_t only_a, int64_t only_b)
{
    if (only_a < 0 || only_b < 0)
        return error_set(STATUS_INPUT, "%" PRId64 " and %" PRId64 " are no numbers of images", only_a, only_b);
    const double less = (double)(only_a < only_b ? only_a : only_b), more = (double)(only_a < only_b ? only_b : only_a);
    /* Twice the chance of at most `less` heads of fair coins; that is more than 1 in the middle. */
    *p = more > 0 ? fmin(2 * beta_lower(0.5, more, less + 1), 1) : 1;
    return 0;
}

int statistics_binomial_upper(double *p, int64_t hits, int64_t trials, double chance)
{
    if (!(chance >= 0 && chance <= 1))
        return error_set(STATUS_INPUT, "a chance of %g does not lie between 0 and 1", chance);
    if (trials < 0 || hits < 0 || hits > trials)
        return error_set(STATUS_INPUT, "%" PRId64 " of %" PRId64 " is no share", hits, trials);
    *p = hits == 0 ? 1 : beta_lower(chance, (double)hits, (double)(trials - hits) + 1);
    return 0;
}

static int check_paired(const double *a, const double *b, int64_t count)
{
    const int status = statistics_check(a, count, 2, "the first of two accuracies");
    return status < 0 ? status : statistics_check(b, count, 2, "the second of two accuracies");
}

int statistics_paired_bootstrap(struct paired_difference *out, const double *a, const double *b, int64_t count,
                                uint64_t seed)
{
    int status = check_paired(a, b, count);
    if (status < 0)
        return status;
    double *differences = memory_new(STATISTICS_RESAMPLES, sizeof *differences);
    int64_t *places = memory_new((size_t)count, sizeof *places);
    if (!differences || !places) {
        status = STATUS_MEMORY;
        goto done;
    }
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += a[i] - b[i];
    out->difference = sum / (double)count;
    for (uint64_t r = 0; r < STATISTICS_RESAMPLES; r++) {
        statistics_resample(places, count, seed, r);
        double resampled = 0;
        for (int64_t i = 0; i < count; i++)
            resampled += a[places[i]] - b[places[i]];
        differences[r] = resampled / (double)count;
    }
    status = statistics_percentile_interval(&out->interval, differences, STATISTICS_RESAMPLES, 0.95);
done:
    free(places);
    free(differences);
    return status;
}

/* ---- Ranks ------------------------------------------------------------------------------------------------ */

/* How many of the ascending values are below `value`, or with `or_equal` not above it. */
static int64_t count_below(const double *sorted, int64_t count, double value, int or_equal)
{
    int64_t low = 0, high = count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (sorted[middle] < value || (or_equal && sorted[middle] == value))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double error_of_auc(double auc, double positives, double negatives)
{
    const double both_positive = auc / (2 - auc), both_negative = 2 * auc * auc / (1 + auc);
    const double variance =
        auc * (1 - auc) + (positives - 1) * (both_positive - auc * auc) + (negatives - 1) * (both_negative - auc * auc);
    return sqrt(fmax(variance, 0) / (positives * negatives));
}

int statistics_mann_whitney(struct mann_whitney *out, const double *a, int64_t count_a, const double *b,
                            int64_t count_b)
{
    int status = statistics_check(a, count_a, 1, "the first of two samples");
    if (status < 0 || (status = statistics_check(b, count_b, 1, "the second of two samples")) < 0)
        return status;
    double *sorted = memory_new((size_t)count_b, sizeof *sorted);
    if (!sorted)
        return STATUS_MEMORY;
    for (int64_t i = 0; i < count_b; i++)
        sorted[i] = b[i];
    statistics_sort(sorted, count_b);
    double u = 0;
    for (int64_t i = 0; i < count_a; i++)
        u += 0.5 * (double)(count_below(sorted, count_b, a[i], 0) + count_below(sorted, count_b, a[i], 1));
    free(sorted);
    const double m = (double)count_a, n = (double)count_b;
    out->u = u;
    out->z = (u - (m * n / 2 - 0.5)) / sqrt(m * n * (m + n + 1) / 12);
    out->auc = u / (m * n);
    out->auc_error = error_of_auc(out->auc, m, n);
    return 0;
}
