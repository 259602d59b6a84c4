/* A gradient sky with a sun, and a shadow map with 2x2 percentage-closer filtering (Reeves et al. 1987). */
#include "light.h"

#define SHADOW_DEPTH 40.0f /* metres before and behind the centre that the map can tell apart */
#define SHADOW_BIAS 0.07f  /* metres */

light light_choose(random_stream *stream, enum weather weather)
{
    static const vec3 suns[WEATHER_COUNT] = {
        {1.55f, 1.46f, 1.30f}, {1.60f, 1.42f, 1.14f}, {0.16f, 0.16f, 0.16f}, {1.65f, 1.22f, 0.78f}};
    static const vec3 zeniths[WEATHER_COUNT] = {
        {0.14f, 0.28f, 0.58f}, {0.17f, 0.30f, 0.56f}, {0.50f, 0.52f, 0.55f}, {0.16f, 0.20f, 0.38f}};
    static const vec3 horizons[WEATHER_COUNT] = {
        {0.52f, 0.62f, 0.74f}, {0.58f, 0.63f, 0.68f}, {0.62f, 0.63f, 0.65f}, {0.74f, 0.56f, 0.44f}};
    static const float heights[WEATHER_COUNT][2] = {{0.95f, 1.35f}, {0.45f, 0.85f}, {0.9f, 1.3f}, {0.16f, 0.38f}};

    float azimuth = random_range(stream, 0.0f, 6.2831853f);
    float height = random_range(stream, heights[weather][0], heights[weather][1]);
    float strength = random_range(stream, 0.85f, 1.15f);
    light l = {.weather = weather, .zenith = zeniths[weather], .horizon = horizons[weather]};
    l.sun_direction = vec3_make(cosf(azimuth) * cosf(height), sinf(azimuth) * cosf(height), sinf(height));
    l.sun = vec3_scale(suns[weather], strength);
    l.ground = vec3_make(0.16f, 0.16f, 0.15f);
    l.cloud = weather == WEATHER_OVERCAST ? 0.9f : random_range(stream, 0.0f, 0.6f);
    l.cloud_salt = (uint32_t)random_bits(stream);
    return l;
}

static float cloud_cover(const light *l, vec3 direction)
{
    float reach = 1.0f / (direction.z + 0.12f);
    float x = direction.x * reach * 1.6f, y = direction.y * reach * 1.6f;
    float shape = 0.6f * noise_value(x, y, l->cloud_salt) + 0.4f * noise_value(2.7f * x, 2.7f * y, l->cloud_salt + 1);
    return ramp(0.75f - 0.5f * l->cloud, 1.05f - 0.5f * l->cloud, shape);
}

vec3 light_sky(const light *l, vec3 direction, int with_clouds)
{
    if (direction.z < 0.0f)
        return vec3_mix(l->horizon, l->ground, ramp(0.0f, 0.12f, -direction.z));
    float rise = 1.0f - (1.0f - direction.z) * (1.0f - direction.z);
    vec3 sky = vec3_mix(l->horizon, l->zenith, rise);
    float toward = vec3_dot(direction, l->sun_direction);
    if (toward > 0.0f) {
        float glow = toward * toward;
        glow *= glow;
        glow *= glow;
        sky = vec3_along(sky, l->sun, 0.22f * glow * glow);
    }
    if (with_clouds && l->cloud > 0.05f)
        sky = vec3_mix(sky, vec3_mix(l->horizon, vec3_make(0.82f, 0.82f, 0.82f), 0.6f), 0.8f * cloud_cover(l, direction));
    return sky;
}

vec3 light_on(const light *l, vec3 normal, float sunlit, float open)
{
    float facing = vec3_dot(normal, l->sun_direction);
    vec3 sum = vec3_scale(l->sun, facing > 0.0f ? facing * sunlit : 0.0f);
    float up = 0.5f + 0.5f * normal.z;
    vec3 sky = vec3_mix(l->horizon, l->zenith, 0.45f);
    sum = vec3_along(sum, sky, 0.80f * up * open);
    return vec3_along(sum, l->ground, 0.8f * (1.0f - up) * open);
}

void shadow_aim(shadow_map *map, const light *l, vec3 centre, float radius)
{
    map->centre = centre;
    map->towards_sun = l->sun_direction;
    map->right = vec3_unit(vec3_cross(vec3_make(0.0f, 0.0f, 1.0f), l->sun_direction));
    map->up = vec3_cross(l->sun_direction, map->right);
    map->scale = 0.5f * (float)SHADOW_SIZE / radius;
}

raster_point shadow_point(const shadow_map *map, vec3 world)
{
    vec3 d = vec3_sub(world, map->centre);
    return (raster_point){0.5f * (float)SHADOW_SIZE + map->scale * vec3_dot(d, map->right),
                          0.5f * (float)SHADOW_SIZE + map->scale * vec3_dot(d, map->up),
                          SHADOW_DEPTH + vec3_dot(d, map->towards_sun)};
}

float shadow_sunlit(const shadow_map *map, vec3 world)
{
    raster_point p = shadow_point(map, world);
    float x = p.x - 0.5f, y = p.y - 0.5f;
    if (!(x >= 0.0f && y >= 0.0f && x < (float)(SHADOW_SIZE - 2) && y < (float)(SHADOW_SIZE - 2)))
        return 1.0f;
    int column = (int)x, row = (int)y;
    float fx = x - (float)column, fy = y - (float)row, limit = p.nearness + SHADOW_BIAS;
    const float *a = map->buffer.nearness + row * SHADOW_SIZE + column, *c = a + SHADOW_SIZE;
    float top = (a[0] > limit ? 0.0f : 1.0f - fx) + (a[1] > limit ? 0.0f : fx);
    float bottom = (c[0] > limit ? 0.0f : 1.0f - fx) + (c[1] > limit ? 0.0f : fx);
    return top * (1.0f - fy) + bottom * fy;
}
