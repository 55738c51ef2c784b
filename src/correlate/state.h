/* What correlate remembers, and the words its files have for each other. Not for other rooms.
 *
 *   correlate
 *     connection (pool)          one per conversation with SMB in it
 *       pending (pool)           requests that wait, in order; hashed when there are many
 *       early (pool)             replies seen before their request, for a moment
 *       exchange (pool)          session setups in the making, round by round
 *       session, tree, file      tables keyed by the connection's serial; listed per connection
 *
 * Slots are named by index, 0 is none. A serial is never used twice, so what a forgotten
 * connection leaves behind can never be taken for another's. */
#ifndef SMBLAME_CORRELATE_STATE_H
#define SMBLAME_CORRELATE_STATE_H

#include <stddef.h>
#include <string.h>

#include <smblame/attempt.h>
#include <smblame/message.h>

#include "base/names.h"
#include "base/pool.h"
#include "base/table.h"
#include "correlate/correlate.h"
#include "correlate/shared.h"

enum {
    PENDING_BUCKETS = 1 << 16, /* a power of two */
    PENDING_UNHASHED = 8,      /* the oldest of a connection are found by looking */
    EVICTION_SAMPLE = 32,      /* slots looked at for one that waits long */
    EARLY_MESSAGES = 8,        /* so many more, then a reply's request is not waited for */
};

/* The caps; correlate_new takes them from limits.h, tests make them small. */
struct correlate_caps {
    uint32_t connections, sessions, trees, files, pending, exchanges, early;
    uint32_t pending_per_connection, exchanges_per_connection, early_per_connection;
    uint32_t shared; /* a power of two, or 0: nothing is */
    size_t name_bytes;
};

/* What a command is to us. */
enum what {
    WHAT_NONE = 0,
    WHAT_SETUP,
    WHAT_TREE,
    WHAT_OPEN,
    WHAT_REFERRAL,
    WHAT_OTHER, /* shares its command with one of the above: told apart by the request only */
    WHAT_LOGOFF,
    WHAT_TREE_GONE,
};

/* A command that is one of them; of WHAT_OPEN also which. */
struct command {
    uint8_t what;         /* enum what */
    uint8_t open_command; /* enum sbl_open_command */
};

/* A frame reference in eight bytes. */
static inline uint64_t frame_pack(struct sbl_frame_ref frame) {
    return (uint64_t)frame.file << 48 | (frame.number & 0xFFFFFFFFFFFFu);
}

static inline struct sbl_frame_ref frame_unpack(uint64_t packed) {
    return (struct sbl_frame_ref){.number = packed & 0xFFFFFFFFFFFFu,
                                  .file = (uint16_t)(packed >> 48)};
}

/* A request: what its header and its segment said. One cache line: a reply is compared with it. */
struct ask {
    uint64_t message_id, session_id;
    int64_t time_ns;
    uint64_t frame; /* packed */
    uint32_t tree_id, seq, end_seq, ack, process;
    uint16_t command;
    uint8_t version, from, chain_position;
    bool is_signed, is_related, has_next;
};

static inline struct ask ask_of(const struct sbl_message *message,
                                const struct sbl_smb_head *head) {
    return (struct ask){.message_id = head->message_id,
                        .session_id = head->session_id,
                        .time_ns = message->time_ns,
                        .frame = frame_pack(message->frame),
                        .tree_id = head->tree_id,
                        .seq = message->seq,
                        .end_seq = message->end_seq,
                        .ack = message->ack,
                        .process = message->process,
                        .command = head->command,
                        .version = head->version,
                        .from = message->from,
                        .chain_position = head->chain_position,
                        .is_signed = head->is_signed,
                        .is_related = head->is_related,
                        .has_next = !head->is_last};
}

/* A reply, likewise. `status` is this command's own: the chain's status is already sorted out. */
struct answer {
    uint64_t message_id, session_id;
    int64_t time_ns;
    uint64_t frame; /* packed */
    uint32_t tree_id, seq, end_seq, ack, process, status;
    uint16_t command;
    uint8_t version, from, chain_position;
    bool is_dos_error, is_signed, is_related;
};

/* A name lies in the request that it came with, when it is short. */
enum { PENDING_TEXT_BYTES = 128 };
#define NAME_IS_NEAR 0x80000000u /* in name.at: not on the pile */

struct pending {
    _Alignas(64) struct ask ask;
    uint64_t order;        /* of taking, over all connections */
    uint32_t older, newer; /* of the connection */
    uint32_t hash_next;    /* of the bucket, when is_hashed */
    uint32_t connection;
    struct pile pile;
    struct name name; /* open: the name as sent; tree connect: the share */
    union {
        struct name directory; /* open: what the name is relative to */
        uint32_t exchange;     /* session setup */
    };
    uint8_t what;         /* enum what */
    uint8_t open_command; /* enum sbl_open_command */
    bool is_hashed : 1, is_disputed : 1, is_before_gap : 1;
    bool keeps_file : 1;       /* an open whose file id may serve as a directory later */
    bool is_below_unknown : 1; /* the name is relative to a file id whose path is not known */
    _Alignas(64) uint8_t text[PENDING_TEXT_BYTES]; /* of `name`, when it is near */
};

_Static_assert(sizeof(struct ask) == 64 && offsetof(struct pending, text) == 128, "two lines");

struct early {
    uint32_t newer;
    uint32_t message_count; /* of the connection, when it came */
    uint8_t what, open_command;
    struct answer answer;
};

/* The numbers of an NTLMSSP message, as its struct has them; its texts are names. */
struct kept_ntlm {
    uint8_t message, answer;
    bool has_version, has_mic, has_av_pairs, has_timestamp, is_cut;
    uint8_t version_major, version_minor;
    uint16_t version_build, lm_bytes, nt_bytes;
    uint32_t flags, av_flags;
    uint64_t timestamp, answer_time;
};

_Static_assert(offsetof(struct sbl_ntlm, challenge) == sizeof(struct kept_ntlm) &&
                   offsetof(struct sbl_ntlm, nt_bytes) == offsetof(struct kept_ntlm, nt_bytes) &&
                   offsetof(struct sbl_ntlm, is_cut) == offsetof(struct kept_ntlm, is_cut),
               "copied by the block");

enum exchange_name {
    NAME_ACCOUNT = 0,
    NAME_DOMAIN,
    NAME_WORKSTATION,
    NAME_SPN,
    NAME_NATIVE_OS,
    NAME_NATIVE_LANMAN,
    NAME_REALM,
    NAME_SERVICE,
    NAME_SHARE,
    NAME_CLIENT_COUNT, /* those below are the server's */
    NAME_TARGET = NAME_CLIENT_COUNT,
    NAME_NB_COMPUTER,
    NAME_NB_DOMAIN,
    NAME_DNS_COMPUTER,
    NAME_DNS_DOMAIN,
    NAME_DNS_TREE,
    NAME_COUNT
};

enum exchange_state {
    EXCHANGE_ASKED = 0, /* a request waits for its reply */
    EXCHANGE_ANSWERED,  /* more processing required: the next request is due */
    EXCHANGE_EARLY,     /* it ended, but its last request was not seen (yet) */
};

/* Texts of a client lie in the exchange as long as there is room: they come with every round, are
 * read once and go. The rest is on its pile. */
#define EXCHANGE_TEXT_BYTES 248u

/* Zeroed when taken, up to `ask`; a bit or a flag in there says whether what follows holds. With
 * thousands of logons under way each line comes from far: so each round has its own few. */
struct exchange {
    _Alignas(64) uint64_t order; /* of taking, over all connections */
    uint32_t older, newer;       /* of the connection */
    uint32_t connection;
    uint32_t pending;     /* while ASKED */
    uint32_t waits_since; /* EARLY, or awaits_request: connection.message_count then */
    uint32_t shared;      /* the names of the CHALLENGE; 0: they are in `names` */
    uint64_t session_id;
    int32_t kerberos_error; /* of a KRB-ERROR in the last reply; 0 = none */
    uint16_t named;         /* the `names` that hold, a bit each */
    uint16_t text_bytes;    /* used of `texts` */
    uint8_t state;          /* enum exchange_state */
    uint8_t version, wrapping, mechanism, answer_kind, form, frame_count;
    bool has_ask : 1, has_answer : 1;
    bool awaits_request : 1; /* ANSWERED, but the request of that answer was not seen (yet) */
    bool has_ntlm : 1, has_challenge : 1, has_client : 1, has_pile : 1;
    bool is_binding : 1, began_on_session : 1;
    bool is_disputed : 1, is_guest : 1, is_null : 1, is_encrypting : 1, prefers_kerberos : 1;
    bool challenge_from : 1;
    struct ask ask;       /* the last request */
    struct answer answer; /* the last reply */
    struct kept_ntlm client;
    uint64_t began_on;       /* session id, when began_on_session */
    struct kept_ntlm server; /* when has_challenge, and these: */
    uint64_t challenge_mark; /* as struct sbl_attempt has it */
    uint32_t challenge_seq, challenge_end_seq;
    uint64_t frames[SBL_EVIDENCE_FRAMES]; /* packed; mostly four */
    struct name names[NAME_COUNT];
    uint8_t texts[EXCHANGE_TEXT_BYTES];
    struct pile pile;
};

_Static_assert(offsetof(struct exchange, ask) == 64, "one line is zeroed");

/* How sessions, trees and files hang on their connection: first in each of their structs. */
struct owned {
    struct owned *older, *newer;
    uint32_t connection; /* slot */
};

struct session {
    struct owned owned;
    uint64_t id;
    uint64_t hosts[2]; /* the channels it is entered under, by address and by guid; 0 = not */
    uint32_t home; /* serial of the connection whose trees it uses: another one after a binding */
    uint8_t version;
    bool is_encrypted;
    struct pile pile;
    struct name account, domain, workstation;
};

struct tree {
    struct owned owned;
    struct pile pile;
    struct name share;
};

struct file {
    struct owned owned;
    struct pile pile;
    struct name path;
};

/* The first cache line is all that a command of an open session needs of its connection, the second
 * all that a logon by SMB2 needs. */
struct connection {
    _Alignas(64) struct sbl_conversation *conversation; /* NULL: the slot is free */
    struct owned *sessions, *trees;                     /* the one used last first */
    uint32_t slot, serial, message_count;
    uint32_t pending_oldest, pending_newest;
    uint16_t pending_count, early_count, exchange_count;
    uint16_t waiting_count;                     /* exchanges EARLY or awaits_request */
    uint32_t failed_ask_seq, failed_answer_seq; /* compounds whose last element failed */
    bool has_failed_ask : 1, has_failed_answer : 1;
    bool server_requires_signing : 1, client_requires_signing : 1;
    bool has_negotiated : 1, encrypts_passwords : 1, has_guids : 1;
    bool has_gap;
    bool has_names; /* of an SMB1 greeting, or called on port 139 */
    bool was_used;  /* since the hand of the clock passed */
    uint16_t dialect;
    uint32_t compound_create; /* pending index of the last CREATE while that waits */
    struct owned *files;
    uint32_t exchange_oldest, exchange_newest;
    uint32_t early_oldest, early_newest;
    uint32_t computer_of, dialects_of;  /* shared; 0: see `computer` and `dialects` */
    uint64_t challenge_mark;            /* of an SMB1 greeting without extended security */
    struct name dialects, dialect_name; /* on `pile`, or in shared dialects */
    uint8_t client_guid[16], server_guid[16];
    struct pile pile, computer_pile;
    struct name computer;       /* on computer_pile */
    struct name domain, server; /* on `pile` */
    struct sbl_netbios_name called, calling;
};

/* Where to fetch ahead what hangs on a connection, without waiting for the connection itself: its
 * oldest request and newest exchange, and the lines of its last session and tree, which count from
 * the beginning of their table. As of its last message, and nothing but a hint; 0 is none. */
#define REACH_TEXTS 0x80000000u /* in reach.exchange: names are in it already */
struct reach {
    uint32_t pending, exchange, session, tree;
};

struct correlate {
    struct correlate_listener listener;
    struct sbl_stats *stats;
    struct correlate_caps caps;
    struct pool connections, pending, early, exchanges;
    struct table sessions, trees, files, channels;
    struct names names;
    uint32_t *pending_buckets;
    uint64_t seed, next_order;
    uint32_t next_serial, clock_hand;
    uint32_t pending_hand, exchange_hand; /* where the search for one that waits long goes on */
    uint8_t *scratch;                     /* piles laid out while something is told */
    size_t scratch_used;
    struct sharing sharing;
    struct reach *reach;        /* per connection slot */
    struct sbl_attempt attempt; /* what is being told */
    struct sbl_tree_refusal refusal;
    struct sbl_tree_grant grant;
    struct sbl_probe probe;
};

/* correlate.c */
int correlate_new_with(struct correlate **correlate, const struct correlate_listener *listener,
                       struct sbl_stats *stats, const struct correlate_caps *caps);

/* connections.c: taken lazily; when all are in use one that was not used lately is closed. */
struct connection *conn_take(struct correlate *c, struct sbl_conversation *conversation);
void conn_close(struct correlate *c, struct connection *conn, enum sbl_close how);
void conn_greeting(struct correlate *c, struct connection *conn,
                   const struct sbl_observation *seen);

/* Slots as arrays of their struct, whose size is what the pool has rounded it to. */
static inline struct connection *connection_at(const struct correlate *c, uint32_t index) {
    return index ? (struct connection *)(void *)c->connections.slots + (index - 1) : NULL;
}

/* Whether sequence number a lies before b. */
static inline bool seq_before(uint32_t a, uint32_t b) {
    return (int32_t)(a - b) < 0;
}

/* Which replies are refusals. [MS-ERREF] 2.3: the two highest bits of an NTSTATUS are its severity,
 * and 3 is an error. A DOS error is one when its class is not SUCCESS; ERRmoredata only says that
 * the answer did not fit. */
#define STATUS_MORE_PROCESSING_REQUIRED 0xC0000016u
enum { ERRDOS_MOREDATA = 1 << 16 | 234 };
static inline bool status_is_error(uint32_t status, bool is_dos_error) {
    if (is_dos_error)
        return status >> 16 != 0 && status != ERRDOS_MOREDATA;
    return status >> 30 == 3 && status != STATUS_MORE_PROCESSING_REQUIRED;
}
/* status.c */
bool status_is_of_share_or_file(uint32_t status, bool is_dos_error);
enum { STATUS_PENDING = 0x00000103 };
#define STATUS_PATH_NOT_COVERED 0xC0000257u

/* pending.c */
struct pending *pending_take(struct correlate *c, struct connection *conn, enum what what,
                             const struct sbl_message *message, const struct sbl_smb_head *head);
struct pending *pending_find(struct correlate *c, struct connection *conn,
                             const struct answer *answer);
void pending_give(struct correlate *c, struct pending *p);
/* Gives a request up that will not be answered any more; a session setup is told as half seen. */
void pending_abandon(struct correlate *c, struct pending *p, enum sbl_reason reason);
/* Bytes of side `from` are missing: replies from there may be among them. */
void pending_gap(struct correlate *c, struct connection *conn, uint8_t from);
void pending_dispute(struct correlate *c, struct connection *conn, uint8_t from, uint32_t seq,
                     uint32_t end_seq);
/* The next request of the same AndX chain, or NULL. */
struct pending *pending_chain_next(const struct correlate *c, const struct pending *p);

static inline struct pending *pending_at(const struct correlate *c, uint32_t index) {
    return index ? (struct pending *)(void *)c->pending.slots + (index - 1) : NULL;
}

/* requests.c, replies.c */
void request_seen(struct correlate *c, struct connection *conn, const struct sbl_message *message,
                  const struct sbl_observation *seen);
void reply_seen(struct correlate *c, struct connection *conn, const struct sbl_message *message,
                const struct sbl_observation *seen);
extern const struct command smb1_commands[256], smb2_commands[32];
/* What a command is, by what was seen of it. The tables say by command alone. */
static inline struct command command_of(const struct sbl_observation *seen) {
    const struct sbl_smb_head *head = &seen->head;
    if (seen->kind == SBL_SAW_OPEN_REQUEST)
        return (struct command){WHAT_OPEN, seen->open.command};
    if (seen->kind == SBL_SAW_DFS_REFERRAL_REQUEST)
        return (struct command){WHAT_REFERRAL, 0};
    const uint32_t nothing = 1u << SBL_SAW_CLOSE_REQUEST | 1u << SBL_SAW_LOGOFF_REQUEST |
                             1u << SBL_SAW_TREE_DISCONNECT_REQUEST | 1u << SBL_SAW_ENCRYPTED |
                             1u << SBL_SAW_COMPRESSED | 1u << SBL_SAW_NTLMSSP |
                             1u << SBL_SAW_NAME_CLAIM;
    if (nothing >> seen->kind & 1)
        return (struct command){WHAT_NONE, 0};
    if (head->version == 2 && head->command < 32)
        return smb2_commands[head->command];
    if (head->version == 1 && head->command < 256)
        return smb1_commands[head->command];
    return (struct command){WHAT_NONE, 0};
}

/* Whether the requests of the other side went on, with this message, behind what a reply had
 * acknowledged: its own request can no longer come. */
static inline bool answer_is_overtaken(const struct answer *answer,
                                       const struct sbl_message *message) {
    return message->from != answer->from && answer->ack && !seq_before(message->seq, answer->ack);
}

/* early.c */
void early_keep(struct correlate *c, struct connection *conn, const struct answer *answer,
                enum what what, uint8_t open_command);
bool early_take(struct correlate *c, struct connection *conn, const struct ask *ask,
                struct answer *answer);
/* Gives up what waited too long; with `all`, everything. */
void early_age(struct correlate *c, struct connection *conn, bool all);
/* Gives up the replies that this request overtakes, so that they are told in their order. */
void early_overtaken(struct correlate *c, struct connection *conn,
                     const struct sbl_message *message);

/* exchange.c */
void exchange_request(struct correlate *c, struct connection *conn,
                      const struct sbl_message *message, const struct sbl_observation *seen);

void exchange_reply(struct correlate *c, struct connection *conn, struct pending *p,
                    const struct answer *answer, const struct sbl_observation *seen);
void exchange_share(struct correlate *c, struct exchange *ex, struct sbl_text share);
/* Ends an exchange that will not be finished and tells it as half seen. */
void exchange_abandon(struct correlate *c, struct connection *conn, struct exchange *ex,
                      enum sbl_reason reason);
/* Ends all exchanges of a connection that is over. Where Kerberos refused and the client left it at
 * that, it is told as refused; not when our own cap ends it, as it may go on. */
void exchange_close_all(struct correlate *c, struct connection *conn, enum sbl_close how,
                        enum sbl_reason reason);
/* Whether the server's last word was a KRB-ERROR, asking for more. */
bool exchange_failed_in_kerberos(const struct exchange *ex);
void exchange_age(struct correlate *c, struct connection *conn, bool all);
void exchange_overtaken(struct correlate *c, struct connection *conn,
                        const struct sbl_message *message);
void exchange_dispute(struct correlate *c, struct connection *conn, uint8_t from, uint32_t seq,
                      uint32_t end_seq);

static inline struct exchange *exchange_at(const struct correlate *c, uint32_t index) {
    return index ? (struct exchange *)(void *)c->exchanges.slots + (index - 1) : NULL;
}

/* absorb.c: what one message adds to an exchange. */
void absorb_ask(struct correlate *c, const struct connection *conn, struct exchange *ex,
                const struct ask *ask, const struct sbl_observation *seen);
void absorb_answer(struct correlate *c, struct connection *conn, struct exchange *ex,
                   const struct answer *answer, const struct sbl_observation *seen);
void absorb_name(struct correlate *c, struct exchange *ex, enum exchange_name name,
                 struct sbl_text text);
void absorb_forget(struct correlate *c, struct exchange *ex, enum exchange_name from,
                   enum exchange_name to);

/* A text of an exchange; `far` is where its pile is laid out. */
static inline struct sbl_text exchange_text(const struct correlate *c, const struct exchange *ex,
                                            const uint8_t *far, enum exchange_name which) {
    if (which >= NAME_TARGET && ex->shared)
        return shared_text(&c->sharing, ex->shared, which - NAME_TARGET);
    if (!(ex->named >> which & 1))
        return (struct sbl_text){0};
    struct name name = ex->names[which];
    if (name.at & NAME_IS_NEAR) {
        name.at &= ~NAME_IS_NEAR;
        far = ex->texts;
    }
    return name_text(name, far);
}

/* verdict.c: an exchange as an attempt, told. */
void verdict_tell(struct correlate *c, struct connection *conn, struct exchange *ex,
                  enum sbl_half half, enum sbl_reason reason);

/* sessions.c */
void session_grant(struct correlate *c, struct connection *conn, const struct exchange *ex);
void session_forget(struct correlate *c, struct connection *conn, struct session *session);
struct session *session_look_up(struct correlate *c, struct connection *conn, uint8_t version,
                                uint64_t session_id);
/* The session that a connection used last is most often the one that it uses next. */
static inline struct session *session_find(struct correlate *c, struct connection *conn,
                                           uint8_t version, uint64_t session_id) {
    struct session *session = (struct session *)(void *)conn->sessions;
    if (!session || (session->id == session_id && session->version == version)) {
        if (session)
            table_use(&c->sessions, session);
        return session;
    }
    return session_look_up(c, conn, version, session_id);
}

/* trees.c: shares and files by the ids that stand for them. */
void owned_link(struct owned **newest, struct owned *owned);
void owned_unlink(struct owned **newest, struct owned *owned);
/* Makes one of a connection's the first of its list. */
static inline void owned_use(struct owned **newest, struct owned *owned) {
    if (*newest == owned)
        return;
    owned_unlink(newest, owned);
    owned_link(newest, owned);
}
void owned_forget_all(struct correlate *c, struct connection *conn);
void tree_grant(struct correlate *c, struct connection *conn, const struct answer *answer,
                struct sbl_text share);
void tree_forget(struct correlate *c, struct connection *conn, const struct answer *answer);
/* The tree of a command whose session was looked up already (SMB2: NULL when it is not known). */
struct tree *tree_find_under(struct correlate *c, struct connection *conn,
                             const struct session *session, const struct sbl_finding *finding);
/* A fresh entry for a file id; one that was there is forgotten. */
struct file *file_take(struct correlate *c, struct connection *conn, const uint64_t file_id[2]);
struct file *file_find(struct correlate *c, const struct connection *conn,
                       const uint64_t file_id[2]);
void file_forget(struct correlate *c, const struct connection *conn, const uint64_t file_id[2]);
bool file_forget_oldest(struct correlate *c);

/* opens.c */
void open_request(struct correlate *c, struct connection *conn, struct pending *p,
                  const struct sbl_observation *seen);
void close_request(struct correlate *c, const struct connection *conn,
                   const struct sbl_message *message, const struct sbl_observation *seen);
/* Keeps the path of an open that was granted. */
void file_grant(struct correlate *c, struct connection *conn, const struct pending *p,
                const uint64_t file_id[2]);
/* Tells (or counts as noise) that a command was refused; p is NULL when its request is unknown. */
void refuse(struct correlate *c, struct connection *conn, const struct pending *p,
            struct command command, const struct answer *answer);

/* Tells that a share was connected. */
void tree_tell_grant(struct correlate *c, struct connection *conn, const struct pending *p,
                     const struct answer *answer);

/* evidence.c: what all findings have. finding_begin empties the finding, but for the frames of its
 * evidence, which count only as far as frame_count says. */
void finding_begin(struct correlate *c, const struct connection *conn, struct sbl_finding *finding);
void finding_answer(struct sbl_finding *finding, const struct answer *answer);
void finding_ask(struct sbl_finding *finding, const struct ask *ask);
/* Whose session it is; what is known of it is returned. */
struct session *finding_session(struct correlate *c, struct connection *conn,
                                struct sbl_finding *finding);

/* The bytes of a pile in one piece until the next finding_begin. What is short stays where it lies:
 * nothing else may drop the pile meanwhile, so files, which keep() drops, are copied out. */
const uint8_t *copy_out(struct correlate *c, const struct pile *pile);
static inline const uint8_t *lay_out(struct correlate *c, const struct pile *pile) {
    const uint8_t *bytes = names_in_place(&c->names, pile);
    return bytes ? bytes : copy_out(c, pile);
}
/* The bytes of an exchange's pile, when it has one. */
static inline const uint8_t *exchange_far(struct correlate *c, const struct exchange *ex) {
    return ex->has_pile ? lay_out(c, &ex->pile) : NULL;
}

/* The name that came with a request. */
static inline struct sbl_text pending_text(struct correlate *c, const struct pending *p) {
    struct name name = p->name;
    if (!(name.at & NAME_IS_NEAR))
        return name_text(name, lay_out(c, &p->pile));
    name.at &= ~NAME_IS_NEAR;
    return name_text(name, p->text);
}

/* What a challenge is known by: equal for equal ones, 0 for none, and no way back to it. */
uint64_t challenge_mark_of(const struct correlate *c, uint64_t challenge);
/* Keeps a text; when the store is full, forgets the oldest files for it; else the text is lost and
 * the cap's hit counted. */
void keep_hard(struct correlate *c, struct pile *pile, struct sbl_text text, struct name *kept);
static inline void keep(struct correlate *c, struct pile *pile, struct sbl_text text,
                        struct name *kept) {
    if (!names_keep(&c->names, pile, text, kept))
        keep_hard(c, pile, text, kept);
}

static inline void pending_name(struct correlate *c, struct pending *p,
                                const struct sbl_text *text) {
    if (text->size > PENDING_TEXT_BYTES || !sbl_text_is_present(*text)) {
        keep(c, &p->pile, *text, &p->name);
        return;
    }
    if (text->size > 64)
        memcpy(p->text + 64, text->bytes + 64, text->size - 64);
    names_copy_short(p->text, text->bytes, text->size < 64 ? text->size : 64);
    p->name = (struct name){.at = NAME_IS_NEAR,
                            .size = (uint16_t)text->size,
                            .encoding = text->encoding,
                            .is_cut = text->is_cut};
}

#endif
