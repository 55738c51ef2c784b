/* A file format as one const descriptor: how its files begin, and how the next frames are found in
 * an input's window. A format never reads; it says how much more it wants (STEP_MORE) and is asked
 * again, so a pipe is never waited for while there are frames to give, and the frames of one batch
 * all point into one window. */
#ifndef SMBLAME_CAPTURE_FORMAT_H
#define SMBLAME_CAPTURE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/frame.h>

#include "capture/input.h"
#include "capture/process.h"

enum step {
    STEP_FRAME = 0, /* one was found */
    STEP_AGAIN,     /* something was passed over that is no frame */
    STEP_MORE,      /* reader.want bytes must be in the window first, from reader.seek_to if set */
    STEP_END,       /* the file says that nothing follows */
    STEP_DAMAGED,   /* nothing more can be read: reader.damage */
};

enum { FORMAT_PREFIX_BYTES = 16, READER_DAMAGE_BYTES = 192 };

/* One file while it is read. */
struct reader {
    struct input *input;
    void *state;                  /* the format's own: state_bytes, zeroed */
    struct process_list *process; /* where a process table goes; NULL: nowhere */
    uint64_t number;              /* of the last frame */
    int64_t last_ns;              /* of the last frame */
    size_t want;
    uint64_t seek_to; /* where the window must be; only with needs_seek */
    uint16_t file;
    bool must_seek;
    bool is_between;                  /* the window's end is a good place for the file to end */
    bool is_capped;                   /* the process table was not kept whole */
    uint64_t damage_at;               /* stream offset of `damage` */
    char damage[READER_DAMAGE_BYTES]; /* what was wrong first; empty: nothing. Reading may go on */
};

struct format {
    const char *name;
    size_t state_bytes;
    bool needs_seek; /* a pipe is spooled first */

    /* Whether a file that begins with these bytes (at most FORMAT_PREFIX_BYTES) is of this kind. */
    bool (*recognises)(const uint8_t *prefix, size_t size);

    /* Reads the file's header. 0, -ENOMEM, or -EINVAL with reader.damage. */
    int (*open)(struct reader *reader);

    /* Adds frames to `frames` from *count on, up to `max`, and says why it stopped. */
    enum step (*read)(struct reader *reader, struct sbl_frame *frames, size_t max, size_t *count);

    /* Gives back what open took besides the state; may be NULL. */
    void (*close)(struct reader *reader);
};

extern const struct format format_pcap, format_pcapng, format_netmon, format_snoop;

/* Says what was expected at a stream offset, unless something was already wrong before it. */
enum step reader_damage(struct reader *reader, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* LINKTYPE_ for the value a pcap or pcapng header has: some systems write their own DLT_ for raw
 * IP. */
uint16_t format_linktype(uint32_t written);

static inline enum step reader_want(struct reader *reader, size_t count, bool is_between) {
    reader->want = count;
    reader->must_seek = false;
    reader->is_between = is_between;
    return STEP_MORE;
}

/* The loop of every `read`, with the format's own step inlined into it. */
static inline __attribute__((always_inline)) enum step
format_read(struct reader *reader, struct sbl_frame *frames, size_t max, size_t *count,
            enum step (*next)(struct reader *reader, struct sbl_frame *frame)) {
    enum step step = STEP_AGAIN;
    while (*count < max && step <= STEP_AGAIN) {
        step = next(reader, &frames[*count]);
        if (step == STEP_FRAME)
            (*count)++;
    }
    return step;
}

static inline uint16_t format_u16(const uint8_t *bytes, bool is_big) {
    return (uint16_t)(is_big ? bytes[0] * 256u + bytes[1] : bytes[1] * 256u + bytes[0]);
}

static inline uint32_t format_u32(const uint8_t *bytes, bool is_big) {
    uint32_t little = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                      (uint32_t)bytes[3] << 24;
    return is_big ? __builtin_bswap32(little) : little;
}

static inline uint64_t format_u64(const uint8_t *bytes, bool is_big) {
    struct sbl_cursor c = sbl_cursor_of(bytes, 8);
    uint64_t little = sbl_cursor_le64(&c);
    return is_big ? __builtin_bswap64(little) : little;
}

#endif
