/* Cuts a program's space into parts and tiles. Everything here depends on shapes and shards alone. */
#include "kernel/cpu/program.h"

#include "kernel/plain/plain.h"

enum {
    PART_ELEMENTS = 1 << 16, /* of programs without the batch axis */
    PARTS_MAXIMUM = 64,
    PERIOD = 128, /* eight of the widest vectors, which stay in registers */
};

unsigned program_space_kept(const struct program_space *space, int output)
{
    const struct program *program = &space->program;
    const unsigned all = (1u << program->rank) - 1;
    return program->output[output].sum ? all & ~program->output[output].axes : all;
}

/* Without bit `axis`; the bits above move down. */
static unsigned without_axis(unsigned axes, int axis)
{
    const unsigned below = axes & ((1u << axis) - 1);
    return below | (axes >> (axis + 1) << axis);
}

static void remove_axis(struct program *program, int axis)
{
    for (int i = 0; i < program->inputs; i++)
        program->input[i].varies = without_axis(program->input[i].varies, axis);
    for (int i = 0; i < program->outputs; i++)
        program->output[i].axes = without_axis(program->output[i].axes, axis);
    for (int i = axis; i + 1 < program->rank; i++)
        program->size[i] = program->size[i + 1];
    program->rank--;
}

/* Whether every operand varies along both axes or along neither, and every sum takes both or neither. */
static bool alike(const struct program *program, int axis)
{
    for (int i = 0; i < program->inputs; i++)
        if ((program->input[i].varies >> axis & 1) != (program->input[i].varies >> (axis + 1) & 1))
            return false;
    for (int i = 0; i < program->outputs; i++)
        if (program->output[i].sum &&
            (program->output[i].axes >> axis & 1) != (program->output[i].axes >> (axis + 1) & 1))
            return false;
    return true;
}

static void merge_axes(struct program *program)
{
    for (int i = program->rank - 1; i >= (program->batch ? 1 : 0); i--)
        if (program->size[i] == 1 && program->rank > 1)
            remove_axis(program, i);
    for (int i = program->rank - 2; i >= 0; i--)
        if (alike(program, i)) {
            program->size[i] *= program->size[i + 1];
            remove_axis(program, i + 1);
        }
}

static void strides_over(struct program_strides *strides, const struct program *program, unsigned axes)
{
    strides->elements = 1;
    for (int i = program->rank - 1; i >= 0; i--) {
        strides->along[i] = axes >> i & 1 ? strides->elements : 0;
        if (axes >> i & 1)
            strides->elements *= program->size[i];
    }
}

/* Whether some operand varies along `axis` but only along some of the axes inside of it: then its tiles have to be
 * put together element by element. */
static bool scattered(const struct program_space *space, int axis)
{
    const struct program *program = &space->program;
    const unsigned inner = ((1u << program->rank) - 1) & ~((2u << axis) - 1);
    for (int i = 0; i < program->inputs; i++)
        if (program->input[i].varies >> axis & 1 && (program->input[i].varies & inner) != inner)
            return true;
    for (int i = 0; i < program->outputs; i++) {
        const unsigned kept = program_space_kept(space, i) & inner;
        if (kept != 0 && kept != inner)
            return true;
    }
    return false;
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    return b ? common_divisor(b, a % b) : a;
}

static void choose_tile(struct program_space *space)
{
    const struct program *program = &space->program;
    space->row = 1;
    space->axis = program->rank - 1;
    while (space->axis > 0) {
        const int64_t more = space->row * program->size[space->axis];
        if (more >= TILE_MINIMUM && (more > TILE_MAXIMUM / 2 || scattered(space, space->axis - 1)))
            break;
        space->row = more;
        space->axis--;
    }
    /* Tiles of equal length, and whole vectors if rows allow it. */
    const int64_t size = program->size[space->axis];
    const int64_t granule = VECTOR_FLOATS / common_divisor(VECTOR_FLOATS, space->row);
    int64_t most = TILE_MAXIMUM / space->row;
    most = most >= granule ? most / granule * granule : most;
    const int64_t tiles = (size + most - 1) / most, even = (size + tiles - 1) / tiles;
    space->rows = even < granule ? even : (even + granule - 1) / granule * granule;
    space->rows = space->rows < most ? space->rows : most;
    space->length = space->rows * space->row;
    const int64_t whole = space->row * (granule < space->rows ? granule : space->rows);
    space->period = whole < PERIOD ? PERIOD / whole * whole : whole;
    space->period = space->period < space->length ? space->period : space->length;
}

/* Parts are whole tiles, many enough for any machine, and few enough to keep their sums small. */
static int choose_parts(struct program_space *space, int64_t elements)
{
    const struct program *program = &space->program;
    space->granule = space->axis == 0 ? space->rows : 1;
    int64_t parts = elements / PART_ELEMENTS, sums = 0;
    for (int i = 0; i < program->outputs; i++)
        if (!(program_space_kept(space, i) & 1))
            sums += space->output[i].elements;
    parts = parts < PARTS_MAXIMUM ? parts : PARTS_MAXIMUM;
    if (sums > 0 && parts > elements / sums / 4)
        parts = elements / sums / 4;
    const int64_t granules = (program->size[0] + space->granule - 1) / space->granule;
    parts = parts < granules ? parts : granules;
    return parts < 1 ? 1 : (int)parts;
}

int program_space_make(struct program_space *space, const struct program *program, int shards)
{
    const int status = plain_check_program(program, shards);
    if (status < 0)
        return status;
    space->program = *program;
    for (int i = 0; i < program->outputs; i++)
        if (!program->output[i].sum)
            space->program.output[i].axes = 0;
    merge_axes(&space->program);
    int64_t elements = 1;
    for (int i = 0; i < space->program.rank; i++)
        elements *= space->program.size[i];
    for (int i = 0; i < program->inputs; i++)
        strides_over(&space->input[i], &space->program, space->program.input[i].varies);
    for (int i = 0; i < program->outputs; i++)
        strides_over(&space->output[i], &space->program, program_space_kept(space, i));
    choose_tile(space);
    if (program->batch) {
        space->tasks = shards;
        space->granule = space->program.size[0] / program->images;
    } else {
        space->tasks = choose_parts(space, elements);
    }
    return 0;
}

void program_space_part(const struct program_space *space, int task, int64_t *first, int64_t *last)
{
    const int64_t size = space->program.size[0], granules = (size + space->granule - 1) / space->granule;
    *first = shard_first(granules, space->tasks, task) * space->granule;
    *last = shard_first(granules, space->tasks, task + 1) * space->granule;
    *last = *last < size ? *last : size;
}

int64_t program_space_part_maximum(const struct program_space *space)
{
    const int64_t granules = (space->program.size[0] + space->granule - 1) / space->granule;
    return (granules + space->tasks - 1) / space->tasks * space->granule;
}
