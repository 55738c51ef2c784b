/* --stop-when: what ends the analysis when it is seen. Each word is a cause (the id of a rule), a
 * status (STATUS_LOGON_FAILURE, 0xC000006D, 2/2) or an account (NAME, DOMAIN\NAME; letters count
 * alike in capitals). Causes are met by diagnoses, statuses by logons, shares and opens that end
 * so, accounts by those of theirs that were refused. */
#ifndef SMBLAME_SERVICE_TRIGGER_H
#define SMBLAME_SERVICE_TRIGGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <smblame/attempt.h>
#include <smblame/diagnosis.h>

#include "base/text.h"

struct sbl_knowledge;
struct trigger;

struct trigger_options {
    const char *const *words; /* borrowed */
    size_t count;
    const struct sbl_knowledge *knowledge; /* for the words; may be NULL: none is known */
    bool diagnosis_off;                    /* then no cause can be met, and none may be named */
    const struct text_codepage *page; /* of names that are not Unicode; may be NULL; borrowed */
};

/* 0; -EINVAL when a word is none of the three, after a line on `errors` for each that says what was
 * expected; -ENOMEM. */
int trigger_new(struct trigger **trigger, const struct trigger_options *options, FILE *errors);

/* Each looks at one finding. The first that is met stays. */
void trigger_attempt(struct trigger *trigger, const struct sbl_attempt *attempt);
void trigger_tree_refusal(struct trigger *trigger, const struct sbl_tree_refusal *refusal);
void trigger_probe(struct trigger *trigger, const struct sbl_probe *probe);
void trigger_diagnosis(struct trigger *trigger, const struct sbl_diagnosis *diagnosis);

/* What was met: the word, and when. `frame` is the one that decided, number 0 = not known. */
struct trigger_hit {
    const char *word; /* NULL: nothing yet */
    struct sbl_frame_ref frame;
    int64_t time_ns;
};

struct trigger_hit trigger_hit(const struct trigger *trigger);

/* NULL is fine. */
void trigger_free(struct trigger *trigger);

#endif
