/* The pool runs every task exactly once, on one worker at a time, as often as it is asked. Run it with the thread
 * sanitizer as well: the counters below are not atomic on purpose, since one task belongs to one worker. */
#include "base/error.h"
#include "base/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { TASKS = 500, THREADS = 4 };

struct record {
    int runs[TASKS];
    int workers;
    int busy[THREADS]; /* by worker */
    _Atomic int wrong;
};

static void note(void *context, int task, int worker)
{
    struct record *record = context;
    if (task < 0 || task >= TASKS || worker < 0 || worker >= record->workers || record->busy[worker]) {
        record->wrong++;
        return;
    }
    record->busy[worker] = 1;
    record->runs[task]++;
    record->busy[worker] = 0;
}

static void assert_each_ran(const struct record *record, int tasks, int times)
{
    for (int i = 0; i < TASKS; i++)
        assert_int_equal(record->runs[i], i < tasks ? times : 0);
    assert_int_equal(record->wrong, 0);
}

static void every_task_runs_once(void **state)
{
    (void)state;
    static const int tasks[] = {0, 1, 2, THREADS - 1, THREADS, THREADS + 1, TASKS};
    for (int threads = 1; threads <= THREADS; threads++) {
        struct pool *pool;
        assert_int_equal(pool_new(&pool, threads), 0);
        assert_int_equal(pool_threads(pool), threads);
        for (int i = 0; i < 7; i++) {
            struct record record = {.workers = threads};
            pool_run(pool, tasks[i], note, &record);
            assert_each_ran(&record, tasks[i], 1);
        }
        pool_free(pool);
    }
}

static void a_pool_is_used_again_and_again(void **state)
{
    (void)state;
    struct record record = {.workers = THREADS};
    struct pool *pool;
    assert_int_equal(pool_new(&pool, THREADS), 0);
    for (int i = 0; i < 2000; i++)
        pool_run(pool, 7, note, &record);
    assert_each_ran(&record, 7, 2000);
    pool_free(pool);
}

/* Sums of the values that the run before left: a run begins when the one before has ended, and sees all it wrote. */
static void add_neighbours(void *context, int task, int worker)
{
    (void)worker;
    int(*values)[TASKS] = context;
    values[1][task] = values[0][task] + values[0][(task + 1) % TASKS];
}

static void a_run_sees_everything_that_the_run_before_wrote(void **state)
{
    (void)state;
    int values[2][TASKS];
    struct pool *pool;
    for (int i = 0; i < TASKS; i++)
        values[0][i] = 1;
    assert_int_equal(pool_new(&pool, THREADS), 0);
    for (int run = 1; run <= 20; run++) {
        pool_run(pool, TASKS, add_neighbours, values);
        memcpy(values[0], values[1], sizeof values[0]);
        for (int i = 0; i < TASKS; i++)
            assert_int_equal(values[0][i], 1 << run);
    }
    pool_free(pool);
}

static void several_pools_live_side_by_side(void **state)
{
    (void)state;
    struct record one = {.workers = 2}, other = {.workers = 3};
    struct pool *first, *second;
    assert_int_equal(pool_new(&first, 2), 0);
    assert_int_equal(pool_new(&second, 3), 0);
    pool_run(first, 10, note, &one);
    pool_run(second, 20, note, &other);
    pool_free(first);
    pool_run(second, 20, note, &other);
    assert_each_ran(&one, 10, 1);
    assert_each_ran(&other, 20, 2);
    pool_free(second);
}

static void no_threads_means_one_for_each_processor(void **state)
{
    (void)state;
    struct pool *pool;
    assert_int_equal(pool_new(&pool, 0), 0);
    assert_in_range(pool_threads(pool), 1, 256);
    pool_free(pool);
}

static void an_impossible_number_of_threads_is_refused(void **state)
{
    (void)state;
    static const int impossible[] = {-1, 257};
    for (int i = 0; i < 2; i++) {
        struct pool *pool = NULL;
        assert_int_equal(pool_new(&pool, impossible[i]), STATUS_INPUT);
        assert_null(pool);
        assert_non_null(strstr(error_message(), i ? "257" : "-1"));
    }
}

static void freeing_nothing_is_fine(void **state)
{
    (void)state;
    pool_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(a_pool_is_used_again_and_again),
        cmocka_unit_test(a_run_sees_everything_that_the_run_before_wrote),
        cmocka_unit_test(several_pools_live_side_by_side),
        cmocka_unit_test(no_threads_means_one_for_each_processor),
        cmocka_unit_test(an_impossible_number_of_threads_is_refused),
        cmocka_unit_test(freeing_nothing_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
