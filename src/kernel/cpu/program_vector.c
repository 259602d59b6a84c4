/* Which vector loops this processor runs. */
#include "kernel/cpu/program_vector.h"

#include <stdlib.h>
#include <string.h>

const struct vector_level *program_vector_choose(void)
{
#if defined(__x86_64__)
    const char *wanted = getenv("STANDIN_CPU");
    const bool plain = wanted && strcmp(wanted, "plain") == 0, lower = wanted && strcmp(wanted, "avx2") == 0;
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
    if (avx512 && !plain && !lower)
        return &program_vector_avx512;
    if (avx2 && !plain)
        return &program_vector_avx2;
#endif
    return &program_vector_plain;
}
