/* Texts that many connections have alike: what one server tells of itself to everybody, what one
 * kind of client offers. They are kept once and counted, so that a storm of short connections
 * copies and walks none of them. */
#ifndef SMBLAME_CORRELATE_SHARED_H
#define SMBLAME_CORRELATE_SHARED_H

#include <stddef.h>
#include <stdint.h>

#include <smblame/text.h>

enum { SHARED_BYTES = 280, SHARED_TEXTS = 6 };

/* A set of texts, of one message, in an order of their own. */
struct shared {
    uint32_t users;
    uint8_t count; /* of texts */
    struct sbl_text texts[SHARED_TEXTS];
    uint8_t bytes[SHARED_BYTES];
};

struct sharing {
    struct shared *slots;
    uint32_t slot_count; /* a power of two, or 0: nothing is shared */
    uint64_t seed;
};

/* 0 or -ENOMEM. */
int sharing_init(struct sharing *sharing, uint32_t slot_count);
void sharing_fini(struct sharing *sharing);
size_t sharing_bytes(uint32_t slot_count);

/* The slot of a set of texts, which has one user more; 0 when it cannot be shared. */
uint32_t shared_take(struct sharing *sharing, const struct sbl_text *const *texts, unsigned count);

static inline struct shared *shared_at(const struct sharing *sharing, uint32_t index) {
    return &sharing->slots[index - 1];
}

/* One user less of the slot that `index` names, if it names one; it names none afterwards. */
static inline void shared_give(struct sharing *sharing, uint32_t *index) {
    if (*index)
        shared_at(sharing, *index)->users--;
    *index = 0;
}

static inline struct sbl_text shared_text(const struct sharing *sharing, uint32_t index,
                                          unsigned which) {
    return shared_at(sharing, index)->texts[which];
}

#endif
