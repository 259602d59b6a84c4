/* The shape of a stock car, in metres: x forward, y left, z up, the ground under its middle at the origin.
 *
 * Promises: one shape for all cars; only paint tells them apart.
 * Must not know: paint, light, cameras. */
#ifndef RACECARS_CAR_H
#define RACECARS_CAR_H

#include "mesh.h"

#define CAR_NOSE_X 2.62f
#define CAR_TAIL_X (-2.56f)
#define CAR_HALF_WIDTH 0.97f
#define CAR_WHEEL_RADIUS 0.345f
#define CAR_ARCH_RADIUS 0.40f
#define CAR_FRONT_AXLE_X 1.45f
#define CAR_REAR_AXLE_X (-1.36f)

/* Fills `out` (which starts as zero); out->failed is 1 when memory ran out. */
void car_build(mesh *out);

#endif
