/* Numbers that agree within a tolerance. Include after cmocka.h. */
#ifndef TEST_NEAR_H
#define TEST_NEAR_H

#include <math.h>

static void near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.17g instead of %.17g", value, expected);
}

#endif
