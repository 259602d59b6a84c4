/* The generator and the features made with it. */
#include "reference_inputs.h"

void reference_unit(double *values, int64_t count, uint32_t seed)
{
    for (int64_t i = 0; i < count; i++) {
        seed = 1664525u * seed + 1013904223u;
        values[i] = (double)(seed >> 8) / 16777216.0;
    }
}

void reference_features(double x[REFERENCE_ROWS * REFERENCE_WIDTH], double y[REFERENCE_ROWS * REFERENCE_WIDTH])
{
    reference_unit(x, REFERENCE_ROWS * REFERENCE_WIDTH, 1);
    reference_unit(y, REFERENCE_ROWS * REFERENCE_WIDTH, 2);
    for (int i = 0; i < REFERENCE_ROWS * REFERENCE_WIDTH; i++)
        y[i] = 0.75 * y[i] + 0.25 * (i & 1); /* the width is even: i & 1 is the column's */
}
