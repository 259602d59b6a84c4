/* The graph itself: storage of nodes, finding equal ones, names, outputs, assignments, the sticky error. */
#include "graph/graph.h"

#include "base/memory.h"
#include "graph/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct graph {
    struct arena *arena;
    struct node **node;
    size_t nodes, node_capacity;
    int *slot; /* open addressing: index of a node + 1, or 0 */
    size_t slots;
    struct node **output;
    size_t outputs, output_capacity;
    struct assignment *assignment;
    size_t assignments, assignment_capacity;
    int status;
    char message[512];
};

int graph_new(struct graph **out)
{
    struct graph *graph = memory_new(1, sizeof *graph);
    if (!graph || !(graph->arena = arena_new())) {
        free(graph);
        return STATUS_MEMORY;
    }
    *out = graph;
    return 0;
}

void graph_free(struct graph *graph)
{
    if (!graph)
        return;
    arena_free(graph->arena);
    free(graph->node);
    free(graph->slot);
    free(graph->output);
    free(graph->assignment);
    free(graph);
}

struct node *graph_fail(struct graph *graph, const char *format, ...)
{
    if (graph->status == 0) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(graph->message, sizeof graph->message, format, arguments);
        va_end(arguments);
        graph->status = error_set(STATUS_INPUT, "%s", graph->message);
    }
    return NULL;
}

static struct node *out_of_memory(struct graph *graph)
{
    graph_fail(graph, "out of memory while building a graph of %zu nodes", graph->nodes);
    graph->status = STATUS_MEMORY;
    return NULL;
}

int graph_status(const struct graph *graph)
{
    return graph->status == 0 ? 0 : error_set(graph->status, "%s", graph->message);
}

bool graph_ready(const struct graph *graph, int count, struct node *const *operands)
{
    if (graph->status < 0)
        return false;
    for (int i = 0; i < count; i++)
        if (!operands[i])
            return false;
    return true;
}

int graph_nodes(const struct graph *graph)
{
    return (int)graph->nodes;
}

struct node *graph_node(const struct graph *graph, int index)
{
    return graph->node[index];
}

/* --- Equal nodes exist once ------------------------------------------------------------------------------ */

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * 0x100000001B3u;
    return hash;
}

static uint64_t node_hash(const struct node *node)
{
    uint64_t hash = hash_bytes(0xCBF29CE484222325u, &node->operation, sizeof node->operation);
    if (node->name)
        return hash_bytes(hash, node->name, strlen(node->name));
    hash = hash_bytes(hash, &node->shape.size, sizeof node->shape.size);
    for (int i = 0; i < operation_table[node->operation.kind].operands; i++)
        hash = hash_bytes(hash, &node->operand[i]->index, sizeof node->operand[i]->index);
    return hash;
}

static bool node_equal(const struct node *a, const struct node *b)
{
    if (memcmp(&a->operation, &b->operation, sizeof a->operation) != 0)
        return false;
    if (a->name || b->name) /* a name is who a leaf is, whatever its shape */
        return a->name && b->name && strcmp(a->name, b->name) == 0;
    if (!shape_equal(&a->shape, &b->shape))
        return false;
    for (int i = 0; i < operation_table[a->operation.kind].operands; i++)
        if (a->operand[i] != b->operand[i])
            return false;
    return true;
}

static size_t find_slot(const struct graph *graph, const struct node *node)
{
    size_t slot = node_hash(node) & (graph->slots - 1);
    while (graph->slot[slot] && !node_equal(graph->node[graph->slot[slot] - 1], node))
        slot = (slot + 1) & (graph->slots - 1);
    return slot;
}

static bool grow_slots(struct graph *graph)
{
    if (2 * (graph->nodes + 1) <= graph->slots)
        return true;
    const size_t slots = graph->slots ? 2 * graph->slots : 256;
    int *slot = memory_new(slots, sizeof *slot);
    if (!slot)
        return false;
    free(graph->slot);
    graph->slot = slot;
    graph->slots = slots;
    for (size_t i = 0; i < graph->nodes; i++)
        graph->slot[find_slot(graph, graph->node[i])] = (int)i + 1;
    return true;
}

static struct node *intern(struct graph *graph, const struct node *wanted)
{
    if (!grow_slots(graph) ||
        memory_grow(&graph->node, &graph->node_capacity, graph->nodes + 1, sizeof *graph->node) < 0)
        return out_of_memory(graph);
    const size_t slot = find_slot(graph, wanted);
    if (graph->slot[slot])
        return graph->node[graph->slot[slot] - 1];
    struct node *node = arena_take(graph->arena, sizeof *node);
    if (!node)
        return out_of_memory(graph);
    *node = *wanted;
    if (wanted->name && !(node->name = arena_text(graph->arena, wanted->name)))
        return out_of_memory(graph);
    node->index = (int)graph->nodes;
    graph->node[graph->nodes++] = node;
    graph->slot[slot] = (int)graph->nodes;
    return node;
}

static struct node described(const struct operation *operation, const struct shape *shape, struct node *const *operands)
{
    struct node node;
    memset(&node, 0, sizeof node);
    node.operation = *operation;
    node.shape = *shape;
    for (int i = 0; i < operation_table[operation->kind].operands; i++)
        node.operand[i] = operands[i];
    return node;
}

struct node *graph_existing(const struct graph *graph, const struct operation *operation, const struct shape *shape,
                            struct node *const *operands)
{
    const struct node node = described(operation, shape, operands);
    const int index = graph->slots ? graph->slot[find_slot(graph, &node)] : 0;
    return index ? graph->node[index - 1] : NULL;
}

struct node *graph_make(struct graph *graph, struct operation operation, struct shape shape,
                        struct node *const *operands)
{
    struct node *found = simplify(graph, &operation, &shape, operands);
    if (!found)
        found = share(graph, &operation, &shape, operands);
    if (found)
        return found;
    const struct node node = described(&operation, &shape, operands);
    return intern(graph, &node);
}

/* --- Leaves ---------------------------------------------------------------------------------------------- */

static struct node *named_leaf(struct graph *graph, enum operation_kind kind, const char *name, struct shape shape,
                               struct initial initial)
{
    if (!graph_ready(graph, 0, NULL))
        return NULL;
    struct node node;
    memset(&node, 0, sizeof node);
    node.operation.kind = kind;
    node.shape = shape;
    node.name = name;
    node.initial = initial;
    struct node *leaf = intern(graph, &node);
    if (leaf && !shape_equal(&leaf->shape, &shape)) {
        char was[SHAPE_TEXT], is[SHAPE_TEXT];
        return graph_fail(graph, "%s '%s' has shape %s, not %s", operation_table[kind].name, name,
                          shape_text(&leaf->shape, was), shape_text(&shape, is));
    }
    return leaf;
}

struct node *graph_input(struct graph *graph, const char *name, struct shape shape)
{
    return named_leaf(graph, OP_INPUT, name, shape, (struct initial){INITIAL_CONSTANT, 0, 0});
}

struct node *graph_state(struct graph *graph, const char *name, struct shape shape, struct initial initial)
{
    return named_leaf(graph, OP_STATE, name, shape, initial);
}

/* --- What a run leaves behind ---------------------------------------------------------------------------- */

void graph_output(struct graph *graph, struct node *value)
{
    if (!graph_ready(graph, 1, &value))
        return;
    if (memory_grow(&graph->output, &graph->output_capacity, graph->outputs + 1, sizeof *graph->output) < 0)
        out_of_memory(graph);
    else
        graph->output[graph->outputs++] = value;
}

void graph_assign(struct graph *graph, struct node *state, struct node *value)
{
    if (!graph_ready(graph, 2, (struct node *[]){state, value}))
        return;
    char was[SHAPE_TEXT], is[SHAPE_TEXT];
    if (state->operation.kind != OP_STATE)
        graph_fail(graph, "assign: only a state can be assigned to, not a %s",
                   operation_table[state->operation.kind].name);
    else if (value->operation.kind == OP_STATE && value != state) /* which of its values would be a matter of order */
        graph_fail(graph, "assign: state '%s' cannot be given state '%s' itself", state->name, value->name);
    else if (!shape_equal(&state->shape, &value->shape))
        graph_fail(graph, "assign: state '%s' has shape %s, the value %s", state->name, shape_text(&state->shape, was),
                   shape_text(&value->shape, is));
    else if (memory_grow(&graph->assignment, &graph->assignment_capacity, graph->assignments + 1,
                         sizeof *graph->assignment) < 0)
        out_of_memory(graph);
    else
        graph->assignment[graph->assignments++] = (struct assignment){state, value};
}

int graph_outputs(const struct graph *graph)
{
    return (int)graph->outputs;
}

struct node *graph_output_node(const struct graph *graph, int index)
{
    return graph->output[index];
}

int graph_assignments(const struct graph *graph)
{
    return (int)graph->assignments;
}

struct assignment graph_assignment(const struct graph *graph, int index)
{
    return graph->assignment[index];
}
