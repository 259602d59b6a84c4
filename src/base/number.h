/* Numbers as decimal text, the same under every locale: what is written reads back to the same bits, and what is read
 * is a number to its last character. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

enum { NUMBER_TEXT = 32 };

/* The shortest decimal text that reads back to `value`. `text` holds NUMBER_TEXT bytes and is returned. */
char *number_text(double value, char *text);

/* False if `text` is anything but one number that fits, without spaces; infinities and NaN are no numbers. */
bool number_read_integer(const char *text, int64_t *value);
bool number_read_natural(const char *text, uint64_t *value); /* no sign */
bool number_read_real(const char *text, double *value);

#endif
