/* Which entries fit what is seen on the wire. Called for each refused look-up: one hash, a walk of
 * the wildcards that mostly look at one byte, no allocation. */
#include <string.h>
#include <strings.h>

#include "knowledge/store.h"

const char *store_last_component(const char *path) {
    const char *last = path;
    for (; *path; path++)
        if ((*path == '\\' || *path == '/') && path[1])
            last = path + 1;
    return last;
}

/* Whether one of the patterns of a list with '|' between them fits. */
static bool list_fits(const char *list, const struct folded *name) {
    struct folded pattern;
    char one[128];
    while (*list) {
        size_t size = strcspn(list, "|");
        if (size < sizeof one) {
            memcpy(one, list, size);
            one[size] = '\0';
            if (patterns_fold(&pattern, one) &&
                patterns_fit(pattern.text, pattern.size, name->text, name->size))
                return true;
        }
        list += size + (list[size] == '|');
    }
    return false;
}

static bool is_on_share(const struct driver_row *row, const char *share) {
    struct folded name;
    return !*row->share ||
           (patterns_fold(&name, store_last_component(share)) && list_fits(row->share, &name));
}

/* A signature that fits, while they are collected. */
struct candidate {
    uint32_t row;
    bool is_wildcard, is_weak;
    unsigned rank; /* lower is better */
};

enum { CANDIDATES = 32 };

/* Better matches first: what has a signature of its own before the behaviours, exact before
 * wildcard, strong before weak; then as in the file. */
static void put_in_order(struct candidate *candidates, size_t count) {
    for (size_t i = 1; i < count; i++) {
        struct candidate moved = candidates[i];
        size_t at = i;
        for (; at > 0 && candidates[at - 1].rank > moved.rank; at--)
            candidates[at] = candidates[at - 1];
        candidates[at] = moved;
    }
}

static void rank(const struct sbl_knowledge *knowledge, struct candidate *candidate) {
    const struct driver_row *row = rows_at(knowledge, FILE_DRIVERS, candidate->row);
    bool is_behaviour = row->signature.role == SIGNATURE_BEHAVIOUR;
    candidate->rank = (is_behaviour ? 4U : 0U) | (candidate->is_wildcard ? 2U : 0U) |
                      (candidate->is_weak ? 1U : 0U);
    candidate->rank = candidate->rank << 24 | (candidate->row & 0xFFFFFF);
}

/* One more pattern fits: a new candidate, or more about one that is there. */
static size_t collect(struct candidate *candidates, size_t count, const struct pattern *pattern) {
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].row != pattern->row)
            continue;
        candidates[i].is_wildcard = candidates[i].is_wildcard && pattern->is_wildcard;
        candidates[i].is_weak = candidates[i].is_weak || pattern->is_weak;
        return count;
    }
    if (count == CANDIDATES)
        return count;
    candidates[count] = (struct candidate){
        .row = pattern->row, .is_wildcard = pattern->is_wildcard, .is_weak = pattern->is_weak};
    return count + 1;
}

size_t knowledge_file(const struct sbl_knowledge *knowledge, const char *name, const char *share,
                      struct signature_match out[SIGNATURE_MATCHES]) {
    struct candidate candidates[CANDIDATES];
    struct folded folded;
    size_t count = 0, written = 0;
    if (!patterns_fold(&folded, name))
        return 0;
    const struct pattern *pattern = patterns_next(&knowledge->files, &folded, NULL);
    for (; pattern; pattern = patterns_next(&knowledge->files, &folded, pattern))
        if (is_on_share(rows_at(knowledge, FILE_DRIVERS, pattern->row), share))
            count = collect(candidates, count, pattern);
    for (size_t i = 0; i < count; i++)
        rank(knowledge, &candidates[i]);
    put_in_order(candidates, count);
    for (; written < count && written < SIGNATURE_MATCHES; written++) {
        const struct driver_row *row = rows_at(knowledge, FILE_DRIVERS, candidates[written].row);
        out[written] = (struct signature_match){.signature = &row->signature,
                                                .is_weak = candidates[written].is_weak,
                                                .is_wildcard = candidates[written].is_wildcard};
    }
    return written;
}

const struct signature *knowledge_signature(const struct sbl_knowledge *knowledge, const char *id) {
    for (size_t i = 0; i < rows_count(knowledge, FILE_DRIVERS); i++) {
        const struct driver_row *row = rows_at(knowledge, FILE_DRIVERS, i);
        if (strcasecmp(row->signature.id, id) == 0)
            return &row->signature;
    }
    return NULL;
}

/* A habit of naming people's and programs' accounts says nothing of a machine: SCAN01$ is a
 * computer. */
static bool is_passed_over(const struct account_entry *entry, const struct folded *name) {
    bool is_machine = name->size > 0 && name->text[name->size - 1] == '$';
    bool is_habit = entry->class_ == ACCOUNT_CLASS_SERVICE || entry->class_ == ACCOUNT_CLASS_DEVICE;
    return is_machine && is_habit && entry->basis == SBL_BASIS_INFERRED;
}

const struct account_entry *knowledge_account(const struct sbl_knowledge *knowledge,
                                              const char *name) {
    const struct account_entry *best = NULL;
    uint32_t literals = 0;
    struct folded folded;
    if (!patterns_fold(&folded, name))
        return NULL;
    const struct pattern *pattern = patterns_next(&knowledge->accounts, &folded, NULL);
    for (; pattern; pattern = patterns_next(&knowledge->accounts, &folded, pattern)) {
        const struct account_row *row = rows_at(knowledge, FILE_ACCOUNTS, pattern->row);
        if (!pattern->is_wildcard)
            return &row->entry;
        bool is_better = !best || pattern->literals > literals;
        if (is_better && !is_passed_over(&row->entry, &folded)) {
            best = &row->entry;
            literals = pattern->literals;
        }
    }
    return best;
}

const struct share_row *store_share_find(const struct sbl_knowledge *knowledge, const char *share) {
    const struct pattern *best = NULL;
    struct folded folded;
    if (!patterns_fold(&folded, store_last_component(share)))
        return NULL;
    while (folded.size > 0 && strchr("\\/", folded.text[folded.size - 1]))
        folded.text[--folded.size] = '\0';
    const struct pattern *pattern = patterns_next(&knowledge->shares, &folded, NULL);
    for (; pattern; pattern = patterns_next(&knowledge->shares, &folded, pattern)) {
        if (!best || (best->is_wildcard && pattern->literals > best->literals))
            best = pattern;
    }
    return best ? rows_at(knowledge, FILE_SHARES, best->row) : NULL;
}

enum share_class knowledge_share(const struct sbl_knowledge *knowledge, const char *share) {
    const struct share_row *row = store_share_find(knowledge, share);
    return row ? row->class_ : SHARE_CLASS_OTHER;
}

const struct period_entry *knowledge_period(const struct sbl_knowledge *knowledge, double seconds) {
    const struct period_entry *best = NULL;
    for (size_t i = 0; i < rows_count(knowledge, FILE_PERIODS); i++) {
        const struct period_row *row = rows_at(knowledge, FILE_PERIODS, i);
        const struct period_entry *entry = &row->entry;
        if (seconds < entry->seconds_min || seconds > entry->seconds_max)
            continue;
        if (!best ||
            entry->seconds_max - entry->seconds_min < best->seconds_max - best->seconds_min)
            best = entry;
    }
    return best;
}

const struct status_entry *knowledge_status(const struct sbl_knowledge *knowledge, size_t place) {
    if (place >= rows_count(knowledge, FILE_STATUSES))
        return NULL;
    const struct status_row *row = rows_at(knowledge, FILE_STATUSES, place);
    return &row->entry;
}

const struct rule *knowledge_rules(const struct sbl_knowledge *knowledge, size_t *count) {
    *count = rows_count(knowledge, FILE_DIAGNOSES);
    return knowledge->rules;
}

const struct rule *knowledge_rule(const struct sbl_knowledge *knowledge, const char *id) {
    for (size_t i = 0; i < rows_count(knowledge, FILE_DIAGNOSES); i++)
        if (strcasecmp(knowledge->rules[i].id, id) == 0)
            return &knowledge->rules[i];
    return NULL;
}

const struct fact_words *knowledge_fact(const struct sbl_knowledge *knowledge, enum fact fact) {
    return &knowledge->facts[fact];
}

double knowledge_fallback_below(const struct sbl_knowledge *knowledge) {
    return knowledge->fallback_below;
}
