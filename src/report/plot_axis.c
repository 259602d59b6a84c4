/* One axis of a plot. */
#include "report/plot_axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The least of 1, 2, 5 times a power of ten that makes at most `most` steps of the range. */
static double round_step(double range, int most)
{
    static const double factor[] = {1, 2, 5, 10};
    const double rough = range / most, power = pow(10, floor(log10(rough)));
    for (int i = 0; i < 4; i++)
        if (factor[i] * power >= rough * (1 - 1e-9))
            return factor[i] * power;
    return 10 * power;
}

static void add_thousands(char *text)
{
    const size_t length = strlen(text);
    for (size_t i = length; i > 3; i -= 3) {
        const size_t before = i - 3;
        if (before == 0 || (before == 1 && text[0] == '-') || strlen(text) + 2 > AXIS_TEXT)
            break;
        memmove(text + before + 1, text + before, strlen(text + before) + 1);
        text[before] = ',';
    }
}

static void write_tick(struct axis *axis, double value, double step)
{
    char *text = axis->text[axis->ticks];
    const double shown = axis->share ? 100 * value : value, shown_step = axis->share ? 100 * step : step;
    const int decimals = shown_step < 1 ? (int)ceil(-log10(shown_step) - 1e-9) : 0;
    if (fabs(shown) >= 1e9 || decimals > 6)
        snprintf(text, AXIS_TEXT, "%.3g", shown);
    else
        snprintf(text, AXIS_TEXT, "%.*f%s", decimals, fabs(shown) < 1e-9 * shown_step ? 0.0 : shown,
                 axis->share ? " %" : "");
    if (decimals == 0 && !axis->share && fabs(shown) >= 1e3 && fabs(shown) < 1e9)
        add_thousands(text);
    axis->tick[axis->ticks++] = value;
}

static void tick_evenly(struct axis *axis, int most)
{
    const double step = round_step(axis->high - axis->low, most);
    const double first = floor(axis->low / step + 1e-6), last = ceil(axis->high / step - 1e-6);
    axis->low = first * step;
    axis->high = last * step;
    for (double i = first; i <= last && axis->ticks < AXIS_TICKS; i++)
        write_tick(axis, i * step, step);
}

/* 1, 2, 5, 10, 20 ... within the range; every one of them that there is room for. */
static void tick_by_factors(struct axis *axis, int most)
{
    static const double factor[] = {1, 2, 5};
    const double decades = axis->high - axis->low;
    const int every = decades * 3 > 2 * most ? 3 : 1; /* powers of ten alone */
    for (int power = (int)floor(axis->low); power <= (int)ceil(axis->high); power++)
        for (int k = 0; k < 3; k += every) {
            const double value = factor[k] * pow(10, power), place = log10(value);
            if (place >= axis->low - 1e-9 && place <= axis->high + 1e-9 && axis->ticks < AXIS_TICKS)
                write_tick(axis, value, value < 1 ? value : 1);
        }
}

bool axis_make(struct axis *axis, double low, double high, int most, bool logarithmic, bool share)
{
    *axis = (struct axis){.logarithmic = logarithmic, .share = share};
    if (!(low <= high) || (logarithmic && low <= 0) || !isfinite(low) || !isfinite(high))
        return false;
    axis->low = logarithmic ? log10(low) : low;
    axis->high = logarithmic ? log10(high) : high;
    const double least = 1e-9 * fmax(fabs(axis->low), fabs(axis->high));
    if (axis->high - axis->low <= least) { /* one number: some room on both sides */
        const double room = logarithmic ? 0.3 : fmax(0.1 * fabs(axis->low), 1e-9);
        axis->low -= room;
        axis->high += room;
    }
    if (!isfinite(axis->high - axis->low) || !isfinite(axis->low) || !isfinite(axis->high))
        return false;
    if (logarithmic)
        tick_by_factors(axis, most);
    else
        tick_evenly(axis, most);
    return isfinite(axis->low) && isfinite(axis->high);
}

double axis_place(const struct axis *axis, double value)
{
    enum { FAR = 10000 }; /* beyond any window: coordinates stay small */
    if (!isfinite(value) || (axis->logarithmic && value <= 0))
        return NAN;
    const double at = axis->logarithmic ? log10(value) : value;
    const double place = axis->begin + (at - axis->low) / (axis->high - axis->low) * (axis->end - axis->begin);
    return fmax(-FAR, fmin(FAR, place));
}
