/* The second reading of a capture: one thread and one flows for all connections. What lies before
 * the place where the telling broke off was told, and is passed over. */
#include "decode/decode.h"
#include "jobs/state.h"
#include "witness/witness.h"

/* The segments of a batch, not yet fed, lie in the first lane of the first block. */
static struct lane *lane_of(struct jobs *jobs) {
    return &jobs->blocks[0].lanes[0];
}

static void feed_flows(struct jobs *jobs) {
    struct lane *lane = lane_of(jobs);
    flows_feed(jobs->alone, lane->segments, lane->count);
    lane->count = 0;
}

static bool is_new(struct jobs *jobs, uint64_t key) {
    struct resume *resume = &jobs->resume;
    if (key == resume->key && resume->skip > 0) {
        resume->skip--;
        return false;
    }
    return key >= resume->key;
}

static bool is_new_finding(struct jobs *jobs) {
    uint64_t key = key_of(flows_ordinal(jobs->alone), KEY_FINDING);
    return is_new(jobs, jobs->has_finished ? key | KEY_FINISH : key);
}

static void attempt_told(void *context, const struct sbl_attempt *attempt) {
    struct jobs *jobs = context;
    if (is_new_finding(jobs))
        jobs->tell.attempt(jobs->tell.context, attempt);
}

static void tree_refusal_told(void *context, const struct sbl_tree_refusal *refusal) {
    struct jobs *jobs = context;
    if (is_new_finding(jobs))
        jobs->tell.tree_refusal(jobs->tell.context, refusal);
}

static void probe_told(void *context, const struct sbl_probe *probe) {
    struct jobs *jobs = context;
    if (is_new_finding(jobs))
        jobs->tell.probe(jobs->tell.context, probe);
}

static void tree_grant_told(void *context, const struct sbl_tree_grant *grant) {
    struct jobs *jobs = context;
    if (is_new_finding(jobs))
        jobs->tell.tree_grant(jobs->tell.context, grant);
}

void alone_witness(struct jobs *jobs, const struct sbl_witness *witness) {
    feed_flows(jobs);
    if (is_new(jobs, key_of(jobs->stats.frames, KEY_WITNESS)))
        telling_witness(jobs->telling, witness);
}

int alone_start(struct jobs *jobs) {
    bool hears_grants = jobs->tell.tree_grant != NULL;
    struct flows_options options = {
        .listener = {.context = jobs,
                     .attempt = attempt_told,
                     .tree_refusal = tree_refusal_told,
                     .probe = probe_told,
                     .tree_grant = hears_grants ? tree_grant_told : NULL},
        .names_all = telling_names_all(jobs->telling),
        .classify = jobs->engine.classify,
        .limits = &jobs->engine.limits,
        .seed = jobs->route_seed,
    };
    lane_of(jobs)->count = 0;
    return flows_new(&jobs->alone, &options, &jobs->stats);
}

static void take_frame(struct jobs *jobs, const struct sbl_frame *frame) {
    struct lane *lane = lane_of(jobs);
    struct sbl_segment *segment = &lane->segments[lane->count];
    if (counting_ticks(&jobs->counting, frame->time_ns)) {
        feed_flows(jobs);
        segment = lane->segments;
        if (is_new(jobs, key_of(jobs->stats.frames + 1, KEY_TICK)))
            telling_tick(jobs->telling, frame->time_ns);
    }
    counting_frame(&jobs->counting, &jobs->stats, frame);
    if (!decode_frame(jobs->decoder, frame, segment))
        return;
    segment->ordinal = jobs->stats.frames;
    if (jobs->witness)
        witness_segment(jobs->witness, segment);
    if (segment->is_datagram)
        return;
    if (segment != &lane->segments[lane->count]) /* a witness has fed what lay before it */
        lane->segments[0] = *segment;
    lane->count++;
}

void alone_feed(struct jobs *jobs, const struct sbl_frame *frames, size_t count) {
    for (size_t i = 0; i < count; i++)
        take_frame(jobs, &frames[i]);
    feed_flows(jobs);
    decode_batch_done(jobs->decoder);
}

void alone_finish(struct jobs *jobs) {
    jobs->has_finished = true;
    flows_finish(jobs->alone, jobs->counting.previous_ns);
}
