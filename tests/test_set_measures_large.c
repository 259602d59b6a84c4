/* Values that are published for sets of ten thousand or for 2,048 features: too slow for the sanitizers. */
#include "eval/frechet.h"
#include "eval/prdc.h"

#include "base/error.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"
#include "near.h"
#include "normal_sets.h"
#include "two_threads.h"

/* The four numbers that Naeem et al. 2020's package prints for its example. They are of one draw: four draws in another
 * language gave .467 to .500, .462 to .475, .985 to 1.102 and .966 to .977. The tolerances are three of their spreads. */
static void ten_thousand_normal_rows_of_a_thousand_numbers_have_the_published_four(void **state)
{
    (void)state;
    const struct feature_set real = normal_set(10000, 1000, 1, 1), generated = normal_set(10000, 1000, 2, 1);
    struct prdc value;
    must(prdc_measure(&value, &real, &generated, 5, 5, pool));
    near(value.precision, 0.477, 0.045);
    near(value.recall, 0.471, 0.02);
    near(value.density, 1.056, 0.15);
    near(value.coverage, 0.974, 0.015);
    normal_set_free(real);
    normal_set_free(generated);
}

static void a_shift_by_1_in_each_of_2048_dimensions_counts_2048(void **state)
{
    (void)state;
    enum { WIDTH = 2048 };
    struct moments a, b;
    double value = NAN;
    normal_moments(&a, WIDTH, 0);
    normal_moments(&b, WIDTH, 1);
    must(frechet_distance(&value, &a, &b, pool));
    near(value, WIDTH, 1e-9);
    moments_free(&a);
    moments_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_normal_rows_of_a_thousand_numbers_have_the_published_four),
        cmocka_unit_test(a_shift_by_1_in_each_of_2048_dimensions_counts_2048),
    };
    return cmocka_run_group_tests(tests, two_threads_begin, two_threads_end);
}
