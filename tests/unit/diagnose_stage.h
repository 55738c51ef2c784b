/* A stage for tests of diagnose: hands incidents in and keeps what is told. Include cmocka first.
 */
#ifndef SMBLAME_TESTS_DIAGNOSE_STAGE_H
#define SMBLAME_TESTS_DIAGNOSE_STAGE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/diagnose.h"
#include "diagnose_incident.h"

enum { TOLD = 512 };

/* What is kept of a telling. */
struct told {
    uint8_t id[16], event_id[16];
    uint32_t revision, line_count, line_first_count, client_count, candidate_count;
    enum sbl_diagnosis_state state;
    char rule[64], message[512], superseded_by[40], account[64], first_client[64];
    char remedy[1024], against[1024], culprit_id[64], culprit_vendor[64], culprit_product[64];
    enum sbl_culprit_kind culprit_kind;
    enum sbl_basis culprit_basis;
    uint64_t failures, lockouts, client_total, account_total, line_total;
    uint64_t first_client_failures;
    unsigned severity;
    bool is_hostile;
    int64_t time_ns, first_line_ns, last_line_ns;
};

struct stage {
    struct sbl_knowledge *knowledge;
    struct diagnose *diagnose;
    struct sbl_stats stats;
    struct told told[TOLD];
    unsigned count;
};

static inline void join(char *out, size_t room, struct sbl_strings list) {
    out[0] = '\0';
    for (uint32_t i = 0; i < list.count; i++) {
        strncat(out, list.items[i], room - strlen(out) - 1);
        strncat(out, "\n", room - strlen(out) - 1);
    }
}

static inline void take(void *context, const struct sbl_diagnosis *d) {
    struct stage *stage = context;
    assert_true(stage->count < TOLD);
    struct told *told = &stage->told[stage->count++];
    *told = (struct told){.revision = d->revision,
                          .line_count = d->line_count,
                          .line_first_count = d->line_first_count,
                          .client_count = d->client_count,
                          .candidate_count = d->candidate_count,
                          .state = d->state,
                          .culprit_kind = d->culprit.kind,
                          .culprit_basis = d->culprit.basis,
                          .failures = d->failures,
                          .lockouts = d->lockouts,
                          .client_total = d->client_total,
                          .account_total = d->accounts.total,
                          .line_total = d->line_total,
                          .severity = d->severity,
                          .is_hostile = d->is_hostile,
                          .time_ns = d->time_ns};
    memcpy(told->id, d->id, 16);
    memcpy(told->event_id, d->event_id, 16);
    snprintf(told->rule, sizeof told->rule, "%s", d->rule_id);
    snprintf(told->message, sizeof told->message, "%s", d->message);
    snprintf(told->superseded_by, sizeof told->superseded_by, "%s", d->superseded_by);
    snprintf(told->account, sizeof told->account, "%s", d->account);
    snprintf(told->culprit_id, sizeof told->culprit_id, "%s", d->culprit.id);
    snprintf(told->culprit_vendor, sizeof told->culprit_vendor, "%s", d->culprit.vendor);
    snprintf(told->culprit_product, sizeof told->culprit_product, "%s", d->culprit.product);
    if (d->client_count) {
        snprintf(told->first_client, sizeof told->first_client, "%s", d->clients[0].name);
        told->first_client_failures = d->clients[0].failures;
    }
    if (d->line_count) {
        told->first_line_ns = d->lines[0].time_ns;
        told->last_line_ns = d->lines[d->line_count - 1].time_ns;
        assert_true(d->lines[0].client < d->client_count || d->client_total > d->client_count);
    }
    join(told->remedy, sizeof told->remedy, d->remedy);
    join(told->against, sizeof told->against, d->evidence_against);
    assert_null(strpbrk(d->message, "{}[]|"));
    assert_true((d->attack.count > 0) == d->is_hostile);
    assert_int_equal(d->id[6] >> 4, 8);
    assert_int_equal(d->event_id[6] >> 4, 8);
}

static struct sbl_knowledge *shared;

static inline int begin_with(void **state, const struct diagnose_caps *caps) {
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    stage->knowledge = shared;
    struct diagnose_options options = {
        .context = stage, .diagnosis = take, .knowledge = shared, .stats = &stage->stats};
    int failed = caps ? diagnose_new_with(&stage->diagnose, &options, caps)
                      : diagnose_new(&stage->diagnose, &options);
    *state = stage;
    return failed;
}

static inline int begin(void **state) {
    return begin_with(state, NULL);
}

static inline int begin_small(void **state) {
    static const struct diagnose_caps caps = {
        .diagnoses = 6, .per_rule = 3, .members = 8, .per_minor_rule = 3};
    return begin_with(state, &caps);
}

static inline int end(void **state) {
    struct stage *stage = *state;
    diagnose_free(stage->diagnose);
    free(stage);
    return 0;
}

static inline int load(void **state) {
    (void)state;
    return sbl_knowledge_new(&shared, NULL, stderr);
}

static inline int unload(void **state) {
    (void)state;
    sbl_knowledge_free(shared);
    return 0;
}

static inline void hand(struct stage *stage, struct incident_case *made,
                        enum incident_moment moment, int64_t seconds) {
    made->incident.moment = moment;
    made->incident.now_ns = seconds * SECOND;
    diagnose_incident(stage->diagnose, &made->incident);
}

static inline struct told *last(struct stage *stage) {
    assert_true(stage->count > 0);
    return &stage->told[stage->count - 1];
}

static inline bool is_same_id(const struct told *one, const struct told *other) {
    return memcmp(one->id, other->id, 16) == 0;
}

static inline void person(struct incident_case *made, uint64_t serial, unsigned client) {
    case_init(made, serial, "jdoe", client);
    CASE_FACTS(made, FACT_ACCOUNT_PERSON, FACT_BAD_CREDENTIALS, FACT_REPEATED);
    case_fail(made, 3);
}

static inline void token(struct incident_case *made, uint64_t serial, unsigned client) {
    case_init(made, serial, "SMSCliToknAcct&", client);
    made->incident.client_serial = client;
    made->incident.domain = "WS042";
    CASE_FACTS(made, FACT_ACCOUNT_SMS_LOCAL, FACT_ACCOUNT_SMS_TOKEN, FACT_DOMAIN_OWN_NAME,
               FACT_ACCOUNT_DOCUMENTED, FACT_BAD_CREDENTIALS, FACT_SHARE_SITE);
    case_fail(made, 4);
}

#endif
