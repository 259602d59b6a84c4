/* A row is a sample of its own, so that a longer set begins like a shorter one. */
#include "normal_sets.h"

#include "base/memory.h"
#include "base/philox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct feature_set normal_set(int64_t count, int64_t width, uint64_t seed, double scale)
{
    double *values = memory_new((size_t)(count * width), sizeof *values);
    float *row = memory_new((size_t)width, sizeof *row);
    assert_non_null(values);
    assert_non_null(row);
    for (int64_t i = 0; i < count; i++) {
        random_normal((random_address){seed, 0, RANDOM_USER, (uint64_t)i}, 0, (uint64_t)width, row);
        for (int64_t j = 0; j < width; j++)
            values[i * width + j] = scale * (double)row[j];
    }
    free(row);
    return (struct feature_set){values, count, width};
}

void normal_set_free(struct feature_set set)
{
    free((void *)set.values);
}

void normal_moments(struct moments *moments, int64_t width, double mean)
{
    *moments = (struct moments){1000, width, memory_new((size_t)width, 8), memory_new((size_t)(width * width), 8)};
    assert_non_null(moments->mean);
    assert_non_null(moments->covariance);
    for (int64_t i = 0; i < width; i++) {
        moments->mean[i] = mean;
        moments->covariance[i * width + i] = 1;
    }
}
