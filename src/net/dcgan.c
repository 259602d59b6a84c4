/* The two networks, each a loop over resolutions. */
#include "net/dcgan.h"

#include <stdio.h>

int dcgan_check(const struct network *network)
{
    return network_check_doublings(network, "dcgan");
}

struct node *dcgan_generator(const struct scope *scope, const struct network *network, struct node *z,
                             const struct condition *condition)
{
    struct graph *g = scope->graph;
    const struct initial weights = initial_normal(0, network->initial_deviation);
    const struct initial scales = initial_normal(1, network->initial_deviation);
    const int count = network_doublings(network);
    const int64_t height = network->height >> count, width = network->width >> count;
    int64_t features = network->features_g << (count - 1);
    struct node *h = network_labelled_latent(scope, network, z, condition);
    h = layer_dense(scope, "dense", h, height * width * features, weights);
    if (!h)
        return NULL;
    h = graph_reshape(g, h, shape_batch(z->shape.size[0], 3, (int64_t[]){height, width, features}));
    for (int i = 0; i < count; i++) {
        char norm[16], up[16];
        snprintf(norm, sizeof norm, "norm%d", i);
        snprintf(up, sizeof up, "up%d", i + 1);
        h = layer_relu(g, network_norm_g(scope, network, norm, h, condition, scales));
        features /= 2;
        h = layer_up(scope, up, h, i + 1 < count ? features : network->channels, weights);
    }
    return graph_tanh(g, h);
}

struct node *dcgan_discriminator(const struct scope *scope, const struct network *network, struct node *x,
                                 const struct condition *condition)
{
    struct graph *g = scope->graph;
    const struct initial weights = initial_normal(0, network->initial_deviation);
    const struct initial scales = initial_normal(1, network->initial_deviation);
    const int count = network_doublings(network);
    struct node *h = network_labelled_pictures(scope, network, x, condition);
    for (int i = 0; i < count; i++) {
        char norm[16], down[16];
        snprintf(norm, sizeof norm, "norm%d", i + 1);
        snprintf(down, sizeof down, "down%d", i + 1);
        h = layer_down(scope, down, h, network->features_d << i, weights);
        if (i > 0 && network->normalise_d)
            h = layer_batch_norm(scope, norm, h, scales);
        h = layer_leaky_relu(g, h, network->slope);
    }
    return network_logits(scope, network, layer_flatten(g, h), condition, weights, false);
}
