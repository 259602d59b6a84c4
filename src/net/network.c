/* The families side by side, and what they share. */
#include "net/network.h"

#include "base/error.h"
#include "base/least.h"
#include "net/dcgan.h"
#include "net/r3gan.h"
#include "net/resnet.h"
#include "net/sngan.h"

#include <stddef.h>

typedef struct node *generator_function(const struct scope *, const struct network *, struct node *,
                                        const struct condition *);
typedef generator_function discriminator_function;

static const struct family {
    const char *name;
    int (*check)(const struct network *network);
    generator_function *generator;
    discriminator_function *discriminator;
} families[] = {
    [NETWORK_DCGAN] = {"dcgan", dcgan_check, dcgan_generator, dcgan_discriminator},
    [NETWORK_SNGAN] = {"sngan", sngan_check, sngan_generator, sngan_discriminator},
    [NETWORK_RESNET] = {"resnet", resnet_check, resnet_generator, resnet_discriminator},
    [NETWORK_R3GAN] = {"r3gan", r3gan_check, r3gan_generator, r3gan_discriminator},
};

static bool network_labels_norms(const struct network *network)
{
    return network->label_g == LABEL_NORM || network->label_g == LABEL_STYLE;
}

int network_check(const struct network *network)
{
    const char *name = families[network->family].name;
    const bool label_g = network->label_g != LABEL_UNUSED && network->label_g != LABEL_STYLE;
    if (network->classes < 2 && (label_g || network->label_d != LABEL_UNUSED))
        return error_set(STATUS_INPUT, "network %s: labels need at least two classes", name);
    if (network_labels_norms(network) && !network->normalise_g)
        return error_set(STATUS_INPUT, "network %s: label-g = norm and style need norm-g = batch", name);
    return families[network->family].check(network);
}

struct node *network_generator(const struct scope *scope, const struct network *network, struct node *z,
                               const struct condition *condition)
{
    struct condition styled = *condition;
    styled.latent = network->label_g == LABEL_STYLE ? z : NULL;
    return families[network->family].generator(scope, network, z, &styled);
}

struct node *network_discriminator(const struct scope *scope, const struct network *network, struct node *x,
                                   const struct condition *condition)
{
    return families[network->family].discriminator(scope, network, x, condition);
}

int network_doublings(const struct network *network)
{
    const int64_t side = least(network->height, network->width);
    int count = 0;
    while (SEED_SIDE << count < side)
        count++;
    return count;
}

int network_check_doublings(const struct network *network, const char *family)
{
    enum { LEAST = 2, MOST = 6 };
    const int count = network_doublings(network);
    const int64_t steps = (int64_t)1 << count;
    if (count < LEAST || count > MOST || least(network->height, network->width) != SEED_SIDE * steps ||
        network->height % steps != 0 || network->width % steps != 0)
        return error_set(STATUS_INPUT,
                         "network %s cannot make %lldx%lld: the shorter side must be 16, 32, 64, 128 or 256 pixels and "
                         "the longer one a multiple of a quarter of it",
                         family, (long long)network->width, (long long)network->height);
    return 0;
}

static struct node *one_hot(const struct scope *scope, const struct network *network, const struct condition *condition)
{
    struct node *labels = layer_one_hot(scope->graph, condition->label, network->classes);
    return condition->strength ? graph_multiply(scope->graph, labels, condition->strength) : labels;
}

struct node *network_labelled_latent(const struct scope *scope, const struct network *network, struct node *z,
                                     const struct condition *condition)
{
    return network->label_g == LABEL_CONCAT ? graph_concat(scope->graph, z, one_hot(scope, network, condition), 1) : z;
}

struct node *network_labelled_pictures(const struct scope *scope, const struct network *network, struct node *x,
                                       const struct condition *condition)
{
    if (network->label_d != LABEL_CONCAT || !x)
        return x;
    struct graph *g = scope->graph;
    struct node *row = one_hot(scope, network, condition);
    if (!row)
        return NULL;
    const int64_t images = x->shape.size[0], height = x->shape.size[1], width = x->shape.size[2];
    struct node *pixel = graph_reshape(g, row, shape_batch(images, 3, (int64_t[]){1, 1, network->classes}));
    struct node *planes =
        graph_broadcast(g, pixel, shape_batch(images, 3, (int64_t[]){height, width, network->classes}));
    return graph_concat(g, x, planes, 3);
}

struct node *network_norm_g(const struct scope *scope, const struct network *network, const char *name, struct node *h,
                            const struct condition *condition, struct initial scale)
{
    if (!network->normalise_g)
        return h;
    return network_labels_norms(network)
               ? layer_styled_batch_norm(scope, name, h, condition, network->classes, initial_constant(1))
               : layer_batch_norm(scope, name, h, scale);
}

struct node *network_logits(const struct scope *scope, const struct network *network, struct node *h,
                            const struct condition *condition, struct initial initial, bool bias)
{
    struct graph *g = scope->graph;
    if (scope->class_logits)
        *scope->class_logits =
            layer_bias(scope, "classes", layer_dense(scope, "classes", h, network->guesses, initial));
    struct node *logits = layer_dense(scope, "dense", h, 1, initial);
    if (bias)
        logits = layer_bias(scope, "dense", logits);
    if (network->label_d != LABEL_PROJECTION || !logits)
        return logits;
    struct node *row =
        layer_embedding(scope, "embedding", condition->label, network->classes, h->shape.size[1], initial);
    struct node *match = graph_reduce_sum(g, graph_multiply(g, row, h), 1u << 1);
    if (condition->strength)
        match = graph_multiply(g, match, condition->strength);
    return graph_add(g, logits, match);
}
