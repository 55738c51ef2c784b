/* sd_notify(3) as documented: variables, one a line, in one datagram. */
#include "service/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_BYTES = 512, WAIT_S = 1 };

static uint64_t number_of(const char *name) {
    const char *text = getenv(name);
    char *end = NULL;
    unsigned long long value = text ? strtoull(text, &end, 10) : 0;
    return text && *text && !*end && *text != '-' ? value : 0;
}

/* A watchdog that is meant for another process is not ours to feed. */
static uint64_t watchdog_of_environment(void) {
    uint64_t pid = number_of("WATCHDOG_PID");
    bool is_ours = pid == 0 || pid == (uint64_t)getpid();
    return is_ours ? number_of("WATCHDOG_USEC") : 0;
}

static int address_of(const char *name, struct sockaddr_un *address, socklen_t *size) {
    size_t length = strlen(name);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if ((name[0] != '/' && name[0] != '@') || !name[1])
        return -EAFNOSUPPORT;
    if (length >= sizeof address->sun_path)
        return -ENAMETOOLONG;
    memcpy(address->sun_path, name, length);
    if (name[0] == '@')
        address->sun_path[0] = '\0';
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    return 0;
}

static int connect_to(const char *name) {
    struct sockaddr_un address;
    socklen_t size = 0;
    int failed = address_of(name, &address, &size);
    if (failed)
        return failed;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    const struct timeval wait = {.tv_sec = WAIT_S};
    if (connect(fd, (const struct sockaddr *)&address, size) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0)
        return fd;
    failed = -errno;
    close(fd);
    return failed;
}

int notify_open(struct notify *notify) {
    const char *name = getenv("NOTIFY_SOCKET");
    *notify = (struct notify){.fd = -1};
    int fd = name && *name ? connect_to(name) : -1;
    if (name && *name && fd >= 0)
        *notify = (struct notify){fd, watchdog_of_environment()};
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return name && *name && fd < 0 ? fd : 0;
}

uint64_t notify_watchdog_us(const struct notify *notify) {
    return notify->watchdog_us / 2;
}

static int tell(const struct notify *notify, const char *message, int flags) {
    if (notify->fd < 0)
        return 0;
    ssize_t sent = send(notify->fd, message, strlen(message), MSG_NOSIGNAL | flags);
    return sent < 0 ? -errno : 0;
}

/* A line of its own stays one line. */
static void add_status(char message[MESSAGE_BYTES], const char *status) {
    size_t size = strlen(message);
    snprintf(message + size, MESSAGE_BYTES - size, "STATUS=%s", status);
    for (char *at = message + size; *at; at++)
        if (*at == '\n' || *at == '\r')
            *at = ' ';
}

int notify_ready(const struct notify *notify, const char *status) {
    char message[MESSAGE_BYTES] = "READY=1\n";
    if (status)
        add_status(message, status);
    return tell(notify, message, 0);
}

int notify_status(const struct notify *notify, const char *status) {
    char message[MESSAGE_BYTES] = "";
    add_status(message, status);
    return tell(notify, message, MSG_DONTWAIT);
}

int notify_watchdog(const struct notify *notify) {
    return tell(notify, "WATCHDOG=1", MSG_DONTWAIT);
}

int notify_reloading(const struct notify *notify) {
    char message[MESSAGE_BYTES];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(message, sizeof message, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
             (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u);
    return tell(notify, message, 0);
}

int notify_stopping(const struct notify *notify) {
    return tell(notify, "STOPPING=1", 0);
}

void notify_close(struct notify *notify) {
    if (notify->fd >= 0)
        close(notify->fd);
    *notify = (struct notify){.fd = -1};
}
