/* The residual networks of SN-GAN (Miyato et al. 2018, tables 4 to 6; Miyato and Koyama 2018), as their authors'
 * program has them.
 *
 * For pictures whose shorter side is 32, 64 or 128 pixels; n and d are the channels at the highest resolution.
 *
 *   side  generator: seed 4x4, blocks that double   discriminator: blocks that halve, and [blocks that do not]
 *     32  n | n n n            (n = 256)            d d [d d]                          (d = 128)
 *     64  16n | 8n 4n 2n n     (n = 64)             d 2d 4d 8d 16d                     (d = 64)
 *    128  16n | 16n 8n 4n 2n n (n = 64)             d 2d 4d 8d 16d [16d]               (d = 64)
 *
 * Generator: dense to the seed, the blocks, batch norm, ReLU, kernel 3, tanh. With LABEL_NORM the blocks' batch norms
 * look the class up; the last is common to all. Discriminator: the blocks, ReLU, the sum over all pixels, dense to one
 * logit. Biases everywhere. Initial weights are Glorot's, with gain sqrt(2) for the kernels of 3 within blocks. */
#ifndef NET_RESNET_H
#define NET_RESNET_H

#include "net/network.h"

int resnet_check(const struct network *network);
struct node *resnet_generator(const struct scope *scope, const struct network *network, struct node *z,
                              const struct condition *condition);
struct node *resnet_discriminator(const struct scope *scope, const struct network *network, struct node *x,
                                  const struct condition *condition);

#endif
