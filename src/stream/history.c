/* The ring never splits a part: one that would cross the end begins at the front instead. */
#include "stream/history.h"

#include <errno.h>
#include <string.h>

#include "base/pool.h"

enum { LINE_BYTES = 64, AHEAD_BYTES = 1024 };

/* What stands before the bytes of a part in the ring. */
struct remembered {
    uint32_t before; /* the direction's part before this one */
    uint32_t seq;
    uint32_t bytes;
    uint32_t unused;
};

_Static_assert(sizeof(struct remembered) == HISTORY_STEP, "a part begins at a step");

int history_init(struct history *history, uint32_t size) {
    *history = (struct history){.size = size, .head = size};
    history->ring = pages_reserve(size);
    return history->ring ? 0 : -ENOMEM;
}

void history_fini(struct history *history) {
    pages_free(history->ring, history->size);
    *history = (struct history){0};
}

/* The ring is longer than the caches, so the lines that the messages after this one will be written
 * to are asked for as many bytes ahead as this one took: else all stores behind them wait. Nothing
 * is fetched from behind the ring's end. */
static inline void fetch_ahead(const uint8_t *at, size_t bytes) {
    const uint8_t *line = at + AHEAD_BYTES;
    const uint8_t *end = line + (bytes < AHEAD_BYTES ? bytes : AHEAD_BYTES);
    for (; line < end; line += LINE_BYTES)
        __builtin_prefetch(line, 1);
}

void history_keep(struct history *history, uint32_t *latest, const struct run *part) {
    uint32_t most = history->size / 8, count = part->count < most ? part->count : most;
    struct remembered header = {.before = *latest, .seq = part->seq, .bytes = count};
    uint32_t offset = (uint32_t)history->head & (history->size - 1);
    uint32_t whole = (uint32_t)sizeof header + ((count + HISTORY_STEP - 1) & ~(HISTORY_STEP - 1u));
    if (whole > history->size - offset) {
        history->head += history->size - offset;
        offset = 0;
    }
    uint8_t *at = &history->ring[offset];
    memcpy(at, &header, sizeof header);
    memcpy(at + sizeof header, part->bytes, count);
    *latest = (uint32_t)(history->head / HISTORY_STEP);
    history->head += whole;
    fetch_ahead(at, whole);
}

bool runs_differ(const struct run *held, const struct run *run, struct dispute *dispute) {
    int32_t ahead = (int32_t)(run->seq - held->seq);
    uint32_t in_held = ahead > 0 ? (uint32_t)ahead : 0,
             in_new = ahead < 0 ? 0u - (uint32_t)ahead : 0;
    if (in_held >= held->count || in_new >= run->count)
        return false;
    uint32_t common = held->count - in_held;
    if (common > run->count - in_new)
        common = run->count - in_new;
    const uint8_t *before = &held->bytes[in_held], *now = &run->bytes[in_new];
    if (memcmp(before, now, common) == 0)
        return false;
    uint32_t first = 0, end = common;
    while (before[first] == now[first])
        first++;
    while (before[end - 1] == now[end - 1])
        end--;
    *dispute = (struct dispute){held->seq + in_held + first, held->seq + in_held + end};
    return true;
}

bool history_differs(const struct history *history, uint32_t *part, const struct run *run,
                     struct dispute *dispute) {
    uint32_t at = *part, back = (uint32_t)(history->head / HISTORY_STEP) - at;
    *part = 0;
    if (back > history->size / HISTORY_STEP)
        return false;
    struct remembered header;
    uint32_t offset = at * HISTORY_STEP & (history->size - 1);
    memcpy(&header, &history->ring[offset], sizeof header);
    /* a name that has come round again may point anywhere */
    if (header.bytes > history->size - offset - sizeof header)
        return false;
    *part = header.before;
    struct run held = {&history->ring[offset + sizeof header], header.seq, header.bytes};
    return runs_differ(&held, run, dispute);
}
