/* A triangle mesh made of grids of points.
 *
 * Promises: every part is a grid whose normals are smooth within it; a crease is a new grid. Windings are free: the
 * renderer looks at both sides.
 * Must not know: textures, cameras. */
#ifndef RACECARS_MESH_H
#define RACECARS_MESH_H

#include <stddef.h>
#include <stdint.h>

#include "vec.h"

/* What a triangle is made of. The first five take their paint from the livery's texture of that name. */
enum surface {
    SURFACE_LEFT,
    SURFACE_RIGHT,
    SURFACE_TOP,
    SURFACE_FRONT,
    SURFACE_REAR,
    SURFACE_TRIM,
    SURFACE_TYRE,
    SURFACE_RIM,
    SURFACE_COUNT
};

typedef struct mesh_vertex {
    vec3 position, normal;
} mesh_vertex;

typedef struct mesh_triangle {
    uint32_t corner[3];
    enum surface surface;
} mesh_triangle;

typedef struct mesh {
    mesh_vertex *vertices;
    mesh_triangle *triangles;
    size_t vertex_count, vertex_room;
    size_t triangle_count, triangle_room;
    int failed; /* 1 after an allocation failed; adding to it is then a no-op */
} mesh;

/* Adds a grid of rows x columns points; strips[c] is the surface between columns c and c+1. */
void mesh_add_grid(mesh *out, const vec3 *points, int rows, int columns, const enum surface *strips);

/* The same with one surface. */
void mesh_add_sheet(mesh *out, const vec3 *points, int rows, int columns, enum surface surface);

void mesh_free(mesh *m);

#endif
