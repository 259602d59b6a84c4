/* Algebra that is always right, applied as nodes are made: constants are folded, neutral elements vanish, chains of
 * shape changes collapse. Gradients lean on it: they may be written plainly and come out small. */
#include "graph/internal.h"

#include <math.h>

bool node_constant(const struct node *node, double *value)
{
    while (node->operation.kind == OP_RESHAPE || node->operation.kind == OP_BROADCAST)
        node = node->operand[0];
    if (node->operation.kind != OP_CONSTANT)
        return false;
    *value = node->operation.attributes.constant;
    return true;
}

struct node *graph_filled(struct graph *graph, double value, struct shape shape)
{
    return graph_broadcast(graph, graph_constant(graph, value), shape);
}

static double fold(enum operation_kind kind, const double v[3])
{
    switch (kind) {
    case OP_ADD: return v[0] + v[1];
    case OP_SUBTRACT: return v[0] - v[1];
    case OP_MULTIPLY: return v[0] * v[1];
    case OP_DIVIDE: return v[0] / v[1];
    case OP_MAXIMUM: return v[0] > v[1] ? v[0] : v[1];
    case OP_NEGATE: return -v[0];
    case OP_EXP: return exp(v[0]);
    case OP_LOG: return log(v[0]);
    case OP_TANH: return tanh(v[0]);
    case OP_SIGMOID: return 1 / (1 + exp(-v[0]));
    case OP_SOFTPLUS: return v[0] > 0 ? v[0] + log1p(exp(-v[0])) : log1p(exp(v[0]));
    case OP_SQRT: return sqrt(v[0]);
    case OP_RSQRT: return 1 / sqrt(v[0]);
    case OP_ABS: return fabs(v[0]);
    case OP_STEP: return v[0] > 0 ? 1 : 0;
    case OP_SELECT: return v[0] > 0 ? v[1] : v[2];
    default: return NAN;
    }
}

/* a with b constant, b with a constant: what is left when the constant is neutral. */
static struct node *neutral(struct graph *graph, enum operation_kind kind, struct node *const *operands)
{
    double c;
    if (node_constant(operands[1], &c)) {
        if ((c == 0 && (kind == OP_ADD || kind == OP_SUBTRACT)) ||
            (c == 1 && (kind == OP_MULTIPLY || kind == OP_DIVIDE)))
            return operands[0];
        if (c == 0 && kind == OP_MULTIPLY)
            return operands[1];
        if (c == -1 && kind == OP_MULTIPLY)
            return graph_negate(graph, operands[0]);
    }
    if (node_constant(operands[0], &c)) {
        if ((c == 0 && kind == OP_ADD) || (c == 1 && kind == OP_MULTIPLY))
            return operands[1];
        if (c == 0 && (kind == OP_MULTIPLY || kind == OP_DIVIDE))
            return operands[0];
        if (c == 0 && kind == OP_SUBTRACT)
            return graph_negate(graph, operands[1]);
        if (c == -1 && kind == OP_MULTIPLY)
            return graph_negate(graph, operands[1]);
    }
    return NULL;
}

static struct node *simplify_pointwise(struct graph *graph, enum operation_kind kind, const struct shape *shape,
                                       struct node *const *operands)
{
    const int count = operation_table[kind].operands;
    double value[3];
    int constants = 0;
    for (int i = 0; i < count; i++)
        constants += node_constant(operands[i], &value[i]);
    if (constants == count)
        return graph_filled(graph, fold(kind, value), *shape);
    if (kind == OP_NEGATE && operands[0]->operation.kind == OP_NEGATE)
        return operands[0]->operand[0];
    if (count == 2 && constants == 1)
        return neutral(graph, kind, operands);
    if (kind == OP_SELECT && operands[1] == operands[2])
        return operands[1];
    if (kind == OP_ADD && operands[0] == operands[1])
        return graph_scale(graph, operands[0], 2);
    if (kind == OP_ADD && operands[1]->operation.kind == OP_NEGATE)
        return graph_subtract(graph, operands[0], operands[1]->operand[0]);
    if (kind == OP_SUBTRACT && operands[1]->operation.kind == OP_NEGATE)
        return graph_add(graph, operands[0], operands[1]->operand[0]);
    return NULL;
}

/* Sums of constants, of nothing, and of what was only repeated. */
static struct node *simplify_sum(struct graph *graph, unsigned axes, const struct shape *shape, struct node *operand)
{
    unsigned summed = 0;
    int64_t count = 1;
    for (int i = 0; i < operand->shape.rank; i++)
        if (axes >> i & 1 && (operand->shape.size[i] != 1 || (i == 0 && operand->shape.batch))) {
            summed |= 1u << i;
            count *= operand->shape.size[i];
        }
    if (summed == 0)
        return operand;
    if (summed != axes)
        return graph_reduce_sum(graph, operand, summed);
    double value;
    if (node_constant(operand, &value))
        return graph_filled(graph, value * (double)count, *shape);
    if (operand->operation.kind != OP_BROADCAST)
        return NULL;
    unsigned repeated = 0;
    int64_t copies = 1;
    const struct node *source = operand->operand[0];
    for (int i = 0; i < operand->shape.rank; i++)
        if (axes >> i & 1 && source->shape.size[i] == 1 && !(i == 0 && source->shape.batch)) {
            repeated |= 1u << i;
            copies *= operand->shape.size[i];
        }
    if (repeated == 0)
        return NULL;
    struct shape rest = operand->shape;
    for (int i = 0; i < rest.rank; i++)
        if (repeated >> i & 1)
            rest.size[i] = 1;
    rest.batch = rest.batch && !(repeated & 1);
    struct node *once = graph_broadcast(graph, operand->operand[0], rest);
    return graph_scale(graph, graph_reduce_sum(graph, once, axes & ~repeated), (double)copies);
}

static struct node *simplify_shape(struct graph *graph, const struct operation *operation, const struct shape *shape,
                                   struct node *operand)
{
    if (shape_equal(&operand->shape, shape) && operation->kind != OP_TRANSPOSE)
        return operand;
    if (operand->operation.kind != operation->kind)
        return NULL;
    if (operation->kind == OP_RESHAPE)
        return graph_reshape(graph, operand->operand[0], *shape);
    if (operation->kind == OP_BROADCAST)
        return graph_broadcast(graph, operand->operand[0], *shape);
    return NULL;
}

static bool is_identity(const int *permutation, int rank)
{
    for (int i = 0; i < rank; i++)
        if (permutation[i] != i)
            return false;
    return true;
}

struct node *simplify(struct graph *graph, const struct operation *operation, const struct shape *shape,
                      struct node *const *operands)
{
    if (operation_table[operation->kind].pointwise)
        return simplify_pointwise(graph, operation->kind, shape, operands);
    switch (operation->kind) {
    case OP_REDUCE_SUM:
        return simplify_sum(graph, operation->attributes.axes, shape, operands[0]);
    case OP_RESHAPE:
    case OP_BROADCAST:
    case OP_SLICE:
    case OP_PAD:
        return simplify_shape(graph, operation, shape, operands[0]);
    case OP_RESAMPLE:
    case OP_RESAMPLE_ADJOINT:
        return shape_equal(&operands[0]->shape, shape) ? operands[0] : NULL;
    case OP_UPSAMPLE:
    case OP_SUM_POOL:
        return shape_equal(&operands[0]->shape, shape) ? operands[0] : NULL;
    case OP_TRANSPOSE:
        return is_identity(operation->attributes.transpose.permutation, shape->rank) ? operands[0] : NULL;
    default:
        return NULL;
    }
}
