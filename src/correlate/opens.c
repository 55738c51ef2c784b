/* Opens, searches and attribute queries: which path a name is relative to, and their refusals,
 * together with those of tree connects.
 *
 * SMB2 searches a directory by QUERY_DIRECTORY on an open file id, most often in one related
 * compound with the CREATE that opens it: then the id is all ones and the CREATE's name counts.
 * SMB1 NT_CREATE may be relative to an open directory as well. So the paths of what may be a
 * directory are kept by file id. Of a directory that was opened before the capture, or in a gap,
 * nothing is claimed: the name below it is told without a path. */
#include <string.h>

#include "correlate/state.h"

enum { FILE_NON_DIRECTORY_FILE = 0x40 }; /* CreateOptions */

static bool is_all_ones(const uint64_t id[2]) {
    return id[0] == UINT64_MAX && id[1] == UINT64_MAX;
}

/* The CREATE before in the same compound, when it still waits. */
static struct pending *compound_create(const struct correlate *c, const struct connection *conn,
                                       uint32_t seq, bool is_related) {
    struct pending *create = is_related ? pending_at(c, conn->compound_create) : NULL;
    return create && create->ask.seq == seq ? create : NULL;
}

/* directory \ name, when both are of one encoding; an empty part takes no backslash. */
static struct sbl_text joined(struct sbl_text directory, struct sbl_text name, uint8_t *room) {
    if (sbl_text_is_empty(directory))
        return name;
    if (sbl_text_is_empty(name) || name.encoding != directory.encoding)
        return directory;
    uint32_t size = directory.size;
    memcpy(room, directory.bytes, size);
    room[size++] = '\\';
    if (name.encoding == SBL_TEXT_UTF16LE)
        room[size++] = 0;
    memcpy(room + size, name.bytes, name.size);
    return (struct sbl_text){room, size + name.size, name.encoding,
                             directory.is_cut || name.is_cut};
}

/* The directory that the name of a request is relative to. */
static struct sbl_text directory_of(struct correlate *c, const struct pending *p) {
    if (p->directory.encoding == SBL_TEXT_ABSENT)
        return (struct sbl_text){0};
    return name_text(p->directory, lay_out(c, &p->pile));
}

/* The path of an open as a text in scratch. */
static struct sbl_text path_of(struct correlate *c, const struct pending *p) {
    struct sbl_text directory = directory_of(c, p), name = pending_text(c, p);
    uint8_t *room = c->scratch + c->scratch_used;
    struct sbl_text path = joined(directory, name, room);
    if (path.bytes == room)
        c->scratch_used += path.size;
    return path;
}

void open_request(struct correlate *c, struct connection *conn, struct pending *p,
                  const struct sbl_observation *seen) {
    const struct sbl_open *open = &seen->open;
    struct sbl_text directory = {0};
    if (open->has_root) {
        const struct pending *create = compound_create(c, conn, p->ask.seq, p->ask.is_related);
        const struct file *file = NULL;
        if (is_all_ones(open->root) && p->ask.version == 2) {
            if (create)
                directory = path_of(c, create);
        } else {
            file = file_find(c, conn, open->root);
        }
        if (file)
            directory = name_text(file->path, copy_out(c, &file->pile));
    }
    pending_name(c, p, &open->name);
    if (sbl_text_is_present(directory))
        keep(c, &p->pile, directory, &p->directory);
    p->is_below_unknown = open->has_root && !sbl_text_is_present(directory);
    p->keeps_file =
        (p->open_command == SBL_OPEN_SMB2_CREATE || p->open_command == SBL_OPEN_NT_CREATE_ANDX ||
         p->open_command == SBL_OPEN_NT_TRANSACT_CREATE) &&
        !(open->options & FILE_NON_DIRECTORY_FILE) && !p->is_below_unknown;
    if (p->open_command == SBL_OPEN_SMB2_CREATE)
        conn->compound_create = conn->pending_newest; /* which p is */
}

void close_request(struct correlate *c, const struct connection *conn,
                   const struct sbl_message *message, const struct sbl_observation *seen) {
    if (seen->head.version == 2 && is_all_ones(seen->open.file_id)) {
        struct pending *create = compound_create(c, conn, message->seq, seen->head.is_related);
        if (create)
            create->keeps_file = false;
    } else if (conn->files) {
        file_forget(c, conn, seen->open.file_id);
    }
}

void file_grant(struct correlate *c, struct connection *conn, const struct pending *p,
                const uint64_t file_id[2]) {
    struct sbl_text path = path_of(c, p);
    if (!sbl_text_is_present(path))
        return;
    struct file *file = file_take(c, conn, file_id);
    keep(c, &file->pile, path, &file->path);
}

static struct session *fill(struct correlate *c, struct connection *conn, const struct pending *p,
                            const struct answer *answer, struct sbl_finding *finding) {
    finding_begin(c, conn, finding);
    if (p)
        finding_ask(finding, &p->ask);
    finding_answer(finding, answer);
    return finding_session(c, conn, finding);
}

static void tell_tree(struct correlate *c, struct connection *conn, const struct pending *p,
                      const struct answer *answer) {
    struct sbl_finding *finding = &c->refusal.finding;
    c->stats->tree_connects_refused++;
    if (!c->listener.tree_refusal)
        return;
    fill(c, conn, p, answer, finding);
    if (p)
        finding->share = pending_text(c, p);
    c->listener.tree_refusal(c->listener.context, &c->refusal);
}

void tree_tell_grant(struct correlate *c, struct connection *conn, const struct pending *p,
                     const struct answer *answer) {
    struct sbl_finding *finding = &c->grant.finding;
    if (!c->listener.tree_grant)
        return;
    fill(c, conn, p, answer, finding);
    finding->tree_id = answer->tree_id; /* the request asked for it */
    finding->share = pending_text(c, p);
    c->listener.tree_grant(c->listener.context, &c->grant);
}

static void tell_probe(struct correlate *c, struct connection *conn, const struct pending *p,
                       uint8_t open_command, const struct answer *answer) {
    struct sbl_probe *probe = &c->probe;
    c->stats->opens_refused++;
    if (!c->listener.probe)
        return;
    const struct session *session = fill(c, conn, p, answer, &probe->finding);
    const struct tree *tree = tree_find_under(c, conn, session, &probe->finding);
    if (tree)
        probe->finding.share = name_text(tree->share, lay_out(c, &tree->pile));
    probe->command = (enum sbl_open_command)open_command;
    probe->name = probe->directory = (struct sbl_text){0};
    probe->is_below_unknown = p && p->is_below_unknown;
    if (p) {
        probe->name = pending_text(c, p);
        probe->directory = directory_of(c, p);
    }
    c->listener.probe(c->listener.context, probe);
}

void refuse(struct correlate *c, struct connection *conn, const struct pending *p,
            struct command command, const struct answer *answer) {
    bool is_elsewhere = !answer->is_dos_error && answer->status == STATUS_PATH_NOT_COVERED;
    if (command.what == WHAT_REFERRAL || (is_elsewhere && command.what != WHAT_OTHER))
        c->stats->dfs_noise++;
    else if (command.what == WHAT_TREE)
        tell_tree(c, conn, p, answer);
    else if (command.what == WHAT_OPEN)
        tell_probe(c, conn, p, command.open_command, answer);
}
