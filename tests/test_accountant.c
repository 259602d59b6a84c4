/* The privacy accountant against two well-known libraries' published values and the independent reference program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"

#include "audit/accountant.h"

#include <math.h>
#include <string.h>

static void expect_within(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.17g is not %.17g", value, expected);
}

static void expect_epsilon(double rate, double noise, int64_t steps, double delta, double epsilon, double order)
{
    int count;
    double rdp[512], found, at;
    const double *orders = accountant_orders(&count);
    must(accountant_rdp(rdp, rate, noise, steps, orders, count));
    must(accountant_epsilon(&found, &at, rdp, orders, count, delta));
    expect_within(found, epsilon, 1e-8);
    expect_within(at, order, 1e-12);
}

static void epsilons_are_the_published_ones(void **state)
{
    (void)state;
    expect_epsilon(.04, 1.5, 2250, 1e-5, 7.32911117143, 3.9);
    expect_epsilon(150. / 60000, 1.3, 6000, 1e-5, .7242234026109595, 19);
    expect_epsilon(100. / 1e5, 1, 30000, 1e-7, 1.4154988495444842, 13);
}

static void epsilons_of_small_data_are_the_reference_s(void **state)
{
    (void)state;
    expect_epsilon(64. / 2000, 1, 3125, 1e-5, 13.561406208551738, 2.7);
    expect_epsilon(64. / 2000, 2, 3125, 1e-5, 4.565395793465854, 5.4);
}

static void steps_of_two_kinds_add_up_order_by_order(void **state)
{
    (void)state;
    double orders[31], first[31], second[31], epsilon, order;
    for (int i = 0; i < 31; i++)
        orders[i] = i + 2;
    must(accountant_rdp(first, 1e-5, 1, 10, orders, 31));
    must(accountant_rdp(second, 1e-4, 3, 4, orders, 31));
    for (int i = 0; i < 31; i++)
        first[i] += second[i];
    must(accountant_epsilon(&epsilon, &order, first, orders, 31, 1e-5));
    expect_within(epsilon, .3363440633925957, 1e-8);
    assert_true(order == 23);
}

static void sampling_everything_is_the_plain_gaussian_mechanism_and_nothing_is_free(void **state)
{
    (void)state;
    const double orders[2] = {2, 3.5};
    double rdp[2];
    must(accountant_rdp(rdp, 1, 2, 10, orders, 2));
    expect_within(rdp[0], 2. / 8 * 10, 1e-12);
    expect_within(rdp[1], 3.5 / 8 * 10, 1e-12);
    must(accountant_rdp(rdp, 0, 2, 10, orders, 2));
    assert_true(rdp[0] == 0 && rdp[1] == 0);
}

static void fractional_orders_lie_between_whole_ones(void **state)
{
    (void)state;
    const double orders[5] = {2, 2.5, 3, 3.000001, 60.5};
    static const double noises[4] = {.3, 1, 4, 50}; /* little noise needs the far tail of erfc */
    for (int i = 0; i < 4; i++) {
        double rdp[5];
        must(accountant_rdp(rdp, .01, noises[i], 1, orders, 5));
        assert_true(rdp[0] < rdp[1] && rdp[1] < rdp[2]);
        expect_within(rdp[3] / rdp[2], 1, 1e-4);
        assert_true(isnan(rdp[4]) || rdp[4] > rdp[2]);
    }
}

static void noise_for_epsilon_10_falls_with_the_number_of_images(void **state)
{
    (void)state;
    static const struct {
        double images, noise, about;
    } known[] = {{500, 6, 1.5}, {1000, 3, .8}, {2000, 1.5, .4}, {5000, 1, .3}};
    for (int i = 0; i < 4; i++) {
        double noise;
        must(accountant_noise(&noise, 10, 1e-5, 64 / known[i].images, 5000));
        expect_within(noise, known[i].noise, known[i].about);
    }
}

static void what_cannot_be_accounted_for_is_refused(void **state)
{
    (void)state;
    const double orders[1] = {2}, low[1] = {1};
    double rdp[1], epsilon, order, noise;
    refuses(accountant_rdp(rdp, 1.5, 1, 1, orders, 1), "a sampling rate of 1.5");
    refuses(accountant_rdp(rdp, NAN, 1, 1, orders, 1), "a sampling rate of nan");
    refuses(accountant_rdp(rdp, .5, 0, 1, orders, 1), "a noise of 0");
    refuses(accountant_rdp(rdp, .5, 1, -1, orders, 1), "-1 steps");
    refuses(accountant_rdp(rdp, .5, 1, 1, low, 1), "an order of 1 ");
    must(accountant_rdp(rdp, .5, 1, 1, orders, 1));
    refuses(accountant_epsilon(&epsilon, &order, rdp, orders, 1, 0), "a delta of 0");
    refuses(accountant_noise(&noise, -1, 1e-5, .1, 10), "an epsilon of -1");
    refuses(accountant_noise(&noise, 1e-9, 1e-5, 1, 1000000000), "no noise up to");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epsilons_are_the_published_ones),
        cmocka_unit_test(epsilons_of_small_data_are_the_reference_s),
        cmocka_unit_test(steps_of_two_kinds_add_up_order_by_order),
        cmocka_unit_test(sampling_everything_is_the_plain_gaussian_mechanism_and_nothing_is_free),
        cmocka_unit_test(fractional_orders_lie_between_whole_ones),
        cmocka_unit_test(noise_for_epsilon_10_falls_with_the_number_of_images),
        cmocka_unit_test(what_cannot_be_accounted_for_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
