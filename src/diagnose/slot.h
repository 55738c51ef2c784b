/* A diagnosis as it is remembered: what is counted over its incidents, and of the incident that
 * says most (the lead) everything a later telling needs. Fixed size, from a pool; strings that come
 * from packets are copied into it, cut at a character, and never longer than the room here. */
#ifndef SMBLAME_DIAGNOSE_SLOT_H
#define SMBLAME_DIAGNOSE_SLOT_H

#include "diagnose/culprit.h"
#include "diagnose/judge.h"
#include "diagnose/text.h"
#include "history/incident.h"

enum {
    SLOT_NAME_BYTES = 96,
    SLOT_CONTRADICTION_BYTES = 160,
    SLOT_SHARE_BYTES = 160,
    SLOT_LIST = 2 * SBL_LIST_ENDS, /* the first and the last of a long list */
    SLOT_SERVERS = 8,
    SLOT_STRINGS = 40,      /* of each list that the lead brings along */
    SLOT_LEAD_BYTES = 16384 /* of all texts of the lead */
};

struct slot_machine {
    struct sbl_machine machine; /* its texts are set when it is told */
    char name[SLOT_NAME_BYTES], contradiction[SLOT_CONTRADICTION_BYTES];
};

struct slot_account {
    char name[SLOT_NAME_BYTES];
};

/* A list whose items stay where they are: `at` names their places in order, then those that are
 * free. In a storm each refusal pushes an item out of the middle, and to move bytes is cheaper than
 * to move items. `serials` is by place; `marks` are their lower halves: where none is alike, there
 * is nothing to look for. */
struct slot_list {
    uint32_t count, marks[SLOT_LIST];
    uint8_t at[SLOT_LIST];
    uint64_t serials[SLOT_LIST];
};

struct slot_line {
    struct sbl_evidence_line line; /* likewise; client: a serial is beside */
    uint64_t client;
    uint8_t server[16], server_ip_version; /* 0 = not known */
    char account[SLOT_NAME_BYTES], domain[SLOT_NAME_BYTES], share[SLOT_SHARE_BYTES];
};

struct slot_strings {
    const char *items[SLOT_STRINGS];
    uint32_t count;
    uint64_t total;
};

/* What the lead says. Strings are in `bytes` or in the knowledge base. */
struct slot_lead {
    uint64_t incident, refused; /* serial; 0 = no lead */
    struct facts facts;
    struct judgement judgement;
    struct text_values values; /* of the incident alone; sums are filled in when told */
    struct sbl_culprit culprit, candidates[INCIDENT_CANDIDATES];
    unsigned candidate_count;
    struct slot_strings culprit_files, candidate_files[INCIDENT_CANDIDATES], directories, missing,
        shares;
    struct sbl_walk walk;
    enum sbl_authority authority;
    enum sbl_threshold_source threshold_source;
    const char *account, *domain, *authority_name, *server_role, *counted_by, *period_owner;
    bool is_anonymous, has_forecast;
    bool has_all_candidates; /* neither stands for the other */
    bool is_slip;            /* its failures were wiped out: somebody else locked the account */
    unsigned threshold, attempts_left;
    int64_t lock_at_ns;
    struct sbl_frame_ref tipping;
    double period_s;
    struct ink ink;
    char bytes[SLOT_LEAD_BYTES];
};

struct slot {
    uint32_t generation, rule; /* rule: index into the rules */
    bool is_crowd, is_open;
    bool is_spent; /* superseded: what it counts now counts elsewhere */
    enum rule_unit unit;
    uint32_t revision;                    /* of the last record, 0 = none */
    uint32_t incidents;                   /* that are part of it */
    uint32_t idle;                        /* of these, at rest */
    uint32_t updates;                     /* since what it says changed */
    uint32_t opened_before, opened_after; /* indices of open slots next to it, 0 = none */
    uint8_t id[16];
    int64_t told_ns, first_ns, last_ns;
    uint64_t failures, lockouts, granted;
    uint64_t told_lockouts;
    uint32_t told_rule;
    struct sbl_culprit told_culprit; /* names are of the knowledge base, or empty */
    char told_product[SLOT_NAME_BYTES];

    struct slot_list client_list, account_list;
    struct slot_list line_list; /* by time; the first and the last; serials: of the incidents */
    uint32_t server_count, line_first_count;
    uint64_t client_total, server_total, account_total, line_total;
    struct slot_machine clients[SLOT_LIST], servers[SLOT_SERVERS];
    struct slot_account accounts[SLOT_LIST];
    struct slot_line lines[SLOT_LIST];
    struct slot_lead lead;
};

/* The lists of a new slot are empty. */
void slot_begin(struct slot *slot);

/* What came since the memo: added to the sums, lists and lines. The memo is then up to date.
 * Returns whether anything came. */
bool slot_add(struct slot *slot, const struct incident *incident);

/* Takes out what the memo says this incident has brought, and its lines; the memo is then empty. */
void slot_take_out(struct slot *slot, const struct incident *incident);

/* Takes a client or an account off the lists when no incident of it is left. */
void slot_drop_client(struct slot *slot, uint64_t serial);
void slot_drop_account(struct slot *slot, uint64_t serial);

/* Forgets all that was counted, but not who it is and how often it was told. */
void slot_clear(struct slot *slot);

/* Makes an incident the lead when its verdict is surer than the lead's, or as sure and it was
 * refused more often, or it is the lead already; in a crowd the first one stays. Returns whether it
 * is the lead now. */
bool slot_lead(struct slot *slot, const struct sbl_knowledge *knowledge,
               const struct incident *incident, const struct judgement *judgement);

/* "DOMAIN\name", by the authority that counts when it is known. */
void slot_account_words(struct ink *ink, const struct incident *incident);

/* A machine as a human reads it: "WS042 (10.1.2.42)". */
void slot_machine_words(struct ink *ink, const struct sbl_machine *machine);

/* The values of all placeholders that one incident knows. In lead.c. */
void lead_fill(const struct sbl_knowledge *knowledge, struct slot_lead *lead,
               const struct incident *incident, const struct judgement *judgement);

/* Takes out what holds of one machine and need not hold of the others: the program that is named
 * and the search. */
void lead_is_one_of_many(struct slot_lead *lead);

/* Packet time in UTC, to the second; a duration as people say it. In words.c. */
void words_time(struct ink *ink, int64_t time_ns);
void words_duration(struct ink *ink, double seconds);

/* "a, b, c and 4 more". */
void words_list(struct ink *ink, const char *const *items, uint32_t count, uint64_t total);
const char *reason_word(enum sbl_reason reason);

#endif
