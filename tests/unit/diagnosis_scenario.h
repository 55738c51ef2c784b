/* A diagnosis as value, by hand: the driver on WS042 that walks the PATH and locks SMSCliToknAcct&
 * out at CAP01 (Q278660). Tests change what they are about. */
#ifndef SMBLAME_TESTS_DIAGNOSIS_SCENARIO_H
#define SMBLAME_TESTS_DIAGNOSIS_SCENARIO_H

#include "emit/emit.h"

enum { SCENARIO_LINES = 6 };

#define STRINGS_OF(array)                                                                          \
    ((struct sbl_strings){(array), sizeof(array) / sizeof *(array),                                \
                          sizeof(array) / sizeof *(array)})

struct scenario {
    struct sbl_diagnosis diagnosis;
    struct sbl_machine client, server;
    struct sbl_evidence_line lines[SCENARIO_LINES];
};

/* Six attempts, a frame pair each, 12 and 13 the first; the fifth tips the lock. */
static inline void scenario_lines(struct scenario *scenario, int64_t since_ns) {
    for (unsigned i = 0; i < SCENARIO_LINES; i++) {
        bool is_locked = i == SCENARIO_LINES - 1;
        scenario->lines[i] = (struct sbl_evidence_line){
            .event_id = {0x7D, [6] = 0x80, [8] = 0x80, [15] = (uint8_t)i},
            .time_ns = since_ns + i * INT64_C(60500000000) + 14000000,
            .request_time_ns = since_ns + i * INT64_C(60500000000) + 12000000,
            .request = {12 + 2 * i, 0},
            .response = {13 + 2 * i, 0},
            .status = is_locked ? 0xC0000234 : 0xC000006D,
            .has_status = true,
            .smb_version = 1,
            .count_after = is_locked ? 0 : (uint16_t)(i + 1),
            .account = "SMSCliToknAcct&",
            .domain = "WS042",
            .share = "\\\\CAP01\\CAP_S01",
            .server_number = 1,
        };
    }
}

/* What was seen: the files, the search, the words for and against. */
static inline void scenario_findings(struct sbl_diagnosis *diagnosis, int64_t since_ns) {
    static const char *const files[] = {"auddrive.sys"};
    static const char *const directories[] = {"\\\\CAP01\\CAP_S01", "\\\\CAP01\\SMSLOGON"};
    static const char *const missing[] = {"auddrive.sys", "auddrive.ini"};
    static const char *const evidence_for[] = {
        "The same client asked for auddrive.sys in two shares within a second."};
    static const char *const evidence_against[] = {"The process is not visible."};
    static const char *const shares[] = {"\\\\CAP01\\CAP_S01"};
    static const struct sbl_alternative alternatives[] = {
        {"local-account-used-against-site-system", "Local account used against a site system",
         "It does not explain the missing files.", 0.4}};
    diagnosis->culprit = (struct sbl_culprit){.kind = SBL_CULPRIT_DRIVER,
                                              .basis = SBL_BASIS_DOCUMENTED,
                                              .id = "compaq-auddrive",
                                              .vendor = "Compaq",
                                              .product = "AudDrive",
                                              .files = STRINGS_OF(files),
                                              .weight = 1};
    diagnosis->walk = (struct sbl_walk){.directories = STRINGS_OF(directories),
                                        .missing = STRINGS_OF(missing),
                                        .steps = 4,
                                        .first_ns = since_ns,
                                        .last_ns = since_ns + 900000000,
                                        .account = "jdoe",
                                        .domain = "CORP"};
    diagnosis->evidence_for = STRINGS_OF(evidence_for);
    diagnosis->evidence_against = STRINGS_OF(evidence_against);
    diagnosis->shares = STRINGS_OF(shares);
    diagnosis->alternatives = alternatives;
    diagnosis->alternative_count = 1;
}

/* What to do about it. */
static inline void scenario_advice(struct sbl_diagnosis *diagnosis) {
    static const char *const remedy[] = {
        "Move \\\\CAP01\\CAP_S01 and \\\\CAP01\\SMSLOGON from the SYSTEM path to the user path.",
        "Or remove the driver."};
    static const char *const references[] = {"Q278660", "Q248880"};
    static const char *const windows_events[] = {"4625 (529) on CAP01", "4740 (644)"};
    diagnosis->remedy = STRINGS_OF(remedy);
    diagnosis->references = STRINGS_OF(references);
    diagnosis->windows_events = STRINGS_OF(windows_events);
}

static inline void scenario_init(struct scenario *scenario, int64_t since_ns) {
    static const char *const accounts[] = {"CORP\\SMSCliToknAcct&"};
    scenario->client = (struct sbl_machine){.address = {10, 1, 2, 42},
                                            .ip_version = 4,
                                            .mac = {0, 0, 0x5E, 0, 0x53, 0x2A},
                                            .has_mac = true,
                                            .name = "WS042",
                                            .contradiction = "",
                                            .failures = 5};
    scenario->server = (struct sbl_machine){
        .address = {10, 1, 0, 10}, .ip_version = 4, .name = "CAP01", .contradiction = ""};
    scenario_lines(scenario, since_ns);
    scenario->diagnosis = (struct sbl_diagnosis){
        .id = {0x7D, 0x3F, [6] = 0x8C, [8] = 0x9E, [15] = 4},
        .event_id = {0x7D, 0x3F, [6] = 0x8C, [8] = 0x9E, [15] = 3},
        .revision = 2,
        .state = SBL_DIAGNOSIS_UPDATE,
        .rule_id = "third-party-driver-path-search",
        .rule_title = "Third-party driver searches the PATH over the network",
        .rule_category = "lockout",
        .rule_reference = "Q278660",
        .message = "CORP\\SMSCliToknAcct& is being locked out by WS042 (10.1.2.42): a driver "
                   "there (auddrive.sys) searches the network directories of the system PATH "
                   "under the local SMSCliToknAcct&.",
        .superseded_by = "",
        .server_role = "domain controller",
        .confidence = 0.93,
        .severity = 6,
        .risk = 80,
        .time_ns = since_ns + INT64_C(302514000000),
        .first_ns = since_ns + 14000000,
        .last_ns = since_ns + INT64_C(302514000000),
        .account = "SMSCliToknAcct&",
        .domain = "WS042",
        .accounts = STRINGS_OF(accounts),
        .authority = SBL_AUTHORITY_DOMAIN,
        .authority_name = "CORP",
        .clients = &scenario->client,
        .servers = &scenario->server,
        .client_count = 1,
        .server_count = 1,
        .client_total = 1,
        .server_total = 1,
        .failures = 5,
        .lockouts = 1,
        .threshold = 5,
        .threshold_source = SBL_THRESHOLD_OBSERVED,
        .tipping = {21, 0},
        .counted_by = "CAP01",
        .period_s = 60.5,
        .period_owner = "",
        .lines = scenario->lines,
        .line_count = SCENARIO_LINES,
        .line_first_count = SCENARIO_LINES,
        .line_total = SCENARIO_LINES,
    };
    scenario_findings(&scenario->diagnosis, since_ns);
    scenario_advice(&scenario->diagnosis);
}

/* The least that the contract allows: nothing is known but that something was refused. */
static inline struct sbl_diagnosis scenario_bare(void) {
    return (struct sbl_diagnosis){
        .rule_id = "",
        .rule_title = "",
        .rule_category = "",
        .rule_reference = "",
        .message = "",
        .superseded_by = "",
        .server_role = "",
        .account = "",
        .domain = "",
        .authority_name = "",
        .counted_by = "",
        .period_owner = "",
        .culprit = {.id = "", .vendor = "", .product = ""},
        .walk = {.account = "", .domain = ""},
    };
}

#endif
