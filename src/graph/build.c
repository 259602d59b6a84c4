/* Builders of pointwise operations, broadcasts and reductions, and of everything that only moves. Each checks its
 * operands, infers the shape of the result, and leaves the rest to graph_make. */
#include "graph/graph.h"

#include "graph/internal.h"

struct shape shape_of(int rank, const int64_t *size)
{
    struct shape shape = {.rank = rank};
    for (int i = 0; i < rank; i++)
        shape.size[i] = size[i];
    return shape;
}

struct shape shape_batch(int64_t images, int rank, const int64_t *size)
{
    struct shape shape = {.rank = rank + 1, .batch = true};
    shape.size[0] = images;
    for (int i = 0; i < rank; i++)
        shape.size[i + 1] = size[i];
    return shape;
}

struct node *graph_constant(struct graph *graph, double value)
{
    if (!graph_ready(graph, 0, NULL))
        return NULL;
    struct operation operation = operation_of(OP_CONSTANT);
    operation.attributes.constant = value;
    return graph_make(graph, operation, (struct shape){0}, NULL);
}

struct node *graph_random(struct graph *graph, enum random_distribution distribution, uint32_t purpose,
                          struct shape shape)
{
    if (!graph_ready(graph, 0, NULL))
        return NULL;
    struct operation operation = operation_of(OP_RANDOM);
    operation.attributes.random.distribution = distribution;
    operation.attributes.random.purpose = purpose;
    return graph_make(graph, operation, shape, NULL);
}

/* --- Broadcast and pointwise ----------------------------------------------------------------------------- */

/* The same tensor with axes of size 1 put in front. */
static struct node *with_rank(struct graph *graph, struct node *a, int rank)
{
    struct shape shape = {.rank = rank, .batch = a->shape.batch};
    const int added = rank - a->shape.rank;
    for (int i = 0; i < rank; i++)
        shape.size[i] = i < added ? 1 : a->shape.size[i - added];
    return graph_reshape(graph, a, shape);
}

struct node *graph_broadcast(struct graph *graph, struct node *a, struct shape shape)
{
    if (!graph_ready(graph, 1, &a))
        return NULL;
    char from[SHAPE_TEXT], to[SHAPE_TEXT];
    if (a->shape.rank > shape.rank || (a->shape.batch && (!shape.batch || a->shape.rank != shape.rank)))
        return graph_fail(graph, "broadcast: %s does not fit into %s", shape_text(&a->shape, from),
                          shape_text(&shape, to));
    if (a->shape.rank < shape.rank)
        return graph_broadcast(graph, with_rank(graph, a, shape.rank), shape);
    for (int i = 0; i < shape.rank; i++)
        if (a->shape.size[i] != 1 && (a->shape.size[i] != shape.size[i] || (i == 0 && a->shape.batch != shape.batch)))
            return graph_fail(graph, "broadcast: %s does not fit into %s", shape_text(&a->shape, from),
                              shape_text(&shape, to));
    return graph_make(graph, operation_of(OP_BROADCAST), shape, &a);
}

/* The shape that both fit into; axes are aligned at the right. */
static bool common_shape(const struct shape *a, const struct shape *b, struct shape *common)
{
    const int rank = a->rank > b->rank ? a->rank : b->rank;
    *common = (struct shape){.rank = rank, .batch = a->batch || b->batch};
    if ((a->batch && a->rank != rank) || (b->batch && b->rank != rank))
        return false;
    for (int i = 0; i < rank; i++) {
        const int64_t sa = i < rank - a->rank ? 1 : a->size[i - (rank - a->rank)];
        const int64_t sb = i < rank - b->rank ? 1 : b->size[i - (rank - b->rank)];
        if (sa != sb && sa != 1 && sb != 1)
            return false;
        common->size[i] = sa == 1 ? sb : sa;
    }
    return true;
}

static struct node *pointwise(struct graph *graph, enum operation_kind kind, int count, struct node **operands)
{
    if (!graph_ready(graph, count, operands))
        return NULL;
    struct shape shape = operands[0]->shape;
    for (int i = 1; i < count; i++) {
        const struct shape so_far = shape;
        char a[SHAPE_TEXT], b[SHAPE_TEXT];
        if (!common_shape(&so_far, &operands[i]->shape, &shape))
            return graph_fail(graph, "%s: shapes %s and %s do not go together", operation_table[kind].name,
                              shape_text(&so_far, a), shape_text(&operands[i]->shape, b));
    }
    for (int i = 0; i < count; i++)
        operands[i] = graph_broadcast(graph, operands[i], shape);
    return graph_ready(graph, count, operands) ? graph_make(graph, operation_of(kind), shape, operands) : NULL;
}

static struct node *unary(struct graph *graph, enum operation_kind kind, struct node *a)
{
    return pointwise(graph, kind, 1, (struct node *[]){a});
}

static struct node *binary(struct graph *graph, enum operation_kind kind, struct node *a, struct node *b)
{
    return pointwise(graph, kind, 2, (struct node *[]){a, b});
}

/* Operands of what commutes stand in order of age, so that a + b and b + a are one node. */
static struct node *commuting(struct graph *graph, enum operation_kind kind, struct node *a, struct node *b)
{
    return a && b && a->index > b->index ? binary(graph, kind, b, a) : binary(graph, kind, a, b);
}

struct node *graph_add(struct graph *graph, struct node *a, struct node *b)
{
    return commuting(graph, OP_ADD, a, b);
}

struct node *graph_subtract(struct graph *graph, struct node *a, struct node *b)
{
    return binary(graph, OP_SUBTRACT, a, b);
}

struct node *graph_multiply(struct graph *graph, struct node *a, struct node *b)
{
    return commuting(graph, OP_MULTIPLY, a, b);
}

struct node *graph_divide(struct graph *graph, struct node *a, struct node *b)
{
    return binary(graph, OP_DIVIDE, a, b);
}

struct node *graph_maximum(struct graph *graph, struct node *a, struct node *b)
{
    return binary(graph, OP_MAXIMUM, a, b);
}

struct node *graph_negate(struct graph *graph, struct node *a)
{
    return unary(graph, OP_NEGATE, a);
}

struct node *graph_exp(struct graph *graph, struct node *a)
{
    return unary(graph, OP_EXP, a);
}

struct node *graph_log(struct graph *graph, struct node *a)
{
    return unary(graph, OP_LOG, a);
}

struct node *graph_tanh(struct graph *graph, struct node *a)
{
    return unary(graph, OP_TANH, a);
}

struct node *graph_sigmoid(struct graph *graph, struct node *a)
{
    return unary(graph, OP_SIGMOID, a);
}

struct node *graph_softplus(struct graph *graph, struct node *a)
{
    return unary(graph, OP_SOFTPLUS, a);
}

struct node *graph_sqrt(struct graph *graph, struct node *a)
{
    return unary(graph, OP_SQRT, a);
}

struct node *graph_rsqrt(struct graph *graph, struct node *a)
{
    return unary(graph, OP_RSQRT, a);
}

struct node *graph_abs(struct graph *graph, struct node *a)
{
    return unary(graph, OP_ABS, a);
}

struct node *graph_step(struct graph *graph, struct node *a)
{
    return unary(graph, OP_STEP, a);
}

struct node *graph_select(struct graph *graph, struct node *condition, struct node *positive, struct node *other)
{
    return pointwise(graph, OP_SELECT, 3, (struct node *[]){condition, positive, other});
}

struct node *graph_add_number(struct graph *graph, struct node *a, double b)
{
    return graph_add(graph, a, graph_constant(graph, b));
}

struct node *graph_scale(struct graph *graph, struct node *a, double factor)
{
    return graph_multiply(graph, a, graph_constant(graph, factor));
}

/* --- Reductions ------------------------------------------------------------------------------------------ */

static struct node *reduce(struct graph *graph, enum operation_kind kind, struct node *a, unsigned axes)
{
    if (!graph_ready(graph, 1, &a))
        return NULL;
    char text[SHAPE_TEXT];
    if (axes >> a->shape.rank)
        return graph_fail(graph, "%s: %s has no axes %#x", operation_table[kind].name, shape_text(&a->shape, text),
                          axes);
    struct shape shape = a->shape;
    for (int i = 0; i < shape.rank; i++)
        if (axes >> i & 1)
            shape.size[i] = 1;
    shape.batch = shape.batch && !(axes & 1);
    struct operation operation = operation_of(kind);
    operation.attributes.axes = axes;
    return graph_make(graph, operation, shape, &a);
}

struct node *graph_reduce_sum(struct graph *graph, struct node *a, unsigned axes)
{
    return reduce(graph, OP_REDUCE_SUM, a, axes);
}

struct node *graph_reduce_max(struct graph *graph, struct node *a, unsigned axes)
{
    if (a && a->shape.batch && (axes & 1))
        return graph_fail(graph, "reduce_max: the batch axis cannot be reduced by a maximum");
    return reduce(graph, OP_REDUCE_MAX, a, axes);
}

struct node *graph_mean(struct graph *graph, struct node *a, unsigned axes)
{
    struct node *sum = graph_reduce_sum(graph, a, axes);
    if (!sum)
        return NULL;
    return graph_scale(graph, sum, (double)shape_elements(&sum->shape) / (double)shape_elements(&a->shape));
}

struct node *graph_sum_all(struct graph *graph, struct node *a)
{
    if (!graph_ready(graph, 1, &a))
        return NULL;
    return graph_reshape(graph, graph_reduce_sum(graph, a, (1u << a->shape.rank) - 1), (struct shape){0});
}

struct node *graph_mean_all(struct graph *graph, struct node *a)
{
    struct node *sum = graph_sum_all(graph, a);
    return sum ? graph_scale(graph, sum, 1 / (double)shape_elements(&a->shape)) : NULL;
}

/* --- Moving ---------------------------------------------------------------------------------------------- */

struct node *graph_reshape(struct graph *graph, struct node *a, struct shape shape)
{
    if (!graph_ready(graph, 1, &a))
        return NULL;
    char from[SHAPE_TEXT], to[SHAPE_TEXT];
    if (shape_elements(&a->shape) != shape_elements(&shape) || a->shape.batch != shape.batch ||
        (shape.batch && a->shape.size[0] != shape.size[0]))
        return graph_fail(graph, "reshape: %s does not become %s", shape_text(&a->shape, from), shape_text(&shape, to));
    return graph_make(graph, operation_of(OP_RESHAPE), shape, &a);
}

struct node *graph_transpose(struct graph *graph, struct node *a, const int *permutation)
{
    if (!graph_ready(graph, 1, &a))
        return NULL;
    struct operation operation = operation_of(OP_TRANSPOSE);
    struct shape shape = a->shape;
    unsigned seen = 0;
    for (int i = 0; i < shape.rank; i++) {
        const int from = permutation[i];
        if (from < 0 || from >= shape.rank || seen >> from & 1 || (shape.batch && i == 0 && from != 0))
            return graph_fail(graph, "transpose: result axis %d cannot be operand axis %d", i, from);
        seen |= 1u << from;
        shape.size[i] = a->shape.size[from];
        operation.attributes.transpose.permutation[i] = from;
    }
    return graph_make(graph, operation, shape, &a);
}

/* Slice and pad see the same two shapes from opposite sides. */
static struct node *window(struct graph *graph, enum operation_kind kind, struct node *a, const int64_t *start,
                           struct shape shape)
{
    if (!graph_ready(graph, 1, &a))
        return NULL;
    const struct shape *inner = kind == OP_SLICE ? &shape : &a->shape;
    const struct shape *outer = kind == OP_SLICE ? &a->shape : &shape;
    struct operation operation = operation_of(kind);
    bool fits = a->shape.rank == shape.rank && a->shape.batch == shape.batch;
    for (int i = 0; fits && i < shape.rank; i++) {
        operation.attributes.slice.start[i] = start[i];
        fits = start[i] >= 0 && start[i] + inner->size[i] <= outer->size[i] &&
               !(shape.batch && i == 0 && inner->size[0] != outer->size[0]);
    }
    char from[SHAPE_TEXT], to[SHAPE_TEXT];
    if (!fits)
        return graph_fail(graph, "%s: %s does not become %s", operation_table[kind].name, shape_text(&a->shape, from),
                          shape_text(&shape, to));
    return graph_make(graph, operation, shape, &a);
}

struct node *graph_slice(struct graph *graph, struct node *a, const int64_t *start, struct shape shape)
{
    return window(graph, OP_SLICE, a, start, shape);
}

struct node *graph_pad(struct graph *graph, struct node *a, const int64_t *before, struct shape shape)
{
    return window(graph, OP_PAD, a, before, shape);
}

struct node *graph_concat(struct graph *graph, struct node *a, struct node *b, int axis)
{
    struct node *operands[2] = {a, b};
    if (!graph_ready(graph, 2, operands))
        return NULL;
    bool fits = a->shape.rank == b->shape.rank && a->shape.batch == b->shape.batch && axis >= 0 &&
                axis < a->shape.rank && !(a->shape.batch && axis == 0);
    struct shape shape = a->shape;
    for (int i = 0; fits && i < shape.rank; i++) {
        if (i == axis)
            shape.size[i] += b->shape.size[i];
        else
            fits = a->shape.size[i] == b->shape.size[i];
    }
    char left[SHAPE_TEXT], right[SHAPE_TEXT];
    if (!fits)
        return graph_fail(graph, "concat: %s and %s cannot be joined along axis %d", shape_text(&a->shape, left),
                          shape_text(&b->shape, right), axis);
    struct operation operation = operation_of(OP_CONCAT);
    operation.attributes.concat.axis = axis;
    return graph_make(graph, operation, shape, operands);
}
