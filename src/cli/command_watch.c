/* standin watch: shows a run in a browser until Ctrl-C. */
#include "arguments.h"
#include "console.h"
#include "stop.h"

struct told {
    struct console console;
    bool already;
};

static int tell(void *context, const char *address)
{
    struct told *told = context;
    if (!told->already) {
        printf("%s\n", address);
        fflush(stdout); /* whoever reads it wants it now */
        console_line(&told->console, "open this address in a browser; Ctrl-C ends");
    }
    told->already = true;
    return stop_wanted();
}

int command_watch(const struct arguments *arguments)
{
    struct told told = {0};
    standin_watch_options options = STANDIN_WATCH_OPTIONS_INIT;
    if (arguments->port > 0) {
        options.port = (int)arguments->port;
        options.ports = 1;
    }
    options.progress = tell;
    options.progress_context = &told;
    console_begin(&told.console, arguments->quiet);
    stop_listen();
    const int status = standin_watch(arguments->path, &options);
    return status < 0 ? library_error(status) : EXIT_GOOD;
}
