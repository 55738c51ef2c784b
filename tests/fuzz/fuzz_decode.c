/* decode under fuzzing. The first byte chooses the link type; then frames, each with a header of
 * 4 bytes: 2 captured bytes (big-endian), 1 bytes cut (times 16), 1 seconds that pass (signed).
 * Every byte handed out is read, and stays readable until the batch is done. */
#include <stdlib.h>
#include <string.h>

#include <smblame/cursor.h>

#include "decode/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BATCH = 8 };

static const uint16_t link_types[] = {
    SBL_LINKTYPE_ETHERNET, SBL_LINKTYPE_NULL,       SBL_LINKTYPE_TOKEN_RING, SBL_LINKTYPE_PPP,
    SBL_LINKTYPE_FDDI,     SBL_LINKTYPE_PPP_HDLC,   SBL_LINKTYPE_PPP_ETHER,  SBL_LINKTYPE_RAW,
    SBL_LINKTYPE_LOOP,     SBL_LINKTYPE_LINUX_SLL,  SBL_LINKTYPE_IPV4,       SBL_LINKTYPE_IPV6,
    SBL_LINKTYPE_NFLOG,    SBL_LINKTYPE_LINUX_SLL2, SBL_LINKTYPE_UNKNOWN,
};

struct batch {
    struct sbl_frame frames[BATCH];
    struct sbl_segment segments[BATCH];
    uint8_t *bytes[BATCH];
    size_t count, found;
};

static volatile uint32_t sink;

static void read_all(const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        sink += bytes[i];
}

static void finish_batch(struct decoder *decoder, struct batch *batch) {
    for (size_t i = 0; i < batch->found; i++) {
        const struct sbl_segment *s = &batch->segments[i];
        read_all(s->payload, s->payload_bytes);
        read_all(s->ip, s->ip_bytes);
        read_all((const uint8_t *)s, sizeof *s);
    }
    decode_batch_done(decoder);
    for (size_t i = 0; i < batch->count; i++)
        free(batch->bytes[i]);
    batch->count = batch->found = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct sbl_stats stats;
    struct decoder *decoder;
    struct batch batch = {.count = 0};
    struct sbl_cursor c = sbl_cursor_of(data, size);
    uint16_t link_type = link_types[sbl_cursor_u8(&c) % (sizeof link_types / sizeof *link_types)];
    int64_t time_ns = 0;
    if (decoder_new(&decoder, &stats, NULL) != 0)
        return 0;
    while (sbl_cursor_left(&c) > 4) {
        size_t captured = sbl_cursor_be16(&c);
        uint32_t cut = sbl_cursor_u8(&c) * 16u;
        time_ns += (int8_t)sbl_cursor_u8(&c) * (int64_t)1000000000;
        if (captured > sbl_cursor_left(&c))
            captured = sbl_cursor_left(&c);
        uint8_t *bytes = malloc(captured ? captured : 1);
        if (!bytes)
            break;
        if (captured > 0)
            memcpy(bytes, sbl_cursor_take(&c, captured), captured);
        size_t n = batch.count++;
        batch.bytes[n] = bytes;
        batch.frames[n] = (struct sbl_frame){.bytes = bytes,
                                             .captured_bytes = (uint32_t)captured,
                                             .wire_bytes = (uint32_t)captured + cut,
                                             .time_ns = time_ns,
                                             .number = n + 1,
                                             .link_type = link_type};
        batch.found += decode_frame(decoder, &batch.frames[n], &batch.segments[batch.found]);
        if (batch.count == BATCH)
            finish_batch(decoder, &batch);
    }
    finish_batch(decoder, &batch);
    decode_finish(decoder);
    decoder_free(decoder);
    return 0;
}
