/* What is remembered over time: machines, accounts, who used which account from where, searches of
 * PATH, bad-password counts. Takes attributed findings in the order of the packets and hands over
 * an incident whenever there is something to judge. Bounded by limits.h: the least recently active
 * is forgotten first and counted. Knows what happened, never why. */
#ifndef SMBLAME_HISTORY_HISTORY_H
#define SMBLAME_HISTORY_HISTORY_H

#include <stddef.h>

#include <smblame/attempt.h>
#include <smblame/stats.h>
#include <smblame/witness.h>

#include "base/text.h"
#include "history/incident.h"
#include "knowledge/knowledge.h"

struct history;

/* `incident` is called with a value that is borrowed for the call. `page` may be NULL. Threshold 0
 * = learn it; window 0 = 30 min. `confirmed` holds facts the operator vouches for. */
struct history_options {
    void *context;
    void (*incident)(void *context, const struct incident *incident);
    const struct sbl_knowledge *knowledge;
    const struct text_codepage *page;
    struct sbl_stats *stats;
    struct facts confirmed;
    unsigned threshold, window_min;
    /* The image path behind a row of the process table of a frame's file, or NULL; may be unset. */
    const char *(*process)(void *context, struct sbl_frame_ref frame, uint32_t process);
    const struct sbl_limits *limits; /* NULL: the usual ones */
};

/* 0 or -ENOMEM; allocates all it will ever need. */
int history_new(struct history **history, const struct history_options *options);

void history_attempt(struct history *history, const struct sbl_attempt *attempt);
void history_tree_refusal(struct history *history, const struct sbl_tree_refusal *refusal);
void history_tree_grant(struct history *history, const struct sbl_tree_grant *grant);
void history_probe(struct history *history, const struct sbl_probe *probe);
void history_witness(struct history *history, const struct sbl_witness *witness);

/* Packet time goes on: hands over what is due. Cheap; called once per batch. */
void history_tick(struct history *history, int64_t time_ns);

/* When something is due next, if nothing else comes before. False: never. */
bool history_due(const struct history *history, int64_t *due_ns);

/* The capture ended: hands over every incident once more, with moment END, in the order of their
 * first failures. */
void history_finish(struct history *history, int64_t time_ns);

/* The most memory a history can ever take, in bytes. */
size_t history_ceiling(const struct sbl_limits *limits);
void history_free(struct history *history);

#endif
