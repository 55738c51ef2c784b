/* The ring never splits a part: one that would cross the end begins at the front instead. */
#include "stream/history.h"

#include <errno.h>
#include <string.h>

#include "base/pool.h"

int history_init(struct history *history, uint32_t size) {
    *history = (struct history){.size = size};
    history->ring = pages_reserve(size);
    return history->ring ? 0 : -ENOMEM;
}

void history_fini(struct history *history) {
    pages_free(history->ring, history->size);
    *history = (struct history){0};
}

void history_keep(struct history *history, struct remembered *part, uint32_t seq,
                  const uint8_t *bytes, uint32_t count) {
    uint32_t most = history->size / 8;
    if (count > most)
        count = most;
    uint32_t offset = (uint32_t)history->head & (history->size - 1);
    if (count > history->size - offset)
        history->head += history->size - offset;
    *part = (struct remembered){.at = history->head, .seq = seq, .bytes = count};
    memcpy(&history->ring[history->head & (history->size - 1)], bytes, count);
    history->head += count;
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

bool history_differs(const struct history *history, const struct remembered *part,
                     const struct run *run, struct dispute *dispute) {
    if (part->bytes == 0 || history->head - part->at > history->size)
        return false;
    struct run held = {&history->ring[part->at & (history->size - 1)], part->seq, part->bytes};
    return runs_differ(&held, run, dispute);
}
