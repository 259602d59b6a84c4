/* Penalties on the gradient of a discriminator's logits with respect to the pictures it sees: what keeps it smooth.
 *
 * The logits (N, 1) depend on the node `pictures` (N, H, W, C), and the gradient is taken there, whatever made the
 * pictures. Each is a scalar without a factor: that is its caller's (WGAN-GP was published with 10 times
 * penalty_one_centred, R1 and R2 with gamma / 2 times penalty_zero_centred). It can be differentiated again with
 * respect to the weights. A discriminator with batch normalisation mixes pictures; then the gradient of the sum of all
 * logits counts for each. */
#ifndef TRAIN_PENALTY_H
#define TRAIN_PENALTY_H

#include "graph/graph.h"

/* Mean over pictures of |gradient|^2: R1 at real, R2 at generated pictures (Mescheder et al. 2018). */
struct node *penalty_zero_centred(struct graph *graph, struct node *logits, struct node *pictures);

/* Mean over pictures of (|gradient| - 1)^2: WGAN-GP at pictures between real and generated ones (Gulrajani et al.
 * 2017). */
struct node *penalty_one_centred(struct graph *graph, struct node *logits, struct node *pictures);

/* real + u (fake - real), u uniform in [0, 1), one for each picture. */
struct node *penalty_between(struct graph *graph, struct node *real, struct node *fake, uint32_t purpose);

#endif
