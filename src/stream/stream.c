/* Segments in, in batches of passes: keys and buckets, flow lines, cold lines, the receiver's,
 * work. By the time a flow is looked at its line has come from memory. Data in order on a flow that
 * is in step goes straight to the framing, or into the skip counter of the hot line; all else takes
 * the long way through reassembly and control. */
#include "stream/stream.h"

#include <errno.h>
#include <stdlib.h>

#include "classify/classify.h"
#include "stream/connection.h"
#include "stream/framing.h"
#include "stream/queue.h"
#include "stream/reassembly.h"

enum {
    BATCH_SEGMENTS = 64,
    BANNER_TRIES = 8, /* data segments of a flow that are tested for a banner */
};

int stream_new_sized(struct stream **stream, const struct stream_options *options,
                     const struct stream_sizes *sizes,
                     const struct sbl_dissector *const *dissectors) {
    struct stream *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->events = options->events;
    s->classify = options->classify;
    s->keeper = options->keeper;
    s->stats = options->stats;
    s->dissectors = dissectors;
    s->sizes = *sizes;
    s->closing_order = pages_reserve(sizes->connections * sizeof(uint32_t));
    if (!s->closing_order || flow_table_init(&s->flows, sizes->flows) < 0 ||
        pool_init(&s->connections, sizes->connections, sizeof(struct connection)) < 0 ||
        pool_init(&s->chunks, sizes->chunks, sizeof(struct chunk)) < 0 ||
        pool_init(&s->units, 2 * sizes->connections + 1, sizeof(struct unit)) < 0 ||
        message_buffers_init(&s->buffers, sizes->message_buffers,
                             sizes->message_bytes + BANNER_FRAME_BYTES) < 0 ||
        history_init(&s->history, sizes->history_bytes) < 0) {
        stream_free(s);
        return -ENOMEM;
    }
    pages_enlarge(s->flows.buckets, s->flows.bucket_count * sizeof(uint32_t));
    pages_enlarge(s->flows.flows.slots, s->flows.flows.mapped_bytes);
    pages_enlarge(s->connections.slots, s->connections.mapped_bytes);
    pages_enlarge(s->history.ring, s->history.size);
    *stream = s;
    return 0;
}

void stream_free(struct stream *stream) {
    if (!stream)
        return;
    if (stream->connections.slots)
        pool_fini(&stream->connections);
    if (stream->chunks.slots)
        pool_fini(&stream->chunks);
    if (stream->units.slots)
        pool_fini(&stream->units);
    flow_table_fini(&stream->flows);
    message_buffers_fini(&stream->buffers);
    history_fini(&stream->history);
    pages_free(stream->closing_order, stream->sizes.connections * sizeof(uint32_t));
    free(stream);
}

/* A data segment of a flow that nobody can name yet is one more try. */
static void try_to_name(struct arrival *a) {
    struct stream *stream = a->stream;
    struct flow *flow = a->flow;
    uint32_t tries = (flow->flags >> FLOW_TRIES_AT & 15u) + 1;
    flow->flags += 1u << FLOW_TRIES_AT;
    if (stream->classify && !(flow->flags & FLOW_CLASSIFIED)) {
        bool is_last = tries >= SBL_MAX_CLASSIFY_SEGMENTS;
        uint16_t verdict = classify_segment(stream->classify, &flow->classify, a->segment, is_last);
        if (verdict != 0 && verdict < SBL_PROTOCOL_COUNT)
            stream->stats->connections_by_protocol[verdict]++;
        if (verdict != 0 || is_last)
            flow->flags |= FLOW_CLASSIFIED;
        if (verdict != 0)
            flow->classify = verdict;
    }
    if (tries >= BANNER_TRIES)
        flow->flags |= FLOW_OTHER;
}

static bool is_smb_port(uint16_t from, uint16_t to) {
    return from == 445 || to == 445 || from == 139 || to == 139;
}

/* Decides whether a flow without a connection gets one for this data; if not, the data is done
 * with. */
static void decide(struct arrival *a, uint32_t seq) {
    const struct sbl_segment *segment = a->segment;
    struct flow *flow = a->flow;
    uint32_t bit = 1u << a->side;
    if (is_smb_port(segment->from_port, segment->to_port)) {
        connection_begin(a, 0, false);
        return;
    }
    bool is_first = (flow->flags & FLOW_SYN * bit) && !(flow->flags & FLOW_DATA * bit);
    int32_t ahead = is_first ? seq_distance(flow->next_seq[a->side], seq) : 0;
    enum banner_verdict verdict = banner_test(segment->payload, segment->payload_bytes);
    if (verdict == BANNER_YES)
        connection_begin(a, 0, true);
    else if (!(flow->flags & FLOW_TRIED) &&
             (verdict == BANNER_MAYBE || (ahead > 0 && ahead < FAR_BYTES)))
        connection_begin(a, FLOW_TENTATIVE, true);
    if (a->connection) {
        a->connection->conversation.application =
            flow->flags & FLOW_CLASSIFIED ? (uint16_t)flow->classify : 0;
        return;
    }
    flow->next_seq[a->side] = seq + segment->payload_bytes + segment->cut_bytes;
    flow->flags |= (FLOW_SEQ | FLOW_DATA) * bit;
    try_to_name(a);
}

/* Data on a closed flow: a late copy, unless the sender is clearly beyond the end that we saw. */
static bool is_beyond_end(const struct arrival *a, uint32_t seq) {
    uint32_t flags = a->flow->flags;
    int32_t ahead = seq_distance(a->flow->next_seq[a->side], seq);
    bool is_known = (flags & (uint32_t)FLOW_SEQ << a->side) != 0;
    if (!is_known || ahead > FAR_BYTES || ahead < -FAR_BYTES)
        return true;
    bool has_ended = !(flags & FLOW_RESET) || a->side == ((flags & FLOW_RESET_HIGH) != 0);
    return has_ended && ahead >= 0;
}

static void take_data(struct arrival *a) {
    uint32_t seq = a->segment->seq + ((a->segment->tcp_flags & SBL_TCP_SYN) != 0);
    if (a->flow->flags & FLOW_CLOSED) {
        if (!is_beyond_end(a, seq)) {
            a->stream->stats->retransmissions++;
            return;
        }
        connection_restart(a);
    }
    if (!a->connection)
        decide(a, seq);
    if (!a->connection)
        return;
    if (a->segment->tcp_flags & SBL_TCP_URG)
        stream_odd(a->stream, SBL_ODDITY_URGENT_DATA);
    reassembly_take(a, seq);
}

/* The long way: anything but data in order. */
static void take_slowly(struct arrival *a, uint32_t bytes) {
    const struct sbl_segment *segment = a->segment;
    if (segment->tcp_flags & SBL_TCP_SYN)
        control_take_syn(a);
    bool is_reset = (segment->tcp_flags & SBL_TCP_RST) != 0; /* its payload is a diagnostic text */
    bool was_ending = (a->flow->flags & FLOW_FIN) && (a->flow->flags & FLOW_FIN << 1);
    if (bytes > 0 && !is_reset && !(a->flow->flags & FLOW_OTHER))
        take_data(a);
    if (segment->tcp_flags & SBL_TCP_FIN)
        control_take_fin(a);
    if (is_reset)
        control_take_reset(a);
    if (a->connection && (a->flow->flags & FLOW_STALLED))
        reassembly_tick(a);
    if (a->connection && (a->flow->flags & FLOW_REJECTED)) {
        connection_reject(a);
        if (bytes > 0)
            try_to_name(a);
    }
    if (a->connection)
        connection_check_end(a, was_ending);
}

/* Whether the data of a segment is next in line on an unhindered flow, and answers nothing that was
 * not seen. */
static inline bool is_in_order(const struct flow *flow, const struct sbl_segment *segment,
                               unsigned side) {
    static const uint32_t hindered = FLOW_STALLED | FLOW_CLOSED | FLOW_RESET | FLOW_FIN |
                                     FLOW_FIN << 1 | FLOW_TENTATIVE | FLOW_OTHER;
    static const uint8_t special = SBL_TCP_SYN | SBL_TCP_FIN | SBL_TCP_RST | SBL_TCP_URG;
    return (segment->tcp_flags & (special | SBL_TCP_ACK)) == SBL_TCP_ACK &&
           (flow->flags & (hindered | FLOW_SEQ | FLOW_SEQ << 1)) == (FLOW_SEQ | FLOW_SEQ << 1) &&
           segment->seq == flow->next_seq[side] &&
           seq_distance(flow->next_seq[side ^ 1u], segment->ack) <= 0;
}

/* Takes data in order; false when the flow has no connection and its port does not give it one. */
static bool take_in_order(struct arrival *a, uint32_t bytes) {
    const struct sbl_segment *segment = a->segment;
    struct flow *flow = a->flow;
    unsigned side = a->side;
    if (!a->connection) {
        if (!is_smb_port(segment->from_port, segment->to_port))
            return false;
        connection_begin(a, 0, false);
        if (!a->connection)
            return true;
    }
    struct direction *d = direction_of(a, side);
    flow->flags |= (uint32_t)FLOW_DATA << side;
    d->last_seq = segment->seq;
    d->last_bytes = bytes;
    d->last_tick = tick_of(a->moment.time_ns);
    d->is_deaf = false;
    framing_take(a, side, segment->payload, segment->payload_bytes);
    if (segment->cut_bytes > 0)
        framing_absent(a, side, segment->cut_bytes);
    return true;
}

/* What one line of the flow does not settle. Field by field: most of an arrival is written here,
 * and nothing twice. */
static void take_arrival(struct stream *stream, struct flow *flow,
                         const struct sbl_segment *segment, uint8_t side) {
    const struct sbl_frame *frame = segment->frame;
    struct arrival a;
    a.stream = stream;
    a.flow = flow;
    a.connection = flow->connection ? connection_at(stream, flow->connection) : NULL;
    a.segment = segment;
    a.moment.time_ns = frame->time_ns;
    a.moment.number = frame->number;
    a.moment.process = frame->process;
    a.moment.file = frame->file;
    /* without an ACK nothing is claimed: the value that says so is what was seen anyway */
    a.moment.ack = segment->tcp_flags & SBL_TCP_ACK ? segment->ack : flow->next_seq[side ^ 1u];
    a.side = side;
    a.is_copy = a.is_giving_up = false;
    uint32_t bytes = segment->payload_bytes + segment->cut_bytes;
    if (bytes == 0 || !is_in_order(flow, segment, side) || !take_in_order(&a, bytes))
        take_slowly(&a, bytes);
}

/* The flow of a segment, a new one if need be; NULL: it ends something we never saw. */
static inline struct flow *flow_of(struct stream *stream, const struct sbl_segment *segment,
                                   const struct flow_lookup *lookup, uint32_t removals) {
    if (lookup->flow && stream->flows.removals == removals)
        return lookup->flow;
    struct flow *flow = flow_find(&stream->flows, lookup);
    if (flow)
        return flow;
    if ((segment->tcp_flags & (SBL_TCP_RST | SBL_TCP_SYN)) == SBL_TCP_RST)
        return NULL;
    return connection_add_flow(stream, lookup, segment);
}

/* Most segments are done with here, by one look at the flow's line: acknowledgments, data of flows
 * that are certainly not SMB, and payload that nobody wants. */
static inline void take_segment(struct stream *stream, const struct sbl_segment *segment,
                                struct flow *flow, uint8_t side) {
    uint32_t bytes = segment->payload_bytes + segment->cut_bytes;
    if (expiry_is_stale(&stream->expiry, flow) && !connection_expire(stream, flow, segment))
        return;
    flow->stamp = stream->flows.stamp = segment->ordinal;
    uint32_t flags = flow->flags |= (uint32_t)FLOW_SEEN << side;
    if (!(segment->tcp_flags & (SBL_TCP_SYN | SBL_TCP_FIN | SBL_TCP_RST))) {
        if (bytes == 0 && !(flags & (FLOW_STALLED | FLOW_RESET)))
            return;
        if ((flags & (FLOW_OTHER | FLOW_CLOSED)) == FLOW_OTHER)
            return;
        if (bytes > 0 && flow->skip[side] >= bytes && is_in_order(flow, segment, side)) {
            flow->skip[side] -= bytes;
            flow->next_seq[side] += bytes;
            stream->stats->bytes_skipped += segment->payload_bytes;
            return;
        }
    }
    take_arrival(stream, flow, segment, side);
}

/* Data in order on a flow that is not skipping will need the connection, and so will its end: whose
 * that is, or NULL. */
static inline const struct sbl_conversation *prefetch_cold(const struct stream *stream,
                                                           const struct sbl_segment *segment,
                                                           struct flow_lookup *lookup) {
    const struct flow *flow = lookup->flow = flow_find_from(&stream->flows, lookup->flow, lookup);
    if (!flow || !flow->connection)
        return NULL;
    bool is_end = (segment->tcp_flags & (SBL_TCP_FIN | SBL_TCP_RST)) != 0;
    if (flow->skip[lookup->side] >= segment->payload_bytes && !is_end)
        return NULL;
    const struct connection *connection = connection_at(stream, flow->connection);
    /* who is told something, or begins, needs the endpoints as well; that is when a server speaks
     */
    bool is_server = lookup->side != ((flow->flags & FLOW_CLIENT_HIGH) != 0);
    connection_prefetch(connection, is_end || is_server || !(flow->flags & FLOW_ANNOUNCED));
    return &connection->conversation;
}

static void feed_batch(struct stream *stream, const struct sbl_segment *segments, size_t count) {
    struct flow_lookup lookups[BATCH_SEGMENTS];
    const struct sbl_conversation *expected[BATCH_SEGMENTS];
    uint64_t payload_bytes = 0;
    for (size_t i = 0; i < count; i++) {
        payload_bytes += (uint64_t)segments[i].payload_bytes + segments[i].cut_bytes;
        flow_lookup_make(&stream->flows, &segments[i], &lookups[i]);
    }
    stream->stats->segments += count;
    stream->stats->payload_bytes += payload_bytes;
    for (size_t i = 0; i < count; i++)
        flow_prefetch(&stream->flows, &lookups[i]);
    size_t expected_count = 0;
    for (size_t i = 0; i < count; i++) {
        expected[expected_count] = prefetch_cold(stream, &segments[i], &lookups[i]);
        expected_count += expected[expected_count] != NULL;
    }
    if (stream->events.expect && expected_count > 0)
        stream->events.expect(stream->events.context, expected, expected_count);
    uint32_t removals = stream->flows.removals;
    for (size_t i = 0; i < count; i++) {
        struct flow *flow = flow_of(stream, &segments[i], &lookups[i], removals);
        if (flow)
            take_segment(stream, &segments[i], flow, lookups[i].side);
    }
    if (stream->expiry.left)
        connection_sweep(stream);
}

void stream_feed(struct stream *stream, const struct sbl_segment *segments, size_t count) {
    for (size_t done = 0, batch; done < count; done += batch) {
        batch = count - done < BATCH_SEGMENTS ? count - done : BATCH_SEGMENTS;
        batch = expiry_minute(&stream->expiry, &segments[done], batch, &stream->flows);
        feed_batch(stream, &segments[done], batch);
    }
}

void stream_minute_begins(struct stream *stream, int64_t time_ns, uint64_t ordinal) {
    expiry_minute_begins(&stream->expiry, time_ns, ordinal, stream->flows.flows.touched);
}

void stream_finish(struct stream *stream, int64_t time_ns) {
    connection_finish_all(stream, time_ns);
}

uint64_t stream_ordinal(const struct stream *stream) {
    return stream->flows.stamp;
}
