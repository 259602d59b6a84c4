/* conv_dw: see conv_amx.h. For each tap the product of dy, transposed, and x, summed over pixels and images. Two images
 * are interleaved, which is how the unit wants its right operand, and lets a tap begin at any pixel. Where channels are
 * no whole tiles, a row of taps counts as one, with the channels of all its pixels.
 *
 * Long rows of pixels: sharded, a partial for each shard; a term is a stretch of a row of two images. Short ones: wide;
 * a term is a pixel of 32 images. */
#include "base/error.h"
#include "base/least.h"
#include "base/memory.h"
#include "kernel/cpu/amx.h"
#include "kernel/cpu/conv_amx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIR = 2, BLOCK = 2 * AMX_SIDE };

struct weights {
    struct kernel kernel;
    struct convolution convolution;
    bool by_images;
    bool by_rows;           /* a row of taps counts as one */
    int64_t taps, span;     /* of the kernel, and the numbers of x under each */
    int64_t size[2];        /* of a padded x */
    int64_t x_pair;         /* numbers of two padded images of x */
    int64_t y_row;          /* numbers between the rows of dy, transposed */
    int64_t y_part;         /* of dy, all filters: of two images by pixels, of a pixel by images */
    int64_t most;           /* images in a sum: of the largest shard, or of all */
    struct amx_term *terms; /* for `most` images, those of the first images first */
};

static const struct weights *weights_of(const struct kernel *kernel)
{
    return (const struct weights *)(const void *)kernel;
}

static int64_t pixels(const struct convolution *c)
{
    return c->output[0] * c->output[1];
}

/* ---- Operands --------------------------------------------------------------------------------------------------- */

/* Two images of x, padded and interleaved. */
static void load_x(const struct weights *w, bfloat16 *to, const float *from)
{
    const struct convolution *c = &w->convolution;
    const int64_t row = w->size[1] * c->channels * PAIR;
    memset(to, 0, (size_t)w->x_pair * sizeof *to);
    for (int64_t i = 0; i < c->input[0] && i + c->padding[0] < w->size[0]; i++) {
        const float *line = from + i * c->input[1] * c->channels;
        const int64_t left = w->size[1] - c->padding[1], columns = c->input[1] < left ? c->input[1] : left;
        amx_narrow_pairs(to + (i + c->padding[0]) * row + c->padding[1] * c->channels * PAIR, line,
                         line + convolution_x(c), columns * c->channels);
    }
}

/* AMX_SIDE pairs of one pixel or of several, `step` apart, of as many filters: each filter to its own row. */
static void load_y(const struct weights *w, bfloat16 *to, const float *from, int64_t step)
{
    bfloat16 rows[AMX_TILE];
    for (int i = 0; i < AMX_SIDE; i++)
        amx_narrow_pairs(rows + i * AMX_DEPTH, from + i * step, from + i * step + convolution_y(&w->convolution),
                         AMX_SIDE);
    amx_turn_pairs(to, w->y_row, rows);
}

/* ---- Products --------------------------------------------------------------------------------------------------- */

/* A block of filters and one of the numbers of x, of one tap. */
static void multiply(const struct weights *w, float *out, const bfloat16 *y, const bfloat16 *x, int64_t terms,
                     int64_t tap, int64_t filter, int64_t number)
{
    const struct convolution *c = &w->convolution;
    const int64_t row = w->taps * w->span, columns = least(w->span - number, BLOCK);
    const int64_t pixel = w->by_rows ? tap * w->size[1] : tap / c->kernel[1] * w->size[1] + tap % c->kernel[1];
    float cut[BLOCK * BLOCK];
    const bool whole = columns % AMX_SIDE == 0;
    struct amx_product product = {.a_row = w->y_row, .c_row = whole ? row : BLOCK, .terms = w->terms, .count = terms};
    product.b_row = w->by_images ? w->x_pair : c->stride[1] * c->channels * PAIR;
    x += (pixel * c->channels + number) * PAIR;
    out += filter * row + tap * w->span + number;
    for (int i = 0; i < 2; i++) {
        product.a[i] = filter + i * AMX_SIDE < c->filters ? y + (filter + i * AMX_SIDE) * w->y_row : NULL;
        product.b[i] = i * AMX_SIDE < columns ? x + i * AMX_SIDE * PAIR : NULL;
        for (int j = 0; j < 2; j++)
            product.c[i][j] = (whole ? out : cut) + i * AMX_SIDE * product.c_row + j * AMX_SIDE;
    }
    amx_multiply(&product);
    for (int64_t i = 0; !whole && i < least(c->filters - filter, BLOCK); i++)
        memcpy(out + i * row, cut + i * BLOCK, (size_t)columns * sizeof *out);
}

static void run_shard(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int shard)
{
    (void)phase;
    const struct weights *w = weights_of(kernel);
    const struct convolution *c = &w->convolution;
    const int64_t first = shard_first(c->images, c->shards, shard), end = shard_first(c->images, c->shards, shard + 1);
    bfloat16 *x = arguments->thread_scratch, *y = x + w->most / PAIR * w->x_pair;
    for (int64_t i = first; i < end; i += PAIR) {
        const float *dy = (const float *)arguments->input[1] + i * convolution_y(c);
        bfloat16 *to = y + (i - first) / PAIR * w->y_part;
        load_x(w, x + (i - first) / PAIR * w->x_pair, (const float *)arguments->input[0] + i * convolution_x(c));
        for (int64_t filter = 0; filter < c->filters; filter += AMX_SIDE)
            for (int64_t pixel = 0; pixel < pixels(c); pixel += AMX_SIDE)
                load_y(w, to + filter * w->y_row + pixel * PAIR, dy + pixel * c->filters + filter, c->filters);
    }
    amx_begin();
    const int64_t terms = (end - first) / PAIR * pixels(c) / AMX_SIDE;
    for (int64_t tap = 0; tap < w->taps; tap++)
        for (int64_t number = 0; number < w->span; number += BLOCK)
            for (int64_t filter = 0; filter < c->filters; filter += BLOCK)
                multiply(w, (float *)arguments->output[0] + shard * convolution_w(c), y, x, terms, tap, filter, number);
    amx_end();
}

/* Pairs of images of x, and pixels of dy. */
static void load_part(const struct weights *w, bfloat16 *x, bfloat16 *y, const struct kernel_arguments *arguments,
                      int part)
{
    const struct convolution *c = &w->convolution;
    const int64_t pairs = c->images / PAIR, all = pixels(c);
    const float *dy = arguments->input[1];
    for (int64_t i = shard_first(pairs, c->shards, part); i < shard_first(pairs, c->shards, part + 1); i++)
        load_x(w, x + i * w->x_pair, (const float *)arguments->input[0] + i * PAIR * convolution_x(c));
    for (int64_t pixel = shard_first(all, c->shards, part); pixel < shard_first(all, c->shards, part + 1); pixel++)
        for (int64_t filter = 0; filter < c->filters; filter += AMX_SIDE)
            for (int64_t i = 0; i < c->images; i += AMX_DEPTH)
                load_y(w, y + (i / AMX_DEPTH * all + pixel) * w->y_part + filter * w->y_row,
                       dy + i * convolution_y(c) + pixel * c->filters + filter, PAIR * convolution_y(c));
}

static void run_wide(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int task)
{
    const struct weights *w = weights_of(kernel);
    const struct convolution *c = &w->convolution;
    bfloat16 *x = arguments->shared_scratch, *y = x + c->images / PAIR * w->x_pair;
    if (phase == 0) {
        load_part(w, x, y, arguments, task);
        return;
    }
    amx_begin();
    for (int64_t filter = 0; filter < c->filters; filter += BLOCK)
        multiply(w, arguments->output[0], y, x, c->images / AMX_DEPTH * pixels(c), task % w->taps, filter,
                 task / w->taps * BLOCK);
    amx_end();
}

/* ---- Making ----------------------------------------------------------------------------------------------------- */

static bool by_pixels(const struct convolution *c)
{
    return c->output[1] % AMX_SIDE == 0 && c->images % (PAIR * c->shards) == 0;
}

bool convolution_amx_weights_suits(const struct convolution *c)
{
    return amx_here() && c->batch && c->groups == 1 && c->filters % AMX_SIDE == 0 &&
           (by_pixels(c) || c->images % AMX_DEPTH == 0);
}

static void weights_free(struct kernel *kernel)
{
    struct weights *w = (struct weights *)(void *)kernel;
    free(w->terms);
    free(w);
}

/* In the order of images, so that fewer images are fewer terms. */
static int find_terms(struct weights *w)
{
    const struct convolution *c = &w->convolution;
    const int64_t groups = w->most / (w->by_images ? AMX_DEPTH : PAIR), stretch = w->by_images ? 1 : AMX_SIDE;
    const int64_t x_group = w->by_images ? AMX_DEPTH / PAIR * w->x_pair : w->x_pair;
    w->terms = memory_new((size_t)(groups * pixels(c) / stretch), sizeof *w->terms);
    if (!w->terms)
        return STATUS_MEMORY;
    int64_t count = 0;
    for (int64_t group = 0; group < groups; group++)
        for (int64_t pixel = 0; pixel < pixels(c); pixel += stretch) {
            const int64_t row = pixel / c->output[1] * c->stride[0], column = pixel % c->output[1] * c->stride[1];
            w->terms[count++] = (struct amx_term){
                .a = w->by_images ? (group * pixels(c) + pixel) * w->y_part : group * w->y_part + pixel * PAIR,
                .b = group * x_group + (row * w->size[1] + column) * c->channels * PAIR,
            };
        }
    return 0;
}

static void declare(struct weights *w)
{
    const struct convolution *c = &w->convolution;
    const int64_t x = w->most / PAIR * w->x_pair;
    const int64_t y = w->by_images ? c->images / AMX_DEPTH * pixels(c) * w->y_part : w->most / PAIR * w->y_part;
    const size_t scratch = (size_t)(x + y) * sizeof(bfloat16);
    convolution_costs(&w->kernel, c);
    w->kernel.free = weights_free;
    w->kernel.phases = 1;
    w->kernel.tasks[0] = c->shards;
    if (w->by_images) {
        w->kernel.run = run_wide;
        w->kernel.phases = 2;
        w->kernel.tasks[1] = (int)(w->taps * ((w->span + BLOCK - 1) / BLOCK));
        w->kernel.shared_scratch = scratch;
    } else {
        w->kernel.run = run_shard;
        w->kernel.sharded = w->kernel.partials = true;
        w->kernel.thread_scratch = scratch;
    }
    snprintf(w->kernel.note, sizeof w->kernel.note, "bfloat16 tiles of %s",
             w->by_images ? "images" : "pixels, partials");
}

int convolution_amx_weights_make(struct kernel **out, const struct convolution *c)
{
    *out = NULL;
    struct weights *w = memory_new(1, sizeof *w);
    if (!w)
        return STATUS_MEMORY;
    w->convolution = *c;
    w->by_images = !by_pixels(c);
    w->by_rows = c->channels % AMX_SIDE != 0;
    w->taps = c->kernel[0] * (w->by_rows ? 1 : c->kernel[1]);
    w->span = c->channels * (w->by_rows ? c->kernel[1] : 1);
    w->most = w->by_images ? c->images : c->images / c->shards;
    for (int i = 0; i < 2; i++)
        w->size[i] = (c->output[i] - 1) * c->stride[i] + c->kernel[i];
    w->x_pair = amx_distance(w->size[0] * w->size[1] * c->channels * PAIR);
    w->y_row = w->by_images ? AMX_DEPTH : amx_distance(pixels(c) * PAIR);
    w->y_part = c->filters * w->y_row;
    if (find_terms(w) < 0) {
        weights_free(&w->kernel);
        return STATUS_MEMORY;
    }
    declare(w);
    *out = &w->kernel;
    return 0;
}
