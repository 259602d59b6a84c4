/* The vector loops for processors with AVX2 and FMA. */
#include "kernel/cpu/program_vector.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#define LEVEL program_vector_avx2
#define LEVEL_NAME "avx2"
#define TARGET __attribute__((target("avx2,fma")))
#define WIDTH 8

typedef float vector __attribute__((vector_size(32)));
typedef uint32_t integers __attribute__((vector_size(32)));
typedef int32_t signed_integers __attribute__((vector_size(32)));

#define PRIMITIVE static inline TARGET __attribute__((always_inline))

PRIMITIVE __m256i first(int64_t count)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

PRIMITIVE vector load_part(const float *values, int64_t count)
{
    return _mm256_maskload_ps(values, first(count));
}

PRIMITIVE void store_part(float *values, vector a, int64_t count)
{
    _mm256_maskstore_ps(values, first(count), a);
}

PRIMITIVE vector multiply_add(vector a, vector b, vector c)
{
    return _mm256_fmadd_ps(a, b, c);
}

PRIMITIVE vector square_root(vector a)
{
    return _mm256_sqrt_ps(a);
}

PRIMITIVE vector larger_select(vector a, vector b, vector yes, vector no)
{
    return _mm256_blendv_ps(no, yes, _mm256_cmp_ps(a, b, _CMP_GT_OQ));
}

/* The instruction returns its second operand when either is NaN. */
PRIMITIVE vector maximum(vector a, vector b)
{
    return _mm256_blendv_ps(_mm256_max_ps(b, a), b, _mm256_cmp_ps(b, b, _CMP_UNORD_Q));
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
#endif
