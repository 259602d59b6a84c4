/* Three-vectors and small helpers in single precision.
 *
 * Promises: plain arithmetic without state; the same input gives the same bits on every thread.
 * Must not know: anything about cars, pictures or files. */
#ifndef RACECARS_VEC_H
#define RACECARS_VEC_H

#include <math.h>

typedef struct vec3 {
    float x, y, z;
} vec3;

/* A rigid placement: columns are the object's own axes seen in the world. */
typedef struct pose {
    vec3 forward, left, up;
    vec3 origin;
} pose;

static inline vec3 vec3_make(float x, float y, float z)
{
    return (vec3){x, y, z};
}

static inline vec3 vec3_add(vec3 a, vec3 b)
{
    return vec3_make(a.x + b.x, a.y + b.y, a.z + b.z);
}

static inline vec3 vec3_sub(vec3 a, vec3 b)
{
    return vec3_make(a.x - b.x, a.y - b.y, a.z - b.z);
}

static inline vec3 vec3_mul(vec3 a, vec3 b)
{
    return vec3_make(a.x * b.x, a.y * b.y, a.z * b.z);
}

static inline vec3 vec3_scale(vec3 a, float s)
{
    return vec3_make(a.x * s, a.y * s, a.z * s);
}

/* a + s b */
static inline vec3 vec3_along(vec3 a, vec3 b, float s)
{
    return vec3_make(a.x + s * b.x, a.y + s * b.y, a.z + s * b.z);
}

static inline float vec3_dot(vec3 a, vec3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline vec3 vec3_cross(vec3 a, vec3 b)
{
    return vec3_make(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}

static inline vec3 vec3_unit(vec3 a)
{
    float square = vec3_dot(a, a);
    return square > 1e-20f ? vec3_scale(a, 1.0f / sqrtf(square)) : vec3_make(0.0f, 0.0f, 1.0f);
}

static inline vec3 vec3_mix(vec3 a, vec3 b, float t)
{
    return vec3_make(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.z + (b.z - a.z) * t);
}

static inline float clampf(float value, float low, float high)
{
    return value < low ? low : value > high ? high : value;
}

static inline float mixf(float a, float b, float t)
{
    return a + (b - a) * t;
}

/* 0 below low, 1 above high, smooth between (Hermite). */
static inline float ramp(float low, float high, float value)
{
    float t = clampf((value - low) / (high - low), 0.0f, 1.0f);
    return t * t * (3.0f - 2.0f * t);
}

/* floor as an integer, without the library call that plain x86-64 needs for floorf. */
static inline int floor_int(float value)
{
    int whole = (int)value;
    return whole - (value < (float)whole);
}

static inline vec3 pose_point(const pose *place, vec3 p)
{
    vec3 world = vec3_along(place->origin, place->forward, p.x);
    world = vec3_along(world, place->left, p.y);
    return vec3_along(world, place->up, p.z);
}

static inline vec3 pose_direction(const pose *place, vec3 d)
{
    vec3 world = vec3_scale(place->forward, d.x);
    world = vec3_along(world, place->left, d.y);
    return vec3_along(world, place->up, d.z);
}

/* The world's point in the object's own coordinates. */
static inline vec3 pose_inverse_point(const pose *place, vec3 world)
{
    vec3 d = vec3_sub(world, place->origin);
    return vec3_make(vec3_dot(d, place->forward), vec3_dot(d, place->left), vec3_dot(d, place->up));
}

#endif
