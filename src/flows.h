/* The first half of the engine: what becomes of segments. Stream with the classifier, correlate and
 * attribute, as one thing that takes segments and tells attributed findings. All it remembers
 * belongs to connections, and what joins connections joins those of the same two hosts: so there
 * can be several of it side by side, each with hosts of its own. */
#ifndef SMBLAME_FLOWS_H
#define SMBLAME_FLOWS_H

#include <pthread.h>

#include <smblame/engine.h>
#include <smblame/segment.h>

struct flows;

/* Who is told. `tree_grant` may be unset, as granted shares are many and often nobody
 * asks; and `far`, see struct correlate_listener. */
struct flows_listener {
    void *context;
    void (*attempt)(void *context, const struct sbl_attempt *attempt);
    void (*tree_refusal)(void *context, const struct sbl_tree_refusal *refusal);
    void (*probe)(void *context, const struct sbl_probe *probe);
    void (*tree_grant)(void *context, const struct sbl_tree_grant *grant);
    void (*far)(void *context);
};

/* With `names_all`, refused and granted shares and refused opens get an event id as attempts do.
 * `observer` as in struct sbl_engine_options. */
struct flows_options {
    struct flows_listener listener;
    bool names_all;
    enum sbl_classify classify;
    void *observer_context;
    void (*observer)(void *context, const struct sbl_conversation *conversation,
                     const struct sbl_message *message);
    uint64_t seed;                   /* side by side: one for all, not 0 */
    pthread_mutex_t *starting;       /* side by side: one for all; else NULL */
    const struct sbl_limits *limits; /* NULL: the usual ones */
    const struct sbl_keeper *keeper; /* as in struct sbl_engine_options */
};

/* Counts in `stats`, borrowed for its life. 0 or -ENOMEM. */
int flows_new(struct flows **flows, const struct flows_options *options, struct sbl_stats *stats);

/* Takes segments of TCP in capture order, best 32 to 64 at once. They are borrowed for the call. */
void flows_feed(struct flows *flows, const struct sbl_segment *segments, size_t count);

/* As stream_minute_begins, where several stand side by side. */
void flows_minute_begins(struct flows *flows, int64_t time_ns, uint64_t ordinal);

/* Ends the capture: tells what was cut off or half seen. */
void flows_finish(struct flows *flows, int64_t time_ns);

/* For who is told: where in the capture that is, see stream_ordinal. */
uint64_t flows_ordinal(const struct flows *flows);

/* As sbl_engine_application. */
const char *flows_application(struct flows *flows, uint16_t application);

/* The most memory it can ever take, in bytes. */
size_t flows_ceiling(const struct sbl_limits *limits);

void flows_free(struct flows *flows);

#endif
