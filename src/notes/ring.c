/* Positions only grow; a position modulo the size is a place. */
#include "notes/ring.h"

#include <errno.h>

#include "base/pool.h"

int ring_init(struct ring *ring, size_t size) {
    *ring = (struct ring){.bytes = pages_reserve(size), .size = size};
    return ring->bytes ? 0 : -ENOMEM;
}

void ring_fini(struct ring *ring) {
    pages_free(ring->bytes, ring->size);
    ring->bytes = NULL;
}

static struct note *note_at(const struct ring *ring, uint64_t position) {
    return (struct note *)(void *)(ring->bytes + position % ring->size);
}

struct note *ring_room(struct ring *ring, size_t bytes) {
    size_t free = ring->size - (size_t)(ring->written - ring->known_taken);
    size_t to_end = ring->size - (size_t)(ring->written % ring->size);
    size_t wasted = bytes <= to_end ? 0 : to_end;
    if (bytes + sizeof(struct note) + wasted > free)
        return NULL;
    if (wasted) {
        struct note *wrap = note_at(ring, ring->written);
        wrap->kind = NOTE_WRAP;
        wrap->bytes = (uint32_t)wasted;
        ring->written += wasted;
    }
    return note_at(ring, ring->written);
}

void ring_add(struct ring *ring, struct note *note, size_t bytes) {
    note->bytes = (uint32_t)((bytes + sizeof *note - 1) & ~(sizeof *note - 1));
    ring->written += note->bytes;
}

const struct note *ring_next(struct ring *ring) {
    while (ring->at < ring->limit) {
        const struct note *note = note_at(ring, ring->at);
        if (note->kind != NOTE_WRAP)
            return note;
        ring->at += note->bytes;
    }
    return NULL;
}

void ring_step(struct ring *ring) {
    ring->at += note_at(ring, ring->at)->bytes;
}
