/* The terminal. */
#include "console.h"

#include "arguments.h"
#include "plain.h"
#include "stop.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const double rewrite_seconds = 0.1, repeat_seconds = 10;

double console_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static bool is_terminal(FILE *file)
{
    const char *kind = getenv("TERM");
    return isatty(fileno(file)) && kind && strcmp(kind, "dumb") != 0;
}

static void size_of_terminal(FILE *file, int *columns, int *rows)
{
    struct winsize size;
    const bool known = ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
    *columns = known ? size.ws_col : 80;
    *rows = known ? size.ws_row : 24;
}

void console_begin(struct console *console, bool quiet)
{
    *console = (struct console){.quiet = quiet, .terminal = is_terminal(stderr), .shown_at = console_now()};
    standin_log_set(quiet ? NULL : console_log, console);
}

void console_clear(struct console *console)
{
    if (console->width > 0)
        fputs("\r\033[K", stderr);
    console->width = 0;
}

void console_line(struct console *console, const char *format, ...)
{
    if (console->quiet)
        return;
    console_clear(console);
    va_list arguments;
    va_start(arguments, format);
    plain_write_format(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void console_progress(struct console *console, const char *format, ...)
{
    const double time = console_now();
    if (console->quiet || time - console->shown_at < (console->terminal ? rewrite_seconds : repeat_seconds))
        return;
    console->shown_at = time;
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (!console->terminal) {
        fprintf(stderr, "%s\n", line);
        return;
    }
    int columns, rows;
    size_of_terminal(stderr, &columns, &rows);
    console->width = fprintf(stderr, "\r%.*s\033[K", columns - 1, line);
    fflush(stderr);
}

void console_log(void *console, const char *line)
{
    console_line(console, "%s", line);
}

int console_work(void *console, const char *what, int64_t done, int64_t total)
{
    if (total > 0)
        console_progress(console, "%s: %" PRId64 " of %" PRId64, what, done, total);
    else
        console_progress(console, "%s: %" PRId64, what, done);
    return stop_wanted();
}

bool console_can_draw(FILE *out)
{
    return is_terminal(out);
}

static int colours_of_terminal(void)
{
    const char *plain = getenv("NO_COLOR"), *more = getenv("COLORTERM"), *kind = getenv("TERM");
    if (plain && *plain)
        return 2;
    if (more && (strcmp(more, "truecolor") == 0 || strcmp(more, "24bit") == 0))
        return 16777216;
    return kind && strstr(kind, "256color") ? 256 : 16;
}

void console_draw(FILE *out, const struct picture *picture, double share)
{
    int columns, rows;
    char *text;
    size_of_terminal(out, &columns, &rows);
    rows = (int)(share * rows);
    if (rows < 1 || picture->count < 1 ||
        standin_sheet_text(&text, picture->pixels, picture->count, picture->width, picture->height, picture->channels,
                           picture->columns, columns, rows, colours_of_terminal()) < 0)
        return; /* a picture beside the work is not worth stopping it */
    const size_t length = strlen(text);
    fprintf(out, "%s%s", text, length > 0 && text[length - 1] == '\n' ? "" : "\n");
    standin_text_free(text);
}

char *duration_text(double seconds, char *text)
{
    const long long whole = seconds < 1e9 ? (long long)(seconds + 0.5) : 0;
    if (whole >= 3600)
        snprintf(text, DURATION_TEXT, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(text, DURATION_TEXT, "%lld:%02lld", whole / 60, whole % 60);
    return text;
}

int library_error(int status)
{
    const char *message = standin_error_message();
    fprintf(stderr, "standin: %s\n", *message ? message : "out of memory"); /* ours alone leaves no message */
    return status == STANDIN_INTERRUPTED ? EXIT_INTERRUPTED : EXIT_FAILED;
}
