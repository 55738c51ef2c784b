/* For fuzz targets of several rooms: a listener that writes records into nothing, and knowledge. */
#ifndef SMBLAME_TESTS_SWALLOW_H
#define SMBLAME_TESTS_SWALLOW_H

#include <stdio.h>
#include <stdlib.h>

#include "emit/emit.h"
#include "knowledge/knowledge.h"

static int swallow(void *context, const char *bytes, size_t size) {
    (void)bytes;
    *(size_t *)context += size;
    return 0;
}

static void take_attempt(void *records, const struct sbl_attempt *attempt) {
    records_attempt(records, attempt);
}

static void take_tree_refusal(void *records, const struct sbl_tree_refusal *refusal) {
    records_tree_refusal(records, refusal);
}

static void take_probe(void *records, const struct sbl_probe *probe) {
    records_probe(records, probe);
}

static void take_diagnosis(void *records, const struct sbl_diagnosis *diagnosis) {
    records_diagnosis(records, diagnosis);
}

/* Read once for all inputs: it is immutable, and takes longer than most of them. */
static const struct sbl_knowledge *known(void) {
    static struct sbl_knowledge *knowledge;
    if (!knowledge && sbl_knowledge_new(&knowledge, NULL, stderr) != 0)
        abort();
    return knowledge;
}

#endif
