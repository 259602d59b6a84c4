/* Timing one kernel at a time, on a pool and through oneDNN's own threads. Programs for people: failures end them. */
#ifndef BENCH_TIMER_H
#define BENCH_TIMER_H

#include "base/pool.h"
#include "kernel/kernel.h"

#include <time.h>

/* Seconds on the monotonic clock, or on the one that was chosen: processor time is less disturbed by a busy machine,
 * but waiting threads spin, so only figures for one thread mean something then. */
double timer_seconds(void);
void timer_use(clockid_t clock);

/* `count` normal numbers; the caller frees them. */
float *timer_numbers(int64_t count, uint64_t sample);

/* Ends the program with the message that was set. */
void timer_fail(const char *program, const char *what);

/* A kernel of the processor's backend with everything it needs to run. */
struct timed_kernel;
struct timed_kernel *timed_kernel_new(const struct kernel_request *request, const float *a, const float *b,
                                      int threads);
void timed_kernel_free(struct timed_kernel *timed);

/* Packs the operands that want it (seconds in *packing, if not NULL), then runs `repeats` times; seconds of the fastest
 * run. */
double timed_kernel_run(struct timed_kernel *timed, struct pool *pool, int repeats, double *packing);
const char *timed_kernel_note(const struct timed_kernel *timed);
const float *timed_kernel_result(const struct timed_kernel *timed); /* partials added up */

/* Seconds of the fastest run of oneDNN's direct convolution on the whole batch, with `threads` threads of its own; of a
 * matrix product likewise. */
double timer_onednn(const struct kernel_request *request, const float *a, const float *b, int threads, int repeats);

#endif
