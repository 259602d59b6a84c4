/* Eigenvalues are those that matrices were made from, at every size and scale, and do not depend on the number of
 * threads. */
#include "eval/eigenvalues.h"

#include "base/memory.h"
#include "base/philox.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "must.h"
#include "two_threads.h"

static const double pi = 3.14159265358979323846;
static double *room(int64_t numbers)
{
    double *values = memory_new((size_t)numbers, sizeof *values);
    assert_non_null(values);
    return values;
}

/* matrix = H matrix H for the reflection H = 1 - 2 v v^T of a random v of length 1, which changes no eigenvalue. */
static void turn(double *matrix, int64_t n, uint64_t seed)
{
    float *random = memory_new((size_t)n, sizeof *random);
    double *v = room(n), *product = room(n), length = 0, inner = 0;
    assert_non_null(random);
    random_normal((random_address){seed, 0, RANDOM_USER, 0}, 0, (uint64_t)n, random);
    for (int64_t i = 0; i < n; i++)
        length += (double)random[i] * (double)random[i];
    for (int64_t i = 0; i < n; i++)
        v[i] = (double)random[i] / sqrt(length);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            product[i] += matrix[i * n + j] * v[j];
    for (int64_t i = 0; i < n; i++)
        inner += product[i] * v[i];
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            matrix[i * n + j] += 4 * inner * v[i] * v[j] - 2 * (v[i] * product[j] + product[i] * v[j]);
    free(random);
    free(v);
    free(product);
}

/* Ascending, with zeros, negative ones and one of them many times. */
static double wanted(int64_t i, int64_t n, double scale)
{
    const double place = (double)(i - n / 4);
    return scale * (i > n / 2 ? (double)(n / 2 - n / 4) : place);
}

static void the_eigenvalues_come_back(int64_t n, double scale)
{
    double *matrix = room(n * n), *values = room(n);
    for (int64_t i = 0; i < n; i++)
        matrix[i * n + i] = wanted(n - 1 - i, n, scale);
    for (uint64_t seed = 1; seed <= 3; seed++)
        turn(matrix, n, seed);
    must(symmetric_eigenvalues(values, matrix, n, pool));
    for (int64_t i = 0; i < n; i++)
        if (!(fabs(values[i] - wanted(i, n, scale)) <= 1e-13 * scale * (double)n))
            fail_msg("%lld of %lld is %.17g instead of %.17g", (long long)i, (long long)n, values[i],
                     wanted(i, n, scale));
    free(matrix);
    free(values);
}

static void a_matrix_gives_back_the_eigenvalues_that_it_was_made_from(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1, 2, 3, 4, 5, 16, 32, 33, 34, 65, 128, 255, 256, 257, 300};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        the_eigenvalues_come_back(sizes[i], 1);
}

static void tiny_and_huge_matrices_are_no_less_exact(void **state)
{
    (void)state;
    the_eigenvalues_come_back(70, 1e-200);
    the_eigenvalues_come_back(70, 1e200);
}

static void second_differences_have_the_eigenvalues_of_the_formula(void **state)
{
    (void)state;
    enum { N = 270 };
    double *matrix = room(N * N), values[N];
    for (int i = 0; i < N; i++) {
        matrix[i * N + i] = 2;
        if (i > 0)
            matrix[i * N + i - 1] = -1;
    }
    must(symmetric_eigenvalues(values, matrix, N, pool));
    for (int i = 0; i < N; i++)
        assert_true(fabs(values[i] - (2 - 2 * cos((i + 1) * pi / (N + 1)))) < 1e-13);
    free(matrix);
}

static void nothing_has_eigenvalues_of_nothing(void **state)
{
    (void)state;
    enum { N = 40 };
    double *matrix = room(N * N), values[N];
    memset(values, 1, sizeof values);
    must(symmetric_eigenvalues(values, matrix, N, pool));
    for (int i = 0; i < N; i++)
        assert_true(values[i] == 0);
    free(matrix);
}

static void only_the_lower_triangle_is_read(void **state)
{
    (void)state;
    double matrix[] = {2, NAN, NAN, 0, 3, NAN, 1, 0, 2}, values[3];
    must(symmetric_eigenvalues(values, matrix, 3, pool));
    assert_true(fabs(values[0] - 1) < 1e-15 && fabs(values[1] - 3) < 1e-15 && fabs(values[2] - 3) < 1e-15);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    enum { N = 300, COUNT = N * N };
    float *random = memory_new(COUNT, sizeof *random);
    double *matrix = room(COUNT), values[2][N];
    assert_non_null(random);
    random_normal((random_address){7, 0, RANDOM_USER, 0}, 0, COUNT, random);
    for (int threads = 1; threads <= 3; threads += 2) {
        struct pool *some;
        must(pool_new(&some, threads));
        for (int i = 0; i < COUNT; i++)
            matrix[i] = (double)random[i];
        must(symmetric_eigenvalues(values[threads / 2], matrix, N, some));
        pool_free(some);
    }
    assert_memory_equal(values[0], values[1], sizeof values[0]);
    free(random);
    free(matrix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_matrix_gives_back_the_eigenvalues_that_it_was_made_from),
        cmocka_unit_test(tiny_and_huge_matrices_are_no_less_exact),
        cmocka_unit_test(second_differences_have_the_eigenvalues_of_the_formula),
        cmocka_unit_test(nothing_has_eigenvalues_of_nothing),
        cmocka_unit_test(only_the_lower_triangle_is_read),
        cmocka_unit_test(threads_change_no_bit),
    };
    return cmocka_run_group_tests(tests, two_threads_begin, two_threads_end);
}
