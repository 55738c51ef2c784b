/* One JSON text of the knowledge base: parsed by cJSON, which keeps no line numbers, so the text is
 * kept beside the tree and searched again when something has to be said about a line. */
#ifndef SMBLAME_KNOWLEDGE_DOCUMENT_H
#define SMBLAME_KNOWLEDGE_DOCUMENT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cjson/cJSON.h>

enum { DOCUMENT_DEPTH = 6 /* of arrays and objects; the deepest entry needs 5 */ };

struct document {
    char *name; /* as errors say it; owned, as are the next two */
    char *text; /* terminated */
    cJSON *tree;
    size_t size;
};

/* Where in a document: the ordinal of the element, of the key in it, of the item in that, ... */
struct place {
    unsigned ordinals[DOCUMENT_DEPTH];
    unsigned depth;
};

/* Copies and parses `size` bytes. The tree is an array. 0, -ENOMEM, or -EINVAL after a line on
 * `errors`. What was taken is the document's in either case: document_fini. */
int document_init(struct document *document, const char *name, const char *bytes, size_t size,
                  FILE *errors);
void document_fini(struct document *document);

/* The line of a place, 1 for the first; the line of the nearest place that was reached when the
 * text has no such place. */
unsigned document_line(const struct document *document, const struct place *place);

/* "NAME:LINE: KEY: text" on `errors`; KEY is left out when NULL. */
void document_complain(const struct document *document, unsigned line, const char *key,
                       const char *text, FILE *errors);

#endif
