/* A witness under fuzzing: segments of any ports, flags and payload. Each has a header of 6 bytes:
 * 1 which ports and of what, 1 flags, 1 address, 1 seconds that pass (signed), 1 bytes cut, 1 bytes
 * of payload. Every text that is told is read. */
#include <stdlib.h>
#include <string.h>

#include <smblame/cursor.h>

#include "../unit/segment_ends.h"
#include "witness/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint32_t sink;

static void touch(struct sbl_text text) {
    for (uint32_t i = 0; i < text.size; i++)
        sink += text.bytes[i];
}

static void hear(void *context, const struct sbl_witness *witness) {
    (void)context;
    touch(witness->principal);
    touch(witness->realm);
    touch(witness->service);
    if (witness->kind >= SBL_WITNESS_KIND_COUNT || witness->name.size > sizeof witness->name.name ||
        (witness->kind == SBL_WITNESS_NETBIOS_NAME) != witness->name.is_present)
        abort();
}

static void hear_one(struct witness *witness, struct sbl_cursor *c, struct sbl_frame *frame) {
    static const uint16_t ports[] = {88, 137, 389, 636, 3268, 3269, 445, 40000};
    uint8_t which = sbl_cursor_u8(c);
    struct sbl_segment segment = {.frame = frame, .ip_version = which & 0x40 ? 6 : 4};
    struct sbl_endpoint from = {.port = ports[which & 7]}, to = {.port = ports[which >> 3 & 7]};
    segment.is_datagram = (which & 0x80) != 0;
    segment.tcp_flags = sbl_cursor_u8(c);
    from.address[3] = sbl_cursor_u8(c);
    frame->time_ns += (int8_t)sbl_cursor_u8(c) * INT64_C(1000000000);
    segment.cut_bytes = sbl_cursor_u8(c);
    size_t bytes = sbl_cursor_u8(c), left = sbl_cursor_left(c);
    bytes = bytes < left ? bytes : left;
    uint8_t *payload = malloc(bytes ? bytes : 1);
    if (!payload)
        return;
    if (bytes > 0)
        memcpy(payload, sbl_cursor_take(c, bytes), bytes);
    struct packet_ends packet;
    segment_set_ends(&segment, &packet, &from, &to);
    segment.payload = payload;
    segment.payload_bytes = (uint32_t)bytes;
    witness_segment(witness, &segment);
    free(payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct sbl_stats stats;
    struct witness_options options = {.tell = hear, .stats = &stats};
    struct witness *witness;
    struct sbl_frame frame = {0};
    struct sbl_cursor c = sbl_cursor_of(data, size);
    if (witness_new_with(&witness, &options, 4) != 0)
        return 0;
    while (sbl_cursor_left(&c) > 6)
        hear_one(witness, &c, &frame);
    witness_free(witness);
    return 0;
}
