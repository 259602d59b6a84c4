/* Work that is there already, but for a factor of each sample: f(s z) = s f(z) for a linear f that keeps samples apart
 * and s of one number for each sample. Only when f(z) exists: then a product takes the place of a convolution. So a
 * gradient penalty and the loss of the same pictures share one way back. */
#include "graph/internal.h"

static bool one_number_each(const struct shape *shape)
{
    int64_t rest = 1;
    for (int i = 1; i < shape->rank; i++)
        rest *= shape->size[i];
    return shape->batch && rest == 1;
}

/* x = scale * rest, the scale one number for each sample. */
struct scaled {
    struct node *scale, *rest;
};

static bool take_apart(struct node *x, struct scaled *scaled)
{
    if (x->operation.kind != OP_MULTIPLY || one_number_each(&x->shape))
        return false;
    for (int i = 0; i < 2; i++) {
        const struct node *factor = x->operand[i];
        if (factor->operation.kind == OP_BROADCAST && one_number_each(&factor->operand[0]->shape)) {
            *scaled = (struct scaled){factor->operand[0], x->operand[1 - i]};
            return true;
        }
    }
    return false;
}

static struct node *put_together(struct graph *graph, struct node *scale, struct node *rest)
{
    struct shape shape = rest->shape;
    for (int i = 1; i < shape.rank; i++)
        shape.size[i] = 1;
    return graph_multiply(graph, graph_reshape(graph, scale, shape), rest);
}

static struct node *existing_binary(const struct graph *graph, const struct operation *operation,
                                    const struct shape *shape, struct node *a, struct node *b)
{
    const bool swap = (operation->kind == OP_MULTIPLY || operation->kind == OP_ADD) && a->index > b->index;
    return graph_existing(graph, operation, shape, (struct node *[]){swap ? b : a, swap ? a : b});
}

static struct node *share_sum(struct graph *graph, const struct operation *operation, const struct shape *shape,
                              struct node *const *operands)
{
    struct scaled a, b;
    if (!take_apart(operands[0], &a) || !take_apart(operands[1], &b) || a.scale != b.scale)
        return NULL;
    struct node *same = existing_binary(graph, operation, shape, a.rest, b.rest);
    return same ? put_together(graph, a.scale, same) : NULL;
}

static struct node *share_product(struct graph *graph, const struct operation *operation, const struct shape *shape,
                                  struct node *const *operands)
{
    for (int i = 0; i < 2; i++) {
        struct scaled x;
        struct node *same = take_apart(operands[i], &x)
                                ? existing_binary(graph, operation, shape, x.rest, operands[1 - i])
                                : NULL;
        if (same)
            return put_together(graph, x.scale, same);
    }
    return NULL;
}

/* Of the first operand alone. */
static struct node *share_linear(struct graph *graph, const struct operation *operation, const struct shape *shape,
                                 struct node *const *operands)
{
    struct scaled x;
    if (!shape->batch || !take_apart(operands[0], &x))
        return NULL;
    struct node *same = graph_existing(graph, operation, shape, (struct node *[]){x.rest, operands[1]});
    return same ? put_together(graph, x.scale, same) : NULL;
}

static struct node *share_moved(struct graph *graph, const struct operation *operation, const struct shape *shape,
                                struct node *operand)
{
    struct scaled x;
    if (!shape->batch || !operand->shape.batch || !take_apart(operand, &x))
        return NULL;
    const int before = graph_nodes(graph);
    struct node *same = operation->kind == OP_RESHAPE ? graph_reshape(graph, x.rest, *shape)
                                                      : graph_broadcast(graph, x.rest, *shape);
    return same && same->index < before ? put_together(graph, x.scale, same) : NULL;
}

/* A column of numbers by a row, when ones by the row is there. */
static struct node *share_outer(struct graph *graph, const struct operation *operation, const struct shape *shape,
                                struct node *const *operands)
{
    if (!shape->batch || shape->rank != 2 || operation->attributes.matmul.transpose[0] ||
        !one_number_each(&operands[0]->shape))
        return NULL;
    struct node *ones = graph_filled(graph, 1, operands[0]->shape);
    struct node *same = ones && ones != operands[0]
                            ? graph_existing(graph, operation, shape, (struct node *[]){ones, operands[1]})
                            : NULL;
    return same ? put_together(graph, operands[0], same) : NULL;
}

static struct node *share_weights(struct graph *graph, const struct operation *operation, const struct shape *shape,
                                  struct node *const *operands)
{
    struct scaled dy;
    if (!take_apart(operands[1], &dy) ||
        !graph_existing(graph, operation, shape, (struct node *[]){operands[0], dy.rest}))
        return NULL;
    return graph_make(graph, *operation, *shape,
                      (struct node *[]){put_together(graph, dy.scale, operands[0]), dy.rest});
}

/* conv_dw(a, dy) + conv_dw(b, dy) = conv_dw(a + b, dy). */
static struct node *merge_weights(struct graph *graph, struct node *a, struct node *b)
{
    if (a->operation.kind == OP_ADD && b->operation.kind == OP_CONV_DW)
        for (int i = 0; i < 2; i++) {
            struct node *merged = merge_weights(graph, a->operand[i], b);
            if (merged)
                return graph_add(graph, merged, a->operand[1 - i]);
        }
    if (a->operation.kind != OP_CONV_DW || b->operation.kind != OP_CONV_DW || a->operand[1] != b->operand[1] ||
        memcmp(&a->operation, &b->operation, sizeof a->operation) != 0 || !shape_equal(&a->shape, &b->shape))
        return NULL;
    return graph_make(graph, a->operation, a->shape,
                      (struct node *[]){graph_add(graph, a->operand[0], b->operand[0]), a->operand[1]});
}

struct node *share(struct graph *graph, const struct operation *operation, const struct shape *shape,
                   struct node *const *operands)
{
    struct node *found = NULL;
    switch (operation->kind) {
    case OP_ADD:
        if ((found = merge_weights(graph, operands[0], operands[1])) ||
            (found = merge_weights(graph, operands[1], operands[0])))
            return found;
        return share_sum(graph, operation, shape, operands);
    case OP_SUBTRACT: return share_sum(graph, operation, shape, operands);
    case OP_MULTIPLY: return share_product(graph, operation, shape, operands);
    case OP_CONV:
    case OP_CONV_DX:
    case OP_WARP:
    case OP_WARP_ADJOINT: return share_linear(graph, operation, shape, operands);
    case OP_NEGATE:
    case OP_UPSAMPLE:
    case OP_SUM_POOL:
    case OP_RESAMPLE:
    case OP_RESAMPLE_ADJOINT:
    case OP_SLICE:
    case OP_PAD: return share_linear(graph, operation, shape, (struct node *[]){operands[0], NULL});
    case OP_RESHAPE:
    case OP_BROADCAST: return share_moved(graph, operation, shape, operands[0]);
    case OP_MATMUL:
        found = share_outer(graph, operation, shape, operands);
        if (!found && !operation->attributes.matmul.transpose[0])
            found = share_linear(graph, operation, shape, operands);
        return found;
    case OP_CONV_DW: return share_weights(graph, operation, shape, operands);
    default: return NULL;
    }
}
