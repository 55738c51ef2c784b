/* Handing over: a part goes through its dissector, what the dissector says is counted, and the
 * report goes to correlate. Who is client and who is server is settled before the first one. */
#ifndef SMBLAME_STREAM_HANDOVER_H
#define SMBLAME_STREAM_HANDOVER_H

#include "stream/state.h"

/* Hands over what the stream's report says of the `count` bytes of a unit's part: counts it, tells
 * it, remembers the bytes. */
void handover_seen(struct arrival *a, unsigned side, struct unit *u, const uint8_t *bytes,
                   uint32_t count);

/* Hands over the `count` bytes of the part of `side` that is described by its direction. `is_cut`:
 * the part's end was not captured. */
void handover_part(struct arrival *a, unsigned side, const uint8_t *bytes, uint32_t count,
                   bool is_cut);

#endif
