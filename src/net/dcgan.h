/* DCGAN (Radford, Metz, Chintala 2016): the generator and the discriminator of transposed and strided convolutions.
 *
 * For pictures of 4 * 2^k pixels a side. Generator: dense to (4, 4, width * 2^(k-1)), then k doublings, halving the
 * channels; batch norm and ReLU between, tanh at the end. Discriminator: its mirror with LeakyReLU, batch norm except
 * in the first and the last layer, dense to one logit. No biases. */
#ifndef NET_DCGAN_H
#define NET_DCGAN_H

#include "net/layers.h"

struct dcgan {
    int64_t height, width; /* of the pictures: 4 * 2^k, or that times a common odd ratio: both multiples of 2^k */
    int64_t channels;      /* of the pictures */
    int64_t latent;        /* 100 */
    int64_t features_g;    /* channels at the highest resolution: n = 64 */
    int64_t features_d;
    double slope;             /* of LeakyReLU: 0.2 */
    double initial_deviation; /* of all weights: 0.02 */
    bool normalise;           /* batch norm */
};

/* 0, or an error that says which sizes there are. */
int dcgan_check(const struct dcgan *dcgan);

/* z (N, latent) -> pictures (N, height, width, channels) in (-1, 1). */
struct node *dcgan_generator(const struct scope *scope, const struct dcgan *dcgan, struct node *z);

/* Pictures -> logits (N, 1). */
struct node *dcgan_discriminator(const struct scope *scope, const struct dcgan *dcgan, struct node *x);

#endif
