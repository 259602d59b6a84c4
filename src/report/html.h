/* Pieces of an HTML page: escaped text, pictures inside the page, tables, and the frame around it all. A page needs
 * nothing from outside and no script. It must not know what the page is about.
 *
 * Everything goes to a FILE, usually a growing string; whoever opened it asks for its errors at the end. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <locale.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Text from anywhere, escaped for content and for attributes in double quotes; bytes that are not UTF-8 and control
 * characters become U+FFFD. */
void html_text(FILE *out, const char *text);

/* Formats, then escapes. */
void html_format(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A number as made by document.h: with a real minus sign. */
void html_number(FILE *out, const char *number);

/* <img> with the picture in it; `shown_width` in CSS pixels is the largest that it is shown at. 0 or a status. */
int html_picture(FILE *out, const uint8_t *pixels, int width, int height, int channels, int shown_width,
                 const char *alt);

/* The same of a PNG file's bytes. */
void html_png(FILE *out, const uint8_t *png, size_t bytes, int shown_width, const char *alt);

/* Head of a page up to and with <body>, and its end. */
void html_begin(FILE *out, const char *title);
void html_end(FILE *out);

/* From here on numbers have a point on this thread, whatever the locale, until the end is given what the beginning
 * returned. */
locale_t html_numbers_begin(void);
void html_numbers_end(locale_t before);

/* A table in a container of its own that scrolls where the window is too narrow: begin with a caption (or NULL) and the
 * titles of the columns, NULL at the end ("" is a column without one); the first column is text, others numbers. */
void html_table_begin(FILE *out, const char *caption, const char *const *titles);
void html_table_end(FILE *out);

/* A row below the one before, over all columns. */
void html_table_note(FILE *out, int columns, const char *text);

/* A cell: the row's title; a number with its interval below ("" where there is none). */
void html_row_header(FILE *out, const char *text);
void html_number_cell(FILE *out, const char *number, const char *interval);

/* The whole style sheet. */
extern const char html_style[];

#endif
