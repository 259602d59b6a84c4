/* Both networks halve or double three times, whatever the size: what varies is the seed. */
#include "net/sngan.h"

#include "base/error.h"
#include "base/least.h"

#include <stdio.h>

enum { DOUBLINGS = 3, SEED_PIXEL = 1 << DOUBLINGS };

static bool has_side(int64_t shorter)
{
    return shorter == 32 || shorter == 48 || shorter == 64 || shorter == 96 || shorter == 128;
}

int sngan_check(const struct network *network)
{
    const int64_t shorter = least(network->height, network->width);
    if (!has_side(shorter) || network->height % SEED_PIXEL != 0 || network->width % SEED_PIXEL != 0)
        return error_set(
            STATUS_INPUT,
            "network sngan cannot make %lldx%lld: the shorter side must be 32, 48, 64, 96 or 128 pixels and "
            "the longer one a multiple of %d",
            (long long)network->width, (long long)network->height, SEED_PIXEL);
    if (network->normalise_d)
        return error_set(STATUS_INPUT, "network sngan has no batch norm in its discriminator");
    return 0;
}

struct node *sngan_generator(const struct scope *scope, const struct network *network, struct node *z,
                             const struct condition *condition)
{
    struct graph *g = scope->graph;
    const struct initial weights = initial_normal(0, network->initial_deviation), scales = initial_constant(1);
    const int64_t height = network->height / SEED_PIXEL, width = network->width / SEED_PIXEL;
    int64_t features = network->features_g << DOUBLINGS;
    struct node *h = network_labelled_latent(scope, network, z, condition);
    h = layer_bias(scope, "dense", layer_dense(scope, "dense", h, height * width * features, weights));
    if (!h)
        return NULL;
    h = graph_reshape(g, h, shape_batch(z->shape.size[0], 3, (int64_t[]){height, width, features}));
    h = layer_relu(g, network_norm_g(scope, network, "norm0", h, condition, scales));
    for (int i = 1; i <= DOUBLINGS; i++) {
        char norm[16], up[16];
        snprintf(norm, sizeof norm, "norm%d", i);
        snprintf(up, sizeof up, "up%d", i);
        features /= 2;
        h = layer_bias(scope, up, layer_up(scope, up, h, features, weights));
        h = layer_relu(g, network_norm_g(scope, network, norm, h, condition, scales));
    }
    return graph_tanh(g, layer_bias(scope, "last", layer_conv(scope, "last", h, network->channels, 3, 1, weights)));
}

struct node *sngan_discriminator(const struct scope *scope, const struct network *network, struct node *x,
                                 const struct condition *condition)
{
    struct graph *g = scope->graph;
    const struct initial weights = initial_normal(0, network->initial_deviation);
    struct node *h = network_labelled_pictures(scope, network, x, condition);
    for (int i = 0; i <= DOUBLINGS; i++) {
        char conv[16], down[16];
        snprintf(conv, sizeof conv, "conv%d", i + 1);
        snprintf(down, sizeof down, "down%d", i + 1);
        h = layer_bias(scope, conv, layer_conv(scope, conv, h, network->features_d << i, 3, 1, weights));
        h = layer_leaky_relu(g, h, network->slope);
        if (i == DOUBLINGS)
            break;
        h = layer_bias(scope, down, layer_down(scope, down, h, network->features_d << (i + 1), weights));
        h = layer_leaky_relu(g, h, network->slope);
    }
    return network_logits(scope, network, layer_flatten(g, h), condition, weights, true);
}
