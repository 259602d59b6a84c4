/* Operation x backend x shape: every kernel gives what plain_f64 gives, every linear operation and its transpose
 * belong together, and neither threads nor shards are visible in the result. */
#include "base/error.h"
#include "kernel_harness.h"
#include "kernel_requests.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct backend *const backends[] = {&plain_f32, &cpu_f32};

static const struct conv_case conv_cases[] = {
    {8, 8, 8, 16, 16, {3, 3}, {1, 1}, {1, 1}, 1},
    {8, 16, 16, 32, 64, {3, 3}, {1, 1}, {1, 1}, 1},
    {5, 7, 9, 5, 7, {3, 3}, {1, 1}, {1, 1}, 1},
    {3, 6, 6, 16, 32, {4, 4}, {2, 2}, {1, 1}, 1},
    {4, 9, 7, 3, 8, {5, 3}, {2, 1}, {2, 1}, 1},
    {9, 8, 8, 24, 16, {1, 1}, {1, 1}, {0, 0}, 1},
    {2, 1, 1, 8, 8, {1, 1}, {1, 1}, {0, 0}, 1},
    {2, 3, 3, 3, 1, {3, 3}, {1, 1}, {0, 0}, 1},
    {1, 5, 5, 1, 1, {3, 3}, {1, 1}, {1, 1}, 1},
    {8, 8, 8, 32, 32, {3, 3}, {1, 1}, {1, 1}, 2},
    {3, 6, 5, 6, 6, {3, 3}, {1, 1}, {1, 1}, 6},
    {3, 6, 5, 4, 8, {3, 3}, {2, 2}, {1, 1}, 2},
    {4, 4, 4, 40, 24, {4, 4}, {1, 1}, {0, 0}, 1},
    {2, 12, 10, 20, 12, {3, 3}, {1, 1}, {1, 1}, 1},
};
enum { CONV_CASES = sizeof conv_cases / sizeof conv_cases[0] };

/* ---- Operands --------------------------------------------------------------------------------------------- */

/* Numbers that make sense for the operand: row indices for tables (some out of range), gentle rotations and shifts
 * for warps, normal numbers for everything else. */
static double *operand_values(const struct kernel_request *request, int operand)
{
    const int64_t count = shape_elements(&request->input[operand]);
    double *values = harness_values(count, (uint64_t)operand + 10 * (uint64_t)request->operation.kind);
    const enum operation_kind kind = request->operation.kind;
    if ((kind == OP_GATHER || kind == OP_SCATTER_ADD) && operand == 1) {
        const int64_t rows = kind == OP_GATHER ? request->input[0].size[0] : request->output.size[0];
        for (int64_t i = 0; i < count; i++)
            values[i] = floor(values[i] * (double)rows / 3 + (double)rows / 2);
    }
    if ((kind == OP_WARP || kind == OP_WARP_ADJOINT) && operand == 1)
        for (int64_t i = 0; i < count; i++)
            values[i] = 0.2 * values[i] + (i % 6 == 0 || i % 6 == 4 ? 1 : 0);
    return values;
}

/* Every case of every operation. */
enum { REQUESTS_MAXIMUM = 128 };
struct requests {
    int count;
    struct kernel_request request[REQUESTS_MAXIMUM];
};

static void push(struct requests *requests, struct kernel_request request)
{
    assert_true(requests->count < REQUESTS_MAXIMUM);
    requests->request[requests->count++] = request;
}

static void push_contractions(struct requests *requests, int shards)
{
    for (int i = 0; i < CONV_CASES; i++) {
        const struct kernel_request conv = conv_request(&conv_cases[i], shards);
        push(requests, conv);
        push(requests, request_exchanged(conv, OP_CONV_DX, 0));
        push(requests, request_exchanged(conv, OP_CONV_DW, 1));
    }
    static const int64_t sizes[][3] = {{8, 16, 32}, {9, 5, 7}, {3, 1, 1}, {1, 33, 2}, {64, 128, 100}};
    for (int i = 0; i < 5; i++)
        for (int t = 0; t < 4; t++) {
            push(requests, matmul_request(t != 3, 0, sizes[i][0], sizes[i][1], sizes[i][2],
                                          t & 1, t & 2, shards));
            push(requests, matmul_request(i % 2 == 0, 5, sizes[i][0], sizes[i][1], sizes[i][2], t & 1, t & 2, shards));
        }
}

static void push_pictures(struct requests *requests, int shards)
{
    push(requests, scale_request(8, 4, 4, 16, 2, 2, shards));
    push(requests, scale_request(5, 3, 7, 3, 2, 3, shards));
    push(requests, scale_request(2, 1, 1, 1, 4, 1, shards));
    push(requests, resample_request(5, (int64_t[]){7, 9}, (int64_t[]){16, 4}, 3, shards));
    push(requests, resample_request(8, (int64_t[]){8, 8}, (int64_t[]){16, 16}, 8, shards));
    push(requests, resample_request(2, (int64_t[]){1, 5}, (int64_t[]){3, 1}, 2, shards));
    push(requests, warp_request(9, 8, 8, 3, shards));
    push(requests, warp_request(3, 5, 11, 4, shards));
}

static void push_rows_and_boxes(struct requests *requests, int shards)
{
    push(requests, gather_request(true, 10, 16, 64, shards));
    push(requests, gather_request(true, 3, 5, 7, shards));
    push(requests, gather_request(false, 4, 1, 9, shards));
    push(requests, transpose_request(TENSOR(true, 8, 4, 6, 3), (int[]){0, 3, 1, 2}, shards));
    push(requests, transpose_request(TENSOR(true, 5, 4, 6, 3), (int[]){0, 2, 1, 3}, shards));
    push(requests, transpose_request(TENSOR(false, 7, 9), (int[]){1, 0}, shards));
    push(requests, transpose_request(TENSOR(true, 5, 2, 3, 4, 2), (int[]){0, 1, 3, 2, 4}, shards));
    push(requests, slice_request(TENSOR(true, 5, 8, 8, 3), (int64_t[]){0, 2, 1, 0}, TENSOR(true, 5, 4, 6, 3), shards));
    push(requests, slice_request(TENSOR(true, 8, 6, 6, 16), (int64_t[]){0, 0, 0, 8}, TENSOR(true, 8, 6, 6, 8), shards));
    push(requests, slice_request(TENSOR(false, 9, 4), (int64_t[]){3, 0}, TENSOR(false, 5, 4), shards));
    push(requests, concat_request(TENSOR(true, 6, 4, 4, 8), TENSOR(true, 6, 4, 4, 1), 3, shards));
    push(requests, concat_request(TENSOR(true, 6, 4, 5, 3), TENSOR(true, 6, 2, 5, 3), 1, shards));
    push(requests, concat_request(TENSOR(false, 3, 4), TENSOR(false, 2, 4), 0, shards));
    push(requests, reduce_max_request(TENSOR(true, 6, 10), 2, shards));
    push(requests, reduce_max_request(TENSOR(true, 3, 4, 5, 6), 6, shards));
    push(requests, reduce_max_request(TENSOR(false, 3, 40), 3, shards));
    push(requests, random_request(TENSOR(true, 9, 5, 3), RANDOM_DISTRIBUTION_NORMAL, shards));
    push(requests, random_request(TENSOR(true, 16, 600), RANDOM_DISTRIBUTION_UNIFORM, shards));
    push(requests, random_request(TENSOR(false, 700), RANDOM_DISTRIBUTION_NORMAL, shards));
}

/* The linear ones among them, each of which has a transpose of another kind. */
static bool transposed(const struct kernel_request *request, struct kernel_request *transpose)
{
    static const struct {
        enum operation_kind kind, transpose;
    } pairs[] = {
        {OP_UPSAMPLE, OP_SUM_POOL}, {OP_RESAMPLE, OP_RESAMPLE_ADJOINT}, {OP_WARP, OP_WARP_ADJOINT},
        {OP_GATHER, OP_SCATTER_ADD}, {OP_SLICE, OP_PAD}, {OP_CONV, OP_CONV_DX},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (request->operation.kind == pairs[i].kind) {
            *transpose = request_exchanged(*request, pairs[i].transpose, 0);
            return true;
        }
    if (request->operation.kind != OP_TRANSPOSE)
        return false;
    *transpose = request_exchanged(*request, OP_TRANSPOSE, 0);
    for (int i = 0; i < request->output.rank; i++)
        transpose->operation.attributes.transpose
            .permutation[request->operation.attributes.transpose.permutation[i]] = i;
    return true;
}

static void collect(struct requests *requests, int shards)
{
    requests->count = 0;
    push_contractions(requests, shards);
    push_pictures(requests, shards);
    push_rows_and_boxes(requests, shards);
    for (int i = 0, count = requests->count; i < count; i++) {
        struct kernel_request transpose;
        if (requests->request[i].operation.kind != OP_CONV && requests->request[i].operation.kind != OP_TRANSPOSE &&
            transposed(&requests->request[i], &transpose))
            push(requests, transpose);
    }
}

/* ---- One request through one backend ------------------------------------------------------------------------ */

static char *request_text(const struct kernel_request *request, const struct backend *backend, char *text, size_t bytes)
{
    char a[SHAPE_TEXT] = "", b[SHAPE_TEXT] = "", y[SHAPE_TEXT];
    if (request->inputs > 0)
        shape_text(&request->input[0], a);
    if (request->inputs > 1)
        shape_text(&request->input[1], b);
    snprintf(text, bytes, "%s %s %s -> %s, %d shards, %s", operation_table[request->operation.kind].name, a, b,
             shape_text(&request->output, y), request->shards, backend->name);
    return text;
}

static double *result_of(const struct backend *backend, const struct kernel_request *request, double *const *operands,
                         int threads)
{
    const double *inputs[OPERANDS_MAXIMUM] = {operands[0], operands[1]};
    double *result = harness_zeros(shape_elements(&request->output));
    if (harness_run(backend, request, inputs, result, threads) != 0) {
        char text[512];
        fail_msg("%s: %s", request_text(request, backend, text, sizeof text), error_message());
    }
    return result;
}

static void take_operands(const struct kernel_request *request, double *operands[2])
{
    operands[0] = operands[1] = NULL;
    for (int i = 0; i < request->inputs; i++)
        operands[i] = operand_values(request, i);
}

/* The operands as the f32 backend sees them, so that only its arithmetic is judged. */
static void round_operands(const struct kernel_request *request, double *operands[2])
{
    for (int i = 0; i < request->inputs; i++)
        for (int64_t j = 0; j < shape_elements(&request->input[i]); j++)
            operands[i][j] = (double)(float)operands[i][j];
}

static void drop_operands(double *operands[2])
{
    free(operands[0]);
    free(operands[1]);
}

static double tolerance(const struct kernel_request *request)
{
    switch (request->operation.kind) {
    case OP_CONV:
    case OP_CONV_DX:
    case OP_CONV_DW: /* short cuts such as Winograd's trade digits for speed */
        return 3e-5;
    case OP_MATMUL:
    case OP_WARP:
    case OP_WARP_ADJOINT: /* positions in f32 */
        return 5e-6;
    case OP_UPSAMPLE:
    case OP_GATHER:
    case OP_TRANSPOSE:
    case OP_SLICE:
    case OP_PAD:
    case OP_CONCAT:
    case OP_REDUCE_MAX:
        return 0; /* copies */
    default:
        return 1e-6;
    }
}

static void assert_like_oracle(const struct backend *backend, const struct kernel_request *request)
{
    double *operands[2];
    take_operands(request, operands);
    round_operands(request, operands);
    double *expected = result_of(&plain_f64, request, operands, 1);
    double *result = result_of(backend, request, operands, 2);
    const double error = harness_error(result, expected, shape_elements(&request->output));
    if (!(error <= tolerance(request))) {
        char text[512];
        fail_msg("%s: relative error %g", request_text(request, backend, text, sizeof text), error);
    }
    drop_operands(operands);
    free(expected);
    free(result);
}

static void every_f32_kernel_gives_what_plain_f64_gives(void **state)
{
    (void)state;
    static const int shards[] = {1, 3, 8};
    static struct requests requests;
    for (int s = 0; s < 3; s++) {
        collect(&requests, shards[s]);
        for (int i = 0; i < requests.count; i++)
            for (size_t b = 0; b < sizeof backends / sizeof backends[0]; b++)
                assert_like_oracle(backends[b], &requests.request[i]);
    }
}

static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    static struct requests requests;
    collect(&requests, 4);
    for (int i = 0; i < requests.count; i++) {
        const struct kernel_request *request = &requests.request[i];
        double *operands[2];
        take_operands(request, operands);
        for (size_t b = 0; b < sizeof backends / sizeof backends[0]; b++) {
            double *first = result_of(backends[b], request, operands, 1);
            for (int threads = 2; threads <= 4; threads++) {
                double *result = result_of(backends[b], request, operands, threads);
                if (memcmp(first, result, (size_t)shape_elements(&request->output) * sizeof *result) != 0) {
                    char text[512];
                    fail_msg("%s: %d threads", request_text(request, backends[b], text, sizeof text), threads);
                }
                free(result);
            }
            free(first);
        }
        drop_operands(operands);
    }
}

/* <A x, y> against <x, A' y>, relative to |A x| |y|. */
static double adjoint_error(const struct backend *backend, const struct kernel_request *request,
                            const struct kernel_request *transpose, int operand)
{
    double *operands[2], *kept;
    take_operands(request, operands);
    const int64_t elements = shape_elements(&request->output);
    double *y = harness_values(elements, 99), *forward = result_of(backend, request, operands, 2);
    kept = operands[operand];
    operands[operand] = y;
    double *backward = result_of(backend, transpose, operands, 2);
    operands[operand] = kept;
    const double one = harness_product(forward, y, elements);
    const double other = harness_product(kept, backward, shape_elements(&transpose->output));
    const double scale = sqrt(harness_product(forward, forward, elements) * harness_product(y, y, elements));
    drop_operands(operands);
    free(y);
    free(forward);
    free(backward);
    return fabs(one - other) / scale;
}

static void assert_adjoint(const struct kernel_request *request, const struct kernel_request *transpose, int operand)
{
    const struct backend *all[] = {&plain_f64, &plain_f32, &cpu_f32};
    for (int b = 0; b < 3; b++) {
        const double error = adjoint_error(all[b], request, transpose, operand);
        if (!(error < (all[b]->type == NUMBER_F64 ? 1e-12 : 1e-5))) {
            char text[512];
            fail_msg("%s: adjoint off by %g", request_text(request, all[b], text, sizeof text), error);
        }
    }
}

static void every_linear_operation_and_its_transpose_belong_together(void **state)
{
    (void)state;
    static struct requests requests;
    requests.count = 0;
    push_contractions(&requests, 3);
    push_pictures(&requests, 3);
    push_rows_and_boxes(&requests, 3);
    for (int i = 0; i < requests.count; i++) {
        const struct kernel_request *request = &requests.request[i];
        struct kernel_request transpose;
        if (transposed(request, &transpose))
            assert_adjoint(request, &transpose, 0);
        if (request->operation.kind == OP_CONV) {
            transpose = request_exchanged(*request, OP_CONV_DW, 1);
            assert_adjoint(request, &transpose, 1);
        }
    }
}

/* ---- Requests that make no sense ---------------------------------------------------------------------------- */

static void shapes_that_do_not_fit_are_refused_with_a_message(void **state)
{
    (void)state;
    struct kernel_request wrong[8];
    for (int i = 0; i < 3; i++)
        wrong[i] = conv_request(&conv_cases[0], 2);
    wrong[0].output.size[1]++;
    wrong[1].operation.attributes.conv.groups = 3;
    wrong[2].operation.attributes.conv.stride[0] = 0;
    wrong[3] = matmul_request(true, 0, 2, 3, 4, false, false, 2);
    wrong[3].input[1].size[0]++;
    wrong[4] = slice_request(TENSOR(false, 4), (int64_t[]){2}, TENSOR(false, 3), 1);
    wrong[5] = reduce_max_request(TENSOR(true, 4, 4), 1, 2);
    wrong[6] = transpose_request(TENSOR(true, 4, 4), (int[]){1, 0}, 2);
    wrong[7] = gather_request(true, 4, 4, 4, 0);
    const struct backend *all[] = {&plain_f64, &plain_f32, &cpu_f32};
    for (int i = 0; i < 8; i++)
        for (int b = 0; b < 3; b++) {
            struct kernel *kernel = NULL;
            assert_int_equal(all[b]->make(&kernel, &wrong[i]), STATUS_INPUT);
            assert_null(kernel);
            assert_non_null(strstr(error_message(), operation_table[wrong[i].operation.kind].name));
        }
}

static void kernels_with_the_batch_axis_are_sharded(void **state)
{
    (void)state;
    static struct requests requests;
    collect(&requests, 3);
    for (int i = 0; i < requests.count; i++) {
        const struct kernel_request *request = &requests.request[i];
        bool batch = request->output.batch;
        for (int j = 0; j < request->inputs; j++)
            batch = batch || request->input[j].batch;
        struct kernel *kernel = NULL;
        assert_int_equal(plain_f32.make(&kernel, request), 0);
        assert_int_equal(kernel->sharded, batch);
        assert_int_equal(kernel->tasks[0], batch ? 3 : 1);
        assert_int_equal(kernel->partials, batch && !request->output.batch);
        kernel->free(kernel);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_f32_kernel_gives_what_plain_f64_gives),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(every_linear_operation_and_its_transpose_belong_together),
        cmocka_unit_test(shapes_that_do_not_fit_are_refused_with_a_message),
        cmocka_unit_test(kernels_with_the_batch_axis_are_sharded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
