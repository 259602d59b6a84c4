/* Inputs of the reference values that tests of evaluation are held against: made by a linear congruential generator and
 * integer arithmetic, so that any language can rebuild them to the bit. */
#ifndef TESTS_REFERENCE_INPUTS_H
#define TESTS_REFERENCE_INPUTS_H

#include <stdint.h>

enum { REFERENCE_ROWS = 64, REFERENCE_WIDTH = 16, REFERENCE_HALF = REFERENCE_ROWS / 2 };

/* s <- 1664525 s + 1013904223; values in [0, 1): (s >> 8) / 2^24. */
void reference_unit(double *values, int64_t count, uint32_t seed);

/* X (seed 1) and Y (seed 2: .75 unit + .25 (column & 1)), 64 x 16 each. */
void reference_features(double x[REFERENCE_ROWS * REFERENCE_WIDTH], double y[REFERENCE_ROWS * REFERENCE_WIDTH]);

#endif
