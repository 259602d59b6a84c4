/* Adversarial losses on logits (N, 1); each is a scalar. */
#ifndef TRAIN_LOSS_H
#define TRAIN_LOSS_H

#include "graph/graph.h"

enum loss_kind { LOSS_CROSS_ENTROPY, LOSS_LEAST_SQUARES, LOSS_HINGE, LOSS_WASSERSTEIN, LOSS_RELATIVISTIC };

/* Does the generator's loss compare with the logits of real pictures? */
bool loss_needs_real(enum loss_kind kind);

/* What the discriminator and the generator minimise. `real` and `fake` are the logits of real and of generated
 * pictures; for the generator `real` may be NULL unless loss_needs_real(kind). */
struct node *loss_discriminator(struct graph *graph, enum loss_kind kind, struct node *real, struct node *fake);
struct node *loss_generator(struct graph *graph, enum loss_kind kind, struct node *real, struct node *fake);

/* Of a classifier: the mean over the batch of -sum(targets log softmax(logits)), for logits and targets (N, classes).
 */
struct node *loss_softmax(struct graph *graph, struct node *logits, struct node *targets);

#endif
