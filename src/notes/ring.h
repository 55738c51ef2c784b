/* Notes from one thread to another: a ring of bytes with one writer and one reader. A note lies in
 * one piece, so that it is read where it was written. Nothing here is locked: writer and reader
 * each have positions of their own, and what they know of the other's goes through the two shared
 * ones, which whoever owns the ring guards. */
#ifndef SMBLAME_NOTES_RING_H
#define SMBLAME_NOTES_RING_H

#include <stddef.h>
#include <stdint.h>

enum note_kind {
    NOTE_WRAP = 0, /* nothing: the next one is at the ring's beginning */
    NOTE_PASSED,   /* all up to the key is told */
    NOTE_TICK,
    NOTE_WITNESS,
    NOTE_ATTEMPT,
    NOTE_TREE_REFUSAL,
    NOTE_TREE_GRANT,
    NOTE_PROBE,
    NOTE_HEALTH,
    NOTE_FAR, /* what comes behind cannot be relied on */
    NOTE_END, /* the last one */
    NOTE_KIND_COUNT
};

/* What the note is about lies behind it. */
struct note {
    uint64_t key;                 /* the place in the order of everything that is told */
    int64_t time_ns;              /* TICK */
    const char *application_name; /* of the conversation, where it has one */
    uint32_t bytes;               /* with this header and up to the next one */
    uint16_t application;
    uint8_t kind; /* enum note_kind */
};

_Static_assert(sizeof(struct note) == 32, "notes begin at multiples of their header's size");

struct ring {
    _Alignas(64) uint64_t written; /* writer: ends of what it wrote, and of what came back */
    uint64_t known_taken;
    _Alignas(64) uint64_t at; /* reader: begin of the next note, end of what it may read */
    uint64_t limit;
    _Alignas(64) uint64_t published; /* shared: copies of `written` and `at` */
    uint64_t taken;
    uint8_t *bytes;
    size_t size; /* a multiple of sizeof(struct note) */
};

/* 0 or -ENOMEM. */
int ring_init(struct ring *ring, size_t size);
void ring_fini(struct ring *ring);

/* Writer: room for a note of `bytes` with its header, at most half of the ring, or NULL when the
 * reader has to give some back first. */
struct note *ring_room(struct ring *ring, size_t bytes);

/* Writer: the note that the room was for is written, and has `bytes` with its header. */
void ring_add(struct ring *ring, struct note *note, size_t bytes);

/* Reader: the next note, or NULL when all that may be read was read. It is stepped over when it is
 * not needed any more. */
const struct note *ring_next(struct ring *ring);
void ring_step(struct ring *ring);

#endif
