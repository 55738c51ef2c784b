/* One interface: opened by libpcap, read, counted. */
#ifndef SMBLAME_CAPTURE_DEVICE_H
#define SMBLAME_CAPTURE_DEVICE_H

#include <net/if.h>
#include <pcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/frame.h>

struct device_options {
    const char *name;
    const char *filter; /* what narrows the default one, or NULL */
    uint32_t snaplen;   /* 0: whole frames */
    uint32_t buffer_kib;
    bool promiscuous_off;
    uint32_t *group; /* of the fanout; NULL: this is the only reader */
};

enum { DEVICE_COUNTERS = 2 };

struct device {
    pcap_t *pcap;
    char name[IF_NAMESIZE];
    int index; /* the kernel's; 0: all interfaces */
    bool is_up, is_gone, is_loopback;
    uint16_t link_type;
    uint32_t fraction_ns;
    int64_t since_ns; /* frames of before came to all workers; 0: no more such frames */
    uint64_t ring_bytes;
    int counters[DEVICE_COUNTERS]; /* files of the interface's own; -1: has none */
    uint64_t counted;              /* their sum at the open */
    uint64_t received; /* by the socket since the open, with those dropped for want of room */
    uint64_t kernel_drops, interface_drops;
    uint64_t kernel_drops_told, interface_drops_told;
    void *context; /* of the call of device_read that runs */
    void (*take)(void *context, struct sbl_frame *frame);
};

/* 0 or a negative errno as live_open; a device that failed is closed. */
int device_open(struct device *device, const struct device_options *options, char *error,
                size_t error_size);

/* What poll waits on; -1 when the device is gone. */
int device_fd(const struct device *device);

/* Hands out at most `most` frames, with time, lengths and link type. To be called only when poll
 * said POLLIN. How many there were. */
size_t device_read(struct device *device, int most, void *context,
                   void (*take)(void *context, struct sbl_frame *frame));

/* Takes the error off the socket that poll spoke of. True: the interface went down or away. */
bool device_take_error(const struct device *device);

/* Whether the interface is still there, as far as its counters tell. */
bool device_is_there(const struct device *device);

/* Brings the drops up to date. */
void device_count(struct device *device);

/* Adds what a socket has counted since it was last asked. */
void device_count_socket(int fd, bool is_loopback, uint64_t *received, uint64_t *drops);

/* Another descriptor of its socket. */
int device_socket(const struct device *device);

void device_close(struct device *device);

#endif
