/* See kernel_harness.h. Everything that a kernel must not rely on is hostile here: scratch and outputs are full of
 * NaN, and every tensor ends where it ends, so that the address sanitizer sees a read behind it. */
#include "kernel_harness.h"

#include "base/philox.h"
#include "base/pool.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t number_size(enum number_type type)
{
    return type == NUMBER_F64 ? sizeof(double) : sizeof(float);
}

static void *hostile(size_t bytes)
{
    void *memory = NULL;
    assert_int_equal(posix_memalign(&memory, 64, bytes ? bytes : 1), 0);
    memset(memory, 0xFF, bytes);
    return memory;
}

void harness_fill(double *values, int64_t count, uint64_t name)
{
    const random_address address = {.seed = 1, .step = name, .purpose = RANDOM_USER};
    for (int64_t i = 0; i < count; i += 256) {
        float numbers[256];
        const int64_t some = count - i < 256 ? count - i : 256;
        random_normal(address, (uint64_t)i, (uint64_t)some, numbers);
        for (int64_t j = 0; j < some; j++)
            values[i + j] = (double)numbers[j];
    }
}

double *harness_zeros(int64_t count)
{
    double *values = calloc((size_t)count, sizeof *values);
    assert_non_null(values);
    return values;
}

double *harness_values(int64_t count, uint64_t name)
{
    double *values = harness_zeros(count);
    harness_fill(values, count, name);
    return values;
}

static void *narrowed(enum number_type type, const double *values, int64_t count)
{
    void *memory = hostile((size_t)count * number_size(type));
    if (type == NUMBER_F64)
        memcpy(memory, values, (size_t)count * sizeof(double));
    else
        for (int64_t i = 0; i < count; i++)
            ((float *)memory)[i] = (float)values[i];
    return memory;
}

static void widen(double *values, enum number_type type, const void *memory, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        values[i] = type == NUMBER_F64 ? ((const double *)memory)[i] : (double)((const float *)memory)[i];
}

struct run {
    const struct kernel *kernel;
    struct kernel_arguments arguments;
    void **scratch; /* one for each worker */
    int phase;
};

static void run_task(void *context, int task, int worker)
{
    const struct run *run = context;
    struct kernel_arguments arguments = run->arguments;
    arguments.thread_scratch = run->scratch[worker];
    run->kernel->run(run->kernel, &arguments, run->phase, task);
}

static void run_kernel(const struct kernel *kernel, const struct kernel_arguments *arguments, int threads)
{
    struct run run = {.kernel = kernel, .arguments = *arguments};
    struct pool *pool;
    assert_int_equal(pool_new(&pool, threads), 0);
    run.scratch = calloc((size_t)threads, sizeof *run.scratch);
    assert_non_null(run.scratch);
    for (int i = 0; i < threads; i++)
        run.scratch[i] = hostile(kernel->thread_scratch);
    run.arguments.shared_scratch = hostile(kernel->shared_scratch);
    for (run.phase = 0; run.phase < kernel->phases; run.phase++)
        pool_run(pool, kernel->tasks[run.phase], run_task, &run);
    for (int i = 0; i < threads; i++)
        free(run.scratch[i]);
    free(run.scratch);
    free(run.arguments.shared_scratch);
    pool_free(pool);
}

static void *packed(const struct packing *packing, void *plain)
{
    void *memory = hostile(packing->bytes);
    for (int i = 0; i < packing->tasks; i++)
        packing->run(packing, plain, memory, i);
    free(plain);
    return memory;
}

/* Adds row `a + distance` to row a, pairwise, until one row is left. */
static void add_partials(enum number_type type, void *rows, int count, int64_t elements)
{
    for (int distance = 1; distance < count; distance *= 2)
        for (int row = 0; row + distance < count; row += 2 * distance)
            for (int64_t i = 0; i < elements; i++) {
                const int64_t to = row * elements + i, from = to + distance * elements;
                if (type == NUMBER_F64)
                    ((double *)rows)[to] += ((double *)rows)[from];
                else
                    ((float *)rows)[to] += ((float *)rows)[from];
            }
}

int harness_run(const struct backend *backend, const struct kernel_request *request, const double *const *inputs,
                double *output, int threads)
{
    struct kernel *kernel = NULL;
    const int status = backend->make(&kernel, request);
    if (status < 0)
        return status;
    struct kernel_arguments arguments = {.seed = HARNESS_SEED, .step = HARNESS_STEP};
    void *storage[OPERANDS_MAXIMUM];
    for (int i = 0; i < request->inputs; i++) {
        storage[i] = narrowed(backend->type, inputs[i], shape_elements(&request->input[i]));
        if (kernel->packing[i])
            storage[i] = packed(kernel->packing[i], storage[i]);
        arguments.input[i] = storage[i];
    }
    const int rows = kernel->partials ? request->shards : 1;
    const int64_t elements = shape_elements(&request->output);
    arguments.output[0] = hostile((size_t)(rows * elements) * number_size(backend->type));
    run_kernel(kernel, &arguments, threads);
    add_partials(backend->type, arguments.output[0], rows, elements);
    widen(output, backend->type, arguments.output[0], elements);
    for (int i = 0; i < request->inputs; i++)
        free(storage[i]);
    free(arguments.output[0]);
    kernel->free(kernel);
    return 0;
}

static int64_t elements_over(const struct program *program, unsigned axes)
{
    int64_t elements = 1;
    for (int i = 0; i < program->rank; i++)
        if (axes >> i & 1)
            elements *= program->size[i];
    return elements;
}

int64_t harness_input_elements(const struct program *program, int input)
{
    return elements_over(program, program->input[input].varies);
}

int64_t harness_output_elements(const struct program *program, int output)
{
    return elements_over(program, program->output[output].sum ? ~program->output[output].axes : ~0u);
}

int harness_run_program(harness_make_program *make, enum number_type type, const struct program *program, int shards,
                        const double *const *inputs, double *const *outputs, const int *in_place, int threads)
{
    struct kernel *kernel = NULL;
    const int status = make(&kernel, program, shards);
    if (status < 0)
        return status;
    struct kernel_arguments arguments = {.seed = HARNESS_SEED, .step = HARNESS_STEP};
    void *storage[KERNEL_INPUTS];
    for (int i = 0; i < program->inputs; i++)
        arguments.input[i] = storage[i] = narrowed(type, inputs[i], harness_input_elements(program, i));
    for (int i = 0; i < program->outputs; i++) {
        const bool partial = program->batch && program->output[i].sum && program->output[i].axes & 1;
        const int64_t elements = harness_output_elements(program, i) * (partial ? shards : 1);
        arguments.output[i] = in_place && in_place[i] ? storage[in_place[i] - 1]
                                                      : hostile((size_t)elements * number_size(type));
    }
    run_kernel(kernel, &arguments, threads);
    for (int i = 0; i < program->outputs; i++) {
        if (program->batch && program->output[i].sum && program->output[i].axes & 1)
            add_partials(type, arguments.output[i], shards, harness_output_elements(program, i));
        widen(outputs[i], type, arguments.output[i], harness_output_elements(program, i));
        if (!in_place || !in_place[i])
            free(arguments.output[i]);
    }
    for (int i = 0; i < program->inputs; i++)
        free(storage[i]);
    kernel->free(kernel);
    return 0;
}

double harness_error(const double *a, const double *b, int64_t count)
{
    double difference = 0, scale = 0;
    for (int64_t i = 0; i < count; i++) {
        if (isnan(a[i]) && isnan(b[i]))
            continue;
        if (isnan(a[i]) != isnan(b[i]) || isinf(a[i]) != isinf(b[i]) || (isinf(a[i]) && a[i] != b[i]))
            return INFINITY;
        if (isinf(a[i]))
            continue;
        difference = fmax(difference, fabs(a[i] - b[i]));
        scale = fmax(scale, fabs(b[i]));
    }
    return difference == 0 ? 0 : difference / scale;
}

double harness_product(const double *a, const double *b, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}
