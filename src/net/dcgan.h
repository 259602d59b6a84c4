/* DCGAN (Radford, Metz, Chintala 2016): the generator and the discriminator of transposed and strided convolutions.
 *
 * For pictures of 4 * 2^k pixels a side. Generator: dense to (4, 4, width * 2^(k-1)), then k doublings, halving the
 * channels; batch norm and ReLU between, tanh at the end. Discriminator: its mirror with LeakyReLU, batch norm except
 * in the first and the last layer, dense to one logit. No biases. Initial weights are normal. */
#ifndef NET_DCGAN_H
#define NET_DCGAN_H

#include "net/network.h"

int dcgan_check(const struct network *network);
struct node *dcgan_generator(const struct scope *scope, const struct network *network, struct node *z,
                             const struct condition *condition);
struct node *dcgan_discriminator(const struct scope *scope, const struct network *network, struct node *x,
                                 const struct condition *condition);

#endif
