/* Setting up and tearing down. */
#include "machine.h"

struct machine machine_new(void)
{
    struct machine machine = {0};
    must(graph_new(&machine.graph));
    return machine;
}

void machine_start(struct machine *machine, const struct backend *backend, int shards)
{
    must(plan_make(&machine->plan, machine->graph, backend, shards));
    must(store_new(&machine->store, backend->type));
    must(store_add_states(machine->store, machine->graph, 1));
    must(pool_new(&machine->pool, 2));
    must(executor_new(&machine->executor, machine->plan, machine->store, machine->pool));
}

void machine_stop(struct machine *machine)
{
    executor_free(machine->executor);
    pool_free(machine->pool);
    store_free(machine->store);
    plan_free(machine->plan);
    graph_free(machine->graph);
}
