/* Layers: small functions that put operations and named weights together. A weight is a state of the graph called
 * "<prefix>.<layer>.<part>"; building a network twice with one prefix uses the same weights twice. */
#ifndef NET_LAYERS_H
#define NET_LAYERS_H

#include "graph/graph.h"

/* Where a network's weights come from, and what it leaves behind while it is built. */
struct scope {
    struct graph *graph;
    const char *prefix; /* "g", "d" */
    bool training;      /* normalise by the batch's own statistics, or by stored ones */
    /* Weights to use instead of the states of the same position: what an optimiser has just made of them. */
    int replacements;
    struct node *const *replaced;
    struct node *const *replacement;
    struct weights *weights;       /* when not NULL: receives the states that are to be learned */
    struct statistics *statistics; /* when not NULL and training: receives what each normalisation saw */
};

enum { WEIGHTS_MAXIMUM = 512, STATISTICS_MAXIMUM = 64 };
struct weights {
    int count;
    struct node *state[WEIGHTS_MAXIMUM];
};
struct statistics {
    int count;
    struct node *stored_mean[STATISTICS_MAXIMUM], *stored_variance[STATISTICS_MAXIMUM]; /* states */
    struct node *mean[STATISTICS_MAXIMUM], *variance[STATISTICS_MAXIMUM];               /* of this batch */
};

/* The weight `prefix.name`, as a state or its replacement, to be learned. */
struct node *scope_weight(const struct scope *scope, const char *name, struct shape shape, struct initial initial);

/* x (N, in) -> (N, out), no bias. Weight (in, out). */
struct node *layer_dense(const struct scope *scope, const char *name, struct node *x, int64_t outputs,
                         struct initial initial);

/* x (N,H,W,C) -> (N,H/2,W/2,out): kernel 4, stride 2, padding 1, no bias. Weight (out,4,4,C). */
struct node *layer_down(const struct scope *scope, const char *name, struct node *x, int64_t outputs,
                        struct initial initial);

/* x (N,H,W,C) -> (N,2H,2W,out): its transpose. Weight (C,4,4,out). */
struct node *layer_up(const struct scope *scope, const char *name, struct node *x, int64_t outputs,
                      struct initial initial);

/* Batch normalisation over all axes but the last (Ioffe and Szegedy 2015), with scale and shift for each channel and
 * epsilon 1e-5. Not training: by the states `name.mean` and `name.variance`. */
struct node *layer_batch_norm(const struct scope *scope, const char *name, struct node *x, struct initial scale);

struct node *layer_relu(struct graph *graph, struct node *x);
struct node *layer_leaky_relu(struct graph *graph, struct node *x, double slope);

#endif
