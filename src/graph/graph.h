/* The language: a graph of tensor operations, built by calling functions, closed under differentiation.
 *
 * Every builder checks and infers shapes, simplifies, and returns an equal node where there is one already, so that
 * common subexpressions never exist twice. Errors stick: after the first one every builder returns NULL, and
 * graph_status() tells; code that builds networks needs no checks of its own. Nodes belong to the graph.
 *
 * Operands of pointwise builders are broadcast to each other as in other array languages: shapes are aligned at
 * the right, and axes of size 1 are repeated. */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include "graph/operation.h"

struct graph;

/* What a state holds before the first run. */
enum initial_kind { INITIAL_CONSTANT, INITIAL_NORMAL, INITIAL_UNIFORM };
struct initial {
    enum initial_kind kind;
    double a, b; /* constant a; normal of mean a and deviation b; uniform in [a, b) */
};

struct node {
    struct operation operation;
    struct shape shape;
    struct node *operand[OPERANDS_MAXIMUM];
    int index;              /* operands have smaller ones */
    const char *name;       /* of inputs and states; otherwise NULL */
    struct initial initial; /* of states */
};

int graph_new(struct graph **out);
void graph_free(struct graph *graph);
int graph_status(const struct graph *graph); /* 0, or the status of the first error, whose message is set again */

int graph_nodes(const struct graph *graph);
struct node *graph_node(const struct graph *graph, int index);

/* What a run leaves behind: values to be read, and states to be replaced when the run ends. */
struct assignment {
    struct node *state, *value;
};
void graph_output(struct graph *graph, struct node *value);
void graph_assign(struct graph *graph, struct node *state, struct node *value);
int graph_outputs(const struct graph *graph);
struct node *graph_output_node(const struct graph *graph, int index);
int graph_assignments(const struct graph *graph);
struct assignment graph_assignment(const struct graph *graph, int index);

/* Shapes, written where they are used: shape_batch(64, 3, (int64_t[]){32, 32, 3}). */
struct shape shape_of(int rank, const int64_t *size);
struct shape shape_batch(int64_t images, int rank, const int64_t *size); /* rank and size without the batch axis */

/* Leaves. The same name gives the same node; with another shape it is an error. */
struct node *graph_input(struct graph *graph, const char *name, struct shape shape);
struct node *graph_state(struct graph *graph, const char *name, struct shape shape, struct initial initial);
struct node *graph_constant(struct graph *graph, double value);
struct node *graph_random(struct graph *graph, enum random_distribution distribution, uint32_t purpose,
                          struct shape shape);

/* Pointwise. */
struct node *graph_add(struct graph *graph, struct node *a, struct node *b);
struct node *graph_subtract(struct graph *graph, struct node *a, struct node *b);
struct node *graph_multiply(struct graph *graph, struct node *a, struct node *b);
struct node *graph_divide(struct graph *graph, struct node *a, struct node *b);
struct node *graph_maximum(struct graph *graph, struct node *a, struct node *b);
struct node *graph_negate(struct graph *graph, struct node *a);
struct node *graph_exp(struct graph *graph, struct node *a);
struct node *graph_log(struct graph *graph, struct node *a);
struct node *graph_tanh(struct graph *graph, struct node *a);
struct node *graph_sigmoid(struct graph *graph, struct node *a);
struct node *graph_softplus(struct graph *graph, struct node *a);
struct node *graph_sqrt(struct graph *graph, struct node *a);
struct node *graph_rsqrt(struct graph *graph, struct node *a);
struct node *graph_abs(struct graph *graph, struct node *a);
struct node *graph_step(struct graph *graph, struct node *a);
struct node *graph_select(struct graph *graph, struct node *condition, struct node *positive, struct node *other);
struct node *graph_add_number(struct graph *graph, struct node *a, double b);
struct node *graph_scale(struct graph *graph, struct node *a, double factor);

/* Between shapes. */
struct node *graph_broadcast(struct graph *graph, struct node *a, struct shape shape);
struct node *graph_reduce_sum(struct graph *graph, struct node *a, unsigned axes);
struct node *graph_reduce_max(struct graph *graph, struct node *a, unsigned axes);
struct node *graph_mean(struct graph *graph, struct node *a, unsigned axes);
struct node *graph_sum_all(struct graph *graph, struct node *a); /* rank 0 */
struct node *graph_mean_all(struct graph *graph, struct node *a);

/* Contractions. */
struct node *graph_conv(struct graph *graph, struct node *x, struct node *w, struct conv_attributes attributes);
struct node *graph_conv_dx(struct graph *graph, struct node *dy, struct node *w, struct conv_attributes attributes,
                           int64_t height, int64_t width);
struct node *graph_conv_dw(struct graph *graph, struct node *x, struct node *dy, struct conv_attributes attributes,
                           int64_t kernel_height, int64_t kernel_width);
struct node *graph_matmul(struct graph *graph, struct node *a, struct node *b, bool transpose_a, bool transpose_b);

/* Pictures. */
struct node *graph_upsample(struct graph *graph, struct node *x, int vertical, int horizontal);
struct node *graph_sum_pool(struct graph *graph, struct node *x, int vertical, int horizontal);
struct node *graph_resample(struct graph *graph, struct node *x, int64_t height, int64_t width);
struct node *graph_resample_adjoint(struct graph *graph, struct node *dy, int64_t height, int64_t width);
struct node *graph_warp(struct graph *graph, struct node *x, struct node *theta);
struct node *graph_warp_adjoint(struct graph *graph, struct node *dy, struct node *theta);

/* Rows. */
struct node *graph_gather(struct graph *graph, struct node *table, struct node *index);
struct node *graph_scatter_add(struct graph *graph, struct node *values, struct node *index, int64_t rows);

/* Moving. */
struct node *graph_reshape(struct graph *graph, struct node *a, struct shape shape);
struct node *graph_transpose(struct graph *graph, struct node *a, const int *permutation);
struct node *graph_slice(struct graph *graph, struct node *a, const int64_t *start, struct shape shape);
struct node *graph_pad(struct graph *graph, struct node *a, const int64_t *before, struct shape shape);
struct node *graph_concat(struct graph *graph, struct node *a, struct node *b, int axis);

/* gradients[i] = d sum(value) / d with[i], of with[i]'s shape, as more nodes of the same graph; zeros where the value
 * does not depend on it. The value must not carry the batch axis unless its sum over it is what is meant. Nodes in
 * `held` count as constants, whatever they depend on: an updated discriminator depends on the generator, but is not to
 * be differentiated through. */
int graph_gradient(struct graph *graph, struct node *value, int count, struct node *const *with, int holds,
                   struct node *const *held, struct node **gradients);

#endif
