/* The public functions that belong to no room: the version, the last error, the log. */
#include "base/error.h"
#include "base/log.h"

#include <standin/standin.h>
#include <stdlib.h>

const char *standin_version(void)
{
    return STANDIN_VERSION;
}

const char *standin_error_message(void)
{
    return error_message();
}

void standin_log_set(standin_log_function *function, void *context)
{
    log_set(function, context);
}

void standin_text_free(char *text)
{
    free(text);
}
