/* Requests for kernels, one function for each kind of operation; shapes of results are worked out here, not by the
 * graph. */
#ifndef KERNEL_REQUESTS_H
#define KERNEL_REQUESTS_H

#include "kernel/kernel.h"

#include <stdbool.h>

struct shape request_tensor(bool batch, int rank, const int64_t *size);
#define TENSOR(batch, ...)                                                                                             \
    request_tensor(batch, (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (const int64_t[]){__VA_ARGS__})

struct conv_case {
    int64_t images, height, width, channels, outputs, kernel[2];
    int stride[2], padding[2], groups;
};

struct kernel_request conv_request(const struct conv_case *c, int shards);
struct kernel_request matmul_request(bool batch, int64_t products, int64_t m, int64_t k, int64_t n, bool transpose_a,
                                     bool transpose_b, int shards);
struct kernel_request scale_request(int64_t images, int64_t height, int64_t width, int64_t channels, int vertical,
                                    int horizontal, int shards);
struct kernel_request resample_request(int64_t images, const int64_t from[2], const int64_t to[2], int64_t channels,
                                       int shards);
struct kernel_request warp_request(int64_t images, int64_t height, int64_t width, int64_t channels, int shards);
struct kernel_request gather_request(bool batch, int64_t rows, int64_t columns, int64_t count, int shards);
struct kernel_request transpose_request(struct shape from, const int *permutation, int shards);
struct kernel_request slice_request(struct shape from, const int64_t *start, struct shape to, int shards);
struct kernel_request concat_request(struct shape a, struct shape b, int axis, int shards);
struct kernel_request reduce_max_request(struct shape from, unsigned axes, int shards);
struct kernel_request random_request(struct shape shape, enum random_distribution distribution, int shards);

/* The same numbers under another kind with operands and result exchanged: result <-> input `operand`. */
struct kernel_request request_exchanged(struct kernel_request request, enum operation_kind kind, int operand);

#endif
