/* rtnetlink(7): a message for each change of an interface. Each datagram of such a socket holds one
 * message: a header (length, type, flags, sequence, sender), struct ifinfomsg, attributes. */
#include "capture/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NEWS_BYTES = 16384, INDICES_MAX = 200 };

int link_open(void) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int failed = -errno;
    if (fd >= 0)
        close(fd);
    return failed;
}

int link_narrow(int fd, const int *indices, size_t count) {
    enum { INDEX_AT = NLMSG_HDRLEN + offsetof(struct ifinfomsg, ifi_index) };
    struct sock_filter program[INDICES_MAX + 3];
    if (count > INDICES_MAX)
        return -EINVAL;
    program[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, INDEX_AT);
    for (size_t i = 0; i < count; i++) /* BPF reads in the network's order */
        program[1 + i] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, ntohl((uint32_t)indices[i]), (uint8_t)(count - i), 0);
    program[1 + count] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
    program[2 + count] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
    struct sock_fprog whole = {.len = (unsigned short)(count + 3), .filter = program};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &whole, sizeof whole) == 0 ? 0 : -errno;
}

static void read_name(struct nlmsghdr *message, struct link_news *news) {
    struct ifinfomsg *about = NLMSG_DATA(message);
    size_t left = IFLA_PAYLOAD(message);
    for (struct rtattr *attribute = IFLA_RTA(about); RTA_OK(attribute, left);
         attribute = RTA_NEXT(attribute, left)) {
        if (attribute->rta_type != IFLA_IFNAME)
            continue;
        size_t size = RTA_PAYLOAD(attribute);
        memcpy(news->name, RTA_DATA(attribute),
               size < sizeof news->name ? size : sizeof news->name - 1);
    }
}

int link_next(int fd, struct link_news *news) {
    _Alignas(struct nlmsghdr) char bytes[NEWS_BYTES];
    for (;;) {
        ssize_t size = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
        struct nlmsghdr *message = (void *)bytes;
        if (!NLMSG_OK(message, (size_t)size) ||
            message->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifinfomsg)) ||
            (message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK))
            continue;
        struct ifinfomsg *about = NLMSG_DATA(message);
        if (about->ifi_family != AF_UNSPEC)
            continue; /* a bridge lost or won it */
        *news = (struct link_news){.index = about->ifi_index,
                                   .is_gone = message->nlmsg_type == RTM_DELLINK,
                                   .is_up = (about->ifi_flags & IFF_UP) &&
                                            (about->ifi_flags & IFF_RUNNING)};
        read_name(message, news);
        return 1;
    }
}
