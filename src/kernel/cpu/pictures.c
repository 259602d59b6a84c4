/* Pictures (N,H,W,C) on the processor: scaling by whole factors, bilinear resampling, affine warps, and their
 * transposes. The same definitions as the plain kernels', with positions in double and values in float; shards and
 * checks are the plain frame's. */
#include "kernel/cpu/pictures.h"

#include "kernel/cpu/program_vector.h"
#include "kernel/plain/plain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FEW_CHANNELS = 4 }; /* so few that a call would cost more than the work */

/* ---- By whole factors ----------------------------------------------------------------------------------------- */

static void repeat_pixels(float *restrict to, const float *restrict from, int64_t pixels, int times, int64_t channels)
{
    for (int64_t i = 0; i < pixels; i++, from += channels)
        for (int j = 0; j < times; j++, to += channels)
            if (channels <= FEW_CHANNELS)
                for (int64_t c = 0; c < channels; c++)
                    to[c] = from[c];
            else
                memcpy(to, from, (size_t)channels * sizeof *to);
}

static void upsample(const struct plain_task *task)
{
    const struct shape *x = &task->input[0].shape;
    const int *factor = task->operation->attributes.scale.factor;
    const int64_t row = x->size[2] * x->size[3], wide_row = row * factor[1];
    const float *from = task->input[0].data;
    float *to = task->output;
    for (int64_t i = 0; i < x->size[0] * x->size[1]; i++, from += row) {
        const float *first = to;
        repeat_pixels(to, from, x->size[2], factor[1], x->size[3]);
        to += wide_row;
        for (int j = 1; j < factor[0]; j++, to += wide_row)
            memcpy(to, first, (size_t)wide_row * sizeof *to);
    }
}

static void add_pixels(float *restrict to, const float *restrict from, int64_t pixels, int window, int64_t channels)
{
    for (int64_t i = 0; i < pixels; i++, to += channels)
        for (int j = 0; j < window; j++, from += channels)
            for (int64_t c = 0; c < channels; c++)
                to[c] += from[c];
}

static void sum_pool(const struct plain_task *task)
{
    const struct shape *y = &task->shape;
    const int *factor = task->operation->attributes.scale.factor;
    const int64_t row = y->size[2] * y->size[3], wide_row = row * factor[1];
    const float *from = task->input[0].data;
    float *to = task->output;
    for (int64_t i = 0; i < y->size[0] * y->size[1]; i++, to += row) {
        memset(to, 0, (size_t)row * sizeof *to);
        for (int j = 0; j < factor[0]; j++, from += wide_row)
            add_pixels(to, from, y->size[2], factor[1], y->size[3]);
    }
}

/* ---- Between pixels ------------------------------------------------------------------------------------------- */

/* Where one row of the result lies in the operand: pixel j at (y + j y_step, x + j x_step), in pixels of the operand.
 * Clamped to the border, or else zero outside. */
struct line {
    double y, x, y_step, x_step;
    bool clamped;
};

/* A point between four pixels: their offsets in the image and their weights. Those outside weigh nothing. */
struct corners {
    int64_t offset[4];
    float weight[4];
};

static double clamp(double value, double last)
{
    return value < 0 ? 0 : value > last ? last : value;
}

/* False if all four are outside. */
static inline bool find_corners(struct corners *corners, const struct line *line, int64_t j, const struct shape *image)
{
    const int64_t height = image->size[1], width = image->size[2], channels = image->size[3];
    double y = line->y + (double)j * line->y_step, x = line->x + (double)j * line->x_step;
    if (line->clamped)
        y = clamp(y, (double)(height - 1)), x = clamp(x, (double)(width - 1));
    if (!(y > -1 && y < (double)height && x > -1 && x < (double)width)) /* also if NaN */
        return false;
    const int64_t top = (int64_t)(y + 1) - 1, left = (int64_t)(x + 1) - 1;
    const float down = (float)(y - (double)top), right = (float)(x - (double)left);
    const bool inside[4] = {top >= 0, top + 1 < height, left >= 0, left + 1 < width};
    const float rows[2] = {inside[0] ? 1 - down : 0, inside[1] ? down : 0};
    const float columns[2] = {inside[2] ? 1 - right : 0, inside[3] ? right : 0};
    const int64_t at_row[2] = {inside[0] ? top : 0, inside[1] ? top + 1 : 0};
    const int64_t at_column[2] = {inside[2] ? left : 0, inside[3] ? left + 1 : 0};
    for (int i = 0; i < 4; i++) {
        corners->offset[i] = (at_row[i / 2] * width + at_column[i % 2]) * channels;
        corners->weight[i] = rows[i / 2] * columns[i % 2];
    }
    return true;
}

/* Half-pixel centres. */
static struct line resample_line(const struct shape *from, const struct shape *to, int64_t row)
{
    const double vertical = (double)from->size[1] / (double)to->size[1];
    const double horizontal = (double)from->size[2] / (double)to->size[2];
    return (struct line){
        .y = ((double)row + 0.5) * vertical - 0.5,
        .x = 0.5 * horizontal - 0.5,
        .x_step = horizontal,
        .clamped = true,
    };
}

/* theta (2,3) takes coordinates of the result to those of the operand; both run from -1 to 1 between the outer edges
 * of the border pixels. */
static struct line warp_line(const struct shape *from, const struct shape *to, const float *theta, int64_t row)
{
    const double y = (2 * (double)row + 1) / (double)to->size[1] - 1, x = 1 / (double)to->size[2] - 1;
    const double from_x = (double)theta[0] * x + (double)theta[1] * y + (double)theta[2];
    const double from_y = (double)theta[3] * x + (double)theta[4] * y + (double)theta[5];
    return (struct line){
        .y = ((from_y + 1) * (double)from->size[1] - 1) / 2,
        .x = ((from_x + 1) * (double)from->size[2] - 1) / 2,
        .y_step = (double)theta[3] / (double)to->size[2] * (double)from->size[1],
        .x_step = (double)theta[0] / (double)to->size[2] * (double)from->size[2],
    };
}

static struct line line_of(const struct plain_task *task, const struct shape *from, const struct shape *to,
                           int64_t image, int64_t row)
{
    const bool warp = task->operation->kind == OP_WARP || task->operation->kind == OP_WARP_ADJOINT;
    return warp ? warp_line(from, to, (const float *)task->input[1].data + 6 * image, row)
                : resample_line(from, to, row);
}

/* A row that reads whole pixels of one row, forwards or backwards: what shifts and mirrors come to. Pixels
 * [first, last) of the result are those of the operand at `offset`, then on by `stride`, in numbers; others are 0. */
struct run {
    int64_t first, last, offset, stride;
};

/* False if the line is no such row. Whole means: as near as theta, which is in float, can say. */
static bool find_run(struct run *run, const struct line *line, int64_t pixels, const struct shape *image)
{
    const int64_t height = image->size[1], width = image->size[2], channels = image->size[3];
    const double near = 0x1p-23 * (double)(height > width ? height : width), far = 0x1p30;
    const double row = rint(line->y), column = rint(line->x);
    if (line->clamped || line->y_step != 0 || !(fabs(fabs(line->x_step) - 1) <= 0x1p-48) ||
        !(fabs(line->y - row) <= near && fabs(line->x - column) <= near && fabs(row) < far && fabs(column) < far))
        return false;
    const int64_t y = (int64_t)row, x = (int64_t)column;
    const bool forwards = line->x_step > 0;
    const int64_t first = forwards ? -x : x - (width - 1), last = forwards ? width - x : x + 1;
    run->first = first > 0 ? first : 0;
    run->last = y < 0 || y >= height ? run->first : last < pixels ? last : pixels;
    if (run->first >= run->last)
        *run = (struct run){0, 0, 0, 0};
    else
        run->offset = (y * width + x + (forwards ? run->first : -run->first)) * channels;
    run->stride = forwards ? channels : -channels;
    return true;
}

static void copy_run(float *restrict to, const float *restrict image, const struct run *run, int64_t pixels,
                     int64_t channels)
{
    const float *from = image + run->offset;
    memset(to, 0, (size_t)(run->first * channels) * sizeof *to);
    memset(to + run->last * channels, 0, (size_t)((pixels - run->last) * channels) * sizeof *to);
    to += run->first * channels;
    if (run->stride > 0) {
        memcpy(to, from, (size_t)((run->last - run->first) * channels) * sizeof *to);
        return;
    }
    for (int64_t j = run->first; j < run->last; j++, to += channels, from += run->stride)
        for (int64_t c = 0; c < channels; c++)
            to[c] = from[c];
}

static void add_run(float *restrict image, const float *restrict values, const struct run *run, int64_t channels)
{
    float *to = image + run->offset;
    values += run->first * channels;
    if (run->stride > 0)
        for (int64_t i = 0; i < (run->last - run->first) * channels; i++)
            to[i] += values[i];
    else
        for (int64_t j = run->first; j < run->last; j++, values += channels, to += run->stride)
            for (int64_t c = 0; c < channels; c++)
                to[c] += values[c];
}

static void sample_row(float *to, const float *image, const struct line *line, const struct shape *from, int64_t width,
                       const struct vector_level *level)
{
    const int64_t channels = from->size[3];
    struct corners at;
    struct run run;
    if (find_run(&run, line, width, from)) {
        copy_run(to, image, &run, width, channels);
        return;
    }
    for (int64_t j = 0; j < width; j++, to += channels) {
        if (!find_corners(&at, line, j, from)) {
            memset(to, 0, (size_t)channels * sizeof *to);
        } else if (channels <= FEW_CHANNELS) {
            for (int64_t c = 0; c < channels; c++)
                to[c] = (at.weight[0] * image[at.offset[0] + c] + at.weight[1] * image[at.offset[1] + c]) +
                        (at.weight[2] * image[at.offset[2] + c] + at.weight[3] * image[at.offset[3] + c]);
        } else {
            level->blend(to, image, at.offset, at.weight, channels);
        }
    }
}

/* OP_RESAMPLE and OP_WARP. */
static void sample(const struct plain_task *task)
{
    const struct vector_level *level = program_vector_choose();
    const struct shape *from = &task->input[0].shape, *to = &task->shape;
    const int64_t image = from->size[1] * from->size[2] * from->size[3], row = to->size[2] * to->size[3];
    const float *x = task->input[0].data;
    float *y = task->output;
    for (int64_t n = 0; n < to->size[0]; n++, x += image)
        for (int64_t i = 0; i < to->size[1]; i++, y += row) {
            const struct line line = line_of(task, from, to, n, i);
            sample_row(y, x, &line, from, to->size[2], level);
        }
}

static void spread_row(float *image, const float *values, const struct line *line, const struct shape *from,
                       int64_t width, const struct vector_level *level)
{
    const int64_t channels = from->size[3];
    struct corners at;
    struct run run;
    if (find_run(&run, line, width, from)) {
        add_run(image, values, &run, channels);
        return;
    }
    for (int64_t j = 0; j < width; j++, values += channels) {
        if (!find_corners(&at, line, j, from))
            continue;
        for (int k = 0; k < 4 && channels <= FEW_CHANNELS; k++)
            for (int64_t c = 0; c < channels; c++)
                image[at.offset[k] + c] += at.weight[k] * values[c];
        if (channels > FEW_CHANNELS)
            level->spread(image, at.offset, at.weight, values, channels);
    }
}

/* OP_RESAMPLE_ADJOINT and OP_WARP_ADJOINT: what `sample` reads with a weight is added to with that weight. */
static void sample_adjoint(const struct plain_task *task)
{
    const struct vector_level *level = program_vector_choose();
    const struct shape *from = &task->shape, *to = &task->input[0].shape;
    const int64_t image = from->size[1] * from->size[2] * from->size[3], row = to->size[2] * to->size[3];
    const float *dy = task->input[0].data;
    float *dx = task->output;
    memset(dx, 0, (size_t)shape_elements(from) * sizeof *dx);
    for (int64_t n = 0; n < to->size[0]; n++, dx += image)
        for (int64_t i = 0; i < to->size[1]; i++, dy += row) {
            const struct line line = line_of(task, from, to, n, i);
            spread_row(dx, dy, &line, from, to->size[2], level);
        }
}

int pictures_make(struct kernel **out, const struct kernel_request *request)
{
    static plain_compute *const computes[OPERATION_KINDS] = {
        [OP_UPSAMPLE] = upsample,
        [OP_SUM_POOL] = sum_pool,
        [OP_RESAMPLE] = sample,
        [OP_RESAMPLE_ADJOINT] = sample_adjoint,
        [OP_WARP] = sample,
        [OP_WARP_ADJOINT] = sample_adjoint,
    };
    const int status = plain_make(out, request, computes[request->operation.kind], sizeof(float));
    if (status == 0)
        snprintf((*out)->note, sizeof (*out)->note, "pictures");
    return status;
}
