/* conv and conv_dx by Winograd's algorithm where there are more weights than pixels: the whole batch at the points
 * first (phase 0), then the products, cut by columns (phase 1), then the result (phase 2). At the points the weights
 * are larger than they are plain, and larger than any cache; so a task transforms a small block of them into its own
 * scratch, and uses it for the whole batch at once, before it goes to the next. */
#include "kernel/cpu/winograd.h"

#include <stdio.h>

/* Columns of a task, and the part of the inner axis that is transformed at a time. */
enum { COLUMNS = 64, CHUNK = 128 };

struct whole {
    int64_t tiles;
    ptrdiff_t block, operand_point, result_point;
    float *operand, *result; /* (point, channel block, tile, LANES) */
};

static struct whole whole_of(const struct winograd *w, const struct kernel_arguments *arguments)
{
    const int64_t tiles = w->convolution.images * w->image_tiles;
    struct whole whole = {tiles,
                          tiles * LANES,
                          tiles * w->inner + WINOGRAD_GAP,
                          tiles * w->outer + WINOGRAD_GAP,
                          arguments->shared_scratch,
                          NULL};
    whole.result = whole.operand + w->points * whole.operand_point;
    return whole;
}

static void load(const struct winograd *w, const struct kernel_arguments *arguments, int cut)
{
    const struct whole whole = whole_of(w, arguments);
    for (int64_t tile = winograd_first_tile(w, cut); tile < winograd_first_tile(w, cut + 1); tile++)
        (w->convolution.kind == OP_CONV ? winograd_load_x : winograd_load_y)(
            w, whole.operand + tile * LANES, whole.operand_point, whole.block, arguments->input[0], tile);
}

static void multiply(const struct winograd *w, const struct kernel_arguments *arguments, int task)
{
    const struct whole whole = whole_of(w, arguments);
    const int64_t column = (int64_t)task * COLUMNS, left = w->outer - column, columns = left < COLUMNS ? left : COLUMNS;
    float *packed = arguments->thread_scratch;
    for (int64_t first = 0; first < w->inner; first += CHUNK) {
        const int64_t rows = w->inner - first < CHUNK ? w->inner - first : CHUNK;
        winograd_pack(w, packed, rows * columns + WINOGRAD_GAP, arguments->input[1], first, first + rows, column,
                      columns);
        const float *operand = whole.operand + first / LANES * whole.block;
        float *result = whole.result + column / LANES * whole.block;
        for (int p = 0; p < w->points; p++, operand += whole.operand_point, result += whole.result_point)
            w->vector->product(result, (struct result_strides){LANES, whole.block}, operand, whole.block,
                               packed + p * (rows * columns + WINOGRAD_GAP), (int)whole.tiles, rows, columns, first > 0,
                               operand + whole.operand_point, whole.tiles * rows / LINE);
    }
}

static void store(const struct winograd *w, const struct kernel_arguments *arguments, int cut)
{
    const struct whole whole = whole_of(w, arguments);
    for (int64_t tile = winograd_first_tile(w, cut); tile < winograd_first_tile(w, cut + 1); tile++)
        (w->convolution.kind == OP_CONV ? winograd_store_y : winograd_store_x)(
            w, arguments->output[0], whole.result + tile * LANES, whole.result_point, whole.block, tile);
}

static void run(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int task)
{
    (phase == 0 ? load : phase == 1 ? multiply : store)(winograd_of(kernel), arguments, task);
}

void winograd_wide_declare(struct winograd *w)
{
    const int64_t tiles = w->convolution.images * w->image_tiles;
    w->kernel.run = run;
    w->kernel.phases = 3;
    w->kernel.tasks[0] = w->kernel.tasks[2] = w->cuts;
    w->kernel.tasks[1] = (int)((w->outer + COLUMNS - 1) / COLUMNS);
    w->kernel.thread_scratch = sizeof(float) * (size_t)(w->points * (CHUNK * COLUMNS + WINOGRAD_GAP));
    w->kernel.shared_scratch = sizeof(float) * (size_t)(w->points * (tiles * (w->inner + w->outer) + 2 * WINOGRAD_GAP));
    snprintf(w->kernel.note, sizeof w->kernel.note, "winograd %dx%d wide %s", w->transform->outputs,
             w->transform->outputs, w->vector->name);
}
