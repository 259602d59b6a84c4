/* A server for one page on this machine's loopback address. It answers requests for the page and for nothing else: no
 * part of an address ever becomes a path. It must not know what the page shows. */
#ifndef REPORT_WATCH_SERVER_H
#define REPORT_WATCH_SERVER_H

struct watch_server;

/* Listens on 127.0.0.1, at the first of `ports` ports from `port` on that is free; port 0: at any. */
int watch_server_open(struct watch_server **out, const char *run, int port, int ports);
void watch_server_close(struct watch_server *server); /* NULL is fine */

/* "http://127.0.0.1:8765/" */
const char *watch_server_address(const struct watch_server *server);

/* Answers what comes within so many milliseconds, on this thread. */
int watch_server_run(struct watch_server *server, int milliseconds);

#endif
