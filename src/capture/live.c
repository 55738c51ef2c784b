/* Live capture. Not "immediate mode": that would cost the block ring of newer kernels (libpcap then
 * takes the older one, a wakeup for each frame); a block is handed over after 50 ms at the latest.
 */
#include "capture/live.h"

#include <errno.h>
#include <pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <smblame/limits.h>

#include "capture/filter.h"

enum { BLOCK_MS = 50, RING_BYTES = 16 << 20 };

struct live {
    pcap_t *pcap;
    uint64_t number;
    uint64_t kernel_drops, interface_drops;
    uint32_t last_kernel, last_interface; /* as the 32-bit counters of libpcap stood */
    uint32_t fraction_ns;
    uint16_t link_type;
    void *context;
    void (*take)(void *context, const struct sbl_frame *frame);
};

static int errno_of(int status) {
    switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
        return -ENODEV;
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
        return -EPERM;
    default:
        return -EIO;
    }
}

static int fail(struct live *live, int status, char *error, size_t error_size) {
    const char *detail = pcap_geterr(live->pcap);
    (void)snprintf(error, error_size, "%s%s%s", pcap_statustostr(status),
                   detail && *detail ? ": " : "", detail ? detail : "");
    return errno_of(status);
}

static int set_filter(struct live *live, const char *text, char *error, size_t error_size) {
    struct bpf_program program;
    if (pcap_compile(live->pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        (void)snprintf(error, error_size, "filter \"%s\": %s", text, pcap_geterr(live->pcap));
        return -EINVAL;
    }
    int status = pcap_setfilter(live->pcap, &program);
    pcap_freecode(&program);
    return status == 0 ? 0 : fail(live, PCAP_ERROR, error, error_size);
}

static int activate(struct live *live, const struct live_options *options, char *error,
                    size_t error_size) {
    uint32_t most = SBL_MAX_FRAME_BYTES;
    uint32_t snap = options->snaplen && options->snaplen < most ? options->snaplen : most;
    (void)pcap_set_snaplen(live->pcap, (int)snap);
    (void)pcap_set_promisc(live->pcap, 1);
    (void)pcap_set_timeout(live->pcap, BLOCK_MS);
    (void)pcap_set_buffer_size(live->pcap, RING_BYTES);
    (void)pcap_set_tstamp_precision(live->pcap, PCAP_TSTAMP_PRECISION_NANO);
    int status = pcap_activate(live->pcap);
    if (status < 0)
        return fail(live, status, error, error_size);
    bool is_nano = pcap_get_tstamp_precision(live->pcap) == PCAP_TSTAMP_PRECISION_NANO;
    live->fraction_ns = is_nano ? 1 : 1000;
    live->link_type = filter_linktype_of_dlt(pcap_datalink(live->pcap));
    return options->filter ? set_filter(live, options->filter, error, error_size) : 0;
}

int live_open(struct live **live, const struct live_options *options, char *error,
              size_t error_size) {
    char reason[PCAP_ERRBUF_SIZE] = "";
    struct live *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->pcap = pcap_create(options->device, reason);
    int failed = made->pcap ? activate(made, options, error, error_size) : -ENODEV;
    if (!failed && pcap_setnonblock(made->pcap, 1, reason) != 0)
        failed = -EIO;
    if (reason[0] && failed)
        (void)snprintf(error, error_size, "%s", reason);
    if (failed) {
        live_close(made);
        return failed;
    }
    *live = made;
    return 0;
}

int live_fd(const struct live *live) {
    return pcap_get_selectable_fd(live->pcap);
}

static void take_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes) {
    struct live *live = (void *)user;
    struct sbl_frame frame = {.bytes = bytes,
                              .captured_bytes = header->caplen,
                              .wire_bytes = header->len,
                              .time_ns = (int64_t)header->ts.tv_sec * 1000000000 +
                                         (int64_t)header->ts.tv_usec * live->fraction_ns,
                              .number = ++live->number,
                              .link_type = live->link_type};
    live->take(live->context, &frame);
}

int live_dispatch(struct live *live, void *context,
                  void (*take)(void *context, const struct sbl_frame *frame)) {
    live->context = context;
    live->take = take;
    int count = pcap_dispatch(live->pcap, -1, take_packet, (u_char *)live);
    return count < 0 ? -EIO : count;
}

void live_drops(struct live *live, uint64_t *kernel, uint64_t *interface_drops) {
    struct pcap_stat stat;
    if (pcap_stats(live->pcap, &stat) == 0) {
        live->kernel_drops += (uint32_t)(stat.ps_drop - live->last_kernel);
        live->interface_drops += (uint32_t)(stat.ps_ifdrop - live->last_interface);
        live->last_kernel = stat.ps_drop;
        live->last_interface = stat.ps_ifdrop;
    }
    *kernel = live->kernel_drops;
    *interface_drops = live->interface_drops;
}

int live_list(void (*tell)(void *context, const char *name, const char *description),
              void *context) {
    pcap_if_t *devices = NULL;
    char reason[PCAP_ERRBUF_SIZE];
    if (pcap_findalldevs(&devices, reason) != 0)
        return -EIO;
    for (const pcap_if_t *device = devices; device; device = device->next)
        tell(context, device->name, device->description);
    pcap_freealldevs(devices);
    return 0;
}

void live_close(struct live *live) {
    if (live->pcap)
        pcap_close(live->pcap);
    free(live);
}
