/* The table of the language, and arithmetic on shapes. */
#include "graph/operation.h"

#include <stdio.h>

const struct operation_traits operation_table[OPERATION_KINDS] = {
    [OP_INPUT] = {"input", 0, false},
    [OP_STATE] = {"state", 0, false},
    [OP_CONSTANT] = {"constant", 0, false},
    [OP_RANDOM] = {"random", 0, false},
    [OP_ADD] = {"add", 2, true},
    [OP_SUBTRACT] = {"subtract", 2, true},
    [OP_MULTIPLY] = {"multiply", 2, true},
    [OP_DIVIDE] = {"divide", 2, true},
    [OP_MAXIMUM] = {"maximum", 2, true},
    [OP_NEGATE] = {"negate", 1, true},
    [OP_EXP] = {"exp", 1, true},
    [OP_LOG] = {"log", 1, true},
    [OP_TANH] = {"tanh", 1, true},
    [OP_SIGMOID] = {"sigmoid", 1, true},
    [OP_SOFTPLUS] = {"softplus", 1, true},
    [OP_SQRT] = {"sqrt", 1, true},
    [OP_RSQRT] = {"rsqrt", 1, true},
    [OP_ABS] = {"abs", 1, true},
    [OP_STEP] = {"step", 1, true},
    [OP_SELECT] = {"select", 3, true},
    [OP_BROADCAST] = {"broadcast", 1, false},
    [OP_REDUCE_SUM] = {"reduce_sum", 1, false},
    [OP_REDUCE_MAX] = {"reduce_max", 1, false},
    [OP_CONV] = {"conv", 2, false},
    [OP_CONV_DX] = {"conv_dx", 2, false},
    [OP_CONV_DW] = {"conv_dw", 2, false},
    [OP_MATMUL] = {"matmul", 2, false},
    [OP_UPSAMPLE] = {"upsample", 1, false},
    [OP_SUM_POOL] = {"sum_pool", 1, false},
    [OP_RESAMPLE] = {"resample", 1, false},
    [OP_RESAMPLE_ADJOINT] = {"resample_adjoint", 1, false},
    [OP_WARP] = {"warp", 2, false},
    [OP_WARP_ADJOINT] = {"warp_adjoint", 2, false},
    [OP_GATHER] = {"gather", 2, false},
    [OP_SCATTER_ADD] = {"scatter_add", 2, false},
    [OP_RESHAPE] = {"reshape", 1, false},
    [OP_TRANSPOSE] = {"transpose", 1, false},
    [OP_SLICE] = {"slice", 1, false},
    [OP_PAD] = {"pad", 1, false},
    [OP_CONCAT] = {"concat", 2, false},
};

int64_t shape_elements(const struct shape *shape)
{
    int64_t elements = 1;
    for (int i = 0; i < shape->rank; i++)
        elements *= shape->size[i];
    return elements;
}

bool shape_equal(const struct shape *a, const struct shape *b)
{
    if (a->rank != b->rank || a->batch != b->batch)
        return false;
    for (int i = 0; i < a->rank; i++)
        if (a->size[i] != b->size[i])
            return false;
    return true;
}

char *shape_text(const struct shape *shape, char *text)
{
    int used = snprintf(text, SHAPE_TEXT, "(");
    for (int i = 0; i < shape->rank; i++)
        used += snprintf(text + used, (size_t)(SHAPE_TEXT - used), "%s%lld%s", i ? ", " : "", (long long)shape->size[i],
                         i == 0 && shape->batch ? "b" : "");
    snprintf(text + used, (size_t)(SHAPE_TEXT - used), ")");
    return text;
}
