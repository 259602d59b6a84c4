/* Kernels of pictures: upsample, sum_pool, resample, warp and their transposes. */
#ifndef KERNEL_CPU_PICTURES_H
#define KERNEL_CPU_PICTURES_H

#include "kernel/kernel.h"

int pictures_make(struct kernel **out, const struct kernel_request *request);

#endif
