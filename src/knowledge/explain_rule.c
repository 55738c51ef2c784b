/* Pages of rules and facts. */
#include "knowledge/explain.h"

#include <stdlib.h>

#include "knowledge/sheet.h"

/* A fact: its word, and what it says when it holds. */
static void say_fact(const struct sbl_knowledge *knowledge, const char *label, enum fact fact,
                     FILE *out) {
    char *text = NULL;
    const char *holds = knowledge_fact(knowledge, fact)->holds;
    if (asprintf(&text, "%s%s%s", knowledge_fact_word(fact), *holds ? ": " : "", holds) < 0)
        return;
    sheet_say_template(out, label, text);
    free(text);
}

static void say_facts(const struct sbl_knowledge *knowledge, const char *label,
                      const struct facts *facts, FILE *out) {
    for (unsigned i = 0; i < FACT_COUNT; i++) {
        if (!facts_have(facts, (enum fact)i))
            continue;
        say_fact(knowledge, label, (enum fact)i, out);
        label = NULL;
    }
}

static void say_weights(const struct sbl_knowledge *knowledge, const struct rule *rule, FILE *out) {
    char label[32];
    snprintf(label, sizeof label, "%.2f to %.2f", rule->base, rule->cap);
    sheet_say(out, "Confidence", label);
    for (unsigned i = 0; i < rule->weight_count; i++) {
        snprintf(label, sizeof label, "%+.2f if", rule->weights[i].delta);
        say_fact(knowledge, label, rule->weights[i].fact, out);
    }
}

/* "walk and not ...": the facts of a step, as words. */
static void say_step(const struct rule_step *step, const char *label, FILE *out) {
    char *text = NULL;
    size_t size = 0;
    FILE *words = open_memstream(&text, &size);
    if (!words)
        return;
    const char *between = "if ";
    for (unsigned i = 0; i < FACT_COUNT; i++) {
        if (!facts_have(&step->when, (enum fact)i))
            continue;
        fprintf(words, "%s%s", between, knowledge_fact_word((enum fact)i));
        between = " and ";
    }
    fprintf(words, "%s%s", *between == 'i' ? "" : ": ", step->text);
    if (fclose(words) == 0)
        sheet_say_template(out, label, text);
    free(text);
}

static void say_list(const char *label, const char *const *items, unsigned count, FILE *out) {
    for (unsigned i = 0; i < count; i++)
        sheet_say(out, i ? NULL : label, items[i]);
}

static void say_look_alikes(const struct sbl_knowledge *knowledge, const struct rule *rule,
                            FILE *out) {
    for (unsigned i = 0; i < rule->look_alike_count; i++) {
        char *text = NULL;
        const struct rule *other = knowledge_rule(knowledge, rule->look_alikes[i]);
        if (asprintf(&text, "%s: %s", rule->look_alikes[i], other ? other->title : "") < 0)
            return;
        sheet_say(out, i ? NULL : "Looks like", text);
        free(text);
    }
}

void explain_rule(const struct sbl_knowledge *knowledge, const struct rule *rule, FILE *out) {
    sheet_heading(out, rule->id, "cause");
    sheet_say(out, "What it is", rule->title);
    sheet_say(out, "Category", rule->category);
    if (rule->is_hostile)
        sheet_say(out, "Hostile", "yes: somebody attacks");
    say_list("ATT&CK", rule->attack, rule->attack_count, out);
    sheet_say_template(out, "Told as", rule->verdict);
    say_facts(knowledge, "Needs", &rule->needs, out);
    for (unsigned i = 0; i < rule->any_count; i++)
        say_facts(knowledge, i ? "and one of" : "Needs one of", &rule->any[i], out);
    say_facts(knowledge, "Not when", &rule->forbids, out);
    say_weights(knowledge, rule, out);
    for (unsigned i = 0; i < rule->remedy_count; i++)
        say_step(&rule->remedy[i], i ? NULL : "What to do", out);
    sheet_say_template(out, "To be sure", rule->confirm);
    say_look_alikes(knowledge, rule, out);
    sheet_say(out, "Reference", rule->reference);
    say_list("See", rule->references, rule->reference_count, out);
    sheet_say(out, "Source", rule->source);
    sheet_end(out);
}

void explain_fact(const struct sbl_knowledge *knowledge, enum fact fact, FILE *out) {
    sheet_heading(out, knowledge_fact_word(fact), "fact");
    sheet_say_template(out, "When it holds", knowledge_fact(knowledge, fact)->holds);
    sheet_say_template(out, "When it fails", knowledge_fact(knowledge, fact)->fails);
    const char *label = "Used by";
    size_t count = 0;
    const struct rule *rules = knowledge_rules(knowledge, &count);
    for (size_t i = 0; i < count; i++) {
        bool is_used = facts_have(&rules[i].needs, fact) || facts_have(&rules[i].forbids, fact);
        for (unsigned k = 0; k < rules[i].any_count; k++)
            is_used = is_used || facts_have(&rules[i].any[k], fact);
        for (unsigned k = 0; k < rules[i].weight_count; k++)
            is_used = is_used || rules[i].weights[k].fact == fact;
        if (!is_used)
            continue;
        sheet_say(out, label, rules[i].id);
        label = NULL;
    }
    sheet_end(out);
}
