/* News for whoever embeds the library: one line at a time, on the thread that called it. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* Receives one line without a line end. */
typedef void log_function(void *context, const char *line);

/* Process-wide; NULL (the default) is silence. Set it before other calls. */
void log_set(log_function *function, void *context);

/* Never from a worker of a pool: the receiver is promised the thread that called the library. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
