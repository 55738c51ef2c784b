/* Taking diagnoses in. One is copied whole, into a place of fixed size, because its strings are
 * only lent: what a reader needs most is copied first, and each string is made printable and no
 * longer than a page can show. */
#include "emit/summary.h"

#include <string.h>

struct text_field {
    size_t at; /* of a const char * in struct sbl_diagnosis */
    size_t room;
};

struct list_field {
    size_t at; /* of a struct sbl_strings */
    size_t room;
    void (*show)(char *out, size_t room, struct view_string text);
};

#define FIELD(name) offsetof(struct sbl_diagnosis, name)

/* Bytes for an array, or NULL. */
static void *take(struct summary_diagnosis *kept, size_t size) {
    size_t start = (kept->used + 7u) & ~7u;
    if (start > sizeof kept->bytes || size > sizeof kept->bytes - start) {
        kept->is_cut = true;
        return NULL;
    }
    kept->used = (uint32_t)(start + size);
    return kept->bytes + start;
}

static const char *copy_shown(struct summary_diagnosis *kept, const char *text, size_t room,
                              void (*show)(char *, size_t, struct view_string)) {
    size_t left = sizeof kept->bytes - kept->used;
    char *out = kept->bytes + kept->used;
    if (!text || !*text)
        return "";
    if (left < room) {
        kept->is_cut = true;
        return "";
    }
    show(out, room, (struct view_string){text, strlen(text)});
    kept->used += (uint32_t)strlen(out) + 1;
    return out;
}

static const char *copy_name(struct summary_diagnosis *kept, const char *name) {
    return copy_shown(kept, name, SUMMARY_NAME_BYTES, summary_show);
}

static void copy_strings(struct summary_diagnosis *kept, struct sbl_strings *strings,
                         const struct list_field *field) {
    uint32_t count = view_listed(strings->count);
    const char **items = take(kept, count * sizeof *items);
    for (uint32_t i = 0; items && i < count; i++)
        items[i] = copy_shown(kept, strings->items[view_place(strings->count, i)], field->room,
                              field->show);
    strings->items = items;
    strings->count = items ? count : 0;
}

static const struct sbl_machine *
copy_machines(struct summary_diagnosis *kept, const struct sbl_machine *machines, uint32_t *count) {
    uint32_t listed = view_listed(*count);
    struct sbl_machine *copies = take(kept, listed * sizeof *copies);
    for (uint32_t i = 0; copies && i < listed; i++) {
        copies[i] = machines[view_place(*count, i)];
        copies[i].name = copy_name(kept, copies[i].name);
        copies[i].contradiction = copy_name(kept, copies[i].contradiction);
    }
    *count = copies ? listed : 0;
    return copies;
}

/* Where the item at `at` of `count` comes to stand; UINT32_MAX when it is not kept. */
static uint32_t place_kept(uint32_t count, uint32_t at) {
    if (at >= count)
        return UINT32_MAX;
    if (count <= SUMMARY_LISTED || at < SBL_LIST_ENDS)
        return at;
    return at >= count - SBL_LIST_ENDS ? at - (count - SUMMARY_LISTED) : UINT32_MAX;
}

static void copy_lines(struct summary_diagnosis *kept, const struct sbl_diagnosis *diagnosis) {
    uint32_t count = diagnosis->line_count, listed = view_listed(count);
    struct sbl_evidence_line *lines = take(kept, listed * sizeof *lines);
    for (uint32_t i = 0; lines && i < listed; i++) {
        struct sbl_evidence_line *line = &lines[i];
        *line = diagnosis->lines[view_place(count, i)];
        line->client = place_kept(diagnosis->client_count, line->client);
        line->server_number = place_kept(diagnosis->server_count, line->server_number - 1) + 1;
        line->account = copy_name(kept, line->account);
        line->domain = copy_name(kept, line->domain);
        line->share = copy_shown(kept, line->share, SUMMARY_NAME_BYTES, summary_show_path);
    }
    kept->told.lines = lines;
    kept->told.line_count = lines ? listed : 0;
    if (kept->told.line_first_count > kept->told.line_count)
        kept->told.line_first_count = kept->told.line_count;
    if (count > SUMMARY_LISTED && kept->told.line_first_count > SBL_LIST_ENDS)
        kept->told.line_first_count = SBL_LIST_ENDS;
}

static void copy_culprit(struct summary_diagnosis *kept, struct sbl_culprit *culprit) {
    static const struct list_field files = {0, SUMMARY_NAME_BYTES, summary_show_path};
    culprit->id = copy_name(kept, culprit->id);
    culprit->vendor = copy_name(kept, culprit->vendor);
    culprit->product = copy_name(kept, culprit->product);
    copy_strings(kept, &culprit->files, &files);
}

static void copy_candidates(struct summary_diagnosis *kept) {
    struct sbl_diagnosis *told = &kept->told;
    uint32_t count = told->candidate_count, listed = view_listed(count);
    struct sbl_culprit *candidates = take(kept, listed * sizeof *candidates);
    for (uint32_t i = 0; candidates && i < listed; i++) {
        candidates[i] = told->candidates[view_place(count, i)];
        copy_culprit(kept, &candidates[i]);
    }
    told->candidates = candidates;
    told->candidate_count = candidates ? listed : 0;
}

static void copy_alternatives(struct summary_diagnosis *kept) {
    struct sbl_diagnosis *told = &kept->told;
    uint32_t count = told->alternative_count, listed = view_listed(count);
    struct sbl_alternative *alternatives = take(kept, listed * sizeof *alternatives);
    for (uint32_t i = 0; alternatives && i < listed; i++) {
        struct sbl_alternative *alternative = &alternatives[i];
        *alternative = told->alternatives[view_place(count, i)];
        alternative->rule_id = copy_name(kept, alternative->rule_id);
        alternative->title = copy_name(kept, alternative->title);
        alternative->why = copy_shown(kept, alternative->why, SUMMARY_SENTENCE_BYTES, summary_show);
    }
    told->alternatives = alternatives;
    told->alternative_count = alternatives ? listed : 0;
}

static void copy_texts(struct summary_diagnosis *kept) {
    static const struct text_field fields[] = {
        {FIELD(message), SUMMARY_MESSAGE_BYTES},     {FIELD(rule_id), SUMMARY_NAME_BYTES},
        {FIELD(rule_title), SUMMARY_NAME_BYTES},     {FIELD(rule_category), SUMMARY_NAME_BYTES},
        {FIELD(account), SUMMARY_NAME_BYTES},        {FIELD(domain), SUMMARY_NAME_BYTES},
        {FIELD(server_role), SUMMARY_NAME_BYTES},    {FIELD(authority_name), SUMMARY_NAME_BYTES},
        {FIELD(counted_by), SUMMARY_NAME_BYTES},     {FIELD(period_owner), SUMMARY_SENTENCE_BYTES},
        {FIELD(rule_reference), SUMMARY_NAME_BYTES}, {FIELD(walk.account), SUMMARY_NAME_BYTES},
        {FIELD(walk.domain), SUMMARY_NAME_BYTES},    {FIELD(superseded_by), SUMMARY_NAME_BYTES},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const char *text;
        char *place = (char *)&kept->told + fields[i].at;
        memcpy(&text, place, sizeof text);
        text = copy_shown(kept, text, fields[i].room, summary_show);
        memcpy(place, &text, sizeof text);
    }
}

static void copy_lists(struct summary_diagnosis *kept, const struct list_field *fields,
                       size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct sbl_strings strings;
        char *place = (char *)&kept->told + fields[i].at;
        memcpy(&strings, place, sizeof strings);
        copy_strings(kept, &strings, &fields[i]);
        memcpy(place, &strings, sizeof strings);
    }
}

static void copy(struct summary_diagnosis *kept, const struct sbl_diagnosis *diagnosis) {
    static const struct list_field first[] = {
        {FIELD(remedy), SUMMARY_SENTENCE_BYTES, summary_show},
        {FIELD(references), SUMMARY_NAME_BYTES, summary_show},
        {FIELD(windows_events), SUMMARY_SENTENCE_BYTES, summary_show},
    };
    static const struct list_field last[] = {
        {FIELD(walk.directories), SUMMARY_NAME_BYTES, summary_show_path},
        {FIELD(walk.missing), SUMMARY_NAME_BYTES, summary_show_path},
        {FIELD(evidence_for), SUMMARY_SENTENCE_BYTES, summary_show},
        {FIELD(evidence_against), SUMMARY_SENTENCE_BYTES, summary_show},
        {FIELD(accounts), SUMMARY_NAME_BYTES, summary_show},
        {FIELD(shares), SUMMARY_NAME_BYTES, summary_show_path},
        {FIELD(attack), SUMMARY_NAME_BYTES, summary_show},
    };
    struct sbl_diagnosis *told = &kept->told;
    *told = *diagnosis;
    kept->used = 0;
    kept->is_cut = false;
    copy_texts(kept);
    copy_lists(kept, first, sizeof first / sizeof *first);
    copy_culprit(kept, &told->culprit);
    copy_candidates(kept);
    told->clients = copy_machines(kept, diagnosis->clients, &told->client_count);
    told->servers = copy_machines(kept, diagnosis->servers, &told->server_count);
    copy_lines(kept, diagnosis);
    copy_lists(kept, last, sizeof last / sizeof *last);
    copy_alternatives(kept);
}

/* Which accounts it tells of: its own, and those of its list, where a domain stands before the
 * first backslash. */
static void know_accounts(const struct summary *summary, struct summary_diagnosis *kept,
                          const struct sbl_diagnosis *diagnosis) {
    uint32_t count = diagnosis->accounts.count;
    kept->account_count = 0;
    for (uint32_t i = 0; i < view_listed(count); i++) {
        const char *name = diagnosis->accounts.items[view_place(count, i)];
        const char *slash = strchr(name, '\\'), *account = slash ? slash + 1 : name;
        struct view_string domain = {name, slash ? (size_t)(slash - name) : 0};
        kept->accounts[kept->account_count++] = summary_account_digest(
            summary, VIEW_WHO_NAMED, domain, (struct view_string){account, strlen(account)});
    }
    if (!diagnosis->account[0] && !diagnosis->is_anonymous)
        return;
    kept->accounts[kept->account_count++] = summary_account_digest(
        summary, diagnosis->is_anonymous ? VIEW_WHO_ANONYMOUS : VIEW_WHO_NAMED,
        (struct view_string){diagnosis->domain, strlen(diagnosis->domain)},
        (struct view_string){diagnosis->account, strlen(diagnosis->account)});
}

/* A place for one more: an empty one, or that of the least severe, not told of for longest. NULL:
 * all are more severe. */
static struct summary_diagnosis *place_for(struct summary_table *kept,
                                           const struct sbl_diagnosis *diagnosis) {
    struct summary_diagnosis *made = table_add(&kept->table, diagnosis->id);
    struct summary_diagnosis *least = table_oldest(&kept->table);
    if (made)
        return made;
    for (struct summary_diagnosis *one = least; one; one = table_next(&kept->table, one))
        if (one->told.severity < least->told.severity)
            least = one;
    kept->evicted++;
    if (!least || least->told.severity > diagnosis->severity)
        return NULL;
    table_remove(&kept->table, least);
    return table_add(&kept->table, diagnosis->id);
}

void summary_diagnosis(struct summary *summary, const struct sbl_diagnosis *diagnosis) {
    struct summary_table *diagnoses = &summary->diagnoses;
    struct summary_diagnosis *kept = table_find(&diagnoses->table, diagnosis->id);
    if (diagnosis->superseded_by[0]) {
        if (kept)
            table_remove(&diagnoses->table, kept);
        return;
    }
    if (!kept)
        kept = place_for(diagnoses, diagnosis);
    if (!kept)
        return;
    if (!kept->serial)
        kept->serial = ++diagnoses->serial;
    copy(kept, diagnosis);
    know_accounts(summary, kept, diagnosis);
}
