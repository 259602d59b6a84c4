/* A pool of worker threads that share out numbered tasks. Which thread computes a task is left to chance;
 * what a task computes never depends on it. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

struct pool;

/* Computes task `task`, 0 <= task < tasks, on worker `worker`, 0 <= worker < pool_threads(). */
typedef void pool_task(void *context, int task, int worker);

/* A pool of `threads` workers, the caller of pool_run among them; 0 means one for each processor that
 * this process may use. 1 <= threads <= 256. *out is the caller's, to free with pool_free. */
int pool_new(struct pool **out, int threads);

int pool_threads(const struct pool *pool);

/* Runs tasks 0..tasks-1 and returns when all are done. Not reentrant; one caller at a time. */
void pool_run(struct pool *pool, int tasks, pool_task *task, void *context);

void pool_free(struct pool *pool); /* NULL is fine */

#endif
