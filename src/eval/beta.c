/* The continued fraction of I_x(a, b) (NIST Digital Library of Mathematical Functions, 8.17.22) with the factor before
 * it written as deviations from the mean (Loader, "Fast and Accurate Computation of Binomial Probabilities", 2000):
 * the plain logarithms of gamma functions would lose as many digits as the parameters have. */
#include "eval/beta.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

/* ---- The function ----------------------------------------------------------------------------------------- */

/* log Gamma(n + 1) - log(sqrt(2 pi n) (n / e)^n), by Stirling's series where it converges. */
static double stirling_error(double n)
{
    if (n < 16) {
        int sign;
        return lgamma_r(n + 1, &sign) - (n + 0.5) * log(n) + n - 0.9189385332046727;
    }
    const double s = 1 / (n * n);
    return (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s / 1188)))) / n;
}

/* x log(x / mean) + mean - x, which is about (x - mean)^2 / (2 mean) near the mean. */
static double deviance(double x, double mean)
{
    const double difference = x - mean;
    if (fabs(difference) >= 0.1 * (x + mean))
        return x * log(x / mean) - difference;
    const double v = difference / (x + mean);
    double sum = difference * v, term = 2 * x * v;
    for (int i = 3;; i += 2) {
        term *= v * v;
        const double next = sum + term / i;
        if (next == sum)
            return sum;
        sum = next;
    }
}

/* x^a y^b / B(a, b), y = 1 - x. */
static double power_factor(double x, double y, double a, double b)
{
    const double n = a + b;
    const double exponent =
        stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) - deviance(b, n * y);
    return exp(exponent) * sqrt(a / n * b / 6.283185307179586);
}

/* Lentz's method; converges in about sqrt(max(a, b)) steps for x below the mean. */
static double continued_fraction(double x, double a, double b)
{
    enum { STEPS_MAXIMUM = 1000000 };
    double c = 1, d = 1 / fmax(1 - (a + b) * x / (a + 1), DBL_MIN), value = d;
    for (int i = 1; i < STEPS_MAXIMUM; i++) {
        const double even = i * (b - i) * x / ((a + 2 * i - 1) * (a + 2 * i));
        const double odd = -(a + i) * (a + b + i) * x / ((a + 2 * i) * (a + 2 * i + 1));
        double change = 1;
        for (int half = 0; half < 2; half++) {
            const double coefficient = half ? odd : even;
            d = 1 + coefficient * d;
            c = 1 + coefficient / c;
            d = 1 / (fabs(d) < DBL_MIN ? DBL_MIN : d);
            c = fabs(c) < DBL_MIN ? DBL_MIN : c;
            change *= c * d;
        }
        value *= change;
        if (fabs(change - 1) < 2 * DBL_EPSILON)
            break;
    }
    return value;
}

struct tails {
    double lower, upper;
    double factor; /* x y times the density */
};

/* y = 1 - x; 0 < x < 1. */
static struct tails tails_of(double x, double y, double a, double b)
{
    const double factor = power_factor(x, y, a, b);
    if (x <= (a + 1) / (a + b + 2)) {
        const double lower = fmin(factor * continued_fraction(x, a, b) / a, 1);
        return (struct tails){lower, 1 - lower, factor};
    }
    const double upper = fmin(factor * continued_fraction(y, b, a) / b, 1);
    return (struct tails){1 - upper, upper, factor};
}

static bool has_meaning(double x, double a, double b)
{
    return !isnan(x) && a > 0 && b > 0 && isfinite(a) && isfinite(b);
}

double beta_lower(double x, double a, double b)
{
    if (!has_meaning(x, a, b))
        return NAN;
    return x <= 0 ? 0 : x >= 1 ? 1 : tails_of(x, 1 - x, a, b).lower;
}

double beta_upper(double x, double a, double b)
{
    if (!has_meaning(x, a, b))
        return NAN;
    return x <= 0 ? 1 : x >= 1 ? 0 : tails_of(x, 1 - x, a, b).upper;
}

/* ---- Its inverse ------------------------------------------------------------------------------------------ */

/* The root in (0, 1/2], by Newton's method on logarithms of both sides (a tail is nearly a power of x there), kept
 * inside a bracket. */
static double quantile_below_half(double p, double a, double b)
{
    double low = DBL_MIN, high = 0.5, x = fmin(a / (a + b), 0.5);
    const bool by_lower = p <= 0.5;
    for (int i = 0; i < 200 && low < high; i++) {
        const struct tails tails = tails_of(x, 1 - x, a, b);
        const double tail = by_lower ? tails.lower : tails.upper;
        const double distance = log(tail / (by_lower ? p : 1 - p));
        const double slope = tails.factor / ((1 - x) * tail) * (by_lower ? 1 : -1);
        if ((distance > 0) == by_lower)
            high = x;
        else
            low = x;
        const double step = -distance / slope, next = x * exp(step);
        if (fabs(step) < DBL_EPSILON)
            return next;
        const double bisected = sqrt(low) * sqrt(high);
        if (!(next > low && next < high) && !(bisected > low && bisected < high))
            return x;
        x = next > low && next < high ? next : bisected;
    }
    return x;
}

double beta_quantile(double p, double a, double b)
{
    if (!has_meaning(p, a, b) || p < 0 || p > 1)
        return NAN;
    if (p == 0 || p == 1)
        return p;
    const struct tails middle = tails_of(0.5, 0.5, a, b);
    if (p <= middle.lower)
        return quantile_below_half(p, a, b);
    /* 1 - p is exact above 1/2; below it the rounding is of the size of p's own. */
    return 1 - quantile_below_half(1 - p, b, a);
}
