/* What src/run's own files share: the inside of a plan. */
#ifndef RUN_STEPS_H
#define RUN_STEPS_H

#include "run/plan.h"

enum { NO_BUFFER = -1, STEP_LABEL = 96 };

enum buffer_kind {
    BUFFER_ARENA,     /* lives from its first step to its last, then its place is somebody else's */
    BUFFER_PERMANENT, /* in the arena too, but kept from run to run: packed weights that no run changes */
    BUFFER_STATE,     /* the store's */
    BUFFER_INPUT,     /* the caller's */
};

struct buffer {
    enum buffer_kind kind;
    size_t bytes;
    const struct node *node;             /* of a state or an input: whose name it has */
    int first_step, last_step;           /* that touch it; last_step is INT_MAX if it is read after the run */
    int first_segment, last_segment;     /* likewise */
    int home;                            /* itself, or the buffer whose memory it shares */
    size_t offset;                       /* in the arena */
};

struct step {
    struct kernel *kernel; /* the plan's own */
    bool once;             /* not at every run, only after states have changed from outside */
    int inputs, outputs;
    int input[KERNEL_INPUTS], output[KERNEL_OUTPUTS]; /* buffers */
    unsigned elementwise; /* bit i: input i is read only at the place that is written at the same moment */
    int scratch;          /* the buffer of shared scratch, or NO_BUFFER */
    bool contraction;
    char label[STEP_LABEL];
};

/* A stretch of steps without a barrier: each of `tasks` tasks runs all the steps, one after another. */
struct segment {
    int first, steps;
    int phase; /* of a wide step, which is then alone */
    int tasks;
    bool once;
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
    int *buffer_of;      /* of each node in memory, or NO_BUFFER */
    size_t arena_bytes;  /* permanent buffers included */
    size_t thread_bytes; /* scratch for each worker */
};

size_t number_bytes(enum number_type type);

/* Cuts the steps into segments, finds lifetimes, and gives every buffer its place. */
int plan_place(struct plan *plan);

/* Adds up one partial result for each shard, (shards, elements) -> (elements), in a fixed tree. */
int combine_kernel(struct kernel **out, enum number_type type, int64_t elements, int shards);

/* Input 0 to output 0, as it is. */
int copy_kernel(struct kernel **out, size_t bytes);

/* Input 0, plain, to output 0, packed. The packing must outlive the kernel. */
int packing_kernel(struct kernel **out, const struct packing *packing);

#endif
