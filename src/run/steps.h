/* What src/run's own files share: the inside of a plan. */
#ifndef RUN_STEPS_H
#define RUN_STEPS_H

#include "run/plan.h"

enum { NO_BUFFER = -1, STEP_LABEL = 96 };

enum buffer_kind {
    BUFFER_ARENA,     /* lives from its first step to its last, then its place is somebody else's */
    BUFFER_PERMANENT, /* in the arena too, but kept from run to run: packed weights that no run changes */
    BUFFER_LOCAL,     /* of one segment: each worker has room for the shard that it works on */
    BUFFER_STATE,     /* the store's */
    BUFFER_INPUT,     /* the caller's */
};

struct buffer {
    enum buffer_kind kind;
    size_t bytes;
    const struct node *node;   /* whose value it is; NULL: partial results, a packed copy, scratch */
    int first_step, last_step; /* that touch it; last_step is INT_MAX if it is read after the run */
    int begin, end;            /* the same in segments; in steps if it is local */
    int home;                  /* itself, or the buffer whose memory it shares */
    size_t offset;             /* in the arena, or in each worker's room */
};

struct step {
    struct kernel *kernel; /* the plan's own */
    bool once;             /* not at every run, only after states have changed from outside */
    int inputs, outputs;
    int input[KERNEL_INPUTS], output[KERNEL_OUTPUTS]; /* buffers */
    unsigned elementwise; /* bit i: input i is read only at the place that is written at the same moment */
    int scratch;          /* the buffer of shared scratch, or NO_BUFFER */
    bool contraction;
    bool cheap;    /* pointwise without dear functions, or a moving of values: may as well be done twice */
    bool borrowed; /* the kernel is that of another step, which this one repeats */
    char label[STEP_LABEL];
};

enum { NO_CHAIN = -1 };

/* A stretch of steps without a barrier. Tasks of sharded steps: each runs all the steps, one after another, on its
 * shard. Of a wide step, which is alone: those of one of its phases. Of chains: each runs the steps of one chain. */
struct segment {
    int first, steps;
    int phase;
    int tasks;
    int chain; /* where in plan.chain the first steps of its chains are, and the end of the last; or NO_CHAIN */
    bool once;
    bool backwards; /* from the last shard to the first */
};

struct plan {
    const struct graph *graph;
    const struct backend *backend;
    int shards;
    struct step *step;
    size_t steps, step_capacity;
    struct buffer *buffer;
    size_t buffers, buffer_capacity;
    struct segment *segment;
    size_t segments, segment_capacity;
    int *chain;
    size_t chains, chain_capacity;
    int *buffer_of;      /* of each node in memory, or NO_BUFFER */
    size_t arena_bytes;  /* permanent buffers included */
    size_t local_bytes;  /* for local buffers, each worker */
    size_t thread_bytes; /* scratch, each worker */
};

size_t number_bytes(enum number_type type);

/* Whether a segment that has the one step may go on with the other. */
bool step_continues(const struct step *before, const struct step *step);

/* Whether the buffer's part of one shard stays in a core's own cache. Results do not depend on it. */
bool fits_cache(const struct plan *plan, const struct buffer *buffer);

/* Changes the order of the steps so that there are few barriers. */
int plan_order(struct plan *plan);

/* Repeats cheap steps before readers that are far away, where that saves keeping their results. */
int plan_again(struct plan *plan);

/* Cuts the steps into segments. Steps of a segment may change places. */
int plan_cut(struct plan *plan);

/* Finds lifetimes, and gives every buffer its place. */
int plan_place(struct plan *plan);

/* Adds up one partial result for each shard, (shards, elements) -> (elements), in a fixed tree. */
int combine_kernel(struct kernel **out, enum number_type type, int64_t elements, int shards);

/* Input 0 to output 0, as it is. */
int copy_kernel(struct kernel **out, size_t bytes);

/* Input 0, plain, to output 0, packed. The packing must outlive the kernel. */
int packing_kernel(struct kernel **out, const struct packing *packing);

#endif
