/* The judge: facts against rules. Knows no time and no other incident. */
#ifndef SMBLAME_DIAGNOSE_JUDGE_H
#define SMBLAME_DIAGNOSE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "knowledge/knowledge.h"

enum { JUDGE_OTHERS = 5, JUDGE_EVIDENCE = 16 };

struct judged {
    const struct rule *rule;
    double confidence;
};

/* Others: the next best candidates, best first. */
struct judgement {
    struct judged winner, others[JUDGE_OTHERS];
    unsigned other_count;
};

/* False when no rule has anything to say of these facts. */
bool judge_facts(const struct sbl_knowledge *knowledge, const struct facts *facts,
                 struct judgement *judgement);

/* A fact that speaks for or against a rule because it holds, or because it does not. */
struct judge_fact {
    enum fact fact;
    bool holds;
};

struct judge_evidence {
    struct judge_fact speaks_for[JUDGE_EVIDENCE], speaks_against[JUDGE_EVIDENCE];
    unsigned for_count, against_count;
};

void judge_evidence(const struct rule *rule, const struct facts *facts,
                    struct judge_evidence *evidence);

/* 1-7. Nothing is above 3 without a lockout, five failures, a documented cause or hostility. */
unsigned judge_severity(const struct rule *rule, const struct facts *facts, uint64_t failures,
                        uint64_t lockouts);

#endif
