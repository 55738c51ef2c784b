/* What is about to be touched is fetched ahead. When machines come by the hundred thousand each new
 * one pushes the oldest out, with its pair and what is said of it then: two dozen cache lines, each
 * of which leads to the next. Who is next is known, so at each turn the machine four turns ahead is
 * fetched, what the one before it points to, and what that points to. Hints: nothing is changed. */
#include <stddef.h>

#include "history/state.h"

enum { LINE_BYTES = 64 };

/* What is kept begins anywhere in a line: the last one is fetched as well. */
static void fetch(const void *at, size_t bytes) {
    const uint8_t *line = at, *last = line + bytes - 1;
    for (; line < last; line += LINE_BYTES)
        __builtin_prefetch(line);
    __builtin_prefetch(last);
}

/* A value of a table with what stands before it there, by which it is looked up and removed. */
static void fetch_entry(const struct table *table, const void *value) {
    const uint8_t *entry = (const uint8_t *)value - table->value_at;
    fetch(entry, table->entries.slot_bytes);
}

static void fetch_pair_at(const struct history *h, uint32_t index) {
    if (index)
        fetch(pair_at(h, index), LINE_BYTES);
}

/* The pair is here: what forgetting it touches. */
static void fetch_around(const struct history *h, const struct pair *pair) {
    fetch(account_at(h, pair->account), sizeof(struct account));
    if (pair->server.ref.index)
        fetch(host_at(h, pair->server.ref.index), offsetof(struct host, raw_workstation));
    table_expect_removal(&h->pairs, pair);
    for (unsigned i = 0; i < LINK_COUNT; i++) {
        fetch_pair_at(h, pair->links[i].older);
        fetch_pair_at(h, pair->links[i].newer);
    }
}

static void fetch_names_of(const struct host_rest *rest) {
    fetch(&rest->computer,
          offsetof(struct host_rest, domain_before) - offsetof(struct host_rest, computer));
}

/* The server of the next one is here: which names the last word on a pair may compare. */
static void fetch_names(const struct history *h, const struct pair *pair) {
    if (pair->server.ref.index)
        fetch_names_of(host_at(h, pair->server.ref.index)->rest);
}

static void hosts_ahead(struct history *h) {
    const struct host *host =
        table_count(&h->hosts) == h->caps.hosts ? table_stalest(&h->hosts) : NULL;
    if (!host)
        return;
    const struct host *second = table_next(&h->hosts, host);
    const struct host *third = second ? table_next(&h->hosts, second) : NULL;
    const struct host *fourth = third ? table_next(&h->hosts, third) : NULL;
    if (!fourth)
        return;
    fetch_entry(&h->hosts, fourth);
    table_expect_removal(&h->hosts, third);
    if (third->pairs.oldest)
        fetch_entry(&h->pairs, pair_at(h, third->pairs.oldest));
    if (second->pairs.oldest)
        fetch_around(h, pair_at(h, second->pairs.oldest));
    if (host->pairs.oldest)
        fetch_names(h, pair_at(h, host->pairs.oldest));
}

/* Where it is the pairs that are too many: the same for them. */
static void pairs_ahead(struct history *h) {
    const struct pair *pair =
        table_count(&h->pairs) == h->caps.pairs ? table_stalest(&h->pairs) : NULL;
    if (!pair)
        return;
    const struct pair *second = table_next(&h->pairs, pair);
    const struct pair *third = second ? table_next(&h->pairs, second) : NULL;
    const struct pair *fourth = third ? table_next(&h->pairs, third) : NULL;
    if (!fourth)
        return;
    fetch_entry(&h->pairs, fourth);
    fetch_around(h, second);
    fetch(host_at(h, second->client), sizeof(struct host));
    fetch_names(h, pair);
}

void victims_ahead(struct history *h) {
    hosts_ahead(h);
    pairs_ahead(h);
    table_expect_full(&h->names);
    table_expect_full(&h->accounts);
    table_expect_full(&h->counts);
    table_expect_full(&h->challenges);
}

void ends_here(const struct history *h, const struct ends *ends) {
    enum { WHO_BYTES = 64 + offsetof(struct host, rest) }; /* with what stands before it */
    for (unsigned i = 0; i < 2; i++)
        fetch(pool_at(&h->hosts.entries, ends->hosts[i]), WHO_BYTES);
}

/* What was looked up is touched from one end to the other: its lines come side by side instead of
 * one after the other. */
void client_here(const struct host *client) {
    fetch(&client->raw_workstation, sizeof *client - offsetof(struct host, raw_workstation));
}

void server_here(const struct host *server) {
    fetch_names_of(server->rest);
    fetch(&server->rest->domains_seen, sizeof server->rest->domains_seen);
}

void account_here(const struct account *account) {
    fetch(account, sizeof *account);
    __builtin_prefetch(&account->rest->starts[1]);
}

/* The next pair is at hand since the last time: what it is about, and the one after it. */
void order_ahead(const struct history *h, uint32_t next) {
    if (!next)
        return;
    const struct pair *pair = pair_at(h, next);
    fetch(account_at(h, pair->account), sizeof(struct account));
    fetch(host_at(h, pair->client), sizeof(struct host));
    if (pair->links[LINK_ORDER].newer)
        fetch_entry(&h->pairs, pair_at(h, pair->links[LINK_ORDER].newer));
}
