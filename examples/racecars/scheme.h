/* Paint schemes: who wears which colours in which race.
 *
 * Promises: a scheme is a pure function of class and race; in some races two classes wear nearly alike paint, so that
 * only the number tells them apart. All sponsors are invented.
 * Must not know: how paint gets onto a car. */
#ifndef RACECARS_SCHEME_H
#define RACECARS_SCHEME_H

#include "canvas.h"

enum { CLASS_COUNT = 4, RACES_MAX = 16, DRAB_COUNT = 10 };

enum pattern {
    PATTERN_PLAIN,
    PATTERN_LOWER,   /* the second colour below a line rising to the rear */
    PATTERN_FLAMES,  /* tongues of the second and third colours from the nose */
    PATTERN_BANDS,   /* slanted bands over the rear half */
    PATTERN_STRIPE,  /* one broad stripe along the side, edged */
    PATTERN_REAR,    /* the rear half in the second colour, slanted edge in the third */
    PATTERN_MIDDLE   /* two stripes over bonnet, roof and deck */
};

typedef struct scheme {
    enum pattern pattern;
    colour base, second, third;
    colour number, outline, far_edge;
    colour lettering; /* of sponsors' words on the base colour */
    colour rim;
    int sponsor; /* index into the list of sponsors */
} scheme;

int scheme_class_number(int class_index);         /* 9, 24, 42, 48 */
const char *scheme_class_name(int class_index);   /* "car-09" ... */
const scheme *scheme_of(int class_index, int race); /* race counts from 0 */

/* Cars that belong to no class: dull paint and other numbers. */
const scheme *scheme_of_drab(int index);
int scheme_drab_number(int index);

const char *scheme_sponsor(int index); /* any index, taken modulo the list */

#endif
