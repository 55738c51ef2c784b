/* The inside of the knowledge base: documents, rows of each file, and the indexes over them. Shared
 * by the files of this room alone. */
#ifndef SMBLAME_KNOWLEDGE_STORE_H
#define SMBLAME_KNOWLEDGE_STORE_H

#include "knowledge/document.h"
#include "knowledge/knowledge.h"
#include "knowledge/patterns.h"
#include "knowledge/rows.h"

/* What one base takes at most. */
struct knowledge_limits {
    size_t file_bytes;
    unsigned elements;  /* of one file */
    unsigned wildcards; /* of drivers.json: each is tried for each look-up */
};

extern const struct knowledge_limits knowledge_limits;

/* Rows of one file: `count` structs of its shape. */
struct rows {
    char *bytes;
    size_t count, capacity;
};

struct sbl_knowledge {
    struct knowledge_limits limits;
    struct document documents[2 * FILE_COUNT];
    unsigned document_count;
    struct rows rows[FILE_COUNT];
    struct patterns files, accounts, shares;
    struct rule *rules;
    struct fact_words facts[FACT_COUNT];
    double fallback_below;
};

static inline void *rows_at(const struct sbl_knowledge *knowledge, enum knowledge_file_id file,
                            size_t index) {
    return knowledge->rows[file].bytes + index * knowledge_forms[file].shape.bytes;
}

static inline size_t rows_count(const struct sbl_knowledge *knowledge,
                                enum knowledge_file_id file) {
    return knowledge->rows[file].count;
}

/* An empty base. NULL without memory. */
struct sbl_knowledge *store_new(const struct knowledge_limits *limits);

/* Reads one text as the file of that form: checks it, replaces and adds. 0, -ENOMEM, or -EINVAL
 * after lines on `errors`; the base is then good for nothing but sbl_knowledge_free. */
int store_read(struct sbl_knowledge *knowledge, enum knowledge_file_id file,
               const struct document *source, FILE *errors);

/* Checks what entries say of each other, and makes the indexes. Once, after all texts. */
int store_finish(struct sbl_knowledge *knowledge, FILE *errors);

/* Checks one entry beyond its shape; `object` is its JSON. */
void store_check_entry(struct checker *checker, enum knowledge_file_id file, const cJSON *object,
                       void *row);
/* Checks the names that entries know each other by. */
unsigned store_check_names(const struct sbl_knowledge *knowledge, FILE *errors);

/* The file of that name among the seven; FILE_COUNT when there is none. */
enum knowledge_file_id store_file_find(const char *name);

/* The entry of a share by its last component, or NULL. */
const struct share_row *store_share_find(const struct sbl_knowledge *knowledge, const char *share);

/* What comes after the last backslash or slash. */
const char *store_last_component(const char *path);

/* The bytes that are compiled in. */
const unsigned char *store_builtin(enum knowledge_file_id file, size_t *size);

#endif
