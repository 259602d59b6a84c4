/* The inner loops for processors with AVX2 and fused multiply-add. */
#if defined(__x86_64__)
#include <immintrin.h>
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define VECTOR_BITS 256
#define VECTOR_TABLE vector_avx2
extern const struct vector_functions vector_avx2;
#include "kernel/cpu/vector.inc"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
