/* Which findings a diagnosis cites, and which frames with them: its lines, what its clients did
 * with its accounts and in its walk, and what these rest on. Each frame is taken out of the
 * look-back at once, to wait where nothing overwrites it. */
#include <string.h>

#include "evidence/state.h"

enum {
    FRAMES_BEFORE = 2048,  /* of the same connection */
    FINDINGS_MOST = 16384, /* looked at for one diagnosis */
    OPENING_MOST = 16,
    SHARES_MOST = 32,
    GRANTS_MOST = 32,
    CONTEXT_MOST = 4096, /* looked at for what a finding rests on */
};

static const int64_t SLACK_NS = 1000000000;

/* A diagnosis on its way through the findings. */
struct citing {
    struct evidence *evidence;
    const struct sbl_diagnosis *diagnosis;
    struct waiter waiter; /* what all of them say */
};

/* Puts a frame among those that wait. False: it is gone. */
static bool cite_ref(struct citing *c, uint64_t ref) {
    struct evidence *evidence = c->evidence;
    struct waiting *waiting = evidence->waiting;
    const struct look_back_reader *from;
    if (!waiting_note(waiting, ref))
        return true;
    evidence->cited++;
    if (waiting->count == WAITING_MOST)
        evidence_write(evidence, INT64_MIN);
    if (evidence->used > BYTES_MOST - SBL_MAX_FRAME_BYTES)
        evidence_write(evidence, INT64_MAX);
    struct waiter *waiter = &waiting->waiters[waiting->count];
    *waiter = c->waiter;
    waiter->at = evidence->used;
    if (!evidence_read(evidence, ref, &waiter->kept, &evidence->bytes[waiter->at], &from)) {
        evidence->gone++;
        return false;
    }
    evidence->used += waiter->kept.captured_bytes;
    waiting->count++;
    return true;
}

/* Whether a frame holds bytes of what is complete with `last`. */
static bool holds_part(const struct kept *last, const struct kept *before) {
    bool is_same_way = ((before->flags ^ last->flags) & KEPT_IS_UPWARD) == 0;
    return is_same_way && (int32_t)(before->seq + before->payload_bytes - last->from_seq) > 0 &&
           (int32_t)(last->until_seq - before->seq) > 0;
}

/* The frames of the same connection that hold parts of the messages that `last` completes. */
static void cite_parts(struct citing *c, const struct look_back_reader *from,
                       const struct kept *last) {
    struct kept before, at = *last;
    uint32_t end = last->seq + last->payload_bytes;
    bool has_parts = (last->flags & KEPT_COMPLETES) && ((int32_t)(last->from_seq - last->seq) < 0 ||
                                                        (int32_t)(last->until_seq - end) > 0);
    for (unsigned i = 0; i < FRAMES_BEFORE && has_parts; i++) {
        if (!look_back_read_before(from, &at, &before))
            return;
        if (holds_part(last, &before))
            (void)cite_ref(c, before.ref);
        at = before;
    }
}

/* The frames before the first of an attempt in which its connection was opened. */
static void cite_opening(struct citing *c, const struct look_back_reader *from,
                         const struct kept *first) {
    struct kept before, at = *first;
    for (unsigned i = 0, found = 0; i < FRAMES_BEFORE && found < OPENING_MOST; i++) {
        if (!look_back_read_before(from, &at, &before))
            return;
        if (before.flags & KEPT_OPENS) {
            cite_parts(c, from, &before);
            (void)cite_ref(c, before.ref);
            found++;
        }
        at = before;
    }
}

/* First what is missing, for the comments of what is not. */
static void cite_frames(struct citing *c, const struct told *told) {
    const struct look_back_reader *from[SBL_EVIDENCE_FRAMES];
    struct kept kept[SBL_EVIDENCE_FRAMES];
    bool is_there[SBL_EVIDENCE_FRAMES];
    for (unsigned i = 0; i < told->frame_count; i++) {
        is_there[i] = evidence_read(c->evidence, told->frames[i], &kept[i], NULL, &from[i]);
        if (!is_there[i] && !cite_ref(c, told->frames[i]))
            c->waiter.missing++;
    }
    for (unsigned i = 0; i < told->frame_count; i++) {
        if (!is_there[i])
            continue;
        if (i == 0 && told->kind == TOLD_ATTEMPT)
            cite_opening(c, from[i], &kept[i]);
        cite_parts(c, from[i], &kept[i]);
        (void)cite_ref(c, told->frames[i]);
    }
}

static void cite(struct citing *c, struct told *told) {
    if (told->is_cited)
        return;
    told->is_cited = true;
    c->waiter.kind = told->kind;
    c->waiter.mechanism = told->mechanism;
    c->waiter.answer = told->answer;
    c->waiter.missing = 0;
    memcpy(c->waiter.event, told->event_id, sizeof told->event_id);
    cite_frames(c, told);
}

/* What a finding rests on: the logon of its session, and the connecting of its share. */
static void cite_with_ground(struct citing *c, struct told *told) {
    bool needs_logon = true, needs_share = told->kind == TOLD_PROBE;
    struct memory *memory = c->evidence->memory;
    if (told->is_cited)
        return;
    cite(c, told);
    const struct told *at = told;
    for (unsigned i = 0; i < CONTEXT_MOST && (needs_logon || needs_share); i++) {
        struct told *before = memory_before(memory, CHAIN_TALK, at);
        if (!before)
            return;
        bool is_session = before->session_id == told->session_id;
        if (needs_logon && is_session && before->kind == TOLD_ATTEMPT && before->is_granted) {
            needs_logon = false;
            cite(c, before);
        } else if (needs_share && is_session && before->kind == TOLD_TREE_GRANT &&
                   before->share == told->share) {
            needs_share = false;
            cite(c, before);
        }
        at = before;
    }
}

static bool is_listed(const struct citing *c, uint64_t account) {
    const struct sbl_strings *accounts = &c->diagnosis->accounts;
    for (uint32_t i = 0; i < accounts->count; i++) {
        const char *name = accounts->items[i];
        if (account == evidence_account(c->evidence, name, strlen(name)))
            return true;
    }
    return false;
}

/* Whether a diagnosis is of the account of a finding. One that names none, or more than it lists,
 * is of all that its clients used. */
static bool is_account_of(const struct citing *c, const struct told *told) {
    const struct sbl_diagnosis *d = c->diagnosis;
    uint64_t account = told->keys[CHAIN_ACCOUNT];
    if (!d->account[0] && !d->is_anonymous && d->accounts.count == d->accounts.total)
        return d->accounts.count == 0 || is_listed(c, account);
    if (d->accounts.count < d->accounts.total)
        return true;
    if (account == evidence_account(c->evidence, d->account, strlen(d->account)))
        return account != 0 || d->is_anonymous;
    return is_listed(c, account);
}

static bool is_between(int64_t time_ns, int64_t first_ns, int64_t last_ns) {
    return time_ns >= first_ns - SLACK_NS && time_ns <= last_ns + SLACK_NS;
}

/* Whether a diagnosis of this client speaks of a finding of his. */
static bool is_of(const struct citing *c, const struct told *told) {
    const struct sbl_diagnosis *d = c->diagnosis;
    switch ((enum told_kind)told->kind) {
    case TOLD_ATTEMPT:
        return is_account_of(c, told);
    case TOLD_PROBE:
        return d->walk.steps > 0 && is_between(told->time_ns, d->walk.first_ns, d->walk.last_ns);
    case TOLD_TREE_REFUSAL:
        return is_between(told->time_ns, d->first_ns, d->last_ns);
    case TOLD_TREE_GRANT:
        break;
    }
    return false;
}

/* What else of a client a diagnosis rests on, whenever it was: that the account was granted to it,
 * what the machine calls itself in the logons of others, and which shares it was granted. */
struct grounds {
    bool has_account, has_other;
    uint32_t share_count;
    uint64_t shares[SHARES_MOST];
};

static bool is_new_share(struct grounds *grounds, uint64_t share) {
    for (uint32_t i = 0; i < grounds->share_count; i++)
        if (grounds->shares[i] == share)
            return false;
    if (grounds->share_count == SHARES_MOST)
        return false;
    grounds->shares[grounds->share_count++] = share;
    return true;
}

static bool is_ground(const struct citing *c, struct grounds *grounds, const struct told *told) {
    if (told->kind == TOLD_TREE_GRANT)
        return is_new_share(grounds, told->share);
    if (told->kind != TOLD_ATTEMPT || !told->is_granted || told->keys[CHAIN_ACCOUNT] == 0)
        return false;
    bool *has = is_account_of(c, told) ? &grounds->has_account : &grounds->has_other;
    bool is_first = !*has && told->time_ns <= c->diagnosis->first_ns;
    *has = *has || is_first;
    return is_first;
}

static void cite_client(struct citing *c, const struct sbl_machine *client) {
    const struct sbl_diagnosis *d = c->diagnosis;
    struct grounds grounds = {0};
    int64_t from = d->first_ns;
    if (d->walk.steps > 0 && d->walk.first_ns < from)
        from = d->walk.first_ns;
    struct told *told = memory_by_client(c->evidence->memory, client->address);
    for (unsigned i = 0; told && i < FINDINGS_MOST; i++) {
        bool is_in_time = told->time_ns >= from - SLACK_NS;
        if ((is_in_time && is_of(c, told)) || is_ground(c, &grounds, told))
            cite_with_ground(c, told);
        told = memory_before(c->evidence->memory, CHAIN_CLIENT, told);
    }
}

/* Where the account is used with success: what its failures are held against. */
static void cite_grants(struct citing *c, const char *name) {
    uint64_t account = evidence_account(c->evidence, name, strlen(name));
    struct told *told = account ? memory_by_account(c->evidence->memory, account) : NULL;
    for (unsigned i = 0, found = 0; told && i < FINDINGS_MOST && found < GRANTS_MOST; i++) {
        if (told->kind == TOLD_ATTEMPT && told->is_granted) {
            cite(c, told);
            found++;
        }
        told = memory_before(c->evidence->memory, CHAIN_ACCOUNT, told);
    }
}

void evidence_diagnosis(struct evidence *evidence, const struct sbl_diagnosis *diagnosis) {
    struct citing c = {.evidence = evidence, .diagnosis = diagnosis};
    memcpy(c.waiter.record, diagnosis->event_id, sizeof c.waiter.record);
    text_copy(c.waiter.rule, sizeof c.waiter.rule, diagnosis->rule_id);
    for (uint32_t i = 0; i < diagnosis->line_count; i++) {
        struct told *told = memory_by_id(evidence->memory, diagnosis->lines[i].event_id);
        if (told)
            cite_with_ground(&c, told);
    }
    for (uint32_t i = 0; i < diagnosis->client_count; i++)
        cite_client(&c, &diagnosis->clients[i]);
    cite_grants(&c, diagnosis->account);
    for (uint32_t i = 0; i < diagnosis->accounts.count; i++)
        cite_grants(&c, diagnosis->accounts.items[i]);
    evidence_write(evidence, evidence->options.hold_ns
                                 ? diagnosis->time_ns - evidence->options.hold_ns
                                 : INT64_MAX);
    if (!evidence->options.hold_ns)
        files_flush(evidence->files);
}
