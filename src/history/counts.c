/* Bad-password counts: for each account one at each server that answers for it, as every domain
 * controller keeps its own. A bad password raises it, a success ends it, and so does a window
 * without a bad password. The threshold is configured, or learned: so many bad passwords stood
 * before the first STATUS_ACCOUNT_LOCKED_OUT, whoever got that reply. It is not learned where it is
 * not known what counted: at another server, or before a pause as long as the window, when that is
 * only assumed and the lock does not disprove it; never one that the account reached once without
 * being locked, and none below three. Where fewer than that or than configured were seen, or no
 * more than stood once without a lock, others counted that are not on this wire, and none is called
 * the one. What one lock taught is told of its account; of others at that server when two agree.
 * After DOS errors nothing is claimed, as ERRDOS/5 says "wrong" and "locked out" alike. */
#include "history/counts.h"

/* A lock may last longer than the window in which bad passwords are counted: the last of them may
 * have locked the account though the first locked reply comes so much later. */
#define LOCK_LASTS_NS (2 * HOUR_NS)
/* Hardly anybody locks at the first or second wrong password: a lock after so few shows that others
 * were not seen. */
enum { LEAST_THRESHOLD = 3 };

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

void count_expect(const struct history *h, const struct account *account,
                  const struct host *server) {
    struct count_key key = {account->serial, server->serial};
    if (account->at_server.server && account->at_server.server != server->serial)
        table_expect(&h->counts, &key);
}

static struct count *count_in_table(struct history *h, const struct account *account,
                                    const struct host *server, bool *is_new) {
    struct count_key key = {account->serial, server->serial};
    uint64_t hash = table_expect(&h->counts, &key);
    struct count *count = table_find_hashed(&h->counts, &key, hash);
    *is_new = !count;
    if (count)
        return count;
    count = table_add_hashed(&h->counts, &key, hash);
    if (count)
        return count;
    h->options.stats->cap_hits[SBL_LIMIT_PAIRS]++;
    table_remove(&h->counts, table_stalest(&h->counts));
    return table_add_hashed(&h->counts, &key, hash);
}

static struct count *count_of(struct history *h, struct account *account,
                              const struct host *server) {
    struct count *count = &account->at_server;
    bool is_new = !count->server;
    if (!is_new && count->server != server->serial)
        count = count_in_table(h, account, server, &is_new);
    if (!is_new)
        return count;
    count->server = server->serial;
    count->server_ref = host_refer(h, server);
    count->is_whole = time_between(h->start_ns, h->last_ns) >= count_window(h);
    return count;
}

static unsigned count_now(const struct history *h, const struct count *count, int64_t now_ns) {
    return time_between(count->last_bad_ns, now_ns) > count_window(h) ? 0 : count->count;
}

unsigned count_stands(const struct history *h, const struct count *count, int64_t now_ns) {
    return count->earlier && !h->options.threshold ? 0 : count_now(h, count, now_ns);
}

/* What stands was answered without a lock. */
static void keep_unlocked(struct account *account, const struct count *count) {
    if (!count->is_locked && !count->has_dos && count->count > account->unlocked)
        account->unlocked = count->count;
}

static void count_restart(struct count *count, int64_t since_ns) {
    count->count = count->earlier = 0;
    count->is_whole = true;
    count->is_locked = count->was_locked = count->has_dos = false;
    count->is_tipped = false;
    count->since_ns = since_ns;
}

/* After a pause as long as the window; whether that is the server's window is known when it was
 * configured. */
static void count_pauses(const struct history *h, struct count *count) {
    unsigned earlier = count->earlier + count->count;
    count_restart(count, count->since_ns);
    count->earlier = h->options.window_min ? 0 : earlier;
}

/* A refusal whose request was sent before the first reply that said "locked" was counted before it,
 * whichever reply the wire shows first. */
static bool was_on_its_way(const struct count *count, const struct sbl_attempt *attempt) {
    return count->is_locked && count->count && attempt->request_time_ns &&
           attempt->request_time_ns <= count->locked_ns;
}

/* Whether the last of those counted here can be the one that locked. */
static bool can_tip(const struct history *h, const struct account *account,
                    const struct count *count) {
    unsigned all = count->earlier + count->count;
    if (!count->count || count->has_dos || count->count < h->options.threshold)
        return false;
    return h->options.threshold || (all > account->unlocked && all >= LEAST_THRESHOLD &&
                                    account->bad_server == count->server);
}

/* Where no more stood before the lock than once stood without one, the pauses between them did not
 * end the count: the window is longer than was assumed, and all of them count. */
static unsigned lesson(const struct account *account, const struct count *count) {
    bool is_longer = count->earlier && count->count <= account->unlocked;
    unsigned all = count->count + (is_longer ? count->earlier : 0);
    bool is_clear = (is_longer || !count->earlier) && account->run <= all;
    return is_clear && all > account->unlocked && all >= LEAST_THRESHOLD ? all : 0;
}

/* The account is locked: as many bad passwords as were counted did it. */
static void learn(struct history *h, const struct account *account, struct count *count,
                  struct host *server) {
    if (!can_tip(h, account, count)) {
        count->is_tipped = false;
        return;
    }
    count->is_tipped = true;
    unsigned threshold = lesson(account, count);
    if (!threshold)
        return;
    if (count->is_whole || threshold > count->threshold)
        count->threshold = threshold;
    if (!count->is_whole || count->earlier)
        return;
    struct host_rest *rest = host_rest(h, server);
    if (threshold == rest->threshold_once)
        rest->threshold = threshold;
    rest->threshold_once = threshold;
}

unsigned count_learned(const struct account *account, const struct count *count,
                       const struct host *server) {
    if (count->threshold > account->unlocked)
        return count->threshold;
    return server && server->rest->threshold > account->unlocked ? server->rest->threshold : 0;
}

static void run_goes_on(const struct history *h, struct account *account, const struct count *count,
                        bool is_late) {
    bool is_known = h->options.window_min != 0;
    bool has_paused = is_known && time_between(account->bad_ns, h->last_ns) > count_window(h);
    if ((account->run_is_over && !is_late) || has_paused)
        account->run = 0;
    account->run_is_over = account->run_is_over && is_late;
    account->run++;
    account->bad_ns = h->last_ns;
    account->bad_server = count->server;
}

/* For one line. */
static unsigned count_told(const struct history *h, const struct count *count) {
    unsigned stand = count_stands(h, count, count->last_bad_ns);
    return stand > UINT16_MAX ? UINT16_MAX : stand;
}

unsigned count_failure(struct history *h, struct account *account, struct host *server,
                       struct host *client, const struct sbl_attempt *attempt) {
    const struct sbl_finding *finding = &attempt->finding;
    struct count *count = count_of(h, account, server);
    bool is_late = was_on_its_way(count, attempt);
    if (count->is_locked && finding->is_dos_error)
        return 0; /* which says "wrong" of a locked account too */
    if (!finding->is_dos_error)
        keep_unlocked(account, count);
    run_goes_on(h, account, count, is_late);
    if (count->is_locked && !is_late)
        count_restart(count, finding->time_ns);
    else if (count->count && !count_now(h, count, finding->time_ns))
        count_pauses(h, count);
    count->count++;
    count->has_dos |= finding->is_dos_error;
    count->last_bad_ns = finding->time_ns;
    count->last_frame =
        finding->evidence.response.number ? finding->evidence.response : finding->evidence.request;
    count->last_client = host_refer(h, client);
    if (is_late) {
        learn(h, account, count, server);
        return count_told(h, count);
    }
    if (h->options.threshold && count->count == h->options.threshold && !count->has_dos)
        count->is_tipped = true;
    else if (h->options.threshold && count->count > h->options.threshold)
        count->is_tipped = false; /* it did not lock after all */
    return count_told(h, count);
}

/* A locked reply. Whether it is the first since the account was last seen unlocked. */
bool count_lockout(struct history *h, struct account *account, struct host *server,
                   const struct sbl_attempt *attempt) {
    struct count *count = count_of(h, account, server);
    account->run_is_over = true;
    if (count->is_locked)
        return false;
    count->is_locked = count->was_locked = true;
    count->locked_ns = attempt->finding.time_ns;
    if (time_between(count->last_bad_ns, attempt->finding.time_ns) >
        (count_window(h) > LOCK_LASTS_NS ? count_window(h) : LOCK_LASTS_NS))
        count->count = 0;
    learn(h, account, count, server);
    return true;
}

int64_t count_since(struct history *h, struct account *account, const struct host *server) {
    const struct count *count = count_find(h, account, server->serial);
    return count ? count->since_ns : 0;
}

void count_success(struct history *h, struct account *account, struct host *server) {
    struct count *count = count_find(h, account, server->serial);
    account->run = 0;
    if (count) {
        keep_unlocked(account, count);
        count_restart(count, h->last_ns);
    } else if (!account->at_server.server) {
        count_of(h, account, server)->is_whole = true;
    }
}
