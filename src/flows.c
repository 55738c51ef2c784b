/* The wiring of stream, classify, correlate and attribute. */
#include "flows.h"

#include <errno.h>
#include <stdlib.h>

#include "attribute/attribute.h"
#include "classify/classify.h"
#include "correlate/correlate.h"
#include "stream/stream.h"

struct flows {
    struct flows_options options;
    struct sbl_stats *stats;
    struct classify *classify;
    struct stream *stream;
    struct correlate *correlate;
    struct sbl_stream_events correlate_events;
};

/* Every finding passes here on its way out: it gets its id, and an attempt its reason, which is
 * counted. */
static void attempt_decided(void *context, struct sbl_attempt *attempt) {
    const struct flows *flows = context;
    attribute_attempt(attempt);
    flows->stats->logons_by_reason[attempt->reason]++;
    flows->options.listener.attempt(flows->options.listener.context, attempt);
}

static void tree_refused(void *context, struct sbl_tree_refusal *refusal) {
    const struct flows *flows = context;
    if (flows->options.names_all)
        attribute_tree_refusal(refusal);
    flows->options.listener.tree_refusal(flows->options.listener.context, refusal);
}

static void probe_refused(void *context, struct sbl_probe *probe) {
    const struct flows *flows = context;
    if (flows->options.names_all)
        attribute_probe(probe);
    flows->options.listener.probe(flows->options.listener.context, probe);
}

static void tree_granted(void *context, struct sbl_tree_grant *grant) {
    const struct flows *flows = context;
    if (flows->options.names_all)
        attribute_tree_grant(grant);
    flows->options.listener.tree_grant(flows->options.listener.context, grant);
}

/* Between stream and correlate only when somebody watches. */
static void message_observed(void *context, struct sbl_conversation *conversation,
                             const struct sbl_message *message) {
    const struct flows *flows = context;
    flows->options.observer(flows->options.observer_context, conversation, message);
    flows->correlate_events.message(flows->correlate_events.context, conversation, message);
}

static void gap_observed(void *context, struct sbl_conversation *conversation, uint8_t from,
                         int64_t time_ns) {
    const struct flows *flows = context;
    flows->correlate_events.gap(flows->correlate_events.context, conversation, from, time_ns);
}

static void dispute_observed(void *context, struct sbl_conversation *conversation, uint8_t from,
                             uint32_t seq, uint32_t end_seq) {
    const struct flows *flows = context;
    flows->correlate_events.dispute(flows->correlate_events.context, conversation, from, seq,
                                    end_seq);
}

static void close_observed(void *context, struct sbl_conversation *conversation, enum sbl_close how,
                           int64_t time_ns) {
    const struct flows *flows = context;
    flows->correlate_events.close(flows->correlate_events.context, conversation, how, time_ns);
}

static void expect_observed(void *context, const struct sbl_conversation *const *conversations,
                            size_t count) {
    const struct flows *flows = context;
    flows->correlate_events.expect(flows->correlate_events.context, conversations, count);
}

static void asked_far(void *context) {
    const struct flows *flows = context;
    flows->options.listener.far(flows->options.listener.context);
}

static int start_rooms(struct flows *flows) {
    const struct correlate_listener inside = {
        .context = flows,
        .attempt = attempt_decided,
        .tree_refusal = tree_refused,
        .probe = probe_refused,
        .tree_grant = flows->options.listener.tree_grant ? tree_granted : NULL,
        .far = flows->options.listener.far ? asked_far : NULL,
        .seed = flows->options.seed};
    enum sbl_classify classify = flows->options.classify;
    const struct sbl_limits *limits = flows->options.limits;
    int failed = 0;
    if (classify != SBL_CLASSIFY_NONE)
        failed = classify_new(&flows->classify, classify == SBL_CLASSIFY_FULL, limits);
    if (flows->classify) {
        classify_share(flows->classify, flows->options.starting);
        classify_count(flows->classify, flows->stats);
    }
    if (!failed)
        failed = correlate_new(&flows->correlate, &inside, flows->stats, limits);
    if (failed)
        return failed;
    correlate_events(flows->correlate, &flows->correlate_events);
    struct stream_options options = {.events = flows->correlate_events,
                                     .classify = flows->classify,
                                     .stats = flows->stats,
                                     .limits = limits,
                                     .keeper = flows->options.keeper};
    if (flows->options.observer)
        options.events = (struct sbl_stream_events){flows,          message_observed,
                                                    gap_observed,   dispute_observed,
                                                    close_observed, expect_observed};
    return stream_new(&flows->stream, &options);
}

int flows_new(struct flows **flows, const struct flows_options *options, struct sbl_stats *stats) {
    *flows = NULL;
    struct flows *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->options = *options;
    made->stats = stats;
    int failed = start_rooms(made);
    if (failed) {
        flows_free(made);
        return failed;
    }
    *flows = made;
    return 0;
}

void flows_free(struct flows *flows) {
    if (!flows)
        return;
    stream_free(flows->stream);
    correlate_free(flows->correlate);
    classify_free(flows->classify);
    free(flows);
}

void flows_feed(struct flows *flows, const struct sbl_segment *segments, size_t count) {
    stream_feed(flows->stream, segments, count);
}

void flows_minute_begins(struct flows *flows, int64_t time_ns, uint64_t ordinal) {
    stream_minute_begins(flows->stream, time_ns, ordinal);
}

void flows_finish(struct flows *flows, int64_t time_ns) {
    stream_finish(flows->stream, time_ns);
}

uint64_t flows_ordinal(const struct flows *flows) {
    return stream_ordinal(flows->stream);
}

const char *flows_application(struct flows *flows, uint16_t application) {
    return flows->classify && application ? classify_name(flows->classify, application) : NULL;
}

size_t flows_ceiling(const struct sbl_limits *limits) {
    return sizeof(struct flows) + classify_ceiling(limits) + stream_ceiling(limits) +
           correlate_ceiling(limits);
}
