/* What a dissector saw in one message: a flat value, no memory behind it but the message itself.
 * One observation per SMB command (an AndX chain or a compound gives several), with the fields of
 * its own header already in `head`. Names follow [MS-CIFS], [MS-SMB], [MS-SMB2] and [MS-NLMP]. */
#ifndef SMBLAME_OBSERVATION_H
#define SMBLAME_OBSERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <smblame/text.h>

/* Which fields of the union below are filled. REQUEST/RESPONSE of a command that nobody needs comes
 * as OTHER: only its head counts. */
enum sbl_observation_kind {
    SBL_SAW_OTHER = 0, /* any SMB command of which only the head matters, and error replies of
                          commands below (they have no body): look at head.command */
    SBL_SAW_NBSS,
    SBL_SAW_NEGOTIATE_REQUEST,
    SBL_SAW_NEGOTIATE_RESPONSE,
    SBL_SAW_SESSION_SETUP_REQUEST,
    SBL_SAW_SESSION_SETUP_RESPONSE,
    SBL_SAW_TREE_CONNECT_REQUEST,
    SBL_SAW_TREE_CONNECT_RESPONSE,
    SBL_SAW_OPEN_REQUEST,  /* an open, search or attribute query of a named file */
    SBL_SAW_OPEN_RESPONSE, /* success of one: gives the file id */
    SBL_SAW_LOGOFF_REQUEST,
    SBL_SAW_TREE_DISCONNECT_REQUEST,
    SBL_SAW_CLOSE_REQUEST,
    SBL_SAW_DFS_REFERRAL_REQUEST, /* its refusal is noise, counted and not reported */
    SBL_SAW_ENCRYPTED,            /* a transform header: nothing inside is visible */
    SBL_SAW_COMPRESSED,
    SBL_SAW_NTLMSSP,    /* a bare token; what the ntlmssp, spnego, kerberos dissectors say alone */
    SBL_SAW_NAME_CLAIM, /* NetBIOS name service: who has a name */
    SBL_OBSERVATION_KIND_COUNT
};

/* The fields every SMB header has, for one command of the message.
 * SMB1: message_id = MID | PIDLow << 16 | PIDHigh << 32, session_id = UID, tree_id = TID.
 * `status` is the header's status as it stood in the message; for SMB1 with `is_dos_error`,
 * ErrorClass << 16 | ErrorCode. In an SMB1 AndX chain the header's status belongs to the LAST
 * command of the reply: see word_count, is_first, is_last. */
struct sbl_smb_head {
    uint8_t version;        /* 1 or 2 (SMB3 is 2 here, its dialect tells) */
    uint8_t word_count;     /* SMB1: of this block. SMB2: 0 */
    uint8_t chain_position; /* 0-based position in the AndX chain or compound */
    bool is_first;          /* first command of the message */
    bool is_last;           /* last command that the message holds */
    bool is_response;
    bool is_dos_error;
    bool is_signed;   /* SMB2_FLAGS_SIGNED; SMB1: a signature that is not zero, flagged */
    bool is_related;  /* SMB2_FLAGS_RELATED_OPERATIONS */
    bool is_cut;      /* the command's body was not captured whole */
    uint16_t command; /* SMB1: the block's own command, SMB2: Command */
    uint32_t status;
    uint32_t tree_id; /* SMB2: 0 when SMB2_FLAGS_ASYNC_COMMAND puts an AsyncId in its place */
    uint64_t message_id;
    uint64_t session_id;
};

/* RFC 1002 session service packet. Names are decoded from half-ASCII: 15 characters, blanks at the
 * end taken off, and the 16th byte (the service) apart. */
enum sbl_nbss_type {
    SBL_NBSS_MESSAGE = 0x00,
    SBL_NBSS_REQUEST = 0x81,
    SBL_NBSS_POSITIVE = 0x82,
    SBL_NBSS_NEGATIVE = 0x83,
    SBL_NBSS_RETARGET = 0x84,
    SBL_NBSS_KEEPALIVE = 0x85,
};

struct sbl_netbios_name {
    uint8_t name[15];
    uint8_t size; /* of name, without the blanks; with is_present false nothing holds */
    uint8_t suffix;
    bool is_present;
};

struct sbl_nbss {
    uint8_t type;  /* enum sbl_nbss_type */
    uint8_t error; /* of a negative response */
    struct sbl_netbios_name called, calling;
};

/* RFC 1002 4.2: who says that an address has a name. In a node status the address is the sender's
 * own. */
enum sbl_name_source {
    SBL_NAME_REGISTERED = 0, /* the owner, registering or refreshing it */
    SBL_NAME_FOUND,          /* whoever answered a query for it */
    SBL_NAME_STATUS,         /* the owner, asked for all it has */
};

struct sbl_name_claim {
    uint8_t source; /* enum sbl_name_source */
    bool is_group;
    uint8_t address[4]; /* of the owner; STATUS: none */
    struct sbl_netbios_name name;
};

/* NTLMSSP, [MS-NLMP] 2.2.1. */
enum sbl_ntlm_message {
    SBL_NTLM_NONE = 0,
    SBL_NTLM_NEGOTIATE = 1,
    SBL_NTLM_CHALLENGE = 2,
    SBL_NTLM_AUTHENTICATE = 3,
};

enum { SBL_NTLM_NAMES = 5 };

/* Which kind of answer an AUTHENTICATE (or an SMB1 session setup without extended security) holds,
 * told apart by lengths and by the shape of the LM answer. */
enum sbl_ntlm_answer {
    SBL_ANSWER_UNKNOWN = 0,
    SBL_ANSWER_ANONYMOUS,
    SBL_ANSWER_LM,
    SBL_ANSWER_NTLMV1,
    SBL_ANSWER_NTLMV1_ESS,
    SBL_ANSWER_LMV2,
    SBL_ANSWER_NTLMV2,
    SBL_ANSWER_PLAINTEXT,
    SBL_ANSWER_COUNT
};

/* The numbers hold in every message. A text holds in the messages it is said to stand in, and is
 * not even empty in others. */
struct sbl_ntlm {
    uint8_t message; /* enum sbl_ntlm_message; NONE: no NTLMSSP in this token, and nothing holds */
    uint8_t answer;  /* enum sbl_ntlm_answer */
    bool has_version, has_mic, has_av_pairs, has_timestamp, is_cut;
    uint8_t version_major, version_minor;
    uint16_t version_build;
    uint16_t lm_bytes, nt_bytes;  /* lengths of the two answers */
    uint32_t flags;               /* NegotiateFlags */
    uint32_t av_flags;            /* MsvAvFlags */
    uint64_t timestamp;           /* MsvAvTimestamp, FILETIME, when has_timestamp */
    uint64_t answer_time;         /* TimeStamp of the NTLMv2 client challenge, FILETIME; 0 = none */
    uint64_t challenge;           /* ServerChallenge, to be hashed and never told; 0 = none */
    struct sbl_text workstation;  /* NEGOTIATE: as supplied; AUTHENTICATE */
    struct sbl_text domain, user; /* AUTHENTICATE */
    struct sbl_text spn; /* AUTHENTICATE, MsvAvTargetName: whom the client means to talk to */
    struct sbl_text target_name; /* CHALLENGE TargetName */
    /* CHALLENGE, AV pairs of its TargetInfo in the order of their ids, from MsvAvNbComputerName */
    union {
        struct sbl_text names[SBL_NTLM_NAMES];
        struct {
            struct sbl_text nb_computer, nb_domain, dns_computer, dns_domain, dns_tree;
        };
    };
};

/* `message` always holds, the rest when it is not 0. */
struct sbl_kerberos {
    uint8_t message; /* 0 none, 14 AP-REQ, 15 AP-REP, 30 KRB-ERROR */
    int32_t error_code;
    struct sbl_text realm;
    struct sbl_text service[3]; /* the components of sname, as many as there were */
    uint8_t service_count;
    uint8_t client_count;
    struct sbl_text client[2]; /* KRB-ERROR: the first components of cname */
    struct sbl_text client_realm;
};

enum sbl_auth_wrapping { SBL_WRAPPING_NONE = 0, SBL_WRAPPING_RAW, SBL_WRAPPING_SPNEGO };

enum sbl_auth_mechanism {
    SBL_MECHANISM_UNKNOWN = 0,
    SBL_MECHANISM_NTLMSSP,
    SBL_MECHANISM_KERBEROS,
    SBL_MECHANISM_LANMAN_NT, /* SMB1 without extended security */
    SBL_MECHANISM_PLAINTEXT,
    SBL_MECHANISM_NEGOEX,
    SBL_MECHANISM_COUNT
};

/* An authentication token of one session setup, whatever it was wrapped in. `mechanism` is what the
 * token itself is, or, without an inner token, the mechanism the NegTokenInit prefers. */
struct sbl_auth_token {
    uint8_t wrapping;      /* enum sbl_auth_wrapping */
    uint8_t mechanism;     /* enum sbl_auth_mechanism */
    bool prefers_kerberos; /* the mechTypes of a NegTokenInit begin with Kerberos */
    struct sbl_ntlm ntlm;
    struct sbl_kerberos kerberos;
};

/* What a server offers to authenticate with is not read: what the client then sends is. */
struct sbl_negotiate {
    uint16_t dialect_index; /* SMB1 response; 0xFFFF = none acceptable */
    uint16_t dialect;       /* SMB2 response: DialectRevision (0x02FF = go on with SMB2) */
    bool encrypts_passwords;
    bool signing_required;
    uint8_t guid[16];               /* ClientGuid or ServerGuid */
    uint64_t challenge;             /* SMB1 response: the key of 8 bytes; as in struct sbl_ntlm */
    struct sbl_text dialect_name;   /* SMB1 request: all dialect strings, as sent, each 02 ... 00 */
    struct sbl_text domain, server; /* SMB1 response without extended security */
};

struct sbl_session_setup {
    /* request */
    uint8_t form;                /* SMB1 word count 10, 12 or 13; 25 = SMB2 */
    bool is_binding;             /* SMB2_SESSION_FLAG_BINDING */
    uint8_t answer;              /* enum sbl_ntlm_answer of forms 10 and 13 */
    uint16_t lm_bytes, nt_bytes; /* password lengths of forms 10 and 13 */
    /* response */
    bool is_guest, is_null, is_encrypting;
    /* SMB1, both */
    struct sbl_text native_os, native_lanman, native_domain;
    struct sbl_text account, domain; /* request, forms 10 and 13 */
    struct sbl_auth_token token;     /* both */
};

struct sbl_tree_connect {
    struct sbl_text path; /* request: \\SERVER\SHARE as sent */
};

/* The commands that name a file. Their names in records stand in src/emit/words.c. */
enum sbl_open_command {
    SBL_OPEN_SMB2_CREATE = 0,
    SBL_OPEN_SMB2_QUERY_DIRECTORY,
    SBL_OPEN_NT_CREATE_ANDX,
    SBL_OPEN_OPEN_ANDX,
    SBL_OPEN_OPEN,
    SBL_OPEN_CREATE, /* also CREATE_NEW */
    SBL_OPEN_QUERY_INFORMATION,
    SBL_OPEN_CHECK_DIRECTORY,
    SBL_OPEN_SEARCH, /* also FIND and FIND_UNIQUE */
    SBL_OPEN_TRANS2_OPEN2,
    SBL_OPEN_TRANS2_FIND_FIRST2,
    SBL_OPEN_TRANS2_QUERY_PATH_INFORMATION,
    SBL_OPEN_NT_TRANSACT_CREATE,
    SBL_OPEN_COMMAND_COUNT
};

struct sbl_open {
    uint8_t command;      /* enum sbl_open_command */
    bool has_root;        /* name is relative to the file id in root */
    uint32_t options;     /* CreateOptions */
    uint64_t root[2];     /* SMB1: RootDirectoryFID in [0]. SMB2 QUERY_DIRECTORY: FileId */
    uint64_t file_id[2];  /* response: FID or FileId. Close request: the same */
    struct sbl_text name; /* path below the share, or the search pattern, as sent */
};

struct sbl_observation {
    enum sbl_observation_kind kind;
    struct sbl_smb_head head;
    union {
        struct sbl_nbss nbss;
        struct sbl_name_claim name_claim;
        struct sbl_negotiate negotiate;
        struct sbl_session_setup session_setup;
        struct sbl_tree_connect tree_connect;
        struct sbl_open open; /* OPEN_*, CLOSE_REQUEST (file_id), DFS_REFERRAL_REQUEST (name) */
        struct sbl_auth_token token;
    };
};

/* Makes a token one of which nothing was read: what does not hold then stays what it was. */
static inline void sbl_auth_token_begin(struct sbl_auth_token *token) {
    token->wrapping = SBL_WRAPPING_NONE;
    token->mechanism = SBL_MECHANISM_UNKNOWN;
    token->prefers_kerberos = false;
    token->ntlm.message = SBL_NTLM_NONE;
    token->kerberos.message = 0;
}

/* Begins an observation in memory that was used before: its kind, and the member of the union that
 * goes with it, empty. The head is not touched, and what no member of this kind holds stays what it
 * was: clearing all of it for a reply that has but a head would cost more than reading it. Names
 * and domain of an SMB1 session setup are as absent as its form says. */
static inline void sbl_observation_begin(struct sbl_observation *seen,
                                         enum sbl_observation_kind kind) {
    seen->kind = kind;
    switch (kind) {
    case SBL_SAW_NBSS:
        seen->nbss = (struct sbl_nbss){0};
        break;
    case SBL_SAW_NEGOTIATE_REQUEST:
    case SBL_SAW_NEGOTIATE_RESPONSE:
        seen->negotiate = (struct sbl_negotiate){0};
        break;
    case SBL_SAW_SESSION_SETUP_REQUEST:
    case SBL_SAW_SESSION_SETUP_RESPONSE:
        memset(&seen->session_setup, 0, offsetof(struct sbl_session_setup, account));
        sbl_auth_token_begin(&seen->session_setup.token);
        break;
    case SBL_SAW_TREE_CONNECT_REQUEST:
    case SBL_SAW_TREE_CONNECT_RESPONSE:
        seen->tree_connect = (struct sbl_tree_connect){0};
        break;
    case SBL_SAW_OPEN_REQUEST:
    case SBL_SAW_OPEN_RESPONSE:
    case SBL_SAW_CLOSE_REQUEST:
    case SBL_SAW_DFS_REFERRAL_REQUEST:
        seen->open = (struct sbl_open){0};
        break;
    case SBL_SAW_NTLMSSP:
        sbl_auth_token_begin(&seen->token);
        break;
    case SBL_SAW_NAME_CLAIM:
        seen->name_claim = (struct sbl_name_claim){0};
        break;
    case SBL_SAW_OTHER:
    case SBL_SAW_LOGOFF_REQUEST:
    case SBL_SAW_TREE_DISCONNECT_REQUEST:
    case SBL_SAW_ENCRYPTED:
    case SBL_SAW_COMPRESSED:
    case SBL_OBSERVATION_KIND_COUNT:
        break;
    }
}

#endif
