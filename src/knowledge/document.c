/* Parsing one JSON text and finding lines in it. What cJSON lets pass and a careful reader does not
 * is refused before it: bytes that are no UTF-8, NUL (plain or as an escape: it would cut a
 * string), and nesting, which cJSON parses by recursion. */
#include "knowledge/document.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "knowledge/knowledge.h"

void knowledge_print(const char *text, FILE *out) {
    enum { SHOWN = 240 };
    char shown[SHOWN];
    size_t size = strlen(text);
    size_t written = text_printable(text, size, shown, sizeof shown);
    fwrite(shown, 1, written, out);
    if (size > SHOWN)
        fputs("...", out);
}

void document_complain(const struct document *document, unsigned line, const char *key,
                       const char *text, FILE *errors) {
    knowledge_print(document->name, errors);
    fprintf(errors, ":%u: %s%s%s\n", line, key ? key : "", key ? ": " : "", text);
}

static unsigned line_at(const char *text, const char *end) {
    unsigned line = 1;
    for (const char *at = text; at < end; at++)
        line += *at == '\n';
    return line;
}

/* A walk over the text that knows strings, depth and the ordinal at each depth. */
struct scanner {
    const char *at;
    unsigned ordinals[DOCUMENT_DEPTH + 1]; /* [1] counts elements of the outermost array */
    unsigned depth;
};

static void skip_string(struct scanner *scanner) {
    scanner->at++;
    while (*scanner->at && *scanner->at != '"')
        scanner->at += *scanner->at == '\\' && scanner->at[1] ? 2 : 1;
    if (*scanner->at)
        scanner->at++;
}

/* One token on. False when the nesting goes too deep. */
static bool step(struct scanner *scanner) {
    char now = *scanner->at;
    if (now == '"') {
        skip_string(scanner);
        return true;
    }
    if (now == '[' || now == '{') {
        if (scanner->depth == DOCUMENT_DEPTH)
            return false;
        scanner->ordinals[++scanner->depth] = 0;
    } else if (now == ',') {
        scanner->ordinals[scanner->depth]++;
    } else if (now == ']' || now == '}') {
        scanner->depth -= scanner->depth > 0;
    }
    scanner->at++;
    return true;
}

static bool is_space(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool is_here(const struct scanner *scanner, const struct place *place, unsigned depth) {
    if (scanner->depth != depth || *scanner->at == ',')
        return false;
    return memcmp(scanner->ordinals + 1, place->ordinals, depth * sizeof *place->ordinals) == 0;
}

unsigned document_line(const struct document *document, const struct place *place) {
    struct scanner scanner = {.at = document->text};
    const char *found = document->text;
    unsigned reached = 0;
    while (*scanner.at && reached < place->depth) {
        if (!is_space(*scanner.at) && is_here(&scanner, place, reached + 1)) {
            found = scanner.at;
            reached++;
        } else if (!step(&scanner)) {
            break;
        }
    }
    return line_at(document->text, found);
}

/* Where the text is no UTF-8, or NULL. */
static const char *damage_of(const char *text, size_t size) {
    for (size_t at = 0; at < size;) {
        uint32_t point = 0;
        size_t took = text_next(text + at, size - at, &point);
        if (point == TEXT_UNDECODABLE || point == 0)
            return text + at;
        at += took;
    }
    return NULL;
}

/* Where a string holds the escape of NUL, or NULL. */
static const char *escaped_nul(const char *text) {
    for (const char *at = strchr(text, '\\'); at && at[1]; at = strchr(at + 2, '\\'))
        if (strncmp(at, "\\u0000", 6) == 0)
            return at;
    return NULL;
}

static const char *too_deep(const char *text) {
    struct scanner scanner = {.at = text};
    while (*scanner.at)
        if (!step(&scanner))
            return scanner.at;
    return NULL;
}

static int refuse(const struct document *document, const char *at, FILE *errors,
                  const char *reason) {
    document_complain(document, line_at(document->text, at), NULL, reason, errors);
    return -EINVAL;
}

static int parse(struct document *document, FILE *errors) {
    const char *text = document->text, *end = NULL;
    const char *damage = damage_of(text, document->size);
    if (damage)
        return refuse(document, damage, errors, "bytes that are no text, expected UTF-8");
    const char *nul = escaped_nul(text);
    if (nul)
        return refuse(document, nul, errors, "found \\u0000, expected text without it");
    const char *deep = too_deep(text);
    if (deep)
        return refuse(document, deep, errors, "nested too deep, expected a list of flat entries");
    document->tree = cJSON_ParseWithLengthOpts(text, document->size + 1, &end, true);
    if (!document->tree)
        return refuse(document, end ? end : text, errors,
                      "no JSON from here, expected a list of entries: [{...}, ...]");
    if (!cJSON_IsArray(document->tree))
        return refuse(document, text, errors,
                      "found something else, expected a list: [{...}, ...]");
    return 0;
}

int document_init(struct document *document, const char *name, const char *bytes, size_t size,
                  FILE *errors) {
    *document = (struct document){.name = strdup(name), .text = malloc(size + 1), .size = size};
    if (!document->name || !document->text)
        return -ENOMEM;
    memcpy(document->text, bytes, size);
    document->text[size] = '\0';
    return parse(document, errors);
}

void document_fini(struct document *document) {
    cJSON_Delete(document->tree);
    free(document->text);
    free(document->name);
    *document = (struct document){0};
}
