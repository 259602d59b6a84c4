/* Runs one kernel of any backend the way the executor does: operands packed where the kernel asks for it, phases in
 * order, tasks through a pool, every worker with its own scratch, partials added in a fixed tree. Values go in and
 * come out as doubles, whatever the backend computes in. */
#ifndef KERNEL_HARNESS_H
#define KERNEL_HARNESS_H

#include "kernel/kernel.h"

enum { HARNESS_SEED = 7, HARNESS_STEP = 3 };

/* Standard normal numbers, the same for the same name. */
void harness_fill(double *values, int64_t count, uint64_t name);

/* A new array of `count` such numbers; ends the test if memory is out. */
double *harness_values(int64_t count, uint64_t name);
double *harness_zeros(int64_t count);

/* inputs[i] has request->input[i]'s elements, output request->output's. 0 or the status of making the kernel. */
int harness_run(const struct backend *backend, const struct kernel_request *request, const double *const *inputs,
                double *output, int threads);

typedef int harness_make_program(struct kernel **out, const struct program *program, int shards);

/* Output o is placed on the storage of input in_place[o] - 1; 0 or a NULL array: on its own. */
int harness_run_program(harness_make_program *make, enum number_type type, const struct program *program, int shards,
                        const double *const *inputs, double *const *outputs, const int *in_place, int threads);

int64_t harness_input_elements(const struct program *program, int input);
int64_t harness_output_elements(const struct program *program, int output);

/* max |a - b| / max |b|; infinite if exactly one of two values is NaN or if infinities differ. */
double harness_error(const double *a, const double *b, int64_t count);

double harness_product(const double *a, const double *b, int64_t count); /* sum of a[i] b[i] */

#endif
