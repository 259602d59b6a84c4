/* The sizes of one convolution, whichever of its three operations is asked for. */
#ifndef KERNEL_CPU_CONVOLUTION_H
#define KERNEL_CPU_CONVOLUTION_H

#include "kernel/kernel.h"

struct convolution {
    enum operation_kind kind; /* OP_CONV, OP_CONV_DX or OP_CONV_DW */
    int64_t images;
    int64_t input[2], output[2], kernel[2]; /* height, width: of x, of y, of w */
    int64_t channels, filters;              /* of x, of y */
    int stride[2], padding[2], groups;
    int shards;
    bool batch; /* the activations carry the batch axis */
};

void convolution_describe(struct convolution *out, const struct kernel_request *request);

/* Elements of one image of x, of one image of y, and of w. */
static inline int64_t convolution_x(const struct convolution *c)
{
    return c->input[0] * c->input[1] * c->channels;
}

static inline int64_t convolution_y(const struct convolution *c)
{
    return c->output[0] * c->output[1] * c->filters;
}

static inline int64_t convolution_w(const struct convolution *c)
{
    return c->filters * c->kernel[0] * c->kernel[1] * (c->channels / c->groups);
}

/* Fills what every kernel of a convolution has in common: flops and bytes. */
void convolution_costs(struct kernel *kernel, const struct convolution *convolution);

/* The ways to compute it. *out is the caller's. */
int convolution_direct_make(struct kernel **out, const struct convolution *convolution);
bool convolution_thin_suits(const struct convolution *convolution);
int convolution_thin_make(struct kernel **out, const struct convolution *convolution);

#endif
