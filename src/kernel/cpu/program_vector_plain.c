/* The vector loops for any other processor: vectors of four, which every compiler can make of what there is. */
#include "kernel/cpu/program_vector.h"

#include <math.h>
#include <string.h>

#define LEVEL program_vector_plain
#define LEVEL_NAME "plain"
#define TARGET
#define WIDTH 4

typedef float vector __attribute__((vector_size(16)));
typedef uint32_t integers __attribute__((vector_size(16)));
typedef int32_t signed_integers __attribute__((vector_size(16)));

#define PRIMITIVE static inline

PRIMITIVE vector load_part(const float *values, int64_t count)
{
    vector a = {0};
    memcpy(&a, values, (size_t)count * sizeof *values);
    return a;
}

PRIMITIVE void store_part(float *values, vector a, int64_t count)
{
    memcpy(values, &a, (size_t)count * sizeof *values);
}

PRIMITIVE vector multiply_add(vector a, vector b, vector c)
{
    return a * b + c;
}

PRIMITIVE vector square_root(vector a)
{
    return (vector){sqrtf(a[0]), sqrtf(a[1]), sqrtf(a[2]), sqrtf(a[3])};
}

PRIMITIVE vector larger_select(vector a, vector b, vector yes, vector no)
{
    const integers larger = (integers)(a > b);
    return (vector)((larger & (integers)yes) | (~larger & (integers)no));
}

PRIMITIVE vector maximum(vector a, vector b)
{
    const integers first = (integers)(a > b) | (integers)(a != a); /* NaN wins */
    return (vector)((first & (integers)a) | (~first & (integers)b));
}

PRIMITIVE vector reciprocal(vector a)
{
    return 1.0f / a;
}

/* In two factors, since the first alone may be out of range while the product is not. */
PRIMITIVE vector times_power_of_two(vector a, vector exponent)
{
    const signed_integers whole = __builtin_convertvector(exponent, signed_integers), half = whole >> 1;
    const integers one = (integers)(half + 127) << 23, other = (integers)(whole - half + 127) << 23;
    return a * (vector)one * (vector)other;
}

#include "kernel/cpu/program_vector.inc"
