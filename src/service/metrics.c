/* libmicrohttpd without a thread of its own: its epoll set is one descriptor of the libuv loop, and
 * a timer is set to when it next wants to be asked. A second timer is late by as much as the loop
 * is: that is the lag which the metrics tell. */
#include "service/metrics.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/metrics_address.h"

enum { BEAT_MS = 200, NS_IN_US = 1000 };

static const uint64_t NS_IN_S = 1000000000;

/* Who says a byte now and then is never silent, and goes when his time is over. */
struct reader {
    int fd; /* libmicrohttpd's; -1 = nobody */
    uint64_t since_ns;
};

struct metrics {
    struct MHD_Daemon *daemon;
    void *context;
    void (*fill)(void *context, struct metrics_values *values);
    uv_poll_t ready;
    uv_timer_t due, beat;
    unsigned handles; /* that are not closed yet */
    uint64_t beat_ns, lag_us;
    struct reader readers[METRICS_READERS];
};

int metrics_listen(const char *address, char *error, size_t error_size) {
    struct metrics_address parsed;
    int failed = metrics_address_parse(&parsed, address, error, error_size);
    return failed ? failed : metrics_address_listen(&parsed, error, error_size);
}

/* The text of a scrape, or NULL without memory. */
static char *text_of(struct metrics *metrics, size_t *size) {
    struct metrics_values values = {.loop_lag_us = metrics->lag_us};
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    if (!out)
        return NULL;
    metrics->lag_us = 0;
    metrics->fill(metrics->context, &values);
    metrics_write(&values, out);
    bool is_whole = !ferror(out);
    if (fclose(out) == 0 && is_whole)
        return text;
    free(text);
    return NULL;
}

/* `text` is freed with the response. */
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, char *text,
                              size_t size) {
    struct MHD_Response *response =
        text ? MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE) : NULL;
    if (!response) {
        free(text);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                            status == MHD_HTTP_OK ? "text/plain; version=0.0.4; charset=utf-8"
                                                  : "text/plain; charset=utf-8");
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

/* The parameters are libmicrohttpd's; the first call, with the header alone, is answered. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *body,
                                  size_t *body_size, void **state) {
    (void)version, (void)body, (void)state;
    size_t size = 0;
    bool is_read =
        strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    *body_size = 0;
    if (is_read && strcmp(url, "/metrics") == 0) {
        char *text = text_of(context, &size);
        return answer(connection, MHD_HTTP_OK, text, size);
    }
    char *text = strdup("metrics are at /metrics\n");
    return answer(connection, MHD_HTTP_NOT_FOUND, text, text ? strlen(text) : 0);
}

static void on_reader(void *context, struct MHD_Connection *connection, void **state,
                      enum MHD_ConnectionNotificationCode what) {
    struct metrics *metrics = context;
    struct reader *reader = *state;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (reader)
            reader->fd = -1;
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    for (unsigned i = 0; i < METRICS_READERS && info; i++) {
        reader = &metrics->readers[i];
        if (reader->fd >= 0)
            continue;
        *reader = (struct reader){info->connect_fd, uv_hrtime()};
        *state = reader;
        return;
    }
}

static void show_out(struct metrics *metrics, uint64_t now_ns) {
    for (unsigned i = 0; i < METRICS_READERS; i++) {
        const struct reader *reader = &metrics->readers[i];
        if (reader->fd >= 0 && now_ns - reader->since_ns > METRICS_STAY_S * NS_IN_S)
            shutdown(reader->fd, SHUT_RDWR); /* the daemon finds it closed */
    }
}

/* What readers do wrong is not worth a line for each. */
static void ignore(void *context, const char *format, va_list values) {
    (void)context, (void)format, (void)values;
}

static void on_due(uv_timer_t *timer);

static void run(struct metrics *metrics) {
    MHD_UNSIGNED_LONG_LONG wait_ms = 0;
    MHD_run(metrics->daemon);
    if (MHD_get_timeout(metrics->daemon, &wait_ms) == MHD_YES)
        uv_timer_start(&metrics->due, on_due, wait_ms, 0);
    else
        uv_timer_stop(&metrics->due);
}

static void on_due(uv_timer_t *timer) {
    run(timer->data);
}

static void on_ready(uv_poll_t *poll, int status, int events) {
    (void)status, (void)events; /* the daemon itself finds out what is wrong */
    run(poll->data);
}

static void on_beat(uv_timer_t *timer) {
    struct metrics *metrics = timer->data;
    uint64_t now_ns = uv_hrtime();
    uint64_t took_us = (now_ns - metrics->beat_ns) / NS_IN_US,
             planned_us = UINT64_C(1000) * BEAT_MS;
    if (took_us > planned_us && took_us - planned_us > metrics->lag_us)
        metrics->lag_us = took_us - planned_us;
    metrics->beat_ns = now_ns;
    show_out(metrics, now_ns);
    /* A daemon whose places were all taken listens again only once it is asked again. */
    run(metrics);
}

static struct MHD_Daemon *start_daemon(struct metrics *metrics, int fd) {
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, metrics,
        MHD_OPTION_EXTERNAL_LOGGER, ignore, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_reader, metrics,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)METRICS_READERS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)METRICS_HEADER_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)METRICS_SILENT_S, MHD_OPTION_END);
}

/* In this order: what is started last closes first and is the only thing that can fail. */
static int join_loop(struct metrics *metrics, uv_loop_t *loop, int poll_set) {
    int failed = uv_poll_init(loop, &metrics->ready, poll_set);
    if (failed)
        return failed;
    uv_timer_init(loop, &metrics->due);
    uv_timer_init(loop, &metrics->beat);
    metrics->handles = 3;
    metrics->ready.data = metrics->due.data = metrics->beat.data = metrics;
    metrics->beat_ns = uv_hrtime();
    uv_timer_start(&metrics->beat, on_beat, BEAT_MS, BEAT_MS);
    return uv_poll_start(&metrics->ready, UV_READABLE, on_ready);
}

int metrics_start(struct metrics **metrics, int fd, uv_loop_t *loop, void *context,
                  void (*fill)(void *context, struct metrics_values *values)) {
    struct metrics *made = calloc(1, sizeof *made);
    for (unsigned i = 0; made && i < METRICS_READERS; i++)
        made->readers[i].fd = -1;
    if (made)
        made->daemon = start_daemon(made, fd);
    if (!made || !made->daemon) {
        close(fd);
        free(made);
        return -ENOMEM;
    }
    made->context = context;
    made->fill = fill;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(made->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    int failed = info ? join_loop(made, loop, info->epoll_fd) : -ENOSYS;
    if (failed) {
        metrics_stop(made);
        return failed;
    }
    *metrics = made;
    return 0;
}

static void on_closed(uv_handle_t *handle) {
    struct metrics *metrics = handle->data;
    if (--metrics->handles == 0)
        free(metrics);
}

void metrics_stop(struct metrics *metrics) {
    if (!metrics)
        return;
    bool has_handles = metrics->handles > 0;
    if (has_handles)
        uv_poll_stop(&metrics->ready);
    MHD_stop_daemon(metrics->daemon);
    if (!has_handles) {
        free(metrics);
        return;
    }
    uv_close((uv_handle_t *)&metrics->ready, on_closed);
    uv_close((uv_handle_t *)&metrics->due, on_closed);
    uv_close((uv_handle_t *)&metrics->beat, on_closed);
}
