/* Gathered motion blur, foreground bars and the development of the picture. */
#include "film.h"

enum { TAPS_MAX = 16 };

vec3 film_moved(const film_pixel *plane, int size, int column, int row)
{
    const film_pixel *here = &plane[(size_t)row * (size_t)size + (size_t)column];
    float length = sqrtf(here->move_x * here->move_x + here->move_y * here->move_y);
    int taps = (int)(length * 0.6f) + 1;
    if (taps > TAPS_MAX)
        taps = TAPS_MAX;
    if (taps == 1 && here->cover > 0.0f)
        return vec3_scale(here->colour, 1.0f / here->cover);
    vec3 sum = {0.0f, 0.0f, 0.0f};
    float cover = 0.0f;
    /* staggered from pixel to pixel, so that few taps give grain instead of ghosts */
    float stagger = (float)((column * 5 + row * 3) & 7) / 8.0f + 1.0f / 16.0f;
    for (int tap = 0; tap < taps; tap++) {
        float share = ((float)tap + stagger) / (float)taps - 0.5f;
        int x = floor_int((float)column + 0.5f + here->move_x * share);
        int y = floor_int((float)row + 0.5f + here->move_y * share);
        x = x < 0 ? 0 : x >= size ? size - 1 : x;
        y = y < 0 ? 0 : y >= size ? size - 1 : y;
        const film_pixel *there = &plane[(size_t)y * (size_t)size + (size_t)x];
        sum = vec3_add(sum, there->colour);
        cover += there->cover;
    }
    return cover > 0.0f ? vec3_scale(sum, 1.0f / cover) : here->colour;
}

static vec3 lay_mesh(const scene *s, vec3 behind, float x, float y)
{
    float down = (x + y) / s->mesh_pitch, up = (x - y) / s->mesh_pitch;
    float a = fabsf(down - (float)floor_int(down) - 0.5f), b = fabsf(up - (float)floor_int(up) - 0.5f);
    float wire = 1.0f - ramp(0.0f, 0.16f, a < b ? a : b);
    return vec3_mix(behind, vec3_make(0.12f, 0.12f, 0.13f), clampf(wire * s->mesh_cover * 2.0f, 0.0f, 0.8f));
}

vec3 film_behind_poles(const scene *s, vec3 behind, int column, int row)
{
    float x = (float)column + 0.5f, y = (float)row + 0.5f;
    for (int i = 0; i < s->pole_count; i++) {
        const scene_pole *p = &s->poles[i];
        float off = x - p->x - p->lean * y, outside = fabsf(off) - p->half_width;
        if (outside > p->softness)
            continue;
        float cover = 1.0f - ramp(-p->softness, p->softness, outside);
        float round = off / (p->half_width + p->softness); /* a tube: lit on the sun's side */
        float side = vec3_dot(s->sun.sun_direction, s->eye.right) * round;
        vec3 lit = light_on(&s->sun, vec3_scale(s->eye.forward, -1.0f), 0.4f + 0.4f * side, 1.0f);
        behind = vec3_mix(behind, vec3_scale(vec3_mul(p->paint, lit), 1.0f - 0.35f * round * round), cover);
    }
    return s->mesh_cover > 0.0f ? lay_mesh(s, behind, x, y) : behind;
}

static vec3 shaken(const scene *s, const vec3 *plane, int size, int column, int row)
{
    if (fabsf(s->shake_x) + fabsf(s->shake_y) < 0.3f)
        return plane[(size_t)row * (size_t)size + (size_t)column];
    enum { TAPS = 5 };
    vec3 sum = {0.0f, 0.0f, 0.0f};
    for (int tap = 0; tap < TAPS; tap++) {
        float share = (float)tap / (float)(TAPS - 1) - 0.5f;
        int x = floor_int((float)column + 0.5f + s->shake_x * share), y = floor_int((float)row + 0.5f + s->shake_y * share);
        x = x < 0 ? 0 : x >= size ? size - 1 : x;
        y = y < 0 ? 0 : y >= size ? size - 1 : y;
        sum = vec3_add(sum, plane[(size_t)y * (size_t)size + (size_t)x]);
    }
    return vec3_scale(sum, 1.0f / (float)TAPS);
}

/* A shoulder that lets highlights run out softly, then gamma 2. */
static float toned(float value)
{
    if (value > 0.55f) {
        float over = value - 0.55f;
        value = 0.55f + over / (1.0f + over / 0.5f);
    }
    return sqrtf(value > 0.0f ? value : 0.0f);
}

static unsigned char byte_of(float value)
{
    return (unsigned char)(clampf(value, 0.0f, 1.0f) * 255.0f + 0.5f);
}

void film_develop(const scene *s, const vec3 *plane, int size, unsigned char *bytes)
{
    float middle = 0.5f * (float)size;
    vec3 gain = vec3_scale(vec3_make(1.0f + s->warmth, 1.0f, 1.0f - s->warmth), s->exposure);
    for (int row = 0; row < size; row++)
        for (int column = 0; column < size; column++, bytes += 3) {
            vec3 c = vec3_mul(shaken(s, plane, size, column, row), gain);
            float dx = ((float)column + 0.5f - middle) / middle, dy = ((float)row + 0.5f - middle) / middle;
            c = vec3_scale(c, 1.0f - s->vignette * 0.5f * (dx * dx + dy * dy));
            uint32_t noise = hash_cell(column, row, s->grain_salt);
            /* sums of two uniform draws; a share common to the colours, as in a photograph */
            float common = (float)(noise & 255) + (float)(noise >> 8 & 255) - 255.0f;
            float own = (float)(noise >> 16 & 255) - 127.5f, other = (float)(noise >> 24) - 127.5f;
            float unit = s->grain / 128.0f;
            bytes[0] = byte_of(toned(c.x) + unit * (common + own));
            bytes[1] = byte_of(toned(c.y) + unit * common);
            bytes[2] = byte_of(toned(c.z) + unit * (common + other));
        }
}
