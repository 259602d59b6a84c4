/* A race's venue: the look of track, wall, stands and grass.
 *
 * Promises: a pure function of the race.
 * Must not know: cars, cameras. */
#ifndef RACECARS_VENUE_H
#define RACECARS_VENUE_H

#include "canvas.h"
#include "light.h"

enum { BOARD_COUNT = 8 };
#define BOARD_LENGTH 7.0f
#define BOARD_HEIGHT 1.1f

typedef struct venue {
    vec3 asphalt, grass, wall, seats, apron_line;
    float bank;          /* radians */
    float crowd;         /* share of seats taken */
    int stands;          /* 0: trees behind the fence instead */
    float weather_share[WEATHER_COUNT]; /* sums to 1 */
    texture boards;      /* sponsors' boards of the wall: u along in [0, BOARD_COUNT * BOARD_LENGTH), v up */
    uint32_t salt;
} venue;

/* 0, or -1 without memory (free it all the same). */
int venue_build(venue *out, int race);
void venue_free(venue *v);

#endif
