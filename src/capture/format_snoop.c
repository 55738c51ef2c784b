/* snoop, as Solaris writes it (RFC 1761), big-endian:
 *
 *   0  8 bytes "snoop" and three NUL, u32 version (2), u32 data link type
 *
 * then records: u32 bytes on the wire, u32 captured bytes, u32 record length (header, frame and
 * padding), u32 drops so far, u32 seconds, u32 microseconds, the frame, padding. Link types are
 * the DL_ values of Solaris' <sys/dlpi.h>; Shomiti's Surveyor (versions 2 to 5) has its own for
 * faster Ethernets in places the RFC leaves free. */
#include <errno.h>
#include <string.h>

#include "capture/format.h"

enum { FILE_HEADER_BYTES = 16, RECORD_BYTES = 24 };

struct snoop_state {
    uint16_t link_type;
};

static const struct {
    uint32_t written;
    uint16_t link_type;
} link_types[] = {
    {0, SBL_LINKTYPE_ETHERNET},      /* DL_CSMACD */
    {2, SBL_LINKTYPE_TOKEN_RING},    /* DL_TPR */
    {4, SBL_LINKTYPE_ETHERNET},      /* DL_ETHER */
    {8, SBL_LINKTYPE_FDDI},          /* DL_FDDI */
    {9, SBL_LINKTYPE_NULL},          /* DL_OTHER */
    {10, SBL_LINKTYPE_ETHERNET},     /* Shomiti: Fast Ethernet */
    {11, SBL_LINKTYPE_TOKEN_RING},   /* Shomiti: 4 Mbit/s */
    {12, SBL_LINKTYPE_ETHERNET},     /* Shomiti: Gigabit Ethernet */
    {14, SBL_LINKTYPE_NULL},         /* DL_LOOP */
    {19, SBL_LINKTYPE_ETHERNET},     /* Shomiti: 10 Gigabit Ethernet */
    {24, SBL_LINKTYPE_ETHERNET},     /* DL_ETH_CSMA */
    {25, SBL_LINKTYPE_ETHERNET},     /* DL_100BT */
    {0x80000001u, SBL_LINKTYPE_RAW}, /* SUNW_DL_IPV4: tunnels */
    {0x80000002u, SBL_LINKTYPE_RAW}, /* SUNW_DL_IPV6 */
    {0x80000005u, 226},              /* SUNW_DL_IPNET: LINKTYPE_IPNET */
    {0x80000007u, SBL_LINKTYPE_RAW}, /* SUNW_DL_6TO4 */
};

static bool recognises(const uint8_t *prefix, size_t size) {
    return size >= 8 && memcmp(prefix, "snoop\0\0\0", 8) == 0;
}

static uint16_t link_type_of(uint32_t written) {
    for (size_t i = 0; i < sizeof link_types / sizeof *link_types; i++)
        if (link_types[i].written == written)
            return link_types[i].link_type;
    return SBL_LINKTYPE_UNKNOWN;
}

static int open_snoop(struct reader *reader) {
    struct snoop_state *state = reader->state;
    bool is_whole = input_fill(reader->input, FILE_HEADER_BYTES);
    struct sbl_cursor c = input_window(reader->input);
    sbl_cursor_skip(&c, 8);
    uint32_t version = sbl_cursor_be32(&c);
    state->link_type = link_type_of(sbl_cursor_be32(&c));
    if (!is_whole || version < 2 || version > 5) {
        (void)reader_damage(reader, is_whole ? 8 : input_left(reader->input),
                            "expected a snoop file header of 16 bytes with version 2");
        return -EINVAL;
    }
    input_step(reader->input, FILE_HEADER_BYTES);
    return 0;
}

static enum step next_frame(struct reader *reader, struct sbl_frame *frame) {
    const struct snoop_state *state = reader->state;
    struct sbl_cursor c = input_window(reader->input);
    if (c.size < RECORD_BYTES)
        return reader_want(reader, RECORD_BYTES, c.size == 0);
    uint32_t wire = sbl_cursor_be32(&c), captured = sbl_cursor_be32(&c);
    uint32_t record = sbl_cursor_be32(&c);
    sbl_cursor_skip(&c, 4);
    int64_t seconds = sbl_cursor_be32(&c), fraction = sbl_cursor_be32(&c);
    if (captured > SBL_MAX_FRAME_BYTES || record < RECORD_BYTES + captured)
        return reader_damage(reader, input_offset(reader->input),
                             "expected a record of a frame of at most %u bytes, found a frame of "
                             "%u in a record of %u",
                             (unsigned)SBL_MAX_FRAME_BYTES, captured, record);
    const uint8_t *bytes = sbl_cursor_take(&c, captured);
    if (!bytes)
        return reader_want(reader, RECORD_BYTES + captured, false);
    reader->last_ns = seconds * 1000000000 + fraction * 1000;
    *frame = (struct sbl_frame){.bytes = bytes,
                                .captured_bytes = captured,
                                .wire_bytes = wire,
                                .time_ns = reader->last_ns,
                                .number = ++reader->number,
                                .link_type = state->link_type,
                                .file = reader->file};
    input_step(reader->input, record);
    return STEP_FRAME;
}

static enum step read_frames(struct reader *reader, struct sbl_frame *frames, size_t max,
                             size_t *count) {
    return format_read(reader, frames, max, count, next_frame);
}

const struct format format_snoop = {
    .name = "snoop",
    .state_bytes = sizeof(struct snoop_state),
    .recognises = recognises,
    .open = open_snoop,
    .read = read_frames,
};
