/* The tables of keys of all knowledge files. Pure tables but for the comparisons at the end. What
 * the keys mean stands in knowledge.h. */
#include "knowledge/rows.h"

#include <string.h>
#include <strings.h>

#include <smblame/stats.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define TEXT(row, word, field, least_bytes, most_bytes)                                            \
    {                                                                                              \
        .name = (word), .type = KEY_TEXT, .is_required = (least_bytes) > 0,                        \
        .at = offsetof(struct row, field), .least = (least_bytes), .most = (most_bytes)            \
    }
#define WORD(row, word, field, table, must)                                                        \
    {                                                                                              \
        .name = (word), .type = KEY_WORD, .is_required = (must),                                   \
        .at = offsetof(struct row, field), .words = (table)                                        \
    }
#define NUMBER(row, word, field, low, high, must)                                                  \
    {                                                                                              \
        .name = (word), .type = KEY_NUMBER, .is_required = (must),                                 \
        .at = offsetof(struct row, field), .least = (low), .most = (high)                          \
    }
#define WHOLE(row, word, field, low, high, must)                                                   \
    {                                                                                              \
        .name = (word), .type = KEY_COUNT, .is_required = (must),                                  \
        .at = offsetof(struct row, field), .least = (low), .most = (high)                          \
    }
#define FLAG(row, word, field)                                                                     \
    { .name = (word), .type = KEY_FLAG, .at = offsetof(struct row, field) }
#define LIST(row, word, kind, field, count, bound)                                                 \
    {                                                                                              \
        .name = (word), .type = (kind), .at = offsetof(struct row, field),                         \
        .count_at = offsetof(struct row, count), .most = (bound)                                   \
    }

_Static_assert(sizeof(enum account_class) == sizeof(int), "KEY_WORD fills an int");

enum { NAME_MOST = 120, LINE_MOST = 400, PROSE_MOST = 4000, PATTERNS_MOST = 64 };

static const struct word signature_roles[] = {
    {"culprit", SIGNATURE_CULPRIT},     {"stale", SIGNATURE_STALE},
    {"probe", SIGNATURE_PROBE},         {"aggravating", SIGNATURE_AGGRAVATING},
    {"benign", SIGNATURE_BENIGN},       {"negative", SIGNATURE_NEGATIVE},
    {"behaviour", SIGNATURE_BEHAVIOUR}, {NULL, 0},
};

static const struct word kinds[] = {
    {"driver", SBL_CULPRIT_DRIVER},
    {"program", SBL_CULPRIT_PROGRAM},
    {"service", SBL_CULPRIT_SERVICE},
    {NULL, 0},
};

static const struct word bases[] = {
    {"documented", SBL_BASIS_DOCUMENTED},
    {"vendor file name", SBL_BASIS_VENDOR_FILE_NAME},
    {"inferred", SBL_BASIS_INFERRED},
    {NULL, 0},
};

static const struct key driver_keys[] = {
    TEXT(driver_row, "id", signature.id, 1, NAME_MOST),
    TEXT(driver_row, "vendor", signature.vendor, 1, NAME_MOST),
    TEXT(driver_row, "product", signature.product, 1, NAME_MOST),
    WORD(driver_row, "role", signature.role, signature_roles, true),
    WORD(driver_row, "kind", signature.kind, kinds, true),
    WORD(driver_row, "basis", signature.basis, bases, true),
    LIST(driver_row, "files", KEY_LIST, files, period_count, PATTERNS_MOST),
    LIST(driver_row, "weak_files", KEY_LIST, weak_files, period_count, PATTERNS_MOST),
    TEXT(driver_row, "share", share, 0, NAME_MOST),
    LIST(driver_row, "period_seconds", KEY_NUMBERS, period_seconds, period_count, 2),
    TEXT(driver_row, "notes", signature.notes, 0, PROSE_MOST),
    TEXT(driver_row, "source", signature.source, 1, LINE_MOST),
    TEXT(driver_row, "reported_by", signature.reported_by, 0, NAME_MOST),
};

static const struct word account_classes[] = {
    {"local-account-on-network", ACCOUNT_CLASS_LOCAL_ON_NETWORK},
    {"site-system-service", ACCOUNT_CLASS_SITE_SYSTEM_SERVICE},
    {"stale-shared-account", ACCOUNT_CLASS_STALE_SHARED},
    {"stale-service-account", ACCOUNT_CLASS_STALE_SERVICE},
    {"service-account", ACCOUNT_CLASS_SERVICE},
    {"adsync", ACCOUNT_CLASS_ADSYNC},
    {"machine", ACCOUNT_CLASS_MACHINE},
    {"device", ACCOUNT_CLASS_DEVICE},
    {"red-flag", ACCOUNT_CLASS_RED_FLAG},
    {"builtin", ACCOUNT_CLASS_BUILTIN},
    {"guest", ACCOUNT_CLASS_GUEST},
    {"anonymous", ACCOUNT_CLASS_ANONYMOUS},
    {"other", ACCOUNT_CLASS_OTHER},
    {"misconfig", ACCOUNT_CLASS_OTHER},
    {"attack-or-test", ACCOUNT_CLASS_OTHER},
    {"attack-or-foreign-client", ACCOUNT_CLASS_OTHER},
    {"none", ACCOUNT_CLASS_NONE},
    {NULL, 0},
};

static const struct key account_keys[] = {
    {.name = "pattern", /* the empty name is one: anonymous */
     .type = KEY_TEXT,
     .is_required = true,
     .at = offsetof(struct account_row, entry.pattern),
     .most = NAME_MOST},
    TEXT(account_row, "product", entry.product, 1, NAME_MOST),
    TEXT(account_row, "role", entry.role, 1, LINE_MOST),
    TEXT(account_row, "scope", entry.scope, 0, NAME_MOST),
    TEXT(account_row, "behaviour", entry.behaviour, 0, PROSE_MOST),
    TEXT(account_row, "source", entry.source, 1, LINE_MOST),
    WORD(account_row, "basis", entry.basis, bases, true),
    TEXT(account_row, "remedy", entry.remedy, 0, PROSE_MOST),
    WORD(account_row, "class", entry.class_, account_classes, true),
};

static const struct word share_classes[] = {
    {"site", SHARE_CLASS_SITE},     {"sms-shr", SHARE_CLASS_SMS_SHR},
    {"licmtr", SHARE_CLASS_LICMTR}, {"pipe", SHARE_CLASS_PIPE},
    {"dc", SHARE_CLASS_DC},         {"admin", SHARE_CLASS_ADMIN},
    {"print", SHARE_CLASS_PRINT},   {NULL, 0},
};

static const struct key share_keys[] = {
    TEXT(share_row, "pattern", pattern, 1, NAME_MOST),
    WORD(share_row, "class", class_, share_classes, true),
    TEXT(share_row, "product", product, 1, NAME_MOST),
    TEXT(share_row, "note", note, 0, PROSE_MOST),
    TEXT(share_row, "source", source, 1, LINE_MOST),
};

static const struct key period_keys[] = {
    NUMBER(period_row, "min", entry.seconds_min, 0.001, 1e8, true),
    NUMBER(period_row, "max", entry.seconds_max, 0.001, 1e8, true),
    TEXT(period_row, "owner", entry.owner, 1, LINE_MOST),
    TEXT(period_row, "signature", entry.signature_id, 0, NAME_MOST),
    {.name = "marks",
     .type = KEY_FACTS,
     .at = offsetof(struct period_row, entry.marks),
     .most = FACT_COUNT},
    TEXT(period_row, "source", entry.source, 1, LINE_MOST),
};

/* One more than the reason, so that zero is "not said". */
static const struct word reasons[] = {
#define REASON_WORD(name, word) {word, SBL_REASON_##name + 1},
    SBL_REASONS(REASON_WORD)
#undef REASON_WORD
        {NULL, 0},
};

static const struct word missings[] = {
    {"not_there", SBL_MISSING_NOT_THERE}, {"no_such_name", SBL_MISSING_NO_SUCH_NAME}, {NULL, 0}};

static const struct key status_keys[] = {
    TEXT(status_row, "code", entry.code, 3, NAME_MOST),
    TEXT(status_row, "name", entry.name, 1, NAME_MOST),
    WORD(status_row, "reason", reason, reasons, false),
    WORD(status_row, "missing", missing, missings, false),
    TEXT(status_row, "meaning", entry.meaning, 1, PROSE_MOST),
    TEXT(status_row, "advice", entry.advice, 0, PROSE_MOST),
    WHOLE(status_row, "modern_event", modern_event, 0, 65535, false),
    WHOLE(status_row, "classic_event", classic_event, 0, 65535, false),
    TEXT(status_row, "sub_status", sub_status, 0, NAME_MOST),
};

static const struct key fact_keys[] = {
    {.name = "fact", .type = KEY_FACT, .is_required = true, .at = offsetof(struct fact_row, fact)},
    TEXT(fact_row, "holds", words.holds, 0, PROSE_MOST),
    TEXT(fact_row, "fails", words.fails, 0, PROSE_MOST),
};

static const struct word units[] = {
    {"pair", RULE_UNIT_PAIR},
    {"account", RULE_UNIT_ACCOUNT},
    {"client", RULE_UNIT_CLIENT},
    {"server", RULE_UNIT_SERVER},
    {NULL, 0},
};

static const struct key weight_keys[] = {
    {.name = "fact",
     .type = KEY_FACT,
     .is_required = true,
     .at = offsetof(struct rule_weight, fact)},
    NUMBER(rule_weight, "delta", delta, -1, 1, true),
};
static const struct shape weight_shape = {weight_keys, COUNT(weight_keys),
                                          sizeof(struct rule_weight)};

static const struct key step_keys[] = {
    {.name = "when", .type = KEY_FACTS, .at = offsetof(struct rule_step, when), .most = FACT_COUNT},
    TEXT(rule_step, "text", text, 1, PROSE_MOST),
};
static const struct shape step_shape = {step_keys, COUNT(step_keys), sizeof(struct rule_step)};

static const struct key rule_keys[] = {
    TEXT(rule_row, "id", rule.id, 1, NAME_MOST),
    TEXT(rule_row, "title", rule.title, 1, LINE_MOST),
    TEXT(rule_row, "category", rule.category, 1, NAME_MOST),
    TEXT(rule_row, "source", rule.source, 1, LINE_MOST),
    TEXT(rule_row, "reference", rule.reference, 0, LINE_MOST),
    WORD(rule_row, "unit", rule.unit, units, true),
    WHOLE(rule_row, "rank", rule.rank, 0, 1000, true),
    LIST(rule_row, "needs", KEY_FACTS, rule.needs, rule.any_count, FACT_COUNT),
    LIST(rule_row, "any", KEY_FACT_SETS, rule.any, rule.any_count, RULE_ANY),
    LIST(rule_row, "forbids", KEY_FACTS, rule.forbids, rule.any_count, FACT_COUNT),
    NUMBER(rule_row, "base", rule.base, 0, 1, true),
    NUMBER(rule_row, "cap", rule.cap, 0, 1, true),
    {.name = "weights",
     .type = KEY_ROWS,
     .at = offsetof(struct rule_row, rule.weights),
     .count_at = offsetof(struct rule_row, rule.weight_count),
     .most = RULE_WEIGHTS,
     .shape = &weight_shape},
    WHOLE(rule_row, "severity", rule.severity, 1, 7, true),
    WHOLE(rule_row, "severity_locked", rule.severity_locked, 1, 7, false),
    FLAG(rule_row, "hostile", rule.is_hostile),
    FLAG(rule_row, "fallback", rule.is_fallback),
    NUMBER(rule_row, "below", below, 0, 1, false),
    LIST(rule_row, "attack", KEY_TEXTS, rule.attack, rule.attack_count, KNOWLEDGE_LIST),
    TEXT(rule_row, "verdict", rule.verdict, 1, PROSE_MOST),
    TEXT(rule_row, "confirm", rule.confirm, 0, PROSE_MOST),
    {.name = "remedy",
     .type = KEY_ROWS,
     .at = offsetof(struct rule_row, rule.remedy),
     .count_at = offsetof(struct rule_row, rule.remedy_count),
     .most = KNOWLEDGE_LIST,
     .shape = &step_shape},
    LIST(rule_row, "references", KEY_TEXTS, rule.references, rule.reference_count, KNOWLEDGE_LIST),
    LIST(rule_row, "look_alikes", KEY_TEXTS, rule.look_alikes, rule.look_alike_count,
         KNOWLEDGE_LIST),
};

static bool same_driver(const void *one, const void *other) {
    const struct driver_row *a = one, *b = other;
    return strcasecmp(a->signature.id, b->signature.id) == 0;
}

static bool same_account(const void *one, const void *other) {
    const struct account_row *a = one, *b = other;
    return strcasecmp(a->entry.pattern, b->entry.pattern) == 0;
}

static bool same_share(const void *one, const void *other) {
    const struct share_row *a = one, *b = other;
    return strcasecmp(a->pattern, b->pattern) == 0;
}

static bool same_period(const void *one, const void *other) {
    const struct period_row *a = one, *b = other;
    return a->entry.seconds_min == b->entry.seconds_min &&
           a->entry.seconds_max == b->entry.seconds_max;
}

static bool same_status(const void *one, const void *other) {
    const struct status_row *a = one, *b = other;
    return strcasecmp(a->entry.code, b->entry.code) == 0;
}

static bool same_fact(const void *one, const void *other) {
    const struct fact_row *a = one, *b = other;
    return a->fact == b->fact;
}

static bool same_rule(const void *one, const void *other) {
    const struct rule_row *a = one, *b = other;
    return strcasecmp(a->rule.id, b->rule.id) == 0;
}

#define FORM(word, keyword, table, row, same)                                                      \
    { (word), (keyword), {table, COUNT(table), sizeof(struct row)}, (same) }

const struct file_form knowledge_forms[FILE_COUNT] = {
    [FILE_DRIVERS] = FORM("drivers.json", "id", driver_keys, driver_row, same_driver),
    [FILE_ACCOUNTS] = FORM("accounts.json", "pattern", account_keys, account_row, same_account),
    [FILE_SHARES] = FORM("shares.json", "pattern", share_keys, share_row, same_share),
    [FILE_PERIODS] = FORM("periods.json", "min", period_keys, period_row, same_period),
    [FILE_STATUSES] = FORM("statuses.json", "code", status_keys, status_row, same_status),
    [FILE_FACTS] = FORM("facts.json", "fact", fact_keys, fact_row, same_fact),
    [FILE_DIAGNOSES] = FORM("diagnoses.json", "id", rule_keys, rule_row, same_rule),
};

static const char *word_of(const struct word *words, int value) {
    for (; words->text; words++)
        if (words->value == value)
            return words->text;
    return "";
}

const char *rows_account_class(enum account_class class_) {
    return word_of(account_classes, (int)class_);
}

const char *rows_share_class(enum share_class class_) {
    return word_of(share_classes, (int)class_);
}

const char *rows_reason(int reason) {
    return reason ? word_of(reasons, reason) : "";
}
