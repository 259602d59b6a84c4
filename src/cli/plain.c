/* Byte by byte: those of a letter of UTF-8 after its first begin with the bits 10. */
#include "plain.h"

#include <stdlib.h>

int plain_letters(const char *text)
{
    int letters = 0;
    for (; *text; text++)
        letters += ((unsigned char)*text & 0xC0) != 0x80;
    return letters;
}

void plain_write(FILE *out, const char *text)
{
    for (; *text; text++) {
        const unsigned char byte = (unsigned char)*text;
        fputc(byte < ' ' || byte == 0x7F ? '?' : byte, out);
    }
}

void plain_write_format(FILE *out, const char *format, va_list arguments)
{
    char *text;
    if (vasprintf(&text, format, arguments) < 0)
        return;
    plain_write(out, text);
    free(text);
}

static void fill(FILE *out, const char *text, int columns)
{
    const int letters = plain_letters(text);
    fprintf(out, "%*s", columns > letters ? columns - letters : 0, "");
}

void plain_write_left(FILE *out, const char *text, int columns)
{
    plain_write(out, text);
    fill(out, text, columns);
}

void plain_write_right(FILE *out, const char *text, int columns)
{
    fill(out, text, columns);
    plain_write(out, text);
}
