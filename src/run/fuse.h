/* Fusion: which values of a graph get memory, and which are computed in passing.
 *
 * Everything alive is divided into units. A kernel unit is one operation of a backend. A program unit is a set of
 * pointwise values and sums over one iteration space, computed in one pass over memory. */
#ifndef RUN_FUSE_H
#define RUN_FUSE_H

#include "graph/graph.h"
#include "kernel/kernel.h"

struct unit {
    struct node *kernel; /* the operation, or NULL for a program */
    struct program program;
    int inputs, outputs;
    struct node *input[KERNEL_INPUTS];   /* values in memory; for programs in the order of program.input */
    struct node *output[KERNEL_OUTPUTS]; /* likewise */
};

struct fusion {
    int units;
    struct unit **unit; /* in an order in which they can run */
};

int fusion_make(struct fusion *fusion, const struct graph *graph);
void fusion_free(struct fusion *fusion);

/* Whether a pointwise operation costs so much more than reading its result that it is never done twice. */
bool operation_is_dear(enum operation_kind kind);

/* The node whose memory holds this value: itself, or what a reshape looks at. */
struct node *memory_of(struct node *node);

#endif
