/* Random numbers and noise that depend on nothing but their keys.
 *
 * Promises: a stream is a pure function of (seed, class, race, image) and of the purpose it was branched for, so an
 * image has the same bits whichever thread draws it, and a draw added for one purpose does not shift another's.
 * Must not know: what the numbers are used for. */
#ifndef RACECARS_RANDOM_H
#define RACECARS_RANDOM_H

#include <stdint.h>

#include "vec.h"

typedef struct random_stream {
    uint64_t key;
    uint64_t counter;
} random_stream;

random_stream random_begin(uint64_t seed, uint32_t class_index, uint32_t race, uint32_t image);

/* An independent stream for one purpose; does not advance `parent`. */
random_stream random_branch(const random_stream *parent, uint32_t purpose);

uint64_t random_bits(random_stream *stream);
float random_unit(random_stream *stream);                        /* [0, 1) */
float random_range(random_stream *stream, float low, float high); /* [low, high) */
int random_below(random_stream *stream, int count);              /* 0 .. count-1 */
int random_chance(random_stream *stream, float probability);     /* 0 or 1 */

/* A hash of a grid cell, and smooth value noise in [0, 1] with a lattice of 1. Inline: they are called for every pixel. */
static inline uint32_t hash_cell(int x, int y, uint32_t salt)
{
    uint32_t h = (uint32_t)x * 0x8da6b343u ^ (uint32_t)y * 0xd8163841u ^ salt * 0xcb1ab31fu;
    h = (h ^ (h >> 15)) * 0x2c1b3c6du;
    h = (h ^ (h >> 12)) * 0x297a2d39u;
    return h ^ (h >> 15);
}

static inline float hash_unit(int x, int y, uint32_t salt)
{
    return (float)(hash_cell(x, y, salt) >> 8) * 0x1p-24f;
}

static inline float noise_value(float x, float y, uint32_t salt)
{
    int column = floor_int(x), row = floor_int(y);
    float u = x - (float)column, v = y - (float)row;
    u = u * u * (3.0f - 2.0f * u);
    v = v * v * (3.0f - 2.0f * v);
    float low = mixf(hash_unit(column, row, salt), hash_unit(column + 1, row, salt), u);
    float high = mixf(hash_unit(column, row + 1, salt), hash_unit(column + 1, row + 1, salt), u);
    return mixf(low, high, v);
}

#endif
