/* The kernels that the executor itself needs between those of a backend: adding partial results, copying, packing. */
#include "base/error.h"
#include "base/memory.h"
#include "run/steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512, TASK_ELEMENTS = 1 << 16 };

struct glue {
    struct kernel kernel;
    int64_t elements;
    int shards;
    const struct packing *packing;
};

static void glue_free(struct kernel *kernel)
{
    free(kernel);
}

static struct glue *glue_new(int tasks, const char *note)
{
    struct glue *glue = memory_new(1, sizeof *glue);
    if (!glue)
        return NULL;
    glue->kernel.free = glue_free;
    glue->kernel.phases = 1;
    glue->kernel.tasks[0] = tasks;
    snprintf(glue->kernel.note, sizeof glue->kernel.note, "%s", note);
    return glue;
}

/* The tree is a matter of `count` alone: halves, then halves of halves. */
#define ADD_TREE(NAME, NUMBER)                                                                                         \
    static void NAME(const NUMBER *partial, int64_t stride, int count, int64_t elements, NUMBER *sum)                  \
    {                                                                                                                  \
        if (count == 1) {                                                                                              \
            memcpy(sum, partial, (size_t)elements * sizeof *sum);                                                      \
            return;                                                                                                    \
        }                                                                                                              \
        NUMBER right[BLOCK];                                                                                           \
        const int half = (count + 1) / 2;                                                                              \
        NAME(partial, stride, half, elements, sum);                                                                    \
        NAME(partial + half * stride, stride, count - half, elements, right);                                          \
        for (int64_t i = 0; i < elements; i++)                                                                         \
            sum[i] += right[i];                                                                                        \
    }                                                                                                                  \
    static void NAME##_task(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase,          \
                            int task)                                                                                  \
    {                                                                                                                  \
        const struct glue *glue = (const struct glue *)kernel;                                                         \
        const NUMBER *partial = arguments->input[0];                                                                   \
        NUMBER *sum = arguments->output[0];                                                                            \
        const int64_t first = glue->elements * task / kernel->tasks[phase];                                            \
        const int64_t end = glue->elements * (task + 1) / kernel->tasks[phase];                                        \
        for (int64_t i = first; i < end; i += BLOCK)                                                                   \
            NAME(partial + i, glue->elements, glue->shards, end - i < BLOCK ? end - i : BLOCK, sum + i);               \
    }

ADD_TREE(add_tree_f32, float)
ADD_TREE(add_tree_f64, double)

static int tasks_for(int64_t elements)
{
    const int64_t tasks = (elements + TASK_ELEMENTS - 1) / TASK_ELEMENTS;
    return tasks < 1 ? 1 : tasks > 64 ? 64 : (int)tasks;
}

int combine_kernel(struct kernel **out, enum number_type type, int64_t elements, int shards)
{
    struct glue *glue = glue_new(tasks_for(elements), "add partials");
    if (!glue)
        return STATUS_MEMORY;
    glue->elements = elements;
    glue->shards = shards;
    glue->kernel.run = type == NUMBER_F64 ? add_tree_f64_task : add_tree_f32_task;
    glue->kernel.bytes = (double)elements * (shards + 1) * (double)number_bytes(type);
    *out = &glue->kernel;
    return 0;
}

static void copy_task(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int task)
{
    const struct glue *glue = (const struct glue *)kernel;
    const int64_t first = glue->elements * task / kernel->tasks[phase];
    const int64_t end = glue->elements * (task + 1) / kernel->tasks[phase];
    memcpy((char *)arguments->output[0] + first, (const char *)arguments->input[0] + first, (size_t)(end - first));
}

int copy_kernel(struct kernel **out, size_t bytes)
{
    struct glue *glue = glue_new(tasks_for((int64_t)bytes / 4), "copy");
    if (!glue)
        return STATUS_MEMORY;
    glue->elements = (int64_t)bytes;
    glue->kernel.run = copy_task;
    glue->kernel.bytes = 2 * (double)bytes;
    *out = &glue->kernel;
    return 0;
}

static void packing_task(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int task)
{
    (void)phase;
    const struct packing *packing = ((const struct glue *)kernel)->packing;
    packing->run(packing, arguments->input[0], arguments->output[0], task);
}

int packing_kernel(struct kernel **out, const struct packing *packing)
{
    struct glue *glue = glue_new(packing->tasks, packing->key);
    if (!glue)
        return STATUS_MEMORY;
    glue->packing = packing;
    glue->kernel.run = packing_task;
    glue->kernel.bytes = 2 * (double)packing->bytes;
    *out = &glue->kernel;
    return 0;
}
