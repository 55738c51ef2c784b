/* Decoders of single characters, one per encoding, and the loop around them. Each decoder takes the
 * character at *at, steps over it (at least one byte) and answers its code point or
 * TEXT_UNDECODABLE. Unicode 15, sections 3.9 (ill-formed UTF-8, U+FFFD per maximal subpart) and
 * 23.6 (surrogates). */
#include "base/text.h"

#include <endian.h>
#include <errno.h>
#include <iconv.h>
#include <string.h>

int text_codepage_init(struct text_codepage *page, const char *name) {
    iconv_t iconv_handle = iconv_open("UTF-32LE", name);
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): how iconv_open says no */
    if (iconv_handle == (iconv_t)-1)
        return -EINVAL;
    for (unsigned byte = 0; byte < 256; byte++) {
        char in[1] = {(char)byte};
        uint8_t out[4];
        char *from = in, *to = (char *)out;
        size_t from_left = 1, to_left = sizeof out;
        iconv(iconv_handle, NULL, NULL, NULL, NULL);
        size_t failed = iconv(iconv_handle, &from, &from_left, &to, &to_left);
        page->points[byte] = failed || from_left || to_left
                                 ? TEXT_REPLACEMENT
                                 : (uint32_t)out[0] | (uint32_t)out[1] << 8 |
                                       (uint32_t)out[2] << 16 | (uint32_t)out[3] << 24;
    }
    iconv_close(iconv_handle);
    return page->points['A'] == 'A' && page->points['z'] == 'z' ? 0 : -EINVAL;
}

static uint32_t next_oem(struct sbl_text text, const struct text_codepage *page, size_t *at) {
    uint8_t byte = text.bytes[(*at)++];
    if (!page)
        return byte < 0x80 ? byte : TEXT_UNDECODABLE;
    return page->points[byte] == TEXT_REPLACEMENT ? TEXT_UNDECODABLE : page->points[byte];
}

static uint32_t next_ascii(struct sbl_text text, const struct text_codepage *page, size_t *at) {
    (void)page;
    uint8_t byte = text.bytes[(*at)++];
    return byte < 0x80 ? byte : TEXT_UNDECODABLE;
}

static uint32_t unit_at(struct sbl_text text, size_t at) {
    return (uint32_t)text.bytes[at] | (uint32_t)text.bytes[at + 1] << 8;
}

static uint32_t next_utf16le(struct sbl_text text, const struct text_codepage *page, size_t *at) {
    (void)page;
    if (text.size - *at < 2) {
        *at = text.size;
        return TEXT_UNDECODABLE;
    }
    uint32_t high = unit_at(text, *at);
    *at += 2;
    if (high < 0xD800 || high > 0xDFFF)
        return high;
    if (high > 0xDBFF || text.size - *at < 2)
        return TEXT_UNDECODABLE;
    uint32_t low = unit_at(text, *at);
    if (low < 0xDC00 || low > 0xDFFF)
        return TEXT_UNDECODABLE;
    *at += 2;
    return 0x10000 + ((high - 0xD800) << 10 | (low - 0xDC00));
}

static uint32_t next_utf8(struct sbl_text text, const struct text_codepage *page, size_t *at) {
    (void)page;
    uint32_t point;
    *at += text_next((const char *)text.bytes + *at, text.size - *at, &point);
    return point;
}

typedef uint32_t next_character(struct sbl_text text, const struct text_codepage *page, size_t *at);

static next_character *const decoders[] = {
    [SBL_TEXT_ABSENT] = NULL,      [SBL_TEXT_OEM] = next_oem,   [SBL_TEXT_UTF16LE] = next_utf16le,
    [SBL_TEXT_ASCII] = next_ascii, [SBL_TEXT_UTF8] = next_utf8,
};

/* Writes one character, or nothing when it does not fit. */
static size_t put(char *out, size_t room, uint32_t point) {
    uint8_t bytes[4];
    size_t size;
    if (point < 0x80) {
        bytes[0] = (uint8_t)point;
        size = 1;
    } else if (point < 0x800) {
        bytes[0] = (uint8_t)(0xC0 | point >> 6);
        size = 2;
    } else if (point < 0x10000) {
        bytes[0] = (uint8_t)(0xE0 | point >> 12);
        size = 3;
    } else {
        bytes[0] = (uint8_t)(0xF0 | point >> 18);
        size = 4;
    }
    for (size_t i = size; i > 1; i--, point >>= 6)
        bytes[i - 1] = (uint8_t)(0x80 | (point & 0x3F));
    if (size > room)
        return 0;
    memcpy(out, bytes, size);
    return size;
}

static struct sbl_text without_final_nuls(struct sbl_text text) {
    uint32_t unit = text.encoding == SBL_TEXT_UTF16LE ? 2 : 1;
    if (!text.bytes || text.size % unit)
        return text;
    while (text.size && text.bytes[text.size - 1] == 0 && text.bytes[text.size - unit] == 0)
        text.size -= unit;
    return text;
}

/* How many of `most` UTF-16LE units are ASCII before the first that is not; their characters are at
 * `out` then. Four at a time, as most texts are ASCII from end to end. */
static size_t narrow_ascii(const uint8_t *units, size_t most, char *out) {
    size_t done = 0;
    for (; most - done >= 4; done += 4) {
        uint64_t four;
        memcpy(&four, units + 2 * done, sizeof four);
        four = le64toh(four);
        if (four & 0xFF80FF80FF80FF80u)
            break;
        four = (four | four >> 8) & 0x0000FFFF0000FFFFu;
        uint32_t narrow = htole32((uint32_t)(four | four >> 16));
        memcpy(out + done, &narrow, sizeof narrow);
    }
    for (; done < most && units[2 * done] < 0x80 && units[2 * done + 1] == 0; done++)
        out[done] = (char)units[2 * done];
    return done;
}

/* Likewise for encodings in which a byte below 0x80 is itself. */
static size_t copy_ascii(const uint8_t *bytes, size_t most, char *out) {
    size_t done = 0;
    for (; most - done >= 8; done += 8) {
        uint64_t eight;
        memcpy(&eight, bytes + done, sizeof eight);
        if (eight & 0x8080808080808080u)
            break;
        memcpy(out + done, &eight, sizeof eight);
    }
    for (; done < most && bytes[done] < 0x80; done++)
        out[done] = (char)bytes[done];
    return done;
}

/* Decodes the ASCII a text begins with: characters written. An OEM page may differ from ASCII
 * anywhere. */
static size_t decode_ascii(struct sbl_text text, char *out, size_t room) {
    size_t most = text.encoding == SBL_TEXT_UTF16LE ? text.size / 2 : text.size;
    if (most > room)
        most = room;
    if (text.encoding == SBL_TEXT_UTF16LE)
        return narrow_ascii(text.bytes, most, out);
    return text.encoding == SBL_TEXT_OEM ? 0 : copy_ascii(text.bytes, most, out);
}

size_t text_to_utf8(struct sbl_text text, const struct text_codepage *page, char *out, size_t room,
                    bool *lossy) {
    *lossy = false;
    if (!text.bytes || text.encoding >= sizeof decoders / sizeof *decoders ||
        !decoders[text.encoding])
        return 0;
    text = without_final_nuls(text);
    size_t written = decode_ascii(text, out, room);
    for (size_t at = text.encoding == SBL_TEXT_UTF16LE ? 2 * written : written; at < text.size;) {
        uint32_t point = decoders[text.encoding](text, page, &at);
        if (point == TEXT_UNDECODABLE) {
            *lossy = true;
            point = TEXT_REPLACEMENT;
        }
        if (point < 0x80 && written < room) {
            out[written++] = (char)point;
            continue;
        }
        size_t size = put(out + written, room - written, point);
        if (size == 0) {
            *lossy = true;
            break;
        }
        written += size;
    }
    return written;
}

bool text_is_control(uint32_t point) {
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0x61C, 0x61C},
                  {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
}

/* What may follow a lead byte: how many bytes, and the range of the second one. */
struct lead {
    uint8_t first, last, more, second_first, second_last;
};

static const struct lead leads[] = {
    {0xC2, 0xDF, 1, 0x80, 0xBF}, {0xE0, 0xE0, 2, 0xA0, 0xBF}, {0xE1, 0xEC, 2, 0x80, 0xBF},
    {0xED, 0xED, 2, 0x80, 0x9F}, {0xEE, 0xEF, 2, 0x80, 0xBF}, {0xF0, 0xF0, 3, 0x90, 0xBF},
    {0xF1, 0xF3, 3, 0x80, 0xBF}, {0xF4, 0xF4, 3, 0x80, 0x8F},
};

size_t text_next(const char *utf8, size_t size, uint32_t *point) {
    uint8_t byte = (uint8_t)utf8[0];
    *point = byte < 0x80 ? byte : TEXT_UNDECODABLE;
    if (byte < 0xC2 || byte > 0xF4)
        return 1;
    const struct lead *lead = leads;
    while (byte > lead->last)
        lead++;
    uint32_t value = byte & (0x3Fu >> lead->more);
    uint8_t low = lead->second_first, high = lead->second_last;
    for (size_t i = 1; i <= lead->more; i++, low = 0x80, high = 0xBF) {
        if (i >= size || (uint8_t)utf8[i] < low || (uint8_t)utf8[i] > high)
            return i;
        value = value << 6 | ((uint8_t)utf8[i] & 0x3Fu);
    }
    *point = value;
    return lead->more + 1u;
}

/* The escape of a code point; returns its size. */
static size_t escape(uint32_t point, char out[12]) {
    static const char digits[] = "0123456789abcdef";
    size_t size = 0;
    out[size++] = '\\';
    if (point < 0x80) {
        out[size++] = 'x';
        out[size++] = digits[point >> 4];
        out[size++] = digits[point & 15];
        return size;
    }
    out[size++] = 'u';
    out[size++] = '{';
    for (int shift = 20, begun = 0; shift >= 0; shift -= 4) {
        begun |= (int)(point >> shift & 15);
        if (begun || shift <= 4)
            out[size++] = digits[point >> shift & 15];
    }
    out[size++] = '}';
    return size;
}

/* An ill-formed byte is named as the byte it is. */
static size_t escape_byte(uint8_t byte, char out[12]) {
    static const char digits[] = "0123456789abcdef";
    out[0] = '\\';
    out[1] = 'x';
    out[2] = digits[byte >> 4];
    out[3] = digits[byte & 15];
    return 4;
}

size_t text_printable(const char *utf8, size_t size, char *out, size_t room) {
    size_t written = 0;
    for (size_t at = 0; at < size;) {
        uint32_t point;
        char escaped[12];
        const char *piece = utf8 + at;
        size_t step = text_next(piece, size - at, &point), piece_size = step;
        if (point == TEXT_UNDECODABLE) {
            step = 1;
            piece_size = escape_byte((uint8_t)utf8[at], escaped);
            piece = escaped;
        } else if (text_is_control(point)) {
            piece_size = escape(point, escaped);
            piece = escaped;
        }
        if (piece_size > room - written)
            break;
        memcpy(out + written, piece, piece_size);
        written += piece_size;
        at += step;
    }
    return written;
}

size_t text_cut(const char *utf8, size_t most) {
    while (most && ((uint8_t)utf8[most] & 0xC0) == 0x80)
        most--;
    return most;
}

void text_copy(char *out, size_t room, const char *utf8) {
    size_t size = strlen(utf8);
    if (size >= room)
        size = text_cut(utf8, room - 1);
    memcpy(out, utf8, size);
    out[size] = 0;
}
