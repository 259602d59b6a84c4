/* Values that are made again instead of kept. What a convolution reads on the way forward its conv_dw reads once more
 * on the way back, when no cache holds it any longer. If it was cheap to make (an activation, an upsampled tensor) from
 * what is in memory anyway, the step that makes it is put once more before the far reader: it then reads no more than
 * the reader would have, and neither result leaves the worker's own room. The same kernel on the same operands gives
 * the same bits. */
#include "base/error.h"
#include "base/memory.h"
#include "run/steps.h"

#include <limits.h>
#include <string.h>

/* Stretches of steps without a barrier are what one worker does on a shard. */
static bool same_stretch(const struct plan *plan, int first, int last)
{
    for (int i = first; i < last; i++)
        if (!step_continues(&plan->step[i], &plan->step[i + 1]))
            return false;
    return true;
}

static bool reads(const struct step *step, int buffer)
{
    for (int k = 0; k < step->inputs; k++)
        if (step->input[k] == buffer)
            return true;
    return false;
}

/* The first step from `from` on that reads it; the number of steps if there is none. */
static int next_reader(const struct plan *plan, int buffer, int from)
{
    int i = from;
    while (i < (int)plan->steps && !reads(&plan->step[i], buffer))
        i++;
    return i;
}

/* Whether it is written anew between the two steps: then it is another value. */
static bool is_replaced(const struct plan *plan, int buffer, int first, int last)
{
    const int home = plan->buffer[buffer].home;
    for (int i = first; i < last; i++)
        for (int k = 0; k < plan->step[i].outputs; k++)
            if (plan->buffer[plan->step[i].output[k]].home == home)
                return true;
    return false;
}

/* Bytes that would have to stay in memory longer if the step ran again before `reader`. */
static size_t bytes_kept_longer(const struct plan *plan, const struct step *step, int reader)
{
    size_t bytes = 0;
    for (int k = 0; k < step->inputs; k++) {
        const struct buffer *input = &plan->buffer[step->input[k]];
        if (input->kind == BUFFER_ARENA && input->last_step != INT_MAX &&
            next_reader(plan, step->input[k], reader) == (int)plan->steps)
            bytes += input->bytes;
    }
    return bytes;
}

/* Making a value again costs no more than reading it if its operands are no larger (numbers for each channel do not
 * count), and its part of a shard stays in a core's own cache until it is read; if it does not stay there, the operands
 * must be smaller by half. */
static bool is_small_enough(const struct plan *plan, const struct step *step)
{
    const struct buffer *result = &plan->buffer[step->output[0]];
    size_t read = 0;
    for (int k = 0; k < step->inputs; k++)
        if (plan->buffer[step->input[k]].bytes > result->bytes / 16)
            read += plan->buffer[step->input[k]].bytes;
    return read <= (fits_cache(plan, result) ? result->bytes : result->bytes / 2);
}

/* Whether the step may run again before that reader of its result, and should. */
static bool pays(const struct plan *plan, int index, int reader)
{
    const struct step *step = &plan->step[index];
    for (int k = 0; k < step->inputs; k++)
        if (is_replaced(plan, step->input[k], index + 1, reader))
            return false;
    return plan->step[reader].kernel->sharded &&
           2 * bytes_kept_longer(plan, step, reader) <= plan->buffer[step->output[0]].bytes;
}

/* A value that one of its readers wants whole is kept, and then serves the others as well. */
static bool can_go(const struct plan *plan, int index)
{
    const struct step *step = &plan->step[index];
    const struct buffer *result = &plan->buffer[step->output[0]];
    if (!step->cheap || !step->kernel->sharded || step->outputs != 1 || result->kind != BUFFER_ARENA ||
        result->home != step->output[0] || result->last_step == INT_MAX || !is_small_enough(plan, step))
        return false;
    const int steps = (int)plan->steps;
    for (int i = next_reader(plan, step->output[0], index + 1); i < steps;
         i = next_reader(plan, step->output[0], i + 1))
        if (!same_stretch(plan, index, i) && !pays(plan, index, i))
            return false;
    return true;
}

static int copy_buffer(struct plan *plan, int buffer)
{
    if (memory_grow(&plan->buffer, &plan->buffer_capacity, plan->buffers + 1, sizeof *plan->buffer) < 0)
        return STATUS_MEMORY;
    const int index = (int)plan->buffers++;
    plan->buffer[index] = plan->buffer[buffer];
    plan->buffer[index].home = index;
    return index;
}

/* Puts the step before the reader once more; whatever reads its result from there to the end of the stretch reads the
 * new one. */
static int run_again(struct plan *plan, int index, int reader)
{
    const int old = plan->step[index].output[0], result = copy_buffer(plan, old);
    if (result < 0 || memory_grow(&plan->step, &plan->step_capacity, plan->steps + 1, sizeof *plan->step) < 0)
        return STATUS_MEMORY;
    struct step *at = plan->step + reader;
    memmove(at + 1, at, (plan->steps++ - (size_t)reader) * sizeof *at);
    *at = plan->step[index];
    at->output[0] = result;
    at->borrowed = true;
    for (int i = reader + 1; i < (int)plan->steps && step_continues(&plan->step[i - 1], &plan->step[i]); i++)
        for (int k = 0; k < plan->step[i].inputs; k++)
            if (plan->step[i].input[k] == old)
                plan->step[i].input[k] = result;
    return 0;
}

/* From the last step to the first, so that what a repeated step reads is looked at after it. */
int plan_again(struct plan *plan)
{
    for (int i = (int)plan->steps - 1; i >= 0; i--) {
        if (!can_go(plan, i))
            continue;
        const int result = plan->step[i].output[0];
        for (int reader = i; (reader = next_reader(plan, result, reader + 1)) < (int)plan->steps;)
            if (!same_stretch(plan, i, reader) && run_again(plan, i, reader) < 0)
                return STATUS_MEMORY;
    }
    return 0;
}
