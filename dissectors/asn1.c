/* DER elements, see asn1.h. Lengths that are not minimal are accepted, since real encoders write
 * them; indefinite lengths and tags of several bytes are not. */
#include "asn1.h"

enum {
    TAG_NUMBER_MASK = 0x1F, /* all ones: the number follows in further bytes */
    LENGTH_LONG = 0x80,
    LENGTH_BYTES_MAX = 4,
};

/* A length of several bytes, of which `first` says how many. */
static uint32_t read_long_length(struct asn1 *asn1, struct sbl_cursor *c, uint8_t first) {
    unsigned count = first & (LENGTH_LONG - 1u);
    if (count == 0 || count > LENGTH_BYTES_MAX) {
        asn1->is_broken = true;
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
        asn1->is_broken = true;
    asn1->is_clipped = !asn1->is_broken && !c->spoiled;
    return asn1->is_clipped;
}

/* An element that is not of the short form in one look below. */
static bool next_of_any_form(struct asn1 *asn1, struct sbl_cursor *c, uint8_t *tag,
                             struct sbl_cursor *content) {
    if (asn1->is_broken || c->spoiled || sbl_cursor_left(c) == 0)
        return false;
    *tag = sbl_cursor_u8(c);
    if ((*tag & TAG_NUMBER_MASK) == TAG_NUMBER_MASK)
        asn1->is_broken = true;
    uint32_t length = sbl_cursor_u8(c);
    if (length >= LENGTH_LONG)
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

/* A token of a Windows server has thirty elements, most of them whole, of one tag byte and one
 * length byte: 25 instructions instead of 80. */
static inline bool next(struct asn1 *asn1, struct sbl_cursor *c, uint8_t *tag,
                        struct sbl_cursor *content) {
    size_t at = c->at, left = sbl_cursor_left(c);
    asn1->is_clipped = false;
    if (asn1->is_broken || c->spoiled || left < 2 ||
        (c->base[at] & TAG_NUMBER_MASK) == TAG_NUMBER_MASK || c->base[at + 1] >= LENGTH_LONG ||
        c->base[at + 1] > left - 2)
        return next_of_any_form(asn1, c, tag, content);
    *tag = c->base[at];
    c->at = at + 2 + c->base[at + 1];
    *content = (struct sbl_cursor){.base = c->base, .size = c->at, .at = at + 2};
    return true;
}

bool asn1_next(struct asn1 *asn1, struct sbl_cursor *c, uint8_t *tag, struct sbl_cursor *content) {
    return next(asn1, c, tag, content);
}

bool asn1_enter(struct asn1 *asn1, struct sbl_cursor *c, uint8_t tag, struct sbl_cursor *content) {
    uint8_t found;
    if (!next(asn1, c, &found, content)) {
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
    while (next(asn1, &c, &found, content))
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
