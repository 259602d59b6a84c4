/* The pool of tests of what several threads work on. Include after cmocka.h. */
#ifndef TEST_TWO_THREADS_H
#define TEST_TWO_THREADS_H

#include "base/pool.h"

static struct pool *pool;

static int two_threads_begin(void **state)
{
    (void)state;
    return pool_new(&pool, 2);
}

static int two_threads_end(void **state)
{
    (void)state;
    pool_free(pool);
    return 0;
}

#endif
