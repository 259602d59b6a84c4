/* Builders of convolutions, matrix products, resampling and row look-ups: the operations whose shapes need thought. */
#include "graph/graph.h"

#include "graph/internal.h"

/* --- Convolution ----------------------------------------------------------------------------------------- */

static struct node *conv_family(struct graph *graph, enum operation_kind kind, struct conv_attributes attributes,
                                struct shape x, struct shape w, struct shape dy, struct shape result,
                                struct node *const *operands)
{
    const char *name = operation_table[kind].name;
    char tx[SHAPE_TEXT], tw[SHAPE_TEXT], ty[SHAPE_TEXT];
    shape_text(&x, tx), shape_text(&w, tw), shape_text(&dy, ty);
    if (x.rank != 4 || w.rank != 4 || dy.rank != 4 || w.batch)
        return graph_fail(graph, "%s: x %s, w %s and dy %s must have rank 4, and w no batch axis", name, tx, tw, ty);
    if (attributes.groups < 1 || attributes.stride[0] < 1 || attributes.stride[1] < 1 || attributes.padding[0] < 0 ||
        attributes.padding[1] < 0)
        return graph_fail(graph, "%s: stride %dx%d, padding %dx%d, %d groups", name, attributes.stride[0],
                          attributes.stride[1], attributes.padding[0], attributes.padding[1], attributes.groups);
    if (x.size[3] != w.size[3] * attributes.groups || w.size[0] % attributes.groups != 0)
        return graph_fail(graph, "%s: x %s and w %s do not go together in %d groups", name, tx, tw, attributes.groups);
    bool fits = x.size[0] == dy.size[0] && x.batch == dy.batch && dy.size[3] == w.size[0];
    for (int i = 0; i < 2; i++) {
        const int64_t room = x.size[i + 1] + 2 * attributes.padding[i] - w.size[i + 1];
        fits = fits && room >= 0 && dy.size[i + 1] == room / attributes.stride[i] + 1;
    }
    if (!fits)
        return graph_fail(graph, "%s: x %s by w %s with stride %d and padding %d does not give %s", name, tx, tw,
                          attributes.stride[0], attributes.padding[0], ty);
    struct operation operation = operation_of(kind);
    operation.attributes.conv = attributes;
    return graph_make(graph, operation, result, operands);
}

struct node *graph_conv(struct graph *graph, struct node *x, struct node *w, struct conv_attributes attributes)
{
    struct node *operands[2] = {x, w};
    if (!graph_ready(graph, 2, operands))
        return NULL;
    struct shape y = x->shape;
    y.size[3] = w->shape.size[0];
    for (int i = 0; i < 2 && attributes.stride[i] > 0; i++)
        y.size[i + 1] =
            (x->shape.size[i + 1] + 2 * attributes.padding[i] - w->shape.size[i + 1]) / attributes.stride[i] + 1;
    return conv_family(graph, OP_CONV, attributes, x->shape, w->shape, y, y, operands);
}

struct node *graph_conv_dx(struct graph *graph, struct node *dy, struct node *w, struct conv_attributes attributes,
                           int64_t height, int64_t width)
{
    struct node *operands[2] = {dy, w};
    if (!graph_ready(graph, 2, operands))
        return NULL;
    struct shape x = dy->shape;
    x.size[1] = height;
    x.size[2] = width;
    x.size[3] = w->shape.size[3] * attributes.groups;
    return conv_family(graph, OP_CONV_DX, attributes, x, w->shape, dy->shape, x, operands);
}

struct node *graph_conv_dw(struct graph *graph, struct node *x, struct node *dy, struct conv_attributes attributes,
                           int64_t kernel_height, int64_t kernel_width)
{
    struct node *operands[2] = {x, dy};
    if (!graph_ready(graph, 2, operands))
        return NULL;
    const int64_t groups = attributes.groups > 0 ? attributes.groups : 1;
    const struct shape w =
        shape_of(4, (int64_t[]){dy->shape.size[3], kernel_height, kernel_width, x->shape.size[3] / groups});
    return conv_family(graph, OP_CONV_DW, attributes, x->shape, w, dy->shape, w, operands);
}

/* --- Matrix products ------------------------------------------------------------------------------------- */

struct node *graph_matmul(struct graph *graph, struct node *a, struct node *b, bool transpose_a, bool transpose_b)
{
    struct node *operands[2] = {a, b};
    if (!graph_ready(graph, 2, operands))
        return NULL;
    char ta[SHAPE_TEXT], tb[SHAPE_TEXT];
    shape_text(&a->shape, ta), shape_text(&b->shape, tb);
    const int rank = a->shape.rank;
    if (b->shape.rank != rank || rank < 2 || rank > 3)
        return graph_fail(graph, "matmul: operands %s and %s must both have rank 2 or both rank 3", ta, tb);
    const int row_a = rank - (transpose_a ? 1 : 2), column_a = rank - (transpose_a ? 2 : 1);
    const int row_b = rank - (transpose_b ? 1 : 2), column_b = rank - (transpose_b ? 2 : 1);
    bool fits = a->shape.size[column_a] == b->shape.size[row_b];
    struct shape shape = a->shape;
    if (rank == 3) {
        fits = fits && a->shape.size[0] == b->shape.size[0] && a->shape.batch == b->shape.batch;
    } else {
        /* The batch axis is either the rows of the result or what is summed over, on both sides. */
        const bool summed = a->shape.batch && transpose_a;
        fits = fits && summed == (b->shape.batch && !transpose_b) && !(b->shape.batch && transpose_b);
        shape.batch = a->shape.batch && !transpose_a;
    }
    if (!fits)
        return graph_fail(graph, "matmul: %s%s by %s%s", ta, transpose_a ? " transposed" : "", tb,
                          transpose_b ? " transposed" : "");
    shape.size[rank - 2] = a->shape.size[row_a];
    shape.size[rank - 1] = b->shape.size[column_b];
    struct operation operation = operation_of(OP_MATMUL);
    operation.attributes.matmul.transpose[0] = transpose_a;
    operation.attributes.matmul.transpose[1] = transpose_b;
    return graph_make(graph, operation, shape, operands);
}

/* --- Pictures -------------------------------------------------------------------------------------------- */

static struct node *picture(struct graph *graph, struct operation operation, int64_t height, int64_t width,
                            struct node *x, struct node *theta)
{
    struct node *operands[2] = {x, theta};
    const int count = operation_table[operation.kind].operands;
    if (!graph_ready(graph, count, operands))
        return NULL;
    char text[SHAPE_TEXT];
    if (x->shape.rank != 4 || height < 1 || width < 1)
        return graph_fail(graph, "%s: %s cannot become %lld x %lld pixels", operation_table[operation.kind].name,
                          shape_text(&x->shape, text), (long long)height, (long long)width);
    if (count == 2 && (theta->shape.rank != 3 || theta->shape.size[0] != x->shape.size[0] ||
                       theta->shape.batch != x->shape.batch || theta->shape.size[1] != 2 || theta->shape.size[2] != 3))
        return graph_fail(graph, "%s: theta %s is not one 2 x 3 matrix for each image",
                          operation_table[operation.kind].name, shape_text(&theta->shape, text));
    struct shape shape = x->shape;
    shape.size[1] = height;
    shape.size[2] = width;
    return graph_make(graph, operation, shape, operands);
}

static struct node *scaled(struct graph *graph, enum operation_kind kind, struct node *x, int vertical, int horizontal)
{
    if (!graph_ready(graph, 1, &x))
        return NULL;
    char text[SHAPE_TEXT];
    const bool down = kind == OP_SUM_POOL;
    if (x->shape.rank != 4 || vertical < 1 || horizontal < 1 ||
        (down && (x->shape.size[1] % vertical != 0 || x->shape.size[2] % horizontal != 0)))
        return graph_fail(graph, "%s: %s by %d x %d", operation_table[kind].name, shape_text(&x->shape, text), vertical,
                          horizontal);
    struct operation operation = operation_of(kind);
    operation.attributes.scale.factor[0] = vertical;
    operation.attributes.scale.factor[1] = horizontal;
    const int64_t height = x->shape.size[1], width = x->shape.size[2];
    return picture(graph, operation, down ? height / vertical : height * vertical,
                   down ? width / horizontal : width * horizontal, x, NULL);
}

struct node *graph_upsample(struct graph *graph, struct node *x, int vertical, int horizontal)
{
    return scaled(graph, OP_UPSAMPLE, x, vertical, horizontal);
}

struct node *graph_sum_pool(struct graph *graph, struct node *x, int vertical, int horizontal)
{
    return scaled(graph, OP_SUM_POOL, x, vertical, horizontal);
}

struct node *graph_resample(struct graph *graph, struct node *x, int64_t height, int64_t width)
{
    return picture(graph, operation_of(OP_RESAMPLE), height, width, x, NULL);
}

struct node *graph_resample_adjoint(struct graph *graph, struct node *dy, int64_t height, int64_t width)
{
    return picture(graph, operation_of(OP_RESAMPLE_ADJOINT), height, width, dy, NULL);
}

struct node *graph_warp(struct graph *graph, struct node *x, struct node *theta)
{
    return x && x->shape.rank == 4 ? picture(graph, operation_of(OP_WARP), x->shape.size[1], x->shape.size[2], x, theta)
                                   : picture(graph, operation_of(OP_WARP), 0, 0, x, theta);
}

struct node *graph_warp_adjoint(struct graph *graph, struct node *dy, struct node *theta)
{
    return dy && dy->shape.rank == 4
               ? picture(graph, operation_of(OP_WARP_ADJOINT), dy->shape.size[1], dy->shape.size[2], dy, theta)
               : picture(graph, operation_of(OP_WARP_ADJOINT), 0, 0, dy, theta);
}

/* --- Rows ------------------------------------------------------------------------------------------------ */

struct node *graph_gather(struct graph *graph, struct node *table, struct node *index)
{
    struct node *operands[2] = {table, index};
    if (!graph_ready(graph, 2, operands))
        return NULL;
    char tt[SHAPE_TEXT], ti[SHAPE_TEXT];
    if (table->shape.rank != 2 || table->shape.batch || index->shape.rank != 1)
        return graph_fail(graph, "gather: rows of %s by %s", shape_text(&table->shape, tt),
                          shape_text(&index->shape, ti));
    const struct shape shape = {2, index->shape.batch, {index->shape.size[0], table->shape.size[1]}};
    return graph_make(graph, operation_of(OP_GATHER), shape, operands);
}

struct node *graph_scatter_add(struct graph *graph, struct node *values, struct node *index, int64_t rows)
{
    struct node *operands[2] = {values, index};
    if (!graph_ready(graph, 2, operands))
        return NULL;
    char tv[SHAPE_TEXT], ti[SHAPE_TEXT];
    if (values->shape.rank != 2 || index->shape.rank != 1 || values->shape.size[0] != index->shape.size[0] ||
        values->shape.batch != index->shape.batch || rows < 1)
        return graph_fail(graph, "scatter_add: %s by %s into %lld rows", shape_text(&values->shape, tv),
                          shape_text(&index->shape, ti), (long long)rows);
    return graph_make(graph, operation_of(OP_SCATTER_ADD), shape_of(2, (int64_t[]){rows, values->shape.size[1]}),
                      operands);
}
