/* Refuses sets of features that no measure can say anything about. */
#include "eval/feature_set.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static int check_finite(const struct feature_set *set, const char *name)
{
    for (int64_t i = 0; i < set->count; i++) {
        const double *row = set->values + i * set->width;
        double nothing = 0; /* stays 0 unless a feature is NaN, infinite, or so large that its distances would be */
        for (int64_t j = 0; j < set->width; j++)
            nothing += row[j] * row[j] * 1e10 * 0.0;
        if (isnan(nothing))
            return error_set(STATUS_INPUT, "features of the %s set: image %lld has one that is no finite number", name,
                             (long long)i);
    }
    return 0;
}

static bool all_rows_equal(const struct feature_set *set)
{
    for (int64_t i = 1; i < set->count; i++)
        for (int64_t j = 0; j < set->width; j++)
            if (set->values[i * set->width + j] < set->values[j] || set->values[i * set->width + j] > set->values[j])
                return false;
    return true;
}

int feature_set_check(const struct feature_set *set, const char *name, int64_t minimum)
{
    if (set->width < 1)
        return error_set(STATUS_INPUT, "the images of the %s set have no features", name);
    if (set->count < minimum)
        return error_set(STATUS_INPUT, "too few images in the %s set: %lld, at least %lld are needed", name,
                         (long long)set->count, (long long)minimum);
    return check_finite(set, name);
}

int feature_set_check_varied(const struct feature_set *set, const char *name, int64_t minimum)
{
    const int status = feature_set_check(set, name, minimum);
    if (status < 0)
        return status;
    if (all_rows_equal(set))
        return error_set(STATUS_INPUT, "all %lld images of the %s set have the same features", (long long)set->count,
                         name);
    return 0;
}

int feature_set_check_widths(const struct feature_set *a, const char *name_a, const struct feature_set *b,
                             const char *name_b)
{
    if (a->width == b->width)
        return 0;
    return error_set(STATUS_INPUT, "the images of the %s set have %lld features, those of the %s set %lld", name_a,
                     (long long)a->width, name_b, (long long)b->width);
}

int feature_set_joined(struct feature_set *out, const struct feature_set *first, const struct feature_set *second)
{
    const size_t before = (size_t)(first->count * first->width), after = (size_t)(second->count * second->width);
    double *values = memory_new(before + after, sizeof *values);
    *out = (struct feature_set){values, first->count + second->count, first->width};
    if (!values)
        return STATUS_MEMORY;
    memcpy(values, first->values, before * sizeof *values);
    memcpy(values + before, second->values, after * sizeof *values);
    return 0;
}
