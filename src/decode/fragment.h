/* Fragments of IPv4 and IPv6 datagrams, put together in a bounded store. Knows nothing of layers.
 * Private to the decode room. */
#ifndef SMBLAME_DECODE_FRAGMENT_H
#define SMBLAME_DECODE_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/limits.h>
#include <smblame/stats.h>

#include "base/table.h"

enum {
    /* Datagrams that were replaced while their segment was still in use: room for one a frame. */
    FRAGMENT_SPARE_BUFFERS = 64,
    FRAGMENT_DATAGRAMS_MOST = 8192, /* that the limit can be set to */
    FRAGMENT_BUFFERS_MOST = FRAGMENT_DATAGRAMS_MOST + FRAGMENT_SPARE_BUFFERS,
};

struct fragments {
    struct table datagrams; /* struct datagram by struct fragment_key */
    uint8_t *buffers;       /* of 64 KiB and a header each */
    uint32_t datagram_count, buffer_count;
    struct sbl_stats *stats;
    uint64_t batch;         /* how often fragments_batch_done was called, + 1 */
    uint32_t free_count;    /* of free_buffers, a stack */
    uint32_t retired_count; /* of retired_buffers, free again when the batch is done */
    uint16_t free_buffers[FRAGMENT_BUFFERS_MOST], retired_buffers[FRAGMENT_BUFFERS_MOST];
};

/* One fragment. `ip` is its IP header (20 or 40 bytes are read), `bytes` its payload as captured;
 * on the wire it had `wire_bytes`. */
struct fragment {
    const uint8_t *ip;
    const uint8_t *bytes;
    size_t captured_bytes, wire_bytes;
    int64_t time_ns;
    uint32_t id, tunnel_id;
    uint16_t offset; /* in bytes, a multiple of 8 */
    uint8_t protocol;
    bool has_more;
};

/* A datagram put together: an IP header without options made from the first fragment's, and the
 * payload behind it. Valid until fragments_batch_done. */
struct datagram_whole {
    const uint8_t *ip;
    size_t header_bytes, payload_bytes, cut_bytes;
    uint8_t protocol;
};

/* 0 or -ENOMEM. */
int fragments_init(struct fragments *fragments, struct sbl_stats *stats,
                   const struct sbl_limits *limits);
void fragments_fini(struct fragments *fragments);

/* Adds a fragment. True: it was the last missing one, and `whole` is filled. */
bool fragments_add(struct fragments *fragments, const struct fragment *fragment,
                   struct datagram_whole *whole);

/* Datagrams handed out since the last call are no longer used. */
void fragments_batch_done(struct fragments *fragments);

/* Counts as lost what still waits. */
void fragments_finish(struct fragments *fragments);

size_t fragments_ceiling(const struct sbl_limits *limits);

#endif
