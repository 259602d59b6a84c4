/* R3GAN (Huang, Gokaslan, Kuleshov, Tompkin 2024), narrow enough for a processor: residual networks without any
 * normalisation, alike in training and use.
 *
 * For pictures of 4 * 2^k pixels a side, as DCGAN. A stage for each resolution, of n channels at the highest, twice as
 * many at each lower one, up to 8n; two residual blocks a stage: kernel 1 to twice the channels, bias, LeakyReLU,
 * kernel 3 in groups of 16 channels, bias, LeakyReLU, kernel 1 back. Between stages a kernel of 1 and bilinear
 * resampling: the authors' filter [1 2 1] after each pixel was doubled, except that edges are repeated here where they
 * have zeros beyond. Generator: a learned picture of the seed's size, each channel times a number that is linear in z;
 * the stages; kernel 1; tanh, which the authors do without. Discriminator: the mirror; a weighted sum of the last
 * stage's pixels for each channel; dense.
 *
 * Blocks start as the identity; initial weights are normal, with the variance that blocks of three layers want. */
#ifndef NET_R3GAN_H
#define NET_R3GAN_H

#include "net/network.h"

int r3gan_check(const struct network *network);
struct node *r3gan_generator(const struct scope *scope, const struct network *network, struct node *z,
                             const struct condition *condition);
struct node *r3gan_discriminator(const struct scope *scope, const struct network *network, struct node *x,
                                 const struct condition *condition);

#endif
