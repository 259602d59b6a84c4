/* Stages of residual blocks. */
#include "net/r3gan.h"

#include "base/error.h"

#include <math.h>
#include <stdio.h>

enum { BLOCKS = 2, GROUP = 16, EXPANSION = 2, WIDEST = 8, NAME_SIZE = 48 };

static bool has_groups(int64_t features)
{
    return features * EXPANSION % GROUP == 0 || GROUP % (features * EXPANSION) == 0;
}

int r3gan_check(const struct network *network)
{
    const int status = network_check_doublings(network, "r3gan");
    if (status < 0)
        return status;
    if (!has_groups(network->features_g) || !has_groups(network->features_d))
        return error_set(STATUS_INPUT,
                         "network r3gan has groups of %d channels: features must be 1, 2, 4 or a multiple of %d", GROUP,
                         GROUP / EXPANSION);
    if (network->normalise_g || network->normalise_d)
        return error_set(STATUS_INPUT, "network r3gan has no batch norm");
    return 0;
}

/* Channels of stage `stage`, counted from the seed, of a network with `count` doublings. */
static int64_t stage_width(int64_t features, int count, int stage)
{
    const int64_t multiple = (int64_t)1 << (count - stage);
    return features * (multiple < WIDEST ? multiple : WIDEST);
}

static struct initial keep_variance(int64_t inputs, double gain)
{
    return initial_normal(0, gain / sqrt((double)inputs));
}

/* "stage1.block2.conv1", then its bias and the activation. */
static struct node *biased_activation(const struct scope *scope, const struct network *network, const char *name,
                                      struct node *x)
{
    return layer_leaky_relu(scope->graph, layer_bias(scope, name, x), network->slope);
}

/* The gain of the first two layers makes up for the activation and falls with the number of blocks in the network, so
 * that together they change the output of the first steps by a fixed amount (Zhang, Dauphin, Ma 2019). */
static struct node *block(const struct scope *scope, const struct network *network, const char *name, struct node *x,
                          int blocks)
{
    if (!x)
        return NULL;
    const int64_t features = x->shape.size[3], wide = features * EXPANSION, group = wide < GROUP ? wide : GROUP;
    const double gain = sqrt(2 / (1 + network->slope * network->slope)) * pow(blocks, -0.25);
    char conv[NAME_SIZE + 8];
    snprintf(conv, sizeof conv, "%s.conv1", name);
    struct node *h = layer_conv(scope, conv, x, wide, 1, 1, keep_variance(features, gain));
    h = biased_activation(scope, network, conv, h);
    snprintf(conv, sizeof conv, "%s.conv2", name);
    h = layer_conv(scope, conv, h, wide, 3, (int)(wide / group), keep_variance(9 * group, gain));
    h = biased_activation(scope, network, conv, h);
    snprintf(conv, sizeof conv, "%s.conv3", name);
    return graph_add(scope->graph, x, layer_conv(scope, conv, h, features, 1, 1, initial_constant(0)));
}

static struct node *stage_blocks(const struct scope *scope, const struct network *network, int stage, int stages,
                                 struct node *h)
{
    for (int i = 0; i < BLOCKS; i++) {
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "stage%d.block%d", stage + 1, i + 1);
        h = block(scope, network, name, h, BLOCKS * stages);
    }
    return h;
}

/* A kernel of 1 to `outputs` channels, or nothing if there are as many. */
static struct node *widen(const struct scope *scope, int stage, struct node *x, int64_t outputs)
{
    if (!x || x->shape.size[3] == outputs)
        return x;
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "stage%d.width", stage + 1);
    return layer_conv(scope, name, x, outputs, 1, 1, keep_variance(x->shape.size[3], 1));
}

static struct node *resample_up(struct graph *g, struct node *x)
{
    return x ? graph_resample(g, x, 2 * x->shape.size[1], 2 * x->shape.size[2]) : NULL;
}

static struct node *resample_down(struct graph *g, struct node *x)
{
    return x ? graph_scale(g, graph_resample_adjoint(g, x, x->shape.size[1] / 2, x->shape.size[2] / 2), 0.25) : NULL;
}

struct node *r3gan_generator(const struct scope *scope, const struct network *network, struct node *z,
                             const struct condition *condition)
{
    struct graph *g = scope->graph;
    const int count = network_doublings(network);
    const int64_t height = network->height >> count, width = network->width >> count;
    const int64_t seed = stage_width(network->features_g, count, 0);
    struct node *h = network_labelled_latent(scope, network, z, condition);
    if (!h)
        return NULL;
    h = layer_dense(scope, "dense", h, seed, keep_variance(h->shape.size[1], 1));
    h = graph_reshape(g, h, shape_batch(z->shape.size[0], 3, (int64_t[]){1, 1, seed}));
    h = graph_multiply(
        g, h,
        scope_weight(scope, "basis.weight", shape_of(4, (int64_t[]){1, height, width, seed}), initial_normal(0, 1)));
    for (int i = 0; i <= count; i++) {
        if (i > 0)
            h = resample_up(g, widen(scope, i, h, stage_width(network->features_g, count, i)));
        h = stage_blocks(scope, network, i, count + 1, h);
    }
    return graph_tanh(g, layer_conv(scope, "last", h, network->channels, 1, 1, keep_variance(network->features_g, 1)));
}

struct node *r3gan_discriminator(const struct scope *scope, const struct network *network, struct node *x,
                                 const struct condition *condition)
{
    struct graph *g = scope->graph;
    const int count = network_doublings(network);
    const int64_t height = network->height >> count, width = network->width >> count;
    struct node *h = network_labelled_pictures(scope, network, x, condition);
    if (!h)
        return NULL;
    h = layer_conv(scope, "first", h, network->features_d, 1, 1, keep_variance(h->shape.size[3], 1));
    for (int i = count; i >= 0; i--) {
        if (i < count)
            h = widen(scope, i, resample_down(g, h), stage_width(network->features_d, count, i));
        h = stage_blocks(scope, network, i, count + 1, h);
    }
    const int64_t features = stage_width(network->features_d, count, 0);
    struct node *basis = scope_weight(scope, "basis.weight", shape_of(4, (int64_t[]){1, height, width, features}),
                                      keep_variance(height * width, 1));
    h = layer_sum_pixels(g, graph_multiply(g, h, basis));
    return network_logits(scope, network, h, condition, keep_variance(features, 1), false);
}
