/* Names of the wire, decoded and folded for comparing; those of the last hundreds are remembered by
 * keyed marks of their bytes, as domains and servers come with every logon. Windows compares
 * account, computer and domain names without regard to case; folded here are ASCII, Latin-1, Greek
 * and Cyrillic, which is what such names are written in. A name too long to keep is told apart by
 * all of its bytes, though only its beginning is shown. */
#include <string.h>

#include "base/hash.h"
#include "history/state.h"

struct case_range {
    uint16_t first, last, less; /* the capital is so much below */
};

static const struct case_range small_letters[] = {
    {0xE0, 0xF6, 0x20},   {0xF8, 0xFE, 0x20},   {0x3AC, 0x3AC, 0x26}, {0x3AD, 0x3AF, 0x25},
    {0x3B1, 0x3C1, 0x20}, {0x3C2, 0x3C2, 0x1F}, {0x3C3, 0x3CB, 0x20}, {0x3CC, 0x3CC, 0x40},
    {0x3CD, 0x3CE, 0x3F}, {0x430, 0x44F, 0x20}, {0x450, 0x45F, 0x50},
};

static uint32_t fold(uint32_t point) {
    if (point >= 'a' && point <= 'z')
        return point - ('a' - 'A');
    for (size_t i = 0; i < sizeof small_letters / sizeof *small_letters; i++)
        if (point >= small_letters[i].first && point <= small_letters[i].last)
            return point - small_letters[i].less;
    return point == 0xFF ? 0x178 : point;
}

/* Folds the ASCII that a text begins with, eight bytes at a time: how much that was, to the eight
 * bytes. */
static size_t fold_ascii(const char *text, size_t size, uint8_t *folded) {
    const uint64_t ones = 0x0101010101010101u, high = 0x80 * ones;
    size_t at = 0;
    for (; size - at >= 8; at += 8) {
        uint64_t eight;
        memcpy(&eight, text + at, sizeof eight);
        if (eight & high)
            break;
        uint64_t is_small = (eight + (0x80 - 'a') * ones) & ~(eight + (0x7F - 'z') * ones) & high;
        eight ^= is_small >> 2;
        memcpy(folded + at, &eight, sizeof eight);
    }
    if (at < size && size >= 8 && at > 0 && size - at < 8) {
        uint64_t last;
        memcpy(&last, text + size - 8, sizeof last);
        if (last & high)
            return at;
        uint64_t is_small = (last + (0x80 - 'a') * ones) & ~(last + (0x7F - 'z') * ones) & high;
        last ^= is_small >> 2;
        memcpy(folded + size - 8, &last, sizeof last);
        return size;
    }
    return at;
}

/* The folded text: ASCII as it is, other characters as a mark and four bytes. */
static uint64_t folded_hash(const struct history *h, const char *text, size_t size) {
    uint8_t folded[WORD_BYTES * 5];
    size_t written = fold_ascii(text, size, folded);
    for (size_t at = written; at < size;) {
        uint8_t byte = (uint8_t)text[at];
        if (byte < 0x80) {
            folded[written++] = (uint8_t)(byte >= 'a' && byte <= 'z' ? byte - ('a' - 'A') : byte);
            at++;
            continue;
        }
        uint32_t point;
        at += text_next(text + at, size - at, &point);
        point = fold(point);
        folded[written++] = 0xFF;
        for (unsigned shift = 0; shift < 32; shift += 8)
            folded[written++] = (uint8_t)(point >> shift);
    }
    uint64_t hash = hash_bytes(folded, written, h->seed);
    return hash ? hash : 1;
}

void word_set(const struct history *h, const char *text, size_t size, struct word *word) {
    if (size >= WORD_BYTES)
        size = WORD_BYTES - 1;
    memcpy(word->text, text, size);
    word->text[size] = 0;
    word->size = (uint32_t)size;
    word->is_present = true;
    word->hash = size ? folded_hash(h, word->text, size) : 0;
}

static void word_decode(const struct history *h, struct sbl_text text, struct word *word) {
    bool is_lossy;
    word->is_present = sbl_text_is_present(text);
    word->size =
        (uint32_t)text_to_utf8(text, h->options.page, word->text, WORD_BYTES - 1, &is_lossy);
    for (char *nul = word->text;
         (nul = memchr(nul, 0, word->size - (size_t)(nul - word->text))) != NULL;)
        *nul = 0x1A; /* SUBSTITUTE: text ends at a NUL everywhere else */
    word->text[word->size] = 0;
    word->hash = word->size ? folded_hash(h, word->text, word->size) : 0;
    if (is_lossy && word->size)
        word->hash ^= hash_bytes(text.bytes, text.size, h->seed) | 1;
}

static void word_copy(struct word *to, const struct word *from) {
    memcpy(to, from, offsetof(struct word, text) + from->size + 1);
}

void word_clear(struct word *word) {
    memset(word, 0, offsetof(struct word, text) + 1);
}

void word_read(const struct history *h, struct sbl_text text, struct word *word) {
    if (!text.bytes || text.size == 0) {
        word_clear(word);
        word->is_present = sbl_text_is_present(text);
        return;
    }
    uint64_t mark = raw_mark(h, text);
    struct word_met *met = &h->words_met[mark / 8 % WORDS_MET];
    if (met->mark == mark) {
        word_copy(word, &met->word);
        return;
    }
    word_decode(h, text, word);
    met->mark = mark;
    word_copy(&met->word, word);
}

void label_set(struct label *label, const struct word *word) {
    text_copy(label->text, sizeof label->text, word->text);
    label->hash = word->hash;
}

/* Whether a text is written like an address and not like a name: digits and dots, or hex digits and
 * at least two colons. */
bool word_is_address(const char *text) {
    unsigned dots = 0, colons = 0, others = 0;
    for (const char *at = text; *at; at++) {
        char c = *at, low = (char)(c | 0x20);
        if (c == '.')
            dots++;
        else if (c == ':')
            colons++;
        else if ((low >= 'a' && low <= 'f') || c == '[' || c == ']' || c == '%')
            others++;
        else if (c < '0' || c > '9')
            return false;
    }
    return colons || others ? colons >= 2 : dots == 3;
}

bool word_has_any(const char *text, const char *const *parts) {
    for (; *text && *parts; parts++)
        if (strcasestr(text, *parts))
            return true;
    return false;
}

uint64_t raw_mark(const struct history *h, struct sbl_text text) {
    if (!text.bytes || text.size == 0)
        return sbl_text_is_present(text) ? 2 : 1;
    return hash_bytes(text.bytes, text.size, h->seed ^ text.encoding) | 4;
}

int64_t time_between(int64_t earlier, int64_t later) {
    if (later <= earlier)
        return 0;
    uint64_t gap = (uint64_t)later - (uint64_t)earlier;
    return gap > INT64_MAX ? INT64_MAX : (int64_t)gap;
}
