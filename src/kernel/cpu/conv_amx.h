/* Convolutions whose operands are rounded to bfloat16, on a processor's tile unit. No copies of windows are made: the
 * rows of a tile are pixels that follow one another along a row of the picture, or, where rows are short, the same
 * pixel of sixteen images; both lie at equal distances in the padded picture. A sum over taps and channels is a list
 * of terms. Channels that are no whole tiles, as those of a picture, share one with the channels of the pixels beside
 * theirs. */
#ifndef KERNEL_CPU_CONV_AMX_H
#define KERNEL_CPU_CONV_AMX_H

#include "kernel/cpu/convolution.h"

/* Whether there is a unit, and rows of pixels or the images are whole tiles. */
bool convolution_amx_suits(const struct convolution *convolution);

/* *out is the caller's. */
int convolution_amx_make(struct kernel **out, const struct convolution *convolution);

/* The same of OP_CONV_DW: convolution_amx_* call them. */
bool convolution_amx_weights_suits(const struct convolution *convolution);
int convolution_amx_weights_make(struct kernel **out, const struct convolution *convolution);

#endif
