/* A diagnosis: the verdict over many findings, as a value. Who was locked out, from where, by which
 * program, why, what to do, and from what that is known. Strings are UTF-8, never NULL ("" = not
 * known) unless said so; everything is borrowed for the length of the callback. Records and the
 * summary say the same (README, "Diagnoses"). */
#ifndef SMBLAME_DIAGNOSIS_H
#define SMBLAME_DIAGNOSIS_H

#include <stdbool.h>
#include <stdint.h>

#include <smblame/attempt.h>
#include <smblame/walk.h>

enum sbl_diagnosis_state { SBL_DIAGNOSIS_OPEN = 0, SBL_DIAGNOSIS_UPDATE, SBL_DIAGNOSIS_CLOSE };

enum sbl_culprit_kind {
    SBL_CULPRIT_UNKNOWN = 0,
    SBL_CULPRIT_DRIVER,
    SBL_CULPRIT_PROGRAM,
    SBL_CULPRIT_SERVICE,
    SBL_CULPRIT_ACCOUNT,
    SBL_CULPRIT_HOST,
};

/* From what a culprit is known; only DOCUMENTED may be presented as reported by an article. */
enum sbl_basis {
    SBL_BASIS_NONE = 0,
    SBL_BASIS_DOCUMENTED,
    SBL_BASIS_VENDOR_FILE_NAME,
    SBL_BASIS_INFERRED,
    SBL_BASIS_BEHAVIOUR,
    SBL_BASIS_PROCESS_TABLE,
};

/* id is one of knowledge/drivers.json or "". `weight` 0...1 is its share when several fit. */
struct sbl_culprit {
    enum sbl_culprit_kind kind;
    enum sbl_basis basis;
    const char *id, *vendor, *product;
    struct sbl_strings files;
    double weight;
};

/* A machine. `name` is what it calls itself; `contradiction` says which other name or address it
 * goes by, or "". */
struct sbl_machine {
    uint8_t address[16];
    uint8_t ip_version;
    uint8_t mac[6];
    bool has_mac;
    const char *name;
    const char *contradiction;
    uint64_t failures;
};

/* One refused (or granted) attempt, as a line of evidence. `count_after`: the bad-password count
 * reckoned for the account at that server after it, 0 = it does not count. */
struct sbl_evidence_line {
    uint8_t event_id[16];
    int64_t time_ns;
    struct sbl_frame_ref request, response; /* number 0 = not captured */
    uint32_t status;
    bool is_dos_error, has_status, is_granted;
    uint8_t smb_version;
    uint16_t count_after;
    uint32_t client; /* index into struct sbl_diagnosis.clients, UINT32_MAX = not listed */
    const char *account, *domain, *share;
    int64_t request_time_ns; /* 0 = not known */
    uint32_t server_number;  /* 1 = the first of struct sbl_diagnosis.servers; 0 = not listed */
    bool is_passed_on;       /* counted by another: struct sbl_diagnosis.counted_by */
};

enum sbl_threshold_source {
    SBL_THRESHOLD_UNKNOWN = 0,
    SBL_THRESHOLD_CONFIGURED,
    SBL_THRESHOLD_OBSERVED,
};

struct sbl_alternative {
    const char *rule_id;
    const char *title;
    const char *why; /* one sentence: what speaks against it, or what it still lacks */
    double confidence;
};

enum { SBL_LIST_ENDS = 20 /* a long list holds so many of its first and of its last */ };

struct sbl_diagnosis {
    uint8_t id[16], event_id[16];
    uint32_t revision; /* 1, 2, ... */
    enum sbl_diagnosis_state state;
    const char *rule_id, *rule_title, *rule_category, *rule_reference;
    const char *message;       /* the verdict as a human reads it */
    const char *superseded_by; /* UUID text of the diagnosis that this one went into, or "" */
    const char *server_role; /* "domain controller", "member server", "stand-alone server" or "" */
    double confidence;
    unsigned severity, risk; /* 1-7, 0-100 */
    bool is_hostile;
    struct sbl_strings attack; /* ATT&CK technique ids, only when hostile */
    int64_t time_ns;           /* of the packet that decided this revision */
    int64_t first_ns, last_ns; /* of the failures */

    const char *account, *domain; /* one account; "" with account_count > 1 */
    struct sbl_strings accounts;
    bool is_anonymous;
    enum sbl_authority authority;
    const char *authority_name;
    const struct sbl_machine *clients, *servers; /* most failures first */
    uint32_t client_count, server_count;         /* items there */
    uint64_t client_total, server_total;

    uint64_t failures, lockouts, granted;
    unsigned threshold;
    enum sbl_threshold_source threshold_source;
    struct sbl_frame_ref tipping; /* the failure that locked it; number 0 = not seen */
    bool has_forecast;
    unsigned attempts_left;
    int64_t lock_at_ns;       /* 0 = not known when */
    const char *counted_by;   /* the server whose count this is, or "" */
    double period_s;          /* 0 = none */
    const char *period_owner; /* what is documented for that period, or "" */

    struct sbl_culprit culprit;
    const struct sbl_culprit *candidates; /* two or more when they cannot be told apart, else 0 */
    uint32_t candidate_count;
    struct sbl_walk walk; /* steps 0 = none */

    struct sbl_strings remedy, references, evidence_for, evidence_against, shares, windows_events;
    const struct sbl_alternative *alternatives;
    uint32_t alternative_count;
    const struct sbl_evidence_line *lines; /* first and last SBL_LIST_ENDS of the failures */
    uint32_t line_count, line_first_count; /* the first line_first_count are the first ones */
    uint64_t line_total;
    bool has_all_candidates; /* each looked for files of its own: they are there all */
};

#endif
