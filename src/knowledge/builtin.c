/* The knowledge base as it is shipped: the bytes of knowledge/ at build time. */
#include "knowledge/store.h"

#include "knowledge.inc"

#define TEXT(array)                                                                                \
    { array, sizeof(array) }

const unsigned char *store_builtin(enum knowledge_file_id file, size_t *size) {
    static const struct {
        const unsigned char *bytes;
        size_t size;
    } texts[FILE_COUNT] = {
        [FILE_DRIVERS] = TEXT(drivers_json),     [FILE_ACCOUNTS] = TEXT(accounts_json),
        [FILE_SHARES] = TEXT(shares_json),       [FILE_PERIODS] = TEXT(periods_json),
        [FILE_STATUSES] = TEXT(statuses_json),   [FILE_FACTS] = TEXT(facts_json),
        [FILE_DIAGNOSES] = TEXT(diagnoses_json),
    };
    *size = texts[file].size;
    return texts[file].bytes;
}
