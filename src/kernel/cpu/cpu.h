/* What the rooms of this backend offer each other. */
#ifndef KERNEL_CPU_CPU_H
#define KERNEL_CPU_CPU_H

#include "kernel/kernel.h"

/* Vectorised pointwise programs. */
int cpu_program_make(struct kernel **out, const struct program *program, int shards);

#endif
