/* A plain array that is sorted when something is due: a diagnosis is rare. */
#include "evidence/waiting.h"

#include <stdlib.h>
#include <string.h>

bool waiting_note(struct waiting *waiting, uint64_t ref) {
    uint64_t mixed = ref * 0x9E3779B97F4A7C15u;
    uint64_t *slot = &waiting->written[mixed >> 40 & (WRITTEN_SLOTS - 1)];
    if (*slot == ref + 1)
        return false;
    *slot = ref + 1;
    return true;
}

/* Frames of one input stand in their order even where its clock went back. */
static int compare(const void *one, const void *other) {
    const struct waiter *a = one, *b = other;
    if (a->kept.time_ns != b->kept.time_ns)
        return a->kept.time_ns < b->kept.time_ns ? -1 : 1;
    return a->kept.ref < b->kept.ref ? -1 : a->kept.ref > b->kept.ref;
}

uint32_t waiting_sort(struct waiting *waiting, int64_t until) {
    uint32_t due = 0;
    qsort(waiting->waiters, waiting->count, sizeof waiting->waiters[0], compare);
    while (due < waiting->count && waiting->waiters[due].kept.time_ns < until)
        due++;
    if (waiting->count == WAITING_MOST && due < WAITING_MOST / 2)
        due = WAITING_MOST / 2;
    return due;
}

void waiting_drop(struct waiting *waiting, uint32_t count) {
    waiting->count -= count;
    memmove(waiting->waiters, &waiting->waiters[count],
            waiting->count * sizeof waiting->waiters[0]);
}
