/* A builder of messages for tests: appends little-endian fields, text and other messages, and
 * patches what is known only later. A message that does not fit ends the program. */
#ifndef SMBLAME_TESTS_BUILD_H
#define SMBLAME_TESTS_BUILD_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BUILD_ROOM = 2048 };

struct build {
    uint8_t bytes[BUILD_ROOM];
    size_t size;
};

static inline uint8_t *build_room(struct build *b, size_t count) {
    if (count > BUILD_ROOM - b->size)
        abort();
    uint8_t *start = b->bytes + b->size;
    b->size += count;
    return start;
}

static inline void build_bytes(struct build *b, const void *bytes, size_t count) {
    if (count > 0)
        memcpy(build_room(b, count), bytes, count);
}

static inline void build_fill(struct build *b, uint8_t byte, size_t count) {
    memset(build_room(b, count), byte, count);
}

static inline void build_le(struct build *b, uint64_t value, size_t count) {
    for (uint8_t *p = build_room(b, count); count > 0; count--, value >>= 8)
        *p++ = (uint8_t)value;
}

static inline void build_patch_le(struct build *b, size_t at, uint64_t value, size_t count) {
    for (; count > 0; count--, value >>= 8)
        b->bytes[at++] = (uint8_t)value;
}

/* ASCII as UTF-16LE, without terminator. */
static inline void build_utf16(struct build *b, const char *text) {
    for (; *text != 0; text++)
        build_le(b, (uint8_t)*text, 2);
}

static inline void build_align(struct build *b, size_t power) {
    while (b->size % power != 0)
        build_le(b, 0, 1);
}

static inline void build_add(struct build *b, const struct build *other) {
    build_bytes(b, other->bytes, other->size);
}

/* Wraps what is there in a DER element: tag and length before it. */
static inline void build_der(struct build *b, uint8_t tag) {
    size_t head = b->size < 0x80 ? 2 : b->size < 0x100 ? 3 : 4;
    size_t content = b->size;
    (void)build_room(b, head);
    memmove(b->bytes + head, b->bytes, content);
    b->bytes[0] = tag;
    b->bytes[1] = (uint8_t)(head == 2 ? content : 0x80 + head - 2);
    if (head == 3)
        b->bytes[2] = (uint8_t)content;
    if (head == 4) {
        b->bytes[2] = (uint8_t)(content >> 8);
        b->bytes[3] = (uint8_t)content;
    }
}

/* Appends `content` as a DER element. */
static inline void build_der_of(struct build *b, uint8_t tag, const struct build *content) {
    struct build element = *content;
    build_der(&element, tag);
    build_add(b, &element);
}

#endif
