/* What is about to be touched is fetched ahead. When machines come by the hundred thousand each new
 * one pushes the oldest out, with its pair and what is said of it then: two dozen cache lines, each
 * of which leads to the next. Who is next is known, so at each turn the machine four turns ahead is
 * fetched, what the one before it points to, and what that points to. Hints: nothing is changed. */
#include "history/state.h"

enum { LINE_BYTES = 64 };

static void fetch(const void *at, size_t bytes) {
    const uint8_t *line = at;
    for (size_t done = 0; done < bytes; done += LINE_BYTES)
        __builtin_prefetch(line + done);
}

static void fetch_pair_at(const struct history *h, uint32_t index) {
    if (index)
        fetch(pair_at(h, index), LINE_BYTES);
}

/* The pair is here: what forgetting it touches. */
static void fetch_around(const struct history *h, const struct pair *pair) {
    fetch(account_at(h, pair->account), sizeof(struct account));
    table_expect_removal(&h->pairs, pair);
    for (unsigned i = 0; i < LINK_COUNT; i++) {
        fetch_pair_at(h, pair->links[i].older);
        fetch_pair_at(h, pair->links[i].newer);
    }
}

void victims_ahead(const struct history *h) {
    const struct host *host = table_oldest(&h->hosts);
    if (table_count(&h->hosts) < h->caps.hosts || !host)
        return;
    const struct host *second = table_next(&h->hosts, host);
    const struct host *third = second ? table_next(&h->hosts, second) : NULL;
    const struct host *fourth = third ? table_next(&h->hosts, third) : NULL;
    if (!fourth)
        return;
    fetch(fourth, sizeof *fourth);
    table_expect_removal(&h->hosts, third);
    if (third->pairs.oldest)
        fetch(pair_at(h, third->pairs.oldest), sizeof(struct pair));
    if (second->pairs.oldest)
        fetch_around(h, pair_at(h, second->pairs.oldest));
}
