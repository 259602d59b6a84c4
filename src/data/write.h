/* Writes images as PNG: 8 bit, grey or colour, the same bytes for the same pixels (no dates, no comments). */
#ifndef DATA_WRITE_H
#define DATA_WRITE_H

#include <stddef.h>
#include <stdint.h>

/* `pixels` are (height, width, channels), channels 1 or 3. *png is the caller's, to free with free(). */
int image_encode(uint8_t **png, size_t *bytes, const uint8_t *pixels, int width, int height, int channels);

/* Encodes to a file, which is replaced as base/file.h promises. */
int image_write(const char *path, const uint8_t *pixels, int width, int height, int channels);

/* The same without waiting for the disk, for the many images of a set: file_sync_system at the end. */
int image_write_unsynced(const char *path, const uint8_t *pixels, int width, int height, int channels);

/* Text as a field of a CSV file, quoted where it must be; to be freed. NULL without memory. */
char *write_csv_field(const char *text);

#endif
