/* What a service manager is told (sd_notify(3)): one datagram a message, to a socket whose name
 * stands in the environment. The protocol is so small that a library would be more to trust than to
 * save. Without a manager nothing is sent and nothing fails. */
#ifndef SMBLAME_SERVICE_NOTIFY_H
#define SMBLAME_SERVICE_NOTIFY_H

#include <stdint.h>

struct notify {
    int fd;               /* -1 = nobody is told */
    uint64_t watchdog_us; /* 0 = nobody watches */
};

/* Opens and connects the socket; to be called before the process is confined, which may send
 * afterwards and no more. Reads NOTIFY_SOCKET (a path, or '@' and an abstract name), WATCHDOG_USEC
 * and WATCHDOG_PID, and takes them out of the environment, so that programs we start do not speak
 * for us. 0, also where there is no manager, or a negative errno; the struct is good either way. */
int notify_open(struct notify *notify);

/* How often at least notify_watchdog is due, half of what the manager waits; 0 = never. */
uint64_t notify_watchdog_us(const struct notify *notify);

/* Up, or up again after a reload. `status` is one line for people, or NULL. Each of these: 0 or a
 * negative errno that need not be heeded. */
int notify_ready(const struct notify *notify, const char *status);
int notify_status(const struct notify *notify, const char *status);
int notify_watchdog(const struct notify *notify);
int notify_reloading(const struct notify *notify);
int notify_stopping(const struct notify *notify);

void notify_close(struct notify *notify);

#endif
