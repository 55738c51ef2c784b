/* Which driver, program or service is named, and which is only a candidate. A wrong name here is
 * the worst this program can do, so a name needs a rule that speaks of a program, a signature that
 * may be blamed, and no second candidate that fits nearly as well. */
#ifndef SMBLAME_DIAGNOSE_CULPRIT_H
#define SMBLAME_DIAGNOSE_CULPRIT_H

#include "diagnose/text.h"
#include "history/incident.h"
#include "knowledge/knowledge.h"

/* `culprit` has kind UNKNOWN when there is nothing to name. Candidates: two or more when they
 * cannot be told apart, else none. */
struct culprit_choice {
    struct sbl_culprit culprit, candidates[INCIDENT_CANDIDATES];
    unsigned candidate_count;
};

/* Strings borrow the incident and the knowledge base. */
void culprit_choose(const struct sbl_knowledge *knowledge, const struct rule *rule,
                    const struct incident *incident, struct culprit_choice *choice);

/* "the Crystal Semiconductor CS423x drivers"; "" when it has no name. */
const char *culprit_words(struct ink *ink, const struct sbl_culprit *culprit);

/* From what it is known, in words that claim no more than the basis does; "" for none. `source`
 * is what the knowledge base gives as source, for the number of an article. */
const char *culprit_basis_words(struct ink *ink, const struct sbl_culprit *culprit,
                                const char *source);

#endif
