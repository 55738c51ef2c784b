/* The second reading of a capture: one thread and one front for all connections. What lies before
 * the place where the telling broke off was told, and is passed over. */
#include "jobs/state.h"

static const struct front_listener *tell(const struct jobs *jobs) {
    return &jobs->front.listener;
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
    uint64_t key = key_of(front_ordinal(jobs->alone), KEY_FINDING);
    return is_new(jobs, jobs->has_finished ? key | KEY_FINISH : key);
}

static void attempt_told(void *context, const struct sbl_attempt *attempt) {
    struct jobs *jobs = context;
    if (is_new_finding(jobs))
        tell(jobs)->findings.attempt(jobs->telling, attempt);
}

static void tree_refusal_told(void *context, const struct sbl_tree_refusal *refusal) {
    struct jobs *jobs = context;
    if (is_new_finding(jobs))
        tell(jobs)->findings.tree_refusal(jobs->telling, refusal);
}

static void probe_told(void *context, const struct sbl_probe *probe) {
    struct jobs *jobs = context;
    if (is_new_finding(jobs))
        tell(jobs)->findings.probe(jobs->telling, probe);
}

static void tree_grant_told(void *context, const struct sbl_tree_grant *grant) {
    struct jobs *jobs = context;
    if (is_new_finding(jobs))
        tell(jobs)->findings.tree_grant(jobs->telling, grant);
}

static void witness_told(void *context, const struct sbl_witness *witness) {
    struct jobs *jobs = context;
    if (is_new(jobs, key_of(jobs->stats.frames, KEY_WITNESS)))
        tell(jobs)->witness(jobs->telling, witness);
}

static void second_told(void *context, int64_t time_ns) {
    struct jobs *jobs = context;
    if (is_new(jobs, key_of(jobs->stats.frames + 1, KEY_TICK)))
        tell(jobs)->tick(jobs->telling, time_ns);
}

int alone_start(struct jobs *jobs) {
    struct front_options options = jobs->front;
    options.listener = (struct front_listener){
        .findings = {.context = jobs,
                     .attempt = attempt_told,
                     .tree_refusal = tree_refusal_told,
                     .probe = probe_told,
                     .tree_grant = tell(jobs)->findings.tree_grant ? tree_grant_told : NULL},
        .witness = tell(jobs)->witness ? witness_told : NULL,
        .tick = tell(jobs)->tick ? second_told : NULL};
    options.flows.seed = jobs->route_seed;
    return front_new(&jobs->alone, &options, &jobs->stats);
}

void alone_finish(struct jobs *jobs) {
    jobs->has_finished = true;
    jobs->counting.previous_ns = front_finish(jobs->alone);
}
