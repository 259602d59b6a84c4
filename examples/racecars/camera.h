/* A pinhole camera.
 *
 * Promises: picture x to the right and y downwards, in pixels, (0, 0) the top left corner of the picture.
 * Must not know: what it looks at. */
#ifndef RACECARS_CAMERA_H
#define RACECARS_CAMERA_H

#include "vec.h"

typedef struct camera {
    vec3 position, right, up, forward;
    float focal;              /* pixels */
    float centre_x, centre_y; /* where `forward` meets the picture */
} camera;

/* Looks from `position` at `target`, rolled by `roll` radians; focal and centre are the caller's. */
static inline camera camera_look(vec3 position, vec3 target, float roll)
{
    camera eye = {.position = position, .forward = vec3_unit(vec3_sub(target, position)), .focal = 1.0f};
    vec3 level = vec3_unit(vec3_cross(eye.forward, vec3_make(0.0f, 0.0f, 1.0f)));
    vec3 over = vec3_cross(level, eye.forward);
    eye.right = vec3_along(vec3_scale(level, cosf(roll)), over, sinf(roll));
    eye.up = vec3_cross(eye.right, eye.forward);
    return eye;
}

/* (right, up, depth) of a world point. */
static inline vec3 camera_view(const camera *eye, vec3 world)
{
    vec3 d = vec3_sub(world, eye->position);
    return vec3_make(vec3_dot(d, eye->right), vec3_dot(d, eye->up), vec3_dot(d, eye->forward));
}

/* The world direction through picture point (x, y), with depth 1 along `forward`. */
static inline vec3 camera_ray(const camera *eye, float x, float y)
{
    vec3 d = vec3_along(eye->forward, eye->right, (x - eye->centre_x) / eye->focal);
    return vec3_along(d, eye->up, (eye->centre_y - y) / eye->focal);
}

#endif
