/* One worker: its lane of block after block through its flows, and what these tell as notes. */
#include "jobs/state.h"

/* Where in the order of everything the flows are right now. */
static uint64_t key_at(const struct worker *worker) {
    uint64_t key = key_of(flows_ordinal(worker->flows), KEY_FINDING);
    return worker->is_finishing ? key | KEY_FINISH : key;
}

static void finding_told(struct worker *worker, enum note_kind kind,
                         const struct sbl_finding *finding) {
    uint16_t application = finding->conversation->application;
    struct note *note = note_told(worker->jobs, worker->source, kind, key_at(worker), finding);
    if (application) {
        note->application = application;
        note->application_name = flows_application(worker->flows, application);
    }
}

static void attempt_told(void *worker, const struct sbl_attempt *attempt) {
    finding_told(worker, NOTE_ATTEMPT, &attempt->finding);
}

static void tree_refusal_told(void *worker, const struct sbl_tree_refusal *refusal) {
    finding_told(worker, NOTE_TREE_REFUSAL, &refusal->finding);
}

static void probe_told(void *worker, const struct sbl_probe *probe) {
    finding_told(worker, NOTE_PROBE, &probe->finding);
}

static void tree_grant_told(void *worker, const struct sbl_tree_grant *grant) {
    finding_told(worker, NOTE_TREE_GRANT, &grant->finding);
}

static void asked_far(void *context) {
    struct worker *worker = context;
    note_mark(worker->jobs, worker->source, NOTE_FAR, key_at(worker));
}

int worker_init(struct worker *worker) {
    struct jobs *jobs = worker->jobs;
    bool hears_grants = jobs->front.listener.findings.tree_grant != NULL;
    struct flows_options options = jobs->front.flows;
    options.listener = (struct flows_listener){.context = worker,
                                               .attempt = attempt_told,
                                               .tree_refusal = tree_refusal_told,
                                               .probe = probe_told,
                                               .tree_grant = hears_grants ? tree_grant_told : NULL,
                                               .far = asked_far};
    options.seed = jobs->route_seed;
    options.starting = &jobs->starting;
    return flows_new(&worker->flows, &options, &worker->stats);
}

static void feed(struct flows *flows, const struct lane *lane) {
    size_t done = 0;
    for (size_t i = 0; i < lane->minute_count; i++) {
        const struct minute *minute = &lane->minutes[i];
        flows_feed(flows, lane->segments + done, minute->at - done);
        flows_minute_begins(flows, minute->time_ns, minute->ordinal);
        done = minute->at;
    }
    flows_feed(flows, lane->segments + done, lane->count - done);
}

static void block_done(struct worker *worker, struct block *block) {
    struct jobs *jobs = worker->jobs;
    (void)pthread_mutex_lock(&jobs->lock);
    notes_publish_locked(jobs, worker->source);
    if (--block->unfinished == 0 && jobs->reader_is_waiting)
        (void)pthread_cond_signal(&jobs->freed);
    (void)pthread_mutex_unlock(&jobs->lock);
}

/* When the rest is passed over anyway, nothing is finished. */
static bool is_finish_wanted(struct jobs *jobs, int64_t *end_ns) {
    (void)pthread_mutex_lock(&jobs->lock);
    bool is_wanted = !jobs->is_far;
    *end_ns = jobs->end_ns;
    (void)pthread_mutex_unlock(&jobs->lock);
    return is_wanted;
}

void *worker_main(void *context) {
    struct worker *worker = context;
    struct jobs *jobs = worker->jobs;
    struct block *block;
    int64_t end_ns;
    while ((block = block_next(worker))) {
        feed(worker->flows, &block->lanes[worker->index]);
        note_mark(jobs, worker->source, NOTE_PASSED, key_of(block->last, KEY_PASSED));
        block_done(worker, block);
    }
    if (is_finish_wanted(jobs, &end_ns)) {
        worker->is_finishing = true;
        flows_finish(worker->flows, end_ns);
    }
    note_mark(jobs, worker->source, NOTE_END, KEY_END);
    notes_publish(jobs, worker->source);
    return NULL;
}
