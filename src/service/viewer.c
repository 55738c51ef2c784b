/* A thread draws; a process that looks at no packet reads the keys and gives the terminal back,
 * whatever becomes of us. Each hears of the other's end by a pipe. Time is that of the packets. */
#include "service/viewer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "service/terminal.h"

enum { DRAW_EVERY_MS = 500, GIVE_BACK_MS = 2000 };

struct viewer {
    struct screen *screen;
    const struct sbl_stats *stats;
    struct terminal *terminal;
    pthread_mutex_t lock;
    pthread_t thread;
    bool is_running;
    int end;         /* eventfd: the thread is to end */
    int here, there; /* pipes: we are here, which the keeper of the terminal hears; and it is */
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
    struct pollfd polled = {.fd = viewer->end, .events = POLLIN};
    while (draw(viewer) && !polled.revents)
        if (poll(&polled, 1, DRAW_EVERY_MS) < 0 && errno != EINTR)
            break;
    return NULL;
}

/* In its own process: `here` ends with who watches. */
static _Noreturn void keep_terminal(struct viewer *viewer, int here, pid_t watcher) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL); /* who watches ends by them, and we after it */
    struct pollfd polled[] = {{.fd = here, .events = POLLIN},
                              {.fd = terminal_keys(viewer->terminal), .events = POLLIN}};
    while (!polled[0].revents) {
        if (poll(polled, 2, -1) < 0 && errno != EINTR)
            break;
        if (polled[1].revents && terminal_quits(viewer->terminal)) {
            polled[1].fd = -1;
            kill(watcher, SIGINT);
        }
    }
    terminal_close(viewer->terminal);
    _exit(0);
}

static int fork_keeper(struct viewer *viewer) {
    int ours[2], theirs[2];
    if (pipe2(ours, O_CLOEXEC) != 0)
        return -EMFILE;
    viewer->here = ours[1];
    if (pipe2(theirs, O_CLOEXEC) != 0) {
        close(ours[0]);
        return -EMFILE;
    }
    viewer->there = theirs[0];
    pid_t watcher = getpid();
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        close(STDIN_FILENO);
        close(ours[1]);
        close(theirs[0]);
        keep_terminal(viewer, ours[0], watcher);
    }
    close(ours[0]);
    close(theirs[1]);
    if (child > 0)
        return 0;
    close(theirs[0]);
    viewer->there = -1;
    return -EAGAIN;
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
    made->here = made->there = -1;
    pthread_mutex_init(&made->lock, NULL);
    made->end = eventfd(0, EFD_CLOEXEC);
    failed = made->end < 0 ? -errno : fork_keeper(made);
    if (!failed)
        failed = start_thread(made);
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

/* By its keeper, which is waited for; by ourselves where there is none. */
static void give_back(struct viewer *viewer) {
    if (viewer->here >= 0)
        close(viewer->here);
    if (viewer->there < 0) {
        terminal_close(viewer->terminal);
        return;
    }
    struct pollfd ended = {.fd = viewer->there, .events = POLLIN};
    (void)poll(&ended, 1, GIVE_BACK_MS);
    close(viewer->there);
    terminal_leave(viewer->terminal);
}

void viewer_close(struct viewer *viewer) {
    if (!viewer)
        return;
    if (viewer->is_running) {
        eventfd_write(viewer->end, 1);
        pthread_join(viewer->thread, NULL);
    }
    give_back(viewer);
    if (viewer->end >= 0)
        close(viewer->end);
    pthread_mutex_destroy(&viewer->lock);
    free(viewer);
}
