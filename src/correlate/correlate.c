/* The room's face: memory at the start, and the four events of stream. A message is read
 * observation by observation; greetings (NBSS, negotiate) and encryption are dealt with here,
 * commands go on as request or reply. A connection's state is taken at the first observation that
 * is worth remembering, so bulk traffic of a conversation without one costs a look. */
#include "correlate/correlate.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "correlate/state.h"

enum {
    SCRATCH_BYTES = 8 * NAMES_PILE_BYTES,
    SHARED_SLOTS = 4096,
    CONNECTION_USUAL_BYTES = 128, /* what messages after the greeting need of a connection */
    EXCHANGE_USUAL_BYTES = offsetof(struct exchange, frames) + 4 * sizeof(uint64_t),
};

_Static_assert(offsetof(struct connection, client_guid) == CONNECTION_USUAL_BYTES, "two lines");

static struct correlate_caps caps_of(const struct sbl_limits *limits) {
    return (struct correlate_caps){
        .connections = sbl_limit_of(limits, SBL_LIMIT_CONNECTIONS),
        .sessions = sbl_limit_of(limits, SBL_LIMIT_SESSIONS),
        .trees = sbl_limit_of(limits, SBL_LIMIT_TREES),
        .files = sbl_limit_of(limits, SBL_LIMIT_FILES),
        .pending = sbl_limit_of(limits, SBL_LIMIT_PENDING),
        .exchanges = sbl_limit_of(limits, SBL_LIMIT_ATTEMPTS),
        .early = sbl_limit_of(limits, SBL_LIMIT_EARLY_REPLIES),
        .pending_per_connection = sbl_limit_of(limits, SBL_LIMIT_PENDING_PER_CONNECTION),
        .exchanges_per_connection = sbl_limit_of(limits, SBL_LIMIT_ATTEMPTS_PER_CONNECTION),
        .early_per_connection = 16,
        .shared = SHARED_SLOTS,
        .name_bytes = sbl_limit_of(limits, SBL_LIMIT_NAME_BYTES),
    };
}

/* Keys: sessions by id, serial and version; trees by session id, serial and tree id; files by the
 * two halves of the id, serial and nothing; channels by session id and a hash of the two hosts. */
enum { SESSION_KEY = 16, TREE_KEY = 16, FILE_KEY = 24, CHANNEL_KEY = 16 };

static int tables_init(struct correlate *c, const struct correlate_caps *caps) {
    if (table_init(&c->sessions, caps->sessions, SESSION_KEY, sizeof(struct session)) ||
        table_init(&c->trees, caps->trees, TREE_KEY, sizeof(struct tree)) ||
        table_init(&c->files, caps->files, FILE_KEY, sizeof(struct file)) ||
        table_init(&c->channels, caps->sessions, CHANNEL_KEY, sizeof(uint32_t) * 2))
        return -ENOMEM;
    return 0;
}

static size_t reach_bytes(const struct correlate_caps *caps) {
    return (caps->connections + 1) * sizeof(struct reach);
}

static int pools_init(struct correlate *c, const struct correlate_caps *caps) {
    if (pool_init(&c->connections, caps->connections, sizeof(struct connection)) ||
        pool_init(&c->pending, caps->pending, sizeof(struct pending)) ||
        pool_init(&c->early, caps->early, sizeof(struct early)) ||
        pool_init(&c->exchanges, caps->exchanges, sizeof(struct exchange)) ||
        names_init(&c->names, caps->name_bytes) || sharing_init(&c->sharing, caps->shared))
        return -ENOMEM;
    c->pending_buckets = pages_reserve(PENDING_BUCKETS * sizeof *c->pending_buckets);
    c->scratch = pages_reserve(SCRATCH_BYTES);
    c->reach = pages_reserve(reach_bytes(caps));
    return c->pending_buckets && c->scratch && c->reach ? 0 : -ENOMEM;
}

int correlate_new_with(struct correlate **correlate, const struct correlate_listener *listener,
                       struct sbl_stats *stats, const struct correlate_caps *caps) {
    *correlate = NULL;
    struct correlate *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    c->listener = *listener;
    c->stats = stats;
    c->caps = *caps;
    c->seed = listener->seed ? listener->seed : hash_seed();
    if (tables_init(c, caps) || pools_init(c, caps)) {
        correlate_free(c);
        return -ENOMEM;
    }
    table_relax(&c->sessions);
    table_relax(&c->trees);
    *correlate = c;
    return 0;
}

int correlate_new(struct correlate **correlate, const struct correlate_listener *listener,
                  struct sbl_stats *stats, const struct sbl_limits *limits) {
    const struct correlate_caps caps = caps_of(limits);
    return correlate_new_with(correlate, listener, stats, &caps);
}

static size_t correlate_bytes(const struct correlate_caps *caps) {
    return table_bytes(caps->sessions, SESSION_KEY, sizeof(struct session)) +
           table_bytes(caps->trees, TREE_KEY, sizeof(struct tree)) +
           table_bytes(caps->files, FILE_KEY, sizeof(struct file)) +
           table_bytes(caps->sessions, CHANNEL_KEY, sizeof(uint32_t) * 2) +
           caps->connections * sizeof(struct connection) + caps->pending * sizeof(struct pending) +
           caps->early * sizeof(struct early) + caps->exchanges * sizeof(struct exchange) +
           caps->name_bytes + PENDING_BUCKETS * sizeof(uint32_t) + SCRATCH_BYTES +
           reach_bytes(caps) + sizeof(struct correlate);
}

size_t correlate_ceiling(const struct sbl_limits *limits) {
    const struct correlate_caps caps = caps_of(limits);
    return correlate_bytes(&caps);
}

void correlate_free(struct correlate *c) {
    if (!c)
        return;
    table_fini(&c->sessions);
    table_fini(&c->trees);
    table_fini(&c->files);
    table_fini(&c->channels);
    pool_fini(&c->connections);
    pool_fini(&c->pending);
    pool_fini(&c->early);
    pool_fini(&c->exchanges);
    names_fini(&c->names);
    pages_free(c->pending_buckets, PENDING_BUCKETS * sizeof *c->pending_buckets);
    pages_free(c->scratch, SCRATCH_BYTES);
    pages_free(c->reach, reach_bytes(&c->caps));
    sharing_fini(&c->sharing);
    free(c);
}

const uint8_t *copy_out(struct correlate *c, const struct pile *pile) {
    if (pile->size > SCRATCH_BYTES - c->scratch_used)
        c->scratch_used = 0; /* cannot be: eight piles are more than any finding has */
    uint8_t *start = c->scratch + c->scratch_used;
    names_read(&c->names, pile, start);
    c->scratch_used += pile->size;
    return start;
}

void keep_hard(struct correlate *c, struct pile *pile, struct sbl_text text, struct name *kept) {
    bool is_kept = false;
    for (unsigned tries = 0; !is_kept && tries < 64 && file_forget_oldest(c); tries++)
        is_kept = names_keep(&c->names, pile, text, kept);
    if (!is_kept)
        c->stats->cap_hits[SBL_LIMIT_NAME_BYTES]++;
}

/* What makes a connection worth remembering. */
static bool is_worth_state(const struct sbl_observation *seen) {
    return seen->kind == SBL_SAW_NBSS || seen->kind == SBL_SAW_NEGOTIATE_REQUEST ||
           seen->kind == SBL_SAW_NEGOTIATE_RESPONSE || command_of(seen).what != WHAT_NONE;
}

/* What is inside a transform cannot be seen: the session is encrypted, and what it asked in clear
 * may have been answered in there. */
static void encrypted_seen(struct correlate *c, struct connection *conn,
                           const struct sbl_message *message, const struct sbl_smb_head *head) {
    struct session *session = session_find(c, conn, 2, head->session_id);
    if (session)
        session->is_encrypted = true;
    for (uint32_t index = conn->pending_oldest, newer; index; index = newer) {
        struct pending *p = pending_at(c, index);
        newer = p->newer;
        if (p->what != WHAT_SETUP && p->ask.from != message->from &&
            p->ask.session_id == head->session_id && !seq_before(message->ack, p->ask.end_seq))
            pending_give(c, p);
    }
}

static void observation_seen(struct correlate *c, struct connection *conn,
                             const struct sbl_message *message,
                             const struct sbl_observation *seen) {
    switch (seen->kind) {
    case SBL_SAW_NBSS:
    case SBL_SAW_NEGOTIATE_REQUEST:
    case SBL_SAW_NEGOTIATE_RESPONSE:
        conn_greeting(c, conn, seen);
        break;
    case SBL_SAW_ENCRYPTED:
        encrypted_seen(c, conn, message, &seen->head);
        break;
    case SBL_SAW_COMPRESSED:
    case SBL_SAW_NTLMSSP:
    case SBL_SAW_NAME_CLAIM:
        break;
    case SBL_SAW_OTHER:
    case SBL_SAW_SESSION_SETUP_REQUEST:
    case SBL_SAW_SESSION_SETUP_RESPONSE:
    case SBL_SAW_TREE_CONNECT_REQUEST:
    case SBL_SAW_TREE_CONNECT_RESPONSE:
    case SBL_SAW_OPEN_REQUEST:
    case SBL_SAW_OPEN_RESPONSE:
    case SBL_SAW_LOGOFF_REQUEST:
    case SBL_SAW_TREE_DISCONNECT_REQUEST:
    case SBL_SAW_CLOSE_REQUEST:
    case SBL_SAW_DFS_REFERRAL_REQUEST:
    case SBL_OBSERVATION_KIND_COUNT:
        if (seen->head.is_response)
            reply_seen(c, conn, message, seen);
        else
            request_seen(c, conn, message, seen);
        break;
    }
}

static bool is_reordered(const struct connection *conn) {
    return (conn->early_count | conn->waiting_count) != 0;
}

static uint32_t line_of(const struct table *table, const struct owned *owned) {
    return owned ? (uint32_t)((size_t)((const uint8_t *)owned - table->entries.slots) / 64) : 0;
}

static void note_reach(struct correlate *c, const struct connection *conn) {
    struct reach *reach = &c->reach[conn->slot];
    const struct exchange *ex = exchange_at(c, conn->exchange_newest);
    reach->pending = conn->pending_oldest;
    reach->exchange = conn->exchange_newest | (ex && ex->named ? REACH_TEXTS : 0);
    if (conn->sessions) {
        reach->session = line_of(&c->sessions, conn->sessions);
        reach->tree = line_of(&c->trees, conn->trees);
    }
}

static void on_message(void *context, struct sbl_conversation *conversation,
                       const struct sbl_message *message) {
    struct correlate *c = context;
    struct connection *conn = connection_at(c, conversation->correlate_slot);
    const struct sbl_report *report = message->report;
    if (conn && is_reordered(conn)) {
        early_overtaken(c, conn, message);
        exchange_overtaken(c, conn, message);
    }
    for (uint32_t i = 0; i < report->count; i++) {
        const struct sbl_observation *seen = &report->observations[i];
        if (!conn && is_worth_state(seen))
            conn = conn_take(c, conversation);
        c->scratch_used = 0;
        if (conn)
            observation_seen(c, conn, message, seen);
    }
    if (!conn)
        return;
    note_reach(c, conn);
    conn->was_used = true;
    conn->message_count++;
    if (is_reordered(conn)) {
        early_age(c, conn, false);
        exchange_age(c, conn, false);
    }
}

static void on_gap(void *context, struct sbl_conversation *conversation, uint8_t from,
                   int64_t time_ns) {
    (void)time_ns;
    struct correlate *c = context;
    struct connection *conn = connection_at(c, conversation->correlate_slot);
    c->scratch_used = 0;
    if (conn)
        pending_gap(c, conn, from);
}

static void on_dispute(void *context, struct sbl_conversation *conversation, uint8_t from,
                       uint32_t seq, uint32_t end_seq) {
    struct correlate *c = context;
    struct connection *conn = connection_at(c, conversation->correlate_slot);
    if (conn)
        pending_dispute(c, conn, from, seq, end_seq);
}

static void on_close(void *context, struct sbl_conversation *conversation, enum sbl_close how,
                     int64_t time_ns) {
    (void)time_ns;
    struct correlate *c = context;
    struct connection *conn = connection_at(c, conversation->correlate_slot);
    if (conn)
        conn_close(c, conn, how);
}

/* A compiler that finds nothing but this in a function takes it for one without effect and drops
 * its calls: so the three below are inlined by force. */
#define ALWAYS_INLINE static inline __attribute__((always_inline)) void

ALWAYS_INLINE fetch_ahead(const void *start, size_t bytes) {
    for (size_t at = 0; at < bytes; at += 64)
        __builtin_prefetch((const uint8_t *)start + at, 1);
}

/* What hangs on a connection: the request that a reply is for, the logon it goes on with, the
 * session and the share of a command. */
ALWAYS_INLINE expect_owned(const struct correlate *c, const struct reach *reach) {
    if (reach->pending) /* that of a logon has no text of its own */
        fetch_ahead(pending_at(c, reach->pending),
                    reach->exchange ? offsetof(struct pending, text) : sizeof(struct pending));
    if (reach->exchange)
        fetch_ahead(exchange_at(c, reach->exchange & ~REACH_TEXTS), EXCHANGE_USUAL_BYTES);
    if (reach->exchange & REACH_TEXTS)
        fetch_ahead(exchange_at(c, reach->exchange & ~REACH_TEXTS)->names,
                    sizeof(struct exchange) - offsetof(struct exchange, names));
    if (reach->session)
        fetch_ahead(c->sessions.entries.slots + (size_t)reach->session * 64, 128);
    if (reach->tree)
        fetch_ahead(c->trees.entries.slots + (size_t)reach->tree * 64, 64);
}

/* With 20,000 connections alive each of these lines comes from main memory: 15 % of the time of a
 * storm, when they are waited for one after the other. Nothing is waited for here: `reach` says for
 * all of them where they are, and is small enough to stay at hand. */
static void on_expect(void *context, const struct sbl_conversation *const *conversations,
                      size_t count) {
    const struct correlate *c = context;
    for (size_t i = 0; i < count; i++) {
        uint32_t slot = conversations[i]->correlate_slot;
        if (!slot)
            continue;
        fetch_ahead(connection_at(c, slot), CONNECTION_USUAL_BYTES);
        expect_owned(c, &c->reach[slot]);
    }
}

void correlate_events(struct correlate *correlate, struct sbl_stream_events *events) {
    *events = (struct sbl_stream_events){.context = correlate,
                                         .message = on_message,
                                         .gap = on_gap,
                                         .dispute = on_dispute,
                                         .close = on_close,
                                         .expect = on_expect};
}
