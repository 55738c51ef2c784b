/* What an incident asks the searches of its client: whether one of them fits. Most clients never
 * searched for anything, and then nothing is put together. */
#include <string.h>

#include "history/state.h"

#define STATUS_ACCOUNT_LOCKED_OUT 0xC0000234u

/* The client's own account: of the class that lives on each machine, or under the machine's name.
 */
static bool is_own_account(const struct pair *pair, const struct account *account,
                           const struct host *client) {
    uint64_t sent = pair->domain ? pair_domain(pair)->hash : 0;
    return (account->entry && account->entry->class_ == ACCOUNT_CLASS_LOCAL_ON_NETWORK) ||
           host_has_name(client, sent);
}

static unsigned failure_times(const struct pair *pair, int64_t times[RATE_TIMES]) {
    uint64_t count = pair->failures < RATE_TIMES ? pair->failures : RATE_TIMES;
    for (uint64_t i = 0; i < count && count > 1; i++)
        times[i] = pair->rest->failure_times[(pair->failures - count + 1 + i) % RATE_TIMES];
    if (count)
        times[0] = pair->first_failure_ns;
    return (unsigned)count;
}

/* Of the lines that are kept, those that say the account is locked. */
static unsigned lockout_times(const struct history *h, const struct pair *pair,
                              int64_t times[2 * SBL_LIST_ENDS]) {
    unsigned count = 0;
    uint32_t first, kept = lines_kept(pair, &first);
    for (uint32_t i = 0; i < kept; i++) {
        const struct line *line = line_kept(h, pair, i);
        if (line->flags & LINE_STATUS && !(line->flags & LINE_DOS) &&
            line->status == STATUS_ACCOUNT_LOCKED_OUT)
            times[count++] = line->time_ns;
    }
    return count;
}

/* Whether the one who searched sat at another machine behind the same address. */
static bool is_of_another_desk(const struct history *h, const struct pair *pair,
                               const struct host *client, const char *account) {
    struct word user;
    if (!account)
        return false;
    word_set(h, account, strlen(account), &user);
    for (unsigned i = 0; i < DESKS && user.hash; i++)
        if (client->rest->desks[i].user_hash == user.hash && client->rest->desks[i].workstation)
            return pair->workstation_hash &&
                   client->rest->desks[i].workstation != pair->workstation_hash;
    return false;
}

static void walk_ask(struct history *h, const struct pair *pair, const uint64_t *serials,
                     unsigned serial_count) {
    const struct account *account = account_at(h, pair->account);
    const struct host *client = host_at(h, pair->client);
    const char *shares[PAIR_SHARES];
    uint64_t servers[PAIR_SERVERS];
    int64_t times[RATE_TIMES], locked[2 * SBL_LIST_ENDS];
    int64_t grants[2] = {pair->first_granted_ns, pair->last_granted_ns};
    bool was_granted = pair->granted >= 2 && pair->first_granted_ns < pair->first_failure_ns;
    for (unsigned i = 0; i < pair->server_count; i++)
        servers[i] = pair_server_at(pair, i)->ref.serial;
    for (unsigned i = 0; i < pair->share_count; i++)
        shares[i] = pair->rest->shares[i];
    struct walk_question question = {
        .clients = serials,
        .client_count = serial_count,
        .failures_ns = times,
        .failure_count = failure_times(pair, times),
        .lockouts_ns = locked,
        .lockout_count = lockout_times(h, pair, locked),
        .shares = {shares, pair->share_count, pair->rest->share_total},
        .is_own_account = is_own_account(pair, account, client),
        .account = account->user,
        .servers = servers,
        .server_count = pair->has_more_servers ? 0 : pair->server_count,
        .grants_ns = grants,
        .grant_count = was_granted ? 2 : 0,
    };
    walks_answer(h->walks, &question, &h->bench.answer);
}

void walk_find(struct history *h, const struct pair *pair) {
    struct workbench *bench = &h->bench;
    struct host *client = host_at(h, pair->client);
    struct facts *facts = &bench->incident.facts;
    uint64_t serials[HOSTS_JOINED];
    unsigned count = machine_gather(h, client, serials, bench->contradiction);
    bool has_probe = false;
    bench->incident.client.contradiction = bench->contradiction;
    bench->has_answer = walks_know(h->walks, serials, count, &has_probe);
    if (!bench->has_answer) {
        facts_set(facts, FACT_NO_PROBE, !has_probe);
        return;
    }
    walk_ask(h, pair, serials, count);
    struct walk_answer *answer = &bench->answer;
    if (is_of_another_desk(h, pair, client, answer->walk.account))
        facts_set(&answer->facts, FACT_WALK_JOINED, false);
    for (unsigned i = 0; i < FACT_WORDS; i++)
        facts->bits[i] |= answer->facts.bits[i];
}
