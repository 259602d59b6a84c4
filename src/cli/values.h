/* Reading what stands behind an option. Each function is false when the text is not such a value or out of range. */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <stdbool.h>
#include <stdint.h>

struct size {
    int width, height;
};

bool value_integer(const char *text, int64_t minimum, int64_t maximum, int64_t *value);
bool value_seed(const char *text, uint64_t *value);
bool value_duration(const char *text, double *seconds); /* "90s", "10m", "1.5h" */
bool value_share(const char *text, double *share);      /* "0.9" or "90%", above 0 and below 1 */
bool value_size(const char *text, struct size *size);   /* "64" or "96x64" */
bool value_picture(const char *text); /* a file's name without the ending of another image format than PNG */
bool value_choice(const char *text, const char *const *names, int count,
                  int *choice); /* the number of one of the names */

/* Of `count` names, the one most like `text`; NULL if none is like it at all. */
const char *value_nearest(const char *text, const char *const *names, int count);

#endif
