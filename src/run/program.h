/* Writing the program that computes a set of pointwise values and sums over one iteration space. */
#ifndef RUN_PROGRAM_H
#define RUN_PROGRAM_H

#include "run/fuse.h"

/* What the writer must know about the rest of the graph. */
struct program_context {
    /* True when the value is in memory before this program runs; `node` is never a constant. */
    bool (*in_memory)(const void *context, const struct node *node);
    const void *context;
};

/* Fills unit->program, inputs and outputs for the targets: pointwise, broadcast or constant nodes of shape `space`, and
 * sums over it. False if the program would not fit its limits, or would have to read, other than element by
 * element, what it computes itself. */
bool program_write(struct unit *unit, const struct shape *space, int targets, struct node *const *target,
                   const struct program_context *context);

/* The iteration space of a target. */
struct shape program_space(const struct node *target);

#endif
