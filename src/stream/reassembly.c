/* Order, holes and overlaps. Everything here is off the fast path (stream.c takes data that is in
 * order and unhindered directly), but the rules stand here. */
#include "stream/reassembly.h"

#include <string.h>

#include "stream/framing.h"
#include "stream/queue.h"

static void update_stalled(struct arrival *a) {
    bool is_stalled = queue_head(a, 0) || queue_head(a, 1);
    if (is_stalled)
        a->flow->flags |= FLOW_STALLED;
    else
        a->flow->flags &= ~(uint32_t)FLOW_STALLED;
}

/* How many bytes of the other side `ack` claims that were not seen; 0 when it claims none, cannot
 * be believed, or they are not to be expected: a side is deaf only while nothing of it waits. */
static uint32_t unseen_by(const struct arrival *a, unsigned side, uint32_t ack) {
    unsigned other = side ^ 1u;
    bool is_deaf = direction_of(a, other)->is_deaf && !disorder_of(a, other)->queue_head;
    if (!(a->flow->flags & (uint32_t)FLOW_SEQ << other) || is_deaf)
        return 0;
    int32_t ahead = seq_distance(a->flow->next_seq[other], ack);
    if ((a->flow->flags & (uint32_t)FLOW_FIN << other) && ack == a->connection->end_seq[other] + 1)
        ahead--;
    return ahead > 0 && ahead < FAR_BYTES ? (uint32_t)ahead : 0;
}

/* Bytes [next_seq, next_seq + count) of a side are lost. */
static void lose(struct arrival *a, unsigned side, uint32_t count) {
    struct stream *stream = a->stream;
    struct disorder *d = disorder_of(a, side);
    d->stall_count = 0;
    d->is_acked = false;
    stream->stats->gap_bytes += count;
    if (!framing_absent(a, side, count))
        return;
    stream->stats->gaps++;
    if ((a->flow->flags & FLOW_ANNOUNCED) && stream->events.gap)
        stream->events.gap(stream->events.context, &a->connection->conversation,
                           (uint8_t)(side != ((a->flow->flags & FLOW_CLIENT_HIGH) != 0)),
                           a->moment.time_ns);
}

/* Whether the head of a queue can come out now. */
static bool is_ready(const struct arrival *a, unsigned side, const struct chunk *chunk) {
    return seq_distance(a->flow->next_seq[side], chunk->seq) <= 0 &&
           unseen_by(a, side, chunk->moment.ack) == 0;
}

/* Takes the head of a queue out and through the framing. What completes a message in it is the
 * segment that filled the hole before it, or, when nothing did, the segment it came with. */
static void deliver_head(struct arrival *a, unsigned side) {
    struct disorder *d = disorder_of(a, side);
    struct chunk *chunk = queue_head(a, side);
    struct moment now = a->moment;
    int32_t old = seq_distance(chunk->seq, a->flow->next_seq[side]);
    uint32_t skip = old > 0 ? (uint32_t)old : 0;
    if (a->is_giving_up || a->side != side)
        a->moment = chunk->moment;
    a->moment.ack = chunk->moment.ack;
    if (skip < chunk->count && chunk->is_absent)
        framing_absent(a, side, chunk->count - skip);
    else if (skip < chunk->count)
        framing_take(a, side, &chunk->bytes[skip], chunk->count - skip);
    a->moment = now;
    d->stall_count = 0;
    d->is_acked = false;
    queue_pop(a, side);
}

/* Takes out whatever can come out; one side may release the other. */
static void drain(struct arrival *a) {
    bool is_moving = true;
    while (is_moving) {
        is_moving = false;
        for (unsigned side = 0; side < 2; side++) {
            const struct chunk *chunk = queue_head(a, side);
            if (chunk && is_ready(a, side, chunk)) {
                deliver_head(a, side);
                is_moving = true;
            }
        }
    }
    update_stalled(a);
}

/* Gives up what the head of a queue waits for: bytes before it, or bytes of the other side that it
 * acknowledges. */
static void give_up(struct arrival *a, unsigned side) {
    unsigned other = side ^ 1u;
    const struct chunk *chunk = queue_head(a, side), *before = queue_head(a, other);
    bool was_giving_up = a->is_giving_up;
    a->is_giving_up = true;
    int32_t hole = seq_distance(a->flow->next_seq[side], chunk->seq);
    uint32_t unseen = unseen_by(a, side, chunk->moment.ack);
    if (hole > 0) {
        lose(a, side, (uint32_t)hole);
    } else if (unseen > 0) {
        int32_t room =
            before ? seq_distance(a->flow->next_seq[other], before->seq) : (int32_t)unseen;
        if (room > 0)
            lose(a, other, (uint32_t)room < unseen ? (uint32_t)room : unseen);
        else
            deliver_head(a, side); /* each waits for the other: one must be the first */
        direction_of(a, other)->is_deaf = true;
        disorder_of(a, side)->stall_count = 0;
    }
    drain(a);
    a->is_giving_up = was_giving_up;
}

void reassembly_flush(struct arrival *a) {
    bool was_giving_up = a->is_giving_up;
    a->is_giving_up = true;
    drain(a);
    for (unsigned side = 0; queue_head(a, 0) || queue_head(a, 1); side ^= 1u)
        if (queue_head(a, side))
            give_up(a, side);
    a->is_giving_up = was_giving_up;
}

static void tick_side(struct arrival *a, unsigned side) {
    struct disorder *d = disorder_of(a, side);
    const struct chunk *chunk = queue_head(a, side);
    bool is_hole = seq_distance(a->flow->next_seq[side], chunk->seq) > 0;
    bool is_lonely = !(a->flow->flags & (uint32_t)FLOW_SEEN << (side ^ 1u));
    if (is_hole && !d->is_acked && a->side != side && (a->segment->tcp_flags & SBL_TCP_ACK) &&
        seq_distance(chunk->seq, a->segment->ack) >= 0) {
        d->is_acked = true;
        d->stall_count = 0;
        return;
    }
    if ((is_hole && !d->is_acked && !is_lonely) || a->is_copy)
        return;
    d->stall_count++;
    if (is_hole && d->is_acked ? d->stall_count >= LOST_AFTER_SEGMENTS
        : is_hole              ? d->stall_count > LOST_AFTER_SEGMENTS_ONE_SIDED
                               : d->stall_count > LOST_AFTER_SEGMENTS)
        give_up(a, side);
}

void reassembly_tick(struct arrival *a) {
    for (unsigned side = 0; side < 2; side++)
        if (queue_head(a, side))
            tick_side(a, side);
}

bool reassembly_is_complete(const struct arrival *a) {
    for (unsigned side = 0; side < 2; side++)
        if (!(a->flow->flags & (uint32_t)FLOW_FIN << side) ||
            seq_distance(a->flow->next_seq[side], a->connection->end_seq[side]) > 0)
            return false;
    return true;
}

/* Bytes that were taken already come again: the same, or others. */
static void compare_old(struct arrival *a, const struct run *run) {
    struct stream *stream = a->stream;
    struct dispute dispute;
    uint32_t part = direction_of(a, a->side)->history;
    for (unsigned i = 0; i < REMEMBERED_PARTS && part; i++) {
        if (!history_differs(&stream->history, &part, run, &dispute))
            continue;
        stream_odd(stream, SBL_ODDITY_CONFLICTING_OVERLAP);
        if (stream->events.dispute)
            stream->events.dispute(stream->events.context, &a->connection->conversation,
                                   (uint8_t)(a->side != ((a->flow->flags & FLOW_CLIENT_HIGH) != 0)),
                                   dispute.seq, dispute.end_seq);
    }
    struct run held = framing_held(a, a->side);
    if (!held.bytes || !runs_differ(&held, run, &dispute))
        return;
    stream_odd(stream, SBL_ODDITY_CONFLICTING_OVERLAP);
    uint32_t visible = dispute.seq - held.seq;
    if (visible < BANNER_FRAME_BYTES && unit_of(a, a->side)->part.offset == 0)
        framing_lose(a, a->side);
    else
        framing_cut(a, a->side, visible);
}

/* Data that begins before next_seq: compared, counted. A keep-alive probe repeats one byte, and
 * not always the right one. */
static void take_old(struct arrival *a, uint32_t seq, uint32_t count) {
    const struct direction *d = direction_of(a, a->side);
    uint32_t old = a->flow->next_seq[a->side] - seq;
    if (old == 1 && count == 1)
        return;
    int32_t since = (int32_t)(tick_of(a->moment.time_ns) - d->last_tick);
    bool is_copy = seq == d->last_seq && count == d->last_bytes && since > -DUPLICATE_TICKS &&
                   since < DUPLICATE_TICKS;
    if (is_copy)
        a->stream->stats->duplicates_frames++;
    else
        a->stream->stats->retransmissions++;
    uint32_t there = a->segment->payload_bytes;
    struct run again = {a->segment->payload, seq, there < old ? there : old};
    compare_old(a, &again);
}

/* A sender that has moved far away, for many segments in a row: much was not captured. */
static void follow(struct arrival *a, uint32_t seq) {
    reassembly_flush(a);
    framing_end(a, a->side);
    lose(a, a->side, 1);
    framing_lose(a, a->side);
    a->flow->next_seq[a->side] = seq;
    disorder_of(a, a->side)->stray_count = 0;
}

/* Whether data at `seq` is where this side can be. Before its first data anything is. */
static bool is_near(struct arrival *a, uint32_t seq) {
    struct disorder *d = disorder_of(a, a->side);
    uint32_t bit = 1u << a->side;
    int32_t ahead = seq_distance(a->flow->next_seq[a->side], seq);
    bool is_far = ahead > FAR_BYTES || ahead < -FAR_BYTES;
    if (!(a->flow->flags & FLOW_SEQ * bit) || (is_far && !(a->flow->flags & FLOW_DATA * bit))) {
        a->flow->next_seq[a->side] = seq;
        a->flow->flags |= FLOW_SEQ * bit;
        framing_begin(a, a->side, false);
        is_far = false;
    }
    if (is_far && ++d->stray_count < STRAYS_TO_FOLLOW)
        return false;
    if (is_far)
        follow(a, seq);
    d->stray_count = 0;
    a->flow->flags |= FLOW_DATA * bit;
    direction_of(a, a->side)->is_deaf = false;
    return true;
}

/* Data behind the end that a FIN or RST announced: nobody sends that, so the end was not one. Data
 * that was in flight towards the sender of a RST is taken. */
static void check_end(struct arrival *a, uint32_t end) {
    uint32_t *end_seq = &a->connection->end_seq[a->side];
    uint32_t *flags = &a->flow->flags;
    if (!(*flags & (uint32_t)FLOW_FIN << a->side) || seq_distance(*end_seq, end) <= 0)
        return;
    if (!(*flags & FLOW_RESET))
        *flags &= ~((uint32_t)FLOW_FIN << a->side);
    else if (a->side == ((*flags & FLOW_RESET_HIGH) != 0))
        *flags &= ~(uint32_t)(FLOW_RESET | FLOW_RESET_HIGH | FLOW_FIN | FLOW_FIN << 1);
    else
        *end_seq = end;
}

/* Takes a run that is next in line. */
static void take_now(struct arrival *a, const struct run *run, uint32_t absent) {
    if (run->count > 0)
        framing_take(a, a->side, run->bytes, run->count);
    if (absent > 0)
        framing_absent(a, a->side, absent);
}

/* Puts a run in the queue. At a cap all that waits is given up, unless it is only this segment that
 * claims to be ahead: then it is not kept. */
static void take_later(struct arrival *a, const struct run *run, uint32_t absent) {
    struct disorder *d = disorder_of(a, a->side);
    bool is_lonely = !(a->flow->flags & (uint32_t)FLOW_SEEN << (a->side ^ 1u));
    bool is_ahead = seq_distance(a->flow->next_seq[a->side], run->seq) > 0;
    if (is_ahead && (!d->queue_head || queue_end(a, a->side) != run->seq))
        a->stream->stats->out_of_order++;
    struct run rest = {.seq = run->seq + run->count, .count = absent};
    stream_held(a);
    uint32_t chunks = d->queue_chunks;
    uint32_t kept = queue_put(a, a->side, run);
    if (kept == run->count && queue_put(a, a->side, &rest) == absent) {
        a->is_copy = d->queue_chunks == chunks;
        return;
    }
    bool is_pool_empty = a->stream->chunks.in_use == a->stream->chunks.capacity;
    const struct chunk *head = queue_head(a, a->side);
    bool is_hole = !head || seq_distance(a->flow->next_seq[a->side], head->seq) > 0;
    if (is_hole && !is_pool_empty && !d->is_acked && !is_lonely)
        return;
    reassembly_flush(a);
    int32_t hole = seq_distance(a->flow->next_seq[a->side], run->seq + kept);
    if (hole > 0)
        lose(a, a->side, (uint32_t)hole);
    struct run left = {&run->bytes[kept], run->seq + kept, run->count - kept};
    if (hole >= 0)
        take_now(a, &left, absent);
}

void reassembly_take(struct arrival *a, uint32_t seq) {
    uint32_t count = a->segment->payload_bytes, absent = a->segment->cut_bytes;
    struct direction *d = direction_of(a, a->side);
    if (!is_near(a, seq))
        return;
    check_end(a, seq + count + absent);
    int32_t ahead = seq_distance(a->flow->next_seq[a->side], seq);
    uint32_t old = ahead < 0 ? 0u - (uint32_t)ahead : 0;
    if (old > 0)
        take_old(a, seq, count + absent);
    a->is_copy = old >= count + absent;
    if (a->is_copy)
        return;
    uint32_t skipped = old < count ? old : count;
    struct run run = {&a->segment->payload[skipped], seq + skipped, count - skipped};
    absent -= old - skipped;
    run.seq += old - skipped;
    d->last_seq = seq;
    d->last_bytes = count + a->segment->cut_bytes;
    d->last_tick = tick_of(a->moment.time_ns);
    bool is_next = ahead <= 0 && !disorder_of(a, a->side)->queue_head &&
                   unseen_by(a, a->side, a->moment.ack) == 0;
    if (is_next)
        take_now(a, &run, absent);
    else
        take_later(a, &run, absent);
    drain(a);
}
