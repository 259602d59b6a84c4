/* Pieces of an HTML page. */
#include "report/html.h"

#include "data/write.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- Text ------------------------------------------------------------------------------------------------- */

/* Bytes of the UTF-8 character at `text`, or 0 if there is none that a page may hold: overlong forms, surrogates,
 * control characters and those that turn the direction of what follows are left out. */
static int character_bytes(const unsigned char *text)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (text[0] < 0x80)
        return (text[0] >= ' ' || text[0] == '\n' || text[0] == '\t') && text[0] != 0x7F;
    const int bytes = text[0] >= 0xF0 && text[0] < 0xF5   ? 4
                      : text[0] >= 0xE0 && text[0] < 0xF0 ? 3
                      : text[0] >= 0xC2 && text[0] < 0xE0 ? 2
                                                          : 0;
    uint32_t code = bytes ? text[0] & (0xFFu >> (bytes + 1)) : 0;
    for (int i = 1; i < bytes; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3Fu);
    }
    const bool turns = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    const bool meant = code >= 0xA0 && (code < 0xD800 || code > 0xDFFF) && code <= 0x10FFFF && !turns;
    return bytes && meant && code >= least[bytes] ? bytes : 0;
}

void html_text(FILE *out, const char *text)
{
    for (const unsigned char *byte = (const unsigned char *)text; *byte;) {
        const int bytes = character_bytes(byte);
        if (*byte == '&')
            fputs("&amp;", out);
        else if (*byte == '<')
            fputs("&lt;", out);
        else if (*byte == '>')
            fputs("&gt;", out);
        else if (*byte == '"')
            fputs("&quot;", out);
        else if (*byte == '\'')
            fputs("&#39;", out);
        else if (bytes == 0)
            fputs("\xEF\xBF\xBD", out);
        else
            fwrite(byte, 1, (size_t)bytes, out);
        byte += bytes ? bytes : 1;
    }
}

void html_format(FILE *out, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    html_text(out, text);
    free(text);
}

void html_number(FILE *out, const char *number)
{
    for (; *number; number++) {
        const bool minus = *number == '-' && number[1] >= '0' && number[1] <= '9';
        const char one[2] = {*number, 0};
        html_text(out, minus ? "\u2212" : strcmp(number, "-") == 0 ? "\u2013" : one);
    }
}

/* ---- Pictures --------------------------------------------------------------------------------------------- */

static void write_base64(FILE *out, const uint8_t *bytes, size_t count)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < count; i += 3) {
        const size_t left = count - i;
        const uint32_t three =
            (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
        const char four[4] = {letters[three >> 18], letters[three >> 12 & 63],
                              left > 1 ? letters[three >> 6 & 63] : '=', left > 2 ? letters[three & 63] : '='};
        fwrite(four, 1, sizeof four, out);
    }
}

void html_png(FILE *out, const uint8_t *png, size_t bytes, int shown_width, const char *alt)
{
    fprintf(out, "<img style=\"width:%dpx\" alt=\"", shown_width);
    html_text(out, alt);
    fputs("\" src=\"data:image/png;base64,", out);
    write_base64(out, png, bytes);
    fputs("\">", out);
}

int html_picture(FILE *out, const uint8_t *pixels, int width, int height, int channels, int shown_width,
                 const char *alt)
{
    uint8_t *png;
    size_t bytes;
    const int status = image_encode(&png, &bytes, pixels, width, height, channels);
    if (status < 0)
        return status;
    html_png(out, png, bytes, shown_width, alt);
    free(png);
    return 0;
}

/* ---- Frame ------------------------------------------------------------------------------------------------ */

void html_begin(FILE *out, const char *title)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          /* Whatever a page may be made to contain, it loads and runs nothing. */
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
          "img-src data:\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
          out);
    html_text(out, title);
    fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", html_style);
}

void html_end(FILE *out)
{
    fputs("</body>\n</html>\n", out);
}

locale_t html_numbers_begin(void)
{
    const locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    return plain ? uselocale(plain) : (locale_t)0;
}

void html_numbers_end(locale_t before)
{
    if (before)
        freelocale(uselocale(before));
}

/* ---- Tables ----------------------------------------------------------------------------------------------- */

void html_table_begin(FILE *out, const char *caption, const char *const *titles)
{
    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"", out);
    html_text(out, caption ? caption : titles[0][0] ? titles[0] : "table");
    fputs("\"><table>\n", out);
    if (caption) {
        fputs("<caption>", out);
        html_text(out, caption);
        fputs("</caption>\n", out);
    }
    fputs("<thead><tr>", out);
    for (int i = 0; titles[i]; i++) {
        fputs(titles[i][0] ? "<th scope=\"col\">" : "<td>", out);
        html_text(out, titles[i]);
        fputs(titles[i][0] ? "</th>" : "</td>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
}

void html_table_end(FILE *out)
{
    fputs("</tbody></table></div>\n", out);
}

void html_table_note(FILE *out, int columns, const char *text)
{
    fprintf(out, "<tr class=\"note\"><td colspan=\"%d\"><span>", columns);
    html_text(out, text);
    fputs("</span></td></tr>\n", out);
}

void html_row_header(FILE *out, const char *text)
{
    fputs("<th scope=\"row\">", out);
    html_text(out, text);
    fputs("</th>", out);
}

void html_number_cell(FILE *out, const char *number, const char *interval)
{
    fputs("<td class=\"number\">", out);
    html_number(out, number);
    if (interval[0]) {
        fputs("<small>", out);
        html_number(out, interval);
        fputs("</small>", out);
    }
    fputs("</td>", out);
}
