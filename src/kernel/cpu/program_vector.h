/* Vector loops over short arrays, in one version for each kind of processor: what fused programs are made of.
 * Every loop takes any number of elements and touches no element beyond them. */
#ifndef KERNEL_CPU_PROGRAM_VECTOR_H
#define KERNEL_CPU_PROGRAM_VECTOR_H

#include "graph/operation.h"

/* Beside the pointwise kinds. */
enum vector_kind {
    VECTOR_COPY = OPERATION_KINDS, /* a */
    VECTOR_MULTIPLY_ADD,           /* a b + c */
    VECTOR_MULTIPLY_SUBTRACT,      /* a b - c */
    VECTOR_SUBTRACT_PRODUCT,       /* c - a b */
    VECTOR_KINDS
};

enum { VECTOR_FLOATS = 16 }; /* of the widest: a splat is one such vector */

/* Either an array of `count` numbers, or a splat: VECTOR_FLOATS equal ones. */
struct vector_operand {
    const float *values;
    bool splat;
};

/* result may be the values of an operand, element by element. */
typedef void vector_loop(float *result, const struct vector_operand *a, const struct vector_operand *b,
                         const struct vector_operand *c, int64_t count);

struct vector_level {
    const char *name;
    vector_loop *loop[VECTOR_KINDS]; /* NULL for kinds that are not pointwise */
    double (*sum)(const struct vector_operand *a, int64_t count);
    double (*sum_products)(const struct vector_operand *a, const struct vector_operand *b, int64_t count);
    /* sums[i % period] += a[i] b[i]; b may be NULL, for ones. */
    void (*sum_periods)(float *sums, int64_t period, const struct vector_operand *a, const struct vector_operand *b,
                        int64_t count);
    void (*accumulate)(double *sums, const struct vector_operand *a, int64_t count); /* sums[i] += a[i] */
};

extern const struct vector_level program_vector_avx512, program_vector_avx2, program_vector_plain;

/* The best one for this processor, or a lower one if the environment variable STANDIN_CPU says "avx2" or "plain". */
const struct vector_level *program_vector_choose(void);

#endif
