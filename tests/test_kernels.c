/* Operation x backend x shape: every kernel gives what plain_f64 gives, every linear operation and its transpose
 * belong together, and neither threads nor shards are visible in the result. plain_f64 itself is held to results
 * worked out by hand. */
#include "base/error.h"
#include "base/philox.h"
#include "kernel_harness.h"

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

/* ---- Requests --------------------------------------------------------------------------------------------- */

static struct shape tensor(bool batch, int rank, const int64_t *size)
{
    struct shape shape = {.rank = rank, .batch = batch};
    memcpy(shape.size, size, (size_t)rank * sizeof *size);
    return shape;
}
#define TENSOR(batch, ...) \
    tensor(batch, (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (const int64_t[]){__VA_ARGS__})

/* The same numbers under another kind with operands and result exchanged: result <-> input `operand`. */
static struct kernel_request exchanged(struct kernel_request request, enum operation_kind kind, int operand)
{
    const struct shape result = request.output;
    request.operation.kind = kind;
    request.output = request.input[operand];
    request.input[operand] = result;
    return request;
}

struct conv_case {
    int64_t images, height, width, channels, outputs, kernel[2];
    int stride[2], padding[2], groups;
};

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

static struct kernel_request conv_request(const struct conv_case *c, int shards)
{
    struct kernel_request request = {.operation.kind = OP_CONV, .inputs = 2, .shards = shards};
    int64_t out[2];
    for (int i = 0; i < 2; i++) {
        const int64_t size = i ? c->width : c->height;
        out[i] = (size + 2 * c->padding[i] - c->kernel[i]) / c->stride[i] + 1;
        request.operation.attributes.conv.stride[i] = c->stride[i];
        request.operation.attributes.conv.padding[i] = c->padding[i];
    }
    request.operation.attributes.conv.groups = c->groups;
    request.input[0] = TENSOR(true, c->images, c->height, c->width, c->channels);
    request.input[1] = TENSOR(false, c->outputs, c->kernel[0], c->kernel[1], c->channels / c->groups);
    request.output = TENSOR(true, c->images, out[0], out[1], c->outputs);
    return request;
}

static struct kernel_request matmul_request(bool batch, int64_t products, int64_t m, int64_t k, int64_t n,
                                            bool transpose_a, bool transpose_b, int shards)
{
    struct kernel_request request = {.operation.kind = OP_MATMUL, .inputs = 2, .shards = shards};
    const int64_t a[2] = {transpose_a ? k : m, transpose_a ? m : k}, b[2] = {transpose_b ? n : k, transpose_b ? k : n};
    request.operation.attributes.matmul.transpose[0] = transpose_a;
    request.operation.attributes.matmul.transpose[1] = transpose_b;
    if (products > 0) {
        request.input[0] = TENSOR(batch, products, a[0], a[1]);
        request.input[1] = TENSOR(batch, products, b[0], b[1]);
        request.output = TENSOR(batch, products, m, n);
    } else {
        request.input[0] = TENSOR(batch, a[0], a[1]);
        request.input[1] = TENSOR(batch && transpose_a, b[0], b[1]);
        request.output = TENSOR(batch && !transpose_a, m, n);
    }
    return request;
}

static struct kernel_request scale_request(int64_t images, int64_t height, int64_t width, int64_t channels,
                                           int vertical, int horizontal, int shards)
{
    struct kernel_request request = {.operation.kind = OP_UPSAMPLE, .inputs = 1, .shards = shards};
    request.operation.attributes.scale.factor[0] = vertical;
    request.operation.attributes.scale.factor[1] = horizontal;
    request.input[0] = TENSOR(true, images, height, width, channels);
    request.output = TENSOR(true, images, height * vertical, width * horizontal, channels);
    return request;
}

static struct kernel_request resample_request(int64_t images, const int64_t from[2], const int64_t to[2],
                                              int64_t channels, int shards)
{
    struct kernel_request request = {.operation.kind = OP_RESAMPLE, .inputs = 1, .shards = shards};
    request.input[0] = TENSOR(true, images, from[0], from[1], channels);
    request.output = TENSOR(true, images, to[0], to[1], channels);
    return request;
}

static struct kernel_request warp_request(int64_t images, int64_t height, int64_t width, int64_t channels, int shards)
{
    struct kernel_request request = {.operation.kind = OP_WARP, .inputs = 2, .shards = shards};
    request.input[0] = request.output = TENSOR(true, images, height, width, channels);
    request.input[1] = TENSOR(true, images, 2, 3);
    return request;
}

static struct kernel_request gather_request(bool batch, int64_t rows, int64_t columns, int64_t count, int shards)
{
    struct kernel_request request = {.operation.kind = OP_GATHER, .inputs = 2, .shards = shards};
    request.input[0] = TENSOR(false, rows, columns);
    request.input[1] = TENSOR(batch, count);
    request.output = TENSOR(batch, count, columns);
    return request;
}

static struct kernel_request transpose_request(struct shape from, const int *permutation, int shards)
{
    struct kernel_request request = {.operation.kind = OP_TRANSPOSE, .inputs = 1, .shards = shards};
    request.input[0] = request.output = from;
    for (int i = 0; i < from.rank; i++) {
        request.operation.attributes.transpose.permutation[i] = permutation[i];
        request.output.size[i] = from.size[permutation[i]];
    }
    return request;
}

static struct kernel_request slice_request(struct shape from, const int64_t *start, struct shape to, int shards)
{
    struct kernel_request request = {.operation.kind = OP_SLICE, .inputs = 1, .shards = shards};
    request.input[0] = from;
    request.output = to;
    memcpy(request.operation.attributes.slice.start, start, (size_t)from.rank * sizeof *start);
    return request;
}

static struct kernel_request concat_request(struct shape a, struct shape b, int axis, int shards)
{
    struct kernel_request request = {.operation.kind = OP_CONCAT, .inputs = 2, .shards = shards};
    request.operation.attributes.concat.axis = axis;
    request.input[0] = request.output = a;
    request.input[1] = b;
    request.output.size[axis] += b.size[axis];
    return request;
}

static struct kernel_request reduce_max_request(struct shape from, unsigned axes, int shards)
{
    struct kernel_request request = {.operation.kind = OP_REDUCE_MAX, .inputs = 1, .shards = shards};
    request.operation.attributes.axes = axes;
    request.input[0] = request.output = from;
    for (int i = 0; i < from.rank; i++)
        if (axes >> i & 1)
            request.output.size[i] = 1;
    return request;
}

static struct kernel_request random_request(struct shape shape, enum random_distribution distribution, int shards)
{
    struct kernel_request request = {.operation.kind = OP_RANDOM, .shards = shards, .output = shape};
    request.operation.attributes.random.distribution = distribution;
    request.operation.attributes.random.purpose = RANDOM_USER;
    return request;
}

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
        push(requests, exchanged(conv, OP_CONV_DX, 0));
        push(requests, exchanged(conv, OP_CONV_DW, 1));
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
            *transpose = exchanged(*request, pairs[i].transpose, 0);
            return true;
        }
    if (request->operation.kind != OP_TRANSPOSE)
        return false;
    *transpose = exchanged(*request, OP_TRANSPOSE, 0);
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
            transpose = exchanged(*request, OP_CONV_DW, 1);
            assert_adjoint(request, &transpose, 1);
        }
    }
}

/* ---- plain_f64 against results worked out by hand ----------------------------------------------------------- */

static void assert_result(const struct kernel_request *request, const double *a, const double *b,
                          const double *expected)
{
    const double *inputs[] = {a, b};
    double *result = harness_zeros(shape_elements(&request->output));
    assert_int_equal(harness_run(&plain_f64, request, inputs, result, 1), 0);
    for (int64_t i = 0; i < shape_elements(&request->output); i++)
        if (!(fabs(result[i] - expected[i]) < 1e-12))
            fail_msg("%s: element %d is %g instead of %g", operation_table[request->operation.kind].name, (int)i,
                     result[i], expected[i]);
    free(result);
}
#define NUMBERS(...) (const double[]){__VA_ARGS__}

static void a_convolution_is_a_correlation_with_zeros_around(void **state)
{
    (void)state;
    const struct conv_case c = {1, 2, 3, 1, 1, {3, 3}, {1, 1}, {1, 1}, 1};
    const struct kernel_request conv = conv_request(&c, 1);
    const double *w = NUMBERS(1, 2, 3, 4, 5, 6, 7, 8, 9);
    /* row 0 of x: 1 2 3, row 1: 4 5 6 */
    assert_result(&conv, NUMBERS(1, 2, 3, 4, 5, 6), w,
                  NUMBERS(5 * 1 + 6 * 2 + 8 * 4 + 9 * 5, 4 * 1 + 5 * 2 + 6 * 3 + 7 * 4 + 8 * 5 + 9 * 6,
                          4 * 2 + 5 * 3 + 7 * 5 + 8 * 6, 2 * 1 + 3 * 2 + 5 * 4 + 6 * 5,
                          1 * 1 + 2 * 2 + 3 * 3 + 4 * 4 + 5 * 5 + 6 * 6, 1 * 2 + 2 * 3 + 4 * 5 + 5 * 6));
}

static void a_strided_grouped_convolution_keeps_its_groups_apart(void **state)
{
    (void)state;
    const struct conv_case c = {1, 3, 3, 2, 2, {1, 1}, {2, 2}, {0, 0}, 2};
    const struct kernel_request conv = conv_request(&c, 1);
    double x[18];
    for (int i = 0; i < 18; i++)
        x[i] = i;
    assert_result(&conv, x, NUMBERS(10, 100), NUMBERS(0, 100, 40, 500, 120, 1300, 160, 1700));
}

static void a_transposed_convolution_writes_its_kernel(void **state)
{
    (void)state;
    const struct conv_case c = {1, 4, 4, 1, 1, {2, 2}, {2, 2}, {0, 0}, 1};
    const struct kernel_request dx = exchanged(conv_request(&c, 1), OP_CONV_DX, 0);
    assert_result(&dx, NUMBERS(1, 10, 100, 1000), NUMBERS(1, 2, 3, 4),
                  NUMBERS(1, 2, 10, 20, 3, 4, 30, 40, 100, 200, 1000, 2000, 300, 400, 3000, 4000));
}

static void a_weight_gradient_sums_over_images_and_shards(void **state)
{
    (void)state;
    const struct conv_case c = {3, 1, 2, 1, 1, {1, 1}, {1, 1}, {0, 0}, 1};
    const struct kernel_request dw = exchanged(conv_request(&c, 3), OP_CONV_DW, 1);
    assert_result(&dw, NUMBERS(1, 2, 3, 4, 5, 6), NUMBERS(1, 1, 10, 10, 100, 100), NUMBERS(3 + 70 + 1100));
}

static void a_matrix_product_transposes_either_operand(void **state)
{
    (void)state;
    /* a = [1 2; 3 4], b = [5 6; 7 8] */
    static const double expected[4][4] = {
        {19, 22, 43, 50}, {26, 30, 38, 44}, {17, 23, 39, 53}, {23, 31, 34, 46}};
    for (int t = 0; t < 4; t++) {
        const struct kernel_request matmul = matmul_request(false, 0, 2, 2, 2, t & 1, t & 2, 1);
        assert_result(&matmul, NUMBERS(1, 2, 3, 4), NUMBERS(5, 6, 7, 8), expected[t]);
    }
}

static void a_product_that_contracts_the_batch_sums_its_shards(void **state)
{
    (void)state;
    const struct kernel_request matmul = matmul_request(true, 0, 1, 3, 2, true, false, 2);
    assert_false(matmul.output.batch);
    assert_result(&matmul, NUMBERS(1, 2, 3), NUMBERS(1, 10, 2, 20, 3, 30), NUMBERS(14, 140));
}

static void nearest_upsampling_repeats_pixels(void **state)
{
    (void)state;
    const struct kernel_request upsample = scale_request(1, 2, 2, 1, 2, 3, 1);
    assert_result(&upsample, NUMBERS(1, 2, 3, 4), NULL,
                  NUMBERS(1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4));
}

static void bilinear_resampling_has_half_pixel_centres_and_clamps(void **state)
{
    (void)state;
    const struct kernel_request up = resample_request(1, (int64_t[]){1, 2}, (int64_t[]){1, 4}, 1, 1);
    assert_result(&up, NUMBERS(0, 8), NULL, NUMBERS(0, 2, 6, 8));
    const struct kernel_request down = resample_request(1, (int64_t[]){4, 1}, (int64_t[]){2, 1}, 1, 1);
    assert_result(&down, NUMBERS(1, 3, 10, 20), NULL, NUMBERS(2, 15));
}

static void the_identity_warp_changes_nothing(void **state)
{
    (void)state;
    const struct kernel_request warp = warp_request(1, 2, 3, 1, 1);
    const double *x = NUMBERS(1, 2, 3, 4, 5, 6);
    assert_result(&warp, x, NUMBERS(1, 0, 0, 0, 1, 0), x);
}

static void a_warp_by_one_pixel_shifts_and_fills_with_zeros(void **state)
{
    (void)state;
    const struct kernel_request warp = warp_request(1, 2, 4, 1, 1);
    const double *x = NUMBERS(1, 2, 3, 4, 5, 6, 7, 8);
    assert_result(&warp, x, NUMBERS(1, 0, 0.5, 0, 1, 0), NUMBERS(2, 3, 4, 0, 6, 7, 8, 0));
    assert_result(&warp, x, NUMBERS(1, 0, 0.25, 0, 1, 0), NUMBERS(1.5, 2.5, 3.5, 2, 5.5, 6.5, 7.5, 4));
    assert_result(&warp, x, NUMBERS(-1, 0, 0, 0, 1, 0), NUMBERS(4, 3, 2, 1, 8, 7, 6, 5));
}

static void a_warp_to_nowhere_is_zero(void **state)
{
    (void)state;
    const struct kernel_request warp = warp_request(1, 1, 2, 1, 1);
    assert_result(&warp, NUMBERS(1, 2), NUMBERS(1e300, 0, 1e308, NAN, 1, 0), NUMBERS(0, 0));
}

static void gather_clamps_rows_that_do_not_exist(void **state)
{
    (void)state;
    const struct kernel_request gather = gather_request(false, 2, 2, 5, 1);
    assert_result(&gather, NUMBERS(1, 2, 3, 4), NUMBERS(1, 0, 7, -3, NAN), NUMBERS(3, 4, 1, 2, 3, 4, 1, 2, 1, 2));
}

static void scatter_add_sums_rows_with_the_same_index(void **state)
{
    (void)state;
    const struct kernel_request scatter = exchanged(gather_request(true, 3, 1, 4, 2), OP_SCATTER_ADD, 0);
    assert_result(&scatter, NUMBERS(1, 2, 4, 8), NUMBERS(2, 0, 2, 2), NUMBERS(2, 0, 13));
}

static void transpose_slice_pad_and_concat_move_numbers(void **state)
{
    (void)state;
    const struct kernel_request transpose = transpose_request(TENSOR(false, 2, 3), (int[]){1, 0}, 1);
    assert_result(&transpose, NUMBERS(1, 2, 3, 4, 5, 6), NULL, NUMBERS(1, 4, 2, 5, 3, 6));
    const struct kernel_request slice =
        slice_request(TENSOR(false, 2, 3), (int64_t[]){0, 1}, TENSOR(false, 2, 2), 1);
    assert_result(&slice, NUMBERS(1, 2, 3, 4, 5, 6), NULL, NUMBERS(2, 3, 5, 6));
    const struct kernel_request pad = exchanged(slice, OP_PAD, 0);
    assert_result(&pad, NUMBERS(2, 3, 5, 6), NULL, NUMBERS(0, 2, 3, 0, 5, 6));
    const struct kernel_request concat = concat_request(TENSOR(true, 2, 1), TENSOR(true, 2, 2), 1, 2);
    assert_result(&concat, NUMBERS(1, 2), NUMBERS(3, 4, 5, 6), NUMBERS(1, 3, 4, 2, 5, 6));
}

static void a_maximum_sees_nan_and_infinity(void **state)
{
    (void)state;
    const struct kernel_request maximum = reduce_max_request(TENSOR(true, 3, 2), 2, 2);
    const double values[] = {1, 3, -INFINITY, -2, 5, NAN};
    const double *inputs[] = {values};
    double result[3];
    assert_int_equal(harness_run(&plain_f64, &maximum, inputs, result, 1), 0);
    assert_true(result[0] == 3 && result[1] == -2 && isnan(result[2]));
}

static void random_numbers_do_not_depend_on_shards(void **state)
{
    (void)state;
    double one[45], three[45];
    const struct kernel_request whole = random_request(TENSOR(true, 9, 5), RANDOM_DISTRIBUTION_NORMAL, 1);
    const struct kernel_request cut = random_request(TENSOR(true, 9, 5), RANDOM_DISTRIBUTION_NORMAL, 4);
    assert_int_equal(harness_run(&plain_f64, &whole, NULL, one, 1), 0);
    assert_int_equal(harness_run(&plain_f64, &cut, NULL, three, 2), 0);
    assert_memory_equal(one, three, sizeof one);
    float expected[5];
    random_normal((random_address){.seed = HARNESS_SEED, .step = HARNESS_STEP, .purpose = RANDOM_USER, .sample = 8}, 0,
                  5, expected);
    for (int i = 0; i < 5; i++)
        assert_true(one[40 + i] == (double)expected[i]);
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
        cmocka_unit_test(a_convolution_is_a_correlation_with_zeros_around),
        cmocka_unit_test(a_strided_grouped_convolution_keeps_its_groups_apart),
        cmocka_unit_test(a_transposed_convolution_writes_its_kernel),
        cmocka_unit_test(a_weight_gradient_sums_over_images_and_shards),
        cmocka_unit_test(a_matrix_product_transposes_either_operand),
        cmocka_unit_test(a_product_that_contracts_the_batch_sums_its_shards),
        cmocka_unit_test(nearest_upsampling_repeats_pixels),
        cmocka_unit_test(bilinear_resampling_has_half_pixel_centres_and_clamps),
        cmocka_unit_test(the_identity_warp_changes_nothing),
        cmocka_unit_test(a_warp_by_one_pixel_shifts_and_fills_with_zeros),
        cmocka_unit_test(a_warp_to_nowhere_is_zero),
        cmocka_unit_test(gather_clamps_rows_that_do_not_exist),
        cmocka_unit_test(scatter_add_sums_rows_with_the_same_index),
        cmocka_unit_test(transpose_slice_pad_and_concat_move_numbers),
        cmocka_unit_test(a_maximum_sees_nan_and_infinity),
        cmocka_unit_test(random_numbers_do_not_depend_on_shards),
        cmocka_unit_test(every_f32_kernel_gives_what_plain_f64_gives),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(every_linear_operation_and_its_transpose_belong_together),
        cmocka_unit_test(shapes_that_do_not_fit_are_refused_with_a_message),
        cmocka_unit_test(kernels_with_the_batch_axis_are_sharded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
