/* What was read, lost, capped and found: plain counters, one struct, incremented by the room that
 * knows. An engine has its own; nobody shares one across threads. */
#ifndef SMBLAME_STATS_H
#define SMBLAME_STATS_H

#include <stdint.h>

#include <smblame/dissector.h>
#include <smblame/limits.h>
#include <smblame/oddity.h>

/* The normalised reason of a logon record; SUCCESS is a grant. */
#define SBL_REASONS(X)                                                                             \
    X(UNKNOWN, "unknown")                                                                          \
    X(SUCCESS, "success")                                                                          \
    X(BAD_CREDENTIALS, "bad_credentials")                                                          \
    X(BAD_PASSWORD, "bad_password")                                                                \
    X(NO_SUCH_USER, "no_such_user")                                                                \
    X(LOCKED_OUT, "locked_out")                                                                    \
    X(DISABLED, "disabled")                                                                        \
    X(PASSWORD_EXPIRED, "password_expired")                                                        \
    X(MUST_CHANGE, "must_change")                                                                  \
    X(ACCOUNT_EXPIRED, "account_expired")                                                          \
    X(BAD_HOURS, "bad_hours")                                                                      \
    X(BAD_WORKSTATION, "bad_workstation")                                                          \
    X(LOGON_TYPE_DENIED, "logon_type_denied")                                                      \
    X(RESTRICTION, "restriction")                                                                  \
    X(TRUST_FAILURE, "trust_failure")                                                              \
    X(NTLM_BLOCKED, "ntlm_blocked")                                                                \
    X(CLOCK_SKEW, "clock_skew")                                                                    \
    X(NOT_SUPPORTED, "not_supported")                                                              \
    X(ACCESS_DENIED, "access_denied")                                                              \
    X(ANONYMOUS, "anonymous")                                                                      \
    X(ABANDONED, "abandoned")                                                                      \
    X(REFUSED_BEFORE_AUTHENTICATION, "refused_before_authentication")                              \
    X(GUEST_MAPPED, "guest_mapped")

enum sbl_reason {
#define SBL_REASON_ENUM(name, word) SBL_REASON_##name,
    SBL_REASONS(SBL_REASON_ENUM)
#undef SBL_REASON_ENUM
        SBL_REASON_COUNT
};

enum { SBL_PROTOCOL_COUNT = 512 /* nDPI protocol numbers we keep a count for */ };

struct sbl_stats {
    /* capture and engine */
    uint64_t frames, frame_bytes, wire_bytes;
    int64_t first_ns, last_ns; /* of the frames' own times, smallest and largest; 0 frames: 0 */
    uint64_t kernel_drops, interface_drops;
    /* decode */
    uint64_t frames_by_link_unknown, not_ip, not_tcp, fragments, fragments_lost, cut_frames,
        tunnels;
    /* stream */
    uint64_t segments, payload_bytes, connections, connections_smb, connections_by_banner;
    uint64_t midstream, one_sided, port_reuse, resets;
    uint64_t retransmissions, out_of_order, duplicates_frames, gaps, gap_bytes, resynchronised;
    uint64_t messages, bytes_skipped, messages_cut;
    uint64_t connections_by_protocol[SBL_PROTOCOL_COUNT];
    /* dissectors */
    uint64_t smb1_commands[256], smb2_commands[32]; /* requests and responses together */
    uint64_t encrypted_messages, compressed_messages;
    uint64_t oddities[SBL_DISSECTOR_COUNT][SBL_ODDITY_COUNT];
    uint64_t oddities_below[SBL_ODDITY_COUNT]; /* of decode and stream */
    /* correlate */
    uint64_t logons_granted, logons_refused, logons_half_seen, logons_guest;
    uint64_t logons_by_reason[SBL_REASON_COUNT];
    uint64_t tree_connects_refused, opens_refused, dfs_noise, replies_unmatched,
        requests_unanswered;
    /* every room */
    uint64_t cap_hits[SBL_LIMIT_COUNT];
};

#endif
