/* The state of the stream room, in one place, for the files of this room only.
 *
 * Hot: struct flow, one cache line per TCP connection, enough for a lookup, for pure ACKs and for
 * bulk payload that is skipped. Cold: struct connection, taken from a pool once a flow carries SMB
 * or might. Sides are numbered by the canonical order of the two endpoints (0 = lower address and
 * port) everywhere in this room; only the conversation knows client and server. */
#ifndef SMBLAME_STREAM_STATE_H
#define SMBLAME_STREAM_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/dissector.h>

#include "base/pool.h"
#include "stream/banner.h"
#include "stream/expiry.h"
#include "stream/flow_table.h"
#include "stream/history.h"
#include "stream/message_buffer.h"
#include "stream/stream.h"

enum framing_phase {
    FRAMING_START = 0, /* midstream: the first bytes may or may not begin a message */
    FRAMING_UNIT,      /* in step: a frame header or a part is being read */
    FRAMING_LOST,      /* looking for the next plausible header */
};

/* What of the unit is being waited for. */
enum framing_stage { STAGE_FRAME = 0, STAGE_MAGIC, STAGE_NEED, STAGE_WANT };

enum { REMEMBERED_PARTS = 4, SCAN_TAIL_BYTES = BANNER_PREFIX_BYTES - 1 };

/* A unit in the making: a run of bytes that is looked at together, the frame header and the first
 * part of a message, or a later part alone. Most are begun and ended within one segment, so a
 * direction has one only from its first byte to its last, and nearly always the same one. */
struct unit {
    uint32_t pdu_seq; /* of the frame header's first byte */
    uint32_t goal;    /* bytes of the unit to have before the next step */
    uint32_t have;    /* bytes of it in `buffer` */
    uint32_t want;    /* bytes of the part to hand over, once decided */
    uint32_t resume_at;
    uint32_t buffer;
    uint8_t stage, dissector, next_command;
    uint8_t part_count;
    bool is_capped; /* the part is longer than we keep */
    struct sbl_part part;
};

/* What a direction of a connection needs for data in order: 24 bytes. */
struct direction {
    uint32_t history; /* the part remembered last, 0 = none */
    uint32_t unit;    /* index; 0 = none: between two messages */
    uint32_t last_seq, last_bytes;
    uint32_t last_tick; /* tick_of its time */
    uint8_t phase;
    bool is_sure; /* in step since the SYN: the framing can be trusted */
    bool is_deaf; /* acknowledged data of this side is missing and did not come */
};

/* What else it needs while something is not in order, or the framing is looked for. */
struct disorder {
    uint32_t queue_head, queue_tail;
    uint16_t queue_chunks;
    bool is_acked;       /* the other side has acknowledged the hole at the queue's head */
    uint8_t stall_count; /* segments of this flow since the hole could be called lost */
    uint8_t stray_count; /* segments in a row far outside the window */
    uint8_t tail_bytes;
    uint8_t tail[SCAN_TAIL_BYTES]; /* end of what was scanned, where a header may have begun */
};

/* The cold state of a flow that carries SMB, in three cache lines. A message needs the one in the
 * middle, where the conversation keeps its handles; the endpoints before it matter at the beginning
 * and when something is told, the disorder behind it when there is some. */
struct connection {
    _Alignas(64) bool is_by_banner;
    uint8_t ending_count; /* segments since the end was announced */
    uint32_t flow;        /* index; 0 = the slot is free */
    uint32_t end_seq[2];  /* of the FIN or RST of a side, when FLOW_FIN is set */
    struct sbl_conversation conversation;
    struct direction direction[2];
    struct disorder disorder[2];
};

_Static_assert(offsetof(struct connection, conversation.tunnel_id) == 64 &&
                   offsetof(struct connection, disorder) == 128 && sizeof(struct connection) == 192,
               "a message needs one cache line of a connection");

/* The sizes of everything, so that tests can reach every cap. Each is a limit of limits.h. */
struct stream_sizes {
    uint32_t flows, connections;
    uint32_t chunks, chunks_per_side; /* out-of-order bytes in units of a chunk; < 65536 a side */
    uint32_t message_bytes, framed_bytes, message_buffers;
    uint32_t chain_length;
    uint32_t history_bytes; /* a power of two */
};

struct stream {
    struct sbl_stream_events events;
    struct classify *classify;
    const struct sbl_keeper *keeper; /* NULL: nobody keeps frames */
    struct sbl_stats *stats;
    const struct sbl_dissector *const *dissectors; /* SBL_DISSECTOR_COUNT of them */
    struct stream_sizes sizes;
    struct flow_table flows;
    struct expiry expiry;
    struct pool connections, chunks, units;
    struct unit whole;        /* of messages that are taken whole; fresh but for what they set */
    uint32_t spare_unit;      /* one that is taken, fresh and at nobody's; 0 = none */
    uint32_t *closing_order;  /* room for a flow index of every connection */
    uint32_t connection_hand; /* where the search for the oldest goes on */
    struct patience patience;
    struct message_buffers buffers;
    struct history history;
    struct sbl_report report;
};

/* A segment on its way through the room: what every step needs to know. At eviction and at the end
 * there is no segment, and `moment` has the time alone. */
struct arrival {
    struct stream *stream;
    struct flow *flow;
    struct connection *connection; /* of the flow; NULL = none */
    const struct sbl_segment *segment;
    struct moment moment;
    uint8_t side;      /* of the sender */
    bool is_copy;      /* the segment brought nothing new */
    bool is_giving_up; /* what is handed over now was waiting, and is not completed by `moment` */
};

/* Makes a stream of any sizes with any dissectors. 0 or -ENOMEM. */
int stream_new_sized(struct stream **stream, const struct stream_options *options,
                     const struct stream_sizes *sizes,
                     const struct sbl_dissector *const *dissectors);

/* Fetches ahead what a message needs, or all of the connection. */
static inline void connection_prefetch(const struct connection *connection, bool is_all) {
    __builtin_prefetch(connection->direction, 1);
    if (is_all) {
        __builtin_prefetch(connection, 1);
        __builtin_prefetch(connection->disorder, 1);
    }
}

static inline struct connection *connection_at(const struct stream *stream, uint32_t index) {
    return (struct connection *)(void *)stream->connections.slots + (index - 1);
}

static inline struct direction *direction_of(const struct arrival *a, unsigned side) {
    return &a->connection->direction[side];
}

static inline struct disorder *disorder_of(const struct arrival *a, unsigned side) {
    return &a->connection->disorder[side];
}

/* A time in units of 1.024 microseconds, of which the lowest 32 bits are enough to tell a copy from
 * a segment that is sent again. */
static inline uint32_t tick_of(int64_t time_ns) {
    return (uint32_t)((uint64_t)time_ns >> 10);
}

/* The unit in the making of a side, or NULL. */
static inline struct unit *unit_of(const struct arrival *a, unsigned side) {
    uint32_t unit = direction_of(a, side)->unit;
    return unit ? pool_at(&a->stream->units, unit) : NULL;
}

/* How far `to` lies ahead of `from` in sequence space; negative = behind. */
static inline int32_t seq_distance(uint32_t from, uint32_t to) {
    return (int32_t)(to - from);
}

static inline void stream_odd(struct stream *stream, enum sbl_oddity oddity) {
    stream->stats->oddities_below[oddity]++;
}

/* Bytes of the segment at hand are put aside. */
static inline void stream_held(const struct arrival *a) {
    if (a->stream->keeper && a->segment)
        a->stream->keeper->held(a->stream->keeper->context, a->segment);
}

static inline void stream_cap(struct stream *stream, enum sbl_limit limit) {
    stream->stats->cap_hits[limit]++;
}

#endif
