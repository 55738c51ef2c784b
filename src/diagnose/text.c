/* Ink and templates. See text.h. */
#include "diagnose/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

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

void ink_put_most(struct ink *ink, const char *text, size_t most) {
    size_t size = strnlen(text, most + 4);
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

void text_keep(char *out, size_t room, const char *text) {
    struct ink ink;
    ink_init(&ink, out, room);
    ink_put(&ink, text);
    out[ink.used] = '\0';
}

static const char *value_of(const struct text_values *values, const char *word, size_t size) {
    for (unsigned i = 0; i < TEXT_KEY_COUNT; i++)
        if (strlen(key_words[i]) == size && memcmp(key_words[i], word, size) == 0)
            return values->of[i] && values->of[i][0] ? values->of[i] : NULL;
    return NULL;
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
        const char *value = value_of(values, form + at + 1, length);
        if (!value) {
            ink->used = mark;
            return false;
        }
        ink_put(ink, value);
        at += length + 1;
    }
    return true;
}

/* What stands between brackets: the first way of saying it that is known, or nothing. */
static void put_option(struct ink *ink, const char *form, size_t size,
                       const struct text_values *values) {
    for (const char *end = form + size; form <= end;) {
        const char *bar = memchr(form, '|', (size_t)(end - form));
        const char *stop = bar ? bar : end;
        if (put_plain(ink, form, (size_t)(stop - form), values))
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

bool text_is_sound(const char *form) {
    struct text_values all;
    for (unsigned i = 0; i < TEXT_KEY_COUNT; i++)
        all.of[i] = "x";
    bool inside = false;
    for (; *form; form++) {
        if (*form == '[' || *form == ']') {
            if (inside == (*form == '['))
                return false;
            inside = !inside;
        }
        const char *end = *form == '{' ? strchr(form, '}') : NULL;
        if (*form == '{' && (!end || !value_of(&all, form + 1, (size_t)(end - form) - 1)))
            return false;
        if (*form == '}')
            return false;
        form = end ? end : form;
    }
    return !inside;
}
