/* The executor: resolves buffers to memory once, then runs segments through the pool. */
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "run/fuse.h"
#include "run/profile.h"
#include "run/steps.h"

#include <stdlib.h>
#include <string.h>

struct executor {
    const struct plan *plan;
    struct pool *pool;
    char *arena, *scratch, *local;      /* scratch and local: a stride for each worker */
    void **memory;                      /* of each buffer; NULL: an input that is not bound, or local */
    struct kernel_arguments *arguments; /* of each step */
    bool states_changed;
    const struct segment *segment; /* the one that runs */
    bool profiling;
    double *seconds; /* of (step, worker) */
    int64_t runs;
};

/* Workers write to pages of their own. */
static size_t stride(size_t bytes)
{
    return (bytes + 4095) / 4096 * 4096;
}

static void resolve_arguments(struct executor *executor)
{
    const struct plan *plan = executor->plan;
    for (size_t i = 0; i < plan->steps; i++) {
        const struct step *step = &plan->step[i];
        struct kernel_arguments *arguments = &executor->arguments[i];
        for (int k = 0; k < step->inputs; k++)
            arguments->input[k] = executor->memory[step->input[k]];
        for (int k = 0; k < step->outputs; k++)
            arguments->output[k] = executor->memory[step->output[k]];
        if (step->scratch != NO_BUFFER)
            arguments->shared_scratch = executor->memory[step->scratch];
    }
}

static int resolve_memory(struct executor *executor, const struct store *store)
{
    const struct plan *plan = executor->plan;
    for (size_t i = 0; i < plan->buffers; i++) {
        const struct buffer *home = &plan->buffer[plan->buffer[i].home];
        if (home->kind == BUFFER_INPUT || home->kind == BUFFER_LOCAL)
            continue;
        if (home->kind != BUFFER_STATE) {
            executor->memory[i] = executor->arena + home->offset;
            continue;
        }
        const struct tensor *tensor = store_find(store, home->node->name);
        if (!tensor || !shape_equal(&tensor->shape, &home->node->shape))
            return error_set(STATUS_FAILED, "the store has no state '%s' of the planned shape", home->node->name);
        executor->memory[i] = tensor->data;
    }
    resolve_arguments(executor);
    return 0;
}

int executor_new(struct executor **out, const struct plan *plan, struct store *store, struct pool *pool)
{
    *out = NULL;
    if (store_type(store) != plan->backend->type)
        return error_set(STATUS_FAILED, "the store's type of numbers is not the plan's");
    struct executor *executor = memory_new(1, sizeof *executor);
    if (!executor)
        return STATUS_MEMORY;
    executor->plan = plan;
    executor->pool = pool;
    executor->states_changed = true;
    const size_t threads = (size_t)pool_threads(pool);
    executor->arena = memory_new_aligned(plan->arena_bytes);
    executor->scratch = memory_new_aligned(threads * stride(plan->thread_bytes));
    executor->local = memory_new_aligned(threads * stride(plan->local_bytes));
    executor->memory = memory_new(plan->buffers, sizeof *executor->memory);
    executor->arguments = memory_new(plan->steps, sizeof *executor->arguments);
    executor->seconds = memory_new(plan->steps * threads, sizeof *executor->seconds);
    int status = STATUS_MEMORY;
    if (executor->arena && executor->scratch && executor->local && executor->memory && executor->arguments &&
        executor->seconds)
        status = resolve_memory(executor, store);
    if (status < 0) {
        executor_free(executor);
        return status;
    }
    *out = executor;
    return 0;
}

void executor_free(struct executor *executor)
{
    if (!executor)
        return;
    free(executor->arena);
    free(executor->scratch);
    free(executor->local);
    free(executor->memory);
    free(executor->arguments);
    free(executor->seconds);
    free(executor);
}

static bool is_input(const struct plan *plan, size_t buffer, const char *name)
{
    const struct buffer *home = &plan->buffer[plan->buffer[buffer].home];
    return home->kind == BUFFER_INPUT && strcmp(home->node->name, name) == 0;
}

bool executor_reads(const struct executor *executor, const char *name)
{
    for (size_t i = 0; i < executor->plan->buffers; i++)
        if (is_input(executor->plan, i, name))
            return true;
    return false;
}

int executor_bind(struct executor *executor, const char *name, const void *data)
{
    const struct plan *plan = executor->plan;
    bool found = false;
    for (size_t i = 0; i < plan->buffers; i++) {
        if (!is_input(plan, i, name))
            continue;
        memcpy(&executor->memory[i], &data, sizeof data); /* inputs are only read */
        found = true;
    }
    if (!found)
        return error_set(STATUS_FAILED, "the plan reads no input '%s'", name);
    resolve_arguments(executor);
    return 0;
}

void executor_states_changed(struct executor *executor)
{
    executor->states_changed = true;
}

/* Where a whole local buffer would begin for the shard's part to lie in the worker's room. NULL: it is not local. */
static void *local_memory(const struct executor *executor, int buffer, int shard, int worker)
{
    const struct plan *plan = executor->plan;
    const struct buffer *home = &plan->buffer[plan->buffer[buffer].home];
    if (home->kind != BUFFER_LOCAL)
        return NULL;
    const int64_t images = home->node->shape.size[0];
    const uintptr_t room = (uintptr_t)executor->local + (size_t)worker * stride(plan->local_bytes) + home->offset;
    return (void *)(room - (size_t)shard_first(images, plan->shards, shard) * (home->bytes / (size_t)images));
}

static void find_local_memory(const struct executor *executor, const struct step *step, int shard, int worker,
                              struct kernel_arguments *arguments)
{
    for (int k = 0; k < step->inputs; k++)
        if (!arguments->input[k])
            arguments->input[k] = local_memory(executor, step->input[k], shard, worker);
    for (int k = 0; k < step->outputs; k++)
        if (!arguments->output[k])
            arguments->output[k] = local_memory(executor, step->output[k], shard, worker);
}

static void run_step(const struct executor *executor, int step, int phase, int task, int worker)
{
    const struct kernel *kernel = executor->plan->step[step].kernel;
    struct kernel_arguments arguments = executor->arguments[step];
    arguments.thread_scratch = executor->scratch + (size_t)worker * stride(executor->plan->thread_bytes);
    if (kernel->sharded)
        find_local_memory(executor, &executor->plan->step[step], task, worker, &arguments);
    kernel->run(kernel, &arguments, phase, task);
}

static void run_whole_step(const struct executor *executor, int step, int worker)
{
    const struct kernel *kernel = executor->plan->step[step].kernel;
    for (int phase = 0; phase < kernel->phases; phase++)
        for (int task = 0; task < kernel->tasks[phase]; task++)
            run_step(executor, step, phase, task, worker);
}

static void run_task(void *context, int task, int worker)
{
    struct executor *executor = context;
    const struct plan *plan = executor->plan;
    const struct segment *segment = executor->segment;
    const int *chain = segment->chain == NO_CHAIN ? NULL : plan->chain + segment->chain + task;
    if (segment->backwards)
        task = segment->tasks - 1 - task;
    const int first = chain ? chain[0] : segment->first, end = chain ? chain[1] : segment->first + segment->steps;
    for (int i = first; i < end; i++) {
        const double start = executor->profiling ? clock_now() : 0;
        if (chain)
            run_whole_step(executor, i, worker);
        else
            run_step(executor, i, segment->phase, task, worker);
        if (executor->profiling)
            executor->seconds[(size_t)i * (size_t)pool_threads(executor->pool) + (size_t)worker] += clock_now() - start;
    }
}

int executor_run(struct executor *executor, uint64_t seed, uint64_t step)
{
    const struct plan *plan = executor->plan;
    for (size_t i = 0; i < plan->buffers; i++) {
        const struct buffer *buffer = &plan->buffer[i];
        if (!executor->memory[i] && buffer->kind == BUFFER_INPUT && buffer->first_step < (int)plan->steps)
            return error_set(STATUS_FAILED, "input '%s' is not bound", buffer->node->name);
    }
    for (size_t i = 0; i < plan->steps; i++) {
        executor->arguments[i].seed = seed;
        executor->arguments[i].step = step;
    }
    for (size_t i = 0; i < plan->segments; i++) {
        executor->segment = &plan->segment[i];
        if (!executor->segment->once || executor->states_changed)
            pool_run(executor->pool, executor->segment->tasks, run_task, executor);
    }
    executor->states_changed = false;
    executor->runs++;
    return 0;
}

const void *executor_output(const struct executor *executor, const struct node *output)
{
    struct node *node = graph_node(executor->plan->graph, output->index);
    const int buffer = executor->plan->buffer_of[memory_of(node)->index];
    return buffer == NO_BUFFER ? NULL : executor->memory[buffer];
}

void executor_profile(struct executor *executor, bool on)
{
    executor->profiling = on;
    executor->runs = 0;
    memset(executor->seconds, 0,
           executor->plan->steps * (size_t)pool_threads(executor->pool) * sizeof *executor->seconds);
}

int executor_profile_steps(const struct executor *executor)
{
    return (int)executor->plan->steps;
}

struct step_profile executor_profile_step(const struct executor *executor, int index)
{
    const struct step *step = &executor->plan->step[index];
    const int threads = pool_threads(executor->pool);
    struct step_profile profile = {.label = step->label,
                                   .note = step->kernel->note,
                                   .flops = step->kernel->flops,
                                   .bytes = step->kernel->bytes,
                                   .contraction = step->contraction};
    for (int worker = 0; worker < threads; worker++)
        profile.seconds += executor->seconds[index * threads + worker];
    profile.seconds /= threads * (double)(executor->runs > 0 ? executor->runs : 1);
    return profile;
}
