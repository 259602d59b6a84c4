/* Decimal text through the C library under its "C" locale. */
#include "base/number.h"

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DIGITS_MAXIMUM = 17 }; /* of a double: always enough */
static const double whole_limit = 1e9;

static double read_double(const char *text, char **end)
{
    const locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    const double value = plain ? strtod_l(text, end, plain) : strtod(text, end);
    if (plain)
        freelocale(plain);
    return value;
}

static void write_shortest(char *text, double value)
{
    for (int digits = 1; digits <= DIGITS_MAXIMUM; digits++) {
        snprintf(text, NUMBER_TEXT, "%.*g", digits, value);
        if (strtod(text, NULL) >= value && strtod(text, NULL) <= value)
            break;
    }
}

char *number_text(double value, char *text)
{
    const locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    const locale_t before = plain ? uselocale(plain) : (locale_t)0;
    if (fabs(value) < whole_limit && value == trunc(value))
        snprintf(text, NUMBER_TEXT, "%.0f", value); /* 30, where %g says 3e+01 */
    else
        write_shortest(text, value);
    if (plain) {
        uselocale(before);
        freelocale(plain);
    }
    return text;
}

bool number_read_integer(const char *text, int64_t *value)
{
    if (!isdigit((unsigned char)text[text[0] == '-']))
        return false;
    char *end;
    errno = 0;
    const long long number = strtoll(text, &end, 10);
    *value = number;
    return errno == 0 && *end == 0;
}

bool number_read_natural(const char *text, uint64_t *value)
{
    if (!isdigit((unsigned char)text[0]))
        return false;
    char *end;
    errno = 0;
    const unsigned long long number = strtoull(text, &end, 10);
    *value = number;
    return errno == 0 && *end == 0;
}

bool number_read_real(const char *text, double *value)
{
    const char *digits = text + (text[0] == '-');
    if (!isdigit((unsigned char)digits[0]) && digits[0] != '.')
        return false; /* leaves no room for spaces, "inf", "nan" */
    char *end;
    *value = read_double(text, &end);
    return end > digits && *end == 0 && isfinite(*value);
}
