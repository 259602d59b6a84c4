/* Random choices, each from its own stream, in the order: weather, place, subject, viewpoint, others, lens. */
#include "scene.h"

#include <stdlib.h>
#include <string.h>

#include "car.h"

enum purpose { FOR_WEATHER = 1, FOR_PLACE, FOR_VIEW, FOR_OTHERS, FOR_POLES, FOR_LENS };

int scene_assets_create(scene_assets *out, int races, int size)
{
    *out = (scene_assets){.races = races};
    float scale = size <= 320 ? 128.0f : size <= 640 ? 192.0f : 256.0f;
    out->venues = calloc((size_t)races, sizeof *out->venues);
    out->liveries = calloc((size_t)races * CLASS_COUNT, sizeof *out->liveries);
    if (!out->venues || !out->liveries)
        return -1;
    car_build(&out->car);
    int failed = out->car.failed;
    for (int race = 0; race < races && !failed; race++) {
        failed |= venue_build(&out->venues[race], race);
        for (int i = 0; i < CLASS_COUNT && !failed; i++)
            failed |= livery_paint(&out->liveries[race * CLASS_COUNT + i], scheme_of(i, race), scheme_class_number(i), scale);
    }
    for (int i = 0; i < DRAB_COUNT && !failed; i++)
        failed |= livery_paint(&out->drab[i], scheme_of_drab(i), scheme_drab_number(i), scale);
    return failed ? -1 : 0;
}

void scene_assets_free(scene_assets *assets)
{
    for (int race = 0; race < assets->races; race++) {
        if (assets->venues)
            venue_free(&assets->venues[race]);
        for (int i = 0; assets->liveries && i < CLASS_COUNT; i++)
            livery_free(&assets->liveries[race * CLASS_COUNT + i]);
    }
    for (int i = 0; i < DRAB_COUNT; i++)
        livery_free(&assets->drab[i]);
    mesh_free(&assets->car);
    free(assets->venues);
    free(assets->liveries);
    *assets = (scene_assets){0};
}

static light choose_weather(random_stream stream, const venue *place)
{
    float draw = random_unit(&stream);
    int weather = 0;
    while (weather + 1 < WEATHER_COUNT && draw >= place->weather_share[weather])
        draw -= place->weather_share[weather++];
    return light_choose(&stream, (enum weather)weather);
}

static pose stand_on_road(float bank, float x, float y, float yaw)
{
    vec3 along = vec3_make(1.0f, 0.0f, 0.0f), left = vec3_make(0.0f, cosf(bank), -sinf(bank));
    pose place = {.up = vec3_make(0.0f, sinf(bank), cosf(bank))};
    place.forward = vec3_along(vec3_scale(along, cosf(yaw)), left, sinf(yaw));
    place.left = vec3_along(vec3_scale(left, cosf(yaw)), along, -sinf(yaw));
    place.origin = vec3_make(x, y, -y * tanf(bank));
    return place;
}

/* The rectangle of the picture that a car covers. */
typedef struct extent {
    float left, top, right, bottom;
    int behind; /* 1 when part of it is not in front of the camera */
} extent;

static extent car_extent(const camera *eye, const mesh *car, const pose *place)
{
    extent e = {1e9f, 1e9f, -1e9f, -1e9f, 0};
    for (size_t i = 0; i < car->vertex_count; i += 3) {
        vec3 v = camera_view(eye, pose_point(place, car->vertices[i].position));
        if (v.z < 0.5f) {
            e.behind = 1;
            continue;
        }
        float x = eye->centre_x + eye->focal * v.x / v.z, y = eye->centre_y - eye->focal * v.y / v.z;
        e.left = x < e.left ? x : e.left;
        e.right = x > e.right ? x : e.right;
        e.top = y < e.top ? y : e.top;
        e.bottom = y > e.bottom ? y : e.bottom;
    }
    return e;
}

/* Degrees from straight ahead of the car towards its left. */
static float choose_azimuth(random_stream *stream)
{
    float draw = random_unit(stream), degrees;
    if (draw < 0.46f)
        degrees = random_range(stream, 18.0f, 58.0f); /* front three-quarter */
    else if (draw < 0.78f)
        degrees = random_range(stream, 62.0f, 112.0f); /* side */
    else if (draw < 0.96f)
        degrees = random_range(stream, 116.0f, 156.0f); /* rear three-quarter */
    else
        degrees = random_range(stream, 4.0f, 18.0f); /* nearly head on */
    return degrees * 0.0174532925f;
}

static void choose_view(scene *s, const scene_assets *assets, random_stream stream, int size)
{
    float side = random_chance(&stream, 0.36f) ? -1.0f : 1.0f;
    float azimuth = side * choose_azimuth(&stream);
    float high = random_unit(&stream), degrees = side < 0.0f ? 13.0f + 20.0f * high : 2.5f + 15.0f * high * high;
    if (random_chance(&stream, 0.15f))
        degrees = random_range(&stream, 18.0f, 38.0f);
    float elevation = degrees * 0.0174532925f;
    float distance = 7.0f * expf(random_unit(&stream) * 1.7f);
    float fill = random_range(&stream, 0.55f, 0.95f);
    if (random_chance(&stream, 0.10f))
        fill = random_range(&stream, 1.0f, 1.15f); /* cropped */

    vec3 target = vec3_make(0.0f, 0.0f, 0.55f), away = vec3_make(cosf(elevation) * cosf(azimuth),
                                                                   cosf(elevation) * sinf(azimuth), sinf(elevation));
    float roll = random_range(&stream, -0.05f, 0.05f);
    s->eye = camera_look(vec3_along(target, away, distance), target, roll);

    float pixels = (float)size;
    extent e = car_extent(&s->eye, &assets->car, &s->cars[0].place);
    float width = e.right - e.left, height = e.bottom - e.top;
    s->eye.focal = fill * pixels / width;
    if (s->eye.focal * height > 0.85f * fill * pixels)
        s->eye.focal = 0.85f * fill * pixels / height;
    float room = fill < 0.95f ? (1.0f - fill) * 0.45f : 0.05f;
    s->eye.centre_x = pixels * (0.5f + room * random_range(&stream, -1.0f, 1.0f)) - s->eye.focal * 0.5f * (e.left + e.right);
    s->eye.centre_y = pixels * (0.52f + random_range(&stream, -0.09f, 0.09f)) - s->eye.focal * 0.5f * (e.top + e.bottom);
}

/* Share of the subject's width that `other` can hide, 0 when it stands behind. */
static float hidden_share(const scene *s, const scene_assets *assets, const pose *other)
{
    extent mine = car_extent(&s->eye, &assets->car, &s->cars[0].place);
    extent its = car_extent(&s->eye, &assets->car, other);
    if (its.behind)
        return 1.0f;
    float my_depth = camera_view(&s->eye, s->cars[0].place.origin).z, its_depth = camera_view(&s->eye, other->origin).z;
    if (its_depth > my_depth)
        return 0.0f;
    float left = mine.left > its.left ? mine.left : its.left, right = mine.right < its.right ? mine.right : its.right;
    if (its.top > mine.bottom || its.bottom < mine.top)
        return 0.0f;
    return right > left ? (right - left) / (mine.right - mine.left) : 0.0f;
}

static void add_other_car(scene *s, const scene_assets *assets, random_stream *stream)
{
    float towards_camera = s->eye.position.y > 0.0f ? 1.0f : -1.0f;
    float lane = random_chance(stream, 0.4f) ? towards_camera : random_chance(stream, 0.6f) ? -towards_camera : 0.0f;
    float y = lane * random_range(stream, 2.3f, 2.9f), x = random_range(stream, 0.6f, 5.5f);
    float step = random_chance(stream, 0.5f) ? 0.6f : -0.6f;
    if (lane == 0.0f)
        x = random_range(stream, 5.6f, 8.0f);
    x = step < 0.0f ? -x : x;
    const livery *paint = &assets->drab[random_below(stream, DRAB_COUNT)];
    float yaw = random_range(stream, -0.04f, 0.04f);
    if (y < s->wall_y + 1.3f || y > s->inner_y - 1.0f)
        return;
    for (int i = 0; i < 14; i++, x += step) {
        pose place = stand_on_road(s->bank, x, y, yaw);
        int clear = hidden_share(s, assets, &place) < 0.36f;
        for (int k = 0; k < s->car_count; k++)
            clear &= fabsf(x - s->cars[k].place.origin.x) > 5.3f || fabsf(y - s->cars[k].place.origin.y) > 2.0f;
        if (clear) {
            s->cars[s->car_count++] = (scene_car){place, paint};
            return;
        }
    }
}

static void add_poles(scene *s, random_stream stream, int size)
{
    float pixels = (float)size;
    if (random_chance(&stream, 0.16f)) {
        s->pole_count = 1 + random_below(&stream, 2);
        for (int i = 0; i < s->pole_count; i++) {
            scene_pole *p = &s->poles[i];
            float grey = random_range(&stream, 0.05f, 0.40f);
            p->x = pixels * random_unit(&stream);
            p->lean = random_range(&stream, -0.06f, 0.06f);
            p->half_width = pixels * random_range(&stream, 0.012f, 0.045f);
            p->softness = pixels * random_range(&stream, 0.006f, 0.05f);
            p->paint = vec3_make(grey, grey, grey * random_range(&stream, 0.85f, 1.05f));
        }
    }
    if (random_chance(&stream, 0.06f)) {
        s->mesh_cover = random_range(&stream, 0.12f, 0.35f);
        s->mesh_pitch = pixels * random_range(&stream, 0.05f, 0.12f);
    }
}

static void choose_lens(scene *s, random_stream stream, int size)
{
    float pixels = (float)size, draw = random_unit(&stream);
    s->travel = random_chance(&stream, 0.2f) ? 0.02f : 0.08f + 0.75f * draw * draw;
    s->wheel_turn = 0.15f + 2.2f * s->travel;
    float shake = random_chance(&stream, 0.4f) ? random_range(&stream, 0.0f, 0.011f) * pixels : 0.0f;
    float angle = random_range(&stream, -0.5f, 0.5f);
    s->shake_x = shake * cosf(angle);
    s->shake_y = shake * sinf(angle);
    static const float base[WEATHER_COUNT] = {1.00f, 1.08f, 1.60f, 1.32f};
    s->exposure = base[s->sun.weather] * expf(random_range(&stream, -0.22f, 0.22f));
    s->vignette = random_range(&stream, 0.0f, 0.28f);
    s->grain = random_range(&stream, 0.004f, 0.020f);
    s->warmth = random_range(&stream, -0.05f, 0.05f);
    s->grain_salt = (uint32_t)random_bits(&stream);
}

void scene_compose(scene *out, const scene_assets *assets, const random_stream *stream, int class_index, int race, int size)
{
    *out = (scene){.place = &assets->venues[race]};
    out->sun = choose_weather(random_branch(stream, FOR_WEATHER), out->place);

    random_stream place = random_branch(stream, FOR_PLACE);
    out->bank = out->place->bank;
    out->wall_y = -random_range(&place, 2.4f, 7.0f);
    out->inner_y = random_range(&place, 3.0f, 9.0f);
    out->lane_y = random_range(&place, -1.2f, 1.2f);
    out->along = random_range(&place, -400.0f, 400.0f);
    out->haze = 250.0f * expf(2.2f * random_unit(&place));
    float yaw = random_range(&place, -0.06f, 0.06f);
    if (random_chance(&place, 0.06f))
        yaw = random_range(&place, -0.45f, 0.45f); /* sliding */
    out->cars[0] = (scene_car){stand_on_road(out->bank, 0.0f, 0.0f, yaw),
                               &assets->liveries[race * CLASS_COUNT + class_index]};
    out->car_count = 1;

    choose_view(out, assets, random_branch(stream, FOR_VIEW), size);
    random_stream others = random_branch(stream, FOR_OTHERS);
    if (random_chance(&others, 0.42f)) {
        int wanted = 1 + random_below(&others, SCENE_CARS_MAX - 1);
        for (int i = 0; i < wanted; i++)
            add_other_car(out, assets, &others);
    }
    add_poles(out, random_branch(stream, FOR_POLES), size);
    choose_lens(out, random_branch(stream, FOR_LENS), size);
}
