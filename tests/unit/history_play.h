/* A play for history: attempts, trees and witnesses by a few words each, in virtual time; what it
 * hands over is kept to be looked at. */
#ifndef SMBLAME_TESTS_HISTORY_PLAY_H
#define SMBLAME_TESTS_HISTORY_PLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_knowledge.h"
#include "history/state.h"

enum { PLAY_TOLD = 512 };
#define LOGON_FAILURE 0xC000006Du
#define LOCKED 0xC0000234u
#define BEGIN (INT64_C(1000000) * SECOND_NS)
#define MS INT64_C(1000000)

/* What an incident said, with its strings copied. */
struct told {
    struct incident incident;
    char account[80], domain[80], authority_name[80], client[80], contradiction[200], tipping[80];
    char counted_by[80], granted_client[80], share[100];
    struct sbl_evidence_line lines[2 * SBL_LIST_ENDS];
};

struct play {
    struct history *h;
    struct sbl_stats stats;
    struct told *told;
    unsigned count;
    int64_t now;
    uint64_t frame;
};

/* Who asks whom and how; zeroed is WS042 at 10.0.0.42 asking DC01 of CORP at 10.0.0.1 by NTLMv2. */
struct who {
    const char *account, *domain, *workstation, *computer, *server_domain, *share, *spn, *native_os;
    unsigned client, server; /* last byte of the address */
    unsigned mac;            /* 0: none captured; last byte of the client's */
    enum sbl_ntlm_answer answer;
    enum sbl_authority authority;
    const char *authority_name;
    uint64_t mark;
    bool no_challenge, is_v6, is_kerberos;
};

static struct play play;
static struct sbl_conversation conversation;

static inline void copy(char *to, size_t room, const char *from) {
    assert_non_null(from);
    snprintf(to, room, "%s", from);
}

static inline void keep_told(void *context, const struct incident *incident) {
    struct play *p = context;
    assert_true(p->count < PLAY_TOLD);
    struct told *told = &p->told[p->count++];
    incident_ask(incident);
    told->incident = *incident;
    copy(told->account, sizeof told->account, incident->account);
    copy(told->domain, sizeof told->domain, incident->domain);
    copy(told->authority_name, sizeof told->authority_name, incident->authority_name);
    copy(told->client, sizeof told->client, incident->client.name);
    copy(told->contradiction, sizeof told->contradiction, incident->client.contradiction);
    copy(told->tipping, sizeof told->tipping, incident->tipping_client);
    copy(told->counted_by, sizeof told->counted_by, incident->counted_by);
    copy(told->granted_client, sizeof told->granted_client, incident->granted_client);
    copy(told->share, sizeof told->share, incident->shares.count ? incident->shares.items[0] : "");
    for (uint32_t i = 0; i < incident->line_count; i++)
        told->lines[i] = *incident_line(incident, i);
}

static inline void play_begin(const struct history_caps *caps, unsigned threshold) {
    struct told *told = play.told ? play.told : calloc(PLAY_TOLD, sizeof *play.told);
    history_free(play.h);
    play = (struct play){.now = BEGIN, .told = told};
    struct history_options options = {
        .context = &play, .incident = keep_told, .stats = &play.stats, .threshold = threshold};
    int failed = caps ? history_new_with(&play.h, &options, caps) : history_new(&play.h, &options);
    assert_int_equal(failed, 0);
}

static inline struct sbl_text text_of(const char *text) {
    return (struct sbl_text){.bytes = (const uint8_t *)text,
                             .size = text ? (uint32_t)strlen(text) : 0,
                             .encoding = text ? SBL_TEXT_UTF8 : SBL_TEXT_ABSENT};
}

static inline const char * or (const char *text, const char *other) {
    return text ? text : other;
}

static inline void address_set(struct sbl_endpoint *end, unsigned last, bool is_v6, unsigned mac) {
    memset(end, 0, sizeof *end);
    memcpy(end->address, is_v6 ? "\xfd\0\0\0" : "\x0a\0\0\0", 4);
    end->address[is_v6 ? 15 : 3] = (uint8_t)(last & 0xFF);
    end->address[is_v6 ? 14 : 2] = (uint8_t)(last >> 8 & 0xFF);
    if (mac)
        memcpy(end->mac, (uint8_t[6]){2, 0, 0, 0, 0, (uint8_t)(mac & 0xFF)}, 6);
}

static inline struct sbl_finding finding_of(const struct who *who, uint32_t status) {
    address_set(&conversation.side[0], who->client ? who->client : 42, who->is_v6, who->mac);
    address_set(&conversation.side[1], who->server ? who->server : 1, who->is_v6,
                who->mac ? 200 + who->server : 0);
    conversation.ip_version = who->is_v6 ? 6 : 4;
    conversation.has_mac = who->mac != 0;
    conversation.saw_syn = true;
    struct sbl_finding finding = {.conversation = &conversation,
                                  .time_ns = play.now,
                                  .status = status,
                                  .has_status = true,
                                  .smb_version = 2,
                                  .dialect = 0x0311};
    finding.account = text_of(who->is_kerberos ? NULL : or (who->account, "jdoe"));
    finding.domain = text_of(who->is_kerberos ? NULL : or (who->domain, "CORP"));
    finding.workstation = text_of(or (who->workstation, "WS042"));
    finding.share = text_of(who->share);
    finding.evidence.request.number = ++play.frame;
    finding.evidence.response.number = ++play.frame;
    return finding;
}

static inline struct sbl_attempt attempt_of(const struct who *who, uint32_t status) {
    struct sbl_attempt attempt = {.finding = finding_of(who, status)};
    bool is_granted = status == 0;
    attempt.outcome = is_granted ? SBL_OUTCOME_SUCCESS : SBL_OUTCOME_FAILURE;
    attempt.reason = is_granted         ? SBL_REASON_SUCCESS
                     : status == LOCKED ? SBL_REASON_LOCKED_OUT
                                        : SBL_REASON_BAD_CREDENTIALS;
    attempt.mechanism = who->is_kerberos ? SBL_MECHANISM_KERBEROS : SBL_MECHANISM_NTLMSSP;
    attempt.answer = (uint8_t)(who->answer ? who->answer : SBL_ANSWER_NTLMV2);
    attempt.has_ntlm = !who->is_kerberos;
    attempt.client.message = SBL_NTLM_AUTHENTICATE;
    attempt.client.has_version = true;
    attempt.client.version_major = 10;
    attempt.client.nt_bytes = 200;
    attempt.client.workstation = attempt.finding.workstation;
    attempt.client.spn = text_of(who->spn);
    attempt.native_os = text_of(who->native_os);
    attempt.has_challenge = !who->no_challenge && !who->is_kerberos;
    if (attempt.has_challenge) {
        attempt.server.nb_computer = text_of(or (who->computer, "DC01"));
        attempt.server.nb_domain = text_of(or (who->server_domain, "CORP"));
        attempt.server.dns_domain = text_of(who->server_domain ? NULL : "corp.example");
    }
    attempt.challenge_mark = who->mark;
    attempt.authority = who->authority;
    attempt.authority_name = text_of(who->authority_name);
    return attempt;
}

static inline void logon(const struct who *who, uint32_t status) {
    struct sbl_attempt attempt = attempt_of(who, status);
    history_attempt(play.h, &attempt);
}

/* So many failures, `gap_ms` apart; time stands after the last gap. */
static inline void fails(const struct who *who, unsigned times, int64_t gap_ms) {
    for (unsigned i = 0; i < times; i++, play.now += gap_ms * MS)
        logon(who, LOGON_FAILURE);
}

static inline void tree(const struct who *who, const char *share, uint32_t status) {
    struct sbl_tree_grant tree = {finding_of(who, status)};
    struct sbl_tree_refusal refusal = {finding_of(who, status)};
    tree.finding.share = refusal.finding.share = text_of(share);
    if (status)
        history_tree_refusal(play.h, &refusal);
    else
        history_tree_grant(play.h, &tree);
}

static inline void witness_of(enum sbl_witness_kind kind, unsigned server, unsigned client,
                              int32_t code) {
    struct sbl_witness witness = {
        .kind = kind, .time_ns = play.now, .ip_version = 4, .error_code = code};
    address_set(&witness.server, server, false, 0);
    address_set(&witness.client, client, false, 0);
    history_witness(play.h, &witness);
}

static inline struct told *finish(void) {
    history_finish(play.h, play.now);
    assert_true(play.count > 0);
    return &play.told[play.count - 1];
}

/* The last that was told of an account, or NULL. */
static inline struct told *last_of(const char *account) {
    for (unsigned i = play.count; i--;)
        if (strcmp(play.told[i].account, account) == 0)
            return &play.told[i];
    return NULL;
}

static inline bool holds(const struct told *told, enum fact fact) {
    return facts_have(&told->incident.facts, fact);
}

#endif
