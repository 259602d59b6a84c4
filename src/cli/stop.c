/* The signal handler. */
#include "stop.h"

#include "arguments.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t requests;

static void receive(int signal)
{
    (void)signal;
    if (requests++ > 0)
        _exit(EXIT_INTERRUPTED);
    static const char text[] = "\nstopping as soon as nothing is lost; once more stops at once\n";
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        return; /* nobody listens */
}

void stop_listen(void)
{
    struct sigaction action = {.sa_handler = receive, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int stop_wanted(void)
{
    return requests > 0;
}
