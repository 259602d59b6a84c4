/* Asks the processor, and the environment. */
#include "kernel/cpu/level.h"

#include <stdlib.h>
#include <string.h>

static const char variable[] = "STANDIN_CPU";

bool cpu_level_is_said(void)
{
    return getenv(variable) != NULL;
}

enum cpu_level cpu_level(void)
{
#if defined(__x86_64__)
    const char *wanted = getenv(variable);
    const bool plain = wanted && strcmp(wanted, "plain") == 0, lower = wanted && strcmp(wanted, "avx2") == 0;
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
    if (avx512 && !plain && !lower)
        return CPU_AVX512;
    if (avx2 && !plain)
        return CPU_AVX2;
#endif
    return CPU_PLAIN;
}
