/* DER elements, see asn1.h. Lengths that are not minimal are accepted, since real encoders write
 * them; indefinite lengths and tags of several bytes are not. */
#include "asn1.h"

enum {
    TAG_NUMBER_MASK = 0x1F, /* all ones: the number follows in further bytes */
    LENGTH_LONG = 0x80,
    LENGTH_BYTES_MAX = 4,
};

static uint32_t read_length(struct asn1 *asn1, struct sbl_cursor *c) {
    uint8_t first = sbl_cursor_u8(c);
    if (first < LENGTH_LONG)
        return first;
    unsigned count = first & (LENGTH_LONG - 1u);
    if (count == 0 || count > LENGTH_BYTES_MAX)
        asn1->is_broken = true;
    uint32_t length = 0;
    for (unsigned i = 0; i < count && !asn1->is_broken && !c->spoiled; i++)
        length = length << 8 | sbl_cursor_u8(c);
    return length;
}

bool asn1_next(struct asn1 *asn1, struct sbl_cursor *c, uint8_t *tag, struct sbl_cursor *content) {
    asn1->is_clipped = false;
    if (asn1->is_broken || c->spoiled || sbl_cursor_left(c) == 0)
        return false;
    *tag = sbl_cursor_u8(c);
    if ((*tag & TAG_NUMBER_MASK) == TAG_NUMBER_MASK)
        asn1->is_broken = true;
    uint32_t length = read_length(asn1, c);
    if (c->spoiled && !asn1->is_cut)
        asn1->is_broken = true;
    if (asn1->is_broken || c->spoiled)
        return false;
    if (length > sbl_cursor_left(c)) {
        if (!asn1->is_cut) {
            asn1->is_broken = true;
            return false;
        }
        asn1->is_clipped = true;
        length = (uint32_t)sbl_cursor_left(c);
    }
    *content = sbl_cursor_window(c, c->at, length);
    sbl_cursor_skip(c, length);
    return true;
}

bool asn1_enter(struct asn1 *asn1, struct sbl_cursor *c, uint8_t tag, struct sbl_cursor *content) {
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

bool asn1_find(struct asn1 *asn1, struct sbl_cursor c, uint8_t tag, struct sbl_cursor *content) {
    uint8_t found;
    while (asn1_next(asn1, &c, &found, content))
        if (found == tag)
            return true;
    return false;
}

int32_t asn1_int32(struct asn1 *asn1, struct sbl_cursor content) {
    size_t size = sbl_cursor_left(&content);
    if (size == 0 || size > sizeof(int32_t)) {
        asn1->is_broken = asn1->is_broken || !asn1->is_cut;
        return 0;
    }
    bool is_negative = (content.base[content.at] & 0x80) != 0;
    uint32_t value = is_negative ? UINT32_MAX : 0;
    while (sbl_cursor_left(&content) > 0)
        value = value << 8 | sbl_cursor_u8(&content);
    return (int32_t)value;
}
