/* The numbers that tests/golden/make_golden.py draws, drawn again: of a name, without any file. */
#ifndef TESTS_DRAWN_H
#define TESTS_DRAWN_H

#include "run/store.h"

/* Uniform in [-1, 1). */
void drawn_uniform(void *numbers, enum number_type type, int64_t count, const char *name);

/* Nearly normal. A deviation that is a power of two gives the very numbers of the golden files' maker. */
void drawn_normal(void *numbers, enum number_type type, int64_t count, const char *name, double mean, double deviation);

/* Every tensor of the store as make_networks.py has it for this file. */
void drawn_weights(struct store *store, const char *file);

#endif
