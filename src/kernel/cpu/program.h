/* Fused pointwise programs on vectors, in three parts: the space is cut into tiles (program_space.c), the code is
 * turned into steps over tiles (program_lower.c), and the steps are run (program_walk.c). program.c makes kernels of
 * them.
 *
 * A tile is a stretch of memory, a whole number of rows where rows are short, that stays in the first-level cache
 * while all steps pass over it. Whatever does not change from tile to tile, such as the inverse deviation of each
 * channel, is computed once for each task, or once for each index of the outer axes, and repeated to fill a tile. */
#ifndef KERNEL_CPU_PROGRAM_H
#define KERNEL_CPU_PROGRAM_H

#include "kernel/cpu/program_vector.h"
#include "kernel/kernel.h"

enum {
    TILE_MAXIMUM = 1024, /* elements; the first-level cache holds a dozen such registers */
    TILE_MINIMUM = 256,  /* below, starting the steps costs more than running them */
};

/* ---- The space and its tiles ------------------------------------------------------------------------------ */

/* Where a tensor that is dense over some axes of the space lies, in elements; 0 along the others. */
struct program_strides {
    int64_t along[RANK_MAXIMUM];
    int64_t elements;
};

/* The program with its axes merged where possible. Axes 0 .. axis-1 are the outer ones; a tile is `rows` indices of
 * `axis` times everything inside of it, `row` elements. */
struct program_space {
    struct program program;
    int axis;
    int64_t row, rows;
    int64_t length; /* rows * row <= TILE_MAXIMUM */
    int64_t period; /* of sums that keep a row: a whole number of rows and, where possible, of vectors */
    int tasks;      /* each has its own part of axis 0 */
    int64_t granule; /* indices of axis 0 that are never parted */
    struct program_strides input[KERNEL_INPUTS], output[KERNEL_OUTPUTS];
};

int program_space_make(struct program_space *space, const struct program *program, int shards);

/* The part [*first, *last) of axis 0 that belongs to a task. */
void program_space_part(const struct program_space *space, int task, int64_t *first, int64_t *last);
int64_t program_space_part_maximum(const struct program_space *space);

unsigned program_space_kept(const struct program_space *space, int output); /* axes that are not summed */

/* ---- Steps -------------------------------------------------------------------------------------------------- */

/* How often a value changes. */
enum program_pace { PACE_TASK, PACE_OUTER, PACE_TILE, PACES };

enum value_source {
    VALUE_IN_PLACE,    /* an input, read where it is */
    VALUE_REPEATED,    /* an input, laid out for a tile */
    VALUE_CONSTANT,
    VALUE_COMPUTED,
    VALUE_ACCUMULATOR, /* a period of sums over tiles */
};

struct program_value {
    enum value_source source;
    enum program_pace pace;
    bool splat; /* one number for the whole tile */
    int input;
    float constant[2];  /* both of a constant's splats; they differ only for VECTOR_LEAK */
    int64_t place;      /* in the scratch of a thread, in floats */
    int store;          /* the output that it is, or -1 */
    uint32_t read_later; /* in-place inputs that are read after a stored value is there */
};

enum step_kind { /* beside enum vector_kind */
    STEP_SUM = VECTOR_KINDS, /* of the tile to one number */
    STEP_SUM_PRODUCTS,
    STEP_SUM_ROWS,    /* one number for each row */
    STEP_SUM_PERIODS, /* all rows to one row, by way of the output's accumulator */
    STEP_SUM_PERIODS_PRODUCTS,
    STEP_SUM_COLUMNS, /* the tile as it is, added to the output's sums */
    STEP_SUM_ANYHOW,
};

struct program_step {
    int kind;
    int operand[3];
    int result; /* a value; of sums: the output */
};

enum { VALUES_MAXIMUM = KERNEL_INPUTS + 2 * PROGRAM_CODE + 2 * KERNEL_OUTPUTS, STEPS_MAXIMUM = VALUES_MAXIMUM };

struct program_code {
    int values, steps[PACES];
    struct program_value value[VALUES_MAXIMUM];
    struct program_step step[PACES][STEPS_MAXIMUM];
    int accumulator[KERNEL_OUTPUTS]; /* the value in which an output's tiles are summed, or -1 */
    int64_t scratch;                 /* floats for all values */
};

void program_code_make(struct program_code *code, const struct program_space *space);

/* ---- Running ------------------------------------------------------------------------------------------------ */

struct program_kernel {
    struct kernel kernel;
    const struct vector_level *level;
    struct program_space space;
    struct program_code code;
    int64_t sum_place[KERNEL_OUTPUTS]; /* in the doubles of a thread's scratch, and of a part's shared scratch */
    int64_t part_place[KERNEL_OUTPUTS];
    int64_t part_sums; /* doubles that each part leaves for the last phase */
};

/* Everything of one part. Sums are left in `sums`, at sum_place. */
void program_walk(const struct program_kernel *kernel, const struct kernel_arguments *arguments, int task,
                  float *scratch, double *sums);

#endif
