/* conv_dw by Winograd's algorithm: x and dy at the points, for each point the product of the one, transposed, with the
 * other, summed over tiles, and back to weights. The products are cut in blocks of filters and phased channels, small
 * enough that a block, at all points, stays in the core's own cache until it is turned into weights.
 *
 * Small weights: sharded, a partial for each shard. Large ones: wide, since partials would cost more than they save;
 * the whole batch is brought to the points first, and the blocks are the tasks. */
#include "kernel/cpu/winograd.h"

#include <stdio.h>

enum { FILTERS = 64, CHANNELS = 128 };

/* Sharded if a shard has enough tiles for products that are worth it, and either the weights are small or the batch at
 * the points is larger than any cache. A shard goes through in blocks of tiles. */
enum { PARTIAL_TILES = 48, PARTIAL_BYTES = 1 << 20, POINTS_BYTES = 64 << 20, BLOCK_TILES = 64 };

/* x is (point, channel block, tile, LANES). dy is (point, tile, filter), with some room between the tiles: at a
 * distance of a power of two they would compete for the same few lines of the cache. */
struct points {
    int64_t tiles;
    ptrdiff_t x_block, x_point, y_tile, y_point;
    float *x, *y;
};

static struct points points_of(const struct winograd *w, float *scratch, int64_t tiles)
{
    const int64_t channels = w->convolution.channels * w->phases, y_tile = w->convolution.filters + LANES;
    struct points points = {
        tiles, tiles * LANES, tiles * channels + WINOGRAD_GAP, y_tile, tiles * y_tile + WINOGRAD_GAP, scratch, NULL};
    points.y = points.x + w->points * points.x_point;
    return points;
}

static size_t floats_of_tiles(const struct winograd *w, int64_t tiles)
{
    return (size_t)(w->points * (tiles * (w->convolution.channels * w->phases + w->convolution.filters + LANES) +
                                 2 * WINOGRAD_GAP));
}

static size_t floats_of_product(const struct winograd *w)
{
    return (size_t)(w->points * (FILTERS * CHANNELS + WINOGRAD_GAP));
}

static void load(const struct winograd *w, const struct kernel_arguments *arguments, struct points points,
                 int64_t first, int64_t last, int64_t origin)
{
    for (int64_t tile = first; tile < last; tile++) {
        winograd_load_x(w, points.x + (tile - origin) * LANES, points.x_point, points.x_block, arguments->input[0],
                        tile);
        winograd_load_y(w, points.y + (tile - origin) * points.y_tile, points.y_point, LANES, arguments->input[1],
                        tile);
    }
}

/* Blocks are as equal as can be, in units of LANES. */
static int64_t block_first(int64_t size, int blocks, int block)
{
    return shard_first(size / LANES, blocks, block) * LANES;
}

/* weights = or += the part of block `task` of the sum over these tiles. */
static void multiply(const struct winograd *w, struct points points, float *product, float *weights, int task, bool add)
{
    const int row = task % w->blocks[0], column = task / w->blocks[0];
    const int64_t filters = w->convolution.filters, channels = w->convolution.channels * w->phases;
    const int64_t filter = block_first(filters, w->blocks[0], row),
                  filter_end = block_first(filters, w->blocks[0], row + 1),
                  channel = block_first(channels, w->blocks[1], column),
                  channel_end = block_first(channels, w->blocks[1], column + 1);
    const int64_t m = filter_end - filter, n = channel_end - channel, point = m * n + WINOGRAD_GAP;
    const float *x = points.x + channel / LANES * points.x_block, *y = points.y + filter;
    for (int p = 0; p < w->points; p++, x += points.x_point, y += points.y_point)
        w->vector->product_transposed(product + p * point, m * LANES, y, points.y_tile, x, points.x_block, m, n,
                                      points.tiles, x + points.x_point);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n / LANES; j++)
            w->transform->points_to_weights(weights, &w->weights, filter + i, channel / LANES + j,
                                            product + (j * m + i) * LANES, point, add);
}

static void run_shard(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int shard)
{
    (void)phase;
    const struct winograd *w = winograd_of(kernel);
    const int64_t first = winograd_first_tile(w, shard), tiles = winograd_first_tile(w, shard + 1) - first;
    const int parts = (int)((tiles + BLOCK_TILES - 1) / BLOCK_TILES);
    float *product = arguments->thread_scratch;
    float *partial = (float *)arguments->output[0] + shard * convolution_w(&w->convolution);
    for (int part = 0; part < parts; part++) {
        const int64_t start = first + shard_first(tiles, parts, part),
                      end = first + shard_first(tiles, parts, part + 1);
        const struct points points = points_of(w, product + floats_of_product(w), end - start);
        load(w, arguments, points, start, end, start);
        for (int task = 0; task < w->blocks[0] * w->blocks[1]; task++)
            multiply(w, points, product, partial, task, part > 0);
    }
}

static void run_wide(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int task)
{
    const struct winograd *w = winograd_of(kernel);
    const struct points points = points_of(w, arguments->shared_scratch, w->convolution.images * w->image_tiles);
    if (phase == 0)
        load(w, arguments, points, winograd_first_tile(w, task), winograd_first_tile(w, task + 1), 0);
    else
        multiply(w, points, arguments->thread_scratch, arguments->output[0], task, false);
}

static bool partials_pay(const struct winograd *w)
{
    const struct convolution *c = &w->convolution;
    const bool small = convolution_w(c) * (int64_t)sizeof(float) <= PARTIAL_BYTES;
    const bool large_points = floats_of_tiles(w, c->images * w->image_tiles) * sizeof(float) > POINTS_BYTES;
    return c->batch && c->images / c->shards * w->image_tiles >= PARTIAL_TILES && (small || large_points);
}

void winograd_weights_declare(struct winograd *w)
{
    const struct convolution *c = &w->convolution;
    const bool partials = partials_pay(w);
    const size_t product = floats_of_product(w);
    w->blocks[0] = (int)((c->filters + FILTERS - 1) / FILTERS);
    w->blocks[1] = (int)((c->channels * w->phases + CHANNELS - 1) / CHANNELS);
    w->kernel.sharded = w->kernel.partials = partials;
    w->kernel.tasks[0] = w->cuts;
    if (partials) {
        w->kernel.run = run_shard;
        w->kernel.phases = 1;
        w->kernel.thread_scratch = sizeof(float) * (product + floats_of_tiles(w, BLOCK_TILES));
    } else {
        w->kernel.run = run_wide;
        w->kernel.phases = 2;
        w->kernel.tasks[1] = w->blocks[0] * w->blocks[1];
        w->kernel.thread_scratch = sizeof(float) * product;
        w->kernel.shared_scratch = sizeof(float) * floats_of_tiles(w, c->images * w->image_tiles);
    }
    snprintf(w->kernel.note, sizeof w->kernel.note, "winograd %dx%d %s %s", w->transform->outputs,
             w->transform->outputs, partials ? "partials" : "wide", w->vector->name);
}
