/* What is told of an incident when it is asked for: lines of evidence, the bad-password count and
 * what it forecasts, who else was granted, whose program it may be. */
#include <string.h>

#include <arpa/inet.h>

#include "history/counts.h"
#include "history/state.h"

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
    if (ref->is_ipv6) {
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

const struct host_ref *granted_elsewhere(struct history *h, const struct account *account,
                                         struct host *client) {
    for (unsigned i = 0; account->granted && i < 2; i++) {
        const struct host_ref *granted = &account->rest->granted_clients[i];
        if (!granted->serial || granted->serial == client->serial)
            continue;
        struct host *other = host_deref(h, granted);
        if (!other || (!may_have_moved(other, client) && !is_same_machine(h, other, client)))
            return granted;
    }
    return NULL;
}

static void pair_tell(struct history *h, const struct pair *pair) {
    struct workbench *bench = &h->bench;
    struct incident *incident = &bench->incident;
    for (unsigned i = 0; i < SBL_REASON_COUNT; i++)
        incident->reasons[i] = pair_reasons(pair, (enum sbl_reason)i);
    for (unsigned i = 0; i < pair->share_count; i++)
        bench->shares[i] = pair->rest->shares[i];
    incident->shares =
        (struct sbl_strings){bench->shares, pair->share_count, pair->rest->share_total};
    incident->lines = bench->lines;
}

static void servers_tell(struct history *h, const struct pair *pair) {
    struct workbench *bench = &h->bench;
    for (unsigned i = 0; pair->server_count > 1 && i < pair->server_count; i++) {
        const struct pair_server *server = pair_server_at(pair, bench->server_order[i]);
        machine_fill(&server->ref, host_deref(h, &server->ref), server->failures,
                     &bench->servers[i]);
    }
}

static void granted_client_tell(struct history *h, const struct account *account,
                                struct host *client) {
    const struct host_ref *granted = granted_elsewhere(h, account, client);
    h->bench.incident.granted_client = granted ? machine_text(h, granted) : "";
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

static void forecast_tell(struct history *h, const struct pair *pair, const struct count *count) {
    struct incident *incident = &h->bench.incident;
    if (!incident->threshold || count->is_locked || count->has_dos || !incident->bad_count ||
        incident->bad_count > incident->threshold)
        return;
    incident->has_forecast = true;
    incident->attempts_left = incident->threshold - incident->bad_count;
    if (incident->attempts_left)
        incident->lock_at_ns = lock_time(h, pair, incident->attempts_left);
}

static void count_tell(struct history *h, const struct pair *pair, struct account *account) {
    struct incident *incident = &h->bench.incident;
    const struct host *server = h->bench.server;
    const struct count *count = server ? count_find(h, account, server->serial) : NULL;
    if (!count || (!count->is_tipped && account->at_server.is_tipped))
        count = account->at_server.server ? &account->at_server : NULL;
    incident->counted_by = incident->tipping_client = "";
    incident->threshold = h->options.threshold;
    incident->bad_count = 0;
    incident->tipping = (struct sbl_frame_ref){0};
    incident->tipped_here = incident->has_forecast = false;
    incident->attempts_left = 0;
    incident->lock_at_ns = 0;
    if (!count)
        return;
    struct host *counts = host_deref(h, &count->server_ref);
    if (!incident->threshold)
        incident->threshold = count_learned(account, count, counts);
    incident->bad_count = count_stands(h, count, incident->now_ns);
    if (count->count || count->was_locked)
        incident->counted_by = machine_text(h, &count->server_ref);
    if (count->is_tipped) {
        incident->tipping = count->last_frame;
        incident->tipping_client = machine_text(h, &count->last_client);
        incident->tipped_here = count->last_client.serial == host_at(h, pair->client)->serial;
    }
    forecast_tell(h, pair, count);
}

static void threshold_source_tell(struct history *h) {
    struct incident *incident = &h->bench.incident;
    incident->threshold_source = h->options.threshold  ? SBL_THRESHOLD_CONFIGURED
                                 : incident->threshold ? SBL_THRESHOLD_OBSERVED
                                                       : SBL_THRESHOLD_UNKNOWN;
}

static void walk_tell(struct history *h) {
    struct incident *incident = &h->bench.incident;
    const struct walk_answer *answer = &h->bench.answer;
    incident->candidate_count = 0;
    incident->walk = (struct sbl_walk){.account = "", .domain = ""};
    if (!h->bench.has_answer)
        return;
    incident->walk = answer->walk;
    incident->candidate_count = answer->candidate_count;
    memcpy(incident->candidates, answer->candidates,
           answer->candidate_count * sizeof *incident->candidates);
}

static void process_tell(struct history *h, const struct pair *pair) {
    struct incident *incident = &h->bench.incident;
    const char *path = pair->flags & PAIR_PROCESS ? pair_process(h, pair) : "";
    if (!path[0])
        return;
    for (unsigned i = 0; i < incident->candidate_count; i++)
        if (incident->candidates[i].process && incident->candidates[i].process[0])
            return;
    if (incident->candidate_count == INCIDENT_CANDIDATES)
        incident->candidate_count--;
    incident->candidates[incident->candidate_count++] = (struct incident_candidate){
        .kind = SBL_CULPRIT_PROGRAM, .basis = SBL_BASIS_PROCESS_TABLE, .process = path};
}

void incident_tell_all(void *source) {
    struct history *h = source;
    if (h->bench.is_told)
        return;
    h->bench.is_told = true;
    const struct pair *pair = h->bench.pair;
    struct account *account = account_at(h, pair->account);
    pair_tell(h, pair);
    servers_tell(h, pair);
    granted_client_tell(h, account, host_at(h, pair->client));
    count_tell(h, pair, account);
    threshold_source_tell(h);
    walk_tell(h);
    process_tell(h, pair);
}

const struct sbl_evidence_line *incident_tell_line(void *source, uint32_t number) {
    struct history *h = source;
    line_read(h, h->bench.pair, number, &h->bench.lines[number]);
    return &h->bench.lines[number];
}
