/* The car's surfaces: lofted body and greenhouse, revolved wheels, flat spoiler and air dam.
 *
 * Wheel arches are not cut: the livery paints them as dark discs and the wheels stand a finger's breadth proud of
 * them, which cannot be told apart at the size of these pictures. */
#include "car.h"

enum { HALF_RING = 8, RING = 2 * HALF_RING - 1, STEPS = 3, WHEEL_SECTORS = 20 };

/* One cross-section of the body. */
typedef struct station {
    float x, half_width, bottom, top, crown;
} station;

static const station body_stations[] = {
    {-2.56f, 0.78f, 0.26f, 0.86f, 0.00f}, {-2.50f, 0.89f, 0.22f, 0.93f, 0.01f}, {-2.25f, 0.94f, 0.18f, 0.955f, 0.015f},
    {-1.75f, 0.96f, 0.13f, 0.96f, 0.02f}, {-1.20f, 0.965f, 0.11f, 0.92f, 0.02f}, {-0.60f, 0.95f, 0.10f, 0.87f, 0.02f},
    {0.30f, 0.945f, 0.10f, 0.845f, 0.02f}, {0.95f, 0.955f, 0.10f, 0.835f, 0.03f}, {1.45f, 0.967f, 0.10f, 0.80f, 0.045f},
    {1.95f, 0.955f, 0.09f, 0.735f, 0.045f}, {2.30f, 0.91f, 0.08f, 0.675f, 0.03f}, {2.50f, 0.83f, 0.08f, 0.62f, 0.02f},
    {2.58f, 0.74f, 0.085f, 0.57f, 0.01f}, {2.62f, 0.64f, 0.10f, 0.51f, 0.00f},
};
enum { BODY_STATIONS = sizeof body_stations / sizeof body_stations[0] };

/* The greenhouse: height of the roof line above x. */
static const float cabin_line[][2] = {
    {-1.98f, 0.92f}, {-1.70f, 0.99f}, {-1.40f, 1.085f}, {-1.10f, 1.185f}, {-0.88f, 1.265f}, {-0.72f, 1.305f},
    {-0.40f, 1.325f}, {-0.05f, 1.32f}, {0.15f, 1.295f}, {0.30f, 1.245f}, {0.60f, 1.085f}, {0.85f, 0.955f},
    {1.10f, 0.82f},
};
enum { CABIN_STATIONS = sizeof cabin_line / sizeof cabin_line[0] };

static float catmull_rom(float a, float b, float c, float d, float t)
{
    return b + 0.5f * t * (c - a + t * (2.0f * a - 5.0f * b + 4.0f * c - d + t * (3.0f * (b - c) + d - a)));
}

static station body_between(int index, float t)
{
    const station *b = &body_stations[index], *c = &body_stations[index + 1];
    const station *a = index > 0 ? b - 1 : b, *d = index + 2 < BODY_STATIONS ? c + 1 : c;
    return (station){
        mixf(b->x, c->x, t),
        catmull_rom(a->half_width, b->half_width, c->half_width, d->half_width, t),
        catmull_rom(a->bottom, b->bottom, c->bottom, d->bottom, t),
        catmull_rom(a->top, b->top, c->top, d->top, t),
        catmull_rom(a->crown, b->crown, c->crown, d->crown, t),
    };
}

/* Mirrors half a cross-section, given from the left sill up to the middle, into a whole ring. */
static void close_ring(vec3 ring[RING], const float half[HALF_RING][2], float x)
{
    for (int i = 0; i < HALF_RING; i++) {
        ring[i] = vec3_make(x, half[i][0], half[i][1]);
        ring[RING - 1 - i] = vec3_make(x, -half[i][0], half[i][1]);
    }
}

static void body_ring(vec3 ring[RING], const station *s)
{
    float w = s->half_width, rise = s->top - s->bottom;
    const float half[HALF_RING][2] = {
        {w * 0.965f, s->bottom},
        {w * 0.995f, s->bottom + 0.28f * rise},
        {w, s->bottom + 0.52f * rise},
        {w * 0.985f, s->bottom + 0.78f * rise},
        {w * 0.965f, s->top - 0.045f},
        {w * 0.91f, s->top - 0.004f},
        {w * 0.50f, s->top + 0.75f * s->crown},
        {0.0f, s->top + s->crown},
    };
    close_ring(ring, half, s->x);
}

static void cabin_ring(vec3 ring[RING], float x, float z)
{
    float base = 0.79f, top = 0.86f - 0.55f * (z - 0.80f); /* tumblehome: narrower towards the roof */
    float half_width = x > 0.9f || x < -1.6f ? 0.82f : 0.88f;
    const float half[HALF_RING][2] = {
        {half_width, base},
        {mixf(half_width, top + 0.03f, 0.35f), mixf(base, z, 0.33f)},
        {mixf(half_width, top + 0.03f, 0.72f), mixf(base, z, 0.68f)},
        {top + 0.03f, mixf(base, z, 0.90f)},
        {top - 0.01f, z - 0.012f},
        {top - 0.10f, z + 0.004f},
        {top * 0.5f, z + 0.022f},
        {0.0f, z + 0.03f},
    };
    close_ring(ring, half, x);
}

static void ring_surfaces(enum surface strips[RING - 1])
{
    for (int i = 0; i < RING - 1; i++)
        strips[i] = i < 4 ? SURFACE_LEFT : i >= RING - 5 ? SURFACE_RIGHT : SURFACE_TOP;
}

static void add_body(mesh *out)
{
    enum { ROWS = (BODY_STATIONS - 1) * STEPS + 1 };
    vec3 points[ROWS * RING];
    for (int row = 0; row < ROWS; row++) {
        int index = row / STEPS < BODY_STATIONS - 1 ? row / STEPS : BODY_STATIONS - 2;
        station s = body_between(index, (float)(row - index * STEPS) / (float)STEPS);
        body_ring(points + row * RING, &s);
    }
    enum surface strips[RING - 1];
    ring_surfaces(strips);
    mesh_add_grid(out, points, ROWS, RING, strips);
}

static void add_cabin(mesh *out)
{
    enum { PER = 2, ROWS = (CABIN_STATIONS - 1) * PER + 1 };
    vec3 points[ROWS * RING];
    for (int row = 0; row < ROWS; row++) {
        int b = row / PER < CABIN_STATIONS - 1 ? row / PER : CABIN_STATIONS - 2;
        int a = b > 0 ? b - 1 : b, d = b + 2 < CABIN_STATIONS ? b + 2 : b + 1;
        float t = (float)(row - b * PER) / (float)PER;
        float z = catmull_rom(cabin_line[a][1], cabin_line[b][1], cabin_line[b + 1][1], cabin_line[d][1], t);
        cabin_ring(points + row * RING, mixf(cabin_line[b][0], cabin_line[b + 1][0], t), z);
    }
    enum surface strips[RING - 1];
    ring_surfaces(strips);
    mesh_add_grid(out, points, ROWS, RING, strips);
}

/* Closes an end of the body from sill to deck with a face that bulges a little in its middle. */
static void add_cap(mesh *out, const station *end, float bulge, enum surface surface)
{
    enum { COLUMNS = 9 };
    vec3 ring[RING], points[HALF_RING * COLUMNS];
    body_ring(ring, end);
    for (int row = 0; row < HALF_RING; row++)
        for (int column = 0; column < COLUMNS; column++) {
            float across = (float)column / (float)(COLUMNS - 1), off = 2.0f * across - 1.0f;
            float up = (ring[row].z - end->bottom) / (end->top - end->bottom);
            vec3 p = vec3_mix(ring[row], ring[RING - 1 - row], across);
            p.x += bulge * (1.0f - off * off) * clampf(4.0f * up * (1.05f - up), 0.0f, 1.0f);
            points[row * COLUMNS + column] = p;
        }
    mesh_add_sheet(out, points, HALF_RING, COLUMNS, surface);
}

static void add_wheel(mesh *out, float axle_x, float side)
{
    /* (radius, distance out from the middle of the wheel) */
    static const float tyre[][2] = {{0.20f, -0.15f}, {0.33f, -0.15f}, {0.345f, -0.12f}, {0.345f, 0.10f},
                                    {0.335f, 0.135f}, {0.27f, 0.152f}, {0.20f, 0.140f}};
    static const float rim[][2] = {{0.205f, 0.142f}, {0.19f, 0.13f}, {0.16f, 0.09f}, {0.08f, 0.085f}, {0.06f, 0.12f},
                                   {0.001f, 0.125f}};
    enum { TYRE = sizeof tyre / sizeof tyre[0], RIM = sizeof rim / sizeof rim[0], COLUMNS = WHEEL_SECTORS + 1 };
    vec3 points[TYRE * COLUMNS];
    float middle = side * (CAR_HALF_WIDTH - 0.135f);
    for (int part = 0; part < 2; part++) {
        int rows = part ? RIM : TYRE;
        const float(*profile)[2] = part ? rim : tyre;
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < COLUMNS; column++) {
                float angle = 6.2831853f * (float)(column % WHEEL_SECTORS) / (float)WHEEL_SECTORS;
                points[row * COLUMNS + column] =
                    vec3_make(axle_x + profile[row][0] * cosf(angle), middle + side * profile[row][1],
                              CAR_WHEEL_RADIUS + profile[row][0] * sinf(angle));
            }
        mesh_add_sheet(out, points, rows, COLUMNS, part ? SURFACE_RIM : SURFACE_TYRE);
    }
}

static void add_spoiler(mesh *out)
{
    const vec3 blade[] = {
        vec3_make(-2.40f, 0.82f, 0.94f), vec3_make(-2.40f, -0.82f, 0.94f),
        vec3_make(-2.50f, 0.80f, 1.115f), vec3_make(-2.50f, -0.80f, 1.115f),
    };
    mesh_add_sheet(out, blade, 2, 2, SURFACE_TRIM);
}

/* The black lip under the nose and the skirts along the sills: they tie the body to the road. */
static void add_air_dam(mesh *out)
{
    static const float outline[][2] = {{1.98f, 0.93f}, {2.30f, 0.885f}, {2.52f, 0.80f}, {2.62f, 0.66f}, {2.67f, 0.40f},
                                       {2.68f, 0.0f}};
    enum { HALF = sizeof outline / sizeof outline[0], COLUMNS = 2 * HALF - 1 };
    vec3 points[2 * COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        const float *o = outline[i < HALF ? i : COLUMNS - 1 - i];
        float side = i < HALF ? 1.0f : -1.0f;
        points[i] = vec3_make(o[0] - 0.03f, side * o[1], 0.15f);
        points[COLUMNS + i] = vec3_make(o[0], side * o[1], 0.045f);
    }
    mesh_add_sheet(out, points, 2, COLUMNS, SURFACE_TRIM);

    for (int i = 0; i < 2; i++) {
        float y = i ? -0.92f : 0.92f;
        const vec3 skirt[] = {vec3_make(-0.95f, y, 0.13f), vec3_make(1.05f, y, 0.13f),
                              vec3_make(-0.95f, y * 0.985f, 0.05f), vec3_make(1.05f, y * 0.985f, 0.05f)};
        mesh_add_sheet(out, skirt, 2, 2, SURFACE_TRIM);
    }
    const vec3 floor_plate[] = {vec3_make(-2.4f, 0.85f, 0.14f), vec3_make(-2.4f, -0.85f, 0.14f),
                                vec3_make(2.5f, 0.80f, 0.10f), vec3_make(2.5f, -0.80f, 0.10f)};
    mesh_add_sheet(out, floor_plate, 2, 2, SURFACE_TRIM);
}

/* Side and top paint is projected straight down its axis, so triangles that face along x must take the paint of the
 * front or the rear instead, or it would smear. */
static void repaint_ends(mesh *m)
{
    for (size_t i = 0; i < m->triangle_count; i++) {
        mesh_triangle *t = &m->triangles[i];
        if (t->surface != SURFACE_LEFT && t->surface != SURFACE_RIGHT && t->surface != SURFACE_TOP)
            continue;
        vec3 a = m->vertices[t->corner[0]].position, b = m->vertices[t->corner[1]].position;
        vec3 c = m->vertices[t->corner[2]].position;
        vec3 normal = vec3_unit(vec3_cross(vec3_sub(b, a), vec3_sub(c, a)));
        if (fabsf(normal.x) > 0.72f && fabsf(a.x) > 2.0f)
            t->surface = a.x > 0.0f ? SURFACE_FRONT : SURFACE_REAR;
    }
}

void car_build(mesh *out)
{
    add_body(out);
    add_cap(out, &body_stations[0], -0.02f, SURFACE_REAR);
    add_cap(out, &body_stations[BODY_STATIONS - 1], 0.03f, SURFACE_FRONT);
    add_cabin(out);
    add_spoiler(out);
    add_air_dam(out);
    for (int i = 0; i < 4; i++)
        add_wheel(out, i < 2 ? CAR_FRONT_AXLE_X : CAR_REAR_AXLE_X, i % 2 ? -1.0f : 1.0f);
    if (!out->failed)
        repaint_ends(out);
}
