/* Session setups, round by round. One exchange is one attempt, however many rounds it takes, and it
 * is known by connection and session id: SMB2 and extended security give the id in the first reply
 * that asks for more, and several exchanges of one connection may be interleaved.
 *
 *   request -> ASKED -> more processing required -> ANSWERED -> request -> ASKED ... -> told
 *
 * A reply that comes before its request (EARLY when it is final) waits a few messages for it. What
 * is cut off is told as half seen. */
#include <stddef.h>
#include <string.h>

#include "correlate/state.h"

static void link_newest(struct correlate *c, struct connection *conn, struct exchange *ex) {
    uint32_t index = pool_index(&c->exchanges, ex);
    ex->older = conn->exchange_newest;
    *(ex->older ? &exchange_at(c, ex->older)->newer : &conn->exchange_oldest) = index;
    conn->exchange_newest = index;
    conn->exchange_count++;
    conn->conversation->has_attempt = true;
}

static void unlink_one(struct correlate *c, struct connection *conn, const struct exchange *ex) {
    *(ex->older ? &exchange_at(c, ex->older)->newer : &conn->exchange_oldest) = ex->newer;
    *(ex->newer ? &exchange_at(c, ex->newer)->older : &conn->exchange_newest) = ex->older;
    conn->exchange_count--;
    conn->conversation->has_attempt = conn->exchange_count > 0;
}

static bool is_waiting(const struct exchange *ex) {
    return ex->state == EXCHANGE_EARLY || ex->awaits_request;
}

static void drop(struct correlate *c, struct connection *conn, struct exchange *ex) {
    if (ex->pending)
        pending_give(c, pending_at(c, ex->pending));
    if (is_waiting(ex))
        conn->waiting_count--;
    unlink_one(c, conn, ex);
    if (ex->has_pile)
        names_drop(&c->names, &ex->pile);
    shared_give(&c->sharing, &ex->shared);
    pool_give(&c->exchanges, pool_index(&c->exchanges, ex));
}

/* As for requests: of a sample the one that was begun first. */
static struct exchange *long_open(struct correlate *c) {
    struct exchange *oldest = NULL;
    for (unsigned i = 0; i < EVICTION_SAMPLE; i++) {
        c->exchange_hand = c->exchange_hand % c->exchanges.touched + 1;
        struct exchange *ex = exchange_at(c, c->exchange_hand);
        if (!oldest || ex->order < oldest->order)
            oldest = ex;
    }
    return oldest;
}

static struct exchange *take(struct correlate *c, struct connection *conn, uint8_t version,
                             uint64_t session_id) {
    if (conn->exchange_count == c->caps.exchanges_per_connection) {
        c->stats->cap_hits[SBL_LIMIT_ATTEMPTS_PER_CONNECTION]++;
        exchange_abandon(c, conn, exchange_at(c, conn->exchange_oldest), SBL_REASON_UNKNOWN);
    }
    uint32_t index = pool_take_unwiped(&c->exchanges);
    if (!index) {
        struct exchange *eldest = long_open(c);
        c->stats->cap_hits[SBL_LIMIT_ATTEMPTS]++;
        exchange_abandon(c, connection_at(c, eldest->connection), eldest, SBL_REASON_UNKNOWN);
        index = pool_take_unwiped(&c->exchanges);
    }
    memset(exchange_at(c, index), 0, offsetof(struct exchange, ask));
    struct exchange *ex = exchange_at(c, index);
    ex->order = ++c->next_order;
    ex->connection = conn->slot;
    ex->version = version;
    ex->session_id = session_id;
    link_newest(c, conn, ex);
    return ex;
}

/* An exchange whose next request this may be. SMB1 clients do not always repeat the UID, so there
 * the only open exchange is good enough for an AUTHENTICATE. */
static struct exchange *find_answered(const struct correlate *c, const struct connection *conn,
                                      uint8_t version, uint64_t session_id, bool is_authenticate) {
    struct exchange *only = NULL;
    unsigned count = 0;
    for (uint32_t index = conn->exchange_oldest; index; index = exchange_at(c, index)->newer) {
        struct exchange *ex = exchange_at(c, index);
        if (ex->state != EXCHANGE_ANSWERED || ex->version != version)
            continue;
        if (session_id && ex->session_id == session_id)
            return ex;
        only = ex;
        count++;
    }
    return version == 1 && is_authenticate && count == 1 ? only : NULL;
}

/* Whether the reply to this first round must be among what was not captured when its client goes on
 * to the AUTHENTICATE: after a gap, or as nobody can answer a challenge that he has not got. */
static bool is_unheard(const struct correlate *c, const struct exchange *ex) {
    return pending_at(c, ex->pending)->is_before_gap ||
           (ex->has_client && ex->client.message == SBL_NTLM_NEGOTIATE);
}

/* When the reply with the challenge is not there, because of a gap or because only the client's
 * packets were captured, the AUTHENTICATE goes on with what the only first round began. */
static struct exchange *find_unheard(struct correlate *c, const struct connection *conn,
                                     const struct ask *ask) {
    struct exchange *only = NULL;
    unsigned count = 0;
    for (uint32_t index = conn->exchange_oldest; index; index = exchange_at(c, index)->newer) {
        struct exchange *ex = exchange_at(c, index);
        bool is_same_session = ex->session_id == ask->session_id;
        if (ex->state != EXCHANGE_ASKED || ex->version != ask->version ||
            (ex->session_id != 0 && !is_same_session) || ex->ask.from != ask->from ||
            !is_unheard(c, ex))
            continue;
        only = ex;
        count = is_same_session ? 1 : count + 1;
        if (is_same_session)
            break; /* a second authentication, or a binding, goes on with its own session */
    }
    if (count != 1)
        return NULL;
    pending_give(c, pending_at(c, only->pending));
    only->pending = 0;
    only->session_id = ask->session_id;
    return only;
}

/* The exchange whose reply to this request came already. */
static struct exchange *find_waiting(const struct correlate *c, const struct connection *conn,
                                     const struct ask *ask) {
    for (uint32_t index = conn->exchange_oldest; index; index = exchange_at(c, index)->newer) {
        struct exchange *ex = exchange_at(c, index);
        if (is_waiting(ex) && ex->version == ask->version &&
            ex->answer.message_id == ask->message_id && ex->answer.from != ask->from &&
            !seq_before(ex->answer.ack, ask->end_seq))
            return ex;
    }
    return NULL;
}

static bool is_granted(const struct exchange *ex) {
    return !status_is_error(ex->answer.status, ex->answer.is_dos_error);
}

/* A grant gives the session its account; a failing second authentication of a session ends it. */
static void conclude(struct correlate *c, struct connection *conn, const struct exchange *ex) {
    if (is_granted(ex))
        session_grant(c, conn, ex);
    else if (ex->began_on_session)
        session_forget(c, conn, session_find(c, conn, ex->version, ex->began_on));
}

static void pair_with_reply(struct correlate *c, struct connection *conn, struct exchange *ex,
                            const struct ask *ask, const struct sbl_observation *seen) {
    absorb_ask(c, conn, ex, ask, seen);
    if (ex->state != EXCHANGE_EARLY) {
        ex->awaits_request = false;
        conn->waiting_count--;
        return;
    }
    verdict_tell(c, conn, ex, SBL_HALF_NONE, SBL_REASON_UNKNOWN);
    conclude(c, conn, ex);
    drop(c, conn, ex);
}

/* [MS-SMB2] 3.3.5.5: a session id that is in use asks for another authentication of that session.
 * In SMB1 only extended security means it so; other clients leave any UID there. */
static void begin(struct correlate *c, struct connection *conn, struct exchange *ex,
                  const struct sbl_observation *seen) {
    bool means_it = ex->version == 2 ||
                    (seen->kind == SBL_SAW_SESSION_SETUP_REQUEST && seen->session_setup.form == 12);
    ex->began_on = ex->session_id;
    ex->began_on_session = means_it && session_find(c, conn, ex->version, ex->session_id) != NULL;
}

/* The exchange that a request goes on with or begins. */
static struct exchange *exchange_of(struct correlate *c, struct connection *conn,
                                    const struct sbl_message *message,
                                    const struct sbl_observation *seen) {
    const struct sbl_smb_head *head = &seen->head;
    bool is_authenticate = seen->kind == SBL_SAW_SESSION_SETUP_REQUEST &&
                           seen->session_setup.token.ntlm.message == SBL_NTLM_AUTHENTICATE;
    struct exchange *ex = find_answered(c, conn, head->version, head->session_id, is_authenticate);
    if (!ex && is_authenticate && head->session_id) {
        struct ask ask = ask_of(message, head);
        ex = find_unheard(c, conn, &ask);
    }
    if (!ex) {
        ex = take(c, conn, head->version, head->session_id);
        begin(c, conn, ex, seen);
    }
    return ex;
}

/* The exchange whose reply came before this request, and now has it. */
static bool was_waited_for(struct correlate *c, struct connection *conn,
                           const struct sbl_message *message, const struct sbl_observation *seen) {
    struct ask ask = ask_of(message, &seen->head);
    struct exchange *ex = find_waiting(c, conn, &ask);
    if (ex)
        pair_with_reply(c, conn, ex, &ask, seen);
    return ex != NULL;
}

void exchange_request(struct correlate *c, struct connection *conn,
                      const struct sbl_message *message, const struct sbl_observation *seen) {
    if (conn->waiting_count && was_waited_for(c, conn, message, seen))
        return;
    struct exchange *ex = exchange_of(c, conn, message, seen);
    if (ex->awaits_request) {
        ex->awaits_request = false;
        conn->waiting_count--;
    }
    struct pending *p = pending_take(c, conn, WHAT_SETUP, message, &seen->head);
    p->exchange = pool_index(&c->exchanges, ex);
    ex->pending = conn->pending_newest; /* which p is */
    ex->state = EXCHANGE_ASKED;
    absorb_ask(c, conn, ex, &p->ask, seen);
}

bool exchange_failed_in_kerberos(const struct exchange *ex) {
    return ex->state == EXCHANGE_ANSWERED && ex->has_ask && !ex->awaits_request &&
           ex->kerberos_error != 0;
}

/* The client left it at what Kerberos said. */
static void refuse_in_kerberos(struct correlate *c, struct connection *conn, struct exchange *ex) {
    verdict_tell(c, conn, ex, SBL_HALF_NONE, SBL_REASON_UNKNOWN);
    drop(c, conn, ex);
}

/* A client that gets an answer to a setup begun later does not go on with those before it that
 * Kerberos refused: what it tries next it tries at once. */
static void refuse_older(struct correlate *c, struct connection *conn, const struct exchange *ex) {
    uint32_t end = pool_index(&c->exchanges, ex);
    for (uint32_t index = conn->exchange_oldest, newer; index && index != end; index = newer) {
        struct exchange *older = exchange_at(c, index);
        newer = older->newer;
        if (exchange_failed_in_kerberos(older))
            refuse_in_kerberos(c, conn, older);
    }
}

/* A reply without its request: the request may yet come, or was not captured. It may end an
 * exchange whose earlier rounds were seen. */
static void reply_alone(struct correlate *c, struct connection *conn, const struct answer *answer,
                        const struct sbl_observation *seen, bool goes_on) {
    struct exchange *ex = find_answered(c, conn, answer->version, answer->session_id, false);
    if (!ex)
        ex = take(c, conn, answer->version, answer->session_id);
    if (!is_waiting(ex))
        conn->waiting_count++;
    ex->waits_since = conn->message_count;
    ex->awaits_request = true;
    ex->state = goes_on ? EXCHANGE_ANSWERED : EXCHANGE_EARLY;
    absorb_answer(c, conn, ex, answer, seen);
    if (!goes_on)
        conclude(c, conn, ex);
}

void exchange_reply(struct correlate *c, struct connection *conn, struct pending *p,
                    const struct answer *answer, const struct sbl_observation *seen) {
    bool goes_on = !answer->is_dos_error && answer->status == STATUS_MORE_PROCESSING_REQUIRED;
    if (!p) {
        reply_alone(c, conn, answer, seen, goes_on);
        return;
    }
    struct exchange *ex = exchange_at(c, p->exchange);
    ex->pending = 0;
    pending_give(c, p);
    absorb_answer(c, conn, ex, answer, seen);
    if (!goes_on || ex->kerberos_error)
        refuse_older(c, conn, ex);
    if (goes_on) {
        ex->state = EXCHANGE_ANSWERED;
        ex->session_id = answer->session_id;
        return;
    }
    verdict_tell(c, conn, ex, SBL_HALF_NONE, SBL_REASON_UNKNOWN);
    conclude(c, conn, ex);
    drop(c, conn, ex);
}

void exchange_share(struct correlate *c, struct exchange *ex, struct sbl_text share) {
    absorb_name(c, ex, NAME_SHARE, share);
}

void exchange_abandon(struct correlate *c, struct connection *conn, struct exchange *ex,
                      enum sbl_reason reason) {
    bool is_response = ex->state == EXCHANGE_EARLY || !ex->has_ask;
    c->stats->replies_unmatched += is_response;
    c->stats->requests_unanswered += ex->pending != 0;
    verdict_tell(c, conn, ex, is_response ? SBL_HALF_RESPONSE : SBL_HALF_REQUEST, reason);
    drop(c, conn, ex);
}

void exchange_close_all(struct correlate *c, struct connection *conn, enum sbl_close how,
                        enum sbl_reason reason) {
    while (conn->exchange_oldest) {
        struct exchange *ex = exchange_at(c, conn->exchange_oldest);
        if (how != SBL_CLOSE_EVICTED && exchange_failed_in_kerberos(ex))
            refuse_in_kerberos(c, conn, ex);
        else
            exchange_abandon(c, conn, ex, reason);
    }
}

void exchange_age(struct correlate *c, struct connection *conn, bool all) {
    for (uint32_t index = conn->exchange_oldest, newer; index && conn->waiting_count;
         index = newer) {
        struct exchange *ex = exchange_at(c, index);
        newer = ex->newer;
        if (!is_waiting(ex) || (!all && conn->message_count - ex->waits_since <= EARLY_MESSAGES))
            continue;
        if (ex->state == EXCHANGE_EARLY) {
            exchange_abandon(c, conn, ex, SBL_REASON_UNKNOWN);
        } else {
            ex->awaits_request = false;
            conn->waiting_count--;
        }
    }
}

void exchange_overtaken(struct correlate *c, struct connection *conn,
                        const struct sbl_message *message) {
    for (uint32_t index = conn->exchange_oldest, newer; index && conn->waiting_count;
         index = newer) {
        struct exchange *ex = exchange_at(c, index);
        newer = ex->newer;
        if (ex->state == EXCHANGE_EARLY && answer_is_overtaken(&ex->answer, message))
            exchange_abandon(c, conn, ex, SBL_REASON_UNKNOWN);
    }
}

void exchange_dispute(struct correlate *c, struct connection *conn, uint8_t from, uint32_t seq,
                      uint32_t end_seq) {
    for (uint32_t index = conn->exchange_oldest; index; index = exchange_at(c, index)->newer) {
        struct exchange *ex = exchange_at(c, index);
        bool in_ask = ex->has_ask && ex->ask.from == from && seq_before(ex->ask.seq, end_seq) &&
                      seq_before(seq, ex->ask.end_seq);
        bool in_challenge = ex->has_challenge && ex->challenge_from == from &&
                            seq_before(ex->challenge_seq, end_seq) &&
                            seq_before(seq, ex->challenge_end_seq);
        ex->is_disputed |= in_ask || in_challenge;
        if (in_ask)
            absorb_forget(c, ex, NAME_ACCOUNT, NAME_CLIENT_COUNT);
        if (in_challenge) {
            absorb_forget(c, ex, NAME_TARGET, NAME_COUNT);
            ex->challenge_mark = 0;
            names_drop(&c->names, &conn->computer_pile);
            conn->computer = (struct name){0};
            shared_give(&c->sharing, &conn->computer_of);
        }
    }
}
