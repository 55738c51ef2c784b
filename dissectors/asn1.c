/* DER elements, see asn1.h. Lengths that are not minimal are accepted, since real encoders write
 * them; indefinite lengths and tags of several bytes are not. */
#include "asn1.h"

enum { LENGTH_BYTES_MAX = 4 };

/* A length of several bytes, of which `first` says how many. */
static uint32_t read_long_length(struct asn1 *asn1, struct sbl_cursor *c, uint8_t first) {
    unsigned count = first & (ASN1_LENGTH_LONG - 1u);
    if (count == 0 || count > LENGTH_BYTES_MAX) {
        asn1_break(asn1);
        return 0;
    }
    const uint8_t *bytes = sbl_cursor_take(c, count);
    uint32_t length = 0;
    for (unsigned i = 0; bytes && i < count; i++)
        length = length << 8 | bytes[i];
    return length;
}

/* What holds for an element whose header cannot be, or whose content is not all there. True: it is
 * to be read as far as it goes. */
static bool is_clipped(struct asn1 *asn1, const struct sbl_cursor *c) {
    if (!asn1->is_cut)
        asn1_break(asn1);
    asn1->is_clipped = !asn1->is_broken && !c->spoiled;
    return asn1->is_clipped;
}

bool asn1_next_of_any_form(struct asn1 *asn1, struct sbl_cursor *c, uint8_t *tag,
                           struct sbl_cursor *content) {
    asn1->is_clipped = false;
    if (asn1->is_broken || c->spoiled || sbl_cursor_left(c) == 0)
        return false;
    *tag = sbl_cursor_u8(c);
    if ((*tag & ASN1_TAG_NUMBER_MASK) == ASN1_TAG_NUMBER_MASK)
        asn1_break(asn1);
    uint32_t length = sbl_cursor_u8(c);
    if (length >= ASN1_LENGTH_LONG)
        length = read_long_length(asn1, c, (uint8_t)length);
    if (asn1->is_broken || c->spoiled || length > sbl_cursor_left(c)) {
        if (!is_clipped(asn1, c))
            return false;
        length = (uint32_t)sbl_cursor_left(c);
    }
    *content = sbl_cursor_window(c, c->at, length);
    sbl_cursor_skip(c, length);
    return true;
}

bool asn1_enter_any_form(struct asn1 *asn1, struct sbl_cursor *c, uint8_t tag,
                         struct sbl_cursor *content) {
    uint8_t found;
    if (!asn1_next(asn1, c, &found, content)) {
        if (!asn1->is_cut)
            asn1_break(asn1);
        return false;
    }
    if (found != tag)
        asn1_break(asn1);
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
        if (!asn1->is_cut)
            asn1_break(asn1);
        return 0;
    }
    bool is_negative = (content.base[content.at] & 0x80) != 0;
    uint32_t value = is_negative ? UINT32_MAX : 0;
    while (sbl_cursor_left(&content) > 0)
        value = value << 8 | sbl_cursor_u8(&content);
    return (int32_t)value;
}
