/* Several devices as one. One that has frames alone hands them out as they lie in its ring. Where
 * several have some, each is read ahead a little, in copies, as libpcap gives a block back to the
 * kernel with its last frame; and the earliest goes first. Nothing stays behind in those copies
 * when a dispatch ends, so that whoever waits in poll misses nothing.
 *
 * Packet sockets outlive their interface being switched off and on, and being renamed; libpcap sees
 * an error in the second. So what becomes of an interface is heard from the kernel, on a socket of
 * our own, and from libpcap only frames. Where that socket cannot be had, the error of a packet
 * socket tells that its interface went down, and the first frame that it is back. */
#include "capture/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <smblame/limits.h>

#include "base/pool.h"
#include "capture/default_filter.h"
#include "capture/device.h"
#include "capture/link.h"

enum { DISPATCH_MOST = 4096, AHEAD_MOST = 32, BLOCK_BYTES = 256 * 1024 };
enum { AHEAD_BYTES = AHEAD_MOST * SBL_MAX_FRAME_BYTES };

/* What of a device was read ahead. */
struct ahead {
    uint8_t *bytes; /* NULL: there is one device alone */
    size_t used;
    size_t at, count;
    bool is_empty; /* there was no more when it was last asked */
    struct sbl_frame frames[AHEAD_MOST];
};

struct one {
    struct device device;
    struct ahead ahead;
    struct live *live;
    uint16_t file;
};

struct live {
    struct one *all;
    size_t count;
    int news_fd;
    uint64_t number;
    struct live_listener listener; /* of the dispatch that runs */
};

static const struct one *at(const struct live *live, uint16_t device) {
    return &live->all[device < live->count ? device : 0];
}

/* Opening. */

static int open_one(struct live *live, const struct live_options *options, size_t i, char *error,
                    size_t error_size) {
    struct one *one = &live->all[i];
    const struct device_options wanted = {.name = options->devices[i],
                                          .filter = options->filter,
                                          .snaplen = options->snaplen,
                                          .buffer_kib = options->buffer_kib,
                                          .promiscuous_off = options->promiscuous_off,
                                          .group =
                                              options->workers > 1 ? &options->groups[i] : NULL};
    one->live = live;
    one->file = (uint16_t)i;
    int failed = device_open(&one->device, &wanted, error, error_size);
    if (failed)
        return failed;
    live->count = i + 1;
    if (options->device_count > 1)
        one->ahead.bytes = pages_reserve(AHEAD_BYTES);
    return options->device_count > 1 && !one->ahead.bytes ? -ENOMEM : 0;
}

/* News of our devices only. Without, what an error of a socket tells must do. */
static void narrow_news(struct live *live) {
    int indices[LIVE_DEVICES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < live->count; i++)
        if (live->all[i].device.index > 0)
            indices[count++] = live->all[i].device.index;
    if (live->news_fd >= 0 && (count == 0 || link_narrow(live->news_fd, indices, count) != 0)) {
        close(live->news_fd);
        live->news_fd = -1;
    }
}

int live_open(struct live **live, const struct live_options *options, char *error,
              size_t error_size) {
    if (options->device_count == 0 || options->device_count > LIVE_DEVICES_MAX) {
        (void)snprintf(error, error_size, "expected 1 to %d interfaces", LIVE_DEVICES_MAX);
        return -EINVAL;
    }
    struct live *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->all = calloc(options->device_count, sizeof *made->all);
    made->news_fd = link_open();
    int failed = made->all ? 0 : -ENOMEM;
    for (size_t i = 0; i < options->device_count && !failed; i++)
        failed = open_one(made, options, i, error, error_size);
    if (failed) {
        if (failed == -ENOMEM)
            (void)snprintf(error, error_size, "no memory");
        live_close(made);
        return failed;
    }
    narrow_news(made);
    *live = made;
    return 0;
}

void live_close(struct live *live) {
    if (!live)
        return;
    for (size_t i = 0; i < live->count; i++) {
        device_close(&live->all[i].device);
        if (live->all[i].ahead.bytes)
            pages_free(live->all[i].ahead.bytes, AHEAD_BYTES);
    }
    if (live->news_fd >= 0)
        close(live->news_fd);
    free(live->all);
    free(live);
}

void live_leave(struct live *live, struct live_sockets *sockets) {
    sockets->count = live->count;
    for (size_t i = 0; i < live->count; i++) {
        const struct device *device = &live->all[i].device;
        sockets->fds[i] = device_socket(device);
        sockets->is_loopback[i] = device->is_loopback;
    }
    live_close(live);
}

void live_sockets_close(struct live_sockets *sockets, uint64_t received[LIVE_DEVICES_MAX]) {
    for (size_t i = 0; i < sockets->count; i++) {
        uint64_t drops = 0;
        if (received)
            received[i] = 0;
        if (received)
            device_count_socket(sockets->fds[i], sockets->is_loopback[i], &received[i], &drops);
        (void)close(sockets->fds[i]);
    }
    sockets->count = 0;
}

/* What becomes of the devices. */

size_t live_poll(const struct live *live, struct pollfd fds[LIVE_POLL_MAX]) {
    for (size_t i = 0; i < live->count; i++)
        fds[i] = (struct pollfd){.fd = device_fd(&live->all[i].device), .events = POLLIN};
    if (live->news_fd >= 0)
        fds[live->count] = (struct pollfd){.fd = live->news_fd, .events = POLLIN};
    return live->count + (live->news_fd >= 0);
}

static void tell(struct one *one, enum live_event event, const char *before) {
    const struct live_listener *listener = &one->live->listener;
    const struct live_news news = {event, one->file, one->device.name,
                                   before ? before : one->device.name};
    if (listener->tell)
        listener->tell(listener->context, &news);
}

static void note_gone(struct one *one) {
    if (one->device.is_gone)
        return;
    one->device.is_gone = true;
    one->device.is_up = false;
    tell(one, LIVE_GONE, NULL);
}

static void note_up(struct one *one, bool is_up) {
    if (one->device.is_gone || one->device.is_up == is_up)
        return;
    one->device.is_up = is_up;
    tell(one, is_up ? LIVE_UP : LIVE_DOWN, NULL);
}

static void note_name(struct one *one, const struct link_news *news) {
    char before[IF_NAMESIZE];
    struct device *device = &one->device;
    if (device->is_gone || !news->name[0] || strcmp(device->name, news->name) == 0)
        return;
    memcpy(before, device->name, sizeof before);
    memcpy(device->name, news->name, sizeof device->name);
    tell(one, LIVE_RENAMED, before);
}

/* `news` NULL: some were lost, and what must be known is whether the device still is. */
static void note(struct one *one, const struct link_news *news) {
    if (!news ? !device_is_there(&one->device) : news->is_gone) {
        note_gone(one);
    } else if (news) {
        note_name(one, news);
        note_up(one, news->is_up);
    }
}

static void take_news(struct live *live) {
    struct link_news news;
    int found = 1;
    while (found > 0 && (found = link_next(live->news_fd, &news)) != 0)
        for (size_t i = 0; i < live->count; i++)
            if (found < 0 || live->all[i].device.index == news.index)
                note(&live->all[i], found < 0 ? NULL : &news);
}

static void take_error(struct one *one) {
    if (!device_take_error(&one->device))
        return;
    if (!device_is_there(&one->device))
        note_gone(one);
    else
        note_up(one, false);
}

/* Frames. */

static void hand_out(struct live *live, struct sbl_frame *frame) {
    frame->number = ++live->number;
    live->listener.take(live->listener.context, frame);
}

static void take_direct(void *context, struct sbl_frame *frame) {
    const struct one *one = context;
    frame->file = one->file;
    hand_out(one->live, frame);
}

static void take_copy(void *context, struct sbl_frame *frame) {
    struct one *one = context;
    struct ahead *ahead = &one->ahead;
    memcpy(&ahead->bytes[ahead->used], frame->bytes, frame->captured_bytes);
    frame->bytes = &ahead->bytes[ahead->used];
    frame->file = one->file;
    ahead->used += frame->captured_bytes;
    ahead->frames[ahead->count++] = *frame;
}

static bool has_frames(const struct device *device) {
    struct pollfd fd = {.fd = device_fd(device), .events = POLLIN};
    return poll(&fd, 1, 0) == 1 && (fd.revents & POLLIN);
}

/* Reads ahead when all was handed out. False: there are no more. */
static bool top_up(struct one *one) {
    struct ahead *ahead = &one->ahead;
    if (ahead->at < ahead->count)
        return true;
    ahead->used = ahead->at = ahead->count = 0;
    if (ahead->is_empty || !has_frames(&one->device)) {
        ahead->is_empty = true;
        return false;
    }
    (void)device_read(&one->device, AHEAD_MOST, one, take_copy);
    return ahead->count > 0;
}

/* The device with the earliest frame; NULL when none has any. */
static struct one *earliest(struct live *live) {
    struct one *best = NULL;
    for (size_t i = 0; i < live->count; i++) {
        struct one *one = &live->all[i];
        if (top_up(one) && (!best || one->ahead.frames[one->ahead.at].time_ns <
                                         best->ahead.frames[best->ahead.at].time_ns))
            best = one;
    }
    return best;
}

static size_t merge(struct live *live) {
    size_t count = 0;
    struct one *one;
    while ((one = earliest(live))) {
        hand_out(live, &one->ahead.frames[one->ahead.at++]);
        if (++count < DISPATCH_MOST)
            continue;
        for (size_t i = 0; i < live->count; i++)
            live->all[i].ahead.is_empty = true; /* what was read ahead is the end of it */
    }
    return count;
}

size_t live_dispatch(struct live *live, const struct live_listener *listener) {
    struct pollfd fds[LIVE_POLL_MAX];
    size_t fd_count = live_poll(live, fds), readable = 0, count = 0;
    struct one *last = NULL;
    live->listener = *listener;
    if (poll(fds, fd_count, 0) <= 0)
        return 0;
    for (size_t i = 0; i < live->count; i++) {
        struct one *one = &live->all[i];
        one->ahead.is_empty = (fds[i].revents & POLLIN) == 0;
        if (!one->ahead.is_empty) {
            readable++;
            last = one;
        }
    }
    if (readable == 1)
        count = device_read(&last->device, DISPATCH_MOST, last, take_direct);
    else if (readable > 1)
        count = merge(live);
    for (size_t i = 0; i < live->count; i++) {
        if (live->news_fd < 0 && (fds[i].revents & POLLIN))
            note_up(&live->all[i], true);
        if (fds[i].revents & (POLLERR | POLLHUP | POLLNVAL))
            take_error(&live->all[i]);
    }
    if (fd_count > live->count && fds[live->count].revents)
        take_news(live);
    return count;
}

/* What is known of them. */

const char *live_name(const struct live *live, uint16_t device) {
    return at(live, device)->device.name;
}

uint16_t live_link_type(const struct live *live, uint16_t device) {
    return at(live, device)->device.link_type;
}

void live_state(struct live *live, uint16_t device, struct live_state *state) {
    struct device *asked = &live->all[device < live->count ? device : 0].device;
    device_count(asked);
    *state = (struct live_state){.received = asked->received,
                                 .kernel_drops = asked->kernel_drops,
                                 .interface_drops = asked->interface_drops,
                                 .kernel_drops_new = asked->kernel_drops - asked->kernel_drops_told,
                                 .interface_drops_new =
                                     asked->interface_drops - asked->interface_drops_told,
                                 .ring_bytes = asked->ring_bytes,
                                 .ring_blocks = (uint32_t)(asked->ring_bytes / BLOCK_BYTES),
                                 .is_up = asked->is_up,
                                 .is_gone = asked->is_gone};
    asked->kernel_drops_told = asked->kernel_drops;
    asked->interface_drops_told = asked->interface_drops;
}

void live_drops(struct live *live, uint64_t *kernel, uint64_t *interface_drops) {
    *kernel = *interface_drops = 0;
    for (size_t i = 0; i < live->count; i++) {
        device_count(&live->all[i].device);
        *kernel += live->all[i].device.kernel_drops;
        *interface_drops += live->all[i].device.interface_drops;
    }
}

const char *live_filter_text(uint16_t link_type) {
    return default_filter_text(link_type);
}

int live_list(void (*tell_device)(void *context, const char *name, const char *description),
              void *context) {
    pcap_if_t *devices = NULL;
    char reason[PCAP_ERRBUF_SIZE];
    if (pcap_findalldevs(&devices, reason) != 0)
        return -EIO;
    for (const pcap_if_t *device = devices; device; device = device->next)
        tell_device(context, device->name, device->description);
    pcap_freealldevs(devices);
    return 0;
}
