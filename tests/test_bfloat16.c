/* Convolutions in bfloat16: on operands that are bfloat16 already nothing is rounded but sums, so they must give what
 * plain_f64 gives; on any others, what it gives of them rounded. Shapes of every kind of tile, with edges that are cut,
 * and those that have to be left to floats. Where the processor has no unit for it, the backend is the one of floats.
 */
#include "base/error.h"
#include "kernel/cpu/amx.h"
#include "kernel_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct trial {
    const char *name;
    int64_t images, side[2], channels, filters, kernel;
    int stride, padding, shards;
};

static const struct trial trials[] = {
    {"rows of pixels", 8, {32, 32}, 32, 64, 4, 2, 1, 4},
    {"3x3", 4, {16, 32}, 32, 32, 3, 1, 1, 2},
    {"one pixel", 4, {16, 16}, 64, 32, 1, 1, 0, 2},
    {"a block of columns cut", 4, {32, 16}, 32, 48, 3, 1, 1, 1},
    {"sixteen channels", 4, {16, 16}, 16, 32, 3, 1, 1, 2},
    {"images", 32, {16, 16}, 32, 64, 4, 2, 1, 8},
    {"the last layers", 32, {8, 8}, 64, 32, 4, 2, 1, 8},
    {"64 images, not square", 64, {8, 6}, 32, 32, 3, 1, 1, 8},
    {"16 images", 16, {8, 8}, 32, 32, 3, 1, 1, 8},
    {"48 images", 48, {4, 4}, 32, 32, 3, 1, 1, 5},
    {"an odd number of images", 5, {16, 16}, 32, 32, 3, 1, 1, 2},
    {"few images", 3, {8, 8}, 32, 32, 4, 2, 1, 2},
    {"stride 3", 32, {9, 9}, 32, 32, 3, 3, 0, 4},
    {"what is left over", 32, {9, 11}, 32, 32, 4, 2, 1, 4},
    {"padding wider than taps", 32, {4, 4}, 32, 32, 3, 1, 2, 4},
    {"no padding", 32, {7, 7}, 32, 32, 3, 2, 0, 4},
    {"pictures", 8, {32, 32}, 3, 32, 4, 2, 1, 4},
    {"grey pictures", 8, {16, 32}, 1, 48, 4, 2, 1, 2},
    {"pictures, 3x3", 4, {16, 16}, 3, 64, 3, 1, 1, 2},
    {"small pictures", 32, {12, 12}, 3, 32, 4, 2, 1, 4},
    {"pictures of five channels", 4, {32, 64}, 5, 16, 3, 2, 1, 4},
    {"to pictures", 4, {16, 16}, 16, 3, 3, 1, 1, 2},
    {"20 channels", 4, {32, 16}, 20, 16, 3, 1, 1, 2},
    {"48 channels", 32, {8, 8}, 48, 16, 5, 1, 2, 2},
    {"wide taps", 2, {16, 16}, 3, 16, 7, 1, 3, 1},
};
enum { TRIALS = sizeof trials / sizeof *trials };

static struct shape pictures(int64_t images, int64_t height, int64_t width, int64_t channels)
{
    return (struct shape){.rank = 4, .batch = true, .size = {images, height, width, channels}};
}

static struct kernel_request request_of(const struct trial *t, enum operation_kind kind)
{
    struct kernel_request request = {.operation.kind = kind, .inputs = 2, .shards = t->shards};
    int64_t out[2];
    for (int i = 0; i < 2; i++) {
        out[i] = (t->side[i] + 2 * t->padding - t->kernel) / t->stride + 1;
        request.operation.attributes.conv.stride[i] = t->stride;
        request.operation.attributes.conv.padding[i] = t->padding;
    }
    request.operation.attributes.conv.groups = 1;
    const struct shape x = pictures(t->images, t->side[0], t->side[1], t->channels),
                       y = pictures(t->images, out[0], out[1], t->filters),
                       w = {.rank = 4, .size = {t->filters, t->kernel, t->kernel, t->channels}};
    request.input[0] = kind == OP_CONV_DX ? y : x;
    request.input[1] = kind == OP_CONV_DW ? y : w;
    request.output = kind == OP_CONV ? y : kind == OP_CONV_DX ? x : w;
    return request;
}

/* To the nearest, ties to even. */
static double rounded(double value)
{
    float number = (float)value;
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    bits += 0x7FFF + (bits >> 16 & 1);
    bits &= 0xFFFF0000;
    memcpy(&number, &bits, sizeof number);
    return (double)number;
}

static void check(const struct trial *t, enum operation_kind kind)
{
    const struct kernel_request request = request_of(t, kind);
    const int64_t count = shape_elements(&request.output);
    double *any[2], *round[2], *expected = harness_zeros(count), *got[2] = {harness_zeros(count), harness_zeros(count)};
    for (int i = 0; i < 2; i++) {
        const int64_t numbers = shape_elements(&request.input[i]);
        any[i] = harness_values(numbers, (uint64_t)i);
        round[i] = harness_zeros(numbers);
        for (int64_t j = 0; j < numbers; j++)
            round[i][j] = rounded(any[i][j]);
    }
    assert_int_equal(harness_run(&plain_f64, &request, (const double *const *)round, expected, 1), 0);
    assert_int_equal(harness_run(&cpu_bf16, &request, (const double *const *)round, got[0], 2), 0);
    const double error = harness_error(got[0], expected, count);
    if (!(error < 1e-5))
        fail_msg("%s, operation %d: %g off", t->name, kind, error);
    assert_int_equal(harness_run(&cpu_bf16, &request, (const double *const *)any, got[1], 3), 0);
    const double difference = harness_error(got[1], expected, count);
    if (!(difference < 1e-2)) /* floats where tiles do not fit: then the operands are not rounded at all */
        fail_msg("%s, operation %d: %g off with operands that are to be rounded", t->name, kind, difference);
    assert_int_equal(harness_run(&cpu_bf16, &request, (const double *const *)any, expected, 1), 0);
    assert_memory_equal(expected, got[1], (size_t)count * sizeof *expected); /* any number of threads: the same bits */
    for (int i = 0; i < 2; i++) {
        free(any[i]);
        free(round[i]);
        free(got[i]);
    }
    free(expected);
}

static void products_of_rounded_operands_are_exact(void **state)
{
    (void)state;
    for (int i = 0; i < TRIALS; i++) {
        check(&trials[i], OP_CONV);
        check(&trials[i], OP_CONV_DX);
        check(&trials[i], OP_CONV_DW);
    }
}

/* The rule is one of shapes: what should run on tiles does, where there is a unit. */
static void whole_tiles_run_on_the_unit(void **state)
{
    (void)state;
    if (!amx_here())
        skip();
    const struct {
        const struct trial *trial;
        enum operation_kind kind;
        bool tiles;
    } expected[] = {
        {&trials[0], OP_CONV, true},      {&trials[0], OP_CONV_DX, true},  {&trials[0], OP_CONV_DW, true},
        {&trials[4], OP_CONV, true},      {&trials[4], OP_CONV_DX, true},  {&trials[5], OP_CONV_DW, true},
        {&trials[10], OP_CONV_DW, false}, {&trials[11], OP_CONV, false},   {&trials[16], OP_CONV, true},
        {&trials[16], OP_CONV_DX, true},  {&trials[16], OP_CONV_DW, true}, {&trials[21], OP_CONV, true},
        {&trials[22], OP_CONV_DX, false},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct kernel_request request = request_of(expected[i].trial, expected[i].kind);
        struct kernel *kernel;
        assert_int_equal(cpu_bf16.make(&kernel, &request), 0);
        if ((strncmp(kernel->note, "bfloat16", 8) == 0) != expected[i].tiles)
            fail_msg("%s, operation %d runs as %s", expected[i].trial->name, expected[i].kind, kernel->note);
        kernel->free(kernel);
    }
}

static void without_the_unit_it_is_the_backend_of_floats(void **state)
{
    (void)state;
    if (amx_here())
        skip();
    const struct kernel_request request = request_of(&trials[0], OP_CONV);
    struct kernel *kernel;
    assert_int_equal(cpu_bf16.make(&kernel, &request), 0);
    assert_int_not_equal(strncmp(kernel->note, "bfloat16", 8), 0);
    kernel->free(kernel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_of_rounded_operands_are_exact),
        cmocka_unit_test(whole_tiles_run_on_the_unit),
        cmocka_unit_test(without_the_unit_it_is_the_backend_of_floats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
