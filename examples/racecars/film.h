/* What lens, shutter and sensor do to a picture.
 *
 * Promises: works on linear colours in place or into a second plane of the same size.
 * Must not know: geometry; it is told how far every pixel moves. */
#ifndef RACECARS_FILM_H
#define RACECARS_FILM_H

#include "scene.h"

/* A pixel of the background: colour times cover, cover in [0, 1], and its way over the picture in pixels while the
 * shutter is open. */
typedef struct film_pixel {
    vec3 colour;
    float cover;
    float move_x, move_y;
} film_pixel;

/* Colour of the background at (column, row) with its motion blur; pixels without cover do not count. */
vec3 film_moved(const film_pixel *plane, int size, int column, int row);

/* Lays poles and fence before the lens over one pixel. */
vec3 film_behind_poles(const scene *s, vec3 behind, int column, int row);

/* Shake, vignette, exposure, tone curve and grain: plane (size, size) to bytes (size, size, 3). */
void film_develop(const scene *s, const vec3 *plane, int size, unsigned char *bytes);

#endif
