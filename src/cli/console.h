/* Where news goes: stderr, with one line that is rewritten in place if it is a terminal. Results go to stdout. */
#ifndef CLI_CONSOLE_H
#define CLI_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct console {
    bool quiet;
    bool terminal;      /* stderr is one that understands escape sequences */
    int width;          /* of the line on it, 0: none */
    double shown_at;
};

void console_begin(struct console *console, bool quiet);

/* A line that stays. */
void console_line(struct console *console, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The line that is rewritten; without a terminal one in ten seconds is printed, and nothing before the first ten. */
void console_progress(struct console *console, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Wipes that line. */
void console_clear(struct console *console);

/* For the library: a standin_log_function and a standin_progress_function on a console. */
void console_log(void *console, const char *line);
int console_work(void *console, const char *what, int64_t done, int64_t total);

/* Images drawn with characters, if `out` is a terminal; at most `share` of its height. */
struct picture {
    const uint8_t *pixels;
    int64_t count;
    int width, height, channels, columns;
};
bool console_can_draw(FILE *out);
void console_draw(FILE *out, const struct picture *picture, double share);

/* Seconds on a clock that never jumps. */
double console_now(void);

/* "1:05:09", "4:30", "0:07". `text` holds DURATION_TEXT bytes and is returned. */
enum { DURATION_TEXT = 24 };
char *duration_text(double seconds, char *text);

/* "standin: " and the library's message, on stderr; returns the exit code that belongs to the status. */
int library_error(int status);

#endif
