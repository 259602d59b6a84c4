/* The inner loops for any processor, and the choice between all of them. */
#include "kernel/cpu/level.h"

#define VECTOR_BITS 128
#define LOOPS_TABLE loops_plain
extern const struct eval_loops loops_plain;
#include "eval/loops.inc"

#if defined(__x86_64__)
extern const struct eval_loops loops_avx512, loops_avx2;
#endif

const struct eval_loops *eval_loops_here(void)
{
#if defined(__x86_64__)
    switch (cpu_level()) {
    case CPU_AVX512: return &loops_avx512;
    case CPU_AVX2: return &loops_avx2;
    default: break;
    }
#endif
    return &loops_plain;
}
