/* A generator and a discriminator of one family, with or without labels. Each family is a file with two functions; this
 * one says what all of them can be asked for and finds the family. */
#ifndef NET_NETWORK_H
#define NET_NETWORK_H

#include "net/layers.h"

enum network_family { NETWORK_DCGAN, NETWORK_SNGAN, NETWORK_RESNET, NETWORK_R3GAN };

/* How a network is told the class. The generator knows the first three, the discriminator the first two and
 * projection. */
enum label_use {
    LABEL_UNUSED,
    LABEL_CONCAT, /* joined one-hot: to the latent numbers; as constant planes to the picture (Mirza, Osindero 2014) */
    LABEL_NORM,   /* conditional batch norm: scale and shift looked up by class (Dumoulin et al. 2017) */
    LABEL_STYLE,  /* that, and moved by the image's latent numbers as well (Chen et al. 2019); also without labels */
    LABEL_PROJECTION, /* inner product of the features with an embedding of the class (Miyato, Koyama 2018) */
};

struct network {
    enum network_family family;
    int64_t height, width; /* of the pictures */
    int64_t channels;      /* of the pictures */
    int64_t latent;
    int64_t features_g;    /* channels at the highest resolution */
    int64_t features_d;
    int64_t classes;       /* 0: unlabelled */
    int64_t guesses;       /* of the discriminator's guess of the class, where one is asked for */
    enum label_use label_g, label_d;
    double slope;             /* of the discriminator's LeakyReLU, where the family has one */
    double initial_deviation; /* of all weights, where the family draws them from a normal distribution */
    bool normalise_g, normalise_d; /* batch norm */
    bool spectral_d;               /* spectral norm of every weight of the discriminator */
};

/* 0, or an error that says which sizes the family can make, or what it has not. */
int network_check(const struct network *network);

/* z (N, latent) -> pictures (N, height, width, channels) in (-1, 1). */
struct node *network_generator(const struct scope *scope, const struct network *network, struct node *z,
                               const struct condition *condition);

/* Pictures -> logits (N, 1). */
struct node *network_discriminator(const struct scope *scope, const struct network *network, struct node *x,
                                   const struct condition *condition);

/* For the families: how often the shorter side can be halved down to 4 pixels. */
enum { SEED_SIDE = 4 };
int network_doublings(const struct network *network);

/* For families that double the resolution from 4 pixels on: whether they come to the network's size. */
int network_check_doublings(const struct network *network, const char *family);

/* For the families: the latent numbers with what LABEL_CONCAT joins to them. */
struct node *network_labelled_latent(const struct scope *scope, const struct network *network, struct node *z,
                                     const struct condition *condition);

/* For the families: the pictures with what LABEL_CONCAT joins to them. */
struct node *network_labelled_pictures(const struct scope *scope, const struct network *network, struct node *x,
                                       const struct condition *condition);

/* For the families: batch norm of the generator, conditional with LABEL_NORM and LABEL_STYLE. */
struct node *network_norm_g(const struct scope *scope, const struct network *network, const char *name, struct node *h,
                            const struct condition *condition, struct initial scale);

/* For the families: features (N, F) of a discriminator -> logits (N, 1): "dense" (with bias if wanted), and with
 * LABEL_PROJECTION t <e_y, h> added, whose embedding is "embedding". The guess of the class, if wanted, is "classes".
 */
struct node *network_logits(const struct scope *scope, const struct network *network, struct node *h,
                            const struct condition *condition, struct initial initial, bool bias);

#endif
