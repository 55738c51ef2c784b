/* For tests of walks: one client (or more) that is refused look-ups, and an incident that asks. */
#ifndef SMBLAME_TESTS_WALKS_RIG_H
#define SMBLAME_TESTS_WALKS_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "history/walk_state.h"

enum { RIG_FAILURES = 8 };

#define RIG_MS INT64_C(1000000)
#define RIG_SECOND INT64_C(1000000000)

struct rig {
    struct walks *walks;
    struct sbl_stats stats;
    int64_t now_ns;
    uint64_t client;
    unsigned looks;
    bool is_denied, is_own_account;
    const char *process, *wanted;
    int64_t failures_ns[RIG_FAILURES];
    unsigned failure_count;
    struct walk_answer answer;
};

/* The knowledge of walks_fake.c has no state. */
static inline const struct sbl_knowledge *rig_knowledge(void) {
    static const uint64_t nothing = 0;
    return (const struct sbl_knowledge *)(const void *)&nothing;
}

static const struct walks_caps rig_usual = {SBL_MAX_WALKS, SBL_MAX_HOSTS, SBL_MAX_LOOK_BACK};

static inline void rig_start_with(struct rig *rig, struct walks_caps caps) {
    *rig = (struct rig){.now_ns = 1000 * RIG_SECOND, .client = 1, .process = "", .wanted = ""};
    assert_int_equal(walks_new(&rig->walks, rig_knowledge(), &rig->stats, &caps), 0);
}

static inline void rig_start(struct rig *rig) {
    rig_start_with(rig, rig_usual);
}

static inline struct sbl_text rig_text(const char *text) {
    return (struct sbl_text){
        .bytes = (const uint8_t *)text, .size = (uint32_t)strlen(text), .encoding = SBL_TEXT_UTF8};
}

static inline void rig_read_path(void *context, struct walk_step *step) {
    const struct walk_step *whole = context;
    step->share = whole->share;
    step->path = whole->path;
}

static inline void rig_read_user(void *context, struct walk_step *step) {
    const struct walk_step *whole = context;
    step->account = whole->account;
    step->domain = whole->domain;
}

/* The step as it comes from the wire: its texts are asked for when they are wanted. */
static inline bool rig_step_by_wire(struct rig *rig, struct walk_step whole) {
    struct walk_wire wire = {.share = rig_text(whole.share),
                             .name = rig_text(whole.path),
                             .context = &whole,
                             .read_path = rig_read_path,
                             .read_user = rig_read_user};
    struct walk_step step = whole;
    step.share = step.path = step.account = step.domain = NULL;
    step.wire = &wire;
    return walks_step(rig->walks, &step);
}

/* A look-up of `path` on `share`, 10 ms after the last. */
static inline bool rig_look(struct rig *rig, const char *share, const char *path) {
    rig->now_ns += 10 * RIG_MS;
    struct walk_step step = {.client = rig->client,
                             .time_ns = rig->now_ns,
                             .share = share,
                             .path = path,
                             .account = "SMSCliToknAcct&",
                             .domain = "WS042",
                             .process = rig->process,
                             .status = rig->is_denied ? 0xC0000022 : 0xC0000034,
                             .is_missing = !rig->is_denied};
    rig->looks++;
    return rig->looks % 4 ? rig_step_by_wire(rig, step) : walks_step(rig->walks, &step);
}

/* One name through the roots of shares, named by letters: "ab" is \\CAP01\CAP_A, \\CAP01\CAP_B. */
static inline void rig_tour(struct rig *rig, const char *letters, const char *name) {
    for (; *letters; letters++) {
        char share[32];
        snprintf(share, sizeof share, "\\\\CAP01\\CAP_%c", *letters);
        rig_look(rig, share, name);
    }
}

static inline void rig_wait(struct rig *rig, int64_t time_ns) {
    rig->now_ns += time_ns;
}

static inline const struct walk_answer *rig_ask(struct rig *rig) {
    struct walk_question question = {.clients = &rig->client,
                                     .client_count = 1,
                                     .failures_ns = rig->failures_ns,
                                     .failure_count = rig->failure_count,
                                     .shares = {&rig->wanted, *rig->wanted ? 1 : 0, 1},
                                     .is_own_account = rig->is_own_account};
    walks_answer(rig->walks, &question, &rig->answer);
    return &rig->answer;
}

static inline bool rig_has(struct rig *rig, enum fact fact) {
    return facts_have(&rig_ask(rig)->facts, fact);
}

/* The ids of the candidates, best first, joined by blanks; "-" for one without a signature. */
static inline const char *rig_who(struct rig *rig) {
    static char ids[512];
    const struct walk_answer *answer = rig_ask(rig);
    ids[0] = '\0';
    for (unsigned i = 0; i < answer->candidate_count; i++) {
        const struct signature *signature = answer->candidates[i].signature;
        snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%s%s", i ? " " : "",
                 signature ? signature->id : "-");
    }
    return ids;
}

/* The directories of the walk by the letter each ends with. */
static inline const char *rig_where(struct rig *rig) {
    static char letters[WALK_DIRECTORIES + 1];
    const struct sbl_walk *walk = &rig_ask(rig)->walk;
    for (uint32_t i = 0; i < walk->directories.count; i++)
        letters[i] = walk->directories.items[i][strlen(walk->directories.items[i]) - 1];
    letters[walk->directories.count] = '\0';
    return letters;
}

static inline void rig_stop(struct rig *rig) {
    walks_free(rig->walks);
}

#endif
