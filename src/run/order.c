/* The order of steps: as many sharded steps one after another as can be, so that a shard passes through all of them
 * while it is in cache, and little waits between. Sums over shards, packing of weights and whatever else is wide are
 * done in the gaps. Any order that respects who reads what gives the same bits. */
#include "base/error.h"
#include "base/memory.h"
#include "run/steps.h"

#include <stdlib.h>

enum { NONE = -1 };

/* A list in an array: `next` is the place of the next entry, or NONE. */
struct link {
    int step, next;
};

struct order {
    struct plan *plan;
    struct link *link;
    size_t links, link_capacity;
    int *after;   /* of each step: the list of those that wait for it */
    int *waits;   /* of each step: for how many others; NONE: it has its place */
    int *writer;  /* of each buffer: the step that wrote it last, or NONE */
    int *readers; /* of each buffer: the list of steps that have read it since */
};

static int add_link(struct order *order, int *list, int step)
{
    if (memory_grow(&order->link, &order->link_capacity, order->links + 1, sizeof *order->link) < 0)
        return STATUS_MEMORY;
    order->link[order->links] = (struct link){step, *list};
    *list = (int)order->links++;
    return 0;
}

static int add_wait(struct order *order, int step, int other)
{
    if (other == NONE || other == step)
        return 0;
    order->waits[step]++;
    return add_link(order, &order->after[other], step);
}

static int read_buffer(struct order *order, int step, int buffer)
{
    const int home = order->plan->buffer[buffer].home;
    const int status = add_wait(order, step, order->writer[home]);
    return status < 0 ? status : add_link(order, &order->readers[home], step);
}

static int write_buffer(struct order *order, int step, int buffer)
{
    const int home = order->plan->buffer[buffer].home;
    int status = add_wait(order, step, order->writer[home]);
    for (int at = order->readers[home]; at != NONE && status == 0; at = order->link[at].next)
        status = add_wait(order, step, order->link[at].step);
    order->writer[home] = step;
    order->readers[home] = NONE;
    return status;
}

/* Who waits for whom, from the order in which the steps stand: that one is right. */
static int find_waits(struct order *order)
{
    const struct plan *plan = order->plan;
    int status = 0;
    for (int i = 0; i < (int)plan->steps && status == 0; i++) {
        const struct step *step = &plan->step[i];
        for (int k = 0; k < step->inputs && status == 0; k++)
            status = read_buffer(order, i, step->input[k]);
        for (int k = 0; k < step->outputs && status == 0; k++)
            status = write_buffer(order, i, step->output[k]);
    }
    return status;
}

/* Of the steps that wait for nobody: one that goes on without a barrier, else a wide one, else any; of these the one
 * that was written first. */
static int choose(const struct order *order, const struct step *last)
{
    int wide = NONE, first = NONE;
    for (int i = 0; i < (int)order->plan->steps; i++) {
        const struct step *step = &order->plan->step[i];
        if (order->waits[i] != 0)
            continue;
        if (last && step_continues(last, step))
            return i;
        if (wide == NONE && !step->kernel->sharded)
            wide = i;
        if (first == NONE)
            first = i;
    }
    return wide != NONE ? wide : first;
}

static void put_in_order(struct order *order, struct step *sorted)
{
    const struct plan *plan = order->plan;
    for (size_t i = 0; i < plan->steps; i++) {
        const int chosen = choose(order, i > 0 ? &sorted[i - 1] : NULL);
        sorted[i] = plan->step[chosen];
        order->waits[chosen] = NONE;
        for (int at = order->after[chosen]; at != NONE; at = order->link[at].next)
            order->waits[order->link[at].step]--;
    }
}

int plan_order(struct plan *plan)
{
    struct order order = {.plan = plan};
    struct step *sorted = memory_new(plan->steps + 1, sizeof *sorted);
    order.after = memory_new(plan->steps + 1, sizeof *order.after);
    order.waits = memory_new(plan->steps + 1, sizeof *order.waits);
    order.writer = memory_new(plan->buffers + 1, sizeof *order.writer);
    order.readers = memory_new(plan->buffers + 1, sizeof *order.readers);
    int status = STATUS_MEMORY;
    if (sorted && order.after && order.waits && order.writer && order.readers) {
        for (size_t i = 0; i < plan->steps; i++)
            order.after[i] = NONE;
        for (size_t i = 0; i < plan->buffers; i++)
            order.writer[i] = order.readers[i] = NONE;
        status = find_waits(&order);
    }
    if (status == 0) {
        put_in_order(&order, sorted);
        free(plan->step);
        plan->step = sorted;
        plan->step_capacity = plan->steps + 1;
        sorted = NULL;
    }
    free(sorted);
    free(order.link);
    free(order.after);
    free(order.waits);
    free(order.writer);
    free(order.readers);
    return status;
}
