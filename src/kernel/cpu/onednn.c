/* oneDNN behind plain functions; see onednn.h. A slot holds its own memory objects and stream, since setting the
 * pointers of a memory object is not safe for several threads, and since making one takes an allocation.
 *
 * In oneDNN 2.x a memory descriptor is a structure and an operation descriptor stands between it and the primitive
 * descriptor; in 3.x a memory descriptor is a handle and operation descriptors are gone. */
#include "kernel/cpu/onednn.h"

#include "base/error.h"
#include "base/memory.h"

#include <dnnl.h>

#include <stdlib.h>
#include <string.h>

extern void omp_set_num_threads(int threads) __attribute__((weak));
extern int omp_get_max_threads(void) __attribute__((weak));

enum { ARGUMENTS = 4 }; /* a, b, result, scratch */

struct slot {
    dnnl_stream_t stream;
    dnnl_memory_t memory[ARGUMENTS];
};

struct onednn {
    dnnl_engine_t engine;
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
    int argument[ARGUMENTS]; /* DNNL_ARG_..., 0 where there is none */
    size_t scratch;
    int slots;
    struct slot *slot;
};

#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t descriptor;
#else
typedef const dnnl_memory_desc_t *descriptor;
#endif

/* A memory descriptor of our own making. */
struct layout {
    dnnl_memory_desc_t memory;
};

static descriptor layout_descriptor(const struct layout *layout)
{
#if DNNL_VERSION_MAJOR >= 3
    return layout->memory;
#else
    return &layout->memory;
#endif
}

static dnnl_status_t layout_strided(struct layout *layout, int rank, const dnnl_dims_t size, const dnnl_dims_t stride)
{
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_create_with_strides(&layout->memory, rank, size, dnnl_f32, stride);
#else
    return dnnl_memory_desc_init_by_strides(&layout->memory, rank, size, dnnl_f32, stride);
#endif
}

static dnnl_status_t layout_any(struct layout *layout, int rank, const dnnl_dims_t size)
{
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_create_with_tag(&layout->memory, rank, size, dnnl_f32, dnnl_format_tag_any);
#else
    return dnnl_memory_desc_init_by_tag(&layout->memory, rank, size, dnnl_f32, dnnl_format_tag_any);
#endif
}

static dnnl_status_t layout_copy(struct layout *layout, descriptor from)
{
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_clone(&layout->memory, from);
#else
    layout->memory = *from;
    return dnnl_success;
#endif
}

static void layout_free(struct layout *layout)
{
#if DNNL_VERSION_MAJOR >= 3
    if (layout->memory)
        dnnl_memory_desc_destroy(layout->memory);
#else
    (void)layout;
#endif
}

/* (N, H, W, C) in memory; oneDNN names sizes in the order N, C, H, W whatever the memory is. */
static dnnl_status_t layout_images(struct layout *layout, int64_t images, const int64_t size[2], int64_t channels)
{
    const dnnl_dims_t sizes = {images, channels, size[0], size[1]};
    const dnnl_dims_t strides = {size[0] * size[1] * channels, 1, size[1] * channels, channels};
    return layout_strided(layout, 4, sizes, strides);
}

static int weights_sizes(dnnl_dims_t sizes, const struct convolution *c)
{
    const dnnl_dims_t grouped = {c->groups, c->filters / c->groups, c->channels / c->groups, c->kernel[0],
                                 c->kernel[1]};
    const int skip = c->groups == 1;
    for (int i = skip; i < 5; i++)
        sizes[i - skip] = grouped[i];
    return 5 - skip;
}

static dnnl_status_t layout_plain_weights(struct layout *layout, const struct convolution *c)
{
    dnnl_dims_t sizes = {0}, strides = {0};
    const int64_t inner = c->channels / c->groups, filter = inner * c->kernel[0] * c->kernel[1];
    const dnnl_dims_t grouped = {filter * (c->filters / c->groups), filter, 1, inner * c->kernel[1], inner};
    const int skip = c->groups == 1;
    for (int i = skip; i < 5; i++)
        strides[i - skip] = grouped[i];
    return layout_strided(layout, weights_sizes(sizes, c), sizes, strides);
}

static descriptor weights_descriptor(const struct onednn *convolution)
{
    const bool gradient = convolution->argument[2] == DNNL_ARG_DIFF_WEIGHTS;
    return dnnl_primitive_desc_query_md(convolution->description,
                                        gradient ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0);
}

static dnnl_status_t layout_weights(struct layout *layout, const struct convolution *c, const struct onednn *like)
{
    if (like)
        return layout_copy(layout, weights_descriptor(like));
    dnnl_dims_t sizes = {0};
    const int rank = weights_sizes(sizes, c);
    return layout_any(layout, rank, sizes);
}

static dnnl_status_t describe_convolution(dnnl_primitive_desc_t *out, enum operation_kind kind, dnnl_engine_t engine,
                                          const struct convolution *c, const struct layout layouts[3],
                                          dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attributes)
{
    const descriptor x = layout_descriptor(&layouts[0]), w = layout_descriptor(&layouts[1]),
                     y = layout_descriptor(&layouts[2]);
    const dnnl_dims_t stride = {c->stride[0], c->stride[1]}, padding = {c->padding[0], c->padding[1]};
    const dnnl_alg_kind_t direct = dnnl_convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
    const dnnl_dims_t dilation = {0};
    if (kind == OP_CONV)
        return dnnl_convolution_forward_primitive_desc_create(out, engine, dnnl_forward_training, direct, x, w, NULL, y,
                                                              stride, dilation, padding, padding, attributes);
    if (kind == OP_CONV_DX)
        return dnnl_convolution_backward_data_primitive_desc_create(out, engine, direct, x, w, y, stride, dilation,
                                                                    padding, padding, hint, attributes);
    return dnnl_convolution_backward_weights_primitive_desc_create(out, engine, direct, x, w, NULL, y, stride, dilation,
                                                                   padding, padding, hint, attributes);
#else
    dnnl_convolution_desc_t description;
    dnnl_status_t status;
    if (kind == OP_CONV)
        status = dnnl_convolution_forward_desc_init(&description, dnnl_forward_training, direct, x, w, NULL, y, stride,
                                                    padding, padding);
    else if (kind == OP_CONV_DX)
        status = dnnl_convolution_backward_data_desc_init(&description, direct, x, w, y, stride, padding, padding);
    else
        status =
            dnnl_convolution_backward_weights_desc_init(&description, direct, x, w, NULL, y, stride, padding, padding);
    return status == dnnl_success ? dnnl_primitive_desc_create(out, &description, attributes, engine, hint) : status;
#endif
}

static dnnl_status_t describe_product(dnnl_primitive_desc_t *out, dnnl_engine_t engine, const struct layout layouts[3],
                                      dnnl_primitive_attr_t attributes)
{
    const descriptor a = layout_descriptor(&layouts[0]), b = layout_descriptor(&layouts[1]),
                     c = layout_descriptor(&layouts[2]);
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_matmul_primitive_desc_create(out, engine, a, b, NULL, c, attributes);
#else
    dnnl_matmul_desc_t description;
    const dnnl_status_t status = dnnl_matmul_desc_init(&description, a, b, NULL, c);
    return status == dnnl_success ? dnnl_primitive_desc_create(out, &description, attributes, engine, NULL) : status;
#endif
}

int onednn_threads(int threads)
{
    const int before = omp_get_max_threads ? omp_get_max_threads() : 1;
    if (omp_set_num_threads)
        omp_set_num_threads(threads);
    return before;
}

static dnnl_status_t attributes_new(dnnl_primitive_attr_t *out)
{
    dnnl_status_t status = dnnl_primitive_attr_create(out);
    return status == dnnl_success ? dnnl_primitive_attr_set_scratchpad_mode(*out, dnnl_scratchpad_mode_user) : status;
}

static descriptor argument_descriptor(const struct onednn *operation, int i)
{
    if (operation->argument[i] == DNNL_ARG_SCRATCHPAD)
        return dnnl_primitive_desc_query_md(operation->description, dnnl_query_scratchpad_md, 0);
    return dnnl_primitive_desc_query_md(operation->description, dnnl_query_exec_arg_md, operation->argument[i]);
}

static dnnl_status_t slot_new(struct slot *slot, const struct onednn *operation)
{
    dnnl_status_t status = dnnl_stream_create(&slot->stream, operation->engine, dnnl_stream_default_flags);
    for (int i = 0; i < ARGUMENTS && status == dnnl_success; i++)
        if (operation->argument[i])
            status = dnnl_memory_create(&slot->memory[i], argument_descriptor(operation, i), operation->engine,
                                        DNNL_MEMORY_NONE);
    return status;
}

/* From a primitive descriptor to something that runs. */
static dnnl_status_t finish(struct onednn *operation, int a, int b, int result, int slots)
{
    const int arguments[ARGUMENTS] = {a, b, result, DNNL_ARG_SCRATCHPAD};
    memcpy(operation->argument, arguments, sizeof arguments);
    operation->scratch = dnnl_memory_desc_get_size(argument_descriptor(operation, 3));
    if (operation->scratch == 0)
        operation->argument[3] = 0;
    dnnl_status_t status = dnnl_primitive_create(&operation->primitive, operation->description);
    operation->slot = memory_new((size_t)slots, sizeof *operation->slot);
    if (!operation->slot)
        return dnnl_out_of_memory;
    operation->slots = slots;
    for (int i = 0; i < slots && status == dnnl_success; i++)
        status = slot_new(&operation->slot[i], operation);
    return status;
}

static struct onednn *begin(void)
{
    struct onednn *operation = memory_new(1, sizeof *operation);
    if (operation && dnnl_engine_create(&operation->engine, dnnl_cpu, 0) != dnnl_success) {
        free(operation);
        operation = NULL;
    }
    return operation;
}

/* Hands the operation over, or frees it and says why not. */
static int deliver(struct onednn **out, struct onednn *operation, dnnl_status_t status, const char *what)
{
    *out = operation;
    if (status == dnnl_success)
        return 0;
    onednn_free(operation);
    *out = NULL;
    return error_set(status == dnnl_out_of_memory ? STATUS_MEMORY : STATUS_FAILED,
                     "oneDNN has no %s of these sizes (status %d)", what, (int)status);
}

static dnnl_status_t make_convolution(struct onednn *operation, const struct convolution *c,
                                      const struct layout layouts[3], int slots)
{
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_primitive_desc_t hint = NULL;
    dnnl_status_t status = attributes_new(&attributes);
    if (status == dnnl_success && c->kind != OP_CONV)
        status = describe_convolution(&hint, OP_CONV, operation->engine, c, layouts, NULL, attributes);
    if (status == dnnl_success)
        status =
            describe_convolution(&operation->description, c->kind, operation->engine, c, layouts, hint, attributes);
    if (status == dnnl_success && c->kind == OP_CONV)
        status = finish(operation, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, slots);
    else if (status == dnnl_success && c->kind == OP_CONV_DX)
        status = finish(operation, DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_SRC, slots);
    else if (status == dnnl_success)
        status = finish(operation, DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS, slots);
    if (hint)
        dnnl_primitive_desc_destroy(hint);
    if (attributes)
        dnnl_primitive_attr_destroy(attributes);
    return status;
}

int onednn_convolution(struct onednn **out, const struct convolution *c, int64_t images, const struct onednn *like,
                       int slots)
{
    struct onednn *operation = begin();
    if (!operation)
        return error_set(STATUS_MEMORY, "oneDNN cannot start");
    struct layout layouts[3];
    memset(layouts, 0, sizeof layouts);
    dnnl_status_t status = layout_images(&layouts[0], images, c->input, c->channels);
    if (status == dnnl_success)
        status = layout_weights(&layouts[1], c, like);
    if (status == dnnl_success)
        status = layout_images(&layouts[2], images, c->output, c->filters);
    if (status == dnnl_success)
        status = make_convolution(operation, c, layouts, slots);
    for (int i = 0; i < 3; i++)
        layout_free(&layouts[i]);
    return deliver(out, operation, status, "convolution");
}

static dnnl_status_t layout_matrix(struct layout *layout, int64_t batch, int64_t rows, int64_t columns,
                                   const int64_t stride[3])
{
    const int first = batch ? 0 : 1;
    const int64_t all[3] = {batch, rows, columns};
    dnnl_dims_t sizes = {0}, strides = {0};
    for (int i = first; i < 3; i++) {
        sizes[i - first] = all[i];
        strides[i - first] = stride[i];
    }
    return layout_strided(layout, 3 - first, sizes, strides);
}

int onednn_product(struct onednn **out, const struct onednn_product *p, int slots)
{
    struct onednn *operation = begin();
    if (!operation)
        return error_set(STATUS_MEMORY, "oneDNN cannot start");
    dnnl_primitive_attr_t attributes = NULL;
    struct layout layouts[3];
    memset(layouts, 0, sizeof layouts);
    dnnl_status_t status = layout_matrix(&layouts[0], p->batch, p->m, p->k, p->a_stride);
    if (status == dnnl_success)
        status = layout_matrix(&layouts[1], p->batch, p->k, p->n, p->b_stride);
    if (status == dnnl_success)
        status = layout_matrix(&layouts[2], p->batch, p->m, p->n, p->c_stride);
    if (status == dnnl_success)
        status = attributes_new(&attributes);
    if (status == dnnl_success)
        status = describe_product(&operation->description, operation->engine, layouts, attributes);
    if (status == dnnl_success)
        status = finish(operation, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, slots);
    for (int i = 0; i < 3; i++)
        layout_free(&layouts[i]);
    if (attributes)
        dnnl_primitive_attr_destroy(attributes);
    return deliver(out, operation, status, "matrix product");
}

int onednn_reorder(struct onednn **out, const struct convolution *shape, const struct onednn *convolution,
                   bool to_plain, int slots)
{
    struct onednn *operation = begin();
    if (!operation)
        return error_set(STATUS_MEMORY, "oneDNN cannot start");
    dnnl_primitive_attr_t attributes = NULL;
    struct layout layout;
    memset(&layout, 0, sizeof layout);
    dnnl_status_t status = layout_plain_weights(&layout, shape);
    if (status == dnnl_success)
        status = attributes_new(&attributes);
    if (status == dnnl_success) {
        const descriptor plain = layout_descriptor(&layout), own = weights_descriptor(convolution);
        status = dnnl_reorder_primitive_desc_create(&operation->description, to_plain ? own : plain, operation->engine,
                                                    to_plain ? plain : own, operation->engine, attributes);
    }
    if (status == dnnl_success)
        status = finish(operation, DNNL_ARG_FROM, 0, DNNL_ARG_TO, slots);
    layout_free(&layout);
    if (attributes)
        dnnl_primitive_attr_destroy(attributes);
    return deliver(out, operation, status, "reorder");
}

size_t onednn_weights_bytes(const struct onednn *convolution)
{
    return dnnl_memory_desc_get_size(weights_descriptor(convolution));
}

static uint64_t mix(uint64_t hash, const int64_t *values, int count)
{
    for (int i = 0; i < count; i++)
        hash = (hash ^ (uint64_t)values[i]) * UINT64_C(0x100000001b3) ^ hash >> 29;
    return hash;
}

uint64_t onednn_weights_layout(const struct onednn *convolution)
{
    const uint64_t seed = UINT64_C(0xcbf29ce484222325);
    const descriptor weights = weights_descriptor(convolution);
#if DNNL_VERSION_MAJOR >= 3
    int rank = 0, blocks = 0;
    const dnnl_dims_t *sizes = NULL, *strides = NULL, *block_sizes = NULL, *block_axes = NULL;
    if (dnnl_memory_desc_query(weights, dnnl_query_ndims_s32, &rank) != dnnl_success ||
        dnnl_memory_desc_query(weights, dnnl_query_dims, &sizes) != dnnl_success ||
        dnnl_memory_desc_query(weights, dnnl_query_strides, &strides) != dnnl_success ||
        dnnl_memory_desc_query(weights, dnnl_query_inner_nblks_s32, &blocks) != dnnl_success ||
        dnnl_memory_desc_query(weights, dnnl_query_inner_blks, &block_sizes) != dnnl_success ||
        dnnl_memory_desc_query(weights, dnnl_query_inner_idxs, &block_axes) != dnnl_success)
        return seed ^ (uint64_t)(uintptr_t)convolution; /* unknown, therefore like no other */
    const uint64_t outer = mix(mix(seed, *sizes, rank), *strides, rank);
    return mix(mix(outer, *block_sizes, blocks), *block_axes, blocks);
#else
    const dnnl_blocking_desc_t *blocking = &weights->format_desc.blocking;
    const uint64_t outer = mix(mix(seed, weights->dims, weights->ndims), blocking->strides, weights->ndims);
    return mix(mix(outer, blocking->inner_blks, blocking->inner_nblks), blocking->inner_idxs, blocking->inner_nblks);
#endif
}

size_t onednn_scratch(const struct onednn *operation)
{
    return (operation->scratch + 63) / 64 * 64;
}

void onednn_run(const struct onednn *operation, int slot, const void *a, const void *b, void *result, void *scratch)
{
    const struct slot *s = &operation->slot[slot];
    const void *pointers[ARGUMENTS] = {a, b, result, scratch};
    dnnl_exec_arg_t arguments[ARGUMENTS];
    int count = 0;
    for (int i = 0; i < ARGUMENTS; i++) {
        if (!operation->argument[i])
            continue;
        void *pointer;
        memcpy(&pointer, &pointers[i], sizeof pointer); /* oneDNN's handles are not const */
        dnnl_memory_set_data_handle(s->memory[i], pointer);
        arguments[count++] = (dnnl_exec_arg_t){operation->argument[i], s->memory[i]};
    }
    dnnl_primitive_execute(operation->primitive, s->stream, count, arguments);
}

static void slot_free(struct slot *slot)
{
    for (int i = 0; i < ARGUMENTS; i++)
        if (slot->memory[i])
            dnnl_memory_destroy(slot->memory[i]);
    if (slot->stream)
        dnnl_stream_destroy(slot->stream);
}

void onednn_free(struct onednn *operation)
{
    if (!operation)
        return;
    for (int i = 0; i < operation->slots; i++)
        slot_free(&operation->slot[i]);
    free(operation->slot);
    if (operation->primitive)
        dnnl_primitive_destroy(operation->primitive);
    if (operation->description)
        dnnl_primitive_desc_destroy(operation->description);
    if (operation->engine)
        dnnl_engine_destroy(operation->engine);
    free(operation);
}
