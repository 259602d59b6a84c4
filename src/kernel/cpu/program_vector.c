/* Which vector loops this processor runs. */
#include "kernel/cpu/program_vector.h"

#include "kernel/cpu/level.h"

const struct vector_level *program_vector_choose(void)
{
#if defined(__x86_64__)
    switch (cpu_level()) {
    case CPU_AVX512: return &program_vector_avx512;
    case CPU_AVX2: return &program_vector_avx2;
    default: break;
    }
#endif
    return &program_vector_plain;
}
