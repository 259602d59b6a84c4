/* The one place that knows oneDNN's C API, of which 2.x and 3.x differ. What it gives: a primitive for fixed shapes,
 * in f32, that any number of tasks may run at the same time, each in its own slot, single-threaded, with scratch that
 * the caller provides. Nothing above this file includes dnnl.h. */
#ifndef KERNEL_CPU_ONEDNN_H
#define KERNEL_CPU_ONEDNN_H

#include "graph/operation.h"
#include "kernel/cpu/convolution.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct onednn;

/* How many threads the library uses on this thread, and fits its blocking to when something is made: set it to 1
 * before making what tasks are to run. Returns the number before. */
int onednn_threads(int threads);

/* OP_CONV, OP_CONV_DX or OP_CONV_DW of `images` images by direct convolution: activations (N, H, W, C), weights in a
 * layout that the library likes, or in that of `like`, if it is not NULL. *out is the caller's. */
int onednn_convolution(struct onednn **out, const struct convolution *convolution, int64_t images,
                       const struct onednn *like, int slots);

/* c = a b, or for each of `batch` matrices. Strides are in elements; c is dense in its last axis. */
struct onednn_product {
    int64_t batch, m, k, n;                        /* batch 0: plain matrices */
    int64_t a_stride[3], b_stride[3], c_stride[3]; /* of the batch, rows and columns */
};
int onednn_product(struct onednn **out, const struct onednn_product *product, int slots);

/* Copies weights from (O, kh, kw, C / groups) to the layout of `convolution` (to_plain: the other way round). */
int onednn_reorder(struct onednn **out, const struct convolution *shape, const struct onednn *convolution,
                   bool to_plain, int slots);

/* About the weights of a convolution: size, whether they are (O, kh, kw, C / groups) as they are, and a number that
 * is the same for the same layout and sizes. */
size_t onednn_weights_bytes(const struct onednn *convolution);
uint64_t onednn_weights_layout(const struct onednn *convolution);

/* Bytes of scratch that a run needs, a multiple of 64. */
size_t onednn_scratch(const struct onednn *operation);

/* Runs it: `a`, `b` and `result` are x, w, y; dy, w, dx; x, dy, dw; a, b, c; or source, NULL, destination.
 * Each slot is for one thread at a time. Scratch is aligned to 64. */
void onednn_run(const struct onednn *operation, int slot, const void *a, const void *b, void *result, void *scratch);

void onednn_free(struct onednn *operation); /* NULL is fine */

#endif
