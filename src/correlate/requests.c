/* Which commands matter, and what a request of one of them starts. The tables say by command alone;
 * SMB1's TRANS2 and NT_TRANSACT hold many things, so for a request the observation's kind decides
 * and for a reply the request that it answers. */
#include "correlate/state.h"

/* [MS-CIFS] 2.2.2.1 */
const struct command smb1_commands[256] = {
    [0x02] = {WHAT_OPEN, SBL_OPEN_OPEN},
    [0x03] = {WHAT_OPEN, SBL_OPEN_CREATE},
    [0x08] = {WHAT_OPEN, SBL_OPEN_QUERY_INFORMATION},
    [0x0F] = {WHAT_OPEN, SBL_OPEN_CREATE}, /* CREATE_NEW */
    [0x10] = {WHAT_OPEN, SBL_OPEN_CHECK_DIRECTORY},
    [0x2D] = {WHAT_OPEN, SBL_OPEN_OPEN_ANDX},
    [0x32] = {WHAT_OTHER, 0}, /* TRANSACTION2 */
    [0x70] = {WHAT_TREE, 0},
    [0x71] = {WHAT_TREE_GONE, 0},
    [0x73] = {WHAT_SETUP, 0},
    [0x74] = {WHAT_LOGOFF, 0},
    [0x75] = {WHAT_TREE, 0},
    [0x81] = {WHAT_OPEN, SBL_OPEN_SEARCH},
    [0x82] = {WHAT_OPEN, SBL_OPEN_SEARCH}, /* FIND */
    [0x83] = {WHAT_OPEN, SBL_OPEN_SEARCH}, /* FIND_UNIQUE */
    [0xA0] = {WHAT_OTHER, 0},              /* NT_TRANSACT */
    [0xA2] = {WHAT_OPEN, SBL_OPEN_NT_CREATE_ANDX},
};

/* [MS-SMB2] 2.2.1.2 */
const struct command smb2_commands[32] = {
    [0x01] = {WHAT_SETUP, 0},
    [0x02] = {WHAT_LOGOFF, 0},
    [0x03] = {WHAT_TREE, 0},
    [0x04] = {WHAT_TREE_GONE, 0},
    [0x05] = {WHAT_OPEN, SBL_OPEN_SMB2_CREATE},
    [0x0B] = {WHAT_OTHER, 0}, /* IOCTL: DFS referrals */
    [0x0E] = {WHAT_OPEN, SBL_OPEN_SMB2_QUERY_DIRECTORY},
};

/* A tree connect in the same AndX chain as a session setup: the share is known even when the logon
 * is refused. */
static void tree_rides(struct correlate *c, const struct pending *p, struct sbl_text share) {
    const struct pending *older = pending_at(c, p->older);
    if (older && older->what == WHAT_SETUP && pending_chain_next(c, older) == p)
        exchange_share(c, exchange_at(c, older->exchange), share);
}

/* When the reply came first (mirror ports reorder), the request is answered at once. */
static void answer_early(struct correlate *c, struct connection *conn, struct pending *p,
                         const struct sbl_observation *seen) {
    struct answer answer;
    if (!early_take(c, conn, &p->ask, &answer))
        return;
    if (status_is_error(answer.status, answer.is_dos_error)) {
        refuse(c, conn, p, (struct command){p->what, p->open_command}, &answer);
    } else if (p->what == WHAT_TREE && seen->kind == SBL_SAW_TREE_CONNECT_REQUEST) {
        tree_grant(c, conn, &answer, seen->tree_connect.path);
        tree_tell_grant(c, conn, p, &answer);
    }
    pending_give(c, p);
}

void request_seen(struct correlate *c, struct connection *conn, const struct sbl_message *message,
                  const struct sbl_observation *seen) {
    struct command command = command_of(seen);
    enum what what = (enum what)command.what;
    if (seen->kind == SBL_SAW_CLOSE_REQUEST)
        close_request(c, conn, message, seen);
    if (what == WHAT_NONE || what == WHAT_LOGOFF || what == WHAT_TREE_GONE)
        return;
    if (what == WHAT_OTHER && seen->head.version == 2)
        return; /* SMB2 ids are not reused: nothing can be mistaken for it */
    if (what == WHAT_OPEN && command.open_command == SBL_OPEN_SEARCH && seen->kind == SBL_SAW_OTHER)
        what = WHAT_OTHER; /* a search that goes on: where it ends nothing is refused */
    if (what == WHAT_SETUP) {
        exchange_request(c, conn, message, seen);
        return;
    }
    struct pending *p = pending_take(c, conn, what, message, &seen->head);
    p->open_command = command.open_command;
    if (seen->kind == SBL_SAW_TREE_CONNECT_REQUEST) {
        pending_name(c, p, &seen->tree_connect.path);
        tree_rides(c, p, seen->tree_connect.path);
    } else if (seen->kind == SBL_SAW_OPEN_REQUEST) {
        open_request(c, conn, p, seen);
    }
    if (conn->early_count)
        answer_early(c, conn, p, seen);
}
