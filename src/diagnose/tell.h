/* A slot told: the diagnosis as everybody outside sees it, with its sentences made anew from what
 * is counted now. */
#ifndef SMBLAME_DIAGNOSE_TELL_H
#define SMBLAME_DIAGNOSE_TELL_H

#include "diagnose/slot.h"

enum { TELL_BYTES = 65536, TELL_EVENTS = 8, TELL_REMEDY = KNOWLEDGE_LIST + 2 };

/* Room for one telling; the next one reuses it. */
struct tell {
    const struct sbl_knowledge *knowledge;
    struct text_values values;
    struct facts facts;
    struct sbl_machine clients[SLOT_LIST], servers[SLOT_SERVERS];
    uint32_t client_order[SLOT_LIST]; /* place in the slot -> ordinal in what is told */
    struct sbl_evidence_line lines[SLOT_LIST];
    const char *accounts[SLOT_LIST], *client_names[SLOT_LIST];
    const char *remedy[TELL_REMEDY], *events[TELL_EVENTS];
    const char *speaks_for[JUDGE_EVIDENCE + 1], *speaks_against[JUDGE_EVIDENCE + 1];
    struct sbl_alternative alternatives[JUDGE_OTHERS];
    struct ink ink;
    char bytes[TELL_BYTES];
};

/* Fills a diagnosis but its id, event id, revision, state, time and successor. Valid until the next
 * call and while the slot is not touched. */
void tell_slot(struct tell *tell, const struct slot *slot, struct sbl_diagnosis *diagnosis);

/* Values for whom the capture does not name, so that no sentence loses its head for that. */
void tell_describe_unknown(struct text_values *values);

/* What the event logs of Windows show for it; returns how many of `out` were filled. */
unsigned tell_windows_events(const struct rule *rule, const struct facts *facts,
                             const char *out[TELL_EVENTS]);

#endif
