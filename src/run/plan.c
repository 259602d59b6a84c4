/* Units become steps: a kernel is made for each, operands that a kernel wants packed get a packing step, sums over the
 * batch get a step that adds the partial results, and assigned values go straight into the store where nobody still
 * needs the old ones. */
#include "run/plan.h"

#include "base/error.h"
#include "base/memory.h"
#include "run/fuse.h"
#include "run/steps.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t number_bytes(enum number_type type)
{
    return type == NUMBER_F64 ? sizeof(double) : sizeof(float);
}

bool fits_cache(const struct plan *plan, const struct buffer *buffer)
{
    enum { CACHE = 2 << 20 };
    return buffer->bytes <= CACHE * (size_t)plan->shards;
}

/* --- Buffers and steps ------------------------------------------------------------------------------------ */

static int new_buffer(struct plan *plan, enum buffer_kind kind, size_t bytes, const struct node *node)
{
    if (memory_grow(&plan->buffer, &plan->buffer_capacity, plan->buffers + 1, sizeof *plan->buffer) < 0)
        return STATUS_MEMORY;
    const int index = (int)plan->buffers++;
    plan->buffer[index] = (struct buffer){
        .kind = kind, .bytes = bytes, .node = node, .first_step = INT_MAX, .last_step = -1, .home = index};
    return index;
}

static int node_buffer(struct plan *plan, const struct node *node)
{
    int *known = &plan->buffer_of[node->index];
    if (*known == NO_BUFFER) {
        const enum operation_kind kind = node->operation.kind;
        *known = new_buffer(plan,
                            kind == OP_STATE   ? BUFFER_STATE
                            : kind == OP_INPUT ? BUFFER_INPUT
                                               : BUFFER_ARENA,
                            (size_t)shape_elements(&node->shape) * number_bytes(plan->backend->type), node);
    }
    return *known;
}

/* Takes over the kernel, whatever happens. Returns the step, to be filled, or NULL. */
static struct step *new_step(struct plan *plan, struct kernel *kernel)
{
    if (memory_grow(&plan->step, &plan->step_capacity, plan->steps + 1, sizeof *plan->step) < 0) {
        kernel->free(kernel);
        return NULL;
    }
    struct step *step = &plan->step[plan->steps++];
    *step = (struct step){.kernel = kernel, .scratch = NO_BUFFER};
    if (kernel->shared_scratch > 0) {
        step->scratch = new_buffer(plan, BUFFER_ARENA, kernel->shared_scratch, NULL);
        if (step->scratch < 0)
            return NULL;
    }
    if (kernel->thread_scratch > plan->thread_bytes)
        plan->thread_bytes = kernel->thread_scratch;
    return step;
}

/* --- Packing ---------------------------------------------------------------------------------------------- */

static bool is_assigned(const struct plan *plan, const struct node *state)
{
    for (int i = 0; i < graph_assignments(plan->graph); i++)
        if (graph_assignment(plan->graph, i).state == state)
            return true;
    return false;
}

/* The buffer with the packed form of a value, made by a step of its own the first time. */
static int packed_buffer(struct plan *plan, const struct node *node, const struct packing *packing)
{
    const int plain = node_buffer(plan, node);
    if (plain < 0)
        return plain;
    for (size_t i = 0; i < plan->steps; i++)
        if (plan->step[i].inputs == 1 && plan->step[i].input[0] == plain &&
            strcmp(plan->step[i].kernel->note, packing->key) == 0)
            return plan->step[i].output[0];
    const bool once = node->operation.kind == OP_STATE && !is_assigned(plan, node);
    const int packed = new_buffer(plan, once ? BUFFER_PERMANENT : BUFFER_ARENA, packing->bytes, NULL);
    struct kernel *kernel;
    if (packed < 0 || packing_kernel(&kernel, packing) < 0)
        return STATUS_MEMORY;
    struct step *step = new_step(plan, kernel);
    if (!step)
        return STATUS_MEMORY;
    step->once = once;
    step->contraction = true; /* part of the work of those that want it so */
    step->inputs = step->outputs = 1;
    step->input[0] = plain;
    step->output[0] = packed;
    char text[SHAPE_TEXT];
    snprintf(step->label, sizeof step->label, "pack %.60s", shape_text(&node->shape, text));
    return packed;
}

/* --- Units to steps --------------------------------------------------------------------------------------- */

static int make_kernel(struct kernel **kernel, const struct plan *plan, const struct unit *unit)
{
    const struct backend *backend = plan->backend;
    if (!unit->kernel)
        return backend->make_program(kernel, &unit->program, plan->shards);
    struct kernel_request request = {.operation = unit->kernel->operation,
                                     .inputs = unit->inputs,
                                     .output = unit->kernel->shape,
                                     .shards = plan->shards};
    for (int i = 0; i < unit->inputs; i++)
        request.input[i] = unit->kernel->operand[i]->shape;
    return backend->make(kernel, &request);
}

static void label_step(struct step *step, const struct unit *unit)
{
    char text[SHAPE_TEXT];
    if (unit->kernel) {
        snprintf(step->label, sizeof step->label, "%s %.60s", operation_table[unit->kernel->operation.kind].name,
                 shape_text(&unit->kernel->shape, text));
        return;
    }
    struct shape space = {.rank = unit->program.rank};
    memcpy(space.size, unit->program.size, sizeof space.size);
    snprintf(step->label, sizeof step->label, "fused %d operations over %.48s", unit->program.instructions,
             shape_text(&space, text));
}

/* Reading and writing the same place at the same moment is what allows working in place. */
static unsigned elementwise_inputs(const struct unit *unit)
{
    unsigned elementwise = 0;
    for (int i = 0; !unit->kernel && i < unit->inputs; i++) {
        bool once = true;
        for (int k = 0; k < unit->inputs; k++)
            once = once && (k == i || unit->input[k] != unit->input[i]);
        if (once && unit->program.input[i].varies == (1u << unit->program.rank) - 1)
            elementwise |= 1u << i;
    }
    return elementwise;
}

static bool is_cheap(const struct unit *unit)
{
    if (unit->kernel)
        return unit->kernel->operation.kind == OP_UPSAMPLE;
    for (int i = 0; i < unit->program.instructions; i++)
        if (operation_is_dear(unit->program.code[i].kind))
            return false;
    for (int i = 0; i < unit->program.outputs; i++)
        if (unit->program.output[i].sum)
            return false;
    return true;
}

static bool is_partial(const struct unit *unit, const struct kernel *kernel, int output)
{
    if (unit->kernel)
        return kernel->partials;
    return unit->program.batch && unit->program.output[output].sum && unit->program.output[output].axes & 1;
}

static int add_combine(struct plan *plan, int partials, int result, const struct node *node)
{
    struct kernel *kernel;
    if (combine_kernel(&kernel, plan->backend->type, shape_elements(&node->shape), plan->shards) < 0)
        return STATUS_MEMORY;
    struct step *step = new_step(plan, kernel);
    if (!step)
        return STATUS_MEMORY;
    step->inputs = step->outputs = 1;
    step->input[0] = partials;
    step->output[0] = result;
    char text[SHAPE_TEXT];
    snprintf(step->label, sizeof step->label, "add partials %.60s", shape_text(&node->shape, text));
    return 0;
}

static int add_unit(struct plan *plan, const struct unit *unit)
{
    struct kernel *kernel = NULL;
    int status = make_kernel(&kernel, plan, unit);
    if (status < 0)
        return status;
    int input[KERNEL_INPUTS], partials[KERNEL_OUTPUTS];
    for (int i = 0; i < unit->inputs; i++) {
        input[i] = kernel->packing[i] ? packed_buffer(plan, unit->input[i], kernel->packing[i])
                                      : node_buffer(plan, unit->input[i]);
        if (input[i] < 0) {
            kernel->free(kernel);
            return input[i];
        }
    }
    struct step *step = new_step(plan, kernel);
    if (!step)
        return STATUS_MEMORY;
    const size_t index = plan->steps - 1;
    step->inputs = unit->inputs;
    memcpy(step->input, input, sizeof input);
    step->elementwise = elementwise_inputs(unit);
    step->contraction = kernel->flops > 0 && unit->kernel;
    step->cheap = is_cheap(unit);
    label_step(step, unit);
    for (int i = 0; i < unit->outputs; i++) {
        const int result = node_buffer(plan, unit->output[i]);
        partials[i] = NO_BUFFER;
        if (result >= 0 && is_partial(unit, kernel, i) && plan->shards > 1)
            partials[i] = new_buffer(plan, BUFFER_ARENA, plan->buffer[result].bytes * (size_t)plan->shards, NULL);
        if (result < 0 || partials[i] < NO_BUFFER)
            return STATUS_MEMORY;
        plan->step[index].output[plan->step[index].outputs++] = partials[i] >= 0 ? partials[i] : result;
    }
    for (int i = 0; i < unit->outputs; i++)
        if (partials[i] >= 0 &&
            (status = add_combine(plan, partials[i], node_buffer(plan, unit->output[i]), unit->output[i])) < 0)
            return status;
    return 0;
}

/* --- Outputs and assignments ------------------------------------------------------------------------------ */

/* Whether the value may be written straight into the state: nobody reads the old value after the step that writes it,
 * nor during it other than at the very place that it writes. */
static bool can_replace(const struct plan *plan, int state, int value)
{
    bool written = false;
    if (plan->buffer[value].kind != BUFFER_ARENA || plan->buffer[value].home != value)
        return false;
    for (size_t i = 0; i < plan->steps; i++) {
        const struct step *step = &plan->step[i];
        bool writes = false;
        for (int k = 0; k < step->outputs; k++) {
            writes = writes || step->output[k] == value;
            if (plan->buffer[step->output[k]].home == state)
                return false; /* another value lives there */
        }
        for (int k = 0; k < step->inputs; k++)
            if (step->input[k] == state && (written || (writes && !(step->elementwise >> k & 1))))
                return false;
        written = written || writes;
    }
    return written;
}

static int finish_assignments(struct plan *plan)
{
    for (int i = 0; i < graph_assignments(plan->graph); i++) {
        const struct assignment assignment = graph_assignment(plan->graph, i);
        const int state = node_buffer(plan, assignment.state);
        const int value = node_buffer(plan, memory_of(assignment.value));
        if (state < 0 || value < 0)
            return STATUS_MEMORY;
        if (state == value)
            continue;
        if (can_replace(plan, state, value)) {
            plan->buffer[value].home = state;
            continue;
        }
        struct kernel *kernel;
        if (copy_kernel(&kernel, plan->buffer[state].bytes) < 0)
            return STATUS_MEMORY;
        struct step *step = new_step(plan, kernel);
        if (!step)
            return STATUS_MEMORY;
        step->inputs = step->outputs = 1;
        step->input[0] = value;
        step->output[0] = state;
        snprintf(step->label, sizeof step->label, "copy to %.60s", assignment.state->name);
    }
    return 0;
}

static int find_outputs(struct plan *plan)
{
    for (int i = 0; i < graph_outputs(plan->graph); i++) {
        const int buffer = node_buffer(plan, memory_of(graph_output_node(plan->graph, i)));
        if (buffer < 0)
            return buffer;
        plan->buffer[buffer].last_step = INT_MAX;
    }
    return 0;
}

static int make_steps(struct plan *plan)
{
    struct fusion fusion = {0};
    int status = fusion_make(&fusion, plan->graph);
    for (int i = 0; status == 0 && i < fusion.units; i++)
        status = add_unit(plan, fusion.unit[i]);
    fusion_free(&fusion);
    if (status == 0)
        status = find_outputs(plan);
    return status == 0 ? finish_assignments(plan) : status;
}

int plan_make(struct plan **out, const struct graph *graph, const struct backend *backend, int shards)
{
    *out = NULL;
    int status = graph_status(graph);
    if (status < 0)
        return status;
    if (shards < 0 || shards > SHARDS_MAXIMUM)
        return error_set(STATUS_INPUT, "shards must be from 1 to %d, not %d", SHARDS_MAXIMUM, shards);
    struct plan *plan = memory_new(1, sizeof *plan);
    const size_t nodes = (size_t)graph_nodes(graph);
    if (!plan || !(plan->buffer_of = memory_new(nodes + 1, sizeof *plan->buffer_of))) {
        free(plan);
        return STATUS_MEMORY;
    }
    plan->graph = graph;
    plan->backend = backend;
    plan->shards = shards ? shards : SHARDS_DEFAULT;
    for (size_t i = 0; i < nodes; i++)
        plan->buffer_of[i] = NO_BUFFER;
    status = make_steps(plan);
    if (status == 0)
        status = plan_order(plan);
    if (status == 0)
        status = plan_again(plan);
    if (status == 0)
        status = plan_cut(plan);
    if (status == 0)
        status = plan_place(plan);
    if (status < 0) {
        plan_free(plan);
        return status;
    }
    *out = plan;
    return 0;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    for (size_t i = plan->steps; i-- > 0;) /* packing steps lean on kernels that stand behind them */
        if (!plan->step[i].borrowed)
            plan->step[i].kernel->free(plan->step[i].kernel);
    free(plan->step);
    free(plan->buffer);
    free(plan->segment);
    free(plan->chain);
    free(plan->buffer_of);
    free(plan);
}

struct plan_cost plan_cost(const struct plan *plan, int threads)
{
    struct plan_cost cost = {.steps = (int)plan->steps, .barriers = (int)plan->segments};
    cost.memory = plan->arena_bytes + (plan->thread_bytes + plan->local_bytes) * (size_t)threads;
    for (size_t i = 0; i < plan->steps; i++) {
        const struct step *step = &plan->step[i];
        cost.flops += step->kernel->flops;
        if (step->contraction)
            cost.contraction_flops += step->kernel->flops;
        else
            cost.bytes += step->kernel->bytes;
    }
    return cost;
}
