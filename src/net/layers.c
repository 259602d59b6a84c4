/* Layers as compositions of operations; what makes them fast is that the planner fuses them. */
#include "net/layers.h"

#include <math.h>
#include <stdio.h>

enum { NAME_SIZE = 160, PART_SIZE = 96, U_SIZE = PART_SIZE + 2 };
static const double norm_epsilon = 1e-5, spectral_epsilon = 1e-12;

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

/* ---- Initial weights ---------------------------------------------------------------------------------------- */

struct initial initial_constant(double value)
{
    return (struct initial){INITIAL_CONSTANT, value, 0};
}

struct initial initial_normal(double mean, double deviation)
{
    return (struct initial){INITIAL_NORMAL, mean, deviation};
}

struct initial initial_glorot(int64_t inputs, int64_t outputs, double gain)
{
    const double bound = gain * sqrt(6 / (double)(inputs + outputs));
    return (struct initial){INITIAL_UNIFORM, -bound, bound};
}

/* ---- Spectral norm ------------------------------------------------------------------------------------------ */

static struct node *unit_row(struct graph *g, struct node *row)
{
    struct node *square = graph_reduce_sum(g, graph_multiply(g, row, row), 2);
    return graph_multiply(g, row, graph_rsqrt(g, graph_add_number(g, square, spectral_epsilon)));
}

/* The u from which the next iteration of this weight starts: the newest one, or the stored one. */
static struct node *newest_u(const struct spectra *spectra, struct node *state)
{
    for (int i = spectra->count; i-- > 0;)
        if (spectra->u_state[i] == state)
            return spectra->u[i];
    return state;
}

/* w / sigma with sigma = u W v of one power iteration; w seen as a matrix of its first axis against the rest. A dense
 * weight is the transpose of what is published: it has the same sigma. */
static struct node *divide_by_spectral_norm(const struct scope *scope, const char *name, struct node *w)
{
    struct graph *g = scope->graph;
    struct spectra *spectra = scope->spectra;
    for (int i = 0; i < spectra->count; i++)
        if (spectra->weight[i] == w)
            return spectra->normalised[i];
    char u_name[U_SIZE];
    snprintf(u_name, sizeof u_name, "%s.u", name);
    if (!w || spectra->count == SPECTRA_MAXIMUM)
        return NULL;
    const int64_t rows = w->shape.size[0], columns = shape_elements(&w->shape) / rows;
    struct node *state = scope_state(scope, u_name, shape_of(2, (int64_t[]){1, rows}), initial_normal(0, 1));
    struct node *matrix = graph_reshape(g, w, shape_of(2, (int64_t[]){rows, columns}));
    struct node *v = unit_row(g, graph_matmul(g, newest_u(spectra, state), matrix, false, false));
    struct node *u = unit_row(g, graph_matmul(g, v, matrix, false, true));
    struct node *sigma = graph_matmul(g, graph_matmul(g, u, matrix, false, false), v, false, true);
    struct node *normalised = graph_divide(g, w, graph_reshape(g, sigma, (struct shape){0}));
    const int index = spectra->count++;
    spectra->weight[index] = w;
    spectra->normalised[index] = normalised;
    spectra->u_state[index] = state;
    spectra->u[index] = u;
    spectra->v[index] = v;
    return normalised;
}

/* What a layer multiplies by: kernels, matrices and embeddings. */
static struct node *matrix_part(const struct scope *scope, const char *layer, struct shape shape,
                                struct initial initial)
{
    struct node *w = part(scope, layer, "weight", shape, initial);
    if (!scope->spectra)
        return w;
    char name[PART_SIZE];
    snprintf(name, sizeof name, "%s.weight", layer);
    return divide_by_spectral_norm(scope, name, w);
}

/* ---- Layers ------------------------------------------------------------------------------------------------- */

struct node *layer_dense(const struct scope *scope, const char *name, struct node *x, int64_t outputs,
                         struct initial initial)
{
    if (!x)
        return NULL;
    struct node *w = matrix_part(scope, name, shape_of(2, (int64_t[]){x->shape.size[1], outputs}), initial);
    return graph_matmul(scope->graph, x, w, false, false);
}

/* (1,...,1,C) */
static struct shape channel_shape(const struct node *x)
{
    int64_t size[RANK_MAXIMUM] = {1, 1, 1, 1, 1};
    size[x->shape.rank - 1] = x->shape.size[x->shape.rank - 1];
    return shape_of(x->shape.rank, size);
}

struct node *layer_bias(const struct scope *scope, const char *name, struct node *x)
{
    if (!x)
        return NULL;
    return graph_add(scope->graph, x, part(scope, name, "bias", channel_shape(x), initial_constant(0)));
}

static const struct conv_attributes halving = {{2, 2}, {1, 1}, 1};

struct node *layer_down(const struct scope *scope, const char *name, struct node *x, int64_t outputs,
                        struct initial initial)
{
    if (!x)
        return NULL;
    struct node *w = matrix_part(scope, name, shape_of(4, (int64_t[]){outputs, 4, 4, x->shape.size[3]}), initial);
    return graph_conv(scope->graph, x, w, halving);
}

struct node *layer_up(const struct scope *scope, const char *name, struct node *x, int64_t outputs,
                      struct initial initial)
{
    if (!x)
        return NULL;
    struct node *w = matrix_part(scope, name, shape_of(4, (int64_t[]){x->shape.size[3], 4, 4, outputs}), initial);
    return graph_conv_dx(scope->graph, x, w, halving, 2 * x->shape.size[1], 2 * x->shape.size[2]);
}

struct node *layer_conv(const struct scope *scope, const char *name, struct node *x, int64_t outputs, int kernel,
                        int groups, struct initial initial)
{
    if (!x)
        return NULL;
    const struct conv_attributes same = {{1, 1}, {kernel / 2, kernel / 2}, groups};
    const struct shape shape = shape_of(4, (int64_t[]){outputs, kernel, kernel, x->shape.size[3] / groups});
    return graph_conv(scope->graph, x, matrix_part(scope, name, shape, initial), same);
}

struct node *layer_halve(struct graph *graph, struct node *x)
{
    return graph_scale(graph, graph_sum_pool(graph, x, 2, 2), 0.25);
}

struct node *layer_double(struct graph *graph, struct node *x)
{
    return graph_upsample(graph, x, 2, 2);
}

struct node *layer_flatten(struct graph *graph, struct node *x)
{
    if (!x)
        return NULL;
    const int64_t features = shape_elements(&x->shape) / x->shape.size[0];
    return graph_reshape(graph, x, shape_batch(x->shape.size[0], 1, &features));
}

struct node *layer_sum_pixels(struct graph *graph, struct node *x)
{
    return layer_flatten(graph, graph_reduce_sum(graph, x, 1u << 1 | 1u << 2));
}

struct node *layer_embedding(const struct scope *scope, const char *name, struct node *label, int64_t classes,
                             int64_t size, struct initial initial)
{
    struct node *table = matrix_part(scope, name, shape_of(2, (int64_t[]){classes, size}), initial);
    return graph_gather(scope->graph, table, label);
}

/* One column a class: the language has no constants but scalars to look the rows up in. */
struct node *layer_one_hot(struct graph *graph, struct node *label, int64_t classes)
{
    if (!label)
        return NULL;
    struct node *column = graph_reshape(graph, label, shape_batch(label->shape.size[0], 1, (int64_t[]){1}));
    struct node *rows = NULL;
    for (int64_t i = 0; i < classes; i++) {
        struct node *distance = graph_abs(graph, graph_add_number(graph, column, -(double)i));
        struct node *hit = graph_step(graph, graph_subtract(graph, graph_constant(graph, 0.5), distance));
        rows = rows ? graph_concat(graph, rows, hit, 1) : hit;
    }
    return rows;
}

/* ---- Batch norm --------------------------------------------------------------------------------------------- */

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
    snprintf(variance, sizeof variance, "%s" LAYER_VARIANCE, layer);
    return (struct moments){scope_state(scope, mean, shape, initial_constant(0)),
                            scope_state(scope, variance, shape, initial_constant(1))};
}

/* Those of the batch, remembered for who asked, or the stored ones. */
static struct moments scope_moments(const struct scope *scope, const char *name, struct node *x)
{
    struct graph *g = scope->graph;
    const struct shape shape = channel_shape(x);
    if (!scope->training)
        return stored_moments(scope, name, shape);
    const struct moments moments = batch_moments(g, x, (1u << (x->shape.rank - 1)) - 1);
    if (scope->statistics && scope->statistics->count < STATISTICS_MAXIMUM) {
        const struct moments stored = stored_moments(scope, name, shape);
        const int index = scope->statistics->count++;
        scope->statistics->stored_mean[index] = stored.mean;
        scope->statistics->stored_variance[index] = stored.variance;
        scope->statistics->mean[index] = moments.mean;
        scope->statistics->variance[index] = moments.variance;
    }
    return moments;
}

/* y = x a + b with one a and b for each channel (and image, if gamma and beta have the batch axis), computed once. */
static struct node *normalise(struct graph *g, struct node *x, struct moments moments, struct node *gamma,
                              struct node *beta)
{
    struct node *a = graph_multiply(g, gamma, graph_rsqrt(g, graph_add_number(g, moments.variance, norm_epsilon)));
    struct node *b = graph_subtract(g, beta, graph_multiply(g, moments.mean, a));
    return graph_add(g, graph_multiply(g, x, a), b);
}

struct node *layer_batch_norm(const struct scope *scope, const char *name, struct node *x, struct initial scale)
{
    if (!x)
        return NULL;
    struct node *gamma = part(scope, name, "scale", channel_shape(x), scale);
    struct node *beta = part(scope, name, "shift", channel_shape(x), initial_constant(0));
    return normalise(scope->graph, x, scope_moments(scope, name, x), gamma, beta);
}

/* Rows of a table by label as (N,1,1,C), drawn towards the mean of all rows as the strength falls. */
static struct node *class_rows(const struct scope *scope, const struct condition *condition, struct node *table)
{
    struct graph *g = scope->graph;
    struct node *row = graph_gather(g, table, condition->label);
    if (!row)
        return NULL;
    if (condition->strength) {
        struct node *mean = graph_mean(g, table, 1);
        row = graph_add(g, mean, graph_multiply(g, graph_subtract(g, row, mean), condition->strength));
    }
    return graph_reshape(g, row, shape_batch(row->shape.size[0], 3, (int64_t[]){1, 1, row->shape.size[1]}));
}

/* The numbers `what` of each channel: by class if there are any, and with what the latent numbers of each image add to
 * them, at first nothing. */
static struct node *styled(const struct scope *scope, const struct condition *condition, const char *name,
                           const char *what, const struct node *x, int64_t classes, struct initial initial)
{
    struct graph *g = scope->graph;
    const int64_t channels = x->shape.size[3];
    const struct shape shape = classes ? shape_of(2, (int64_t[]){classes, channels}) : channel_shape(x);
    struct node *table = part(scope, name, what, shape, initial);
    struct node *rows = classes ? class_rows(scope, condition, table) : table;
    if (!rows || !condition->latent)
        return rows;
    char dense[PART_SIZE];
    snprintf(dense, sizeof dense, "%s.%s.style", name, what);
    struct node *style = layer_dense(scope, dense, condition->latent, channels, initial_constant(0));
    if (!style)
        return NULL;
    return graph_add(g, graph_reshape(g, style, shape_batch(x->shape.size[0], 3, (int64_t[]){1, 1, channels})), rows);
}

struct node *layer_styled_batch_norm(const struct scope *scope, const char *name, struct node *x,
                                     const struct condition *condition, int64_t classes, struct initial scale)
{
    if (!x)
        return NULL;
    struct node *gamma = styled(scope, condition, name, "scale", x, classes, scale);
    struct node *beta = styled(scope, condition, name, "shift", x, classes, initial_constant(0));
    return normalise(scope->graph, x, scope_moments(scope, name, x), gamma, beta);
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
