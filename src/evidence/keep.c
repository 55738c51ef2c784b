/* Kept are frames with messages that a finding may cite: session setups, negotiations, share
 * connections, requests that name files, refusals; beside them what shares a frame with such, and
 * frames whose bytes wait for others. Payload of files goes by.
 *
 * A message is found again in its frames by TCP sequence numbers. Bytes that it took from no frame
 * that was kept, as from a retransmission or a fragment, are shown nowhere. */
#include "evidence/keep.h"

#include <smblame/dissector.h>
#include <smblame/segment.h>

#include "base/hash.h"
#include "evidence/tcp.h"

enum {
    FRAME_HEADER_BYTES = 4, /* of NBSS and direct TCP, before a message */
    FRAMES_MOST = 2048,     /* of one message */
};

int keep_init(struct keep *keep, struct look_back *look_back, bool is_raw) {
    *keep = (struct keep){.look_back = look_back, .is_raw = is_raw, .seed = hash_seed()};
    return mask_init(&keep->mask);
}

/* A connection by its ends, the lower one first. */
struct ends {
    struct {
        uint8_t address[16];
        uint16_t port;
    } end[2];
    uint32_t tunnel_id;
};

/* A connection and who of the two sends. */
struct way {
    uint64_t flow;
    bool is_upward;
};

static struct way way_of(const struct keep *keep, struct ends *ends) {
    bool is_upward = memcmp(&ends->end[0], &ends->end[1], sizeof ends->end[0]) <= 0;
    struct ends ordered = *ends;
    ordered.end[0] = ends->end[!is_upward];
    ordered.end[1] = ends->end[is_upward];
    return (struct way){hash_bytes(&ordered, sizeof ordered, keep->seed), is_upward};
}

static struct way way_of_segment(const struct keep *keep, const struct sbl_segment *segment) {
    struct ends ends;
    memset(&ends, 0, sizeof ends);
    sbl_segment_address(segment, true, ends.end[0].address);
    sbl_segment_address(segment, false, ends.end[1].address);
    ends.end[0].port = segment->from_port;
    ends.end[1].port = segment->to_port;
    ends.tunnel_id = segment->tunnel_id;
    return way_of(keep, &ends);
}

static struct way way_of_talk(const struct keep *keep, const struct sbl_conversation *talk,
                              unsigned side) {
    struct ends ends;
    memset(&ends, 0, sizeof ends);
    for (unsigned i = 0; i < 2; i++) {
        memcpy(ends.end[i].address, talk->side[side ^ i].address, sizeof ends.end[i].address);
        ends.end[i].port = talk->side[side ^ i].port;
    }
    ends.tunnel_id = talk->tunnel_id;
    return way_of(keep, &ends);
}

static uint64_t ref_of(const struct sbl_frame *frame) {
    return frame_ref_pack((struct sbl_frame_ref){frame->number, frame->file});
}

/* The frame of a segment in the look-back; put there when it is not. NULL: its payload does not lie
 * in it, as of a datagram that came in fragments. */
static struct kept *keep_frame(struct keep *keep, const struct sbl_segment *segment) {
    const struct sbl_frame *frame = segment->frame;
    struct kept *there = look_back_find(keep->look_back, ref_of(frame));
    size_t at = (size_t)(segment->payload - frame->bytes);
    if (there || segment->payload < frame->bytes || at > frame->captured_bytes ||
        segment->payload_bytes > frame->captured_bytes - at)
        return there;
    struct way way = way_of_segment(keep, segment);
    struct kept kept = {.ref = ref_of(frame),
                        .flow = way.flow,
                        .flags = way.is_upward ? KEPT_IS_UPWARD : 0,
                        .time_ns = frame->time_ns,
                        .captured_bytes = frame->captured_bytes,
                        .wire_bytes = frame->wire_bytes,
                        .seq = segment->seq + ((segment->tcp_flags & SBL_TCP_SYN) != 0),
                        .payload_at = (uint32_t)at,
                        .payload_bytes = segment->payload_bytes,
                        .link_type = frame->link_type};
    tcp_note(&kept, segment);
    struct kept *made = look_back_add(keep->look_back, &kept);
    if (made)
        memcpy(kept_bytes(made), frame->bytes, keep->is_raw ? frame->captured_bytes : at);
    return made;
}

static void held(void *context, const struct sbl_segment *segment) {
    (void)keep_frame(context, segment);
}

/* --- what of a message is shown --- */

/* Writes `count` bytes of the flow from `seq` on into a frame, as far as they lie in it. */
static void put(struct kept *kept, uint32_t seq, const uint8_t *bytes, uint32_t count) {
    int32_t ahead = (int32_t)(seq - kept->seq);
    uint32_t skip = ahead < 0 ? 0u - (uint32_t)ahead : 0, at = ahead > 0 ? (uint32_t)ahead : 0;
    if (skip >= count || at >= kept->payload_bytes)
        return;
    uint32_t room = kept->payload_bytes - at;
    count -= skip;
    memcpy(kept_bytes(kept) + kept->payload_at + at, &bytes[skip], count < room ? count : room);
}

static void put_masked(const struct keep *keep, struct kept *kept, const struct sbl_part_seen *seen,
                       const struct sbl_span *span) {
    uint8_t pseudonym[MASK_MOST_BYTES], zeros[MASK_MOST_BYTES] = {0};
    if (span->bytes <= MASK_MOST_BYTES) {
        mask_make(&keep->mask, &seen->bytes[span->offset], span->bytes, pseudonym);
        put(kept, seen->seq + span->offset, pseudonym, span->bytes);
        return;
    }
    for (uint32_t done = 0; done < span->bytes; done += MASK_MOST_BYTES) {
        uint32_t left = span->bytes - done;
        put(kept, seen->seq + span->offset + done, zeros,
            left < MASK_MOST_BYTES ? left : MASK_MOST_BYTES);
    }
}

/* Shows in one frame what may be shown; the masks come last and win. */
static void put_spans(const struct keep *keep, struct kept *kept, const struct sbl_part_seen *seen,
                      const struct sbl_spans *spans) {
    for (uint32_t i = 0; i < spans->count; i++)
        if (spans->items[i].kind == SBL_SPAN_SHOWN)
            put(kept, seen->seq + spans->items[i].offset, &seen->bytes[spans->items[i].offset],
                spans->items[i].bytes);
    for (uint32_t i = 0; i < spans->count; i++)
        if (spans->items[i].kind == SBL_SPAN_MASKED)
            put_masked(keep, kept, seen, &spans->items[i]);
}

/* A part on its way into its frames. */
struct showing {
    const struct keep *keep;
    const struct sbl_message *message;
    const struct sbl_part_seen *seen;
    struct sbl_spans spans;
    bool has_header; /* the part begins a message that is framed */
    uint8_t header[FRAME_HEADER_BYTES];
};

static void show_in(struct showing *s, struct kept *kept) {
    if (s->has_header)
        put(kept, s->message->seq, s->header, sizeof s->header);
    put_spans(s->keep, kept, s->seen, &s->spans);
}

static void find_spans(struct showing *s) {
    const struct sbl_part_seen *seen = s->seen;
    uint32_t length = seen->part->message_bytes;
    /* a control packet is handed over with its header */
    s->has_header = seen->part->offset == 0 && s->message->seq != seen->seq;
    s->header[1] = (uint8_t)(length >> 16);
    s->header[2] = (uint8_t)(length >> 8);
    s->header[3] = (uint8_t)length;
    s->spans.count = 0;
    s->spans.is_full = false;
    if (seen->dissector->show)
        seen->dissector->show(sbl_cursor_of(seen->bytes, seen->count), seen->part,
                              s->message->report, &s->spans);
    if (s->spans.is_full)
        s->spans.count = 0;
}

/* --- which frames --- */

static bool is_refusal(const struct sbl_smb_head *head) {
    return head->is_response && (head->is_dos_error ? head->status != 0 : head->status >> 30 == 3);
}

static bool is_of_interest(const struct sbl_report *report) {
    for (uint32_t i = 0; i < report->count; i++) {
        const struct sbl_observation *seen = &report->observations[i];
        switch (seen->kind) {
        case SBL_SAW_NBSS:
        case SBL_SAW_NEGOTIATE_REQUEST:
        case SBL_SAW_NEGOTIATE_RESPONSE:
        case SBL_SAW_SESSION_SETUP_REQUEST:
        case SBL_SAW_SESSION_SETUP_RESPONSE:
        case SBL_SAW_TREE_CONNECT_REQUEST:
        case SBL_SAW_TREE_CONNECT_RESPONSE:
        case SBL_SAW_OPEN_REQUEST:
            return true;
        case SBL_SAW_OTHER:
            if (is_refusal(&seen->head))
                return true;
            break;
        case SBL_SAW_OPEN_RESPONSE:
        case SBL_SAW_LOGOFF_REQUEST:
        case SBL_SAW_TREE_DISCONNECT_REQUEST:
        case SBL_SAW_CLOSE_REQUEST:
        case SBL_SAW_DFS_REFERRAL_REQUEST:
        case SBL_SAW_ENCRYPTED:
        case SBL_SAW_COMPRESSED:
        case SBL_SAW_NTLMSSP:
        case SBL_SAW_NAME_CLAIM:
        case SBL_OBSERVATION_KIND_COUNT:
            break;
        }
    }
    return false;
}

/* Whether the frame at hand holds more than this message: what follows may be of interest, and has
 * to be found behind it. */
static bool shares_frame(const struct sbl_message *message, const struct sbl_part_seen *seen) {
    const struct sbl_segment *segment = seen->segment;
    uint32_t begin = seen->seq - seen->part->offset;
    uint32_t end = begin + seen->part->message_bytes;
    if (!segment)
        return false;
    uint32_t last = segment->seq + segment->payload_bytes;
    return seen->resume_at > 0 || (int32_t)(last - end) > 0 ||
           (int32_t)(message->seq - segment->seq) > 0;
}

/* The frames of one direction that hold bytes of [from, to), the latest first. */
static void show_in_all(struct showing *s, struct keep *keep, struct way way, uint32_t from) {
    uint32_t end = s->seen->seq + s->seen->count;
    struct kept *kept = look_back_latest(keep->look_back, way.flow);
    for (unsigned i = 0; kept && i < FRAMES_MOST; i++) {
        bool is_before = (int32_t)(from - (kept->seq + kept->payload_bytes)) >= 0;
        bool is_behind = (int32_t)(kept->seq - end) >= 0;
        bool is_way = ((kept->flags & KEPT_IS_UPWARD) != 0) == way.is_upward;
        if (is_way && !is_before && !is_behind)
            show_in(s, kept);
        kept = look_back_before(keep->look_back, kept);
    }
}

/* Notes in the frame that completes a message where this lies, for the other frames of it. */
static void note_end(struct kept *kept, const struct sbl_message *message) {
    bool is_first = !(kept->flags & KEPT_COMPLETES);
    if (is_first || (int32_t)(message->seq - kept->from_seq) < 0)
        kept->from_seq = message->seq;
    if (is_first || (int32_t)(message->end_seq - kept->until_seq) > 0)
        kept->until_seq = message->end_seq;
    kept->flags |= KEPT_COMPLETES;
    for (uint32_t i = 0; i < message->report->count; i++) {
        enum sbl_observation_kind kind = message->report->observations[i].kind;
        if (kind == SBL_SAW_NBSS || kind == SBL_SAW_NEGOTIATE_REQUEST ||
            kind == SBL_SAW_NEGOTIATE_RESPONSE)
            kept->flags |= KEPT_OPENS;
    }
}

static void part(void *context, const struct sbl_conversation *talk,
                 const struct sbl_message *message, const struct sbl_part_seen *seen) {
    struct keep *keep = context;
    const struct sbl_segment *segment = seen->segment;
    uint64_t ref = frame_ref_pack(message->frame);
    bool is_here = segment && ref_of(segment->frame) == ref;
    struct kept *last = is_here ? NULL : look_back_find(keep->look_back, ref);
    bool is_wanted = is_of_interest(message->report) || shares_frame(message, seen);
    if (is_here)
        last = is_wanted ? keep_frame(keep, segment) : look_back_find(keep->look_back, ref);
    if (!last)
        return;
    uint32_t from = seen->part->offset == 0 ? message->seq : seen->seq;
    note_end(last, message);
    if (keep->is_raw)
        return;
    struct showing s = {.keep = keep, .message = message, .seen = seen};
    find_spans(&s);
    uint32_t end = seen->seq + seen->count, last_end = last->seq + last->payload_bytes;
    if (is_here && (int32_t)(from - last->seq) >= 0 && (int32_t)(last_end - end) >= 0)
        show_in(&s, last);
    else
        show_in_all(&s, keep, way_of_talk(keep, talk, message->from), from);
}

struct sbl_keeper keep_keeper(struct keep *keep) {
    return (struct sbl_keeper){.context = keep, .part = part, .held = held};
}
