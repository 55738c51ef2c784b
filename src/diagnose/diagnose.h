/* Rules over incidents: cause, confidence, evidence for and against, remedy; and the life of a
 * diagnosis from open to close. Says only what the facts say; two causes that cannot be told apart
 * are both named. */
#ifndef SMBLAME_DIAGNOSE_DIAGNOSE_H
#define SMBLAME_DIAGNOSE_DIAGNOSE_H

#include <smblame/diagnosis.h>
#include <smblame/stats.h>

#include "history/incident.h"
#include "knowledge/knowledge.h"

struct diagnose;

struct diagnose_options {
    void *context;
    void (*diagnosis)(void *context, const struct sbl_diagnosis *diagnosis);
    const struct sbl_knowledge *knowledge;
    struct sbl_stats *stats;
    const struct sbl_limits *limits; /* NULL: the usual ones */
};

/* 0 or -ENOMEM; allocates all it will ever need. */
int diagnose_new(struct diagnose **diagnose, const struct diagnose_options *options);

/* The same with other caps than limits.h has, for tests that reach them: diagnoses remembered at
 * once (each rule may have one of the crowd beside them), open ones of a rule, memberships (who of
 * the clients and accounts was counted in which diagnosis), and open ones of a rule of severity 3
 * or less. */
struct diagnose_caps {
    unsigned diagnoses, per_rule, members, per_minor_rule;
};

int diagnose_new_with(struct diagnose **diagnose, const struct diagnose_options *options,
                      const struct diagnose_caps *caps);

/* Judges an incident and tells the diagnosis it belongs to when there is something new to say. */
void diagnose_incident(struct diagnose *diagnose, const struct incident *incident);

/* The capture ended: closes what is open, in the order of opening. */
void diagnose_finish(struct diagnose *diagnose, int64_t time_ns);

size_t diagnose_ceiling(const struct sbl_limits *limits);
void diagnose_free(struct diagnose *diagnose);

#endif
