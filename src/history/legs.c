/* A relay shows when the tap sees both of its legs: the challenge that a server gives to M is the
 * one that M gives to A. Challenges are known by a keyed mark and forgotten after a while. */
#include "history/state.h"

/* The leg to the true server was the earlier one: its client is the relay. */
static void leg_marked(struct history *h, const struct challenge_seen *seen) {
    struct account *account = account_at(h, seen->account.index);
    struct host *client = host_by_id(h, seen->client), *server = host_by_id(h, seen->server);
    if (!client || account->serial != seen->account.serial)
        return;
    struct pair *pair = pair_of(h, account, client);
    if (!pair->server_count && server) {
        pair->server.ref = host_refer(h, server);
        pair->server_count = 1;
    }
    pair->flags |= PAIR_CHALLENGE_TWICE;
    if (!pair->is_trouble)
        pair->last_ns = seen->time_ns;
    trouble_begins(h, pair, seen->time_ns);
    pair_changed(h, pair, false);
}

static void add_of_three(uint64_t three[3], uint64_t serial) {
    for (unsigned i = 0; i < 3; i++) {
        if (three[i] && three[i] != serial)
            continue;
        three[i] = serial;
        return;
    }
}

/* What stands between serves the house when many go through it, again and again, to good effect. */
static void passed_on(struct history *h, struct host *middle, uint64_t client,
                      const struct passage *p) {
    struct passing *passing = &host_rest(h, middle)->passing;
    int64_t now = p->attempt->finding.time_ns;
    bool was_many = passes_many(middle);
    passing->first_ns = passing->total ? passing->first_ns : now;
    passing->last_ns = now;
    passing->total++;
    middle->has_passed_on = true;
    passing->granted += p->is_granted;
    add_of_three(passing->accounts, p->account->serial);
    add_of_three(passing->clients, client);
    if (passes_many(middle) != was_many)
        client_changed(h, middle);
}

bool passes_many(const struct host *host) {
    const struct passing *passing = &host->rest->passing;
    return passing->accounts[2] && passing->clients[2] && passing->total >= 9 &&
           4 * passing->granted >= 3 * passing->total &&
           time_between(passing->first_ns, passing->last_ns) > 10 * MINUTE_NS;
}

/* Of A -> M and M -> S only the second leg carries the fact, as A is the victim. Where neither
 * leg's client is the other's server it is not known who stands between, and logons of one
 * connection, which share a challenge in the old session setup, are no two legs: nobody is
 * accused. */
bool challenge_repeats(struct history *h, struct passage *p) {
    const struct sbl_attempt *attempt = p->attempt;
    int64_t now = attempt->finding.time_ns;
    if (!attempt->challenge_mark)
        return false;
    const struct challenge_seen *seen = p->challenge =
        table_find_hashed(&h->challenges, &attempt->challenge_mark, p->challenge_hash);
    if (!seen || time_between(seen->time_ns, now) > MINUTE_NS)
        return false;
    bool is_second = seen->server.serial == p->client->serial;
    bool is_first = seen->client.serial == p->server->serial;
    if (is_first && !is_second) {
        leg_marked(h, seen);
        passed_on(h, p->server, p->client->serial, p);
    }
    if (is_second && !is_first)
        passed_on(h, p->client, seen->client.serial, p);
    return is_second && !is_first;
}

void challenge_kept(struct history *h, const struct passage *p) {
    uint64_t mark = p->attempt->challenge_mark;
    if (!mark)
        return;
    struct challenge_seen *seen = p->challenge;
    if (!seen)
        seen = table_add_hashed(&h->challenges, &mark, p->challenge_hash);
    if (!seen) {
        table_remove(&h->challenges, table_stalest(&h->challenges));
        seen = table_add_hashed(&h->challenges, &mark, p->challenge_hash);
    }
    seen->client = host_id(h, p->client);
    seen->server = host_id(h, p->server);
    seen->time_ns = p->attempt->finding.time_ns;
    seen->account = account_refer(h, p->account);
}
