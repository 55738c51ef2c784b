/* From a slot to the value that leaves the room. */
#include "diagnose/tell.h"

#include <string.h>
#include <strings.h>

static const struct rule *rule_of(const struct tell *tell, const struct slot *slot) {
    size_t count;
    return knowledge_rules(tell->knowledge, &count) + slot->rule;
}

static struct sbl_strings strings(const char *const *items, uint32_t count, uint64_t total) {
    return (struct sbl_strings){items, count, total > count ? total : count};
}

/* Most failures first; of equals the first that was seen. */
static void order_clients(struct tell *tell, const struct slot *slot) {
    const struct slot_list *list = &slot->client_list;
    uint32_t sorted[SLOT_LIST]; /* places */
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t at = i;
        uint64_t failures = slot->clients[list->at[i]].machine.failures;
        for (; at > 0 && slot->clients[sorted[at - 1]].machine.failures < failures; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = list->at[i];
    }
    for (uint32_t i = 0; i < list->count; i++) {
        const struct slot_machine *client = slot->clients + sorted[i];
        tell->clients[i] = client->machine;
        tell->clients[i].name = client->name;
        tell->clients[i].contradiction = client->contradiction;
        tell->client_order[sorted[i]] = i;
    }
}

static void tell_machines(struct tell *tell, const struct slot *slot,
                          struct sbl_diagnosis *diagnosis) {
    order_clients(tell, slot);
    for (uint32_t i = 0; i < slot->server_count; i++) {
        tell->servers[i] = slot->servers[i].machine;
        tell->servers[i].name = slot->servers[i].name;
        tell->servers[i].contradiction = slot->servers[i].contradiction;
    }
    diagnosis->clients = tell->clients;
    diagnosis->client_count = slot->client_list.count;
    diagnosis->client_total =
        slot->client_total > slot->client_list.count ? slot->client_total : slot->client_list.count;
    diagnosis->servers = tell->servers;
    diagnosis->server_count = slot->server_count;
    diagnosis->server_total = slot->server_total;
}

/* The place of a line's server among those of the diagnosis, from 1 on; 0 = not listed. */
static uint32_t server_number(const struct slot *slot, const struct slot_line *line) {
    for (uint32_t i = 0; line->server_ip_version && i < slot->server_count; i++) {
        const struct sbl_machine *server = &slot->servers[i].machine;
        if (server->ip_version == line->server_ip_version &&
            memcmp(server->address, line->server, sizeof line->server) == 0)
            return i + 1;
    }
    return 0;
}

static void tell_lines(struct tell *tell, const struct slot *slot,
                       struct sbl_diagnosis *diagnosis) {
    for (uint32_t i = 0; i < slot->line_list.count; i++) {
        const struct slot_line *line = slot->lines + slot->line_list.at[i];
        tell->lines[i] = line->line;
        tell->lines[i].account = line->account;
        tell->lines[i].domain = line->domain;
        tell->lines[i].share = line->share;
        tell->lines[i].client = UINT32_MAX;
        tell->lines[i].server_number = server_number(slot, line);
        for (uint32_t j = 0; j < slot->client_list.count; j++)
            if (slot->client_list.serials[slot->client_list.at[j]] == line->client)
                tell->lines[i].client = tell->client_order[slot->client_list.at[j]];
    }
    diagnosis->lines = tell->lines;
    diagnosis->line_count = slot->line_list.count;
    diagnosis->line_first_count = slot->line_first_count;
    diagnosis->line_total = slot->line_total;
}

static const char *list_words(struct ink *ink, uint64_t total, const char *what,
                              struct sbl_strings list) {
    ink_number(ink, total);
    ink_put(ink, what);
    words_list(ink, list.items, list.count, list.total);
    ink_put(ink, ")");
    return ink_end(ink);
}

/* Those that are to blame: who failed, or all when nobody did. A machine that was only told of the
 * lock is a victim. Most failures first, so they stand before the others. */
static uint32_t blamed(const struct slot *slot, const struct sbl_diagnosis *diagnosis) {
    uint32_t count = 0;
    while (count < diagnosis->client_count && diagnosis->clients[count].failures)
        count++;
    return slot->failures && count ? count : diagnosis->client_count;
}

/* Whether another of the machines calls itself the same: then only the address tells them apart. */
static bool is_name_of_two(const struct sbl_diagnosis *diagnosis, uint32_t machine) {
    for (uint32_t i = 0; i < diagnosis->client_count; i++)
        if (i != machine &&
            strcasecmp(diagnosis->clients[i].name, diagnosis->clients[machine].name) == 0)
            return true;
    return false;
}

/* "A", "A and B", "A, B and C", "7 machines (a, b, c, d and 3 more)". */
static const char *machines_words(struct tell *tell, const struct sbl_diagnosis *diagnosis,
                                  uint32_t count) {
    enum { IN_FULL = 3 };
    struct ink *ink = &tell->ink;
    bool is_all = count == diagnosis->client_count;
    uint64_t total = is_all ? diagnosis->client_total : count;
    if (total <= IN_FULL) {
        for (uint32_t i = 0; i < count; i++) {
            ink_put(ink, i == 0 ? "" : i + 1 == count ? " and " : ", ");
            slot_machine_words(ink, diagnosis->clients + i);
        }
        return ink_end(ink);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct sbl_machine machine = diagnosis->clients[i];
        if (machine.name[0] && !is_name_of_two(diagnosis, i))
            machine.ip_version = 0;
        slot_machine_words(ink, &machine);
        tell->client_names[i] = ink_end(ink);
    }
    if (!is_all && diagnosis->client_total > diagnosis->client_count)
        ink_put(ink, "at least ");
    return list_words(ink, total, " machines (", strings(tell->client_names, count, total));
}

/* "1 failed logon", "12 failed logons"; "" for none. */
static const char *count_words(struct ink *ink, uint64_t count, const char *one, const char *many) {
    if (count) {
        ink_number(ink, count);
        ink_put(ink, count == 1 ? one : many);
    }
    return ink_end(ink);
}

/* A machine where somebody mistyped and was granted then is told of the lock, and did not do it. */
static void say_victim(struct ink *ink, const struct slot *slot, const char **of) {
    if (!slot->failures || !slot->lockouts)
        return;
    ink_put(ink, of[TEXT_LOCKOUTS]);
    ink_put(ink, " beside ");
    ink_put(ink, of[TEXT_FAILURES]);
    of[TEXT_LOCKOUTS] = ink_end(ink);
    of[TEXT_FAILURES] = "";
}

/* Whom the capture does not name is described: no sentence may lose its head for that. */
static void describe(struct text_values *values, enum text_key key, const char *description) {
    if (values->of[key] && values->of[key][0])
        return;
    values->of[key] = description;
    values->described |= UINT64_C(1) << (unsigned)key;
}

void tell_describe_unknown(struct text_values *values) {
    describe(values, TEXT_ACCOUNT, "an account whose name the capture does not show");
    describe(values, TEXT_ACCOUNTS, "an account whose name the capture does not show");
    describe(values, TEXT_CLIENT, "a machine that the capture does not show");
    describe(values, TEXT_CLIENTS, "a machine that the capture does not show");
    describe(values, TEXT_SERVER, "a server that the capture does not show");
}

/* Sums and lists as values of placeholders, beside those that the lead knows. */
static void fill_values(struct tell *tell, const struct slot *slot,
                        const struct sbl_diagnosis *diagnosis) {
    struct ink *ink = &tell->ink;
    const char **of = tell->values.of;
    uint32_t count = blamed(slot, diagnosis);
    tell->values = slot->lead.values;
    tell->values.facts = tell->facts;
    of[TEXT_CLIENT] = of[TEXT_CLIENTS] = machines_words(tell, diagnosis, count);
    text_is_many(&tell->values, TEXT_CLIENT, count > 1);
    text_is_many(&tell->values, TEXT_CLIENTS, count > 1);
    of[TEXT_ACCOUNTS] = of[TEXT_ACCOUNT];
    if (diagnosis->accounts.total > 1)
        of[TEXT_ACCOUNT] = of[TEXT_ACCOUNTS] =
            list_words(ink, diagnosis->accounts.total, " accounts (", diagnosis->accounts);
    text_is_many(&tell->values, TEXT_ACCOUNT, diagnosis->accounts.total > 1);
    of[TEXT_FAILURES] = count_words(ink, slot->failures, " failed logon", " failed logons");
    of[TEXT_LOCKOUTS] = count_words(ink, slot->lockouts, " lockout reply", " lockout replies");
    if (slot->lead.is_slip && count == 1)
        say_victim(ink, slot, of);
    words_time(ink, slot->first_ns);
    of[TEXT_FIRST] = ink_end(ink);
    words_time(ink, slot->last_ns);
    of[TEXT_LAST] = ink_end(ink);
    tell_describe_unknown(&tell->values);
}

/* Whom the verdict has named at length is spoken of shortly afterwards. */
static void shorten_values(struct tell *tell) {
    struct text_values *values = &tell->values;
    if (values->many >> TEXT_CLIENT & 1)
        values->of[TEXT_CLIENT] = "these machines";
    if (values->many >> TEXT_ACCOUNT & 1)
        values->of[TEXT_ACCOUNT] = "these accounts";
    else if (values->described >> TEXT_ACCOUNT & 1)
        values->of[TEXT_ACCOUNT] = "this account";
}

static uint32_t add_sentence(struct tell *tell, const char **list, uint32_t count,
                             const char *form) {
    const char *sentence = text_expand(&tell->ink, form, &tell->values);
    if (sentence[0])
        list[count++] = sentence;
    return count;
}

static uint32_t say_facts(struct tell *tell, const struct judge_fact *facts, unsigned count,
                          const char **out) {
    uint32_t said = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct fact_words *words = knowledge_fact(tell->knowledge, facts[i].fact);
        if (words)
            said = add_sentence(tell, out, said, facts[i].holds ? words->holds : words->fails);
    }
    return said;
}

static uint32_t say_candidates(struct tell *tell, const struct slot_lead *lead, uint32_t said) {
    if (lead->candidate_count < 2 || lead->has_all_candidates)
        return said;
    ink_put(&tell->ink, "What was searched for does not tell these apart: ");
    for (unsigned i = 0; i < lead->candidate_count; i++) {
        const struct sbl_culprit *one = lead->candidates + i;
        ink_put(&tell->ink, i ? "; " : "");
        ink_put_most(&tell->ink, one->vendor, SLOT_NAME_BYTES);
        ink_put(&tell->ink, one->vendor[0] && one->product[0] ? " " : "");
        ink_put_most(&tell->ink, one->product[0] ? one->product : "an unknown program",
                     SLOT_NAME_BYTES);
    }
    ink_put(&tell->ink, ".");
    const char *sentence = ink_end(&tell->ink);
    if (sentence[0])
        tell->speaks_against[said++] = sentence;
    return said;
}

static void tell_evidence(struct tell *tell, const struct slot *slot, const struct rule *rule,
                          struct sbl_diagnosis *diagnosis) {
    struct judge_evidence evidence;
    judge_evidence(rule, &slot->lead.facts, &evidence);
    uint32_t said = say_facts(tell, evidence.speaks_for, evidence.for_count, tell->speaks_for);
    diagnosis->evidence_for = strings(tell->speaks_for, said, said);
    said = say_facts(tell, evidence.speaks_against, evidence.against_count, tell->speaks_against);
    said = say_candidates(tell, &slot->lead, said);
    diagnosis->evidence_against = strings(tell->speaks_against, said, said);
}

/* The first thing that speaks against a candidate, or that it still lacks. */
static const char *why_not(struct tell *tell, const struct slot *slot, const struct rule *rule) {
    struct judge_evidence evidence;
    judge_evidence(rule, &slot->lead.facts, &evidence);
    for (unsigned i = 0; i < evidence.against_count; i++) {
        const char *sentence = "";
        if (say_facts(tell, evidence.speaks_against + i, 1, &sentence))
            return sentence;
    }
    return "Less of what was seen speaks for it.";
}

static void tell_alternatives(struct tell *tell, const struct slot *slot,
                              struct sbl_diagnosis *diagnosis) {
    const struct judgement *judgement = &slot->lead.judgement;
    for (unsigned i = 0; i < judgement->other_count; i++)
        tell->alternatives[i] =
            (struct sbl_alternative){.rule_id = judgement->others[i].rule->id,
                                     .title = judgement->others[i].rule->title,
                                     .why = why_not(tell, slot, judgement->others[i].rule),
                                     .confidence = judgement->others[i].confidence};
    diagnosis->alternatives = tell->alternatives;
    diagnosis->alternative_count = judgement->other_count;
}

static void tell_remedy(struct tell *tell, const struct rule *rule,
                        struct sbl_diagnosis *diagnosis) {
    uint32_t said = 0;
    for (unsigned i = 0; i < rule->remedy_count && i < KNOWLEDGE_LIST; i++)
        if (facts_have_all(&tell->facts, &rule->remedy[i].when))
            said = add_sentence(tell, tell->remedy, said, rule->remedy[i].text);
    if (rule->confirm[0])
        said = add_sentence(tell, tell->remedy, said, rule->confirm);
    diagnosis->remedy = strings(tell->remedy, said, said);
    unsigned events = tell_windows_events(rule, &tell->facts, tell->events);
    diagnosis->windows_events = strings(tell->events, events, events);
}

static const char *tell_message(struct tell *tell, const struct slot *slot,
                                const struct rule *rule) {
    if (slot->is_crowd)
        ink_put(&tell->ink, "Many of one kind, told together: ");
    const char *message = text_expand(&tell->ink, rule->verdict, &tell->values);
    return message[0] ? message : rule->title;
}

static void tell_counting(const struct slot *slot, struct sbl_diagnosis *diagnosis) {
    const struct slot_lead *lead = &slot->lead;
    diagnosis->first_ns = slot->first_ns;
    diagnosis->last_ns = slot->last_ns;
    diagnosis->failures = slot->failures;
    diagnosis->lockouts = slot->lockouts;
    diagnosis->granted = slot->granted;
    diagnosis->period_s = lead->period_s;
    diagnosis->period_owner = lead->period_owner;
    if (slot->account_total > 1)
        return;
    diagnosis->threshold = lead->threshold;
    diagnosis->threshold_source = lead->threshold_source;
    diagnosis->tipping = lead->tipping;
    diagnosis->has_forecast = lead->has_forecast;
    diagnosis->attempts_left = lead->attempts_left;
    diagnosis->lock_at_ns = lead->lock_at_ns;
}

static void tell_who(struct tell *tell, const struct slot *slot, struct sbl_diagnosis *diagnosis) {
    const struct slot_lead *lead = &slot->lead;
    uint32_t named = 0;
    for (uint32_t i = 0; i < slot->account_list.count; i++) {
        tell->accounts[named] = slot->accounts[slot->account_list.at[i]].name;
        named += tell->accounts[named][0] != 0 || slot->account_total == 1;
    }
    uint64_t nameless = slot->account_list.count - named;
    diagnosis->accounts = strings(tell->accounts, named, slot->account_total - nameless);
    bool is_one = diagnosis->accounts.total <= 1;
    diagnosis->account = is_one ? lead->account : "";
    diagnosis->domain = is_one ? lead->domain : "";
    diagnosis->is_anonymous = is_one && lead->is_anonymous;
    diagnosis->authority = is_one ? lead->authority : SBL_AUTHORITY_UNKNOWN;
    diagnosis->authority_name = is_one ? lead->authority_name : "";
    diagnosis->server_role = slot->server_total <= 1 ? lead->server_role : "";
    diagnosis->counted_by = is_one ? lead->counted_by : "";
}

static void tell_rule(const struct slot *slot, const struct rule *rule,
                      struct sbl_diagnosis *diagnosis) {
    diagnosis->rule_id = rule->id;
    diagnosis->rule_title = rule->title;
    diagnosis->rule_category = rule->category;
    diagnosis->rule_reference = rule->reference;
    diagnosis->is_hostile = rule->is_hostile;
    if (rule->is_hostile)
        diagnosis->attack = strings(rule->attack, rule->attack_count, rule->attack_count);
    diagnosis->references = strings(rule->references, rule->reference_count, rule->reference_count);
    diagnosis->confidence = slot->lead.judgement.winner.confidence;
    diagnosis->severity = judge_severity(rule, &slot->lead.facts, slot->failures, slot->lockouts);
    diagnosis->risk = (unsigned)(diagnosis->severity * 100 * diagnosis->confidence / 7 + 0.5);
    if (diagnosis->risk > 100)
        diagnosis->risk = 100;
}

void tell_slot(struct tell *tell, const struct slot *slot, struct sbl_diagnosis *diagnosis) {
    const struct rule *rule = rule_of(tell, slot);
    const struct slot_lead *lead = &slot->lead;
    ink_init(&tell->ink, tell->bytes, sizeof tell->bytes);
    *diagnosis = (struct sbl_diagnosis){.superseded_by = ""};
    tell->facts = lead->facts;
    if (slot->lockouts)
        facts_set(&tell->facts, FACT_LOCKED_OUT, true);
    tell_rule(slot, rule, diagnosis);
    tell_who(tell, slot, diagnosis);
    tell_machines(tell, slot, diagnosis);
    tell_lines(tell, slot, diagnosis);
    tell_counting(slot, diagnosis);
    fill_values(tell, slot, diagnosis);
    diagnosis->message = tell_message(tell, slot, rule);
    shorten_values(tell);
    tell_evidence(tell, slot, rule, diagnosis);
    tell_alternatives(tell, slot, diagnosis);
    tell_remedy(tell, rule, diagnosis);
    diagnosis->culprit = lead->culprit;
    diagnosis->candidates = lead->candidates;
    diagnosis->candidate_count = lead->candidate_count;
    diagnosis->has_all_candidates = lead->has_all_candidates && lead->candidate_count > 1;
    diagnosis->walk = lead->walk;
    diagnosis->shares = strings(lead->shares.items, lead->shares.count, lead->shares.total);
}
