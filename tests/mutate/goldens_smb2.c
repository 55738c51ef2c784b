/* SMB2 messages: the life of a session from negotiate to logoff, compounds, and the messages of
 * which only the beginning is wanted. */
#include <stdbool.h>

#include "goldens.h"
#include "smb2_build.h"
#include "tokens.h"

enum { RESPONSE = 1, ASYNC = 2, RELATED = 4, SIGNED = 8, SESSION = 0x740005, TREE = 7 };

#define ALL_ONES UINT64_MAX

static struct build begin(uint16_t command, uint32_t status, uint32_t flags) {
    struct build b = {0};
    smb2_build_header(&b, &(struct smb2_header){.command = command,
                                                .status = status,
                                                .flags = flags,
                                                .message_id = 3,
                                                .tree_or_async_id = smb2_tree(TREE),
                                                .session_id = SESSION});
    return b;
}

static void add_context(struct build *b, uint16_t type, const void *data, size_t bytes) {
    build_align(b, 8);
    build_le(b, type, 2);
    build_le(b, bytes, 2);
    build_le(b, 0, 4);
    build_bytes(b, data, bytes);
}

static void add_contexts(struct build *b) {
    uint8_t hash[38] = {1, 0, 32, 0, 1, 0};
    add_context(b, 1, hash, sizeof hash);
    add_context(b, 2, "\x02\0\x02\0\x01\0", 6);
    add_context(b, 3, "\x01\0\0\0\0\0\0\0\x02\0", 10);
}

static struct build negotiate_request(void) {
    struct build b = begin(0, 0, 0);
    build_le(&b, 36, 2);
    build_le(&b, 5, 2);
    build_le(&b, 1, 2);
    build_le(&b, 0, 2);
    build_le(&b, 0x7F, 4);
    build_fill(&b, 0x6D, 16);
    build_le(&b, 112, 4);
    build_le(&b, 3, 2);
    build_le(&b, 0, 2);
    build_bytes(&b, "\x02\x02\x10\x02\x00\x03\x02\x03\x11\x03", 10);
    add_contexts(&b);
    return b;
}

static struct build negotiate_response(void) {
    struct build token = {0}, b = begin(0, 0, RESPONSE);
    token_build_hints(&token);
    size_t contexts = (128 + token.size + 7) / 8 * 8;
    build_le(&b, 65, 2);
    build_le(&b, 3, 2);
    build_le(&b, 0x0311, 2);
    build_le(&b, 3, 2);
    build_bytes(&b, "cap01\0\0\0\0\0\0\0\0\0\0", 16);
    build_le(&b, 0x2F, 4);
    build_fill(&b, 0, 12);
    build_le(&b, 0x01D9A1B2C3D4E5F6, 8);
    build_fill(&b, 0, 8);
    build_le(&b, 128, 2);
    build_le(&b, token.size, 2);
    build_le(&b, contexts, 4);
    build_add(&b, &token);
    add_contexts(&b);
    return b;
}

static struct build session_request(void) {
    struct build inner = {0}, token = {0}, b = begin(1, 0, 0);
    token_build_v2_authenticate(&inner);
    token_wrap_resp(&token, &inner, 1, false);
    smb2_build_session_request(&b, &token);
    return b;
}

static struct build session_challenge(void) {
    struct build inner = {0}, token = {0}, b = begin(1, 0xC0000016, RESPONSE);
    token_build_challenge(&inner);
    token_wrap_resp(&token, &inner, 1, true);
    smb2_build_session_response(&b, 0, &token);
    return b;
}

static struct build session_refused(void) {
    struct build b = begin(1, 0xC000006D, RESPONSE);
    smb2_build_error(&b);
    return b;
}

static struct build session_granted(void) {
    struct build nothing = {0}, token = {0}, b = begin(1, 0, RESPONSE | SIGNED);
    token_wrap_resp(&token, &nothing, 0, false);
    smb2_build_session_response(&b, 1, &token);
    return b;
}

static struct build tree_request(void) {
    struct build b = begin(3, 0, SIGNED);
    smb2_build_tree_connect(&b, "\\\\fs1\\home");
    return b;
}

static struct build tree_response(void) {
    struct build b = begin(3, 0, RESPONSE);
    build_le(&b, 16, 2);
    build_le(&b, 1, 2);
    build_fill(&b, 0, 8);
    build_le(&b, 0x001F01FF, 4);
    return b;
}

static struct build create_request(void) {
    struct build b = begin(5, 0, 0);
    smb2_build_create(&b, "drivers\\rasadhlp.dll");
    return b;
}

static struct build create_root(void) {
    struct build b = begin(5, 0, 0);
    smb2_build_create(&b, "");
    return b;
}

static struct build create_response(void) {
    struct build b = begin(5, 0, RESPONSE);
    build_le(&b, 89, 2);
    build_fill(&b, 0, 62);
    build_le(&b, 0xF11E, 8);
    build_le(&b, 0xF11F, 8);
    build_fill(&b, 0, 8);
    return b;
}

static struct build create_pending(void) {
    struct build b = begin(5, 0x103, RESPONSE | ASYNC);
    smb2_build_error(&b);
    return b;
}

static struct build search_compound(void) {
    struct build all = {0}, element = begin(5, 0, 0);
    size_t last = 0;
    smb2_build_create(&element, "drivers");
    smb2_build_chain(&all, &last, &element);
    struct smb2_header related = {
        .flags = RELATED, .message_id = 4, .tree_or_async_id = ALL_ONES, .session_id = ALL_ONES};
    related.command = 14;
    element.size = 0;
    smb2_build_header(&element, &related);
    smb2_build_query_directory(&element, ALL_ONES, "*.dll");
    smb2_build_chain(&all, &last, &element);
    related.command = 6;
    related.message_id = 5;
    element.size = 0;
    smb2_build_header(&element, &related);
    smb2_build_close(&element, ALL_ONES);
    smb2_build_chain(&all, &last, &element);
    return all;
}

static struct build dfs_request(void) {
    struct build b = begin(11, 0, 0);
    build_le(&b, 57, 4);
    build_le(&b, 0x00060194, 4);
    build_fill(&b, 0xFF, 16);
    build_le(&b, 120, 4);
    build_le(&b, 2 + 2 * 10, 4);
    build_fill(&b, 0, 16);
    build_le(&b, 1, 8); /* SMB2_0_IOCTL_IS_FSCTL */
    build_le(&b, 4, 2);
    build_utf16(&b, "\\fs1\\home");
    build_le(&b, 0, 2);
    return b;
}

static struct build dfs_ex_request(void) {
    struct build b = begin(11, 0, 0);
    build_le(&b, 57, 4);
    build_le(&b, 0x000601B0, 4);
    build_fill(&b, 0xFF, 16);
    build_le(&b, 120, 4);
    build_le(&b, 8 + 2 + 18, 4);
    build_fill(&b, 0, 16);
    build_le(&b, 1, 8);
    build_le(&b, 4, 2);
    build_le(&b, 0, 2);
    build_le(&b, 20, 4);
    build_le(&b, 18, 2);
    build_utf16(&b, "\\fs1\\home");
    return b;
}

static struct build write_then_close(void) {
    struct build all = {0}, element = begin(9, 0, 0);
    size_t last = 0;
    build_le(&element, 49, 2);
    build_le(&element, 112, 2);
    build_le(&element, 200, 4);
    build_fill(&element, 0, 40);
    build_fill(&element, 0xDA, 200);
    smb2_build_chain(&all, &last, &element);
    element = begin(6, 0, 0);
    smb2_build_close(&element, 0xF11E);
    smb2_build_chain(&all, &last, &element);
    return all;
}

static struct build read_response(void) {
    struct build b = begin(8, 0, RESPONSE);
    build_le(&b, 17, 2);
    build_le(&b, 80, 2);
    build_le(&b, 100, 4);
    build_fill(&b, 0, 8);
    build_fill(&b, 0xDA, 100);
    return b;
}

static struct build logoff_request(void) {
    struct build b = begin(2, 0, 0);
    build_le(&b, 4, 4);
    return b;
}

static struct build sealed(void) {
    struct build b = {0};
    build_bytes(&b, "\xFDSMB", 4);
    build_fill(&b, 0x5A, 32);
    build_le(&b, 100, 4);
    build_le(&b, 0x00010000, 4);
    build_le(&b, SESSION, 8);
    build_fill(&b, 0x5E, 100);
    return b;
}

static struct build compressed(void) {
    struct build b = {0};
    build_bytes(&b, "\xFCSMB", 4);
    build_le(&b, 4096, 4);
    build_le(&b, 2, 4);
    build_le(&b, 0, 4);
    build_fill(&b, 0x3C, 100);
    return b;
}

static const struct {
    const char *name;
    struct build (*make)(void);
} makers[] = {
    {"negotiate-request", negotiate_request},
    {"negotiate-response", negotiate_response},
    {"session-request", session_request},
    {"session-challenge", session_challenge},
    {"session-refused", session_refused},
    {"session-granted", session_granted},
    {"tree-request", tree_request},
    {"tree-response", tree_response},
    {"create-request", create_request},
    {"create-root", create_root},
    {"create-response", create_response},
    {"create-pending", create_pending},
    {"search-compound", search_compound},
    {"dfs-request", dfs_request},
    {"dfs-ex-request", dfs_ex_request},
    {"write-then-close", write_then_close},
    {"read-response", read_response},
    {"logoff-request", logoff_request},
    {"sealed", sealed},
    {"compressed", compressed},
};

enum { MAKER_COUNT = sizeof makers / sizeof makers[0] };

size_t goldens_smb2(struct golden *out, size_t capacity) {
    static struct build room[MAKER_COUNT];
    size_t count = 0;
    for (; count < MAKER_COUNT && count < capacity; count++) {
        room[count] = makers[count].make();
        out[count] = (struct golden){makers[count].name, SBL_DISSECTOR_SMB2, room[count].bytes,
                                     room[count].size};
    }
    return count;
}
