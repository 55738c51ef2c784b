/* What a table of keys cannot say: values that depend on each other, and entries that name other
 * entries. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <smblame/attempt.h>

#include "knowledge/store.h"

/* Lets the checker stand at a key of the element it is at. */
static void go_to(struct checker *checker, const cJSON *object, const char *key) {
    unsigned ordinal = 0;
    const cJSON *member = object->child;
    while (member && strcmp(member->string, key) != 0) {
        member = member->next;
        ordinal++;
    }
    checker->place.ordinals[1] = ordinal;
    checker->place.depth = member ? 2 : 1;
}

static bool is_pipe(const char *pattern) {
    return strncasecmp(pattern, "\\pipe\\", 6) == 0;
}

/* A pattern of nothing but wildcards would blame every file there is. */
static void check_patterns(struct checker *checker, const cJSON *object, const char *key,
                           const cJSON *list) {
    const cJSON *item;
    go_to(checker, object, key);
    cJSON_ArrayForEach(item, list) {
        bool is_wildcard = false;
        const char *pattern = item->valuestring;
        if (is_pipe(pattern))
            continue;
        if (strlen(pattern) > 120 || strpbrk(pattern, "\\/:"))
            checker_complain(checker, key,
                             "found a path or a long text, expected base names with * and ?");
        else if (patterns_literals(pattern, &is_wildcard) == 0)
            checker_complain(checker, key,
                             "found only wildcards, expected at least one other character");
    }
}

static void check_driver(struct checker *checker, const cJSON *object, void *entry) {
    struct driver_row *row = entry;
    check_patterns(checker, object, "files", row->files);
    check_patterns(checker, object, "weak_files", row->weak_files);
    go_to(checker, object, "period_seconds");
    if (row->period_count == 1 || row->period_seconds[0] > row->period_seconds[1])
        checker_complain(checker, "period_seconds", "expected two numbers, the smaller one first");
    const cJSON *item;
    cJSON_ArrayForEach(item, row->files) {
        if (is_pipe(item->valuestring) && !*row->share)
            row->share = "IPC$";
    }
}

static void check_period(struct checker *checker, const cJSON *object, void *entry) {
    const struct period_row *row = entry;
    go_to(checker, object, "max");
    if (row->entry.seconds_max < row->entry.seconds_min)
        checker_complain(checker, "max", "found %g, expected at least min, %g",
                         row->entry.seconds_max, row->entry.seconds_min);
}

/* "0xC000006D" or "2/2" in the exact form of statuses.json; false for any other text. */
static bool read_status_code(const char *text, uint32_t *code, bool *is_dos_error) {
    char *end = NULL;
    size_t size = strlen(text), digits = strspn(text, "0123456789");
    if (size == 10 && strncasecmp(text, "0x", 2) == 0 &&
        strspn(text + 2, "0123456789abcdefABCDEF") == 8) {
        *code = (uint32_t)strtoul(text, &end, 16);
        *is_dos_error = false;
        return true;
    }
    if (digits == 0 || digits > 3 || text[digits] != '/' || size - digits - 1 > 5 ||
        size - digits - 1 == 0 || strspn(text + digits + 1, "0123456789") != size - digits - 1)
        return false;
    unsigned long error_class = strtoul(text, &end, 10), number = strtoul(end + 1, NULL, 10);
    *code = (uint32_t)(error_class << 16 | number);
    *is_dos_error = true;
    return error_class <= 255 && number <= 65535;
}

/* What a status does to a logon is compiled in; a file can explain it, not change it. */
static void check_status(struct checker *checker, const cJSON *object, void *entry) {
    struct status_row *row = entry;
    uint32_t code = 0;
    bool is_dos_error = false;
    go_to(checker, object, "code");
    if (!read_status_code(row->entry.code, &code, &is_dos_error)) {
        checker_complain(checker, "code", "expected 0x and eight hex digits, or class/code");
        return;
    }
    row->entry.status = sbl_status_find(code, is_dos_error);
    go_to(checker, object, "reason");
    if (row->entry.status && row->reason && (int)row->entry.status->reason != row->reason - 1)
        checker_complain(checker, "reason",
                         "found another reason than this program gives %s, expected the same",
                         row->entry.status->name);
}

static void check_rule(struct checker *checker, const cJSON *object, void *entry) {
    struct rule_row *row = entry;
    row->rule.severity_locked =
        row->rule.severity_locked ? row->rule.severity_locked : row->rule.severity;
    go_to(checker, object, "cap");
    if (row->rule.cap < row->rule.base)
        checker_complain(checker, "cap", "found %g, expected at least base, %g", row->rule.cap,
                         row->rule.base);
    go_to(checker, object, "below");
    bool has_below = cJSON_GetObjectItemCaseSensitive(object, "below") != NULL;
    if (has_below != row->rule.is_fallback)
        checker_complain(checker, "below", "found %s, expected it with fallback and only there",
                         has_below ? "it" : "nothing");
    go_to(checker, object, "attack");
    if (row->rule.attack_count && !row->rule.is_hostile)
        checker_complain(checker, "attack", "found ids, expected them with hostile only");
}

void store_check_entry(struct checker *checker, enum knowledge_file_id file, const cJSON *object,
                       void *row) {
    static void (*const checks[FILE_COUNT])(struct checker *, const cJSON *, void *) = {
        [FILE_DRIVERS] = check_driver,
        [FILE_PERIODS] = check_period,
        [FILE_STATUSES] = check_status,
        [FILE_DIAGNOSES] = check_rule,
    };
    if (checks[file])
        checks[file](checker, object, row);
}

/* Complaints about rows after their documents were read. */
struct later {
    const struct sbl_knowledge *knowledge;
    FILE *errors;
    unsigned complaints;
};

static void complain_of(struct later *later, const struct origin *origin, const char *key,
                        const char *name, const char *expected) {
    const struct document *document = &later->knowledge->documents[origin->document];
    struct checker checker = {
        .document = document, .errors = later->errors, .complaints = later->complaints++};
    checker.place.ordinals[0] = origin->element;
    go_to(&checker, cJSON_GetArrayItem(document->tree, (int)origin->element), key);
    checker_mismatch(&checker, key, name, expected);
}

static void check_look_alikes(struct later *later, const struct rule_row *row) {
    for (unsigned i = 0; i < row->rule.look_alike_count; i++)
        if (!knowledge_rule(later->knowledge, row->rule.look_alikes[i]))
            complain_of(later, &row->origin, "look_alikes", row->rule.look_alikes[i],
                        "the id of a rule");
}

unsigned store_check_names(const struct sbl_knowledge *knowledge, FILE *errors) {
    struct later later = {.knowledge = knowledge, .errors = errors};
    const struct rule_row *fallback = NULL;
    for (size_t i = 0; i < rows_count(knowledge, FILE_DIAGNOSES); i++) {
        const struct rule_row *row = rows_at(knowledge, FILE_DIAGNOSES, i);
        check_look_alikes(&later, row);
        if (row->rule.is_fallback && fallback)
            complain_of(&later, &row->origin, "fallback", row->rule.id,
                        "one rule alone with fallback");
        fallback = row->rule.is_fallback ? row : fallback;
    }
    for (size_t i = 0; i < rows_count(knowledge, FILE_PERIODS); i++) {
        const struct period_row *row = rows_at(knowledge, FILE_PERIODS, i);
        if (*row->entry.signature_id && !knowledge_signature(knowledge, row->entry.signature_id))
            complain_of(&later, &row->origin, "signature", row->entry.signature_id,
                        "the id of an entry of drivers.json");
    }
    return later.complaints;
}
