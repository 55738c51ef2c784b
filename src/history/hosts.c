/* Machines by address, and what they call themselves. An address is one entry, as client and as
 * server; which entries are one machine is decided in machines.c and never by writing two into one:
 * a router behind which many clients sit is seen for what it is only after a while. */
#include <string.h>

#include "history/state.h"

#define MAC_BACK_NS (10 * MINUTE_NS)

struct host *host_at(const struct history *h, uint32_t index) {
    uint8_t *entry = pool_at(&h->hosts.entries, index);
    return (struct host *)(void *)(entry + h->hosts.value_at);
}

uint32_t host_number(const struct history *h, const struct host *host) {
    return pool_index(&h->hosts.entries, (const uint8_t *)host - h->hosts.value_at);
}

struct host_rest *host_rest(struct history *h, struct host *host) {
    if (host->rest == &h->no_host_rest) /* there is room for those of all hosts */
        host->rest = pool_at(&h->host_rests, pool_take(&h->host_rests));
    return host->rest;
}

static void rest_give(struct history *h, struct host *host) {
    if (host->rest != &h->no_host_rest)
        pool_give(&h->host_rests, pool_index(&h->host_rests, host->rest));
    host->rest = &h->no_host_rest;
}

struct host_id host_id(const struct history *h, const struct host *host) {
    return (struct host_id){host->serial & SERIAL_MASK, host_number(h, host) & INDEX_MASK};
}

struct host *host_by_id(const struct history *h, struct host_id id) {
    if (!id.index)
        return NULL;
    struct host *host = host_at(h, id.index);
    return host->serial == id.serial ? host : NULL;
}

struct host_ref host_refer(const struct history *h, const struct host *host) {
    struct host_ref ref = {.serial = host->serial & SERIAL_MASK,
                           .index = host_number(h, host) & INDEX_MASK,
                           .is_ipv6 = host->ip_version == 6};
    memcpy(ref.address, host->address, sizeof ref.address);
    return ref;
}

struct host *host_deref(const struct history *h, const struct host_ref *ref) {
    return host_by_id(h, (struct host_id){ref->serial, ref->index});
}

/* Its pairs go with it: what is said of a pair names its client. */
void hosts_forget(struct history *h, struct host *host) {
    while (host->pairs.oldest)
        pair_forget(h, pair_at(h, host->pairs.oldest));
    if (host->has_searched)
        walks_forget(h->walks, host->serial);
    rest_give(h, host);
    host->serial = 0;
    table_remove(&h->hosts, host);
}

/* The address belongs to another machine from now on, which knows nothing of the one before. */
static void begin_again(struct history *h, struct host *host) {
    struct host before = *host;
    while (host->pairs.oldest)
        pair_forget(h, pair_at(h, host->pairs.oldest));
    if (host->has_searched)
        walks_forget(h->walks, host->serial);
    rest_give(h, host);
    *host = (struct host){.serial = serial_take(h),
                          .ip_version = before.ip_version,
                          .first_ns = h->last_ns,
                          .last_ns = h->last_ns,
                          .changed_mac = true,
                          .rest = &h->no_host_rest};
    memcpy(host->address, before.address, sizeof host->address);
    struct host_rest *rest = host_rest(h, host);
    rest->mac_since_ns = h->last_ns;
    memcpy(rest->mac_before, before.mac, sizeof rest->mac_before);
}

/* Another MAC at an address is another machine, as when a lease goes from one to the next. It is
 * not where a router stands before it, nor where the MAC before comes back soon: an address that
 * two adapters, or two routers, serve by turns is one machine's all along. */
static bool is_another_machine(struct history *h, const struct host *host, const uint8_t *mac) {
    const struct host_rest *rest = host->rest;
    bool is_back = memcmp(mac, rest->mac_before, sizeof rest->mac_before) == 0 &&
                   time_between(rest->mac_since_ns, h->last_ns) <= MAC_BACK_NS;
    return !is_back && !host->has_two_macs && !is_router(h, host) && !mac_is_router(h, mac);
}

static void mac_set(struct history *h, struct host *host, const uint8_t *mac) {
    static const uint8_t none[6];
    if (memcmp(mac, none, sizeof none) == 0)
        return;
    host->is_routed = false;
    if (host->has_mac && is_another_machine(h, host, mac)) {
        begin_again(h, host);
    } else if (host->has_mac) {
        host->has_two_macs = host->changed_mac = true;
    }
    host->has_mac = true;
    memcpy(host->mac, mac, sizeof host->mac);
    mac_seen(h, host);
}

/* A hint as well: where it is looked for is fetched ahead. */
static void host_expect(const struct history *h, const struct sbl_endpoint *endpoint,
                        uint8_t ip_version, struct host_key *key) {
    memset(key->bytes, 0, HOST_KEY);
    key->bytes[0] = ip_version;
    memcpy(key->bytes + 8, endpoint->address, sizeof endpoint->address);
    key->hash = table_expect(&h->hosts, key->bytes);
}

static struct host *host_add(struct history *h, const struct sbl_endpoint *endpoint,
                             const struct host_key *key) {
    struct host *host = table_add_hashed(&h->hosts, key->bytes, key->hash);
    if (!host) {
        h->options.stats->cap_hits[SBL_LIMIT_HOSTS]++;
        hosts_forget(h, table_stalest(&h->hosts));
        host = table_add_hashed(&h->hosts, key->bytes, key->hash);
    }
    host->serial = serial_take(h);
    host->rest = &h->no_host_rest;
    host->ip_version = key->bytes[0];
    memcpy(host->address, endpoint->address, sizeof host->address);
    host->first_ns = host->last_ns = h->last_ns;
    return host;
}

static struct host *host_under(struct history *h, const struct sbl_endpoint *endpoint, bool has_mac,
                               const struct host_key *key) {
    struct host *host = table_find_hashed(&h->hosts, key->bytes, key->hash);
    if (!host)
        host = host_add(h, endpoint, key);
    if (has_mac && (!host->has_mac || memcmp(host->mac, endpoint->mac, sizeof host->mac) != 0))
        mac_set(h, host, endpoint->mac);
    return host;
}

struct host *host_of(struct history *h, const struct sbl_endpoint *endpoint, uint8_t ip_version,
                     bool has_mac) {
    struct host_key key;
    host_expect(h, endpoint, ip_version, &key);
    return host_under(h, endpoint, has_mac, &key);
}

static bool is_at(const struct host *host, const struct sbl_endpoint *endpoint,
                  const struct sbl_conversation *c) {
    return host->serial && host->ip_version == c->ip_version &&
           memcmp(host->address, endpoint->address, sizeof host->address) == 0 &&
           (!c->has_mac ||
            (host->has_mac && memcmp(host->mac, endpoint->mac, sizeof host->mac) == 0));
}

/* Of most others it differs; nothing depends on it but that a cold host is looked at. */
static uint64_t ends_mark(const struct sbl_conversation *c) {
    uint64_t words[2][2];
    memcpy(words[0], c->side[0].address, sizeof words[0]);
    memcpy(words[1], c->side[1].address, sizeof words[1]);
    return words[0][0] + words[0][1] + 3 * (words[1][0] + words[1][1]);
}

static bool ends_known(struct history *h, const struct ends *ends, const struct sbl_conversation *c,
                       struct host *hosts[2]) {
    for (unsigned i = 0; i < 2; i++) {
        hosts[i] = host_at(h, ends->hosts[i]);
        if (!is_at(hosts[i], &c->side[i], c))
            return false;
    }
    return true;
}

void hosts_expect(struct history *h, const struct sbl_conversation *c, struct ends_sought *sought) {
    sought->ends = &h->ends[(c->correlate_slot + c->side[0].port) % ENDS_KEPT];
    sought->mark = ends_mark(c);
    sought->has_keys = sought->ends->mark != sought->mark || !sought->ends->hosts[0];
    if (!sought->has_keys)
        ends_here(h, sought->ends);
    for (unsigned i = 0; sought->has_keys && i < 2; i++)
        host_expect(h, &c->side[i], c->ip_version, &sought->keys[i]);
}

static void ends_look_up(struct history *h, const struct sbl_conversation *c,
                         const struct ends_sought *sought, struct host *hosts[2]) {
    if (sought->has_keys) /* the server comes while another client is forgotten */
        table_expect_entry(&h->hosts, sought->keys[1].hash);
    for (unsigned i = 0; i < 2; i++)
        hosts[i] = sought->has_keys ? host_under(h, &c->side[i], c->has_mac, &sought->keys[i])
                                    : host_of(h, &c->side[i], c->ip_version, c->has_mac);
    *sought->ends = (struct ends){.hosts = {host_number(h, hosts[0]), host_number(h, hosts[1])},
                                  .mark = sought->mark};
}

void hosts_find(struct history *h, const struct sbl_conversation *c, int64_t time_ns,
                const struct ends_sought *sought, struct host *hosts[2]) {
    if (sought->has_keys || !ends_known(h, sought->ends, c, hosts))
        ends_look_up(h, c, sought, hosts);
    for (unsigned i = 0; i < 2; i++) {
        table_use(&h->hosts, hosts[i]);
        host_seen(h, hosts[i], time_ns);
    }
}

void hosts_of(struct history *h, const struct sbl_conversation *c, int64_t time_ns,
              struct host *hosts[2]) {
    struct ends_sought sought;
    hosts_expect(h, c, &sought);
    hosts_find(h, c, time_ns, &sought, hosts);
}

void host_seen(struct history *h, struct host *host, int64_t time_ns) {
    (void)h;
    if (time_ns > host->last_ns)
        host->last_ns = time_ns;
    if (time_ns < host->first_ns)
        host->first_ns = time_ns;
}

void host_named(struct history *h, struct host *host, const struct word *name, uint8_t source) {
    if (!name->hash || word_is_address(name->text) || strcmp(name->text, "*SMBSERVER") == 0)
        return;
    unsigned at = 0, rarest = 0;
    for (; at < host->name_count && host_name_at(host, at)->label.hash != name->hash; at++)
        if (host_name_at(host, at)->count < host_name_at(host, rarest)->count)
            rarest = at;
    bool is_new = at == host->name_count;
    if (is_new && at == HOST_NAMES)
        at = rarest;
    else if (is_new)
        host->name_count++;
    struct host_name *entry = at ? &host_rest(h, host)->names[at - 1] : &host->name;
    if (is_new) {
        *entry = (struct host_name){0};
        label_set(&entry->label, name);
        name_seen(h, host, name->hash);
    }
    entry->count++;
    entry->sources |= source;
}

/* What a machine is called: what it says as a server or registers before what it fills in as a
 * client, and then what it says most. */
const struct host_name *host_best_name(const struct host *host) {
    const struct host_name *best = NULL;
    unsigned best_rank = 0;
    for (unsigned i = 0; i < host->name_count; i++) {
        const struct host_name *name = host_name_at(host, i);
        if (host->has_passed_on && !(name->sources & NAME_FROM_NBNS))
            continue; /* it was passed on, and names another machine */
        unsigned rank = name->sources & NAME_FROM_SERVER ? 3
                        : name->sources & NAME_FROM_NBNS ? 2
                                                         : 1;
        if (!best || rank > best_rank || (rank == best_rank && name->count > best->count)) {
            best = name;
            best_rank = rank;
        }
    }
    return best;
}

bool host_has_name(const struct host *host, uint64_t hash) {
    for (unsigned i = 0; i < host->name_count; i++)
        if (host_name_at(host, i)->label.hash == hash && hash)
            return true;
    return false;
}
