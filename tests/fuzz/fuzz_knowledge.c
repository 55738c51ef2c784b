/* A user's knowledge file of any bytes: read, checked, asked, freed. The first byte says which file
 * it claims to be; the base under it is empty, so that what is there came out of the bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "knowledge/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct sbl_knowledge *knowledge, FILE *out) {
    struct signature_match matches[SIGNATURE_MATCHES];
    size_t count = 0;
    const struct rule *rules = knowledge_rules(knowledge, &count);
    for (size_t i = 0; i < count; i++)
        knowledge_explain(knowledge, rules[i].id, out);
    if (knowledge_file(knowledge, "auddrive.sys", "\\\\CAP01\\CAP_S01", matches) > 8)
        abort();
    knowledge_account(knowledge, "SMSCliToknAcct&");
    knowledge_share(knowledge, "\\\\CAP01\\C$");
    knowledge_period(knowledge, 60.5);
    knowledge_explain(knowledge, "auddrive.sys", out);
    knowledge_explain(knowledge, "Q248880", out);
    knowledge_explain(knowledge, "0xC000006D", out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct knowledge_limits limits = {.file_bytes = 1 << 16, .elements = 64, .wildcards = 64};
    struct document source = {.name = strdup("fuzz.json")};
    FILE *null = fopen("/dev/null", "w");
    struct sbl_knowledge *knowledge = store_new(&limits);
    if (!knowledge || !source.name || !null)
        abort();
    source.size = size ? size - 1 : 0;
    source.text = malloc(source.size + 1);
    if (!source.text)
        abort();
    memcpy(source.text, data + (size > 0), source.size);
    enum knowledge_file_id file = size ? data[0] % FILE_COUNT : 0;
    if (store_read(knowledge, file, &source, null) == 0 && store_finish(knowledge, null) == 0)
        ask(knowledge, null);
    sbl_knowledge_free(knowledge);
    free(source.text);
    free(source.name);
    fclose(null);
    return 0;
}
