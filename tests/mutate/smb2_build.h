/* Builders of SMB2 elements for tests: headers, bodies, compounds. */
#ifndef SMBLAME_TESTS_SMB2_BUILD_H
#define SMBLAME_TESTS_SMB2_BUILD_H

#include "build.h"

struct smb2_header {
    uint16_t command;
    uint32_t status;
    uint32_t flags;
    uint32_t next_command;
    uint64_t message_id;
    uint64_t tree_or_async_id; /* the eight bytes at 32: TreeId in the upper half, or AsyncId */
    uint64_t session_id;
};

static inline uint64_t smb2_tree(uint32_t tree_id) {
    return (uint64_t)tree_id << 32 | 0xFEFF;
}

static inline void smb2_build_header(struct build *b, const struct smb2_header *h) {
    build_bytes(b, "\xFESMB", 4);
    build_le(b, 64, 2);
    build_le(b, 1, 2);
    build_le(b, h->status, 4);
    build_le(b, h->command, 2);
    build_le(b, 31, 2);
    build_le(b, h->flags, 4);
    build_le(b, h->next_command, 4);
    build_le(b, h->message_id, 8);
    build_le(b, h->tree_or_async_id, 8);
    build_le(b, h->session_id, 8);
    build_fill(b, h->flags & 8 ? 0x51 : 0, 16);
}

/* Appends an element to a compound: pads what is there to 8 bytes, lets the last element (which
 * began at `*last`) point to it, and notes where the new one begins. */
static inline void smb2_build_chain(struct build *b, size_t *last, const struct build *element) {
    if (b->size > 0) {
        build_align(b, 8);
        build_patch_le(b, *last + 20, b->size - *last, 4);
    }
    *last = b->size;
    build_add(b, element);
}

static inline void smb2_build_error(struct build *b) {
    build_le(b, 9, 2);
    build_fill(b, 0, 7);
}

static inline void smb2_build_session_request(struct build *b, const struct build *token) {
    build_le(b, 25, 2);
    build_le(b, 0x0100, 2); /* Flags 0, SecurityMode 1 */
    build_fill(b, 0, 8);
    build_le(b, 88, 2);
    build_le(b, token->size, 2);
    build_le(b, 0x1122334455667788, 8);
    build_add(b, token);
}

static inline void smb2_build_session_response(struct build *b, uint16_t flags,
                                               const struct build *token) {
    build_le(b, 9, 2);
    build_le(b, flags, 2);
    build_le(b, 72, 2);
    build_le(b, token->size, 2);
    build_add(b, token);
}

static inline void smb2_build_tree_connect(struct build *b, const char *path) {
    build_le(b, 9, 2);
    build_le(b, 0, 2);
    build_le(b, 72, 2);
    build_le(b, 2 * strlen(path), 2);
    build_utf16(b, path);
}

static inline void smb2_build_create(struct build *b, const char *name) {
    build_le(b, 57, 2);
    build_fill(b, 0, 2);
    build_le(b, 2, 4);
    build_fill(b, 0, 16);
    build_le(b, 0x00120089, 4); /* DesiredAccess */
    build_le(b, 0, 4);
    build_le(b, 7, 4);
    build_le(b, 1, 4);    /* FILE_OPEN */
    build_le(b, 0x40, 4); /* FILE_NON_DIRECTORY_FILE */
    build_le(b, 120, 2);
    build_le(b, 2 * strlen(name), 2);
    build_fill(b, 0, 8);
    build_utf16(b, name);
    if (*name == 0)
        build_fill(b, 0, 8); /* the buffer is never without bytes */
}

static inline void smb2_build_query_directory(struct build *b, uint64_t file_id,
                                              const char *pattern) {
    build_le(b, 33, 2);
    build_le(b, 37, 2);
    build_fill(b, 0, 4);
    build_le(b, file_id, 8);
    build_le(b, file_id, 8);
    build_le(b, 96, 2);
    build_le(b, 2 * strlen(pattern), 2);
    build_le(b, 65536, 4);
    build_utf16(b, pattern);
}

static inline void smb2_build_close(struct build *b, uint64_t file_id) {
    build_le(b, 24, 2);
    build_fill(b, 0, 6);
    build_le(b, file_id, 8);
    build_le(b, file_id, 8);
}

#endif
