/* Layers: the track behind (ray cast, blurred by motion), cars over it (rasterised), poles over both.
 *
 * Edges of cars are sampled four times a pixel, edges of the track twice: it moves anyway. */
#include "render.h"

#include <stdlib.h>

#include "film.h"
#include "shade.h"

enum { GRID = 2 }; /* samples across a pixel */

#define MOVE_MAX 400.0f /* pixels */

struct renderer {
    int size;
    const mesh *car;
    raster_point *points;    /* one per vertex */
    vec3 *seen;              /* per car and vertex: camera coordinates */
    raster_buffer samples;   /* GRID size square */
    shadow_map shadows;
    film_pixel *behind;      /* (size, size) */
    vec3 *front;             /* (size, size): colour of the cars times cover */
    float *front_cover;      /* (size, size) */
    vec3 *plane;             /* (size, size) */
    unsigned char *bytes;    /* (size, size, 3) */
};

renderer *render_create(int size, const mesh *car)
{
    renderer *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    size_t pixels = (size_t)size * (size_t)size, samples = pixels * GRID * GRID;
    size_t shadow = (size_t)SHADOW_SIZE * SHADOW_SIZE;
    r->size = size;
    r->car = car;
    r->points = malloc(car->vertex_count * sizeof *r->points);
    r->seen = malloc(car->vertex_count * SCENE_CARS_MAX * sizeof *r->seen);
    r->samples = (raster_buffer){GRID * size, GRID * size, malloc(samples * sizeof(float)), malloc(samples * sizeof(uint32_t))};
    r->shadows.buffer = (raster_buffer){SHADOW_SIZE, SHADOW_SIZE, malloc(shadow * sizeof(float)), NULL};
    r->behind = malloc(pixels * sizeof *r->behind);
    r->front = malloc(pixels * sizeof *r->front);
    r->front_cover = malloc(pixels * sizeof *r->front_cover);
    r->plane = malloc(pixels * sizeof *r->plane);
    r->bytes = malloc(pixels * 3);
    if (!r->points || !r->seen || !r->samples.nearness || !r->samples.owner || !r->shadows.buffer.nearness || !r->behind ||
        !r->front || !r->front_cover || !r->plane || !r->bytes) {
        render_free(r);
        return NULL;
    }
    return r;
}

void render_free(renderer *r)
{
    if (!r)
        return;
    free(r->points);
    free(r->seen);
    free(r->samples.nearness);
    free(r->samples.owner);
    free(r->shadows.buffer.nearness);
    free(r->behind);
    free(r->front);
    free(r->front_cover);
    free(r->plane);
    free(r->bytes);
    free(r);
}

static void draw_shadows(renderer *r, const scene *s)
{
    shadow_aim(&r->shadows, &s->sun, vec3_make(0.0f, 0.0f, 0.5f), 8.0f);
    raster_clear(&r->shadows.buffer);
    if (s->sun.weather == WEATHER_OVERCAST)
        return; /* what sun there is comes from everywhere */
    for (int k = 0; k < s->car_count; k++) {
        for (size_t i = 0; i < r->car->vertex_count; i++)
            r->points[i] = shadow_point(&r->shadows, pose_point(&s->cars[k].place, r->car->vertices[i].position));
        raster_mesh(&r->shadows.buffer, r->car, r->points, 0);
    }
}

static void draw_cars(renderer *r, const scene *s)
{
    raster_clear(&r->samples);
    for (int k = 0; k < s->car_count; k++) {
        vec3 *seen = r->seen + (size_t)k * r->car->vertex_count;
        for (size_t i = 0; i < r->car->vertex_count; i++) {
            vec3 v = camera_view(&s->eye, pose_point(&s->cars[k].place, r->car->vertices[i].position));
            seen[i] = v;
            float nearness = v.z > 0.5f ? 1.0f / v.z : 0.0f;
            r->points[i] = (raster_point){(float)GRID * (s->eye.centre_x + s->eye.focal * v.x * nearness),
                                          (float)GRID * (s->eye.centre_y - s->eye.focal * v.y * nearness), nearness};
        }
        raster_mesh(&r->samples, r->car, r->points, (uint32_t)((size_t)k * r->car->triangle_count));
    }
}

/* Texture level at which a texel is about as large as a sample. */
static int texture_level(const scene *s, const livery *paint, float depth)
{
    float texels = paint->sheets[SURFACE_TOP].scale * depth / (s->eye.focal * (float)GRID);
    int level = 0;
    for (; texels > 1.6f; texels *= 0.5f)
        level++;
    return level;
}

/* Where the sample's ray meets its triangle (Moeller and Trumbore 1997), and the colour there. */
static vec3 car_sample(const renderer *r, const scene *s, uint32_t owner, float x, float y)
{
    uint32_t triangles = (uint32_t)r->car->triangle_count;
    const scene_car *car = &s->cars[owner / triangles];
    const mesh_triangle *t = &r->car->triangles[owner % triangles];
    const vec3 *seen = r->seen + (size_t)(owner / triangles) * r->car->vertex_count;
    vec3 ray = vec3_make((x - s->eye.centre_x) / s->eye.focal, (s->eye.centre_y - y) / s->eye.focal, 1.0f);
    vec3 a = seen[t->corner[0]], ab = vec3_sub(seen[t->corner[1]], a), ac = vec3_sub(seen[t->corner[2]], a);
    vec3 p = vec3_cross(ray, ac), q = vec3_cross(vec3_scale(a, -1.0f), ab); /* the ray starts at 0 */
    float volume = vec3_dot(ab, p);
    float inverse = fabsf(volume) > 1e-12f ? 1.0f / volume : 0.0f;
    float wb = clampf(-vec3_dot(a, p) * inverse, 0.0f, 1.0f);
    float wc = clampf(vec3_dot(ray, q) * inverse, 0.0f, 1.0f);

    const mesh_vertex *va = &r->car->vertices[t->corner[0]], *vb = &r->car->vertices[t->corner[1]];
    const mesh_vertex *vc = &r->car->vertices[t->corner[2]];
    float wa = 1.0f - wb - wc;
    vec3 local = vec3_along(vec3_along(vec3_scale(va->position, wa), vb->position, wb), vc->position, wc);
    vec3 normal = vec3_along(vec3_along(vec3_scale(va->normal, wa), vb->normal, wb), vc->normal, wc);
    shade_spot spot = {.local = local, .surface = t->surface, .wheel_turn = s->wheel_turn};
    spot.world = pose_point(&car->place, local);
    spot.to_viewer = vec3_unit(vec3_sub(s->eye.position, spot.world));

    vec3 flat = vec3_cross(vec3_sub(vb->position, va->position), vec3_sub(vc->position, va->position));
    if (vec3_dot(pose_direction(&car->place, flat), spot.to_viewer) < 0.0f)
        flat = vec3_scale(flat, -1.0f);
    if (vec3_dot(flat, normal) < 0.0f)
        normal = vec3_scale(normal, -1.0f);
    spot.normal = vec3_unit(pose_direction(&car->place, normal));
    spot.level = texture_level(s, car->paint, vec3_dot(vec3_sub(spot.world, s->eye.position), s->eye.forward));
    return shade_car(&spot, car->paint, &s->sun, &r->shadows);
}

/* How far what the ray meets moves over the picture while the camera follows the cars. */
static void set_motion(film_pixel *out, const scene *s, vec3 ray, float distance)
{
    vec3 d = vec3_make(vec3_dot(ray, s->eye.right), vec3_dot(ray, s->eye.up), vec3_dot(ray, s->eye.forward));
    float depth = distance * d.z;
    float pixels = clampf(s->eye.focal * s->travel / depth, 0.0f, MOVE_MAX); /* the road at the camera's feet */
    /* the track goes backwards along x */
    out->move_x = -pixels * (s->eye.right.x - s->eye.forward.x * d.x / d.z);
    out->move_y = pixels * (s->eye.up.x - s->eye.forward.x * d.y / d.z);
}

static track lay_track(const renderer *r, const scene *s)
{
    track t = {.place = s->place, .sun = &s->sun, .shadows = &r->shadows, .wall_y = s->wall_y, .inner_y = s->inner_y,
               .lane_y = s->lane_y, .bank = s->bank, .pixel_angle = 1.0f / s->eye.focal, .along = s->along,
               .haze = s->haze, .car_count = s->car_count};
    for (int k = 0; k < s->car_count; k++)
        t.cars[k] = s->cars[k].place;
    track_lay(&t, s->eye.position);
    return t;
}

/* What the cars show of a pixel: the sum of its samples' shares, and how many samples they cover. Pixels within one
 * surface are looked at twice instead of four times; textures are smooth at that step. */
static int draw_cars_pixel(const renderer *r, const scene *s, int column, int row, vec3 *out)
{
    uint32_t owners[GRID * GRID], triangles = (uint32_t)r->car->triangle_count;
    int covered = 0, alike = 1;
    for (int i = 0; i < GRID * GRID; i++) {
        size_t x = (size_t)(GRID * column + i % GRID), y = (size_t)(GRID * row + i / GRID);
        owners[i] = r->samples.owner[y * (size_t)r->samples.width + x];
        if (owners[i] == RASTER_NOTHING)
            continue;
        covered++;
        alike = alike && owners[0] != RASTER_NOTHING && owners[i] / triangles == owners[0] / triangles &&
                r->car->triangles[owners[i] % triangles].surface == r->car->triangles[owners[0] % triangles].surface;
    }
    *out = vec3_make(0.0f, 0.0f, 0.0f);
    int step = covered == GRID * GRID && alike ? 3 : 1; /* 3: one diagonal */
    for (int i = 0; i < GRID * GRID; i += step)
        if (owners[i] != RASTER_NOTHING)
            *out = vec3_add(*out, car_sample(r, s, owners[i], (float)column + 0.25f + 0.5f * (float)(i % GRID),
                                             (float)row + 0.25f + 0.5f * (float)(i / GRID)));
    *out = vec3_scale(*out, step == 3 ? 0.5f : 1.0f / (float)(GRID * GRID));
    return covered;
}

static vec3 draw_track_pixel(const scene *s, const track *t, int column, int row, film_pixel *out)
{
    vec3 rays[2];
    track_hit hits[2];
    for (int i = 0; i < 2; i++) {
        float offset = i ? 0.75f : 0.25f;
        rays[i] = camera_ray(&s->eye, (float)column + offset, (float)row + offset);
        hits[i] = track_meet(t, rays[i]);
    }
    set_motion(out, s, rays[0], hits[0].distance);
    vec3 first = track_colour(t, rays[0], &hits[0]);
    if (hits[0].piece == hits[1].piece)
        return first;
    return vec3_mix(first, track_colour(t, rays[1], &hits[1]), 0.5f);
}

static void draw_pixel(renderer *r, const scene *s, const track *t, int column, int row)
{
    size_t at = (size_t)row * (size_t)r->size + (size_t)column;
    int covered = draw_cars_pixel(r, s, column, row, &r->front[at]);
    r->front_cover[at] = (float)covered / (float)(GRID * GRID);
    film_pixel *behind = &r->behind[at];
    *behind = (film_pixel){.cover = 1.0f - r->front_cover[at]};
    if (covered < GRID * GRID)
        behind->colour = vec3_scale(draw_track_pixel(s, t, column, row, behind), behind->cover);
}

const unsigned char *render_scene(renderer *r, const scene *s)
{
    draw_shadows(r, s);
    draw_cars(r, s);
    track t = lay_track(r, s);
    for (int row = 0; row < r->size; row++)
        for (int column = 0; column < r->size; column++)
            draw_pixel(r, s, &t, column, row);
    for (int row = 0; row < r->size; row++)
        for (int column = 0; column < r->size; column++) {
            size_t at = (size_t)row * (size_t)r->size + (size_t)column;
            vec3 seen = r->front[at];
            if (r->front_cover[at] < 1.0f)
                seen = vec3_along(seen, film_moved(r->behind, r->size, column, row), 1.0f - r->front_cover[at]);
            r->plane[at] = film_behind_poles(s, seen, column, row);
        }
    film_develop(s, r->plane, r->size, r->bytes);
    return r->bytes;
}
