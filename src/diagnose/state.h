/* What diagnose remembers: slots by what they are about, who is counted in them, how many of a rule
 * are open. Shared by the files of this room, private to it. */
#ifndef SMBLAME_DIAGNOSE_STATE_H
#define SMBLAME_DIAGNOSE_STATE_H

#include "base/table.h"
#include "diagnose/diagnose.h"
#include "diagnose/slot.h"
#include "diagnose/tell.h"

/* What a slot is about; hashed as bytes. The rule may change while it is about the same: of a pair
 * any rule may follow, of the other units a rule of the same category. `group` stands for these
 * rules; of a crowd it is the rule. `kind`: enum rule_unit, or KEY_CROWD. */
struct slot_key {
    uint64_t serial;
    uint32_t group, kind;
};

enum { KEY_CROWD = 16 };

/* Who is counted in a slot, but in its own crowd (struct incident_member): a client or an account,
 * by how many incidents. */
struct member_key {
    uint64_t serial;
    uint32_t generation, kind;
};

enum { MEMBER_CLIENT = 1, MEMBER_ACCOUNT = 2 };

/* What the rules say of facts, for the next incident of the same facts: in a storm they are nearly
 * all alike. */
struct kept_verdict {
    struct facts facts;
    struct judgement judgement;
    bool is_kept, has_winner;
};

enum { VERDICTS_KEPT = 64 };

struct diagnose {
    struct diagnose_options options;
    struct diagnose_caps caps;
    uint64_t seed; /* of the cache of verdicts */
    const struct rule *rules;
    size_t rule_count;
    struct pool slots;
    struct table keys;      /* struct slot_key -> slot index, the least recently used first */
    struct table members;   /* struct member_key -> incidents */
    uint32_t *generation;   /* of each slot in use, 0 = free */
    uint32_t *group;        /* of each rule */
    uint32_t *open_of_rule; /* open ones, the crowd not counted */
    struct slot **crowd;    /* of each rule, NULL = none; it stays */
    uint32_t next_generation, crowds;
    uint32_t first_opened, last_opened; /* the open slots in the order of opening */
    uint32_t open_count;                /* the crowds not counted */
    struct kept_verdict verdicts[VERDICTS_KEPT];
    struct tell tell;
    struct sbl_diagnosis diagnosis;
};

/* The slot an incident is part of, or NULL. A memo of a slot that is gone is emptied. In home.c. */
struct slot *home_now(struct diagnose *diagnose, const struct incident *incident);

/* The slot that a verdict on an incident belongs to: the one it is in, another one, a new one, or
 * the crowd of the rule when there are too many of them. */
struct slot *home_find(struct diagnose *diagnose, const struct incident *incident,
                       const struct rule *rule, struct slot *now);

/* What the slot is about is told by another rule now. */
void home_change_rule(struct diagnose *diagnose, struct slot *slot, const struct rule *rule);

/* Groups the rules, once. */
void home_group_rules(struct diagnose *diagnose);

/* Makes an incident part of a slot, or no longer part of it (its share stays counted). */
void home_join(struct diagnose *diagnose, struct slot *slot, const struct incident *incident);
void home_leave(struct diagnose *diagnose, struct slot *slot, const struct incident *incident);

/* Whether an incident is at rest, kept in its memo. Returns whether that is a change. */
bool home_rest(struct slot *slot, const struct incident *incident, bool is_idle);

#endif
