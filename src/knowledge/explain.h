/* The pages of `smblame explain`: one function for each kind of entry. For this room alone. */
#ifndef SMBLAME_KNOWLEDGE_EXPLAIN_H
#define SMBLAME_KNOWLEDGE_EXPLAIN_H

#include "knowledge/store.h"

void explain_rule(const struct sbl_knowledge *knowledge, const struct rule *rule, FILE *out);
void explain_fact(const struct sbl_knowledge *knowledge, enum fact fact, FILE *out);
void explain_status(const struct status_row *row, FILE *out);
void explain_account(const struct account_entry *entry, const char *name, FILE *out);
void explain_share(const struct share_row *row, const char *name, FILE *out);
void explain_signature(const struct driver_row *row, FILE *out);

/* Every entry that cites an article ("Q278660", "KB155793"), a line each. False when none does, or
 * when `what` is no article. */
bool explain_article(const struct sbl_knowledge *knowledge, const char *what, FILE *out);

/* Every signature that a file name fits, on whatever share. `*is_named` becomes whether one of them
 * is more than the shape of any file. False when none fits. */
bool explain_file(const struct sbl_knowledge *knowledge, const char *name, bool *is_named,
                  FILE *out);

#endif
