/* Many names and patterns, asked which of them fit a name: exact ones by hash, those with '*' (any
 * text) or '?' (one character) one after the other, most refused by a letter that the name lacks.
 * Case does not count (ASCII and Latin-1). Made once, never changed after. */
#ifndef SMBLAME_KNOWLEDGE_PATTERNS_H
#define SMBLAME_KNOWLEDGE_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PATTERNS_NAME_BYTES = 768 /* 255 characters; a longer name fits nothing */ };

struct pattern {
    char *text; /* folded; owned */
    uint32_t row, size, literals;
    uint32_t next; /* the next exact pattern of the same bucket, index + 1 */
    bool is_wildcard, is_weak;
    char first, last; /* bytes that a name has to have at its ends, 0 = any */
};

/* A wildcard pattern, and the bytes that a name has to have somewhere: bit b stands for all bytes
 * that are b modulo 64. */
struct wild {
    uint64_t letters;
    uint32_t index;
};

/* Exact patterns come first, in the order of adding, then wildcards in theirs. */
struct patterns {
    struct pattern *items;
    uint32_t *buckets;
    uint32_t count, capacity, exact_count, bucket_count;
    struct wild *wild;     /* the wildcards that a name may fit, by its first byte: */
    uint32_t wild_at[257]; /* those of byte b are at wild_at[b] up to wild_at[b + 1] */
};

/* A name made ready to be asked for. */
struct folded {
    uint64_t letters; /* as in struct wild: those that it has, at least */
    size_t size;
    char text[PATTERNS_NAME_BYTES + 1];
};

/* False when the name is too long to be one. */
bool patterns_fold(struct folded *folded, const char *name);

/* 0 or -ENOMEM. Patterns are asked for only after patterns_index. */
int patterns_add(struct patterns *patterns, const char *pattern, uint32_t row, bool is_weak);
int patterns_index(struct patterns *patterns);
void patterns_fini(struct patterns *patterns);

/* The first pattern that fits, and the next after one: all exact ones, then the wildcards. */
const struct pattern *patterns_next(const struct patterns *patterns, const struct folded *name,
                                    const struct pattern *previous);

/* Whether a folded pattern fits a folded text. */
bool patterns_fit(const char *pattern, size_t pattern_size, const char *text, size_t size);

/* How many characters of a pattern are no wildcards, and whether there are wildcards. */
uint32_t patterns_literals(const char *pattern, bool *is_wildcard);

#endif
