/* Classes whose names are nearly the same. */
#ifndef DATA_TWINS_H
#define DATA_TWINS_H

#include <stddef.h>

/* "Car" and "car", "café" and "cafe" are more often a slip than two things; they stay two classes all the same, with a
 * line in the log. */
int twins_warn(const char *const *classes, size_t count);

#endif
