/* What an entry of a knowledge file looks like, as a table of keys: name, type, bounds and the
 * field of the entry's struct that the value goes to. One function checks an object by its table
 * and fills the struct; there is no other check and no other parser of these files. */
#ifndef SMBLAME_KNOWLEDGE_SHAPE_H
#define SMBLAME_KNOWLEDGE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "knowledge/document.h"

enum key_type {
    KEY_TEXT,      /* const char *; `most` bytes at most, `least` at least */
    KEY_WORD,      /* an enum; one of `words` */
    KEY_NUMBER,    /* double within [least, most] */
    KEY_COUNT,     /* unsigned within [least, most] */
    KEY_FLAG,      /* bool */
    KEY_LIST,      /* const cJSON *: an array of texts, as it is */
    KEY_TEXTS,     /* const char *[most], and their number */
    KEY_NUMBERS,   /* double[most], and their number */
    KEY_FACT,      /* enum fact */
    KEY_FACTS,     /* struct facts */
    KEY_FACT_SETS, /* struct facts[most], and their number */
    KEY_ROWS,      /* structs [most] of `shape`, and their number */
};

struct word {
    const char *text; /* NULL ends a list */
    int value;
};

struct shape;

struct key {
    const char *name;
    enum key_type type;
    bool is_required;
    size_t at, count_at; /* offsets in the struct */
    double least, most;
    const struct word *words;
    const struct shape *shape;
};

struct shape {
    const struct key *keys;
    size_t key_count; /* at most 64 */
    size_t bytes;     /* of the struct */
};

/* Checks one document's entries. `place` is where it is now; complaints count, the first of them
 * are printed. */
struct checker {
    const struct document *document;
    FILE *errors;
    struct place place;
    unsigned complaints;
};

enum { COMPLAINTS_SHOWN = 10 /* of one document */ };

/* One line about the place where the checker is. */
void checker_complain(struct checker *checker, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same of a text that was found: "found 'text', expected ...". */
void checker_mismatch(struct checker *checker, const char *key, const char *text,
                      const char *expected);

/* Fills a zeroed struct from an object; texts that are not there become "". What is wrong is
 * complained about and left zero. */
void shape_fill(struct checker *checker, const struct shape *shape, const cJSON *object,
                void *entry);

#endif
