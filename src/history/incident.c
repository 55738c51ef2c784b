/* An incident, put together of what is kept: one account, as one client used it. Everything is
 * borrowed from the tables, or written to the workbench. */
#include <string.h>

#include <arpa/inet.h>

#include "history/counts.h"
#include "history/state.h"

#define STATUS_ACCOUNT_LOCKED_OUT 0xC0000234u

/* Room for a text of the workbench, which has room for all that an incident says. */
static char *text_room(struct workbench *bench, size_t size) {
    char *text = bench->text + bench->text_used;
    bench->text_used += size;
    return text;
}

/* Appends a text or a small number; the room was measured before. */
static char *append(char *at, const char *text) {
    return stpcpy(at, text);
}

static char *append_number(char *at, unsigned number) {
    char digits[10];
    unsigned count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count)
        *at++ = digits[--count];
    *at = 0;
    return at;
}

static char *append_address(char *at, const struct host_ref *ref) {
    if (ref->ip_version == 6) {
        inet_ntop(AF_INET6, ref->address, at, INET6_ADDRSTRLEN);
        return at + strlen(at);
    }
    for (unsigned i = 0; i < 4; i++) {
        at = append_number(at, ref->address[i]);
        if (i < 3)
            at = append(at, ".");
    }
    return at;
}

/* "WS042 (10.1.2.42)", or the address alone. */
static const char *machine_text(struct history *h, const struct host_ref *ref) {
    const struct host *host = host_deref(h, ref);
    const struct host_name *name = host ? host_best_name(host) : NULL;
    char *text = text_room(&h->bench, LABEL_BYTES + INET6_ADDRSTRLEN + 4), *at = text;
    if (name)
        at = append(append(at, name->label.text), " (");
    at = append_address(at, ref);
    if (name)
        append(at, ")");
    return text;
}

static void machine_fill(struct history *h, const struct host_ref *ref, struct sbl_machine *out) {
    const struct host *host = host_deref(h, ref);
    const struct host_name *name = host ? host_best_name(host) : NULL;
    *out = (struct sbl_machine){
        .ip_version = ref->ip_version, .name = name ? name->label.text : "", .contradiction = ""};
    memcpy(out->address, ref->address, sizeof out->address);
    if (host && host->has_mac) {
        out->has_mac = true;
        memcpy(out->mac, host->mac, sizeof out->mac);
    }
}

static unsigned main_server(const struct pair *pair) {
    unsigned best = 0;
    for (unsigned i = 1; i < pair->server_count; i++)
        if (pair_server_at(pair, i)->failures > pair_server_at(pair, best)->failures)
            best = i;
    return best;
}

/* Most failures first. */
static void servers_fill(struct history *h, const struct pair *pair) {
    struct workbench *bench = &h->bench;
    struct incident *incident = &bench->incident;
    unsigned order[PAIR_SERVERS];
    memset(bench->server_numbers, 0, sizeof bench->server_numbers);
    for (unsigned i = 0; i < pair->server_count; i++) {
        struct sbl_machine machine;
        machine_fill(h, &pair_server_at(pair, i)->ref, &machine);
        machine.failures = pair_server_at(pair, i)->failures;
        unsigned at = i;
        for (; at && bench->servers[at - 1].failures < machine.failures; at--) {
            bench->servers[at] = bench->servers[at - 1];
            order[at] = order[at - 1];
        }
        bench->servers[at] = machine;
        order[at] = i + 1;
    }
    for (unsigned i = 0; i < pair->server_count; i++)
        bench->server_numbers[order[i]] = (uint8_t)(i + 1);
    incident->servers = bench->servers;
    incident->server_count = pair->server_count;
    incident->server_total = pair->server_count + (pair->has_more_servers ? 1u : 0u);
    incident->server = (struct sbl_machine){.name = "", .contradiction = ""};
    if (pair->server_count)
        incident->server = bench->servers[0];
}

/* Whose database answered, as it is known now. */
static void authority_fill(struct history *h, const struct pair *pair, const struct host *server) {
    struct incident *incident = &h->bench.incident;
    enum server_role role = server ? server_role(h, server) : ROLE_UNKNOWN;
    const struct label *label = &pair->authority_label;
    enum sbl_authority authority = pair->authority;
    uint64_t sent = pair->domain ? pair_domain(pair)->hash : 0;
    const struct domain *named = domain_find(h, sent);
    bool is_another =
        server && named && named->label.hash && named->label.hash != server->rest->domain.hash;
    if (role == ROLE_DC && authority != SBL_AUTHORITY_DOMAIN && !is_another) {
        authority = SBL_AUTHORITY_DOMAIN;
        label = &server->rest->domain;
    } else if (role == ROLE_NOT_DC && authority == SBL_AUTHORITY_UNKNOWN && !is_another) {
        authority = SBL_AUTHORITY_LOCAL;
        label = &server->rest->computer;
    }
    incident->authority = authority;
    incident->authority_name = authority == SBL_AUTHORITY_UNKNOWN ? "" : label->text;
}

static void names_fill(struct history *h, const struct pair *pair, const struct account *account,
                       const struct host *server) {
    struct incident *incident = &h->bench.incident;
    incident->account = account->user;
    incident->domain = pair->domain ? pair_domain(pair)->text : "";
    incident->user_principal = pair->rest->principal;
    incident->is_anonymous = account->is_anonymous;
    incident->account_entry = account->entry;
    incident->server_domain = server ? server->rest->domain.text : "";
    if (pair->rest->principal[0])
        incident->domain = "";
    authority_fill(h, pair, server);
}

static void same_name_fill(struct history *h, const struct pair *pair,
                           const struct account *account) {
    struct incident *incident = &h->bench.incident;
    uint64_t sent = pair->domain ? pair_domain(pair)->hash : 0;
    const struct user_grants *grants =
        table_count(&h->users) == 0 || account->is_anonymous || account->is_nameless
            ? NULL
            : table_find(&h->users, &account->user_hash);
    incident->same_name_authority = "";
    for (unsigned i = 0; grants && i < 2; i++)
        if (grants->at[i].holds &&
            (grants->at[i].account != account->serial || grants->at[i].domain_hash != sent)) {
            incident->same_name_authority = grants->at[i].label.text;
            facts_set(&incident->facts, FACT_SAME_NAME_GRANTED, true);
        }
}

static void pair_fill(struct history *h, const struct pair *pair) {
    struct workbench *bench = &h->bench;
    struct incident *incident = &bench->incident;
    incident->refused = pair->refused;
    incident->failures = pair->failures;
    incident->lockouts = pair->lockouts;
    incident->granted = pair->granted;
    for (unsigned i = 0; i < SBL_REASON_COUNT; i++)
        incident->reasons[i] = pair_reasons(pair, (enum sbl_reason)i);
    incident->first_ns = pair->first_ns;
    incident->last_ns = pair->last_ns;
    incident->period_s = rhythm_period(pair);
    incident->period =
        incident->period_s > 0 ? knowledge_period(h->options.knowledge, incident->period_s) : NULL;
    incident->bursts = pair->bursts;
    incident->skew_s = pair->flags & PAIR_HAS_SKEW ? (double)pair->skew_ns / (double)SECOND_NS : 0;
    for (unsigned i = 0; i < pair->share_count; i++)
        bench->shares[i] = pair->rest->shares[i];
    incident->shares =
        (struct sbl_strings){bench->shares, pair->share_count, pair->rest->share_total};
    incident->lines = bench->lines;
    incident->line_count = lines_read(h, pair, bench->lines, &incident->line_first_count);
    incident->line_total = pair->line_total;
}

static const char *dialect_text(uint16_t dialect) {
    static const struct {
        uint16_t dialect;
        const char *text;
    } known[] = {{0x0202, "SMB 2.0.2"},
                 {0x0210, "SMB 2.1"},
                 {0x0300, "SMB 3.0"},
                 {0x0302, "SMB 3.0.2"},
                 {0x0311, "SMB 3.1.1"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].dialect == dialect)
            return known[i].text;
    return "SMB2";
}

static void mechanism_fill(struct history *h, const struct pair *pair) {
    static const char *const answers[SBL_ANSWER_COUNT] = {[SBL_ANSWER_UNKNOWN] = "",
                                                          [SBL_ANSWER_ANONYMOUS] = "anonymous",
                                                          [SBL_ANSWER_LM] = "LM",
                                                          [SBL_ANSWER_NTLMV1] = "NTLMv1",
                                                          [SBL_ANSWER_NTLMV1_ESS] = "NTLMv1-ESS",
                                                          [SBL_ANSWER_LMV2] = "LMv2",
                                                          [SBL_ANSWER_NTLMV2] = "NTLMv2",
                                                          [SBL_ANSWER_PLAINTEXT] = "plain text"};
    char *text = text_room(&h->bench, 64), *at = text;
    const char *how = pair->answer < SBL_ANSWER_COUNT ? answers[pair->answer] : "";
    if (pair->mechanism == SBL_MECHANISM_KERBEROS)
        how = "Kerberos";
    if (pair->smb_version == 1)
        at = append(append(at, pair->rest->dialect_name[0] ? "SMB1 " : "SMB1"),
                    pair->rest->dialect_name);
    else
        at = append(at, dialect_text(pair->dialect));
    append(append(at, how[0] ? ", " : ""), how);
    h->bench.incident.mechanism = text;
}

static void granted_client_fill(struct history *h, const struct account *account,
                                const struct host *client) {
    struct incident *incident = &h->bench.incident;
    incident->granted_client = "";
    for (unsigned i = 0; i < 2; i++) {
        const struct host_ref *granted = &account->rest->granted_clients[i];
        struct host *other = host_deref(h, granted);
        if (!granted->serial || granted->serial == client->serial ||
            (other && (may_have_moved(other, client) ||
                       is_same_machine(h, other, host_at(h, host_number(h, client))))))
            continue;
        incident->granted_client = machine_text(h, granted);
        return;
    }
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
    for (uint32_t i = account->pairs.oldest; i; i = pair_at(h, i)->links[LINK_ACCOUNT].newer) {
        const struct pair *pair = pair_at(h, i);
        if (!(pair->flags & PAIR_FAILING))
            continue;
        struct host *host = host_at(h, pair->client);
        uint64_t serial = machine_serial(h, host);
        unsigned at = 0;
        while (at < count && serials[at] != serial && !may_have_moved(hosts[at], host))
            at++;
        hosts[at] = host;
        serials[at] = serial;
        count += at == count;
    }
    return count;
}

static void account_fill(struct history *h, const struct account *account,
                         const struct host *client) {
    struct incident *incident = &h->bench.incident;
    incident->account_failures = account->failures;
    incident->account_lockouts = account->lockouts;
    incident->account_clients = clients_of(h, account);
    incident->client_accounts = client->window_peak;
    incident->client_failures = client->failures;
    granted_client_fill(h, account, client);
}

/* When the threshold will be reached at the pace of this pair: by its period, or, in the middle of
 * a burst, by the burst's own pace. 0 = not known. */
static int64_t lock_time(const struct history *h, const struct pair *pair, unsigned left) {
    const struct incident *incident = &h->bench.incident;
    if (incident->period_s > 0 && pair->bursts) {
        double each = (double)pair->failures / pair->bursts;
        double bursts = each > 0 ? left / each : 0;
        unsigned whole = (unsigned)bursts + (bursts > (unsigned)bursts);
        double wait = whole * incident->period_s;
        bool is_in_time = incident->period_s * (double)SECOND_NS < (double)count_window(h);
        return bursts > 0 && (is_in_time || whole == 1) && wait < 1e7
                   ? pair->burst_ns + (int64_t)(wait * (double)SECOND_NS)
                   : 0;
    }
    int64_t lasted = time_between(pair->burst_ns, pair->last_try_ns);
    if (pair->burst_tries < 4 || lasted == 0 ||
        time_between(pair->last_try_ns, incident->now_ns) > 2 * SECOND_NS)
        return 0;
    return pair->last_try_ns + lasted / (pair->burst_tries - 1) * (left < 1000 ? left : 1000);
}

static void forecast_fill(struct history *h, const struct pair *pair, const struct count *count) {
    struct incident *incident = &h->bench.incident;
    if (!incident->threshold || count->is_locked || count->has_dos || !incident->bad_count ||
        incident->bad_count > incident->threshold)
        return;
    incident->has_forecast = true;
    incident->attempts_left = incident->threshold - incident->bad_count;
    if (incident->attempts_left)
        incident->lock_at_ns = lock_time(h, pair, incident->attempts_left);
}

static void count_fill(struct history *h, const struct pair *pair, struct account *account,
                       const struct host *server) {
    struct incident *incident = &h->bench.incident;
    const struct count *count = server ? count_find(h, account, server->serial) : NULL;
    if (!count || (!count->tipping.number && account->at_server.tipping.number))
        count = account->at_server.server ? &account->at_server : NULL;
    incident->counted_by = incident->tipping_client = "";
    incident->threshold = h->options.threshold;
    if (!count)
        return;
    struct host *counts = host_deref(h, &count->server_ref);
    if (!incident->threshold)
        incident->threshold = count_learned(account, count, counts);
    incident->bad_count = count_stands(h, count, incident->now_ns);
    if (count->count || count->was_locked)
        incident->counted_by = machine_text(h, &count->server_ref);
    if (count->tipping.number) {
        incident->tipping = count->tipping;
        incident->tipping_client = machine_text(h, &count->tipping_client);
        incident->tipped_here = count->tipping_client.serial == host_at(h, pair->client)->serial;
    }
    forecast_fill(h, pair, count);
}

static void threshold_source_fill(struct history *h) {
    struct incident *incident = &h->bench.incident;
    incident->threshold_source = h->options.threshold  ? SBL_THRESHOLD_CONFIGURED
                                 : incident->threshold ? SBL_THRESHOLD_OBSERVED
                                                       : SBL_THRESHOLD_UNKNOWN;
}

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
static unsigned lockout_times(const struct incident *incident, int64_t times[2 * SBL_LIST_ENDS]) {
    unsigned count = 0;
    for (uint32_t i = 0; i < incident->line_count; i++)
        if (incident->lines[i].has_status && !incident->lines[i].is_dos_error &&
            incident->lines[i].status == STATUS_ACCOUNT_LOCKED_OUT)
            times[count++] = incident->lines[i].time_ns;
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

static void walk_fill(struct history *h, struct pair *pair, const struct account *account,
                      struct host *client) {
    struct incident *incident = &h->bench.incident;
    struct walk_answer *answer = &h->bench.answer;
    uint64_t serials[HOSTS_JOINED], servers[PAIR_SERVERS];
    int64_t times[RATE_TIMES], locked[2 * SBL_LIST_ENDS];
    int64_t grants[2] = {pair->first_granted_ns, pair->last_granted_ns};
    char *contradiction = text_room(&h->bench, 160);
    struct walk_question question = {.clients = serials,
                                     .failures_ns = times,
                                     .lockouts_ns = locked,
                                     .shares = incident->shares,
                                     .is_own_account = is_own_account(pair, account, client),
                                     .account = account->user,
                                     .servers = servers,
                                     .grants_ns = grants,
                                     .server_count =
                                         pair->has_more_servers ? 0 : pair->server_count};
    for (unsigned i = 0; i < pair->server_count; i++)
        servers[i] = pair_server_at(pair, i)->ref.serial;
    question.client_count = machine_gather(h, client, serials, contradiction, 160);
    question.failure_count = failure_times(pair, times);
    question.lockout_count = lockout_times(incident, locked);
    if (pair->granted >= 2 && pair->first_granted_ns < pair->first_failure_ns)
        question.grant_count = 2;
    incident->client.contradiction = contradiction;
    *answer = (struct walk_answer){.aggravated_by = ""};
    walks_answer(h->walks, &question, answer);
    if (is_of_another_desk(h, pair, client, answer->walk.account))
        facts_set(&answer->facts, FACT_WALK_JOINED, false);
    for (unsigned i = 0; i < FACT_WORDS; i++)
        incident->facts.bits[i] |= answer->facts.bits[i];
    incident->walk = answer->walk;
    incident->candidate_count = answer->candidate_count;
    memcpy(incident->candidates, answer->candidates,
           answer->candidate_count * sizeof *incident->candidates);
    incident->aggravated_by = answer->aggravated_by ? answer->aggravated_by : "";
}

static void process_fill(struct history *h, const struct pair *pair) {
    struct incident *incident = &h->bench.incident;
    const char *path = process_path(h, pair->rest->process_frame, pair->rest->process);
    if (!path[0])
        return;
    facts_set(&incident->facts, FACT_PROCESS_KNOWN, true);
    for (unsigned i = 0; i < incident->candidate_count; i++)
        if (incident->candidates[i].process && incident->candidates[i].process[0])
            return;
    if (incident->candidate_count == INCIDENT_CANDIDATES)
        incident->candidate_count--;
    incident->candidates[incident->candidate_count++] = (struct incident_candidate){
        .kind = SBL_CULPRIT_PROGRAM, .basis = SBL_BASIS_PROCESS_TABLE, .process = path};
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

static void serials_fill(struct history *h, const struct pair *pair, const struct account *account,
                         struct host *client, const struct host *server) {
    struct incident *incident = &h->bench.incident;
    struct host_ref ref = host_refer(h, client);
    incident->serial = pair->serial;
    incident->account_serial = account->serial;
    incident->client_serial = machine_serial(h, client);
    incident->server_serial = server ? server->serial
                              : pair->server_count
                                  ? pair_server_at(pair, main_server(pair))->ref.serial
                                  : 0;
    if (client->has_moved)
        memcpy(ref.address, client->rest->latest_address, sizeof ref.address);
    machine_fill(h, &ref, &incident->client);
    incident->client.name = failed_name(pair, client);
    incident->client.failures = pair->failures;
}

void incident_hand_over(struct history *h, struct pair *pair, enum incident_moment moment) {
    if (!pair->is_trouble)
        return;
    struct account *account = account_at(h, pair->account);
    struct host *client = host_at(h, pair->client);
    struct host *server =
        pair->server_count ? host_deref(h, &pair_server_at(pair, main_server(pair))->ref) : NULL;
    struct incident *incident = &h->bench.incident;
    *incident = (struct incident){.moment = moment, .memo = &pair->memo, .now_ns = h->last_ns};
    h->bench.text_used = 0;
    serials_fill(h, pair, account, client, server);
    servers_fill(h, pair);
    names_fill(h, pair, account, server);
    same_name_fill(h, pair, account);
    pair_fill(h, pair);
    mechanism_fill(h, pair);
    account_fill(h, account, client);
    count_fill(h, pair, account, server);
    threshold_source_fill(h);
    walk_fill(h, pair, account, client);
    process_fill(h, pair);
    facts_find(h, pair, server);
    pair->is_changed = false;
    pair->was_told = true;
    if (h->options.incident)
        h->options.incident(h->options.context, incident);
}
