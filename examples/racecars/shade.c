/* Paint is a coloured ground under a clear coat: Lambert for the ground, a mirror by Schlick's Fresnel (1994) and the
 * sun's glare for the coat. */
#include "shade.h"

#include "car.h"

typedef struct matter {
    vec3 ground;
    float mirror; /* reflectance looking straight on */
    float gloss;  /* 0 dull .. 1 clear coat */
} matter;

static matter painted(const shade_spot *spot, const livery *paint)
{
    float u = spot->local.x, v = spot->local.z;
    if (spot->surface == SURFACE_TOP)
        v = spot->local.y;
    else if (spot->surface == SURFACE_FRONT || spot->surface == SURFACE_REAR)
        u = spot->local.y;
    sample4 texel = texture_sample(&paint->sheets[spot->surface], u, v, spot->level);
    vec3 ground = vec3_make(texel.red * texel.red, texel.green * texel.green, texel.blue * texel.blue);
    float coat = clampf((texel.matter - 128.0f) / 127.0f, 0.0f, 1.0f);
    float glass = clampf((128.0f - texel.matter) / 128.0f, 0.0f, 1.0f);
    return (matter){vec3_scale(ground, 1.0f / 65025.0f), 0.045f * coat + 0.09f * glass, coat + glass};
}

static matter tyre_matter(const shade_spot *spot)
{
    float dx = spot->local.x - (spot->local.x > 0.0f ? CAR_FRONT_AXLE_X : CAR_REAR_AXLE_X);
    float dz = spot->local.z - CAR_WHEEL_RADIUS, square = dx * dx + dz * dz;
    vec3 ground = vec3_make(0.022f, 0.022f, 0.024f);
    /* yellow lettering on the side wall, smeared into a ring by its turning */
    if (square > 0.262f * 0.262f && square < 0.298f * 0.298f)
        ground = vec3_mix(ground, vec3_make(0.60f, 0.45f, 0.05f), 0.28f);
    return (matter){ground, 0.01f, 0.1f};
}

static matter rim_matter(const shade_spot *spot, const livery *paint)
{
    float dx = spot->local.x - (spot->local.x > 0.0f ? CAR_FRONT_AXLE_X : CAR_REAR_AXLE_X);
    float dz = spot->local.z - CAR_WHEEL_RADIUS, square = dx * dx + dz * dz;
    float spokes = 0.5f;
    if (spot->wheel_turn < 1.0f && square > 1e-6f) {
        /* five spokes; cos 5a by its polynomial, without an arc tangent */
        float c = dx / sqrtf(square), c2 = c * c;
        float five = c * (16.0f * c2 * c2 - 20.0f * c2 + 5.0f);
        spokes = mixf(ramp(-0.3f, 0.3f, five), 0.5f, spot->wheel_turn);
    }
    float radius = sqrtf(square);
    float shade = radius > 0.175f || radius < 0.065f ? 1.0f : mixf(0.18f, 0.9f, spokes);
    return (matter){vec3_scale(paint->rim, shade), 0.05f, 0.5f};
}

static matter matter_of(const shade_spot *spot, const livery *paint)
{
    switch (spot->surface) {
    case SURFACE_TRIM:
        return (matter){vec3_make(0.02f, 0.02f, 0.022f), 0.03f, 0.4f};
    case SURFACE_TYRE:
        return tyre_matter(spot);
    case SURFACE_RIM:
        return rim_matter(spot, paint);
    default:
        return painted(spot, paint);
    }
}

/* What the coat mirrors: sky above, a dark band of stands and walls at the horizon, the road below. */
static vec3 mirrored(const light *sun, vec3 direction)
{
    vec3 sky = light_sky(sun, direction, 0);
    float band = ramp(-0.02f, 0.03f, direction.z) * (1.0f - ramp(0.16f, 0.26f, direction.z));
    return vec3_mix(sky, vec3_scale(sun->ground, 0.7f), 0.8f * band);
}

vec3 shade_car(const shade_spot *spot, const livery *paint, const light *sun, const shadow_map *shadows)
{
    matter m = matter_of(spot, paint);
    float sunlit = vec3_dot(spot->normal, sun->sun_direction) > 0.0f
                       ? shadow_sunlit(shadows, vec3_along(spot->world, spot->normal, 0.03f)) : 0.0f;
    /* low parts see the dark road and each other instead of the sky */
    float open = 0.35f + 0.65f * ramp(0.0f, 0.75f, spot->local.z);
    vec3 seen = vec3_mul(m.ground, light_on(sun, spot->normal, sunlit, open));

    float facing = clampf(vec3_dot(spot->normal, spot->to_viewer), 0.0f, 1.0f);
    vec3 bounce = vec3_sub(vec3_scale(spot->normal, 2.0f * facing), spot->to_viewer);
    float grazing = (1.0f - facing) * (1.0f - facing);
    float rest = m.gloss * 0.55f - m.mirror;
    float fresnel = m.mirror + (rest > 0.0f ? rest : 0.0f) * grazing * grazing * (1.0f - facing);
    seen = vec3_along(seen, mirrored(sun, bounce), fresnel * (bounce.z < 0.0f ? open : 1.0f));

    float glare = vec3_dot(bounce, sun->sun_direction);
    if (glare > 0.6f && sunlit > 0.0f) {
        float sharp = glare * glare;
        float broad = sharp * sharp * sharp * sharp;   /* ^8 */
        sharp = broad * broad * broad * broad;         /* ^32 */
        sharp = sharp * sharp * sharp * sharp;         /* ^128 */
        seen = vec3_along(seen, sun->sun, sunlit * m.gloss * (1.6f * sharp + 0.06f * broad));
    }
    return seen;
}
