/* The inner loops for processors with AVX2 and fused multiply-add. */
#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define VECTOR_BITS 256
#define LOOPS_TABLE loops_avx2
extern const struct eval_loops loops_avx2;
#include "eval/loops.inc"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
