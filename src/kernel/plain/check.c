/* Whether a request makes sense: every size that a kernel derives from another is compared with what was asked for,
 * so that no kernel can read or write outside its tensors. Knows no numbers. */
#include "kernel/plain/plain.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

static bool shape_possible(const struct shape *shape)
{
    if (shape->rank < 0 || shape->rank > RANK_MAXIMUM || (shape->batch && shape->rank == 0))
        return false;
    int64_t elements = 1;
    for (int i = 0; i < shape->rank; i++)
        if (shape->size[i] < 1 || !size_multiply(elements, shape->size[i], &elements))
            return false;
    return elements <= INT64_MAX / 64;
}

/* Equal sizes along axes [first, last). */
static bool sizes_equal(const struct shape *a, const struct shape *b, int first, int last)
{
    for (int i = first; i < last; i++)
        if (a->size[i] != b->size[i])
            return false;
    return true;
}

static bool images_alike(const struct shape *a, const struct shape *b)
{
    return a->rank == 4 && b->rank == 4 && a->batch == b->batch && a->size[0] == b->size[0];
}

/* x (N,H,W,C), w (O,kh,kw,C/groups), y (N,H',W',O) belong together. */
static bool conv_fits(const struct conv_attributes *conv, const struct shape *x, const struct shape *w,
                      const struct shape *y)
{
    if (!images_alike(x, y) || w->rank != 4 || w->batch || conv->groups < 1)
        return false;
    for (int i = 0; i < 2; i++) {
        if (conv->stride[i] < 1 || conv->padding[i] < 0)
            return false;
        const int64_t room = x->size[1 + i] + 2 * (int64_t)conv->padding[i] - w->size[1 + i];
        if (room < 0 || y->size[1 + i] != room / conv->stride[i] + 1)
            return false;
    }
    return w->size[0] == y->size[3] && w->size[0] % conv->groups == 0 && x->size[3] == w->size[3] * conv->groups;
}

static bool matmul_fits(const struct operation *operation, const struct shape *a, const struct shape *b,
                        const struct shape *y)
{
    const bool *transpose = operation->attributes.matmul.transpose;
    const int rank = a->rank, row = rank - 2, column = rank - 1;
    if ((rank != 2 && rank != 3) || b->rank != rank || y->rank != rank)
        return false;
    if (a->size[transpose[0] ? column : row] != y->size[row] || b->size[transpose[1] ? row : column] != y->size[column])
        return false;
    if (a->size[transpose[0] ? row : column] != b->size[transpose[1] ? column : row])
        return false;
    if (rank == 3)
        return a->batch == b->batch && a->batch == y->batch && a->size[0] == b->size[0] && a->size[0] == y->size[0];
    const bool batch_is_contracted = a->batch && transpose[0] && b->batch && !transpose[1] && !y->batch;
    return batch_is_contracted || (!b->batch && a->batch == y->batch && !(a->batch && transpose[0]));
}

static bool scale_fits(const struct operation *operation, const struct shape *small, const struct shape *large)
{
    const int *factor = operation->attributes.scale.factor;
    return images_alike(small, large) && factor[0] >= 1 && factor[1] >= 1 &&
           large->size[1] == small->size[1] * factor[0] && large->size[2] == small->size[2] * factor[1] &&
           large->size[3] == small->size[3];
}

static bool warp_fits(const struct shape *x, const struct shape *theta, const struct shape *y)
{
    return images_alike(x, y) && x->size[3] == y->size[3] && theta->rank == 3 && theta->batch == x->batch &&
           theta->size[0] == x->size[0] && theta->size[1] == 2 && theta->size[2] == 3;
}

static bool rows_fit(const struct shape *table, const struct shape *index, const struct shape *rows)
{
    return table->rank == 2 && !table->batch && index->rank == 1 && rows->rank == 2 && rows->batch == index->batch &&
           rows->size[0] == index->size[0] && rows->size[1] == table->size[1];
}

static bool transpose_fits(const struct operation *operation, const struct shape *x, const struct shape *y)
{
    const int *permutation = operation->attributes.transpose.permutation;
    unsigned seen = 0;
    if (x->rank != y->rank || x->batch != y->batch || (x->batch && permutation[0] != 0))
        return false;
    for (int i = 0; i < x->rank; i++) {
        if (permutation[i] < 0 || permutation[i] >= x->rank || y->size[i] != x->size[permutation[i]])
            return false;
        seen |= 1u << permutation[i];
    }
    return seen == (1u << x->rank) - 1;
}

/* `part` is a box of `whole` that begins at attributes.slice.start. */
static bool slice_fits(const struct operation *operation, const struct shape *part, const struct shape *whole)
{
    const int64_t *start = operation->attributes.slice.start;
    if (part->rank != whole->rank || part->batch != whole->batch)
        return false;
    if (part->batch && part->size[0] != whole->size[0])
        return false;
    for (int i = 0; i < part->rank; i++)
        if (start[i] < 0 || start[i] > whole->size[i] - part->size[i])
            return false;
    return true;
}

static bool concat_fits(const struct operation *operation, const struct shape *a, const struct shape *b,
                        const struct shape *y)
{
    const int axis = operation->attributes.concat.axis, rank = y->rank;
    if (a->rank != rank || b->rank != rank || a->batch != y->batch || b->batch != y->batch)
        return false;
    if (axis < (y->batch ? 1 : 0) || axis >= rank || a->size[axis] + b->size[axis] != y->size[axis])
        return false;
    return sizes_equal(a, y, 0, axis) && sizes_equal(b, y, 0, axis) && sizes_equal(a, y, axis + 1, rank) &&
           sizes_equal(b, y, axis + 1, rank);
}

static bool reduce_fits(const struct operation *operation, const struct shape *x, const struct shape *y)
{
    const unsigned axes = operation->attributes.axes;
    /* Partial maxima would need another tree than sums. */
    if (x->rank != y->rank || x->batch != y->batch || (x->batch && axes & 1))
        return false;
    for (int i = 0; i < x->rank; i++)
        if (y->size[i] != (axes >> i & 1 ? 1 : x->size[i]))
            return false;
    return true;
}

static bool request_fits(const struct kernel_request *request)
{
    const struct operation *operation = &request->operation;
    const struct shape *a = &request->input[0], *b = &request->input[1], *y = &request->output;
    switch (operation->kind) {
    case OP_RANDOM:
        return true;
    case OP_CONV:
        return conv_fits(&operation->attributes.conv, a, b, y);
    case OP_CONV_DX:
        return conv_fits(&operation->attributes.conv, y, b, a);
    case OP_CONV_DW:
        return conv_fits(&operation->attributes.conv, a, y, b);
    case OP_MATMUL:
        return matmul_fits(operation, a, b, y);
    case OP_UPSAMPLE:
        return scale_fits(operation, a, y);
    case OP_SUM_POOL:
        return scale_fits(operation, y, a);
    case OP_RESAMPLE:
    case OP_RESAMPLE_ADJOINT:
        return images_alike(a, y) && a->size[3] == y->size[3];
    case OP_WARP:
    case OP_WARP_ADJOINT:
        return warp_fits(a, b, y);
    case OP_GATHER:
        return rows_fit(a, b, y);
    case OP_SCATTER_ADD:
        return rows_fit(y, b, a);
    case OP_TRANSPOSE:
        return transpose_fits(operation, a, y);
    case OP_SLICE:
        return slice_fits(operation, y, a);
    case OP_PAD:
        return slice_fits(operation, a, y);
    case OP_CONCAT:
        return concat_fits(operation, a, b, y);
    case OP_REDUCE_MAX:
        return reduce_fits(operation, a, y);
    default:
        return false;
    }
}

int plain_check_request(const struct kernel_request *request)
{
    const enum operation_kind kind = request->operation.kind;
    if ((int)kind < 0 || kind >= OPERATION_KINDS)
        return error_set(STATUS_INPUT, "operation %d: no such kind", (int)kind);
    const struct operation_traits *traits = &operation_table[kind];
    if (request->shards < 1)
        return error_set(STATUS_INPUT, "%s: %d shards", traits->name, request->shards);
    if (request->inputs != traits->operands)
        return error_set(STATUS_INPUT, "%s: %d operands instead of %d", traits->name, request->inputs,
                         traits->operands);
    bool possible = shape_possible(&request->output);
    for (int i = 0; i < request->inputs; i++)
        possible = possible && shape_possible(&request->input[i]);
    if (possible && request_fits(request))
        return 0;
    char first[SHAPE_TEXT] = "", second[SHAPE_TEXT] = "", result[SHAPE_TEXT];
    if (request->inputs > 0)
        shape_text(&request->input[0], first);
    if (request->inputs > 1)
        shape_text(&request->input[1], second);
    return error_set(STATUS_INPUT, "%s: operands %s %s and result %s do not fit together", traits->name, first, second,
                     shape_text(&request->output, result));
}

static bool program_space_possible(const struct program *program)
{
    struct shape space = {.rank = program->rank};
    if (program->rank < 1 || program->rank > RANK_MAXIMUM)
        return false;
    memcpy(space.size, program->size, sizeof space.size);
    return shape_possible(&space) &&
           (!program->batch || (program->images >= 1 && program->size[0] % program->images == 0));
}

static bool instruction_possible(const struct instruction *instruction, int registers)
{
    if (instruction->kind == OP_CONSTANT)
        return true;
    if ((int)instruction->kind < 0 || instruction->kind >= OPERATION_KINDS ||
        !operation_table[instruction->kind].pointwise)
        return false;
    for (int i = 0; i < operation_table[instruction->kind].operands; i++)
        if (instruction->operand[i] < 0 || instruction->operand[i] >= registers)
            return false;
    return true;
}

int plain_check_program(const struct program *program, int shards)
{
    if (shards < 1 || !program_space_possible(program))
        return error_set(STATUS_INPUT, "program: impossible space of rank %d, %d shards", program->rank, shards);
    if (program->inputs < 0 || program->inputs > KERNEL_INPUTS || program->instructions < 0 ||
        program->instructions > PROGRAM_CODE || program->outputs < 1 || program->outputs > KERNEL_OUTPUTS)
        return error_set(STATUS_INPUT, "program: %d inputs, %d instructions, %d outputs", program->inputs,
                         program->instructions, program->outputs);
    const unsigned all = (1u << program->rank) - 1;
    for (int i = 0; i < program->inputs; i++)
        if (program->input[i].varies & ~all)
            return error_set(STATUS_INPUT, "program: input %d varies along axes %x", i, program->input[i].varies);
    for (int i = 0; i < program->instructions; i++)
        if (!instruction_possible(&program->code[i], program->inputs + i))
            return error_set(STATUS_INPUT, "program: instruction %d is impossible", i);
    for (int i = 0; i < program->outputs; i++) {
        const struct program_output *output = &program->output[i];
        if (output->operand < 0 || output->operand >= program->inputs + program->instructions ||
            (output->sum && output->axes & ~all))
            return error_set(STATUS_INPUT, "program: output %d is impossible", i);
    }
    return 0;
}
