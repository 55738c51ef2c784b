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

/* How the reading of one token stands. */
struct asn1 {
    bool is_cut;     /* set by the caller: bytes behind the end were not captured */
    bool is_broken;  /* a length or tag that cannot be */
    bool is_clipped; /* the element read last ran past the captured end */
};

enum {
    ASN1_TAG_NUMBER_MASK = 0x1F, /* all ones: the number follows in further bytes */
    ASN1_LENGTH_LONG = 0x80,
};

/* An element that is not of the short form in one look below. */
bool asn1_next_of_any_form(struct asn1 *asn1, struct sbl_cursor *c, uint8_t *tag,
                           struct sbl_cursor *content);

/* Reads the element at the cursor and steps over it. `content` is a window over its value with the
 * same base. False at the end of the cursor, or when the element is broken.
 *
 * A token of a Windows server has thirty elements, most of them whole, of one tag byte and one
 * length byte: these are read in place, 25 instructions instead of 80. */
static inline bool asn1_next(struct asn1 *asn1, struct sbl_cursor *c, uint8_t *tag,
                             struct sbl_cursor *content) {
    size_t at = c->at, left = sbl_cursor_left(c);
    asn1->is_clipped = false;
    if (asn1->is_broken || c->spoiled || left < 2 ||
        (c->base[at] & ASN1_TAG_NUMBER_MASK) == ASN1_TAG_NUMBER_MASK ||
        c->base[at + 1] >= ASN1_LENGTH_LONG || c->base[at + 1] > left - 2)
        return asn1_next_of_any_form(asn1, c, tag, content);
    *tag = c->base[at];
    c->at = at + 2 + c->base[at + 1];
    content->base = c->base;
    content->size = c->at;
    content->at = at + 2;
    content->spoiled = false;
    return true;
}

/* The same, for an element that must have this tag; any other tag is broken. */
static inline bool asn1_enter(struct asn1 *asn1, struct sbl_cursor *c, uint8_t tag,
                              struct sbl_cursor *content) {
    uint8_t found;
    if (!asn1_next(asn1, c, &found, content)) {
        if (!asn1->is_cut)
            asn1->is_broken = true;
        return false;
    }
    if (found != tag)
        asn1->is_broken = true;
    return found == tag;
}

/* Finds the first element with this tag among the ones at the cursor. False without being broken
 * when there is none. */
bool asn1_find(struct asn1 *asn1, struct sbl_cursor c, uint8_t tag, struct sbl_cursor *content);

/* The value of an INTEGER or ENUMERATED content; more than 32 bits is broken and gives 0. */
int32_t asn1_int32(struct asn1 *asn1, struct sbl_cursor content);

#endif
