/* What is told is remembered, and what waits is written; what a diagnosis cites stands in cite.c.
 */
#include "evidence/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/pool.h"
#include "base/uuid.h"
#include "emit/words.h"
#include "evidence/tcp.h"

enum { ACCOUNT_MOST_BYTES = 512, COMMENT_BYTES = 512 };

static const char REDACTED[] =
    "smblame: the frames that diagnoses cite, redacted. Challenges, LM and NT responses, "
    "passwords, session keys, MICs and signatures are replaced by pseudonyms that hold for this "
    "run alone (equal stays equal, zero stays zero); Kerberos ciphers and whatever was not "
    "understood are zeros; TCP checksums are made right again. What was classified stands in the "
    "packet comments.";
static const char RAW[] =
    "smblame: the frames that diagnoses cite, as captured (--raw-evidence). They hold what helps "
    "to guess passwords.";

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

uint64_t evidence_account(const struct evidence *evidence, const char *name, size_t size) {
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
        memory_add(evidence->memory, kind, finding, evidence_account(evidence, name, size));
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

bool evidence_read(const struct evidence *evidence, uint64_t ref, struct kept *kept, uint8_t *bytes,
                   const struct look_back_reader **from) {
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

void evidence_write(struct evidence *evidence, int64_t until) {
    struct waiting *waiting = evidence->waiting;
    uint32_t due = waiting_sort(waiting, until);
    for (uint32_t i = 0; i < due; i++)
        write_one(evidence, &waiting->waiters[i]);
    waiting_drop(waiting, due);
    if (waiting->count == 0)
        evidence->used = 0;
}

void evidence_flush(struct evidence *evidence) {
    evidence_write(evidence, INT64_MAX);
    files_flush(evidence->files);
}

struct evidence_counts evidence_counts(const struct evidence *evidence) {
    return (struct evidence_counts){
        .frames = evidence->cited, .gone = evidence->gone, .lost = files_lost(evidence->files)};
}
