/* Bad-password counts: for each account one at each server that answers for it, as every domain
 * controller keeps its own. A bad password raises it, a success ends it, and so does a window
 * without a bad password. The threshold is configured, or learned: so many bad passwords stood
 * before the first STATUS_ACCOUNT_LOCKED_OUT, whoever got that reply. Where fewer than configured
 * were seen, others counted that are not on this wire, and none is called the one. After DOS errors
 * nothing is claimed, as ERRDOS/5 says "wrong" and "locked out" alike. */
#include "history/state.h"

/* A lock may last longer than the window in which bad passwords are counted: the last of them may
 * have locked the account though the first locked reply comes so much later. */
#define LOCK_LASTS_NS (2 * HOUR_NS)

struct count_key {
    uint64_t account, server;
};

int64_t count_window(const struct history *h) {
    return (h->options.window_min ? h->options.window_min : 30) * MINUTE_NS;
}

struct count *count_find(struct history *h, struct account *account, uint64_t server) {
    if (account->at_server.server == server)
        return &account->at_server;
    struct count_key key = {account->serial, server};
    return account->at_server.server ? table_find(&h->counts, &key) : NULL;
}

static struct count *count_of(struct history *h, struct account *account,
                              const struct host *server) {
    struct count *count = count_find(h, account, server->serial);
    if (count)
        return count;
    if (!account->at_server.server) {
        count = &account->at_server;
    } else {
        struct count_key key = {account->serial, server->serial};
        count = table_add(&h->counts, &key);
        if (!count) {
            h->options.stats->cap_hits[SBL_LIMIT_PAIRS]++;
            table_remove(&h->counts, table_oldest(&h->counts));
            count = table_add(&h->counts, &key);
        }
    }
    count->server = server->serial;
    count->server_ref = host_refer(h, server);
    count->is_whole = time_between(h->start_ns, h->last_ns) >= count_window(h);
    return count;
}

unsigned count_now(const struct history *h, const struct count *count, int64_t now_ns) {
    return time_between(count->last_bad_ns, now_ns) > count_window(h) ? 0 : count->count;
}

static void count_restart(struct count *count) {
    count->count = 0;
    count->is_whole = true;
    count->is_locked = count->was_locked = count->has_dos = false;
    count->tipping = (struct sbl_frame_ref){0};
}

/* The last bad password may have been the one that locks. */
static void tip(struct count *count) {
    count->tipping = count->last_frame;
    count->tipping_ns = count->last_bad_ns;
    count->tipping_client = count->last_client;
}

/* A refusal whose request was sent before the first reply that said "locked" was counted before it,
 * whichever reply the wire shows first. */
static bool was_on_its_way(const struct count *count, const struct sbl_attempt *attempt) {
    return count->is_locked && count->count && attempt->request_time_ns &&
           attempt->request_time_ns <= count->locked_ns;
}

/* The account is locked: as many bad passwords as were counted did it. */
static void learn(struct history *h, struct count *count, struct host *server) {
    if (!count->count || count->has_dos || count->count < h->options.threshold) {
        count->tipping = (struct sbl_frame_ref){0};
        return;
    }
    tip(count);
    if (count->is_whole || count->count > count->threshold)
        count->threshold = count->count;
    if (count->is_whole)
        server->threshold = count->count;
}

unsigned count_failure(struct history *h, struct account *account, struct host *server,
                       struct host *client, const struct sbl_attempt *attempt) {
    const struct sbl_finding *finding = &attempt->finding;
    struct count *count = count_of(h, account, server);
    bool is_late = was_on_its_way(count, attempt);
    if ((count->is_locked && !is_late) || (count->count && !count_now(h, count, finding->time_ns)))
        count_restart(count);
    count->count++;
    count->has_dos |= finding->is_dos_error;
    count->last_bad_ns = finding->time_ns;
    count->last_frame =
        finding->evidence.response.number ? finding->evidence.response : finding->evidence.request;
    count->last_client = host_refer(h, client);
    if (is_late) {
        learn(h, count, server);
        return count->count > UINT16_MAX ? UINT16_MAX : count->count;
    }
    if (h->options.threshold && count->count == h->options.threshold && !count->has_dos)
        tip(count);
    else if (h->options.threshold && count->count > h->options.threshold)
        count->tipping = (struct sbl_frame_ref){0}; /* it did not lock after all */
    return count->count > UINT16_MAX ? UINT16_MAX : count->count;
}

/* A locked reply. Whether it is the first since the account was last seen unlocked. */
bool count_lockout(struct history *h, struct account *account, struct host *server,
                   const struct sbl_attempt *attempt) {
    struct count *count = count_of(h, account, server);
    if (count->is_locked)
        return false;
    count->is_locked = count->was_locked = true;
    count->locked_ns = attempt->finding.time_ns;
    if (time_between(count->last_bad_ns, attempt->finding.time_ns) >
        (count_window(h) > LOCK_LASTS_NS ? count_window(h) : LOCK_LASTS_NS))
        count->count = 0;
    learn(h, count, server);
    return true;
}

void count_success(struct history *h, struct account *account, struct host *server) {
    struct count *count = count_find(h, account, server->serial);
    if (count)
        count_restart(count);
    else if (!account->at_server.server)
        count_of(h, account, server)->is_whole = true;
}
