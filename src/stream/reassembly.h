/* Reassembly: the segments of a connection come out in order, each byte once, and only when what
 * they answer came before them.
 *
 * A segment waits in its side's queue while bytes before it are missing (a hole), or while it
 * acknowledges bytes of the other side that were not seen yet (a reply that overtook its request).
 * The wait ends when the missing bytes come, or when they are lost: they were acknowledged and
 * three more segments of the flow came without them, or a cap was hit, or the connection ended. */
#ifndef SMBLAME_STREAM_REASSEMBLY_H
#define SMBLAME_STREAM_REASSEMBLY_H

#include "stream/state.h"

enum {
    LOST_AFTER_SEGMENTS = 3,
    LOST_AFTER_SEGMENTS_ONE_SIDED = 16, /* nobody acknowledges what we see */
    STRAYS_TO_FOLLOW = 8,               /* segments in a row far off: the sender is there now */
    FAR_BYTES = 16 << 20,               /* farther from next_seq than any window in use */
    DUPLICATE_TICKS = 10000000 >> 10,   /* 10 ms: a mirror port copies sooner than one resends */
};

/* Takes the data of a->segment, whose first payload byte is at `seq`, on a flow with a connection.
 */
void reassembly_take(struct arrival *a, uint32_t seq);

/* Counts a segment on a flow where something waits, and gives up what is lost. After
 * reassembly_take, and for segments without data. */
void reassembly_tick(struct arrival *a);

/* Gives up everything that is waited for: all that is queued is handed over, holes are gaps. */
void reassembly_flush(struct arrival *a);

/* Whether both sides have reached the end that a FIN or RST announced. */
bool reassembly_is_complete(const struct arrival *a);

#endif
