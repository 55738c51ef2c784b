/* Replies of tree connects and opens that came before their request in the order of the capture.
 * Mirror ports and several capture queues do that. They are kept for a few messages; then the
 * request is taken as not captured, and a refusal is told without a name. */
#include "correlate/state.h"

static struct early *early_at(const struct correlate *c, uint32_t index) {
    return index ? pool_at(&c->early, index) : NULL;
}

static void give_up(struct correlate *c, struct connection *conn, enum what what,
                    uint8_t open_command, const struct answer *answer) {
    c->stats->replies_unmatched++;
    if (status_is_error(answer->status, answer->is_dos_error))
        refuse(c, conn, NULL, (struct command){(uint8_t)what, open_command}, answer);
}

static void drop(struct correlate *c, struct connection *conn, uint32_t older, uint32_t index) {
    uint32_t newer = early_at(c, index)->newer;
    if (older)
        early_at(c, older)->newer = newer;
    else
        conn->early_oldest = newer;
    if (!newer)
        conn->early_newest = older;
    conn->early_count--;
    pool_give(&c->early, index);
}

static void give_up_oldest(struct correlate *c, struct connection *conn) {
    struct early early = *early_at(c, conn->early_oldest);
    drop(c, conn, 0, conn->early_oldest);
    give_up(c, conn, (enum what)early.what, early.open_command, &early.answer);
}

void early_keep(struct correlate *c, struct connection *conn, const struct answer *answer,
                enum what what, uint8_t open_command) {
    if (conn->early_count == c->caps.early_per_connection) {
        c->stats->cap_hits[SBL_LIMIT_EARLY_REPLIES]++;
        give_up_oldest(c, conn);
    }
    uint32_t index = pool_take(&c->early);
    if (!index) {
        c->stats->cap_hits[SBL_LIMIT_EARLY_REPLIES]++;
        give_up(c, conn, what, open_command, answer);
        return;
    }
    *early_at(c, index) = (struct early){.message_count = conn->message_count,
                                         .what = (uint8_t)what,
                                         .open_command = open_command,
                                         .answer = *answer};
    if (conn->early_newest)
        early_at(c, conn->early_newest)->newer = index;
    else
        conn->early_oldest = index;
    conn->early_newest = index;
    conn->early_count++;
}

bool early_take(struct correlate *c, struct connection *conn, const struct ask *ask,
                struct answer *answer) {
    uint32_t older = 0;
    for (uint32_t index = conn->early_oldest; index; index = early_at(c, index)->newer) {
        const struct answer *kept = &early_at(c, index)->answer;
        if (kept->message_id == ask->message_id && kept->command == ask->command &&
            kept->version == ask->version && kept->from != ask->from &&
            !seq_before(kept->ack, ask->end_seq)) {
            *answer = *kept;
            drop(c, conn, older, index);
            return true;
        }
        older = index;
    }
    return false;
}

void early_age(struct correlate *c, struct connection *conn, bool all) {
    while (conn->early_oldest &&
           (all ||
            conn->message_count - early_at(c, conn->early_oldest)->message_count > EARLY_MESSAGES))
        give_up_oldest(c, conn);
}

void early_overtaken(struct correlate *c, struct connection *conn,
                     const struct sbl_message *message) {
    while (conn->early_oldest &&
           answer_is_overtaken(&early_at(c, conn->early_oldest)->answer, message))
        give_up_oldest(c, conn);
}
