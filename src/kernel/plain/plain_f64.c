/* The plain backend in double: what every other kernel is compared with. */
#define NUMBER double
#define NUMBER_TYPE NUMBER_F64
#define BACKEND plain_f64
#define BACKEND_NAME "plain_f64"
#include "kernel/plain/backend.inc"
