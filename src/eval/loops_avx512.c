/* The inner loops for processors with AVX-512. */
#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))),                   \
                             apply_to = function)
#else
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,prefer-vector-width=512")
#endif
#define VECTOR_BITS 512
#define LOOPS_TABLE loops_avx512
extern const struct eval_loops loops_avx512;
#include "eval/loops.inc"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
