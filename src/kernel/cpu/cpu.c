/* The table of the processor's backend: own kernels for contractions and pointwise programs, plain C for the rest. */
#include "kernel/cpu/cpu.h"

#include "kernel/cpu/amx.h"
#include "kernel/cpu/conv.h"
#include "kernel/cpu/matmul.h"
#include "kernel/cpu/pictures.h"
#include "kernel/plain/plain.h"

static int make(struct kernel **out, const struct kernel_request *request, bool round)
{
    *out = NULL;
    const int status = plain_check_request(request);
    if (status < 0)
        return status;
    switch (request->operation.kind) {
    case OP_CONV:
    case OP_CONV_DX:
    case OP_CONV_DW:
        return conv_make(out, request, round);
    case OP_MATMUL:
        return matmul_make(out, request);
    case OP_UPSAMPLE:
    case OP_SUM_POOL:
    case OP_RESAMPLE:
    case OP_RESAMPLE_ADJOINT:
    case OP_WARP:
    case OP_WARP_ADJOINT:
        return pictures_make(out, request);
    default:
        return plain_f32.make(out, request);
    }
}

static int make_f32(struct kernel **out, const struct kernel_request *request)
{
    return make(out, request, false);
}

static int make_bf16(struct kernel **out, const struct kernel_request *request)
{
    return make(out, request, true);
}

const struct backend cpu_f32 = {.name = "cpu", .type = NUMBER_F32, .make = make_f32, .make_program = cpu_program_make};
const struct backend cpu_bf16 = {
    .name = "cpu bfloat16", .type = NUMBER_F32, .make = make_bf16, .make_program = cpu_program_make};

bool cpu_bf16_differs(void)
{
    return amx_here();
}
