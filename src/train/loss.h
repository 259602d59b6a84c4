/* Adversarial losses on logits (N, 1); each is a scalar. */
#ifndef TRAIN_LOSS_H
#define TRAIN_LOSS_H

#include "train/step.h"

/* What the discriminator minimises on real pictures, and on generated ones. */
struct node *loss_real(struct graph *graph, enum loss_kind kind, struct node *logits);
struct node *loss_fake(struct graph *graph, enum loss_kind kind, struct node *logits);

/* What the generator minimises. */
struct node *loss_generator(struct graph *graph, enum loss_kind kind, struct node *logits);

#endif
