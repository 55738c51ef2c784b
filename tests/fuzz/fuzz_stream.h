/* The fuzz target of the stream room, for two programs: with dissectors that only mirror what they
 * got (fuzz_stream.c), and with those of the product (fuzz_stream_real.c). The including file says
 * which by FUZZ_DISSECTORS. The input is a list of segments of a few flows. Each begins with
 * four bytes of orders; its data comes from the input itself or from a well-formed message, so that
 * the framing is reached often. At the end everything must have been given back. */
#ifndef SMBLAME_TESTS_FUZZ_STREAM_H
#define SMBLAME_TESTS_FUZZ_STREAM_H

#include <stdlib.h>
#include <string.h>

#include "../unit/segment_ends.h"
#include "stream/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FLOWS = 3, TEMPLATE_BYTES = 160 };

struct fuzz {
    struct stream *stream;
    struct sbl_stats stats;
    struct sbl_frame frame;
    uint32_t seq[FLOWS][2];
    uint64_t sum; /* of all bytes of all reports: makes the sanitizers look at them */
};

static void on_message(void *context, struct sbl_conversation *talk,
                       const struct sbl_message *message) {
    struct fuzz *fuzz = context;
    for (uint32_t i = 0; i < message->report->count; i++)
        fuzz->sum += message->report->observations[i].head.status;
    talk->correlate_slot++;
    if (message->from > 1 || talk->side[message->from].port == 0)
        abort();
}

static void on_gap(void *context, struct sbl_conversation *talk, uint8_t from, int64_t time_ns) {
    struct fuzz *fuzz = context;
    fuzz->sum += talk->correlate_slot + from + (uint64_t)time_ns;
}

static void on_dispute(void *context, struct sbl_conversation *talk, uint8_t from, uint32_t seq,
                       uint32_t end_seq) {
    struct fuzz *fuzz = context;
    fuzz->sum += talk->correlate_slot + from;
    if ((int32_t)(end_seq - seq) <= 0)
        abort();
}

static void on_close(void *context, struct sbl_conversation *talk, enum sbl_close how,
                     int64_t time_ns) {
    struct fuzz *fuzz = context;
    fuzz->sum += (uint64_t)how + (uint64_t)time_ns;
    if (talk->correlate_slot == 0)
        abort(); /* nobody was told of it */
}

/* A message of SMB1 or SMB2 with some bytes from the input. */
static size_t template_of(uint8_t *bytes, struct sbl_cursor *in) {
    static const uint8_t smb1[] = {0xFF, 'S', 'M', 'B', 0x73}, smb2[] = {0xFE, 'S', 'M', 'B', 64},
                         request[] = {0x81, 0, 0, 0x44, 0x20};
    uint8_t kind = sbl_cursor_u8(in);
    memset(bytes, 0, TEMPLATE_BYTES);
    bytes[3] = (uint8_t)(TEMPLATE_BYTES - 4 + (kind >> 6) - 1);
    memcpy(&bytes[4], kind & 1 ? smb2 : smb1, 5);
    if (kind & 2)
        bytes[4] = kind & 4 ? 0xFD : 0xFC;
    if (kind & 8)
        memcpy(bytes, request, sizeof request);
    for (unsigned i = 0; i < (kind >> 4 & 3u) * 4u; i++) {
        uint8_t at = sbl_cursor_u8(in);
        bytes[8 + at % (TEMPLATE_BYTES - 8)] = sbl_cursor_u8(in);
    }
    return TEMPLATE_BYTES;
}

static void feed_one(struct fuzz *fuzz, struct sbl_cursor *in) {
    static const uint16_t ports[FLOWS] = {445, 139, 4455};
    static const uint8_t flags[8] = {SBL_TCP_ACK,
                                     SBL_TCP_ACK,
                                     SBL_TCP_ACK,
                                     SBL_TCP_SYN,
                                     SBL_TCP_SYN | SBL_TCP_ACK,
                                     SBL_TCP_FIN | SBL_TCP_ACK,
                                     SBL_TCP_RST,
                                     SBL_TCP_URG};
    uint8_t bytes[TEMPLATE_BYTES];
    uint8_t order = sbl_cursor_u8(in), jitter = sbl_cursor_u8(in), length = sbl_cursor_u8(in),
            more = sbl_cursor_u8(in);
    unsigned flow = order % FLOWS, from = order >> 3 & 1u;
    struct sbl_endpoint ends[2] = {{.address = {10, 0, 0, 9}, .port = 40000},
                                   {.address = {10, 0, 0, 1}, .port = ports[flow]}};
    size_t count = length;
    if (order & 4)
        count = template_of(bytes, in) - (length < TEMPLATE_BYTES ? length : 0);
    const uint8_t *source = order & 4 ? bytes : sbl_cursor_take(in, count);
    if (!source)
        return;
    uint8_t *copy = malloc(count ? count : 1);
    if (!copy)
        return;
    memcpy(copy, source, count);
    uint32_t *seq = &fuzz->seq[flow][from];
    fuzz->frame.number++;
    fuzz->frame.time_ns += (int64_t)more << 18;
    struct sbl_segment segment = {
        .frame = &fuzz->frame,
        .ordinal = fuzz->frame.number,
        .payload = copy,
        .payload_bytes = (uint32_t)count,
        .cut_bytes = more & 0x80 ? more & 0x7Fu : 0,
        .seq = *seq + (jitter & 0x80 ? (uint32_t)(jitter & 0x7F) * 8u - 512u : 0u),
        .ack = fuzz->seq[flow][from ^ 1u] + (more & 0x40 ? 100u : 0u),
        .tcp_flags = flags[order >> 5],
        .ip_version = order & 16 ? 6 : 4,
    };
    if (jitter == 0x7F)
        segment.seq += 0x40000000u;
    *seq = segment.seq + segment.payload_bytes + segment.cut_bytes +
           ((segment.tcp_flags & SBL_TCP_SYN) != 0);
    struct packet_ends packet;
    segment_set_ends(&segment, &packet, &ends[from], &ends[from ^ 1u]);
    stream_feed(fuzz->stream, &segment, 1);
    free(copy);
}

static void check_empty(const struct stream *stream) {
    uint32_t left = stream->flows.flows.in_use + stream->connections.in_use + stream->chunks.in_use;
    for (unsigned i = 0; i < MESSAGE_BUFFER_CLASSES; i++)
        left += stream->buffers.pools[i].in_use;
    if (left != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct stream_sizes sizes = {.flows = 4,
                                              .connections = 3,
                                              .chunks = 12,
                                              .chunks_per_side = 6,
                                              .message_bytes = 20000,
                                              .framed_bytes = 0x01000000,
                                              .message_buffers = 4,
                                              .chain_length = 4,
                                              .history_bytes = 1 << 12};
    struct fuzz fuzz = {.seq = {{1000, 2000}, {0xFFFFFF80, 0}, {0x7FFFFFF0, 5}}};
    struct stream_options options = {.events = {.context = &fuzz,
                                                .message = on_message,
                                                .gap = on_gap,
                                                .dispute = on_dispute,
                                                .close = on_close},
                                     .stats = &fuzz.stats};
    if (stream_new_sized(&fuzz.stream, &options, &sizes, FUZZ_DISSECTORS) < 0)
        return 0;
    struct sbl_cursor in = sbl_cursor_of(data, size);
    while (sbl_cursor_left(&in) >= 4 && !in.spoiled)
        feed_one(&fuzz, &in);
    stream_finish(fuzz.stream, fuzz.frame.time_ns);
    check_empty(fuzz.stream);
    stream_free(fuzz.stream);
    return 0;
}

#endif
