/* Kernels of fused pointwise programs: see program.h.
 *
 * With the batch axis a task is a shard, and what it sums over the batch is its partial. Without it the space is cut
 * into parts of a fixed size; if something is summed over their axis, the parts leave their sums in the shared
 * scratch and a second phase adds them in order. */
#include "kernel/cpu/program.h"

#include "base/error.h"
#include "base/memory.h"
#include "kernel/cpu/cpu.h"

#include <stdio.h>
#include <stdlib.h>

/* Sums over axis 0, of which every part has its own. */
static bool is_partial(const struct program_space *space, int output)
{
    return !(program_space_kept(space, output) & 1);
}

static void round_sums(float *result, const double *sums, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        result[i] = (float)sums[i];
}

static void run_part(const struct program_kernel *program, const struct kernel_arguments *arguments, int task)
{
    const struct program_space *space = &program->space;
    float *scratch = arguments->thread_scratch;
    double *sums = (double *)(scratch + program->code.scratch);
    program_walk(program, arguments, task, scratch, sums);
    int64_t first, last;
    program_space_part(space, task, &first, &last);
    for (int i = 0; i < space->program.outputs; i++) {
        const int64_t elements = space->output[i].elements, stride = space->output[i].along[0];
        const double *from = sums + program->sum_place[i];
        float *to = arguments->output[i];
        if (!space->program.output[i].sum)
            continue;
        if (!is_partial(space, i))
            round_sums(to + first * stride, from, (last - first) * stride);
        else if (program->kernel.phases == 1)
            round_sums(to + (space->program.batch ? task * elements : 0), from, elements);
        else
            for (int64_t j = 0; j < elements; j++)
                ((double *)arguments->shared_scratch)[task * program->part_sums + program->part_place[i] + j] = from[j];
    }
}

static void add_parts(const struct program_kernel *program, const struct kernel_arguments *arguments)
{
    const struct program_space *space = &program->space;
    for (int i = 0; i < space->program.outputs; i++) {
        const double *from = (const double *)arguments->shared_scratch + program->part_place[i];
        float *to = arguments->output[i];
        for (int64_t j = 0; is_partial(space, i) && j < space->output[i].elements; j++) {
            double sum = 0;
            for (int part = 0; part < space->tasks; part++)
                sum += from[part * program->part_sums + j];
            to[j] = (float)sum;
        }
    }
}

static void run(const struct kernel *kernel, const struct kernel_arguments *arguments, int phase, int task)
{
    const struct program_kernel *program = (const struct program_kernel *)kernel;
    if (phase == 0)
        run_part(program, arguments, task);
    else
        add_parts(program, arguments);
}

static void free_program(struct kernel *kernel)
{
    free(kernel);
}

/* Finds places for sums; returns the doubles that a thread needs. */
static int64_t place_sums(struct program_kernel *program)
{
    const struct program_space *space = &program->space;
    int64_t thread_sums = 0;
    for (int i = 0; i < space->program.outputs; i++) {
        if (!space->program.output[i].sum)
            continue;
        program->sum_place[i] = thread_sums;
        program->part_place[i] = program->part_sums;
        thread_sums += is_partial(space, i) ? space->output[i].elements
                                            : program_space_part_maximum(space) * space->output[i].along[0];
        program->part_sums += is_partial(space, i) ? space->output[i].elements : 0;
    }
    return thread_sums;
}

static double traffic(const struct program_space *space)
{
    int64_t elements = 0;
    for (int i = 0; i < space->program.inputs; i++)
        elements += space->input[i].elements;
    for (int i = 0; i < space->program.outputs; i++)
        elements += space->output[i].elements;
    return (double)elements * sizeof(float);
}

int cpu_program_make(struct kernel **out, const struct program *program, int shards)
{
    *out = NULL;
    struct program_kernel *made = memory_new(1, sizeof *made);
    if (!made)
        return STATUS_MEMORY;
    const int status = program_space_make(&made->space, program, shards);
    if (status < 0) {
        free(made);
        return status;
    }
    program_code_make(&made->code, &made->space);
    made->level = program_vector_choose();
    const int64_t thread_sums = place_sums(made);
    const bool two_phases = !program->batch && made->space.tasks > 1 && made->part_sums > 0;
    double flops = program->instructions;
    for (int i = 0; i < made->space.program.rank; i++)
        flops *= (double)made->space.program.size[i];
    made->kernel.run = run;
    made->kernel.free = free_program;
    made->kernel.phases = two_phases ? 2 : 1;
    made->kernel.tasks[0] = made->space.tasks;
    made->kernel.tasks[1] = two_phases ? 1 : 0;
    made->kernel.sharded = program->batch;
    made->kernel.partials = program->batch && made->part_sums > 0;
    made->kernel.thread_scratch = (size_t)made->code.scratch * sizeof(float) + (size_t)thread_sums * sizeof(double);
    made->kernel.shared_scratch = two_phases ? (size_t)(made->space.tasks * made->part_sums) * sizeof(double) : 0;
    made->kernel.flops = flops;
    made->kernel.bytes = traffic(&made->space);
    snprintf(made->kernel.note, sizeof made->kernel.note, "%s %d steps", made->level->name,
             made->code.steps[PACE_TILE]);
    *out = &made->kernel;
    return 0;
}
