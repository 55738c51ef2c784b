/* What a word of the command line may be, in the order of what is surest: an entry's own name
 * first, a pattern that happens to fit last. */
#include "knowledge/explain.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "knowledge/sheet.h"

static bool try_rule(const struct sbl_knowledge *knowledge, const char *what, FILE *out) {
    const struct rule *rule = knowledge_rule(knowledge, what);
    if (rule)
        explain_rule(knowledge, rule, out);
    return rule != NULL;
}

static bool try_signature(const struct sbl_knowledge *knowledge, const char *what, FILE *out) {
    for (size_t i = 0; i < rows_count(knowledge, FILE_DRIVERS); i++) {
        const struct driver_row *row = rows_at(knowledge, FILE_DRIVERS, i);
        if (strcasecmp(row->signature.id, what) != 0)
            continue;
        sheet_heading(out, row->signature.id, "signature");
        explain_signature(row, out);
        return true;
    }
    return false;
}

/* "0xC000006D", "C000006D", "2/2", a name, or the number of an event of the Security log. */
static bool is_status(const struct status_row *row, const char *what) {
    unsigned event = strspn(what, "0123456789") == strlen(what) && strlen(what) <= 5
                         ? (unsigned)strtoul(what, NULL, 10)
                         : 0;
    return strcasecmp(row->entry.name, what) == 0 || strcasecmp(row->entry.code, what) == 0 ||
           strcasecmp(row->entry.code + 2, what) == 0 ||
           (event && (row->modern_event == event || row->classic_event == event));
}

static bool try_status(const struct sbl_knowledge *knowledge, const char *what, FILE *out) {
    bool is_known = false;
    for (size_t i = 0; *what && i < rows_count(knowledge, FILE_STATUSES); i++) {
        const struct status_row *row = rows_at(knowledge, FILE_STATUSES, i);
        if (is_status(row, what))
            explain_status(row, out);
        is_known = is_known || is_status(row, what);
    }
    return is_known;
}

static bool try_fact(const struct sbl_knowledge *knowledge, const char *what, FILE *out) {
    enum fact fact = 0;
    bool is_known = knowledge_fact_find(what, &fact);
    if (is_known)
        explain_fact(knowledge, fact, out);
    return is_known;
}

static bool try_share(const struct sbl_knowledge *knowledge, const char *what, FILE *out) {
    const struct share_row *row = store_share_find(knowledge, what);
    if (row)
        explain_share(row, store_last_component(what), out);
    return row != NULL;
}

/* An account's pattern with wildcards is told only when the word is known as nothing else: "svc*"
 * has nothing to say of svcctl.dll. */
static bool try_account(const struct sbl_knowledge *knowledge, const char *what, bool is_known,
                        FILE *out) {
    const char *name = store_last_component(what);
    const struct account_entry *entry = knowledge_account(knowledge, name);
    if (!entry || (is_known && strcasecmp(entry->pattern, name) != 0))
        return false;
    explain_account(entry, name, out);
    return true;
}

bool knowledge_explain(const struct sbl_knowledge *knowledge, const char *what, FILE *out) {
    static bool (*const tries[])(const struct sbl_knowledge *, const char *, FILE *) = {
        try_rule, try_signature, try_status, explain_article, try_fact, try_share};
    bool is_known = false, is_named = false;
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
        is_known = tries[i](knowledge, what, out) || is_known;
    bool is_file = explain_file(knowledge, store_last_component(what), &is_named, out);
    bool is_account = try_account(knowledge, what, is_known || is_named, out);
    return is_known || is_file || is_account;
}
