/* Reference values of variants that the library does not offer, because nobody should report them: computed from the
 * pieces that its measures are made of, which must therefore be right; and the sums that say that the inputs are the
 * reference's. */
#include "eval/frechet.h"
#include "eval/kid.h"
#include "eval/loops.h"
#include "eval/neighbours.h"
#include "eval/panels.h"
#include "eval/products.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"
#include "near.h"
#include "reference_inputs.h"
#include "two_threads.h"

enum { ROWS = REFERENCE_ROWS, WIDTH = REFERENCE_WIDTH };

static double x_values[ROWS * WIDTH], y_values[ROWS * WIDTH];
static const struct feature_set x = {x_values, ROWS, WIDTH}, y = {y_values, ROWS, WIDTH};

static int begin(void **state)
{
    reference_features(x_values, y_values);
    return two_threads_begin(state);
}

/* ---- Inputs ------------------------------------------------------------------------------------------------- */

static double sum_of(const double *values, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += values[i];
    return sum;
}

static void the_features_are_those_of_the_reference(void **state)
{
    (void)state;
    static const double first_x[4] = {0.236455500125885, 0.3692706227302551, 0.5042420029640198, 0.7048832178115845},
                        first_y[4] = {0.17763228714466095, 0.5949808061122894, 0.1417127251625061, 0.8064247071743011};
    near(sum_of(x_values, ROWS * WIDTH), 521.8557484149933, 1e-9);
    near(sum_of(y_values, ROWS * WIDTH), 526.1307446956635, 1e-9);
    for (int i = 0; i < 4; i++) {
        near(x_values[i], first_x[i], 1e-15);
        near(y_values[i], first_y[i], 1e-15);
    }
}

/* ---- Frechet distance --------------------------------------------------------------------------------------- */

static void the_frechet_distance_of_population_covariances_has_its_known_value(void **state)
{
    (void)state;
    const struct feature_set *const sets[2] = {&x, &y};
    struct moments moments[2];
    double value = NAN;
    for (int s = 0; s < 2; s++) {
        must(moments_new(&moments[s], sets[s], "reference", pool));
        for (int i = 0; i < WIDTH * WIDTH; i++)
            moments[s].covariance[i] *= (ROWS - 1.) / ROWS;
    }
    must(frechet_distance(&value, &moments[0], &moments[1], pool));
    near(value, 0.5901270888341783, 1e-9);
    moments_free(&moments[0]);
    moments_free(&moments[1]);
}

/* ---- Discrepancies with other kernels and estimates --------------------------------------------------------- */

/* Sums of a kernel over all pairs of different images, and over each image with itself. */
struct kernel_sums {
    double x, y, between; /* of pairs of different images within a set; of all pairs between the sets */
    double x_diagonal, y_diagonal;
};

static double unbiased(const struct kernel_sums *sums)
{
    return (sums->x + sums->y) / (ROWS * (ROWS - 1.)) - 2 * sums->between / (ROWS * ROWS);
}

static double biased(const struct kernel_sums *sums)
{
    return (sums->x + sums->x_diagonal + sums->y + sums->y_diagonal - 2 * sums->between) / (ROWS * ROWS);
}

/* All of (a'b / WIDTH + 1)^3, and the diagonal's part of it. */
static double sum_polynomial(double *diagonal, const struct feature_set *a, const struct feature_set *b)
{
    static double kernel[ROWS * ROWS];
    struct panels panels_a, panels_b;
    must(panels_of_rows(&panels_a, a, pool));
    must(panels_of_rows(&panels_b, b, pool));
    must(products_all(kernel, &panels_a, &panels_b, pool));
    eval_loops_here()->cube(kernel, ROWS * ROWS, 1. / WIDTH);
    panels_free(&panels_a);
    panels_free(&panels_b);
    *diagonal = 0;
    for (int i = 0; i < ROWS; i++)
        *diagonal += kernel[i * ROWS + i];
    return sum_of(kernel, ROWS * ROWS);
}

static void the_biased_kid_has_its_known_value(void **state)
{
    (void)state;
    struct kernel_sums sums;
    struct kid kid;
    double unused;
    sums.x = sum_polynomial(&sums.x_diagonal, &x, &x) - sums.x_diagonal;
    sums.y = sum_polynomial(&sums.y_diagonal, &y, &y) - sums.y_diagonal;
    sums.between = sum_polynomial(&unused, &x, &y);
    near(biased(&sums), 0.1042325739600809, 1e-9);
    must(kid_measure(&kid, &x, &y, 1, pool));
    near(unbiased(&sums), kid.value, 1e-12);
}

/* Of exp(-d^2 / (2 sigma^2)) over all pairs, without those of an image with itself within a set. */
static double sum_gaussian(const struct feature_set *a, const struct feature_set *b, double sigma)
{
    static double squared[ROWS * ROWS];
    const int others = a == b ? ROWS - 1 : ROWS;
    double sum = 0;
    must(neighbours_nearest_squared(squared, NULL, a, b, others, a == b, pool));
    for (int i = 0; i < ROWS * others; i++)
        sum += exp(-squared[i] / (2 * sigma * sigma));
    return sum;
}

static struct kernel_sums gaussian_sums(double sigma)
{
    return (struct kernel_sums){sum_gaussian(&x, &x, sigma), sum_gaussian(&y, &y, sigma), sum_gaussian(&x, &y, sigma),
                                ROWS, ROWS};
}

static void discrepancies_with_gaussian_kernels_have_their_known_values(void **state)
{
    (void)state;
    const struct kernel_sums wide = gaussian_sums(10), narrow = gaussian_sums(1);
    near(1000 * biased(&wide), 3.3487635934328353, 1e-9);
    near(unbiased(&narrow), 0.12283667138112497, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_features_are_those_of_the_reference),
        cmocka_unit_test(the_frechet_distance_of_population_covariances_has_its_known_value),
        cmocka_unit_test(the_biased_kid_has_its_known_value),
        cmocka_unit_test(discrepancies_with_gaussian_kernels_have_their_known_values),
    };
    return cmocka_run_group_tests(tests, begin, two_threads_end);
}
