/* The inner loops for any processor, and the choice between all of them. */
#define VECTOR_BITS 128
#define VECTOR_TABLE vector_generic
extern const struct vector_functions vector_generic;
#include "kernel/cpu/vector.inc"

#if defined(__x86_64__)
extern const struct vector_functions vector_avx512, vector_avx2;
#endif

const struct vector_functions *vector_functions_here(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512bw"))
        return &vector_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &vector_avx2;
#endif
    return &vector_generic;
}
