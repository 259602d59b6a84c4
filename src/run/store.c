/* Named tensors and their initial values. */
#include "run/store.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"

#include <stdlib.h>
#include <string.h>

struct store {
    enum number_type type;
    struct tensor **tensor; /* each allocated by itself: addresses stay */
    size_t tensors, capacity;
};

int store_new(struct store **out, enum number_type type)
{
    *out = memory_new(1, sizeof **out);
    if (!*out)
        return STATUS_MEMORY;
    (*out)->type = type;
    return 0;
}

static void tensor_free(struct tensor *tensor)
{
    if (!tensor)
        return;
    free((char *)tensor->name);
    free(tensor->data);
    free(tensor);
}

void store_free(struct store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < store->tensors; i++)
        tensor_free(store->tensor[i]);
    free(store->tensor);
    free(store);
}

static size_t element_bytes(enum number_type type)
{
    return type == NUMBER_F64 ? sizeof(double) : sizeof(float);
}

size_t tensor_bytes(const struct store *store, const struct tensor *tensor)
{
    return (size_t)shape_elements(&tensor->shape) * element_bytes(store->type);
}

struct tensor *store_find(const struct store *store, const char *name)
{
    for (size_t i = 0; i < store->tensors; i++)
        if (strcmp(store->tensor[i]->name, name) == 0)
            return store->tensor[i];
    return NULL;
}

int store_add(struct store *store, struct tensor **out, const char *name, struct shape shape)
{
    char was[SHAPE_TEXT], is[SHAPE_TEXT];
    *out = store_find(store, name);
    if (*out)
        return shape_equal(&(*out)->shape, &shape)
                   ? 0
                   : error_set(STATUS_INPUT, "'%s' has shape %s, not %s", name, shape_text(&(*out)->shape, was),
                               shape_text(&shape, is));
    if (memory_grow(&store->tensor, &store->capacity, store->tensors + 1, sizeof *store->tensor) < 0)
        return STATUS_MEMORY;
    struct tensor *tensor = memory_new(1, sizeof *tensor);
    if (!tensor)
        return STATUS_MEMORY;
    tensor->shape = shape;
    tensor->name = text_copy(name);
    tensor->data = memory_new_aligned((size_t)shape_elements(&shape) * element_bytes(store->type));
    if (!tensor->name || !tensor->data) {
        tensor_free(tensor);
        return STATUS_MEMORY;
    }
    store->tensor[store->tensors++] = tensor;
    *out = tensor;
    return 0;
}

static uint64_t name_hash(const char *name)
{
    uint64_t hash = 0xCBF29CE484222325u; /* FNV-1a */
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 0x100000001B3u;
    return hash >> 24;
}

static void fill(const struct store *store, struct tensor *tensor, struct initial initial, uint64_t seed)
{
    enum { BLOCK = 256 };
    const random_address address = {seed, name_hash(tensor->name), RANDOM_INITIAL_WEIGHTS, 0};
    const int64_t elements = shape_elements(&tensor->shape);
    float numbers[BLOCK] = {0};
    for (int64_t first = 0; first < elements; first += BLOCK) {
        const int64_t count = elements - first < BLOCK ? elements - first : BLOCK;
        if (initial.kind == INITIAL_NORMAL)
            random_normal(address, (uint64_t)first, (uint64_t)count, numbers);
        else if (initial.kind == INITIAL_UNIFORM)
            random_uniform(address, (uint64_t)first, (uint64_t)count, numbers);
        for (int64_t i = 0; i < count; i++) {
            const double scale = initial.kind == INITIAL_UNIFORM ? initial.b - initial.a : initial.b;
            const double value = initial.a + (initial.kind == INITIAL_CONSTANT ? 0 : scale * (double)numbers[i]);
            if (store->type == NUMBER_F64)
                ((double *)tensor->data)[first + i] = (double)(float)value; /* both types start alike */
            else
                ((float *)tensor->data)[first + i] = (float)value;
        }
    }
}

/* seed NULL: leaves zeros. */
static int add_states(struct store *store, const struct graph *graph, const uint64_t *seed)
{
    for (int i = 0; i < graph_nodes(graph); i++) {
        const struct node *node = graph_node(graph, i);
        if (node->operation.kind != OP_STATE)
            continue;
        const size_t before = store->tensors;
        struct tensor *tensor;
        const int status = store_add(store, &tensor, node->name, node->shape);
        if (status < 0)
            return status;
        if (store->tensors > before && seed)
            fill(store, tensor, node->initial, *seed);
    }
    return 0;
}

int store_add_states(struct store *store, const struct graph *graph, uint64_t seed)
{
    return add_states(store, graph, &seed);
}

int store_reserve_states(struct store *store, const struct graph *graph)
{
    return add_states(store, graph, NULL);
}

enum number_type store_type(const struct store *store)
{
    return store->type;
}

int store_tensors(const struct store *store)
{
    return (int)store->tensors;
}

struct tensor *store_tensor(const struct store *store, int index)
{
    return store->tensor[index];
}

size_t store_bytes(const struct store *store)
{
    size_t bytes = 0;
    for (size_t i = 0; i < store->tensors; i++)
        bytes += tensor_bytes(store, store->tensor[i]);
    return bytes;
}
