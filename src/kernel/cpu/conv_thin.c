/* conv_dx to an image of few channels, the last layer of a generator: for each row of dy one matrix product gives what
 * every pixel contributes to its kh x kw neighbourhood in dx (n = kh kw C columns), and each row of dx is the sum of
 * the contributions that fall on it. The rows of contributions that are still needed stay in cache. */
#include "base/error.h"
#include "base/memory.h"
#include "kernel/cpu/convolution.h"
#include "kernel/cpu/vector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An axis of k taps and stride s falls into k / s parts of s taps; a part is contiguous in w and in x. */
enum { PARTS_MAXIMUM = 4 };

struct thin {
    struct kernel kernel;
    struct convolution convolution;
    const struct vector_functions *vector;
    struct packing packing;
    int cuts, parts[2];
    int64_t columns; /* kh kw C, rounded up to LANES */
    int64_t guard;   /* zero pixels on either side of a row of contributions */
    int64_t row;     /* floats of a row of contributions */
};

bool convolution_thin_suits(const struct convolution *c)
{
    bool parts = true;
    for (int axis = 0; axis < 2; axis++)
        parts = parts && c->kernel[axis] % c->stride[axis] == 0 && c->kernel[axis] / c->stride[axis] <= PARTS_MAXIMUM;
    return c->kind == OP_CONV_DX && c->groups == 1 && parts && c->stride[1] * c->channels <= SEGMENT &&
           c->filters % LANES == 0 && (c->output[1] - 1) * c->stride[1] + c->kernel[1] - c->padding[1] >= c->input[1];
}

/* dy, one row of pixels, from (pixel, filter) to blocks of filters. */
static void block_pixels(float *to, const float *from, int64_t pixels, int64_t filters)
{
    for (int64_t pixel = 0; pixel < pixels; pixel++)
        for (int64_t block = 0; block < filters / LANES; block++)
            memcpy(to + (block * pixels + pixel) * LANES, from + pixel * filters + block * LANES,
                   LANES * sizeof(float));
}

struct rows {
    float *blocked, *ring, *zero;
};

static struct rows rows_of(const struct thin *t, float *scratch)
{
    struct rows rows = {scratch, NULL, NULL};
    rows.ring = rows.blocked + t->convolution.output[1] * t->convolution.filters;
    rows.zero = rows.ring + t->parts[0] * t->row;
    return rows;
}

static void contribute(const struct thin *t, struct rows rows, const float *dy, const float *packed, int64_t p)
{
    const struct convolution *c = &t->convolution;
    block_pixels(rows.blocked, dy + p * c->output[1] * c->filters, c->output[1], c->filters);
    t->vector->product(rows.ring + p % t->parts[0] * t->row + t->guard * t->columns,
                       (struct result_strides){t->columns, LANES}, rows.blocked, c->output[1] * LANES, packed,
                       (int)c->output[1], c->filters, t->columns, false, NULL, 0);
}

/* Row h of dx: tap u of row p of dy falls on it if p stride + u - padding = h. */
static void collect(const struct thin *t, struct rows rows, float *dx, int64_t h)
{
    const struct convolution *c = &t->convolution;
    const float *sources[PARTS_MAXIMUM * PARTS_MAXIMUM];
    int count = 0;
    for (int i = 0; i < t->parts[0]; i++) {
        const int64_t u = (h + c->padding[0]) % c->stride[0] + (int64_t)i * c->stride[0];
        const int64_t p = (h + c->padding[0] - u) / c->stride[0];
        const bool inside = h + c->padding[0] >= u && p < c->output[0];
        const float *row = inside ? rows.ring + p % t->parts[0] * t->row : rows.zero;
        for (int j = 0; j < t->parts[1]; j++)
            sources[count++] = row + (t->guard - j) * t->columns + (u * c->kernel[1] + j * c->stride[1]) * c->channels;
    }
    const int64_t segments = c->output[1] + t->parts[1] - 1;
    t->vector->fold(dx + h * c->input[1] * c->channels, c->input[1] * c->channels, -c->padding[1] * c->channels,
                    c->stride[1] * (int)c->channels, segments, sources, count, t->columns);
}

static void run_image(const struct thin *t, struct rows rows, float *dx, const float *dy, const float *packed)
{
    const struct convolution *c = &t->convolution;
    int64_t h = 0;
    for (int64_t p = 0; h < c->input[0]; p++) {
        if (p < c->output[0])
            contribute(t, rows, dy, packed, p);
        for (; h < c->input[0] && (h + c->padding[0]) / c->stride[0] <= p; h++)
            collect(t, rows, dx, h);
    }
}

static void run_cut(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int cut)
{
    (void)phase;
    const struct thin *t = (const struct thin *)(const void *)kernel;
    const struct convolution *c = &t->convolution;
    const struct rows rows = rows_of(t, arguments->thread_scratch);
    memset(rows.ring, 0, (size_t)((t->parts[0] + 1) * t->row) * sizeof(float)); /* the guards, and the row of zeros */
    for (int64_t i = shard_first(c->images, t->cuts, cut); i < shard_first(c->images, t->cuts, cut + 1); i++)
        run_image(t, rows, (float *)arguments->output[0] + i * convolution_x(c),
                  (const float *)arguments->input[0] + i * convolution_y(c), arguments->input[1]);
}

/* (O, kh, kw, C) is the matrix already, but for the panels. */
static void pack(const struct packing *packing, const void *plain, void *packed, int task)
{
    (void)task;
    const struct thin *t = packing->context;
    const int64_t used = t->convolution.kernel[0] * t->convolution.kernel[1] * t->convolution.channels;
    const float *from = plain;
    float *to = packed;
    for (int64_t start = 0; start < t->columns; start += t->vector->panel) {
        const int64_t left = t->columns - start, width = left < t->vector->panel ? left : t->vector->panel;
        for (int64_t filter = 0; filter < t->convolution.filters; filter++)
            for (int64_t i = start; i < start + width; i++)
                *to++ = i < used ? from[filter * used + i] : 0;
    }
}

static void thin_free(struct kernel *kernel)
{
    free(kernel);
}

int convolution_thin_make(struct kernel **out, const struct convolution *c)
{
    *out = NULL;
    struct thin *t = memory_new(1, sizeof *t);
    if (!t)
        return STATUS_MEMORY;
    t->convolution = *c;
    t->vector = vector_functions_here();
    t->cuts = c->shards;
    for (int axis = 0; axis < 2; axis++)
        t->parts[axis] = (int)c->kernel[axis] / c->stride[axis];
    t->columns = (c->kernel[0] * c->kernel[1] * c->channels + LANES - 1) / LANES * LANES;
    t->guard = t->parts[1];
    t->row = (c->output[1] + 2 * t->guard) * t->columns;
    t->kernel = (struct kernel){
        .run = run_cut,
        .free = thin_free,
        .phases = 1,
        .tasks = {t->cuts},
        .sharded = c->batch,
        .thread_scratch = sizeof(float) * (size_t)(c->output[1] * c->filters + (t->parts[0] + 1) * t->row + SEGMENT),
    };
    convolution_costs(&t->kernel, c);
    t->packing = (struct packing){
        .bytes = sizeof(float) * (size_t)(c->filters * t->columns), .tasks = 1, .run = pack, .context = t};
    snprintf(t->packing.key, sizeof t->packing.key, "thin %d %d %dx%d %s", (int)c->filters, (int)c->channels,
             (int)c->kernel[0], (int)c->kernel[1], t->vector->name);
    t->kernel.packing[1] = &t->packing;
    snprintf(t->kernel.note, sizeof t->kernel.note, "columns %s", t->vector->name);
    *out = &t->kernel;
    return 0;
}
