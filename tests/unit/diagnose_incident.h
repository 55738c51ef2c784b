/* An incident to judge, made for tests: two machines, one account, times and lines that grow. */
#ifndef SMBLAME_TESTS_DIAGNOSE_INCIDENT_H
#define SMBLAME_TESTS_DIAGNOSE_INCIDENT_H

#include <stdarg.h>
#include <string.h>

#include "history/incident.h"

#define SECOND INT64_C(1000000000)

enum { CASE_LINES = 64 };

struct incident_case {
    struct incident incident;
    struct incident_memo memo;
    struct incident_member client_member, account_member; /* used where a test says so */
    struct sbl_machine server;
    struct sbl_evidence_line lines[CASE_LINES];
};

static inline struct sbl_machine case_machine(const char *name, unsigned last) {
    struct sbl_machine machine = {
        .ip_version = 4, .name = name, .contradiction = "", .address = {10, 1}};
    machine.address[2] = (uint8_t)(last >> 8);
    machine.address[3] = (uint8_t)last;
    return machine;
}

static inline void case_facts(struct incident_case *made, const enum fact *facts, size_t count) {
    for (size_t i = 0; i < count; i++)
        facts_set(&made->incident.facts, facts[i], true);
}

#define CASE_FACTS(made, ...)                                                                      \
    case_facts((made), (const enum fact[]){__VA_ARGS__},                                           \
               sizeof((const enum fact[]){__VA_ARGS__}) / sizeof(enum fact))

/* `failures` refusals one second apart, from `first_ns` on. */
static inline void case_fail(struct incident_case *made, uint64_t failures) {
    struct incident *incident = &made->incident;
    incident->refused += failures;
    incident->failures += failures;
    incident->reasons[SBL_REASON_BAD_CREDENTIALS] += failures;
    incident->line_total += failures;
    incident->last_ns = incident->first_ns +
                        (int64_t)(incident->line_total ? incident->line_total - 1 : 0) * SECOND;
    uint64_t total = incident->line_total;
    incident->line_count = total < 40 ? (uint32_t)total : 40;
    incident->line_first_count = total < 20 ? (uint32_t)total : 20;
    for (uint32_t i = 0; i < incident->line_count; i++) {
        uint64_t ordinal = i < 20 ? i : total - (incident->line_count - i);
        struct sbl_evidence_line *line = made->lines + i;
        memset(line, 0, sizeof *line);
        line->time_ns = incident->first_ns + (int64_t)ordinal * SECOND;
        line->status = 0xC000006D;
        line->has_status = true;
        line->account = incident->account;
        line->domain = incident->domain;
        line->share = "";
        for (unsigned j = 0; j < 8; j++) {
            line->event_id[j] = (uint8_t)(ordinal >> (8 * j));
            line->event_id[8 + j] = (uint8_t)(incident->serial >> (8 * j));
        }
    }
    incident->lines = made->lines;
}

static inline void case_init(struct incident_case *made, uint64_t serial, const char *account,
                             unsigned client) {
    memset(made, 0, sizeof *made);
    made->server = case_machine("CAP01", 1);
    struct incident *incident = &made->incident;
    *incident = (struct incident){
        .memo = &made->memo,
        .serial = serial,
        .account_serial = 1000,
        .client_serial = client,
        .server_serial = 1,
        .now_ns = 1000 * SECOND,
        .account = account,
        .domain = "CORP",
        .authority = SBL_AUTHORITY_DOMAIN,
        .authority_name = "CORP",
        .client = case_machine("WS042", client),
        .server = case_machine("CAP01", 1),
        .servers = &made->server,
        .server_count = 1,
        .server_total = 1,
        .server_domain = "CORP",
        .granted_client = "",
        .counted_by = "",
        .tipping_client = "",
        .first_ns = 900 * SECOND,
        .walk = {.account = "", .domain = ""},
        .lines = made->lines,
    };
}

#endif
