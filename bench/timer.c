/* Kernels and primitives by themselves. */
#include "timer.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "kernel/cpu/onednn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACKING_REPEATS = 3 };

static clockid_t measured = CLOCK_MONOTONIC;

void timer_use(clockid_t clock)
{
    measured = clock;
}

double timer_seconds(void)
{
    struct timespec time;
    clock_gettime(measured, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void timer_fail(const char *program, const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", program, what, error_message());
    exit(1);
}

static void *storage(size_t bytes)
{
    void *memory = memory_new_aligned(bytes);
    if (!memory)
        timer_fail("bench", "memory");
    return memory;
}

float *timer_numbers(int64_t count, uint64_t sample)
{
    float *values = storage((size_t)count * sizeof *values);
    random_normal((random_address){1, 0, RANDOM_USER, sample}, 0, (uint64_t)count, values);
    return values;
}

struct timed_kernel {
    struct kernel *kernel;
    struct kernel_arguments arguments, plain;
    int threads, phase;
    int64_t elements;
    int partials;
    void **scratch;
    void *packed[2];
};

struct timed_kernel *timed_kernel_new(const struct kernel_request *request, const float *a, const float *b, int threads)
{
    struct timed_kernel *timed = storage(sizeof *timed);
    if (cpu_f32.make(&timed->kernel, request) < 0)
        timer_fail("bench", "kernel");
    timed->threads = threads;
    timed->elements = shape_elements(&request->output);
    timed->partials = timed->kernel->partials ? request->shards : 1;
    const size_t bytes = (size_t)timed->elements * (size_t)timed->partials * sizeof(float);
    timed->arguments.input[0] = a;
    timed->arguments.input[1] = b;
    timed->arguments.output[0] = storage(bytes);
    memset(timed->arguments.output[0], 0xff, bytes); /* NaN: what is not written shows */
    timed->arguments.shared_scratch = storage(timed->kernel->shared_scratch);
    timed->plain = timed->arguments;
    timed->scratch = storage((size_t)threads * sizeof *timed->scratch);
    for (int i = 0; i < threads; i++)
        timed->scratch[i] = storage(timed->kernel->thread_scratch);
    for (int i = 0; i < 2; i++)
        if (timed->kernel->packing[i])
            timed->arguments.input[i] = timed->packed[i] = storage(timed->kernel->packing[i]->bytes);
    return timed;
}

void timed_kernel_free(struct timed_kernel *timed)
{
    for (int i = 0; i < timed->threads; i++)
        free(timed->scratch[i]);
    free(timed->scratch);
    free(timed->packed[0]);
    free(timed->packed[1]);
    free(timed->arguments.output[0]);
    free(timed->arguments.shared_scratch);
    timed->kernel->free(timed->kernel);
    free(timed);
}

static void run_task(void *context, int task, int worker)
{
    const struct timed_kernel *timed = context;
    struct kernel_arguments arguments = timed->arguments;
    arguments.thread_scratch = timed->scratch[worker];
    timed->kernel->run(timed->kernel, &arguments, timed->phase, task);
}

struct packer {
    const struct packing *packing;
    const void *plain;
    void *packed;
};

static void run_packing(void *context, int task, int worker)
{
    (void)worker;
    const struct packer *p = context;
    p->packing->run(p->packing, p->plain, p->packed, task);
}

static double pack(const struct timed_kernel *timed, struct pool *pool)
{
    double seconds = 0;
    for (int i = 0; i < 2; i++) {
        if (!timed->packed[i])
            continue;
        struct packer packer = {timed->kernel->packing[i], timed->plain.input[i], timed->packed[i]};
        double best = HUGE_VAL;
        for (int repeat = 0; repeat < PACKING_REPEATS; repeat++) {
            const double start = timer_seconds();
            pool_run(pool, packer.packing->tasks, run_packing, &packer);
            best = fmin(best, timer_seconds() - start);
        }
        seconds += best;
    }
    return seconds;
}

double timed_kernel_run(struct timed_kernel *timed, struct pool *pool, int repeats, double *packing)
{
    const double packed = pack(timed, pool);
    if (packing)
        *packing = packed;
    double best = HUGE_VAL;
    for (int repeat = 0; repeat < repeats; repeat++) {
        const double start = timer_seconds();
        for (timed->phase = 0; timed->phase < timed->kernel->phases; timed->phase++)
            pool_run(pool, timed->kernel->tasks[timed->phase], run_task, timed);
        best = fmin(best, timer_seconds() - start);
    }
    for (int64_t i = 0; i < timed->elements; i++)
        for (int shard = 1; shard < timed->partials; shard++)
            ((float *)timed->arguments.output[0])[i] +=
                ((float *)timed->arguments.output[0])[shard * timed->elements + i];
    return best;
}

const char *timed_kernel_note(const struct timed_kernel *timed)
{
    return timed->kernel->note;
}

const float *timed_kernel_result(const struct timed_kernel *timed)
{
    return timed->arguments.output[0];
}

/* --- oneDNN by itself -------------------------------------------------------------------------------------- */

static double time_primitive(const struct onednn *primitive, const void *a, const void *b, void *result, int repeats)
{
    void *scratch = storage(onednn_scratch(primitive));
    double best = HUGE_VAL;
    for (int repeat = 0; repeat < repeats; repeat++) {
        const double start = timer_seconds();
        onednn_run(primitive, 0, a, b, result, scratch);
        best = fmin(best, timer_seconds() - start);
    }
    free(scratch);
    return best;
}

static double time_convolution(const struct kernel_request *request, const float *a, const float *b, int repeats)
{
    struct convolution shape;
    struct onednn *primitive = NULL, *reorder = NULL;
    convolution_describe(&shape, request);
    const bool gradient = shape.kind == OP_CONV_DW;
    if (onednn_convolution(&primitive, &shape, shape.images, NULL, 1) < 0 ||
        onednn_reorder(&reorder, &shape, primitive, gradient, 1) < 0)
        timer_fail("bench", "oneDNN");
    float *weights = storage(onednn_weights_bytes(primitive));
    float *result = storage((size_t)shape_elements(&request->output) * sizeof *result);
    if (!gradient)
        onednn_run(reorder, 0, b, NULL, weights, NULL);
    const double best =
        time_primitive(primitive, a, gradient ? b : weights, gradient ? weights : result, repeats);
    free(weights);
    free(result);
    onednn_free(primitive);
    onednn_free(reorder);
    return best;
}

static double time_product(const struct kernel_request *request, const float *a, const float *b, int repeats)
{
    const bool *transpose = request->operation.attributes.matmul.transpose;
    const int64_t *sa = request->input[0].size, *sb = request->input[1].size;
    const int64_t m = request->output.size[0], n = request->output.size[1], k = sa[transpose[0] ? 0 : 1];
    const struct onednn_product product = {.m = m,
                                           .k = k,
                                           .n = n,
                                           .a_stride = {0, transpose[0] ? 1 : sa[1], transpose[0] ? sa[1] : 1},
                                           .b_stride = {0, transpose[1] ? 1 : sb[1], transpose[1] ? sb[1] : 1},
                                           .c_stride = {0, n, 1}};
    struct onednn *primitive;
    if (onednn_product(&primitive, &product, 1) < 0)
        timer_fail("bench", "oneDNN");
    float *result = storage((size_t)(m * n) * sizeof *result);
    const double best = time_primitive(primitive, a, b, result, repeats);
    free(result);
    onednn_free(primitive);
    return best;
}

double timer_onednn(const struct kernel_request *request, const float *a, const float *b, int threads, int repeats)
{
    onednn_threads(threads);
    const double best = request->operation.kind == OP_MATMUL ? time_product(request, a, b, repeats)
                                                             : time_convolution(request, a, b, repeats);
    onednn_threads(1);
    return best;
}
