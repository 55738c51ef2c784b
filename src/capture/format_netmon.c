/* Microsoft Network Monitor 1.x ("RTSS") and 2.x ("GMBU"), after the help file "Capture File
 * Format" of Network Monitor 3.4 and files as they are. Little-endian:
 *
 *   0  magic   4  u8 minor version, u8 major version   6  u16 media type
 *   8  u16 year, month, day of week, day, hour, minute, second, millisecond of the start
 *  24  u32 frame table offset, length        32  user data      40  comments
 *  48  u32 process table offset, row count   56  network information
 *
 * The frame table holds a u32 offset for each frame, in order; frames may lie anywhere. A frame is
 *
 *   1.x  u32 milliseconds since start, u16 bytes on the wire, u16 captured, the frame
 *   2.x  u64 microseconds since start, u32 bytes on the wire, u32 captured, the frame,
 *        2.1: u16 media type   2.2: and u32 process row   2.3: and u64 FILETIME (UTC), u8 time zone
 *
 * Before 2.3 the start is local time of a zone the file does not name: taken as UTC, so that the
 * same file means the same everywhere. A file that was cut has no table; its frames follow each
 * other and are walked. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "capture/format.h"

enum { FILE_HEADER_BYTES = 64, FRAMES_AT = 128, FRAMES_AT_EARLIEST = 72, PIECE_ENTRIES = 1024 };

/* Media types that are no media (2.1 and later). */
enum {
    MEDIA_LINKTYPE = 0xE000, /* | LINKTYPE_: converted from pcap */
    MEDIA_WIFI_MESSAGE = 0xE080,
    MEDIA_MESSAGE_LAST = 0xE08A, /* of Message Analyzer's own, in LINKTYPE_'s place */
    MEDIA_PAYLOAD_HEADER = 0xFFFC,
    MEDIA_NETWORK_INFO = 0xFFFD,
    MEDIA_DNS_CACHE = 0xFFFE,
    LINKTYPE_IEEE802_11 = 105,
};

/* By media type. WAN frames are given by NDISWAN with an Ethernet header made up. */
static const uint16_t media[] = {
    SBL_LINKTYPE_ETHERNET,
    SBL_LINKTYPE_ETHERNET,
    SBL_LINKTYPE_TOKEN_RING,
    SBL_LINKTYPE_FDDI,
    SBL_LINKTYPE_ETHERNET,
    SBL_LINKTYPE_UNKNOWN /* IP over IEEE 1394 */,
    SBL_LINKTYPE_UNKNOWN /* 802.11 behind a header of its own */,
    SBL_LINKTYPE_RAW /* tunnel */,
    SBL_LINKTYPE_RAW /* wireless WAN */,
    SBL_LINKTYPE_RAW,
};

struct netmon_state {
    bool is_version_1, is_walking;
    uint8_t minor;
    uint16_t link_type; /* of all frames, before 2.1 */
    uint32_t header_bytes, trailer_bytes;
    int64_t start_ns;
    uint64_t file_bytes, given_bytes;
    uint64_t table_at;
    uint32_t index, count; /* of the table's entries: next, all */
    uint32_t piece_first, piece_count;
    uint8_t piece[PIECE_ENTRIES * 4];
    uint64_t walk_at, walk_end; /* when there is no table */
};

/* A frame's header, read. */
struct record {
    uint64_t at, delta;
    uint32_t wire, captured;
};

static bool recognises(const uint8_t *prefix, size_t size) {
    return size >= 4 && (memcmp(prefix, "RTSS", 4) == 0 || memcmp(prefix, "GMBU", 4) == 0);
}

static uint16_t link_type_of(uint16_t written) {
    if (written < sizeof media / sizeof *media)
        return media[written];
    if (written == MEDIA_WIFI_MESSAGE)
        return LINKTYPE_IEEE802_11;
    if (written > MEDIA_WIFI_MESSAGE && written <= MEDIA_MESSAGE_LAST)
        return SBL_LINKTYPE_UNKNOWN;
    if ((written & 0xF000) == MEDIA_LINKTYPE)
        return format_linktype(written & 0x0FFF);
    return SBL_LINKTYPE_UNKNOWN;
}

static int64_t read_start(struct sbl_cursor *c) {
    struct tm start = {0};
    start.tm_year = sbl_cursor_le16(c) - 1900;
    start.tm_mon = sbl_cursor_le16(c) - 1;
    sbl_cursor_skip(c, 2);
    start.tm_mday = sbl_cursor_le16(c);
    start.tm_hour = sbl_cursor_le16(c);
    start.tm_min = sbl_cursor_le16(c);
    start.tm_sec = sbl_cursor_le16(c);
    int64_t ms = sbl_cursor_le16(c), ns = 0;
    if (__builtin_mul_overflow((int64_t)timegm(&start), (int64_t)1000000000, &ns) ||
        __builtin_add_overflow(ns, ms * 1000000, &ns))
        return 0;
    return ns;
}

/* Where the frames begin, and how far they can reach, in a file whose table is not there. */
static void walk_instead(struct reader *reader, uint64_t table_bytes) {
    struct netmon_state *state = reader->state;
    uint8_t lengths[4] = {0};
    (void)input_read_at(reader->input, FRAMES_AT_EARLIEST + 8, lengths, sizeof lengths);
    bool is_early = !state->is_version_1 && format_u32(lengths, false) != 0;
    (void)reader_damage(reader, state->file_bytes,
                        "expected a frame table of %llu bytes at byte %llu; the file is cut, its "
                        "frames are read one after the other",
                        (unsigned long long)table_bytes, (unsigned long long)state->table_at);
    state->is_walking = true;
    state->walk_at = is_early ? FRAMES_AT_EARLIEST : FRAMES_AT;
    bool is_behind = state->table_at > state->walk_at;
    state->walk_end =
        is_behind && state->table_at < state->file_bytes ? state->table_at : state->file_bytes;
}

static int read_processes(struct reader *reader, uint64_t at, uint32_t count) {
    if (!reader->process || at == 0 || count == 0)
        return 0;
    int result = process_list_read(reader->process, reader->input, &at, count);
    if (result < 0)
        return result;
    if (result != PROCESS_READ)
        (void)reader_damage(reader, at, "expected a process table of %u rows, found %s after %u",
                            count, result == PROCESS_CUT ? "its end" : "an impossible path length",
                            reader->process->count);
    reader->is_capped = reader->process->is_capped;
    return 0;
}

static int open_netmon(struct reader *reader) {
    static const uint8_t trailers[] = {0, 2, 6, 15};
    struct netmon_state *state = reader->state;
    bool is_whole = input_fill(reader->input, FILE_HEADER_BYTES);
    struct sbl_cursor c = input_window(reader->input);
    sbl_cursor_skip(&c, 4);
    state->minor = sbl_cursor_u8(&c);
    uint8_t major = sbl_cursor_u8(&c);
    if (!is_whole || major < 1 || major > 2) {
        (void)reader_damage(reader, is_whole ? 5 : c.size,
                            "expected a Network Monitor file header of 64 bytes, version 1 or 2");
        return -EINVAL;
    }
    state->is_version_1 = major == 1;
    state->header_bytes = state->is_version_1 ? 8 : 16;
    state->trailer_bytes = state->is_version_1 ? 0 : trailers[state->minor < 3 ? state->minor : 3];
    state->link_type = link_type_of(sbl_cursor_le16(&c));
    state->start_ns = read_start(&c);
    state->file_bytes = reader->input->raw_bytes;
    state->table_at = sbl_cursor_le32(&c);
    uint32_t table_bytes = sbl_cursor_le32(&c);
    sbl_cursor_skip(&c, 16);
    uint32_t process_at = sbl_cursor_le32(&c), process_count = sbl_cursor_le32(&c);
    state->count = table_bytes / 4;
    if (state->table_at == 0 || state->table_at + table_bytes > state->file_bytes)
        walk_instead(reader, table_bytes);
    if (state->trailer_bytes >= 6)
        return read_processes(reader, process_at, process_count);
    return 0;
}

/* Where the next frame is; STEP_FRAME when there is one. */
static enum step find_record(struct reader *reader, uint64_t *at) {
    struct netmon_state *state = reader->state;
    if (state->is_walking) {
        *at = state->walk_at;
        return state->walk_at < state->walk_end ? STEP_FRAME : STEP_END;
    }
    if (state->index == state->count)
        return STEP_END;
    if (state->index - state->piece_first >= state->piece_count) {
        state->piece_first = state->index;
        state->piece_count =
            (uint32_t)(input_read_at(reader->input, state->table_at + state->index * 4ull,
                                     state->piece, sizeof state->piece) /
                       4);
        if (state->piece_count == 0)
            return reader_damage(reader, state->table_at + state->index * 4ull,
                                 "expected another entry of the frame table");
    }
    *at = format_u32(&state->piece[(size_t)(state->index - state->piece_first) * 4], false);
    return STEP_FRAME;
}

/* Moves on to the next frame. */
static void pass_record(struct netmon_state *state, const struct record *record) {
    state->index++;
    state->walk_at = record->at + state->header_bytes + record->captured + state->trailer_bytes;
}

/* A frame that cannot be: with a table the next one can still be found, and keeps its number. */
static enum step bad_record(struct reader *reader, const struct record *record) {
    struct netmon_state *state = reader->state;
    enum step step = reader_damage(
        reader, record->at, "expected frame %llu, of at most %u bytes, inside the file",
        (unsigned long long)reader->number + 1, (unsigned)SBL_MAX_FRAME_BYTES);
    if (state->is_walking)
        return step;
    state->index++;
    reader->number++;
    return STEP_AGAIN;
}

/* Brings the whole record into the window; STEP_FRAME when it is there. */
static enum step read_record(struct reader *reader, struct record *record) {
    const struct netmon_state *state = reader->state;
    struct input *input = reader->input;
    if (record->at < input->offset || record->at - input->offset > input->end) {
        (void)reader_want(reader, state->header_bytes, false);
        reader->seek_to = record->at;
        reader->must_seek = true;
        return STEP_MORE;
    }
    input_seek(input, record->at);
    struct sbl_cursor c = input_window(input);
    if (c.size < state->header_bytes)
        return reader_want(reader, state->header_bytes, false);
    record->delta = state->is_version_1 ? sbl_cursor_le32(&c) : sbl_cursor_le64(&c);
    record->wire = state->is_version_1 ? sbl_cursor_le16(&c) : sbl_cursor_le32(&c);
    record->captured = state->is_version_1 ? sbl_cursor_le16(&c) : sbl_cursor_le32(&c);
    uint64_t whole = (uint64_t)state->header_bytes + record->captured + state->trailer_bytes;
    if (record->captured > SBL_MAX_FRAME_BYTES || whole > state->file_bytes - record->at)
        return bad_record(reader, record);
    if (c.size < whole)
        return reader_want(reader, (size_t)whole, false);
    return STEP_FRAME;
}

/* Nanoseconds of a frame before 2.3. The help file calls the microseconds unsigned, and has them
 * multiplied by 10 and then taken as signed: frames can be from before the start. */
static int64_t time_since_start(const struct netmon_state *state, uint64_t delta) {
    int64_t ns = 0;
    bool is_over = state->is_version_1
                       ? __builtin_mul_overflow((int64_t)delta, (int64_t)1000000, &ns)
                       : __builtin_mul_overflow((int64_t)(delta * 10), (int64_t)100, &ns);
    if (is_over || __builtin_add_overflow(ns, state->start_ns, &ns))
        return (int64_t)(delta * 10) < 0 ? INT64_MIN : INT64_MAX;
    return ns;
}

/* Nanoseconds since 1970 of 100 ns since 1601. */
static int64_t time_of_filetime(uint64_t filetime) {
    const int64_t epoch = 116444736000000000;
    int64_t ns = 0;
    if (filetime > INT64_MAX)
        return INT64_MAX;
    if (__builtin_mul_overflow((int64_t)filetime - epoch, (int64_t)100, &ns))
        return (int64_t)filetime < epoch ? INT64_MIN : INT64_MAX;
    return ns;
}

/* Reads what follows the frame. False: it is no frame (Wireshark does not number it either). */
static bool read_trailer(struct reader *reader, struct sbl_cursor *c, struct sbl_frame *frame) {
    const struct netmon_state *state = reader->state;
    if (state->trailer_bytes == 0)
        return true;
    uint16_t written = sbl_cursor_le16(c);
    if (written >= MEDIA_PAYLOAD_HEADER && written <= MEDIA_DNS_CACHE)
        return false;
    frame->link_type = link_type_of(written);
    uint32_t row = state->trailer_bytes >= 6 ? sbl_cursor_le32(c) : UINT32_MAX;
    if (reader->process && row < reader->process->count)
        frame->process = row + 1;
    if (state->trailer_bytes >= 15)
        frame->time_ns = time_of_filetime(sbl_cursor_le64(c));
    return true;
}

static enum step next_frame(struct reader *reader, struct sbl_frame *frame) {
    struct netmon_state *state = reader->state;
    struct record record = {0};
    enum step step = find_record(reader, &record.at);
    if (step != STEP_FRAME)
        return step;
    if (record.at > state->file_bytes || state->file_bytes - record.at < state->header_bytes)
        return bad_record(reader, &record);
    step = read_record(reader, &record);
    if (step != STEP_FRAME)
        return step;
    struct sbl_cursor c = input_window(reader->input);
    sbl_cursor_skip(&c, state->header_bytes);
    *frame = (struct sbl_frame){.bytes = sbl_cursor_take(&c, record.captured),
                                .captured_bytes = record.captured,
                                .wire_bytes = record.wire,
                                .time_ns = time_since_start(state, record.delta),
                                .link_type = state->link_type,
                                .file = reader->file};
    bool is_frame = read_trailer(reader, &c, frame);
    pass_record(state, &record);
    state->given_bytes += c.at;
    if (state->given_bytes > state->file_bytes)
        return reader_damage(reader, record.at,
                             "expected frames that lie beside each other, found more of them than "
                             "the file has bytes");
    if (!is_frame)
        return STEP_AGAIN;
    frame->number = ++reader->number;
    reader->last_ns = frame->time_ns;
    return STEP_FRAME;
}

static enum step read_frames(struct reader *reader, struct sbl_frame *frames, size_t max,
                             size_t *count) {
    return format_read(reader, frames, max, count, next_frame);
}

const struct format format_netmon = {
    .name = "Network Monitor",
    .state_bytes = sizeof(struct netmon_state),
    .needs_seek = true,
    .recognises = recognises,
    .open = open_netmon,
    .read = read_frames,
};
