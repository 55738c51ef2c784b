/* Addresses of loopback, parsed without asking any name service. */
#include "service/metrics_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 16, HOST_BYTES = 64, LOOPBACK_NET = 127 };

static const char unix_word[] = "unix:";

static int parse_path(struct metrics_address *address, const char *path, char *error,
                      size_t error_size) {
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof local.sun_path) {
        snprintf(error, error_size, "the path of a socket has 1 to %zu bytes, not %zu",
                 sizeof local.sun_path - 1, length);
        return -EINVAL;
    }
    memcpy(local.sun_path, path, length);
    memcpy(&address->socket, &local, sizeof local);
    address->size = (socklen_t)sizeof local;
    return 0;
}

static bool parse_port(const char *text, in_port_t *port) {
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || value == 0 || value > UINT16_MAX)
        return false;
    *port = htons((uint16_t)value);
    return true;
}

/* What stands before the port, without the brackets of IPv6. */
static bool split_host(const char *text, const char *colon, char host[HOST_BYTES]) {
    const char *end = colon;
    if (*text == '[') {
        if (colon[-1] != ']')
            return false;
        text++, end--;
    }
    if (end < text || end - text >= HOST_BYTES)
        return false;
    memcpy(host, text, (size_t)(end - text));
    host[end - text] = '\0';
    if (strcmp(host, "localhost") == 0)
        snprintf(host, HOST_BYTES, "127.0.0.1");
    return true;
}

static bool take_host(struct metrics_address *address, const char *host, in_port_t port,
                      bool *is_loopback) {
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = port};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = port};
    if (inet_pton(AF_INET, host, &four.sin_addr) == 1) {
        *is_loopback = ntohl(four.sin_addr.s_addr) >> 24 == LOOPBACK_NET;
        memcpy(&address->socket, &four, sizeof four);
        address->size = (socklen_t)sizeof four;
        return true;
    }
    if (inet_pton(AF_INET6, host, &six.sin6_addr) != 1)
        return false;
    *is_loopback = IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
    memcpy(&address->socket, &six, sizeof six);
    address->size = (socklen_t)sizeof six;
    return true;
}

int metrics_address_parse(struct metrics_address *address, const char *text, char *error,
                          size_t error_size) {
    char host[HOST_BYTES];
    in_port_t port = 0;
    bool is_loopback = false;
    *address = (struct metrics_address){.size = 0};
    if (strncmp(text, unix_word, sizeof unix_word - 1) == 0)
        return parse_path(address, text + sizeof unix_word - 1, error, error_size);
    const char *colon = strrchr(text, ':');
    if (!colon || colon == text || !parse_port(colon + 1, &port) ||
        !split_host(text, colon, host) || !take_host(address, host, port, &is_loopback)) {
        snprintf(error, error_size,
                 "metrics are at 127.0.0.1:PORT, [::1]:PORT or unix:PATH, not at '%s'", text);
        return -EINVAL;
    }
    if (is_loopback)
        return 0;
    snprintf(error, error_size,
             "metrics are for this machine alone: '%s' is no loopback address; let a proxy or an "
             "agent hand them on",
             text);
    return -EINVAL;
}

/* A file of an earlier run; one that somebody listens on stays, and bind says that it is in use. */
static void remove_stale(const struct metrics_address *address) {
    struct sockaddr_un local;
    struct stat about;
    memcpy(&local, &address->socket, sizeof local);
    if (lstat(local.sun_path, &about) != 0 || !S_ISSOCK(about.st_mode))
        return;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    bool is_stale = connect(fd, (const struct sockaddr *)&address->socket, address->size) != 0 &&
                    errno == ECONNREFUSED;
    close(fd);
    if (is_stale)
        unlink(local.sun_path);
}

/* What bind gives a socket file is what the socket has before it, so it is never open to others,
 * whatever the umask; the group gets in afterwards. */
static int bind_path(int fd, const struct metrics_address *address) {
    struct sockaddr_un local;
    memcpy(&local, &address->socket, sizeof local);
    remove_stale(address);
    if (fchmod(fd, S_IRUSR | S_IWUSR) != 0 ||
        bind(fd, (const struct sockaddr *)&address->socket, address->size) != 0 ||
        chmod(local.sun_path, S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP) != 0)
        return -errno;
    return 0;
}

static int bind_port(int fd, const struct metrics_address *address) {
    const int yes = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(fd, (const struct sockaddr *)&address->socket, address->size) != 0)
        return -errno;
    return 0;
}

int metrics_address_listen(const struct metrics_address *address, char *error, size_t error_size) {
    int fd = socket(address->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int failed = fd < 0                                 ? -errno
                 : address->socket.ss_family == AF_UNIX ? bind_path(fd, address)
                                                        : bind_port(fd, address);
    if (!failed && listen(fd, BACKLOG) != 0)
        failed = -errno;
    if (!failed)
        return fd;
    snprintf(error, error_size, "cannot listen for readers of metrics: %s", strerror(-failed));
    if (fd >= 0)
        close(fd);
    return failed;
}
