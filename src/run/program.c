/* A program is written by walking each target's expression down to values in memory. Equal nodes are one node, so a
 * register for each node is all the sharing there is to find. At the end, axes that all operands treat alike
 * are merged: (N, H, W, C) with a vector for each channel becomes (N H W, C). */
#include "run/program.h"

#include "graph/internal.h"

enum { VISITED_MAXIMUM = PROGRAM_CODE + KERNEL_INPUTS };

struct writer {
    const struct program_context *context;
    struct shape space;
    int targets;
    struct node *const *target;
    struct unit *unit;
    int entries; /* which node is in which register: inputs as they are, code from KERNEL_INPUTS on */
    struct {
        const struct node *node;
        int place;
    } entry[VISITED_MAXIMUM];
};

enum { NOWHERE = -1 };

struct shape program_space(const struct node *target)
{
    return target->operation.kind == OP_REDUCE_SUM ? target->operand[0]->shape : target->shape;
}

struct node *memory_of(struct node *node)
{
    while (node->operation.kind == OP_RESHAPE)
        node = node->operand[0];
    return node;
}

static bool is_target(const struct writer *writer, const struct node *node)
{
    for (int i = 0; i < writer->targets; i++)
        if (writer->target[i] == node)
            return true;
    return false;
}

static int remember(struct writer *writer, const struct node *node, int place)
{
    if (place == NOWHERE || writer->entries == VISITED_MAXIMUM)
        return NOWHERE;
    writer->entry[writer->entries].node = node;
    writer->entry[writer->entries++].place = place;
    return place;
}

static int find(const struct writer *writer, const struct node *node)
{
    for (int i = 0; i < writer->entries; i++)
        if (writer->entry[i].node == node)
            return writer->entry[i].place;
    return NOWHERE;
}

/* The axes of the space along which a tensor of this shape (of the same rank) varies. */
static unsigned varying_axes(const struct writer *writer, const struct shape *shape)
{
    unsigned varies = 0;
    for (int i = 0; i < writer->space.rank; i++)
        if (shape->size[i] != 1 || (i == 0 && shape->batch))
            varies |= 1u << i;
    return varies;
}

static int write_input(struct writer *writer, struct node *node)
{
    struct node *memory = memory_of(node);
    if (is_target(writer, memory))
        return NOWHERE; /* would read its own result before that is whole */
    struct unit *unit = writer->unit;
    const unsigned varies = varying_axes(writer, &node->shape);
    for (int i = 0; i < unit->inputs; i++)
        if (unit->input[i] == memory && unit->program.input[i].varies == varies)
            return i;
    if (unit->inputs == KERNEL_INPUTS)
        return NOWHERE;
    unit->input[unit->inputs] = memory;
    unit->program.input[unit->inputs].varies = varies;
    return unit->inputs++;
}

static int write_instruction(struct writer *writer, struct instruction instruction)
{
    struct program *program = &writer->unit->program;
    if (program->instructions == PROGRAM_CODE)
        return NOWHERE;
    program->code[program->instructions] = instruction;
    return KERNEL_INPUTS + program->instructions++;
}

static int write_constant(struct writer *writer, double value)
{
    const struct program *program = &writer->unit->program;
    for (int i = 0; i < program->instructions; i++)
        if (program->code[i].kind == OP_CONSTANT && program->code[i].constant == value)
            return KERNEL_INPUTS + i;
    return write_instruction(writer, (struct instruction){.kind = OP_CONSTANT, .constant = value});
}

static int write_value(struct writer *writer, struct node *node);

static int write_pointwise(struct writer *writer, struct node *node)
{
    struct instruction instruction = {.kind = node->operation.kind};
    for (int i = 0; i < operation_table[node->operation.kind].operands; i++) {
        instruction.operand[i] = write_value(writer, node->operand[i]);
        if (instruction.operand[i] == NOWHERE)
            return NOWHERE;
    }
    return write_instruction(writer, instruction);
}

/* The place of a value: a register or an input. Recursion is as deep as an expression is, which the limit on
 * instructions bounds. */
static int write_value(struct writer *writer, struct node *node)
{
    const int known = find(writer, node);
    if (known != NOWHERE)
        return known;
    double constant;
    int place;
    if (node_constant(node, &constant))
        return write_constant(writer, constant);
    const bool pointwise = operation_table[node->operation.kind].pointwise;
    if (pointwise && (is_target(writer, node) || !writer->context->in_memory(writer->context->context, node)))
        place = writer->unit->program.instructions < PROGRAM_CODE ? write_pointwise(writer, node) : NOWHERE;
    else if (node->operation.kind == OP_BROADCAST &&
             (is_target(writer, node) || !writer->context->in_memory(writer->context->context, node)))
        place = write_input(writer, node->operand[0]);
    else
        place = write_input(writer, node);
    return remember(writer, node, place);
}

static bool write_target(struct writer *writer, struct node *target)
{
    struct unit *unit = writer->unit;
    const bool sum = target->operation.kind == OP_REDUCE_SUM;
    const int place = write_value(writer, sum ? target->operand[0] : target);
    if (place == NOWHERE || unit->outputs == KERNEL_OUTPUTS)
        return false;
    unit->output[unit->outputs] = target;
    unit->program.output[unit->outputs++] =
        (struct program_output){.operand = place, .sum = sum, .axes = sum ? target->operation.attributes.axes : 0};
    return true;
}

/* --- Merging axes ---------------------------------------------------------------------------------------- */

static bool same_treatment(const struct unit *unit, int a, int b)
{
    for (int i = 0; i < unit->inputs; i++)
        if ((unit->program.input[i].varies >> a & 1) != (unit->program.input[i].varies >> b & 1))
            return false;
    for (int i = 0; i < unit->outputs; i++)
        if ((unit->program.output[i].axes >> a & 1) != (unit->program.output[i].axes >> b & 1))
            return false;
    return true;
}

/* Bit i of the result is bit source[i] of the mask. */
static unsigned renumber(unsigned mask, int axes, const int *source)
{
    unsigned result = 0;
    for (int i = 0; i < axes; i++)
        result |= (mask >> source[i] & 1) << i;
    return result;
}

static void merge_axes(struct unit *unit, const struct shape *space)
{
    struct program *program = &unit->program;
    int source[RANK_MAXIMUM] = {0}; /* of each axis of the program: one axis of the space that stands for it */
    program->batch = space->batch;
    program->images = space->batch ? space->size[0] : 1;
    for (int i = 0; i < space->rank; i++) {
        if (space->size[i] == 1 && !(i == 0 && space->batch))
            continue;
        if (program->rank > 0 && same_treatment(unit, source[program->rank - 1], i)) {
            program->size[program->rank - 1] *= space->size[i];
            continue;
        }
        source[program->rank] = i;
        program->size[program->rank++] = space->size[i];
    }
    if (program->rank == 0)
        program->size[program->rank++] = 1;
    for (int i = 0; i < unit->inputs; i++)
        program->input[i].varies = renumber(program->input[i].varies, program->rank, source);
    for (int i = 0; i < unit->outputs; i++)
        program->output[i].axes = renumber(program->output[i].axes, program->rank, source);
}

static void number_registers(struct unit *unit)
{
    struct program *program = &unit->program;
    program->inputs = unit->inputs;
    program->outputs = unit->outputs;
    for (int i = 0; i < program->instructions; i++)
        for (int k = 0; k < operation_table[program->code[i].kind].operands; k++)
            if (program->code[i].operand[k] >= KERNEL_INPUTS)
                program->code[i].operand[k] += unit->inputs - KERNEL_INPUTS;
    for (int i = 0; i < unit->outputs; i++)
        if (program->output[i].operand >= KERNEL_INPUTS)
            program->output[i].operand += unit->inputs - KERNEL_INPUTS;
}

bool program_write(struct unit *unit, const struct shape *space, int targets, struct node *const *target,
                   const struct program_context *context)
{
    struct writer writer = {.context = context, .space = *space, .targets = targets, .target = target, .unit = unit};
    *unit = (struct unit){0};
    for (int i = 0; i < targets; i++)
        if (!write_target(&writer, target[i]))
            return false;
    merge_axes(unit, space);
    number_registers(unit);
    return true;
}
