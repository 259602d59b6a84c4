/* OP_MATMUL for the processor at hand. */
#ifndef KERNEL_CPU_MATMUL_H
#define KERNEL_CPU_MATMUL_H

#include "kernel/kernel.h"

int matmul_make(struct kernel **out, const struct kernel_request *request);

#endif
