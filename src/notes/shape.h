/* What a note is made of: behind its header the conversation (of a finding), the struct itself, and
 * the bytes of its texts. */
#ifndef SMBLAME_NOTES_SHAPE_H
#define SMBLAME_NOTES_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/message.h>

#include "notes/ring.h"

enum { TEXTS_MOST = 24, SHAPE_CONVERSATION_BOUNDS = 4 };

/* A member that has to be smaller than something: one byte (also a bool), or an enum. */
enum { SHAPE_BYTE, SHAPE_WORD };
struct bound {
    uint16_t at;
    uint8_t width;
    uint8_t below;
};

struct shape {
    uint16_t bytes;  /* of the struct; 0: notes of this kind tell nothing but themselves */
    bool is_finding; /* begins with a struct sbl_finding */
    uint8_t text_count;
    uint16_t texts[TEXTS_MOST]; /* offsets */
    size_t bound_count;
    const struct bound *bounds;
};

extern const struct shape shapes[NOTE_KIND_COUNT];
extern const struct bound shape_conversation[SHAPE_CONVERSATION_BOUNDS];

/* A struct that is told keeps to the alignment of the header before it. */
enum { CONVERSATION_BYTES = (sizeof(struct sbl_conversation) + 15) & ~15u };

static inline size_t struct_at(const struct shape *shape) {
    return sizeof(struct note) + (shape->is_finding ? CONVERSATION_BYTES : 0);
}

#endif
