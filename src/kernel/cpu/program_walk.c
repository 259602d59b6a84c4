/* Walks one part of a program's space tile by tile.
 *
 * Tiles are summed in float, over at most FOLD tiles in a row, and then in double; so the error of a sum of a million
 * numbers stays near that of one rounding. The order depends on the shape alone. */
#include "kernel/cpu/program.h"

#include <string.h>

enum { FOLD = 64 };

/* A value that lies in a tensor, and moves through it from tile to tile. */
struct moving {
    int value;
    const float *input;
    float *output; /* or NULL */
    const struct program_strides *strides;
};

struct walk {
    const struct program_kernel *kernel;
    const struct program_space *space;
    const struct program_code *code;
    const struct kernel_arguments *arguments;
    int64_t first, last;                         /* of axis 0 */
    int64_t index[RANK_MAXIMUM];                 /* of the tile's first element */
    int64_t count;                               /* elements of the tile */
    struct vector_operand values[VALUES_MAXIMUM]; /* of this tile */
    float *results[VALUES_MAXIMUM];              /* where those that are made here go */
    int movings, waitings;
    struct moving moving[VALUES_MAXIMUM];
    struct moving waiting[KERNEL_OUTPUTS]; /* stored only when the tile is done */
    bool scattered;                        /* inputs have to be laid out for each tile */
    double *sums[KERNEL_OUTPUTS];          /* of this part */
    int64_t sums_at[KERNEL_OUTPUTS];       /* where the tile's begin */
    int unfolded;                          /* tiles in the accumulators */
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

/* Repeats the first `length` elements until they are there `times` times. Returns the end. */
static float *repeat(float *to, int64_t length, int64_t times)
{
    for (int64_t done = length; done < length * times;) {
        const int64_t more = done < length * times - done ? done : length * times - done;
        memcpy(to + done, to, (size_t)more * sizeof *to);
        done += more;
    }
    return to + length * times;
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
    float *const begin = to;
    for (int64_t i = 0; i < size && (i == 0 || strides->along[axis]); i++)
        to = lay_out(space, strides, to, from + i * strides->along[axis], axis + 1, space->program.size[axis + 1]);
    return strides->along[axis] ? to : repeat(begin, to - begin, size);
}

static void lay_out_inputs(struct walk *walk, enum program_pace pace)
{
    const struct program_space *space = walk->space;
    for (int i = 0; i < space->program.inputs; i++) {
        const struct program_value *value = &walk->code->value[i];
        if (value->source != VALUE_REPEATED || value->pace != pace)
            continue;
        const float *from = (const float *)walk->arguments->input[i] + offset(walk, &space->input[i]);
        if (value->splat)
            fill(walk->results[i], *from, VECTOR_FLOATS);
        else
            lay_out(space, &space->input[i], walk->results[i], from, space->axis,
                    pace == PACE_TILE ? walk->count / space->row : space->rows);
    }
}

/* ---- Sums ----------------------------------------------------------------------------------------------------- */

/* Adds the rows of all accumulators to the sums, and empties them. */
static void fold(struct walk *walk)
{
    const struct program_space *space = walk->space;
    for (int output = 0; output < space->program.outputs; output++) {
        if (walk->code->accumulator[output] < 0)
            continue;
        float *rows = walk->results[walk->code->accumulator[output]];
        for (int64_t i = 0; walk->unfolded && i < space->period; i += space->row)
            walk->kernel->level->accumulate(walk->sums[output] + walk->sums_at[output],
                                            &(struct vector_operand){rows + i, false}, space->row);
        fill(rows, 0, space->period);
    }
    walk->unfolded = 0;
}

/* Sums begin elsewhere at each index of the outer axes that they keep. */
static void move_sums(struct walk *walk)
{
    for (int i = 0; i < walk->space->program.outputs; i++) {
        if (!walk->space->program.output[i].sum)
            continue;
        const struct program_strides *strides = &walk->space->output[i];
        const int64_t at = offset(walk, strides) - walk->first * strides->along[0];
        if (walk->unfolded && walk->code->accumulator[i] >= 0 && at != walk->sums_at[i])
            fold(walk);
        walk->sums_at[i] = at;
    }
}

static void sum_rows(const struct walk *walk, double *sums, struct vector_operand a)
{
    const int64_t row = walk->space->row;
    for (int64_t i = 0; i < walk->count / row; i++) {
        sums[i] += walk->kernel->level->sum(&a, row);
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
    const struct vector_operand *a = &walk->values[step->operand[0]];
    const struct program_strides *strides = &walk->space->output[step->result];
    double *sums = walk->sums[step->result] + walk->sums_at[step->result];
    if (step->kind == STEP_SUM)
        *sums += level->sum(a, walk->count);
    else if (step->kind == STEP_SUM_PRODUCTS)
        *sums += level->sum_products(a, &walk->values[step->operand[1]], walk->count);
    else if (step->kind == STEP_SUM_PERIODS)
        level->sum_periods(walk->results[walk->code->accumulator[step->result]], walk->space->period, a, NULL,
                           walk->count);
    else if (step->kind == STEP_SUM_PERIODS_PRODUCTS)
        level->sum_periods(walk->results[walk->code->accumulator[step->result]], walk->space->period, a,
                           &walk->values[step->operand[1]], walk->count);
    else if (step->kind == STEP_SUM_COLUMNS)
        level->accumulate(sums, a, walk->count);
    else if (step->kind == STEP_SUM_ROWS)
        sum_rows(walk, sums, *a);
    else
        sum_anyhow(walk, strides, sums, a->values, a->splat, walk->space->axis, walk->count / walk->space->row);
}

/* ---- Tiles ---------------------------------------------------------------------------------------------------- */

static void run_steps(const struct walk *walk, enum program_pace pace, int64_t count)
{
    const struct program_step *step = walk->code->step[pace], *end = step + walk->code->steps[pace];
    for (; step < end; step++) {
        if (step->kind >= VECTOR_KINDS)
            run_sum(walk, step);
        else
            walk->kernel->level->loop[step->kind](walk->results[step->result], &walk->values[step->operand[0]],
                                                  &walk->values[step->operand[1]], &walk->values[step->operand[2]],
                                                  walk->values[step->result].splat ? VECTOR_FLOATS : count);
    }
}

static void run_tile(struct walk *walk)
{
    if (walk->scattered)
        lay_out_inputs(walk, PACE_TILE);
    if (walk->unfolded == FOLD)
        fold(walk);
    walk->unfolded++;
    run_steps(walk, PACE_TILE, walk->count);
    for (int i = 0; i < walk->waitings; i++) {
        const struct moving *waiting = &walk->waiting[i];
        memcpy(waiting->output + offset(walk, waiting->strides), walk->values[waiting->value].values,
               (size_t)walk->count * sizeof(float));
    }
}

static void place_moving(struct walk *walk)
{
    for (int i = 0; i < walk->movings; i++) {
        const struct moving *moving = &walk->moving[i];
        const int64_t at = offset(walk, moving->strides);
        if (moving->output)
            walk->results[moving->value] = moving->output + at;
        walk->values[moving->value].values = (moving->output ? moving->output : moving->input) + at;
    }
}

/* To the next tile at the same index of the outer axes. */
static void advance_tile(struct walk *walk)
{
    const int axis = walk->space->axis;
    const int64_t rows = walk->space->rows;
    for (int i = 0; i < walk->movings; i++) {
        const struct moving *moving = &walk->moving[i];
        const int64_t step = rows * moving->strides->along[axis];
        walk->values[moving->value].values += step;
        walk->results[moving->value] += moving->output ? step : 0;
    }
    for (int i = 0; i < walk->space->program.outputs; i++)
        walk->sums_at[i] += rows * walk->space->output[i].along[axis];
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
    move_sums(walk);
    place_moving(walk);
    for (int64_t i = first; i < last; i += space->rows) {
        walk->index[axis] = i;
        walk->count = (last - i < space->rows ? last - i : space->rows) * space->row;
        run_tile(walk);
        if (i + space->rows < last)
            advance_tile(walk);
    }
    walk->index[axis] = 0;
}

/* The next index of the outer axes, or false after the last. */
static bool advance_outer(struct walk *walk)
{
    for (int axis = walk->space->axis - 1; axis >= 0; axis--) {
        if (++walk->index[axis] < (axis == 0 ? walk->last : walk->space->program.size[axis]))
            return true;
        walk->index[axis] = 0;
    }
    return false;
}

/* A stored value is written where it belongs at once, unless an input that is read later lies there. */
static bool has_to_wait(const struct walk *walk, const struct program_value *value)
{
    for (int i = 0; i < walk->space->program.inputs; i++)
        if (value->read_later >> i & 1 && walk->arguments->output[value->store] == walk->arguments->input[i])
            return true;
    return false;
}

static void place_value(struct walk *walk, int index, float *scratch)
{
    const struct program_value *value = &walk->code->value[index];
    walk->results[index] = scratch + value->place;
    walk->values[index] = (struct vector_operand){walk->results[index], value->splat};
    for (int i = 0; value->source == VALUE_CONSTANT && i < 2; i++)
        fill(walk->results[index] + i * VECTOR_FLOATS, value->constant[i], VECTOR_FLOATS);
    if (value->source == VALUE_REPEATED && value->pace == PACE_TILE)
        walk->scattered = true;
    if (value->source == VALUE_IN_PLACE)
        walk->moving[walk->movings++] = (struct moving){
            .value = index, .input = walk->arguments->input[index], .strides = &walk->space->input[index]};
    if (value->store < 0)
        return;
    const struct moving stored = {
        .value = index, .output = walk->arguments->output[value->store], .strides = &walk->space->output[value->store]};
    if (has_to_wait(walk, value))
        walk->waiting[walk->waitings++] = stored;
    else
        walk->moving[walk->movings++] = stored;
}

static void start(struct walk *walk, float *scratch, double *sums)
{
    const struct program *program = &walk->space->program;
    for (int i = 0; i < walk->code->values; i++)
        place_value(walk, i, scratch);
    for (int i = 0; i < program->outputs; i++) {
        if (!program->output[i].sum)
            continue;
        const int64_t stride = walk->space->output[i].along[0];
        const int64_t elements = stride ? (walk->last - walk->first) * stride : walk->space->output[i].elements;
        walk->sums[i] = sums + walk->kernel->sum_place[i];
        memset(walk->sums[i], 0, (size_t)elements * sizeof(double));
    }
    fold(walk);
    lay_out_inputs(walk, PACE_TASK);
    run_steps(walk, PACE_TASK, walk->space->length);
}

void program_walk(const struct program_kernel *kernel, const struct kernel_arguments *arguments, int task,
                  float *scratch, double *sums)
{
    struct walk walk = {.kernel = kernel, .space = &kernel->space, .code = &kernel->code, .arguments = arguments};
    program_space_part(walk.space, task, &walk.first, &walk.last);
    start(&walk, scratch, sums);
    if (walk.first == walk.last)
        return;
    walk.index[0] = walk.first;
    do
        run_tiles(&walk);
    while (advance_outer(&walk));
    fold(&walk);
}
