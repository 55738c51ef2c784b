/* An interface, on one libuv loop: frames when the device has some, statistics by a timer, and an
 * orderly end on SIGINT and SIGTERM. Root is given up as soon as the device is open. */
#include "service/service.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "capture/live.h"
#include "guard/privileges.h"
#include "service/pipeline.h"

/* Some devices have no descriptor to wait on, and a ring hands over a half-filled block only after
 * a while: asking this often keeps records coming. */
enum { ASK_EVERY_MS = 100 };

struct session {
    const struct options *options;
    const struct sbl_knowledge *knowledge;
    struct live *live;
    struct pipeline *pipeline;
    uv_loop_t loop;
    uv_poll_t readable[LIVE_POLL_MAX];
    uv_timer_t ask, stats;
    uv_signal_t interrupted, terminated;
    int failed;
};

static void stop(struct session *session) {
    uv_stop(&session->loop);
}

static void take_frame(void *context, const struct sbl_frame *frame) {
    struct session *session = context;
    size_t most;
    *pipeline_frames(session->pipeline, &most) = *frame;
    if (pipeline_feed(session->pipeline, 1) != PIPELINE_GOES_ON)
        stop(session);
}

static void tell_news(void *context, const struct live_news *news) {
    static const char *const words[] = {[LIVE_DOWN] = "is down",
                                        [LIVE_UP] = "is up again",
                                        [LIVE_RENAMED] = "has another name now",
                                        [LIVE_GONE] = "is gone"};
    struct session *session = context;
    fprintf(stderr, "smblame: %s: %s\n", news->before, words[news->event]);
    if (news->event == LIVE_GONE) {
        session->failed = -ENODEV;
        stop(session);
    }
}

static void take_frames(struct session *session) {
    const struct live_listener listener = {session, take_frame, tell_news};
    if (live_dispatch(session->live, &listener) > 0)
        pipeline_flush(session->pipeline);
}

static void on_readable(uv_poll_t *handle, int status, int events) {
    (void)status, (void)events; /* the device itself tells what is wrong */
    take_frames(handle->data);
}

static void on_ask(uv_timer_t *handle) {
    take_frames(handle->data);
}

static void note_drops(struct session *session) {
    struct sbl_stats *stats = pipeline_stats(session->pipeline);
    live_drops(session->live, &stats->kernel_drops, &stats->interface_drops);
}

static void on_stats(uv_timer_t *handle) {
    struct session *session = handle->data;
    note_drops(session);
    (void)session;
}

static void on_signal(uv_signal_t *handle, int number) {
    (void)number;
    stop(handle->data);
}

static int start_loop(struct session *session) {
    int failed = uv_loop_init(&session->loop);
    if (failed)
        return failed;
    uint64_t stats_ms = (uint64_t)session->options->stats_interval_s * 1000u;
    uv_timer_init(&session->loop, &session->ask);
    uv_timer_init(&session->loop, &session->stats);
    uv_signal_init(&session->loop, &session->interrupted);
    uv_signal_init(&session->loop, &session->terminated);
    session->ask.data = session->stats.data = session;
    session->interrupted.data = session->terminated.data = session;
    uv_timer_start(&session->ask, on_ask, ASK_EVERY_MS, ASK_EVERY_MS);
    uv_timer_start(&session->stats, on_stats, stats_ms, stats_ms);
    uv_signal_start(&session->interrupted, on_signal, SIGINT);
    uv_signal_start(&session->terminated, on_signal, SIGTERM);
    struct pollfd fds[LIVE_POLL_MAX];
    size_t count = live_poll(session->live, fds);
    for (size_t i = 0; i < count; i++) {
        session->readable[i].data = session;
        if (uv_poll_init(&session->loop, &session->readable[i], fds[i].fd) == 0)
            uv_poll_start(&session->readable[i], UV_READABLE, on_readable);
    }
    return 0;
}

static void close_handle(uv_handle_t *handle, void *unused) {
    (void)unused;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void end_loop(struct session *session) {
    uv_walk(&session->loop, close_handle, NULL);
    uv_run(&session->loop, UV_RUN_DEFAULT);
    uv_loop_close(&session->loop);
}

static int open_device(struct session *session) {
    char error[512] = "";
    const struct options *options = session->options;
    struct live_options wanted = {.devices = options->devices,
                                  .device_count = options->device_count,
                                  .filter = options->filter,
                                  .snaplen = options->snaplen,
                                  .buffer_kib = options->buffer_kib,
                                  .promiscuous_off = options->promiscuous_off};
    int failed = live_open(&session->live, &wanted, error, sizeof error);
    if (!failed)
        failed = privileges_drop(options->user, error, sizeof error);
    if (failed)
        fprintf(stderr, "smblame: %s\n", error);
    return failed;
}

static const char *device_name(void *context, uint16_t file) {
    (void)file;
    return context;
}

static int run(struct session *session) {
    char device[64];
    snprintf(device, sizeof device, "%s", session->options->devices[0]);
    const struct pipeline_names names = {device, device_name, NULL};
    int failed =
        pipeline_new(&session->pipeline, session->options, session->knowledge, &names, NULL);
    if (!failed)
        failed = start_loop(session);
    if (failed)
        return failed;
    if (!session->options->quiet)
        fprintf(stderr, "smblame: watching %s; interrupt to end\n", session->options->devices[0]);
    uv_run(&session->loop, UV_RUN_DEFAULT);
    take_frames(session); /* what the device still holds */
    note_drops(session);
    failed = pipeline_finish(session->pipeline);
    end_loop(session);
    return failed ? failed : session->failed;
}

int service_live(const struct options *options, const struct sbl_knowledge *knowledge) {
    struct session session = {.options = options, .knowledge = knowledge};
    int failed = open_device(&session);
    if (!failed)
        failed = run(&session);
    pipeline_free(session.pipeline);
    live_close(session.live);
    return failed ? EXIT_RUNTIME : EXIT_DONE;
}
