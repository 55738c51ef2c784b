/* The queue of one direction: segments that came before their turn, in order of sequence number,
 * without overlaps, in chunks of a common pool. A chunk may stand for bytes that are absent: cut by
 * the snap length, or sent in two versions and therefore not to be trusted. */
#ifndef SMBLAME_STREAM_QUEUE_H
#define SMBLAME_STREAM_QUEUE_H

#include "stream/state.h"

enum { CHUNK_BYTES = 2000 };

struct chunk {
    struct moment moment; /* of the segment it came with */
    uint32_t next;        /* 0 = last */
    uint32_t seq;
    uint32_t count;
    bool is_absent;
    uint8_t bytes[CHUNK_BYTES];
};

/* Puts a run in. Bytes that are held already are compared; those that differ become absent and are
 * counted as a conflict. Returns how many bytes from the run's start on are in the queue now: less
 * than its count when a cap was hit (and counted). */
uint32_t queue_put(struct arrival *a, unsigned side, const struct run *run);

/* The first chunk, or NULL. */
struct chunk *queue_head(const struct arrival *a, unsigned side);

/* Takes the first chunk out and gives it back. */
void queue_pop(struct arrival *a, unsigned side);

/* The sequence number behind the last chunk; only of a queue that is not empty. */
uint32_t queue_end(const struct arrival *a, unsigned side);

#endif
