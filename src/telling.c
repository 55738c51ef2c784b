/* The way out of the engine: listener first, then diagnosing. */
#include "telling.h"

#include <errno.h>
#include <stdlib.h>

#include "diagnosing.h"

struct telling {
    const struct sbl_listener *listener;
    struct diagnosing *diagnosing; /* NULL: nobody listens */
};

static void attempt_told(void *context, const struct sbl_attempt *attempt) {
    const struct telling *telling = context;
    if (telling->listener->attempt)
        telling->listener->attempt(telling->listener->context, attempt);
    if (telling->diagnosing)
        diagnosing_attempt(telling->diagnosing, attempt);
}

static void tree_refusal_told(void *context, const struct sbl_tree_refusal *refusal) {
    const struct telling *telling = context;
    if (telling->listener->tree_refusal)
        telling->listener->tree_refusal(telling->listener->context, refusal);
    if (telling->diagnosing)
        diagnosing_tree_refusal(telling->diagnosing, refusal);
}

static void probe_told(void *context, const struct sbl_probe *probe) {
    const struct telling *telling = context;
    if (telling->listener->probe)
        telling->listener->probe(telling->listener->context, probe);
    if (telling->diagnosing)
        diagnosing_probe(telling->diagnosing, probe);
}

static void tree_grant_told(void *context, const struct sbl_tree_grant *grant) {
    const struct telling *telling = context;
    if (telling->listener->tree_grant)
        telling->listener->tree_grant(telling->listener->context, grant);
    if (telling->diagnosing)
        diagnosing_tree_grant(telling->diagnosing, grant);
}

int telling_new(struct telling **telling, const struct sbl_engine_options *options,
                struct sbl_stats *stats) {
    *telling = NULL;
    struct telling *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->listener = &options->listener;
    int failed =
        options->listener.diagnosis ? diagnosing_new(&made->diagnosing, options, stats) : 0;
    if (failed) {
        telling_free(made);
        return failed;
    }
    *telling = made;
    return 0;
}

void telling_free(struct telling *telling) {
    if (!telling)
        return;
    diagnosing_free(telling->diagnosing);
    free(telling);
}

static void witness_told(void *context, const struct sbl_witness *witness) {
    const struct telling *telling = context;
    if (telling->listener->witness)
        telling->listener->witness(telling->listener->context, witness);
    if (telling->diagnosing)
        diagnosing_witness(telling->diagnosing, witness);
}

static void second_told(void *context, int64_t time_ns) {
    diagnosing_tick(((struct telling *)context)->diagnosing, time_ns);
}

struct front_options telling_wants(const struct sbl_engine_options *options) {
    const struct sbl_listener *listener = &options->listener;
    bool diagnoses = listener->diagnosis != NULL;
    return (struct front_options){
        .listener = {.findings = {.attempt = attempt_told,
                                  .tree_refusal = tree_refusal_told,
                                  .probe = probe_told,
                                  .tree_grant =
                                      listener->tree_grant || diagnoses ? tree_grant_told : NULL},
                     .witness = listener->witness || diagnoses ? witness_told : NULL,
                     .tick = diagnoses ? second_told : NULL},
        .flows = {.names_all = listener->tree_refusal || listener->probe || listener->tree_grant,
                  .classify = options->classify,
                  .observer_context = options->observer_context,
                  .observer = options->observer,
                  .limits = &options->limits,
                  .keeper = options->keeper}};
}

struct front_options telling_front(struct telling *telling,
                                   const struct sbl_engine_options *options) {
    struct front_options front = telling_wants(options);
    front.listener.findings.context = telling;
    return front;
}

void telling_finish(struct telling *telling, int64_t time_ns) {
    if (telling->diagnosing)
        diagnosing_finish(telling->diagnosing, time_ns);
}

size_t telling_ceiling(const struct sbl_limits *limits) {
    return sizeof(struct telling) + diagnosing_ceiling(limits);
}
