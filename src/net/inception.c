/* The blocks, named as the PyTorch port names them. What the language has no word for is composed: pooling over 3x3 is
 * done along one axis after the other, and strides by seeing two rows as one. */
#include "net/inception.h"

#include <math.h>
#include <stdio.h>

enum { NAME_SIZE = 80 };

/* A block under construction: where its layers' names begin. */
struct block {
    const struct scope *scope;
    const char *name;
};

struct window {
    int kernel[2], stride, padding[2];
};
static const struct window k1 = {{1, 1}, 1, {0, 0}}, k3 = {{3, 3}, 1, {1, 1}}, k5 = {{5, 5}, 1, {2, 2}},
                           k3_inside = {{3, 3}, 1, {0, 0}}, k3_half = {{3, 3}, 2, {0, 0}}, row3 = {{1, 3}, 1, {0, 1}},
                           column3 = {{3, 1}, 1, {1, 0}}, row7 = {{1, 7}, 1, {0, 3}}, column7 = {{7, 1}, 1, {3, 0}};

/* ---- Convolutions ----------------------------------------------------------------------------------------- */

static const char *layer_name(char text[NAME_SIZE], const struct block *block, const char *layer)
{
    snprintf(text, NAME_SIZE, "%s%s%s", block->name, *block->name ? "." : "", layer);
    return text;
}

static struct node *linear(const struct block *block, const char *layer, struct node *x, int64_t outputs,
                           const struct window *window)
{
    if (!x)
        return NULL;
    char name[NAME_SIZE], weight[NAME_SIZE + sizeof ".weight"];
    snprintf(weight, sizeof weight, "%s.weight", layer_name(name, block, layer));
    const int64_t inputs = x->shape.size[3], height = window->kernel[0], width = window->kernel[1];
    struct node *w = scope_weight(block->scope, weight, shape_of(4, (int64_t[]){outputs, height, width, inputs}),
                                  initial_normal(0, sqrt(2 / (double)(inputs * height * width))));
    const struct conv_attributes attributes = {
        {window->stride, window->stride}, {window->padding[0], window->padding[1]}, 1};
    return graph_conv(block->scope->graph, x, w, attributes);
}

static struct node *activate(const struct block *block, const char *layer, struct node *x)
{
    char name[NAME_SIZE];
    return x ? layer_relu(block->scope->graph, layer_bias(block->scope, layer_name(name, block, layer), x)) : NULL;
}

static struct node *conv(const struct block *block, const char *layer, struct node *x, int64_t outputs,
                         const struct window *window)
{
    return activate(block, layer, linear(block, layer, x, outputs, window));
}

static struct node *join(const struct block *block, int count, struct node *const *parts)
{
    struct node *all = parts[0];
    for (int i = 1; i < count; i++)
        all = graph_concat(block->scope->graph, all, parts[i], 3);
    return all;
}

/* ---- Pooling ---------------------------------------------------------------------------------------------- */

/* `count` rows (axis 1) or columns (axis 2) from `first` on. */
static struct node *lines(struct graph *g, struct node *x, int axis, int64_t first, int64_t count)
{
    if (!x)
        return NULL;
    int64_t start[4] = {0};
    struct shape shape = x->shape;
    start[axis] = first;
    shape.size[axis] = count;
    return graph_slice(g, x, start, shape);
}

/* `count` lines from `first` on, every second one. Two lines are seen as one of twice the length, of which half is
 * kept; so there must be a line behind the last one, or, for odd `first`, one before the first. */
static struct node *every_second_line(struct graph *g, struct node *x, int axis, int64_t first, int64_t count)
{
    if (!x)
        return NULL;
    const int64_t odd = first % 2, *size = x->shape.size;
    const int64_t before = axis == 1 ? 1 : size[1], behind = axis == 1 ? size[2] * size[3] : size[3];
    struct shape pairs = shape_batch(size[0], 4, (int64_t[]){before, count, 2, behind}), result = x->shape;
    pairs.batch = x->shape.batch;
    struct node *seen = graph_reshape(g, lines(g, x, axis, first - odd, 2 * count), pairs);
    pairs.size[3] = 1;
    result.size[axis] = count;
    return graph_reshape(g, graph_slice(g, seen, (int64_t[]){0, 0, 0, odd, 0}, pairs), result);
}

/* Lines a, a + 1 and a + 2 of an odd number for each even a. */
static struct node *maximum_halving(struct graph *g, struct node *x)
{
    for (int axis = 1; x && axis <= 2; axis++) {
        const int64_t count = (x->shape.size[axis] - 1) / 2;
        struct node *behind = lines(g, x, axis, 1, 2 * count);
        struct node *second = every_second_line(g, behind, axis, 0, count);
        struct node *third = every_second_line(g, behind, axis, 1, count);
        x = graph_maximum(g, every_second_line(g, x, axis, 0, count), graph_maximum(g, second, third));
    }
    return x;
}

static struct node *border(struct graph *g, struct node *x)
{
    if (!x)
        return NULL;
    struct shape shape = x->shape;
    shape.size[1] += 2;
    shape.size[2] += 2;
    return graph_pad(g, x, (int64_t[]){0, 1, 1, 0}, shape);
}

typedef struct node *combine(struct graph *graph, struct node *a, struct node *b);

/* Over 3x3, each pixel in turn, zeros outside. */
static struct node *neighbourhood(struct graph *g, struct node *x, combine *both)
{
    x = border(g, x);
    for (int axis = 1; x && axis <= 2; axis++) {
        const int64_t count = x->shape.size[axis] - 2;
        x = both(g, lines(g, x, axis, 0, count), both(g, lines(g, x, axis, 1, count), lines(g, x, axis, 2, count)));
    }
    return x;
}

/* Pixels outside are not counted. */
static struct node *average(struct graph *g, struct node *x)
{
    if (!x)
        return NULL;
    const struct shape one = shape_of(4, (int64_t[]){1, x->shape.size[1], x->shape.size[2], 1});
    struct node *pixels = neighbourhood(g, graph_broadcast(g, graph_constant(g, 1), one), graph_add);
    return graph_divide(g, neighbourhood(g, x, graph_add), pixels);
}

/* A convolution of the average is the average of the convolution, which has fewer channels. */
static struct node *average_conv(const struct block *block, struct node *x, int64_t outputs)
{
    static const char layer[] = "branch_pool";
    return activate(block, layer, average(block->scope->graph, linear(block, layer, x, outputs, &k1)));
}

/* ---- Blocks ----------------------------------------------------------------------------------------------- */

/* 35x35 */
static struct node *block_a(const struct scope *scope, const char *name, struct node *x, int64_t pooled)
{
    const struct block block = {scope, name}, *b = &block;
    struct node *five = conv(b, "branch5x5_2", conv(b, "branch5x5_1", x, 48, &k1), 64, &k5);
    struct node *twice = conv(b, "branch3x3dbl_2", conv(b, "branch3x3dbl_1", x, 64, &k1), 96, &k3);
    twice = conv(b, "branch3x3dbl_3", twice, 96, &k3);
    return join(b, 4, (struct node *[]){conv(b, "branch1x1", x, 64, &k1), five, twice, average_conv(b, x, pooled)});
}

/* To 17x17 */
static struct node *block_b(const struct scope *scope, const char *name, struct node *x)
{
    const struct block block = {scope, name}, *b = &block;
    struct node *twice = conv(b, "branch3x3dbl_2", conv(b, "branch3x3dbl_1", x, 64, &k1), 96, &k3);
    twice = conv(b, "branch3x3dbl_3", twice, 96, &k3_half);
    struct node *pooled = maximum_halving(scope->graph, x);
    return join(b, 3, (struct node *[]){conv(b, "branch3x3", x, 384, &k3_half), twice, pooled});
}

/* 17x17, with `inner` channels between kernels of seven */
static struct node *block_c(const struct scope *scope, const char *name, struct node *x, int64_t inner)
{
    const struct block block = {scope, name}, *b = &block;
    struct node *once = conv(b, "branch7x7_2", conv(b, "branch7x7_1", x, inner, &k1), inner, &row7);
    once = conv(b, "branch7x7_3", once, 192, &column7);
    struct node *twice = conv(b, "branch7x7dbl_2", conv(b, "branch7x7dbl_1", x, inner, &k1), inner, &column7);
    twice = conv(b, "branch7x7dbl_4", conv(b, "branch7x7dbl_3", twice, inner, &row7), inner, &column7);
    twice = conv(b, "branch7x7dbl_5", twice, 192, &row7);
    return join(b, 4, (struct node *[]){conv(b, "branch1x1", x, 192, &k1), once, twice, average_conv(b, x, 192)});
}

/* To 8x8 */
static struct node *block_d(const struct scope *scope, const char *name, struct node *x)
{
    const struct block block = {scope, name}, *b = &block;
    struct node *three = conv(b, "branch3x3_2", conv(b, "branch3x3_1", x, 192, &k1), 320, &k3_half);
    struct node *seven = conv(b, "branch7x7x3_2", conv(b, "branch7x7x3_1", x, 192, &k1), 192, &row7);
    seven = conv(b, "branch7x7x3_4", conv(b, "branch7x7x3_3", seven, 192, &column7), 192, &k3_half);
    return join(b, 3, (struct node *[]){three, seven, maximum_halving(scope->graph, x)});
}

/* 8x8. Activations are not negative, so that zeros around them never are the maximum alone. */
static struct node *block_e(const struct scope *scope, const char *name, struct node *x, bool by_maximum)
{
    const struct block block = {scope, name}, *b = &block;
    struct node *once = conv(b, "branch3x3_1", x, 384, &k1);
    struct node *twice = conv(b, "branch3x3dbl_2", conv(b, "branch3x3dbl_1", x, 448, &k1), 384, &k3);
    struct node *pooled = by_maximum
                              ? conv(b, "branch_pool", neighbourhood(scope->graph, x, graph_maximum), 192, &k1)
                              : average_conv(b, x, 192);
    return join(b, 6,
                (struct node *[]){conv(b, "branch1x1", x, 320, &k1), conv(b, "branch3x3_2a", once, 384, &row3),
                                  conv(b, "branch3x3_2b", once, 384, &column3),
                                  conv(b, "branch3x3dbl_3a", twice, 384, &row3),
                                  conv(b, "branch3x3dbl_3b", twice, 384, &column3), pooled});
}

static struct node *stem(const struct scope *scope, struct node *x)
{
    const struct block block = {scope, ""}, *b = &block;
    x = conv(b, "Conv2d_1a_3x3", x, 32, &k3_half);
    x = conv(b, "Conv2d_2a_3x3", x, 32, &k3_inside);
    x = maximum_halving(scope->graph, conv(b, "Conv2d_2b_3x3", x, 64, &k3));
    x = conv(b, "Conv2d_3b_1x1", x, 80, &k1);
    return maximum_halving(scope->graph, conv(b, "Conv2d_4a_3x3", x, 192, &k3_inside));
}

static struct node *fit(struct graph *g, struct node *x)
{
    struct node *fitted = graph_resample(g, x, INCEPTION_SIDE, INCEPTION_SIDE);
    if (!fitted || fitted->shape.size[3] == 3)
        return fitted;
    struct shape colour = fitted->shape;
    colour.size[3] = 3;
    return graph_broadcast(g, fitted, colour);
}

struct node *inception_features(const struct scope *scope, struct node *x)
{
    struct node *h = stem(scope, fit(scope->graph, x));
    h = block_a(scope, "Mixed_5b", h, 32);
    h = block_a(scope, "Mixed_5c", h, 64);
    h = block_a(scope, "Mixed_5d", h, 64);
    h = block_b(scope, "Mixed_6a", h);
    h = block_c(scope, "Mixed_6b", h, 128);
    h = block_c(scope, "Mixed_6c", h, 160);
    h = block_c(scope, "Mixed_6d", h, 160);
    h = block_c(scope, "Mixed_6e", h, 192);
    h = block_d(scope, "Mixed_7a", h);
    h = block_e(scope, "Mixed_7b", h, false);
    h = block_e(scope, "Mixed_7c", h, true);
    if (!h)
        return NULL;
    const double pixels = (double)(h->shape.size[1] * h->shape.size[2]);
    return graph_scale(scope->graph, layer_sum_pixels(scope->graph, h), 1 / pixels);
}
