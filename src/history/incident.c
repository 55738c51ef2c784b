/* An incident, put together of what is kept: one account, as one client used it. Everything is
 * borrowed from the tables, or written to the workbench. What hardly anybody asks of most incidents
 * is put together when they do, in told.c. */
#include <string.h>

#include "history/counts.h"
#include "history/state.h"

static void mac_fill(const struct host *host, struct sbl_machine *out) {
    out->has_mac = host && host->has_mac;
    memset(out->mac, 0, sizeof out->mac);
    if (out->has_mac)
        memcpy(out->mac, host->mac, sizeof out->mac);
}

void machine_fill(const struct host_ref *ref, const struct host *host, uint64_t failures,
                  struct sbl_machine *out) {
    const struct host_name *name = host ? host_best_name(host) : NULL;
    memcpy(out->address, ref->address, sizeof out->address);
    out->ip_version = ref->is_ipv6 ? 6 : 4;
    mac_fill(host, out);
    out->name = name ? name->label.text : "";
    out->contradiction = "";
    out->failures = failures;
}

static unsigned main_server(const struct pair *pair) {
    unsigned best = 0;
    for (unsigned i = 1; i < pair->server_count; i++)
        if (pair_server_at(pair, i)->failures > pair_server_at(pair, best)->failures)
            best = i;
    return best;
}

/* Most failures first. */
static void servers_sort(struct workbench *bench, const struct pair *pair) {
    for (unsigned i = 0; i < pair->server_count; i++) {
        uint64_t failures = pair_server_at(pair, i)->failures;
        unsigned at = i;
        for (; at && pair_server_at(pair, bench->server_order[at - 1])->failures < failures; at--)
            bench->server_order[at] = bench->server_order[at - 1];
        bench->server_order[at] = (uint8_t)i;
    }
    for (unsigned i = 0; i < pair->server_count; i++) {
        const struct pair_server *server = pair_server_at(pair, bench->server_order[i]);
        machine_fill(&server->ref, NULL, server->failures, &bench->servers[i]);
        bench->server_numbers[bench->server_order[i] + 1] = (uint8_t)(i + 1);
    }
}

/* What the others than the first are called is told when it is asked for. */
static void servers_fill(struct history *h, const struct pair *pair, const struct host *server) {
    struct workbench *bench = &h->bench;
    struct incident *incident = &bench->incident;
    const struct pair_server *first = &pair->server;
    bench->server_numbers[0] = bench->server_order[0] = 0;
    bench->server_numbers[1] = 1;
    incident->servers = &incident->server;
    incident->server_count = pair->server_count;
    incident->server_total = pair->server_count + (pair->has_more_servers ? 1u : 0u);
    if (pair->server_count > 1) {
        servers_sort(bench, pair);
        incident->servers = bench->servers;
        first = pair_server_at(pair, bench->server_order[0]);
    }
    machine_fill(&first->ref, server, first->failures, &incident->server);
}

/* Whether the domain that was sent with it is known to be another than the server's. */
static bool is_of_another_domain(struct history *h, const struct pair *pair,
                                 const struct host *server) {
    const struct domain *named =
        server && pair->domain ? domain_find(h, pair_domain(pair)->hash) : NULL;
    return named && named->label.hash && named->label.hash != server->rest->domain.hash;
}

/* Whose database answered, as it is known now. */
static void authority_fill(struct history *h, const struct pair *pair, const struct host *server) {
    struct incident *incident = &h->bench.incident;
    enum server_role role = server ? server_role(h, server) : ROLE_UNKNOWN;
    const struct label *label = &pair->authority_label;
    enum sbl_authority authority = pair->authority;
    bool is_domains = role == ROLE_DC && authority != SBL_AUTHORITY_DOMAIN;
    bool is_own = role == ROLE_NOT_DC && authority == SBL_AUTHORITY_UNKNOWN;
    if ((is_domains || is_own) && !is_of_another_domain(h, pair, server)) {
        authority = is_domains ? SBL_AUTHORITY_DOMAIN : SBL_AUTHORITY_LOCAL;
        label = is_domains ? &server->rest->domain : &server->rest->computer;
    }
    h->bench.role = role;
    incident->authority = authority;
    incident->authority_name = authority == SBL_AUTHORITY_UNKNOWN ? "" : label->text;
}

static void names_fill(struct history *h, const struct pair *pair, const struct account *account,
                       const struct host *server) {
    struct incident *incident = &h->bench.incident;
    incident->account = account->user;
    incident->domain =
        pair->domain && !(pair->flags & PAIR_PRINCIPAL) ? pair_domain(pair)->text : "";
    incident->is_anonymous = account->is_anonymous;
    incident->account_entry = account->entry;
    incident->server_domain = server ? server->rest->domain.text : "";
    authority_fill(h, pair, server);
}

static void numbers_fill(struct history *h, const struct pair *pair) {
    struct incident *incident = &h->bench.incident;
    incident->refused = pair->refused;
    incident->failures = pair->failures;
    incident->lockouts = pair->lockouts;
    incident->granted = pair->granted;
    incident->first_ns = pair->first_ns;
    incident->last_ns = pair->last_ns;
    incident->period_s = rhythm_period(pair);
    incident->period =
        incident->period_s > 0 ? knowledge_period(h->options.knowledge, incident->period_s) : NULL;
    incident->line_count = lines_kept(pair, &incident->line_first_count);
    incident->line_total = pair->line_total;
}

/* The last bad password of each client counts; a client at two addresses is one, and so
 * is one that left an address and goes on at the next. */
static uint64_t clients_of(struct history *h, const struct account *account) {
    const struct host *hosts[CLIENTS_LOOKED_AT];
    uint64_t serials[CLIENTS_LOOKED_AT];
    unsigned count = 0;
    if (account->forgot_one || account->failing_peak > CLIENTS_LOOKED_AT ||
        account->pairs.count > CLIENTS_LOOKED_AT)
        return account->failing_peak;
    if (account->failing <= 1)
        return account->failing;
    for (uint32_t i = account->pairs.oldest; i; i = pair_at(h, i)->links[LINK_ACCOUNT].newer) {
        const struct pair *pair = pair_at(h, i);
        if (!(pair->flags & PAIR_FAILING))
            continue;
        struct host *host = host_at(h, pair->client);
        uint64_t serial = machine_first(h, host)->serial;
        unsigned at = 0;
        while (at < count && serials[at] != serial && !may_have_moved(hosts[at], host))
            at++;
        hosts[at] = host;
        serials[at] = serial;
        count += at == count;
    }
    return count;
}

/* Behind one address may be several machines. Where all failures name one of them it is that one,
 * and no other may be named in its place. */
static const char *failed_name(const struct pair *pair, const struct host *client) {
    const struct host_name *best = host_best_name(client);
    if (!best)
        return "";
    bool is_told = best->sources & (NAME_FROM_SERVER | NAME_FROM_NBNS);
    if (is_told || !pair->failed_workstation || pair->failed_at_several)
        return best->label.text;
    for (unsigned i = 0; i < client->name_count; i++)
        if (host_name_at(client, i)->label.hash == pair->failed_workstation)
            return host_name_at(client, i)->label.text;
    return "";
}

static void client_fill(struct history *h, const struct pair *pair, const struct host *client) {
    struct sbl_machine *out = &h->bench.incident.client;
    const uint8_t *address = client->has_moved ? client->rest->latest_address : client->address;
    out->ip_version = client->ip_version;
    memcpy(out->address, address, sizeof out->address);
    mac_fill(client, out);
    out->name = failed_name(pair, client);
    out->contradiction = "";
    out->failures = pair->failures;
}

/* What stands before incident.ask is written by each of the functions above and below; what stands
 * behind it by incident_tell_all(). */
static void begin(struct history *h, struct pair *pair, enum incident_moment moment) {
    struct incident *incident = &h->bench.incident;
    incident->facts = (struct facts){{0}};
    incident->own_domain = "";
    incident->moment = moment;
    incident->memo = &pair->memo;
    incident->now_ns = h->last_ns;
    incident->ask = incident_tell_all;
    incident->line = incident_tell_line;
    incident->source = h;
    h->bench.pair = pair;
    h->bench.is_told = false;
    h->bench.text_used = 0;
}

void incident_hand_over(struct history *h, struct pair *pair, enum incident_moment moment) {
    if (!pair->is_trouble)
        return;
    struct account *account = account_at(h, pair->account);
    struct host *client = host_at(h, pair->client);
    const struct pair_server *refused_by =
        pair->server_count ? pair_server_at(pair, main_server(pair)) : NULL;
    struct host *server = refused_by ? host_deref(h, &refused_by->ref) : NULL;
    struct incident *incident = &h->bench.incident;
    begin(h, pair, moment);
    h->bench.server = server;
    incident->serial = pair->serial;
    incident->account_serial = account->serial;
    struct host *machine = machine_first(h, client);
    incident->client_serial = machine->serial;
    incident->client_member = &machine->member;
    incident->account_member = &account->member;
    incident->server_serial = refused_by ? refused_by->ref.serial : 0;
    client_fill(h, pair, client);
    servers_fill(h, pair, server);
    names_fill(h, pair, account, server);
    numbers_fill(h, pair);
    incident->account_clients = clients_of(h, account);
    walk_find(h, pair);
    facts_find(h, pair, server);
    pair->is_changed = false;
    pair->was_told = true;
    if (h->options.incident)
        h->options.incident(h->options.context, incident);
}
