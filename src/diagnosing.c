/* The wiring of knowledge, history and diagnose. */
#include "diagnosing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "counting.h"
#include "diagnose/diagnose.h"
#include "history/history.h"
#include "knowledge/knowledge.h"

struct diagnosing {
    const struct sbl_listener *listener;
    const struct sbl_diagnosis_options *options;
    const struct sbl_limits *limits;
    struct sbl_knowledge *own_knowledge; /* NULL when the options bring one */
    struct text_codepage page;
    struct history *history;
    struct diagnose *diagnose;
    int64_t second_ns; /* that was told last */
};

static void diagnosed(void *context, const struct sbl_diagnosis *diagnosis) {
    const struct sbl_listener *listener = ((struct diagnosing *)context)->listener;
    listener->diagnosis(listener->context, diagnosis);
}

static void happened(void *context, const struct incident *incident) {
    diagnose_incident(((struct diagnosing *)context)->diagnose, incident);
}

static const char *process_of(void *context, struct sbl_frame_ref frame, uint32_t process) {
    const struct sbl_diagnosis_options *options = ((struct diagnosing *)context)->options;
    return options->process(options->process_context, frame, process);
}

static int confirm(const struct sbl_diagnosis_options *options, struct facts *confirmed) {
    for (size_t i = 0; i < options->confirmed_count; i++) {
        enum fact fact;
        if (!knowledge_fact_confirm(options->confirmed[i], &fact))
            return -EINVAL;
        facts_set(confirmed, fact, true);
    }
    return 0;
}

static int start(struct diagnosing *made, struct sbl_stats *stats) {
    const struct sbl_diagnosis_options *options = made->options;
    const struct sbl_knowledge *knowledge = options->knowledge;
    int failed =
        text_codepage_init(&made->page, options->oem_codepage ? options->oem_codepage : "CP850");
    if (!failed && !knowledge)
        failed = sbl_knowledge_new(&made->own_knowledge, NULL, stderr);
    if (failed)
        return failed;
    if (!knowledge)
        knowledge = made->own_knowledge;
    struct history_options history = {.context = made,
                                      .incident = happened,
                                      .knowledge = knowledge,
                                      .page = &made->page,
                                      .stats = stats,
                                      .process = options->process ? process_of : NULL,
                                      .threshold = options->lockout_threshold,
                                      .window_min = options->lockout_window_min,
                                      .limits = made->limits};
    failed = confirm(options, &history.confirmed);
    if (!failed)
        failed = history_new(&made->history, &history);
    if (!failed)
        failed =
            diagnose_new(&made->diagnose, &(struct diagnose_options){made, diagnosed, knowledge,
                                                                     stats, made->limits});
    return failed;
}

int diagnosing_new(struct diagnosing **diagnosing, const struct sbl_engine_options *options,
                   struct sbl_stats *stats) {
    struct diagnosing *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->listener = &options->listener;
    made->options = &options->diagnosis;
    made->limits = &options->limits;
    int failed = start(made, stats);
    if (failed) {
        diagnosing_free(made);
        return failed;
    }
    *diagnosing = made;
    return 0;
}

void diagnosing_free(struct diagnosing *diagnosing) {
    if (!diagnosing)
        return;
    history_free(diagnosing->history);
    diagnose_free(diagnosing->diagnose);
    sbl_knowledge_free(diagnosing->own_knowledge);
    free(diagnosing);
}

void diagnosing_attempt(struct diagnosing *diagnosing, const struct sbl_attempt *attempt) {
    history_attempt(diagnosing->history, attempt);
}

void diagnosing_tree_refusal(struct diagnosing *diagnosing,
                             const struct sbl_tree_refusal *refusal) {
    history_tree_refusal(diagnosing->history, refusal);
}

void diagnosing_tree_grant(struct diagnosing *diagnosing, const struct sbl_tree_grant *grant) {
    history_tree_grant(diagnosing->history, grant);
}

void diagnosing_probe(struct diagnosing *diagnosing, const struct sbl_probe *probe) {
    history_probe(diagnosing->history, probe);
}

void diagnosing_witness(struct diagnosing *diagnosing, const struct sbl_witness *witness) {
    history_witness(diagnosing->history, witness);
}

/* The next whole second in which something is due, after the one that was told last. */
static bool next_second(const struct diagnosing *diagnosing, int64_t before_ns, int64_t *second) {
    int64_t due_ns;
    if (!history_due(diagnosing->history, &due_ns) || due_ns > before_ns - SECOND_NS)
        return false;
    *second = counting_second_of(due_ns + SECOND_NS - 1);
    if (*second <= diagnosing->second_ns)
        *second = diagnosing->second_ns + SECOND_NS;
    return *second < before_ns;
}

/* Nobody sent a frame in the seconds between, or it would have told of them: what is due there is
 * told as it is on a wire that is quiet while the clock goes on. */
void diagnosing_tick(struct diagnosing *diagnosing, int64_t time_ns) {
    int64_t second;
    while (time_ns > diagnosing->second_ns && next_second(diagnosing, time_ns, &second)) {
        diagnosing->second_ns = second;
        history_tick(diagnosing->history, second);
    }
    diagnosing->second_ns = time_ns;
    history_tick(diagnosing->history, time_ns);
}

void diagnosing_finish(struct diagnosing *diagnosing, int64_t time_ns) {
    history_finish(diagnosing->history, time_ns);
    diagnose_finish(diagnosing->diagnose, time_ns);
}

size_t diagnosing_ceiling(const struct sbl_limits *limits) {
    return sizeof(struct diagnosing) + history_ceiling(limits) + diagnose_ceiling(limits);
}
