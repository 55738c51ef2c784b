/* The cursor: the one way bytes of a stranger are read.
 *
 * A value {base, size, at, spoiled}. The first step past the end spoils it; from then on every read
 * gives 0 and moves nothing, so a parser reads like the message's schema and asks once, at the end.
 * Windows are children at an absolute offset of their parent; a child that would exceed its parent
 * is born empty and spoils the parent. `base` stays the start of the message, so the offsets that
 * SMB counts from its header are cursor offsets. No other file adds to a packet pointer.
 * Idea of the sticky cursor: CZ-NIC knot, contrib/wire_ctx.h. */
#ifndef SMBLAME_CURSOR_H
#define SMBLAME_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <smblame/text.h>

/* What a message that is whole never does: the compiler lays it aside. */
#define SBL_RARELY(condition) __builtin_expect(!!(condition), 0)

/* A step of the path that every message takes, which is to be part of its caller: entering and
 * leaving a function costs as much as reading a header. */
#define SBL_STEP static inline __attribute__((always_inline))

/* The other way round: what is rare is kept out of the path that is not. */
#define SBL_ASIDE static __attribute__((noinline, cold))

/* And a step that is to be a function of its own, because a part of its callers' ways does not need
 * it and would pay for the registers it takes. */
#define SBL_APART static __attribute__((noinline))

/* `size` is the end (bytes readable from base), `at` the next byte, `at <= size` always. */
struct sbl_cursor {
    const uint8_t *base;
    size_t size;
    size_t at;
    bool spoiled;
};

static inline struct sbl_cursor sbl_cursor_of(const void *bytes, size_t size) {
    return (struct sbl_cursor){.base = (const uint8_t *)bytes, .size = bytes ? size : 0};
}

static inline size_t sbl_cursor_left(const struct sbl_cursor *c) {
    return c->size - c->at;
}

/* Steps over `count` bytes and returns where they start, or NULL (spoiled) when they are not there.
 */
static inline const uint8_t *sbl_cursor_take(struct sbl_cursor *c, size_t count) {
    if (SBL_RARELY(c->spoiled || count > c->size - c->at)) {
        c->spoiled = true;
        return NULL;
    }
    const uint8_t *start = c->base + c->at;
    c->at += count;
    return start;
}

static inline void sbl_cursor_skip(struct sbl_cursor *c, size_t count) {
    (void)sbl_cursor_take(c, count);
}

/* Moves to an absolute offset of the message; beyond the end spoils. */
static inline void sbl_cursor_seek(struct sbl_cursor *c, size_t offset) {
    if (c->spoiled || offset > c->size) {
        c->spoiled = true;
        return;
    }
    c->at = offset;
}

/* Steps to the next multiple of `power` (a power of two) counted from base; the end is no error. */
static inline void sbl_cursor_align(struct sbl_cursor *c, size_t power) {
    size_t target = (c->at + power - 1) & ~(power - 1);
    if (!c->spoiled)
        c->at = target > c->size ? c->size : target;
}

/* A little-endian field at `at` of bytes that were taken as one block: one check for a header of
 * fixed size instead of one for each of its fields. `at` is a constant within what was taken. */
static inline uint16_t sbl_block_le16(const uint8_t *block, size_t at) {
    return (uint16_t)(block[at] | block[at + 1] << 8);
}

static inline uint32_t sbl_block_le32(const uint8_t *block, size_t at) {
    return (uint32_t)block[at] | (uint32_t)block[at + 1] << 8 | (uint32_t)block[at + 2] << 16 |
           (uint32_t)block[at + 3] << 24;
}

static inline uint64_t sbl_block_le64(const uint8_t *block, size_t at) {
    return (uint64_t)block[at] | (uint64_t)block[at + 1] << 8 | (uint64_t)block[at + 2] << 16 |
           (uint64_t)block[at + 3] << 24 | (uint64_t)block[at + 4] << 32 |
           (uint64_t)block[at + 5] << 40 | (uint64_t)block[at + 6] << 48 |
           (uint64_t)block[at + 7] << 56;
}

static inline uint8_t sbl_cursor_u8(struct sbl_cursor *c) {
    const uint8_t *p = sbl_cursor_take(c, 1);
    return p ? p[0] : 0;
}

static inline uint16_t sbl_cursor_le16(struct sbl_cursor *c) {
    const uint8_t *p = sbl_cursor_take(c, 2);
    return p ? sbl_block_le16(p, 0) : 0;
}

static inline uint32_t sbl_cursor_le32(struct sbl_cursor *c) {
    const uint8_t *p = sbl_cursor_take(c, 4);
    return p ? sbl_block_le32(p, 0) : 0;
}

static inline uint64_t sbl_cursor_le64(struct sbl_cursor *c) {
    const uint8_t *p = sbl_cursor_take(c, 8);
    return p ? sbl_block_le64(p, 0) : 0;
}

static inline uint16_t sbl_cursor_be16(struct sbl_cursor *c) {
    const uint8_t *p = sbl_cursor_take(c, 2);
    return (uint16_t)(p ? p[0] << 8 | p[1] : 0);
}

static inline uint32_t sbl_cursor_be24(struct sbl_cursor *c) {
    const uint8_t *p = sbl_cursor_take(c, 3);
    return p ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
}

static inline uint32_t sbl_cursor_be32(struct sbl_cursor *c) {
    const uint8_t *p = sbl_cursor_take(c, 4);
    return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3]
             : 0;
}

/* Whether the next bytes are `bytes`; looks without stepping or spoiling. */
static inline bool sbl_cursor_starts(const struct sbl_cursor *c, const void *bytes, size_t count) {
    return !c->spoiled && count <= sbl_cursor_left(c) && memcmp(c->base + c->at, bytes, count) == 0;
}

/* A child over [offset, offset + count) of its parent, with the same base: absolute offsets stay
 * true. Outside the parent: an empty spoiled child, and the parent is spoiled too. */
static inline struct sbl_cursor sbl_cursor_window(struct sbl_cursor *c, size_t offset,
                                                  size_t count) {
    if (c->spoiled || offset > c->size || count > c->size - offset) {
        c->spoiled = true;
        return (struct sbl_cursor){.base = c->base, .size = 0, .spoiled = true};
    }
    return (struct sbl_cursor){.base = c->base, .size = offset + count, .at = offset};
}

/* A child over the next `count` bytes whose offsets count from its own first byte (a blob with its
 * own header, such as NTLMSSP); the parent steps over it. Same spoiling as a window. */
static inline struct sbl_cursor sbl_cursor_blob(struct sbl_cursor *c, size_t count) {
    const uint8_t *start = sbl_cursor_take(c, count);
    struct sbl_cursor blob = sbl_cursor_of(start, count);
    blob.spoiled = start == NULL;
    return blob;
}

/* Where the `count` bytes at an absolute offset begin, or NULL when they are not all there: a look
 * that neither steps nor spoils. */
static inline const uint8_t *sbl_cursor_look(const struct sbl_cursor *c, size_t offset,
                                             size_t count) {
    if (SBL_RARELY(c->spoiled || offset > c->size || count > c->size - offset))
        return NULL;
    return c->base + offset;
}

/* The text of `count` bytes at an absolute offset. A text that runs past the end is cut and marked
 * instead of spoiling: half a name is worth more than none. */
static inline struct sbl_text sbl_cursor_text_at(const struct sbl_cursor *c, size_t offset,
                                                 size_t count, enum sbl_encoding encoding) {
    if (c->spoiled || offset > c->size || (offset == c->size && count > 0))
        return (struct sbl_text){.is_cut = count > 0};
    size_t left = c->size - offset;
    bool is_cut = count > left;
    return (struct sbl_text){.bytes = c->base + offset,
                             .size = (uint32_t)(is_cut ? left : count),
                             .encoding = (uint8_t)encoding,
                             .is_cut = is_cut};
}

/* The terminated text at the cursor (a NUL byte, or a NUL code unit in UTF-16LE, counted from the
 * text's own start). Steps over text and terminator. A missing terminator at the end of the window
 * is accepted, as old clients leave it out. */
static inline struct sbl_text sbl_cursor_string(struct sbl_cursor *c, enum sbl_encoding encoding) {
    if (c->spoiled)
        return (struct sbl_text){0};
    size_t unit = encoding == SBL_TEXT_UTF16LE ? 2 : 1;
    size_t start = c->at, end = start;
    if (unit == 1) {
        const uint8_t *nul =
            start < c->size ? (const uint8_t *)memchr(c->base + start, 0, c->size - start) : NULL;
        end = nul ? (size_t)(nul - c->base) : c->size;
    }
    while (unit == 2 && c->size - end >= 2 && (c->base[end] != 0 || c->base[end + 1] != 0))
        end += 2;
    struct sbl_text text = sbl_cursor_text_at(c, start, end - start, encoding);
    c->at = c->size - end >= unit ? end + unit : c->size;
    return text;
}

#endif
