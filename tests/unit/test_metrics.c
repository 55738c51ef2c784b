/* Metrics as a reader meets them: a libuv loop that serves, real sockets that ask, and readers that
 * mean no good. The addresses and the text are tested by themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "service/metrics.h"
#include "service/metrics_address.h"

static const char request[] = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

enum { ANSWER_BYTES = 65536, CROWD = 200 };

struct serving {
    uv_loop_t loop;
    struct metrics *metrics;
    struct sbl_stats stats;
    unsigned scrapes;
    char path[64];
};

static void fill(void *context, struct metrics_values *values) {
    struct serving *serving = context;
    static const struct metrics_sink sinks[] = {{"stdout", 7, 1}};
    serving->scrapes++;
    serving->stats.frames++;
    values->stats = &serving->stats;
    values->sinks = sinks;
    values->sink_count = 1;
}

static void start(struct serving *serving) {
    char address[96], error[256] = "";
    *serving = (struct serving){.scrapes = 0};
    assert_int_equal(uv_loop_init(&serving->loop), 0);
    snprintf(serving->path, sizeof serving->path, "/tmp/smblame-metrics-%d", (int)getpid());
    snprintf(address, sizeof address, "unix:%s", serving->path);
    int fd = metrics_listen(address, error, sizeof error);
    if (fd < 0)
        fail_msg("%s", error);
    assert_int_equal(metrics_start(&serving->metrics, fd, &serving->loop, serving, fill), 0);
}

static void stop(struct serving *serving) {
    metrics_stop(serving->metrics);
    uv_run(&serving->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&serving->loop), 0);
    unlink(serving->path);
}

static int reader(const struct serving *serving) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", serving->path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void turn(struct serving *serving) {
    uv_run(&serving->loop, UV_RUN_NOWAIT);
    usleep(500);
}

/* Sends all of it, as far as the other side lets us, while the loop turns. */
static bool say(struct serving *serving, int fd, const char *text, size_t size) {
    for (size_t at = 0, tries = 0; at < size && tries < 4000; tries++) {
        ssize_t sent = send(fd, text + at, size - at, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return false;
        at += sent > 0 ? (size_t)sent : 0;
        turn(serving);
    }
    return true;
}

/* What comes until the other side closes, or nothing comes for `seconds`. */
static size_t hear(struct serving *serving, int fd, char answer[ANSWER_BYTES], unsigned seconds) {
    size_t size = 0;
    uint64_t until = uv_hrtime() + seconds * 1000000000ull;
    while (uv_hrtime() < until) {
        ssize_t got = recv(fd, answer + size, ANSWER_BYTES - 1 - size, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            break;
        size += got > 0 ? (size_t)got : 0;
        turn(serving);
    }
    answer[size] = '\0';
    return size;
}

/* Whether somebody who asks in good order gets what he asks for, within `seconds`. */
static void expect_served(struct serving *serving, unsigned seconds) {
    static char answer[ANSWER_BYTES];
    uint64_t until = uv_hrtime() + seconds * 1000000000ull;
    int fd = reader(serving);
    while (fd < 0 && uv_hrtime() < until) {
        turn(serving); /* those who were before us are in the queue */
        fd = reader(serving);
    }
    assert_true(fd >= 0);
    assert_true(say(serving, fd, request, sizeof request - 1));
    hear(serving, fd, answer, seconds);
    close(fd);
    assert_non_null(strstr(answer, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(answer, "text/plain; version=0.0.4"));
    assert_non_null(strstr(answer, "\nsmblame_records_dropped_total{sink=\"stdout\"} 1\n"));
}

static void test_scrape(void **state) {
    (void)state;
    struct serving serving;
    start(&serving);
    expect_served(&serving, 10);
    expect_served(&serving, 10);
    assert_int_equal(serving.scrapes, 2);
    stop(&serving);
}

/* Who serves ends; another one goes on with the same socket, as a process that was started again.
 */
static void test_the_socket_outlives_who_serves(void **state) {
    (void)state;
    struct serving serving;
    char address[96], error[256];
    start(&serving);
    stop(&serving);
    snprintf(address, sizeof address, "unix:%s", serving.path);
    int kept = metrics_listen(address, error, sizeof error);
    assert_true(kept >= 0);
    for (unsigned life = 0; life < 2; life++) {
        assert_int_equal(uv_loop_init(&serving.loop), 0);
        assert_int_equal(metrics_start(&serving.metrics, dup(kept), &serving.loop, &serving, fill),
                         0);
        expect_served(&serving, 10);
        metrics_stop(serving.metrics);
        uv_run(&serving.loop, UV_RUN_DEFAULT);
        assert_int_equal(uv_loop_close(&serving.loop), 0);
    }
    close(kept);
    unlink(serving.path);
}

static void expect_answer(const char *text, const char *expected) {
    static char answer[ANSWER_BYTES];
    struct serving serving;
    start(&serving);
    int fd = reader(&serving);
    say(&serving, fd, text, strlen(text));
    hear(&serving, fd, answer, 10);
    if (strncmp(answer, expected, strlen(expected)) != 0)
        fail_msg("'%s' is answered by '%s'", text, answer);
    assert_int_equal(serving.scrapes, 0);
    close(fd);
    stop(&serving);
}

static void test_nothing_else_is_served(void **state) {
    (void)state;
    expect_answer("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404");
    expect_answer("GET /metrics/../etc HTTP/1.0\r\n\r\n", "HTTP/1.1 404");
    expect_answer("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                  "Connection: close\r\n\r\nabc",
                  "HTTP/1.1 404");
    expect_answer("DELETE /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                  "HTTP/1.1 404");
}

static void test_over_tcp(void **state) {
    (void)state;
    struct serving serving = {.scrapes = 0};
    static char answer[ANSWER_BYTES];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int free_port = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(free_port, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(free_port, (struct sockaddr *)&address, &size), 0);
    close(free_port);
    char text[64], error[256] = "";
    snprintf(text, sizeof text, "localhost:%u", ntohs(address.sin_port));
    assert_int_equal(uv_loop_init(&serving.loop), 0);
    int listening = metrics_listen(text, error, sizeof error);
    assert_true(listening >= 0);
    assert_true(metrics_listen(text, error, sizeof error) < 0);
    assert_non_null(strstr(error, "in use"));
    assert_int_equal(metrics_start(&serving.metrics, listening, &serving.loop, &serving, fill), 0);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, size), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    assert_true(say(&serving, fd, request, sizeof request - 1));
    hear(&serving, fd, answer, 10);
    assert_non_null(strstr(answer, "HTTP/1.1 200 OK\r\n"));
    close(fd);
    stop(&serving);
}

static unsigned descriptors(void) {
    unsigned count = 0;
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

/* The header is longer than there is room for: refused without ever being kept. */
static void test_a_megabyte_of_header(void **state) {
    (void)state;
    struct serving serving;
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE);
    assert_non_null(text);
    memset(text, 'x', SIZE);
    memcpy(text, request, sizeof request - 5); /* without the end of the header */
    start(&serving);
    int fd = reader(&serving);
    say(&serving, fd, text, SIZE);
    close(fd);
    expect_served(&serving, 10);
    assert_int_equal(serving.scrapes, 1);
    stop(&serving);
    free(text);
}

static void test_garbage(void **state) {
    (void)state;
    struct serving serving;
    char bytes[512];
    uint32_t random = 1;
    start(&serving);
    for (unsigned round = 0; round < 300; round++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (char)((random = random * 1664525u + 1013904223u) >> 24);
        if (round % 3 == 0)
            memcpy(bytes, request, round % sizeof request);
        int fd = reader(&serving);
        say(&serving, fd, bytes, sizeof bytes);
        close(fd);
    }
    expect_served(&serving, 10);
    stop(&serving);
}

/* All places are taken by readers who say nothing, one byte, or half a request: they lose them. */
static void test_silent_readers(void **state) {
    (void)state;
    struct serving serving;
    int fds[METRICS_READERS];
    unsigned before = descriptors();
    start(&serving);
    for (unsigned i = 0; i < METRICS_READERS; i++) {
        fds[i] = reader(&serving);
        say(&serving, fds[i], request, i % 3 == 0 ? 0 : i % 3 == 1 ? 1 : sizeof request / 2);
    }
    expect_served(&serving, 4 * METRICS_SILENT_S);
    for (unsigned i = 0; i < METRICS_READERS; i++)
        close(fds[i]);
    stop(&serving);
    assert_int_equal(descriptors(), before);
}

/* All places are taken by readers who are never silent and never done. */
static void test_readers_who_dawdle(void **state) {
    (void)state;
    struct serving serving;
    int fds[METRICS_READERS];
    start(&serving);
    for (unsigned i = 0; i < METRICS_READERS; i++)
        fds[i] = reader(&serving);
    uint64_t until = uv_hrtime() + UINT64_C(4000000000) * METRICS_STAY_S;
    unsigned gone = 0;
    for (unsigned round = 0; gone < METRICS_READERS && uv_hrtime() < until; round++) {
        if (round % 100 == 0)
            for (unsigned i = gone = 0; i < METRICS_READERS; i++)
                gone += send(fds[i], "G", 1, MSG_NOSIGNAL) < 0;
        turn(&serving);
    }
    assert_int_equal(gone, METRICS_READERS);
    expect_served(&serving, 10);
    for (unsigned i = 0; i < METRICS_READERS; i++)
        close(fds[i]);
    stop(&serving);
}

/* Far more readers than places, all at once; some leave without waiting. */
static void test_a_crowd(void **state) {
    (void)state;
    struct serving serving;
    int fds[CROWD];
    unsigned before = descriptors(), most = 0, readers = 0;
    start(&serving);
    unsigned started = descriptors();
    for (unsigned i = 0; i < CROWD; i++) {
        fds[i] = reader(&serving); /* refused once the queue is full */
        if (fds[i] >= 0 && i % 4)
            say(&serving, fds[i], request, sizeof request - 1);
        readers += fds[i] >= 0;
        unsigned now = descriptors() - readers;
        most = now > most ? now : most;
    }
    assert_true(readers >= METRICS_READERS && most <= started + METRICS_READERS);
    for (unsigned i = 0; i < CROWD; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    expect_served(&serving, 4 * METRICS_SILENT_S);
    stop(&serving);
    assert_int_equal(descriptors(), before);
}

/* A scrape is asked for and never read. */
static void test_a_reader_who_does_not_read(void **state) {
    (void)state;
    struct serving serving;
    start(&serving);
    int fd = reader(&serving);
    const char *again = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    for (unsigned i = 0; i < 200; i++)
        send(fd, again, strlen(again), MSG_NOSIGNAL);
    for (unsigned i = 0; i < 100; i++)
        turn(&serving);
    assert_true(serving.scrapes < 200);
    expect_served(&serving, 10);
    close(fd);
    stop(&serving);
}

static void test_the_lag_of_the_loop(void **state) {
    (void)state;
    struct serving serving;
    static char answer[ANSWER_BYTES];
    start(&serving);
    for (unsigned i = 0; i < 4; i++)
        turn(&serving);
    usleep(600000);
    int fd = reader(&serving);
    say(&serving, fd, request, sizeof request - 1);
    hear(&serving, fd, answer, 10);
    const char *lag = strstr(answer, "\nsmblame_loop_lag_seconds ");
    assert_non_null(lag);
    assert_true(strtod(strchr(lag + 1, ' '), NULL) > 0.2);
    close(fd);
    stop(&serving);
}

static void test_socket_files(void **state) {
    (void)state;
    char path[64], address[96], error[256] = "";
    struct stat about;
    snprintf(path, sizeof path, "/tmp/smblame-socket-%d", (int)getpid());
    snprintf(address, sizeof address, "unix:%s", path);
    int fd = metrics_listen(address, error, sizeof error);
    assert_true(fd >= 0);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0660);
    assert_true(metrics_listen(address, error, sizeof error) < 0);
    assert_non_null(strstr(error, "in use"));
    close(fd);
    fd = metrics_listen(address, error, sizeof error); /* of a run that ended */
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_true(metrics_listen(address, error, sizeof error) < 0);
    assert_int_equal(stat(path, &about), 0); /* somebody's file stays */
    unlink(path);
}

static void test_addresses(void **state) {
    (void)state;
    struct metrics_address address;
    char error[256], lengthy[200];
    const char *good[] = {"127.0.0.1:9478",
                          "127.1.2.3:1",
                          "[::1]:65535",
                          "localhost:9478",
                          "unix:/run/smblame/metrics.sock",
                          "unix:m"};
    const char *bad[] = {"",
                         ":",
                         ":9478",
                         "9478",
                         "127.0.0.1",
                         "127.0.0.1:",
                         "127.0.0.1:0",
                         "127.0.0.1:65536",
                         "127.0.0.1:-1",
                         "[::1:5",
                         "127.0.0.1:1x",
                         "::1]:5",
                         "[]:5",
                         "unix:",
                         "host:9478",
                         "127.1:9478",
                         "127.0.0.1: 5",
                         "[127.0.0.1]5",
                         lengthy};
    const char *foreign[] = {"0.0.0.0:9478",       "192.0.2.7:9478",          "[::]:9478",
                             "[2001:db8::1]:9478", "[::ffff:127.0.0.1]:9478", "128.0.0.1:1"};
    memset(lengthy, 'x', sizeof lengthy);
    memcpy(lengthy, "unix:", 5);
    lengthy[sizeof lengthy - 1] = '\0';
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(metrics_address_parse(&address, good[i], error, sizeof error), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(metrics_address_parse(&address, bad[i], error, sizeof error), -EINVAL);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        assert_int_equal(metrics_address_parse(&address, foreign[i], error, sizeof error), -EINVAL);
        assert_non_null(strstr(error, "for this machine alone"));
    }
}

static void test_text(void **state) {
    (void)state;
    struct sbl_stats stats = {.frames = 3, .gap_bytes = UINT64_MAX};
    const struct metrics_sink sinks[] = {{"a\\b\"c\nd", 1, 2}};
    const struct metrics_watch watches[] = {{1, 2, 3}, {4, 5, 6}};
    const struct metrics_interface interfaces[] = {{"eth0", 1, 14, 15, 16, 17}};
    const struct metrics_process processes[] = {{"speak", 8}};
    struct metrics_values values = {.stats = &stats,
                                    .diagnoses = 10,
                                    .loop_lag_us = 1000001,
                                    .started_s = 11,
                                    .interfaces = interfaces,
                                    .interface_count = 1,
                                    .watches = watches,
                                    .watch_count = 2,
                                    .sinks = sinks,
                                    .sink_count = 1,
                                    .processes = processes,
                                    .process_count = 1};
    char *text = NULL;
    size_t size = 0;
    stats.logons_by_reason[SBL_REASON_LOCKED_OUT] = 12;
    stats.cap_hits[SBL_LIMIT_FLOWS] = 13;
    FILE *out = open_memstream(&text, &size);
    metrics_write(&values, out);
    fclose(out);
    const char *lines[] = {"\nsmblame_frames_total 3\n",
                           "\nsmblame_gap_bytes_total 18446744073709551615\n",
                           "\nsmblame_logons_total{reason=\"locked_out\"} 12\n",
                           "\nsmblame_limit_hits_total{limit=\"flows\"} 13\n",
                           "\nsmblame_diagnoses_open 10\n",
                           "\nsmblame_backlog_bytes{watch=\"1\"} 4\n",
                           "\nsmblame_interface_up{interface=\"eth0\"} 1\n",
                           "\nsmblame_kernel_drops_total{interface=\"eth0\"} 15\n",
                           "\nsmblame_lost_notes_total{watch=\"0\"} 3\n",
                           "\nsmblame_records_delivered_total{sink=\"a\\\\b\\\"c\\nd\"} 1\n",
                           "\nsmblame_process_restarts_total{process=\"speak\"} 8\n",
                           "\nsmblame_start_time_seconds 11\n",
                           "\nsmblame_loop_lag_seconds 1.000001\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(text, lines[i]))
            fail_msg("no %s in\n%s", lines[i], text);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_socket_files),
        cmocka_unit_test(test_scrape),
        cmocka_unit_test(test_the_socket_outlives_who_serves),
        cmocka_unit_test(test_nothing_else_is_served),
        cmocka_unit_test(test_over_tcp),
        cmocka_unit_test(test_a_megabyte_of_header),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_silent_readers),
        cmocka_unit_test(test_readers_who_dawdle),
        cmocka_unit_test(test_a_crowd),
        cmocka_unit_test(test_a_reader_who_does_not_read),
        cmocka_unit_test(test_the_lag_of_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
