/* News of interfaces: up, down, renamed, gone; as the kernel tells them on a netlink socket. */
#ifndef SMBLAME_CAPTURE_LINK_H
#define SMBLAME_CAPTURE_LINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

struct link_news {
    int index;
    bool is_gone;
    bool is_up;             /* switched on, and with a carrier */
    char name[IF_NAMESIZE]; /* empty: not told */
};

/* A socket that hears of interfaces from now on; or a negative errno. */
int link_open(void);

/* From now on it hears of these alone, so that it cannot overflow with news of others. 0 or a
 * negative errno. */
int link_narrow(int fd, const int *indices, size_t count);

/* The next news without waiting. 1, or 0 when there is none, or a negative errno: -ENOBUFS, some
 * were lost. */
int link_next(int fd, struct link_news *news);

#endif
