/* Walks one part of a program's space tile by tile.
 *
 * Tiles are summed in float, over at most FOLD tiles in a row, and then in double; so the error of a sum of a million
 * numbers stays near that of one rounding. The order depends on the shape alone. */
#include "kernel/cpu/program.h"

#include <string.h>

enum { FOLD = 64 };

struct walk {
    const struct program_kernel *kernel;
    const struct program_space *space;
    const struct program_code *code;
    const struct kernel_arguments *arguments;
    int64_t first, last;                   /* of axis 0 */
    int64_t index[RANK_MAXIMUM];           /* of the tile's first element */
    int64_t count;                         /* elements of the tile */
    const float *values[VALUES_MAXIMUM];   /* of this tile */
    float *results[VALUES_MAXIMUM];        /* where those that are made here go */
    bool waits[VALUES_MAXIMUM];            /* stored only when the tile is done */
    const float *input[KERNEL_INPUTS];     /* of the whole tensors */
    float *output[KERNEL_OUTPUTS];
    double *sums[KERNEL_OUTPUTS];          /* of this part */
    int64_t sums_at[KERNEL_OUTPUTS];       /* where the tile's sums begin */
    int folded[KERNEL_OUTPUTS];            /* tiles in the accumulator */
    int64_t folded_at[KERNEL_OUTPUTS];
};

static int64_t offset(const struct walk *walk, const struct program_strides *strides)
{
    int64_t result = 0;
    for (int i = 0; i <= walk->space->axis; i++)
        result += walk->index[i] * strides->along[i];
    return result;
}

/* ---- Inputs that are laid out for a tile -------------------------------------------------------------------- */

static void fill(float *to, float value, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        to[i] = value;
}

/* A box of `size` along the axes from `axis` on. Returns the end of what it wrote. */
static float *lay_out(const struct program_space *space, const struct program_strides *strides, float *to,
                      const float *from, int axis, int64_t size)
{
    const int rank = space->program.rank;
    if (axis == rank - 1) {
        if (strides->along[axis] == 0)
            fill(to, *from, size);
        else
            memcpy(to, from, (size_t)size * sizeof *to);
        return to + size;
    }
    for (int64_t i = 0; i < size; i++)
        to = lay_out(space, strides, to, from + i * strides->along[axis], axis + 1, space->program.size[axis + 1]);
    return to;
}

static void lay_out_inputs(struct walk *walk, enum program_pace pace)
{
    const struct program_space *space = walk->space;
    for (int i = 0; i < space->program.inputs; i++) {
        const struct program_value *value = &walk->code->value[i];
        if (value->source != VALUE_REPEATED || value->pace != pace)
            continue;
        const float *from = walk->input[i] + offset(walk, &space->input[i]);
        if (value->splat)
            fill(walk->results[i], *from, VECTOR_FLOATS);
        else
            lay_out(space, &space->input[i], walk->results[i], from, space->axis,
                    pace == PACE_TILE ? walk->count / space->row : space->rows);
    }
}

/* ---- Sums ----------------------------------------------------------------------------------------------------- */

static struct vector_operand operand_of(const struct walk *walk, int value)
{
    return (struct vector_operand){walk->values[value], walk->code->value[value].splat};
}

/* Adds an accumulator's rows to the sums, and empties it. */
static void fold(struct walk *walk, int output)
{
    const int accumulator = walk->code->accumulator[output];
    float *from = walk->results[accumulator];
    for (int64_t i = 0; walk->folded[output] && i < walk->space->rows; i++)
        walk->kernel->level->accumulate(walk->sums[output] + walk->folded_at[output],
                                        (struct vector_operand){from + i * walk->space->row, false}, walk->space->row);
    fill(from, 0, walk->space->length);
    walk->folded[output] = 0;
}

static void fold_when_due(struct walk *walk)
{
    for (int i = 0; i < walk->space->program.outputs; i++) {
        if (!walk->space->program.output[i].sum)
            continue;
        walk->sums_at[i] = offset(walk, &walk->space->output[i]) - walk->first * walk->space->output[i].along[0];
        if (walk->code->accumulator[i] < 0)
            continue;
        if (walk->folded[i] == FOLD || (walk->folded[i] && walk->folded_at[i] != walk->sums_at[i]))
            fold(walk, i);
        walk->folded_at[i] = walk->sums_at[i];
        walk->folded[i]++;
    }
}

static void sum_rows(const struct walk *walk, double *sums, struct vector_operand a)
{
    const int64_t row = walk->space->row;
    for (int64_t i = 0; i < walk->count / row; i++) {
        sums[i] += walk->kernel->level->sum(a, row);
        a.values += a.splat ? 0 : row;
    }
}

/* One element after another, for sums that keep some of a row's axes. Returns where the operand goes on. */
static const float *sum_anyhow(const struct walk *walk, const struct program_strides *strides, double *sums,
                               const float *from, bool splat, int axis, int64_t size)
{
    for (int64_t i = 0; i < size; i++, sums += strides->along[axis]) {
        if (axis == walk->space->program.rank - 1) {
            *sums += (double)*from;
            from += splat ? 0 : 1;
        } else {
            from = sum_anyhow(walk, strides, sums, from, splat, axis + 1, walk->space->program.size[axis + 1]);
        }
    }
    return from;
}

static void run_sum(const struct walk *walk, const struct program_step *step)
{
    const struct vector_level *level = walk->kernel->level;
    const struct vector_operand a = operand_of(walk, step->operand[0]);
    double *sums = walk->sums[step->result] + walk->sums_at[step->result];
    if (step->kind == STEP_SUM)
        *sums += level->sum(a, walk->count);
    else if (step->kind == STEP_SUM_PRODUCTS)
        *sums += level->sum_products(a, operand_of(walk, step->operand[1]), walk->count);
    else if (step->kind == STEP_SUM_COLUMNS)
        level->accumulate(sums, a, walk->count);
    else if (step->kind == STEP_SUM_ROWS)
        sum_rows(walk, sums, a);
    else
        sum_anyhow(walk, &walk->space->output[step->result], sums, a.values, a.splat, walk->space->axis,
                   walk->count / walk->space->row);
}

/* Asks for a share of the next tile of each input, so that it is on its way while this one is worked on. */
static void fetch_ahead(const struct walk *walk, int share, int shares)
{
    enum { LINE = 16 };
    const int64_t lines = (walk->count + LINE - 1) / LINE;
    const int64_t first = lines * share / shares * LINE, last = lines * (share + 1) / shares * LINE;
    for (int i = 0; i < walk->space->program.inputs; i++) {
        if (walk->code->value[i].source != VALUE_IN_PLACE)
            continue;
        const float *ahead = walk->values[i] + walk->count;
        for (int64_t j = first; j < last; j += LINE)
            __builtin_prefetch(ahead + j, 0, LOCALITY);
    }
}

/* ---- Tiles ---------------------------------------------------------------------------------------------------- */

static void run_steps(const struct walk *walk, enum program_pace pace, int64_t tile)
{
    const struct program_step *step = walk->code->step[pace];
    for (int i = 0; i < walk->code->steps[pace]; i++, step++) {
        if (pace == PACE_TILE)
            fetch_ahead(walk, i, walk->code->steps[pace]);
        if (step->kind >= VECTOR_KINDS) {
            run_sum(walk, step);
            continue;
        }
        const struct vector_operand operand[3] = {operand_of(walk, step->operand[0]), operand_of(walk, step->operand[1]),
                                                  operand_of(walk, step->operand[2])};
        const int64_t count = walk->code->value[step->result].splat ? VECTOR_FLOATS : tile;
        walk->kernel->level->loop[step->kind](walk->results[step->result], operand, count);
    }
}

static float *stored_tile(const struct walk *walk, int output)
{
    return walk->output[output] + offset(walk, &walk->space->output[output]);
}

static void run_tile(struct walk *walk)
{
    const struct program_code *code = walk->code;
    for (int i = 0; i < walk->space->program.inputs; i++)
        if (code->value[i].source == VALUE_IN_PLACE)
            walk->values[i] = walk->input[i] + offset(walk, &walk->space->input[i]);
    for (int i = walk->space->program.inputs; i < code->values; i++)
        if (code->value[i].store >= 0 && !walk->waits[i])
            walk->values[i] = walk->results[i] = stored_tile(walk, code->value[i].store);
    lay_out_inputs(walk, PACE_TILE);
    fold_when_due(walk);
    run_steps(walk, PACE_TILE, walk->count);
    for (int i = walk->space->program.inputs; i < code->values; i++)
        if (walk->waits[i])
            memcpy(stored_tile(walk, code->value[i].store), walk->values[i], (size_t)walk->count * sizeof(float));
}

/* All tiles at one index of the outer axes. */
static void run_tiles(struct walk *walk)
{
    const struct program_space *space = walk->space;
    const int axis = space->axis;
    const int64_t first = axis == 0 ? walk->first : 0, last = axis == 0 ? walk->last : space->program.size[axis];
    walk->index[axis] = first;
    lay_out_inputs(walk, PACE_OUTER);
    run_steps(walk, PACE_OUTER, space->length);
    for (int64_t i = first; i < last; i += space->rows) {
        walk->index[axis] = i;
        walk->count = (last - i < space->rows ? last - i : space->rows) * space->row;
        run_tile(walk);
    }
    walk->index[axis] = 0;
}

/* The next index of the outer axes, or false after the last. */
static bool advance(struct walk *walk)
{
    for (int axis = walk->space->axis - 1; axis >= 0; axis--) {
        if (++walk->index[axis] < (axis == 0 ? walk->last : walk->space->program.size[axis]))
            return true;
        walk->index[axis] = 0;
    }
    return false;
}

static void start(struct walk *walk, float *scratch, double *sums)
{
    const struct program *program = &walk->space->program;
    const struct program_code *code = walk->code;
    for (int i = 0; i < program->inputs; i++)
        walk->input[i] = walk->arguments->input[i];
    for (int i = 0; i < program->outputs; i++)
        walk->output[i] = walk->arguments->output[i];
    for (int i = 0; i < code->values; i++) {
        const struct program_value *value = &code->value[i];
        walk->values[i] = walk->results[i] = scratch + value->place;
        if (value->source == VALUE_CONSTANT)
            fill(walk->results[i], value->constant, VECTOR_FLOATS);
        for (int j = 0; value->store >= 0 && j < program->inputs; j++)
            walk->waits[i] = walk->waits[i] || (value->read_later >> j & 1 &&
                                                walk->arguments->output[value->store] == walk->arguments->input[j]);
    }
    for (int i = 0; i < program->outputs; i++) {
        if (!program->output[i].sum)
            continue;
        const int64_t stride = walk->space->output[i].along[0];
        const int64_t elements = stride ? (walk->last - walk->first) * stride : walk->space->output[i].elements;
        walk->sums[i] = sums + walk->kernel->sum_place[i];
        memset(walk->sums[i], 0, (size_t)elements * sizeof(double));
        if (code->accumulator[i] >= 0)
            fold(walk, i);
    }
    lay_out_inputs(walk, PACE_TASK);
    run_steps(walk, PACE_TASK, walk->space->length);
}

void program_walk(const struct program_kernel *kernel, const struct kernel_arguments *arguments, int task, float *scratch,
                  double *sums)
{
    struct walk walk = {.kernel = kernel, .space = &kernel->space, .code = &kernel->code, .arguments = arguments};
    program_space_part(walk.space, task, &walk.first, &walk.last);
    start(&walk, scratch, sums);
    if (walk.first == walk.last)
        return;
    walk.index[0] = walk.first;
    do
        run_tiles(&walk);
    while (advance(&walk));
    for (int i = 0; i < walk.space->program.outputs; i++)
        if (walk.code->accumulator[i] >= 0)
            fold(&walk, i);
}
