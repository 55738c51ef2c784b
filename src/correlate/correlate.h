/* Messages with observations become attempts, tree refusals and probes. The first room that
 * remembers: which request a reply answers, which rounds make up one session setup, whose session
 * an open belongs to. Everything it remembers is bounded by limits.h and taken at the start. */
#ifndef SMBLAME_CORRELATE_CORRELATE_H
#define SMBLAME_CORRELATE_CORRELATE_H

#include <stddef.h>

#include <smblame/attempt.h>
#include <smblame/message.h>
#include <smblame/stats.h>

struct correlate;

/* Who is told, as struct sbl_listener says; but what is told may be written into by its first
 * reader, so that what attribute adds needs no copy. */
struct correlate_listener {
    void *context;
    void (*attempt)(void *context, struct sbl_attempt *attempt);
    void (*tree_refusal)(void *context, struct sbl_tree_refusal *refusal);
    void (*probe)(void *context, struct sbl_probe *probe);
    void (*tree_grant)(void *context, struct sbl_tree_grant *grant);
    /* Where several correlators share a capture by pairs of hosts; may be unset. A channel was
     * bound to a session that is not one of the same two addresses, but may be of the same two
     * hosts: it may be known to another correlator, and everything from here on may depend on it.
     */
    void (*far)(void *context);
    uint64_t seed; /* of the marks of challenges, which are compared across correlators; 0: own */
};

/* Makes a correlator that tells `listener` (copied) and counts in `stats` (borrowed for its life):
 * all of the section "correlate" of struct sbl_stats but logons_by_reason, whose reasons attribute
 * gives, and the cap hits of its own limits. `limits` may be NULL: the usual ones. 0 or -ENOMEM.
 */
int correlate_new(struct correlate **correlate, const struct correlate_listener *listener,
                  struct sbl_stats *stats, const struct sbl_limits *limits);

/* Fills in what stream has to call, with this correlator as the context. */
void correlate_events(struct correlate *correlate, struct sbl_stream_events *events);

/* The most memory a correlator can ever take, in bytes. */
size_t correlate_ceiling(const struct sbl_limits *limits);

/* Frees all; tells nothing (stream closes the conversations first). NULL is fine. */
void correlate_free(struct correlate *correlate);

#endif
