/* Reading texts into rows, and rows into what is asked for. A later entry takes the place of an
 * earlier one of another document that it agrees with in id, pattern, code or fact; twice in one
 * document is an error. */
#include "knowledge/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct knowledge_limits knowledge_limits = {
    .file_bytes = 4 << 20, .elements = 4096, .wildcards = 1024};

struct sbl_knowledge *store_new(const struct knowledge_limits *limits) {
    struct sbl_knowledge *knowledge = calloc(1, sizeof *knowledge);
    if (knowledge)
        knowledge->limits = *limits;
    return knowledge;
}

enum knowledge_file_id store_file_find(const char *name) {
    enum knowledge_file_id file = 0;
    while (file < FILE_COUNT && strcmp(knowledge_forms[file].name, name) != 0)
        file++;
    return file;
}

/* Room for one more row; NULL without memory. */
static void *rows_room(struct rows *rows, size_t bytes) {
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity ? rows->capacity * 2 : 64;
        char *grown = realloc(rows->bytes, capacity * bytes);
        if (!grown)
            return NULL;
        rows->bytes = grown;
        rows->capacity = capacity;
    }
    return memset(rows->bytes + rows->count * bytes, 0, bytes);
}

/* The row just filled, behind the last: in place of the one it replaces, or one more. */
static void merge(struct sbl_knowledge *knowledge, enum knowledge_file_id file, void *row,
                  struct checker *checker) {
    const struct file_form *form = &knowledge_forms[file];
    struct origin now;
    memcpy(&now, row, sizeof now);
    for (size_t i = 0; i < knowledge->rows[file].count; i++) {
        void *other = rows_at(knowledge, file, i);
        struct origin then;
        memcpy(&then, other, sizeof then);
        if (!form->is_same(other, row))
            continue;
        if (then.document == now.document)
            checker_complain(checker, form->key, "found the same as in entry %u, expected it once",
                             then.element + 1);
        memcpy(other, row, form->shape.bytes);
        return;
    }
    knowledge->rows[file].count++;
}

static int read_entry(struct sbl_knowledge *knowledge, enum knowledge_file_id file,
                      const cJSON *object, struct checker *checker) {
    const struct shape *shape = &knowledge_forms[file].shape;
    unsigned before = checker->complaints, element = checker->place.ordinals[0];
    struct origin origin = {.document = knowledge->document_count - 1, .element = element};
    void *row = rows_room(&knowledge->rows[file], shape->bytes);
    if (!row)
        return -ENOMEM;
    memcpy(row, &origin, sizeof origin);
    checker->place.depth = 0;
    checker->place.ordinals[checker->place.depth++] = element;
    shape_fill(checker, shape, object, row);
    if (checker->complaints == before)
        store_check_entry(checker, file, object, row);
    checker->place.depth = 1;
    if (checker->complaints == before)
        merge(knowledge, file, row, checker);
    return 0;
}

static int read_entries(struct sbl_knowledge *knowledge, enum knowledge_file_id file,
                        struct checker *checker) {
    const cJSON *object;
    int failed = 0;
    checker->place = (struct place){.depth = 1};
    cJSON_ArrayForEach(object, checker->document->tree) {
        if (checker->place.ordinals[0] == knowledge->limits.elements) {
            checker_complain(checker, NULL, "found more entries, expected at most %u",
                             knowledge->limits.elements);
            break;
        }
        failed = failed ? failed : read_entry(knowledge, file, object, checker);
        checker->place.ordinals[0]++;
    }
    return failed;
}

int store_read(struct sbl_knowledge *knowledge, enum knowledge_file_id file,
               const struct document *source, FILE *errors) {
    if (knowledge->document_count == 2 * FILE_COUNT)
        return -EINVAL;
    struct document *document = &knowledge->documents[knowledge->document_count++];
    struct checker checker = {.document = document, .errors = errors};
    int failed = document_init(document, source->name, source->text, source->size, errors);
    if (!failed)
        failed = read_entries(knowledge, file, &checker);
    if (checker.complaints > COMPLAINTS_SHOWN)
        fprintf(errors, "%s: and %u more\n", knowledge_forms[file].name,
                checker.complaints - COMPLAINTS_SHOWN);
    return failed ? failed : checker.complaints ? -EINVAL : 0;
}

static int add_list(struct patterns *patterns, const cJSON *list, uint32_t row, bool is_weak) {
    const cJSON *item;
    int failed = 0;
    cJSON_ArrayForEach(item, list) {
        const char *text = item->valuestring;
        bool is_pipe = *text == '\\';
        failed = failed ? failed
                        : patterns_add(patterns, is_pipe ? text + strlen("\\pipe\\") : text, row,
                                       is_weak);
    }
    return failed;
}

static int index_files(struct sbl_knowledge *knowledge) {
    int failed = 0;
    for (size_t i = 0; !failed && i < rows_count(knowledge, FILE_DRIVERS); i++) {
        const struct driver_row *row = rows_at(knowledge, FILE_DRIVERS, i);
        failed = add_list(&knowledge->files, row->files, (uint32_t)i, false);
        failed = failed ? failed : add_list(&knowledge->files, row->weak_files, (uint32_t)i, true);
    }
    return failed ? failed : patterns_index(&knowledge->files);
}

static int index_names(struct sbl_knowledge *knowledge) {
    int failed = 0;
    for (size_t i = 0; !failed && i < rows_count(knowledge, FILE_ACCOUNTS); i++) {
        const struct account_row *row = rows_at(knowledge, FILE_ACCOUNTS, i);
        failed = patterns_add(&knowledge->accounts, row->entry.pattern, (uint32_t)i, false);
    }
    for (size_t i = 0; !failed && i < rows_count(knowledge, FILE_SHARES); i++) {
        const struct share_row *row = rows_at(knowledge, FILE_SHARES, i);
        failed = patterns_add(&knowledge->shares, row->pattern, (uint32_t)i, false);
    }
    failed = failed ? failed : patterns_index(&knowledge->accounts);
    return failed ? failed : patterns_index(&knowledge->shares);
}

static int index_rules(struct sbl_knowledge *knowledge) {
    size_t count = rows_count(knowledge, FILE_DIAGNOSES);
    knowledge->rules = calloc(count + 1, sizeof *knowledge->rules);
    if (!knowledge->rules)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct rule_row *row = rows_at(knowledge, FILE_DIAGNOSES, i);
        knowledge->rules[i] = row->rule;
        knowledge->fallback_below = row->rule.is_fallback ? row->below : knowledge->fallback_below;
    }
    return 0;
}

static void index_facts(struct sbl_knowledge *knowledge) {
    for (size_t i = 0; i < FACT_COUNT; i++)
        knowledge->facts[i] = (struct fact_words){"", ""};
    for (size_t i = 0; i < rows_count(knowledge, FILE_FACTS); i++) {
        const struct fact_row *row = rows_at(knowledge, FILE_FACTS, i);
        knowledge->facts[row->fact] = row->words;
    }
}

int store_finish(struct sbl_knowledge *knowledge, FILE *errors) {
    index_facts(knowledge);
    int failed = index_files(knowledge);
    failed = failed ? failed : index_names(knowledge);
    failed = failed ? failed : index_rules(knowledge);
    if (failed)
        return failed;
    uint32_t wildcards = knowledge->files.count - knowledge->files.exact_count;
    if (wildcards > knowledge->limits.wildcards) {
        fprintf(errors, "drivers.json: %u patterns with * or ?, expected at most %u\n", wildcards,
                knowledge->limits.wildcards);
        return -EINVAL;
    }
    return store_check_names(knowledge, errors) ? -EINVAL : 0;
}

void sbl_knowledge_free(struct sbl_knowledge *knowledge) {
    if (!knowledge)
        return;
    for (unsigned i = 0; i < knowledge->document_count; i++)
        document_fini(&knowledge->documents[i]);
    for (enum knowledge_file_id file = 0; file < FILE_COUNT; file++)
        free(knowledge->rows[file].bytes);
    patterns_fini(&knowledge->files);
    patterns_fini(&knowledge->accounts);
    patterns_fini(&knowledge->shares);
    free(knowledge->rules);
    free(knowledge);
}
