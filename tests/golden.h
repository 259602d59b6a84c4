/* Golden files: what an independent framework computed, read for comparison. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include "base/safetensors.h"
#include "run/plan.h"

struct golden {
    struct safetensors *file;
};

/* Opens tests/golden/<name>; the folder comes from the environment variable STANDIN_GOLDEN, or is tests/golden. */
struct golden golden_open(const char *name);
void golden_close(struct golden *golden);

/* The numbers of a tensor as doubles, `elements` of them; fails the test if it is not there or of another size. The
 * caller frees them. */
double *golden_read(const struct golden *golden, const char *name, int64_t elements);

/* Puts a tensor's numbers into the store's tensor of this name. */
void golden_load(const struct golden *golden, const char *name, struct store *store, const char *into);

/* max |a - b| / max |b|. */
double relative_error(enum number_type type, const void *a, const double *b, int64_t elements);

/* Fails, naming the tensor and the error, unless the store's tensor agrees with the golden one. */
void golden_expect(const struct golden *golden, const char *name, const struct store *store, const char *tensor,
                   double tolerance);

/* Binds a tensor to an input of this many elements, as numbers of the executor's type; the caller frees them. */
void *golden_bind(const struct golden *golden, const char *name, struct executor *executor, enum number_type type,
                  const char *input, int64_t elements);

/* Fails, naming the tensor and the error, unless the output agrees with the golden tensor. */
void golden_expect_output(const struct golden *golden, const char *name, const struct executor *executor,
                          enum number_type type, const struct node *output, double tolerance);

#endif
