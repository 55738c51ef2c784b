/* What live capture hands out, printed: interfaces opened by as many workers as asked for, each a
 * process of its own, as the service does it.
 *
 *     wire_frames WORKERS SNAPLEN FILTER DEVICE...     FILTER "" is none
 *     wire_frames filter LINKTYPE                      prints the filter that is always there
 *
 * Lines, each written at once: "ready", "frame WORKER FILE NUMBER TIME HEX", "news WORKER WHAT FILE
 * NAME BEFORE", and at SIGTERM of each worker "drops WORKER FILE KERNEL INTERFACE RING". */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/live.h"

enum { WORKERS_MOST = 16, LINE_BYTES = 4096, HEX_MOST = 1600 };

static volatile sig_atomic_t stopped;

static void stop(int number) {
    (void)number;
    stopped = 1;
}

static void say(const char *line) {
    if (write(STDOUT_FILENO, line, strlen(line)) < 0)
        stopped = 1;
}

static void take(void *context, const struct sbl_frame *frame) {
    char line[LINE_BYTES];
    int at = snprintf(line, sizeof line, "frame %d %d %" PRIu64 " %" PRId64 " ",
                      *(const int *)context, frame->file, frame->number, frame->time_ns);
    for (uint32_t i = 0; i < frame->captured_bytes && i < HEX_MOST; i++)
        at += snprintf(&line[at], sizeof line - (size_t)at, "%02x", frame->bytes[i]);
    snprintf(&line[at], sizeof line - (size_t)at, "\n");
    say(line);
}

static void tell(void *context, const struct live_news *news) {
    static const char *const words[] = {"down", "up", "renamed", "gone"};
    char line[256];
    snprintf(line, sizeof line, "news %d %s %d %s %s\n", *(const int *)context, words[news->event],
             news->device, news->name, news->before);
    say(line);
}

static void watch(struct live *live, int worker, size_t devices) {
    const struct live_listener listener = {&worker, take, tell};
    while (!stopped) {
        struct pollfd fds[LIVE_POLL_MAX];
        if (poll(fds, live_poll(live, fds), 100) > 0)
            (void)live_dispatch(live, &listener);
    }
    while (live_dispatch(live, &listener) > 0)
        ;
    for (size_t i = 0; i < devices; i++) {
        struct live_state state;
        char line[256];
        live_state(live, (uint16_t)i, &state);
        snprintf(line, sizeof line, "drops %d %zu %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", worker, i,
                 state.kernel_drops, state.interface_drops, state.ring_bytes);
        say(line);
    }
}

static int open_all(struct live **all, int workers, const struct live_options *options) {
    char error[512];
    for (int i = 0; i < workers; i++) {
        if (live_open(&all[i], options, error, sizeof error) == 0)
            continue;
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    return 0;
}

static int print_filter(int link_type) {
    const char *text = live_filter_text((uint16_t)link_type);
    return text && puts(text) >= 0 ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "filter") == 0)
        return print_filter(atoi(argv[2]));
    struct live *all[WORKERS_MOST] = {NULL};
    uint32_t groups[LIVE_DEVICES_MAX] = {0};
    int workers = argc > 4 ? atoi(argv[1]) : 0, worker = 0;
    if (workers < 1 || workers > WORKERS_MOST)
        return 2;
    const struct live_options options = {.devices = (const char *const *)&argv[4],
                                         .device_count = (size_t)argc - 4,
                                         .snaplen = (uint32_t)atoi(argv[2]),
                                         .filter = *argv[3] ? argv[3] : NULL,
                                         .workers = (unsigned)workers,
                                         .groups = groups};
    if (open_all(all, workers, &options) != 0)
        return 1;
    struct sigaction action = {.sa_handler = stop, .sa_flags = SA_RESTART};
    sigaction(SIGTERM, &action, NULL);
    pid_t children[WORKERS_MOST] = {0};
    while (worker < workers - 1 && (children[worker] = fork()) > 0)
        worker++;
    for (int i = 0; i < workers; i++)
        if (i != worker)
            live_close(all[i]);
    if (worker == workers - 1)
        say("ready\n");
    watch(all[worker], worker, options.device_count);
    for (int i = 0; worker == workers - 1 && i < worker; i++) {
        kill(children[i], SIGTERM);
        waitpid(children[i], NULL, 0);
    }
    live_close(all[worker]);
    return 0;
}
