/* Fused pointwise programs of the cpu backend against plain_f64: the shapes that networks have, arbitrary ones, the
 * accuracy of every function up to its extremes, in-place updates, and the same bits for any number of threads; on
 * every level of vector instructions that this processor has. */
#include "base/error.h"
#include "kernel/cpu/cpu.h"
#include "kernel_harness.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const levels[] = {"avx512", "avx2", "plain"};
enum { LEVELS = 3 };

static void choose_level(int level)
{
    assert_int_equal(setenv("STANDIN_CPU", levels[level], 1), 0);
}

/* ---- Writing programs --------------------------------------------------------------------------------------- */

static struct program space(bool batch, int64_t images, int rank, const int64_t *size)
{
    struct program program = {.rank = rank, .batch = batch, .images = images};
    memcpy(program.size, size, (size_t)rank * sizeof *size);
    return program;
}
#define SIZES(...) (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (const int64_t[]){__VA_ARGS__}

static int input(struct program *program, unsigned varies)
{
    assert_true(program->instructions == 0);
    program->input[program->inputs].varies = varies;
    return program->inputs++;
}

static int compute(struct program *program, enum operation_kind kind, int a, int b, int c)
{
    program->code[program->instructions] = (struct instruction){.kind = kind, .operand = {a, b, c}};
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

/* ---- Running them ------------------------------------------------------------------------------------------- */

struct values {
    double *input[KERNEL_INPUTS], *output[KERNEL_OUTPUTS];
};

static void take_values(struct values *values, const struct program *program)
{
    memset(values, 0, sizeof *values);
    for (int i = 0; i < program->inputs; i++) {
        const int64_t count = harness_input_elements(program, i);
        values->input[i] = harness_values(count, (uint64_t)i);
        for (int64_t j = 0; j < count; j++)
            values->input[i][j] = (double)(float)values->input[i][j];
    }
    for (int i = 0; i < program->outputs; i++)
        values->output[i] = harness_zeros(harness_output_elements(program, i));
}

static void drop_values(struct values *values)
{
    for (int i = 0; i < KERNEL_INPUTS; i++)
        free(values->input[i]);
    for (int i = 0; i < KERNEL_OUTPUTS; i++)
        free(values->output[i]);
}

static void run_into(struct values *values, harness_make_program *make, enum number_type type,
                     const struct program *program, int shards, const int *in_place, int threads)
{
    const double *inputs[KERNEL_INPUTS];
    memcpy(inputs, values->input, sizeof inputs);
    if (harness_run_program(make, type, program, shards, inputs, values->output, in_place, threads) != 0)
        fail_msg("%s", error_message());
}

/* Numbers of order one go in, and may cancel: that is the scale of errors, at the least; of sums that of what they
 * add up. */
static double least_scale(const struct program *program, int output)
{
    double elements = 1;
    for (int i = 0; i < program->rank && program->output[output].sum; i++)
        if (program->output[output].axes >> i & 1)
            elements *= (double)program->size[i];
    return sqrt(elements);
}

static void assert_like_oracle_in_place(const struct program *program, int shards, const int *in_place,
                                        double tolerance)
{
    struct values expected, result;
    take_values(&expected, program);
    take_values(&result, program);
    run_into(&expected, plain_f64.make_program, NUMBER_F64, program, shards, NULL, 1);
    for (int level = 0; level < LEVELS; level++) {
        choose_level(level);
        run_into(&result, cpu_program_make, NUMBER_F32, program, shards, in_place, 2);
        for (int i = 0; i < program->outputs; i++) {
            const int64_t count = harness_output_elements(program, i);
            double scale = least_scale(program, i);
            for (int64_t j = 0; j < count; j++)
                scale = fmax(scale, isfinite(expected.output[i][j]) ? fabs(expected.output[i][j]) : 0);
            for (int64_t j = 0; j < count; j++)
                if (!(fabs(result.output[i][j] - expected.output[i][j]) <= tolerance * scale) &&
                    !(isnan(result.output[i][j]) && isnan(expected.output[i][j])))
                    fail_msg("%s: output %d, element %d of %d: %g instead of %g", levels[level], i, (int)j, (int)count,
                             result.output[i][j], expected.output[i][j]);
        }
    }
    drop_values(&expected);
    drop_values(&result);
}

static void assert_like_oracle(const struct program *program, int shards)
{
    assert_like_oracle_in_place(program, shards, NULL, 2e-6);
}

/* ---- What networks do --------------------------------------------------------------------------------------- */

static void a_scaled_and_shifted_leaky_relu(void **state)
{
    (void)state;
    static const int64_t channels[] = {128, 3, 24, 100, 1, 700, 3000};
    for (int i = 0; i < 7; i++) {
        struct program p = space(true, 8, SIZES(8 * 7 * 5, channels[i]));
        const int x = input(&p, 3), scale = input(&p, 2), shift = input(&p, 2);
        const int y = compute(&p, OP_ADD, compute(&p, OP_MULTIPLY, x, scale, 0), shift, 0);
        keep(&p, compute(&p, OP_MAXIMUM, y, compute(&p, OP_MULTIPLY, y, number(&p, 0.2), 0), 0));
        assert_like_oracle(&p, 3);
    }
}

static void sums_of_x_and_its_square_for_each_channel(void **state)
{
    (void)state;
    static const int64_t channels[] = {128, 3, 24, 100, 1, 700, 3000};
    for (int i = 0; i < 7; i++) {
        struct program p = space(true, 9, SIZES(9 * 64, channels[i]));
        const int x = input(&p, 3);
        const int square = compute(&p, OP_MULTIPLY, x, x, 0);
        sum(&p, x, 1);
        sum(&p, square, 1);
        assert_like_oracle(&p, 4);
    }
}

/* dx = scale (dy - mean(dy) - xhat mean(dy xhat)), and both sums for each channel. */
static void batch_norm_and_its_gradient(void **state)
{
    (void)state;
    struct program p = space(true, 8, SIZES(8 * 30, 40));
    const int x = input(&p, 3), dy = input(&p, 3), mean = input(&p, 2), variance = input(&p, 2);
    const int a = input(&p, 2), b = input(&p, 2), epsilon = number(&p, 1e-3);
    const int positive = compute(&p, OP_MULTIPLY, variance, variance, 0);
    const int inverse = compute(&p, OP_RSQRT, compute(&p, OP_ADD, positive, epsilon, 0), 0, 0);
    const int normal = compute(&p, OP_MULTIPLY, compute(&p, OP_SUBTRACT, x, mean, 0), inverse, 0);
    const int rest = compute(&p, OP_SUBTRACT, compute(&p, OP_SUBTRACT, dy, a, 0),
                             compute(&p, OP_MULTIPLY, normal, b, 0), 0);
    keep(&p, compute(&p, OP_MULTIPLY, rest, inverse, 0));
    sum(&p, dy, 1);
    sum(&p, compute(&p, OP_MULTIPLY, dy, normal, 0), 1);
    assert_like_oracle(&p, 8);
}

/* Scale and shift of each image and channel, as in conditional normalisation, and their gradients. */
static void scales_of_each_image_and_channel(void **state)
{
    (void)state;
    static const int64_t sizes[][2] = {{64, 32}, {16, 8}, {1, 5}, {49, 3}, {4, 2000}, {300, 1}};
    for (int i = 0; i < 6; i++) {
        struct program p = space(true, 6, SIZES(6, sizes[i][0], sizes[i][1]));
        const int x = input(&p, 7), scale = input(&p, 5), shift = input(&p, 4), gain = input(&p, 1);
        const int y = compute(&p, OP_ADD, compute(&p, OP_MULTIPLY, x, scale, 0), shift, 0);
        keep(&p, compute(&p, OP_MULTIPLY, y, gain, 0));
        sum(&p, compute(&p, OP_MULTIPLY, x, y, 0), 2);
        sum(&p, y, 6);
        sum(&p, y, 7);
        sum(&p, y, 3);
        sum(&p, y, 4);
        sum(&p, y, 1);
        assert_like_oracle(&p, 4);
    }
}

static void softmax_rows(void **state)
{
    (void)state;
    struct program p = space(true, 37, SIZES(37, 10));
    const int logits = input(&p, 3), largest = input(&p, 1);
    const int e = compute(&p, OP_EXP, compute(&p, OP_SUBTRACT, logits, largest, 0), 0, 0);
    keep(&p, e);
    sum(&p, e, 2);
    assert_like_oracle(&p, 5);
}

/* x (0.2 + 0.8 step(y)) in every order of its operations, with y = x and without, and dy step(y). */
static void leaky_relus_and_their_gradients(void **state)
{
    (void)state;
    for (int order = 0; order < 16; order++) {
        struct program p = space(true, 5, SIZES(5 * 50, 33));
        const int x = input(&p, 3), y = order & 8 ? input(&p, 2) : x;
        const int low = number(&p, 0.2), difference = number(&p, 0.8), step = compute(&p, OP_STEP, y, 0, 0);
        const int product = order & 1 ? compute(&p, OP_MULTIPLY, difference, step, 0)
                                      : compute(&p, OP_MULTIPLY, step, difference, 0);
        const int slope = order & 2 ? compute(&p, OP_ADD, low, product, 0) : compute(&p, OP_ADD, product, low, 0);
        keep(&p, order & 4 ? compute(&p, OP_MULTIPLY, slope, x, 0) : compute(&p, OP_MULTIPLY, x, slope, 0));
        keep(&p, compute(&p, OP_MULTIPLY, compute(&p, OP_STEP, y, 0, 0), x, 0));
        assert_like_oracle(&p, 3);
    }
}

/* A part of the pattern that somebody else reads as well is still there. */
static void a_slope_with_two_readers(void **state)
{
    (void)state;
    for (int reader = 0; reader < 3; reader++) {
        struct program p = space(true, 5, SIZES(5 * 50, 33));
        const int x = input(&p, 3), low = number(&p, 0.2), difference = number(&p, 0.8);
        const int step = compute(&p, OP_STEP, x, 0, 0), product = compute(&p, OP_MULTIPLY, difference, step, 0);
        const int slope = compute(&p, OP_ADD, low, product, 0);
        keep(&p, compute(&p, OP_MULTIPLY, slope, x, 0));
        keep(&p, (const int[]){step, product, slope}[reader]);
        sum(&p, (const int[]){slope, step, product}[reader], 1);
        assert_like_oracle(&p, 3);
    }
}

static void not_a_number_passes_through_a_mask(void **state)
{
    (void)state;
    struct program p = space(false, 0, SIZES(4));
    const int x = input(&p, 1), y = input(&p, 1);
    keep(&p, compute(&p, OP_MULTIPLY, x, compute(&p, OP_STEP, y, 0, 0), 0));
    const double values[] = {NAN, INFINITY, 3, 3}, conditions[] = {-1, -1, NAN, 1};
    const double *inputs[] = {values, conditions};
    double result[4], *outputs[] = {result};
    for (int level = 0; level < LEVELS; level++) {
        choose_level(level);
        assert_int_equal(harness_run_program(cpu_program_make, NUMBER_F32, &p, 1, inputs, outputs, NULL, 1), 0);
        assert_true(isnan(result[0]) && isnan(result[1]) && result[2] == 0 && result[3] == 3);
    }
}

/* Every chain of two of these, with the inner one on either side. */
static void every_chain_of_two_operations(void **state)
{
    (void)state;
    static const enum operation_kind links[] = {OP_ADD, OP_SUBTRACT, OP_MULTIPLY, OP_MAXIMUM};
    for (int i = 0; i < 32; i++) {
        struct program p = space(false, 0, SIZES(777));
        const int a = input(&p, 1), b = input(&p, 0), c = input(&p, 1);
        const int inner = compute(&p, links[i % 4], a, b, 0);
        keep(&p, i & 16 ? compute(&p, links[i / 4 % 4], inner, c, 0) : compute(&p, links[i / 4 % 4], c, inner, 0));
        assert_like_oracle(&p, 1);
    }
}

/* w, m and v are updated in place from g and two scalars. */
static struct program adam(int64_t count)
{
    struct program p = space(false, 0, SIZES(count));
    const int w = input(&p, 1), m = input(&p, 1), v = input(&p, 1), g = input(&p, 1), rate = input(&p, 0);
    const int m_next = compute(&p, OP_ADD, compute(&p, OP_MULTIPLY, m, number(&p, 0.9), 0),
                               compute(&p, OP_MULTIPLY, g, number(&p, 0.1), 0), 0);
    const int v_next = compute(&p, OP_ADD, compute(&p, OP_MULTIPLY, compute(&p, OP_ABS, v, 0, 0), number(&p, 0.99), 0),
                               compute(&p, OP_MULTIPLY, compute(&p, OP_MULTIPLY, g, g, 0), number(&p, 0.01), 0), 0);
    const int root = compute(&p, OP_ADD, compute(&p, OP_SQRT, v_next, 0, 0), number(&p, 1e-3), 0);
    const int change = compute(&p, OP_DIVIDE, compute(&p, OP_MULTIPLY, m_next, rate, 0), root, 0);
    keep(&p, compute(&p, OP_SUBTRACT, w, change, 0));
    keep(&p, m_next);
    keep(&p, v_next);
    return p;
}

static void adam_updates_in_place(void **state)
{
    (void)state;
    static const int64_t counts[] = {1, 15, 1000, 1024, 200003};
    for (int i = 0; i < 5; i++) {
        const struct program p = adam(counts[i]);
        assert_like_oracle_in_place(&p, 8, (const int[]){1, 2, 3}, 1e-5);
        assert_like_oracle_in_place(&p, 8, NULL, 1e-5);
    }
}

static void two_values_change_places(void **state)
{
    (void)state;
    struct program p = space(false, 0, SIZES(5000));
    const int a = input(&p, 1), b = input(&p, 1);
    keep(&p, b);
    keep(&p, a);
    keep(&p, compute(&p, OP_ADD, a, b, 0));
    assert_like_oracle_in_place(&p, 1, (const int[]){1, 2, 0}, 1e-6);
}

static void a_value_is_read_after_its_place_was_taken(void **state)
{
    (void)state;
    struct program p = space(true, 4, SIZES(4 * 100, 16));
    const int a = input(&p, 3), b = input(&p, 3);
    const int early = compute(&p, OP_NEGATE, a, 0, 0);
    keep(&p, early);
    keep(&p, compute(&p, OP_MULTIPLY, early, compute(&p, OP_SUBTRACT, a, b, 0), 0));
    sum(&p, a, 1);
    assert_like_oracle_in_place(&p, 3, (const int[]){1, 2, 0}, 1e-6);
}

static void constants_and_scalars_are_stored_and_summed(void **state)
{
    (void)state;
    struct program p = space(true, 5, SIZES(5 * 33, 7));
    const int scalar = input(&p, 0), channel = input(&p, 2), row = input(&p, 1), two = number(&p, 2);
    const int values[] = {scalar, channel, row, two, compute(&p, OP_EXP, channel, 0, 0)};
    for (int i = 0; i < 5; i++) {
        keep(&p, values[i]);
        sum(&p, values[i], 1);
        sum(&p, values[i], 2);
    }
    assert_like_oracle(&p, 3);
}

static void sums_without_a_batch_are_complete(void **state)
{
    (void)state;
    struct program p = space(false, 0, SIZES(700, 300));
    const int x = input(&p, 3), y = input(&p, 1);
    const int product = compute(&p, OP_MULTIPLY, x, y, 0);
    sum(&p, product, 3);
    sum(&p, product, 2);
    sum(&p, product, 1);
    keep(&p, product);
    assert_like_oracle(&p, 8);
}

static void a_sum_of_millions_keeps_six_digits(void **state)
{
    (void)state;
    struct program p = space(false, 0, SIZES(3000000));
    const int x = input(&p, 1);
    sum(&p, compute(&p, OP_ADD, x, number(&p, 1), 0), 1);
    struct values values;
    take_values(&values, &p);
    double expected = 0;
    for (int64_t i = 0; i < 3000000; i++)
        expected += (double)((float)values.input[0][i] + 1);
    for (int level = 0; level < LEVELS; level++) {
        choose_level(level);
        run_into(&values, cpu_program_make, NUMBER_F32, &p, 1, NULL, 2);
        assert_true(fabs(values.output[0][0] - expected) < 3e-7 * expected);
    }
    drop_values(&values);
}

/* ---- Arbitrary programs ------------------------------------------------------------------------------------- */

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Inputs along any axes, well-conditioned instructions, stores and sums of anything. */
static struct program arbitrary(uint32_t *seed)
{
    static const int64_t sizes[] = {1, 2, 3, 5, 8, 16, 17, 40, 130, 600};
    static const enum operation_kind kinds[] = {OP_ADD,  OP_SUBTRACT, OP_MULTIPLY, OP_MULTIPLY, OP_MAXIMUM, OP_ADD,
                                                OP_TANH, OP_SIGMOID,  OP_ABS,      OP_NEGATE,   OP_CONSTANT};
    int64_t size[RANK_MAXIMUM], elements = 1;
    const int rank = 1 + (int)(next(seed) % 4);
    for (int i = 0; i < rank; i++) {
        do
            size[i] = sizes[next(seed) % 10];
        while (elements * size[i] > 20000);
        elements *= size[i];
    }
    const bool batch = next(seed) % 2;
    const int64_t images = size[0];
    struct program p = space(batch, images, rank, size);
    const unsigned all = (1u << rank) - 1;
    const int inputs = 1 + (int)(next(seed) % 5);
    for (int i = 0; i < inputs; i++)
        input(&p, next(seed) % 2 ? all : next(seed) & all);
    const int instructions = (int)(next(seed) % 12);
    for (int i = 0; i < instructions; i++) {
        const enum operation_kind kind = kinds[next(seed) % 11];
        const uint32_t registers = (uint32_t)(p.inputs + p.instructions);
        const int a = (int)(next(seed) % registers), b = (int)(next(seed) % registers);
        if (kind == OP_CONSTANT)
            number(&p, 0.5);
        else if (kind == OP_MULTIPLY) /* by something bounded, so that numbers stay of order one */
            compute(&p, kind, compute(&p, OP_SIGMOID, a, 0, 0), b, 0);
        else
            compute(&p, kind, a, b, 0);
    }
    const int outputs = 1 + (int)(next(seed) % 4);
    for (int i = 0; i < outputs; i++) {
        const int value = (int)(next(seed) % (uint32_t)(p.inputs + p.instructions));
        if (next(seed) % 2)
            keep(&p, value);
        else
            sum(&p, value, next(seed) & all);
    }
    return p;
}

static void arbitrary_programs_give_what_plain_f64_gives(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int i = 0; i < 1500; i++) {
        const struct program p = arbitrary(&seed);
        int in_place[KERNEL_OUTPUTS] = {0};
        if (p.input[0].varies == (1u << p.rank) - 1 && !p.output[p.outputs - 1].sum)
            in_place[p.outputs - 1] = 1;
        assert_like_oracle_in_place(&p, 1 + (int)(next(&seed) % 5), in_place, 1e-5);
    }
}

static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    uint32_t seed = 2;
    for (int i = 0; i < 60; i++) {
        struct program p = arbitrary(&seed);
        if (i == 0) {
            p = space(false, 0, SIZES(1 << 20));
            sum(&p, input(&p, 1), 1);
        }
        struct values one, many;
        take_values(&one, &p);
        take_values(&many, &p);
        for (int level = 0; level < LEVELS; level++) {
            choose_level(level);
            run_into(&one, cpu_program_make, NUMBER_F32, &p, 4, NULL, 1);
            for (int threads = 2; threads <= 4; threads++) {
                run_into(&many, cpu_program_make, NUMBER_F32, &p, 4, NULL, threads);
                for (int j = 0; j < p.outputs; j++)
                    assert_memory_equal(one.output[j], many.output[j],
                                        (size_t)harness_output_elements(&p, j) * sizeof(double));
            }
        }
        drop_values(&one);
        drop_values(&many);
    }
}

/* ---- Functions ---------------------------------------------------------------------------------------------- */

static const struct {
    enum operation_kind kind;
    double first, last; /* where it is sampled densely, on a scale of bits */
} functions[] = {
    {OP_EXP, -103, 89},    {OP_LOG, 0, (double)FLT_MAX},  {OP_TANH, -20, 20},
    {OP_SIGMOID, -103, 90}, {OP_SOFTPLUS, -103, 1000},     {OP_SQRT, 0, (double)FLT_MAX},
    {OP_RSQRT, 1e-38, (double)FLT_MAX},
};
enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

static void apply(enum operation_kind kind, harness_make_program *make, enum number_type type, double *x, double *y,
                  int64_t count)
{
    struct program p = space(false, 0, SIZES(count));
    keep(&p, compute(&p, kind, input(&p, 1), 0, 0));
    const double *inputs[] = {x};
    double *outputs[] = {y};
    assert_int_equal(harness_run_program(make, type, &p, 1, inputs, outputs, NULL, 1), 0);
}

/* Of a float's distance to the next one near the exact value; denormal results have the smallest distance there is. */
static double units_in_last_place(double result, double exact)
{
    int exponent;
    frexp(exact, &exponent);
    return fabs(result - exact) / ldexp(1, (exponent < -125 ? -125 : exponent) - 24);
}

static void every_function_is_accurate_to_four_units_in_the_last_place(void **state)
{
    (void)state;
    enum { COUNT = 200001 };
    double *x = harness_zeros(COUNT), *expected = harness_zeros(COUNT), *result = harness_zeros(COUNT);
    for (int f = 0; f < FUNCTIONS; f++) {
        for (int i = 0; i < COUNT; i++) {
            const double even = functions[f].first + (functions[f].last - functions[f].first) * i / (COUNT - 1);
            /* Half of the points are spread over the range, half over all magnitudes of it. */
            x[i] = (double)(float)(i % 2 ? even : even * exp2(-(double)(i % 126)));
        }
        apply(functions[f].kind, plain_f64.make_program, NUMBER_F64, x, expected, COUNT);
        for (int level = 0; level < LEVELS; level++) {
            choose_level(level);
            apply(functions[f].kind, cpu_program_make, NUMBER_F32, x, result, COUNT);
            double worst = 0;
            for (int i = 0; i < COUNT; i++) {
                if (fabs(expected[i]) > (double)FLT_MAX || result[i] == expected[i])
                    continue;
                const double units = units_in_last_place(result[i], expected[i]);
                if (!(units <= 4))
                    fail_msg("%s on %s: of %a is %a instead of %a", operation_table[functions[f].kind].name,
                             levels[level], x[i], result[i], expected[i]);
                worst = fmax(worst, units);
            }
            print_message("%-8s %-6s %.2f units\n", operation_table[functions[f].kind].name, levels[level], worst);
        }
    }
    free(x);
    free(expected);
    free(result);
}

static void functions_are_right_at_their_extremes(void **state)
{
    (void)state;
    enum { COUNT = 14 };
    const double tiny = 0x1p-149;
    double x[COUNT] = {0, -0.0, 1, -1, INFINITY, -INFINITY, NAN, (double)FLT_MAX, -(double)FLT_MAX,
                       tiny, -tiny, 200, -200, 0x1p-130};
    double expected[COUNT], result[COUNT];
    static const enum operation_kind kinds[] = {OP_EXP, OP_LOG, OP_TANH, OP_SIGMOID, OP_SOFTPLUS, OP_SQRT, OP_RSQRT,
                                                OP_ABS, OP_STEP, OP_NEGATE};
    for (int level = 0; level < LEVELS; level++) {
        choose_level(level);
        for (int k = 0; k < 10; k++) {
            apply(kinds[k], plain_f64.make_program, NUMBER_F64, x, expected, COUNT);
            apply(kinds[k], cpu_program_make, NUMBER_F32, x, result, COUNT);
            for (int i = 0; i < COUNT; i++) {
                const double rounded = (double)(float)expected[i];
                if (!(isnan(rounded) && isnan(result[i])) && result[i] != rounded &&
                    !(units_in_last_place(result[i], expected[i]) <= 4))
                    fail_msg("%s on %s: of %g is %g instead of %g", operation_table[kinds[k]].name, levels[level], x[i],
                             result[i], rounded);
            }
        }
    }
}

static void not_a_number_wins_every_maximum(void **state)
{
    (void)state;
    struct program p = space(false, 0, SIZES(4));
    const int a = input(&p, 1), b = input(&p, 1);
    keep(&p, compute(&p, OP_MAXIMUM, a, b, 0));
    const double one[] = {NAN, 1, 3, -INFINITY}, other[] = {1, NAN, 2, INFINITY};
    const double *inputs[] = {one, other};
    double result[4], *outputs[] = {result};
    for (int level = 0; level < LEVELS; level++) {
        choose_level(level);
        assert_int_equal(harness_run_program(cpu_program_make, NUMBER_F32, &p, 1, inputs, outputs, NULL, 1), 0);
        assert_true(isnan(result[0]) && isnan(result[1]) && result[2] == 3 && isinf(result[3]));
    }
}

static void select_takes_the_second_only_above_zero(void **state)
{
    (void)state;
    struct program p = space(false, 0, SIZES(5));
    const int a = input(&p, 1), b = input(&p, 0), c = input(&p, 0);
    keep(&p, compute(&p, OP_SELECT, a, b, c));
    const double conditions[] = {1, 0, -1, NAN, 1e-40}, yes = 10, no = 20;
    const double *inputs[] = {conditions, &yes, &no};
    double result[5], *outputs[] = {result};
    for (int level = 0; level < LEVELS; level++) {
        choose_level(level);
        assert_int_equal(harness_run_program(cpu_program_make, NUMBER_F32, &p, 1, inputs, outputs, NULL, 1), 0);
        assert_true(result[0] == 10 && result[1] == 20 && result[2] == 20 && result[3] == 20 && result[4] == 10);
    }
}

/* ---- Programs that make no sense ---------------------------------------------------------------------------- */

static void programs_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    struct program wrong[6];
    for (int i = 0; i < 6; i++)
        wrong[i] = adam(100);
    wrong[0].rank = 0;
    wrong[1].code[0].operand[0] = wrong[1].inputs;
    wrong[2].output[0].operand = 1000;
    wrong[3].batch = true, wrong[3].images = 7;
    wrong[4].code[3].kind = OP_CONV;
    wrong[5].outputs = KERNEL_OUTPUTS + 1;
    for (int i = 0; i < 6; i++) {
        struct kernel *kernel = NULL;
        wrong[i].code[0].kind = OP_NEGATE;
        assert_int_equal(cpu_program_make(&kernel, &wrong[i], 2), STATUS_INPUT);
        assert_int_equal(plain_f64.make_program(&kernel, &wrong[i], 2), STATUS_INPUT);
        assert_null(kernel);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scaled_and_shifted_leaky_relu),
        cmocka_unit_test(sums_of_x_and_its_square_for_each_channel),
        cmocka_unit_test(batch_norm_and_its_gradient),
        cmocka_unit_test(scales_of_each_image_and_channel),
        cmocka_unit_test(softmax_rows),
        cmocka_unit_test(leaky_relus_and_their_gradients),
        cmocka_unit_test(a_slope_with_two_readers),
        cmocka_unit_test(not_a_number_passes_through_a_mask),
        cmocka_unit_test(every_chain_of_two_operations),
        cmocka_unit_test(adam_updates_in_place),
        cmocka_unit_test(two_values_change_places),
        cmocka_unit_test(a_value_is_read_after_its_place_was_taken),
        cmocka_unit_test(constants_and_scalars_are_stored_and_summed),
        cmocka_unit_test(sums_without_a_batch_are_complete),
        cmocka_unit_test(a_sum_of_millions_keeps_six_digits),
        cmocka_unit_test(arbitrary_programs_give_what_plain_f64_gives),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(every_function_is_accurate_to_four_units_in_the_last_place),
        cmocka_unit_test(functions_are_right_at_their_extremes),
        cmocka_unit_test(not_a_number_wins_every_maximum),
        cmocka_unit_test(select_takes_the_second_only_above_zero),
        cmocka_unit_test(programs_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
