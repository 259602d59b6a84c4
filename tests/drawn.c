/* SplitMix64, seeded by FNV-1a of the name; 24 bits of each number. */
#include "drawn.h"

#include <stdio.h>
#include <string.h>

static const double weight_deviation = 0.25;

static uint64_t seed_of(const char *name)
{
    uint64_t seed = 0xCBF29CE484222325u;
    for (; *name; name++)
        seed = (seed ^ (unsigned char)*name) * 0x100000001B3u;
    return seed;
}

/* In [0, 1). */
static double next(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (double)((z ^ (z >> 31)) >> 40) / 16777216;
}

/* The maker's numbers are floats, whatever is computed with them. */
static void put(void *numbers, enum number_type type, int64_t index, double value)
{
    if (type == NUMBER_F64)
        ((double *)numbers)[index] = (double)(float)value;
    else
        ((float *)numbers)[index] = (float)value;
}

void drawn_uniform(void *numbers, enum number_type type, int64_t count, const char *name)
{
    uint64_t state = seed_of(name);
    for (int64_t i = 0; i < count; i++)
        put(numbers, type, i, 2 * next(&state) - 1);
}

void drawn_normal(void *numbers, enum number_type type, int64_t count, const char *name, double mean, double deviation)
{
    uint64_t state = seed_of(name);
    for (int64_t i = 0; i < count; i++) {
        double sum = -6;
        for (int j = 0; j < 12; j++)
            sum += next(&state);
        put(numbers, type, i, mean + deviation * sum);
    }
}

static bool ends_with(const char *name, const char *end)
{
    const size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcmp(name + length - tail, end) == 0;
}

void drawn_weights(struct store *store, const char *file)
{
    for (int i = 0; i < store_tensors(store); i++) {
        const struct tensor *tensor = store_tensor(store, i);
        char name[160];
        snprintf(name, sizeof name, "%s/%s", file, tensor->name);
        drawn_normal(tensor->data, store_type(store), shape_elements(&tensor->shape), name,
                     ends_with(name, ".scale") ? 1 : 0, ends_with(name, ".u") ? 1 : weight_deviation);
    }
}
