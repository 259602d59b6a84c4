/* Workers wait for the next generation of work by spinning a little and then sleeping on a condition:
 * a training step has hundreds of barriers a few microseconds apart, too short to sleep through. */
#include "base/pool.h"

#include "base/error.h"
#include "base/memory.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

/* The processor library that runs inside a task must not start threads of its own. */
extern void omp_set_num_threads(int threads) __attribute__((weak));

enum { SPINS = 4000, THREADS_MAXIMUM = 256 };

struct pool {
    int threads, started;
    pthread_t *thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop; /* under lock, published by generation */
    _Atomic unsigned generation;
    _Atomic int sleeping;
    _Atomic int next, busy; /* the next task to hand out; workers not yet done with this generation */
    int tasks;
    pool_task *task;
    void *context;
};

struct worker {
    struct pool *pool;
    int index;
};

static void pause_processor(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void one_thread_in_libraries(void)
{
    if (omp_set_num_threads)
        omp_set_num_threads(1);
}

static void work(struct pool *pool, int worker)
{
    int task;
    while ((task = atomic_fetch_add(&pool->next, 1)) < pool->tasks)
        pool->task(pool->context, task, worker);
}

static unsigned wait_for_generation(struct pool *pool, unsigned seen)
{
    for (int spin = 0; spin < SPINS; spin++) {
        const unsigned generation = atomic_load_explicit(&pool->generation, memory_order_acquire);
        if (generation != seen)
            return generation;
        pause_processor();
    }
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add(&pool->sleeping, 1);
    while (atomic_load(&pool->generation) == seen)
        pthread_cond_wait(&pool->wake, &pool->lock);
    atomic_fetch_sub(&pool->sleeping, 1);
    pthread_mutex_unlock(&pool->lock);
    return atomic_load(&pool->generation);
}

static void *worker_main(void *argument)
{
    struct worker *self = argument;
    struct pool *pool = self->pool;
    const int index = self->index;
    free(self);
    one_thread_in_libraries();
    for (unsigned seen = 0;;) {
        seen = wait_for_generation(pool, seen);
        if (pool->stop)
            return NULL;
        work(pool, index);
        atomic_fetch_sub_explicit(&pool->busy, 1, memory_order_release);
    }
}

static void next_generation(struct pool *pool)
{
    atomic_fetch_add_explicit(&pool->generation, 1, memory_order_seq_cst);
    if (atomic_load(&pool->sleeping) > 0) {
        pthread_mutex_lock(&pool->lock);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->lock);
    }
}

static int start_workers(struct pool *pool)
{
    sigset_t all, before; /* signals are the main thread's business */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int status = 0;
    for (int i = 1; i < pool->threads && status == 0; i++) {
        struct worker *self = memory_new(1, sizeof *self);
        if (!self) {
            status = STATUS_MEMORY;
            break;
        }
        *self = (struct worker){pool, i};
        if (pthread_create(&pool->thread[i], NULL, worker_main, self) != 0) {
            free(self);
            status = error_set(STATUS_FAILED, "cannot start thread %d of %d", i + 1, pool->threads);
            break;
        }
        pool->started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

static int processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    const int count = CPU_COUNT(&set);
    return count < THREADS_MAXIMUM ? count : THREADS_MAXIMUM;
}

int pool_new(struct pool **out, int threads)
{
    *out = NULL;
    if (threads < 0 || threads > THREADS_MAXIMUM)
        return error_set(STATUS_INPUT, "threads must be from 1 to %d, not %d", THREADS_MAXIMUM, threads);
    struct pool *pool = memory_new(1, sizeof *pool);
    if (!pool)
        return STATUS_MEMORY;
    pool->threads = threads ? threads : processors();
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->thread = memory_new((size_t)pool->threads, sizeof *pool->thread);
    const int status = pool->thread ? start_workers(pool) : STATUS_MEMORY;
    if (status < 0) {
        pool_free(pool);
        return status;
    }
    *out = pool;
    return 0;
}

int pool_threads(const struct pool *pool)
{
    return pool->threads;
}

void pool_run(struct pool *pool, int tasks, pool_task *task, void *context)
{
    one_thread_in_libraries();
    if (tasks == 1 || pool->started == 0) {
        for (int i = 0; i < tasks; i++)
            task(context, i, 0);
        return;
    }
    pool->tasks = tasks;
    pool->task = task;
    pool->context = context;
    atomic_store(&pool->next, 0);
    atomic_store(&pool->busy, pool->started);
    next_generation(pool);
    work(pool, 0);
    for (int spin = 0; atomic_load_explicit(&pool->busy, memory_order_acquire) > 0; spin++) {
        if (spin < SPINS)
            pause_processor();
        else
            sched_yield();
    }
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_mutex_unlock(&pool->lock);
    next_generation(pool);
    for (int i = 1; i <= pool->started; i++)
        pthread_join(pool->thread[i], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    free(pool->thread);
    free(pool);
}
