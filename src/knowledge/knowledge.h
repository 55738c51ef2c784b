/* The knowledge base: what is known of drivers and programs, accounts, shares, periods, statuses
 * and causes. Data of knowledge/ (JSON), compiled in, overridden or extended by a directory of the
 * user's; checked as it is read. Immutable once made; all strings live as long as it does. */
#ifndef SMBLAME_KNOWLEDGE_KNOWLEDGE_H
#define SMBLAME_KNOWLEDGE_KNOWLEDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <smblame/diagnosis.h>

#include "knowledge/fact.h"

enum { KNOWLEDGE_LIST = 16 /* references, remedy steps, ATT&CK ids of one entry at most */ };

/* What an entry of drivers.json is to us. Only CULPRIT and STALE (a program that keeps an old
 * password) can be blamed; PROBE is innocent but proves that PATH holds network directories;
 * NEGATIVE (shell metadata, pipes, lock files) and BENIGN never make a walk; BEHAVIOUR says what a
 * file of a program looks like when no signature fits; AGGRAVATING is told as evidence only. */
enum signature_role {
    SIGNATURE_CULPRIT = 0,
    SIGNATURE_STALE,
    SIGNATURE_PROBE,
    SIGNATURE_AGGRAVATING,
    SIGNATURE_BENIGN,
    SIGNATURE_NEGATIVE,
    SIGNATURE_BEHAVIOUR,
};

struct signature {
    const char *id, *vendor, *product, *notes, *source, *reported_by;
    enum signature_role role;
    enum sbl_culprit_kind kind; /* driver or program */
    enum sbl_basis basis;
};

/* A file name's match with one signature. `is_weak`: a name too common to count alone. */
struct signature_match {
    const struct signature *signature;
    bool is_weak, is_wildcard;
};

enum { SIGNATURE_MATCHES = 8 };

enum account_class {
    ACCOUNT_CLASS_NONE = 0, /* of no entry: a person, as far as the name says */
    ACCOUNT_CLASS_LOCAL_ON_NETWORK,
    ACCOUNT_CLASS_SITE_SYSTEM_SERVICE,
    ACCOUNT_CLASS_STALE_SHARED,
    ACCOUNT_CLASS_STALE_SERVICE,
    ACCOUNT_CLASS_SERVICE,
    ACCOUNT_CLASS_ADSYNC,
    ACCOUNT_CLASS_MACHINE,
    ACCOUNT_CLASS_DEVICE,
    ACCOUNT_CLASS_RED_FLAG,
    ACCOUNT_CLASS_BUILTIN,
    ACCOUNT_CLASS_GUEST,
    ACCOUNT_CLASS_ANONYMOUS,
    ACCOUNT_CLASS_OTHER,
};

struct account_entry {
    const char *pattern, *product, *role, *scope, *behaviour, *source, *remedy;
    enum account_class class_;
    enum sbl_basis basis;
};

enum share_class {
    SHARE_CLASS_OTHER = 0, /* of no entry: somebody's data */
    SHARE_CLASS_SITE,      /* CAP_*, SMSPKG*, SMSLOGON, SMS_<site> */
    SHARE_CLASS_SMS_SHR,
    SHARE_CLASS_LICMTR,
    SHARE_CLASS_PIPE,  /* IPC$ */
    SHARE_CLASS_DC,    /* SYSVOL, NETLOGON */
    SHARE_CLASS_ADMIN, /* ADMIN$, C$ */
    SHARE_CLASS_PRINT, /* print$ */
};

struct period_entry {
    double seconds_min, seconds_max;
    const char *owner, *signature_id, *source; /* signature_id "" = none */
    struct facts
        marks; /* one of them has to hold, or it is anybody's period; empty = none has to */
};

struct status_entry {
    const struct sbl_status *status; /* NULL: not in the compiled table */
    const char *code, *name, *meaning, *advice;
};

/* One weight of a rule: added to the base when the fact holds. */
struct rule_weight {
    enum fact fact;
    double delta;
};

/* A step of a remedy, said when all of `when` holds (none: always). Text has placeholders. */
struct rule_step {
    struct facts when;
    const char *text;
};

/* Which incidents of one rule are told as one diagnosis. */
enum rule_unit {
    RULE_UNIT_PAIR = 0, /* one account, one client */
    RULE_UNIT_ACCOUNT,  /* one account, its clients together */
    RULE_UNIT_CLIENT,   /* one client, its accounts together */
    RULE_UNIT_SERVER,   /* one server, all accounts and clients together */
};

enum { RULE_WEIGHTS = 24, RULE_ANY = 4 };

/* A cause. It is a candidate when all of `needs`, one of each set of `any`, and none of `forbids`
 * holds; its confidence is base + weights, within [0, cap]; the highest wins, then the higher
 * `rank`. Below knowledge_fallback_below() the fallback rule wins. */
struct rule {
    const char *id, *title, *category, *source, *reference, *verdict, *confirm;
    struct facts needs, forbids, any[RULE_ANY];
    unsigned any_count;
    double base, cap;
    struct rule_weight weights[RULE_WEIGHTS];
    unsigned weight_count, rank;
    enum rule_unit unit;
    unsigned severity, severity_locked; /* 1-7; the second once a lockout was seen */
    bool is_hostile, is_fallback;
    const char *attack[KNOWLEDGE_LIST], *references[KNOWLEDGE_LIST], *look_alikes[KNOWLEDGE_LIST];
    unsigned attack_count, reference_count, look_alike_count;
    struct rule_step remedy[KNOWLEDGE_LIST];
    unsigned remedy_count;
};

/* How a fact is said: with the placeholders of diagnose/text.h. "" = never said. */
struct fact_words {
    const char *holds, *fails;
};

struct sbl_knowledge;

/* Reads the compiled-in base and then, when not NULL, every *.json of `directory` that has a name
 * of the base (another name is an error). Entries with a known id, pattern or code replace, others
 * add. 0, -ENOMEM, or -EINVAL after a line on `errors` that names file, line and key and says what
 * was expected. */
int sbl_knowledge_new(struct sbl_knowledge **knowledge, const char *directory, FILE *errors);
void sbl_knowledge_free(struct sbl_knowledge *knowledge);

/* Matches of a base name (any case, UTF-8, no path) with signatures, best first (exact before
 * wildcard); at most SIGNATURE_MATCHES. `share` (may be "") is the share it was asked on: entries
 * that name a share match there only. BEHAVIOUR entries come last. */
size_t knowledge_file(const struct sbl_knowledge *knowledge, const char *name, const char *share,
                      struct signature_match out[SIGNATURE_MATCHES]);
const struct signature *knowledge_signature(const struct sbl_knowledge *knowledge, const char *id);

/* The entry of an account name (any case; user part only), exact before wildcard, or NULL. */
const struct account_entry *knowledge_account(const struct sbl_knowledge *knowledge,
                                              const char *name);
/* The class of a share by its last component. */
enum share_class knowledge_share(const struct sbl_knowledge *knowledge, const char *share);
/* What is documented for a period, or NULL. */
const struct period_entry *knowledge_period(const struct sbl_knowledge *knowledge, double seconds);

/* All rules, in the order of the file. */
const struct rule *knowledge_rules(const struct sbl_knowledge *knowledge, size_t *count);
const struct rule *knowledge_rule(const struct sbl_knowledge *knowledge, const char *id);
const struct fact_words *knowledge_fact(const struct sbl_knowledge *knowledge, enum fact fact);
/* The fact of a word; false when there is none. */
bool knowledge_fact_find(const char *word, enum fact *fact);
const char *knowledge_fact_word(enum fact fact);
/* The fact of what an operator confirms: only "confirmed_..." facts, with or without that prefix,
 * with '-' or '_'. */
bool knowledge_fact_confirm(const char *word, enum fact *fact);
/* Prints those words, without the prefix, ", " between them. */
void knowledge_confirmable(FILE *out);
double knowledge_fallback_below(const struct sbl_knowledge *knowledge);

/* The statuses in the order of the file: the one at a place, or NULL beyond the last. */
const struct status_entry *knowledge_status(const struct sbl_knowledge *knowledge, size_t place);

/* Prints what is known of a rule id, a status (name, hex, or DOS class/code), an account, a share
 * or a file name, whichever it is (all that fit). False when nothing is known of it. */
bool knowledge_explain(const struct sbl_knowledge *knowledge, const char *what, FILE *out);

/* Prints a text that anybody wrote, cut when it is long, so that a terminal only shows it. */
void knowledge_print(const char *text, FILE *out);

#endif
