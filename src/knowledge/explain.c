/* Placeholder until the pages are written. */
#include "knowledge/knowledge.h"
bool knowledge_explain(const struct sbl_knowledge *knowledge, const char *what, FILE *out) {
    (void)knowledge;
    (void)what;
    (void)out;
    return false;
}
