/* The room's face: memory at the start, the clock, the end. */
#include "history/history.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "history/state.h"

static struct history_caps caps_of(const struct sbl_limits *limits) {
    uint32_t accounts = sbl_limit_of(limits, SBL_LIMIT_ACCOUNTS);
    uint32_t pairs = sbl_limit_of(limits, SBL_LIMIT_PAIRS);
    return (struct history_caps){.hosts = sbl_limit_of(limits, SBL_LIMIT_HOSTS),
                                 .accounts = accounts,
                                 .pairs = pairs,
                                 .grants = pairs,
                                 .counts = pairs / 2,
                                 .lines = sbl_limit_of(limits, SBL_LIMIT_LINES),
                                 .challenges = accounts / 4,
                                 .walks = sbl_limit_of(limits, SBL_LIMIT_WALKS),
                                 .look_back = sbl_limit_of(limits, SBL_LIMIT_LOOK_BACK)};
}

/* Caps of a test may leave those of walks out. */
static struct walks_caps walks_caps_of(const struct history_caps *caps) {
    bool is_set = caps->walks != 0;
    return (struct walks_caps){.walks = is_set ? caps->walks : SBL_MAX_WALKS,
                               .clients = is_set ? caps->hosts : SBL_MAX_HOSTS,
                               .recents = is_set ? caps->look_back : SBL_MAX_LOOK_BACK};
}

/* Every table, with what it holds, how much of it, and under what key. */
struct plan {
    size_t table; /* offset in struct history */
    uint32_t capacity, key_bytes, value_bytes;
};

enum { PLANS = 10 };

static void plan(const struct history_caps *caps, struct plan plans[PLANS]) {
#define PLAN(field, capacity, key, type)                                                           \
    (struct plan){offsetof(struct history, field), capacity, key, sizeof(type)}
    plans[0] = PLAN(hosts, caps->hosts, HOST_KEY, struct host);
    plans[1] = PLAN(macs, caps->hosts, 8, struct same_hosts);
    plans[2] = PLAN(names, caps->hosts, 8, struct same_hosts);
    plans[3] = PLAN(domains, caps->hosts, 8, struct domain);
    plans[4] = PLAN(accounts, caps->accounts, 16, struct account);
    plans[5] = PLAN(users, caps->accounts, 8, struct user_grants);
    plans[6] = PLAN(pairs, caps->pairs, 16, struct pair);
    plans[7] = PLAN(grants, caps->grants, 16, struct quiet_grants);
    plans[8] = PLAN(counts, caps->counts, 16, struct count);
    plans[9] = PLAN(challenges, caps->challenges, 8, struct challenge_seen);
#undef PLAN
}

static struct table *table_at(struct history *h, const struct plan *p) {
    return (struct table *)(void *)((uint8_t *)h + p->table);
}

static int memory_init(struct history *h, const struct history_caps *caps) {
    struct plan plans[PLANS];
    plan(caps, plans);
    for (unsigned i = 0; i < PLANS; i++) {
        if (table_init(table_at(h, &plans[i]), plans[i].capacity, plans[i].key_bytes,
                       plans[i].value_bytes))
            return -ENOMEM;
        table_relax(table_at(h, &plans[i]));
    }
    h->words_met = pages_reserve(WORDS_MET * sizeof *h->words_met);
    h->account_rests = pages_reserve(caps->accounts * sizeof *h->account_rests);
    h->pair_rests = pages_reserve(caps->pairs * sizeof *h->pair_rests);
    if (!h->words_met || !h->account_rests || !h->pair_rests)
        return -ENOMEM;
    if (pool_init(&h->host_rests, caps->hosts, sizeof(struct host_rest)))
        return -ENOMEM;
    return pool_init(&h->lines, caps->lines / LINE_CHUNK, LINE_CHUNK * sizeof(struct line));
}

int history_new_with(struct history **history, const struct history_options *options,
                     const struct history_caps *caps) {
    *history = NULL;
    struct history *h = calloc(1, sizeof *h);
    if (!h)
        return -ENOMEM;
    h->options = *options;
    h->caps = *caps;
    h->seed = hash_seed();
    const struct walks_caps walks = walks_caps_of(caps);
    if (memory_init(h, caps) || walks_new(&h->walks, options->knowledge, options->stats, &walks)) {
        history_free(h);
        return -ENOMEM;
    }
    *history = h;
    return 0;
}

int history_new(struct history **history, const struct history_options *options) {
    const struct history_caps caps = caps_of(options->limits);
    return history_new_with(history, options, &caps);
}

size_t history_bytes(const struct history_caps *caps) {
    struct plan plans[PLANS];
    size_t bytes = sizeof(struct history) + WORDS_MET * sizeof(struct word_met) +
                   caps->lines * sizeof(struct line);
    const struct walks_caps walks = walks_caps_of(caps);
    bytes += walks_ceiling(&walks);
    plan(caps, plans);
    bytes += caps->hosts * sizeof(struct host_rest) + caps->accounts * sizeof(struct account_rest) +
             caps->pairs * sizeof(struct pair_rest);
    for (unsigned i = 0; i < PLANS; i++)
        bytes += table_bytes(plans[i].capacity, plans[i].key_bytes, plans[i].value_bytes);
    return bytes;
}

size_t history_ceiling(const struct sbl_limits *limits) {
    const struct history_caps caps = caps_of(limits);
    return history_bytes(&caps);
}

void history_free(struct history *history) {
    if (!history)
        return;
    struct plan plans[PLANS];
    plan(&history->caps, plans);
    for (unsigned i = 0; i < PLANS; i++)
        table_fini(table_at(history, &plans[i]));
    pages_free(history->words_met, WORDS_MET * sizeof *history->words_met);
    pool_fini(&history->host_rests);
    pages_free(history->account_rests, history->caps.accounts * sizeof *history->account_rests);
    pages_free(history->pair_rests, history->caps.pairs * sizeof *history->pair_rests);
    pool_fini(&history->lines);
    walks_free(history->walks);
    free(history);
}

const char *pair_process(const struct history *h, const struct pair *pair) {
    return process_path(h, pair->rest->process_frame, pair->rest->process);
}

const char *process_path(const struct history *h, struct sbl_frame_ref frame, uint32_t process) {
    const char *path = h->options.process && process
                           ? h->options.process(h->options.context, frame, process)
                           : NULL;
    return path ? path : "";
}

void history_tick(struct history *history, int64_t time_ns) {
    if (history->has_time)
        time_goes_on(history, time_ns);
    hand_over_due(history);
}

bool history_due(const struct history *history, int64_t *due_ns) {
    uint64_t wait = history->next_due > history->clock ? history->next_due - history->clock : 0;
    if (!history->has_time || wait > (uint64_t)INT64_MAX ||
        (int64_t)wait > INT64_MAX - history->latest_ns)
        return false;
    *due_ns = history->latest_ns + (int64_t)wait;
    return true;
}

void history_finish(struct history *history, int64_t time_ns) {
    time_goes_on(history, time_ns);
    for (uint32_t i = history->order.oldest, newer; i; i = newer) {
        newer = pair_at(history, i)->links[LINK_ORDER].newer;
        order_ahead(history, newer);
        incident_hand_over(history, pair_at(history, i), INCIDENT_END);
    }
}
