/* Products of bfloat16 matrices on the tile unit of a processor (Intel's AMX): operands are floats of 8 digits, sums
 * floats. Where there is no such unit, or the system does not let us use it, amx_here() is false and nothing else
 * here may be called. */
#ifndef KERNEL_CPU_AMX_H
#define KERNEL_CPU_AMX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint16_t bfloat16;

/* A tile of the left operand is (AMX_SIDE, AMX_DEPTH); of the right one (AMX_DEPTH / 2, AMX_SIDE, 2), two rows
 * interleaved; of the result (AMX_SIDE, AMX_SIDE) floats. All rows are 64 bytes. */
enum { AMX_SIDE = 16, AMX_DEPTH = 32, AMX_TILE = AMX_SIDE * AMX_DEPTH };

bool amx_here(void);

/* Around the products of a task. */
void amx_begin(void);
void amx_end(void);

/* Where the tiles of one term of a sum begin, beside the operands' own pointers, in numbers. */
struct amx_term {
    ptrdiff_t a, b;
};

/* c = the sum over the terms of a b, for up to two tiles of rows and two of columns. */
struct amx_product {
    const bfloat16 *a[2], *b[2]; /* the second may be NULL */
    float *c[2][2];
    ptrdiff_t a_row, b_row, c_row; /* between the rows of a tile, in numbers */
    const struct amx_term *terms;
    int64_t count;
};
void amx_multiply(const struct amx_product *product);

/* To the nearest, ties to even; denormals become 0. */
void amx_narrow(bfloat16 *to, const float *from, int64_t count);

/* to (count, 2) = even[i], odd[i] */
void amx_narrow_pairs(bfloat16 *to, const float *even, const float *odd, int64_t count);

/* to[j], rows `to_row` numbers apart, gets the j-th pairs of all rows of `from` (AMX_SIDE, AMX_SIDE, 2). */
void amx_turn_pairs(bfloat16 *to, ptrdiff_t to_row, const bfloat16 *from);

/* A distance of at least so many numbers at which the rows of a tile do not compete for the same lines of the cache: an
 * odd number of lines. */
static inline int64_t amx_distance(int64_t numbers)
{
    const int64_t line = 64 / (int64_t)sizeof(bfloat16), lines = (numbers + line - 1) / line;
    return (lines | 1) * line;
}

#endif
