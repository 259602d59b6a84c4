/* A convolution by oneDNN's direct algorithm, one primitive run for each shard. Any geometry; the weights are packed
 * to the layout that the library asks for. A weight gradient is one partial for each shard, brought back to the plain
 * layout when the library computed it in its own. */
#include "base/error.h"
#include "base/memory.h"
#include "kernel/cpu/convolution.h"
#include "kernel/cpu/onednn.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct direct {
    struct kernel kernel;
    struct convolution convolution;
    int cuts;                    /* of the images */
    int64_t images[2];           /* of the two sizes of cuts; 0: there is no second */
    struct onednn *primitive[2]; /* NULL for a size of 0 */
    struct onednn *reorder;      /* of the weights, or of their gradient */
    size_t primitive_scratch, gradient_bytes;
    struct packing packing;
};

static const struct direct *direct_of(const struct kernel *kernel)
{
    return (const struct direct *)(const void *)kernel;
}

static void run_images(const struct direct *d, const struct kernel_arguments *arguments, int cut, int64_t first,
                       const struct onednn *primitive)
{
    const struct convolution *c = &d->convolution;
    const int64_t x = first * convolution_x(c), y = first * convolution_y(c);
    const float *a = arguments->input[0], *b = arguments->input[1];
    float *result = arguments->output[0];
    char *scratch = arguments->thread_scratch;
    if (c->kind == OP_CONV) {
        onednn_run(primitive, cut, a + x, b, result + y, scratch);
    } else if (c->kind == OP_CONV_DX) {
        onednn_run(primitive, cut, a + y, b, result + x, scratch);
    } else {
        char *gradient = scratch + d->primitive_scratch, *reorder_scratch = gradient + d->gradient_bytes;
        onednn_run(primitive, cut, a + x, b + y, gradient, scratch);
        onednn_run(d->reorder, cut, gradient, NULL, result + cut * convolution_w(c), reorder_scratch);
    }
}

static void run_cut(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int cut)
{
    (void)phase;
    const struct direct *d = direct_of(kernel);
    const struct convolution *c = &d->convolution;
    const int64_t first = shard_first(c->images, d->cuts, cut),
                  images = shard_first(c->images, d->cuts, cut + 1) - first;
    if (images > 0)
        run_images(d, arguments, cut, first, d->primitive[images != d->images[0]]);
    else if (c->kind == OP_CONV_DW)
        memset((float *)arguments->output[0] + cut * convolution_w(c), 0, (size_t)convolution_w(c) * sizeof(float));
}

static void pack(const struct packing *packing, const void *plain, void *packed, int task)
{
    (void)task;
    const struct direct *d = packing->context;
    onednn_run(d->reorder, 0, plain, NULL, packed, NULL);
}

static void direct_free(struct kernel *kernel)
{
    if (!kernel)
        return;
    struct direct *d = (struct direct *)(void *)kernel;
    onednn_free(d->primitive[0]);
    onednn_free(d->primitive[1]);
    onednn_free(d->reorder);
    free(d);
}

/* Shards are of two sizes at most, one image apart. Both must read the same packed weights. */
static int make_primitives(struct direct *d)
{
    const struct convolution *c = &d->convolution;
    const int64_t smaller = c->images / d->cuts, larger = (c->images + d->cuts - 1) / d->cuts;
    d->images[0] = smaller;
    d->images[1] = larger == smaller ? 0 : larger;
    int status = 0;
    if (smaller > 0)
        status = onednn_convolution(&d->primitive[0], c, smaller, NULL, d->cuts);
    if (status == 0 && larger != smaller)
        status = onednn_convolution(&d->primitive[1], c, larger, d->primitive[0], d->cuts);
    return status;
}

static const struct onednn *some_primitive(const struct direct *d)
{
    return d->primitive[0] ? d->primitive[0] : d->primitive[1];
}

static void declare_packing(struct direct *d)
{
    const size_t bytes = onednn_weights_bytes(some_primitive(d));
    d->packing = (struct packing){.bytes = bytes, .tasks = 1, .run = pack, .context = d};
    snprintf(d->packing.key, sizeof d->packing.key, "onednn %016" PRIx64, onednn_weights_layout(some_primitive(d)));
    d->kernel.packing[1] = &d->packing;
}

static size_t larger_scratch(const struct direct *d)
{
    size_t bytes = 0;
    for (int i = 0; i < 2; i++)
        if (d->primitive[i] && onednn_scratch(d->primitive[i]) > bytes)
            bytes = onednn_scratch(d->primitive[i]);
    return bytes;
}

static int prepare(struct direct *d)
{
    const struct convolution *c = &d->convolution;
    const bool gradient = c->kind == OP_CONV_DW;
    int status = make_primitives(d);
    if (status == 0)
        status = onednn_reorder(&d->reorder, c, some_primitive(d), gradient, gradient ? d->cuts : 1);
    if (status < 0)
        return status;
    if (!gradient && onednn_scratch(d->reorder) > 0)
        return error_set(STATUS_FAILED, "oneDNN wants scratch to reorder weights");
    d->primitive_scratch = larger_scratch(d);
    d->kernel.thread_scratch = d->primitive_scratch;
    if (gradient) {
        d->gradient_bytes = (onednn_weights_bytes(some_primitive(d)) + 63) / 64 * 64;
        d->kernel.thread_scratch += d->gradient_bytes + onednn_scratch(d->reorder);
    } else {
        declare_packing(d);
    }
    return 0;
}

int convolution_direct_make(struct kernel **out, const struct convolution *c)
{
    *out = NULL;
    struct direct *d = memory_new(1, sizeof *d);
    if (!d)
        return STATUS_MEMORY;
    d->convolution = *c;
    d->cuts = c->batch || c->kind != OP_CONV_DW ? c->shards : 1;
    d->kernel = (struct kernel){
        .run = run_cut,
        .free = direct_free,
        .phases = 1,
        .tasks = {d->cuts},
        .sharded = c->batch,
        .partials = c->batch && c->kind == OP_CONV_DW,
        .note = "onednn direct",
    };
    convolution_costs(&d->kernel, c);
    const int threads = onednn_threads(1), status = prepare(d);
    onednn_threads(threads);
    if (status < 0) {
        direct_free(&d->kernel);
        return status;
    }
    *out = &d->kernel;
    return 0;
}
