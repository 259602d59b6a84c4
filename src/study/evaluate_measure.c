/* The shape of a measure, and how numbers of single images become one. */
#include "study/evaluate_measure.h"

#include "base/error.h"
#include "eval/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

struct measured measured_new(const char *name, const char *title, const char *better)
{
    struct measured measured = {.value = NAN,
                                .low = NAN,
                                .high = NAN,
                                .twin = NAN,
                                .twin_low = NAN,
                                .twin_high = NAN,
                                .chance = NAN,
                                .better = better};
    snprintf(measured.name, sizeof measured.name, "%s", name);
    snprintf(measured.title, sizeof measured.title, "%s", title);
    return measured;
}

int measured_settle(struct measured *measured, int status)
{
    if (status != STATUS_INPUT)
        return status;
    snprintf(measured->refused, sizeof measured->refused, "%s", error_message());
    return 0;
}

/* JSON has no infinity: "inf". */
static void set_number(json_t *json, const char *key, double number)
{
    if (isfinite(number))
        json_object_set_new(json, key, json_real(number));
    else if (isinf(number))
        json_object_set_new(json, key, json_string(number > 0 ? "inf" : "-inf"));
}

static void set_interval(json_t *json, const char *key, double low, double high)
{
    if (isfinite(low) && isfinite(high))
        json_object_set_new(json, key, json_pack("[f, f]", low, high));
}

static void set_text(json_t *json, const char *key, const char *text)
{
    if (*text)
        json_object_set_new(json, key, json_string(text));
}

/* Not of numbers that may be below 0, nor of those whose null is the chance. */
static bool ratio_says_something(const struct measured *measured)
{
    return isfinite(measured->value) && isfinite(measured->twin) && measured->value >= 0 && measured->twin > 0 &&
           !(measured->twin_low < 0) && isnan(measured->chance);
}

int measured_append(json_t *measures, const struct measured *measured)
{
    json_t *json = json_pack("{s:s, s:s}", "name", measured->name, "title", measured->title);
    if (*measured->refused) {
        set_text(json, "refused", measured->refused);
    } else {
        set_number(json, "value", measured->value);
        set_interval(json, "interval", measured->low, measured->high);
        set_text(json, "repeated", measured->repeated);
        set_number(json, "twin", measured->twin);
        set_interval(json, "twin_interval", measured->twin_low, measured->twin_high);
        set_number(json, "chance", measured->chance);
        if (ratio_says_something(measured))
            set_number(json, "ratio", measured->value / measured->twin);
    }
    set_text(json, "better", measured->better);
    set_text(json, "note", measured->note);
    return json_array_append_new(measures, json) < 0 ? error_set(STATUS_MEMORY, "out of memory for a measure") : 0;
}

struct summary summary_of_mean(const double *values, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += values[i];
    const double mean = count > 0 ? sum / (double)count : NAN;
    const double error = count > 1 ? STATISTICS_Z95 * statistics_deviation(values, count) / sqrt((double)count) : NAN;
    return (struct summary){mean, mean - error, mean + error};
}

/* The interval ends at the ranks between which the median of 95 % of all samples lies, by the normal approximation. */
struct summary summary_of_median(double *values, int64_t count)
{
    if (count < 1)
        return (struct summary){NAN, NAN, NAN};
    statistics_sort(values, count);
    const double half = STATISTICS_Z95 * sqrt((double)count) / 2;
    const int64_t low = (int64_t)floor((double)count / 2 - half), high = (int64_t)ceil((double)count / 2 + half);
    const double upper = values[count / 2], lower = values[(count - 1) / 2];
    return (struct summary){.centre = isinf(upper) ? upper : (lower + upper) / 2,
                            .low = low >= 0 ? values[low] : NAN,
                            .high = high < count ? values[high] : NAN};
}
