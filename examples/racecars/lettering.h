/* Numbers and words made of thick strokes.
 *
 * Promises: digits are blocky, slanted and outlined as race numbers are; words are plain capitals.
 * Must not know: where on a car they go. */
#ifndef RACECARS_LETTERING_H
#define RACECARS_LETTERING_H

#include "canvas.h"

typedef struct number_style {
    float slant;                    /* metres to the right per metre up */
    float weight;                   /* stroke width as a share of the height */
    colour fill, outline, far_edge; /* far_edge: a second, outer outline */
} number_style;

/* `number` in 0..99, `height` metres tall, centred on the frame. Numbers are drawn without a leading zero. */
void lettering_number(texture *t, const text_frame *frame, int number, float height, const number_style *style);

/* A word of capitals (blanks allowed), `width` metres wide at most and `height` tall at most, centred. */
void lettering_word(texture *t, const text_frame *frame, const char *word, float width, float height, colour paint);

#endif
