/* Matrix products by oneDNN, cut along rows or columns of the result into a fixed number of tasks, each a product of
 * its own over the whole inner axis; so there are no partials, and nothing depends on threads.
 *
 * A product whose rows are the batch is sharded, unless a shard has so few rows that reading the right operand once
 * for each shard would cost more than the arithmetic: then it is cut by columns, and wide. */
#include "kernel/cpu/matmul.h"

#include "base/error.h"
#include "base/memory.h"
#include "kernel/cpu/onednn.h"

#include <stdlib.h>

enum axis { AXIS_BATCH, AXIS_ROWS, AXIS_COLUMNS };

/* A few rows for each shard, and a right operand that does not stay in a core's own cache. */
enum { FEW_ROWS = 48, LARGE_OPERAND = 1 << 18, COLUMN_CUTS = 16, COLUMNS_MINIMUM = 64, ROW_CUTS = 16 };

struct product {
    struct kernel kernel;
    struct onednn_product whole;
    enum axis axis; /* that is cut */
    int64_t size;   /* of that axis */
    int cuts;
    int64_t length[2]; /* of the two sizes of cuts; 0: there is no second */
    struct onednn *primitive[2];
};

static void run_cut(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int cut)
{
    (void)phase;
    const struct product *p = (const struct product *)(const void *)kernel;
    const int64_t first = shard_first(p->size, p->cuts, cut), length = shard_first(p->size, p->cuts, cut + 1) - first;
    if (length == 0)
        return;
    const int i = (int)p->axis;
    const float *a = arguments->input[0], *b = arguments->input[1];
    a += p->axis == AXIS_COLUMNS ? 0 : first * p->whole.a_stride[i];
    b += p->axis == AXIS_ROWS ? 0 : first * p->whole.b_stride[i];
    float *c = (float *)arguments->output[0] + first * p->whole.c_stride[i];
    onednn_run(p->primitive[length != p->length[0]], cut, a, b, c, arguments->thread_scratch);
}

static void product_free(struct kernel *kernel)
{
    if (!kernel)
        return;
    struct product *p = (struct product *)(void *)kernel;
    onednn_free(p->primitive[0]);
    onednn_free(p->primitive[1]);
    free(p);
}

/* Sizes and strides of m, k, n from the operands' shapes. */
static void describe(struct onednn_product *out, const struct kernel_request *request)
{
    const struct shape *a = &request->input[0], *b = &request->input[1], *c = &request->output;
    const bool *transpose = request->operation.attributes.matmul.transpose;
    const int64_t *a_size = a->size + a->rank - 2, *b_size = b->size + b->rank - 2, *c_size = c->size + c->rank - 2;
    *out = (struct onednn_product){
        .batch = c->rank == 3 ? c->size[0] : 0,
        .m = c_size[0],
        .k = a_size[!transpose[0]],
        .n = c_size[1],
        .a_stride = {a_size[0] * a_size[1], transpose[0] ? 1 : a_size[1], transpose[0] ? a_size[1] : 1},
        .b_stride = {b_size[0] * b_size[1], transpose[1] ? 1 : b_size[1], transpose[1] ? b_size[1] : 1},
        .c_stride = {c_size[0] * c_size[1], c_size[1], 1},
    };
}

static int at_most(int64_t wanted, int limit)
{
    return wanted < 1 ? 1 : wanted < limit ? (int)wanted : limit;
}

static void choose_cut(struct product *p, const struct kernel_request *request)
{
    const struct onednn_product *w = &p->whole;
    const bool batch = request->output.batch;
    const bool few_rows = w->m / request->shards < FEW_ROWS && w->k * w->n >= LARGE_OPERAND;
    p->kernel.sharded = false;
    if (w->batch) {
        p->axis = AXIS_BATCH;
        p->size = w->batch;
        p->cuts = request->shards;
        p->kernel.sharded = batch;
    } else if (batch && !(few_rows && w->n >= COLUMNS_MINIMUM)) {
        p->axis = AXIS_ROWS;
        p->size = w->m;
        p->cuts = request->shards;
        p->kernel.sharded = true;
    } else if (batch || w->n >= w->m) {
        p->axis = AXIS_COLUMNS;
        p->size = w->n;
        p->cuts = at_most(w->n / COLUMNS_MINIMUM, COLUMN_CUTS);
    } else {
        p->axis = AXIS_ROWS;
        p->size = w->m;
        p->cuts = at_most(w->m / COLUMNS_MINIMUM, ROW_CUTS);
    }
}

static int make_primitive(struct product *p, int which, int64_t length)
{
    struct onednn_product part = p->whole;
    *(p->axis == AXIS_BATCH ? &part.batch : p->axis == AXIS_ROWS ? &part.m : &part.n) = length;
    p->length[which] = length;
    const int status = onednn_product(&p->primitive[which], &part, p->cuts);
    if (status == 0 && onednn_scratch(p->primitive[which]) > p->kernel.thread_scratch)
        p->kernel.thread_scratch = onednn_scratch(p->primitive[which]);
    return status;
}

static int make_primitives(struct product *p)
{
    const int64_t smaller = p->size / p->cuts, larger = (p->size + p->cuts - 1) / p->cuts;
    int status = 0;
    if (smaller > 0)
        status = make_primitive(p, 0, smaller);
    if (status == 0 && larger != smaller)
        status = make_primitive(p, 1, larger);
    return status;
}

int matmul_make(struct kernel **out, const struct kernel_request *request)
{
    *out = NULL;
    struct product *p = memory_new(1, sizeof *p);
    if (!p)
        return STATUS_MEMORY;
    describe(&p->whole, request);
    p->kernel = (struct kernel){.run = run_cut, .free = product_free, .phases = 1, .note = "onednn matmul"};
    choose_cut(p, request);
    p->kernel.tasks[0] = p->cuts;
    const double count = p->whole.batch ? (double)p->whole.batch : 1, m = (double)p->whole.m, k = (double)p->whole.k,
                 n = (double)p->whole.n;
    p->kernel.flops = 2 * count * m * k * n;
    p->kernel.bytes = 4 * count * (m * k + k * n + m * n);
    const int threads = onednn_threads(1), status = make_primitives(p);
    onednn_threads(threads);
    if (status < 0) {
        product_free(&p->kernel);
        return status;
    }
    *out = &p->kernel;
    return 0;
}
