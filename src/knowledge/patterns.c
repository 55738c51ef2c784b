/* The matcher. The wildcard match goes back to the last '*' only, which is enough and takes at most
 * pattern times name; both are short by then. */
#include "knowledge/patterns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static uint64_t letter(unsigned char byte) {
    return UINT64_C(1) << (byte & 63);
}

/* Bytes of UTF-8; the second byte of a Latin-1 capital becomes that of its small letter. All of
 * them have one bit clear that small letters have set. Returns the letters that there are. */
static uint64_t fold_text(const char *text, size_t size, char *out) {
    uint64_t letters = 0;
    unsigned char before = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char now = (unsigned char)text[i];
        bool is_latin = before == 0xC3 && now >= 0x80 && now <= 0x9E && now != 0x97;
        before = now;
        if (is_latin || (unsigned)(now - 'A') <= 'Z' - 'A')
            now |= 0x20;
        letters |= letter(now);
        out[i] = (char)now;
    }
    out[size] = '\0';
    return letters;
}

bool patterns_fold(struct folded *folded, const char *name) {
    size_t size = strnlen(name, PATTERNS_NAME_BYTES + 1);
    if (size > PATTERNS_NAME_BYTES)
        return false;
    folded->size = size;
    folded->letters = fold_text(name, size, folded->text);
    return true;
}

static uint64_t letters_wanted(const struct pattern *pattern) {
    uint64_t letters = 0;
    for (uint32_t i = 0; i < pattern->size; i++)
        if (pattern->text[i] != '*' && pattern->text[i] != '?')
            letters |= letter((unsigned char)pattern->text[i]);
    return letters;
}

uint32_t patterns_literals(const char *pattern, bool *is_wildcard) {
    uint32_t literals = 0;
    *is_wildcard = false;
    for (; *pattern; pattern++) {
        bool is_wild = *pattern == '*' || *pattern == '?';
        literals += !is_wild;
        *is_wildcard = *is_wildcard || is_wild;
    }
    return literals;
}

static bool is_continuation(char byte) {
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* How far one character goes. */
static size_t character(const char *text, size_t size) {
    size_t took = 1;
    while (took < size && is_continuation(text[took]))
        took++;
    return took;
}

bool patterns_fit(const char *pattern, size_t pattern_size, const char *text, size_t size) {
    size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;
    while (t < size) {
        if (p < pattern_size && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern_size && pattern[p] == '?') {
            t += character(text + t, size - t);
            p++;
        } else if (p < pattern_size && pattern[p] == text[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern_size && pattern[p] == '*')
        p++;
    return p == pattern_size;
}

/* A byte that every name that fits has there, or 0. */
static char fixed(char byte) {
    if (byte == '*' || byte == '?')
        return '\0';
    return byte;
}

int patterns_add(struct patterns *patterns, const char *pattern, uint32_t row, bool is_weak) {
    if (patterns->count == patterns->capacity) {
        uint32_t capacity = patterns->capacity ? patterns->capacity * 2 : 64;
        struct pattern *grown = realloc(patterns->items, capacity * sizeof *grown);
        if (!grown)
            return -ENOMEM;
        patterns->items = grown;
        patterns->capacity = capacity;
    }
    size_t size = strlen(pattern);
    struct pattern added = {.text = malloc(size + 1), .row = row, .is_weak = is_weak};
    if (!added.text)
        return -ENOMEM;
    added.size = (uint32_t)size;
    (void)fold_text(pattern, size, added.text);
    added.literals = patterns_literals(pattern, &added.is_wildcard);
    if (added.size) {
        added.first = fixed(added.text[0]);
        added.last = fixed(added.text[added.size - 1]);
    }
    patterns->items[patterns->count++] = added;
    return 0;
}

/* Exact ones to the front; the order among each kind stays. */
static void part(struct patterns *patterns, struct pattern *sorted) {
    uint32_t at = 0;
    for (int wildcards = 0; wildcards < 2; wildcards++) {
        for (uint32_t i = 0; i < patterns->count; i++)
            if (patterns->items[i].is_wildcard == wildcards)
                sorted[at++] = patterns->items[i];
        patterns->exact_count = wildcards ? patterns->exact_count : at;
    }
}

static uint32_t bucket_of(const struct patterns *patterns, const char *text, size_t size) {
    return (uint32_t)(hash_bytes(text, size, 0) & (patterns->bucket_count - 1));
}

static bool may_begin(const struct pattern *pattern, unsigned byte) {
    return !pattern->first || (unsigned char)pattern->first == byte;
}

/* Lists the wildcards by the first byte of a name. 0 or -ENOMEM. */
static int index_wildcards(struct patterns *patterns) {
    uint32_t room = 0;
    for (uint32_t i = patterns->exact_count; i < patterns->count; i++)
        room += patterns->items[i].first ? 1 : 256;
    patterns->wild = calloc(room + 1, sizeof *patterns->wild);
    if (!patterns->wild)
        return -ENOMEM;
    uint32_t at = 0;
    for (unsigned byte = 0; byte < 256; byte++) {
        patterns->wild_at[byte] = at;
        for (uint32_t i = patterns->exact_count; i < patterns->count; i++)
            if (may_begin(&patterns->items[i], byte))
                patterns->wild[at++] =
                    (struct wild){.letters = letters_wanted(&patterns->items[i]), .index = i};
    }
    patterns->wild_at[256] = at;
    return 0;
}

int patterns_index(struct patterns *patterns) {
    uint32_t buckets = 64;
    while (buckets < patterns->count * 2)
        buckets *= 2;
    struct pattern *sorted = calloc(patterns->count + 1, sizeof *sorted);
    patterns->buckets = calloc(buckets, sizeof *patterns->buckets);
    patterns->bucket_count = buckets;
    if (!sorted || !patterns->buckets) {
        free(sorted);
        return -ENOMEM;
    }
    part(patterns, sorted);
    free(patterns->items);
    patterns->items = sorted;
    patterns->capacity = patterns->count;
    for (uint32_t i = patterns->exact_count; i > 0; i--) {
        uint32_t *bucket =
            &patterns->buckets[bucket_of(patterns, sorted[i - 1].text, sorted[i - 1].size)];
        sorted[i - 1].next = *bucket;
        *bucket = i;
    }
    return index_wildcards(patterns);
}

void patterns_fini(struct patterns *patterns) {
    for (uint32_t i = 0; i < patterns->count; i++)
        free(patterns->items[i].text);
    free(patterns->items);
    free(patterns->buckets);
    free(patterns->wild);
    *patterns = (struct patterns){0};
}

static const struct pattern *next_exact(const struct patterns *patterns, const struct folded *name,
                                        uint32_t index) {
    for (; index; index = patterns->items[index - 1].next) {
        const struct pattern *pattern = &patterns->items[index - 1];
        if (pattern->size == name->size && memcmp(pattern->text, name->text, name->size) == 0)
            return pattern;
    }
    return NULL;
}

/* Whether the end of a wildcard pattern agrees with the name: what most do not. */
static bool end_agrees(const struct pattern *pattern, const struct folded *name) {
    if (name->size == 0)
        return pattern->literals == 0;
    return !pattern->last || pattern->last == name->text[name->size - 1];
}

static const struct pattern *next_wildcard(const struct patterns *patterns,
                                           const struct folded *name, uint32_t index) {
    const unsigned byte = (unsigned char)name->text[0]; /* of an empty name: its NUL */
    for (uint32_t i = patterns->wild_at[byte]; i < patterns->wild_at[byte + 1]; i++) {
        const struct wild *wild = &patterns->wild[i];
        if (wild->letters & ~name->letters || wild->index < index)
            continue;
        const struct pattern *pattern = &patterns->items[wild->index];
        if (end_agrees(pattern, name) &&
            patterns_fit(pattern->text, pattern->size, name->text, name->size))
            return pattern;
    }
    return NULL;
}

const struct pattern *patterns_next(const struct patterns *patterns, const struct folded *name,
                                    const struct pattern *previous) {
    uint32_t wildcard = patterns->exact_count;
    if (patterns->count == 0)
        return NULL;
    if (!previous || !previous->is_wildcard) {
        uint32_t index = previous ? previous->next
                                  : patterns->buckets[bucket_of(patterns, name->text, name->size)];
        const struct pattern *exact = next_exact(patterns, name, index);
        if (exact)
            return exact;
    } else {
        wildcard = (uint32_t)(previous - patterns->items) + 1;
    }
    return next_wildcard(patterns, name, wildcard);
}
