/* Scoring: every rule whose conditions hold is a candidate, its confidence is a sum of weights, the
 * highest wins. Two rules of one confidence are told apart by rank, then by the order of the file,
 * so that the same facts always give the same verdict. */
#include "diagnose/judge.h"

#include <string.h>

static bool is_candidate(const struct rule *rule, const struct facts *facts) {
    if (!facts_have_all(facts, &rule->needs) || facts_have_any(facts, &rule->forbids))
        return false;
    for (unsigned i = 0; i < rule->any_count && i < RULE_ANY; i++)
        if (!facts_have_any(facts, &rule->any[i]))
            return false;
    return true;
}

/* In steps of a millionth: 0.3 + 0.1 is what the file says, not what binary fractions make of it.
 */
static double confidence_of(const struct rule *rule, const struct facts *facts) {
    double sum = rule->base;
    for (unsigned i = 0; i < rule->weight_count && i < RULE_WEIGHTS; i++)
        if (facts_have(facts, rule->weights[i].fact))
            sum += rule->weights[i].delta;
    sum = sum > rule->cap ? rule->cap : sum;
    return sum > 0 ? (double)(int64_t)(sum * 1e6 + 0.5) / 1e6 : 0;
}

static bool is_better(struct judged one, struct judged other) {
    if (one.confidence > other.confidence || one.confidence < other.confidence)
        return one.confidence > other.confidence;
    return one.rule->rank > other.rule->rank;
}

/* Puts a candidate into a list of the best, of which the worst falls out. */
static void rank_in(struct judged *list, unsigned room, unsigned *count, struct judged item) {
    unsigned at = *count;
    while (at > 0 && is_better(item, list[at - 1]))
        at--;
    if (at >= room)
        return;
    unsigned moved = *count < room ? *count - at : room - 1 - at;
    memmove(list + at + 1, list + at, moved * sizeof *list);
    list[at] = item;
    *count += *count < room;
}

bool judge_facts(const struct sbl_knowledge *knowledge, const struct facts *facts,
                 struct judgement *judgement) {
    size_t rule_count;
    const struct rule *rules = knowledge_rules(knowledge, &rule_count);
    struct judged best[JUDGE_OTHERS + 1], fallback = {0};
    unsigned count = 0, skipped = 0;
    for (size_t i = 0; i < rule_count; i++) {
        if (!is_candidate(rules + i, facts))
            continue;
        struct judged item = {rules + i, confidence_of(rules + i, facts)};
        if (rules[i].is_fallback)
            fallback = item;
        else if (item.confidence > 0)
            rank_in(best, JUDGE_OTHERS + 1, &count, item);
    }
    *judgement = (struct judgement){0};
    if (count && (best[0].confidence >= knowledge_fallback_below(knowledge) || !fallback.rule))
        judgement->winner = best[skipped++];
    else
        judgement->winner = fallback;
    if (!judgement->winner.rule)
        return false;
    for (unsigned i = skipped; i < count && judgement->other_count < JUDGE_OTHERS; i++)
        judgement->others[judgement->other_count++] = best[i];
    return true;
}

static void add_fact(struct judge_fact *list, unsigned *count, enum fact fact, bool holds) {
    for (unsigned i = 0; i < *count; i++)
        if (list[i].fact == fact)
            return;
    if (*count < JUDGE_EVIDENCE)
        list[(*count)++] = (struct judge_fact){fact, holds};
}

static void add_set(struct judge_evidence *evidence, const struct facts *set,
                    const struct facts *facts) {
    for (unsigned i = 0; i < FACT_COUNT; i++)
        if (facts_have(set, (enum fact)i) && facts_have(facts, (enum fact)i))
            add_fact(evidence->speaks_for, &evidence->for_count, (enum fact)i, true);
}

void judge_evidence(const struct rule *rule, const struct facts *facts,
                    struct judge_evidence *evidence) {
    *evidence = (struct judge_evidence){0};
    add_set(evidence, &rule->needs, facts);
    for (unsigned i = 0; i < rule->any_count && i < RULE_ANY; i++)
        add_set(evidence, &rule->any[i], facts);
    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned i = 0; i < rule->weight_count && i < RULE_WEIGHTS; i++) {
            struct rule_weight weight = rule->weights[i];
            bool holds = facts_have(facts, weight.fact);
            if (pass == 0 && holds && weight.delta > 0)
                add_fact(evidence->speaks_for, &evidence->for_count, weight.fact, true);
            else if (holds == (pass == 0) && holds == (weight.delta < 0))
                add_fact(evidence->speaks_against, &evidence->against_count, weight.fact, holds);
        }
}

unsigned judge_severity(const struct rule *rule, const struct facts *facts, uint64_t failures,
                        uint64_t lockouts) {
    unsigned severity = lockouts ? rule->severity_locked : rule->severity;
    bool is_slip = facts_have(facts, FACT_TYPING_ERROR);
    bool is_documented =
        facts_have(facts, FACT_ACCOUNT_DOCUMENTED) || facts_have(facts, FACT_WALK_DOCUMENTED) ||
        facts_have(facts, FACT_PERIOD_DOCUMENTED) || facts_have(facts, FACT_SHARE_SMS_SHR) ||
        facts_have(facts, FACT_SHARE_LICMTR);
    if (rule->is_fallback && facts_have(facts, FACT_REPEATED) && !lockouts)
        severity++;
    if (severity > 3 && !lockouts && failures < 5 && !is_documented && !rule->is_hostile)
        severity = 3;
    if (is_slip && !lockouts && !rule->is_hostile && severity > 2)
        severity = 2;
    return severity < 1 ? 1 : severity > 7 ? 7 : severity;
}
