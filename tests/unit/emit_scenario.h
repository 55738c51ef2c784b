/* Values for tests of emit: a conversation, a text from a literal, the statuses a test needs (a
 * stand-in for attribute's table), and an output that keeps everything. */
#ifndef SMBLAME_TESTS_EMIT_SCENARIO_H
#define SMBLAME_TESTS_EMIT_SCENARIO_H

#include <stdlib.h>
#include <string.h>

#include "emit/emit.h"

#define TEXT_OF(kind, literal)                                                                     \
    ((struct sbl_text){                                                                            \
        .bytes = (const uint8_t *)(literal), .size = sizeof(literal) - 1, .encoding = (kind)})
#define ASCII(literal) TEXT_OF(SBL_TEXT_ASCII, literal)
#define OEM(literal) TEXT_OF(SBL_TEXT_OEM, literal)
#define UTF16(literal) TEXT_OF(SBL_TEXT_UTF16LE, literal)

const struct sbl_status *sbl_status_find(uint32_t code, bool is_dos_error) {
    static const struct sbl_status table[] = {
        {0, false, "STATUS_SUCCESS", SBL_REASON_SUCCESS, 0, 4624, 528, SBL_MISSING_NO},
        {0xC000006D, false, "STATUS_LOGON_FAILURE", SBL_REASON_BAD_CREDENTIALS, 0xC000006A, 4625,
         529, SBL_MISSING_NO},
        {0xC0000234, false, "STATUS_ACCOUNT_LOCKED_OUT", SBL_REASON_LOCKED_OUT, 0, 4625, 539,
         SBL_MISSING_NO},
        {0xC0000022, false, "STATUS_ACCESS_DENIED", SBL_REASON_ACCESS_DENIED, 0, 0, 0,
         SBL_MISSING_NO},
        {0xC000000F, false, "STATUS_NO_SUCH_FILE", SBL_REASON_UNKNOWN, 0, 0, 0,
         SBL_MISSING_NOT_THERE},
        {0xC0000034, false, "STATUS_OBJECT_NAME_NOT_FOUND", SBL_REASON_UNKNOWN, 0, 0, 0,
         SBL_MISSING_NOT_THERE},
        {0x00020002, true, "ERRSRV/ERRbadpw", SBL_REASON_BAD_PASSWORD, 0xC000006A, 4625, 529,
         SBL_MISSING_NO},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].code == code && table[i].is_dos_error == is_dos_error)
            return &table[i];
    return NULL;
}

struct kept {
    char *bytes;
    size_t size;
    int fail_with;
    unsigned calls;
};

static inline int keep(void *context, const char *bytes, size_t size) {
    struct kept *kept = context;
    kept->calls++;
    if (kept->fail_with)
        return kept->fail_with;
    char *grown = realloc(kept->bytes, kept->size + size + 1);
    if (!grown)
        abort();
    memcpy(grown + kept->size, bytes, size);
    kept->bytes = grown;
    kept->size += size;
    kept->bytes[kept->size] = 0;
    return 0;
}

/* 10.1.2.42:1047 with 10.1.0.10:139. */
static inline struct sbl_conversation scenario_conversation(void) {
    return (struct sbl_conversation){
        .side = {{.address = {10, 1, 2, 42}, .mac = {0, 0, 0x5E, 0, 0x53, 0x2A}, .port = 1047},
                 {.address = {10, 1, 0, 10}, .mac = {0, 0, 0x5E, 0, 0x53, 0x23}, .port = 139}},
        .ip_version = 4,
        .has_mac = true,
        .is_netbios = true,
        .saw_syn = true,
    };
}

static inline struct sbl_evidence scenario_evidence(uint64_t request, uint64_t response) {
    struct sbl_evidence evidence = {.request = {request, 0}, .response = {response, 0}};
    if (request)
        evidence.frames[evidence.frame_count++] = evidence.request;
    if (response)
        evidence.frames[evidence.frame_count++] = evidence.response;
    return evidence;
}

#endif
