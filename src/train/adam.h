/* Adam (Kingma and Ba 2015) as part of a graph. */
#ifndef TRAIN_ADAM_H
#define TRAIN_ADAM_H

#include "graph/graph.h"

/* Scalars are nodes of rank 0, so that a schedule can change them from step to step. */
struct adam {
    double beta1, epsilon;
    struct node *beta2;
    struct node *rate;       /* the learning rate with the first moment's bias correction in it: / (1 - beta1^t) */
    struct node *correction; /* the second moment's: 1 / sqrt(1 - beta2^t) */
};

/* The weight, a state, after one step down the gradient; assigned to it and returned. The moments are the states
 * "m.<weight>" and "v.<weight>". */
struct node *adam_update(struct graph *graph, const struct adam *adam, struct node *weight, struct node *gradient);

#endif
