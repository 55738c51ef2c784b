/* The choice of a culprit. See culprit.h for what is at stake. */
#include "diagnose/culprit.h"

#include <string.h>

/* What a rule lets us name. */
enum naming {
    NAMES_NOBODY = 0,
    NAMES_WALKER,  /* whose files are searched for */
    NAMES_RETRIER, /* the program of the share and period, or of the process table */
    NAMES_SERVICE, /* a service that an article documents for this account */
    NAMES_OWNER,   /* the service the account belongs to */
    NAMES_CLIENT,  /* the machine itself: hostile rules */
    NAMES_RELAY,   /* likewise, when it is the one between: its victim looks alike */
};

struct naming_rule {
    const char *rule_id;
    enum naming naming;
    const char *vendor, *product;
};

static const struct naming_rule naming_rules[] = {
    {"third-party-driver-path-search", NAMES_WALKER, "", ""},
    {"periodic-retry-program", NAMES_RETRIER, "", ""},
    {"local-account-used-against-site-system", NAMES_SERVICE, "Microsoft", "SMS 2.0 client"},
    {"local-account-inventory", NAMES_SERVICE, "Microsoft", "SMS 2.0 client"},
    {"nal-debug-logging", NAMES_SERVICE, "Microsoft", "SMS 2.0 client"},
    {"stale-service-account-password", NAMES_OWNER, "", ""},
    {"adsync-service-account", NAMES_SERVICE, "Microsoft", "Microsoft Entra Connect"},
    {"relay-suspicion", NAMES_RELAY, "", ""},
};

/* The share of 1 from which a candidate may be named, and how far ahead of the next it must be. */
static const double clear_weight = 0.6, clear_lead = 0.2;

static struct naming_rule naming_of(const struct rule *rule) {
    for (size_t i = 0; i < sizeof naming_rules / sizeof *naming_rules; i++)
        if (strcmp(naming_rules[i].rule_id, rule->id) == 0)
            return naming_rules[i];
    return (struct naming_rule){rule->id, rule->is_hostile ? NAMES_CLIENT : NAMES_NOBODY, "", ""};
}

static struct sbl_culprit nobody(enum sbl_culprit_kind kind, enum sbl_basis basis) {
    return (struct sbl_culprit){
        .kind = kind, .basis = basis, .id = "", .vendor = "", .product = ""};
}

/* The last component of an image path. */
static const char *image_name(const char *path) {
    for (const char *at = path; *at; at++)
        if (*at == '\\' || *at == '/')
            path = at + 1;
    return path;
}

static bool may_be_blamed(const struct signature *signature) {
    return signature &&
           (signature->role == SIGNATURE_CULPRIT || signature->role == SIGNATURE_STALE);
}

/* A candidate as a culprit: by name when it may be blamed, as a kind of thing otherwise, of which
 * no more is known than what it does. */
static struct sbl_culprit as_culprit(const struct incident_candidate *candidate) {
    bool has_process = candidate->basis == SBL_BASIS_PROCESS_TABLE && candidate->process[0];
    struct sbl_culprit culprit = nobody(candidate->kind, SBL_BASIS_BEHAVIOUR);
    culprit.files = candidate->files;
    culprit.weight = candidate->weight;
    if (may_be_blamed(candidate->signature) && candidate->basis != SBL_BASIS_BEHAVIOUR) {
        culprit.id = candidate->signature->id;
        culprit.vendor = candidate->signature->vendor;
        culprit.product = candidate->signature->product;
        culprit.basis = candidate->basis;
    }
    if (has_process) {
        culprit.product = image_name(candidate->process);
        culprit.basis = candidate->basis;
    }
    return culprit;
}

static bool is_named(const struct sbl_culprit *culprit) {
    return culprit->id[0] || culprit->product[0];
}

static unsigned candidate_count(const struct incident *incident) {
    return incident->candidate_count < INCIDENT_CANDIDATES ? incident->candidate_count
                                                           : INCIDENT_CANDIDATES;
}

static bool is_clear(const struct incident *incident) {
    const struct incident_candidate *list = incident->candidates;
    unsigned count = candidate_count(incident), same = 0;
    for (unsigned i = 0; i < count; i++)
        same += list[i].signature && list[i].signature == list[0].signature;
    return same == count || (list[0].weight >= clear_weight &&
                             (count == 1 || list[0].weight - list[1].weight > clear_lead - 1e-9));
}

/* Names that no signature knows do not make several suspects; of what kind it is, is not known when
 * they speak for different ones. */
static bool name_unknown(const struct incident *incident, struct culprit_choice *choice) {
    struct sbl_culprit all = as_culprit(&incident->candidates[0]);
    for (unsigned i = 0; i < candidate_count(incident); i++) {
        struct sbl_culprit one = as_culprit(&incident->candidates[i]);
        if (is_named(&one))
            return false;
        all.kind = one.kind == all.kind ? all.kind : SBL_CULPRIT_UNKNOWN;
    }
    all.weight = 0;
    choice->culprit = all;
    return true;
}

/* What all candidates have in common, and all of them. */
static void name_common(const struct incident *incident, struct culprit_choice *choice) {
    unsigned count = candidate_count(incident);
    struct sbl_culprit common = as_culprit(&incident->candidates[0]);
    common.id = common.product = "";
    for (unsigned i = 0; i < count; i++) {
        struct sbl_culprit one = as_culprit(&incident->candidates[i]);
        common.kind = one.kind == common.kind ? common.kind : SBL_CULPRIT_UNKNOWN;
        common.basis = one.basis == common.basis ? common.basis : SBL_BASIS_BEHAVIOUR;
        if (strcmp(one.vendor, common.vendor) != 0)
            common.vendor = "";
        if (count > 1)
            choice->candidates[choice->candidate_count++] = one;
    }
    common.weight = 0;
    common.files = (struct sbl_strings){0};
    choice->culprit = common;
}

static void name_candidate(const struct incident *incident, enum sbl_culprit_kind kind,
                           struct culprit_choice *choice) {
    choice->culprit = nobody(kind, SBL_BASIS_BEHAVIOUR);
    if (candidate_count(incident) == 0)
        return;
    if (name_unknown(incident, choice))
        return;
    if (is_clear(incident))
        choice->culprit = as_culprit(&incident->candidates[0]);
    else
        name_common(incident, choice);
}

/* The signature of the share, or of share and period; a period alone names nobody: many programs
 * wake up every minute. Who is metered and wants nothing else there retries for the metering. */
static const struct signature *retrier_signature(const struct sbl_knowledge *knowledge,
                                                 const struct incident *incident) {
    if (facts_have(&incident->facts, FACT_SHARE_LICMTR) ||
        (facts_have(&incident->facts, FACT_METERING_ONLY) &&
         facts_have(&incident->facts, FACT_PERIODIC)))
        return knowledge_signature(knowledge, "sms-licmtr");
    if (facts_have(&incident->facts, FACT_SHARE_SMS_SHR) && incident->period &&
        incident->period->signature_id[0])
        return knowledge_signature(knowledge, incident->period->signature_id);
    return NULL;
}

/* A driver that walks on the same machine is none of the retrying program's. */
static void name_retrier(const struct sbl_knowledge *knowledge, const struct incident *incident,
                         struct culprit_choice *choice) {
    for (unsigned i = 0; i < candidate_count(incident); i++)
        if (incident->candidates[i].basis == SBL_BASIS_PROCESS_TABLE) {
            choice->culprit = as_culprit(&incident->candidates[i]);
            return;
        }
    const struct signature *signature = retrier_signature(knowledge, incident);
    if (!may_be_blamed(signature))
        return;
    struct incident_candidate candidate = {.signature = signature,
                                           .kind = SBL_CULPRIT_PROGRAM,
                                           .basis = signature->basis,
                                           .weight = 1,
                                           .process = ""};
    choice->culprit = as_culprit(&candidate);
}

/* The product of an account whose name is only a habit is not told: anybody may have that habit. */
static struct sbl_culprit owner_of(const struct account_entry *entry) {
    struct sbl_culprit owner = nobody(SBL_CULPRIT_SERVICE, entry->basis);
    if (entry->basis == SBL_BASIS_DOCUMENTED)
        owner.product = entry->product;
    return owner;
}

void culprit_choose(const struct sbl_knowledge *knowledge, const struct rule *rule,
                    const struct incident *incident, struct culprit_choice *choice) {
    struct naming_rule naming = naming_of(rule);
    *choice = (struct culprit_choice){.culprit = nobody(SBL_CULPRIT_UNKNOWN, SBL_BASIS_NONE)};
    struct sbl_culprit *culprit = &choice->culprit;
    if (naming.naming == NAMES_WALKER)
        name_candidate(incident, SBL_CULPRIT_UNKNOWN, choice);
    else if (naming.naming == NAMES_RETRIER)
        name_retrier(knowledge, incident, choice);
    else if (naming.naming == NAMES_CLIENT ||
             (naming.naming == NAMES_RELAY && facts_have(&incident->facts, FACT_CHALLENGE_TWICE)))
        *culprit = nobody(SBL_CULPRIT_HOST, SBL_BASIS_BEHAVIOUR);
    else if (naming.naming == NAMES_SERVICE)
        *culprit = nobody(SBL_CULPRIT_SERVICE, SBL_BASIS_DOCUMENTED);
    else if (naming.naming == NAMES_OWNER && incident->account_entry)
        *culprit = owner_of(incident->account_entry);
    if (naming.naming == NAMES_SERVICE) {
        culprit->vendor = naming.vendor;
        culprit->product = naming.product;
    }
}

/* "Crystal Semiconductor" of "Crystal Semiconductor (Cirrus Logic)": the whole name is told beside.
 */
static void put_vendor(struct ink *ink, const struct sbl_culprit *culprit) {
    const char *end = strstr(culprit->vendor, " (");
    ink_put_most(ink, culprit->vendor, end ? (size_t)(end - culprit->vendor) : 80);
}

const char *culprit_words(struct ink *ink, const struct sbl_culprit *culprit) {
    if (!is_named(culprit))
        return "";
    if (culprit->basis == SBL_BASIS_PROCESS_TABLE)
        return ink_copy(ink, culprit->product, 120);
    ink_put(ink, "the ");
    if (culprit->vendor[0] && !strstr(culprit->product, culprit->vendor)) {
        put_vendor(ink, culprit);
        ink_put(ink, " ");
    }
    const char *system = strstr(culprit->product, ", Windows");
    ink_put_most(ink, culprit->product, system ? (size_t)(system - culprit->product) : 120);
    if (culprit->kind == SBL_CULPRIT_DRIVER && !strstr(culprit->product, "driver"))
        ink_put(ink, " driver");
    return ink_end(ink);
}

/* The first article number in a text, "" when it has none. */
static void put_article(struct ink *ink, const char *source) {
    for (const char *at = source; (at = strchr(at, 'Q')) != NULL; at++) {
        size_t digits = strspn(at + 1, "0123456789");
        if (digits >= 5) {
            ink_put_most(ink, at, digits + 1);
            return;
        }
    }
    ink_put(ink, "its maker's documents");
}

const char *culprit_basis_words(struct ink *ink, const struct sbl_culprit *culprit,
                                const char *source) {
    if (!is_named(culprit))
        return "";
    switch (culprit->basis) {
    case SBL_BASIS_DOCUMENTED:
        ink_put(ink, "documented by ");
        put_article(ink, source);
        break;
    case SBL_BASIS_VENDOR_FILE_NAME:
        ink_put(ink, "by the file names of its package; no article names it");
        break;
    case SBL_BASIS_INFERRED:
        ink_put(ink, "by file names believed to be its own; no article names them");
        break;
    case SBL_BASIS_PROCESS_TABLE:
        ink_put(ink, "by the process table of the trace");
        break;
    case SBL_BASIS_NONE:
    case SBL_BASIS_BEHAVIOUR:
        break;
    }
    return ink_end(ink);
}
