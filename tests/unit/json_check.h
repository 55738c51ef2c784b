/* A strict checker of UTF-8 and JSON for tests: says yes or no, keeps nothing. */
#ifndef SMBLAME_TESTS_JSON_CHECK_H
#define SMBLAME_TESTS_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whether bytes are well-formed UTF-8 (by the bit patterns, not by the table the program uses). */
static inline bool check_utf8(const char *text, size_t size) {
    const uint8_t *p = (const uint8_t *)text;
    for (size_t i = 0; i < size;) {
        unsigned more = p[i] < 0x80 ? 0 : (p[i] & 0xE0) == 0xC0 ? 1 : (p[i] & 0xF0) == 0xE0 ? 2 : 3;
        if (p[i] >= 0x80 && (p[i] & 0xC0) == 0x80)
            return false;
        if (more == 3 && (p[i] & 0xF8) != 0xF0)
            return false;
        if (more > size - i - 1)
            return false;
        uint32_t point = more ? p[i] & (0x3Fu >> more) : p[i];
        for (unsigned k = 1; k <= more; k++) {
            if ((p[i + k] & 0xC0) != 0x80)
                return false;
            point = point << 6 | (p[i + k] & 0x3Fu);
        }
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if (point < least[more] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
            return false;
        i += more + 1;
    }
    return true;
}

struct check {
    const char *at, *end;
    bool bad;
};

static inline bool check_char(struct check *c, char wanted) {
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

static inline void check_string(struct check *c) {
    c->bad |= !check_char(c, '"');
    while (!c->bad && c->at < c->end && *c->at != '"') {
        if ((uint8_t)*c->at < 0x20 || *c->at == 0x7F)
            c->bad = true;
        if (*c->at++ != '\\')
            continue;
        if (c->at == c->end || !strchr("\"\\/bfnrtu", *c->at) || !*c->at)
            c->bad = true;
        else if (*c->at++ == 'u') {
            c->bad |= c->end - c->at < 4;
            for (int i = 0; i < 4 && !c->bad; i++)
                c->bad = !strchr("0123456789abcdefABCDEF", *c->at++);
        }
    }
    c->bad |= !check_char(c, '"');
}

static inline void check_number(struct check *c) {
    check_char(c, '-');
    const char *start = c->at;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
        c->at++;
    c->bad |= c->at == start || (*start == '0' && c->at - start > 1);
    if (check_char(c, '.')) {
        start = c->at;
        while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
            c->at++;
        c->bad |= c->at == start;
    }
}

static inline void check_scalar(struct check *c) {
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < 3; i++)
        if ((size_t)(c->end - c->at) >= strlen(words[i]) &&
            memcmp(c->at, words[i], strlen(words[i])) == 0) {
            c->at += strlen(words[i]);
            return;
        }
    if (c->at < c->end && *c->at == '"')
        check_string(c);
    else
        check_number(c);
}

/* One object, written without white space, nothing behind it. Iterative: a stack of what is open.
 */
static inline bool check_json(const char *text, size_t size) {
    struct check c = {text, text + size, !check_utf8(text, size)};
    char open[64];
    size_t depth = 0;
    if (size == 0 || *text != '{')
        return false;
    do {
        /* a member or element may begin here */
        bool empty_end = depth && (c.at < c.end) && *c.at == (open[depth - 1] == '{' ? '}' : ']');
        if (!empty_end) {
            if (depth && open[depth - 1] == '{') {
                check_string(&c);
                c.bad |= !check_char(&c, ':');
            }
            if (c.bad || depth == sizeof open)
                return false;
            if (c.at < c.end && (*c.at == '{' || *c.at == '[')) {
                open[depth++] = *c.at++;
                continue;
            }
            check_scalar(&c);
        }
        while (!c.bad && depth && check_char(&c, open[depth - 1] == '{' ? '}' : ']'))
            depth--;
        if (depth && (c.bad || !check_char(&c, ',')))
            return false;
        /* a comma promises another member */
        if (depth && c.at < c.end && (*c.at == '}' || *c.at == ']'))
            return false;
    } while (depth && !c.bad);
    return !c.bad && c.at == c.end;
}

/* Lines of JSON objects, each ended. */
static inline bool check_lines(const char *text, size_t size) {
    while (size) {
        const char *end = memchr(text, '\n', size);
        if (!end || !check_json(text, (size_t)(end - text)))
            return false;
        size -= (size_t)(end - text) + 1;
        text = end + 1;
    }
    return true;
}

#endif
