/* plain_f64, which every other backend is compared with, against results worked out by hand. */
#include "base/philox.h"
#include "kernel_harness.h"
#include "kernel_requests.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_result(const struct kernel_request *request, const double *a, const double *b,
                          const double *expected)
{
    const double *inputs[] = {a, b};
    double *result = harness_zeros(shape_elements(&request->output));
    assert_int_equal(harness_run(&plain_f64, request, inputs, result, 1), 0);
    for (int64_t i = 0; i < shape_elements(&request->output); i++)
        if (!(fabs(result[i] - expected[i]) < 1e-12))
            fail_msg("%s: element %d is %g instead of %g", operation_table[request->operation.kind].name, (int)i,
                     result[i], expected[i]);
    free(result);
}
#define NUMBERS(...) (const double[]){__VA_ARGS__}

static void a_convolution_is_a_correlation_with_zeros_around(void **state)
{
    (void)state;
    const struct conv_case c = {1, 2, 3, 1, 1, {3, 3}, {1, 1}, {1, 1}, 1};
    const struct kernel_request conv = conv_request(&c, 1);
    const double *w = NUMBERS(1, 2, 3, 4, 5, 6, 7, 8, 9);
    /* row 0 of x: 1 2 3, row 1: 4 5 6 */
    assert_result(&conv, NUMBERS(1, 2, 3, 4, 5, 6), w,
                  NUMBERS(5 * 1 + 6 * 2 + 8 * 4 + 9 * 5, 4 * 1 + 5 * 2 + 6 * 3 + 7 * 4 + 8 * 5 + 9 * 6,
                          4 * 2 + 5 * 3 + 7 * 5 + 8 * 6, 2 * 1 + 3 * 2 + 5 * 4 + 6 * 5,
                          1 * 1 + 2 * 2 + 3 * 3 + 4 * 4 + 5 * 5 + 6 * 6, 1 * 2 + 2 * 3 + 4 * 5 + 5 * 6));
}

static void a_strided_grouped_convolution_keeps_its_groups_apart(void **state)
{
    (void)state;
    const struct conv_case c = {1, 3, 3, 2, 2, {1, 1}, {2, 2}, {0, 0}, 2};
    const struct kernel_request conv = conv_request(&c, 1);
    double x[18];
    for (int i = 0; i < 18; i++)
        x[i] = i;
    assert_result(&conv, x, NUMBERS(10, 100), NUMBERS(0, 100, 40, 500, 120, 1300, 160, 1700));
}

static void a_transposed_convolution_writes_its_kernel(void **state)
{
    (void)state;
    const struct conv_case c = {1, 4, 4, 1, 1, {2, 2}, {2, 2}, {0, 0}, 1};
    const struct kernel_request dx = request_exchanged(conv_request(&c, 1), OP_CONV_DX, 0);
    assert_result(&dx, NUMBERS(1, 10, 100, 1000), NUMBERS(1, 2, 3, 4),
                  NUMBERS(1, 2, 10, 20, 3, 4, 30, 40, 100, 200, 1000, 2000, 300, 400, 3000, 4000));
}

static void a_weight_gradient_sums_over_images_and_shards(void **state)
{
    (void)state;
    const struct conv_case c = {3, 1, 2, 1, 1, {1, 1}, {1, 1}, {0, 0}, 1};
    const struct kernel_request dw = request_exchanged(conv_request(&c, 3), OP_CONV_DW, 1);
    assert_result(&dw, NUMBERS(1, 2, 3, 4, 5, 6), NUMBERS(1, 1, 10, 10, 100, 100), NUMBERS(3 + 70 + 1100));
}

static void a_matrix_product_transposes_either_operand(void **state)
{
    (void)state;
    /* a = [1 2; 3 4], b = [5 6; 7 8] */
    static const double expected[4][4] = {
        {19, 22, 43, 50}, {26, 30, 38, 44}, {17, 23, 39, 53}, {23, 31, 34, 46}};
    for (int t = 0; t < 4; t++) {
        const struct kernel_request matmul = matmul_request(false, 0, 2, 2, 2, t & 1, t & 2, 1);
        assert_result(&matmul, NUMBERS(1, 2, 3, 4), NUMBERS(5, 6, 7, 8), expected[t]);
    }
}

static void a_product_that_contracts_the_batch_sums_its_shards(void **state)
{
    (void)state;
    const struct kernel_request matmul = matmul_request(true, 0, 1, 3, 2, true, false, 2);
    assert_false(matmul.output.batch);
    assert_result(&matmul, NUMBERS(1, 2, 3), NUMBERS(1, 10, 2, 20, 3, 30), NUMBERS(14, 140));
}

static void nearest_upsampling_repeats_pixels(void **state)
{
    (void)state;
    const struct kernel_request upsample = scale_request(1, 2, 2, 1, 2, 3, 1);
    assert_result(&upsample, NUMBERS(1, 2, 3, 4), NULL,
                  NUMBERS(1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4));
}

static void bilinear_resampling_has_half_pixel_centres_and_clamps(void **state)
{
    (void)state;
    const struct kernel_request up = resample_request(1, (int64_t[]){1, 2}, (int64_t[]){1, 4}, 1, 1);
    assert_result(&up, NUMBERS(0, 8), NULL, NUMBERS(0, 2, 6, 8));
    const struct kernel_request down = resample_request(1, (int64_t[]){4, 1}, (int64_t[]){2, 1}, 1, 1);
    assert_result(&down, NUMBERS(1, 3, 10, 20), NULL, NUMBERS(2, 15));
}

static void the_identity_warp_changes_nothing(void **state)
{
    (void)state;
    const struct kernel_request warp = warp_request(1, 2, 3, 1, 1);
    const double *x = NUMBERS(1, 2, 3, 4, 5, 6);
    assert_result(&warp, x, NUMBERS(1, 0, 0, 0, 1, 0), x);
}

static void a_warp_by_one_pixel_shifts_and_fills_with_zeros(void **state)
{
    (void)state;
    const struct kernel_request warp = warp_request(1, 2, 4, 1, 1);
    const double *x = NUMBERS(1, 2, 3, 4, 5, 6, 7, 8);
    assert_result(&warp, x, NUMBERS(1, 0, 0.5, 0, 1, 0), NUMBERS(2, 3, 4, 0, 6, 7, 8, 0));
    assert_result(&warp, x, NUMBERS(1, 0, 0.25, 0, 1, 0), NUMBERS(1.5, 2.5, 3.5, 2, 5.5, 6.5, 7.5, 4));
    assert_result(&warp, x, NUMBERS(-1, 0, 0, 0, 1, 0), NUMBERS(4, 3, 2, 1, 8, 7, 6, 5));
}

static void a_warp_to_nowhere_is_zero(void **state)
{
    (void)state;
    const struct kernel_request warp = warp_request(1, 1, 2, 1, 1);
    assert_result(&warp, NUMBERS(1, 2), NUMBERS(1e300, 0, 1e308, NAN, 1, 0), NUMBERS(0, 0));
}

static void gather_clamps_rows_that_do_not_exist(void **state)
{
    (void)state;
    const struct kernel_request gather = gather_request(false, 2, 2, 5, 1);
    assert_result(&gather, NUMBERS(1, 2, 3, 4), NUMBERS(1, 0, 7, -3, NAN), NUMBERS(3, 4, 1, 2, 3, 4, 1, 2, 1, 2));
}

static void scatter_add_sums_rows_with_the_same_index(void **state)
{
    (void)state;
    const struct kernel_request scatter = request_exchanged(gather_request(true, 3, 1, 4, 2), OP_SCATTER_ADD, 0);
    assert_result(&scatter, NUMBERS(1, 2, 4, 8), NUMBERS(2, 0, 2, 2), NUMBERS(2, 0, 13));
}

static void transpose_slice_pad_and_concat_move_numbers(void **state)
{
    (void)state;
    const struct kernel_request transpose = transpose_request(TENSOR(false, 2, 3), (int[]){1, 0}, 1);
    assert_result(&transpose, NUMBERS(1, 2, 3, 4, 5, 6), NULL, NUMBERS(1, 4, 2, 5, 3, 6));
    const struct kernel_request slice =
        slice_request(TENSOR(false, 2, 3), (int64_t[]){0, 1}, TENSOR(false, 2, 2), 1);
    assert_result(&slice, NUMBERS(1, 2, 3, 4, 5, 6), NULL, NUMBERS(2, 3, 5, 6));
    const struct kernel_request pad = request_exchanged(slice, OP_PAD, 0);
    assert_result(&pad, NUMBERS(2, 3, 5, 6), NULL, NUMBERS(0, 2, 3, 0, 5, 6));
    const struct kernel_request concat = concat_request(TENSOR(true, 2, 1), TENSOR(true, 2, 2), 1, 2);
    assert_result(&concat, NUMBERS(1, 2), NUMBERS(3, 4, 5, 6), NUMBERS(1, 3, 4, 2, 5, 6));
}

static void a_maximum_sees_nan_and_infinity(void **state)
{
    (void)state;
    const struct kernel_request maximum = reduce_max_request(TENSOR(true, 3, 2), 2, 2);
    const double values[] = {1, 3, -INFINITY, -2, 5, NAN};
    const double *inputs[] = {values};
    double result[3];
    assert_int_equal(harness_run(&plain_f64, &maximum, inputs, result, 1), 0);
    assert_true(result[0] == 3 && result[1] == -2 && isnan(result[2]));
}

static void random_numbers_do_not_depend_on_shards(void **state)
{
    (void)state;
    double one[45], three[45];
    const struct kernel_request whole = random_request(TENSOR(true, 9, 5), RANDOM_DISTRIBUTION_NORMAL, 1);
    const struct kernel_request cut = random_request(TENSOR(true, 9, 5), RANDOM_DISTRIBUTION_NORMAL, 4);
    assert_int_equal(harness_run(&plain_f64, &whole, NULL, one, 1), 0);
    assert_int_equal(harness_run(&plain_f64, &cut, NULL, three, 2), 0);
    assert_memory_equal(one, three, sizeof one);
    float expected[5];
    random_normal((random_address){.seed = HARNESS_SEED, .step = HARNESS_STEP, .purpose = RANDOM_USER, .sample = 8}, 0,
                  5, expected);
    for (int i = 0; i < 5; i++)
        assert_true(one[40 + i] == (double)expected[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_convolution_is_a_correlation_with_zeros_around),
        cmocka_unit_test(a_strided_grouped_convolution_keeps_its_groups_apart),
        cmocka_unit_test(a_transposed_convolution_writes_its_kernel),
        cmocka_unit_test(a_weight_gradient_sums_over_images_and_shards),
        cmocka_unit_test(a_matrix_product_transposes_either_operand),
        cmocka_unit_test(a_product_that_contracts_the_batch_sums_its_shards),
        cmocka_unit_test(nearest_upsampling_repeats_pixels),
        cmocka_unit_test(bilinear_resampling_has_half_pixel_centres_and_clamps),
        cmocka_unit_test(the_identity_warp_changes_nothing),
        cmocka_unit_test(a_warp_by_one_pixel_shifts_and_fills_with_zeros),
        cmocka_unit_test(a_warp_to_nowhere_is_zero),
        cmocka_unit_test(gather_clamps_rows_that_do_not_exist),
        cmocka_unit_test(scatter_add_sums_rows_with_the_same_index),
        cmocka_unit_test(transpose_slice_pad_and_concat_move_numbers),
        cmocka_unit_test(a_maximum_sees_nan_and_infinity),
        cmocka_unit_test(random_numbers_do_not_depend_on_shards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
