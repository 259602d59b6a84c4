/* Textures measured in metres, and drawing filled shapes and strokes into them.
 *
 * Promises: u grows to the right of the stored picture and v upwards, both in metres of the thing that is painted.
 * Colours are 8-bit with gamma 2; alpha says what the paint is (see MATTER_*).
 * Must not know: which thing is painted. */
#ifndef RACECARS_CANVAS_H
#define RACECARS_CANVAS_H

#include <stddef.h>

#include "vec.h"

/* Alpha of a texel: values between blend neighbouring matters where a smaller picture mixes them. */
enum { MATTER_GLASS = 0, MATTER_MATT = 128, MATTER_PAINT = 255 };

enum { TEXTURE_LEVELS_MAX = 9 };

typedef struct colour {
    unsigned char red, green, blue, matter;
} colour;

typedef struct point2 {
    float u, v;
} point2;

typedef struct texture {
    colour *texels; /* all levels, largest first */
    int width, height, levels;
    size_t level_start[TEXTURE_LEVELS_MAX];
    float u_low, v_high; /* the picture's top left corner */
    float scale;         /* texels a metre at level 0 */
} texture;

/* Directions along which text is written: a glyph's right and up, per metre. */
typedef struct text_frame {
    point2 centre, right, up;
} text_frame;

/* 0, or -1 without memory. Free with texture_free. */
int texture_create(texture *out, float u_low, float u_high, float v_low, float v_high, float scale);
void texture_free(texture *t);

void canvas_clear(texture *t, colour paint);
void canvas_polygon(texture *t, const point2 *points, int count, colour paint); /* even-odd, at most 32 points */
void canvas_rectangle(texture *t, float u0, float v0, float u1, float v1, colour paint);
void canvas_disc(texture *t, point2 centre, float radius, colour paint);
void canvas_stroke(texture *t, point2 from, point2 to, float width, colour paint);

/* Makes the smaller levels from level 0; call once after drawing. */
void texture_finish(texture *t);

/* Bilinear, edges repeated; (red, green, blue, matter) in [0, 255]. level is clamped. */
typedef struct sample4 {
    float red, green, blue, matter;
} sample4;
sample4 texture_sample(const texture *t, float u, float v, int level);

#endif
