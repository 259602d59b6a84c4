/* What a backend is: a maker of kernels, each of which computes one operation, or one fused pointwise program,
 * for fixed shapes. A kernel is made once, before anything runs; running it allocates nothing and cannot fail.
 *
 * A kernel's work is cut into phases, and each phase into tasks. Tasks of a phase may run in any order on any
 * thread; a phase begins when the one before it has ended. The cut depends on shapes and the number of shards
 * alone, never on threads, and a task's result depends only on its number: that is what makes every result the
 * same for any number of threads.
 *
 * A *sharded* kernel has one phase with one task for each shard, and task s reads and writes only shard s of the
 * tensors that carry the batch axis: images shard_first(N, S, s) .. shard_first(N, S, s + 1) - 1. The executor
 * runs several sharded kernels on one shard before it goes to the next, while the data is in cache. Any other
 * kernel is *wide*: it may cut its work as it likes, and starts when all its operands are whole. */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include "graph/operation.h"

#include <stddef.h>

enum number_type { NUMBER_F32, NUMBER_F64 };

enum { KERNEL_PHASES = 4, KERNEL_INPUTS = 24, KERNEL_OUTPUTS = 16, KERNEL_NOTE = 40 };

/* First image of shard `shard`; shards are as equal as can be, the smaller ones first. */
static inline int64_t shard_first(int64_t images, int shards, int shard)
{
    return images * shard / shards;
}

/* What a kernel gets each time it runs. Pointers are to whole tensors, dense and 64-byte aligned; inputs that the
 * kernel has asked to be packed are in its own layout. Scratch is uninitialised. */
struct kernel_arguments {
    const void *input[KERNEL_INPUTS];
    void *output[KERNEL_OUTPUTS];
    void *thread_scratch; /* this worker's own: kernel.thread_scratch bytes */
    void *shared_scratch; /* of this run of the kernel: kernel.shared_scratch bytes, common to all phases and tasks */
    uint64_t seed, step;  /* for OP_RANDOM */
};

/* A private layout for an operand that changes rarely, such as a weight. Two kernels whose keys are equal read the
 * same packed copy, which the planner makes once after each change of the operand. */
struct packing {
    char key[KERNEL_NOTE]; /* names the layout completely, sizes included */
    size_t bytes;
    int tasks;
    void (*run)(const struct packing *packing, const void *plain, void *packed, int task);
    const void *context; /* belongs to the kernel that declares it; lives as long as that kernel */
};

struct kernel {
    void (*run)(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int task);
    void (*free)(struct kernel *kernel); /* frees the kernel itself as well */
    int phases;                          /* 1 .. KERNEL_PHASES */
    int tasks[KERNEL_PHASES];
    bool sharded;
    /* A sharded kernel whose operation sums the batch axis away writes one partial result for each shard:
     * output is (shards, ...); the executor adds them up in a fixed tree. A wide kernel writes the sum itself. */
    bool partials;
    size_t thread_scratch, shared_scratch;         /* bytes */
    const struct packing *packing[KERNEL_INPUTS]; /* NULL: the plain layout */
    double flops, bytes;                           /* of one run: arithmetic of the definition; least memory traffic */
    char note[KERNEL_NOTE];                        /* how it is computed: "winograd 4x4", for profiles */
};

/* --- Fused pointwise programs ---------------------------------------------------------------------------
 * Straight-line code over an iteration space, run in one pass over memory, with any number of the values stored
 * or summed at the end. Axes that all operands treat alike are merged, so the space has few, long axes. */

enum { PROGRAM_CODE = 96 };

struct instruction {
    enum operation_kind kind; /* a pointwise kind or OP_CONSTANT */
    int operand[3];           /* registers: 0 .. inputs-1 are the inputs, inputs + i is the result of code[i] */
    double constant;          /* of OP_CONSTANT */
};

struct program_input {
    unsigned varies; /* bit i: the input varies along axis i; along the others it is repeated. The tensor is dense
                        over the axes along which it varies: the others are not in memory. */
};

struct program_output {
    int operand;   /* the register that it takes */
    bool sum;      /* stored as it is over the whole space, or summed over `axes` */
    unsigned axes; /* bit i: summed over axis i. The result is dense over the axes that are left. */
};

struct program {
    int rank; /* 1 .. RANK_MAXIMUM */
    bool batch; /* axis 0 is the batch axis, or the batch axis merged with what follows it: */
    int64_t images; /* the batch size if `batch`: size[0] is a multiple of it */
    int64_t size[RANK_MAXIMUM];
    int inputs, instructions, outputs;
    struct program_input input[KERNEL_INPUTS];
    struct instruction code[PROGRAM_CODE];
    struct program_output output[KERNEL_OUTPUTS];
};
/* With `batch`, the program is sharded. An input that does not vary along axis 0 is not divided. An output whose sum
 * includes axis 0 is a partial for each shard: (shards, rest). Stores and sums of any axes may be mixed in one program.
 * An output may be the very storage of an input that varies along all axes (in place); no other overlap occurs. */

/* --- Backends -------------------------------------------------------------------------------------------- */

struct kernel_request {
    struct operation operation;
    int inputs;
    struct shape input[OPERANDS_MAXIMUM];
    struct shape output;
    int shards;
};

struct backend {
    const char *name; /* "plain", "cpu", "cuda" */
    enum number_type type;
    /* Makes the kernel of an operation (OP_RANDOM, and every kind that is neither a leaf nor pointwise, broadcast,
     * reduce_sum or reshape: those arrive as programs or cost nothing). *out is the caller's. */
    int (*make)(struct kernel **out, const struct kernel_request *request);
    int (*make_program)(struct kernel **out, const struct program *program, int shards);
};

/* Readable C, the oracle of every test: everything in double, or in float. Kernels of both are `wide` only where a
 * sum over the batch is involved through partials: they are all sharded when an operand carries the batch axis. */
extern const struct backend plain_f64, plain_f32;
/* oneDNN, Winograd and vectorised C for the processor at hand; anything it has no fast way for comes from plain_f32. */
extern const struct backend cpu_f32;
/* The same, but convolutions round their operands to bfloat16 where the processor has a unit that multiplies these much
 * faster, and the shapes are whole tiles. Values in memory and sums stay float. */
extern const struct backend cpu_bf16;
/* Whether there is such a unit, and it may be used: without one the two are the same. */
bool cpu_bf16_differs(void);

#endif
