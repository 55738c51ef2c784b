/* The words of the facts, in both directions. */
#include "knowledge/fact.h"

#include <string.h>

#include "knowledge/knowledge.h"

static const char *const words[FACT_COUNT] = {
#define FACT_WORD(name, word) word,
    FACTS(FACT_WORD)
#undef FACT_WORD
};

bool knowledge_fact_find(const char *word, enum fact *fact) {
    for (unsigned i = 0; i < FACT_COUNT; i++) {
        if (strcmp(words[i], word) == 0) {
            *fact = (enum fact)i;
            return true;
        }
    }
    return false;
}

const char *knowledge_fact_word(enum fact fact) {
    return (unsigned)fact < FACT_COUNT ? words[fact] : "";
}

bool knowledge_fact_confirm(const char *word, enum fact *fact) {
    static const char prefix[] = "confirmed_";
    char whole[64];
    size_t size = 0, length = strlen(word);
    if (length + sizeof prefix > sizeof whole)
        return false;
    if (strncmp(word, prefix, sizeof prefix - 2) != 0) {
        memcpy(whole, prefix, sizeof prefix - 1);
        size = sizeof prefix - 1;
    }
    for (size_t i = 0; i <= length; i++)
        whole[size + i] = (char)(word[i] == '-' ? '_' : word[i]);
    return strncmp(whole, prefix, sizeof prefix - 1) == 0 && knowledge_fact_find(whole, fact);
}

void knowledge_confirmable(FILE *out) {
    static const char prefix[] = "confirmed_";
    const char *between = "";
    for (unsigned i = 0; i < FACT_COUNT; i++) {
        if (strncmp(words[i], prefix, sizeof prefix - 1) != 0)
            continue;
        fprintf(out, "%s%s", between, words[i] + sizeof prefix - 1);
        between = ", ";
    }
}
