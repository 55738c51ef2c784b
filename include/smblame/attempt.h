/* Attempts and refusals: what correlate makes of observations, and what the rest of smblame, and a
 * program that embeds it, works with. Texts are borrowed for the length of the callback. */
#ifndef SMBLAME_ATTEMPT_H
#define SMBLAME_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include <smblame/message.h>
#include <smblame/observation.h>
#include <smblame/stats.h>

struct sbl_diagnosis; /* diagnosis.h */
struct sbl_witness;   /* witness.h */

enum { SBL_EVIDENCE_FRAMES = 16 };

/* The frames of an exchange, in order, at most 16; request and response are 0 when not seen. */
struct sbl_evidence {
    struct sbl_frame_ref request, response;
    struct sbl_frame_ref frames[SBL_EVIDENCE_FRAMES];
    uint8_t frame_count;
    uint32_t process; /* of the request's frame, else the response's; 0 = unknown */
};

enum sbl_outcome { SBL_OUTCOME_UNKNOWN = 0, SBL_OUTCOME_SUCCESS, SBL_OUTCOME_FAILURE };

/* What every kind of finding has: who talked to whom, when, how it ended. */
struct sbl_finding {
    const struct sbl_conversation *conversation;
    int64_t time_ns; /* of the deciding packet: the response, else the request */
    uint32_t seq;    /* TCP sequence number of the deciding PDU */
    uint32_t status; /* NTSTATUS, or class << 16 | code */
    bool is_dos_error, has_status;
    uint8_t smb_version;          /* 1 or 2 */
    uint16_t dialect;             /* SMB2 DialectRevision; SMB1: 0 */
    struct sbl_text dialect_name; /* SMB1: the dialect chosen, as the client wrote it */
    uint64_t message_id, session_id;
    uint32_t tree_id;
    bool is_signed, is_encrypted;
    struct sbl_text account, domain; /* who: of this request, else of the session */
    struct sbl_text workstation;     /* as the client wrote it */
    struct sbl_text server_name;     /* NetBIOS computer name from CHALLENGE, else SMB1 negotiate,
                                        else NBSS called name */
    struct sbl_text share;           /* UNC as sent, when known */
    struct sbl_netbios_name called, calling;
    struct sbl_evidence evidence;
    uint8_t event_id[16]; /* filled by attribute: the UUID that names this finding everywhere */
    bool is_asked_signed; /* the request was; is_signed is either half */
};

/* Which half of an exchange was captured when the other is missing. */
enum sbl_half { SBL_HALF_NONE = 0, SBL_HALF_REQUEST, SBL_HALF_RESPONSE };

/* Whose account database answered. */
enum sbl_authority { SBL_AUTHORITY_UNKNOWN = 0, SBL_AUTHORITY_DOMAIN, SBL_AUTHORITY_LOCAL };

/* One session setup that ended: refused, granted, or cut off. */
struct sbl_attempt {
    struct sbl_finding finding;
    enum sbl_outcome outcome;
    enum sbl_reason reason; /* filled by attribute */
    enum sbl_half half_seen;
    uint8_t wrapping, mechanism, answer; /* enums of observation.h; answer: LM ... NTLMv2 */
    bool is_guest, is_null, is_binding, is_reauthentication;
    bool is_disputed; /* names left out: their bytes were sent twice, differently */
    bool has_ntlm, has_server_time, has_challenge;
    struct sbl_ntlm client; /* of the AUTHENTICATE: flags, version, mic, spn; texts as above */
    struct sbl_ntlm server; /* of the CHALLENGE: the server's names, timestamp */
    struct sbl_text native_os, native_lanman; /* of the client (SMB1) */
    struct sbl_text realm, service; /* Kerberos AP-REQ: realm and "cifs/host" joined by / */
    int64_t request_time_ns;        /* of the AUTHENTICATE, for the clock skew */
    /* A keyed hash of the server challenge, only ever compared; 0 = none. Logons of one SMB1
     * connection without extended security share it. */
    uint64_t challenge_mark;
    bool server_requires_signing; /* as negotiated on this connection */
    bool client_requires_signing; /* likewise; SMB1 clients do not say it */
    enum sbl_authority authority; /* filled by attribute */
    struct sbl_text authority_name;
    bool prefers_kerberos; /* the client's list of mechanisms began with Kerberos */
    /* RFC 4120 7.5.9, of a KRB-ERROR that was the server's last word though its status asks for
     * more: that refused the logon. 0 = none. */
    int32_t kerberos_error;
};

/* A refused share connection. */
struct sbl_tree_refusal {
    struct sbl_finding finding;
};

/* A granted share connection: nothing wrong with it, but it tells what a server is (SYSVOL, CAP_*)
 * and what a client wants. No record is made of it. */
struct sbl_tree_grant {
    struct sbl_finding finding;
};

/* A refused open, search or attribute query of a named file. */
struct sbl_probe {
    struct sbl_finding finding;
    enum sbl_open_command command;
    struct sbl_text directory; /* path below the share that `name` is relative to; may be absent */
    struct sbl_text name;      /* as sent; absent when the request was not captured */
    bool is_below_unknown;     /* name is relative to a directory whose opening was not captured */
};

/* Whether a status says that a file or directory is not there, or that none can have such a name.
 */
enum sbl_missing { SBL_MISSING_NO = 0, SBL_MISSING_NOT_THERE, SBL_MISSING_NO_SUCH_NAME };

/* What a status means; static data (src/attribute/status.c). */
struct sbl_status {
    uint32_t code; /* NTSTATUS, or class << 16 | code */
    bool is_dos_error;
    const char *name;                     /* "STATUS_LOGON_FAILURE", "ERRSRV/ERRbadpw" */
    enum sbl_reason reason;               /* of a session setup that ends so */
    uint32_t sub_status;                  /* what Event 4625 shows as SubStatus; 0 = not known */
    uint16_t modern_event, classic_event; /* 4625, 529; 0 = not known */
    enum sbl_missing missing;
};

/* Who is told of findings, in the order of the packets that decide them. Unset ones are skipped. */
struct sbl_listener {
    void *context;
    void (*attempt)(void *context, const struct sbl_attempt *attempt);
    void (*tree_refusal)(void *context, const struct sbl_tree_refusal *refusal);
    void (*probe)(void *context, const struct sbl_probe *probe);
    void (*tree_grant)(void *context, const struct sbl_tree_grant *grant);
    void (*diagnosis)(void *context, const struct sbl_diagnosis *diagnosis);
    void (*witness)(void *context, const struct sbl_witness *witness);
};

/* The entry for a status, or NULL when it is not in the table. */
const struct sbl_status *sbl_status_find(uint32_t code, bool is_dos_error);

#endif
