/* From a graph to something that runs: a plan describes one run completely (which kernels, in what order, on which
 * memory), an executor owns the memory and runs it as often as wanted. A run allocates nothing.
 *
 * The result of a run is a function of the graph, the store, the inputs, the seed, the step and the number of shards,
 * bit for bit; threads only decide how soon it is there. */
#ifndef RUN_PLAN_H
#define RUN_PLAN_H

#include "base/pool.h"
#include "graph/graph.h"
#include "kernel/kernel.h"
#include "run/store.h"

struct plan;
struct executor;

enum { SHARDS_DEFAULT = 8, SHARDS_MAXIMUM = 64 };

/* Plans everything that the graph's outputs and assignments need. The graph must outlive the plan; the backend decides
 * about the type of numbers. 1 <= shards <= SHARDS_MAXIMUM, 0 for the default. *out is the caller's. */
int plan_make(struct plan **out, const struct graph *graph, const struct backend *backend, int shards);
void plan_free(struct plan *plan);

/* What the plan will take: bytes of working memory besides the store (for so many threads), and arithmetic. */
struct plan_cost {
    size_t memory;           /* arena and scratch */
    double flops;            /* of the definition: what convolutions and products would take done directly */
    double contraction_flops;
    double bytes;            /* least traffic of what is not a contraction */
    int steps, barriers;
};
struct plan_cost plan_cost(const struct plan *plan, int threads);

/* An executor for the plan on the store's tensors (all states must be there, of the same type) and the pool, which
 * must outlive it. */
int executor_new(struct executor **out, const struct plan *plan, struct store *store, struct pool *pool);
void executor_free(struct executor *executor);

/* Where an input is read from at each run: as many numbers as its shape has. The memory stays the caller's. */
int executor_bind(struct executor *executor, const char *name, const void *data);

/* Whether the plan has such an input: one that nothing depends on is dropped. */
bool executor_reads(const struct executor *executor, const char *name);

/* Whoever changes a tensor of the store that the plan itself does not assign says so. */
void executor_states_changed(struct executor *executor);

/* Runs once. All inputs must be bound. */
int executor_run(struct executor *executor, uint64_t seed, uint64_t step);

/* The value of an output of the graph after a run; NULL if the node is not one. */
const void *executor_output(const struct executor *executor, const struct node *output);

/* Times each step from here on; see profile.h for the table. */
void executor_profile(struct executor *executor, bool on);

#endif
