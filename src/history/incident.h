/* An incident: one account, as one client used it against one authority, with all that history
 * knows around it. What diagnose judges. A value; everything is borrowed for the call, but `memo`,
 * which belongs to diagnose and lives as long as the incident. Strings are UTF-8, "" = not known.
 */
#ifndef SMBLAME_HISTORY_INCIDENT_H
#define SMBLAME_HISTORY_INCIDENT_H

#include <smblame/diagnosis.h>

#include "knowledge/fact.h"
#include "knowledge/knowledge.h"

enum incident_moment {
    INCIDENT_SETTLED = 0, /* 10 s after its first refusal */
    INCIDENT_CHANGED,     /* more refusals, a lockout, a walk; at most once in 60 s, or at once when
                             it was locked */
    INCIDENT_IDLE,        /* nothing for 150 min, or for 2.5 of its periods, at most 60 h */
    INCIDENT_FORGOTTEN,   /* evicted: the last word on it */
    INCIDENT_END,         /* the capture ended: the last word on it */
};

/* What diagnose keeps in an incident. Zeroed at first. */
struct incident_memo {
    uint64_t failures, lockouts, granted, lines; /* already taken over */
    uint32_t diagnosis;                          /* diagnose's slot, 0 = none */
    uint32_t own_serial;                         /* diagnose's own */
};

/* In which crowds a client or an account is counted, and by how many incidents: diagnose's as well,
 * and lives as long as the serial. Zeroed at first. */
struct incident_member {
    uint32_t crowd[2], incidents[2];
};

/* A candidate for "which program": of the walk's names, the process table, or the share and period.
 * Sorted by weight. */
enum { INCIDENT_CANDIDATES = 6 };

struct incident_candidate {
    const struct signature *signature; /* NULL: by process table or behaviour only */
    enum sbl_culprit_kind kind;
    enum sbl_basis basis;
    double weight;            /* shares of 1 among candidates that explain the same names */
    struct sbl_strings files; /* the names that spoke for it, as sent */
    const char *process;      /* image path of the process table, or "" */
};

/* Serials never repeat; they tell one account, client or server from another over time. What stands
 * before `ask` is filled in always, the rest by incident_ask() alone: of most incidents of a storm
 * nobody wants to know it. */
struct incident {
    enum incident_moment moment;
    struct incident_memo *memo;
    uint64_t serial, account_serial, client_serial, server_serial;
    struct incident_member *account_member, *client_member; /* may be NULL */
    int64_t now_ns;
    struct facts facts;

    const char *account, *domain; /* as sent, of the last failure */
    bool is_anonymous;
    enum sbl_authority authority;
    const char *authority_name;
    const struct account_entry *account_entry; /* NULL = none */
    struct sbl_machine client, server;         /* server: the one with most failures */
    const struct sbl_machine *servers;         /* without names before incident_ask() */
    uint32_t server_count;
    uint64_t server_total;
    const char *server_domain; /* NetBIOS domain of the server, or "" */
    const char *own_domain; /* DOMAIN_OWN_NAME: which of its names was sent; NULL and "" = none */

    /* of this client with this account */
    uint64_t refused, failures, lockouts, granted; /* failures: see fact.h */
    int64_t first_ns, last_ns;                     /* of refusals */
    double period_s;                               /* 0 = none */
    const struct period_entry *period;
    uint32_t line_count, line_first_count; /* see incident_line() */
    uint64_t line_total;
    uint64_t account_clients; /* that failed with the account */

    /* Fill in what follows, and one line; NULL = it is there. */
    void (*ask)(void *source);
    const struct sbl_evidence_line *(*line)(void *source, uint32_t number);
    void *source;

    uint64_t reasons[SBL_REASON_COUNT];
    struct sbl_strings shares;             /* wanted by refused session setups or near them */
    const struct sbl_evidence_line *lines; /* first and last of the refusals, in order */

    /* of the account over all clients */
    const char *granted_client; /* GRANTED_OTHER_CLIENT: who, "WS007 (10.0.0.7)" */
    unsigned threshold;
    enum sbl_threshold_source threshold_source;
    const char *counted_by;
    unsigned bad_count; /* reckoned now at that server */
    struct sbl_frame_ref tipping;
    const char *tipping_client; /* "WS042 (10.1.2.42)" */
    bool tipped_here;           /* by this client */
    bool has_forecast;
    unsigned attempts_left;
    int64_t lock_at_ns;

    struct sbl_walk walk; /* the one joined to this incident, else the client's best */
    struct incident_candidate candidates[INCIDENT_CANDIDATES];
    unsigned candidate_count;
};

/* Everything is filled in after this, but the lines. */
static inline void incident_ask(const struct incident *incident) {
    if (incident->ask)
        incident->ask(incident->source);
}

/* One of the line_count lines, from 0 on; the first line_first_count are the first ones. */
static inline const struct sbl_evidence_line *incident_line(const struct incident *incident,
                                                            uint32_t number) {
    return incident->line ? incident->line(incident->source, number) : incident->lines + number;
}

#endif
