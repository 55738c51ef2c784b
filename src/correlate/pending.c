/* Requests that wait for their reply.
 *
 * A connection keeps them in the order they came. Nearly always the reply is for one of the oldest
 * few, so those are simply looked at; a request that comes when as many already wait is also
 * hashed, and as requests only move towards the old end, every one is found either way. Repeats of
 * an id are answered first come, first served.
 *
 * A reply cannot answer a request that its sender had not received: its TCP acknowledgement must
 * cover the request. After a gap the reply of an old request may have been lost, so a new request
 * with the same id replaces it, and a reply to a newer one ends the waiting of old session setups.
 */
#include "base/hash.h"
#include "correlate/state.h"

static uint32_t bucket_of(const struct correlate *c, uint32_t connection, uint64_t message_id) {
    uint64_t key[2] = {message_id, connection};
    return (uint32_t)hash_bytes(key, sizeof key, c->seed) & (PENDING_BUCKETS - 1);
}

static void hash_add(struct correlate *c, struct pending *p) {
    uint32_t *link = &c->pending_buckets[bucket_of(c, p->connection, p->ask.message_id)];
    p->hash_next = *link;
    *link = pool_index(&c->pending, p);
    p->is_hashed = true;
}

static void hash_remove(struct correlate *c, const struct pending *p) {
    uint32_t *link = &c->pending_buckets[bucket_of(c, p->connection, p->ask.message_id)];
    while (pending_at(c, *link) != p)
        link = &pending_at(c, *link)->hash_next;
    *link = p->hash_next;
}

static void link_newest(struct correlate *c, struct connection *conn, struct pending *p,
                        uint32_t index) {
    p->older = conn->pending_newest;
    *(p->older ? &pending_at(c, p->older)->newer : &conn->pending_oldest) = index;
    conn->pending_newest = index;
}

/* Returns the index of what is unlinked. */
static uint32_t unlink_one(struct correlate *c, struct connection *conn, const struct pending *p) {
    uint32_t *to = p->older ? &pending_at(c, p->older)->newer : &conn->pending_oldest;
    uint32_t index = *to;
    *to = p->newer;
    *(p->newer ? &pending_at(c, p->newer)->older : &conn->pending_newest) = p->older;
    return index;
}

static bool is_same_id(const struct pending *p, const struct sbl_message *message,
                       const struct sbl_smb_head *head) {
    return p->ask.message_id == head->message_id && p->ask.command == head->command &&
           p->ask.version == head->version && p->ask.from == message->from;
}

/* Whether a client that uses an id again has got the reply to the one before: it came in a gap, or,
 * by what the client acknowledges since, before the first byte that we have of the server. SMB2 ids
 * are not used again. */
static bool has_got_reply(const struct pending *p, uint32_t ack) {
    return p->is_before_gap ||
           (p->ask.version == 1 && p->ask.ack && ack && seq_before(p->ask.ack, ack));
}

/* The same id again means that the old one's reply was among what is missing. */
static void replace_lost(struct correlate *c, struct connection *conn,
                         const struct sbl_message *message, const struct sbl_smb_head *head) {
    for (uint32_t index = conn->pending_oldest, looked = 0; index && looked < PENDING_UNHASHED;
         looked++) {
        struct pending *p = pending_at(c, index);
        if (is_same_id(p, message, head) && has_got_reply(p, message->ack)) {
            pending_abandon(c, p, SBL_REASON_UNKNOWN);
            return;
        }
        index = p->newer;
    }
}

/* Who makes room when all slots are in use: of a sample the one that waits longest, session setups
 * last. A list of all by age would cost every request and every reply two cache lines of others. */
static struct pending *long_waiting(struct correlate *c) {
    struct pending *oldest = NULL;
    for (unsigned i = 0; i < EVICTION_SAMPLE; i++) {
        c->pending_hand = c->pending_hand % c->pending.touched + 1;
        struct pending *p = pending_at(c, c->pending_hand);
        bool is_setup = p->what == WHAT_SETUP;
        bool was_setup = oldest && oldest->what == WHAT_SETUP;
        if (!oldest || is_setup < was_setup || (is_setup == was_setup && p->order < oldest->order))
            oldest = p;
    }
    return oldest;
}

/* Field by field: zeroing the two lines by the block costs more than the rest of taking. */
static void begin(struct pending *p, const struct sbl_message *message,
                  const struct sbl_smb_head *head) {
    static const struct name absent;
    p->ask = ask_of(message, head);
    p->newer = p->hash_next = 0;
    p->pile = (struct pile){0};
    p->name = p->directory = absent;
    p->open_command = 0;
    p->is_hashed = p->is_disputed = p->is_before_gap = false;
    p->keeps_file = p->is_below_unknown = false;
}

struct pending *pending_take(struct correlate *c, struct connection *conn, enum what what,
                             const struct sbl_message *message, const struct sbl_smb_head *head) {
    if (conn->pending_oldest)
        replace_lost(c, conn, message, head);
    if (conn->pending_count == c->caps.pending_per_connection) {
        c->stats->cap_hits[SBL_LIMIT_PENDING_PER_CONNECTION]++;
        pending_abandon(c, pending_at(c, conn->pending_oldest), SBL_REASON_UNKNOWN);
    }
    uint32_t index = pool_take_unwiped(&c->pending);
    if (!index) {
        c->stats->cap_hits[SBL_LIMIT_PENDING]++;
        pending_abandon(c, long_waiting(c), SBL_REASON_UNKNOWN);
        index = pool_take_unwiped(&c->pending);
    }
    struct pending *p = pending_at(c, index);
    begin(p, message, head);
    p->order = ++c->next_order;
    p->connection = conn->slot;
    p->what = (uint8_t)what;
    link_newest(c, conn, p, index);
    if (conn->pending_count++ >= PENDING_UNHASHED)
        hash_add(c, p);
    return p;
}

/* SMB1 ids are used again, by some clients for every request. When the reply to this one may be
 * lost, a reply that acknowledges more than this request may be for a later one that was not
 * captured, and would give somebody else's status to these names. */
static bool is_in_doubt(const struct pending *p, const struct answer *answer) {
    return p->ask.version == 1 && p->is_before_gap && answer->ack != p->ask.end_seq;
}

/* An acknowledgement of 0 is one that was not there. */
static bool can_answer(const struct pending *p, const struct answer *answer) {
    return !is_in_doubt(p, answer) && p->ask.message_id == answer->message_id &&
           p->ask.command == answer->command && p->ask.version == answer->version &&
           p->ask.from != answer->from &&
           (answer->ack == 0 || !seq_before(answer->ack, p->ask.end_seq));
}

static struct pending *find_hashed(struct correlate *c, const struct connection *conn,
                                   const struct answer *answer) {
    uint32_t connection = conn->slot;
    struct pending *oldest = NULL;
    for (uint32_t index = c->pending_buckets[bucket_of(c, connection, answer->message_id)]; index;
         index = pending_at(c, index)->hash_next) {
        struct pending *p = pending_at(c, index);
        if (p->connection == connection && can_answer(p, answer) &&
            (!oldest || p->order < oldest->order))
            oldest = p;
    }
    return oldest;
}

/* Session setups from before a gap whose reply must have been lost in it. */
static void abandon_older_setups(struct correlate *c, struct connection *conn, uint64_t order) {
    for (uint32_t index = conn->pending_oldest, newer; index; index = newer) {
        struct pending *p = pending_at(c, index);
        newer = p->newer;
        if (!p->is_before_gap || p->order > order)
            break;
        if (p->what == WHAT_SETUP)
            pending_abandon(c, p, SBL_REASON_UNKNOWN);
    }
}

struct pending *pending_find(struct correlate *c, struct connection *conn,
                             const struct answer *answer) {
    struct pending *found = NULL;
    uint32_t index = conn->pending_oldest;
    for (unsigned looked = 0; index && looked < PENDING_UNHASHED && !found; looked++) {
        struct pending *p = pending_at(c, index);
        if (can_answer(p, answer))
            found = p;
        index = p->newer;
    }
    if (!found && index)
        found = find_hashed(c, conn, answer);
    if (found && conn->has_gap && !found->is_before_gap) {
        abandon_older_setups(c, conn, found->order);
        conn->has_gap = conn->pending_oldest && pending_at(c, conn->pending_oldest)->is_before_gap;
    }
    return found;
}

void pending_give(struct correlate *c, struct pending *p) {
    struct connection *conn = connection_at(c, p->connection);
    if (p->is_hashed)
        hash_remove(c, p);
    uint32_t index = unlink_one(c, conn, p);
    if (conn->compound_create == index)
        conn->compound_create = 0;
    conn->pending_count--;
    names_drop(&c->names, &p->pile);
    pool_give(&c->pending, index);
}

void pending_abandon(struct correlate *c, struct pending *p, enum sbl_reason reason) {
    struct connection *conn = connection_at(c, p->connection);
    struct exchange *ex = p->what == WHAT_SETUP ? exchange_at(c, p->exchange) : NULL;
    c->stats->requests_unanswered++;
    pending_give(c, p);
    if (ex) {
        ex->pending = 0;
        exchange_abandon(c, conn, ex, reason);
    }
}

struct pending *pending_chain_next(const struct correlate *c, const struct pending *p) {
    struct pending *next = pending_at(c, p->newer);
    bool is_same = next && next->ask.version == 1 && p->ask.version == 1 &&
                   next->ask.seq == p->ask.seq && next->ask.from == p->ask.from &&
                   next->ask.message_id == p->ask.message_id &&
                   next->ask.chain_position > p->ask.chain_position;
    return is_same ? next : NULL;
}

void pending_gap(struct correlate *c, struct connection *conn, uint8_t from) {
    early_age(c, conn, true);
    exchange_age(c, conn, true);
    for (uint32_t index = conn->pending_newest; index; index = pending_at(c, index)->older) {
        struct pending *p = pending_at(c, index);
        if (p->is_before_gap)
            break;
        p->is_before_gap = p->ask.from != from;
        conn->has_gap |= p->is_before_gap;
    }
}

void pending_dispute(struct correlate *c, struct connection *conn, uint8_t from, uint32_t seq,
                     uint32_t end_seq) {
    for (uint32_t index = conn->pending_oldest; index; index = pending_at(c, index)->newer) {
        struct pending *p = pending_at(c, index);
        if (p->ask.from != from || !seq_before(p->ask.seq, end_seq) ||
            !seq_before(seq, p->ask.end_seq))
            continue;
        p->is_disputed = true;
        names_drop(&c->names, &p->pile);
        p->name = (struct name){0};
        if (p->what != WHAT_SETUP)
            p->directory = (struct name){0};
    }
    exchange_dispute(c, conn, from, seq, end_seq);
}
