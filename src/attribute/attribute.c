/* Reason and authority of an attempt, as far as the wire shows them and no further.
 *
 * Authority: a server tells its own names before the client answers, in the CHALLENGE or in the
 * SMB1 greeting. Who sends the server's computer name as the domain means the local accounts, and a
 * server whose domain is its own name has no others. Who sends the server's domain means that one.
 * Any other name says nothing: a member may try it locally, a domain controller as its own, and a
 * trust may lead elsewhere. */
#include "attribute/attribute.h"

#include <string.h>

#include "attribute/event_id.h"

#define STATUS_INVALID_PARAMETER 0xC000000Du

/* The next unit of a text, in upper case when it is a letter of ASCII; -1 at the end. */
static int32_t next_unit(struct sbl_text *text) {
    uint32_t step = text->encoding == SBL_TEXT_UTF16LE ? 2 : 1;
    if (text->size < step)
        return -1;
    int32_t unit = text->bytes[0];
    if (step == 2)
        unit |= text->bytes[1] << 8;
    text->bytes += step;
    text->size -= step;
    return unit >= 'a' && unit <= 'z' ? unit - 'a' + 'A' : unit;
}

/* Whether two names are the same but for case. Letters beyond ASCII are compared exactly, and only
 * within one encoding. */
static bool is_same(struct sbl_text a, struct sbl_text b) {
    if (a.size == 0 || b.size == 0 || a.is_cut || b.is_cut)
        return false;
    bool is_one_encoding = a.encoding == b.encoding;
    if (is_one_encoding && a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0)
        return true; /* the usual way of being the same */
    int32_t unit;
    do {
        unit = next_unit(&a);
        if (unit != next_unit(&b) || (unit > 0x7F && !is_one_encoding))
            return false;
    } while (unit >= 0);
    return true;
}

/* Servers that send no CHALLENGE may tell no computer name either (Windows NT 4.0); what the client
 * called on port 139 is then the name of theirs that it took for the domain. */
static bool is_local(const struct sbl_attempt *attempt) {
    const struct sbl_ntlm *server = &attempt->server;
    struct sbl_text domain = attempt->finding.domain;
    bool is_standalone = attempt->has_challenge && is_same(server->nb_domain, server->nb_computer);
    return is_standalone || is_same(domain, server->nb_computer) ||
           is_same(domain, server->dns_computer) || is_same(domain, attempt->finding.server_name);
}

/* Without a CHALLENGE the greeting's domain may be a mere workgroup. */
static bool is_of_domain(const struct sbl_attempt *attempt) {
    const struct sbl_ntlm *server = &attempt->server;
    struct sbl_text domain = attempt->finding.domain;
    return attempt->has_challenge &&
           (is_same(domain, server->nb_domain) || is_same(domain, server->dns_domain));
}

static void attribute_authority(struct sbl_attempt *attempt) {
    const struct sbl_ntlm *server = &attempt->server;
    struct sbl_text domain = attempt->finding.domain;
    attempt->authority = SBL_AUTHORITY_UNKNOWN;
    attempt->authority_name = (struct sbl_text){0};
    if (is_local(attempt)) {
        attempt->authority = SBL_AUTHORITY_LOCAL;
        attempt->authority_name = server->nb_computer.size ? server->nb_computer : domain;
    } else if (is_of_domain(attempt)) {
        attempt->authority = SBL_AUTHORITY_DOMAIN;
        attempt->authority_name = server->nb_domain.size ? server->nb_domain : domain;
    }
}

static enum sbl_reason reason_of_grant(const struct sbl_attempt *attempt) {
    if (attempt->is_guest)
        return SBL_REASON_GUEST_MAPPED;
    bool is_anonymous = attempt->is_null || attempt->answer == SBL_ANSWER_ANONYMOUS;
    return is_anonymous ? SBL_REASON_ANONYMOUS : SBL_REASON_SUCCESS;
}

/* [MS-NLMP] 2.2.2.8: an NTLMv2 answer is longer than the 24 bytes of the older ones. Servers that
 * take it only inside NTLMSSP refuse it raw, without asking any account database. */
static bool is_raw_ntlmv2(const struct sbl_attempt *attempt) {
    return attempt->mechanism == SBL_MECHANISM_LANMAN_NT && attempt->client.nt_bytes > 24;
}

/* RFC 4120 7.5.9: ticket not yet valid, clock skew too great. The others blame neither the user's
 * password nor the clock. */
static enum sbl_reason reason_of_kerberos(int32_t error) {
    enum { KRB_AP_ERR_TKT_NYV = 33, KRB_AP_ERR_SKEW = 37 };
    bool is_skew = error == KRB_AP_ERR_TKT_NYV || error == KRB_AP_ERR_SKEW;
    return is_skew ? SBL_REASON_CLOCK_SKEW : SBL_REASON_UNKNOWN;
}

static enum sbl_reason reason_of_refusal(const struct sbl_attempt *attempt) {
    uint32_t code = attempt->finding.status;
    bool is_dos_error = attempt->finding.is_dos_error;
    const struct sbl_status *status = sbl_status_find(code, is_dos_error);
    enum sbl_reason reason = status ? status->reason : SBL_REASON_UNKNOWN;
    if (attempt->kerberos_error)
        return reason_of_kerberos(attempt->kerberos_error);
    bool is_about_who = reason == SBL_REASON_ACCESS_DENIED || reason == SBL_REASON_BAD_CREDENTIALS;
    if (attempt->answer == SBL_ANSWER_ANONYMOUS && is_about_who)
        return SBL_REASON_ANONYMOUS;
    if (code == STATUS_INVALID_PARAMETER && !is_dos_error && is_raw_ntlmv2(attempt))
        return SBL_REASON_REFUSED_BEFORE_AUTHENTICATION;
    return reason;
}

void attribute_attempt(struct sbl_attempt *attempt) {
    if (attempt->outcome == SBL_OUTCOME_SUCCESS)
        attempt->reason = reason_of_grant(attempt);
    else if (attempt->outcome == SBL_OUTCOME_FAILURE)
        attempt->reason = reason_of_refusal(attempt);
    attribute_authority(attempt);
    event_id_fill(EVENT_LOGON, &attempt->finding);
}

void attribute_tree_refusal(struct sbl_tree_refusal *refusal) {
    event_id_fill(EVENT_TREE, &refusal->finding);
}

void attribute_tree_grant(struct sbl_tree_grant *grant) {
    event_id_fill(EVENT_TREE, &grant->finding);
}

void attribute_probe(struct sbl_probe *probe) {
    event_id_fill(EVENT_PROBE, &probe->finding);
}
