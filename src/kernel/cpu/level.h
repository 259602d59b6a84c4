/* Which instructions the vectorised loops may use here. */
#ifndef KERNEL_CPU_LEVEL_H
#define KERNEL_CPU_LEVEL_H

#include <stdbool.h>

enum cpu_level { CPU_PLAIN, CPU_AVX2, CPU_AVX512 };

/* What the processor has, or at most what the environment variable STANDIN_CPU says ("avx512", "avx2" or "plain"): for
 * tests, and for the same bits on different machines. */
enum cpu_level cpu_level(void);

/* Whether that variable says anything: then nothing that is no level is used either, such as the tile unit (amx.h). */
bool cpu_level_is_said(void);

#endif
