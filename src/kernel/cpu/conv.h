/* OP_CONV, OP_CONV_DX and OP_CONV_DW for the processor at hand. */
#ifndef KERNEL_CPU_CONV_H
#define KERNEL_CPU_CONV_H

#include "kernel/kernel.h"

/* `round`: operands may be rounded to bfloat16. */
int conv_make(struct kernel **out, const struct kernel_request *request, bool round);

#endif
