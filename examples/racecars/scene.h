/* What is in a picture: cars, viewpoint, light, and what the lens and the shutter do.
 *
 * Promises: a pure function of stream, class, race and size; no pixels yet.
 * Must not know: how pixels are made. */
#ifndef RACECARS_SCENE_H
#define RACECARS_SCENE_H

#include "camera.h"
#include "livery.h"
#include "mesh.h"
#include "track.h"
#include "venue.h"

enum { SCENE_CARS_MAX = 4, SCENE_POLES_MAX = 3 };

typedef struct scene_car {
    pose place;
    const livery *paint;
} scene_car;

/* A post so near to the lens that it is only an upright, blurred bar in the picture. */
typedef struct scene_pole {
    float x, lean, half_width, softness; /* pixels; lean: pixels across a pixel down */
    vec3 paint;
} scene_pole;

typedef struct scene {
    camera eye;
    light sun;
    const venue *place;
    scene_car cars[SCENE_CARS_MAX]; /* cars[0] is the subject */
    int car_count;
    scene_pole poles[SCENE_POLES_MAX];
    int pole_count;
    float mesh_cover, mesh_pitch; /* a wire fence before the lens: share covered (0: none), pixels between wires */
    float bank;
    float wall_y, inner_y, lane_y, along, haze;
    float travel;                 /* metres a car moves while the shutter is open */
    float shake_x, shake_y;       /* pixels the camera moves meanwhile */
    float wheel_turn;             /* radians */
    float exposure, vignette, grain, warmth;
    uint32_t grain_salt;
} scene;

/* Everything that scenes share; borrowed. */
typedef struct scene_assets {
    mesh car;
    venue *venues;     /* [races] */
    livery *liveries;  /* [races][CLASS_COUNT] */
    livery drab[DRAB_COUNT];
    int races;
} scene_assets;

/* Builds meshes, venues and paint. 0, or -1 without memory; free it in both cases. */
int scene_assets_create(scene_assets *out, int races, int size);
void scene_assets_free(scene_assets *assets);

/* Chooses the picture of `size` pixels square. */
void scene_compose(scene *out, const scene_assets *assets, const random_stream *stream, int class_index, int race, int size);

#endif
