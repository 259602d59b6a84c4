/* Which instructions the vectorised loops may use here. */
#ifndef KERNEL_CPU_LEVEL_H
#define KERNEL_CPU_LEVEL_H

enum cpu_level { CPU_PLAIN, CPU_AVX2, CPU_AVX512 };

/* What the processor has, or less if the environment variable STANDIN_CPU says "avx2" or "plain": for tests, and for
 * the same bits on different machines. */
enum cpu_level cpu_level(void);

#endif
