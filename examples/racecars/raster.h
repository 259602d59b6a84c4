/* Which triangle is seen where: a z-buffer of triangle numbers.
 *
 * Promises: writes only inside the given buffers; triangles nearer than the near plane are dropped whole.
 * Must not know: materials, light. */
#ifndef RACECARS_RASTER_H
#define RACECARS_RASTER_H

#include <stdint.h>

#include "mesh.h"

#define RASTER_NOTHING UINT32_MAX

/* A vertex on the picture: x, y in samples; nearness grows towards the viewer and is linear over the picture. */
typedef struct raster_point {
    float x, y, nearness; /* nearness <= 0: not in front of the viewer */
} raster_point;

typedef struct raster_buffer {
    int width, height;
    float *nearness; /* (height, width), 0 = nothing */
    uint32_t *owner; /* (height, width) or NULL; RASTER_NOTHING where nothing is seen */
} raster_buffer;

void raster_clear(raster_buffer *buffer);

/* points[i] belongs to vertex i of the mesh; triangle k is written as first_owner + k. */
void raster_mesh(raster_buffer *buffer, const mesh *shape, const raster_point *points, uint32_t first_owner);

#endif
