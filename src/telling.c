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

struct flows_listener telling_listener(struct telling *telling) {
    bool hears_grants = telling->listener->tree_grant || telling->diagnosing;
    return (struct flows_listener){.context = telling,
                                   .attempt = attempt_told,
                                   .tree_refusal = tree_refusal_told,
                                   .probe = probe_told,
                                   .tree_grant = hears_grants ? tree_grant_told : NULL};
}

bool telling_names_all(const struct telling *telling) {
    const struct sbl_listener *listener = telling->listener;
    return listener->tree_refusal || listener->probe || listener->tree_grant;
}

bool telling_hears_witnesses(const struct telling *telling) {
    return telling->listener->witness || telling->diagnosing;
}

bool telling_has_time(const struct telling *telling) {
    return telling->diagnosing != NULL;
}

void telling_witness(struct telling *telling, const struct sbl_witness *witness) {
    if (telling->listener->witness)
        telling->listener->witness(telling->listener->context, witness);
    if (telling->diagnosing)
        diagnosing_witness(telling->diagnosing, witness);
}

void telling_tick(struct telling *telling, int64_t time_ns) {
    diagnosing_tick(telling->diagnosing, time_ns);
}

void telling_finish(struct telling *telling, int64_t time_ns) {
    if (telling->diagnosing)
        diagnosing_finish(telling->diagnosing, time_ns);
}

size_t telling_ceiling(const struct sbl_limits *limits) {
    return sizeof(struct telling) + diagnosing_ceiling(limits);
}
