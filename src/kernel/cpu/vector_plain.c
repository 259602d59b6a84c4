/* The inner loops for any processor, and the choice between all of them. */
#include "kernel/cpu/level.h"

#define VECTOR_BITS 128
#define VECTOR_TABLE vector_plain
extern const struct vector_functions vector_plain;
#include "kernel/cpu/vector.inc"

#if defined(__x86_64__)
extern const struct vector_functions vector_avx512, vector_avx2;
#endif

const struct vector_functions *vector_functions_here(void)
{
#if defined(__x86_64__)
    switch (cpu_level()) {
    case CPU_AVX512: return &vector_avx512;
    case CPU_AVX2: return &vector_avx2;
    default: break;
    }
#endif
    return &vector_plain;
}
