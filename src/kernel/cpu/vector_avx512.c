/* The inner loops for processors with AVX-512. */
#if defined(__x86_64__)
#include <immintrin.h>
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))),                   \
                             apply_to = function)
#else
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")
#endif
#define VECTOR_BITS 512
#define VECTOR_TABLE vector_avx512
extern const struct vector_functions vector_avx512;
#include "kernel/cpu/vector.inc"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
