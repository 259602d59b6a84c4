/* The colour of a point on a car.
 *
 * Promises: linear radiance; no state.
 * Must not know: pictures. */
#ifndef RACECARS_SHADE_H
#define RACECARS_SHADE_H

#include "livery.h"
#include "light.h"
#include "mesh.h"

typedef struct shade_spot {
    vec3 local;      /* in the car's metres */
    vec3 world;
    vec3 normal;     /* world, unit, towards the viewer's side */
    vec3 to_viewer;  /* unit */
    enum surface surface;
    int level;       /* texture level */
    float wheel_turn; /* radians that wheels turn while the shutter is open */
} shade_spot;

vec3 shade_car(const shade_spot *spot, const livery *paint, const light *sun, const shadow_map *shadows);

#endif
