/* A graph with everything that is needed to run it: what tests of the engine set up and tear down. */
#ifndef TESTS_MACHINE_H
#define TESTS_MACHINE_H

#include "base/error.h"
#include "run/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"

struct machine {
    struct graph *graph;
    struct plan *plan;
    struct store *store;
    struct pool *pool;
    struct executor *executor;
};

/* An empty graph, to be filled. */
struct machine machine_new(void);

/* Plans the graph, whose states get their initial values, for two threads. */
void machine_start(struct machine *machine, const struct backend *backend, int shards);
void machine_stop(struct machine *machine);

#endif
