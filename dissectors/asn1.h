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

/* Reads the element at the cursor and steps over it. `content` is a window over its value with the
 * same base. False at the end of the cursor, or when the element is broken. */
bool asn1_next(struct asn1 *asn1, struct sbl_cursor *c, uint8_t *tag, struct sbl_cursor *content);

/* The same, for an element that must have this tag; any other tag is broken. */
bool asn1_enter(struct asn1 *asn1, struct sbl_cursor *c, uint8_t tag, struct sbl_cursor *content);

/* Finds the first element with this tag among the ones at the cursor. False without being broken
 * when there is none. */
bool asn1_find(struct asn1 *asn1, struct sbl_cursor c, uint8_t tag, struct sbl_cursor *content);

/* The value of an INTEGER or ENUMERATED content; more than 32 bits is broken and gives 0. */
int32_t asn1_int32(struct asn1 *asn1, struct sbl_cursor content);

#endif
