/* A bounded store for names of any length. A pile is a string of small chunks that grows at its
 * end; what belongs to one owner (a session's account, domain and workstation) goes onto one pile
 * and is dropped with it, so nothing fragments and nothing is freed one by one. To be read, a pile
 * is copied in one piece to the reader's scratch bytes. */
#ifndef SMBLAME_BASE_NAMES_H
#define SMBLAME_BASE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <smblame/text.h>

#include "base/pool.h"

enum {
    NAMES_CHUNK_BYTES = 60,       /* of names in a chunk; 64 with the link */
    NAMES_TEXT_BYTES = 16384,     /* a longer text is cut, and marked so */
    NAMES_PILE_BYTES = 18 * 16384 /* a pile takes no more */
};

struct chunk {
    uint32_t next;
    uint8_t bytes[NAMES_CHUNK_BYTES];
};

struct names {
    struct pool chunks; /* of struct chunk */
};

/* Zeroed is empty. */
struct pile {
    uint32_t first, last; /* chunk index */
    uint32_t size;        /* bytes */
};

/* A text on a pile. Zeroed is an absent text. */
struct name {
    uint32_t at;
    uint16_t size;
    uint8_t encoding; /* enum sbl_encoding */
    bool is_cut;
};

_Static_assert(NAMES_TEXT_BYTES <= UINT16_MAX, "the size of a kept text");

/* A store of about `bytes`. 0 or -ENOMEM. */
int names_init(struct names *names, size_t bytes);
void names_fini(struct names *names);

/* Copies a text onto the end of a pile and says where it is. An absent text takes no room. False
 * when the store or the pile is full: `kept` is then absent, and the pile as it was. */
bool names_keep_any(struct names *names, struct pile *pile, struct sbl_text text,
                    struct name *kept);

/* memcpy of 1 to 64 bytes without a call: blocks from both ends, which may overlap. */
static inline void names_copy_short(uint8_t *to, const uint8_t *from, uint32_t size) {
    if (size >= 32) {
        memcpy(to, from, 32);
        memcpy(to + size - 32, from + size - 32, 32);
    } else if (size >= 16) {
        memcpy(to, from, 16);
        memcpy(to + size - 16, from + size - 16, 16);
    } else if (size >= 8) {
        memcpy(to, from, 8);
        memcpy(to + size - 8, from + size - 8, 8);
    } else {
        for (uint32_t i = 0; i < size; i++)
            to[i] = from[i];
    }
}

/* The usual case in the header: the first text of a pile, and it fits into one chunk. */
static inline bool names_keep(struct names *names, struct pile *pile, struct sbl_text text,
                              struct name *kept) {
    uint32_t index = 0;
    if (pile->size == 0 && text.size > 0 && text.size <= NAMES_CHUNK_BYTES &&
        sbl_text_is_present(text))
        index = pool_take_unwiped(&names->chunks);
    if (!index)
        return names_keep_any(names, pile, text, kept);
    struct chunk *chunk = pool_at(&names->chunks, index);
    chunk->next = 0;
    names_copy_short(chunk->bytes, text.bytes, text.size);
    *pile = (struct pile){.first = index, .last = index, .size = text.size};
    *kept = (struct name){
        .size = (uint16_t)text.size, .encoding = text.encoding, .is_cut = text.is_cut};
    return true;
}

/* Gives the chunks of a pile back; the pile is empty afterwards, names on it mean nothing. */
void names_drop_chunks(struct names *names, struct pile *pile);
static inline void names_drop(struct names *names, struct pile *pile) {
    if (pile->first)
        names_drop_chunks(names, pile);
    else
        pile->size = 0;
}

/* The bytes of a pile where they lie, when they lie in one piece (or are none); else NULL. They
 * stay there until something is dropped. */
static inline const uint8_t *names_in_place(const struct names *names, const struct pile *pile) {
    static const uint8_t none[1];
    if (pile->size > NAMES_CHUNK_BYTES)
        return NULL;
    return pile->first ? ((const struct chunk *)pool_at(&names->chunks, pile->first))->bytes : none;
}

/* Copies the bytes of a pile to `scratch`, which has room for pile->size of them. */
void names_read(const struct names *names, const struct pile *pile, uint8_t *scratch);

/* The text of a name, given where names_read put its pile. */
static inline struct sbl_text name_text(struct name name, const uint8_t *pile_bytes) {
    return (struct sbl_text){.bytes = pile_bytes + name.at,
                             .size = name.size,
                             .encoding = name.encoding,
                             .is_cut = name.is_cut};
}

#endif
