/* Residual blocks and how many of them each size has. */
#include "net/resnet.h"

#include "base/error.h"
#include "base/least.h"

#include <math.h>
#include <stdio.h>

enum { BLOCKS_MAXIMUM = 6, NAME_SIZE = 32 };

/* One row for each size of the shorter side; widths in multiples of the width at the highest resolution. */
static const struct plan {
    int64_t side;
    int64_t multiple; /* that both sides must be of */
    int seed;         /* width of the generator's seed */
    int ups, up[BLOCKS_MAXIMUM];
    int downs, blocks, down[BLOCKS_MAXIMUM]; /* the first `downs` of the discriminator's blocks halve */
} plans[] = {
    {32, 8, 1, 3, {1, 1, 1}, 2, 4, {1, 1, 1, 1}},
    {64, 32, 16, 4, {8, 4, 2, 1}, 5, 5, {1, 2, 4, 8, 16}},
    {128, 32, 16, 5, {16, 8, 4, 2, 1}, 5, 6, {1, 2, 4, 8, 16, 16}},
};

static const struct plan *find_plan(const struct network *network)
{
    const int64_t shorter = least(network->height, network->width);
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
        if (plans[i].side == shorter)
            return &plans[i];
    return NULL;
}

int resnet_check(const struct network *network)
{
    const struct plan *plan = find_plan(network);
    if (!plan || network->height % plan->multiple != 0 || network->width % plan->multiple != 0)
        return error_set(
            STATUS_INPUT,
            "network resnet cannot make %lldx%lld: the shorter side must be 32, 64 or 128 pixels and the longer "
            "one a multiple of 32 (of 8 beside 32)",
            (long long)network->width, (long long)network->height);
    if (network->normalise_d)
        return error_set(STATUS_INPUT, "network resnet has no batch norm in its discriminator");
    return 0;
}

/* "block2.conv1" without its bias. The shortcuts, kernels of 1, have no ReLU before them to make up for: gain 1. */
static struct node *convolve(const struct scope *scope, int block, const char *part, struct node *x, int64_t outputs,
                             int kernel)
{
    if (!x)
        return NULL;
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "block%d.%s", block, part);
    const int64_t area = (int64_t)kernel * kernel;
    const struct initial weights = initial_glorot(x->shape.size[3] * area, outputs * area, kernel == 1 ? 1 : sqrt(2));
    return layer_conv(scope, name, x, outputs, kernel, 1, weights);
}

static struct node *bias(const struct scope *scope, int block, const char *part, struct node *x)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "block%d.%s", block, part);
    return layer_bias(scope, name, x);
}

static struct node *conv(const struct scope *scope, int block, const char *part, struct node *x, int64_t outputs,
                         int kernel)
{
    return bias(scope, block, part, convolve(scope, block, part, x, outputs, kernel));
}

static struct node *norm(const struct scope *scope, const struct network *network, int block, const char *part,
                         struct node *x, const struct condition *condition)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "block%d.%s", block, part);
    return network_norm_g(scope, network, name, x, condition, initial_constant(1));
}

/* The published shortcut doubles before its kernel of 1, which gives the same at four times the work; likewise, in the
 * discriminator, it halves after it, and after the bias of the last convolution. */
static struct node *up_block(const struct scope *scope, const struct network *network, int block, struct node *x,
                             int64_t outputs, const struct condition *condition)
{
    struct graph *g = scope->graph;
    struct node *h = layer_relu(g, norm(scope, network, block, "norm1", x, condition));
    h = conv(scope, block, "conv1", layer_double(g, h), outputs, 3);
    h = layer_relu(g, norm(scope, network, block, "norm2", h, condition));
    h = conv(scope, block, "conv2", h, outputs, 3);
    return graph_add(g, h, layer_double(g, conv(scope, block, "shortcut", x, outputs, 1)));
}

static struct node *down_block(const struct scope *scope, int block, struct node *x, int64_t outputs, bool halve)
{
    if (!x)
        return NULL;
    struct graph *g = scope->graph;
    const bool first = block == 1; /* pictures are not rectified, and the first kernel is the one that widens */
    const int64_t inner = first ? outputs : x->shape.size[3];
    struct node *h = conv(scope, block, "conv1", first ? x : layer_relu(g, x), inner, 3);
    h = convolve(scope, block, "conv2", layer_relu(g, h), outputs, 3);
    h = bias(scope, block, "conv2", halve ? layer_halve(g, h) : h);
    if (!halve && x->shape.size[3] == outputs)
        return graph_add(g, h, x);
    struct node *shortcut = conv(scope, block, "shortcut", halve ? layer_halve(g, x) : x, outputs, 1);
    return graph_add(g, h, shortcut);
}

struct node *resnet_generator(const struct scope *scope, const struct network *network, struct node *z,
                              const struct condition *condition)
{
    struct graph *g = scope->graph;
    const struct plan *plan = find_plan(network);
    const int64_t height = network->height >> plan->ups, width = network->width >> plan->ups;
    const int64_t seed = plan->seed * network->features_g;
    struct node *h = network_labelled_latent(scope, network, z, condition);
    if (!h)
        return NULL;
    const struct initial dense = initial_glorot(h->shape.size[1], height * width * seed, 1);
    h = layer_bias(scope, "dense", layer_dense(scope, "dense", h, height * width * seed, dense));
    h = graph_reshape(g, h, shape_batch(z->shape.size[0], 3, (int64_t[]){height, width, seed}));
    for (int i = 0; i < plan->ups; i++)
        h = up_block(scope, network, i + 1, h, plan->up[i] * network->features_g, condition);
    if (network->normalise_g)
        h = layer_batch_norm(scope, "norm", h, initial_constant(1));
    const struct initial last = initial_glorot(9 * network->features_g, 9 * network->channels, 1);
    h = layer_conv(scope, "last", layer_relu(g, h), network->channels, 3, 1, last);
    return graph_tanh(g, layer_bias(scope, "last", h));
}

struct node *resnet_discriminator(const struct scope *scope, const struct network *network, struct node *x,
                                  const struct condition *condition)
{
    struct graph *g = scope->graph;
    const struct plan *plan = find_plan(network);
    struct node *h = network_labelled_pictures(scope, network, x, condition);
    for (int i = 0; i < plan->blocks; i++)
        h = down_block(scope, i + 1, h, plan->down[i] * network->features_d, i < plan->downs);
    h = layer_sum_pixels(g, layer_relu(g, h));
    return network_logits(scope, network, h, condition,
                          initial_glorot(plan->down[plan->blocks - 1] * network->features_d, 1, 1), true);
}
