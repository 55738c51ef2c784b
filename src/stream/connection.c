/* Beginning, closing, evicting. A flow stays in the table when its connection is closed, so that
 * late copies of old segments are recognised as such. */
#include "stream/connection.h"

#include "classify/classify.h"
#include "stream/framing.h"
#include "stream/queue.h"
#include "stream/reassembly.h"

enum { ENDING_SEGMENTS = 3, SWEPT_AT_ONCE = 32 };

/* An arrival without a segment, for a flow that is not the one at hand. */
static struct arrival arrival_of(struct stream *stream, struct flow *flow, int64_t time_ns) {
    return (struct arrival){
        .stream = stream,
        .flow = flow,
        .connection = flow->connection ? connection_at(stream, flow->connection) : NULL,
        .moment = {.time_ns = time_ns},
        .is_giving_up = true,
    };
}

static void release(struct arrival *a) {
    for (unsigned side = 0; side < 2; side++) {
        while ((a->flow->flags & FLOW_STALLED) && queue_head(a, side))
            queue_pop(a, side);
        framing_forget(a, side);
    }
    a->connection->flow = 0;
    pool_give(&a->stream->connections, a->flow->connection);
    a->flow->connection = 0;
    a->connection = NULL;
    a->flow->flags &= ~(uint32_t)(FLOW_TENTATIVE | FLOW_REJECTED | FLOW_STALLED | FLOW_ANNOUNCED |
                                  FLOW_SAID | FLOW_SAID << 1);
}

/* Hands over what waits, tells the end and gives the cold state back. The flow stays. */
static void connection_close(struct arrival *a, enum sbl_close how) {
    struct stream *stream = a->stream;
    if (a->flow->flags & FLOW_STALLED)
        reassembly_flush(a);
    framing_end(a, 0);
    framing_end(a, 1);
    if ((a->flow->flags & FLOW_ANNOUNCED) && stream->events.close)
        stream->events.close(stream->events.context, &a->connection->conversation, how,
                             a->moment.time_ns);
    release(a);
}

void connection_reject(struct arrival *a) {
    release(a);
    a->flow->flags |= FLOW_TRIED;
}

static bool has_attempt(const struct stream *stream, const struct flow *flow) {
    const struct connection *c = connection_at(stream, flow->connection);
    return c->conversation.has_attempt;
}

/* The flow of the connection that is worth least: of a sample the one used longest ago, those
 * without a logon in the making first. As long as the sample has none of these it grows. */
static struct flow *least_connected(struct stream *stream) {
    struct flow *least = NULL;
    bool is_dear = false;
    uint32_t touched = stream->connections.touched, look = patience_of(&stream->patience, touched);
    for (uint32_t i = 0; i < look && (i < EVICTION_SAMPLE || !least || is_dear); i++) {
        stream->connection_hand = stream->connection_hand % touched + 1;
        const struct connection *c = connection_at(stream, stream->connection_hand);
        struct flow *flow = c->flow ? flow_at(&stream->flows, c->flow) : NULL;
        if (!flow)
            continue;
        bool is_dearer = has_attempt(stream, flow);
        if (!least || (is_dear && !is_dearer) ||
            (is_dear == is_dearer && flow->stamp < least->stamp)) {
            least = flow;
            is_dear = is_dearer;
        }
    }
    patience_learn(&stream->patience, least && !is_dear);
    return least;
}

static void evict_connection(struct stream *stream, int64_t time_ns) {
    struct flow *oldest = least_connected(stream);
    stream_cap(stream, SBL_LIMIT_CONNECTIONS);
    if (!oldest)
        return;
    struct arrival victim = arrival_of(stream, oldest, time_ns);
    connection_close(&victim, SBL_CLOSE_EVICTED);
    oldest->flags &= ~(uint32_t)(FLOW_SEQ | FLOW_SEQ << 1 | FLOW_DATA | FLOW_DATA << 1);
}

static void fill_conversation(struct arrival *a) {
    const struct sbl_segment *segment = a->segment;
    struct sbl_conversation *talk = &a->connection->conversation;
    talk->side[a->side] = sbl_segment_from(segment);
    talk->side[a->side ^ 1u] = sbl_segment_to(segment);
    talk->tunnel_id = segment->tunnel_id;
    talk->ip_version = segment->ip_version;
    talk->has_mac = segment->macs != NULL;
    talk->is_netbios = segment->from_port == 139 || segment->to_port == 139;
}

void connection_begin(struct arrival *a, uint32_t how, bool is_by_banner) {
    struct stream *stream = a->stream;
    uint32_t index = pool_take(&stream->connections);
    if (!index) {
        evict_connection(stream, a->moment.time_ns);
        index = pool_take(&stream->connections);
    }
    if (!index)
        return;
    struct flow *flow = a->flow;
    flow->connection = index;
    flow->flags |= how;
    a->connection = connection_at(stream, index);
    a->connection->flow = pool_index(&stream->flows.flows, flow);
    a->connection->is_by_banner = is_by_banner;
    fill_conversation(a);
    for (unsigned side = 0; side < 2; side++) {
        bool is_sure = (flow->flags & (uint32_t)FLOW_SYN << side) &&
                       !(flow->flags & (uint32_t)FLOW_DATA << side) &&
                       flow->next_seq[side] == flow->isn[side] + 1;
        framing_begin(a, side, is_sure);
        flow->skip[side] = 0;
    }
}

void connection_check_end(struct arrival *a, bool is_counting) {
    uint32_t *flags = &a->flow->flags;
    bool is_reset = (*flags & FLOW_RESET) != 0;
    bool is_over = (*flags & FLOW_FIN) && (*flags & FLOW_FIN << 1);
    if (!is_over)
        return;
    bool is_high = (*flags & FLOW_RESET_HIGH) != 0;
    /* who resets right after an own message may have crossed with the answer to it */
    bool is_waiting = is_reset && (*flags & (uint32_t)FLOW_SAID << is_high);
    a->connection->ending_count += is_counting;
    if ((!reassembly_is_complete(a) || is_waiting) && a->connection->ending_count < ENDING_SEGMENTS)
        return;
    uint32_t end[2] = {a->connection->end_seq[0], a->connection->end_seq[1]};
    connection_close(a, is_reset ? SBL_CLOSE_RESET : SBL_CLOSE_FIN);
    *flags |= FLOW_CLOSED;
    a->flow->next_seq[0] = end[0] + !is_reset;
    a->flow->next_seq[1] = end[1] + !is_reset;
}

/* The end of a flow in the books. */
static void account_end(struct stream *stream, struct flow *flow) {
    uint32_t seen = flow->flags & (FLOW_SEEN | FLOW_SEEN << 1);
    stream->stats->one_sided += seen != (FLOW_SEEN | FLOW_SEEN << 1);
    if (stream->classify && !(flow->flags & FLOW_CLASSIFIED))
        classify_forget(stream->classify, &flow->classify);
}

static void evict_flow(struct stream *stream, int64_t time_ns) {
    struct flow *oldest = flow_oldest(&stream->flows);
    if (oldest->connection && has_attempt(stream, oldest)) {
        struct flow *other = least_connected(stream);
        oldest = other ? other : oldest;
    }
    struct arrival victim = arrival_of(stream, oldest, time_ns);
    if (victim.connection)
        connection_close(&victim, SBL_CLOSE_EVICTED);
    account_end(stream, oldest);
    stream_cap(stream, SBL_LIMIT_FLOWS);
    flow_remove(&stream->flows, oldest);
}

static void account_begin(struct stream *stream, const struct sbl_segment *segment) {
    stream->stats->connections++;
    stream->stats->midstream += !(segment->tcp_flags & SBL_TCP_SYN);
}

struct flow *connection_add_flow(struct stream *stream, const struct flow_lookup *lookup,
                                 const struct sbl_segment *segment) {
    struct flow *flow = flow_add(&stream->flows, lookup);
    if (!flow) {
        evict_flow(stream, segment->frame->time_ns);
        flow = flow_add(&stream->flows, lookup);
    }
    flow->stamp = segment->ordinal;
    account_begin(stream, segment);
    return flow;
}

static void empty_flow(struct flow *flow) {
    flow->flags &= FLOW_IN_USE;
    for (unsigned side = 0; side < 2; side++)
        flow->next_seq[side] = flow->skip[side] = flow->isn[side] = 0;
    flow->classify = 0;
}

bool connection_expire(struct stream *stream, struct flow *flow,
                       const struct sbl_segment *segment) {
    account_end(stream, flow);
    if ((segment->tcp_flags & (SBL_TCP_RST | SBL_TCP_SYN)) == SBL_TCP_RST) {
        flow_remove(&stream->flows, flow);
        return false;
    }
    empty_flow(flow);
    account_begin(stream, segment);
    return true;
}

void connection_sweep(struct stream *stream) {
    unsigned looks = SWEPT_AT_ONCE;
    struct flow *flow;
    while ((flow = expiry_next(&stream->expiry, &stream->flows, &looks))) {
        account_end(stream, flow);
        flow_remove(&stream->flows, flow);
    }
}

void connection_restart(struct arrival *a) {
    struct flow *flow = a->flow;
    if (a->connection)
        connection_close(a, SBL_CLOSE_REUSED);
    account_end(a->stream, flow);
    a->stream->stats->port_reuse++;
    empty_flow(flow);
    flow->flags |= (uint32_t)FLOW_SEEN << a->side;
    account_begin(a->stream, a->segment);
}

void connection_finish_all(struct stream *stream, int64_t time_ns) {
    uint32_t *order = stream->closing_order;
    uint32_t count = 0;
    for (uint32_t i = 1; i <= stream->connections.touched; i++) {
        const struct connection *c = connection_at(stream, i);
        if (c->flow)
            order[count++] = c->flow;
    }
    flow_sort_by_use(&stream->flows, order, count);
    for (uint32_t i = 0; i < count; i++) {
        struct flow *flow = flow_at(&stream->flows, order[i]);
        struct arrival last = arrival_of(stream, flow, time_ns);
        stream->flows.stamp = flow->stamp;
        bool is_over = (flow->flags & FLOW_FIN) && (flow->flags & FLOW_FIN << 1);
        connection_close(&last, !is_over                   ? SBL_CLOSE_END
                                : flow->flags & FLOW_RESET ? SBL_CLOSE_RESET
                                                           : SBL_CLOSE_FIN);
    }
    for (uint32_t i = 1; i <= stream->flows.flows.touched; i++) {
        struct flow *flow = flow_at(&stream->flows, i);
        if (flow)
            account_end(stream, flow);
    }
    flow_remove_all(&stream->flows);
}
