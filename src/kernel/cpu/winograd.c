/* What the ways to run Winograd's algorithm share, and the choice between them. See winograd.h. */
#include "kernel/cpu/winograd.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

/* Weights at the points beyond this size no longer stay in the shared cache while the shards go by, and with fewer
 * tiles in a shard than this the weights take longer to arrive than to use. */
enum { STREAM_BYTES = 16 << 20, STREAM_TILES = 24 };

/* With fewer tiles, transforming the weights outweighs the products. */
enum { TILES_MINIMUM = 8 };

static const struct winograd_functions *scheme(const struct convolution *c)
{
    const struct vector_functions *vector = vector_functions_here();
    const bool square = c->kernel[0] == c->kernel[1] && c->stride[0] == c->stride[1];
    if (square && c->kernel[0] == 4 && c->stride[0] == 2)
        return vector->winograd_4_2;
    if (square && c->kernel[0] == 3 && c->stride[0] == 1)
        return vector->winograd_4_3;
    return NULL;
}

static int64_t tiles_along(const struct convolution *c, const struct winograd_functions *s, int axis)
{
    return (c->output[axis] + s->outputs - 1) / s->outputs;
}

/* Every pixel of x lies in some tile, so that conv_dx writes all of them. */
static bool covers(const struct convolution *c, const struct winograd_functions *s, int axis)
{
    return (c->input[axis] - 1 + c->padding[axis]) / c->stride[axis] <=
           tiles_along(c, s, axis) * s->outputs + s->taps - 2;
}

bool winograd_suits(const struct convolution *c)
{
    const struct winograd_functions *s = scheme(c);
    if (!s || c->groups != 1 || c->channels % LANES || c->filters % LANES || c->channels < LANES ||
        c->filters < LANES || !covers(c, s, 0) || !covers(c, s, 1))
        return false;
    const int side = s->outputs + s->taps - 1;
    const int64_t tiles = tiles_along(c, s, 0) * tiles_along(c, s, 1);
    return 3 * side * side * tiles <= 2 * s->taps * s->taps * c->output[0] * c->output[1] &&
           c->images * tiles >= TILES_MINIMUM;
}

struct place {
    int64_t image;
    int row, column; /* of tiles */
};

static struct place place_of(const struct winograd *w, int64_t tile)
{
    const int64_t inside = tile % w->image_tiles;
    return (struct place){tile / w->image_tiles, (int)(inside / w->tiles[1]), (int)(inside % w->tiles[1])};
}

static struct window window_x(const struct winograd *w, struct place place, int phase)
{
    const struct convolution *c = &w->convolution;
    const int64_t step = c->stride[0], size = w->transform->outputs;
    return (struct window){
        .height = c->input[0],
        .width = c->input[1],
        .channels = c->channels,
        .row = step * size * place.row + phase / step - c->padding[0],
        .column = step * size * place.column + phase % step - c->padding[1],
        .step = (int)step,
    };
}

static struct window window_y(const struct winograd *w, struct place place)
{
    const struct convolution *c = &w->convolution;
    const int64_t size = w->transform->outputs;
    return (struct window){
        .height = c->output[0],
        .width = c->output[1],
        .channels = c->filters,
        .row = size * place.row,
        .column = size * place.column,
        .step = 1,
    };
}

void winograd_load_x(const struct winograd *w, float *points, ptrdiff_t point, ptrdiff_t block, const float *x,
                     int64_t tile)
{
    const struct place place = place_of(w, tile);
    const struct point_strides strides = {point, block * w->phases};
    for (int phase = 0; phase < w->phases; phase++) {
        const struct window window = window_x(w, place, phase);
        w->transform->input_to_points(points + phase * block, strides, x + place.image * convolution_x(&w->convolution),
                                      &window);
    }
}

void winograd_load_y(const struct winograd *w, float *points, ptrdiff_t point, ptrdiff_t block, const float *y,
                     int64_t tile)
{
    const struct place place = place_of(w, tile);
    const struct window window = window_y(w, place);
    w->transform->output_to_points(points, (struct point_strides){point, block},
                                   y + place.image * convolution_y(&w->convolution), &window);
}

void winograd_store_x(const struct winograd *w, float *x, const float *points, ptrdiff_t point, ptrdiff_t block,
                      int64_t tile)
{
    const struct place place = place_of(w, tile);
    const struct point_strides strides = {point, block * w->phases};
    const int shared = w->transform->taps - 1, added[2] = {place.row ? shared : 0, place.column ? shared : 0};
    for (int phase = 0; phase < w->phases; phase++) {
        const struct window window = window_x(w, place, phase);
        w->transform->points_to_input(x + place.image * convolution_x(&w->convolution), &window, added,
                                      points + phase * block, strides);
    }
}

void winograd_store_y(const struct winograd *w, float *y, const float *points, ptrdiff_t point, ptrdiff_t block,
                      int64_t tile)
{
    const struct place place = place_of(w, tile);
    const struct window window = window_y(w, place);
    w->transform->points_to_output(y + place.image * convolution_y(&w->convolution), &window, points,
                                   (struct point_strides){point, block});
}

void winograd_pack(const struct winograd *w, float *packed, ptrdiff_t point, const float *weights, int64_t first,
                   int64_t last, int64_t column, int64_t columns)
{
    const int64_t panel = w->vector->panel, phased = LANES * w->phases;
    for (int64_t i = 0; i < columns; i += LANES) {
        const int64_t start = i / panel * panel, width = columns - start < panel ? columns - start : panel;
        float *to = packed + start * (last - first) + i % panel;
        if (w->convolution.kind == OP_CONV)
            w->transform->weights_by_filter(to, point, width, weights, &w->weights, column + i, first / phased,
                                            last / phased);
        else
            w->transform->weights_by_channel(to, point, width, weights, &w->weights, (column + i) / LANES, first, last);
    }
}

static void winograd_free(struct kernel *kernel)
{
    free(kernel);
}

static void declare(struct winograd *w)
{
    const struct convolution *c = &w->convolution;
    const int64_t bytes = (int64_t)sizeof(float) * w->points * w->inner * w->outer;
    if (c->kind == OP_CONV_DW)
        winograd_weights_declare(w);
    else if (c->batch && bytes <= STREAM_BYTES && c->images / c->shards * w->image_tiles >= STREAM_TILES)
        winograd_stream_declare(w);
    else
        winograd_wide_declare(w);
}

int winograd_make(struct kernel **out, const struct convolution *c)
{
    *out = NULL;
    struct winograd *w = memory_new(1, sizeof *w);
    if (!w)
        return STATUS_MEMORY;
    w->convolution = *c;
    w->vector = vector_functions_here();
    w->transform = scheme(c);
    w->weights = (struct phased_weights){c->channels, c->filters, {(int)c->kernel[0], (int)c->kernel[1]}, c->stride[0]};
    const int side = w->transform->outputs + w->transform->taps - 1;
    w->points = side * side;
    w->phases = c->stride[0] * c->stride[0];
    w->cuts = c->shards;
    for (int axis = 0; axis < 2; axis++)
        w->tiles[axis] = (int)tiles_along(c, w->transform, axis);
    w->image_tiles = (int64_t)w->tiles[0] * w->tiles[1];
    w->inner = c->kind == OP_CONV ? c->channels * w->phases : c->filters;
    w->outer = c->kind == OP_CONV ? c->filters : c->channels * w->phases;
    w->kernel.free = winograd_free;
    convolution_costs(&w->kernel, c);
    declare(w);
    *out = &w->kernel;
    return 0;
}
