/* Seconds on a clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <time.h>

double clock_read(clockid_t clock);

/* On the one that never jumps: only differences mean something. */
double clock_now(void);

#endif
