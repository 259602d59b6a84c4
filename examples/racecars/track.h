/* Everything behind the cars: a cross-section of road, wall, fence, stands and infield, drawn out along x.
 *
 * Promises: a colour for every ray; no state.
 * Must not know: how cars look; it only knows where they stand, to darken the road under them. */
#ifndef RACECARS_TRACK_H
#define RACECARS_TRACK_H

#include "light.h"
#include "venue.h"

enum { TRACK_SEGMENTS = 12, TRACK_CARS_MAX = 6 };

enum track_part {
    PART_ROAD, PART_APRON, PART_GRASS, PART_PIT_WALL, PART_PIT_ROAD, PART_PIT_BOXES, PART_WALL, PART_BANK, PART_STAND_WALL,
    PART_STAND, PART_TREES
};

/* One straight piece of the cross-section, the unit normal of its visible side, and what the camera's place makes of
 * it: the height of the camera over the piece, and where along it (0 at the first end, 1 at the second). */
typedef struct track_segment {
    float y0, z0, length, normal_y, normal_z;
    enum track_part part;
    float camera_height, camera_share;
} track_segment;

typedef struct track {
    const venue *place;
    const light *sun;
    const shadow_map *shadows;
    vec3 camera;
    track_segment segments[TRACK_SEGMENTS];
    int segment_count;
    float wall_y, wall_z; /* foot of the outer wall */
    float inner_y;        /* where the road ends towards the infield */
    float lane_y;         /* the dark groove where everybody drives */
    float bank;           /* radians */
    int gap;              /* 1: no outer wall, see track_lay */
    float pixel_angle;    /* radians a pixel sees */
    float along;          /* shifts what is painted along x */
    float haze;           /* metres over which contrast falls by e */
    pose cars[TRACK_CARS_MAX];
    int car_count;
} track;

/* Lays out the cross-section from wall_y, inner_y and bank. A photographer who stands behind the outer wall looks
 * through a gap in it: for him wall and stands are left out. */
void track_lay(track *t, vec3 camera);

/* What a ray of any length from the camera meets. */
typedef struct track_hit {
    const track_segment *piece; /* NULL: the sky */
    float distance;             /* in lengths of the ray; large for the sky */
    float share;                /* 0 at the piece's first end, 1 at its second */
} track_hit;

track_hit track_meet(const track *t, vec3 ray);

/* The colour of what was met. */
vec3 track_colour(const track *t, vec3 ray, const track_hit *hit);

#endif
