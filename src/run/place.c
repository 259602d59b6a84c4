/* Lifetimes and places. Shards run through a segment independently, so within one they may be at different
 * steps: values of the whole batch share memory only from segment to segment, except in place. A value that no other
 * segment sees is local: a worker keeps that of the shard it works on, in memory that it uses again step by step and
 * shard by shard, and that therefore stays in its cache. */
#include "base/error.h"
#include "base/memory.h"
#include "run/steps.h"

#include <limits.h>
#include <stdlib.h>

/* --- Lifetimes -------------------------------------------------------------------------------------------- */

static void touch(struct plan *plan, int index, int step)
{
    struct buffer *buffer = &plan->buffer[plan->buffer[index].home];
    if (step < buffer->first_step)
        buffer->first_step = step;
    if (step > buffer->last_step)
        buffer->last_step = step;
}

static void find_lifetimes(struct plan *plan)
{
    for (size_t i = 0; i < plan->steps; i++) {
        const struct step *step = &plan->step[i];
        for (int k = 0; k < step->inputs; k++)
            touch(plan, step->input[k], (int)i);
        for (int k = 0; k < step->outputs; k++)
            touch(plan, step->output[k], (int)i);
        if (step->scratch != NO_BUFFER)
            touch(plan, step->scratch, (int)i);
    }
}

static int home_of(const struct plan *plan, int buffer)
{
    while (plan->buffer[buffer].home != buffer)
        buffer = plan->buffer[buffer].home;
    return buffer;
}

static int segment_of(const struct plan *plan, int step, bool last)
{
    if (step == INT_MAX)
        return INT_MAX;
    int found = 0;
    for (size_t i = 0; i < plan->segments; i++) {
        const struct segment *segment = &plan->segment[i];
        if (step >= segment->first && step < segment->first + segment->steps) {
            found = (int)i;
            if (!last)
                break;
        }
    }
    return found;
}

static bool has_place(const struct plan *plan, int index)
{
    const struct buffer *buffer = &plan->buffer[index];
    return buffer->home == index && buffer->kind <= BUFFER_LOCAL && buffer->first_step != INT_MAX;
}

/* What a single segment sees, and only shard by shard, is local. */
static void find_local(struct plan *plan)
{
    for (int i = 0; i < (int)plan->buffers; i++) {
        struct buffer *buffer = &plan->buffer[i];
        if (has_place(plan, i) && buffer->kind == BUFFER_ARENA && buffer->node && buffer->node->shape.batch &&
            plan->step[buffer->first_step].kernel->sharded &&
            segment_of(plan, buffer->first_step, false) == segment_of(plan, buffer->last_step, true))
            buffer->kind = BUFFER_LOCAL;
    }
}

/* What is local and small enough for a cache is not to be written to memory with something that is not local. */
static bool may_share(const struct plan *plan, const struct buffer *memory, const struct buffer *result)
{
    return (memory->kind == BUFFER_ARENA || memory->kind == BUFFER_LOCAL) && memory->bytes == result->bytes &&
           (memory->kind == result->kind || !fits_cache(plan, result));
}

/* A result takes over the memory of an operand that ends with this very step. */
static void work_in_place(struct plan *plan, int index)
{
    const struct step *step = &plan->step[index];
    unsigned free_inputs = step->elementwise;
    for (int o = 0; o < step->outputs; o++) {
        struct buffer *result = &plan->buffer[step->output[o]];
        if (result->home != step->output[o] || result->first_step != index)
            continue;
        for (int i = 0; i < step->inputs; i++) {
            const int home = home_of(plan, step->input[i]);
            struct buffer *memory = &plan->buffer[home];
            if (!(free_inputs >> i & 1) || memory->last_step != index || !may_share(plan, memory, result))
                continue;
            free_inputs &= ~(1u << i);
            result->home = home;
            memory->last_step = result->last_step;
            if (result->kind == BUFFER_ARENA)
                memory->kind = BUFFER_ARENA;
            break;
        }
    }
}

/* Which segments a buffer lives in; if it is local, which steps. */
static void find_times(struct plan *plan)
{
    for (int i = 0; i < (int)plan->buffers; i++) {
        struct buffer *buffer = &plan->buffer[i];
        if (!has_place(plan, i))
            continue;
        const bool local = buffer->kind == BUFFER_LOCAL;
        buffer->begin = local ? buffer->first_step : segment_of(plan, buffer->first_step, false);
        buffer->end = local ? buffer->last_step : segment_of(plan, buffer->last_step, true);
    }
}

/* --- Places ----------------------------------------------------------------------------------------------- */

static size_t aligned(size_t bytes)
{
    return (bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
}

static size_t place_bytes(const struct plan *plan, const struct buffer *buffer)
{
    if (buffer->kind != BUFFER_LOCAL)
        return aligned(buffer->bytes);
    const size_t images = (size_t)buffer->node->shape.size[0], shards = (size_t)plan->shards;
    return aligned((images + shards - 1) / shards * (buffer->bytes / images));
}

static bool overlap_in_time(const struct buffer *a, const struct buffer *b)
{
    return a->kind == BUFFER_PERMANENT || b->kind == BUFFER_PERMANENT || (a->begin <= b->end && b->begin <= a->end);
}

/* The lowest place where the buffer meets none of those that live at the same time. `placed` is sorted by offset. */
static size_t lowest_place(const struct plan *plan, const struct buffer *buffer, const int *placed, size_t count)
{
    size_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        const struct buffer *other = &plan->buffer[placed[i]];
        if (!overlap_in_time(buffer, other))
            continue;
        if (offset + place_bytes(plan, buffer) <= other->offset)
            break;
        if (other->offset + place_bytes(plan, other) > offset)
            offset = other->offset + place_bytes(plan, other);
    }
    return offset;
}

static void insert_by_offset(const struct plan *plan, int *placed, size_t count, int index)
{
    size_t at = count;
    for (; at > 0 && plan->buffer[placed[at - 1]].offset > plan->buffer[index].offset; at--)
        placed[at] = placed[at - 1];
    placed[at] = index;
}

static int by_size(const void *a, const void *b, void *context)
{
    const struct plan *plan = context;
    const int left = *(const int *)a, right = *(const int *)b;
    const size_t lb = place_bytes(plan, &plan->buffer[left]), rb = place_bytes(plan, &plan->buffer[right]);
    return lb != rb ? (lb < rb ? 1 : -1) : left - right;
}

/* Largest first: the old heuristic, and for such graphs close to the peak of what is alive. `order` and `placed` have
 * room for all buffers. Returns the bytes that the buffers take, those that are local or those that are not. */
static size_t place_buffers(struct plan *plan, bool local, int *order, int *placed)
{
    size_t count = 0, total = 0;
    for (int i = 0; i < (int)plan->buffers; i++)
        if (has_place(plan, i) && (plan->buffer[i].kind == BUFFER_LOCAL) == local)
            order[count++] = i;
    qsort_r(order, count, sizeof *order, by_size, plan);
    for (size_t i = 0; i < count; i++) {
        struct buffer *buffer = &plan->buffer[order[i]];
        buffer->offset = lowest_place(plan, buffer, placed, i);
        insert_by_offset(plan, placed, i, order[i]);
        const size_t end = buffer->offset + place_bytes(plan, buffer);
        total = end > total ? end : total;
    }
    return total;
}

int plan_place(struct plan *plan)
{
    int *order = memory_new(plan->buffers + 1, sizeof *order);
    int *placed = memory_new(plan->buffers + 1, sizeof *placed);
    const int status = order && placed ? 0 : STATUS_MEMORY;
    if (status == 0) {
        find_lifetimes(plan);
        find_local(plan);
        for (size_t i = 0; i < plan->steps; i++)
            work_in_place(plan, (int)i);
        find_times(plan);
        plan->arena_bytes = place_buffers(plan, false, order, placed);
        plan->local_bytes = place_buffers(plan, true, order, placed);
        for (size_t i = 0; i < plan->buffers; i++)
            plan->buffer[i].home = home_of(plan, (int)i);
    }
    free(order);
    free(placed);
    return status;
}
