/* Which entries cite an article: the way back from a number in a record to what is made of it. */
#include "knowledge/explain.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "knowledge/sheet.h"

/* What is looked for, and what was found so far. */
struct search {
    const struct sbl_knowledge *knowledge;
    const char *digits;
    FILE *out;
    bool is_found;
};

/* "Q278660", "KB278660": the number, or NULL. */
static const char *article_of(const char *what) {
    size_t letters = toupper((unsigned char)what[0]) == 'Q' ? 1 : 0;
    if (toupper((unsigned char)what[0]) == 'K' && toupper((unsigned char)what[1]) == 'B')
        letters = 2;
    size_t digits = strspn(what + letters, "0123456789");
    return letters && digits >= 5 && digits <= 7 && !what[letters + digits] ? what + letters : NULL;
}

/* Whether a text has the number, with a letter of an article before it and no digit after it. */
static bool cites(const struct search *search, const char *text) {
    size_t size = strlen(search->digits);
    for (const char *at = strstr(text, search->digits); at; at = strstr(at + 1, search->digits))
        if (at > text && (at[-1] == 'Q' || at[-1] == 'B') && !isdigit((unsigned char)at[size]))
            return true;
    return false;
}

static void tell(struct search *search, const char *kind, const char *name, const char *text) {
    char *line = NULL;
    if (!search->is_found) {
        char heading[16];
        snprintf(heading, sizeof heading, "Q%s", search->digits);
        sheet_heading(search->out, heading, "article");
    }
    search->is_found = true;
    if (asprintf(&line, "%s: %s", name, text) < 0)
        return;
    sheet_say(search->out, kind, line);
    free(line);
}

static void search_rules(struct search *search) {
    size_t count = 0;
    const struct rule *rules = knowledge_rules(search->knowledge, &count);
    for (size_t i = 0; i < count; i++) {
        bool is_cited = cites(search, rules[i].source) || cites(search, rules[i].reference);
        for (unsigned k = 0; k < rules[i].reference_count; k++)
            is_cited = is_cited || cites(search, rules[i].references[k]);
        if (is_cited)
            tell(search, "cause", rules[i].id, rules[i].title);
    }
}

static void search_signatures(struct search *search) {
    for (size_t i = 0; i < rows_count(search->knowledge, FILE_DRIVERS); i++) {
        const struct driver_row *row = rows_at(search->knowledge, FILE_DRIVERS, i);
        if (cites(search, row->signature.source) || cites(search, row->signature.reported_by) ||
            cites(search, row->signature.notes))
            tell(search, "signature", row->signature.id, row->signature.product);
    }
}

static void search_accounts(struct search *search) {
    for (size_t i = 0; i < rows_count(search->knowledge, FILE_ACCOUNTS); i++) {
        const struct account_row *row = rows_at(search->knowledge, FILE_ACCOUNTS, i);
        const struct account_entry *entry = &row->entry;
        if (cites(search, entry->source) || cites(search, entry->behaviour) ||
            cites(search, entry->remedy))
            tell(search, "account", *entry->pattern ? entry->pattern : "(no name)", entry->role);
    }
}

static void search_others(struct search *search) {
    for (size_t i = 0; i < rows_count(search->knowledge, FILE_SHARES); i++) {
        const struct share_row *row = rows_at(search->knowledge, FILE_SHARES, i);
        if (cites(search, row->source))
            tell(search, "share", row->pattern, row->note);
    }
    for (size_t i = 0; i < rows_count(search->knowledge, FILE_PERIODS); i++) {
        const struct period_row *row = rows_at(search->knowledge, FILE_PERIODS, i);
        char name[48];
        snprintf(name, sizeof name, "%g to %g s", row->entry.seconds_min, row->entry.seconds_max);
        if (cites(search, row->entry.source))
            tell(search, "period", name, row->entry.owner);
    }
    for (size_t i = 0; i < rows_count(search->knowledge, FILE_STATUSES); i++) {
        const struct status_row *row = rows_at(search->knowledge, FILE_STATUSES, i);
        if (cites(search, row->entry.meaning) || cites(search, row->entry.advice))
            tell(search, "status", row->entry.name, row->entry.meaning);
    }
}

bool explain_article(const struct sbl_knowledge *knowledge, const char *what, FILE *out) {
    struct search search = {.knowledge = knowledge, .digits = article_of(what), .out = out};
    if (!search.digits)
        return false;
    search_rules(&search);
    search_signatures(&search);
    search_accounts(&search);
    search_others(&search);
    if (search.is_found)
        sheet_end(out);
    return search.is_found;
}
