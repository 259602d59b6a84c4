/* Which of the ways to compute a convolution is the fastest for given sizes: a fixed rule, so that the same network
 * gives the same bits on every run. */
#include "kernel/cpu/conv.h"

#include "kernel/cpu/conv_amx.h"
#include "kernel/cpu/convolution.h"
#include "kernel/cpu/winograd.h"

void convolution_describe(struct convolution *out, const struct kernel_request *request)
{
    const enum operation_kind kind = request->operation.kind;
    const struct conv_attributes *attributes = &request->operation.attributes.conv;
    const struct shape *x = kind == OP_CONV_DX ? &request->output : &request->input[0];
    const struct shape *y = kind == OP_CONV ? &request->output : &request->input[kind == OP_CONV_DW];
    const struct shape *w = kind == OP_CONV_DW ? &request->output : &request->input[1];
    *out = (struct convolution){
        .kind = kind,
        .images = x->size[0],
        .input = {x->size[1], x->size[2]},
        .output = {y->size[1], y->size[2]},
        .kernel = {w->size[1], w->size[2]},
        .channels = x->size[3],
        .filters = y->size[3],
        .stride = {attributes->stride[0], attributes->stride[1]},
        .padding = {attributes->padding[0], attributes->padding[1]},
        .groups = attributes->groups,
        .shards = request->shards,
        .batch = x->batch,
    };
    if (kind == OP_CONV_DX)
        out->images = y->size[0], out->batch = y->batch;
}

void convolution_costs(struct kernel *kernel, const struct convolution *c)
{
    const double products = (double)c->images * (double)(c->output[0] * c->output[1]) * (double)convolution_w(c);
    const double activations = (double)c->images * (double)(convolution_x(c) + convolution_y(c));
    kernel->flops = 2 * products;
    kernel->bytes = 4 * (activations + (double)convolution_w(c));
}

int conv_make(struct kernel **out, const struct kernel_request *request, bool round)
{
    struct convolution convolution;
    convolution_describe(&convolution, request);
    if (round && convolution_amx_suits(&convolution))
        return convolution_amx_make(out, &convolution);
    if (winograd_suits(&convolution))
        return winograd_make(out, &convolution);
    if (convolution_thin_suits(&convolution))
        return convolution_thin_make(out, &convolution);
    return convolution_direct_make(out, &convolution);
}
