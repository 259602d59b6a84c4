/* Factors multiply to the matrix that they are of, at all sizes of its last block and of any rank. */
#include "eval/cholesky.h"
#include "eval/moments.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "must.h"
#include "normal_sets.h"
#include "two_threads.h"

static double *factor_of(const double *matrix, int64_t n, int64_t *rank)
{
    double *factor = memory_new((size_t)(n * n), sizeof *factor);
    assert_non_null(factor);
    must(cholesky_factor(factor, rank, matrix, n, pool));
    return factor;
}

/* Of the covariance of so many images. */
static void check(int64_t n, int64_t images, int64_t expected_rank)
{
    const struct feature_set set = normal_set(images, n, 1, 2);
    struct moments moments;
    int64_t rank = -1;
    must(moments_new(&moments, &set, "set", pool));
    double *factor = factor_of(moments.covariance, n, &rank);
    assert_int_equal(rank, expected_rank);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            double sum = 0;
            for (int64_t k = 0; k < rank; k++)
                sum += factor[i * n + k] * factor[j * n + k];
            if (!(fabs(sum - moments.covariance[i * n + j]) <= 1e-12 * (double)n))
                fail_msg("%d of %d: element %d, %d is %.17g instead of %.17g", (int)n, (int)images, (int)i, (int)j, sum,
                         moments.covariance[i * n + j]);
        }
    free(factor);
    moments_free(&moments);
    normal_set_free(set);
}

static void the_factor_s_square_is_the_matrix_at_every_size(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1, 2, 7, 16, 63, 64, 65, 100, 128, 129, 200, 273};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check(sizes[i], 3 * sizes[i] + 2, sizes[i]);
}

static void fewer_images_than_features_have_a_factor_of_their_rank(void **state)
{
    (void)state;
    check(40, 20, 19);
    check(130, 100, 99);
}

static void of_one_number_it_is_the_root(void **state)
{
    (void)state;
    int64_t rank;
    double *factor = factor_of(&(double){9}, 1, &rank);
    assert_true(rank == 1 && factor[0] == 3);
    free(factor);
}

static void of_nothing_but_zeros_it_has_no_columns(void **state)
{
    (void)state;
    int64_t rank;
    double zeros[9] = {0};
    double *factor = factor_of(zeros, 3, &rank);
    assert_int_equal(rank, 0);
    free(factor);
}

static void the_bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    enum { N = 200 };
    const struct feature_set set = normal_set(500, N, 3, 1);
    struct moments moments;
    int64_t rank;
    must(moments_new(&moments, &set, "set", pool));
    double *two = factor_of(moments.covariance, N, &rank);
    struct pool *others = pool;
    must(pool_new(&pool, 1));
    double *one = factor_of(moments.covariance, N, &rank);
    pool_free(pool);
    pool = others;
    assert_memory_equal(one, two, N * N * sizeof *one);
    free(one);
    free(two);
    moments_free(&moments);
    normal_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_factor_s_square_is_the_matrix_at_every_size),
        cmocka_unit_test(fewer_images_than_features_have_a_factor_of_their_rank),
        cmocka_unit_test(of_one_number_it_is_the_root),
        cmocka_unit_test(of_nothing_but_zeros_it_has_no_columns),
        cmocka_unit_test(the_bits_do_not_depend_on_threads),
    };
    return cmocka_run_group_tests(tests, two_threads_begin, two_threads_end);
}
