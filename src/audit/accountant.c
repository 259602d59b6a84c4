/* Everything in logarithms: terms range over hundreds of powers of ten. Integer orders are a finite binomial sum,
 * fractional ones two series (sections 3.3 of the paper). */
#include "audit/accountant.h"

#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { STEPS_AT_MOST = 1000000000 };

const double *accountant_orders(int *count)
{
    static const double orders[] = {
        1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2,  2.1,  2.2,  2.3,  2.4,  2.5,  2.6,  2.7,  2.8,  2.9,  3,
        3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 3.7, 3.8, 3.9, 4,  4.1,  4.2,  4.3,  4.4,  4.5,  4.6,  4.7,  4.8,  4.9,  5,
        5.1, 5.2, 5.3, 5.4, 5.5, 5.6, 5.7, 5.8, 5.9, 6,  6.1,  6.2,  6.3,  6.4,  6.5,  6.6,  6.7,  6.8,  6.9,  7,
        7.1, 7.2, 7.3, 7.4, 7.5, 7.6, 7.7, 7.8, 7.9, 8,  8.1,  8.2,  8.3,  8.4,  8.5,  8.6,  8.7,  8.8,  8.9,  9,
        9.1, 9.2, 9.3, 9.4, 9.5, 9.6, 9.7, 9.8, 9.9, 10, 10.1, 10.2, 10.3, 10.4, 10.5, 10.6, 10.7, 10.8, 10.9, 12,
        13,  14,  15,  16,  17,  18,  19,  20,  21,  22, 23,   24,   25,   26,   27,   28,   29,   30,   31,   32,
        33,  34,  35,  36,  37,  38,  39,  40,  41,  42, 43,   44,   45,   46,   47,   48,   49,   50,   51,   52,
        53,  54,  55,  56,  57,  58,  59,  60,  61,  62, 63,   80,   96,   128,  192,  256,  512,  1024};
    *count = (int)(sizeof orders / sizeof *orders);
    return orders;
}

/* log(e^a + e^b). */
static double log_add(double a, double b)
{
    const double more = fmax(a, b), less = fmin(a, b);
    return isinf(less) ? more : more + log1p(exp(less - more));
}

/* log(e^a - e^b); NAN where rounding has left nothing. */
static double log_subtract(double a, double b)
{
    if (isinf(b))
        return a;
    return a > b ? a + log(-expm1(b - a)) : a == b ? -INFINITY : NAN;
}

static double log_erfc(double x)
{
    if (x < 20)
        return log(erfc(x));
    const double s = 1 / (2 * x * x); /* the asymptotic series: erfc itself is 0 from 27 on */
    return -x * x - log(x * 1.7724538509055159) + log1p(-s * (1 - s * (3 - s * (15 - s * (105 - s * 945)))));
}

/* log of the moment of order alpha: sum of binomial(alpha, i) q^i (1 - q)^(alpha - i) exp((i^2 - i) / (2 noise^2)). */
static double log_moment_whole(double rate, double noise, double alpha)
{
    double sum = -INFINITY, log_binomial = 0;
    for (double i = 0; i <= alpha; i++) {
        sum =
            log_add(sum, log_binomial + i * log(rate) + (alpha - i) * log1p(-rate) + (i * i - i) / (2 * noise * noise));
        log_binomial += log((alpha - i) / (i + 1));
    }
    return sum;
}

/* One term of each of the two series, without the sign of the binomial coefficient. */
struct terms {
    double below, above;
};

static struct terms terms_at(double i, double log_binomial, double rate, double noise, double alpha)
{
    const double split = noise * noise * log(1 / rate - 1) + 0.5, j = alpha - i, scale = sqrt(2) * noise;
    const double q = log(rate), p = log1p(-rate);
    return (struct terms){
        log_binomial + i * q + j * p + (i * i - i) / (2 * noise * noise) + log(0.5) + log_erfc((i - split) / scale),
        log_binomial + j * q + i * p + (j * j - j) / (2 * noise * noise) + log(0.5) + log_erfc((split - j) / scale)};
}

static double log_moment_fraction(double rate, double noise, double alpha)
{
    enum { TERMS_MAXIMUM = 100000 };
    double below = -INFINITY, above = -INFINITY, log_binomial = 0;
    int positive = 1;
    for (int i = 0; i < TERMS_MAXIMUM; i++) {
        const struct terms terms = terms_at(i, log_binomial, rate, noise, alpha);
        below = positive ? log_add(below, terms.below) : log_subtract(below, terms.below);
        above = positive ? log_add(above, terms.above) : log_subtract(above, terms.above);
        if (fmax(terms.below, terms.above) < -30)
            return log_add(below, above);
        log_binomial += log(fabs(alpha - i) / (i + 1));
        positive = alpha > i ? positive : !positive;
    }
    return NAN; /* not within reach at this order */
}

static double rdp_of_step(double rate, double noise, double alpha)
{
    if (rate <= 0)
        return 0;
    if (rate >= 1)
        return alpha / (2 * noise * noise);
    const double moment =
        alpha == floor(alpha) ? log_moment_whole(rate, noise, alpha) : log_moment_fraction(rate, noise, alpha);
    return fmax(moment, 0) / (alpha - 1) + (isnan(moment) ? NAN : 0);
}

static int check_orders(const double *orders, int count)
{
    if (count < 1)
        return error_set(STATUS_INPUT, "%d orders to account at", count);
    for (int i = 0; i < count; i++)
        if (!(orders[i] > 1 && orders[i] <= 100000))
            return error_set(STATUS_INPUT, "an order of %g does not lie above 1 and below 100000", orders[i]);
    return 0;
}

int accountant_rdp(double *rdp, double rate, double noise, int64_t steps, const double *orders, int count)
{
    const int status = check_orders(orders, count);
    if (status < 0)
        return status;
    if (!(rate >= 0 && rate <= 1))
        return error_set(STATUS_INPUT, "a sampling rate of %g does not lie between 0 and 1", rate);
    if (!(noise >= 0.01 && noise <= 1e6))
        return error_set(STATUS_INPUT, "a noise of %g does not lie between 0.01 and 1000000", noise);
    if (steps < 0 || steps > STEPS_AT_MOST)
        return error_set(STATUS_INPUT, "%" PRId64 " steps to account for; at most %d", steps, STEPS_AT_MOST);
    for (int i = 0; i < count; i++)
        rdp[i] = rdp_of_step(rate, noise, orders[i]) * (double)steps;
    return 0;
}

int accountant_epsilon(double *epsilon, double *order, const double *rdp, const double *orders, int count, double delta)
{
    const int status = check_orders(orders, count);
    if (status < 0)
        return status;
    if (!(delta > 0 && delta < 1))
        return error_set(STATUS_INPUT, "a delta of %g does not lie between 0 and 1", delta);
    double least = INFINITY, at = NAN;
    for (int i = 0; i < count; i++) {
        const double alpha = orders[i];
        const double bound = rdp[i] - (log(delta) + log(alpha)) / (alpha - 1) + log1p(-1 / alpha);
        if (bound < least) {
            least = bound;
            at = alpha;
        }
    }
    if (isinf(least))
        return error_set(STATUS_INPUT, "no order out of %d gives a finite epsilon", count);
    *epsilon = fmax(least, 0);
    *order = at;
    return 0;
}

int accountant_noise(double *noise, double epsilon, double delta, double rate, int64_t steps)
{
    if (!(epsilon > 0))
        return error_set(STATUS_INPUT, "an epsilon of %g is not above 0", epsilon);
    int count;
    const double *orders = accountant_orders(&count);
    double *rdp = memory_new((size_t)count, sizeof *rdp);
    if (!rdp)
        return STATUS_MEMORY;
    double low = 0.1, high = 10000;
    int status = 0;
    while (status == 0 && high / low > 1.001) {
        const double middle = sqrt(low * high);
        double spent = INFINITY, order;
        status = accountant_rdp(rdp, rate, middle, steps, orders, count);
        if (status == 0)
            status = accountant_epsilon(&spent, &order, rdp, orders, count, delta);
        if (spent <= epsilon)
            high = middle;
        else
            low = middle;
    }
    free(rdp);
    *noise = high;
    return status < 0 || high < 9990 ? status
                                     : error_set(STATUS_INPUT, "no noise up to %g keeps epsilon at %g", high, epsilon);
}
