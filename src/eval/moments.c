/* Deviations from the mean are multiplied, not features: the difference of two large sums would lose digits. */
#include "eval/moments.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/panels.h"
#include "eval/products.h"

#include <stdlib.h>

static void find_mean(double *mean, const struct feature_set *set)
{
    for (int64_t i = 0; i < set->count; i++)
        for (int64_t j = 0; j < set->width; j++)
            mean[j] += set->values[i * set->width + j];
    for (int64_t j = 0; j < set->width; j++)
        mean[j] /= (double)set->count;
}

static int find_covariance(double *covariance, const struct feature_set *set, const double *mean, struct pool *pool)
{
    struct panels deviations;
    int status = panels_of_columns(&deviations, set, mean, pool);
    if (status == 0)
        status = products_symmetric(covariance, &deviations, &deviations, pool);
    panels_free(&deviations);
    for (int64_t i = 0; status == 0 && i < set->width * set->width; i++)
        covariance[i] /= (double)(set->count - 1);
    return status;
}

int moments_new(struct moments *moments, const struct feature_set *set, const char *name, struct pool *pool)
{
    *moments = (struct moments){.count = set->count, .width = set->width};
    const int status = feature_set_check_varied(set, name, 2);
    if (status < 0)
        return status;
    int64_t numbers;
    if (!size_multiply(set->width, set->width, &numbers))
        return error_set(STATUS_MEMORY, "a covariance of %lld features is too large", (long long)set->width);
    moments->mean = memory_new((size_t)set->width, sizeof *moments->mean);
    moments->covariance = memory_new((size_t)numbers, sizeof *moments->covariance);
    if (!moments->mean || !moments->covariance)
        return STATUS_MEMORY;
    find_mean(moments->mean, set);
    return find_covariance(moments->covariance, set, moments->mean, pool);
}

void moments_free(struct moments *moments)
{
    free(moments->mean);
    free(moments->covariance);
    moments->mean = moments->covariance = NULL;
}
