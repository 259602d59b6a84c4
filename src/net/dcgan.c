/* The two networks, each a loop over resolutions. */
#include "net/dcgan.h"

#include "base/error.h"

#include <stdio.h>

enum { SEED_SIDE = 4, DOUBLINGS_MAXIMUM = 6 };

/* How often the shorter side can be halved down to 4 pixels. */
static int doublings(const struct dcgan *dcgan)
{
    const int64_t side = dcgan->height < dcgan->width ? dcgan->height : dcgan->width;
    int count = 0;
    while (SEED_SIDE << count < side)
        count++;
    return count;
}

int dcgan_check(const struct dcgan *dcgan)
{
    const int count = doublings(dcgan);
    const int64_t shorter = dcgan->height < dcgan->width ? dcgan->height : dcgan->width;
    if (count < 2 || count > DOUBLINGS_MAXIMUM || shorter != SEED_SIDE << count ||
        dcgan->height % ((int64_t)1 << count) != 0 || dcgan->width % ((int64_t)1 << count) != 0)
        return error_set(STATUS_INPUT,
                         "network dcgan cannot make %lldx%lld: the shorter side must be 16, 32, 64, 128 or 256 pixels and "
                         "the longer one a multiple of a quarter of it",
                         (long long)dcgan->width, (long long)dcgan->height);
    return 0;
}

struct node *dcgan_generator(const struct scope *scope, const struct dcgan *dcgan, struct node *z)
{
    struct graph *g = scope->graph;
    const struct initial weights = {INITIAL_NORMAL, 0, dcgan->initial_deviation};
    const struct initial scales = {INITIAL_NORMAL, 1, dcgan->initial_deviation};
    const int count = doublings(dcgan);
    const int64_t height = dcgan->height >> count, width = dcgan->width >> count;
    int64_t features = dcgan->features_g << (count - 1);
    struct node *h = layer_dense(scope, "dense", z, height * width * features, weights);
    if (!h)
        return NULL;
    h = graph_reshape(g, h, shape_batch(z->shape.size[0], 3, (int64_t[]){height, width, features}));
    for (int i = 0; i < count; i++) {
        char norm[16], up[16];
        snprintf(norm, sizeof norm, "norm%d", i);
        snprintf(up, sizeof up, "up%d", i + 1);
        if (dcgan->normalise)
            h = layer_batch_norm(scope, norm, h, scales);
        h = layer_relu(g, h);
        features /= 2;
        h = layer_up(scope, up, h, i + 1 < count ? features : dcgan->channels, weights);
    }
    return graph_tanh(g, h);
}

struct node *dcgan_discriminator(const struct scope *scope, const struct dcgan *dcgan, struct node *x)
{
    struct graph *g = scope->graph;
    const struct initial weights = {INITIAL_NORMAL, 0, dcgan->initial_deviation};
    const struct initial scales = {INITIAL_NORMAL, 1, dcgan->initial_deviation};
    const int count = doublings(dcgan);
    struct node *h = x;
    for (int i = 0; i < count; i++) {
        char norm[16], down[16];
        snprintf(norm, sizeof norm, "norm%d", i + 1);
        snprintf(down, sizeof down, "down%d", i + 1);
        h = layer_down(scope, down, h, dcgan->features_d << i, weights);
        if (i > 0 && dcgan->normalise)
            h = layer_batch_norm(scope, norm, h, scales);
        h = layer_leaky_relu(g, h, dcgan->slope);
    }
    if (!h)
        return NULL;
    const int64_t features = shape_elements(&h->shape) / h->shape.size[0];
    h = graph_reshape(g, h, shape_batch(h->shape.size[0], 1, &features));
    return layer_dense(scope, "dense", h, 1, weights);
}
