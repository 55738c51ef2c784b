/* Ink and templates. See text.h. */
#include "diagnose/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "knowledge/knowledge.h"

/* Longer than any word of a fact. */
enum { TEXT_FACT_BYTES = 48 };

static const char *const key_words[TEXT_KEY_COUNT] = {
#define TEXT_KEY_WORD(name, word) [TEXT_##name] = (word),
    TEXT_KEYS(TEXT_KEY_WORD)
#undef TEXT_KEY_WORD
};

void ink_init(struct ink *ink, char *bytes, size_t room) {
    *ink = (struct ink){.bytes = bytes, .room = room};
}

/* One byte is kept for the NUL. */
static bool put_bytes(struct ink *ink, const char *bytes, size_t size) {
    if (ink->room < ink->used + size + 1)
        return false;
    memcpy(ink->bytes + ink->used, bytes, size);
    ink->used += size;
    return true;
}

static bool is_ascii(const char *text, size_t size) {
    uint64_t all = 0, eight;
    if (size < sizeof eight) {
        for (size_t i = 0; i < size; i++)
            all |= (uint8_t)text[i];
        return all < 0x80;
    }
    for (size_t at = 0; at + sizeof eight < size; at += sizeof eight) {
        memcpy(&eight, text + at, sizeof eight);
        all |= eight;
    }
    memcpy(&eight, text + size - sizeof eight, sizeof eight); /* some of it again */
    return !((all | eight) & UINT64_C(0x8080808080808080));
}

/* Puts what fits of a text that is not ASCII, or too long. */
static void put_checked(struct ink *ink, const char *text, size_t size, size_t most) {
    for (size_t at = 0; at < size;) {
        uint32_t point;
        size_t step = text_next(text + at, size - at, &point);
        if (at + step > most)
            return;
        if (!(point == TEXT_UNDECODABLE ? put_bytes(ink, "\xEF\xBF\xBD", 3)
                                        : put_bytes(ink, text + at, step)))
            return;
        at += step;
    }
}

void ink_put_most(struct ink *ink, const char *text, size_t most) {
    size_t size = strnlen(text, most + 4);
    if (size > most || !is_ascii(text, size) || !put_bytes(ink, text, size))
        put_checked(ink, text, size, most);
}

void ink_put(struct ink *ink, const char *text) {
    ink_put_most(ink, text, ink->room);
}

void ink_number(struct ink *ink, uint64_t number) {
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, number);
    if (size > 0)
        put_bytes(ink, digits, (size_t)size);
}

const char *ink_end(struct ink *ink) {
    if (ink->used >= ink->room || ink->used == ink->start) {
        ink->used = ink->start;
        return "";
    }
    const char *text = ink->bytes + ink->start;
    ink->bytes[ink->used++] = '\0';
    ink->start = ink->used;
    return text;
}

const char *ink_copy(struct ink *ink, const char *text, size_t most) {
    ink_put_most(ink, text, most);
    return ink_end(ink);
}

void text_keep_some(char *out, size_t room, const char *text) {
    struct ink ink;
    size_t size = strnlen(text, room);
    if (size < room && is_ascii(text, size)) {
        memcpy(out, text, size + 1);
        return;
    }
    ink_init(&ink, out, room);
    ink_put(&ink, text);
    out[ink.used] = '\0';
}

static bool key_find(const char *word, size_t size, enum text_key *key) {
    for (unsigned i = 0; i < TEXT_KEY_COUNT; i++)
        if (strlen(key_words[i]) == size && memcmp(key_words[i], word, size) == 0) {
            *key = (enum text_key)i;
            return true;
        }
    return false;
}

static bool is_many(const struct text_values *values, enum text_key key) {
    return values->many >> (unsigned)key & 1;
}

/* The inside of a placeholder: the value itself, or a word that goes with one or with several. */
static bool put_value(struct ink *ink, const char *form, size_t size,
                      const struct text_values *values) {
    enum text_key key;
    const char *colon = memchr(form, ':', size);
    if (!key_find(form, colon ? (size_t)(colon - form) : size, &key) || !values->of[key] ||
        !values->of[key][0])
        return false;
    if (!colon) {
        ink_put(ink, values->of[key]);
        return true;
    }
    const char *end = form + size, *slash = memchr(colon, '/', (size_t)(end - colon));
    const char *from = is_many(values, key) && slash ? slash + 1 : colon + 1;
    const char *to = is_many(values, key) || !slash ? end : slash;
    put_bytes(ink, from, (size_t)(to - from));
    return true;
}

/* Text without brackets. False when a value of it is not known; the ink is then as it was. */
static bool put_plain(struct ink *ink, const char *form, size_t size,
                      const struct text_values *values) {
    size_t mark = ink->used;
    for (size_t at = 0; at < size; at++) {
        const char *end = form[at] == '{' ? memchr(form + at, '}', size - at) : NULL;
        if (!end) {
            put_bytes(ink, form + at, 1);
            continue;
        }
        size_t length = (size_t)(end - (form + at)) - 1;
        if (!put_value(ink, form + at + 1, length, values)) {
            ink->used = mark;
            return false;
        }
        at += length + 1;
    }
    return true;
}

/* The fact of "?fact " or "!fact ", and what follows it; false when there is no such fact. */
static bool condition_read(const char *form, const char *end, enum fact *fact, const char **rest) {
    const char *blank = memchr(form, ' ', (size_t)(end - form));
    size_t size = (size_t)((blank ? blank : end) - form) - 1;
    char word[TEXT_FACT_BYTES];
    if (size >= sizeof word)
        return false;
    memcpy(word, form + 1, size);
    word[size] = '\0';
    *rest = blank ? blank + 1 : end;
    return knowledge_fact_find(word, fact);
}

static bool is_condition(const char *form, const char *end) {
    return form < end && (*form == '?' || *form == '!');
}

/* Takes a condition off the front, if there is one. Whether what follows may be said. */
static bool take_condition(const char **form, const char *end, const struct text_values *values) {
    const char *start = *form;
    enum fact fact;
    if (!is_condition(start, end))
        return true;
    return condition_read(start, end, &fact, form) &&
           facts_have(&values->facts, fact) == (*start == '?');
}

/* What stands between brackets: the first way of saying it that is known, or nothing. */
static void put_option(struct ink *ink, const char *form, size_t size,
                       const struct text_values *values) {
    for (const char *end = form + size; form <= end;) {
        const char *bar = memchr(form, '|', (size_t)(end - form));
        const char *stop = bar ? bar : end;
        if (take_condition(&form, stop, values) &&
            put_plain(ink, form, (size_t)(stop - form), values))
            return;
        form = stop + 1;
    }
}

/* The size of the sentence at the start of `form`, with the blank behind it. */
static size_t sentence_size(const char *form) {
    size_t at = 0;
    for (bool inside = false; form[at]; at++) {
        if (form[at] == '[' || form[at] == ']')
            inside = form[at] == '[';
        if (!inside && strchr(".!?", form[at]) && form[at + 1] == ' ')
            return at + 2;
    }
    return at;
}

/* "these machines were" at the beginning of a sentence. */
static void capitalize(struct ink *ink, size_t mark, const char *form,
                       const struct text_values *values) {
    enum text_key key;
    const char *end = *form == '{' ? strchr(form, '}') : NULL;
    if (!end || ink->used == mark || !key_find(form + 1, (size_t)(end - form) - 1, &key) ||
        !((values->many | values->described) >> (unsigned)key & 1))
        return;
    char *first = ink->bytes + mark;
    if (*first >= 'a' && *first <= 'z')
        *first = (char)(*first - 'a' + 'A');
}

static void put_sentence(struct ink *ink, const char *form, size_t size,
                         const struct text_values *values) {
    size_t mark = ink->used;
    for (size_t at = 0; at < size;) {
        const char *close = form[at] == '[' ? memchr(form + at, ']', size - at) : NULL;
        if (close) {
            put_option(ink, form + at + 1, (size_t)(close - (form + at)) - 1, values);
            at = (size_t)(close - form) + 1;
            continue;
        }
        const char *open = memchr(form + at + 1, '[', size - at - 1);
        size_t run = open ? (size_t)(open - form) - at : size - at;
        if (!put_plain(ink, form + at, run, values)) {
            ink->used = mark;
            return;
        }
        at += run;
    }
    capitalize(ink, mark, form, values);
}

const char *text_expand(struct ink *ink, const char *form, const struct text_values *values) {
    while (*form) {
        size_t size = sentence_size(form);
        put_sentence(ink, form, size, values);
        form += size;
    }
    while (ink->used > ink->start && ink->bytes[ink->used - 1] == ' ')
        ink->used--;
    return ink_end(ink);
}

static bool is_condition_sound(const char *form) {
    const char *rest, *end = form + strcspn(form, "|]");
    enum fact fact;
    return !is_condition(form, end) || (condition_read(form, end, &fact, &rest) && rest < end);
}

bool text_is_sound(const char *form) {
    bool inside = false;
    for (; *form; form++) {
        enum text_key key;
        if (*form == '[' || *form == ']') {
            if (inside == (*form == '['))
                return false;
            inside = !inside;
        }
        if (inside && (*form == '[' || *form == '|') && !is_condition_sound(form + 1))
            return false;
        const char *end = *form == '{' ? strchr(form, '}') : NULL;
        if (*form == '{' && (!end || !key_find(form + 1, strcspn(form + 1, ":}"), &key)))
            return false;
        if (*form == '}')
            return false;
        form = end ? end : form;
    }
    return !inside;
}
