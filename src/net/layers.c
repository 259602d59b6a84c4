/* Layers as compositions of operations; what makes them fast is that the planner fuses them. */
#include "net/layers.h"

#include <stdio.h>

enum { NAME_SIZE = 128, PART_SIZE = 96 };
static const double norm_epsilon = 1e-5;

static struct node *scope_state(const struct scope *scope, const char *name, struct shape shape, struct initial initial)
{
    char full[NAME_SIZE];
    snprintf(full, sizeof full, "%s.%s", scope->prefix, name);
    return graph_state(scope->graph, full, shape, initial);
}

static void collect(struct weights *weights, struct node *state)
{
    for (int i = 0; i < weights->count; i++)
        if (weights->state[i] == state)
            return;
    if (state && weights->count < WEIGHTS_MAXIMUM)
        weights->state[weights->count++] = state;
}

struct node *scope_weight(const struct scope *scope, const char *name, struct shape shape, struct initial initial)
{
    struct node *state = scope_state(scope, name, shape, initial);
    if (scope->weights)
        collect(scope->weights, state);
    for (int i = 0; i < scope->replacements; i++)
        if (scope->replaced[i] == state)
            return scope->replacement[i];
    return state;
}

static struct node *part(const struct scope *scope, const char *layer, const char *what, struct shape shape,
                         struct initial initial)
{
    char name[PART_SIZE];
    snprintf(name, sizeof name, "%s.%s", layer, what);
    return scope_weight(scope, name, shape, initial);
}

struct node *layer_dense(const struct scope *scope, const char *name, struct node *x, int64_t outputs,
                         struct initial initial)
{
    if (!x)
        return NULL;
    struct node *w = part(scope, name, "weight", shape_of(2, (int64_t[]){x->shape.size[1], outputs}), initial);
    return graph_matmul(scope->graph, x, w, false, false);
}

static const struct conv_attributes halving = {{2, 2}, {1, 1}, 1};

struct node *layer_down(const struct scope *scope, const char *name, struct node *x, int64_t outputs,
                        struct initial initial)
{
    if (!x)
        return NULL;
    struct node *w = part(scope, name, "weight", shape_of(4, (int64_t[]){outputs, 4, 4, x->shape.size[3]}), initial);
    return graph_conv(scope->graph, x, w, halving);
}

struct node *layer_up(const struct scope *scope, const char *name, struct node *x, int64_t outputs,
                      struct initial initial)
{
    if (!x)
        return NULL;
    struct node *w = part(scope, name, "weight", shape_of(4, (int64_t[]){x->shape.size[3], 4, 4, outputs}), initial);
    return graph_conv_dx(scope->graph, x, w, halving, 2 * x->shape.size[1], 2 * x->shape.size[2]);
}

struct moments {
    struct node *mean, *variance;
};

/* E[x^2] - E[x]^2: both sums in one pass over x. Activations of a normalised network have means of the order of their
 * deviations, so little is lost; the maximum guards against rounding below zero. */
static struct moments batch_moments(struct graph *g, struct node *x, unsigned axes)
{
    struct node *mean = graph_mean(g, x, axes);
    struct node *square = graph_mean(g, graph_multiply(g, x, x), axes);
    struct node *variance = graph_subtract(g, square, graph_multiply(g, mean, mean));
    return (struct moments){mean, graph_maximum(g, variance, graph_constant(g, 0))};
}

static struct moments stored_moments(const struct scope *scope, const char *layer, struct shape shape)
{
    char mean[PART_SIZE], variance[PART_SIZE];
    snprintf(mean, sizeof mean, "%s.mean", layer);
    snprintf(variance, sizeof variance, "%s.variance", layer);
    return (struct moments){scope_state(scope, mean, shape, (struct initial){INITIAL_CONSTANT, 0, 0}),
                            scope_state(scope, variance, shape, (struct initial){INITIAL_CONSTANT, 1, 0})};
}

struct node *layer_batch_norm(const struct scope *scope, const char *name, struct node *x, struct initial scale)
{
    if (!x)
        return NULL;
    struct graph *g = scope->graph;
    const int channel = x->shape.rank - 1;
    int64_t size[RANK_MAXIMUM] = {1, 1, 1, 1, 1};
    size[channel] = x->shape.size[channel];
    const struct shape shape = shape_of(x->shape.rank, size); /* (1,...,1,C) */
    struct node *gamma = part(scope, name, "scale", shape, scale);
    struct node *beta = part(scope, name, "shift", shape, (struct initial){INITIAL_CONSTANT, 0, 0});
    struct moments moments = scope->training ? batch_moments(g, x, (1u << channel) - 1) : stored_moments(scope, name, shape);
    if (scope->training && scope->statistics && scope->statistics->count < STATISTICS_MAXIMUM) {
        const struct moments stored = stored_moments(scope, name, shape);
        const int index = scope->statistics->count++;
        scope->statistics->stored_mean[index] = stored.mean;
        scope->statistics->stored_variance[index] = stored.variance;
        scope->statistics->mean[index] = moments.mean;
        scope->statistics->variance[index] = moments.variance;
    }
    /* y = x a + b with one a and b for each channel, computed once. */
    struct node *a = graph_multiply(g, gamma, graph_rsqrt(g, graph_add_number(g, moments.variance, norm_epsilon)));
    struct node *b = graph_subtract(g, beta, graph_multiply(g, moments.mean, a));
    return graph_add(g, graph_multiply(g, x, a), b);
}

struct node *layer_relu(struct graph *graph, struct node *x)
{
    return graph_maximum(graph, x, graph_constant(graph, 0));
}

/* x times a factor that is constant wherever it has a derivative: so the second derivative vanishes by itself. */
struct node *layer_leaky_relu(struct graph *graph, struct node *x, double slope)
{
    struct node *factor = graph_add_number(graph, graph_scale(graph, graph_step(graph, x), 1 - slope), slope);
    return graph_multiply(graph, x, factor);
}
