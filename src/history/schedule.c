/* When what is told. Each kind of wait has one length, so a chain in order of arrival is a chain in
 * order of being due, and looking at its head is all a tick costs. Waits are measured on a clock of
 * our own that only goes forward: a capture's time may jump back, or a century ahead. When
 * thousands of pairs fail at once, each is told of every ten minutes instead of every minute; and
 * when thousands are due at once, as after a gap in the capture, each finding and each second tells
 * some of them, so that no packet has to wait for all. */
#include "history/state.h"

#define DAY_NS (24 * HOUR_NS)

/* Pairs of each kind: far more than can become due meanwhile. */
enum { TOLD_AT_ONCE = 64 };

static const uint64_t waits[DUE_COUNT] = {
    [DUE_SETTLE] = 10 * (uint64_t)SECOND_NS,
    [DUE_REST] = 60 * (uint64_t)SECOND_NS,
    [DUE_STORM] = 600 * (uint64_t)SECOND_NS,
    [DUE_LOCKED] = 2 * (uint64_t)SECOND_NS,
};

/* How long an incident may be silent before it is over: 150 minutes, or two and a half periods
 * where it has one, so that what comes again each hour, or each day, is one story. One chain per
 * step, as each then keeps the order in which its pairs are due. */
static const uint64_t silences[IDLE_STEPS] = {
    9000 * (uint64_t)SECOND_NS,  18000 * (uint64_t)SECOND_NS,  36000 * (uint64_t)SECOND_NS,
    72000 * (uint64_t)SECOND_NS, 108000 * (uint64_t)SECOND_NS, 216000 * (uint64_t)SECOND_NS,
};

struct pair *pair_at(const struct history *h, uint32_t index) {
    uint8_t *entry = pool_at(&h->pairs.entries, index);
    return (struct pair *)(void *)(entry + h->pairs.value_at);
}

uint32_t pair_number(const struct history *h, const struct pair *pair) {
    return pool_index(&h->pairs.entries, (const uint8_t *)pair - h->pairs.value_at);
}

void chain_append(struct history *h, struct chain *chain, struct pair *pair, enum pair_link which) {
    struct link *link = &pair->links[which];
    uint32_t index = pair_number(h, pair);
    *link = (struct link){.older = chain->newest};
    if (chain->newest)
        pair_at(h, chain->newest)->links[which].newer = index;
    else
        chain->oldest = index;
    chain->newest = index;
    chain->count++;
    pair->linked |= (uint8_t)(1u << which);
}

void chain_remove(struct history *h, struct chain *chain, struct pair *pair, enum pair_link which) {
    const struct link *link = &pair->links[which];
    if (!(pair->linked & 1u << which))
        return;
    if (link->older)
        pair_at(h, link->older)->links[which].newer = link->newer;
    else
        chain->oldest = link->newer;
    if (link->newer)
        pair_at(h, link->newer)->links[which].older = link->older;
    else
        chain->newest = link->older;
    chain->count--;
    pair->linked &= (uint8_t) ~(1u << which);
}

void time_goes_on(struct history *h, int64_t time_ns) {
    if (!h->has_time) {
        h->has_time = true;
        h->start_ns = h->latest_ns = time_ns;
    }
    h->last_ns = time_ns;
    if (time_ns > h->latest_ns) {
        int64_t step = time_between(h->latest_ns, time_ns);
        h->clock += (uint64_t)(step > DAY_NS ? DAY_NS : step);
        h->latest_ns = time_ns;
    } else if (time_between(time_ns, h->latest_ns) > HOUR_NS) {
        h->latest_ns = time_ns; /* a jump, not packets in disorder */
    }
}

/* A chain that has a head is due when its head is; what is appended later is due later. */
static void expect(struct history *h, const struct chain *chain, uint64_t due) {
    if (chain->count == 1 && due < h->next_due)
        h->next_due = due;
}

static void wait_for(struct history *h, struct pair *pair, enum due due) {
    if (pair->due < DUE_COUNT)
        chain_remove(h, &h->due[pair->due], pair, LINK_DUE);
    pair->due = (uint8_t)due;
    pair->due_since = h->clock;
    if (due >= DUE_COUNT)
        return;
    chain_append(h, &h->due[due], pair, LINK_DUE);
    expect(h, &h->due[due], h->clock + waits[due]);
}

void pair_unschedule(struct history *h, struct pair *pair) {
    wait_for(h, pair, DUE_NONE);
    chain_remove(h, &h->idle[pair->idle_step], pair, LINK_IDLE);
    chain_remove(h, &h->order, pair, LINK_ORDER);
}

void pair_changed(struct history *h, struct pair *pair, bool is_urgent) {
    if (!pair->is_trouble)
        return;
    pair->is_changed = true;
    if (is_urgent && pair->due != DUE_LOCKED)
        wait_for(h, pair, DUE_LOCKED);
    else if (pair->due == DUE_NONE)
        wait_for(h, pair, DUE_SETTLE);
}

void client_changed(struct history *h, const struct host *client) {
    unsigned left = CLIENTS_LOOKED_AT;
    for (uint32_t i = client->pairs.newest; i && left; left--) {
        struct pair *pair = pair_at(h, i);
        i = pair->links[LINK_CLIENT].older;
        pair_changed(h, pair, false);
    }
}

static void tell(struct history *h, struct pair *pair) {
    enum incident_moment moment = pair->was_told ? INCIDENT_CHANGED : INCIDENT_SETTLED;
    bool is_changed = pair->is_changed;
    enum due rest = h->order.count > STORM_PAIRS ? DUE_STORM : DUE_REST;
    wait_for(h, pair, is_changed ? rest : DUE_NONE);
    if (is_changed)
        incident_hand_over(h, pair, moment);
}

void pair_is_active(struct history *h, struct pair *pair) {
    chain_remove(h, &h->idle[pair->idle_step], pair, LINK_IDLE);
    pair->idle_since = h->clock;
    pair->idle_step = 0;
    chain_append(h, &h->idle[0], pair, LINK_IDLE);
    expect(h, &h->idle[0], h->clock + silences[0]);
}

/* A period is a mean; a tenth less than so many of them will do. */
static bool is_over(const struct pair *pair) {
    double silence = 2.5 * 0.9 * rhythm_period(pair) * (double)SECOND_NS;
    return pair->idle_step + 1 == IDLE_STEPS || (double)silences[pair->idle_step] >= silence;
}

static void idle_step_ends(struct history *h, struct pair *pair) {
    chain_remove(h, &h->idle[pair->idle_step], pair, LINK_IDLE);
    if (!is_over(pair)) {
        pair->idle_step++;
        chain_append(h, &h->idle[pair->idle_step], pair, LINK_IDLE);
        return;
    }
    wait_for(h, pair, DUE_NONE);
    incident_hand_over(h, pair, INCIDENT_IDLE);
}

static void idle_out(struct history *h) {
    unsigned left = TOLD_AT_ONCE;
    for (unsigned step = 0; step < IDLE_STEPS; step++)
        for (; left && h->idle[step].oldest; left--) {
            struct pair *pair = pair_at(h, h->idle[step].oldest);
            if (h->clock - pair->idle_since < silences[step])
                break;
            idle_step_ends(h, pair);
        }
}

static void due_out(struct history *h) {
    for (unsigned due = 0; due < DUE_COUNT; due++)
        for (unsigned left = TOLD_AT_ONCE; left && h->due[due].oldest; left--) {
            struct pair *pair = pair_at(h, h->due[due].oldest);
            if (h->clock - pair->due_since < waits[due])
                break;
            tell(h, pair);
        }
}

/* When the first of all heads is due. */
static uint64_t first_due(const struct history *h) {
    uint64_t first = UINT64_MAX;
    for (unsigned due = 0; due < DUE_COUNT; due++)
        if (h->due[due].oldest) {
            uint64_t at = pair_at(h, h->due[due].oldest)->due_since + waits[due];
            first = at < first ? at : first;
        }
    for (unsigned step = 0; step < IDLE_STEPS; step++)
        if (h->idle[step].oldest) {
            uint64_t at = pair_at(h, h->idle[step].oldest)->idle_since + silences[step];
            first = at < first ? at : first;
        }
    return first;
}

void hand_over_due(struct history *h) {
    if (h->clock < h->next_due)
        return;
    due_out(h);
    idle_out(h);
    h->next_due = first_due(h);
}
