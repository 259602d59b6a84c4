/* Layers: small functions that put operations and named weights together. A weight is a state of the graph called
 * "<prefix>.<layer>.<part>"; building a network twice with one prefix uses the same weights twice. NULL in gives NULL
 * out, so that code that builds networks needs no checks of its own. */
#ifndef NET_LAYERS_H
#define NET_LAYERS_H

#include "graph/graph.h"

enum { WEIGHTS_MAXIMUM = 512, STATISTICS_MAXIMUM = 64, SPECTRA_MAXIMUM = 128 };

struct weights {
    int count;
    struct node *state[WEIGHTS_MAXIMUM];
};

struct statistics {
    int count;
    struct node *stored_mean[STATISTICS_MAXIMUM], *stored_variance[STATISTICS_MAXIMUM]; /* states */
    struct node *mean[STATISTICS_MAXIMUM], *variance[STATISTICS_MAXIMUM];               /* of this batch */
};

/* Spectral normalisation (Miyato et al. 2018) of all weights of a scope, and what it leaves behind. The left singular
 * vector u of each weight is a state "<weight>.u"; each new value that the weight takes within one graph is worth one
 * power iteration, which starts where the last one ended. */
struct spectra {
    int count;
    struct node *weight[SPECTRA_MAXIMUM], *normalised[SPECTRA_MAXIMUM]; /* known already */
    struct node *u_state[SPECTRA_MAXIMUM], *u[SPECTRA_MAXIMUM];         /* the newest u is the last with its state */
    struct node *v[SPECTRA_MAXIMUM]; /* u and v count as constants: to be held when gradients are taken */
};

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
    struct node **class_logits;    /* when not NULL: receives a discriminator's guess of the class, (N, guesses) */
    struct spectra *spectra; /* when not NULL: kernels, matrices and embeddings are divided by their spectral norm */
};

/* The class of each picture, and how much of it the networks are told. */
struct condition {
    struct node *label;    /* (N) numbers of classes; NULL: unlabelled */
    struct node *strength; /* rank 0, in [0, 1]: the conditional part is multiplied by it; NULL: 1 */
    struct node *latent;   /* (N, L): numbers that move scales and shifts of batch norm too; NULL: none */
};

/* The weight `prefix.name`, as a state or its replacement, to be learned; never divided by its spectral norm. */
struct node *scope_weight(const struct scope *scope, const char *name, struct shape shape, struct initial initial);

/* Initial weights. Glorot's is uniform, of variance 2 gain^2 / (inputs + outputs). */
struct initial initial_constant(double value);
struct initial initial_normal(double mean, double deviation);
struct initial initial_glorot(int64_t inputs, int64_t outputs, double gain);

/* x (N, in) -> (N, out), no bias. Weight (in, out). */
struct node *layer_dense(const struct scope *scope, const char *name, struct node *x, int64_t outputs,
                         struct initial initial);

/* x (N,...,C) plus a bias for each channel, "name.bias", that starts at 0. */
struct node *layer_bias(const struct scope *scope, const char *name, struct node *x);

/* x (N,H,W,C) -> (N,H/2,W/2,out): kernel 4, stride 2, padding 1, no bias. Weight (out,4,4,C). */
struct node *layer_down(const struct scope *scope, const char *name, struct node *x, int64_t outputs,
                        struct initial initial);

/* x (N,H,W,C) -> (N,2H,2W,out): its transpose. Weight (C,4,4,out). */
struct node *layer_up(const struct scope *scope, const char *name, struct node *x, int64_t outputs,
                      struct initial initial);

/* x (N,H,W,C) -> (N,H,W,out): odd kernel, stride 1, no bias. Weight (out,kernel,kernel,C/groups). */
struct node *layer_conv(const struct scope *scope, const char *name, struct node *x, int64_t outputs, int kernel,
                        int groups, struct initial initial);

/* x (N,H,W,C) -> (N,H/2,W/2,C), mean of 2x2; and to (N,2H,2W,C), each pixel four times. */
struct node *layer_halve(struct graph *graph, struct node *x);
struct node *layer_double(struct graph *graph, struct node *x);

/* x (N,H,W,C) -> (N,C): the sum over all pixels. */
struct node *layer_sum_pixels(struct graph *graph, struct node *x);

/* x (N,...) -> (N, the product of the rest). */
struct node *layer_flatten(struct graph *graph, struct node *x);

/* Labels (N) -> rows (N, size) of the table "name.weight" (classes, size). */
struct node *layer_embedding(const struct scope *scope, const char *name, struct node *label, int64_t classes,
                             int64_t size, struct initial initial);

/* Labels (N) -> (N, classes): 1 at the label, 0 elsewhere. */
struct node *layer_one_hot(struct graph *graph, struct node *label, int64_t classes);

/* How the names of states end that hold stored variances: what there is below 0 no training has written. */
#define LAYER_VARIANCE ".variance"

/* Batch normalisation over all axes but the last (Ioffe and Szegedy 2015), with scale and shift for each channel and
 * epsilon 1e-5. Not training: by the states `name.mean` and `name.variance`. */
struct node *layer_batch_norm(const struct scope *scope, const char *name, struct node *x, struct initial scale);

/* The same for x (N,H,W,C), whose scales and shifts begin at `scale` and 0. With classes they are looked up by class, in tables
 * (classes, C); with strength t a row counts as (mean of all rows) + t (row - mean of all rows). With condition->latent a
 * product of those numbers and a matrix "name.scale.style" or "name.shift.style", at first 0, is added for each image. */
struct node *layer_styled_batch_norm(const struct scope *scope, const char *name, struct node *x,
                                     const struct condition *condition, int64_t classes, struct initial scale);

struct node *layer_relu(struct graph *graph, struct node *x);
struct node *layer_leaky_relu(struct graph *graph, struct node *x, double slope);

#endif
