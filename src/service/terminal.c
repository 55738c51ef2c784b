/* The terminal's device is opened anew, so that not to wait for it is our affair alone and not that
 * of the shell that shares standard output. Ctrl-C stays a signal, Ctrl-Z does nothing: a stopped
 * program could not give the terminal back. */
#include "service/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { KEYS = 64, CTRL_C = 3, USUAL_WIDTH = 80, USUAL_HEIGHT = 24 };

static const char enter[] = "\x1B[?1049h\x1B[?7l\x1B[?25l\x1B[H\x1B[2J";
static const char leave[] = "\x1B[0m\x1B[?25h\x1B[?7h\x1B[?1049l";

struct terminal {
    int fd;
    struct termios before;
    bool is_taken; /* `before` is what it was */
    char *rest;    /* of a page that was not taken whole */
    size_t at, size, room;
};

static int refuse(int failed, const char *what, char *error, size_t error_size) {
    snprintf(error, error_size, "%s: %s", what, strerror(-failed));
    return failed;
}

/* The device that standard output is. */
static int open_device(void) {
    char name[128];
    int flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
    int fd = ttyname_r(STDOUT_FILENO, name, sizeof name) == 0 ? open(name, flags) : -1;
    return fd >= 0 ? fd : open("/dev/tty", flags);
}

static int take(struct terminal *terminal) {
    struct termios wanted;
    if (tcgetattr(terminal->fd, &terminal->before) != 0)
        return -errno;
    wanted = terminal->before;
    wanted.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    wanted.c_cc[VMIN] = 1;
    wanted.c_cc[VTIME] = 0;
    wanted.c_cc[VSUSP] = _POSIX_VDISABLE;
    if (tcsetattr(terminal->fd, TCSANOW, &wanted) != 0)
        return -errno;
    terminal->is_taken = true;
    return write(terminal->fd, enter, sizeof enter - 1) < 0 && errno != EAGAIN ? -errno : 0;
}

int terminal_open(struct terminal **terminal, char *error, size_t error_size) {
    *terminal = NULL;
    if (!isatty(STDOUT_FILENO)) {
        snprintf(error, error_size,
                 "--watch draws on a terminal, and standard output is none; "
                 "--json and the summary can be written anywhere");
        return -ENOTTY;
    }
    struct terminal *made = calloc(1, sizeof *made);
    if (!made)
        return refuse(-ENOMEM, "--watch", error, error_size);
    made->fd = open_device();
    int failed = made->fd < 0 ? -errno : take(made);
    if (failed) {
        terminal_close(made);
        return refuse(failed, "--watch: the terminal", error, error_size);
    }
    *terminal = made;
    return 0;
}

void terminal_size(const struct terminal *terminal, unsigned *width, unsigned *height) {
    struct winsize size = {0};
    bool is_known = ioctl(terminal->fd, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row;
    *width = is_known ? size.ws_col : USUAL_WIDTH;
    *height = is_known ? size.ws_row : USUAL_HEIGHT;
}

/* How much of `bytes` the terminal took now, or a negative errno. */
static ssize_t offer(const struct terminal *terminal, const char *bytes, size_t size) {
    ssize_t written;
    do
        written = write(terminal->fd, bytes, size);
    while (written < 0 && errno == EINTR);
    if (written >= 0)
        return written;
    return errno == EAGAIN ? 0 : -errno;
}

static int keep_rest(struct terminal *terminal, const char *bytes, size_t size) {
    if (size > terminal->room) {
        char *grown = realloc(terminal->rest, size);
        if (!grown)
            return -ENOMEM;
        terminal->rest = grown;
        terminal->room = size;
    }
    memcpy(terminal->rest, bytes, size);
    terminal->at = 0;
    terminal->size = size;
    return 0;
}

int terminal_show(struct terminal *terminal, const char *page, size_t size) {
    if (terminal->at < terminal->size) {
        ssize_t taken =
            offer(terminal, terminal->rest + terminal->at, terminal->size - terminal->at);
        if (taken < 0)
            return (int)taken;
        terminal->at += (size_t)taken;
        if (terminal->at < terminal->size)
            return 1;
    }
    ssize_t taken = offer(terminal, page, size);
    if (taken < 0)
        return (int)taken;
    return (size_t)taken < size ? keep_rest(terminal, page + taken, size - (size_t)taken) : 0;
}

int terminal_keys(const struct terminal *terminal) {
    return terminal->fd;
}

bool terminal_quits(struct terminal *terminal) {
    char keys[KEYS];
    for (;;) {
        ssize_t count = read(terminal->fd, keys, sizeof keys);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno != EAGAIN;
        if (count == 0)
            return true;
        for (ssize_t i = 0; i < count; i++)
            if (keys[i] == 'q' || keys[i] == 'Q' || keys[i] == CTRL_C)
                return true;
    }
}

/* The last words are waited for a little: what does not take them now is gone or asleep. */
static void say_goodbye(const struct terminal *terminal) {
    for (size_t at = 0, tries = 0; at < sizeof leave - 1 && tries < 50; tries++) {
        ssize_t taken = offer(terminal, leave + at, sizeof leave - 1 - at);
        if (taken < 0)
            return;
        at += (size_t)taken;
        if (at < sizeof leave - 1)
            usleep(10000);
    }
}

void terminal_close(struct terminal *terminal) {
    if (terminal && terminal->is_taken) {
        say_goodbye(terminal);
        tcsetattr(terminal->fd, TCSADRAIN, &terminal->before);
    }
    terminal_leave(terminal);
}

void terminal_leave(struct terminal *terminal) {
    if (!terminal)
        return;
    if (terminal->fd >= 0)
        close(terminal->fd);
    free(terminal->rest);
    free(terminal);
}
