/* Fusion in four passes: mark what is alive, decide what needs memory, give each such pointwise value and each sum a
 * program of its own, then join programs that run over the same space and read the same values, as long as no third
 * unit stands between them. At the end the units are put in an order in which they can run. */
#include "run/fuse.h"

#include "base/error.h"
#include "base/memory.h"
#include "graph/internal.h"
#include "run/program.h"

#include <stdlib.h>

struct group {
    struct unit *unit; /* NULL: joined into another one */
    struct shape space;
    int targets;
    struct node *target[KERNEL_OUTPUTS];
    int key; /* where it stands in the order, if it can choose */
    int visit;
};

struct pass {
    const struct graph *graph;
    int nodes;
    char *alive, *stored; /* of each node; stored: a pointwise value, broadcast or constant that needs memory */
    int *producer;        /* of each node in memory: its group, or -1 for leaves */
    struct group *group;
    int groups;
    int visit;
};

static bool is_computed_in_passing(const struct node *node)
{
    const enum operation_kind kind = node->operation.kind;
    return operation_table[kind].pointwise || kind == OP_BROADCAST || kind == OP_CONSTANT;
}

static bool is_kernel(const struct node *node)
{
    const enum operation_kind kind = node->operation.kind;
    return !is_computed_in_passing(node) && kind != OP_INPUT && kind != OP_STATE && kind != OP_RESHAPE &&
           kind != OP_REDUCE_SUM;
}

static bool in_memory(const void *context, const struct node *node)
{
    const struct pass *pass = context;
    while (node->operation.kind == OP_RESHAPE)
        node = node->operand[0];
    return !is_computed_in_passing(node) || pass->stored[node->index];
}

/* --- What is alive, and what needs memory ----------------------------------------------------------------- */

static void mark_alive(struct pass *pass)
{
    for (int i = 0; i < graph_outputs(pass->graph); i++)
        pass->alive[graph_output_node(pass->graph, i)->index] = 1;
    for (int i = 0; i < graph_assignments(pass->graph); i++)
        pass->alive[graph_assignment(pass->graph, i).value->index] = 1;
    for (int i = pass->nodes - 1; i >= 0; i--) {
        const struct node *node = graph_node(pass->graph, i);
        for (int k = 0; pass->alive[i] && k < operation_table[node->operation.kind].operands; k++)
            pass->alive[node->operand[k]->index] = 1;
    }
}

static void store(struct pass *pass, struct node *node)
{
    node = memory_of(node);
    if (is_computed_in_passing(node))
        pass->stored[node->index] = 1;
}

bool operation_is_dear(enum operation_kind kind)
{
    return kind == OP_EXP || kind == OP_LOG || kind == OP_TANH || kind == OP_SIGMOID || kind == OP_SOFTPLUS;
}

static void count_consumers(const struct pass *pass, int *consumers)
{
    for (int i = 0; i < pass->nodes; i++) {
        const struct node *node = graph_node(pass->graph, i);
        for (int k = 0; pass->alive[i] && k < operation_table[node->operation.kind].operands; k++)
            consumers[node->operand[k]->index]++;
    }
}

/* How many kernels have results that nothing else reads than this expression. */
static int kernels_of_its_own(const struct pass *pass, const struct node *node, const int *consumers)
{
    int kernels = 0;
    for (int k = 0; k < operation_table[node->operation.kind].operands; k++) {
        const struct node *operand = node->operand[k];
        if (consumers[operand->index] > 1 || pass->stored[operand->index])
            continue;
        if (is_kernel(operand))
            kernels++;
        else if (operation_table[operand->operation.kind].pointwise)
            kernels += kernels_of_its_own(pass, operand, consumers);
    }
    return kernels;
}

/* Values that are wanted more than once are computed once if they are dear to compute, or if to read them takes less
 * than to read what they are made of, such as the two branches of a residual block. */
static void store_dear_values(struct pass *pass, const int *consumers)
{
    enum { SMALL = 4096 };
    for (int i = 0; i < pass->nodes; i++) {
        const struct node *node = graph_node(pass->graph, i);
        if (pass->alive[i] && consumers[i] > 1 && operation_table[node->operation.kind].pointwise &&
            shape_elements(&node->shape) > SMALL &&
            (operation_is_dear(node->operation.kind) || kernels_of_its_own(pass, node, consumers) > 1))
            pass->stored[i] = 1;
    }
}

static void decide_memory(struct pass *pass)
{
    for (int i = 0; i < graph_outputs(pass->graph); i++)
        store(pass, graph_output_node(pass->graph, i));
    for (int i = 0; i < graph_assignments(pass->graph); i++)
        store(pass, graph_assignment(pass->graph, i).value);
    for (int i = 0; i < pass->nodes; i++) {
        struct node *node = graph_node(pass->graph, i);
        double constant;
        if (!pass->alive[i])
            continue;
        if (is_kernel(node))
            for (int k = 0; k < operation_table[node->operation.kind].operands; k++)
                store(pass, node->operand[k]);
        const bool changes_shape = node->operation.kind == OP_BROADCAST || node->operation.kind == OP_RESHAPE;
        if (changes_shape && !node_constant(node, &constant))
            store(pass, node->operand[0]);
    }
}

/* --- One group for each thing that needs computing -------------------------------------------------------- */

static int new_group(struct pass *pass, struct node *node)
{
    struct group *group = &pass->group[pass->groups];
    group->unit = memory_new(1, sizeof *group->unit);
    if (!group->unit)
        return STATUS_MEMORY;
    group->targets = 1;
    group->target[0] = node;
    group->key = node->index;
    pass->producer[node->index] = pass->groups++;
    return 0;
}

static void describe_kernel(struct unit *unit, struct node *node)
{
    unit->kernel = node;
    unit->outputs = 1;
    unit->output[0] = node;
    unit->inputs = operation_table[node->operation.kind].operands;
    for (int k = 0; k < unit->inputs; k++)
        unit->input[k] = memory_of(node->operand[k]);
}

static bool write_group(const struct pass *pass, struct unit *unit, const struct group *group)
{
    const struct program_context context = {in_memory, pass};
    return program_write(unit, &group->space, group->targets, group->target, &context);
}

/* Stores a value in the middle of an expression that is too long for one program: the first one, from the leaves,
 * below which there are more than half as many operations as fit. */
static int weigh(struct pass *pass, struct node *node, int *weight, bool *cut)
{
    if (*cut || !operation_table[node->operation.kind].pointwise || pass->stored[node->index])
        return 0;
    if (weight[node->index])
        return weight[node->index];
    int sum = 1;
    for (int k = 0; k < operation_table[node->operation.kind].operands; k++)
        sum += weigh(pass, node->operand[k], weight, cut);
    weight[node->index] = sum;
    if (!*cut && sum > KERNEL_INPUTS / 2) {
        pass->stored[node->index] = 1;
        *cut = true;
    }
    return sum;
}

static int cut_expression(struct pass *pass, struct node *target)
{
    int *weight = memory_new((size_t)pass->nodes, sizeof *weight);
    if (!weight)
        return STATUS_MEMORY;
    bool cut = false;
    for (int k = 0; k < operation_table[target->operation.kind].operands; k++)
        weigh(pass, target->operand[k], weight, &cut);
    free(weight);
    return cut ? 0 : error_set(STATUS_FAILED, "cannot divide a long expression");
}

static void drop_groups(struct pass *pass)
{
    for (int i = 0; i < pass->groups; i++)
        free(pass->group[i].unit);
    pass->groups = 0;
    for (int i = 0; i < pass->nodes; i++)
        pass->producer[i] = -1;
}

/* 0: done; 1: an expression was cut, begin again; negative: failed. */
static int try_groups(struct pass *pass)
{
    drop_groups(pass);
    for (int i = 0; i < pass->nodes; i++) {
        struct node *node = graph_node(pass->graph, i);
        const bool program = pass->stored[i] || node->operation.kind == OP_REDUCE_SUM;
        if (!pass->alive[i] || (!program && !is_kernel(node)))
            continue;
        if (new_group(pass, node) < 0)
            return STATUS_MEMORY;
        struct group *group = &pass->group[pass->groups - 1];
        if (!program) {
            describe_kernel(group->unit, node);
            continue;
        }
        group->space = program_space(node);
        if (!write_group(pass, group->unit, group)) {
            const int status = cut_expression(pass, node);
            return status < 0 ? status : 1;
        }
    }
    return 0;
}

/* --- Joining programs ------------------------------------------------------------------------------------- */

/* Whether a result of `to` is needed, at any remove, by `from`. */
static bool needs(struct pass *pass, int from, int to)
{
    if (from == to)
        return true;
    struct group *group = &pass->group[from];
    if (group->visit == pass->visit)
        return false;
    group->visit = pass->visit;
    for (int i = 0; i < group->unit->inputs; i++) {
        const int producer = pass->producer[group->unit->input[i]->index];
        if (producer >= 0 && needs(pass, producer, to))
            return true;
    }
    return false;
}

/* Whether `from` needs `to` through a third one. */
static bool needs_through_others(struct pass *pass, int from, int to)
{
    pass->visit++;
    const struct unit *unit = pass->group[from].unit;
    for (int i = 0; i < unit->inputs; i++) {
        const int producer = pass->producer[unit->input[i]->index];
        if (producer >= 0 && producer != to && needs(pass, producer, to))
            return true;
    }
    return false;
}

/* Joining pays when something large is read once instead of twice, or not written and read again. */
static bool are_related(const struct group *a, const struct group *b)
{
    for (int i = 0; i < b->unit->inputs; i++) {
        const struct node *input = b->unit->input[i];
        if (shape_elements(&input->shape) != shape_elements(&a->space))
            continue;
        for (int k = 0; k < a->unit->inputs; k++)
            if (a->unit->input[k] == input)
                return true;
        for (int k = 0; k < a->targets; k++)
            if (a->target[k] == input)
                return true;
    }
    return false;
}

static bool try_join(struct pass *pass, int into, int from)
{
    struct group *a = &pass->group[into], *b = &pass->group[from];
    if (!shape_equal(&a->space, &b->space) || a->targets + b->targets > KERNEL_OUTPUTS || !are_related(a, b) ||
        needs_through_others(pass, from, into) || needs_through_others(pass, into, from))
        return false;
    struct group joined = *a;
    for (int i = 0; i < b->targets; i++)
        joined.target[joined.targets++] = b->target[i];
    struct unit unit;
    if (!write_group(pass, &unit, &joined))
        return false;
    *a->unit = unit;
    joined.unit = a->unit;
    *a = joined;
    for (int i = 0; i < b->targets; i++)
        pass->producer[b->target[i]->index] = into;
    free(b->unit);
    b->unit = NULL;
    return true;
}

static void join_programs(struct pass *pass)
{
    for (int from = 1; from < pass->groups; from++) {
        if (pass->group[from].unit->kernel)
            continue;
        for (int into = from - 1; into >= 0; into--) {
            const struct unit *unit = pass->group[into].unit;
            if (unit && !unit->kernel && try_join(pass, into, from))
                break;
        }
    }
}

/* --- Order ------------------------------------------------------------------------------------------------ */

static bool is_ready(const struct pass *pass, const struct group *group, const char *done)
{
    for (int i = 0; i < group->unit->inputs; i++) {
        const int producer = pass->producer[group->unit->input[i]->index];
        if (producer >= 0 && !done[producer])
            return false;
    }
    return true;
}

/* Units run in the order in which their operations were written, as far as their operands allow. */
static int put_in_order(struct pass *pass, struct fusion *fusion)
{
    char *done = memory_new((size_t)pass->groups + 1, 1);
    fusion->unit = memory_new((size_t)pass->groups + 1, sizeof *fusion->unit);
    if (!done || !fusion->unit) {
        free(done);
        return STATUS_MEMORY;
    }
    for (bool found = true; found;) {
        found = false;
        for (int i = 0; i < pass->groups && !found; i++) {
            struct group *group = &pass->group[i];
            if (!group->unit || done[i] || !is_ready(pass, group, done))
                continue;
            done[i] = 1;
            fusion->unit[fusion->units++] = group->unit;
            found = true;
        }
    }
    free(done);
    return 0;
}

int fusion_make(struct fusion *fusion, const struct graph *graph)
{
    *fusion = (struct fusion){0};
    struct pass pass = {.graph = graph, .nodes = graph_nodes(graph)};
    const size_t count = (size_t)pass.nodes + 1;
    int status = STATUS_MEMORY;
    int *consumers = memory_new(count, sizeof *consumers);
    pass.alive = memory_new(count, 1);
    pass.stored = memory_new(count, 1);
    pass.producer = memory_new(count, sizeof *pass.producer);
    pass.group = memory_new(count, sizeof *pass.group);
    if (!pass.alive || !pass.stored || !pass.producer || !pass.group || !consumers)
        goto done;
    mark_alive(&pass);
    decide_memory(&pass);
    count_consumers(&pass, consumers);
    store_dear_values(&pass, consumers);
    while ((status = try_groups(&pass)) > 0)
        ;
    if (status == 0) {
        join_programs(&pass);
        status = put_in_order(&pass, fusion);
    }
done:
    if (status < 0)
        drop_groups(&pass);
    free(pass.alive);
    free(pass.stored);
    free(pass.producer);
    free(pass.group);
    free(consumers);
    return status;
}

void fusion_free(struct fusion *fusion)
{
    for (int i = 0; i < fusion->units; i++)
        free(fusion->unit[i]);
    free(fusion->unit);
    *fusion = (struct fusion){0};
}
