/* An input: a stream of bytes behind a window. Bytes come from a descriptor or from memory, as they
 * are or decompressed, into one buffer; the formats parse in place and never copy packet bytes.
 * What was read but not yet stepped over is moved to the front when more is wanted, so pointers
 * into the window are valid until the next input_fill or input_seek; or, with `buffers`, until
 * those are told that nobody looks at them.
 *
 * read(2) into a buffer that fits the second-level cache is the fastest way measured: mmap pays a
 * cache miss for every record header, stdio copies twice. */
#ifndef SMBLAME_CAPTURE_INPUT_H
#define SMBLAME_CAPTURE_INPUT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/cursor.h>
#include <smblame/limits.h>

enum {
    INPUT_READ_BYTES = 256 * 1024, /* asked of read(2) at once */
    INPUT_PEEK_BYTES = 16 * 1024,  /* where only the first frame is wanted, and after a jump */
    /* the longest record that fits: the longest frame, its headers and options, and one read */
    INPUT_BUFFER_BYTES = SBL_MAX_FRAME_BYTES + INPUT_READ_BYTES + 64 * 1024,
    INPUT_LINK_BYTES = 16, /* behind each buffer, for buffers.c */
};

struct buffers;
struct decompressor;

struct input {
    int fd; /* -1: memory */
    const uint8_t *memory;
    uint64_t raw_at;    /* next byte to read of the descriptor or memory */
    uint64_t raw_bytes; /* how many there are; 0 = not known (a pipe) */
    bool owns_fd, ended;
    bool is_file;                      /* the descriptor can be read at any place */
    bool never_waits;                  /* a sensor: where a read would wait, it is dry */
    bool is_dry;                       /* there was no more just now, though it has not ended */
    bool can_seek;                     /* so can the stream: it is not compressed */
    struct decompressor *decompressor; /* NULL: bytes as they are */
    const volatile sig_atomic_t
        *stop;               /* not 0 ends a read that a signal interrupted; may be NULL */
    struct buffers *buffers; /* where to leave the buffer as it is and take another one; NULL: what
                                was read is overwritten */
    uint8_t *buffer;
    size_t start, end; /* the window */
    size_t chunk;      /* bytes asked for at once; doubles up to chunk_most */
    size_t chunk_most;
    uint64_t offset;    /* of buffer[0] in the (decompressed) stream */
    uint64_t skip;      /* bytes still to pass over before the window continues */
    const char *broken; /* why reading ended early; NULL when it did not */
};

/* Opens a file, or standard input for "-". 0, -ENOMEM, or the negative errno of open. */
int input_open(struct input *input, const char *path, const volatile sig_atomic_t *stop);

/* The same for a named pipe (or "-") of which nobody waits: while it has no writer yet, or none
 * that says anything, it is dry. It ends when its writers have gone. */
int input_open_sensor(struct input *input, const char *path, const volatile sig_atomic_t *stop);

/* An input over bytes the caller keeps. 0 or -ENOMEM. */
int input_open_memory(struct input *input, const uint8_t *bytes, size_t size);

/* Looks at the first bytes; from then on what comes out is decompressed if they are gzip or zstd.
 * 0 or -ENOMEM. To be called once, before the first step. */
int input_unwrap(struct input *input);

/* Replaces an input that cannot be jumped in by an unlinked temporary copy of its whole stream. 0
 * or a negative errno: -EFBIG beyond the cap. A stream that breaks is copied as far as it goes, and
 * `broken` says so. */
int input_spool(struct input *input);

void input_close(struct input *input);

/* Moves the window to the front and reads until it holds `want` bytes. False when the stream ends
 * (or breaks: `broken`, or is_dry) before; what is there is in the window. */
bool input_fill(struct input *input, size_t want);

/* Puts the window at a stream offset. Only when can_seek. */
void input_seek(struct input *input, uint64_t offset);

/* Copies up to `size` bytes from a stream offset, the window untouched. Only when can_seek. Returns
 * how many there were. */
size_t input_read_at(const struct input *input, uint64_t offset, uint8_t *bytes, size_t size);

static inline size_t input_left(const struct input *input) {
    return input->end - input->start;
}

/* The window as a cursor. */
static inline struct sbl_cursor input_window(const struct input *input) {
    return sbl_cursor_of(input->buffer + input->start, input->end - input->start);
}

/* The stream offset of the window's first byte. */
static inline uint64_t input_offset(const struct input *input) {
    return input->offset + input->start + input->skip;
}

/* Steps over bytes, of the window or beyond it. */
static inline void input_step(struct input *input, uint64_t count) {
    size_t left = input->end - input->start;
    size_t here = count < left ? (size_t)count : left;
    input->start += here;
    input->skip += count - here;
}

/* For the rooms of input.c: bytes of the descriptor or memory. 0 at the end, or when broken. */
size_t input_read_raw(struct input *input, uint8_t *bytes, size_t size);

#endif
