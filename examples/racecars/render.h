/* From a scene to 8-bit pixels.
 *
 * Promises: the same scene gives the same bytes; a renderer's buffers are reused from picture to picture and hold no
 * memory of the last one.
 * Must not know: files, threads. */
#ifndef RACECARS_RENDER_H
#define RACECARS_RENDER_H

#include "scene.h"

typedef struct renderer renderer;

/* For pictures of `size` pixels square of cars of this shape. NULL without memory. */
renderer *render_create(int size, const mesh *car);
void render_free(renderer *r);

/* The picture, (size, size, 3), red green blue; valid until the next call. */
const unsigned char *render_scene(renderer *r, const scene *s);

#endif
