/* Numbers of documents as people read them: as many digits as mean something. */
#include "report/document.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static char *nothing(char *text)
{
    memcpy(text, "-", 2);
    return text;
}

char *count_text(char *text, double count)
{
    char digits[NUMBER_FOR_PEOPLE];
    if (isnan(count))
        return nothing(text);
    if (fabs(count) >= 1e15)
        return short_text(text, count);
    const int length = snprintf(digits, sizeof digits, "%.0f", fabs(count));
    char *end = text;
    if (count <= -0.5)
        *end++ = '-';
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *end++ = ',';
        *end++ = digits[i];
    }
    *end = 0;
    return text;
}

char *seed_text(char *text, const json_t *document)
{
    const json_t *seed = json_object_get(document, "seed");
    if (json_is_integer(seed))
        snprintf(text, NUMBER_FOR_PEOPLE, "%lld", (long long)json_integer_value(seed));
    else if (json_is_string(seed)) /* too large for a JSON integer */
        snprintf(text, NUMBER_FOR_PEOPLE, "%s", json_string_value(seed));
    else
        return nothing(text);
    return text;
}

char *decimal_text(char *text, double value, int decimals)
{
    if (!isfinite(value))
        return nothing(text);
    if (decimals < 0 || fabs(value) >= 1e12)
        snprintf(text, NUMBER_FOR_PEOPLE, "%.2e", value);
    else if (fabs(value) < 0.5 * pow(10, -decimals)) /* never "-0.0" */
        snprintf(text, NUMBER_FOR_PEOPLE, "%.*f", decimals, 0.0);
    else
        snprintf(text, NUMBER_FOR_PEOPLE, "%.*f", decimals, value);
    return text;
}

char *share_text(char *text, double share)
{
    if (isnan(share))
        return nothing(text);
    char number[NUMBER_FOR_PEOPLE];
    snprintf(text, NUMBER_FOR_PEOPLE, "%.40s %%", decimal_text(number, 100 * share, 1));
    return text;
}

char *points_text(char *text, double difference)
{
    if (isnan(difference))
        return nothing(text);
    text[0] = '+';
    decimal_text(difference >= 0.0005 ? text + 1 : text, 100 * difference, 1);
    return text;
}

char *probability_text(char *text, double p)
{
    if (p >= 0 && p < 1e-4) {
        snprintf(text, NUMBER_FOR_PEOPLE, "< 0.0001");
        return text;
    }
    return decimal_text(text, p, p < 0.01 ? 4 : p < 0.1 ? 3 : 2);
}

char *seconds_text(char *text, double seconds)
{
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
    if (isnan(seconds) || seconds < 0)
        return nothing(text);
    const double whole = round(seconds);
    if (seconds < 10)
        snprintf(text, NUMBER_FOR_PEOPLE, "%.1f s", seconds);
    else if (whole < MINUTE)
        snprintf(text, NUMBER_FOR_PEOPLE, "%.0f s", whole);
    else if (whole < HOUR)
        snprintf(text, NUMBER_FOR_PEOPLE, whole < 10 * MINUTE ? "%.0f min %.0f s" : "%.0f min",
                 whole < 10 * MINUTE ? floor(whole / MINUTE) : round(whole / MINUTE), fmod(whole, MINUTE));
    else if (whole < 2 * DAY)
        snprintf(text, NUMBER_FOR_PEOPLE, "%.0f h %.0f min", floor(whole / HOUR), floor(fmod(whole, HOUR) / MINUTE));
    else
        snprintf(text, NUMBER_FOR_PEOPLE, "%.3g days", whole / DAY);
    return text;
}

char *bytes_text(char *text, double bytes)
{
    static const char *const unit[] = {"bytes", "kB", "MB", "GB", "TB"};
    int i = 0;
    if (isnan(bytes))
        return nothing(text);
    while (fabs(bytes) >= 1000 && i < 4) {
        bytes /= 1000;
        i++;
    }
    snprintf(text, NUMBER_FOR_PEOPLE, "%.*f %s", i > 0 && fabs(bytes) < 100, bytes, unit[i]);
    return text;
}

/* Behind the point: three significant digits of the largest number, or two of the interval's half, but at most five. */
static int decimals_for(double largest, double half_width)
{
    enum { DECIMALS_MAXIMUM = 6 };
    if (!(largest > 0))
        return 0;
    const int leading = (int)floor(log10(largest)); /* place of the first digit */
    int decimals = 2 - leading;
    if (half_width > 0) {
        const int needed = 1 - (int)floor(log10(half_width));
        decimals = needed > decimals + 2 ? decimals + 2 : needed > decimals ? needed : decimals;
    }
    if (leading < -4)
        return -1;
    return decimals < 0 ? 0 : decimals > DECIMALS_MAXIMUM ? DECIMALS_MAXIMUM : decimals;
}

char *short_text(char *text, double value)
{
    return decimal_text(text, value, decimals_for(fabs(value), NAN));
}

static double larger(double a, double b)
{
    return fabs(b) > a ? fabs(b) : a;
}

static void write_interval(char *text, size_t bytes, struct interval interval, int decimals)
{
    char low[NUMBER_FOR_PEOPLE], high[NUMBER_FOR_PEOPLE];
    if (interval_is_known(interval))
        snprintf(text, bytes, "%s to %s", decimal_text(low, interval.low, decimals),
                 decimal_text(high, interval.high, decimals));
}

char *share_interval_text(char *text, struct interval interval)
{
    text[0] = 0;
    write_interval(text, 2 * NUMBER_FOR_PEOPLE, (struct interval){100 * interval.low, 100 * interval.high}, 1);
    return text;
}

static const char *text_or_nothing(const json_t *measure, const char *key)
{
    const char *text = document_text(measure, key);
    return text ? text : "";
}

static void write_if_known(char *text, double value, int decimals)
{
    if (!isnan(value))
        decimal_text(text, value, decimals);
}

void measure_text(struct measure_text *text, const json_t *measure)
{
    const double value = document_number(measure, "value"), twin = document_number(measure, "twin");
    const double chance = document_number(measure, "chance"), ratio = document_number(measure, "ratio");
    const struct interval interval = document_interval(measure, "interval");
    const struct interval twin_interval = document_interval(measure, "twin_interval");
    double largest = larger(larger(larger(0, value), twin), chance);
    largest = larger(larger(largest, interval.low), interval.high);
    const int decimals = decimals_for(largest, (interval.high - interval.low) / 2);
    *text = (struct measure_text){.title = document_title(measure),
                                  .refused = document_text(measure, "refused"),
                                  .repeated = text_or_nothing(measure, "repeated"),
                                  .better = text_or_nothing(measure, "better"),
                                  .note = text_or_nothing(measure, "note")};
    const char *spelled = document_text(measure, "value"); /* JSON has no infinity: "inf" */
    write_if_known(text->value, value, decimals);
    if (spelled)
        snprintf(text->value, sizeof text->value, "%s", spelled);
    write_if_known(text->twin, twin, decimals);
    write_if_known(text->chance, chance, decimals);
    if (!isnan(ratio))
        short_text(text->ratio, ratio);
    write_interval(text->interval, sizeof text->interval, interval, decimals);
    write_interval(text->twin_interval, sizeof text->twin_interval, twin_interval, decimals);
}
