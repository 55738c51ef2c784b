/* A diagnosis as text. A list gives one line for each item, all with the same key; times are
 * seconds since the scenario's zero. */
#include "told.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "stage.h"

static void __attribute__((format(printf, 3, 4)))
put(struct told *told, const char *key, const char *format, ...) {
    if (told->count == told->room) {
        told->room = told->room ? told->room * 2 : 64;
        told->lines = realloc(told->lines, told->room * sizeof *told->lines);
        if (!told->lines)
            abort();
    }
    struct told_line *line = &told->lines[told->count++];
    va_list arguments;
    line->key = key;
    va_start(arguments, format);
    if (vasprintf(&line->value, format, arguments) < 0)
        abort();
    va_end(arguments);
}

static void put_strings(struct told *told, const char *key, struct sbl_strings strings) {
    for (uint32_t i = 0; i < strings.count; i++)
        put(told, key, "%s", strings.items[i]);
}

static void put_time(struct told *told, const char *key, int64_t time_ns) {
    if (time_ns)
        put(told, key, "%.3f", (double)(time_ns - STAGE_ZERO_NS) / 1e9);
}

/* "10.1.2.42 WS042 5": address, name, failures. */
static void put_machine(struct told *told, const char *key, const char *name_key,
                        const struct sbl_machine *machine) {
    char address[INET6_ADDRSTRLEN] = "?";
    inet_ntop(machine->ip_version == 6 ? AF_INET6 : AF_INET, machine->address, address,
              sizeof address);
    put(told, key, "%s", address);
    put(told, name_key, "%s", machine->name);
    if (machine->contradiction[0])
        put(told, "contradiction", "%s", machine->contradiction);
}

static const char *state_word(enum sbl_diagnosis_state state) {
    static const char *const words[] = {"open", "update", "close"};
    return (unsigned)state < 3 ? words[state] : "?";
}

static const char *kind_word(enum sbl_culprit_kind kind) {
    static const char *const words[] = {"unknown", "driver",  "program",
                                        "service", "account", "host"};
    return (unsigned)kind < 6 ? words[kind] : "?";
}

static const char *basis_word(enum sbl_basis basis) {
    static const char *const words[] = {"none",     "documented", "vendor-file-name",
                                        "inferred", "behaviour",  "process-table"};
    return (unsigned)basis < 6 ? words[basis] : "?";
}

static void put_verdict(struct told *told, const struct sbl_diagnosis *d) {
    put(told, "rule", "%s", d->rule_id);
    put(told, "state", "%s", state_word(d->state));
    put(told, "revision", "%u", d->revision);
    put_time(told, "time", d->time_ns);
    put(told, "confidence", "%.3f", d->confidence);
    put(told, "severity", "%u", d->severity);
    put(told, "risk", "%u", d->risk);
    put(told, "hostile", "%s", d->is_hostile ? "yes" : "no");
    put_strings(told, "attack", d->attack);
    put(told, "message", "%s", d->message);
    if (d->superseded_by[0])
        put(told, "superseded_by", "%s", d->superseded_by);
}

static void put_who(struct told *told, const struct sbl_diagnosis *d) {
    static const char *const authorities[] = {"unknown", "domain", "local"};
    put(told, "account", "%s", d->account);
    put(told, "domain", "%s", d->domain);
    put(told, "account_total", "%llu", (unsigned long long)d->accounts.total);
    put_strings(told, "user", d->accounts);
    put(told, "anonymous", "%s", d->is_anonymous ? "yes" : "no");
    put(told, "authority", "%s", (unsigned)d->authority < 3 ? authorities[d->authority] : "?");
    put(told, "authority_name", "%s", d->authority_name);
    put(told, "clients", "%llu", (unsigned long long)d->client_total);
    for (uint32_t i = 0; i < d->client_count; i++)
        put_machine(told, "client", "client_name", &d->clients[i]);
    put(told, "servers", "%llu", (unsigned long long)d->server_total);
    for (uint32_t i = 0; i < d->server_count; i++)
        put_machine(told, "server", "server_name", &d->servers[i]);
    put(told, "server_role", "%s", d->server_role);
}

static void put_counts(struct told *told, const struct sbl_diagnosis *d) {
    static const char *const sources[] = {"unknown", "configured", "observed"};
    put(told, "failures", "%llu", (unsigned long long)d->failures);
    put(told, "lockouts", "%llu", (unsigned long long)d->lockouts);
    put(told, "granted", "%llu", (unsigned long long)d->granted);
    put_time(told, "first", d->first_ns);
    put_time(told, "last", d->last_ns);
    put(told, "threshold", "%u", d->threshold);
    put(told, "threshold_source", "%s",
        (unsigned)d->threshold_source < 3 ? sources[d->threshold_source] : "?");
    put(told, "tipping", "%llu", (unsigned long long)d->tipping.number);
    put(told, "forecast", "%s", d->has_forecast ? "yes" : "no");
    if (d->has_forecast)
        put(told, "attempts_left", "%u", d->attempts_left);
    put_time(told, "lock_at", d->lock_at_ns);
    put(told, "counted_by", "%s", d->counted_by);
    put(told, "period", "%.2f", d->period_s);
    put(told, "period_owner", "%s", d->period_owner);
}

static void put_culprit(struct told *told, const struct sbl_diagnosis *d) {
    put(told, "culprit_kind", "%s", kind_word(d->culprit.kind));
    put(told, "culprit_id", "%s", d->culprit.id);
    put(told, "culprit_basis", "%s", basis_word(d->culprit.basis));
    put(told, "culprit_product", "%s", d->culprit.product);
    put_strings(told, "culprit_file", d->culprit.files);
    put(told, "candidates", "%u", d->candidate_count);
    for (uint32_t i = 0; i < d->candidate_count; i++) {
        put(told, "candidate", "%s", d->candidates[i].id);
        put(told, "candidate_weight", "%.3f", d->candidates[i].weight);
        put_strings(told, "candidate_file", d->candidates[i].files);
    }
    put(told, "steps", "%llu", (unsigned long long)d->walk.steps);
    put_strings(told, "directory", d->walk.directories);
    put_strings(told, "missing", d->walk.missing);
}

static void put_reasons(struct told *told, const struct sbl_diagnosis *d) {
    put_strings(told, "for", d->evidence_for);
    put_strings(told, "against", d->evidence_against);
    put_strings(told, "remedy", d->remedy);
    put_strings(told, "reference", d->references);
    put_strings(told, "share", d->shares);
    put_strings(told, "event", d->windows_events);
    for (uint32_t i = 0; i < d->alternative_count; i++) {
        put(told, "alternative", "%s", d->alternatives[i].rule_id);
        put(told, "alternative_confidence", "%.3f", d->alternatives[i].confidence);
        put(told, "alternative_why", "%s", d->alternatives[i].why);
    }
    put(told, "line_total", "%llu", (unsigned long long)d->line_total);
    for (uint32_t i = 0; i < d->line_count; i++)
        put(told, "line", "%llu %08X %s count %u",
            (unsigned long long)(d->lines[i].response.number ? d->lines[i].response.number
                                                             : d->lines[i].request.number),
            d->lines[i].status, d->lines[i].account, d->lines[i].count_after);
}

void told_add(struct told_list *list, const struct sbl_diagnosis *d) {
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 64;
        list->items = realloc(list->items, list->room * sizeof(struct told *));
    }
    struct told *told = calloc(1, sizeof *told);
    if (!told || !list->items)
        abort();
    list->items[list->count++] = told;
    memcpy(told->id, d->id, sizeof told->id);
    told->revision = d->revision;
    told->state = d->state;
    told->time_ns = d->time_ns;
    told->confidence = d->confidence;
    told->is_superseded = d->superseded_by[0] != 0;
    told->is_hostile = d->is_hostile;
    told->lockouts = d->lockouts;
    put_verdict(told, d);
    put_who(told, d);
    put_counts(told, d);
    put_culprit(told, d);
    put_reasons(told, d);
}

void told_print(const struct told *told, size_t number, FILE *out) {
    fprintf(out, "told %zu\n  id ", number + 1);
    for (size_t i = 0; i < sizeof told->id; i++)
        fprintf(out, "%02x", told->id[i]);
    fputc('\n', out);
    for (size_t i = 0; i < told->count; i++)
        if (told->lines[i].value[0])
            fprintf(out, "  %s %s\n", told->lines[i].key, told->lines[i].value);
}

const char *told_value(const struct told *told, const char *key) {
    for (size_t i = 0; i < told->count; i++)
        if (strcmp(told->lines[i].key, key) == 0)
            return told->lines[i].value;
    return "";
}

bool told_is_last(const struct told_list *list, size_t index) {
    for (size_t i = index + 1; i < list->count; i++)
        if (memcmp(list->items[i]->id, list->items[index]->id, sizeof list->items[i]->id) == 0)
            return false;
    return true;
}

void told_free(struct told_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        struct told *told = list->items[i];
        for (size_t j = 0; j < told->count; j++)
            free(told->lines[j].value);
        free(told->lines);
        free(told);
    }
    free(list->items);
}
