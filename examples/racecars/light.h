/* Sun, sky and the shadows that cars throw.
 *
 * Promises: colours are linear; 1 is a white thing in full sun at noon, about.
 * Must not know: textures, pictures. */
#ifndef RACECARS_LIGHT_H
#define RACECARS_LIGHT_H

#include "random.h"
#include "raster.h"

enum weather { WEATHER_NOON, WEATHER_SIDE, WEATHER_OVERCAST, WEATHER_EVENING, WEATHER_COUNT };

typedef struct light {
    enum weather weather;
    vec3 sun_direction; /* towards the sun, unit */
    vec3 sun;           /* irradiance of a face turned to it */
    vec3 zenith, horizon, ground; /* what is seen there */
    float cloud;        /* 0 clear .. 1 covered */
    uint32_t cloud_salt;
} light;

light light_choose(random_stream *stream, enum weather weather);

/* The radiance of the sky (or of the ground below the horizon) in a unit direction. */
vec3 light_sky(const light *l, vec3 direction, int with_clouds);

/* Irradiance of a face with unit normal `normal`, of which `sunlit` (0..1) sees the sun and `open` (0..1) the sky. */
vec3 light_on(const light *l, vec3 normal, float sunlit, float open);

/* A shadow map seen from the sun around one point. */
enum { SHADOW_SIZE = 384 };

typedef struct shadow_map {
    raster_buffer buffer; /* SHADOW_SIZE square, no owners */
    vec3 centre, right, up, towards_sun;
    float scale; /* samples a metre */
} shadow_map;

void shadow_aim(shadow_map *map, const light *l, vec3 centre, float radius);
raster_point shadow_point(const shadow_map *map, vec3 world);

/* 1 in the sun, 0 in shadow; 1 outside the map. */
float shadow_sunlit(const shadow_map *map, vec3 world);

#endif
