/* A unit passes four stages: FRAME (the 4-byte header), MAGIC (which dissector), NEED (how much it
 * wants) and WANT (all of that is there). A later part of a message enters at NEED. Each stage says
 * how many bytes it must see (`goal`) and sees exactly so many, so the outcome does not depend on
 * how the bytes were cut into segments. */
#include "stream/framing.h"

#include <string.h>

#include "stream/handover.h"
#include "stream/unit.h"

enum step { STEP_MORE, STEP_DONE, STEP_BAD };

enum { CONTROL_MOST_BYTES = 1024 /* a session request with two scopes has at most 514 */ };

static bool step_over_absent(struct arrival *a, unsigned side, uint32_t count);

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* Bytes of the unit before its part begins. */
static uint32_t lead_of(const struct unit *u) {
    return u->part.offset == 0 && u->dissector != SBL_DISSECTOR_NBSS ? BANNER_FRAME_BYTES : 0;
}

static void expect_frame(struct direction *d, struct unit *u) {
    d->phase = FRAMING_UNIT;
    unit_refresh(u);
}

void framing_begin(struct arrival *a, unsigned side, bool is_sure) {
    struct direction *d = direction_of(a, side);
    unit_drop(a, side);
    d->is_sure = is_sure;
    d->phase = is_sure ? FRAMING_UNIT : FRAMING_START;
    disorder_of(a, side)->tail_bytes = 0;
}

void framing_lose(struct arrival *a, unsigned side) {
    struct direction *d = direction_of(a, side);
    unit_drop(a, side);
    d->is_sure = false;
    d->phase = FRAMING_LOST;
    disorder_of(a, side)->tail_bytes = 0;
    a->flow->skip[side] = 0;
    if (a->flow->flags & FLOW_TENTATIVE)
        a->flow->flags |= FLOW_REJECTED;
}

void framing_forget(struct arrival *a, unsigned side) {
    unit_drop(a, side);
    a->flow->skip[side] = 0;
}

/* Where the message goes on behind the bytes up to `position` (an offset in it): at the next part,
 * or behind its end. */
static void go_on(struct arrival *a, unsigned side, uint32_t position, uint32_t resume_at) {
    struct unit *u = unit_of(a, side);
    uint32_t end = u->part.message_bytes;
    if (resume_at > u->part.offset && resume_at < end &&
        ++u->part_count >= a->stream->sizes.chain_length) {
        stream_cap(a->stream, SBL_LIMIT_CHAIN_LENGTH);
        stream_odd(a->stream, SBL_ODDITY_CHAIN_TOO_LONG);
        resume_at = 0;
    }
    if (resume_at <= u->part.offset || resume_at < position || resume_at >= end) {
        a->flow->skip[side] = end - position;
        expect_frame(direction_of(a, side), u);
        return;
    }
    a->flow->skip[side] = resume_at - position;
    u->part.offset = resume_at;
    u->part.next_command = u->next_command;
    u->stage = STAGE_NEED;
    u->is_capped = false;
    u->goal = least(a->stream->dissectors[u->dissector]->prefix_bytes, end - resume_at);
}

/* Steps over a whole message whose first `seen` bytes were looked at. */
static void step_over(struct arrival *a, unsigned side, uint32_t seen) {
    go_on(a, side, seen, 0);
}

static enum step read_control(struct arrival *a, unsigned side, struct unit *u,
                              const uint8_t *frame) {
    uint32_t length = banner_length(frame);
    if (length > CONTROL_MOST_BYTES)
        return STEP_BAD;
    u->part.message_bytes = length;
    if (frame[0] == SBL_NBSS_KEEPALIVE) {
        step_over(a, side, 0);
        return STEP_DONE;
    }
    u->part.message_bytes = BANNER_FRAME_BYTES + length;
    u->dissector = SBL_DISSECTOR_NBSS;
    u->stage = STAGE_WANT;
    u->want = u->goal = BANNER_FRAME_BYTES + length;
    u->resume_at = 0;
    return STEP_MORE;
}

static enum step read_frame(struct arrival *a, unsigned side, struct unit *u,
                            const uint8_t *frame) {
    u->pdu_seq = a->flow->next_seq[side] - u->have;
    if (frame[0] >= SBL_NBSS_REQUEST && frame[0] <= SBL_NBSS_KEEPALIVE)
        return read_control(a, side, u, frame);
    if (frame[0] != SBL_NBSS_MESSAGE)
        return STEP_BAD;
    u->dissector = SBL_DISSECTOR_SMB1; /* until the protocol word is read */
    u->part.message_bytes = banner_length(frame);
    if (u->part.message_bytes > a->stream->sizes.framed_bytes) {
        stream_cap(a->stream, SBL_LIMIT_FRAMED_BYTES);
        stream_odd(a->stream, SBL_ODDITY_MESSAGE_TOO_LONG);
    }
    if (u->part.message_bytes < 4 || u->part.message_bytes > a->stream->sizes.framed_bytes) {
        step_over(a, side, 0);
        return STEP_DONE;
    }
    u->stage = STAGE_MAGIC;
    u->goal = BANNER_PREFIX_BYTES;
    return STEP_MORE;
}

static enum step read_magic(struct arrival *a, unsigned side, struct unit *u,
                            const uint8_t *bytes) {
    unsigned id = bytes[4] == 0xFF ? SBL_DISSECTOR_SMB1 : SBL_DISSECTOR_SMB2;
    const struct sbl_dissector *dissector = a->stream->dissectors[id];
    if (dissector->recognises(&bytes[4], 4)) {
        a->flow->flags &= ~(uint32_t)FLOW_TENTATIVE;
        u->dissector = (uint8_t)id;
        u->stage = STAGE_NEED;
        uint32_t prefix = dissector->prefix_bytes > 4 ? dissector->prefix_bytes : 4;
        u->goal = BANNER_FRAME_BYTES + least(prefix, u->part.message_bytes);
        return STEP_MORE;
    }
    if (!direction_of(a, side)->is_sure || (a->flow->flags & FLOW_TENTATIVE))
        return STEP_BAD;
    stream_odd(a->stream, SBL_ODDITY_BAD_MAGIC);
    step_over(a, side, 4);
    return STEP_DONE;
}

/* Asks the dissector; what it says is bounded by the message and by what we keep. */
static enum step ask_need(struct arrival *a, struct unit *u, const uint8_t *bytes) {
    const struct sbl_dissector *dissector = a->stream->dissectors[u->dissector];
    uint32_t lead = lead_of(u), seen = u->goal - lead;
    uint32_t rest = u->part.message_bytes - u->part.offset;
    uint32_t most = least(rest, a->stream->sizes.message_bytes);
    struct sbl_need need = {.want_until = u->part.message_bytes};
    if (dissector->need)
        need = dissector->need(sbl_cursor_of(&bytes[lead], seen), &u->part);
    if (need.more_bytes > seen && seen < most) {
        u->goal = lead + least(need.more_bytes, most);
        return STEP_MORE;
    }
    if (need.more_bytes > 0)
        need.want_until = u->part.message_bytes;
    uint32_t until = need.want_until < u->part.offset ? u->part.offset : need.want_until;
    u->want = least(until - u->part.offset, rest);
    u->is_capped = u->want > a->stream->sizes.message_bytes;
    if (u->is_capped) {
        u->want = a->stream->sizes.message_bytes;
        stream_cap(a->stream, SBL_LIMIT_MESSAGE_BYTES);
    }
    u->resume_at = need.resume_at;
    u->next_command = need.next_command;
    u->stage = STAGE_WANT;
    u->goal = lead + u->want;
    return STEP_MORE;
}

static enum step hand_over(struct arrival *a, unsigned side, struct unit *u, const uint8_t *bytes) {
    uint32_t lead = lead_of(u), position = u->part.offset + u->want;
    if (u->want > 0)
        handover_part(a, side, &bytes[lead], u->want, u->is_capped);
    go_on(a, side, position, u->resume_at);
    return STEP_DONE;
}

/* Walks the stages as far as `available` bytes of the unit reach. After STEP_DONE *used is how
 * many of them belonged to it. */
static enum step advance(struct arrival *a, unsigned side, const uint8_t *bytes, uint32_t available,
                         uint32_t *used) {
    struct unit *u = unit_of(a, side);
    enum step step = STEP_MORE;
    while (step == STEP_MORE && u->goal <= available) {
        *used = u->goal;
        switch ((enum framing_stage)u->stage) {
        case STAGE_FRAME:
            step = read_frame(a, side, u, bytes);
            break;
        case STAGE_MAGIC:
            step = read_magic(a, side, u, bytes);
            break;
        case STAGE_NEED:
            step = ask_need(a, u, bytes);
            break;
        case STAGE_WANT:
            step = hand_over(a, side, u, bytes);
            break;
        }
    }
    return step;
}

/* The unit is read from the buffer. A short part may leave bytes of what comes behind it. */
static void unit_from_buffer(struct arrival *a, unsigned side) {
    struct disorder *d = disorder_of(a, side);
    struct unit *u = unit_of(a, side);
    struct message_buffer *buffer = message_buffer_at(&a->stream->buffers, u->buffer);
    uint32_t used = 0;
    enum step step = advance(a, side, buffer->bytes, u->have, &used);
    if (step == STEP_MORE)
        return;
    if (step == STEP_BAD) {
        uint32_t tail = least(u->have - 1, SCAN_TAIL_BYTES);
        uint8_t kept[SCAN_TAIL_BYTES];
        memcpy(kept, &buffer->bytes[u->have - tail], tail);
        framing_lose(a, side);
        memcpy(d->tail, kept, tail);
        d->tail_bytes = (uint8_t)tail;
        return;
    }
    uint32_t left = u->have - used, skipped = least(left, a->flow->skip[side]);
    a->flow->skip[side] -= skipped;
    a->stream->stats->bytes_skipped += skipped;
    u->have = left - skipped;
    if (u->have > 0)
        message_buffer_drop(&a->stream->buffers, u->buffer, used + skipped);
    else
        message_buffer_give(&a->stream->buffers, &u->buffer);
}

static void unit_to_buffer(struct arrival *a, unsigned side, struct sbl_cursor *in) {
    struct unit *u = unit_of(a, side);
    uint32_t count = least(u->goal - least(u->have, u->goal), (uint32_t)sbl_cursor_left(in));
    const uint8_t *bytes = sbl_cursor_take(in, count);
    bool is_kept = message_buffer_add(&a->stream->buffers, &u->buffer, bytes, count);
    if (!is_kept) {
        stream_cap(a->stream, SBL_LIMIT_MESSAGE_BUFFERS);
        step_over_absent(a, side, count);
        return;
    }
    message_buffer_at(&a->stream->buffers, u->buffer)->last = a->moment;
    stream_held(a);
    u->have += count;
    a->flow->next_seq[side] += count;
    while (u && direction_of(a, side)->phase == FRAMING_UNIT && u->have > 0 && u->have >= u->goal) {
        unit_from_buffer(a, side);
        u = unit_of(a, side); /* none after the framing was lost */
    }
}

static void unit_take(struct arrival *a, unsigned side, struct sbl_cursor *in) {
    const struct unit *u = unit_have(a, side);
    uint32_t available = (uint32_t)sbl_cursor_left(in), used = 0;
    if (u->have > 0 || available < u->goal) {
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

/* The short way through all stages for what nearly every message is: begun and ended in this
 * segment, of one part. The dissector answers and reads in one look. Returns the bytes of the
 * message with its frame header; 0: nothing was done, the stages say what it is. */
static inline uint32_t take_whole(struct arrival *a, unsigned side, const uint8_t *bytes,
                                  uint32_t count) {
    struct stream *stream = a->stream;
    struct unit *u = &stream->whole;
    if (count < BANNER_PREFIX_BYTES || bytes[0] != SBL_NBSS_MESSAGE)
        return 0;
    uint8_t id = bytes[4] == 0xFF ? SBL_DISSECTOR_SMB1 : SBL_DISSECTOR_SMB2;
    const struct sbl_dissector *dissector = stream->dissectors[id];
    if (!dissector->take)
        return 0;
    uint32_t length = banner_length(bytes);
    if (length > count - BANNER_FRAME_BYTES || length > stream->sizes.message_bytes ||
        length > stream->sizes.framed_bytes)
        return 0;
    const uint8_t *message = &bytes[BANNER_FRAME_BYTES];
    u->part.message_bytes = length;
    sbl_report_reset(&stream->report, false);
    uint32_t wanted = dissector->take(message, length, &u->part, &stream->report);
    if (wanted == 0)
        return 0;
    a->flow->flags &= ~(uint32_t)FLOW_TENTATIVE;
    u->dissector = id;
    u->pdu_seq = a->flow->next_seq[side];
    handover_seen(a, side, u, message, wanted);
    a->flow->next_seq[side] += BANNER_FRAME_BYTES + length;
    stream->stats->bytes_skipped += length - wanted;
    return BANNER_FRAME_BYTES + length;
}

/* Whether a frame header is to begin at next_seq. */
static bool is_between_messages(const struct arrival *a, unsigned side) {
    const struct direction *d = direction_of(a, side);
    return d->phase == FRAMING_UNIT && !d->unit && a->flow->skip[side] == 0;
}

/* Takes the next message, skipped bytes, or bytes that are searched. */
static void take_some(struct arrival *a, unsigned side, struct sbl_cursor *in) {
    uint32_t *skip = &a->flow->skip[side], left = (uint32_t)sbl_cursor_left(in);
    if (*skip > 0) {
        uint32_t skipped = least(*skip, left);
        *skip -= skipped;
        a->flow->next_seq[side] += skipped;
        a->stream->stats->bytes_skipped += skipped;
        sbl_cursor_skip(in, skipped);
        return;
    }
    if (direction_of(a, side)->phase != FRAMING_UNIT) {
        resync_scan(a, side, in);
        return;
    }
    struct sbl_cursor ahead = *in;
    uint32_t whole =
        is_between_messages(a, side) ? take_whole(a, side, sbl_cursor_take(&ahead, left), left) : 0;
    if (whole > 0)
        sbl_cursor_skip(in, whole);
    else
        unit_take(a, side, in);
}

/* Apart, so that a message that is whole does not pay for its stack. */
static __attribute__((noinline)) void take_all(struct arrival *a, unsigned side,
                                               struct sbl_cursor in) {
    while (sbl_cursor_left(&in) > 0 && !(a->flow->flags & FLOW_REJECTED))
        take_some(a, side, &in);
    unit_settle(a, side);
}

void framing_take(struct arrival *a, unsigned side, const uint8_t *bytes, uint32_t count) {
    uint32_t whole = is_between_messages(a, side) ? take_whole(a, side, bytes, count) : 0;
    if (whole < count)
        take_all(a, side, sbl_cursor_of(&bytes[whole], count - whole));
}

/* Whether `visible` bytes of the unit are worth a dissector's look. */
static bool is_worth(const struct unit *u, const uint8_t *bytes, uint32_t visible) {
    uint32_t lead = lead_of(u);
    if (u->stage < STAGE_NEED || visible <= lead)
        return false;
    if (u->part.offset > 0 || u->dissector == SBL_DISSECTOR_NBSS)
        return true;
    return visible - lead >= banner_header_bytes(bytes[lead]);
}

static void cut(struct arrival *a, unsigned side, uint32_t visible) {
    struct unit *u = unit_of(a, side);
    if (!u || u->stage == STAGE_FRAME) {
        framing_lose(a, side);
        return;
    }
    uint32_t lead = lead_of(u), have = u->have;
    if (u->buffer) {
        struct message_buffer *buffer = message_buffer_at(&a->stream->buffers, u->buffer);
        struct moment now = a->moment;
        a->moment = buffer->last;
        if (is_worth(u, buffer->bytes, visible))
            handover_part(a, side, &buffer->bytes[lead], visible - lead, true);
        a->moment = now;
        message_buffer_give(&a->stream->buffers, &u->buffer);
    }
    u->have = 0;
    go_on(a, side, u->part.offset + (have > lead ? have - lead : 0),
          u->stage == STAGE_WANT ? u->resume_at : 0);
    a->flow->skip[side] += have < lead ? lead - have : 0;
}

void framing_cut(struct arrival *a, unsigned side, uint32_t visible) {
    cut(a, side, visible);
    unit_settle(a, side);
}

/* Whether a message is in the making whose length is known. */
static bool is_under_way(const struct arrival *a, unsigned side) {
    const struct unit *u = unit_of(a, side);
    return direction_of(a, side)->phase == FRAMING_UNIT && u && u->stage != STAGE_FRAME;
}

static bool step_over_absent(struct arrival *a, unsigned side, uint32_t count) {
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
        if (is_under_way(a, side)) {
            cut(a, side, unit_of(a, side)->have);
            continue;
        }
        framing_lose(a, side);
        a->flow->next_seq[side] += count;
        count = 0;
    }
    return is_lost;
}

bool framing_absent(struct arrival *a, unsigned side, uint32_t count) {
    bool is_lost = step_over_absent(a, side, count);
    unit_settle(a, side);
    return is_lost;
}

void framing_end(struct arrival *a, unsigned side) {
    struct unit *u = unit_of(a, side);
    if (!u)
        return;
    if (is_under_way(a, side))
        cut(a, side, u->have);
    message_buffer_give(&a->stream->buffers, &u->buffer);
    u->have = 0;
    unit_settle(a, side);
}

void framing_hold(struct arrival *a, unsigned side, const uint8_t *bytes, uint32_t count) {
    struct unit *u = unit_have(a, side);
    if (message_buffer_add(&a->stream->buffers, &u->buffer, bytes, count)) {
        message_buffer_at(&a->stream->buffers, u->buffer)->last = a->moment;
        u->have = count;
        return;
    }
    stream_cap(a->stream, SBL_LIMIT_MESSAGE_BUFFERS);
    framing_lose(a, side);
}

struct run framing_held(const struct arrival *a, unsigned side) {
    const struct unit *u = unit_of(a, side);
    if (!u || !u->buffer)
        return (struct run){0};
    return (struct run){message_buffer_at(&a->stream->buffers, u->buffer)->bytes,
                        a->flow->next_seq[side] - u->have, u->have};
}
