/* Replies: which request each answers, and whose error it is.
 *
 * SMB2: a status per command; in a compound of related commands those that follow the first error
 * fail with it and are no refusals of their own. SMB1: one status for a whole AndX chain, and it
 * belongs to the LAST command that was tried. The commands before it succeeded. When the last block
 * of the reply has words, its command succeeded too, and the error is that of the next one in the
 * request, of which the reply shows nothing. */
#include "correlate/state.h"

enum {
    SMB_COM_TRANSACTION2 = 0x32,
    SMB_COM_SESSION_SETUP_ANDX = 0x73,
    SMB_COM_NT_TRANSACT = 0xA0,
    ERRDOS_NOFILES = 1 << 16 | 18,
};

/* SMB1 servers put DOS errors also into replies flagged as NTSTATUS ([MS-CIFS] 2.2.2.4:
 * STATUS_SMB_BAD_UID is 0x005B0002): class in the lowest byte, code in the upper half. */
static bool is_dos_in_nt_form(uint32_t status) {
    uint32_t class = status & 0xFFFF;
    return class >= 1 && class <= 3 && status >> 16 != 0 && status >> 28 == 0;
}

static void answer_fill(struct answer *answer, const struct sbl_message *message,
                        const struct sbl_smb_head *head) {
    *answer = (struct answer){.message_id = head->message_id,
                              .session_id = head->session_id,
                              .time_ns = message->time_ns,
                              .frame = frame_pack(message->frame),
                              .tree_id = head->tree_id,
                              .seq = message->seq,
                              .end_seq = message->end_seq,
                              .ack = message->ack,
                              .process = message->process,
                              .status = head->status,
                              .command = head->command,
                              .version = head->version,
                              .from = message->from,
                              .chain_position = head->chain_position,
                              .is_dos_error = head->is_dos_error,
                              .is_signed = head->is_signed,
                              .is_related = head->is_related};
    if (head->version == 1 && !head->is_dos_error && is_dos_in_nt_form(head->status)) {
        answer->is_dos_error = true;
        answer->status = (head->status & 0xFFFF) << 16 | head->status >> 16;
    }
}

static bool is_interim(const struct sbl_smb_head *head) {
    if (head->version == 2)
        return head->status == STATUS_PENDING;
    return head->status == 0 && head->word_count == 0 &&
           (head->command == SMB_COM_TRANSACTION2 || head->command == SMB_COM_NT_TRANSACT);
}

/* Words do not make an error a grant: servers put a security blob into refusals as well. Only an
 * error that speaks of a share or a file is that of a command behind the setup. */
static bool is_granted_setup(const struct sbl_smb_head *head, const struct answer *answer) {
    return head->command == SMB_COM_SESSION_SETUP_ANDX &&
           (head->word_count == 3 || head->word_count == 4) &&
           status_is_of_share_or_file(answer->status, answer->is_dos_error);
}

/* Gives the block of an SMB1 chain its own status. True when the header's error belongs to the
 * command after it. */
static bool sort_out_chain(const struct sbl_smb_head *head, const struct pending *p,
                           struct answer *answer) {
    if (!status_is_error(answer->status, answer->is_dos_error))
        return false;
    bool spills = head->is_last && head->word_count > 0 && p && p->ask.has_next;
    if (!head->is_last || spills || (!p && is_granted_setup(head, answer))) {
        answer->status = 0;
        answer->is_dos_error = false;
    }
    return spills;
}

/* Whether the error of this reply only follows from one before it in the same compound. Looks at
 * the request's compound, and at the reply's: either may have been cut into single messages. */
static bool is_follower(struct connection *conn, const struct pending *p,
                        const struct answer *answer) {
    if (answer->version != 2)
        return false;
    bool is_error = status_is_error(answer->status, answer->is_dos_error);
    bool follows_ask =
        p && p->ask.is_related && conn->has_failed_ask && conn->failed_ask_seq == p->ask.seq;
    bool follows_answer = answer->is_related && answer->chain_position > 0 &&
                          conn->has_failed_answer && conn->failed_answer_seq == answer->seq;
    if (p && (is_error || !p->ask.is_related)) {
        conn->has_failed_ask = is_error;
        conn->failed_ask_seq = p->ask.seq;
    }
    if (is_error || !answer->is_related) {
        conn->has_failed_answer = is_error;
        conn->failed_answer_seq = answer->seq;
    }
    return is_error && (follows_ask || follows_answer);
}

static void granted(struct correlate *c, struct connection *conn, const struct pending *p,
                    const struct answer *answer, const struct sbl_observation *seen) {
    if (p->what == WHAT_TREE) {
        tree_grant(c, conn, answer, pending_text(c, p));
        tree_tell_grant(c, conn, p, answer);
    } else if (p->keeps_file && seen->kind == SBL_SAW_OPEN_RESPONSE) {
        file_grant(c, conn, p, seen->open.file_id);
    }
}

/* A listing of SMB_COM_SEARCH ends so as well as a search that finds nothing. */
static bool is_end_of_listing(const struct answer *answer, uint8_t open_command) {
    return open_command == SBL_OPEN_SEARCH && answer->is_dos_error &&
           answer->status == ERRDOS_NOFILES;
}

/* A reply whose request is not there. Of commands that hold many things it cannot be said that an
 * open was refused. */
static void unmatched(struct correlate *c, struct connection *conn, const struct answer *answer,
                      enum what what, uint8_t open_command) {
    bool is_error = status_is_error(answer->status, answer->is_dos_error);
    if (what == WHAT_TREE && !is_error)
        tree_forget(c, conn, answer); /* the id stands for another share now */
    if (what == WHAT_TREE ||
        (what == WHAT_OPEN && is_error && !is_end_of_listing(answer, open_command)))
        early_keep(c, conn, answer, what, open_command);
    else if (what == WHAT_OTHER && answer->version == 1 && is_error)
        c->stats->replies_unmatched++;
}

/* The rest of an AndX chain, once the reply has said all it will: the command that `spilled` is for
 * was refused, the others were not tried. */
static void end_chain(struct correlate *c, struct connection *conn, uint8_t position,
                      struct pending *next, const struct answer *spilled) {
    while (next) {
        struct pending *after = pending_chain_next(c, next);
        if (spilled && next->ask.chain_position == position + 1 && next->what != WHAT_SETUP)
            refuse(c, conn, next, (struct command){next->what, next->open_command}, spilled);
        if (next->what == WHAT_SETUP)
            pending_abandon(c, next, SBL_REASON_UNKNOWN);
        else
            pending_give(c, next);
        next = after;
    }
}

/* One command's reply, with its own status. Gives the request back unless it goes on. */
static void settle(struct correlate *c, struct connection *conn, struct pending *p,
                   const struct answer *answer, const struct sbl_observation *seen) {
    struct command command = p ? (struct command){p->what, p->open_command} : command_of(seen);
    if (command.what == WHAT_SETUP) {
        exchange_reply(c, conn, p, answer, seen);
        return;
    }
    bool follows = is_follower(conn, p, answer);
    if (!p) {
        if (!follows)
            unmatched(c, conn, answer, (enum what)command.what, command.open_command);
        return;
    }
    if (!status_is_error(answer->status, answer->is_dos_error))
        granted(c, conn, p, answer, seen);
    else if (!follows)
        refuse(c, conn, p, command, answer);
    pending_give(c, p);
}

/* An interim reply is no answer: that the client has got it does not set the id free. */
static void interim_seen(struct correlate *c, struct connection *conn,
                         const struct answer *answer) {
    struct pending *p = answer->version == 1 ? pending_find(c, conn, answer) : NULL;
    if (p)
        p->ask.ack = 0;
}

/* The reply to a command that waits for nothing. */
static void reply_beside(struct correlate *c, struct connection *conn, enum what what,
                         const struct answer *answer) {
    is_follower(conn, NULL, answer);
    if (what == WHAT_LOGOFF && answer->status == 0)
        session_forget(c, conn, session_find(c, conn, answer->version, answer->session_id));
    else if (what == WHAT_TREE_GONE && answer->status == 0)
        tree_forget(c, conn, answer);
}

/* The reply to one block of an SMB1 chain. */
static void reply_in_chain(struct correlate *c, struct connection *conn, struct pending *p,
                           struct answer *answer, const struct sbl_observation *seen) {
    struct answer spilled = *answer;
    bool spills = sort_out_chain(&seen->head, p, answer);
    struct pending *next = p && seen->head.is_last ? pending_chain_next(c, p) : NULL;
    uint8_t position = p ? p->ask.chain_position : 0;
    settle(c, conn, p, answer, seen);
    end_chain(c, conn, position, next, spills ? &spilled : NULL);
}

void reply_seen(struct correlate *c, struct connection *conn, const struct sbl_message *message,
                const struct sbl_observation *seen) {
    const struct sbl_smb_head *head = &seen->head;
    enum what what = (enum what)command_of(seen).what;
    struct answer answer;
    answer_fill(&answer, message, head);
    if (is_interim(head)) {
        interim_seen(c, conn, &answer);
        return;
    }
    if (what == WHAT_NONE || what == WHAT_LOGOFF || what == WHAT_TREE_GONE) {
        reply_beside(c, conn, what, &answer);
        return;
    }
    struct pending *p = pending_find(c, conn, &answer);
    if (head->version == 1)
        reply_in_chain(c, conn, p, &answer, seen);
    else
        settle(c, conn, p, &answer, seen);
}
