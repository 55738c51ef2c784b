/* What notes are made of, as tables: which members of a struct are texts, and what the others may
 * be when they come from a stranger. Who adds a member to one of these structs adds it here. */
#include "notes/shape.h"

#include <stddef.h>

#include <smblame/attempt.h>
#include <smblame/health.h>
#include <smblame/witness.h>

#define FINDING(member) offsetof(struct sbl_finding, member)
#define ATTEMPT(member) offsetof(struct sbl_attempt, member)
#define PROBE(member) offsetof(struct sbl_probe, member)
#define WITNESS(member) offsetof(struct sbl_witness, member)
#define NTLM(member) offsetof(struct sbl_ntlm, member)
#define FINDING_TEXTS                                                                              \
    FINDING(dialect_name), FINDING(account), FINDING(domain), FINDING(workstation),                \
        FINDING(server_name), FINDING(share)

#define FLAG(at)                                                                                   \
    { (at), SHAPE_BYTE, 2 }
#define BYTE(at, below)                                                                            \
    { (at), SHAPE_BYTE, (below) }
#define WORD(at, below)                                                                            \
    { (at), SHAPE_WORD, (below) }
#define NAME(at)                                                                                   \
    BYTE((at) + offsetof(struct sbl_netbios_name, size), NAME_MOST + 1),                           \
        FLAG((at) + offsetof(struct sbl_netbios_name, is_present))
#define FINDING_BOUNDS                                                                             \
    FLAG(FINDING(is_dos_error)), FLAG(FINDING(has_status)), FLAG(FINDING(is_signed)),              \
        FLAG(FINDING(is_encrypted)), FLAG(FINDING(is_asked_signed)),                               \
        BYTE(FINDING(smb_version), 3), NAME(FINDING(called)), NAME(FINDING(calling)),              \
        BYTE(FINDING(evidence.frame_count), SBL_EVIDENCE_FRAMES + 1)
#define NTLM_BOUNDS(at)                                                                            \
    BYTE((at) + NTLM(message), SBL_NTLM_AUTHENTICATE + 1),                                         \
        BYTE((at) + NTLM(answer), SBL_ANSWER_COUNT), FLAG((at) + NTLM(has_version)),               \
        FLAG((at) + NTLM(has_mic)), FLAG((at) + NTLM(has_av_pairs)),                               \
        FLAG((at) + NTLM(has_timestamp)), FLAG((at) + NTLM(is_cut))

enum { NAME_MOST = sizeof(((struct sbl_netbios_name *)0)->name) };

static const struct bound finding_bounds[] = {FINDING_BOUNDS};
static const struct bound probe_bounds[] = {
    FINDING_BOUNDS, WORD(PROBE(command), SBL_OPEN_COMMAND_COUNT), FLAG(PROBE(is_below_unknown))};
static const struct bound attempt_bounds[] = {
    FINDING_BOUNDS,
    WORD(ATTEMPT(outcome), SBL_OUTCOME_FAILURE + 1),
    WORD(ATTEMPT(reason), SBL_REASON_COUNT),
    WORD(ATTEMPT(half_seen), SBL_HALF_RESPONSE + 1),
    BYTE(ATTEMPT(wrapping), SBL_WRAPPING_SPNEGO + 1),
    BYTE(ATTEMPT(mechanism), SBL_MECHANISM_COUNT),
    BYTE(ATTEMPT(answer), SBL_ANSWER_COUNT),
    FLAG(ATTEMPT(is_guest)),
    FLAG(ATTEMPT(is_null)),
    FLAG(ATTEMPT(is_binding)),
    FLAG(ATTEMPT(is_reauthentication)),
    FLAG(ATTEMPT(is_disputed)),
    FLAG(ATTEMPT(has_ntlm)),
    FLAG(ATTEMPT(has_server_time)),
    FLAG(ATTEMPT(has_challenge)),
    NTLM_BOUNDS(ATTEMPT(client)),
    NTLM_BOUNDS(ATTEMPT(server)),
    FLAG(ATTEMPT(server_requires_signing)),
    FLAG(ATTEMPT(client_requires_signing)),
    WORD(ATTEMPT(authority), SBL_AUTHORITY_LOCAL + 1),
    FLAG(ATTEMPT(prefers_kerberos)),
};
static const struct bound witness_bounds[] = {WORD(WITNESS(kind), SBL_WITNESS_KIND_COUNT),
                                              FLAG(WITNESS(has_mac)), NAME(WITNESS(name)),
                                              FLAG(WITNESS(is_group_name))};

/* Who looks at packets tells of its interfaces, and of nothing else. */
static const struct bound health_bounds[] = {
    WORD(offsetof(struct sbl_health, kind), SBL_HEALTH_CAPTURE_GAP + 1),
    WORD(offsetof(struct sbl_health, is.gap.reason), SBL_GAP_REASON_COUNT)};

const struct bound shape_conversation[SHAPE_CONVERSATION_BOUNDS] = {
    FLAG(offsetof(struct sbl_conversation, has_mac)),
    FLAG(offsetof(struct sbl_conversation, is_netbios)),
    FLAG(offsetof(struct sbl_conversation, saw_syn)),
    FLAG(offsetof(struct sbl_conversation, has_attempt)),
};

#define BOUNDS(table) sizeof(table) / sizeof *(table), table

const struct shape shapes[NOTE_KIND_COUNT] = {
    [NOTE_ATTEMPT] = {sizeof(struct sbl_attempt),
                      true,
                      21,
                      {FINDING_TEXTS,
                       /* of an AUTHENTICATE */
                       ATTEMPT(client.domain), ATTEMPT(client.user), ATTEMPT(client.workstation),
                       ATTEMPT(client.spn),
                       /* of a CHALLENGE */
                       ATTEMPT(server.target_name), ATTEMPT(server.nb_computer),
                       ATTEMPT(server.nb_domain), ATTEMPT(server.dns_computer),
                       ATTEMPT(server.dns_domain), ATTEMPT(server.dns_tree),
                       /* of both */
                       ATTEMPT(native_os), ATTEMPT(native_lanman), ATTEMPT(realm), ATTEMPT(service),
                       ATTEMPT(authority_name)},
                      BOUNDS(attempt_bounds)},
    [NOTE_TREE_REFUSAL] =
        {sizeof(struct sbl_tree_refusal), true, 6, {FINDING_TEXTS}, BOUNDS(finding_bounds)},
    [NOTE_TREE_GRANT] =
        {sizeof(struct sbl_tree_grant), true, 6, {FINDING_TEXTS}, BOUNDS(finding_bounds)},
    [NOTE_PROBE] = {sizeof(struct sbl_probe),
                    true,
                    8,
                    {FINDING_TEXTS, PROBE(directory), PROBE(name)},
                    BOUNDS(probe_bounds)},
    [NOTE_WITNESS] = {sizeof(struct sbl_witness),
                      false,
                      3,
                      {WITNESS(principal), WITNESS(realm), WITNESS(service)},
                      BOUNDS(witness_bounds)},
    [NOTE_HEALTH] = {sizeof(struct sbl_health), false, 0, {0}, BOUNDS(health_bounds)},
};

enum { IS_USUAL = sizeof(void *) == 8 };
_Static_assert(!IS_USUAL || sizeof(struct sbl_finding) == 512, "a finding's texts in the table");
_Static_assert(!IS_USUAL || sizeof(struct sbl_attempt) == 1064, "an attempt's texts in the table");
_Static_assert(!IS_USUAL || sizeof(struct sbl_probe) == 560, "a probe's texts in the table");
_Static_assert(!IS_USUAL || sizeof(struct sbl_witness) == 144, "a witness's texts in the table");
_Static_assert(sizeof(struct sbl_tree_refusal) == sizeof(struct sbl_finding) &&
                   sizeof(struct sbl_tree_grant) == sizeof(struct sbl_finding),
               "what is told of shares has no texts of its own");
