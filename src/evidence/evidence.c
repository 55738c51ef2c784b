/* Which findings a diagnosis cites, and how they get into the file. */
#include "evidence/evidence.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/pool.h"
#include "base/uuid.h"
#include "emit/words.h"
#include "evidence/files.h"
#include "evidence/memory.h"
#include "evidence/tcp.h"
#include "evidence/waiting.h"

enum {
    ACCOUNT_MOST_BYTES = 512,
    COMMENT_BYTES = 512,
    BYTES_MOST = 32 << 20, /* of the frames that wait */
    FRAMES_BEFORE = 2048,  /* of the same connection */
    FINDINGS_MOST = 16384, /* looked at for one diagnosis */
    OPENING_MOST = 16,
    SHARES_MOST = 32,
    GRANTS_MOST = 32,
    CONTEXT_MOST = 4096, /* looked at for what a finding rests on */
};

static const int64_t SLACK_NS = 1000000000;

static const char REDACTED[] =
    "smblame: the frames that diagnoses cite, redacted. Challenges, LM and NT responses, "
    "passwords, session keys, MICs and signatures are replaced by pseudonyms that hold for this "
    "run alone (equal stays equal, zero stays zero); Kerberos ciphers and whatever was not "
    "understood are zeros; TCP checksums are made right again. What was classified stands in the "
    "packet comments.";
static const char RAW[] =
    "smblame: the frames that diagnoses cite, as captured (--raw-evidence). They hold what helps "
    "to guess passwords.";

struct evidence {
    struct evidence_options options;
    struct memory *memory;
    struct files *files;
    struct waiting *waiting;
    uint64_t seed;
    uint64_t cited, gone;
    uint32_t used;  /* of `bytes` */
    uint8_t *bytes; /* of the frames that wait: the look-back does not */
};

size_t evidence_ceiling(uint32_t findings) {
    return sizeof(struct evidence) + BYTES_MOST + sizeof(struct waiting) + memory_bytes(findings);
}

int evidence_new(struct evidence **evidence, const struct evidence_options *options) {
    struct evidence *made = calloc(1, sizeof *made);
    *evidence = NULL;
    if (!made)
        return -ENOMEM;
    made->options = *options;
    made->seed = hash_seed();
    made->waiting = pages_reserve(sizeof *made->waiting);
    made->bytes = pages_reserve(BYTES_MOST);
    const struct files_options files = {.path = options->path,
                                        .comment = options->is_raw ? RAW : REDACTED,
                                        .rotate_s = options->rotate_s,
                                        .rotate_mb = options->rotate_mb,
                                        .rotate_files = options->rotate_files,
                                        .context = options->context,
                                        .name = options->file,
                                        .complain = options->complain};
    int failed =
        made->waiting && made->bytes ? memory_new(&made->memory, options->findings) : -ENOMEM;
    if (!failed)
        failed = files_new(&made->files, &files);
    if (failed) {
        evidence_free(made);
        return failed;
    }
    *evidence = made;
    return 0;
}

void evidence_free(struct evidence *evidence) {
    if (!evidence)
        return;
    if (evidence->files)
        evidence_flush(evidence);
    files_free(evidence->files);
    memory_free(evidence->memory);
    if (evidence->bytes)
        pages_free(evidence->bytes, BYTES_MOST);
    if (evidence->waiting)
        pages_free(evidence->waiting, sizeof *evidence->waiting);
    free(evidence);
}

/* --- what is told --- */

/* Names of accounts are compared without regard to the case of ASCII letters. */
static uint64_t account_of(const struct evidence *evidence, const char *name, size_t size) {
    char folded[ACCOUNT_MOST_BYTES];
    if (size > sizeof folded)
        size = sizeof folded;
    for (size_t i = 0; i < size; i++)
        folded[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + ('a' - 'A') : name[i]);
    return size ? hash_bytes(folded, size, evidence->seed) : 0;
}

static struct told *remember(struct evidence *evidence, enum told_kind kind,
                             const struct sbl_finding *finding) {
    char name[ACCOUNT_MOST_BYTES];
    bool lossy;
    size_t size = text_to_utf8(finding->account, evidence->options.page, name, sizeof name, &lossy);
    struct told *told =
        memory_add(evidence->memory, kind, finding, account_of(evidence, name, size));
    if (sbl_text_is_present(finding->share) && finding->share.size > 0)
        told->share = hash_bytes(finding->share.bytes, finding->share.size, evidence->seed);
    return told;
}

void evidence_attempt(struct evidence *evidence, const struct sbl_attempt *attempt) {
    struct told *told = remember(evidence, TOLD_ATTEMPT, &attempt->finding);
    told->mechanism = attempt->mechanism;
    told->answer = attempt->answer;
    told->is_granted = attempt->outcome == SBL_OUTCOME_SUCCESS;
}

void evidence_tree_refusal(struct evidence *evidence, const struct sbl_tree_refusal *refusal) {
    (void)remember(evidence, TOLD_TREE_REFUSAL, &refusal->finding);
}

void evidence_probe(struct evidence *evidence, const struct sbl_probe *probe) {
    (void)remember(evidence, TOLD_PROBE, &probe->finding);
}

void evidence_tree_grant(struct evidence *evidence, const struct sbl_tree_grant *grant) {
    (void)remember(evidence, TOLD_TREE_GRANT, &grant->finding);
}

/* --- writing --- */

static bool read_frame(const struct evidence *evidence, uint64_t ref, struct kept *kept,
                       uint8_t *bytes, const struct look_back_reader **from) {
    for (size_t i = 0; i < evidence->options.look_back_count; i++) {
        *from = &evidence->options.look_backs[i];
        if (look_back_read(*from, ref, kept, bytes))
            return true;
    }
    return false;
}

static void make_comment(const struct waiter *waiter, char comment[COMMENT_BYTES]) {
    static const char *const kinds[] = {"logon", "refused share", "refused open", "share"};
    char record[UUID_TEXT_BYTES], event[UUID_TEXT_BYTES];
    uuid_text(waiter->record, record);
    uuid_text(waiter->event, event);
    int size = snprintf(comment, COMMENT_BYTES, "rule %s; record %s; %s %s", waiter->rule, record,
                        kinds[waiter->kind], event);
    if (waiter->kind == TOLD_ATTEMPT && size > 0 && size < COMMENT_BYTES) {
        const char *answer = words_answer(waiter->answer);
        size +=
            snprintf(&comment[size], COMMENT_BYTES - (size_t)size, "; %s%s%s",
                     words_mechanism(waiter->mechanism), answer ? ", " : "", answer ? answer : "");
    }
    if (waiter->missing && size > 0 && size < COMMENT_BYTES)
        snprintf(&comment[size], COMMENT_BYTES - (size_t)size,
                 "; %u of its frames were not kept any more", (unsigned)waiter->missing);
}

static void write_one(struct evidence *evidence, const struct waiter *waiter) {
    const struct kept *kept = &waiter->kept;
    uint8_t *bytes = &evidence->bytes[waiter->at];
    char comment[COMMENT_BYTES];
    if (!evidence->options.is_raw)
        tcp_mend(kept, bytes);
    const struct sbl_frame frame = {.bytes = bytes,
                                    .captured_bytes = kept->captured_bytes,
                                    .wire_bytes = kept->wire_bytes,
                                    .time_ns = kept->time_ns,
                                    .number = kept->ref & 0xFFFFFFFFFFFFu,
                                    .link_type = kept->link_type,
                                    .file = (uint16_t)(kept->ref >> 48)};
    make_comment(waiter, comment);
    files_frame(evidence->files, &frame, comment);
}

static void write_until(struct evidence *evidence, int64_t until) {
    struct waiting *waiting = evidence->waiting;
    uint32_t due = waiting_sort(waiting, until);
    for (uint32_t i = 0; i < due; i++)
        write_one(evidence, &waiting->waiters[i]);
    waiting_drop(waiting, due);
    if (waiting->count == 0)
        evidence->used = 0;
}

void evidence_flush(struct evidence *evidence) {
    write_until(evidence, INT64_MAX);
    files_flush(evidence->files);
}

/* --- what a diagnosis cites --- */

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
        write_until(evidence, INT64_MIN);
    if (evidence->used > BYTES_MOST - SBL_MAX_FRAME_BYTES)
        write_until(evidence, INT64_MAX);
    struct waiter *waiter = &waiting->waiters[waiting->count];
    *waiter = c->waiter;
    waiter->at = evidence->used;
    if (!read_frame(evidence, ref, &waiter->kept, &evidence->bytes[waiter->at], &from)) {
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
        is_there[i] = read_frame(c->evidence, told->frames[i], &kept[i], NULL, &from[i]);
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
        if (account == account_of(c->evidence, name, strlen(name)))
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
    if (account == account_of(c->evidence, d->account, strlen(d->account)))
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
    uint64_t account = account_of(c->evidence, name, strlen(name));
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
    write_until(evidence, evidence->options.hold_ns ? diagnosis->time_ns - evidence->options.hold_ns
                                                    : INT64_MAX);
    if (!evidence->options.hold_ns)
        files_flush(evidence->files);
}

struct evidence_counts evidence_counts(const struct evidence *evidence) {
    return (struct evidence_counts){
        .frames = evidence->cited, .gone = evidence->gone, .lost = files_lost(evidence->files)};
}
