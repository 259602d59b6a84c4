/* The inner loops for any processor, and the choice between all of them. */
#define VECTOR_BITS 128
#define VECTOR_TABLE vector_plain
extern const struct vector_functions vector_plain;
#include "kernel/cpu/vector.inc"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
extern const struct vector_functions vector_avx512, vector_avx2;
#endif

/* The environment may ask for less than the processor has, as it may for pointwise programs: for tests, and for the
 * same bits on different machines. */
const struct vector_functions *vector_functions_here(void)
{
#if defined(__x86_64__)
    const char *wanted = getenv("STANDIN_CPU");
    const bool plain = wanted && strcmp(wanted, "plain") == 0, lower = wanted && strcmp(wanted, "avx2") == 0;
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
    if (avx512 && !plain && !lower)
        return &vector_avx512;
    if (avx2 && !plain)
        return &vector_avx2;
#endif
    return &vector_plain;
}
