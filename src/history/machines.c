/* Which addresses are one machine. Surely so when they share a MAC that is no router's, and either
 * share a name, or are one IPv4 and one IPv6 address, or were never active at the same time. A MAC
 * with more than four addresses, or whose addresses call themselves different names, is a router's.
 * The same name alone proves nothing; it is shown as a contradiction. */
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

#include "history/state.h"

#define ACTIVE_NS (10 * MINUTE_NS)

static struct same_hosts *same_of(struct table *table, const void *key) {
    uint64_t hash = table_expect(table, key);
    struct same_hosts *same = table_find_hashed(table, key, hash);
    if (same)
        return same;
    same = table_add_hashed(table, key, hash);
    if (!same) {
        table_remove(table, table_stalest(table));
        same = table_add_hashed(table, key, hash);
    }
    return same;
}

/* Adds a host; those that were forgotten make room. Whether it is not alone there. */
static bool same_add(struct history *h, struct same_hosts *same, const struct host *host) {
    for (unsigned i = 0; i < same->count;) {
        if (same->hosts[i].serial == host->serial)
            return same->count > 1;
        if (host_by_id(h, same->hosts[i]))
            i++;
        else
            same->hosts[i] = same->hosts[--same->count];
    }
    if (same->count < SAME_HOSTS)
        same->hosts[same->count++] = host_id(h, host);
    else
        same->is_many = true;
    return same->count > 1;
}

static uint64_t mac_key(const uint8_t mac[6]) {
    uint64_t key = 0;
    memcpy(&key, mac, sizeof((struct host *)0)->mac);
    return key;
}

static bool *mac_flag(struct host *host) {
    return &host->shares_mac;
}

static bool *name_flag(struct host *host) {
    return &host->has_namesake;
}

/* Notes a host among those of its MAC or name, and with all of them that they are several. */
static void same_seen(struct history *h, struct table *table, uint64_t key, struct host *host,
                      bool *(*flag)(struct host *)) {
    struct same_hosts *same = same_of(table, &key);
    if (!same_add(h, same, host))
        return;
    *flag(host) = true;
    for (unsigned i = 0; i < same->count; i++) {
        struct host *other = host_by_id(h, same->hosts[i]);
        if (other)
            *flag(other) = true;
    }
}

/* Once a MAC is a router's it is not asked who they are. */
void mac_seen(struct history *h, struct host *host) {
    uint64_t key = mac_key(host->mac);
    const struct same_hosts *same = table_find(&h->macs, &key);
    host->is_routed = same && same->is_many;
    if (host->is_routed)
        host->shares_mac = true;
    else
        same_seen(h, &h->macs, key, host, mac_flag);
}

void name_seen(struct history *h, struct host *host, uint64_t hash) {
    same_seen(h, &h->names, hash, host, name_flag);
}

static const struct same_hosts *mac_of(struct history *h, const struct host *host) {
    uint64_t key = mac_key(host->mac);
    return host_may_have_others(host) ? table_find(&h->macs, &key) : NULL;
}

static bool share_a_name(const struct host *a, const struct host *b) {
    for (unsigned i = 0; i < a->name_count; i++)
        if (host_has_name(b, host_name_at(a, i)->label.hash))
            return true;
    return false;
}

static bool have_different_names(const struct host *a, const struct host *b) {
    return a->name_count && b->name_count && !share_a_name(a, b);
}

static bool is_router_mac(const struct history *h, const struct same_hosts *same) {
    if (same->is_many)
        return true;
    for (unsigned i = 1; i < same->count; i++)
        for (unsigned j = 0; j < i; j++) {
            const struct host *a = host_by_id(h, same->hosts[i]);
            const struct host *b = host_by_id(h, same->hosts[j]);
            if (a && b && have_different_names(a, b))
                return true;
        }
    return false;
}

bool is_router(struct history *h, const struct host *host) {
    const struct same_hosts *same = mac_of(h, host);
    return host->is_routed || (same && is_router_mac(h, same));
}

bool mac_is_router(struct history *h, const uint8_t mac[6]) {
    uint64_t key = mac_key(mac);
    const struct same_hosts *same = table_find(&h->macs, &key);
    return same && is_router_mac(h, same);
}

static bool overlap(const struct host *a, const struct host *b) {
    return a->first_ns <= b->last_ns && b->first_ns <= a->last_ns;
}

/* Of two hosts with one MAC that is no router's. */
static bool is_surely(const struct host *a, const struct host *b) {
    return share_a_name(a, b) || a->ip_version != b->ip_version || !overlap(a, b);
}

bool may_have_moved(const struct host *a, const struct host *b) {
    const struct host *first = a->first_ns < b->first_ns ? a : b, *then = first == a ? b : a;
    return a->has_namesake && b->has_namesake && share_a_name(a, b) &&
           time_between(first->last_ns, then->first_ns) > ACTIVE_NS;
}

bool is_same_machine(struct history *h, struct host *a, struct host *b) {
    if (a == b)
        return true;
    return a->has_mac && b->has_mac && memcmp(a->mac, b->mac, sizeof a->mac) == 0 &&
           !is_router(h, a) && is_surely(a, b);
}

struct host *machine_first(struct history *h, struct host *host) {
    const struct same_hosts *same = mac_of(h, host);
    struct host *first = host;
    if (!same || same->count < 2 || is_router_mac(h, same))
        return host;
    for (unsigned i = 0; i < same->count; i++) {
        struct host *other = host_by_id(h, same->hosts[i]);
        if (other && other->serial < first->serial && is_surely(host, other))
            first = other;
    }
    return first;
}

/* Where a machine went on under another address, as a lease ended: MAC and name say so both. What
 * it does as a client is kept in one place, under the address that was seen first. */
struct host *machine_home(struct history *h, struct host *host) {
    const struct same_hosts *same = mac_of(h, host);
    struct host *home = host;
    host->is_routed |= same && same->is_many; /* for good, and asked at each event */
    if (!same || same->count < 2 || is_router_mac(h, same))
        return host;
    for (unsigned i = 0; i < same->count; i++) {
        struct host *other = host_by_id(h, same->hosts[i]);
        if (other && other->serial < home->serial && other->ip_version == host->ip_version &&
            share_a_name(host, other))
            home = other;
    }
    if (home != host)
        (void)table_find(&h->hosts, table_key(&h->hosts, home)); /* it is in use */
    home->has_moved |= home != host;
    memcpy(host_rest(h, home)->latest_address, host->address, sizeof host->address);
    return home;
}

static void address_text(const struct host *host, char out[INET6_ADDRSTRLEN]) {
    inet_ntop(host->ip_version == 6 ? AF_INET6 : AF_INET, host->address, out, INET6_ADDRSTRLEN);
}

/* Another host that goes by the same name: joined for walks, or a contradiction. Whether joined. */
static bool weigh_namesake(const struct host *host, const struct host *other, const char *name,
                           char *text, size_t room) {
    char address[INET6_ADDRSTRLEN];
    address_text(other, address);
    bool is_apart = !host->has_mac && !other->has_mac && !overlap(host, other);
    if (is_apart)
        snprintf(text, room,
                 "%s was %.47s before or after; taken for one machine though no MAC proves it",
                 address, name);
    else
        snprintf(text, room, "%s also calls itself %.47s", address, name);
    return is_apart;
}

unsigned machine_hosts(struct history *h, struct host *host, struct host *hosts[SAME_HOSTS + 1]) {
    unsigned count = 1;
    hosts[0] = host;
    if (!host_may_have_others(host))
        return count;
    const struct same_hosts *same = mac_of(h, host);
    for (unsigned i = 0; same && !is_router_mac(h, same) && i < same->count; i++) {
        struct host *other = host_by_id(h, same->hosts[i]);
        if (other && other != host && is_surely(host, other))
            hosts[count++] = other;
    }
    return count;
}

static bool is_listed(const uint64_t *serials, unsigned count, uint64_t serial) {
    for (unsigned i = 0; i < count; i++)
        if (serials[i] == serial)
            return true;
    return false;
}

struct gathering {
    uint64_t *serials;
    unsigned count;
    char *contradiction;
    size_t room;
};

static void gather_namesakes(struct history *h, const struct host *host, struct gathering *out) {
    const struct host_name *name = host_best_name(host);
    const struct same_hosts *same = name ? table_find(&h->names, &name->label.hash) : NULL;
    for (unsigned i = 0; same && !same->is_many && i < same->count; i++) {
        const struct host *other = host_by_id(h, same->hosts[i]);
        if (!other || !host_has_name(other, name->label.hash) ||
            is_listed(out->serials, out->count, other->serial))
            continue;
        if (weigh_namesake(host, other, name->label.text, out->contradiction, out->room) &&
            out->count < HOSTS_JOINED)
            out->serials[out->count++] = other->serial;
    }
}

/* A second name, beside the one that is said, or a second MAC of one address. */
static void weigh_itself(const struct host *host, const char *said, char *text, size_t room) {
    const char *other = NULL;
    for (unsigned i = 0; i < host->name_count; i++) {
        const char *name = host_name_at(host, i)->label.text;
        other = name != said && strcmp(name, said) != 0 ? name : other;
    }
    if (other && host_best_name(host))
        snprintf(text, room, "it also calls itself %.47s", other);
    if (host->has_moved &&
        memcmp(host->address, host->rest->latest_address, sizeof host->address) != 0) {
        char before[INET6_ADDRSTRLEN];
        address_text(host, before);
        snprintf(text, room, "it was %s before", before);
    }
    if (host->changed_mac && text[0] == 0)
        snprintf(text, room, "its address was used with another MAC before");
}

unsigned machine_gather(struct history *h, struct host *host, uint64_t serials[HOSTS_JOINED],
                        char contradiction[CONTRADICTION_BYTES]) {
    struct gathering out = {serials, 1, contradiction, CONTRADICTION_BYTES};
    serials[0] = host->serial;
    contradiction[0] = 0;
    weigh_itself(host, h->bench.incident.client.name, contradiction, CONTRADICTION_BYTES);
    struct host *hosts[SAME_HOSTS + 1];
    out.count = machine_hosts(h, host, hosts);
    for (unsigned i = 1; i < out.count; i++)
        serials[i] = hosts[i]->serial;
    if (host->has_namesake)
        gather_namesakes(h, host, &out);
    return out.count;
}

/* Whether a name that `host` claims is known as another machine's that is active now. */
bool name_contradicts(struct history *h, struct host *host, uint64_t name, int64_t time_ns) {
    const struct same_hosts *same =
        name && host->has_namesake ? table_find(&h->names, &name) : NULL;
    if (!same || is_router(h, host))
        return false;
    for (unsigned i = 0; i < same->count; i++) {
        struct host *other = host_by_id(h, same->hosts[i]);
        if (!other || other == host || !host_has_name(other, name) || is_router(h, other) ||
            time_between(other->last_ns, time_ns) > ACTIVE_NS ||
            time_between(time_ns, other->first_ns) > ACTIVE_NS)
            continue;
        bool have_macs = host->has_mac && other->has_mac;
        bool is_other =
            have_macs ? memcmp(host->mac, other->mac, sizeof host->mac) != 0 : overlap(host, other);
        if (is_other && host->ip_version == other->ip_version)
            return true;
    }
    return false;
}
