/* One interface. Not "immediate mode": that would cost the block ring of newer kernels
 * (TPACKET_V3; libpcap then takes the older one, a wakeup for each frame); a block is handed over
 * after 50 ms at the latest.
 *
 * Counters are read here and not by pcap_stats, which opens files in /sys each time: who reads
 * frames must not open anything. */
#include "capture/device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <smblame/limits.h>

#include "base/clock.h"
#include "capture/default_filter.h"
#include "capture/fanout.h"
#include "capture/filter.h"

enum { BLOCK_MS = 50, BUFFER_KIB = 16384, BUFFER_KIB_MOST = 2047 * 1024 };

static const int64_t SETTLED_NS = 1000000000;

static int errno_of(int status) {
    switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
        return -ENODEV;
    case PCAP_ERROR_IFACE_NOT_UP:
        return -ENETDOWN;
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
        return -EPERM;
    default:
        return -EIO;
    }
}

static int activate(struct device *device, const struct device_options *options, char *error,
                    size_t error_size) {
    uint32_t snap = options->snaplen ? options->snaplen : SBL_MAX_FRAME_BYTES;
    uint32_t kib = options->buffer_kib ? options->buffer_kib : BUFFER_KIB;
    snap = snap < SBL_MAX_FRAME_BYTES ? snap : SBL_MAX_FRAME_BYTES;
    kib = kib < BUFFER_KIB_MOST ? kib : BUFFER_KIB_MOST;
    (void)pcap_set_snaplen(device->pcap, (int)snap);
    (void)pcap_set_promisc(device->pcap, !options->promiscuous_off);
    (void)pcap_set_timeout(device->pcap, BLOCK_MS);
    (void)pcap_set_buffer_size(device->pcap, (int)(kib * 1024));
    (void)pcap_set_tstamp_precision(device->pcap, PCAP_TSTAMP_PRECISION_NANO);
    int status = pcap_activate(device->pcap);
    if (status < 0) {
        const char *detail = pcap_geterr(device->pcap);
        (void)snprintf(error, error_size, "%s%s%s", pcap_statustostr(status), *detail ? ": " : "",
                       detail);
        return errno_of(status);
    }
    bool is_nano = pcap_get_tstamp_precision(device->pcap) == PCAP_TSTAMP_PRECISION_NANO;
    device->fraction_ns = is_nano ? 1 : 1000;
    device->link_type = filter_linktype_of_dlt(pcap_datalink(device->pcap));
    return pcap_setnonblock(device->pcap, 1, error) == 0 ? 0 : -EIO;
}

/* The interface that the socket is bound to, which by now may have another name. */
static int index_of(const struct device *device) {
    struct sockaddr_ll address = {0};
    socklen_t size = sizeof address;
    (void)getsockname(pcap_fileno(device->pcap), (struct sockaddr *)&address, &size);
    return address.sll_ifindex;
}

/* The interface's flags; what cannot be asked is on, with a carrier. */
static int flags_of(const struct device *device) {
    struct ifreq request = {0};
    memcpy(request.ifr_name, device->name, sizeof request.ifr_name);
    if (device->index == 0 || ioctl(pcap_fileno(device->pcap), SIOCGIFFLAGS, &request) != 0)
        return IFF_UP | IFF_RUNNING;
    return request.ifr_flags;
}

/* How much memory the kernel gave for the ring: libpcap asks for less and less until it gets some,
 * and does not say so. It is the mapping of the socket. */
static uint64_t ring_bytes(const struct device *device) {
    struct stat about;
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512], name[64];
    uint64_t bytes = 0;
    if (!maps || fstat(pcap_fileno(device->pcap), &about) != 0)
        about.st_ino = 0;
    (void)snprintf(name, sizeof name, "socket:[%llu]\n", (unsigned long long)about.st_ino);
    while (maps && fgets(line, sizeof line, maps)) {
        char *end; /* "FROM-TO ...", both in hex */
        uint64_t from = strtoull(line, &end, 16);
        if (strstr(line, name) && *end == '-')
            bytes += strtoull(end + 1, NULL, 16) - from;
    }
    if (maps)
        fclose(maps);
    return bytes;
}

/* What the card and its driver lost, as libpcap counts it. */
static void open_counters(struct device *device) {
    static const char *const names[DEVICE_COUNTERS] = {"rx_missed_errors", "rx_fifo_errors"};
    char path[128];
    for (size_t i = 0; i < DEVICE_COUNTERS && device->index != 0; i++) {
        (void)snprintf(path, sizeof path, "/sys/class/net/%s/statistics/%s", device->name,
                       names[i]);
        device->counters[i] = open(path, O_RDONLY | O_CLOEXEC);
    }
}

/* The counters' sum. False: the interface is not there any more. */
static bool read_counters(const struct device *device, uint64_t *sum) {
    *sum = 0;
    for (size_t i = 0; i < DEVICE_COUNTERS && device->counters[i] >= 0; i++) {
        char text[32] = "";
        if (lseek(device->counters[i], 0, SEEK_SET) != 0)
            continue;
        if (read(device->counters[i], text, sizeof text - 1) > 0)
            *sum += strtoull(text, NULL, 10);
        else if (errno == ENODEV)
            return false;
    }
    return true;
}

/* Each of several workers gets all frames until it has joined the others; what it got until then is
 * passed over by its time. */
static int join(struct device *device, uint32_t *group, char *error, size_t error_size) {
    int failed = fanout_join(pcap_fileno(device->pcap), group);
    if (failed)
        (void)snprintf(error, error_size, "its frames cannot be shared among workers: %s",
                       strerror(-failed));
    device->since_ns = clock_realtime_ns();
    return failed;
}

static int set_up(struct device *device, const struct device_options *options, char *error,
                  size_t error_size) {
    int failed = activate(device, options, error, error_size);
    if (!failed)
        failed = default_filter_set(device->pcap, options->filter, error, error_size);
    if (!failed && options->group)
        failed = join(device, options->group, error, error_size);
    if (failed)
        return failed;
    device->index = index_of(device);
    int flags = flags_of(device);
    device->is_up = (flags & IFF_UP) && (flags & IFF_RUNNING);
    device->is_loopback = flags & IFF_LOOPBACK;
    device->ring_bytes = ring_bytes(device);
    open_counters(device);
    (void)read_counters(device, &device->counted);
    return 0;
}

int device_open(struct device *device, const struct device_options *options, char *error,
                size_t error_size) {
    char reason[PCAP_ERRBUF_SIZE] = "", detail[PCAP_ERRBUF_SIZE * 2] = "";
    *device = (struct device){.counters = {-1, -1}};
    (void)snprintf(device->name, sizeof device->name, "%s", options->name);
    device->pcap = pcap_create(options->name, reason);
    int failed = device->pcap ? set_up(device, options, detail, sizeof detail) : -ENODEV;
    if (failed) {
        (void)snprintf(error, error_size, "%s: %s", options->name,
                       *detail   ? detail
                       : *reason ? reason
                                 : strerror(-failed));
        device_close(device);
    }
    return failed;
}

int device_fd(const struct device *device) {
    return device->is_gone ? -1 : pcap_fileno(device->pcap);
}

/* Whether it came before the workers shared their frames. Only what is a little too early is meant:
 * a clock that was put back makes all frames early, and none to be passed over. */
static bool is_shared_too_late(struct device *device, int64_t time_ns) {
    if (time_ns < device->since_ns && device->since_ns - time_ns < SETTLED_NS)
        return true;
    device->since_ns = 0;
    return false;
}

static void take_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes) {
    struct device *device = (void *)user;
    struct sbl_frame frame = {.bytes = bytes,
                              .captured_bytes = header->caplen,
                              .wire_bytes = header->len,
                              .time_ns = (int64_t)header->ts.tv_sec * 1000000000 +
                                         (int64_t)header->ts.tv_usec * device->fraction_ns,
                              .link_type = device->link_type};
    if (device->since_ns == 0 || !is_shared_too_late(device, frame.time_ns))
        device->take(device->context, &frame);
}

size_t device_read(struct device *device, int most, void *context,
                   void (*take)(void *context, struct sbl_frame *frame)) {
    device->context = context;
    device->take = take;
    int count = pcap_dispatch(device->pcap, most, take_packet, (u_char *)device);
    return count < 0 ? 0 : (size_t)count;
}

bool device_take_error(const struct device *device) {
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(pcap_fileno(device->pcap), SOL_SOCKET, SO_ERROR, &error, &size) != 0 ||
           error != 0;
}

bool device_is_there(const struct device *device) {
    uint64_t unused;
    return read_counters(device, &unused);
}

void device_count_socket(int fd, bool is_loopback, uint64_t *received, uint64_t *drops) {
    struct tpacket_stats_v3 counts = {0};
    socklen_t size = sizeof counts;
    if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &counts, &size) != 0)
        return;
    /* the kernel begins again at 0; what a loopback sends it receives as well, and libpcap leaves
     * out the one */
    *received += counts.tp_packets / (is_loopback ? 2 : 1);
    *drops += counts.tp_drops;
}

int device_socket(const struct device *device) {
    return fcntl(pcap_fileno(device->pcap), F_DUPFD_CLOEXEC, 0);
}

void device_count(struct device *device) {
    device_count_socket(pcap_fileno(device->pcap), device->is_loopback, &device->received,
                        &device->kernel_drops);
    uint64_t counted;
    if (!read_counters(device, &counted))
        return;
    if (counted > device->counted)
        device->interface_drops += counted - device->counted;
    device->counted = counted;
}

void device_close(struct device *device) {
    for (size_t i = 0; i < DEVICE_COUNTERS; i++)
        if (device->counters[i] >= 0)
            close(device->counters[i]);
    if (device->pcap)
        pcap_close(device->pcap);
    device->pcap = NULL;
}
