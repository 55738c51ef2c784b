/* The little of DER (ITU-T X.690) that SPNEGO and Kerberos need: one element after the other, with
 * definite lengths of at most four bytes and tags of one byte. Parsers name the path they expect
 * and descend it step by step, so the depth is theirs and nothing recurses over wire data.
 *
 * When the end of the token was not captured (`is_cut`), an element that runs past it is clipped to
 * what there is; otherwise it is broken, and so is everything read after it. */
#ifndef SMBLAME_DISSECTORS_ASN1_H
#define SMBLAME_DISSECTORS_ASN1_H

#include <stdbool.h>
#include <stdint.h>

#include <smblame/cursor.h>

enum asn1_tag {
    ASN1_INTEGER = 0x02,
    ASN1_BIT_STRING = 0x03,
    ASN1_OCTET_STRING = 0x04,
    ASN1_OID = 0x06,
    ASN1_ENUMERATED = 0x0A,
    ASN1_GENERAL_STRING = 0x1B,
    ASN1_SEQUENCE = 0x30,
    ASN1_APPLICATION_0 = 0x60, /* constructed; + n for [APPLICATION n] */
    ASN1_CONTEXT_0 = 0xA0,     /* constructed; + n for [n] */
};

/* How the reading of one token stands. Begun by asn1_begin. */
struct asn1 {
    bool is_cut;     /* bytes behind the end were not captured */
    bool is_broken;  /* a length or tag that cannot be */
    bool is_clipped; /* the element read last ran past the captured end */
    bool is_unsure;  /* cut or broken: an element may be other than it says */
};

enum {
    ASN1_TAG_NUMBER_MASK = 0x1F, /* all ones: the number follows in further bytes */
    ASN1_LENGTH_LONG = 0x80,
};

static inline struct asn1 asn1_begin(bool is_cut) {
    return (struct asn1){.is_cut = is_cut, .is_unsure = is_cut};
}

static inline void asn1_break(struct asn1 *asn1) {
    asn1->is_broken = asn1->is_unsure = true;
}

/* An element in whatever form it has, of a token that may be cut. */
bool asn1_next_of_any_form(struct asn1 *asn1, struct sbl_cursor *c, uint8_t *tag,
                           struct sbl_cursor *content);

/* How many bytes of tag and length the element at `at` has, when it is whole within `left` bytes
 * and its length takes at most two bytes behind the first; else 0. */
SBL_STEP size_t asn1_head_bytes(const uint8_t *base, size_t at, size_t left, size_t *length) {
    if (left < 2)
        return 0;
    size_t head_bytes = 2;
    *length = base[at + 1];
    if (*length >= ASN1_LENGTH_LONG) {
        size_t count = *length - ASN1_LENGTH_LONG;
        if (left < 4 || count - 1 > 1)
            return 0;
        *length = count == 1 ? base[at + 2] : (size_t)base[at + 2] << 8 | base[at + 3];
        head_bytes = 2 + count;
    }
    return *length > left - head_bytes ? 0 : head_bytes;
}

/* Reads the element at the cursor and steps over it. `content` is a window over its value with the
 * same base. False at the end of the cursor, or when the element is broken.
 *
 * A token has thirty elements, nearly all of them whole and of plain form: these are read in place
 * and by cursors that never leave the registers, in 10 instructions instead of 80. */
SBL_STEP bool asn1_next(struct asn1 *asn1, struct sbl_cursor *c, uint8_t *tag,
                        struct sbl_cursor *content) {
    size_t at = c->at, length;
    size_t head_bytes = asn1_head_bytes(c->base, at, sbl_cursor_left(c), &length);
    if (SBL_RARELY(asn1->is_unsure || head_bytes == 0 ||
                   (c->base[at] & ASN1_TAG_NUMBER_MASK) == ASN1_TAG_NUMBER_MASK)) {
        struct sbl_cursor rest = *c, found = {0};
        uint8_t number = 0;
        bool is_there = asn1_next_of_any_form(asn1, &rest, &number, &found);
        *c = rest;
        *content = found;
        *tag = number;
        return is_there;
    }
    *tag = c->base[at];
    content->base = c->base;
    content->at = at + head_bytes;
    content->size = c->at = content->at + length;
    content->spoiled = false;
    return true;
}

/* asn1_enter for an element that is not whole and plain, or has another tag. */
bool asn1_enter_any_form(struct asn1 *asn1, struct sbl_cursor *c, uint8_t tag,
                         struct sbl_cursor *content);

/* The same, for an element that must have this tag; any other tag is broken. */
SBL_STEP bool asn1_enter(struct asn1 *asn1, struct sbl_cursor *c, uint8_t tag,
                         struct sbl_cursor *content) {
    size_t at = c->at, length;
    size_t head_bytes = asn1_head_bytes(c->base, at, sbl_cursor_left(c), &length);
    if (SBL_RARELY(asn1->is_unsure || head_bytes == 0 || c->base[at] != tag)) {
        struct sbl_cursor rest = *c, found = {0};
        bool is_there = asn1_enter_any_form(asn1, &rest, tag, &found);
        *c = rest;
        *content = found;
        return is_there;
    }
    content->base = c->base;
    content->at = at + head_bytes;
    content->size = c->at = content->at + length;
    content->spoiled = false;
    return true;
}

/* Finds the first element with this tag among the ones at the cursor. False without being broken
 * when there is none. */
bool asn1_find(struct asn1 *asn1, struct sbl_cursor c, uint8_t tag, struct sbl_cursor *content);

/* Whether a content can be an INTEGER of at most 32 bits; else it is broken. */
SBL_STEP void asn1_check_int32(struct asn1 *asn1, const struct sbl_cursor *content) {
    size_t size = sbl_cursor_left(content);
    if ((size == 0 || size > sizeof(int32_t)) && !asn1->is_cut)
        asn1_break(asn1);
}

/* The value of an INTEGER or ENUMERATED content; more than 32 bits is broken and gives 0. */
int32_t asn1_int32(struct asn1 *asn1, struct sbl_cursor content);

#endif
