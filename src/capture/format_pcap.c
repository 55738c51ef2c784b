/* pcap, as tcpdump writes it (draft-ietf-opsawg-pcap; www.tcpdump.org). All fields in the byte
 * order of the magic number:
 *
 *   0  u32  magic: a1b2c3d4 microseconds, a1b23c4d nanoseconds, a1b2cd34 "modified" (below)
 *   4  u16  major version (2), u16 minor version (4)
 *   8  u32  time zone, u32 accuracy (both always 0)
 *  16  u32  snap length (not believed), u32 link type
 *
 * then records: u32 seconds, u32 fraction, u32 captured bytes, u32 bytes on the wire, the frame.
 * Kuznetzov's patched libpcap ("modified", Linux of 1999) puts 8 more bytes before the frame. Files
 * before version 2.3 have the two lengths the other way round, and 2.3 itself has them either way.
 */
#include <errno.h>
#include <string.h>

#include "capture/format.h"

enum { FILE_HEADER_BYTES = 24, RECORD_BYTES = 16, MODIFIED_RECORD_BYTES = 24 };

static const uint32_t PCAP_MICRO = 0xA1B2C3D4u, PCAP_NANO = 0xA1B23C4Du,
                      PCAP_MODIFIED = 0xA1B2CD34u;

struct pcap_state {
    bool is_big;
    bool may_be_swapped, is_swapped;
    uint16_t link_type;
    uint32_t record_bytes;
    uint32_t fraction_ns;
};

static bool is_magic(uint32_t magic) {
    return magic == PCAP_MICRO || magic == PCAP_NANO || magic == PCAP_MODIFIED;
}

static bool recognises(const uint8_t *prefix, size_t size) {
    return size >= 4 && (is_magic(format_u32(prefix, false)) || is_magic(format_u32(prefix, true)));
}

static int open_pcap(struct reader *reader) {
    struct pcap_state *state = reader->state;
    if (!input_fill(reader->input, FILE_HEADER_BYTES)) {
        (void)reader_damage(reader, input_offset(reader->input),
                            "expected a pcap file header of 24 bytes, found %zu",
                            input_left(reader->input));
        return -EINVAL;
    }
    struct sbl_cursor c = input_window(reader->input);
    const uint8_t *header = sbl_cursor_take(&c, FILE_HEADER_BYTES);
    state->is_big = !is_magic(format_u32(header, false));
    uint32_t magic = format_u32(header, state->is_big);
    uint16_t major = format_u16(&header[4], state->is_big);
    uint16_t minor = format_u16(&header[6], state->is_big);
    state->is_swapped = major < 2 || (major == 2 && minor < 3);
    state->may_be_swapped = major == 2 && minor == 3;
    state->record_bytes = magic == PCAP_MODIFIED ? MODIFIED_RECORD_BYTES : RECORD_BYTES;
    state->fraction_ns = magic == PCAP_NANO ? 1 : 1000;
    state->link_type = format_linktype(format_u32(&header[20], state->is_big));
    input_step(reader->input, FILE_HEADER_BYTES);
    return 0;
}

/* What stands before a frame. */
struct record {
    uint32_t seconds, fraction, captured, wire;
};

static inline struct record record_of(const uint8_t *header, const struct pcap_state *state) {
    struct record record = {
        format_u32(header, state->is_big), format_u32(&header[4], state->is_big),
        format_u32(&header[8], state->is_big), format_u32(&header[12], state->is_big)};
    if (state->is_swapped || (state->may_be_swapped && record.captured > record.wire)) {
        uint32_t other = record.captured;
        record.captured = record.wire;
        record.wire = other;
    }
    return record;
}

/* Records are walked in the window itself, which is stepped over at once when the walk ends. */
static enum step read_frames(struct reader *reader, struct sbl_frame *frames, size_t max,
                             size_t *count) {
    const struct pcap_state state = *(const struct pcap_state *)reader->state;
    struct sbl_cursor c = input_window(reader->input);
    size_t stepped = 0, n = *count;
    enum step step = STEP_FRAME;
    while (n < max) {
        const uint8_t *header = sbl_cursor_take(&c, state.record_bytes);
        if (!header) {
            step = reader_want(reader, state.record_bytes, c.size == stepped);
            break;
        }
        struct record record = record_of(header, &state);
        if (record.captured > SBL_MAX_FRAME_BYTES) {
            step = reader_damage(reader, input_offset(reader->input) + stepped,
                                 "expected a frame of at most %u bytes, found a length of %u",
                                 (unsigned)SBL_MAX_FRAME_BYTES, record.captured);
            break;
        }
        const uint8_t *bytes = sbl_cursor_take(&c, record.captured);
        if (!bytes) {
            step = reader_want(reader, state.record_bytes + record.captured, false);
            break;
        }
        stepped = c.at;
        frames[n++] = (struct sbl_frame){.bytes = bytes,
                                         .captured_bytes = record.captured,
                                         .wire_bytes = record.wire,
                                         .time_ns = record.seconds * INT64_C(1000000000) +
                                                    (int64_t)record.fraction * state.fraction_ns,
                                         .number = ++reader->number,
                                         .link_type = state.link_type,
                                         .file = reader->file};
    }
    if (n > *count)
        reader->last_ns = frames[n - 1].time_ns;
    *count = n;
    input_step(reader->input, stepped);
    return step;
}

const struct format format_pcap = {
    .name = "pcap",
    .state_bytes = sizeof(struct pcap_state),
    .recognises = recognises,
    .open = open_pcap,
    .read = read_frames,
};
