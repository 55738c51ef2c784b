/* The files of the knowledge base, and what a row of each is in memory. A row begins with its
 * origin: the document that it came from and its ordinal there. */
#ifndef SMBLAME_KNOWLEDGE_ROWS_H
#define SMBLAME_KNOWLEDGE_ROWS_H

#include <stddef.h>

#include "knowledge/knowledge.h"
#include "knowledge/shape.h"

enum knowledge_file_id {
    FILE_DRIVERS = 0,
    FILE_ACCOUNTS,
    FILE_SHARES,
    FILE_PERIODS,
    FILE_STATUSES,
    FILE_FACTS,
    FILE_DIAGNOSES,
    FILE_COUNT
};

struct origin {
    unsigned document, element;
};

struct driver_row {
    struct origin origin;
    struct signature signature;
    const char *share; /* patterns, '|' between them; "" = any */
    const cJSON *files, *weak_files;
    double period_seconds[2];
    unsigned period_count;
};

struct account_row {
    struct origin origin;
    struct account_entry entry;
};

struct share_row {
    struct origin origin;
    const char *pattern, *product, *note, *source;
    enum share_class class_;
};

struct period_row {
    struct origin origin;
    struct period_entry entry;
};

struct status_row {
    struct origin origin;
    struct status_entry entry;
    int reason;  /* enum sbl_reason + 1, 0 = not said */
    int missing; /* enum sbl_missing */
    unsigned modern_event, classic_event;
    const char *sub_status;
};

struct fact_row {
    struct origin origin;
    enum fact fact;
    struct fact_words words;
};

struct rule_row {
    struct origin origin;
    struct rule rule;
    double below;
};

/* A file: its name, the key that its entries are told apart by, their shape, and whether a later
 * one replaces an earlier one. */
struct file_form {
    const char *name, *key;
    struct shape shape;
    bool (*is_same)(const void *one, const void *other);
};

extern const struct file_form knowledge_forms[FILE_COUNT];

/* The words of an enum, for those who print them; "" when there is none. */
const char *rows_account_class(enum account_class class_);
const char *rows_share_class(enum share_class class_);
const char *rows_reason(int reason); /* of a status_row */

#endif
