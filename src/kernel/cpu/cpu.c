/* The table of the processor's backend: own kernels for contractions and pointwise programs, plain C for the rest. */
#include "kernel/cpu/cpu.h"

#include "kernel/cpu/conv.h"
#include "kernel/cpu/matmul.h"

static int make(struct kernel **out, const struct kernel_request *request)
{
    switch (request->operation.kind) {
    case OP_CONV:
    case OP_CONV_DX:
    case OP_CONV_DW:
        return conv_make(out, request);
    case OP_MATMUL:
        return matmul_make(out, request);
    default:
        return plain_f32.make(out, request);
    }
}

const struct backend cpu_f32 = {.name = "cpu", .type = NUMBER_F32, .make = make, .make_program = cpu_program_make};
