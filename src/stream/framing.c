/* A unit passes four stages: FRAME (the 4-byte header), MAGIC (which dissector), NEED (how much it
 * wants) and WANT (all of that is there). A later part of a message enters at NEED. Each stage says
 * how many bytes it must see (`goal`) and sees exactly so many, so the outcome does not depend on
 * how the bytes were cut into segments. */
#include "stream/framing.h"

#include <string.h>

#include "stream/handover.h"

enum step { STEP_MORE, STEP_DONE, STEP_BAD };

enum { CONTROL_MOST_BYTES = 1024 /* a session request with two scopes has at most 514 */ };

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* Bytes of the unit before its part begins. */
static uint32_t lead_of(const struct direction *d) {
    return d->part.offset == 0 && d->dissector != SBL_DISSECTOR_NBSS ? BANNER_FRAME_BYTES : 0;
}

static void expect_frame(struct direction *d) {
    d->phase = FRAMING_UNIT;
    d->stage = STAGE_FRAME;
    d->goal = BANNER_FRAME_BYTES;
    d->part_count = 0;
    d->is_capped = false;
    d->part = (struct sbl_part){0};
}

void framing_begin(struct direction *d, bool is_sure) {
    expect_frame(d);
    d->is_sure = is_sure;
    d->phase = is_sure ? FRAMING_UNIT : FRAMING_START;
    d->tail_bytes = 0;
}

void framing_lose(struct arrival *a, unsigned side) {
    struct direction *d = direction_of(a, side);
    message_buffer_give(&a->stream->buffers, &d->buffer);
    d->have = 0;
    d->is_sure = false;
    d->phase = FRAMING_LOST;
    d->tail_bytes = 0;
    a->flow->skip[side] = 0;
    if (a->flow->flags & FLOW_TENTATIVE)
        a->flow->flags |= FLOW_REJECTED;
}

/* Where the message goes on behind the bytes up to `position` (an offset in it): at the next part,
 * or behind its end. */
static void go_on(struct arrival *a, unsigned side, uint32_t position, uint32_t resume_at) {
    struct direction *d = direction_of(a, side);
    uint32_t end = d->part.message_bytes;
    if (resume_at > d->part.offset && resume_at < end &&
        ++d->part_count >= a->stream->sizes.chain_length) {
        stream_cap(a->stream, SBL_LIMIT_CHAIN_LENGTH);
        stream_odd(a->stream, SBL_ODDITY_CHAIN_TOO_LONG);
        resume_at = 0;
    }
    if (resume_at <= d->part.offset || resume_at < position || resume_at >= end) {
        a->flow->skip[side] = end - position;
        expect_frame(d);
        return;
    }
    a->flow->skip[side] = resume_at - position;
    d->part.offset = resume_at;
    d->part.next_command = d->next_command;
    d->stage = STAGE_NEED;
    d->is_capped = false;
    d->goal = least(a->stream->dissectors[d->dissector]->prefix_bytes, end - resume_at);
}

/* Steps over a whole message whose first `seen` bytes were looked at. */
static void step_over(struct arrival *a, unsigned side, uint32_t seen) {
    go_on(a, side, seen, 0);
}

static enum step read_control(struct arrival *a, unsigned side, const uint8_t *frame) {
    struct direction *d = direction_of(a, side);
    uint32_t length = banner_length(frame);
    if (length > CONTROL_MOST_BYTES)
        return STEP_BAD;
    d->part.message_bytes = length;
    if (frame[0] == SBL_NBSS_KEEPALIVE) {
        step_over(a, side, 0);
        return STEP_DONE;
    }
    d->part.message_bytes = BANNER_FRAME_BYTES + length;
    d->dissector = SBL_DISSECTOR_NBSS;
    d->stage = STAGE_WANT;
    d->want = d->goal = BANNER_FRAME_BYTES + length;
    d->resume_at = 0;
    return STEP_MORE;
}

static enum step read_frame(struct arrival *a, unsigned side, const uint8_t *frame) {
    struct direction *d = direction_of(a, side);
    d->pdu_seq = a->flow->next_seq[side] - d->have;
    if (frame[0] >= SBL_NBSS_REQUEST && frame[0] <= SBL_NBSS_KEEPALIVE)
        return read_control(a, side, frame);
    if (frame[0] != SBL_NBSS_MESSAGE)
        return STEP_BAD;
    d->dissector = SBL_DISSECTOR_SMB1; /* until the protocol word is read */
    d->part.message_bytes = banner_length(frame);
    if (d->part.message_bytes > a->stream->sizes.framed_bytes) {
        stream_cap(a->stream, SBL_LIMIT_FRAMED_BYTES);
        stream_odd(a->stream, SBL_ODDITY_MESSAGE_TOO_LONG);
    }
    if (d->part.message_bytes < 4 || d->part.message_bytes > a->stream->sizes.framed_bytes) {
        step_over(a, side, 0);
        return STEP_DONE;
    }
    d->stage = STAGE_MAGIC;
    d->goal = BANNER_PREFIX_BYTES;
    return STEP_MORE;
}

static enum step read_magic(struct arrival *a, unsigned side, const uint8_t *unit) {
    struct direction *d = direction_of(a, side);
    unsigned id = unit[4] == 0xFF ? SBL_DISSECTOR_SMB1 : SBL_DISSECTOR_SMB2;
    const struct sbl_dissector *dissector = a->stream->dissectors[id];
    if (dissector->recognises(&unit[4], 4)) {
        a->flow->flags &= ~(uint32_t)FLOW_TENTATIVE;
        d->dissector = (uint8_t)id;
        d->stage = STAGE_NEED;
        uint32_t prefix = dissector->prefix_bytes > 4 ? dissector->prefix_bytes : 4;
        d->goal = BANNER_FRAME_BYTES + least(prefix, d->part.message_bytes);
        return STEP_MORE;
    }
    if (!d->is_sure || (a->flow->flags & FLOW_TENTATIVE))
        return STEP_BAD;
    stream_odd(a->stream, SBL_ODDITY_BAD_MAGIC);
    step_over(a, side, 4);
    return STEP_DONE;
}

/* Asks the dissector; what it says is bounded by the message and by what we keep. */
static enum step ask_need(struct arrival *a, unsigned side, const uint8_t *unit) {
    struct direction *d = direction_of(a, side);
    const struct sbl_dissector *dissector = a->stream->dissectors[d->dissector];
    uint32_t lead = lead_of(d), seen = d->goal - lead;
    uint32_t rest = d->part.message_bytes - d->part.offset;
    uint32_t most = least(rest, a->stream->sizes.message_bytes);
    struct sbl_need need = {.want_until = d->part.message_bytes};
    if (dissector->need)
        need = dissector->need(sbl_cursor_of(&unit[lead], seen), &d->part);
    if (need.more_bytes > seen && seen < most) {
        d->goal = lead + least(need.more_bytes, most);
        return STEP_MORE;
    }
    if (need.more_bytes > 0)
        need.want_until = d->part.message_bytes;
    uint32_t until = need.want_until < d->part.offset ? d->part.offset : need.want_until;
    d->want = least(until - d->part.offset, rest);
    d->is_capped = d->want > a->stream->sizes.message_bytes;
    if (d->is_capped) {
        d->want = a->stream->sizes.message_bytes;
        stream_cap(a->stream, SBL_LIMIT_MESSAGE_BYTES);
    }
    d->resume_at = need.resume_at;
    d->next_command = need.next_command;
    d->stage = STAGE_WANT;
    d->goal = lead + d->want;
    return STEP_MORE;
}

static enum step hand_over(struct arrival *a, unsigned side, const uint8_t *unit) {
    struct direction *d = direction_of(a, side);
    uint32_t lead = lead_of(d), position = d->part.offset + d->want;
    if (d->want > 0)
        handover_part(a, side, &unit[lead], d->want, d->is_capped);
    go_on(a, side, position, d->resume_at);
    return STEP_DONE;
}

/* Walks the stages as far as `available` bytes of the unit reach. After STEP_DONE *used is how
 * many of them belonged to it. */
static enum step advance(struct arrival *a, unsigned side, const uint8_t *unit, uint32_t available,
                         uint32_t *used) {
    static enum step (*const stages[])(struct arrival *, unsigned, const uint8_t *) = {
        [STAGE_FRAME] = read_frame,
        [STAGE_MAGIC] = read_magic,
        [STAGE_NEED] = ask_need,
        [STAGE_WANT] = hand_over,
    };
    struct direction *d = direction_of(a, side);
    enum step step = STEP_MORE;
    while (step == STEP_MORE && d->goal <= available) {
        *used = d->goal;
        step = stages[d->stage](a, side, unit);
    }
    return step;
}

/* The unit is read from the buffer. A short part may leave bytes of what comes behind it. */
static void unit_from_buffer(struct arrival *a, unsigned side) {
    struct direction *d = direction_of(a, side);
    struct message_buffer *buffer = message_buffer_at(&a->stream->buffers, d->buffer);
    uint32_t used = 0;
    enum step step = advance(a, side, buffer->bytes, d->have, &used);
    if (step == STEP_MORE)
        return;
    if (step == STEP_BAD) {
        uint32_t tail = least(d->have - 1, SCAN_TAIL_BYTES);
        uint8_t kept[SCAN_TAIL_BYTES];
        memcpy(kept, &buffer->bytes[d->have - tail], tail);
        framing_lose(a, side);
        memcpy(d->tail, kept, tail);
        d->tail_bytes = (uint8_t)tail;
        return;
    }
    uint32_t left = d->have - used, skipped = least(left, a->flow->skip[side]);
    a->flow->skip[side] -= skipped;
    a->stream->stats->bytes_skipped += skipped;
    d->have = left - skipped;
    if (d->have > 0)
        message_buffer_drop(&a->stream->buffers, d->buffer, used + skipped);
    else
        message_buffer_give(&a->stream->buffers, &d->buffer);
}

static void unit_to_buffer(struct arrival *a, unsigned side, struct sbl_cursor *in) {
    struct direction *d = direction_of(a, side);
    uint32_t count = least(d->goal - least(d->have, d->goal), (uint32_t)sbl_cursor_left(in));
    const uint8_t *bytes = sbl_cursor_take(in, count);
    bool is_kept = message_buffer_add(&a->stream->buffers, &d->buffer, bytes, count);
    if (!is_kept) {
        stream_cap(a->stream, SBL_LIMIT_MESSAGE_BUFFERS);
        framing_absent(a, side, count);
        return;
    }
    message_buffer_at(&a->stream->buffers, d->buffer)->last = a->moment;
    d->have += count;
    a->flow->next_seq[side] += count;
    while (d->phase == FRAMING_UNIT && d->have > 0 && d->have >= d->goal)
        unit_from_buffer(a, side);
}

static void unit_take(struct arrival *a, unsigned side, struct sbl_cursor *in) {
    struct direction *d = direction_of(a, side);
    uint32_t available = (uint32_t)sbl_cursor_left(in), used = 0;
    if (d->have > 0 || available < d->goal) {
        unit_to_buffer(a, side, in);
        return;
    }
    struct sbl_cursor ahead = *in;
    enum step step = advance(a, side, sbl_cursor_take(&ahead, available), available, &used);
    if (step == STEP_MORE) {
        unit_to_buffer(a, side, in);
        return;
    }
    if (step == STEP_BAD) {
        framing_lose(a, side);
        used = 1; /* the header is not here; it may begin at the next byte */
    }
    sbl_cursor_skip(in, used);
    a->flow->next_seq[side] += used;
}

void framing_take(struct arrival *a, unsigned side, const uint8_t *bytes, uint32_t count) {
    struct sbl_cursor in = sbl_cursor_of(bytes, count);
    while (sbl_cursor_left(&in) > 0 && !(a->flow->flags & FLOW_REJECTED)) {
        uint32_t *skip = &a->flow->skip[side];
        if (*skip > 0) {
            uint32_t skipped = least(*skip, (uint32_t)sbl_cursor_left(&in));
            *skip -= skipped;
            a->flow->next_seq[side] += skipped;
            a->stream->stats->bytes_skipped += skipped;
            sbl_cursor_skip(&in, skipped);
        } else if (direction_of(a, side)->phase == FRAMING_UNIT) {
            unit_take(a, side, &in);
        } else {
            resync_scan(a, side, &in);
        }
    }
}

/* Whether `visible` bytes of the unit are worth a dissector's look. */
static bool is_worth(const struct direction *d, const uint8_t *unit, uint32_t visible) {
    uint32_t lead = lead_of(d);
    if (d->stage < STAGE_NEED || visible <= lead)
        return false;
    if (d->part.offset > 0 || d->dissector == SBL_DISSECTOR_NBSS)
        return true;
    return visible - lead >= banner_header_bytes(unit[lead]);
}

void framing_cut(struct arrival *a, unsigned side, uint32_t visible) {
    struct direction *d = direction_of(a, side);
    uint32_t lead = lead_of(d), have = d->have;
    if (d->stage == STAGE_FRAME) {
        framing_lose(a, side);
        return;
    }
    if (d->buffer) {
        struct message_buffer *buffer = message_buffer_at(&a->stream->buffers, d->buffer);
        struct moment now = a->moment;
        a->moment = buffer->last;
        if (is_worth(d, buffer->bytes, visible))
            handover_part(a, side, &buffer->bytes[lead], visible - lead, true);
        a->moment = now;
        message_buffer_give(&a->stream->buffers, &d->buffer);
    }
    d->have = 0;
    go_on(a, side, d->part.offset + (have > lead ? have - lead : 0),
          d->stage == STAGE_WANT ? d->resume_at : 0);
    a->flow->skip[side] += have < lead ? lead - have : 0;
}

bool framing_absent(struct arrival *a, unsigned side, uint32_t count) {
    struct direction *d = direction_of(a, side);
    bool is_lost = false;
    while (count > 0) {
        uint32_t *skip = &a->flow->skip[side];
        if (*skip > 0) {
            uint32_t skipped = least(*skip, count);
            *skip -= skipped;
            a->flow->next_seq[side] += skipped;
            count -= skipped;
            continue;
        }
        is_lost = true;
        if (d->phase == FRAMING_UNIT && d->stage != STAGE_FRAME) {
            framing_cut(a, side, d->have);
            continue;
        }
        framing_lose(a, side);
        a->flow->next_seq[side] += count;
        count = 0;
    }
    return is_lost;
}

void framing_end(struct arrival *a, unsigned side) {
    struct direction *d = direction_of(a, side);
    if (d->phase == FRAMING_UNIT && d->stage != STAGE_FRAME)
        framing_cut(a, side, d->have);
    message_buffer_give(&a->stream->buffers, &d->buffer);
    d->have = 0;
}

struct run framing_held(const struct arrival *a, unsigned side) {
    const struct direction *d = direction_of(a, side);
    if (!d->buffer)
        return (struct run){0};
    return (struct run){message_buffer_at(&a->stream->buffers, d->buffer)->bytes,
                        a->flow->next_seq[side] - d->have, d->have};
}
