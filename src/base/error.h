/* Errors: every fallible function returns 0 or a negative status and leaves one line, for this thread,
 * that names the thing and the value. Nothing here prints or exits. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdarg.h>

/* The same numbers as in standin.h; a test holds them together. */
enum status {
    STATUS_OK = 0,
    STATUS_FAILED = -1,      /* anything without a better name */
    STATUS_MEMORY = -2,      /* an allocation failed */
    STATUS_FILE = -3,        /* a file or folder could not be opened, read or written */
    STATUS_INPUT = -4,       /* what a file or an argument says makes no sense */
    STATUS_INTERRUPTED = -5, /* asked to stop; everything worth keeping is saved */
};

/* Keeps the formatted line as this thread's message and returns `status`, so that
 * `return error_set(STATUS_INPUT, "%s: ...", path)` is the usual form. */
int error_set(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Like error_set with the system's reason for `errno` behind the line. */
int error_set_errno(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "text: " before the message that is there; returns `status` unchanged. */
int error_prefix(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* This thread's last message, never NULL, owned by the library until the next error. */
const char *error_message(void);

#endif
