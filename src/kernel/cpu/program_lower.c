/* Turns a program's code into steps over tiles: drops what nobody reads, joins instructions, sorts steps by how often
 * they have to run, and finds places for values.
 *
 * A value that only one instruction reads need not be stored in between. So a chain of two cheap operations becomes
 * one step, and so does what LeakyReLU and its gradient are made of, a product with a number that depends on a sign;
 * and a sum of products needs no products. */
#include "kernel/cpu/program.h"

#include <string.h>

/* What the step of an instruction computes: itself, or several of which the others have this one reader. */
struct join {
    int kind; /* enum operation_kind or vector_kind */
    int operand[3];
    float leak[2]; /* of VECTOR_LEAK, in place of the third operand */
    bool absorbed; /* computed by the step of its reader alone */
};

struct lowering {
    const struct program_space *space;
    const struct program *program;
    struct program_code *code;
    int uses[VALUES_MAXIMUM]; /* by live instructions and outputs */
    struct join join[PROGRAM_CODE];
};

static struct join *join_of(struct lowering *lowering, int value)
{
    return &lowering->join[value - lowering->program->inputs];
}

static int operands_of(const struct instruction *instruction)
{
    return instruction->kind == OP_CONSTANT ? 0 : operation_table[instruction->kind].operands;
}

static void count_uses(struct lowering *lowering)
{
    const struct program *program = lowering->program;
    for (int i = 0; i < program->outputs; i++)
        lowering->uses[program->output[i].operand]++;
    for (int i = program->instructions - 1; i >= 0; i--)
        for (int j = 0; lowering->uses[program->inputs + i] && j < operands_of(&program->code[i]); j++)
            lowering->uses[program->code[i].operand[j]]++;
}

/* An input is read in place if its part of a tile is one stretch of memory. */
static void describe_input(const struct lowering *lowering, int input)
{
    const struct program_space *space = lowering->space;
    struct program_value *value = &lowering->code->value[input];
    const unsigned varies = lowering->program->input[input].varies, all = (1u << lowering->program->rank) - 1;
    const unsigned outer = (1u << space->axis) - 1, tile = all & ~outer;
    value->input = input;
    value->splat = (varies & tile) == 0;
    value->source = (varies & tile) == tile ? VALUE_IN_PLACE : VALUE_REPEATED;
    value->pace = varies >> space->axis & 1 ? PACE_TILE : varies & outer ? PACE_OUTER : PACE_TASK;
}

static void describe_values(struct lowering *lowering)
{
    const struct program *program = lowering->program;
    struct program_code *code = lowering->code;
    code->values = program->inputs + program->instructions;
    for (int i = 0; i < VALUES_MAXIMUM; i++)
        code->value[i].store = -1;
    for (int i = 0; i < program->inputs; i++)
        describe_input(lowering, i);
    for (int i = 0; i < program->instructions; i++) {
        const struct instruction *instruction = &program->code[i];
        struct program_value *value = &code->value[program->inputs + i];
        value->source = instruction->kind == OP_CONSTANT ? VALUE_CONSTANT : VALUE_COMPUTED;
        value->constant[0] = value->constant[1] = instruction->kind == OP_CONSTANT ? (float)instruction->constant : 0;
        value->pace = PACE_TASK;
        value->splat = true;
        for (int j = 0; j < operands_of(instruction); j++) {
            const struct program_value *operand = &code->value[instruction->operand[j]];
            value->splat = value->splat && operand->splat;
            value->pace = operand->pace > value->pace ? operand->pace : value->pace;
        }
    }
}

/* ---- Joins -------------------------------------------------------------------------------------------------- */

static const struct instruction *instruction_of(const struct lowering *lowering, int value)
{
    return value < lowering->program->inputs ? NULL : &lowering->program->code[value - lowering->program->inputs];
}

static bool is_constant(const struct lowering *lowering, int value)
{
    return lowering->code->value[value].source == VALUE_CONSTANT;
}

static enum program_pace pace_of(const struct lowering *lowering, int value)
{
    return lowering->code->value[value].pace;
}

/* The instruction of `kind` that makes `value`, if nothing but its one reader, of the same pace, needs it. */
static const struct instruction *only_for(const struct lowering *lowering, int value, enum operation_kind kind,
                                          enum program_pace pace)
{
    const struct instruction *instruction = instruction_of(lowering, value);
    const bool only = instruction && lowering->uses[value] == 1 && pace_of(lowering, value) == pace;
    return only && instruction->kind == kind ? instruction : NULL;
}

static void absorb(struct lowering *lowering, int value)
{
    join_of(lowering, value)->absorbed = true;
}

/* low + (high - low) step(b), in either order of both commutative operations; or step(b) itself. */
static bool match_leak(const struct lowering *lowering, int value, enum program_pace pace, float leak[2],
                       int *condition, int inner[3])
{
    const struct instruction *step = only_for(lowering, value, OP_STEP, pace);
    memcpy(inner, (const int[3]){value, value, value}, 3 * sizeof *inner);
    leak[0] = 1, leak[1] = 0;
    const struct instruction *sum = only_for(lowering, value, OP_ADD, pace);
    for (int i = 0; sum && !step && i < 4; i++) {
        const int low = sum->operand[i % 2], product = sum->operand[1 - i % 2];
        const struct instruction *multiply = only_for(lowering, product, OP_MULTIPLY, pace);
        if (!multiply || !is_constant(lowering, low))
            continue;
        const int factor = multiply->operand[i / 2], other = multiply->operand[1 - i / 2];
        if (!is_constant(lowering, factor) || !(step = only_for(lowering, other, OP_STEP, pace)))
            continue;
        leak[0] = lowering->code->value[low].constant[0] + lowering->code->value[factor].constant[0];
        leak[1] = lowering->code->value[low].constant[0];
        memcpy(inner, (const int[3]){value, product, other}, 3 * sizeof *inner);
    }
    if (step)
        *condition = step->operand[0];
    return step != NULL;
}

static void join_leak(struct lowering *lowering, int value)
{
    const struct instruction *instruction = instruction_of(lowering, value);
    struct join *join = join_of(lowering, value);
    int condition, inner[3];
    if (instruction->kind != OP_MULTIPLY)
        return;
    for (int i = 0; i < 2 && join->kind == OP_MULTIPLY; i++) {
        if (!match_leak(lowering, instruction->operand[i], pace_of(lowering, value), join->leak, &condition, inner))
            continue;
        join->kind = VECTOR_LEAK;
        join->operand[0] = join->operand[2] = instruction->operand[1 - i];
        join->operand[1] = condition;
        for (int j = 0; j < 3; j++)
            absorb(lowering, inner[j]);
    }
}

/* (a first b) second c; or c - a b. */
static void join_chain(struct lowering *lowering, int value)
{
    const struct instruction *instruction = instruction_of(lowering, value);
    struct join *join = join_of(lowering, value);
    if (!vector_is_link(instruction->kind) || join->kind != (int)instruction->kind || join->absorbed)
        return;
    for (int i = 0; i < 2; i++) {
        const int inner = instruction->operand[i];
        const struct instruction *first = instruction_of(lowering, inner);
        if (!first || !vector_is_link(first->kind) || !only_for(lowering, inner, first->kind, pace_of(lowering, value)))
            continue;
        const struct join *before = join_of(lowering, inner);
        if (before->absorbed || before->kind != (int)first->kind) /* a step already takes several with it */
            continue;
        if (i == 1 && instruction->kind == OP_SUBTRACT && first->kind != OP_MULTIPLY)
            continue;
        join->kind = i == 1 && instruction->kind == OP_SUBTRACT ? VECTOR_SUBTRACT_PRODUCT
                                                                 : vector_chain(first->kind, instruction->kind);
        memcpy(join->operand, (const int[3]){first->operand[0], first->operand[1], instruction->operand[1 - i]},
               sizeof join->operand);
        absorb(lowering, inner);
        return;
    }
}

static void join_instructions(struct lowering *lowering)
{
    const struct program *program = lowering->program;
    for (int i = 0; i < program->instructions; i++) {
        const struct instruction *instruction = &program->code[i];
        struct join *join = &lowering->join[i];
        join->kind = (int)instruction->kind;
        for (int j = 0; j < 3; j++)
            join->operand[j] = instruction->operand[j < operands_of(instruction) ? j : 0];
    }
    for (int i = program->inputs; i < program->inputs + program->instructions; i++)
        if (lowering->uses[i])
            join_leak(lowering, i);
    for (int i = program->inputs; i < program->inputs + program->instructions; i++)
        if (lowering->uses[i])
            join_chain(lowering, i);
}

/* ---- Steps -------------------------------------------------------------------------------------------------- */

/* How a tile is summed depends on which of its axes are kept. */
static int sum_kind(const struct program_space *space, int output)
{
    const unsigned all = (1u << space->program.rank) - 1, tile = all & ~((1u << space->axis) - 1);
    const unsigned kept = program_space_kept(space, output) & tile, axis = 1u << space->axis;
    if (kept == 0)
        return STEP_SUM;
    if (kept == tile)
        return STEP_SUM_COLUMNS;
    if (kept == axis)
        return STEP_SUM_ROWS;
    return kept == (tile & ~axis) ? STEP_SUM_PERIODS : STEP_SUM_ANYHOW;
}

/* Sums of products need no product. */
static void absorb_into_sums(struct lowering *lowering)
{
    const struct program *program = lowering->program;
    for (int i = 0; i < program->outputs; i++) {
        const int kind = sum_kind(lowering->space, i), operand = program->output[i].operand;
        const struct program_value *value = &lowering->code->value[operand];
        if (program->output[i].sum && (kind == STEP_SUM || kind == STEP_SUM_PERIODS) &&
            value->source == VALUE_COMPUTED && value->pace == PACE_TILE && lowering->uses[operand] == 1 &&
            join_of(lowering, operand)->kind == OP_MULTIPLY)
            join_of(lowering, operand)->absorbed = true;
    }
}

static void append(struct program_code *code, enum program_pace pace, int kind, int result, int a, int b, int c)
{
    code->step[pace][code->steps[pace]++] = (struct program_step){kind, {a, b, c}, result};
}

static int new_value(struct program_code *code, enum value_source source)
{
    code->value[code->values] = (struct program_value){.source = source, .pace = PACE_TILE, .store = -1};
    return code->values++;
}

static void append_instruction(struct lowering *lowering, int value)
{
    struct program_code *code = lowering->code;
    const struct join *join = join_of(lowering, value);
    int last = join->operand[2];
    if (join->kind == VECTOR_LEAK) {
        last = new_value(code, VALUE_CONSTANT);
        code->value[last].pace = PACE_TASK;
        code->value[last].splat = true;
        memcpy(code->value[last].constant, join->leak, sizeof join->leak);
    }
    append(code, code->value[value].pace, join->kind, value, join->operand[0], join->operand[1], last);
}

static void append_sum(struct lowering *lowering, int output)
{
    struct program_code *code = lowering->code;
    const int operand = lowering->program->output[output].operand, kind = sum_kind(lowering->space, output);
    const bool product = operand >= lowering->program->inputs && join_of(lowering, operand)->absorbed;
    const int *factor = product ? join_of(lowering, operand)->operand : NULL;
    if (kind == STEP_SUM_PERIODS)
        code->accumulator[output] = new_value(code, VALUE_ACCUMULATOR);
    if (factor)
        append(code, PACE_TILE, kind == STEP_SUM ? STEP_SUM_PRODUCTS : STEP_SUM_PERIODS_PRODUCTS, output, factor[0],
               factor[1], factor[0]);
    else
        append(code, PACE_TILE, kind, output, operand, operand, operand);
}

/* Sums come as soon as what they sum is there, while it is still in the nearest cache. */
static void append_sums_of(struct lowering *lowering, int value)
{
    for (int i = 0; i < lowering->program->outputs; i++)
        if (lowering->program->output[i].sum && lowering->program->output[i].operand == value)
            append_sum(lowering, i);
}

/* The first output that takes a computed tile is written by the step that computes it; all others are copies. */
static void append_stores(struct lowering *lowering)
{
    struct program_code *code = lowering->code;
    for (int i = 0; i < lowering->program->outputs; i++) {
        if (lowering->program->output[i].sum)
            continue;
        const int operand = lowering->program->output[i].operand;
        struct program_value *value = &code->value[operand];
        if (value->source == VALUE_COMPUTED && value->pace == PACE_TILE && value->store < 0) {
            value->store = i;
            continue;
        }
        const int copy = new_value(code, VALUE_COMPUTED);
        code->value[copy].store = i;
        append(code, PACE_TILE, VECTOR_COPY, copy, operand, operand, operand);
    }
}

static void append_steps(struct lowering *lowering)
{
    struct program_code *code = lowering->code;
    const int values = code->values;
    /* What is not computed for each tile is there before its first step. */
    for (int i = 0; i < values; i++)
        if (code->value[i].source != VALUE_COMPUTED || code->value[i].pace != PACE_TILE)
            append_sums_of(lowering, i);
    for (int i = lowering->program->inputs; i < values; i++) {
        if (!lowering->uses[i] || code->value[i].source != VALUE_COMPUTED)
            continue;
        if (!join_of(lowering, i)->absorbed)
            append_instruction(lowering, i);
        if (code->value[i].pace == PACE_TILE)
            append_sums_of(lowering, i);
    }
    append_stores(lowering);
}

/* ---- Places ------------------------------------------------------------------------------------------------- */

enum { FOREVER = 1 << 20 };

/* The last step, counted through all paces, that reads each value; FOREVER if a faster pace reads it, or if it waits
 * for the end of the tile to be stored. */
static void find_last_reads(const struct program_code *code, int last[VALUES_MAXIMUM])
{
    int number = 0;
    for (int i = 0; i < code->values; i++)
        last[i] = code->value[i].store >= 0 || code->value[i].source == VALUE_ACCUMULATOR ? FOREVER : -1;
    for (int pace = 0; pace < PACES; pace++)
        for (int i = 0; i < code->steps[pace]; i++, number++)
            for (int j = 0; j < 3; j++) {
                const int value = code->step[pace][i].operand[j];
                if (last[value] != FOREVER)
                    last[value] = (int)code->value[value].pace < pace ? FOREVER : number;
            }
}

struct places {
    int64_t used; /* floats */
    int free_count;
    int64_t free_place[VALUES_MAXIMUM];
};

static void place_value(struct places *places, struct program_value *value, int64_t length)
{
    if (value->splat) {
        value->place = places->used;
        places->used += value->source == VALUE_CONSTANT ? 2 * VECTOR_FLOATS : VECTOR_FLOATS;
    } else if (places->free_count > 0) {
        value->place = places->free_place[--places->free_count];
    } else {
        value->place = places->used;
        places->used += length;
    }
}

static bool is_sum(int kind)
{
    return kind >= VECTOR_KINDS;
}

/* Gives back the places of operands that this step is the last to read. */
static void release_operands(struct places *places, const struct program_code *code, const struct program_step *step,
                             int number, int last[VALUES_MAXIMUM])
{
    for (int j = 0; j < 3; j++) {
        const struct program_value *operand = &code->value[step->operand[j]];
        if (last[step->operand[j]] != number || operand->splat || operand->source == VALUE_IN_PLACE)
            continue;
        places->free_place[places->free_count++] = operand->place;
        last[step->operand[j]] = FOREVER; /* not twice */
    }
}

static void find_places(struct lowering *lowering)
{
    struct program_code *code = lowering->code;
    struct places places = {0};
    int last[VALUES_MAXIMUM], number = 0;
    const int64_t length = (lowering->space->length + VECTOR_FLOATS - 1) / VECTOR_FLOATS * VECTOR_FLOATS;
    find_last_reads(code, last);
    for (int i = 0; i < code->values; i++)
        if (code->value[i].source != VALUE_COMPUTED && code->value[i].source != VALUE_IN_PLACE) {
            last[i] = FOREVER; /* laid out before the steps begin */
            place_value(&places, &code->value[i], length);
        }
    for (int pace = 0; pace < PACES; pace++)
        for (int i = 0; i < code->steps[pace]; i++, number++) {
            const struct program_step *step = &code->step[pace][i];
            /* A result may take the place of an operand: loops go element by element. */
            release_operands(&places, code, step, number, last);
            if (!is_sum(step->kind) && code->value[step->result].source == VALUE_COMPUTED)
                place_value(&places, &code->value[step->result], length);
        }
    code->scratch = places.used;
}

/* An output may be the storage of an input. Then it must not be written before the last step that reads the input. */
static void find_later_reads(struct program_code *code)
{
    uint32_t inputs = 0;
    for (int i = code->steps[PACE_TILE] - 1; i >= 0; i--) {
        const struct program_step *step = &code->step[PACE_TILE][i];
        if (!is_sum(step->kind))
            code->value[step->result].read_later = inputs;
        for (int j = 0; j < 3; j++)
            if (code->value[step->operand[j]].source == VALUE_IN_PLACE)
                inputs |= 1u << code->value[step->operand[j]].input;
    }
}

void program_code_make(struct program_code *code, const struct program_space *space)
{
    struct lowering lowering = {.space = space, .program = &space->program, .code = code};
    memset(code, 0, sizeof *code);
    for (int i = 0; i < KERNEL_OUTPUTS; i++)
        code->accumulator[i] = -1;
    count_uses(&lowering);
    describe_values(&lowering);
    join_instructions(&lowering);
    absorb_into_sums(&lowering);
    append_steps(&lowering);
    find_places(&lowering);
    find_later_reads(code);
}
