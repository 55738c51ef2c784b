/* How things are, for people: what SIGUSR1 prints on standard error. Counters come from whoever
 * asks; the open diagnoses are remembered here, as records forget them and the screen may not be
 * there. */
#ifndef SMBLAME_SERVICE_STATE_PRINT_H
#define SMBLAME_SERVICE_STATE_PRINT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <smblame/diagnosis.h>
#include <smblame/health.h>
#include <smblame/stats.h>

#include "service/runner.h"

struct state;

/* 0 or -ENOMEM. Allocates nothing later; of more diagnoses than limits.h allows the one told
 * longest ago is forgotten. */
int state_new(struct state **state);

/* To be told of every diagnosis. */
void state_diagnosis(struct state *state, const struct sbl_diagnosis *diagnosis);

/* How many are open. */
size_t state_count(const struct state *state);

/* Between a process that watches and the one that tells. */
struct state_watch {
    uint64_t backlog_bytes, room_bytes, lost_notes;
};

/* Pointers may be NULL, but for `stats`. */
struct state_facts {
    int64_t time_ns, started_ns;
    const struct sbl_stats *stats;
    const struct sbl_live_stats *live;
    const struct state_watch *watches;
    size_t watch_count;
    const struct runner_counts *commands;
};

/* Some lines; names are made printable. */
void state_print(const struct state *state, const struct state_facts *facts, FILE *out);

/* NULL is fine. */
void state_free(struct state *state);

#endif
