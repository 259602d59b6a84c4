/* Reverse accumulation: walks back from a value and adds the gradient of each node to those of its operands, as more
 * nodes. One rule for each operation; each rule stays inside the language, so gradients have gradients. */
#include "graph/graph.h"

#include "base/memory.h"
#include "graph/internal.h"

#include <stdlib.h>

enum { ROOM = 3 }; /* operands that can have gradients */

/* d loss / d operands, given y and d loss / d y; NULL where there is none (or it is zero everywhere). */
static void pointwise_rule(struct graph *g, struct node *y, struct node *dy, struct node *d[ROOM])
{
    struct node *a = y->operand[0], *b = y->operand[1];
    switch (y->operation.kind) {
    case OP_ADD: d[0] = dy, d[1] = dy; break;
    case OP_SUBTRACT: d[0] = dy, d[1] = graph_negate(g, dy); break;
    case OP_MULTIPLY: d[0] = graph_multiply(g, dy, b), d[1] = graph_multiply(g, dy, a); break;
    case OP_DIVIDE:
        d[0] = graph_divide(g, dy, b);
        d[1] = graph_negate(g, graph_divide(g, graph_multiply(g, dy, y), b));
        break;
    case OP_MAXIMUM: {
        struct node *first = graph_step(g, graph_subtract(g, a, b));
        d[0] = graph_multiply(g, dy, first);
        d[1] = graph_multiply(g, dy, graph_subtract(g, graph_constant(g, 1), first));
        break;
    }
    case OP_NEGATE: d[0] = graph_negate(g, dy); break;
    case OP_EXP: d[0] = graph_multiply(g, dy, y); break;
    case OP_LOG: d[0] = graph_divide(g, dy, a); break;
    case OP_TANH:
        d[0] = graph_multiply(g, dy, graph_subtract(g, graph_constant(g, 1), graph_multiply(g, y, y)));
        break;
    case OP_SIGMOID:
        d[0] = graph_multiply(g, dy, graph_multiply(g, y, graph_subtract(g, graph_constant(g, 1), y)));
        break;
    case OP_SOFTPLUS: d[0] = graph_multiply(g, dy, graph_sigmoid(g, a)); break;
    case OP_SQRT: d[0] = graph_divide(g, graph_scale(g, dy, 0.5), y); break;
    case OP_RSQRT:
        d[0] = graph_multiply(g, graph_scale(g, dy, -0.5), graph_multiply(g, y, graph_multiply(g, y, y)));
        break;
    case OP_ABS: /* 0 at 0 */
        d[0] = graph_multiply(g, dy, graph_subtract(g, graph_step(g, a), graph_step(g, graph_negate(g, a))));
        break;
    case OP_SELECT: {
        struct node *zero = graph_constant(g, 0);
        d[1] = graph_select(g, a, dy, zero);
        d[2] = graph_select(g, a, zero, dy);
        break;
    }
    default: break; /* step: flat wherever it has a derivative */
    }
}

/* da = dy b', db = a' dy, with whatever transpositions bring the right axes together. */
static void matmul_rule(struct graph *g, struct node *y, struct node *dy, struct node *d[ROOM])
{
    struct node *a = y->operand[0], *b = y->operand[1];
    const bool ta = y->operation.attributes.matmul.transpose[0], tb = y->operation.attributes.matmul.transpose[1];
    d[0] = ta ? graph_matmul(g, b, dy, tb, true) : graph_matmul(g, dy, b, false, !tb);
    d[1] = tb ? graph_matmul(g, dy, a, true, ta) : graph_matmul(g, a, dy, !ta, false);
}

static void conv_rule(struct graph *g, struct node *y, struct node *dy, struct node *d[ROOM])
{
    struct node *a = y->operand[0], *b = y->operand[1];
    const struct conv_attributes attributes = y->operation.attributes.conv;
    const int64_t *sa = a->shape.size, *sb = b->shape.size;
    switch (y->operation.kind) {
    case OP_CONV: /* x, w */
        d[0] = graph_conv_dx(g, dy, b, attributes, sa[1], sa[2]);
        d[1] = graph_conv_dw(g, a, dy, attributes, sb[1], sb[2]);
        break;
    case OP_CONV_DX: /* dy, w: here `dy` is the gradient of an x */
        d[0] = graph_conv(g, dy, b, attributes);
        d[1] = graph_conv_dw(g, dy, a, attributes, sb[1], sb[2]);
        break;
    default: /* x, dy: here `dy` is the gradient of a w */
        d[0] = graph_conv_dx(g, b, dy, attributes, sa[1], sa[2]);
        d[1] = graph_conv(g, a, dy, attributes);
        break;
    }
}

static void concat_rule(struct graph *g, struct node *y, struct node *dy, struct node *d[ROOM])
{
    int64_t start[RANK_MAXIMUM] = {0};
    for (int i = 0; i < 2; i++) {
        d[i] = graph_slice(g, dy, start, y->operand[i]->shape);
        start[y->operation.attributes.concat.axis] = y->operand[0]->shape.size[y->operation.attributes.concat.axis];
    }
}

static struct node *broadcast_rule(struct graph *g, const struct node *y, struct node *dy)
{
    unsigned axes = 0;
    const struct shape *from = &y->operand[0]->shape;
    for (int i = 0; i < y->shape.rank; i++)
        if (from->size[i] == 1 && (y->shape.size[i] != 1 || (i == 0 && y->shape.batch && !from->batch)))
            axes |= 1u << i;
    return graph_reduce_sum(g, dy, axes);
}

static struct node *transpose_rule(struct graph *g, const struct node *y, struct node *dy)
{
    int inverse[RANK_MAXIMUM] = {0};
    for (int i = 0; i < y->shape.rank; i++)
        inverse[y->operation.attributes.transpose.permutation[i]] = i;
    return graph_transpose(g, dy, inverse);
}

static void gradient_rule(struct graph *g, struct node *y, struct node *dy, struct node *d[ROOM])
{
    struct node *a = y->operand[0], *b = y->operand[1];
    const union operation_attributes *attributes = &y->operation.attributes;
    if (operation_table[y->operation.kind].pointwise) {
        pointwise_rule(g, y, dy, d);
        return;
    }
    switch (y->operation.kind) {
    case OP_BROADCAST: d[0] = broadcast_rule(g, y, dy); break;
    case OP_REDUCE_SUM: d[0] = graph_broadcast(g, dy, a->shape); break;
    case OP_CONV:
    case OP_CONV_DX:
    case OP_CONV_DW: conv_rule(g, y, dy, d); break;
    case OP_MATMUL: matmul_rule(g, y, dy, d); break;
    case OP_UPSAMPLE: d[0] = graph_sum_pool(g, dy, attributes->scale.factor[0], attributes->scale.factor[1]); break;
    case OP_SUM_POOL: d[0] = graph_upsample(g, dy, attributes->scale.factor[0], attributes->scale.factor[1]); break;
    case OP_RESAMPLE: d[0] = graph_resample_adjoint(g, dy, a->shape.size[1], a->shape.size[2]); break;
    case OP_RESAMPLE_ADJOINT: d[0] = graph_resample(g, dy, a->shape.size[1], a->shape.size[2]); break;
    case OP_WARP: d[0] = graph_warp_adjoint(g, dy, b); break;
    case OP_WARP_ADJOINT: d[0] = graph_warp(g, dy, b); break;
    case OP_GATHER: d[0] = graph_scatter_add(g, dy, b, a->shape.size[0]); break;
    case OP_SCATTER_ADD: d[0] = graph_gather(g, dy, b); break;
    case OP_RESHAPE: d[0] = graph_reshape(g, dy, a->shape); break;
    case OP_TRANSPOSE: d[0] = transpose_rule(g, y, dy); break;
    case OP_SLICE: d[0] = graph_pad(g, dy, attributes->slice.start, a->shape); break;
    case OP_PAD: d[0] = graph_slice(g, dy, attributes->slice.start, a->shape); break;
    case OP_CONCAT: concat_rule(g, y, dy, d); break;
    default: break; /* leaves and reduce_max: constant */
    }
}

/* needed[i]: node i lies on a path from one of `with` upwards, and not beyond one that is held. */
enum { UNNEEDED, NEEDED, HELD };

static void mark_dependents(const struct graph *graph, int nodes, char *needed)
{
    for (int i = 0; i < nodes; i++) {
        const struct node *node = graph_node(graph, i);
        for (int k = 0; k < operation_table[node->operation.kind].operands && needed[i] == UNNEEDED; k++)
            if (needed[node->operand[k]->index] == NEEDED)
                needed[i] = NEEDED;
    }
}

static void accumulate(struct graph *graph, int nodes, const char *needed, struct node **gradient)
{
    for (int i = nodes - 1; i >= 0; i--) {
        struct node *y = graph_node(graph, i);
        if (!gradient[i] || needed[i] != NEEDED)
            continue;
        struct node *d[ROOM] = {NULL};
        gradient_rule(graph, y, gradient[i], d); /* unread ones cost nothing: dead nodes are never planned */
        for (int k = 0; k < operation_table[y->operation.kind].operands && k < ROOM; k++) {
            const int operand = y->operand[k]->index;
            if (d[k] && needed[operand] == NEEDED)
                gradient[operand] = gradient[operand] ? graph_add(graph, gradient[operand], d[k]) : d[k];
        }
    }
}

int graph_gradient(struct graph *graph, struct node *value, int count, struct node *const *with, int holds,
                   struct node *const *held, struct node **gradients)
{
    if (!graph_ready(graph, 1, &value) || !graph_ready(graph, count, with) || !graph_ready(graph, holds, held))
        return graph_status(graph);
    const int nodes = value->index + 1;
    const int total = graph_nodes(graph);
    char *needed = memory_new((size_t)total, 1);
    struct node **gradient = memory_new((size_t)total, sizeof *gradient);
    if (!needed || !gradient) {
        free(needed);
        free(gradient);
        return STATUS_MEMORY;
    }
    for (int i = 0; i < count; i++)
        needed[with[i]->index] = NEEDED;
    for (int i = 0; i < holds; i++)
        needed[held[i]->index] = HELD;
    mark_dependents(graph, nodes, needed);
    gradient[value->index] = graph_filled(graph, 1, value->shape);
    accumulate(graph, nodes, needed, gradient);
    for (int i = 0; i < count; i++) {
        struct node *found = gradient[with[i]->index];
        gradients[i] = found ? found : graph_filled(graph, 0, with[i]->shape);
    }
    free(needed);
    free(gradient);
    return graph_status(graph);
}
