/* The standard convolutional networks of SN-GAN (Miyato, Kataoka, Koyama, Yoshida 2018, table 3), as their authors'
 * program has them.
 *
 * For pictures whose shorter side is 32, 48, 64, 96 or 128 pixels. Generator, of width n: dense to (height/8, width/8,
 * 8n), three doublings with kernel 4 to 4n, 2n, n channels, batch norm and ReLU after each of the four; kernel 3; tanh.
 * Discriminator, of width n: kernels 3 and, halving, 4 by turns, with n; 2n, 2n; 4n, 4n; 8n, 8n channels, LeakyReLU
 * after each; dense to one logit. Biases everywhere, those before a batch norm included. n = 64 as published. Initial
 * weights are normal. */
#ifndef NET_SNGAN_H
#define NET_SNGAN_H

#include "net/network.h"

int sngan_check(const struct network *network);
struct node *sngan_generator(const struct scope *scope, const struct network *network, struct node *z,
                             const struct condition *condition);
struct node *sngan_discriminator(const struct scope *scope, const struct network *network, struct node *x,
                                 const struct condition *condition);

#endif
