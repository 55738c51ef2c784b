/* Expectations of a scenario, and what every diagnosis must be whatever a scenario expects. */
#ifndef SMBLAME_TESTS_EXPECT_H
#define SMBLAME_TESTS_EXPECT_H

#include "stage.h"
#include "told.h"

struct verdicts {
    unsigned passed, failed;
};

/* Judges one "expect" line; the word after "expect" is next. Says on stdout what failed and why. */
void expect_judge(const struct stage *stage, const struct told_list *told, struct words *words,
                  struct verdicts *verdicts);

/* The laws of the record contract: revisions count up, updates come at most once a minute, nothing
 * is hostile without being called so, no placeholder is left in a text, and so on. */
void expect_laws(const struct told_list *told, struct verdicts *verdicts);

#endif
