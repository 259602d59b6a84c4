/* Between 8-bit samples and the numbers in [-1, 1] that networks see. */
#ifndef TRAIN_PIXELS_H
#define TRAIN_PIXELS_H

#include <stdint.h>

static inline float pixel_to_number(uint8_t pixel)
{
    return (float)pixel / 127.5f - 1;
}

/* To the nearest; what lies outside, and NaN, goes to an end. */
static inline uint8_t pixel_from_number(float number)
{
    const float level = (number + 1) * 127.5f + 0.5f;
    if (!(level > 0))
        return 0;
    return level < 255 ? (uint8_t)level : 255;
}

#endif
