/* conv and conv_dx by Winograd's algorithm where there are more pixels than weights: sharded, the weights transformed
 * and packed once after each change. A shard is computed in blocks of tiles whose values at the points fit in the
 * core's own cache; the products of a point overwrite the values of points that have been used up. */
#include "kernel/cpu/winograd.h"

#include <stdio.h>

/* What a block of tiles may take at the points. A core's own cache is 1 to 2 MiB; the bits do not depend on it. */
enum { BLOCK_BYTES = 1700 << 10 };

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Floats of scratch for each tile of a block: operand and products share one place, and the operand lies at its end.
 * The products of point p end before the operand of point p begins. */
static int64_t floats_of_tile(const struct winograd *w)
{
    return w->points * larger(w->inner, w->outer) + (w->inner < w->outer ? w->inner : w->outer);
}

static int64_t floats_of_block(const struct winograd *w, int tiles)
{
    return tiles * floats_of_tile(w) + (w->points + 1) * WINOGRAD_GAP;
}

static void run_block(const struct winograd *w, const struct kernel_arguments *arguments, int64_t first, int tiles)
{
    const bool forward = w->convolution.kind == OP_CONV;
    const ptrdiff_t block = (ptrdiff_t)tiles * LANES, operand_point = tiles * w->inner + WINOGRAD_GAP,
                    result_point = tiles * w->outer + WINOGRAD_GAP;
    float *result = arguments->thread_scratch;
    float *operand = result + floats_of_block(w, tiles) - w->points * operand_point;
    for (int tile = 0; tile < tiles; tile++)
        (forward ? winograd_load_x : winograd_load_y)(w, operand + (ptrdiff_t)tile * LANES, operand_point, block,
                                                      arguments->input[0], first + tile);
    const float *packed = arguments->input[1];
    const int64_t weights = w->inner * w->outer, panel = w->inner * w->vector->panel;
    for (int p = 0; p < w->points; p++, packed += weights)
        w->vector->product(result + p * result_point, (struct result_strides){LANES, block},
                           operand + p * operand_point, block, packed, tiles, w->inner, w->outer, false, packed + panel,
                           weights / LINE);
    for (int tile = 0; tile < tiles; tile++)
        (forward ? winograd_store_y : winograd_store_x)(w, arguments->output[0], result + (ptrdiff_t)tile * LANES,
                                                        result_point, block, first + tile);
}

static void run_shard(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int shard)
{
    (void)phase;
    const struct winograd *w = winograd_of(kernel);
    const int64_t first = winograd_first_tile(w, shard), tiles = winograd_first_tile(w, shard + 1) - first;
    const int blocks = (int)((tiles + w->block - 1) / w->block);
    for (int i = 0; i < blocks; i++) {
        const int64_t start = shard_first(tiles, blocks, i);
        run_block(w, arguments, first + start, (int)(shard_first(tiles, blocks, i + 1) - start));
    }
}

static void pack_panel(const struct packing *packing, const void *plain, void *packed, int panel)
{
    const struct winograd *w = packing->context;
    const int64_t column = (int64_t)panel * w->vector->panel, left = w->outer - column;
    winograd_pack(w, (float *)packed + column * w->inner, w->inner * w->outer, plain, 0, w->inner, column,
                  left < w->vector->panel ? left : w->vector->panel);
}

void winograd_stream_declare(struct winograd *w)
{
    const struct convolution *c = &w->convolution;
    const int64_t tiles = (c->images + c->shards - 1) / c->shards * w->image_tiles, bytes = floats_of_tile(w) * 4;
    const int64_t most = BLOCK_BYTES / bytes < LANES ? LANES : BLOCK_BYTES / bytes;
    w->block = (int)(tiles < most ? tiles : most);
    w->kernel.run = run_shard;
    w->kernel.phases = 1;
    w->kernel.tasks[0] = w->cuts;
    w->kernel.sharded = true;
    w->kernel.thread_scratch = sizeof(float) * (size_t)floats_of_block(w, w->block);
    w->packing = (struct packing){
        .bytes = sizeof(float) * (size_t)(w->points * w->inner * w->outer),
        .tasks = (int)((w->outer + w->vector->panel - 1) / w->vector->panel),
        .run = pack_panel,
        .context = w,
    };
    snprintf(w->packing.key, sizeof w->packing.key, "winograd%d%s %d %d %dx%d/%d %s", w->transform->outputs,
             c->kind == OP_CONV ? "" : "t", (int)c->filters, (int)c->channels, (int)c->kernel[0], (int)c->kernel[1],
             c->stride[0], w->vector->name);
    w->kernel.packing[1] = &w->packing;
    snprintf(w->kernel.note, sizeof w->kernel.note, "winograd %dx%d %s", w->transform->outputs, w->transform->outputs,
             w->vector->name);
}
