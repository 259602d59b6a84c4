/* conv and conv_dx: see conv_amx.h. Both gather: a pixel of the result is a sum over taps of pixels of the source. A
 * result of stride s falls into s x s phases, whose pixels have the same taps; those of conv are one phase, and its
 * source is what has the stride.
 *
 * The pixels that a row of taps sees lie side by side, and a term takes a tile's depth of their numbers: of one pixel
 * where channels are whole tiles, otherwise of several. A result of few channels makes columns of a tile of the pixels
 * of all phases of a row. Weights are zero where there is no tap. */
#include "kernel/cpu/conv_amx.h"

#include "base/error.h"
#include "base/least.h"
#include "base/memory.h"
#include "kernel/cpu/amx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PHASES_MAXIMUM = 4, COLUMNS = 2 * AMX_SIDE, TASKS = 8 /* at least, if there is work for them */ };

/* Along one axis: which places of the padded source a result's place of a phase sees. */
struct axis {
    int64_t size, before, after; /* of the padded source; zeros before the first place; the last that place 0 sees */
    int64_t places;              /* of the result, in a phase */
    int64_t source_step;         /* in the source, from one place of the result to the next of its phase */
    int64_t result_step;
};

struct phase {
    int64_t row, column; /* of its first pixel in the result */
    struct amx_term *terms;
    int64_t count;
    int64_t *tap;    /* of each term: the row of taps */
    int64_t *number; /* and the first of the numbers that the row sees */
    int64_t packed;  /* where its weights begin, in numbers */
};

struct gather {
    struct kernel kernel;
    struct convolution convolution;
    struct packing packing;
    struct axis axis[2];
    int phases;
    struct phase phase[PHASES_MAXIMUM];
    int64_t depth, channels; /* of a pixel of the source, of the result */
    int64_t width;           /* columns: the numbers of the result at a place, of one pixel or several */
    int64_t image;           /* numbers of a padded source */
    bool by_images;          /* what the rows of a tile are */
    int parts;               /* by images: of the blocks of columns */
};

static const struct gather *gather_of(const struct kernel *kernel)
{
    return (const struct gather *)(const void *)kernel;
}

static const int64_t *source_size(const struct convolution *c)
{
    return c->kind == OP_CONV ? c->input : c->output;
}

static const int64_t *result_size(const struct convolution *c)
{
    return c->kind == OP_CONV ? c->output : c->input;
}

/* ---- Sizes ------------------------------------------------------------------------------------------------------ */

/* Through which tap place 0 of a phase sees a place of the source, not padded; -1: through none. */
static int64_t tap_to(const struct convolution *c, int axis, int64_t phase, int64_t seen)
{
    const int64_t padding = c->padding[axis],
                  tap = c->kind == OP_CONV ? seen + padding : phase + padding - seen * c->stride[axis];
    return tap >= 0 && tap < c->kernel[axis] ? tap : -1;
}

static struct axis describe_axis(const struct convolution *c, int i)
{
    const bool forward = c->kind == OP_CONV;
    struct axis axis = {.source_step = forward ? c->stride[i] : 1, .result_step = forward ? 1 : c->stride[i]};
    const int64_t far = c->kernel[i] + c->padding[i]; /* nothing is seen beyond */
    axis.places = result_size(c)[i] / axis.result_step;
    for (int64_t seen = -far; seen <= far; seen++)
        for (int64_t phase = 0; phase < axis.result_step; phase++)
            if (tap_to(c, i, phase, seen) >= 0) {
                axis.before = -seen > axis.before ? -seen : axis.before;
                axis.after = seen > axis.after ? seen : axis.after;
            }
    axis.size = axis.before + (axis.places - 1) * axis.source_step + axis.after + 1;
    return axis;
}

/* The numbers that a row of taps sees. */
static int64_t row_numbers(const struct gather *g)
{
    return (g->axis[1].before + g->axis[1].after + 1) * g->depth;
}

/* The weight between a number that a row of taps sees and a column, as its place; -1: there is none. */
static int64_t weight_at(const struct gather *g, const struct phase *phase, int64_t tap, int64_t number, int64_t column)
{
    const struct convolution *c = &g->convolution;
    const int64_t beside = tap_to(c, 1, phase->column + column / g->channels, number / g->depth - g->axis[1].before);
    if (number >= row_numbers(g) || column >= g->width || beside < 0)
        return -1;
    const int64_t source = number % g->depth, result = column % g->channels;
    const int64_t filter = c->kind == OP_CONV ? result : source, channel = c->kind == OP_CONV ? source : result;
    return ((filter * c->kernel[0] + tap) * c->kernel[1] + beside) * c->channels + channel;
}

/* Whether a term that begins at this number has any weights. */
static bool has_weights(const struct gather *g, const struct phase *phase, int64_t number)
{
    for (int64_t i = 0; i < AMX_DEPTH; i++)
        for (int64_t column = 0; column < g->width; column += g->channels)
            if (weight_at(g, phase, 0, number + i, column) >= 0)
                return true;
    return false;
}

static int describe_phase(struct gather *g, int index)
{
    const struct convolution *c = &g->convolution;
    const int64_t beside = g->axis[1].result_step * g->channels / g->width; /* phases */
    const int64_t most = c->kernel[0] * ((row_numbers(g) + AMX_DEPTH - 1) / AMX_DEPTH);
    struct phase *phase = &g->phase[index];
    phase->row = index / beside;
    phase->column = index % beside;
    phase->terms = memory_new((size_t)most, sizeof *phase->terms);
    phase->tap = memory_new((size_t)most, sizeof *phase->tap);
    phase->number = memory_new((size_t)most, sizeof *phase->number);
    if (!phase->terms || !phase->tap || !phase->number)
        return STATUS_MEMORY;
    for (int64_t row = 0; row <= g->axis[0].before + g->axis[0].after; row++) {
        const int64_t tap = tap_to(c, 0, phase->row, row - g->axis[0].before);
        for (int64_t number = 0; tap >= 0 && number < row_numbers(g); number += AMX_DEPTH) {
            if (!has_weights(g, phase, number))
                continue;
            phase->terms[phase->count] =
                (struct amx_term){row * g->axis[1].size * g->depth + number, phase->count * 2 * AMX_TILE};
            phase->tap[phase->count] = tap;
            phase->number[phase->count++] = number;
        }
    }
    return 0;
}

static int64_t column_blocks(const struct gather *g)
{
    return (g->width + COLUMNS - 1) / COLUMNS;
}

/* ---- Weights ---------------------------------------------------------------------------------------------------- */

/* A tile of the weights (filters, taps, channels), of which rows are numbers of the source, and columns of the result.
 */
static void pack_tile(const struct gather *g, bfloat16 *to, const float *weights, const struct phase *phase,
                      int64_t term, int64_t column)
{
    const struct convolution *c = &g->convolution;
    const int64_t filter = c->kernel[0] * c->kernel[1] * c->channels;
    weights += weight_at(g, phase, phase->tap[term], phase->number[term], column);
    if (c->kind == OP_CONV_DX) {
        for (int64_t i = 0; i < AMX_DEPTH; i += 2)
            amx_narrow_pairs(to + i * AMX_SIDE, weights + i * filter, weights + (i + 1) * filter, AMX_SIDE);
        return;
    }
    bfloat16 rows[AMX_TILE];
    for (int64_t j = 0; j < AMX_SIDE; j++)
        amx_narrow(rows + j * AMX_DEPTH, weights + j * filter, AMX_DEPTH);
    amx_turn_pairs(to, AMX_DEPTH, rows);
}

/* The same where not all of it are weights, or not of one pixel. */
static void pack_cut_tile(const struct gather *g, bfloat16 *to, const float *weights, const struct phase *phase,
                          int64_t term, int64_t column)
{
    for (int64_t i = 0; i < AMX_DEPTH; i += 2) {
        float pair[2][AMX_SIDE];
        for (int64_t k = 0; k < 2 * AMX_SIDE; k++) {
            const int64_t at =
                weight_at(g, phase, phase->tap[term], phase->number[term] + i + k / AMX_SIDE, column + k % AMX_SIDE);
            pair[k / AMX_SIDE][k % AMX_SIDE] = at < 0 ? 0 : weights[at];
        }
        amx_narrow_pairs(to + i * AMX_SIDE, pair[0], pair[1], AMX_SIDE);
    }
}

/* A task is a block of columns of a phase. */
static void pack(const struct packing *packing, const void *plain, void *packed, int task)
{
    const struct gather *g = packing->context;
    const int64_t blocks = column_blocks(g), block = task % blocks;
    const struct phase *phase = &g->phase[task / blocks];
    const bool whole = g->depth % AMX_DEPTH == 0 && g->channels % AMX_SIDE == 0;
    bfloat16 *to = (bfloat16 *)packed + phase->packed + block * phase->count * 2 * AMX_TILE;
    for (int64_t t = 0; t < phase->count; t++)
        for (int64_t column = block * COLUMNS; column < g->width && column < (block + 1) * COLUMNS; column += AMX_SIDE)
            (whole ? pack_tile : pack_cut_tile)(g, to + t * 2 * AMX_TILE + (column - block * COLUMNS) * AMX_DEPTH,
                                                plain, phase, t, column);
}

/* ---- Sources ---------------------------------------------------------------------------------------------------- */

static void narrow_image(const struct gather *g, bfloat16 *to, const float *from)
{
    const int64_t *size = source_size(&g->convolution), row = g->axis[1].size * g->depth;
    const int64_t rows = least(size[0], g->axis[0].size - g->axis[0].before),
                  columns = least(size[1], g->axis[1].size - g->axis[1].before);
    memset(to, 0, (size_t)g->image * sizeof *to);
    for (int64_t i = 0; i < rows; i++)
        amx_narrow(to + (g->axis[0].before + i) * row + g->axis[1].before * g->depth, from + i * size[1] * g->depth,
                   columns * g->depth);
}

/* ---- Products --------------------------------------------------------------------------------------------------- */

/* A place of the result in a phase: its offset in the padded source, and in the result. */
static int64_t place_in_source(const struct gather *g, int64_t row, int64_t column)
{
    return (row * g->axis[0].source_step * g->axis[1].size + column * g->axis[1].source_step) * g->depth;
}

static int64_t place_in_result(const struct gather *g, int phase, int64_t row, int64_t column)
{
    const int64_t y = row * g->axis[0].result_step + g->phase[phase].row,
                  x = column * g->axis[1].result_step + g->phase[phase].column;
    return (y * result_size(&g->convolution)[1] + x) * g->channels;
}

static struct amx_product columns_of(const struct gather *g, int phase, int64_t block, const bfloat16 *packed)
{
    const struct phase *p = &g->phase[phase];
    struct amx_product product = {.b_row = AMX_DEPTH, .terms = p->terms, .count = p->count};
    product.b[0] = packed + p->packed + block * p->count * 2 * AMX_TILE;
    product.b[1] = (block + 1) * COLUMNS <= g->width ? product.b[0] + AMX_TILE : NULL;
    return product;
}

static void put_rows(struct amx_product *product, int i, const bfloat16 *a, float *c)
{
    product->a[i] = a;
    product->c[i][0] = c;
    product->c[i][1] = c + AMX_SIDE;
}

/* Columns that are no whole tile go by way of one. */
static void multiply_cut(const struct gather *g, struct amx_product *product)
{
    float tile[2][AMX_SIDE * AMX_SIDE], *c[2] = {product->c[0][0], product->c[1][0]};
    const ptrdiff_t row = product->c_row;
    for (int i = 0; i < 2; i++)
        product->c[i][0] = tile[i];
    product->c_row = AMX_SIDE;
    amx_multiply(product);
    product->c_row = row;
    for (int i = 0; i < 2 && product->a[i]; i++)
        for (int64_t k = 0; k < AMX_SIDE; k++)
            for (int64_t l = 0; l < g->width; l++)
                c[i][k * row + l] = tile[i][k * AMX_SIDE + l];
}

static void multiply(const struct gather *g, struct amx_product *product)
{
    if (g->width % AMX_SIDE == 0)
        amx_multiply(product);
    else
        multiply_cut(g, product);
}

/* One image; the rows of a tile are pixels. */
static void run_image(const struct gather *g, float *result, const bfloat16 *source, const bfloat16 *packed)
{
    const int64_t along = g->axis[1].places / AMX_SIDE, all = g->axis[0].places * along;
    for (int phase = 0; phase < g->phases; phase++)
        for (int64_t block = 0; block < column_blocks(g); block++) {
            struct amx_product product = columns_of(g, phase, block, packed);
            product.a_row = g->axis[1].source_step * g->depth;
            product.c_row = g->axis[1].result_step * g->channels;
            for (int64_t i = 0; i < all; i += 2) {
                product.a[1] = NULL;
                for (int64_t k = i; k < all && k < i + 2; k++) {
                    const int64_t row = k / along, column = k % along * AMX_SIDE;
                    put_rows(&product, (int)(k - i), source + place_in_source(g, row, column),
                             result + place_in_result(g, phase, row, column) + block * COLUMNS);
                }
                multiply(g, &product);
            }
        }
}

static void run_shard(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int shard)
{
    (void)phase;
    const struct gather *g = gather_of(kernel);
    const struct convolution *c = &g->convolution;
    const int64_t *from = source_size(c), *to = result_size(c);
    bfloat16 *source = arguments->thread_scratch;
    amx_begin();
    for (int64_t i = shard_first(c->images, c->shards, shard); i < shard_first(c->images, c->shards, shard + 1); i++) {
        narrow_image(g, source, (const float *)arguments->input[0] + i * from[0] * from[1] * g->depth);
        run_image(g, (float *)arguments->output[0] + i * to[0] * to[1] * g->channels, source, arguments->input[1]);
    }
    amx_end();
}

/* A task is a row of a phase, or its part of the blocks of columns; the rows of a tile are images. All blocks of
 * columns of a place come before the next place, so that the source is read once. */
static void run_row(const struct gather *g, const struct kernel_arguments *arguments, int task)
{
    const struct convolution *c = &g->convolution;
    const int part = task % g->parts, phase = task / g->parts / (int)g->axis[0].places;
    const int64_t row = task / g->parts % g->axis[0].places, blocks = column_blocks(g);
    const int64_t result = result_size(c)[0] * result_size(c)[1] * g->channels;
    const bfloat16 *source = arguments->shared_scratch;
    amx_begin();
    for (int64_t column = 0; column < g->axis[1].places; column++)
        for (int64_t image = 0; image < c->images; image += 2 * AMX_SIDE)
            for (int64_t block = shard_first(blocks, g->parts, part); block < shard_first(blocks, g->parts, part + 1);
                 block++) {
                struct amx_product product = columns_of(g, phase, block, arguments->input[1]);
                product.a_row = g->image;
                product.c_row = result;
                for (int64_t k = image; k < c->images && k < image + 2 * AMX_SIDE; k += AMX_SIDE)
                    put_rows(&product, (int)(k - image) / AMX_SIDE,
                             source + k * g->image + place_in_source(g, row, column),
                             (float *)arguments->output[0] + k * result + place_in_result(g, phase, row, column) +
                                 block * COLUMNS);
                multiply(g, &product);
            }
    amx_end();
}

static void run_wide(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int task)
{
    const struct gather *g = gather_of(kernel);
    const struct convolution *c = &g->convolution;
    const int64_t *from = source_size(c);
    if (phase == 1) {
        run_row(g, arguments, task);
        return;
    }
    for (int64_t i = shard_first(c->images, c->shards, task); i < shard_first(c->images, c->shards, task + 1); i++)
        narrow_image(g, (bfloat16 *)arguments->shared_scratch + i * g->image,
                     (const float *)arguments->input[0] + i * from[0] * from[1] * g->depth);
}

/* ---- Making ----------------------------------------------------------------------------------------------------- */

/* Of the pixels of all phases beside one another, where the channels of one are no whole tile. */
static int64_t columns_at_a_place(const struct convolution *c)
{
    const int64_t channels = c->kind == OP_CONV ? c->filters : c->channels;
    return channels % AMX_SIDE && c->kind == OP_CONV_DX ? c->stride[1] * channels : channels;
}

bool convolution_amx_suits(const struct convolution *c)
{
    if (c->kind == OP_CONV_DW)
        return convolution_amx_weights_suits(c);
    const bool forward = c->kind == OP_CONV;
    const int64_t channels = forward ? c->filters : c->channels;
    if (!amx_here() || !c->batch || c->groups != 1 || (channels % AMX_SIDE && columns_at_a_place(c) > AMX_SIDE))
        return false;
    for (int axis = 0; axis < 2; axis++)
        if (!forward && (c->stride[axis] > 2 || c->input[axis] % c->stride[axis] || c->kernel[axis] < c->stride[axis]))
            return false;
    const int64_t places = forward ? c->output[1] : c->input[1] / c->stride[1];
    return places % AMX_SIDE == 0 || c->images % AMX_SIDE == 0;
}

static void gather_free(struct kernel *kernel)
{
    struct gather *g = (struct gather *)(void *)kernel;
    for (int i = 0; i < g->phases; i++) {
        free(g->phase[i].terms);
        free(g->phase[i].tap);
        free(g->phase[i].number);
    }
    free(g);
}

static void declare_packing(struct gather *g)
{
    const struct convolution *c = &g->convolution;
    int64_t numbers = 0;
    for (int i = 0; i < g->phases; i++) {
        g->phase[i].packed = numbers;
        numbers += column_blocks(g) * g->phase[i].count * 2 * AMX_TILE;
    }
    g->packing = (struct packing){.bytes = (size_t)numbers * sizeof(bfloat16),
                                  .tasks = g->phases * (int)column_blocks(g),
                                  .run = pack,
                                  .context = g};
    snprintf(g->packing.key, sizeof g->packing.key, "amx%s %d %d %dx%d/%dx%d+%d+%d", c->kind == OP_CONV ? "" : "t",
             (int)c->filters, (int)c->channels, (int)c->kernel[0], (int)c->kernel[1], c->stride[0], c->stride[1],
             c->padding[0], c->padding[1]);
    g->kernel.packing[1] = &g->packing;
}

static void declare(struct gather *g)
{
    const struct convolution *c = &g->convolution;
    convolution_costs(&g->kernel, c);
    declare_packing(g);
    g->kernel.phases = 1;
    g->kernel.tasks[0] = c->shards;
    if (g->by_images) {
        g->kernel.run = run_wide;
        g->kernel.phases = 2;
        const int64_t rows = g->phases * g->axis[0].places, parts = rows < TASKS ? TASKS / rows : 1;
        g->parts = (int)least(parts, column_blocks(g));
        g->kernel.tasks[1] = (int)rows * g->parts;
        g->kernel.shared_scratch = (size_t)(g->image * c->images) * sizeof(bfloat16);
    } else {
        g->kernel.run = run_shard;
        g->kernel.sharded = true;
        g->kernel.thread_scratch = (size_t)g->image * sizeof(bfloat16);
    }
    snprintf(g->kernel.note, sizeof g->kernel.note, "bfloat16 tiles of %s", g->by_images ? "images" : "pixels");
}

int convolution_amx_make(struct kernel **out, const struct convolution *c)
{
    if (c->kind == OP_CONV_DW)
        return convolution_amx_weights_make(out, c);
    *out = NULL;
    struct gather *g = memory_new(1, sizeof *g);
    if (!g)
        return STATUS_MEMORY;
    g->kernel.free = gather_free;
    g->convolution = *c;
    g->depth = c->kind == OP_CONV ? c->channels : c->filters;
    g->channels = c->kind == OP_CONV ? c->filters : c->channels;
    g->width = columns_at_a_place(c);
    for (int i = 0; i < 2; i++)
        g->axis[i] = describe_axis(c, i);
    g->phases = (int)(g->axis[0].result_step * g->axis[1].result_step * g->channels / g->width);
    g->image = amx_distance(g->axis[0].size * g->axis[1].size * g->depth + AMX_DEPTH); /* a last term sees beyond it */
    g->by_images = g->axis[1].places % AMX_SIDE != 0;
    for (int i = 0; i < g->phases; i++)
        if (describe_phase(g, i) < 0) {
            gather_free(&g->kernel);
            return STATUS_MEMORY;
        }
    declare(g);
    *out = &g->kernel;
    return 0;
}
