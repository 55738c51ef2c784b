/* Framing: the bytes of one direction, in order, become parts of messages. Reads the 4-byte frame
 * header, asks the dissector how much it wants, waits for that much, hands it over and skips the
 * rest by its length. What is whole in a segment is read in place; only a part that spans segments
 * is copied. */
#ifndef SMBLAME_STREAM_FRAMING_H
#define SMBLAME_STREAM_FRAMING_H

#include <smblame/cursor.h>

#include "stream/state.h"

/* Begins a direction: in step from its first byte on (the SYN was seen), or wherever a header
 * shows. */
void framing_begin(struct arrival *a, unsigned side, bool is_sure);

/* Takes bytes at next_seq of a side, all of them. a->moment is what completes a message now. */
void framing_take(struct arrival *a, unsigned side, const uint8_t *bytes, uint32_t count);

/* Steps over `count` bytes at next_seq that were not captured or are not to be trusted. What is in
 * the making is handed over cut. True when something that was wanted is lost by it. */
bool framing_absent(struct arrival *a, unsigned side, uint32_t count);

/* Ends the unit in the making now: hands over its first `visible` bytes as cut, when they hold at
 * least an SMB header, and goes on behind the part by its length. */
void framing_cut(struct arrival *a, unsigned side, uint32_t visible);

/* Loses the framing: the next plausible header is looked for from next_seq on. */
void framing_lose(struct arrival *a, unsigned side);

/* Hands over what is in the making, cut, and gives its memory back: the end of a connection. */
void framing_end(struct arrival *a, unsigned side);

/* Forgets what is in the making: the connection was closed or is no SMB. */
void framing_forget(struct arrival *a, unsigned side);

/* Takes bytes that stand before next_seq as the beginning of a unit, of a side that is in step and
 * has none. */
void framing_hold(struct arrival *a, unsigned side, const uint8_t *bytes, uint32_t count);

/* The bytes of the unit in the making that are held; NULL when it has none. */
struct run framing_held(const struct arrival *a, unsigned side);

/* Resynchronisation (resync.c): takes bytes from `in` up to the next plausible header, or all. */
void resync_scan(struct arrival *a, unsigned side, struct sbl_cursor *in);

#endif
