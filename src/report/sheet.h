/* Contact sheets: many images in one. */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include <stdint.h>

/* `count` images (count, height, width, channels) in rows of `columns`, with grey lines one pixel thin between them,
 * as one image. *pixels is the caller's, to free with free(). */
int sheet_compose(uint8_t **sheet, int *sheet_width, int *sheet_height, const uint8_t *pixels, int64_t count, int width,
                  int height, int channels, int columns);

#endif
