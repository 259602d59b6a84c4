/* Segments, lifetimes, places. Shards run through a segment independently, so within one they may be at different
 * steps: memory is shared between values only from segment to segment, except in place. */
#include "base/error.h"
#include "base/memory.h"
#include "run/steps.h"

#include <limits.h>
#include <stdlib.h>

/* --- Segments --------------------------------------------------------------------------------------------- */

static int add_segment(struct plan *plan, struct segment segment)
{
    if (memory_grow(&plan->segment, &plan->segment_capacity, plan->segments + 1, sizeof *plan->segment) < 0)
        return STATUS_MEMORY;
    plan->segment[plan->segments++] = segment;
    return 0;
}

static bool continues(const struct plan *plan, const struct step *step)
{
    if (plan->segments == 0 || step->kernel->phases != 1)
        return false;
    const struct segment *segment = &plan->segment[plan->segments - 1];
    const struct kernel *before = plan->step[segment->first].kernel;
    return segment->once == step->once && before->phases == 1 && segment->tasks == step->kernel->tasks[0] &&
           before->sharded == step->kernel->sharded && (step->kernel->sharded || segment->tasks == 1);
}

static int cut_segments(struct plan *plan)
{
    for (size_t i = 0; i < plan->steps; i++) {
        const struct step *step = &plan->step[i];
        if (continues(plan, step)) {
            plan->segment[plan->segments - 1].steps++;
            continue;
        }
        for (int phase = 0; phase < step->kernel->phases; phase++)
            if (add_segment(plan, (struct segment){(int)i, 1, phase, step->kernel->tasks[phase], step->once}) < 0)
                return STATUS_MEMORY;
    }
    return 0;
}

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

/* A result takes over the memory of an operand that ends with this very step. */
static void work_in_place(struct plan *plan, int index)
{
    const struct step *step = &plan->step[index];
    unsigned free_inputs = step->elementwise;
    for (int o = 0; o < step->outputs; o++) {
        const int output = step->output[o];
        if (plan->buffer[output].home != output || plan->buffer[output].kind != BUFFER_ARENA ||
            plan->buffer[output].first_step != index)
            continue;
        for (int i = 0; i < step->inputs; i++) {
            const int home = home_of(plan, step->input[i]);
            struct buffer *memory = &plan->buffer[home];
            if (!(free_inputs >> i & 1) || memory->kind != BUFFER_ARENA || memory->last_step != index ||
                memory->bytes != plan->buffer[output].bytes)
                continue;
            free_inputs &= ~(1u << i);
            plan->buffer[output].home = home;
            memory->last_step = plan->buffer[output].last_step;
            break;
        }
    }
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

/* --- Places ----------------------------------------------------------------------------------------------- */

static size_t aligned(size_t bytes)
{
    return (bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
}

static bool overlap_in_time(const struct buffer *a, const struct buffer *b)
{
    return a->kind == BUFFER_PERMANENT || b->kind == BUFFER_PERMANENT ||
           (a->first_segment <= b->last_segment && b->first_segment <= a->last_segment);
}

/* The lowest place where the buffer meets none of those that live at the same time. `placed` is sorted by offset. */
static size_t lowest_place(const struct plan *plan, const struct buffer *buffer, const int *placed, size_t count)
{
    size_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        const struct buffer *other = &plan->buffer[placed[i]];
        if (!overlap_in_time(buffer, other))
            continue;
        if (offset + aligned(buffer->bytes) <= other->offset)
            break;
        if (other->offset + aligned(other->bytes) > offset)
            offset = other->offset + aligned(other->bytes);
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
    const size_t lb = plan->buffer[left].bytes, rb = plan->buffer[right].bytes;
    return lb != rb ? (lb < rb ? 1 : -1) : left - right;
}

/* Largest first: the old heuristic, and for such graphs close to the peak of what is alive. */
static int place_buffers(struct plan *plan)
{
    int *order = memory_new(plan->buffers + 1, sizeof *order);
    int *placed = memory_new(plan->buffers + 1, sizeof *placed);
    if (!order || !placed) {
        free(order);
        free(placed);
        return STATUS_MEMORY;
    }
    size_t count = 0;
    for (size_t i = 0; i < plan->buffers; i++) {
        struct buffer *buffer = &plan->buffer[i];
        if (buffer->home != (int)i || buffer->kind > BUFFER_PERMANENT || buffer->first_step == INT_MAX)
            continue;
        buffer->first_segment = segment_of(plan, buffer->first_step, false);
        buffer->last_segment = segment_of(plan, buffer->last_step, true);
        order[count++] = (int)i;
    }
    qsort_r(order, count, sizeof *order, by_size, plan);
    for (size_t i = 0; i < count; i++) {
        struct buffer *buffer = &plan->buffer[order[i]];
        buffer->offset = lowest_place(plan, buffer, placed, i);
        insert_by_offset(plan, placed, i, order[i]);
        if (buffer->offset + aligned(buffer->bytes) > plan->arena_bytes)
            plan->arena_bytes = buffer->offset + aligned(buffer->bytes);
    }
    free(order);
    free(placed);
    return 0;
}

int plan_place(struct plan *plan)
{
    if (cut_segments(plan) < 0)
        return STATUS_MEMORY;
    find_lifetimes(plan);
    for (size_t i = 0; i < plan->steps; i++)
        work_in_place(plan, (int)i);
    const int status = place_buffers(plan);
    for (size_t i = 0; i < plan->buffers; i++)
        plan->buffer[i].home = home_of(plan, (int)i);
    return status;
}
