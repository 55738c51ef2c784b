/* Interfaces, watched: several at once as one stream of frames. The keeper opens them with
 * CAP_NET_RAW; after that the handle goes by fork to a process that may nearly nothing.
 *
 * What live_dispatch and live_drops need of the kernel, all told:
 *
 *     poll          what is there, and what the caller waits with
 *     getsockopt    PACKET_STATISTICS, and SO_ERROR when an interface went down
 *     recvfrom      news of interfaces, on a netlink socket that live_open made
 *     lseek, read   the interface's own counters, from files that live_open opened
 *
 * libpcap is called only when poll said that frames are there: then it walks the ring in memory and
 * calls nothing. So none of it opens, connects, maps or asks by ioctl. */
#ifndef SMBLAME_CAPTURE_LIVE_H
#define SMBLAME_CAPTURE_LIVE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/frame.h>

enum {
    LIVE_DEVICES_MAX = 64,
    LIVE_POLL_MAX = LIVE_DEVICES_MAX + 1, /* descriptors that live_poll can name */
};

struct live;

struct live_options {
    const char *const *devices; /* names; "any" is all of them */
    size_t device_count;
    const char *filter;   /* BPF that narrows the default one, or NULL */
    uint32_t snaplen;     /* 0: whole frames */
    uint32_t buffer_kib;  /* of the ring of each device; 0: 16384 */
    bool promiscuous_off; /* only frames of this machine */
    /* With more than one worker, each opens all devices, and the kernel deals out the frames by
     * their pair of hosts. `groups` has a word for each device, 0 before the first worker opens:
     * then they are filled in, and to be given to all others. */
    unsigned workers;
    uint32_t *groups;
};

enum live_event {
    LIVE_DOWN,    /* no frames come until LIVE_UP: switched off, or no carrier */
    LIVE_UP,      /* it goes on by itself */
    LIVE_RENAMED, /* it goes on by itself */
    LIVE_GONE,    /* never again: it has to be opened anew */
};

struct live_news {
    enum live_event event;
    uint16_t device;    /* index into the options' */
    const char *name;   /* as it is called now */
    const char *before; /* as it was called before LIVE_RENAMED; else the same */
};

/* Who hears what a dispatch finds. */
struct live_listener {
    void *context;
    void (*take)(void *context, const struct sbl_frame *frame);
    void (*tell)(void *context, const struct live_news *news); /* may be NULL */
};

/* Opens all devices, not blocking, with nanosecond times where they have them. 0, or -ENOMEM,
 * -ENODEV (no such device), -ENETDOWN (it is switched off), -EPERM, -EINVAL (the filter, or more
 * than LIVE_DEVICES_MAX), -EIO; `error` says in words which device and why. Strings are copied. */
int live_open(struct live **live, const struct live_options *options, char *error,
              size_t error_size);

/* Fills in what to wait for, POLLIN of each; how many: at most LIVE_POLL_MAX. A device that is gone
 * has descriptor -1, which poll passes over. */
size_t live_poll(const struct live *live, struct pollfd fds[LIVE_POLL_MAX]);

/* Hands out the frames that are there, but not without end: after some thousands it comes back, and
 * poll says at once that there are more. Frames of one device come in its order, those of several
 * in the order of time as far as they are there. `file` is the index of the device, `number` counts
 * over all of them. Each borrows for its call. How many frames. */
size_t live_dispatch(struct live *live, const struct live_listener *listener);

/* What a device is called now; as given, until it is renamed. */
const char *live_name(const struct live *live, uint16_t device);

/* One device, for statistics and -v. Drops since the open, and since they were last asked for. */
struct live_state {
    uint64_t received;                      /* frames that passed the filter, with those that
                                               were dropped then */
    uint64_t kernel_drops, interface_drops; /* for want of room in the ring; before it, by the
                                               card or its driver */
    uint64_t kernel_drops_new, interface_drops_new;
    uint64_t ring_bytes; /* as the kernel gave it, which may be less than asked for */
    uint32_t ring_blocks;
    bool is_up, is_gone;
};

void live_state(struct live *live, uint16_t device, struct live_state *state);

/* What was lost by all devices since the open. */
void live_drops(struct live *live, uint64_t *kernel, uint64_t *interface_drops);

/* The filter that is in force for a link type (enum sbl_linktype) unless it is narrowed, in the
 * words of pcap-filter(7). NULL: none, all frames are looked at. */
const char *live_filter_text(uint16_t link_type);

/* The link type of a device's frames. */
uint16_t live_link_type(const struct live *live, uint16_t device);

/* Tells of each device that can be opened (description may be NULL). 0 or -EIO. */
int live_list(void (*tell)(void *context, const char *name, const char *description),
              void *context);

/* NULL is nothing. */
void live_close(struct live *live);

/* What is left of devices to who opened them for another process: sockets that count. The other
 * one's memory is its own, so that they are gone the moment they are closed. */
struct live_sockets {
    size_t count;
    int fds[LIVE_DEVICES_MAX];
    bool is_loopback[LIVE_DEVICES_MAX];
};

/* Closes the handle and keeps its sockets, after the fork of whoever reads them. */
void live_leave(struct live *live, struct live_sockets *sockets);

/* Asks how many frames each has received since somebody last asked (live_state), and closes it at
 * once; with `received` NULL nobody is asked. */
void live_sockets_close(struct live_sockets *sockets, uint64_t received[LIVE_DEVICES_MAX]);

#endif
