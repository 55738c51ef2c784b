/* A slot is found by a few bytes of a set and compared with all. When both slots that may hold it
 * hold others in use, the set is not shared, and its owner keeps it himself. So nothing grows, and
 * a stranger who fills the slots takes away no more than speed. */
#include "correlate/shared.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "base/pool.h"

enum { WAYS = 2 };

size_t sharing_bytes(uint32_t slot_count) {
    return slot_count * sizeof(struct shared);
}

int sharing_init(struct sharing *sharing, uint32_t slot_count) {
    *sharing = (struct sharing){.slot_count = slot_count, .seed = hash_seed()};
    if (slot_count)
        sharing->slots = pages_reserve(sharing_bytes(slot_count));
    return sharing->slots || !slot_count ? 0 : -ENOMEM;
}

void sharing_fini(struct sharing *sharing) {
    pages_free(sharing->slots, sharing_bytes(sharing->slot_count));
    *sharing = (struct sharing){0};
}

/* By the bytes that one set has and another has not, most often: the end of its second text (the
 * server's own name), or of the only one. */
static uint32_t slot_of(const struct sharing *sharing, const struct sbl_text *text) {
    uint64_t end = 0;
    if (text->size >= sizeof end)
        memcpy(&end, text->bytes + text->size - sizeof end, sizeof end);
    uint64_t mixed = (end ^ sharing->seed) * 0x9E3779B97F4A7C15u + text->size;
    return (uint32_t)((mixed ^ sharing->seed) * 0xD6E8FEB86659FD93u >> 32) &
           (sharing->slot_count - 1);
}

/* All of a text but where it is: size, encoding, is_cut, without the padding behind them. */
static uint64_t shape_of(const struct sbl_text *text) {
    uint64_t shape;
    memcpy(&shape, (const uint8_t *)text + offsetof(struct sbl_text, size), sizeof shape);
    return le64toh(shape) & 0x0000FFFFFFFFFFFFu;
}

_Static_assert(offsetof(struct sbl_text, size) == 8 && offsetof(struct sbl_text, is_cut) == 13 &&
                   sizeof(struct sbl_text) == 16,
               "the shape of a text");

static bool is_same(const struct shared *shared, const struct sbl_text *const *texts,
                    unsigned count) {
    uint64_t differences = shared->count ^ count;
    for (unsigned i = 0; i < count; i++)
        differences |= shape_of(texts[i]) ^ shape_of(&shared->texts[i]);
    if (differences)
        return false;
    for (unsigned i = 0; i < count; i++)
        if (texts[i]->size && memcmp(shared->texts[i].bytes, texts[i]->bytes, texts[i]->size) != 0)
            return false;
    return true;
}

static bool fill(struct shared *shared, const struct sbl_text *const *texts, unsigned count) {
    uint32_t size = 0;
    for (unsigned i = 0; i < count; i++) {
        if (texts[i]->size > SHARED_BYTES - size)
            return false;
        size += texts[i]->size;
    }
    shared->count = (uint8_t)count;
    uint8_t *at = shared->bytes;
    for (unsigned i = 0; i < count; at += texts[i]->size, i++) {
        shared->texts[i] = *texts[i];
        shared->texts[i].bytes = at;
        if (texts[i]->size)
            memcpy(at, texts[i]->bytes, texts[i]->size);
    }
    return true;
}

uint32_t shared_take(struct sharing *sharing, const struct sbl_text *const *texts, unsigned count) {
    const struct sbl_text *telling = texts[count > 1];
    if (!sharing->slot_count || !telling->size)
        return 0;
    uint32_t slot = slot_of(sharing, telling);
    for (unsigned way = 0; way < WAYS; way++, slot ^= 1)
        if (is_same(&sharing->slots[slot], texts, count)) {
            sharing->slots[slot].users++;
            return slot + 1;
        }
    for (unsigned way = 0; way < WAYS; way++, slot ^= 1)
        if (!sharing->slots[slot].users && fill(&sharing->slots[slot], texts, count)) {
            sharing->slots[slot].users = 1;
            return slot + 1;
        }
    return 0;
}
