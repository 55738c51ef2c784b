/* pcapng (draft-ietf-opsawg-pcapng). A file is a row of blocks, each
 *
 *   0  u32  block type
 *   4  u32  block total length, a multiple of 4 (a writer that forgot is rounded up)
 *   8       body, then the total length once more
 *
 * A section header block begins a section: its byte-order magic says how all numbers up to the next
 * one are written, and the interfaces before it are forgotten. An interface has its own link type
 * and resolution of time. Frames are in enhanced, simple and (obsolete) packet blocks. All else is
 * passed over: name resolution, statistics, secrets, what vendors add. Some of these Wireshark
 * counts as frames, so the numbers here leave them room. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture/format.h"

enum {
    BLOCK_SECTION = 0x0A0D0D0A,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2,
    BLOCK_SIMPLE_PACKET = 3,
    BLOCK_ENHANCED_PACKET = 6,
    BLOCK_SYSTEMD_JOURNAL = 9,
    BLOCK_CUSTOM = 0xBAD,
    BLOCK_CUSTOM_NOT_COPIED = 0x40000BAD,
    BLOCK_SYSDIG_EVENT = 0x204,
    BLOCK_SYSDIG_EVENT_2 = 0x216,
    BLOCK_SYSDIG_EVENT_2_LARGE = 0x221,
};

enum { BYTE_ORDER_MAGIC = 0x1A2B3C4D, BYTE_ORDER_SWAPPED = 0x4D3C2B1A };
enum { OPT_END = 0, IF_TSRESOL = 9, IF_TSOFFSET = 14 };
enum {
    BLOCK_LEAST_BYTES = 12,
    SECTION_LEAST_BYTES = 28,
    INTERFACE_LEAST_BYTES = 20,
    SIMPLE_LEAST_BYTES = 16,
    ENHANCED_LEAST_BYTES = 32,
    FRAME_AT = 28,                /* of an enhanced or obsolete packet block */
    WHOLE_MOST_BYTES = 64 * 1024, /* a longer block without a frame is passed over unread */
    MICROSECONDS = 6,             /* the resolution when none is given */
    FIRST_INTERFACES = 8,
};

__extension__ typedef __int128 wide; /* 64 bits of time times a billion */

struct interface {
    uint32_t snap_bytes;
    uint16_t link_type;
    uint8_t shift;     /* resolution 2^-shift: nanoseconds are (time * multiply) >> shift */
    uint64_t multiply; /* 0: finer than any 64-bit time can show */
    uint64_t divide;
    int64_t offset_seconds;
};

struct pcapng_state {
    bool is_big;
    struct interface *interfaces;
    uint32_t count, room;
};

struct block {
    uint32_t type;
    uint32_t written_bytes; /* as the file says */
    uint32_t total_bytes;   /* rounded up to 4 */
    uint64_t offset;
};

static bool recognises(const uint8_t *prefix, size_t size) {
    if (size < 12 || format_u32(prefix, false) != BLOCK_SECTION)
        return false;
    uint32_t order = format_u32(&prefix[8], false);
    return order == BYTE_ORDER_MAGIC || order == BYTE_ORDER_SWAPPED;
}

/* An if_tsresol: the top bit says power of 2, else of 10; the rest is the negative exponent. */
static void set_resolution(struct interface *interface, uint8_t written) {
    uint8_t exponent = written & 0x7F;
    interface->shift = 0;
    interface->multiply = interface->divide = 1;
    if (written & 0x80) {
        interface->shift = exponent;
        interface->multiply = 1000000000;
        return;
    }
    for (; exponent < 9; exponent++)
        interface->multiply *= 10;
    for (; exponent > 9 && interface->multiply; exponent--)
        if (interface->divide > UINT64_MAX / 10)
            interface->multiply = 0;
        else
            interface->divide *= 10;
}

static int64_t time_of(const struct interface *interface, uint64_t written) {
    const wide least = INT64_MIN, most = INT64_MAX;
    wide ns = ((wide)written * (wide)interface->multiply) >> interface->shift;
    if (interface->divide > 1)
        ns /= (wide)interface->divide;
    ns += (wide)interface->offset_seconds * 1000000000;
    return (int64_t)(ns < least ? least : ns > most ? most : ns);
}

/* The options of an interface. One that does not fit its block ends the list: what was read counts.
 */
static void read_options(struct interface *interface, struct sbl_cursor c, bool is_big) {
    while (sbl_cursor_left(&c) >= 4) {
        const uint8_t *head = sbl_cursor_take(&c, 4);
        uint16_t code = format_u16(head, is_big), size = format_u16(&head[2], is_big);
        const uint8_t *value = sbl_cursor_take(&c, size);
        if (code == OPT_END || !value)
            return;
        if (code == IF_TSRESOL && size >= 1)
            set_resolution(interface, value[0]);
        if (code == IF_TSOFFSET && size >= 8)
            interface->offset_seconds = (int64_t)format_u64(value, is_big);
        sbl_cursor_align(&c, 4);
    }
}

static struct interface *new_interface(struct pcapng_state *state) {
    if (state->count == state->room) {
        uint32_t room = state->room ? state->room * 2 : FIRST_INTERFACES;
        struct interface *bigger = realloc(state->interfaces, room * sizeof *bigger);
        if (!bigger)
            return NULL;
        state->interfaces = bigger;
        state->room = room;
    }
    struct interface *interface = &state->interfaces[state->count++];
    *interface = (struct interface){0};
    return interface;
}

static enum step add_interface(struct reader *reader, struct sbl_cursor c,
                               const struct block *block) {
    struct pcapng_state *state = reader->state;
    if (block->total_bytes < INTERFACE_LEAST_BYTES)
        return reader_damage(reader, block->offset,
                             "expected an interface description of at least 20 bytes, found %u",
                             block->written_bytes);
    if (state->count == SBL_MAX_INTERFACES)
        return reader_damage(reader, block->offset, "expected at most %u interfaces in a section",
                             (unsigned)SBL_MAX_INTERFACES);
    struct interface *interface = new_interface(state);
    if (!interface)
        return reader_damage(reader, block->offset, "no memory for another interface");
    sbl_cursor_skip(&c, 8);
    const uint8_t *body = sbl_cursor_take(&c, 8);
    interface->link_type = format_linktype(format_u16(body, state->is_big));
    interface->snap_bytes = format_u32(&body[4], state->is_big);
    set_resolution(interface, MICROSECONDS);
    read_options(interface, sbl_cursor_window(&c, c.at, block->total_bytes - INTERFACE_LEAST_BYTES),
                 state->is_big);
    input_step(reader->input, block->total_bytes);
    return STEP_AGAIN;
}

/* Hands out a frame whose bytes begin at `at` of the block. */
static enum step give_frame(struct reader *reader, struct sbl_frame *frame,
                            const struct block *block, size_t at) {
    struct sbl_cursor c = input_window(reader->input);
    sbl_cursor_seek(&c, at);
    uint32_t most = block->total_bytes - 4 - (uint32_t)at;
    if (frame->captured_bytes > SBL_MAX_FRAME_BYTES || frame->captured_bytes > most)
        return reader_damage(reader, block->offset,
                             "expected a frame of at most %u bytes in its block, found a length "
                             "of %u",
                             most < SBL_MAX_FRAME_BYTES ? most : (unsigned)SBL_MAX_FRAME_BYTES,
                             frame->captured_bytes);
    frame->bytes = sbl_cursor_take(&c, frame->captured_bytes);
    frame->number = ++reader->number;
    frame->file = reader->file;
    reader->last_ns = frame->time_ns;
    input_step(reader->input, block->total_bytes);
    return STEP_FRAME;
}

/* A frame without a time of its own has that of the frame before it. */
static enum step read_simple(struct reader *reader, struct sbl_frame *frame, struct sbl_cursor c,
                             const struct block *block) {
    const struct pcapng_state *state = reader->state;
    if (block->total_bytes < SIMPLE_LEAST_BYTES || state->count == 0)
        return reader_damage(reader, block->offset,
                             "expected a simple packet block of at least 16 bytes after an "
                             "interface description");
    sbl_cursor_skip(&c, 8);
    uint32_t wire = format_u32(sbl_cursor_take(&c, 4), state->is_big);
    uint32_t snap = state->interfaces[0].snap_bytes, captured = wire;
    uint32_t most = block->total_bytes - SIMPLE_LEAST_BYTES;
    if (snap && captured > snap)
        captured = snap;
    *frame = (struct sbl_frame){.captured_bytes = captured < most ? captured : most,
                                .wire_bytes = wire,
                                .time_ns = reader->last_ns,
                                .link_type = state->interfaces[0].link_type};
    return give_frame(reader, frame, block, c.at);
}

static enum step read_packet(struct reader *reader, struct sbl_frame *frame, struct sbl_cursor c,
                             const struct block *block) {
    const struct pcapng_state *state = reader->state;
    if (block->total_bytes < ENHANCED_LEAST_BYTES)
        return reader_damage(reader, block->offset,
                             "expected a packet block of at least 32 bytes, found %u",
                             block->written_bytes);
    sbl_cursor_skip(&c, 8);
    const uint8_t *body = sbl_cursor_take(&c, FRAME_AT - 8);
    uint32_t id = block->type == BLOCK_PACKET ? format_u16(body, state->is_big)
                                              : format_u32(body, state->is_big);
    if (id >= state->count)
        return reader_damage(reader, block->offset,
                             "expected a frame of one of %u interfaces, found one of number %u",
                             state->count, id);
    uint64_t high = format_u32(&body[4], state->is_big), low = format_u32(&body[8], state->is_big);
    const struct interface *interface = &state->interfaces[id];
    *frame = (struct sbl_frame){.captured_bytes = format_u32(&body[12], state->is_big),
                                .wire_bytes = format_u32(&body[16], state->is_big),
                                .time_ns = time_of(interface, high << 32 | low),
                                .link_type = interface->link_type};
    return give_frame(reader, frame, block, FRAME_AT);
}

static bool counts_as_frame(uint32_t type) {
    return type == BLOCK_SYSTEMD_JOURNAL || type == BLOCK_CUSTOM ||
           type == BLOCK_CUSTOM_NOT_COPIED || type == BLOCK_SYSDIG_EVENT ||
           type == BLOCK_SYSDIG_EVENT_2 || type == BLOCK_SYSDIG_EVENT_2_LARGE;
}

/* Begins a section as soon as its byte order is there; STEP_AGAIN when it did. */
static enum step begin_section(struct reader *reader, struct sbl_cursor c) {
    struct pcapng_state *state = reader->state;
    if (c.size < SECTION_LEAST_BYTES)
        return reader_want(reader, SECTION_LEAST_BYTES, false);
    const uint8_t *header = sbl_cursor_take(&c, SECTION_LEAST_BYTES);
    uint32_t order = format_u32(&header[8], false);
    if (order != BYTE_ORDER_MAGIC && order != BYTE_ORDER_SWAPPED)
        return reader_damage(reader, input_offset(reader->input) + 8,
                             "expected the byte-order magic 1a2b3c4d, found %08x", order);
    state->is_big = order == BYTE_ORDER_SWAPPED;
    uint16_t major = format_u16(&header[12], state->is_big);
    if (major != 1)
        return reader_damage(reader, input_offset(reader->input) + 12,
                             "expected a pcapng section of version 1, found %u", major);
    state->count = 0;
    return STEP_AGAIN;
}

/* Whether the block must be in the window as a whole. */
static bool is_wanted(uint32_t type) {
    return type == BLOCK_INTERFACE || type == BLOCK_PACKET || type == BLOCK_SIMPLE_PACKET ||
           type == BLOCK_ENHANCED_PACKET;
}

/* Looks at the block the window begins with, and checks its length as far as it is there. */
static enum step read_block(struct reader *reader, struct sbl_cursor c, struct block *block) {
    const struct pcapng_state *state = reader->state;
    const uint8_t *header = sbl_cursor_take(&c, 8);
    block->offset = input_offset(reader->input);
    block->type = format_u32(header, state->is_big);
    block->written_bytes = format_u32(&header[4], state->is_big);
    block->total_bytes = (block->written_bytes + 3u) & ~3u;
    if (block->written_bytes < BLOCK_LEAST_BYTES || block->total_bytes < block->written_bytes)
        return reader_damage(reader, block->offset + 4,
                             "expected a block length of at least 12, found %u",
                             block->written_bytes);
    if (is_wanted(block->type) && block->total_bytes > INPUT_BUFFER_BYTES)
        return reader_damage(reader, block->offset + 4,
                             "expected a packet block of at most %u bytes, found a length of %u",
                             (unsigned)INPUT_BUFFER_BYTES, block->written_bytes);
    if (block->total_bytes > c.size)
        return is_wanted(block->type) || block->total_bytes <= WHOLE_MOST_BYTES
                   ? reader_want(reader, block->total_bytes, false)
                   : STEP_AGAIN;
    sbl_cursor_seek(&c, block->total_bytes - 4);
    uint32_t again = format_u32(sbl_cursor_take(&c, 4), state->is_big);
    if (again != block->written_bytes)
        return reader_damage(reader, block->offset + block->total_bytes - 4,
                             "expected the block length %u once more, found %u",
                             block->written_bytes, again);
    return STEP_AGAIN;
}

static enum step next_frame(struct reader *reader, struct sbl_frame *frame) {
    struct sbl_cursor c = input_window(reader->input);
    if (c.size < BLOCK_LEAST_BYTES)
        return reader_want(reader, BLOCK_LEAST_BYTES, c.size == 0);
    struct block block;
    enum step step = STEP_AGAIN;
    if (format_u32(c.base, false) == BLOCK_SECTION)
        step = begin_section(reader, c);
    if (step == STEP_AGAIN)
        step = read_block(reader, c, &block);
    if (step != STEP_AGAIN)
        return step;
    if (block.type == BLOCK_ENHANCED_PACKET || block.type == BLOCK_PACKET)
        return read_packet(reader, frame, c, &block);
    if (block.type == BLOCK_SIMPLE_PACKET)
        return read_simple(reader, frame, c, &block);
    if (block.type == BLOCK_INTERFACE)
        return add_interface(reader, c, &block);
    if (counts_as_frame(block.type))
        reader->number++;
    input_step(reader->input, block.total_bytes);
    return STEP_AGAIN;
}

static enum step read_frames(struct reader *reader, struct sbl_frame *frames, size_t max,
                             size_t *count) {
    return format_read(reader, frames, max, count, next_frame);
}

/* The first section header is read like every other; here it only has to be there. */
static int open_pcapng(struct reader *reader) {
    if (input_fill(reader->input, SECTION_LEAST_BYTES))
        return 0;
    (void)reader_damage(reader, input_left(reader->input),
                        "expected a pcapng section header of at least 28 bytes, found %zu",
                        input_left(reader->input));
    return -EINVAL;
}

static void close_pcapng(struct reader *reader) {
    struct pcapng_state *state = reader->state;
    free(state->interfaces);
}

const struct format format_pcapng = {
    .name = "pcapng",
    .state_bytes = sizeof(struct pcapng_state),
    .recognises = recognises,
    .open = open_pcapng,
    .read = read_frames,
    .close = close_pcapng,
};
