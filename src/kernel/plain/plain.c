/* The frame of the plain kernels: which task sees which images, and how much scratch it needs.
 * Knows no arithmetic. */
#include "kernel/plain/plain.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plain_kernel {
    struct kernel kernel;
    struct kernel_request request;
    plain_compute *compute;
    size_t number_size;
};

static void free_kernel(struct kernel *kernel)
{
    free(kernel);
}

/* Restricts a shape to the images of one shard; returns the elements to skip. */
static int64_t restrict_to_shard(struct shape *shape, int shards, int shard)
{
    const int64_t images = shape->size[0], image_elements = shape_elements(shape) / images;
    const int64_t first = shard_first(images, shards, shard);
    shape->size[0] = shard_first(images, shards, shard + 1) - first;
    return first * image_elements;
}

static void run(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int task)
{
    (void)phase;
    const struct plain_kernel *plain = (const struct plain_kernel *)kernel;
    const struct kernel_request *request = &plain->request;
    struct plain_task view = {
        .operation = &request->operation,
        .shape = request->output,
        .sums = arguments->thread_scratch,
        .seed = arguments->seed,
        .step = arguments->step,
    };
    for (int i = 0; i < request->inputs; i++) {
        view.input[i].shape = request->input[i];
        int64_t skipped = 0;
        if (request->input[i].batch)
            skipped = restrict_to_shard(&view.input[i].shape, request->shards, task);
        view.input[i].data = (const char *)arguments->input[i] + (size_t)skipped * plain->number_size;
    }
    int64_t skipped = 0;
    if (kernel->partials)
        skipped = task * shape_elements(&request->output);
    if (request->output.batch) {
        skipped = restrict_to_shard(&view.shape, request->shards, task);
        view.first_image = shard_first(request->output.size[0], request->shards, task);
    }
    view.output = (char *)arguments->output[0] + (size_t)skipped * plain->number_size;
    plain->compute(&view);
}

/* Sums are kept in double until they are whole: this many at once. */
static int64_t sums_of(const struct kernel_request *request)
{
    const struct shape *output = &request->output;
    switch (request->operation.kind) {
    case OP_MATMUL:
        return output->size[output->rank - 1];
    case OP_CONV_DX:
    case OP_SUM_POOL:
        return output->size[3];
    case OP_CONV_DW:
    case OP_SCATTER_ADD:
        return shape_elements(output);
    case OP_RESAMPLE_ADJOINT:
    case OP_WARP_ADJOINT:
        return shape_elements(output) / output->size[0];
    default:
        return 0;
    }
}

static double flops_of(const struct kernel_request *request)
{
    const struct shape *a = &request->input[0], *b = &request->input[1], *output = &request->output;
    switch (request->operation.kind) {
    case OP_CONV:
    case OP_CONV_DX:
    case OP_CONV_DW: {
        const struct shape *w = request->operation.kind == OP_CONV_DW ? output : b;
        const struct shape *y = request->operation.kind == OP_CONV ? output
                                : request->operation.kind == OP_CONV_DW ? b
                                                                        : a;
        return 2.0 * (double)shape_elements(y) * (double)(w->size[1] * w->size[2] * w->size[3]);
    }
    case OP_MATMUL: {
        const int contracted = a->rank - (request->operation.attributes.matmul.transpose[0] ? 2 : 1);
        return 2.0 * (double)shape_elements(output) * (double)a->size[contracted];
    }
    default:
        return 0;
    }
}

int plain_make(struct kernel **out, const struct kernel_request *request, plain_compute *compute, size_t number_size)
{
    *out = NULL;
    const int status = plain_check_request(request);
    if (status < 0)
        return status;
    struct plain_kernel *plain = memory_new(1, sizeof *plain);
    if (!plain)
        return STATUS_MEMORY;
    bool batch = request->output.batch;
    int64_t elements = shape_elements(&request->output);
    for (int i = 0; i < request->inputs; i++) {
        batch = batch || request->input[i].batch;
        elements += shape_elements(&request->input[i]);
    }
    plain->request = *request;
    plain->compute = compute;
    plain->number_size = number_size;
    plain->kernel = (struct kernel){
        .run = run,
        .free = free_kernel,
        .phases = 1,
        .tasks = {batch ? request->shards : 1},
        .sharded = batch,
        .partials = batch && !request->output.batch,
        .thread_scratch = (size_t)sums_of(request) * sizeof(double),
        .flops = flops_of(request),
        .bytes = (double)elements * (double)number_size,
    };
    snprintf(plain->kernel.note, sizeof plain->kernel.note, "plain");
    *out = &plain->kernel;
    return 0;
}

void plain_strides(const struct shape *shape, int64_t strides[RANK_MAXIMUM])
{
    int64_t stride = 1;
    for (int i = shape->rank - 1; i >= 0; i--) {
        strides[i] = stride;
        stride *= shape->size[i];
    }
}

/* Strides of a tensor that is dense over `axes` of the space; returns its elements. */
static int64_t program_strides(const struct program *program, unsigned axes, int64_t strides[RANK_MAXIMUM])
{
    int64_t stride = 1;
    for (int i = program->rank - 1; i >= 0; i--) {
        strides[i] = axes >> i & 1 ? stride : 0;
        if (axes >> i & 1)
            stride *= program->size[i];
    }
    return stride;
}

void plain_program_rows(const struct plain_program *plain, int task, int64_t *first, int64_t *last)
{
    const struct program *program = &plain->program;
    *first = 0;
    *last = program->size[0];
    if (program->batch) {
        const int64_t image_rows = program->size[0] / program->images;
        *first = shard_first(program->images, plain->shards, task) * image_rows;
        *last = shard_first(program->images, plain->shards, task + 1) * image_rows;
    }
}

int plain_make_program(struct kernel **out, const struct program *program, int shards, plain_run *run_program,
                       size_t number_size)
{
    *out = NULL;
    const int status = plain_check_program(program, shards);
    if (status < 0)
        return status;
    struct plain_program *plain = memory_new(1, sizeof *plain);
    if (!plain)
        return STATUS_MEMORY;
    const unsigned all = (1u << program->rank) - 1;
    int64_t elements = 0, sums = 0, space = 1;
    for (int i = 0; i < program->rank; i++)
        space *= program->size[i];
    plain->program = *program;
    plain->shards = shards;
    for (int i = 0; i < program->inputs; i++)
        elements += program_strides(program, program->input[i].varies, plain->input_stride[i]);
    for (int i = 0; i < program->outputs; i++) {
        const unsigned kept = program->output[i].sum ? all & ~program->output[i].axes : all;
        plain->output_size[i] = program_strides(program, kept, plain->output_stride[i]);
        elements += plain->output_size[i];
        if (program->output[i].sum)
            sums += plain->output_size[i];
        if (program->batch && !(kept & 1))
            plain->kernel.partials = true;
    }
    plain->kernel.run = run_program;
    plain->kernel.free = free_kernel;
    plain->kernel.phases = 1;
    plain->kernel.tasks[0] = program->batch ? shards : 1;
    plain->kernel.sharded = program->batch;
    plain->kernel.thread_scratch = (size_t)sums * sizeof(double);
    plain->kernel.flops = (double)space * program->instructions;
    plain->kernel.bytes = (double)elements * (double)number_size;
    snprintf(plain->kernel.note, sizeof plain->kernel.note, "plain");
    *out = &plain->kernel;
    return 0;
}
