/* What the plain backends share that does not depend on the number type: checks, the cut into shards, and the
 * frame of a kernel. The arithmetic is in the .inc files, compiled once for float and once for double. */
#ifndef KERNEL_PLAIN_PLAIN_H
#define KERNEL_PLAIN_PLAIN_H

#include "kernel/kernel.h"

/* 0 if the request's shapes and attributes agree with each other, or STATUS_INPUT. Other backends may rely on it. */
int plain_check_request(const struct kernel_request *request);

/* The same for a program: registers, axes and sizes are in range. */
int plain_check_program(const struct program *program, int shards);

/* What one task sees: whole tensors, or its shard of those that carry the batch axis, as if that were all there is.
 * The output of a sum over the batch is the shard's own partial. */
struct plain_input {
    struct shape shape;
    const void *data;
};
struct plain_task {
    const struct operation *operation;
    struct plain_input input[OPERANDS_MAXIMUM];
    struct shape shape; /* of the output */
    void *output;
    double *sums;        /* scratch: see plain_sums() */
    int64_t first_image; /* of the shard, in the whole batch */
    uint64_t seed, step;
};

typedef void plain_compute(const struct plain_task *task);

/* A kernel that calls `compute` for each task. */
int plain_make(struct kernel **out, const struct kernel_request *request, plain_compute *compute, size_t number_size);

/* Strides of a dense tensor, in elements, aligned with axes 0 .. rank-1. */
void plain_strides(const struct shape *shape, int64_t strides[RANK_MAXIMUM]);

/* A program with what is needed to walk it: one row of strides for each input and output, in elements, 0 along the
 * axes on which it does not depend. */
struct plain_program {
    struct kernel kernel;
    struct program program;
    int shards;
    int64_t input_stride[KERNEL_INPUTS][RANK_MAXIMUM];
    int64_t output_stride[KERNEL_OUTPUTS][RANK_MAXIMUM];
    int64_t output_size[KERNEL_OUTPUTS]; /* elements for each index of axis 0, or of the partial */
};
typedef void plain_run(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int task);
int plain_make_program(struct kernel **out, const struct program *program, int shards, plain_run *run,
                       size_t number_size);

/* The part [*first, *last) of axis 0 that belongs to a task. */
void plain_program_rows(const struct plain_program *plain, int task, int64_t *first, int64_t *last);

#endif
