/* The life of a diagnosis: opened when it is first told, updated at most once a minute of packet
 * time and ever more seldom, or when what it says changes, closed when all that belongs to it came
 * to rest, opened again under the same id when it goes on. A million failures become a handful of
 * records. */
#include "diagnose/diagnose.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "diagnose/state.h"

static const int64_t update_interval_ns = 60 * INT64_C(1000000000);
static const uint32_t most_doublings = 6; /* about an hour */

int diagnose_new_with(struct diagnose **diagnose, const struct diagnose_options *options,
                      const struct diagnose_caps *caps) {
    struct diagnose *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->options = *options;
    made->seed = hash_seed();
    made->caps = *caps;
    made->rules = knowledge_rules(options->knowledge, &made->rule_count);
    made->tell.knowledge = options->knowledge;
    uint32_t room = caps->diagnoses + (uint32_t)made->rule_count;
    made->generation = calloc(room + 1, sizeof *made->generation);
    made->open_of_rule = calloc(made->rule_count + 1, sizeof *made->open_of_rule);
    made->group = calloc(made->rule_count + 1, sizeof *made->group);
    made->crowd = calloc(made->rule_count + 1, sizeof *made->crowd);
    if (!made->generation || !made->open_of_rule || !made->group || !made->crowd ||
        pool_init(&made->slots, room, sizeof(struct slot)) ||
        table_init(&made->keys, room, sizeof(struct slot_key), sizeof(uint32_t)) ||
        table_init(&made->members, caps->members, sizeof(struct member_key), sizeof(uint32_t))) {
        diagnose_free(made);
        return -ENOMEM;
    }
    home_group_rules(made);
    *diagnose = made;
    return 0;
}

static struct diagnose_caps caps_of(const struct sbl_limits *limits) {
    uint32_t per_rule = sbl_limit_of(limits, SBL_LIMIT_DIAGNOSES_PER_RULE);
    return (struct diagnose_caps){.diagnoses = sbl_limit_of(limits, SBL_LIMIT_DIAGNOSES),
                                  .per_rule = per_rule,
                                  .per_minor_rule = per_rule / 3,
                                  .members = 2 * sbl_limit_of(limits, SBL_LIMIT_PAIRS)};
}

int diagnose_new(struct diagnose **diagnose, const struct diagnose_options *options) {
    const struct diagnose_caps caps = caps_of(options->limits);
    return diagnose_new_with(diagnose, options, &caps);
}

void diagnose_free(struct diagnose *diagnose) {
    if (!diagnose)
        return;
    table_fini(&diagnose->members);
    table_fini(&diagnose->keys);
    pool_fini(&diagnose->slots);
    free(diagnose->group);
    free(diagnose->crowd);
    free(diagnose->open_of_rule);
    free(diagnose->generation);
    free(diagnose);
}

static bool is_same_culprit(const struct slot *slot) {
    const struct sbl_culprit *now = &slot->lead.culprit, *told = &slot->told_culprit;
    return now->kind == told->kind && strcmp(now->id, told->id) == 0 &&
           strncmp(now->product, slot->told_product, sizeof slot->told_product - 4) == 0;
}

static void remember_told(struct slot *slot, int64_t time_ns) {
    slot->told_ns = time_ns;
    slot->told_rule = slot->rule;
    slot->told_lockouts = slot->lockouts;
    slot->told_culprit =
        (struct sbl_culprit){.kind = slot->lead.culprit.kind, .id = slot->lead.culprit.id};
    text_keep(slot->told_product, sizeof slot->told_product - 3, slot->lead.culprit.product);
}

/* The id of a record: of the diagnosis and its revision. */
static void record_id(const struct slot *slot, uint8_t out[UUID_BYTES]) {
    uint8_t facts[UUID_BYTES + sizeof slot->revision];
    memcpy(facts, slot->id, UUID_BYTES);
    bytes_put_le(facts + UUID_BYTES, slot->revision, sizeof slot->revision);
    uuid_of(facts, sizeof facts, out);
}

static uint32_t *link_after(struct diagnose *diagnose, uint32_t index) {
    struct slot *slot = index ? pool_at(&diagnose->slots, index) : NULL;
    return slot ? &slot->opened_after : &diagnose->first_opened;
}

static uint32_t *link_before(struct diagnose *diagnose, uint32_t index) {
    struct slot *slot = index ? pool_at(&diagnose->slots, index) : NULL;
    return slot ? &slot->opened_before : &diagnose->last_opened;
}

/* The open ones are chained in the order of opening; what opens again is the last. */
static void chain_open(struct diagnose *diagnose, struct slot *slot, bool is_open) {
    uint32_t index = pool_index(&diagnose->slots, slot);
    if (is_open) {
        slot->opened_before = diagnose->last_opened;
        slot->opened_after = 0;
    }
    *link_after(diagnose, slot->opened_before) = is_open ? index : slot->opened_after;
    *link_before(diagnose, slot->opened_after) = is_open ? index : slot->opened_before;
}

static void count_open(struct diagnose *diagnose, struct slot *slot, bool is_open) {
    if (slot->is_open == is_open)
        return;
    slot->is_open = is_open;
    chain_open(diagnose, slot, is_open);
    if (slot->is_crowd)
        return;
    uint32_t *count = diagnose->open_of_rule + slot->rule;
    *count += is_open;
    *count -= !is_open;
    diagnose->open_count += is_open;
    diagnose->open_count -= !is_open;
}

static bool says_something_else(const struct slot *slot) {
    return slot->rule != slot->told_rule || (slot->lockouts && !slot->told_lockouts) ||
           !is_same_culprit(slot);
}

static void tell(struct diagnose *diagnose, struct slot *slot, enum sbl_diagnosis_state state,
                 int64_t time_ns, const struct slot *successor) {
    struct sbl_diagnosis *diagnosis = &diagnose->diagnosis;
    char successor_text[UUID_TEXT_BYTES] = "";
    count_open(diagnose, slot, state != SBL_DIAGNOSIS_CLOSE);
    slot->revision++;
    slot->updates =
        state == SBL_DIAGNOSIS_UPDATE && !says_something_else(slot) ? slot->updates + 1 : 0;
    tell_slot(&diagnose->tell, slot, diagnosis);
    memcpy(diagnosis->id, slot->id, sizeof diagnosis->id);
    record_id(slot, diagnosis->event_id);
    diagnosis->revision = slot->revision;
    diagnosis->state = state;
    diagnosis->time_ns = time_ns;
    if (successor)
        uuid_text(successor->id, successor_text);
    diagnosis->superseded_by = successor_text;
    remember_told(slot, time_ns);
    if (diagnose->options.diagnosis)
        diagnose->options.diagnosis(diagnose->options.context, diagnosis);
}

/* Whether a minute has passed, or two, four ... when nothing but numbers was new for so long.
 * Packet time may jump back; then it has not. */
static bool is_due(const struct slot *slot, int64_t now_ns) {
    uint32_t doublings = slot->updates < most_doublings ? slot->updates : most_doublings;
    return now_ns > slot->told_ns &&
           (uint64_t)now_ns - (uint64_t)slot->told_ns >= (uint64_t)update_interval_ns << doublings;
}

/* Moves an incident to the slot that its verdict belongs to. */
static void settle_in(struct diagnose *diagnose, const struct incident *incident, struct slot *now,
                      struct slot *home) {
    if (now == home)
        return;
    if (now) {
        home_leave(diagnose, now, incident);
        if (now->incidents == 0 && now->is_open)
            tell(diagnose, now, SBL_DIAGNOSIS_CLOSE, incident->now_ns, home);
    }
    home_join(diagnose, home, incident);
}

static void tell_what_is_new(struct diagnose *diagnose, struct slot *slot,
                             const struct incident *incident, bool is_news) {
    if (!slot->is_open && is_news)
        tell(diagnose, slot, SBL_DIAGNOSIS_OPEN, incident->now_ns, NULL);
    else if (slot->is_open && incident->moment != INCIDENT_END &&
             (says_something_else(slot) || (is_news && is_due(slot, incident->now_ns))))
        tell(diagnose, slot, SBL_DIAGNOSIS_UPDATE, incident->now_ns, NULL);
}

static bool is_rest(enum incident_moment moment) {
    return moment == INCIDENT_IDLE || moment == INCIDENT_FORGOTTEN;
}

/* The verdict on facts, or NULL when no rule has anything to say of them. */
static const struct judgement *verdict_on(struct diagnose *diagnose, const struct facts *facts) {
    uint64_t hash = hash_bytes(facts, sizeof *facts, diagnose->seed);
    struct kept_verdict *kept = &diagnose->verdicts[hash % VERDICTS_KEPT];
    if (!kept->is_kept || memcmp(&kept->facts, facts, sizeof *facts) != 0) {
        kept->facts = *facts;
        kept->is_kept = true;
        kept->has_winner = judge_facts(diagnose->options.knowledge, facts, &kept->judgement);
    }
    return kept->has_winner ? &kept->judgement : NULL;
}

void diagnose_incident(struct diagnose *diagnose, const struct incident *incident) {
    struct slot *now = home_now(diagnose, incident);
    const struct judgement *judgement = verdict_on(diagnose, &incident->facts);
    if (!judgement)
        return;
    const struct rule *rule = judgement->winner.rule;
    struct slot *home = home_find(diagnose, incident, rule, now);
    if (!home)
        return;
    settle_in(diagnose, incident, now, home);
    bool is_news = slot_add(home, incident) || now != home;
    if (is_news)
        home_rest(home, incident, false);
    if (slot_lead(home, diagnose->options.knowledge, incident, judgement))
        home_change_rule(diagnose, home, rule);
    tell_what_is_new(diagnose, home, incident, is_news);
    if (!is_rest(incident->moment))
        return;
    home_rest(home, incident, true);
    bool goes_on = home->is_crowd && incident->moment == INCIDENT_FORGOTTEN;
    if (home->is_open && home->idle == home->incidents && !goes_on)
        tell(diagnose, home, SBL_DIAGNOSIS_CLOSE, incident->now_ns, NULL);
}

void diagnose_finish(struct diagnose *diagnose, int64_t time_ns) {
    while (diagnose->first_opened)
        tell(diagnose, pool_at(&diagnose->slots, diagnose->first_opened), SBL_DIAGNOSIS_CLOSE,
             time_ns, NULL);
}

size_t diagnose_ceiling(const struct sbl_limits *limits) {
    const struct diagnose_caps caps = caps_of(limits);
    const uint32_t room = caps.diagnoses + 256; /* and a crowd for each rule */
    return sizeof(struct diagnose) + room * (sizeof(struct slot) + sizeof(uint32_t)) +
           table_bytes(room, sizeof(struct slot_key), sizeof(uint32_t)) +
           table_bytes(caps.members, sizeof(struct member_key), sizeof(uint32_t));
}
