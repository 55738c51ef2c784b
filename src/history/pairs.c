/* Pairs: an account as one client uses it. A pair is made at the first thing that went wrong; what
 * is granted to others is kept in a table of its own, so that a busy day of good logons pushes no
 * failure out. */
#include <string.h>

#include "history/state.h"

struct pair_key {
    uint64_t account, client;
};

struct pair_ref pair_refer(const struct history *h, const struct pair *pair) {
    return (struct pair_ref){pair->serial & SERIAL_MASK, pair_number(h, pair) & INDEX_MASK};
}

struct pair *pair_deref(const struct history *h, const struct pair_ref *ref) {
    if (!ref->index)
        return NULL;
    struct pair *pair = pair_at(h, ref->index);
    return pair->serial == ref->serial ? pair : NULL;
}

static void window_leave(struct history *h, struct host *client, struct pair *pair) {
    if (pair->linked & 1u << LINK_WINDOW && pair->in_window <= 3)
        client->window_few--;
    chain_remove(h, &client->window, pair, LINK_WINDOW);
}

static void account_lose(struct account *account, const struct pair *pair) {
    if (!(pair->flags & PAIR_FAILING))
        return;
    account->failing--;
    account->granted_first -= (pair->flags & PAIR_WAS_GRANTED_FIRST) != 0;
    account->forgot_one = true;
}

void pair_forget(struct history *h, struct pair *pair) {
    if (pair->is_changed || !pair->was_told || pair->memo.diagnosis)
        incident_hand_over(h, pair, INCIDENT_FORGOTTEN);
    struct account *account = account_at(h, pair->account);
    struct host *client = host_at(h, pair->client);
    pair_unschedule(h, pair);
    chain_remove(h, &account->pairs, pair, LINK_ACCOUNT);
    window_leave(h, client, pair);
    chain_remove(h, &client->pairs, pair, LINK_CLIENT);
    account_lose(account, pair);
    lines_drop(h, pair);
    pair->serial = 0;
    table_remove(&h->pairs, pair);
}

struct pair *pair_find(struct history *h, struct account *account, struct host *client) {
    struct pair_key key = {account->serial, client->serial};
    return account->pairs.count ? table_find(&h->pairs, &key) : NULL;
}

void pair_expect(const struct history *h, const struct account *account,
                 const struct host *client) {
    struct pair_key key = {account->serial, client->serial};
    table_expect(&h->pairs, &key);
}

struct pair_rest *pair_rest(struct history *h, struct pair *pair) {
    if (pair->rest == &h->no_pair_rest) {
        pair->rest = h->pair_rests + pair_number(h, pair) - 1;
        memset(pair->rest, 0, sizeof *pair->rest);
    }
    return pair->rest;
}

/* One more of a reason. While there is only one kind it is kept in the pair itself. */
void pair_reason(struct history *h, struct pair *pair, enum sbl_reason reason) {
    if (!pair->has_reasons && pair->reason_count && pair->reason != reason) {
        pair_rest(h, pair)->reasons[pair->reason] = pair->reason_count;
        pair->has_reasons = true;
    }
    if (pair->has_reasons) {
        pair->rest->reasons[reason]++;
        return;
    }
    pair->reason = (uint8_t)reason;
    pair->reason_count++;
}

static void take_over_grants(struct history *h, struct pair *pair, const struct pair_key *key) {
    struct quiet_grants *grants = table_count(&h->grants) ? table_find(&h->grants, key) : NULL;
    if (!grants)
        return;
    pair->granted = grants->count;
    pair->first_granted_ns = grants->first_ns;
    pair->last_granted_ns = grants->last_ns;
    table_remove(&h->grants, grants);
}

static void links_ahead(const struct history *h, uint32_t index) {
    const struct link *links = index ? pair_at(h, index)->links : NULL;
    if (!links)
        return;
    __builtin_prefetch(links);
    __builtin_prefetch(links + LINK_COUNT - 1);
}

/* What a refusal of this pair will be chained to, and whose turn it was, comes while the pair
 * itself is looked up. */
static void chains_ahead(const struct history *h, const struct account *account,
                         const struct host *client) {
    links_ahead(h, account->pairs.newest);
    links_ahead(h, client->pairs.newest);
    if (client->window.oldest)
        __builtin_prefetch(&pair_at(h, client->window.oldest)->last_ns);
    __builtin_prefetch(client->rest->began_ns);
    __builtin_prefetch(client->rest->began_ns + TURNS - 1);
}

struct pair *pair_of(struct history *h, struct account *account, struct host *client) {
    chains_ahead(h, account, client);
    struct pair *pair = pair_find(h, account, client);
    if (pair)
        return pair;
    struct pair_key key = {account->serial, client->serial};
    pair = table_add(&h->pairs, &key);
    if (!pair) {
        h->options.stats->cap_hits[SBL_LIMIT_PAIRS]++;
        pair_forget(h, table_stalest(&h->pairs));
        pair = table_add(&h->pairs, &key);
    }
    pair->serial = serial_take(h);
    pair->account = account_number(h, account);
    pair->client = host_number(h, client);
    pair->due = DUE_NONE;
    pair->rest = &h->no_pair_rest;
    chain_append(h, &account->pairs, pair, LINK_ACCOUNT);
    chain_append(h, &client->pairs, pair, LINK_CLIENT);
    take_over_grants(h, pair, &key);
    return pair;
}

void quiet_grant(struct history *h, struct account *account, struct host *client, int64_t time_ns) {
    struct pair_key key = {account->serial, client->serial};
    struct quiet_grants *grants = table_find(&h->grants, &key);
    if (!grants) {
        grants = table_add(&h->grants, &key);
        if (!grants) {
            h->options.stats->cap_hits[SBL_LIMIT_PAIRS]++;
            table_remove(&h->grants, table_stalest(&h->grants));
            grants = table_add(&h->grants, &key);
        }
        grants->first_ns = time_ns;
    }
    grants->last_ns = time_ns;
    grants->count++;
}

static uint32_t share_flag(enum share_class class_) {
    static const uint32_t flags[] = {
        [SHARE_CLASS_OTHER] = 0, /* anybody's: shares_wanted() asks further */
        [SHARE_CLASS_SITE] = PAIR_SHARE_SITE,
        [SHARE_CLASS_SMS_SHR] = PAIR_SHARE_SMS_SHR,
        [SHARE_CLASS_LICMTR] = PAIR_SHARE_LICMTR,
        [SHARE_CLASS_PIPE] = 0,
        [SHARE_CLASS_DC] = 0,
        [SHARE_CLASS_ADMIN] = 0,
        [SHARE_CLASS_PRINT] = PAIR_SHARE_USER,
    };
    return (size_t)class_ < sizeof flags / sizeof *flags ? flags[class_] : 0;
}

uint8_t pair_share(struct history *h, struct pair *pair, const struct word *share) {
    if (!share->hash)
        return 0;
    struct pair_rest *rest = pair_rest(h, pair);
    for (uint8_t i = 0; i < pair->share_count; i++)
        if (rest->share_hash[i] == share->hash)
            return (uint8_t)(i + 1);
    rest->share_total++;
    pair->flags |= share_flag(knowledge_share(h->options.knowledge, share->text));
    if (pair->share_count == PAIR_SHARES)
        return 0;
    rest->share_hash[pair->share_count] = share->hash;
    text_copy(rest->shares[pair->share_count], SHARE_BYTES, share->text);
    return ++pair->share_count;
}
