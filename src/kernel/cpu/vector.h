/* The vectorised inner loops, one table of functions for each instruction set, chosen when the program runs. The
 * source of all of them is vector.inc; which processor they are for is decided there alone.
 *
 * Their common layout for a matrix of channels, of which the rows are tiles of an image: blocks of LANES channels,
 * [channel block][row][LANES]. Whatever the width of a vector is, it divides LANES. */
#ifndef KERNEL_CPU_VECTOR_H
#define KERNEL_CPU_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LANES = 16, SEGMENT = 8, LINE = 16 /* floats of a cache line */ };

/* A square window of an image (H, W, C): the pixels (row + i step, column + j step). Outside, the image is zero. */
struct window {
    int64_t height, width, channels;
    int64_t row, column;
    int step;
};

/* Where the values of a tile at the points of a Winograd scheme lie: value p of channel c is at
 * [p * point + c / LANES * block + c % LANES]. */
struct point_strides {
    ptrdiff_t point, block;
};

/* Weights (filters, height, width, channels), in phases: a convolution of stride s is a sum of s x s convolutions of
 * stride 1, of which phase (i, j) sees every s-th row from i on and every s-th column from j on. */
struct phased_weights {
    int64_t channels, filters;
    int size[2]; /* height, width */
    int stride;
};

/* Winograd's bilinear algorithm F(m x m, r x r) in n x n points, n = m + r - 1, and its adjoints:
 * y = A^T [(G w G^T) . (B^T x B)] A with x (n, n), w (r, r), y (m, m). */
struct winograd_functions {
    int outputs, taps; /* m, r */
    void (*input_to_points)(float *points, struct point_strides strides, const float *image,
                            const struct window *window); /* B^T x B */
    void (*output_to_points)(float *points, struct point_strides strides, const float *image,
                             const struct window *window); /* A y A^T */
    void (*points_to_output)(float *image, const struct window *window, const float *points,
                             struct point_strides strides); /* A^T p A, stored */
    /* B p B^T: added to the first `added` rows and columns (the neighbours' share), stored elsewhere. */
    void (*points_to_input)(float *image, const struct window *window, const int added[2], const float *points,
                            struct point_strides strides);
    /* G w G^T of LANES filters and of the channel blocks [first, last), as the matrix with rows (channel block, phase,
     * channel) and a column for each filter; `width` is the distance of rows. */
    void (*weights_by_filter)(float *points, ptrdiff_t point, ptrdiff_t width, const float *weights,
                              const struct phased_weights *shape, int64_t filter, int64_t first, int64_t last);
    /* The same of filters [first, last) and of one channel block and phase, block * phases + phase, as the matrix with
     * a row for each filter and LANES columns. */
    void (*weights_by_channel)(float *points, ptrdiff_t point, ptrdiff_t width, const float *weights,
                               const struct phased_weights *shape, int64_t block, int64_t first, int64_t last);
    /* G^T p G of one filter, one channel block and phase, stored or added. */
    void (*points_to_weights)(float *weights, const struct phased_weights *shape, int64_t filter, int64_t block,
                              const float *points, ptrdiff_t point, bool add);
};

/* Where the values of a product go: the distance of rows, and that of blocks of LANES columns. */
struct result_strides {
    ptrdiff_t row, block;
};

struct vector_functions {
    const char *name;
    int panel; /* columns that a product computes at a time: the right operand is packed in panels of so many */
    /* c (rows, n) = or += a (rows, k) b (k, n). a is in blocks, `a_stride` apart; b is packed: for each panel of
     * columns, the last of which may have only LANES, k rows. Meanwhile so many cache lines from `ahead` on, which
     * will be needed soon, are brought to the core's own cache, in order. */
    void (*product)(float *c, struct result_strides c_stride, const float *a, ptrdiff_t a_stride, const float *b,
                    int rows, int64_t k, int64_t n, bool add, const float *ahead, int64_t lines);
    /* c (m, n) = a^T b, summed over `rows` rows. a is row-major, `a_stride` apart; b and c are in blocks. `ahead` is
     * the next b. */
    void (*product_transposed)(float *c, ptrdiff_t c_stride, const float *a, ptrdiff_t a_stride, const float *b,
                               ptrdiff_t b_stride, int64_t m, int64_t n, int64_t rows, const float *ahead);
    /* Segments of `size` <= SEGMENT floats, one after another in a row of `width` floats from place `first` on, which
     * may be outside: segment i is the sum over the sources of what stands at source + i * stride. Sources may be read
     * up to SEGMENT floats. */
    void (*fold)(float *row, int64_t width, int64_t first, int size, int64_t count, const float *const *sources,
                 int source_count, ptrdiff_t stride);
    const struct winograd_functions *winograd_4_2, *winograd_4_3;
};

/* For the processor that this runs on. */
const struct vector_functions *vector_functions_here(void);

#endif
