/* Sessions: whose the commands are that carry a session id (SMB2) or a UID (SMB1).
 *
 * SMB 3 multichannel binds further connections to a session. Such a connection knows the session's
 * account when it finds the first one: by session id, between the same two addresses or, as
 * channels may use other interfaces, between hosts of the same ClientGuid and ServerGuid. */
#include <string.h>

#include "base/hash.h"
#include "correlate/state.h"

struct session_key {
    uint64_t id;
    uint32_t serial, version;
};

struct channel_key {
    uint64_t id, hosts;
};

struct channel {
    uint32_t slot, serial;
};

struct session *session_look_up(struct correlate *c, struct connection *conn, uint8_t version,
                                uint64_t session_id) {
    struct session_key key = {session_id, conn->serial, version};
    struct session *session = table_find(&c->sessions, &key);
    if (session)
        owned_use(&conn->sessions, &session->owned);
    return session;
}

/* The two ways to say which hosts: by address, by guid. False when that way is not known. */
static bool channel_key_of(const struct correlate *c, const struct connection *conn,
                           uint64_t session_id, bool by_guid, struct channel_key *key) {
    uint8_t hosts[36] = {0};
    if (by_guid) {
        memcpy(hosts, conn->client_guid, 16);
        memcpy(hosts + 16, conn->server_guid, 16);
    } else {
        memcpy(hosts, conn->conversation->side[0].address, 16);
        memcpy(hosts + 16, conn->conversation->side[1].address, 16);
        memcpy(hosts + 32, &conn->conversation->tunnel_id, 4);
    }
    *key = (struct channel_key){session_id, hash_bytes(hosts, sizeof hosts, c->seed + by_guid)};
    return !by_guid || conn->has_guids;
}

/* The session of another connection between the same two that has this id, or NULL. */
static struct session *session_find_elsewhere(struct correlate *c, const struct connection *conn,
                                              uint64_t session_id) {
    for (unsigned by_guid = 0; by_guid < 2; by_guid++) {
        struct channel_key key;
        if (!channel_key_of(c, conn, session_id, by_guid, &key))
            continue;
        if (by_guid && c->listener.far)
            c->listener.far(c->listener.context);
        const struct channel *channel = table_find(&c->channels, &key);
        struct connection *other = channel ? connection_at(c, channel->slot) : NULL;
        if (other && other != conn && other->conversation && other->serial == channel->serial)
            return session_find(c, other, 2, session_id);
    }
    return NULL;
}

/* Channels exist from dialect 3.0 on; an unknown dialect may be one. The session notes how it was
 * entered, as a second greeting may change the guids. */
static void channels_open(struct correlate *c, const struct connection *conn,
                          struct session *session) {
    if (conn->dialect && conn->dialect < 0x0300)
        return;
    for (unsigned by_guid = 0; by_guid < 2; by_guid++) {
        struct channel_key key;
        if (!channel_key_of(c, conn, session->id, by_guid, &key))
            continue;
        struct channel *channel = table_find(&c->channels, &key);
        if (!channel)
            channel = table_add(&c->channels, &key);
        if (!channel) {
            table_remove(&c->channels, table_stalest(&c->channels));
            channel = table_add(&c->channels, &key);
        }
        *channel = (struct channel){conn->slot, conn->serial};
        session->hosts[by_guid] = key.hosts;
    }
}

static void channels_close(struct correlate *c, const struct connection *conn,
                           const struct session *session) {
    for (unsigned way = 0; way < 2; way++) {
        struct channel_key key = {session->id, session->hosts[way]};
        struct channel *channel = table_find(&c->channels, &key);
        if (channel && channel->serial == conn->serial)
            table_remove(&c->channels, channel);
    }
}

void session_forget(struct correlate *c, struct connection *conn, struct session *session) {
    if (!session)
        return;
    channels_close(c, conn, session);
    owned_unlink(&conn->sessions, &session->owned);
    names_drop(&c->names, &session->pile);
    table_remove(&c->sessions, session);
}

static struct session *session_take(struct correlate *c, struct connection *conn, uint8_t version,
                                    uint64_t session_id) {
    struct session *session = session_find(c, conn, version, session_id);
    if (session) {
        channels_close(c, conn, session);
        names_drop(&c->names, &session->pile);
        return session;
    }
    struct session_key key = {session_id, conn->serial, version};
    session = table_add(&c->sessions, &key);
    if (!session) {
        struct session *oldest = table_stalest(&c->sessions);
        c->stats->cap_hits[SBL_LIMIT_SESSIONS]++;
        session_forget(c, connection_at(c, oldest->owned.connection), oldest);
        session = table_add(&c->sessions, &key);
    }
    session->id = session_id;
    session->version = version;
    session->owned.connection = conn->slot;
    owned_link(&conn->sessions, &session->owned);
    return session;
}

/* Account, domain and workstation. */
static void keep_names(struct correlate *c, struct session *session, const struct sbl_text who[3]) {
    keep(c, &session->pile, who[0], &session->account);
    keep(c, &session->pile, who[1], &session->domain);
    keep(c, &session->pile, who[2], &session->workstation);
}

static void names_of_exchange(struct correlate *c, struct session *session,
                              const struct exchange *ex) {
    const uint8_t *far = exchange_far(c, ex);
    keep_names(c, session,
               (struct sbl_text[3]){exchange_text(c, ex, far, NAME_ACCOUNT),
                                    exchange_text(c, ex, far, NAME_DOMAIN),
                                    exchange_text(c, ex, far, NAME_WORKSTATION)});
}

static void names_of_session(struct correlate *c, struct session *session,
                             const struct session *first) {
    const uint8_t *bytes = lay_out(c, &first->pile);
    keep_names(c, session,
               (struct sbl_text[3]){name_text(first->account, bytes),
                                    name_text(first->domain, bytes),
                                    name_text(first->workstation, bytes)});
}

void session_grant(struct correlate *c, struct connection *conn, const struct exchange *ex) {
    uint64_t session_id = ex->answer.session_id;
    const struct session *known = session_find(c, conn, ex->version, session_id);
    bool says_who =
        (ex->named >> NAME_ACCOUNT & 1) && ex->names[NAME_ACCOUNT].encoding != SBL_TEXT_ABSENT;
    if (known && !says_who && ex->began_on_session)
        return; /* authenticated again by a token that hides the name */
    struct session *session = session_take(c, conn, ex->version, session_id);
    session->home = conn->serial;
    session->is_encrypted = ex->is_encrypting;
    names_of_exchange(c, session, ex);
    struct session *first = ex->is_binding ? session_find_elsewhere(c, conn, session_id) : NULL;
    if (first) {
        session->home = first->home;
        session->is_encrypted |= first->is_encrypted;
        if (!says_who)
            names_of_session(c, session, first);
    } else if (ex->version == 2) {
        channels_open(c, conn, session);
    }
}
