/* A knowledge base of a few entries, and searches of PATH that are told what to answer: what tests
 * of history link instead of the real ones. */
#ifndef SMBLAME_TESTS_FAKE_KNOWLEDGE_H
#define SMBLAME_TESTS_FAKE_KNOWLEDGE_H

#include <string.h>

#include "history/walks.h"
#include "knowledge/knowledge.h"

static const struct account_entry fake_accounts[] = {
    {.pattern = "SMSCliToknAcct&",
     .class_ = ACCOUNT_CLASS_LOCAL_ON_NETWORK,
     .basis = SBL_BASIS_DOCUMENTED},
    {.pattern = "SMSService", .class_ = ACCOUNT_CLASS_STALE_SERVICE},
};

const struct account_entry *knowledge_account(const struct sbl_knowledge *knowledge,
                                              const char *name) {
    (void)knowledge;
    for (unsigned i = 0; i < sizeof fake_accounts / sizeof *fake_accounts; i++)
        if (strcasecmp(fake_accounts[i].pattern, name) == 0)
            return &fake_accounts[i];
    return NULL;
}

enum share_class knowledge_share(const struct sbl_knowledge *knowledge, const char *share) {
    (void)knowledge;
    const char *last = strrchr(share, '\\');
    last = last ? last + 1 : share;
    if (strncasecmp(last, "CAP_", 4) == 0)
        return SHARE_CLASS_SITE;
    if (strcasecmp(last, "SYSVOL") == 0 || strcasecmp(last, "NETLOGON") == 0)
        return SHARE_CLASS_DC;
    if (strcasecmp(last, "IPC$") == 0)
        return SHARE_CLASS_PIPE;
    return SHARE_CLASS_OTHER;
}

const struct period_entry *knowledge_period(const struct sbl_knowledge *knowledge, double seconds) {
    static const struct period_entry minute = {.seconds_min = 59.5,
                                               .seconds_max = 61.5,
                                               .owner = "Climonnt",
                                               .signature_id = "climonnt",
                                               .source = "Q191828",
                                               .marks.bits[FACT_SHARE_SMS_SHR / 64] =
                                                   UINT64_C(1) << FACT_SHARE_SMS_SHR % 64};
    (void)knowledge;
    return seconds >= minute.seconds_min && seconds <= minute.seconds_max ? &minute : NULL;
}

/* Counts what it is asked; its walks change whenever a step is missing. */
struct walks {
    unsigned steps, asked, forgotten, clients, failures;
    uint64_t first_client;
    bool is_own_account;
    char path[64];
};

int walks_new(struct walks **walks, const struct sbl_knowledge *knowledge, struct sbl_stats *stats,
              const struct walks_caps *caps) {
    (void)caps;
    static struct walks fake;
    (void)knowledge;
    (void)stats;
    fake = (struct walks){0};
    *walks = &fake;
    return 0;
}

size_t walks_ceiling(const struct walks_caps *caps) {
    (void)caps;
    return 0;
}

void walks_free(struct walks *walks) {
    (void)walks;
}

bool walks_step(struct walks *walks, const struct walk_step *step) {
    struct walk_step read = *step;
    walks->steps++;
    if (step->wire)
        step->wire->read_path(step->wire->context, &read);
    strncpy(walks->path, read.path, sizeof walks->path - 1);
    return step->is_missing;
}

struct walk_hint walks_hint(const struct walks *walks, uint64_t client) {
    (void)walks;
    (void)client;
    return (struct walk_hint){NULL, NULL};
}

void walks_expect(const struct walks *walks, struct walk_wire *wire, const struct walk_hint *hint) {
    (void)walks;
    (void)wire;
    (void)hint;
}

void walks_expect_step(const struct walks *walks, const struct walk_wire *wire,
                       const struct walk_hint *hint) {
    (void)walks;
    (void)wire;
    (void)hint;
}

bool walks_know(struct walks *walks, const uint64_t *clients, unsigned count, bool *has_probe) {
    (void)walks;
    (void)clients;
    *has_probe = false;
    return count != 0;
}

void walks_answer(struct walks *walks, const struct walk_question *question,
                  struct walk_answer *answer) {
    walks->asked++;
    walks->clients = question->client_count;
    walks->first_client = question->clients[0];
    walks->failures = question->failure_count;
    walks->is_own_account = question->is_own_account;
    facts_set(&answer->facts, FACT_NO_PROBE, walks->steps == 0);
    facts_set(&answer->facts, FACT_WALK, walks->steps != 0);
}

void walks_forget(struct walks *walks, uint64_t client) {
    (void)client;
    walks->forgotten++;
}

#endif
