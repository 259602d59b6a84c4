/* The files: OUT/<class>/race-<r>/<number>.png and OUT/labels.csv.
 *
 * Promises: every file is written beside its place and then renamed, so there is never half a file under its name;
 * errors are one line in the caller's buffer.
 * Must not know: what is in the pictures. */
#ifndef RACECARS_OUTPUT_H
#define RACECARS_OUTPUT_H

#include <stddef.h>

enum { OUTPUT_PATH_MAX = 4096, OUTPUT_ERROR_MAX = 4600 };

/* Makes the folder and those above it. 0 or -1 with a line in `error` (OUTPUT_ERROR_MAX bytes). */
int output_make_folder(const char *path, char *error);

/* Writes `length` bytes to `path`. 0 or -1 with a line in `error`. */
int output_write(const char *path, const void *bytes, size_t length, char *error);

/* Writes (size, size, 3) bytes as a PNG. 0 or -1 with a line in `error`. */
int output_write_png(const char *path, const unsigned char *pixels, int size, char *error);

#endif
