/* Fused pointwise programs beside the limit of the memory: for each program the time of copying as much as it writes
 * and of reading the rest, with the same threads on the same storage, in the same run.
 *
 *     programs [threads] */
#include "base/clock.h"
#include "base/memory.h"
#include "base/pool.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/program_vector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHARDS = 8, REPEATS = 300 };

static struct program space(bool batch, int64_t images, int rank, const int64_t *size)
{
    struct program program = {.rank = rank, .batch = batch, .images = images};
    memcpy(program.size, size, (size_t)rank * sizeof *size);
    return program;
}
#define SIZES(...) (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (const int64_t[]){__VA_ARGS__}

static int input(struct program *program, unsigned varies)
{
    program->input[program->inputs].varies = varies;
    return program->inputs++;
}

static int compute(struct program *program, enum operation_kind kind, int a, int b)
{
    program->code[program->instructions] = (struct instruction){.kind = kind, .operand = {a, b, 0}};
    return program->inputs + program->instructions++;
}

static int number(struct program *program, double value)
{
    program->code[program->instructions] = (struct instruction){.kind = OP_CONSTANT, .constant = value};
    return program->inputs + program->instructions++;
}

static void keep(struct program *program, int value)
{
    program->output[program->outputs++] = (struct program_output){.operand = value};
}

static void sum(struct program *program, int value, unsigned axes)
{
    program->output[program->outputs++] = (struct program_output){.operand = value, .sum = true, .axes = axes};
}

static struct program adam(int64_t count)
{
    struct program p = space(false, 0, SIZES(count));
    const int w = input(&p, 1), m = input(&p, 1), v = input(&p, 1), g = input(&p, 1), rate = input(&p, 0);
    const int m_next =
        compute(&p, OP_ADD, compute(&p, OP_MULTIPLY, m, number(&p, 0.9)), compute(&p, OP_MULTIPLY, g, number(&p, 0.1)));
    const int v_next = compute(&p, OP_ADD, compute(&p, OP_MULTIPLY, v, number(&p, 0.99)),
                               compute(&p, OP_MULTIPLY, compute(&p, OP_MULTIPLY, g, g), number(&p, 0.01)));
    const int root = compute(&p, OP_ADD, compute(&p, OP_SQRT, v_next, 0), number(&p, 1e-8));
    keep(&p, compute(&p, OP_SUBTRACT, w, compute(&p, OP_DIVIDE, compute(&p, OP_MULTIPLY, m_next, rate), root)));
    keep(&p, m_next);
    keep(&p, v_next);
    return p;
}

static struct program leaky_relu(int64_t rows, int64_t channels)
{
    struct program p = space(true, 64, SIZES(rows, channels));
    const int x = input(&p, 3), scale = input(&p, 2), shift = input(&p, 2);
    const int y = compute(&p, OP_ADD, compute(&p, OP_MULTIPLY, x, scale), shift);
    keep(&p, compute(&p, OP_MAXIMUM, y, compute(&p, OP_MULTIPLY, y, number(&p, 0.2))));
    return p;
}

static struct program channel_sums(int64_t rows, int64_t channels)
{
    struct program p = space(true, 64, SIZES(rows, channels));
    const int x = input(&p, 3);
    sum(&p, x, 1);
    sum(&p, compute(&p, OP_MULTIPLY, x, x), 1);
    return p;
}

static struct program batch_norm_gradient_sums(int64_t rows, int64_t channels)
{
    struct program p = space(true, 64, SIZES(rows, channels));
    const int x = input(&p, 3), dy = input(&p, 3), mean = input(&p, 2);
    sum(&p, dy, 1);
    sum(&p, compute(&p, OP_MULTIPLY, dy, compute(&p, OP_SUBTRACT, x, mean)), 1);
    return p;
}

static struct program batch_norm_gradient(int64_t rows, int64_t channels)
{
    struct program p = space(true, 64, SIZES(rows, channels));
    const int x = input(&p, 3), dy = input(&p, 3), mean = input(&p, 2), variance = input(&p, 2);
    const int a = input(&p, 2), b = input(&p, 2);
    const int inverse = compute(&p, OP_RSQRT, compute(&p, OP_ADD, variance, number(&p, 1e-5)), 0);
    const int normal = compute(&p, OP_MULTIPLY, compute(&p, OP_SUBTRACT, x, mean), inverse);
    const int rest = compute(&p, OP_SUBTRACT, compute(&p, OP_SUBTRACT, dy, a), compute(&p, OP_MULTIPLY, normal, b));
    keep(&p, compute(&p, OP_MULTIPLY, rest, inverse));
    return p;
}

/* As it comes out of the graph: x (0.2 + 0.8 step(x)). */
static struct program leak(int64_t count)
{
    struct program p = space(true, 64, SIZES(count));
    const int x = input(&p, 1);
    const int step = compute(&p, OP_MULTIPLY, number(&p, 0.8), compute(&p, OP_STEP, x, 0));
    keep(&p, compute(&p, OP_MULTIPLY, x, compute(&p, OP_ADD, number(&p, 0.2), step)));
    return p;
}

static struct program one_function(enum operation_kind kind, int64_t rows, int64_t channels)
{
    struct program p = space(true, 64, SIZES(rows, channels));
    keep(&p, compute(&p, kind, input(&p, 3), 0));
    return p;
}

static struct program scale_of_each_image(int64_t pixels, int64_t channels)
{
    struct program p = space(true, 64, SIZES(64, pixels, channels));
    const int x = input(&p, 7), scale = input(&p, 5), shift = input(&p, 5);
    keep(&p, compute(&p, OP_ADD, compute(&p, OP_MULTIPLY, x, scale), shift));
    return p;
}

/* ---- Timing ------------------------------------------------------------------------------------------------- */

struct work {
    const struct kernel *kernel;
    struct kernel_arguments arguments;
    void *scratch[256];
    int phase, tasks;
    float *storage; /* of the limit: `copied` floats to copy from the first half to the second, then `read` to read */
    int64_t copied, read;
    double ignored[256];
};

static void run_task(void *context, int task, int worker)
{
    const struct work *work = context;
    struct kernel_arguments arguments = work->arguments;
    arguments.thread_scratch = work->scratch[worker];
    work->kernel->run(work->kernel, &arguments, work->phase, task);
}

static void move_task(void *context, int task, int worker)
{
    struct work *work = context;
    const int64_t first = work->copied * task / work->tasks, last = work->copied * (task + 1) / work->tasks;
    const struct vector_level *level = program_vector_choose();
    const struct vector_operand from = {work->storage + first, false};
    level->loop[VECTOR_COPY](work->storage + work->copied + first, &from, &from, &from, last - first);
    const int64_t begin = work->read * task / work->tasks, end = work->read * (task + 1) / work->tasks;
    const struct vector_operand rest = {work->storage + 2 * work->copied + begin, false};
    work->ignored[worker] += level->sum(&rest, end - begin);
}

static int64_t elements(const struct program *program, unsigned axes)
{
    int64_t count = 1;
    for (int i = 0; i < program->rank; i++)
        if (axes >> i & 1)
            count *= program->size[i];
    return count;
}

static float *storage(int64_t count)
{
    float *memory = memory_new_aligned((size_t)count * sizeof(float));
    for (int64_t i = 0; memory && i < count; i++)
        memory[i] = (float)(i % 97 + 1) / 97;
    if (!memory)
        exit(1);
    return memory;
}

/* Shortest of many runs, in seconds; program and limit take turns so that both see the same machine. */
static void time_both(struct work *work, struct pool *pool, double best[2])
{
    best[0] = best[1] = 1e9;
    for (int i = 0; i < REPEATS; i++) {
        const double start = clock_now();
        for (work->phase = 0; work->phase < work->kernel->phases; work->phase++)
            pool_run(pool, work->kernel->tasks[work->phase], run_task, work);
        const double middle = clock_now();
        pool_run(pool, work->tasks, move_task, work);
        const double end = clock_now();
        best[0] = middle - start < best[0] ? middle - start : best[0];
        best[1] = end - middle < best[1] ? end - middle : best[1];
    }
}

/* The first outputs take the places of the first inputs, `in_place` of them. */
static void measure(const char *name, const struct program program, int in_place, struct pool *pool)
{
    struct work work = {0};
    struct kernel *kernel;
    float *owned[KERNEL_INPUTS + KERNEL_OUTPUTS];
    int owns = 0;
    int64_t read = 0, written = 0;
    if (cpu_program_make(&kernel, &program, SHARDS) < 0)
        exit(1);
    for (int i = 0; i < program.inputs; i++) {
        const int64_t count = elements(&program, program.input[i].varies);
        read += count;
        work.arguments.input[i] = owned[owns++] = storage(count);
    }
    for (int i = 0; i < program.outputs; i++) {
        const int64_t count = elements(&program, program.output[i].sum ? ~program.output[i].axes : ~0u);
        written += program.output[i].sum ? 0 : count;
        owned[owns] = i < in_place ? NULL : storage(count * (program.output[i].sum ? SHARDS : 1));
        work.arguments.output[i] = i < in_place ? owned[i] : owned[owns];
        owns++;
    }
    work.kernel = kernel;
    work.tasks = kernel->tasks[0];
    work.copied = written;
    work.read = read > written ? read - written : 0;
    work.storage = storage(2 * work.copied + work.read);
    work.arguments.shared_scratch = memory_new_aligned(kernel->shared_scratch);
    for (int i = 0; i < pool_threads(pool); i++)
        work.scratch[i] = memory_new_aligned(kernel->thread_scratch);
    double best[2];
    time_both(&work, pool, best);
    const double bytes = (double)(read + written) * sizeof(float);
    printf("%-40s %7.1f MB %8.0f us %7.1f GB/s   limit %7.1f GB/s   %3.0f %%   %s\n", name, bytes / 1e6, best[0] * 1e6,
           bytes / best[0] / 1e9, bytes / best[1] / 1e9, 100 * best[1] / best[0], kernel->note);
    for (int i = 0; i < owns; i++)
        free(owned[i]);
    free(work.storage);
    free(work.arguments.shared_scratch);
    for (int i = 0; i < pool_threads(pool); i++)
        free(work.scratch[i]);
    kernel->free(kernel);
}

int main(int count, char **words)
{
    struct pool *pool;
    if (pool_new(&pool, count > 1 ? (int)strtol(words[1], NULL, 10) : 0) < 0)
        return 1;
    printf("%d threads, %d shards, best of %d\n", pool_threads(pool), SHARDS, REPEATS);
    measure("adam, 2 M weights", adam(2 << 20), 3, pool);
    measure("adam, 64 K weights", adam(1 << 16), 3, pool);
    measure("leaky relu of scaled, 16x16x128", leaky_relu(64 * 256, 128), 0, pool);
    measure("leaky relu of scaled, 32x32x64", leaky_relu(64 * 1024, 64), 0, pool);
    measure("leaky relu of scaled, 4x4x512", leaky_relu(64 * 16, 512), 0, pool);
    measure("leaky relu of scaled, 64x64x3", leaky_relu(64 * 4096, 3), 0, pool);
    measure("leaky relu of scaled, 32x32x20", leaky_relu(64 * 1024, 20), 0, pool);
    measure("leaky relu, 32x32x32", leak(64 * 32 * 32 * 32), 0, pool);
    measure("sums of x and x x, 16x16x128", channel_sums(64 * 256, 128), 0, pool);
    measure("sums of x and x x, 32x32x64", channel_sums(64 * 1024, 64), 0, pool);
    measure("batch norm gradient sums, 16x16x128", batch_norm_gradient_sums(64 * 256, 128), 0, pool);
    measure("batch norm gradient dx, 16x16x128", batch_norm_gradient(64 * 256, 128), 0, pool);
    measure("batch norm gradient dx, 32x32x64", batch_norm_gradient(64 * 1024, 64), 0, pool);
    measure("scale of each image, 16x16x128", scale_of_each_image(256, 128), 0, pool);
    measure("scale of each image, 4x4x256", scale_of_each_image(16, 256), 0, pool);
    measure("exp, 16x16x128", one_function(OP_EXP, 64 * 256, 128), 0, pool);
    measure("log, 16x16x128", one_function(OP_LOG, 64 * 256, 128), 0, pool);
    measure("tanh, 16x16x128", one_function(OP_TANH, 64 * 256, 128), 0, pool);
    measure("sigmoid, 16x16x128", one_function(OP_SIGMOID, 64 * 256, 128), 0, pool);
    measure("softplus, 16x16x128", one_function(OP_SOFTPLUS, 64 * 256, 128), 0, pool);
    pool_free(pool);
    return 0;
}
