/* Shares by tree id, paths by file id, and how both and sessions hang on their connection. SMB2
 * tree ids belong to a session, and a session bound to several connections has the same trees on
 * all of them; SMB1 tree ids belong to the connection. Of files only those are kept that may be a
 * directory of a later name. */
#include <string.h>

#include "correlate/state.h"

struct tree_key {
    uint64_t session_id;
    uint32_t serial, tree_id;
};

struct file_key {
    uint64_t id[2];
    uint32_t serial, zero;
};

void owned_link(struct owned **newest, struct owned *owned) {
    owned->older = *newest;
    owned->newer = NULL;
    if (*newest)
        (*newest)->newer = owned;
    *newest = owned;
}

void owned_unlink(struct owned **newest, struct owned *owned) {
    if (owned->older)
        owned->older->newer = owned->newer;
    *(owned->newer ? &owned->newer->older : newest) = owned->older;
}

static struct tree_key tree_key_of(const struct connection *conn, const struct session *session,
                                   uint8_t version, uint64_t session_id, uint32_t tree_id) {
    if (version == 1)
        return (struct tree_key){0, conn->serial, tree_id};
    return (struct tree_key){session_id, session ? session->home : conn->serial, tree_id};
}

/* The tree that a connection used last is most often the one that it uses next. */
static struct tree *find(struct correlate *c, struct connection *conn, const struct tree_key *key) {
    struct tree *tree = (struct tree *)(void *)conn->trees;
    if (!tree && key->serial == conn->serial)
        return NULL;
    if (tree && memcmp(table_key(&c->trees, tree), key, sizeof *key) == 0) {
        table_use(&c->trees, tree);
        return tree;
    }
    tree = table_find(&c->trees, key);
    if (tree && tree->owned.connection == conn->slot)
        owned_use(&conn->trees, &tree->owned);
    return tree;
}

static struct tree *tree_find(struct correlate *c, struct connection *conn, uint8_t version,
                              uint64_t session_id, uint32_t tree_id) {
    const struct session *session = version == 2 ? session_find(c, conn, 2, session_id) : NULL;
    struct tree_key key = tree_key_of(conn, session, version, session_id, tree_id);
    return find(c, conn, &key);
}

struct tree *tree_find_under(struct correlate *c, struct connection *conn,
                             const struct session *session, const struct sbl_finding *finding) {
    struct tree_key key =
        tree_key_of(conn, session, finding->smb_version, finding->session_id, finding->tree_id);
    return find(c, conn, &key);
}

static void tree_remove(struct correlate *c, struct tree *tree) {
    owned_unlink(&connection_at(c, tree->owned.connection)->trees, &tree->owned);
    names_drop(&c->names, &tree->pile);
    table_remove(&c->trees, tree);
}

void tree_grant(struct correlate *c, struct connection *conn, const struct answer *answer,
                struct sbl_text share) {
    const struct session *session =
        answer->version == 2 ? session_find(c, conn, 2, answer->session_id) : NULL;
    struct tree_key key =
        tree_key_of(conn, session, answer->version, answer->session_id, answer->tree_id);
    struct tree *tree = find(c, conn, &key);
    if (tree)
        tree_remove(c, tree);
    tree = table_add(&c->trees, &key);
    if (!tree) {
        c->stats->cap_hits[SBL_LIMIT_TREES]++;
        tree_remove(c, table_stalest(&c->trees));
        tree = table_add(&c->trees, &key);
    }
    tree->owned.connection = conn->slot;
    owned_link(&conn->trees, &tree->owned);
    keep(c, &tree->pile, share, &tree->share);
}

void tree_forget(struct correlate *c, struct connection *conn, const struct answer *answer) {
    struct tree *tree = tree_find(c, conn, answer->version, answer->session_id, answer->tree_id);
    if (tree)
        tree_remove(c, tree);
}

struct file *file_find(struct correlate *c, const struct connection *conn,
                       const uint64_t file_id[2]) {
    if (!conn->files)
        return NULL;
    struct file_key key = {{file_id[0], file_id[1]}, conn->serial, 0};
    return table_find(&c->files, &key);
}

static void file_remove(struct correlate *c, struct file *file) {
    owned_unlink(&connection_at(c, file->owned.connection)->files, &file->owned);
    names_drop(&c->names, &file->pile);
    table_remove(&c->files, file);
}

void file_forget(struct correlate *c, const struct connection *conn, const uint64_t file_id[2]) {
    struct file *file = file_find(c, conn, file_id);
    if (file)
        file_remove(c, file);
}

bool file_forget_oldest(struct correlate *c) {
    struct file *oldest = table_stalest(&c->files);
    if (oldest)
        file_remove(c, oldest);
    return oldest != NULL;
}

struct file *file_take(struct correlate *c, struct connection *conn, const uint64_t file_id[2]) {
    file_forget(c, conn, file_id);
    struct file_key key = {{file_id[0], file_id[1]}, conn->serial, 0};
    struct file *file = table_add(&c->files, &key);
    if (!file) {
        c->stats->cap_hits[SBL_LIMIT_FILES]++;
        file_forget_oldest(c);
        file = table_add(&c->files, &key);
    }
    file->owned.connection = conn->slot;
    owned_link(&conn->files, &file->owned);
    return file;
}

void owned_forget_all(struct correlate *c, struct connection *conn) {
    while (conn->files)
        file_remove(c, (struct file *)(void *)conn->files);
    while (conn->trees)
        tree_remove(c, (struct tree *)(void *)conn->trees);
    while (conn->sessions)
        session_forget(c, conn, (struct session *)(void *)conn->sessions);
}
