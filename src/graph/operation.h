/* One operation of the language, as everybody sees it who builds, differentiates, plans or computes it:
 * its kind, its attributes, and the shapes of what goes in and comes out. No graph, no memory. */
#ifndef GRAPH_OPERATION_H
#define GRAPH_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

enum { RANK_MAXIMUM = 5, OPERANDS_MAXIMUM = 4 };

/* Sizes from the outermost (slowest) to the innermost axis. All tensors are dense and row-major; images are
 * (N, H, W, C). `batch` says that axis 0 is the batch axis, the only one that is ever divided; size[0] is then
 * the whole batch. Rank 0 is a scalar. */
struct shape {
    int rank;
    bool batch;
    int64_t size[RANK_MAXIMUM];
};

enum operation_kind {
    /* leaves */
    OP_INPUT,    /* fed before each run */
    OP_STATE,    /* kept from run to run: a weight, a moment, a statistic */
    OP_CONSTANT, /* attributes.constant, rank 0 */
    OP_RANDOM,   /* attributes.random: a function of (seed, purpose, step, sample) */
    /* pointwise: all operands have the shape of the result */
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_MAXIMUM,
    OP_NEGATE,
    OP_EXP,
    OP_LOG,
    OP_TANH,
    OP_SIGMOID,
    OP_SOFTPLUS, /* log(1 + e^a), without overflow */
    OP_SQRT,
    OP_RSQRT, /* a^(-1/2) */
    OP_ABS,
    OP_STEP,   /* a > 0 ? 1 : 0 */
    OP_SELECT, /* a > 0 ? b : c */
    /* between shapes, of the same rank */
    OP_BROADCAST,  /* axes of size 1 repeated to the result's size */
    OP_REDUCE_SUM, /* sums over attributes.axes; summed axes stay, with size 1 */
    OP_REDUCE_MAX, /* the same with the maximum; constant for gradients */
    /* contractions */
    OP_CONV,    /* x (N,H,W,C), w (O,kh,kw,C/groups) -> (N,H',W',O) */
    OP_CONV_DX, /* dy (N,H',W',O), w -> (N,H,W,C): the transposed convolution */
    OP_CONV_DW, /* x, dy -> (O,kh,kw,C/groups), summed over the batch */
    OP_MATMUL,  /* (m,k)(k,n) -> (m,n), either operand transposed; with rank 3, one product for each index of axis 0 */
    /* pictures: operand (N,H,W,C) */
    OP_UPSAMPLE,         /* nearest, by attributes.scale */
    OP_SUM_POOL,         /* sums over windows of attributes.scale */
    OP_RESAMPLE,         /* bilinear to the result's H and W, half-pixel centres, no antialiasing */
    OP_RESAMPLE_ADJOINT, /* its transpose */
    OP_WARP,             /* x (N,H,W,C), theta (N,2,3): bilinear sampling at an affine grid, zeros outside */
    OP_WARP_ADJOINT,     /* its transpose in x: dy (N,H,W,C), theta */
    /* rows */
    OP_GATHER,      /* table (R,C), index (N) -> (N,C) */
    OP_SCATTER_ADD, /* values (N,C), index (N) -> (R,C), summed over the batch if N is it */
    /* moving */
    OP_RESHAPE,   /* the batch axis stays where it is */
    OP_TRANSPOSE, /* result axis i is operand axis attributes.permutation[i]; the batch axis stays first */
    OP_SLICE,     /* from attributes.start, of the result's size */
    OP_PAD,       /* zeros around: attributes.start before, the rest after; the adjoint of slice */
    OP_CONCAT,    /* two operands joined along attributes.axis, not the batch axis */
    OPERATION_KINDS
};

enum random_distribution { RANDOM_DISTRIBUTION_UNIFORM, RANDOM_DISTRIBUTION_NORMAL };

struct conv_attributes {
    int stride[2], padding[2]; /* vertical, horizontal; symmetric zero padding */
    int groups;
};

struct operation {
    enum operation_kind kind;
    union operation_attributes {
        double constant;
        unsigned axes; /* bit i: axis i */
        struct conv_attributes conv;
        struct {
            bool transpose[2]; /* of a and b: their last two axes */
        } matmul;
        struct {
            int factor[2];
        } scale;
        struct {
            int permutation[RANK_MAXIMUM];
        } transpose;
        struct {
            int64_t start[RANK_MAXIMUM];
        } slice; /* and pad */
        struct {
            int axis;
        } concat;
        struct {
            enum random_distribution distribution;
            uint32_t purpose; /* enum random_purpose */
        } random;
    } attributes;
};

struct operation_traits {
    const char *name; /* "conv_dx" */
    int operands;
    bool pointwise;
};
extern const struct operation_traits operation_table[OPERATION_KINDS];

int64_t shape_elements(const struct shape *shape);
bool shape_equal(const struct shape *a, const struct shape *b);

/* "(64b, 32, 32, 3)": b marks the batch axis. `text` holds at least SHAPE_TEXT bytes and is returned. */
enum { SHAPE_TEXT = 128 };
char *shape_text(const struct shape *shape, char *text);

#endif
