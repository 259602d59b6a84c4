/* Names come from files of others: what is written to a terminal has no control characters, which would speak to it,
 * and columns count letters of UTF-8, not bytes. */
#ifndef CLI_PLAIN_H
#define CLI_PLAIN_H

#include <stdarg.h>
#include <stdio.h>

int plain_letters(const char *text);

/* With a question mark for each control character. */
void plain_write(FILE *out, const char *text);
void plain_write_format(FILE *out, const char *format, va_list arguments);

/* With spaces behind it, or before it, up to so many columns. */
void plain_write_left(FILE *out, const char *text, int columns);
void plain_write_right(FILE *out, const char *text, int columns);

#endif
