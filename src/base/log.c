/* The receiver of news, one for the process. */
#include "base/log.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

enum { LINE_SIZE = 1024 };

static log_function *receiver;
static void *receiver_context;

void log_set(log_function *function, void *context)
{
    receiver = function;
    receiver_context = context;
}

void log_line(const char *format, ...)
{
    if (!receiver)
        return;
    char line[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    text_make_plain(line);
    receiver(receiver_context, line);
}
