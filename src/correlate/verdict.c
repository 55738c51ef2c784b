/* An exchange as an attempt: who, by which mechanism, how it ended, in which frames. */
#include <stddef.h>
#include <string.h>

#include "correlate/state.h"

static void fill_client(const struct correlate *c, struct sbl_attempt *attempt,
                        const struct exchange *ex, const uint8_t *far) {
    struct sbl_finding *finding = &attempt->finding;
    finding->account = exchange_text(c, ex, far, NAME_ACCOUNT);
    finding->domain = exchange_text(c, ex, far, NAME_DOMAIN);
    finding->workstation = exchange_text(c, ex, far, NAME_WORKSTATION);
    finding->share = exchange_text(c, ex, far, NAME_SHARE);
    if (ex->has_client)
        memcpy(&attempt->client, &ex->client, sizeof ex->client);
    attempt->client.user = finding->account;
    attempt->client.domain = finding->domain;
    attempt->client.workstation = finding->workstation;
    attempt->client.spn = exchange_text(c, ex, far, NAME_SPN);
    attempt->native_os = exchange_text(c, ex, far, NAME_NATIVE_OS);
    attempt->native_lanman = exchange_text(c, ex, far, NAME_NATIVE_LANMAN);
    if (ex->mechanism == SBL_MECHANISM_KERBEROS) {
        attempt->realm = exchange_text(c, ex, far, NAME_REALM);
        attempt->service = exchange_text(c, ex, far, NAME_SERVICE);
    }
}

/* Without a CHALLENGE the SMB1 greeting may have told the server's names. */
static void fill_server(struct correlate *c, const struct connection *conn,
                        struct sbl_attempt *attempt, const struct exchange *ex,
                        const uint8_t *far) {
    struct sbl_ntlm *server = &attempt->server;
    if (ex->has_challenge)
        memcpy(server, &ex->server, sizeof ex->server);
    server->target_name = exchange_text(c, ex, far, NAME_TARGET);
    server->nb_computer = exchange_text(c, ex, far, NAME_NB_COMPUTER);
    server->nb_domain = exchange_text(c, ex, far, NAME_NB_DOMAIN);
    server->dns_computer = exchange_text(c, ex, far, NAME_DNS_COMPUTER);
    server->dns_domain = exchange_text(c, ex, far, NAME_DNS_DOMAIN);
    server->dns_tree = exchange_text(c, ex, far, NAME_DNS_TREE);
    attempt->has_challenge = ex->has_challenge;
    attempt->has_server_time = ex->has_challenge && ex->server.has_timestamp;
    if (!sbl_text_is_empty(server->nb_computer))
        attempt->finding.server_name = server->nb_computer;
    if (ex->has_challenge)
        return;
    const uint8_t *greeting = lay_out(c, &conn->pile);
    if (conn->domain.size)
        server->nb_domain = name_text(conn->domain, greeting);
    if (conn->server.size)
        server->nb_computer = name_text(conn->server, greeting);
}

static void fill_evidence(struct sbl_evidence *evidence, const struct exchange *ex,
                          enum sbl_half half) {
    for (unsigned i = 0; i < ex->frame_count; i++)
        evidence->frames[i] = frame_unpack(ex->frames[i]);
    evidence->frame_count = ex->frame_count;
    if (half != SBL_HALF_RESPONSE && ex->has_ask)
        evidence->request = frame_unpack(ex->ask.frame);
    if (half != SBL_HALF_REQUEST && ex->has_answer)
        evidence->response = frame_unpack(ex->answer.frame);
    uint32_t asked_by = ex->has_ask ? ex->ask.process : 0;
    uint32_t answered_by = ex->has_answer ? ex->answer.process : 0;
    evidence->process = asked_by ? asked_by : answered_by;
}

/* The deciding packet. Of what was cut off it is the last one that was seen. */
static void fill_decision(struct sbl_attempt *attempt, const struct exchange *ex,
                          enum sbl_half half) {
    struct sbl_finding *finding = &attempt->finding;
    if (ex->has_ask)
        finding_ask(finding, &ex->ask);
    attempt->request_time_ns = ex->has_ask ? ex->ask.time_ns : 0;
    bool is_decided = half != SBL_HALF_REQUEST && ex->has_answer &&
                      !(half == SBL_HALF_RESPONSE && ex->state == EXCHANGE_ANSWERED);
    if (ex->has_answer && (is_decided || ex->state == EXCHANGE_ANSWERED))
        finding_answer(finding, &ex->answer);
    if (!ex->has_ask)
        finding->session_id = ex->answer.session_id;
    if (ex->has_answer && ex->answer.session_id)
        finding->session_id = ex->answer.session_id;
    if (half == SBL_HALF_RESPONSE)
        finding->message_id = ex->answer.message_id;
    finding->has_status = is_decided;
    if (!is_decided) {
        finding->status = 0;
        finding->is_dos_error = false;
    } else {
        bool is_refused = status_is_error(ex->answer.status, ex->answer.is_dos_error);
        if (!is_refused && exchange_failed_in_kerberos(ex))
            attempt->kerberos_error = ex->kerberos_error;
        attempt->outcome =
            is_refused || attempt->kerberos_error ? SBL_OUTCOME_FAILURE : SBL_OUTCOME_SUCCESS;
    }
}

/* Without a CHALLENGE, NTLM answers to the one of the SMB1 greeting. */
static uint64_t mark_of(const struct connection *conn, const struct exchange *ex) {
    if (ex->has_challenge)
        return ex->challenge_mark;
    return ex->mechanism == SBL_MECHANISM_LANMAN_NT ? conn->challenge_mark : 0;
}

static void count(struct sbl_stats *stats, const struct sbl_attempt *attempt) {
    stats->logons_granted += attempt->outcome == SBL_OUTCOME_SUCCESS;
    stats->logons_refused += attempt->outcome == SBL_OUTCOME_FAILURE;
    stats->logons_half_seen += attempt->half_seen != SBL_HALF_NONE;
    stats->logons_guest += attempt->is_guest;
}

void verdict_tell(struct correlate *c, struct connection *conn, struct exchange *ex,
                  enum sbl_half half, enum sbl_reason reason) {
    struct sbl_attempt *attempt = &c->attempt;
    finding_begin(c, conn, &attempt->finding);
    memset(&attempt->outcome, 0, sizeof *attempt - offsetof(struct sbl_attempt, outcome));
    attempt->half_seen = half;
    attempt->reason = reason;
    const uint8_t *far = exchange_far(c, ex);
    fill_client(c, attempt, ex, far);
    fill_server(c, conn, attempt, ex, far);
    fill_decision(attempt, ex, half);
    fill_evidence(&attempt->finding.evidence, ex, half);
    bool is_success = attempt->outcome == SBL_OUTCOME_SUCCESS;
    attempt->wrapping = ex->wrapping;
    attempt->mechanism = ex->mechanism;
    attempt->answer = ex->answer_kind;
    attempt->has_ntlm = ex->has_ntlm;
    attempt->is_guest = is_success && ex->is_guest;
    attempt->is_null =
        is_success &&
        (ex->is_null || (ex->version == 1 && ex->answer_kind == SBL_ANSWER_ANONYMOUS));
    attempt->is_binding = ex->is_binding;
    attempt->is_reauthentication = ex->began_on_session && ex->has_answer && !ex->is_binding &&
                                   ex->answer.session_id == ex->began_on;
    attempt->is_disputed = ex->is_disputed;
    attempt->prefers_kerberos = ex->prefers_kerberos;
    attempt->challenge_mark = mark_of(conn, ex);
    attempt->server_requires_signing = conn->server_requires_signing;
    attempt->client_requires_signing = conn->client_requires_signing;
    attempt->finding.smb_version = ex->version;
    attempt->finding.is_encrypted = is_success && ex->is_encrypting;
    count(c->stats, attempt);
    if (c->listener.attempt)
        c->listener.attempt(c->listener.context, attempt);
}
