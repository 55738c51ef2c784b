/* Which diagnosis an incident belongs to, by the unit of its rule, and what keeps their number
 * small: so many of one rule, so many at all, the rest in one crowd for each rule. */
#include <string.h>

#include "base/bytes.h"
#include "base/uuid.h"
#include "diagnose/state.h"

/* The upper bit of a memo's serial says that the incident is at rest. */
#define MEMO_IDLE 0x80000000u

struct slot *home_now(struct diagnose *diagnose, const struct incident *incident) {
    struct incident_memo *memo = incident->memo;
    uint32_t generation = memo->own_serial & ~MEMO_IDLE;
    if (memo->diagnosis && memo->diagnosis <= diagnose->slots.capacity &&
        diagnose->generation[memo->diagnosis] == generation && generation)
        return pool_at(&diagnose->slots, memo->diagnosis);
    *memo = (struct incident_memo){.own_serial = generation};
    return NULL;
}

static void put_folded(struct ink *ink, const char *text) {
    for (; *text && ink->used + 1 < ink->room; text++) {
        bool is_large = *text >= 'A' && *text <= 'Z';
        ink->bytes[ink->used++] = *text;
        if (is_large)
            ink->bytes[ink->used - 1] |= 0x20;
    }
}

static void put_raw(struct ink *ink, const void *bytes, size_t size) {
    if (ink->used + size > ink->room)
        return;
    memcpy(ink->bytes + ink->used, bytes, size);
    ink->used += size;
}

static void put_number(struct ink *ink, uint64_t number, unsigned size) {
    uint8_t bytes[sizeof number];
    bytes_put_le(bytes, number, size);
    put_raw(ink, bytes, size);
}

/* Made of what will not change while the diagnosis lives. Of one that is made again
 * after its slot was needed for another, the old generation goes in too: its records are new. */
static void make_id(struct slot *slot, const struct incident *incident, const struct rule *rule) {
    char bytes[1024];
    struct ink ink;
    uint8_t kind[2] = {(uint8_t)slot->unit, slot->is_crowd};
    ink_init(&ink, bytes, sizeof bytes);
    put_raw(&ink, kind, sizeof kind);
    if (slot->unit != RULE_UNIT_PAIR || slot->is_crowd)
        put_folded(&ink, rule->id);
    if (slot->unit != RULE_UNIT_CLIENT && slot->unit != RULE_UNIT_SERVER)
        put_folded(&ink, incident->account);
    if (slot->unit == RULE_UNIT_PAIR || slot->unit == RULE_UNIT_CLIENT)
        put_raw(&ink, incident->client.address, sizeof incident->client.address);
    if (slot->unit == RULE_UNIT_SERVER)
        put_raw(&ink, incident->server.address, sizeof incident->server.address);
    if (incident->line_count)
        put_raw(&ink, incident_line(incident, 0)->event_id, UUID_BYTES);
    put_number(&ink, (uint64_t)incident->first_ns, sizeof incident->first_ns);
    put_number(&ink, incident->memo->own_serial, sizeof incident->memo->own_serial);
    uuid_of(bytes, ink.used, slot->id);
}

static struct slot *slot_at(const struct diagnose *diagnose, const uint32_t *index) {
    return pool_at(&diagnose->slots, *index);
}

/* Forgets the closed diagnosis that was used least recently. False when all are open. */
static bool forget_closed(struct diagnose *diagnose) {
    if (diagnose->open_count == table_count(&diagnose->keys) - diagnose->crowds)
        return false;
    for (uint32_t *index = table_oldest(&diagnose->keys); index;
         index = table_next(&diagnose->keys, index)) {
        struct slot *slot = slot_at(diagnose, index);
        if (slot->is_open || slot->is_crowd)
            continue;
        diagnose->generation[*index] = 0;
        pool_give(&diagnose->slots, *index);
        table_remove(&diagnose->keys, index);
        return true;
    }
    return false;
}

static struct slot *slot_new(struct diagnose *diagnose, const struct slot_key *key,
                             const struct incident *incident, const struct rule *rule) {
    uint32_t index = pool_take(&diagnose->slots);
    uint32_t *entry = index ? table_add(&diagnose->keys, key) : NULL;
    if (!entry) {
        if (index)
            pool_give(&diagnose->slots, index);
        return NULL;
    }
    *entry = index;
    struct slot *slot = pool_at(&diagnose->slots, index);
    slot_begin(slot);
    slot->is_crowd = key->kind == KEY_CROWD;
    slot->unit = rule->unit;
    slot->rule = (uint32_t)(rule - diagnose->rules);
    diagnose->next_generation = (diagnose->next_generation + 1) & ~MEMO_IDLE;
    diagnose->next_generation += diagnose->next_generation == 0;
    slot->generation = diagnose->generation[index] = diagnose->next_generation;
    diagnose->crowds += slot->is_crowd;
    make_id(slot, incident, rule);
    return slot;
}

static bool has_room(struct diagnose *diagnose) {
    if (table_count(&diagnose->keys) - diagnose->crowds < diagnose->caps.diagnoses)
        return true;
    if (forget_closed(diagnose))
        return true;
    diagnose->options.stats->cap_hits[SBL_LIMIT_DIAGNOSES]++;
    return false;
}

static bool rule_has_room(const struct diagnose *diagnose, const struct rule *rule) {
    bool is_minor = rule->severity <= 3 && !rule->is_hostile;
    unsigned room = is_minor ? diagnose->caps.per_minor_rule : diagnose->caps.per_rule;
    if (diagnose->open_of_rule[rule - diagnose->rules] < room)
        return true;
    diagnose->options.stats->cap_hits[SBL_LIMIT_DIAGNOSES_PER_RULE]++;
    return false;
}

static struct slot *crowd_of(struct diagnose *diagnose, const struct incident *incident,
                             const struct rule *rule) {
    uint32_t number = (uint32_t)(rule - diagnose->rules);
    struct slot_key key = {0, number, KEY_CROWD};
    if (!diagnose->crowd[number])
        diagnose->crowd[number] = slot_new(diagnose, &key, incident, rule);
    return diagnose->crowd[number];
}

void home_group_rules(struct diagnose *diagnose) {
    for (uint32_t i = 0; i < diagnose->rule_count; i++) {
        const struct rule *rule = diagnose->rules + i;
        uint32_t first = 0;
        while (diagnose->rules[first].unit != rule->unit ||
               (rule->unit != RULE_UNIT_PAIR &&
                strcmp(diagnose->rules[first].category, rule->category) != 0))
            first++;
        diagnose->group[i] = first;
    }
}

static struct slot_key key_of(const struct diagnose *diagnose, const struct incident *incident,
                              const struct rule *rule) {
    const uint64_t serials[] = {[RULE_UNIT_PAIR] = incident->serial,
                                [RULE_UNIT_ACCOUNT] = incident->account_serial,
                                [RULE_UNIT_CLIENT] = incident->client_serial,
                                [RULE_UNIT_SERVER] = incident->server_serial};
    return (struct slot_key){serials[rule->unit], diagnose->group[rule - diagnose->rules],
                             (uint32_t)rule->unit};
}

void home_change_rule(struct diagnose *diagnose, struct slot *slot, const struct rule *rule) {
    uint32_t number = (uint32_t)(rule - diagnose->rules);
    if (slot->is_crowd)
        return;
    diagnose->open_of_rule[slot->rule] -= slot->is_open;
    diagnose->open_of_rule[number] += slot->is_open;
    slot->rule = number;
}

struct slot *home_find(struct diagnose *diagnose, const struct incident *incident,
                       const struct rule *rule, struct slot *now) {
    uint32_t number = (uint32_t)(rule - diagnose->rules);
    if (now && now->is_crowd && now->rule == number)
        return now;
    if (!now && incident->moment == INCIDENT_FORGOTTEN)
        return crowd_of(diagnose, incident, rule); /* a storm: pushed out before it was told */
    struct slot_key key = key_of(diagnose, incident, rule);
    uint32_t *index = table_find(&diagnose->keys, &key);
    struct slot *slot = index ? slot_at(diagnose, index) : NULL;
    if (slot && slot->is_open && (slot->rule == number || slot->unit != RULE_UNIT_PAIR))
        return slot;
    if (!rule_has_room(diagnose, rule) || (!slot && !has_room(diagnose)))
        return crowd_of(diagnose, incident, rule);
    return slot ? slot : slot_new(diagnose, &key, incident, rule);
}

/* Counts somebody in; returns whether nobody of that serial was there before. */
static bool count_in_table(struct diagnose *diagnose, const struct member_key *key) {
    uint32_t *incidents = table_find(&diagnose->members, key);
    if (incidents) {
        (*incidents)++;
        return false;
    }
    incidents = table_add(&diagnose->members, key);
    if (!incidents) {
        table_remove(&diagnose->members, table_oldest(&diagnose->members));
        incidents = table_add(&diagnose->members, key);
    }
    if (incidents)
        *incidents = 1;
    return true;
}

/* Returns whether that was the last incident of this serial. */
static bool count_out_of_table(struct diagnose *diagnose, const struct member_key *key) {
    uint32_t *incidents = table_find(&diagnose->members, key);
    if (incidents && --*incidents)
        return false;
    if (incidents)
        table_remove(&diagnose->members, incidents);
    return true;
}

/* In a storm nearly all belong to a crowd or two, and say so themselves: which these are is settled
 * when they first join one. Where it is said how many incidents of theirs are in the crowd, or
 * NULL.
 */
static uint32_t *own_count(const struct slot *slot, struct incident_member *member) {
    for (unsigned i = 0; slot->is_crowd && member && i < 2; i++)
        if (member->crowd[i] == slot->generation)
            return &member->incidents[i];
    return NULL;
}

static bool count_in(struct diagnose *diagnose, const struct slot *slot,
                     struct incident_member *member, const struct member_key *key) {
    uint32_t *own = own_count(slot, member);
    for (unsigned i = 0; slot->is_crowd && member && !own && i < 2; i++)
        if (!member->crowd[i]) {
            member->crowd[i] = slot->generation;
            own = &member->incidents[i];
        }
    return own ? (*own)++ == 0 : count_in_table(diagnose, key);
}

static bool count_out(struct diagnose *diagnose, const struct slot *slot,
                      struct incident_member *member, const struct member_key *key) {
    uint32_t *own = own_count(slot, member);
    if (!own)
        return count_out_of_table(diagnose, key);
    *own -= *own > 0;
    return *own == 0;
}

static struct member_key client_key(const struct slot *slot, const struct incident *incident) {
    return (struct member_key){incident->client_serial, slot->generation, MEMBER_CLIENT};
}

static struct member_key account_key(const struct slot *slot, const struct incident *incident) {
    return (struct member_key){incident->account_serial, slot->generation, MEMBER_ACCOUNT};
}

void home_join(struct diagnose *diagnose, struct slot *slot, const struct incident *incident) {
    struct member_key client = client_key(slot, incident), account = account_key(slot, incident);
    if (slot->is_spent)
        slot_clear(slot);
    slot->incidents++;
    slot->client_total += count_in(diagnose, slot, incident->client_member, &client);
    slot->account_total += count_in(diagnose, slot, incident->account_member, &account);
    *incident->memo = (struct incident_memo){.diagnosis = pool_index(&diagnose->slots, slot),
                                             .own_serial = slot->generation};
}

void home_leave(struct diagnose *diagnose, struct slot *slot, const struct incident *incident) {
    struct member_key client = client_key(slot, incident), account = account_key(slot, incident);
    home_rest(slot, incident, false);
    slot->incidents -= slot->incidents > 0;
    bool is_last_of_client = count_out(diagnose, slot, incident->client_member, &client);
    bool is_last_of_account = count_out(diagnose, slot, incident->account_member, &account);
    if (slot->incidents == 0) {
        slot->is_spent = true;
        *incident->memo = (struct incident_memo){0};
        return;
    }
    slot_take_out(slot, incident);
    if (is_last_of_client) {
        slot->client_total -= slot->client_total > 0;
        slot_drop_client(slot, incident->client_serial);
    }
    if (is_last_of_account) {
        slot->account_total -= slot->account_total > 0;
        slot_drop_account(slot, incident->account_serial);
    }
}

bool home_rest(struct slot *slot, const struct incident *incident, bool is_idle) {
    struct incident_memo *memo = incident->memo;
    bool was_idle = (memo->own_serial & MEMO_IDLE) != 0;
    if (was_idle == is_idle)
        return false;
    memo->own_serial ^= MEMO_IDLE;
    slot->idle += is_idle;
    slot->idle -= was_idle;
    return true;
}
