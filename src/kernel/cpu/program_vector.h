/* Vector loops over short arrays, in one version for each kind of processor: what fused programs are made of.
 * Every loop takes any number of elements and touches no element beyond them. */
#ifndef KERNEL_CPU_PROGRAM_VECTOR_H
#define KERNEL_CPU_PROGRAM_VECTOR_H

#include "graph/operation.h"

/* Beside the pointwise kinds. */
enum vector_kind {
    VECTOR_COPY = OPERATION_KINDS, /* a */
    VECTOR_SUBTRACT_PRODUCT,       /* c - a b */
    VECTOR_LEAK,                   /* a times the first splat of c where b > 0, and its second elsewhere */
    VECTOR_CHAINS,                 /* (a first b) second c: see vector_chain() */
    VECTOR_KINDS = VECTOR_CHAINS + 16
};

/* Links of chains: OP_ADD, OP_SUBTRACT, OP_MULTIPLY or OP_MAXIMUM. */
static inline bool vector_is_link(enum operation_kind kind)
{
    return kind == OP_ADD || kind == OP_SUBTRACT || kind == OP_MULTIPLY || kind == OP_MAXIMUM;
}

static inline int vector_link(enum operation_kind kind)
{
    return kind == OP_ADD ? 0 : kind == OP_SUBTRACT ? 1 : kind == OP_MULTIPLY ? 2 : 3;
}

static inline int vector_chain(enum operation_kind first, enum operation_kind second)
{
    return VECTOR_CHAINS + 4 * vector_link(first) + vector_link(second);
}

enum { VECTOR_FLOATS = 16 }; /* of the widest: a splat is one such vector */

/* Either an array of `count` numbers, or a splat: VECTOR_FLOATS equal ones (of VECTOR_LEAK's c: two such). */
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
    /* For pictures: result[i] = the four images[offset + i], weighted; and its transpose. */
    void (*blend)(float *result, const float *images, const int64_t offset[4], const float weight[4], int64_t count);
    void (*spread)(float *images, const int64_t offset[4], const float weight[4], const float *values, int64_t count);
    void (*accumulate)(double *sums, const struct vector_operand *a, int64_t count); /* sums[i] += a[i] */
};

extern const struct vector_level program_vector_avx512, program_vector_avx2, program_vector_plain;

/* The best one for this processor, or a lower one if the environment variable STANDIN_CPU says "avx2" or "plain". */
const struct vector_level *program_vector_choose(void);

#endif
