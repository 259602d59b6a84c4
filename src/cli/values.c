/* Numbers, durations, sizes. */
#include "values.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SIDE_MINIMUM = 8, SIDE_MAXIMUM = 4096 };
static const double longest = 1000 * 3600.0;

bool value_integer(const char *text, int64_t minimum, int64_t maximum, int64_t *value)
{
    if (!isdigit((unsigned char)text[text[0] == '-']))
        return false;
    char *end;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return errno == 0 && *end == 0 && *value >= minimum && *value <= maximum;
}

bool value_seed(const char *text, uint64_t *value)
{
    if (!isdigit((unsigned char)text[0]))
        return false;
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno == 0 && *end == 0;
}

bool value_duration(const char *text, double *seconds)
{
    if (!isdigit((unsigned char)text[0]) && text[0] != '.')
        return false; /* leaves out signs, spaces, "inf", "nan" */
    char *unit;
    *seconds = strtod(text, &unit);
    if (strcmp(unit, "m") == 0)
        *seconds *= 60;
    else if (strcmp(unit, "h") == 0)
        *seconds *= 3600;
    else if (strcmp(unit, "s") != 0)
        return false;
    return *seconds > 0 && *seconds <= longest;
}

bool value_share(const char *text, double *share)
{
    if (!isdigit((unsigned char)text[0]) && text[0] != '.')
        return false; /* leaves out signs, spaces, "inf", "nan" */
    char *unit;
    *share = strtod(text, &unit);
    if (strcmp(unit, "%") == 0)
        *share /= 100;
    else if (*unit)
        return false;
    return *share > 0 && *share < 1;
}

bool value_size(const char *text, struct size *size)
{
    const char *cross = strchr(text, 'x');
    int64_t width, height;
    char first[8] = "";
    const size_t length = cross ? (size_t)(cross - text) : strlen(text);
    if (length >= sizeof first)
        return false;
    memcpy(first, text, length);
    if (!value_integer(first, SIDE_MINIMUM, SIDE_MAXIMUM, &width) ||
        !value_integer(cross ? cross + 1 : first, SIDE_MINIMUM, SIDE_MAXIMUM, &height))
        return false;
    *size = (struct size){(int)width, (int)height};
    return true;
}

bool value_picture(const char *text)
{
    static const char *const others[] = {".jpg",  ".jpeg", ".jfif", ".gif", ".bmp", ".webp", ".tif", ".tiff",
                                         ".avif", ".heic", ".jxl",  ".jp2", ".ppm", ".pgm",  ".svg", ".pdf"};
    const char *ending = strrchr(text, '.');
    for (size_t i = 0; ending && i < sizeof others / sizeof *others; i++)
        if (strcasecmp(ending, others[i]) == 0)
            return false;
    return true;
}

bool value_choice(const char *text, const char *const *names, int count, int *choice)
{
    for (*choice = 0; *choice < count; ++*choice)
        if (strcmp(text, names[*choice]) == 0)
            return true;
    return false;
}

/* Letters that agree at the beginning and at the end: a single slip of the finger costs at most two. */
static size_t likeness(const char *a, const char *b)
{
    const size_t shorter = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
    size_t head = 0, tail = 0;
    while (head < shorter && a[head] == b[head])
        head++;
    while (head + tail < shorter && a[strlen(a) - 1 - tail] == b[strlen(b) - 1 - tail])
        tail++;
    return head + tail;
}

const char *value_nearest(const char *text, const char *const *names, int count)
{
    const char *nearest = NULL;
    size_t best = strlen(text) / 2;
    for (int i = 0; i < count; i++)
        if (likeness(text, names[i]) > best) {
            best = likeness(text, names[i]);
            nearest = names[i];
        }
    return nearest;
}
