/* Resynchronisation: after a hole whose size says nothing about where the next message begins, and
 * at a connection whose start was not captured, the next plausible header is searched. A header may
 * straddle two segments, so the last few bytes of each are kept. */
#include <string.h>

#include "stream/framing.h"

/* Where a message header begins in [0, size), or size when there is none. */
static size_t find_header(const uint8_t *bytes, size_t size) {
    size_t at = 0;
    while (size - at >= BANNER_PREFIX_BYTES) {
        const uint8_t *word = memmem(&bytes[at + 5], size - at - 5, "SMB", 3);
        if (!word)
            return size;
        at = (size_t)(word - bytes) - 5;
        if (banner_is_message(&bytes[at], size - at))
            return at;
        at++;
    }
    return size;
}

/* In step again at a header whose first `count` bytes were already taken. */
static void found(struct arrival *a, unsigned side, const uint8_t *taken, uint32_t count) {
    struct direction *d = direction_of(a, side);
    a->stream->stats->resynchronised += d->phase == FRAMING_LOST;
    framing_begin(a, side, true);
    d->is_sure = false;
    if (count > 0)
        framing_hold(a, side, taken, count);
}

/* A header that begins in the kept tail and ends in the new bytes. */
static bool found_in_tail(struct arrival *a, unsigned side, const struct sbl_cursor *in) {
    const struct disorder *d = disorder_of(a, side);
    uint8_t joined[2 * SCAN_TAIL_BYTES];
    struct sbl_cursor ahead = *in;
    size_t tail = d->tail_bytes, more = sbl_cursor_left(in);
    if (more > SCAN_TAIL_BYTES)
        more = SCAN_TAIL_BYTES;
    memcpy(joined, d->tail, tail);
    memcpy(&joined[tail], sbl_cursor_take(&ahead, more), more);
    size_t at = find_header(joined, tail + more);
    if (at < tail && at + BANNER_PREFIX_BYTES <= tail + more) {
        found(a, side, &joined[at], (uint32_t)(tail - at));
        return true;
    }
    return false;
}

/* Keeps the last bytes of what was scanned. */
static void keep_tail(struct disorder *d, const uint8_t *bytes, size_t size) {
    uint8_t joined[2 * SCAN_TAIL_BYTES];
    size_t more = size < SCAN_TAIL_BYTES ? size : SCAN_TAIL_BYTES, all = d->tail_bytes + more;
    memcpy(joined, d->tail, d->tail_bytes);
    memcpy(&joined[d->tail_bytes], &bytes[size - more], more);
    size_t keep = all < SCAN_TAIL_BYTES ? all : SCAN_TAIL_BYTES;
    memcpy(d->tail, &joined[all - keep], keep);
    d->tail_bytes = (uint8_t)keep;
}

void resync_scan(struct arrival *a, unsigned side, struct sbl_cursor *in) {
    struct disorder *d = disorder_of(a, side);
    struct sbl_cursor ahead = *in;
    size_t size = sbl_cursor_left(in);
    const uint8_t *bytes = sbl_cursor_take(&ahead, size);
    if (direction_of(a, side)->phase == FRAMING_START && d->tail_bytes == 0 &&
        banner_test(bytes, size) == BANNER_YES) {
        found(a, side, NULL, 0);
        return;
    }
    if (d->tail_bytes > 0 && found_in_tail(a, side, in))
        return;
    size_t at = find_header(bytes, size);
    if (at < size) {
        sbl_cursor_skip(in, at);
        a->flow->next_seq[side] += (uint32_t)at;
        found(a, side, NULL, 0);
        return;
    }
    keep_tail(d, bytes, size);
    sbl_cursor_skip(in, size);
    a->flow->next_seq[side] += (uint32_t)size;
}
