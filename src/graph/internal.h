/* What the files of src/graph share among themselves. */
#ifndef GRAPH_INTERNAL_H
#define GRAPH_INTERNAL_H

#include "base/error.h"
#include "graph/graph.h"

#include <string.h>

/* An operation with all attributes zero, padding included: operations are compared as bytes. */
static inline struct operation operation_of(enum operation_kind kind)
{
    struct operation operation;
    memset(&operation, 0, sizeof operation);
    operation.kind = kind;
    return operation;
}

/* Makes a node that is already known to be right, or finds its equal. operands: as many as its kind has. */
struct node *graph_make(struct graph *graph, struct operation operation, struct shape shape,
                        struct node *const *operands);

/* Remembers the first error; returns NULL. */
struct node *graph_fail(struct graph *graph, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* True when nothing has failed and no operand is NULL. */
bool graph_ready(const struct graph *graph, int count, struct node *const *operands);

/* An existing or simpler node that equals the described one, or NULL: algebra that is always right. */
struct node *simplify(struct graph *graph, const struct operation *operation, const struct shape *shape,
                      struct node *const *operands);

/* What equals the described node but for a factor of each sample that can be put behind it; or NULL. */
struct node *share(struct graph *graph, const struct operation *operation, const struct shape *shape,
                   struct node *const *operands);

/* The node as it is described, if there is one. */
struct node *graph_existing(const struct graph *graph, const struct operation *operation, const struct shape *shape,
                            struct node *const *operands);

/* The constant behind reshapes and broadcasts; false if there is none. */
bool node_constant(const struct node *node, double *value);

/* A constant of the given shape. */
struct node *graph_filled(struct graph *graph, double value, struct shape shape);

#endif
