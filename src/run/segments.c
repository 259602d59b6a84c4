/* Cuts the ordered steps into segments, at whose ends everybody waits.
 *
 * A segment is a stretch of sharded steps, which each shard passes through by itself; or one phase of a wide step; or
 * small steps, such as the power iterations of all layers or their packing, each of which is done sooner than several
 * threads could meet: they form chains that have nothing to do with each other, and a chain is a task. */
#include "base/error.h"
#include "base/memory.h"
#include "run/steps.h"

#include <stdlib.h>
#include <string.h>

/* Arithmetic operations and bytes of a step that one thread had better do alone. */
enum { SMALL = 1 << 19 };

static bool is_small(const struct step *step)
{
    const struct kernel *kernel = step->kernel;
    return !kernel->sharded &&
           ((kernel->phases == 1 && kernel->tasks[0] == 1) || kernel->flops + kernel->bytes < SMALL);
}

bool step_continues(const struct step *before, const struct step *step)
{
    if (before->once != step->once)
        return false;
    return before->kernel->sharded ? step->kernel->sharded : is_small(before) && is_small(step);
}

/* --- Chains ----------------------------------------------------------------------------------------------- */

static bool writes(const struct plan *plan, const struct step *step, int home)
{
    for (int k = 0; k < step->outputs; k++)
        if (plan->buffer[step->output[k]].home == home)
            return true;
    return false;
}

static bool touches(const struct plan *plan, const struct step *step, int home)
{
    for (int k = 0; k < step->inputs; k++)
        if (plan->buffer[step->input[k]].home == home)
            return true;
    return writes(plan, step, home);
}

/* Whether one writes what the other touches. */
static bool are_linked(const struct plan *plan, const struct step *a, const struct step *b)
{
    for (int k = 0; k < a->outputs; k++)
        if (touches(plan, b, plan->buffer[a->output[k]].home))
            return true;
    for (int k = 0; k < b->outputs; k++)
        if (touches(plan, a, plan->buffer[b->output[k]].home))
            return true;
    return false;
}

/* chain[i]: the first step of the chain that step i belongs to. Steps are counted from the segment's first. */
static void find_chains(const struct plan *plan, const struct step *step, int count, int *chain)
{
    for (int i = 0; i < count; i++) {
        chain[i] = i;
        for (int j = 0; j < i; j++) {
            if (chain[j] == chain[i] || !are_linked(plan, &step[j], &step[i]))
                continue;
            const int keep = chain[j] < chain[i] ? chain[j] : chain[i], drop = chain[j] + chain[i] - keep;
            for (int k = 0; k <= i; k++)
                chain[k] = chain[k] == drop ? keep : chain[k];
        }
    }
}

/* Puts the steps of each chain together, and notes where chains begin. */
static int sort_into_chains(struct plan *plan, struct segment *segment)
{
    const int count = segment->steps;
    struct step *first = plan->step + segment->first, *sorted = memory_new((size_t)count, sizeof *sorted);
    int *chain = memory_new((size_t)count, sizeof *chain), placed = 0;
    int status = STATUS_MEMORY;
    if (sorted && chain &&
        memory_grow(&plan->chain, &plan->chain_capacity, plan->chains + (size_t)count + 1, sizeof *plan->chain) == 0) {
        find_chains(plan, first, count, chain);
        segment->chain = (int)plan->chains;
        segment->tasks = 0;
        for (int head = 0; head < count; head++) {
            if (chain[head] != head)
                continue;
            segment->tasks++;
            plan->chain[plan->chains++] = segment->first + placed;
            for (int i = head; i < count; i++)
                if (chain[i] == head)
                    sorted[placed++] = first[i];
        }
        plan->chain[plan->chains++] = segment->first + count;
        memcpy(first, sorted, (size_t)count * sizeof *sorted);
        status = 0;
    }
    free(sorted);
    free(chain);
    return status;
}

/* --- Segments --------------------------------------------------------------------------------------------- */

static int add_segment(struct plan *plan, struct segment segment)
{
    if (memory_grow(&plan->segment, &plan->segment_capacity, plan->segments + 1, sizeof *plan->segment) < 0)
        return STATUS_MEMORY;
    plan->segment[plan->segments++] = segment;
    return 0;
}

static int stretch(const struct plan *plan, int first)
{
    int last = first + 1;
    while (last < (int)plan->steps && step_continues(&plan->step[last - 1], &plan->step[last]))
        last++;
    return last - first;
}

static int add_phases(struct plan *plan, struct segment segment)
{
    const struct kernel *kernel = plan->step[segment.first].kernel;
    int status = 0;
    for (; segment.phase < kernel->phases && status == 0; segment.phase++) {
        segment.tasks = kernel->tasks[segment.phase];
        status = add_segment(plan, segment);
    }
    return status;
}

int plan_cut(struct plan *plan)
{
    int status = 0;
    bool backwards = false;
    for (int i = 0; i < (int)plan->steps && status == 0;) {
        struct segment segment = {.first = i, .steps = stretch(plan, i), .chain = NO_CHAIN, .once = plan->step[i].once};
        if (plan->step[i].kernel->sharded) { /* as the ox ploughs: what the last shards wrote is still in cache */
            segment.backwards = backwards;
            backwards = !backwards;
        }
        i += segment.steps;
        if (!is_small(&plan->step[segment.first]))
            status = add_phases(plan, segment);
        else if ((status = sort_into_chains(plan, &segment)) == 0)
            status = add_segment(plan, segment);
    }
    return status;
}
