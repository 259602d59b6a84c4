/* Convolutions of stride 1 or 2 by Winograd's algorithm F(4 x 4, r x r). A convolution of stride s is s x s
 * convolutions of stride 1 (phases), so one of 4 x 4 taps and stride 2 costs 25 products where the definition has 64.
 *
 * All three operations are the same five steps, with the transforms and their adjoints changing places:
 *   conv     x -> points, w -> points, 25 matrix products, points -> y
 *   conv_dx  y -> points, w -> points, 25 matrix products, points -> x (tiles overlap and are added)
 *   conv_dw  x -> points, y -> points, 25 matrix products, points -> w
 * They differ in what stays where. The file winograd_stream.c is for layers of many pixels: a shard goes through in
 * blocks of tiles that stay in the core's own cache, while the weights, transformed once, stream by. winograd_wide.c
 * is for layers of many weights: the whole batch is transformed first, and each block of weights is transformed where
 * it is used. winograd_weights.c is conv_dw. */
#ifndef KERNEL_CPU_WINOGRAD_H
#define KERNEL_CPU_WINOGRAD_H

#include "kernel/cpu/convolution.h"
#include "kernel/cpu/vector.h"

/* Floats left free between the values of one point and those of the next. At a distance of a whole number of pages,
 * which the sizes of layers tend to give, all points of a tile would compete for the same few lines of the cache. */
enum { WINOGRAD_GAP = 48 };

struct winograd {
    struct kernel kernel;
    struct convolution convolution;
    const struct vector_functions *vector;
    const struct winograd_functions *transform;
    struct phased_weights weights;
    struct packing packing;
    int points, phases;
    int tiles[2];         /* of an image, vertically and horizontally */
    int64_t image_tiles;  /* their product */
    int cuts;             /* of the images */
    int64_t inner, outer; /* the matrix products are (tiles, inner) (inner, outer) */
    int block;            /* winograd_stream.c: the most tiles at a time */
    int blocks[2];        /* winograd_weights.c: of filters, of phased channels */
};

/* Whether Winograd's algorithm can do it and saves at least a third of the work. */
bool winograd_suits(const struct convolution *convolution);

/* *out is the caller's. */
int winograd_make(struct kernel **out, const struct convolution *convolution);

/* The parts of winograd_make; each fills in the kernel. */
void winograd_stream_declare(struct winograd *w);
void winograd_wide_declare(struct winograd *w);
void winograd_weights_declare(struct winograd *w);

static inline const struct winograd *winograd_of(const struct kernel *kernel)
{
    return (const struct winograd *)(const void *)kernel;
}

/* Tile number `tile`, counted through all images: its values at the points. The blocks of LANES (phased) channels are
 * `block` apart; x has `phases` times as many as channels. */
void winograd_load_x(const struct winograd *w, float *points, ptrdiff_t point, ptrdiff_t block, const float *x,
                     int64_t tile);
void winograd_load_y(const struct winograd *w, float *points, ptrdiff_t point, ptrdiff_t block, const float *y,
                     int64_t tile);
void winograd_store_x(const struct winograd *w, float *x, const float *points, ptrdiff_t point, ptrdiff_t block,
                      int64_t tile);
void winograd_store_y(const struct winograd *w, float *y, const float *points, ptrdiff_t point, ptrdiff_t block,
                      int64_t tile);

/* The weights at the points, as the right operand of the products: rows [first, last) of the inner axis, columns
 * [column, column + columns), packed in panels; both ranges in whole blocks. */
void winograd_pack(const struct winograd *w, float *packed, ptrdiff_t point, const float *weights, int64_t first,
                   int64_t last, int64_t column, int64_t columns);

static inline int64_t winograd_first_tile(const struct winograd *w, int cut)
{
    return shard_first(w->convolution.images, w->cuts, cut) * w->image_tiles;
}

#endif
