/* Piles of chunks over one pool. */
#include "base/names.h"

#include <string.h>

int names_init(struct names *names, size_t bytes) {
    return pool_init(&names->chunks, (uint32_t)(bytes / sizeof(struct chunk)),
                     (uint32_t)sizeof(struct chunk));
}

void names_fini(struct names *names) {
    pool_fini(&names->chunks);
}

static struct chunk *chunk_at(const struct names *names, uint32_t index) {
    return pool_at(&names->chunks, index);
}

/* How many bytes the last chunk of a pile still takes. */
static uint32_t left_in_last(const struct pile *pile) {
    uint32_t used = pile->size % NAMES_CHUNK_BYTES;
    return used ? NAMES_CHUNK_BYTES - used : 0;
}

static bool has_room(const struct names *names, const struct pile *pile, uint32_t size) {
    uint32_t beyond = size > left_in_last(pile) ? size - left_in_last(pile) : 0;
    uint32_t chunks = (beyond + NAMES_CHUNK_BYTES - 1) / NAMES_CHUNK_BYTES;
    return size <= NAMES_PILE_BYTES - pile->size &&
           chunks <= names->chunks.capacity - names->chunks.in_use;
}

static void append(struct names *names, struct pile *pile, const uint8_t *bytes, uint32_t size) {
    while (size) {
        if (left_in_last(pile) == 0) {
            uint32_t index = pool_take_unwiped(&names->chunks);
            chunk_at(names, index)->next = 0;
            if (pile->last)
                chunk_at(names, pile->last)->next = index;
            else
                pile->first = index;
            pile->last = index;
        }
        uint32_t used = pile->size % NAMES_CHUNK_BYTES;
        uint32_t step = NAMES_CHUNK_BYTES - used < size ? NAMES_CHUNK_BYTES - used : size;
        memcpy(chunk_at(names, pile->last)->bytes + used, bytes, step);
        pile->size += step;
        bytes += step;
        size -= step;
    }
}

bool names_keep_any(struct names *names, struct pile *pile, struct sbl_text text,
                    struct name *kept) {
    bool is_too_long = text.size > NAMES_TEXT_BYTES;
    uint32_t size = is_too_long ? NAMES_TEXT_BYTES : text.size;
    *kept = (struct name){.is_cut = text.is_cut};
    if (!sbl_text_is_present(text))
        return true;
    if (!has_room(names, pile, size))
        return false;
    *kept = (struct name){.at = pile->size,
                          .size = (uint16_t)size,
                          .encoding = text.encoding,
                          .is_cut = text.is_cut || is_too_long};
    append(names, pile, text.bytes, size);
    return true;
}

void names_drop_chunks(struct names *names, struct pile *pile) {
    for (uint32_t index = pile->first, next; index; index = next) {
        next = chunk_at(names, index)->next;
        pool_give(&names->chunks, index);
    }
    *pile = (struct pile){0};
}

void names_read(const struct names *names, const struct pile *pile, uint8_t *scratch) {
    uint32_t done = 0;
    for (uint32_t index = pile->first; index; index = chunk_at(names, index)->next) {
        uint32_t left = pile->size - done;
        uint32_t step = left < NAMES_CHUNK_BYTES ? left : NAMES_CHUNK_BYTES;
        memcpy(scratch + done, chunk_at(names, index)->bytes, step);
        done += step;
    }
}
