/* One message per thread. A fixed buffer, so that running out of memory can still be said. */
#include "base/error.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_SIZE = 1024 };

static _Thread_local char message[MESSAGE_SIZE];

/* `line` is the caller's own: the arguments may point into the old message. */
static void keep(char line[MESSAGE_SIZE])
{
    text_make_plain(line);
    memcpy(message, line, MESSAGE_SIZE);
}

int error_set(int status, const char *format, ...)
{
    char line[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    keep(line);
    return status;
}

int error_set_errno(int status, const char *format, ...)
{
    const int reason = errno;
    char line[MESSAGE_SIZE - 160], whole[MESSAGE_SIZE], why[128] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    const char *text = strerror_r(reason, why, sizeof why); /* GNU's: the text may not be in `why` */
    snprintf(whole, sizeof whole, "%s: %s", line, text);
    keep(whole);
    return status;
}

int error_prefix(int status, const char *format, ...)
{
    char prefix[MESSAGE_SIZE / 2], line[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    snprintf(line, sizeof line, "%s: %.*s", prefix, (int)(sizeof line - sizeof prefix - 3), message);
    keep(line);
    return status;
}

const char *error_message(void)
{
    return message;
}
