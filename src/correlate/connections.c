/* Connections: their slots, and what their greeting told (NetBIOS names, dialect, the server's own
 * names, signing).
 *
 * When all slots are in use, the hand of a clock goes round: a connection that was used since the
 * hand last passed is spared once, the first that was not is closed as evicted. That is "least
 * recently used" to within one round, for one flag a message instead of relinking a list. */
#include <string.h>

#include "correlate/state.h"

static struct connection *next_victim(struct correlate *c) {
    struct connection *conn;
    do {
        c->clock_hand = c->clock_hand % c->connections.touched + 1;
        conn = connection_at(c, c->clock_hand);
        bool was_used = conn->was_used;
        conn->was_used = false;
        if (!was_used)
            break;
    } while (true);
    return conn;
}

struct connection *conn_take(struct correlate *c, struct sbl_conversation *conversation) {
    uint32_t index = pool_take(&c->connections);
    if (!index) {
        c->stats->cap_hits[SBL_LIMIT_CONNECTIONS]++;
        conn_close(c, next_victim(c), SBL_CLOSE_EVICTED);
        index = pool_take(&c->connections);
    }
    struct connection *conn = connection_at(c, index);
    conn->conversation = conversation;
    conn->slot = index;
    c->reach[index] = (struct reach){0};
    conn->serial = ++c->next_serial;
    conversation->correlate_slot = index;
    return conn;
}

/* Tells what was still open, oldest first, and forgets the rest. */
void conn_close(struct correlate *c, struct connection *conn, enum sbl_close how) {
    bool was_ended = how == SBL_CLOSE_FIN || how == SBL_CLOSE_RESET || how == SBL_CLOSE_REUSED;
    enum sbl_reason reason = was_ended ? SBL_REASON_ABANDONED : SBL_REASON_UNKNOWN;
    if (conn->early_count || conn->waiting_count) {
        early_age(c, conn, true);
        exchange_age(c, conn, true);
    }
    while (conn->pending_oldest)
        pending_abandon(c, pending_at(c, conn->pending_oldest), reason);
    exchange_close_all(c, conn, how, reason);
    owned_forget_all(c, conn);
    names_drop(&c->names, &conn->pile);
    names_drop(&c->names, &conn->computer_pile);
    shared_give(&c->sharing, &conn->computer_of);
    shared_give(&c->sharing, &conn->dialects_of);
    conn->conversation->correlate_slot = 0;
    conn->conversation = NULL;
    pool_give(&c->connections, conn->slot);
}

static void nbss_seen(struct connection *conn, const struct sbl_nbss *nbss) {
    if (nbss->type != SBL_NBSS_REQUEST)
        return;
    conn->has_names = true;
    if (nbss->called.is_present)
        conn->called = nbss->called;
    if (nbss->calling.is_present)
        conn->calling = nbss->calling;
}

/* The dialect string number `index` of those offered (each 02 text 00), as a part of them. */
static struct name dialect_at(struct name offered, const uint8_t *bytes, unsigned index) {
    uint32_t at = 0;
    for (unsigned i = 0; at < offered.size; i++) {
        uint32_t start = at + (bytes[at] == 0x02 ? 1 : 0), end = start;
        while (end < offered.size && bytes[end])
            end++;
        if (i == index)
            return (struct name){.at = offered.at + start,
                                 .size = (uint16_t)(end - start),
                                 .encoding = SBL_TEXT_ASCII,
                                 .is_cut = end == offered.size && offered.is_cut};
        at = end + 1;
    }
    return (struct name){0};
}

/* What an SMB1 greeting told; what was called on port 139 is told once and stays. */
static void greeting_forget(struct correlate *c, struct connection *conn) {
    names_drop(&c->names, &conn->pile);
    shared_give(&c->sharing, &conn->dialects_of);
    conn->dialects = conn->dialect_name = conn->domain = conn->server = (struct name){0};
    conn->challenge_mark = 0;
    conn->has_names = conn->called.is_present || conn->calling.is_present;
}

/* A few kinds of clients offer a few lists of dialects. */
static void dialects_keep(struct correlate *c, struct connection *conn,
                          const struct sbl_text *offered) {
    conn->has_names = true;
    conn->dialects_of = shared_take(&c->sharing, &offered, 1);
    if (conn->dialects_of)
        conn->dialects = (struct name){.size = (uint16_t)offered->size,
                                       .encoding = offered->encoding,
                                       .is_cut = offered->is_cut};
    else
        keep(c, &conn->pile, *offered, &conn->dialects);
}

/* A client's wish to sign is known from SMB2 alone: the bit for it in an SMB1 header is set in the
 * greeting of clients that do not insist. */
static void negotiate_request_seen(struct correlate *c, struct connection *conn,
                                   const struct sbl_observation *seen) {
    if (conn->has_names)
        greeting_forget(c, conn);
    conn->client_requires_signing = seen->negotiate.signing_required;
    conn->server_requires_signing = false;
    if (seen->head.version == 1)
        dialects_keep(c, conn, &seen->negotiate.dialect_name);
    else
        memcpy(conn->client_guid, seen->negotiate.guid, sizeof conn->client_guid);
}

static void negotiate_response_seen(struct correlate *c, struct connection *conn,
                                    const struct sbl_observation *seen) {
    const struct sbl_negotiate *said = &seen->negotiate;
    if (status_is_error(seen->head.status, seen->head.is_dos_error))
        return; /* a refused greeting says nothing of dialect and passwords */
    conn->has_negotiated = true;
    conn->encrypts_passwords = said->encrypts_passwords;
    conn->server_requires_signing = said->signing_required;
    conn->challenge_mark = challenge_mark_of(c, said->challenge);
    if (seen->head.version == 2) {
        static const uint8_t none[16];
        conn->dialect = said->dialect;
        conn->dialect_name = (struct name){0};
        memcpy(conn->server_guid, said->guid, sizeof conn->server_guid);
        conn->has_guids = memcmp(conn->client_guid, none, sizeof none) != 0 &&
                          memcmp(conn->server_guid, none, sizeof none) != 0;
        return;
    }
    conn->has_names = true;
    if (conn->dialects.encoding != SBL_TEXT_ABSENT) {
        const uint8_t *offered = conn->dialects_of
                                     ? shared_at(&c->sharing, conn->dialects_of)->bytes
                                     : lay_out(c, &conn->pile);
        conn->dialect_name =
            dialect_at(conn->dialects, offered + conn->dialects.at, said->dialect_index);
    }
    keep(c, &conn->pile, said->domain, &conn->domain);
    keep(c, &conn->pile, said->server, &conn->server);
}

void conn_greeting(struct correlate *c, struct connection *conn,
                   const struct sbl_observation *seen) {
    if (seen->kind == SBL_SAW_NBSS)
        nbss_seen(conn, &seen->nbss);
    else if (seen->kind == SBL_SAW_NEGOTIATE_REQUEST)
        negotiate_request_seen(c, conn, seen);
    else
        negotiate_response_seen(c, conn, seen);
}
