/* Times, durations, lists and reasons as people say them. */
#include <arpa/inet.h>
#include <stdio.h>
#include <time.h>

#include "diagnose/slot.h"

static const char *const reason_words[SBL_REASON_COUNT] = {
    [SBL_REASON_UNKNOWN] = "",
    [SBL_REASON_BAD_CREDENTIALS] = "wrong name or password",
    [SBL_REASON_BAD_PASSWORD] = "wrong password",
    [SBL_REASON_NO_SUCH_USER] = "no such account",
    [SBL_REASON_LOCKED_OUT] = "account locked out",
    [SBL_REASON_DISABLED] = "account disabled",
    [SBL_REASON_PASSWORD_EXPIRED] = "password expired",
    [SBL_REASON_MUST_CHANGE] = "password must be changed",
    [SBL_REASON_ACCOUNT_EXPIRED] = "account expired",
    [SBL_REASON_BAD_HOURS] = "outside the permitted hours",
    [SBL_REASON_BAD_WORKSTATION] = "workstation not permitted",
    [SBL_REASON_LOGON_TYPE_DENIED] = "network logon not granted",
    [SBL_REASON_RESTRICTION] = "account restriction",
    [SBL_REASON_TRUST_FAILURE] = "trust with the domain failed",
    [SBL_REASON_NTLM_BLOCKED] = "NTLM blocked",
    [SBL_REASON_CLOCK_SKEW] = "clocks differ",
    [SBL_REASON_NOT_SUPPORTED] = "not supported",
    [SBL_REASON_ACCESS_DENIED] = "access denied",
    [SBL_REASON_ABANDONED] = "given up by the client",
    [SBL_REASON_REFUSED_BEFORE_AUTHENTICATION] = "refused before the password was looked at",
    [SBL_REASON_GUEST_MAPPED] = "turned into a guest",
};

const char *reason_word(enum sbl_reason reason) {
    const char *words = (unsigned)reason < SBL_REASON_COUNT ? reason_words[reason] : NULL;
    return words ? words : "";
}

void words_time(struct ink *ink, int64_t time_ns) {
    time_t seconds = (time_t)(time_ns / 1000000000 - (time_ns % 1000000000 < 0));
    struct tm parts;
    char text[80];
    if (!gmtime_r(&seconds, &parts))
        return;
    snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d UTC", parts.tm_year + 1900,
             parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    ink_put(ink, text);
}

void words_duration(struct ink *ink, double seconds) {
    char text[48];
    if (!(seconds > 0) || seconds > 1e9)
        return;
    if (seconds < 10)
        snprintf(text, sizeof text, "%.1f s", seconds);
    else if (seconds < 119.5)
        snprintf(text, sizeof text, "%.0f s", seconds);
    else if (seconds < 600)
        snprintf(text, sizeof text, "%.2g min", seconds / 60);
    else if (seconds < 7200 && (seconds < 3564 || seconds > 3636))
        snprintf(text, sizeof text, "%.0f min", seconds / 60);
    else
        snprintf(text, sizeof text, "%.3g h", seconds / 3600);
    ink_put(ink, text);
}

void words_list(struct ink *ink, const char *const *items, uint32_t count, uint64_t total) {
    enum { SAID = 4, LONGEST = 96 };
    uint32_t said = count < SAID ? count : SAID;
    for (uint32_t i = 0; i < said; i++) {
        ink_put(ink, i ? ", " : "");
        ink_put_most(ink, items[i], LONGEST);
    }
    if (total > said && said) {
        ink_put(ink, " and ");
        ink_number(ink, total - said);
        ink_put(ink, " more");
    }
}

void slot_machine_words(struct ink *ink, const struct sbl_machine *machine) {
    char address[INET6_ADDRSTRLEN] = "";
    if (machine->ip_version)
        inet_ntop(machine->ip_version == 6 ? AF_INET6 : AF_INET, machine->address, address,
                  sizeof address);
    if (machine->name[0] && address[0]) {
        ink_put_most(ink, machine->name, SLOT_NAME_BYTES);
        ink_put(ink, " (");
        ink_put(ink, address);
        ink_put(ink, ")");
        return;
    }
    ink_put_most(ink, machine->name[0] ? machine->name : address, SLOT_NAME_BYTES);
}

/* Whose account counts: a domain controller has no other accounts than its domain's, whatever name
 * was sent with it. A local account of the client is never the one that is refused; whose it is
 * that has its name may not be known. */
static const char *authority_of(const struct incident *incident) {
    if (incident->authority_name[0])
        return incident->authority_name;
    bool is_domains = facts_have(&incident->facts, FACT_SERVER_DC) &&
                      facts_have(&incident->facts, FACT_DOMAIN_OWN_NAME);
    if (is_domains && incident->server_domain[0])
        return incident->server_domain;
    bool is_clients = facts_have(&incident->facts, FACT_DOMAIN_OWN_NAME) ||
                      facts_have(&incident->facts, FACT_ACCOUNT_SMS_LOCAL);
    return is_clients ? "" : incident->domain;
}

void slot_account_words(struct ink *ink, const struct incident *incident) {
    const char *domain = authority_of(incident);
    if (incident->is_anonymous) {
        ink_put(ink, "(anonymous)");
        return;
    }
    if (!incident->account[0])
        return;
    if (domain[0]) {
        ink_put_most(ink, domain, SLOT_NAME_BYTES / 2);
        ink_put_most(ink, "\\", 1);
    }
    ink_put_most(ink, incident->account, SLOT_NAME_BYTES);
}
