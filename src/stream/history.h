/* What was handed over lately, kept to notice when a stranger sends the same sequence numbers again
 * with other bytes. One ring for all connections: the last bytes of everybody, whoever they are.
 * Each direction remembers where its last part is, and each part there where the one before it is;
 * what the ring has overwritten is forgotten and a late copy of it passes for an ordinary
 * retransmission. */
#ifndef SMBLAME_STREAM_HISTORY_H
#define SMBLAME_STREAM_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of bytes in sequence space; NULL bytes: they are absent. */
struct run {
    const uint8_t *bytes;
    uint32_t seq;
    uint32_t count;
};

/* A range of sequence numbers whose bytes were sent in two versions. */
struct dispute {
    uint32_t seq, end_seq;
};

struct history {
    uint8_t *ring;
    uint32_t size; /* a power of two */
    uint64_t head; /* where the next part goes, counted over all rounds from `size` on; a multiple
                      of HISTORY_STEP */
};

/* Parts begin at multiples of this, so that 32 bits name one for 64 GB of messages. */
enum { HISTORY_STEP = 16 };

int history_init(struct history *history, uint32_t size); /* 0 or -ENOMEM */
void history_fini(struct history *history);

/* Keeps the bytes of a part and makes it *latest, before which the old *latest stands (0 = none).
 * A part that is longer than the ring's eighth is kept up to that. */
void history_keep(struct history *history, uint32_t *latest, const struct run *part);

/* Whether a run differs from the remembered part *part; then `dispute` is the range from the first
 * to the last byte that does. Steps *part to the one before it, 0 = no more are remembered. */
bool history_differs(const struct history *history, uint32_t *part, const struct run *run,
                     struct dispute *dispute);

/* The same comparison between any two runs, neither absent. */
bool runs_differ(const struct run *held, const struct run *run, struct dispute *dispute);

#endif
