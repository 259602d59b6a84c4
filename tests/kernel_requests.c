#include "kernel_requests.h"

#include "base/philox.h"

#include <string.h>

struct shape request_tensor(bool batch, int rank, const int64_t *size)
{
    struct shape shape = {.rank = rank, .batch = batch};
    memcpy(shape.size, size, (size_t)rank * sizeof *size);
    return shape;
}

struct kernel_request request_exchanged(struct kernel_request request, enum operation_kind kind, int operand)
{
    const struct shape result = request.output;
    request.operation.kind = kind;
    request.output = request.input[operand];
    request.input[operand] = result;
    return request;
}

struct kernel_request conv_request(const struct conv_case *c, int shards)
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

struct kernel_request matmul_request(bool batch, int64_t products, int64_t m, int64_t k, int64_t n,
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

struct kernel_request scale_request(int64_t images, int64_t height, int64_t width, int64_t channels,
                                           int vertical, int horizontal, int shards)
{
    struct kernel_request request = {.operation.kind = OP_UPSAMPLE, .inputs = 1, .shards = shards};
    request.operation.attributes.scale.factor[0] = vertical;
    request.operation.attributes.scale.factor[1] = horizontal;
    request.input[0] = TENSOR(true, images, height, width, channels);
    request.output = TENSOR(true, images, height * vertical, width * horizontal, channels);
    return request;
}

struct kernel_request resample_request(int64_t images, const int64_t from[2], const int64_t to[2],
                                              int64_t channels, int shards)
{
    struct kernel_request request = {.operation.kind = OP_RESAMPLE, .inputs = 1, .shards = shards};
    request.input[0] = TENSOR(true, images, from[0], from[1], channels);
    request.output = TENSOR(true, images, to[0], to[1], channels);
    return request;
}

struct kernel_request warp_request(int64_t images, int64_t height, int64_t width, int64_t channels, int shards)
{
    struct kernel_request request = {.operation.kind = OP_WARP, .inputs = 2, .shards = shards};
    request.input[0] = request.output = TENSOR(true, images, height, width, channels);
    request.input[1] = TENSOR(true, images, 2, 3);
    return request;
}

struct kernel_request gather_request(bool batch, int64_t rows, int64_t columns, int64_t count, int shards)
{
    struct kernel_request request = {.operation.kind = OP_GATHER, .inputs = 2, .shards = shards};
    request.input[0] = TENSOR(false, rows, columns);
    request.input[1] = TENSOR(batch, count);
    request.output = TENSOR(batch, count, columns);
    return request;
}

struct kernel_request transpose_request(struct shape from, const int *permutation, int shards)
{
    struct kernel_request request = {.operation.kind = OP_TRANSPOSE, .inputs = 1, .shards = shards};
    request.input[0] = request.output = from;
    for (int i = 0; i < from.rank; i++) {
        request.operation.attributes.transpose.permutation[i] = permutation[i];
        request.output.size[i] = from.size[permutation[i]];
    }
    return request;
}

struct kernel_request slice_request(struct shape from, const int64_t *start, struct shape to, int shards)
{
    struct kernel_request request = {.operation.kind = OP_SLICE, .inputs = 1, .shards = shards};
    request.input[0] = from;
    request.output = to;
    memcpy(request.operation.attributes.slice.start, start, (size_t)from.rank * sizeof *start);
    return request;
}

struct kernel_request concat_request(struct shape a, struct shape b, int axis, int shards)
{
    struct kernel_request request = {.operation.kind = OP_CONCAT, .inputs = 2, .shards = shards};
    request.operation.attributes.concat.axis = axis;
    request.input[0] = request.output = a;
    request.input[1] = b;
    request.output.size[axis] += b.size[axis];
    return request;
}

struct kernel_request reduce_max_request(struct shape from, unsigned axes, int shards)
{
    struct kernel_request request = {.operation.kind = OP_REDUCE_MAX, .inputs = 1, .shards = shards};
    request.operation.attributes.axes = axes;
    request.input[0] = request.output = from;
    for (int i = 0; i < from.rank; i++)
        if (axes >> i & 1)
            request.output.size[i] = 1;
    return request;
}

struct kernel_request random_request(struct shape shape, enum random_distribution distribution, int shards)
{
    struct kernel_request request = {.operation.kind = OP_RANDOM, .shards = shards, .output = shape};
    request.operation.attributes.random.distribution = distribution;
    request.operation.attributes.random.purpose = RANDOM_USER;
    return request;
}
