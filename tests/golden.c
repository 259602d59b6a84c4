/* Reading golden files and comparing with them. */
#include "golden.h"

#include "base/error.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct golden golden_open(const char *name)
{
    const char *folder = getenv("STANDIN_GOLDEN");
    char path[1024];
    struct golden golden = {NULL};
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "tests/golden", name);
    if (safetensors_open(&golden.file, path) < 0)
        fail_msg("%s", error_message());
    return golden;
}

void golden_close(struct golden *golden)
{
    safetensors_close(golden->file);
}

double *golden_read(const struct golden *golden, const char *name, int64_t elements)
{
    const struct safetensors_tensor *tensor = safetensors_find(golden->file, name);
    if (!tensor || safetensors_elements(tensor) != elements || tensor->type != SAFETENSORS_F32)
        fail_msg("golden tensor '%s' is missing or of another size", name);
    float *narrow = malloc((size_t)elements * sizeof *narrow);
    double *wide = malloc((size_t)elements * sizeof *wide);
    assert_non_null(narrow);
    assert_non_null(wide);
    assert_int_equal(safetensors_read(golden->file, tensor, narrow), 0);
    for (int64_t i = 0; i < elements; i++)
        wide[i] = (double)narrow[i];
    free(narrow);
    return wide;
}

void golden_load(const struct golden *golden, const char *name, struct store *store, const char *into)
{
    const struct tensor *tensor = store_find(store, into);
    if (!tensor)
        fail_msg("the store has no '%s'", into);
    const int64_t elements = shape_elements(&tensor->shape);
    double *number = golden_read(golden, name, elements);
    for (int64_t i = 0; i < elements; i++) {
        if (store_type(store) == NUMBER_F64)
            ((double *)tensor->data)[i] = number[i];
        else
            ((float *)tensor->data)[i] = (float)number[i];
    }
    free(number);
}

double relative_error(enum number_type type, const void *a, const double *b, int64_t elements)
{
    double worst = 0, largest = 0;
    for (int64_t i = 0; i < elements; i++) {
        const double value = type == NUMBER_F64 ? ((const double *)a)[i] : (double)((const float *)a)[i];
        const double error = fabs(value - b[i]);
        if (!(error <= worst)) /* NaN counts as the worst */
            worst = error;
        if (fabs(b[i]) > largest)
            largest = fabs(b[i]);
    }
    return largest > 0 ? worst / largest : worst;
}

void golden_expect(const struct golden *golden, const char *name, const struct store *store, const char *tensor_name,
                   double tolerance)
{
    const struct tensor *tensor = store_find(store, tensor_name);
    if (!tensor)
        fail_msg("the store has no '%s'", tensor_name);
    const int64_t elements = shape_elements(&tensor->shape);
    double *number = golden_read(golden, name, elements);
    const double error = relative_error(store_type(store), tensor->data, number, elements);
    free(number);
    if (!(error <= tolerance))
        fail_msg("%s differs from golden %s by %.3g, allowed %.3g", tensor_name, name, error, tolerance);
}

void *golden_bind(const struct golden *golden, const char *name, struct executor *executor, enum number_type type,
                  const char *input, int64_t elements)
{
    double *wide = golden_read(golden, name, elements);
    void *numbers = wide;
    if (type == NUMBER_F32) {
        float *narrow = malloc((size_t)elements * sizeof *narrow);
        assert_non_null(narrow);
        for (int64_t i = 0; i < elements; i++)
            narrow[i] = (float)wide[i];
        free(wide);
        numbers = narrow;
    }
    if (executor_bind(executor, input, numbers) < 0)
        fail_msg("%s", error_message());
    return numbers;
}

void golden_expect_output(const struct golden *golden, const char *name, const struct executor *executor,
                          enum number_type type, const struct node *output, double tolerance)
{
    const int64_t elements = shape_elements(&output->shape);
    double *expected = golden_read(golden, name, elements);
    const double error = relative_error(type, executor_output(executor, output), expected, elements);
    free(expected);
    if (!(error <= tolerance))
        fail_msg("%s differs by %.3g, allowed %.3g", name, error, tolerance);
}
