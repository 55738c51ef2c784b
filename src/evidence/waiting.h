/* Frames that are to be written and wait for those with earlier times. */
#ifndef SMBLAME_EVIDENCE_WAITING_H
#define SMBLAME_EVIDENCE_WAITING_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence/look_back.h"

enum {
    WAITING_MOST = 1 << 15,
    WAITING_RULE_BYTES = 64,
    WRITTEN_SLOTS = 1 << 18, /* frames remembered as written or waiting */
};

/* A frame, and what its comment says. */
struct waiter {
    struct kept kept;
    uint32_t at; /* of its bytes, where the owner keeps them */
    uint8_t record[16], event[16];
    uint8_t kind, mechanism, answer; /* as in struct told */
    uint16_t missing;                /* frames of the same finding that are gone */
    char rule[WAITING_RULE_BYTES];
};

/* Zeroed is empty. */
struct waiting {
    uint32_t count;
    struct waiter waiters[WAITING_MOST];
    uint64_t written[WRITTEN_SLOTS]; /* ref + 1 */
};

/* Whether a frame was not noted yet; it is from now on. One that was noted very long ago may be
 * forgotten, and is then written again. */
bool waiting_note(struct waiting *waiting, uint64_t ref);

/* Puts those first that are due, in order of their times. Returns how many are due: those before
 * `until`, and at least half of them when there is no room left. */
uint32_t waiting_sort(struct waiting *waiting, int64_t until);

/* Takes the first `count` away. */
void waiting_drop(struct waiting *waiting, uint32_t count);

#endif
