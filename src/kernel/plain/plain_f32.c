/* The plain backend in float; sums are kept in double and rounded once. */
#define NUMBER float
#define NUMBER_TYPE NUMBER_F32
#define BACKEND plain_f32
#define BACKEND_NAME "plain_f32"
#include "kernel/plain/backend.inc"
