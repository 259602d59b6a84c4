/* A livery: the five textures of one painted car.
 *
 * Promises: textures lie in the car's own metres: sides (x, z), top (x, y), front and rear (y, z).
 * Must not know: who wears it, cameras, light. */
#ifndef RACECARS_LIVERY_H
#define RACECARS_LIVERY_H

#include "canvas.h"
#include "mesh.h"
#include "scheme.h"

typedef struct livery {
    texture sheets[SURFACE_REAR + 1]; /* by enum surface */
    vec3 rim;                         /* linear colour of the wheels */
} livery;

/* Paints number and scheme at `scale` texels a metre. 0, or -1 without memory (then free it all the same). */
int livery_paint(livery *out, const scheme *paint, int number, float scale);
void livery_free(livery *l);

#endif
