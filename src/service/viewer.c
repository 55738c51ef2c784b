/* One thread, one lock, one pipe by which it is told to end. Time is that of the packets. */
#include "service/viewer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "service/terminal.h"

enum { DRAW_EVERY_MS = 500 };

struct viewer {
    struct screen *screen;
    const struct sbl_stats *stats;
    struct terminal *terminal;
    pthread_mutex_t lock;
    pthread_t thread, watched; /* `watched` is who feeds the screen */
    bool is_running;
    int end; /* eventfd: somebody wants it to end */
    char page[SCREEN_BYTES];
};

/* False when the terminal is gone. */
static bool draw(struct viewer *viewer) {
    unsigned width, height;
    terminal_size(viewer->terminal, &width, &height);
    viewer_lock(viewer);
    int64_t now_ns = viewer->stats->last_ns;
    screen_stats(viewer->screen, now_ns, viewer->stats);
    size_t size = screen_draw(viewer->screen, now_ns, width, height, viewer->page);
    viewer_unlock(viewer);
    return terminal_show(viewer->terminal, viewer->page, size) >= 0;
}

static void *watch(void *context) {
    struct viewer *viewer = context;
    struct pollfd polled[] = {{.fd = viewer->end, .events = POLLIN},
                              {.fd = terminal_keys(viewer->terminal), .events = POLLIN}};
    bool goes_on = true;
    while (goes_on) {
        goes_on = draw(viewer);
        if (poll(polled, 2, DRAW_EVERY_MS) < 0 && errno != EINTR)
            break;
        if (polled[0].revents)
            return NULL;
        if (polled[1].revents && terminal_quits(viewer->terminal))
            goes_on = false;
    }
    pthread_kill(viewer->watched, SIGINT);
    return NULL;
}

/* Signals are for the thread that reads the capture. */
static int start_thread(struct viewer *viewer) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&viewer->thread, NULL, watch, viewer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    viewer->is_running = !failed;
    return -failed;
}

int viewer_start(struct viewer **viewer, struct screen *screen, const struct sbl_stats *stats) {
    char error[256] = "--watch: no memory";
    struct viewer *made = calloc(1, sizeof *made);
    int failed = made ? terminal_open(&made->terminal, error, sizeof error) : -ENOMEM;
    if (failed) {
        fprintf(stderr, "smblame: %s\n", error);
        free(made);
        return failed;
    }
    made->screen = screen;
    made->stats = stats;
    made->watched = pthread_self();
    pthread_mutex_init(&made->lock, NULL);
    made->end = eventfd(0, EFD_CLOEXEC);
    failed = made->end < 0 ? -errno : start_thread(made);
    if (failed) {
        viewer_close(made);
        fprintf(stderr, "smblame: --watch: %s\n", strerror(-failed));
        return failed;
    }
    *viewer = made;
    return 0;
}

void viewer_lock(struct viewer *viewer) {
    if (viewer)
        pthread_mutex_lock(&viewer->lock);
}

void viewer_unlock(struct viewer *viewer) {
    if (viewer)
        pthread_mutex_unlock(&viewer->lock);
}

void viewer_close(struct viewer *viewer) {
    if (!viewer)
        return;
    if (viewer->is_running) {
        eventfd_write(viewer->end, 1);
        pthread_join(viewer->thread, NULL);
    }
    terminal_close(viewer->terminal);
    if (viewer->end >= 0)
        close(viewer->end);
    pthread_mutex_destroy(&viewer->lock);
    free(viewer);
}
