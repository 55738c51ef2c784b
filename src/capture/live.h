/* Live capture by libpcap, for an event loop: a descriptor to wait for, and a call that hands out
 * what has come. libpcap walks the kernel's ring without a copy; nothing of our own is faster. */
#ifndef SMBLAME_CAPTURE_LIVE_H
#define SMBLAME_CAPTURE_LIVE_H

#include <stddef.h>
#include <stdint.h>

#include <smblame/frame.h>

struct live;

struct live_options {
    const char *device;
    const char *filter; /* BPF, or NULL */
    uint32_t snaplen;   /* 0: whole frames */
};

/* Opens a device, promiscuous and not blocking, with nanosecond times where it has them. 0, or
 * -ENOMEM, -ENODEV, -EPERM, -EINVAL (the filter), -EIO; `error` says it in words. */
int live_open(struct live **live, const struct live_options *options, char *error,
              size_t error_size);

/* The descriptor to poll for reading; -1 when the platform has none. */
int live_fd(const struct live *live);

/* Hands out the frames that are there, one by one; each borrows for its call. How many, or a
 * negative errno: -EIO when the device is gone. */
int live_dispatch(struct live *live, void *context,
                  void (*take)(void *context, const struct sbl_frame *frame));

/* What was lost since the open: by the kernel for want of room, by the interface. */
void live_drops(struct live *live, uint64_t *kernel, uint64_t *interface_drops);

/* Tells of each device that can be opened (description may be NULL). 0 or -EIO. */
int live_list(void (*tell)(void *context, const char *name, const char *description),
              void *context);

void live_close(struct live *live);

#endif
