/* A small stage for correlate: conversations whose sequence numbers run by themselves, observations
 * made by hand, and a log of what was told. Frames count from 1, one for each message. */
#ifndef SMBLAME_TESTS_CORRELATE_PLAY_H
#define SMBLAME_TESTS_CORRELATE_PLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "correlate/state.h"

enum { CLIENT = 0, SERVER = 1, CONVERSATIONS = 8, TOLD = 512, MESSAGE_BYTES = 100 };
enum told_kind { TOLD_ATTEMPT = 1, TOLD_TREE, TOLD_PROBE, TOLD_GRANT };

struct told {
    enum told_kind kind;
    char account[64], domain[64], workstation[64], share[64], name[64], directory[64], server[64];
    char dialect[32];
    struct sbl_attempt attempt; /* texts in it are dead */
    struct sbl_finding finding; /* likewise */
    enum sbl_open_command command;
    bool is_below_unknown;
};

struct play {
    struct correlate *c;
    struct sbl_stats stats;
    struct sbl_stream_events events;
    struct sbl_conversation conversations[CONVERSATIONS];
    uint32_t seq[CONVERSATIONS][2];
    uint64_t frame;
    struct sbl_report report;
    unsigned told_count, grant_count;
    struct told grant; /* the last granted tree connect: counted apart, not in `told` */
    struct told told[TOLD];
};

static const struct correlate_caps play_caps = {.connections = 8,
                                                .sessions = 16,
                                                .trees = 16,
                                                .files = 16,
                                                .pending = 64,
                                                .exchanges = 16,
                                                .early = 32,
                                                .pending_per_connection = 32,
                                                .exchanges_per_connection = 8,
                                                .early_per_connection = 16,
                                                .shared = 2,
                                                .name_bytes = 1 << 20};

static inline void play_copy(char out[64], struct sbl_text text) {
    size_t size = 0;
    uint32_t step = text.encoding == SBL_TEXT_UTF16LE ? 2 : 1;
    for (uint32_t i = 0; i + step <= text.size && size < 63; i += step)
        out[size++] = (char)text.bytes[i];
    out[size] = 0;
    if (!sbl_text_is_present(text))
        memcpy(out, "-", 2);
}

static inline struct told *play_tell(struct play *play, enum told_kind kind,
                                     const struct sbl_finding *finding) {
    assert_true(play->told_count < TOLD);
    struct told *told = &play->told[play->told_count++];
    *told = (struct told){.kind = kind, .finding = *finding};
    play_copy(told->account, finding->account);
    play_copy(told->domain, finding->domain);
    play_copy(told->workstation, finding->workstation);
    play_copy(told->share, finding->share);
    play_copy(told->server, finding->server_name);
    char dialect[64];
    play_copy(dialect, finding->dialect_name);
    memcpy(told->dialect, dialect, sizeof told->dialect);
    return told;
}

static inline void play_attempt(void *context, struct sbl_attempt *attempt) {
    play_tell(context, TOLD_ATTEMPT, &attempt->finding)->attempt = *attempt;
}

static inline void play_tree(void *context, struct sbl_tree_refusal *refusal) {
    play_tell(context, TOLD_TREE, &refusal->finding);
}

static inline void play_grant(void *context, struct sbl_tree_grant *grant) {
    struct play *play = context;
    unsigned told_count = play->told_count;
    play->grant = *play_tell(play, TOLD_GRANT, &grant->finding);
    play->told_count = told_count;
    play->grant_count++;
}

static inline void play_probe(void *context, struct sbl_probe *probe) {
    struct told *told = play_tell(context, TOLD_PROBE, &probe->finding);
    told->command = probe->command;
    told->is_below_unknown = probe->is_below_unknown;
    play_copy(told->name, probe->name);
    play_copy(told->directory, probe->directory);
}

static inline void play_begin(struct play *play, const struct correlate_caps *caps) {
    memset(play, 0, sizeof *play);
    struct correlate_listener listener = {.context = play,
                                          .attempt = play_attempt,
                                          .tree_refusal = play_tree,
                                          .probe = play_probe,
                                          .tree_grant = play_grant};
    assert_int_equal(correlate_new_with(&play->c, &listener, &play->stats, caps), 0);
    correlate_events(play->c, &play->events);
    for (unsigned i = 0; i < CONVERSATIONS; i++) {
        play->conversations[i].ip_version = 4;
        play->conversations[i].side[0].address[3] = (uint8_t)(1 + i);
        play->conversations[i].side[1].address[3] = 200;
        play->seq[i][0] = 0xFFFFFF00u; /* wraps soon */
        play->seq[i][1] = 5000;
    }
}

/* What must hold whenever nothing is open any more. */
static inline void play_end(struct play *play) {
    for (unsigned i = 0; i < CONVERSATIONS; i++)
        play->events.close(play->c, &play->conversations[i], SBL_CLOSE_END, 0);
    assert_int_equal(play->c->connections.in_use, 0);
    assert_int_equal(play->c->pending.in_use, 0);
    assert_int_equal(play->c->early.in_use, 0);
    assert_int_equal(play->c->exchanges.in_use, 0);
    assert_int_equal(table_count(&play->c->sessions), 0);
    assert_int_equal(table_count(&play->c->trees), 0);
    assert_int_equal(table_count(&play->c->files), 0);
    assert_int_equal(table_count(&play->c->channels), 0);
    assert_int_equal(play->c->names.chunks.in_use, 0);
    correlate_free(play->c);
}

/* Puts a command into the message in the making. */
static inline void add(struct play *play, struct sbl_observation seen) {
    play->report.observations[play->report.count++] = seen;
}

/* Sends it with explicit sequence numbers. */
static inline uint64_t send_at(struct play *play, unsigned conversation, uint8_t from, uint32_t seq,
                               uint32_t ack) {
    struct sbl_report *report = &play->report;
    for (uint32_t i = 0; i < report->count; i++) {
        report->observations[i].head.chain_position = (uint8_t)i;
        report->observations[i].head.is_first = i == 0;
        report->observations[i].head.is_last |= i + 1 == report->count;
    }
    play->frame++;
    struct sbl_message message = {.time_ns = (int64_t)play->frame * 1000,
                                  .frame = {.number = play->frame},
                                  .seq = seq,
                                  .end_seq = seq + MESSAGE_BYTES,
                                  .ack = ack,
                                  .from = from,
                                  .report = report};
    play->events.message(play->c, &play->conversations[conversation], &message);
    report->count = 0;
    return play->frame;
}

/* Sends it next in line; the sender has received all the other side sent. */
static inline uint64_t send(struct play *play, unsigned conversation, uint8_t from) {
    uint32_t *seq = play->seq[conversation];
    uint32_t at = seq[from];
    seq[from] += MESSAGE_BYTES;
    return send_at(play, conversation, from, at, seq[1 - from]);
}

static inline struct sbl_text text(const char *ascii) {
    return (struct sbl_text){(const uint8_t *)ascii, (uint32_t)strlen(ascii), SBL_TEXT_OEM, false};
}

static inline struct sbl_observation command(enum sbl_observation_kind kind, uint8_t version,
                                             uint16_t code, uint64_t message_id,
                                             uint64_t session_id) {
    struct sbl_observation seen = {.kind = kind};
    seen.head.version = version;
    seen.head.command = code;
    seen.head.message_id = message_id;
    seen.head.session_id = session_id;
    seen.head.word_count = version == 1 ? 12 : 0;
    return seen;
}

/* A reply; one with an error has no words. */
static inline struct sbl_observation reply(enum sbl_observation_kind kind, uint8_t version,
                                           uint16_t code, uint64_t message_id, uint64_t session_id,
                                           uint32_t status) {
    struct sbl_observation seen = command(kind, version, code, message_id, session_id);
    seen.head.is_response = true;
    seen.head.status = status;
    seen.head.word_count = version == 1 && status == 0 ? 3 : 0;
    return seen;
}

enum { SETUP1 = 0x73, TREE1 = 0x75, CREATE1 = 0xA2, TRANS2 = 0x32 };
enum { SETUP2 = 1, LOGOFF2, TREE2, TREE_GONE2, CREATE2, CLOSE2, IOCTL2 = 11, FIND2 = 14 };
#define LOGON_FAILURE 0xC000006Du
#define NAME_NOT_FOUND 0xC0000034u
#define MORE 0xC0000016u
#define ALL_ONES UINT64_MAX

static inline struct sbl_observation ntlm_negotiate(uint64_t message_id, uint64_t session_id) {
    struct sbl_observation seen =
        command(SBL_SAW_SESSION_SETUP_REQUEST, 2, SETUP2, message_id, session_id);
    struct sbl_auth_token *token = &seen.session_setup.token;
    seen.session_setup.form = 25;
    *token = (struct sbl_auth_token){.wrapping = SBL_WRAPPING_SPNEGO,
                                     .mechanism = SBL_MECHANISM_NTLMSSP};
    token->ntlm.message = SBL_NTLM_NEGOTIATE;
    return seen;
}

static inline struct sbl_observation ntlm_challenge(uint64_t message_id, uint64_t session_id,
                                                    const char *computer, const char *domain) {
    struct sbl_observation seen =
        reply(SBL_SAW_SESSION_SETUP_RESPONSE, 2, SETUP2, message_id, session_id, MORE);
    struct sbl_auth_token *token = &seen.session_setup.token;
    *token = (struct sbl_auth_token){.wrapping = SBL_WRAPPING_SPNEGO,
                                     .mechanism = SBL_MECHANISM_NTLMSSP};
    token->ntlm.message = SBL_NTLM_CHALLENGE;
    token->ntlm.nb_computer = text(computer);
    token->ntlm.nb_domain = text(domain);
    token->ntlm.has_timestamp = true;
    token->ntlm.timestamp = 77;
    return seen;
}

static inline struct sbl_observation ntlm_authenticate(uint64_t message_id, uint64_t session_id,
                                                       const char *user) {
    struct sbl_observation seen = ntlm_negotiate(message_id, session_id);
    struct sbl_ntlm *ntlm = &seen.session_setup.token.ntlm;
    ntlm->message = SBL_NTLM_AUTHENTICATE;
    ntlm->answer = *user ? SBL_ANSWER_NTLMV2 : SBL_ANSWER_ANONYMOUS;
    ntlm->user = text(user);
    ntlm->domain = text("CORP");
    ntlm->workstation = text("WS042");
    ntlm->spn = text("cifs/cap01");
    ntlm->nt_bytes = 200;
    return seen;
}

static inline struct sbl_observation setup_reply(uint64_t message_id, uint64_t session_id,
                                                 uint32_t status) {
    enum sbl_observation_kind kind = status == 0 ? SBL_SAW_SESSION_SETUP_RESPONSE : SBL_SAW_OTHER;
    return reply(kind, 2, SETUP2, message_id, session_id, status);
}

/* One command as a message of its own. */
static inline uint64_t say(struct play *play, unsigned conversation, uint8_t from,
                           struct sbl_observation seen) {
    add(play, seen);
    return send(play, conversation, from);
}

/* A whole SMB2 logon, message ids 1 and 2. */
static inline void logon2(struct play *play, unsigned conversation, uint64_t session_id,
                          const char *user, uint32_t status) {
    say(play, conversation, CLIENT, ntlm_negotiate(1, 0));
    say(play, conversation, SERVER, ntlm_challenge(1, session_id, "CAP01", "CORP"));
    say(play, conversation, CLIENT, ntlm_authenticate(2, session_id, user));
    say(play, conversation, SERVER, setup_reply(2, session_id, status));
}

static inline struct sbl_observation tree_request(uint8_t version, uint64_t message_id,
                                                  uint64_t session_id, const char *share) {
    struct sbl_observation seen = command(SBL_SAW_TREE_CONNECT_REQUEST, version,
                                          version == 1 ? TREE1 : TREE2, message_id, session_id);
    seen.tree_connect.path = text(share);
    return seen;
}

static inline struct sbl_observation tree_reply(uint8_t version, uint64_t message_id,
                                                uint64_t session_id, uint32_t tree_id,
                                                uint32_t status) {
    enum sbl_observation_kind kind = status == 0 ? SBL_SAW_TREE_CONNECT_RESPONSE : SBL_SAW_OTHER;
    struct sbl_observation seen =
        reply(kind, version, version == 1 ? TREE1 : TREE2, message_id, session_id, status);
    seen.head.tree_id = tree_id;
    return seen;
}

static inline void tree2(struct play *play, unsigned conversation, uint64_t message_id,
                         uint64_t session_id, uint32_t tree_id, const char *share) {
    say(play, conversation, CLIENT, tree_request(2, message_id, session_id, share));
    say(play, conversation, SERVER, tree_reply(2, message_id, session_id, tree_id, 0));
}

static inline struct sbl_observation open_request_of(uint8_t version, uint16_t code,
                                                     enum sbl_open_command open_command,
                                                     uint64_t message_id, uint64_t session_id,
                                                     const char *name) {
    struct sbl_observation seen =
        command(SBL_SAW_OPEN_REQUEST, version, code, message_id, session_id);
    seen.head.tree_id = 7;
    seen.open.command = (uint8_t)open_command;
    seen.open.name = text(name);
    return seen;
}

static inline struct sbl_observation create2(uint64_t message_id, uint64_t session_id,
                                             const char *name) {
    return open_request_of(2, CREATE2, SBL_OPEN_SMB2_CREATE, message_id, session_id, name);
}

static inline struct sbl_observation find2(uint64_t message_id, uint64_t session_id,
                                           const char *pattern, uint64_t file) {
    struct sbl_observation seen =
        open_request_of(2, FIND2, SBL_OPEN_SMB2_QUERY_DIRECTORY, message_id, session_id, pattern);
    seen.open.has_root = true;
    seen.open.root[0] = seen.open.root[1] = file;
    return seen;
}

static inline struct sbl_observation open_reply(uint8_t version, uint16_t code, uint64_t message_id,
                                                uint64_t session_id, uint32_t status) {
    struct sbl_observation seen = reply(status == 0 ? SBL_SAW_OPEN_RESPONSE : SBL_SAW_OTHER,
                                        version, code, message_id, session_id, status);
    seen.head.tree_id = 7;
    seen.open.file_id[0] = seen.open.file_id[1] = message_id + 1000;
    return seen;
}

/* The play of a test program, fresh for every test. */
static struct play play;

static inline int begin(void **state) {
    (void)state;
    play_begin(&play, &play_caps);
    return 0;
}

static inline int end(void **state) {
    (void)state;
    play_end(&play);
    return 0;
}

#endif
