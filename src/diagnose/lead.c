/* What the lead incident of a diagnosis says, copied: the incident itself is gone when the
 * diagnosis is told again. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "diagnose/slot.h"

/* Longest single string of a list; the rest is cut at a character. */
enum { ITEM_BYTES = 160 };

static void keep_strings(struct ink *ink, struct slot_strings *kept, struct sbl_strings from) {
    kept->count = 0;
    kept->total = from.total > from.count ? from.total : from.count;
    for (uint32_t i = 0; i < from.count && kept->count < SLOT_STRINGS; i++) {
        const char *copy = ink_copy(ink, from.items[i], ITEM_BYTES);
        if (copy[0])
            kept->items[kept->count++] = copy;
    }
}

static const char *list_value(struct ink *ink, const struct slot_strings *list) {
    words_list(ink, list->items, list->count, list->total);
    return ink_end(ink);
}

static const char *number_value(struct ink *ink, uint64_t number) {
    if (number)
        ink_number(ink, number);
    return ink_end(ink);
}

/* A server that is its own domain stands alone. */
static const char *role_of(const struct incident *incident) {
    if (facts_have(&incident->facts, FACT_SERVER_DC))
        return "domain controller";
    if (!facts_have(&incident->facts, FACT_SERVER_NOT_DC))
        return "";
    bool is_own_domain = !incident->server_domain[0] ||
                         strcasecmp(incident->server_domain, incident->server.name) == 0;
    return is_own_domain ? "stand-alone server" : "member server";
}

static const char *authority_kind(enum sbl_authority authority) {
    return authority == SBL_AUTHORITY_DOMAIN  ? "the domain's"
           : authority == SBL_AUTHORITY_LOCAL ? "the server's own"
                                              : "";
}

/* The reason that most refusals had; lockouts only when there was nothing else. */
static enum sbl_reason main_reason(const struct incident *incident) {
    enum sbl_reason best = SBL_REASON_UNKNOWN;
    for (unsigned i = 0; i < SBL_REASON_COUNT; i++)
        if (i != SBL_REASON_SUCCESS && i != SBL_REASON_LOCKED_OUT &&
            incident->reasons[i] > incident->reasons[best])
            best = (enum sbl_reason)i;
    return incident->reasons[best] || !incident->reasons[SBL_REASON_LOCKED_OUT]
               ? best
               : SBL_REASON_LOCKED_OUT;
}

/* What it was refused for; what has no word of its own is told by its status. */
static const char *reason_value(struct ink *ink, const struct incident *incident) {
    const char *word = reason_word(main_reason(incident));
    const struct sbl_evidence_line *line = incident->line_count ? incident_line(incident, 0) : NULL;
    if (word[0] || !line || !line->has_status)
        return word;
    char text[40];
    uint32_t status = line->status;
    if (line->is_dos_error)
        snprintf(text, sizeof text, "DOS error %u/%u", (unsigned)(status >> 16),
                 (unsigned)(status & 0xFFFF));
    else
        snprintf(text, sizeof text, "status 0x%08X", (unsigned)status);
    ink_put(ink, text);
    return ink_end(ink);
}

/* The domain of a local account of the client is a name of the client, as it was sent, though the
 * last failure may have been sent with another one. */
static const char *sent_domain(const struct incident *incident) {
    bool has_own = incident->own_domain && incident->own_domain[0];
    return has_own ? incident->own_domain : incident->domain;
}

static void fill_who(struct slot_lead *lead, const struct incident *incident) {
    struct ink *ink = &lead->ink;
    const char **of = lead->values.of;
    lead->account = ink_copy(ink, incident->account, SLOT_NAME_BYTES);
    lead->domain = ink_copy(ink, incident->domain, SLOT_NAME_BYTES);
    lead->authority_name = ink_copy(ink, incident->authority_name, SLOT_NAME_BYTES);
    lead->is_anonymous = incident->is_anonymous;
    lead->authority = incident->authority;
    lead->server_role = role_of(incident);
    slot_account_words(ink, incident);
    of[TEXT_ACCOUNT] = ink_end(ink);
    of[TEXT_NAME] = lead->account;
    const char *sent = sent_domain(incident);
    if (sent[0] && lead->account[0]) {
        ink_put_most(ink, sent, SLOT_NAME_BYTES);
        ink_put(ink, "\\");
        ink_put(ink, lead->account);
    }
    of[TEXT_SENT] = ink_end(ink);
    of[TEXT_DOMAIN] = lead->domain;
    of[TEXT_AUTHORITY] = lead->authority_name;
    of[TEXT_AUTHORITY_KIND] = authority_kind(incident->authority);
    of[TEXT_SERVER_ROLE] = lead->server_role;
    slot_machine_words(ink, &incident->server);
    of[TEXT_SERVER] = ink_end(ink);
    of[TEXT_GRANTED_CLIENT] = ink_copy(ink, incident->granted_client, SLOT_NAME_BYTES);
    of[TEXT_REASON] = reason_value(ink, incident);
    bool is_documented = facts_have(&incident->facts, FACT_ACCOUNT_DOCUMENTED);
    of[TEXT_PRODUCT] =
        incident->account_entry && is_documented ? incident->account_entry->product : "";
    keep_strings(ink, &lead->shares, incident->shares);
    of[TEXT_SHARE] = list_value(ink, &lead->shares);
}

static void fill_counting(struct slot_lead *lead, const struct incident *incident) {
    struct ink *ink = &lead->ink;
    const char **of = lead->values.of;
    lead->counted_by = ink_copy(ink, incident->counted_by, SLOT_NAME_BYTES);
    lead->threshold = incident->threshold;
    lead->threshold_source = incident->threshold_source;
    lead->has_forecast = incident->has_forecast;
    lead->attempts_left = incident->attempts_left;
    lead->lock_at_ns = incident->lock_at_ns;
    lead->tipping = incident->tipping;
    lead->is_slip = facts_have(&incident->facts, FACT_TYPING_ERROR) && incident->lockouts &&
                    !incident->tipped_here;
    lead->period_s = incident->period_s > 0 ? incident->period_s : 0;
    lead->period_owner = incident->period ? incident->period->owner : "";
    of[TEXT_PERIOD_OWNER] = lead->period_owner;
    of[TEXT_THRESHOLD] = number_value(ink, incident->threshold);
    if (incident->has_forecast)
        ink_number(ink, incident->attempts_left);
    of[TEXT_LEFT] = ink_end(ink);
    if (incident->has_forecast && incident->lock_at_ns)
        words_time(ink, incident->lock_at_ns);
    of[TEXT_LOCK_AT] = ink_end(ink);
    words_duration(ink, lead->period_s);
    of[TEXT_PERIOD] = ink_end(ink);
    if (incident->tipping.number) {
        ink_put(ink, "frame ");
        ink_number(ink, incident->tipping.number);
        if (incident->tipping_client[0]) {
            ink_put(ink, " of ");
            ink_put_most(ink, incident->tipping_client, SLOT_NAME_BYTES);
        }
    }
    of[TEXT_TIPPING] = ink_end(ink);
}

static void keep_culprit(struct slot_lead *lead, struct sbl_culprit *kept,
                         struct slot_strings *files, const struct sbl_culprit *from) {
    *kept = *from;
    keep_strings(&lead->ink, files, from->files);
    kept->files = (struct sbl_strings){files->items, files->count, files->total};
    if (from->basis == SBL_BASIS_PROCESS_TABLE)
        kept->product = ink_copy(&lead->ink, from->product, ITEM_BYTES);
}

/* Where the name of an article may stand for what is named. */
static const char *source_of(const struct sbl_knowledge *knowledge, const struct rule *rule,
                             const struct incident *incident, const struct sbl_culprit *culprit) {
    const struct signature *signature =
        culprit->id[0] ? knowledge_signature(knowledge, culprit->id) : NULL;
    if (signature)
        return signature->reported_by[0] ? signature->reported_by : signature->source;
    if (culprit->product[0] && incident->account_entry &&
        strcmp(culprit->product, incident->account_entry->product) == 0)
        return incident->account_entry->source;
    return rule->source;
}

static bool share_a_file(const struct sbl_culprit *one, const struct sbl_culprit *other) {
    if (one->files.total > one->files.count || other->files.total > other->files.count)
        return true; /* not all of them are known here */
    for (uint32_t i = 0; i < one->files.count; i++)
        for (uint32_t j = 0; j < other->files.count; j++)
            if (strcasecmp(one->files.items[i], other->files.items[j]) == 0)
                return true;
    return !one->files.count || !other->files.count;
}

/* Two programs of which each searches for files of its own are there both. */
static bool are_both(const struct slot_lead *lead) {
    return lead->candidate_count == 2 && !share_a_file(lead->candidates, lead->candidates + 1);
}

/* "the A driver or the B driver", "... and ..."; "" unless two are named. */
static const char *suspects_words(struct slot_lead *lead) {
    const char *names[2];
    if (lead->candidate_count != 2)
        return "";
    for (unsigned i = 0; i < 2; i++)
        names[i] = culprit_words(&lead->ink, lead->candidates + i);
    if (!names[0][0] || !names[1][0] || strcmp(names[0], names[1]) == 0)
        return "";
    ink_put(&lead->ink, names[0]);
    ink_put(&lead->ink, lead->has_all_candidates ? " and " : " or ");
    ink_put(&lead->ink, names[1]);
    return ink_end(&lead->ink);
}

static void fill_culprit(const struct sbl_knowledge *knowledge, struct slot_lead *lead,
                         const struct incident *incident) {
    struct culprit_choice choice;
    const struct rule *rule = lead->judgement.winner.rule;
    culprit_choose(knowledge, rule, incident, &choice);
    keep_culprit(lead, &lead->culprit, &lead->culprit_files, &choice.culprit);
    lead->candidate_count = choice.candidate_count;
    for (unsigned i = 0; i < choice.candidate_count; i++)
        keep_culprit(lead, lead->candidates + i, lead->candidate_files + i, choice.candidates + i);
    lead->values.of[TEXT_CULPRIT] = culprit_words(&lead->ink, &lead->culprit);
    text_is_many(&lead->values, TEXT_CULPRIT, strstr(lead->culprit.product, "drivers") != NULL);
    lead->values.of[TEXT_BASIS] = culprit_basis_words(
        &lead->ink, &lead->culprit, source_of(knowledge, rule, incident, &lead->culprit));
    lead->has_all_candidates = are_both(lead);
    lead->values.of[lead->has_all_candidates ? TEXT_CULPRITS : TEXT_SUSPECTS] =
        suspects_words(lead);
    lead->values.of[TEXT_FILES] = list_value(&lead->ink, &lead->culprit_files);
}

static void fill_walk(struct slot_lead *lead, const struct incident *incident) {
    const char **of = lead->values.of;
    keep_strings(&lead->ink, &lead->directories, incident->walk.directories);
    keep_strings(&lead->ink, &lead->missing, incident->walk.missing);
    lead->walk = (struct sbl_walk){
        .directories = {lead->directories.items, lead->directories.count, lead->directories.total},
        .missing = {lead->missing.items, lead->missing.count, lead->missing.total},
        .steps = incident->walk.steps,
        .first_ns = incident->walk.first_ns,
        .last_ns = incident->walk.last_ns,
        .account = ink_copy(&lead->ink, incident->walk.account, SLOT_NAME_BYTES),
        .domain = ink_copy(&lead->ink, incident->walk.domain, SLOT_NAME_BYTES),
    };
    of[TEXT_DIRECTORIES] = list_value(&lead->ink, &lead->directories);
    of[TEXT_MISSING] = list_value(&lead->ink, &lead->missing);
    of[TEXT_STEPS] = number_value(&lead->ink, incident->walk.steps);
    text_is_many(&lead->values, TEXT_STEPS, incident->walk.steps > 1);
}

void lead_fill(const struct sbl_knowledge *knowledge, struct slot_lead *lead,
               const struct incident *incident, const struct judgement *judgement) {
    incident_ask(incident);
    ink_init(&lead->ink, lead->bytes, sizeof lead->bytes);
    lead->values = (struct text_values){.of = {NULL}};
    lead->facts = incident->facts;
    lead->judgement = *judgement;
    fill_who(lead, incident);
    fill_counting(lead, incident);
    lead->walk = (struct sbl_walk){.account = "", .domain = ""};
    fill_culprit(knowledge, lead, incident);
    if (lead->culprit.kind == SBL_CULPRIT_DRIVER)
        lead->values.of[TEXT_PERIOD_OWNER] = lead->period_owner = "";
    if (facts_have(&judgement->winner.rule->needs, FACT_WALK_JOINED) && incident->walk.steps)
        fill_walk(lead, incident);
}

void lead_is_one_of_many(struct slot_lead *lead) {
    static const enum text_key keys[] = {TEXT_CULPRIT,     TEXT_SUSPECTS, TEXT_BASIS, TEXT_FILES,
                                         TEXT_DIRECTORIES, TEXT_MISSING,  TEXT_STEPS, TEXT_CULPRITS,
                                         TEXT_SENT,        TEXT_TIPPING};
    bool is_program =
        lead->culprit.kind == SBL_CULPRIT_DRIVER || lead->culprit.kind == SBL_CULPRIT_PROGRAM;
    for (size_t i = is_program ? 0 : 3; i < sizeof keys / sizeof *keys; i++)
        lead->values.of[keys[i]] = "";
    if (is_program)
        lead->culprit = (struct sbl_culprit){.kind = lead->culprit.kind,
                                             .basis = SBL_BASIS_BEHAVIOUR,
                                             .id = "",
                                             .vendor = "",
                                             .product = ""};
    lead->candidate_count = 0;
    lead->walk = (struct sbl_walk){.account = "", .domain = ""};
}
