/* The vector loops for processors with AVX-512. */
#include "kernel/cpu/program_vector.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#define LEVEL program_vector_avx512
#define LEVEL_NAME "avx512"
#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")))
#define WIDTH 16

typedef float vector __attribute__((vector_size(64)));
typedef uint32_t integers __attribute__((vector_size(64)));
typedef int32_t signed_integers __attribute__((vector_size(64)));

#define PRIMITIVE static inline TARGET __attribute__((always_inline))

PRIMITIVE vector load_part(const float *values, int64_t count)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), values);
}

PRIMITIVE void store_part(float *values, vector a, int64_t count)
{
    _mm512_mask_storeu_ps(values, (__mmask16)((1u << count) - 1), a);
}

PRIMITIVE vector multiply_add(vector a, vector b, vector c)
{
    return _mm512_fmadd_ps(a, b, c);
}

PRIMITIVE vector square_root(vector a)
{
    return _mm512_sqrt_ps(a);
}

PRIMITIVE vector larger_select(vector a, vector b, vector yes, vector no)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), no, yes);
}

/* The instruction returns its second operand when either is NaN. */
PRIMITIVE vector maximum(vector a, vector b)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(b, b, _CMP_UNORD_Q), _mm512_max_ps(b, a), b);
}

/* One step of Newton's method doubles the 14 bits of the estimate. */
PRIMITIVE vector reciprocal(vector a)
{
    const vector estimate = _mm512_rcp14_ps(a);
    return multiply_add(estimate, multiply_add(-a, estimate, 1.0f - (vector){0}), estimate);
}

PRIMITIVE vector times_power_of_two(vector a, vector exponent)
{
    return _mm512_scalef_ps(a, exponent);
}

#include "kernel/cpu/program_vector.inc"
#endif
