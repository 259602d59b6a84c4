/* The server, on libmicrohttpd without threads of its own. Other pages in the same browser, and other programs of the
 * machine, can send it whatever they like: what is not a plain request of its own page gets an error and no more. */
#include "report/watch_server.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "report/watch_page.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <standin/standin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS = 16,       /* more wait until one of these is done ... */
    CONNECTION_SECONDS = 5, /* ... or has been silent so long */
    CONNECTION_BYTES = 16 << 10,
    QUEUE = 16,
    REFRESH_LEAST = 5,
    REFRESH_MOST = 60,
    REFRESH_SHARE = 100 /* of the time of a processor, one part at most goes into pages: a training needs it */
};

struct made_page {
    struct watch_page page;
    double at, cost; /* seconds since the system's start; of the processor */
};

struct watch_server {
    const char *run;
    struct MHD_Daemon *daemon;
    char address[48], host[2][32];
    struct made_page live, still;
};

/* ---- Answers ---------------------------------------------------------------------------------------------- */

/* Takes over the response. */
static enum MHD_Result send_back(struct MHD_Connection *connection, unsigned code, const char *type, int refresh,
                            struct MHD_Response *response)
{
    static const char *const header[][2] = {
        {"Cache-Control", "no-store"},
        {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
                                    "form-action 'none'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
    };
    char seconds[16];
    if (!response)
        return MHD_NO;
    bool whole = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES;
    for (size_t i = 0; whole && i < sizeof header / sizeof *header; i++)
        whole = MHD_add_response_header(response, header[i][0], header[i][1]) == MHD_YES;
    snprintf(seconds, sizeof seconds, "%d", refresh);
    if (whole && refresh > 0)
        whole = MHD_add_response_header(response, "Refresh", seconds) == MHD_YES;
    if (whole && code == MHD_HTTP_METHOD_NOT_ALLOWED)
        whole = MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD") == MHD_YES;
    const enum MHD_Result sent = whole ? MHD_queue_response(connection, code, response) : MHD_NO;
    MHD_destroy_response(response);
    return sent;
}

static enum MHD_Result send_line(struct MHD_Connection *connection, unsigned code, int refresh, const char *line)
{
    return send_back(connection, code, "text/plain; charset=utf-8", refresh,
                MHD_create_response_from_buffer(strlen(line), (void *)(uintptr_t)line, MHD_RESPMEM_PERSISTENT));
}

static int refresh_after(double cost)
{
    return (int)fmin(REFRESH_MOST, fmax(REFRESH_LEAST, ceil(REFRESH_SHARE * cost)));
}

/* A page that was made just now is good for whoever asks next. */
static int renew(struct watch_server *server, struct made_page *made, bool live)
{
    const double begun = clock_read(CLOCK_THREAD_CPUTIME_ID);
    if (made->page.text && clock_now() - made->at < 0.5 * REFRESH_SHARE * made->cost)
        return 0;
    free(made->page.text);
    const int status =
        watch_page_make(&made->page, server->run, clock_read(CLOCK_REALTIME), live ? refresh_after(made->cost) : 0);
    made->at = clock_now();
    made->cost = clock_read(CLOCK_THREAD_CPUTIME_ID) - begun;
    return status;
}

static enum MHD_Result send_page(struct watch_server *server, struct MHD_Connection *connection, bool live)
{
    struct made_page *made = live ? &server->live : &server->still;
    if (renew(server, made, live) < 0)
        return send_line(connection, MHD_HTTP_SERVICE_UNAVAILABLE, REFRESH_LEAST,
                         "The folder of the run cannot be read at the moment.\n");
    return send_back(connection, MHD_HTTP_OK, "text/html; charset=utf-8", made->page.refresh,
                MHD_create_response_from_buffer(made->page.bytes, made->page.text, MHD_RESPMEM_MUST_COPY));
}

/* A page from elsewhere whose name was made to point here (DNS rebinding) still calls us by that name. */
static bool is_meant(const struct watch_server *server, struct MHD_Connection *connection)
{
    const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
    return host && (strcasecmp(host, server->host[0]) == 0 || strcasecmp(host, server->host[1]) == 0);
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_bytes, void **request)
{
    struct watch_server *server = context;
    (void)version, (void)upload, (void)upload_bytes, (void)request;
    if (!is_meant(server, connection))
        return send_line(connection, MHD_HTTP_FORBIDDEN, 0, "This server is for the machine that it runs on.\n");
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return send_line(connection, MHD_HTTP_METHOD_NOT_ALLOWED, 0, "There is only something to look at here.\n");
    if (strcmp(url, WATCH_PAGE) == 0)
        return send_page(server, connection, true);
    if (strcmp(url, WATCH_PAGE_STILL) == 0)
        return send_page(server, connection, false);
    if (strcmp(url, "/favicon.ico") == 0) /* which browsers ask for unasked, and complain about */
        return send_line(connection, MHD_HTTP_NO_CONTENT, 0, "");
    return send_line(connection, MHD_HTTP_NOT_FOUND, 0, "There is no such page.\n");
}

/* Addresses are compared as they come: "/%00x" is not "/". */
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strlen(text);
}

/* ---- Listening -------------------------------------------------------------------------------------------- */

/* The listening socket, or -1 with errno. */
static int listen_at(int port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int yes = 1, handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (handle < 0)
        return -1;
    if (setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        bind(handle, (const struct sockaddr *)&address, sizeof address) == 0 && listen(handle, QUEUE) == 0)
        return handle;
    const int why = errno;
    close(handle);
    errno = why;
    return -1;
}

static int listen_somewhere(int *handle, int port, int ports)
{
    for (int i = 0; i < ports; i++)
        if ((*handle = listen_at(port + i)) >= 0 || errno != EADDRINUSE)
            break;
    if (*handle >= 0)
        return 0;
    if (ports > 1 && errno == EADDRINUSE)
        return error_set(STATUS_FAILED, "127.0.0.1: the ports %d to %d are all taken", port, port + ports - 1);
    return error_set_errno(STATUS_FAILED, "127.0.0.1:%d", port);
}

static int learn_address(struct watch_server *server, int handle)
{
    struct sockaddr_in address = {0};
    socklen_t bytes = sizeof address;
    if (getsockname(handle, (struct sockaddr *)&address, &bytes) != 0)
        return error_set_errno(STATUS_FAILED, "127.0.0.1");
    const int port = ntohs(address.sin_port);
    snprintf(server->address, sizeof server->address, "http://127.0.0.1:%d/", port);
    snprintf(server->host[0], sizeof server->host[0], "127.0.0.1:%d", port);
    snprintf(server->host[1], sizeof server->host[1], "localhost:%d", port);
    return 0;
}

static int start(struct watch_server *server, int port, int ports)
{
    int handle = -1;
    int status = listen_somewhere(&handle, port, ports);
    if (status == 0)
        status = learn_address(server, handle);
    if (status == 0) {
        server->daemon = MHD_start_daemon(
            MHD_USE_AUTO, 0, NULL, NULL, answer, server, MHD_OPTION_LISTEN_SOCKET, handle, MHD_OPTION_UNESCAPE_CALLBACK,
            leave_escaped, NULL, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
            (unsigned)CONNECTION_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_END);
        if (!server->daemon)
            status = error_set(STATUS_FAILED, "%s: the server does not start", server->address);
    }
    if (status < 0 && handle >= 0)
        close(handle);
    return status;
}

int watch_server_open(struct watch_server **out, const char *run, int port, int ports)
{
    *out = NULL;
    struct watch_server *server = memory_new(1, sizeof *server);
    if (!server)
        return STATUS_MEMORY;
    server->run = run;
    const int status = start(server, port, ports);
    if (status < 0) {
        watch_server_close(server);
        return status;
    }
    *out = server;
    return 0;
}

void watch_server_close(struct watch_server *server)
{
    if (!server)
        return;
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    free(server->live.page.text);
    free(server->still.page.text);
    free(server);
}

const char *watch_server_address(const struct watch_server *server)
{
    return server->address;
}

int watch_server_run(struct watch_server *server, int milliseconds)
{
    return MHD_run_wait(server->daemon, milliseconds) == MHD_YES
               ? 0
               : error_set(STATUS_FAILED, "%s: the server has failed", server->address);
}

/* ---- The public function ---------------------------------------------------------------------------------- */

static int check(const char *run, const standin_watch_options *options)
{
    enum { PORT_MINIMUM = 1024, PORT_MAXIMUM = 65535 };
    const int ports = options->ports > 0 ? options->ports : 1;
    if (options->port != 0 && (options->port < PORT_MINIMUM || ports > PORT_MAXIMUM - options->port + 1))
        return error_set(STATUS_INPUT, "port %d, %d of them: must be 0 or from %d to %d", options->port, ports,
                         PORT_MINIMUM, PORT_MAXIMUM);
    char *path = text_format("%s/run.json", run);
    if (!path)
        return STATUS_MEMORY;
    const int status = access(path, R_OK) == 0 ? 0 : error_set_errno(STATUS_FILE, "%s", path);
    free(path);
    return status;
}

int standin_watch(const char *run, const standin_watch_options *options)
{
    enum { WAIT = 100 };
    struct watch_server *server;
    int status = check(run, options);
    if (status == 0)
        status = watch_server_open(&server, run, options->port, options->ports > 0 ? options->ports : 1);
    if (status < 0)
        return status;
    while (status == 0 &&
           !(options->progress && options->progress(options->progress_context, watch_server_address(server))))
        status = watch_server_run(server, WAIT);
    watch_server_close(server);
    return status;
}
