/* The store: the named tensors that outlive a run. Several plans (a training step, a sampler) share one store and
 * with it the weights. Tensors are dense, 64-byte aligned, and keep their address for the life of the store. */
#ifndef RUN_STORE_H
#define RUN_STORE_H

#include "graph/graph.h"
#include "kernel/kernel.h"

struct tensor {
    const char *name;
    struct shape shape;
    void *data;
};

struct store;

int store_new(struct store **out, enum number_type type);
void store_free(struct store *store);

/* Takes in every state of the graph that the store does not have, filled as its `initial` says: random numbers are
 * addressed by the seed and the name, so that a weight does not depend on which others there are. */
int store_add_states(struct store *store, const struct graph *graph, uint64_t seed);

/* The same with zeros, for values that come from a file: drawing millions of normal numbers takes longer than reading.
 */
int store_reserve_states(struct store *store, const struct graph *graph);

/* Adds a tensor of zeros, or finds the one of this name; an error if it has another shape. */
int store_add(struct store *store, struct tensor **out, const char *name, struct shape shape);

enum number_type store_type(const struct store *store);
int store_tensors(const struct store *store);
struct tensor *store_tensor(const struct store *store, int index);
struct tensor *store_find(const struct store *store, const char *name); /* or NULL */
size_t tensor_bytes(const struct store *store, const struct tensor *tensor);
size_t store_bytes(const struct store *store);

#endif
