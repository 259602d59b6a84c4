/* The server of the page about a training: real requests over loopback, and what it does not answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"

#include "scratch.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER = 1 << 20, PATIENCE = 10 }; /* bytes; seconds, after which a socket gives up */

/* ---- A server on a thread of its own ------------------------------------------------------------------------- */

struct rig {
    pthread_t thread;
    standin_watch_options options;
    const char *run;
    int status;
    atomic_int port; /* 0: not known yet, -1: it has ended */
    atomic_bool stop;
    char *answer;
};

static struct rig rig;

static int follow(void *context, const char *address)
{
    int port = 0;
    (void)context;
    if (sscanf(address, "http://127.0.0.1:%d/", &port) == 1)
        atomic_store(&rig.port, port);
    return atomic_load(&rig.stop);
}

static void *serve(void *context)
{
    (void)context;
    rig.status = standin_watch(rig.run, &rig.options);
    atomic_store(&rig.port, -1);
    return NULL;
}

static int server_setup(void **state)
{
    scratch_setup(state);
    scratch_text(scratch_path("run/run.json"), "{\"data\": \"/secret\", \"images\": 20}");
    scratch_text(scratch_path("run/metrics.jsonl"),
                 "{\"step\": 0, \"event\": \"started\", \"steps\": 100}\n"
                 "{\"step\": 10, \"loss_d\": 1, \"loss_g\": 2, \"seconds\": 1}\n"
                 "{\"step\": 20, \"loss_d\": 1.5, \"loss_g\": 2, \"seconds\": 2}\n");
    rig = (struct rig){.run = scratch_path("run"), .options = {.progress = follow}};
    rig.answer = malloc(ANSWER);
    assert_non_null(rig.answer);
    assert_int_equal(pthread_create(&rig.thread, NULL, serve, NULL), 0);
    for (int i = 0; i < 200 && atomic_load(&rig.port) == 0; i++)
        usleep(10000);
    assert_true(atomic_load(&rig.port) > 0);
    return 0;
}

static int server_teardown(void **state)
{
    atomic_store(&rig.stop, true);
    pthread_join(rig.thread, NULL);
    free(rig.answer);
    return scratch_teardown(state);
}

/* ---- Requests ------------------------------------------------------------------------------------------------ */

static int connect_to(struct in_addr address, int port)
{
    const struct timeval patience = {PATIENCE, 0};
    const struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = address};
    const int handle = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(handle >= 0);
    setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(handle, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(handle, (const struct sockaddr *)&to, sizeof to) == 0)
        return handle;
    close(handle);
    return -1;
}

static int open_connection(void)
{
    const int handle = connect_to((struct in_addr){htonl(INADDR_LOOPBACK)}, atomic_load(&rig.port));
    assert_true(handle >= 0);
    return handle;
}

/* Sends as it is, and returns the status code; the whole answer is in rig.answer. 0: closed without a word. */
static int send_bytes(const char *request)
{
    size_t got = 0;
    const int handle = open_connection();
    assert_int_equal(send(handle, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    for (ssize_t more; got < ANSWER - 1 && (more = recv(handle, rig.answer + got, ANSWER - 1 - got, 0)) > 0;)
        got += (size_t)more;
    close(handle);
    rig.answer[got] = 0;
    int code = 0;
    if (got > 0 && sscanf(rig.answer, "HTTP/1.%*d %d", &code) != 1)
        fail_msg("no answer: %s", rig.answer);
    return code;
}

static int ask(const char *method, const char *path, const char *host)
{
    char request[2000], named[64];
    snprintf(named, sizeof named, "127.0.0.1:%d", atomic_load(&rig.port));
    snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", method, path,
             host ? host : named);
    return send_bytes(request);
}

static int get(const char *path)
{
    return ask("GET", path, NULL);
}

static void expect(const char *text)
{
    if (!strstr(rig.answer, text))
        fail_msg("not in the answer: %s", text);
}

/* ---- Tests --------------------------------------------------------------------------------------------------- */

static void the_page_is_served_and_renews_itself(void **state)
{
    (void)state;
    assert_int_equal(get("/"), 200);
    expect("Content-Type: text/html; charset=utf-8\r\n");
    expect("Refresh: 5\r\n");
    expect("Training: step 20 of 100, about ");
    expect("</html>");
}

static void it_may_run_and_load_nothing_nor_be_framed(void **state)
{
    (void)state;
    assert_int_equal(get("/"), 200);
    expect("Content-Security-Policy: default-src 'none';");
    expect("frame-ancestors 'none'");
    expect("X-Content-Type-Options: nosniff\r\n");
    expect("Cache-Control: no-store\r\n");
    assert_null(strstr(rig.answer, "Access-Control"));
}

static void new_lines_are_on_the_next_page(void **state)
{
    (void)state;
    assert_int_equal(get("/"), 200);
    scratch_text(scratch_path("run/metrics.jsonl"), "{\"step\": 77, \"loss_d\": 1, \"seconds\": 9}\n");
    for (int i = 0; i < 100 && (get("/"), !strstr(rig.answer, "step 77")); i++)
        usleep(20000); /* one that was made just now may be served again */
    expect("step 77");
}

static void the_still_page_does_not_renew_itself(void **state)
{
    (void)state;
    assert_int_equal(get("/still"), 200);
    assert_null(strstr(rig.answer, "Refresh:"));
    expect("step 20 of 100");
}

static void head_is_get_without_the_page(void **state)
{
    (void)state;
    assert_int_equal(ask("HEAD", "/", NULL), 200);
    expect("Content-Type: text/html");
    assert_null(strstr(rig.answer, "<html"));
}

static void other_methods_are_refused(void **state)
{
    static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "BREW"};
    (void)state;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        assert_int_equal(ask(methods[i], "/", NULL), 405);
        expect("Allow: GET, HEAD\r\n");
    }
    char request[200];
    snprintf(request, sizeof request, "POST / HTTP/1.1\r\nHost: localhost:%d\r\nContent-Length: 3\r\n\r\nabc",
             atomic_load(&rig.port));
    assert_int_equal(send_bytes(request), 405);
}

static void a_name_that_is_not_ours_is_refused(void **state)
{
    static const char *const formats[] = {"evil.example",  "evil.example:%d",           "127.0.0.1",
                                          "localhost",     "127.0.0.1:%d.evil.example", "127.0.0.2:%d",
                                          "localhost.:%d", "user@localhost:%d",         ""};
    char host[64];
    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const char *place = strstr(formats[i], "%d");
        snprintf(host, sizeof host, "%.*s", place ? (int)(place - formats[i]) : (int)strlen(formats[i]), formats[i]);
        if (place)
            snprintf(host + strlen(host), sizeof host - strlen(host), "%d%s", atomic_load(&rig.port), place + 2);
        assert_int_equal(ask("GET", "/", host), 403);
        assert_null(strstr(rig.answer, "step"));
    }
    assert_int_equal(send_bytes("GET / HTTP/1.0\r\n\r\n"), 403);
    snprintf(host, sizeof host, "LocalHost:%d", atomic_load(&rig.port));
    assert_int_equal(ask("GET", "/", host), 200);
}

static void no_path_of_the_disk_can_be_asked_for(void **state)
{
    static const char *const paths[] = {"/run.json",    "/metrics.jsonl",     "/samples/",         "/../run/run.json",
                                        "/etc/passwd",  "//etc/passwd",       "/%2e%2e/run.json",  "/..%2frun.json",
                                        "/still/",      "/still/../run.json", "/./",               "file:///etc/passwd",
                                        "/index.html",  "/%00x",              "http://evil.example/", "*"};
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (get(paths[i]) != 404)
            fail_msg("%s: %.20s", paths[i], rig.answer);
        assert_null(strstr(rig.answer, "secret"));
        assert_null(strstr(rig.answer, "root:"));
    }
}

static void what_is_no_request_gets_no_page(void **state)
{
    (void)state;
    char *request = calloc(1, 100001);
    assert_non_null(request);
    memset(request, 'A', 100000);
    memcpy(request, "GET /", 5);
    const int handle = open_connection();
    (void)!send(handle, request, 100000, MSG_NOSIGNAL); /* it may hang up before the end */
    close(handle);
    free(request);
    assert_int_not_equal(send_bytes("\x16\x03\x01\x02\r\n\r\n"), 200);
    assert_int_not_equal(send_bytes("GET /\r\n\r\n"), 200);
    assert_int_equal(get("/"), 200);
}

static void it_is_not_there_on_another_address(void **state)
{
    struct ifaddrs *addresses;
    (void)state;
    struct in_addr neighbour;
    assert_int_equal(inet_pton(AF_INET, "127.0.0.2", &neighbour), 1);
    assert_int_equal(connect_to(neighbour, atomic_load(&rig.port)), -1);
    assert_int_equal(getifaddrs(&addresses), 0);
    for (const struct ifaddrs *one = addresses; one; one = one->ifa_next) {
        if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET)
            continue;
        const struct in_addr address = ((const struct sockaddr_in *)(const void *)one->ifa_addr)->sin_addr;
        if (address.s_addr != htonl(INADDR_LOOPBACK))
            assert_int_equal(connect_to(address, atomic_load(&rig.port)), -1);
    }
    freeifaddrs(addresses);
}

static void more_than_sixteen_guests_wait_their_turn(void **state)
{
    enum { GUESTS = 16 };
    const struct timeval soon = {0, 300000}, patience = {PATIENCE, 0};
    int guest[GUESTS];
    char request[100];
    (void)state;
    for (int i = 0; i < GUESTS; i++)
        guest[i] = open_connection();
    const int last = open_connection();
    snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: localhost:%d\r\n\r\n", atomic_load(&rig.port));
    assert_int_equal(send(last, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    setsockopt(last, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    assert_int_equal(recv(last, rig.answer, ANSWER, 0), -1);
    for (int i = 0; i < GUESTS; i++)
        close(guest[i]);
    setsockopt(last, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_true(recv(last, rig.answer, ANSWER - 1, 0) > 12);
    assert_memory_equal(rig.answer, "HTTP/1.1 200", 12);
    close(last);
}

static void damaged_and_empty_figures_do_no_harm(void **state)
{
    (void)state;
    scratch_text(scratch_path("run/metrics.jsonl"),
                 "{\"step\": \xff\n\n{\"event\": {}}\n[[[[\n{\"step\": 3, \"loss_d\": 1e999");
    assert_int_equal(get("/"), 200);
    scratch_text(scratch_path("run/metrics.jsonl"), "");
    assert_int_equal(get("/still"), 200);
    expect("no step has been taken yet");
}

static void a_folder_that_goes_away_may_come_back(void **state)
{
    (void)state;
    assert_int_equal(rename(scratch_path("run"), scratch_path("moved")), 0);
    assert_int_equal(get("/"), 503);
    expect("Refresh: 5\r\n");
    assert_null(strstr(rig.answer, scratch()));
    assert_int_equal(rename(scratch_path("moved"), scratch_path("run")), 0);
    assert_int_equal(get("/"), 200);
}

static void it_ends_when_asked(void **state)
{
    (void)state;
    const int guest = open_connection();
    const int port = atomic_load(&rig.port);
    atomic_store(&rig.stop, true);
    for (int i = 0; i < 300 && atomic_load(&rig.port) != -1; i++)
        usleep(10000);
    assert_int_equal(atomic_load(&rig.port), -1);
    assert_int_equal(rig.status, STANDIN_OK);
    close(guest);
    assert_int_equal(connect_to((struct in_addr){htonl(INADDR_LOOPBACK)}, port), -1);
}

static int stop_at_once(void *context, const char *address)
{
    int *port = context;
    assert_int_equal(sscanf(address, "http://127.0.0.1:%d/", port), 1);
    return 1;
}

static void a_port_that_is_taken_is_said_or_passed_over(void **state)
{
    (void)state;
    int port = 0;
    const int taken = atomic_load(&rig.port);
    standin_watch_options options = {.port = taken, .progress = stop_at_once, .progress_context = &port};
    char expected[32];
    snprintf(expected, sizeof expected, "127.0.0.1:%d", taken);
    assert_int_equal(standin_watch(rig.run, &options), STANDIN_FAILED);
    assert_non_null(strstr(standin_error_message(), expected));
    if (taken + 20 > 65535)
        return;
    options.ports = 20;
    must(standin_watch(rig.run, &options));
    assert_in_range(port, taken + 1, taken + 19);
}

static void what_cannot_be_watched_is_named(void **state)
{
    (void)state;
    standin_watch_options options = {.progress = stop_at_once};
    scratch_folder(scratch_path("empty"));
    assert_int_equal(standin_watch(scratch_path("empty"), &options), STANDIN_FILE);
    assert_non_null(strstr(standin_error_message(), "empty/run.json"));
    options.port = 80;
    assert_int_equal(standin_watch(rig.run, &options), STANDIN_INPUT);
    options.port = 65530;
    options.ports = 20;
    assert_int_equal(standin_watch(rig.run, &options), STANDIN_INPUT);
}

int main(void)
{
#define served(TEST) cmocka_unit_test_setup_teardown(TEST, server_setup, server_teardown)
    const struct CMUnitTest tests[] = {
        served(the_page_is_served_and_renews_itself),
        served(it_may_run_and_load_nothing_nor_be_framed),
        served(new_lines_are_on_the_next_page),
        served(the_still_page_does_not_renew_itself),
        served(head_is_get_without_the_page),
        served(other_methods_are_refused),
        served(a_name_that_is_not_ours_is_refused),
        served(no_path_of_the_disk_can_be_asked_for),
        served(what_is_no_request_gets_no_page),
        served(it_is_not_there_on_another_address),
        served(more_than_sixteen_guests_wait_their_turn),
        served(damaged_and_empty_figures_do_no_harm),
        served(a_folder_that_goes_away_may_come_back),
        served(it_ends_when_asked),
        served(a_port_that_is_taken_is_said_or_passed_over),
        served(what_cannot_be_watched_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
