/* Pages of statuses, accounts, shares and signatures. From where something is known is said with
 * it, always: only what an article says is called reported. */
#include "knowledge/explain.h"

#include <string.h>
#include <strings.h>

#include "knowledge/sheet.h"

static const char *basis_text(enum sbl_basis basis) {
    if (basis == SBL_BASIS_DOCUMENTED)
        return "documented: an article or a specification says so";
    if (basis == SBL_BASIS_VENDOR_FILE_NAME)
        return "vendor file name: the name is of the vendor's package or of a list of its files; "
               "no "
               "article says that this file locks accounts out";
    return "inferred: concluded, or general knowledge; no article says it";
}

void explain_status(const struct status_row *row, FILE *out) {
    char text[160];
    sheet_heading(out, row->entry.name, "status");
    sheet_say(out, "Code", row->entry.code);
    sheet_say(out, "What it means", row->entry.meaning);
    sheet_say(out, "Reason", rows_reason(row->reason));
    if (row->modern_event || row->classic_event) {
        snprintf(text, sizeof text, "%u%s%s",
                 row->modern_event ? row->modern_event : row->classic_event,
                 *row->sub_status ? ", sub status " : "", row->sub_status);
        sheet_say(out, "Windows event", text);
    }
    if (row->modern_event && row->classic_event) {
        snprintf(text, sizeof text, "%u before Windows Vista and Server 2008", row->classic_event);
        sheet_say(out, NULL, text);
    }
    sheet_say(out, "What to do", row->entry.advice);
    sheet_end(out);
}

void explain_account(const struct account_entry *entry, const char *name, FILE *out) {
    sheet_heading(out, *name ? name : "(no name)", "account");
    if (strcasecmp(entry->pattern, name) != 0)
        sheet_say(out, "Known as", entry->pattern);
    sheet_say(out, "Product", entry->product);
    sheet_say(out, "What it is", entry->role);
    sheet_say(out, "Class", rows_account_class(entry->class_));
    sheet_say(out, "Scope", entry->scope);
    sheet_say(out, "What it does", entry->behaviour);
    sheet_say(out, "What to do", entry->remedy);
    sheet_say(out, "How we know", basis_text(entry->basis));
    sheet_say(out, "Source", entry->source);
    sheet_end(out);
}

void explain_share(const struct share_row *row, const char *name, FILE *out) {
    sheet_heading(out, name, "share");
    if (strcasecmp(row->pattern, name) != 0)
        sheet_say(out, "Known as", row->pattern);
    sheet_say(out, "Product", row->product);
    sheet_say(out, "Class", rows_share_class(row->class_));
    sheet_say(out, "What it is", row->note);
    sheet_say(out, "Source", row->source);
    sheet_end(out);
}

static const char *role_text(enum signature_role role) {
    static const char *const texts[] = {
        [SIGNATURE_CULPRIT] = "can be the culprit of a search of PATH",
        [SIGNATURE_STALE] = "goes on with an old password, and so can be the culprit",
        [SIGNATURE_PROBE] = "innocent, but it shows that PATH holds a network directory",
        [SIGNATURE_AGGRAVATING] = "makes it worse; it is not the cause",
        [SIGNATURE_BENIGN] = "looks like a culprit and is none",
        [SIGNATURE_NEGATIVE] = "never counts as a search of PATH",
        [SIGNATURE_BEHAVIOUR] = "the shape of a search; it names nobody",
    };
    return (unsigned)role < sizeof texts / sizeof *texts ? texts[role] : "";
}

static const char *kind_text(enum sbl_culprit_kind kind) {
    static const char *const texts[] = {[SBL_CULPRIT_DRIVER] = "a driver",
                                        [SBL_CULPRIT_PROGRAM] = "a program",
                                        [SBL_CULPRIT_SERVICE] = "a service"};
    return (unsigned)kind < sizeof texts / sizeof *texts && texts[kind] ? texts[kind] : "";
}

/* All patterns of a signature in one text, as far as it has room. */
static void say_patterns(const char *label, const cJSON *list, FILE *out) {
    char text[2048];
    size_t at = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        size_t left = sizeof text - at;
        int wrote = snprintf(text + at, left, "%s%s", at ? ", " : "", item->valuestring);
        if (wrote < 0 || (size_t)wrote >= left)
            break;
        at += (size_t)wrote;
    }
    text[at] = '\0';
    sheet_say(out, label, text);
}

void explain_signature(const struct driver_row *row, FILE *out) {
    const struct signature *signature = &row->signature;
    bool is_documented = signature->basis == SBL_BASIS_DOCUMENTED;
    char text[400];
    snprintf(text, sizeof text, "%s: %s", signature->vendor, signature->product);
    sheet_say(out, signature->role == SIGNATURE_BEHAVIOUR ? "Shape" : "Product", text);
    snprintf(text, sizeof text, "%s (%s); %s", kind_text(signature->kind), signature->id,
             role_text(signature->role));
    sheet_say(out, "What it is", text);
    sheet_say(out, "Notes", signature->notes);
    say_patterns("Files", row->files, out);
    say_patterns("Common names", row->weak_files, out);
    sheet_say(out, "Only on share", row->share);
    if (row->period_count == 2) {
        snprintf(text, sizeof text, "%g to %g s", row->period_seconds[0], row->period_seconds[1]);
        sheet_say(out, "Comes every", text);
    }
    sheet_say(out, "How we know", basis_text(signature->basis));
    sheet_say(out, is_documented ? "Reported by" : "Named by", signature->reported_by);
    sheet_say(out, "Source", signature->source);
    sheet_end(out);
}

enum { ROWS_TOLD = 32 };

/* Adds a row once. */
static unsigned note_row(uint32_t rows[ROWS_TOLD], unsigned count, uint32_t row) {
    for (unsigned i = 0; i < count; i++)
        if (rows[i] == row)
            return count;
    if (count < ROWS_TOLD)
        rows[count++] = row;
    return count;
}

bool explain_file(const struct sbl_knowledge *knowledge, const char *name, bool *is_named,
                  FILE *out) {
    uint32_t rows[ROWS_TOLD];
    unsigned count = 0;
    struct folded folded;
    *is_named = false;
    if (!patterns_fold(&folded, name))
        return false;
    const struct pattern *pattern = patterns_next(&knowledge->files, &folded, NULL);
    for (; pattern; pattern = patterns_next(&knowledge->files, &folded, pattern))
        count = pattern->literals ? note_row(rows, count, pattern->row) : count;
    if (count == 0)
        return false;
    sheet_heading(out, name, "file name");
    for (int shapes = 0; shapes < 2; shapes++) {
        for (unsigned i = 0; i < count; i++) {
            const struct driver_row *row = rows_at(knowledge, FILE_DRIVERS, rows[i]);
            bool is_shape = row->signature.role == SIGNATURE_BEHAVIOUR;
            if (is_shape == (shapes == 1))
                explain_signature(row, out);
            *is_named = *is_named || !is_shape;
        }
    }
    return true;
}
