/* What may be shown of an SMB2 element: the header but for its signature, the fixed part of the
 * body, the names that the dissector found, what of the token may be shown, and of the contexts
 * behind a NEGOTIATE and a CREATE those that are known. Payload of files never is. */
#include "show.h"
#include "smb2.h"

enum {
    SIGNATURE_AT = 48,
    SIGNATURE_BYTES = 16,
    TRANSFORM_BYTES = 52,
    TRANSFORM_NONCE_AT = 20, /* behind ProtocolId 4 and Signature 16 */
    COMPRESSION_BYTES = 16,
    ERROR_FIXED = 8, /* of an error body */
    HEAD_ONLY = 8,
    CONTEXTS_MOST = 16,
    NEGOTIATE_CONTEXT_BYTES = 8,
    CREATE_CONTEXT_BYTES = 16,
    CREATE_TAG_MOST = 16,
};

/* How many bytes of a body are fields, whatever they hold; by direction and command. */
static const uint8_t FIELDS[2][SMB2_COMMAND_COUNT] = {
    {[SMB2_NEGOTIATE] = 36,
     [SMB2_SESSION_SETUP] = 24,
     [SMB2_LOGOFF] = 4,
     [SMB2_TREE_CONNECT] = 8,
     [SMB2_TREE_DISCONNECT] = 4,
     [SMB2_CREATE] = 56,
     [SMB2_CLOSE] = 24,
     [SMB2_IOCTL] = 56,
     [SMB2_QUERY_DIRECTORY] = 32},
    {[SMB2_NEGOTIATE] = 64,
     [SMB2_SESSION_SETUP] = 8,
     [SMB2_LOGOFF] = 4,
     [SMB2_TREE_CONNECT] = 16,
     [SMB2_TREE_DISCONNECT] = 4,
     [SMB2_CREATE] = 88,
     [SMB2_CLOSE] = 60},
};

/* Contexts of a NEGOTIATE, [MS-SMB2] 2.2.3.1: ContextType 2, DataLength 2, reserved 4, data, each
 * at a multiple of 8. Types 1 to 8: hashes, ciphers, names; anything else is not shown. */
static void show_negotiate_contexts(struct showing *s, size_t at, size_t count) {
    for (size_t i = 0; i < count && i < CONTEXTS_MOST; i++) {
        struct sbl_cursor c = sbl_cursor_of(s->base, s->size);
        sbl_cursor_seek(&c, at);
        uint16_t type = sbl_cursor_le16(&c);
        size_t bytes = sbl_cursor_le16(&c);
        sbl_cursor_skip(&c, 4);
        if (c.spoiled || bytes > sbl_cursor_left(&c))
            return;
        show_bytes(s, at, NEGOTIATE_CONTEXT_BYTES);
        if (type >= 1 && type <= 8)
            show_bytes(s, at + NEGOTIATE_CONTEXT_BYTES, bytes);
        at = (at + NEGOTIATE_CONTEXT_BYTES + bytes + 7) & ~(size_t)7;
    }
}

static void show_negotiate(struct showing *s, bool is_response) {
    struct sbl_cursor c = sbl_cursor_of(s->base, s->size);
    sbl_cursor_seek(&c, SMB2_BODY_FIELDS);
    if (!is_response) {
        size_t dialects = 2u * sbl_cursor_le16(&c);
        sbl_cursor_seek(&c, SMB2_HEADER_BYTES + 28);
        size_t contexts_at = sbl_cursor_le32(&c), count = sbl_cursor_le16(&c);
        show_bytes(s, SMB2_HEADER_BYTES + 36, dialects);
        if (!c.spoiled && contexts_at >= SMB2_HEADER_BYTES + 36 + dialects)
            show_negotiate_contexts(s, contexts_at, count);
        return;
    }
    sbl_cursor_skip(&c, 4);
    size_t count = sbl_cursor_le16(&c);
    sbl_cursor_seek(&c, SMB2_HEADER_BYTES + 56);
    size_t token_at = sbl_cursor_le16(&c), token_bytes = sbl_cursor_le16(&c);
    size_t contexts_at = sbl_cursor_le32(&c);
    if (c.spoiled || token_at < SMB2_HEADER_BYTES + 64)
        return;
    show_token(s, token_at, token_bytes);
    if (contexts_at >= token_at + token_bytes)
        show_negotiate_contexts(s, contexts_at, count);
}

/* Where the token lies, behind `fields` bytes of body. */
static void show_setup(struct showing *s, bool is_response) {
    struct sbl_cursor c = sbl_cursor_of(s->base, s->size);
    sbl_cursor_seek(&c, SMB2_HEADER_BYTES + (is_response ? 4u : 12u));
    size_t at = sbl_cursor_le16(&c), bytes = sbl_cursor_le16(&c);
    if (!c.spoiled && at >= SMB2_HEADER_BYTES + (size_t)FIELDS[is_response][SMB2_SESSION_SETUP])
        show_token(s, at, bytes);
}

/* Contexts of a CREATE, 2.2.13.2: Next 4, NameOffset 2, NameLength 2, reserved 2, DataOffset 2,
 * DataLength 4, then name and data. Their frames and names are shown, their data are not. */
static void show_create_contexts(struct showing *s) {
    struct sbl_cursor c = sbl_cursor_of(s->base, s->size);
    sbl_cursor_seek(&c, SMB2_HEADER_BYTES + 48);
    size_t at = sbl_cursor_le32(&c);
    for (size_t i = 0; at >= SMB2_HEADER_BYTES + 56 && i < CONTEXTS_MOST; i++) {
        sbl_cursor_seek(&c, at);
        size_t next = sbl_cursor_le32(&c);
        size_t name_at = sbl_cursor_le16(&c), name_bytes = sbl_cursor_le16(&c);
        sbl_cursor_skip(&c, 8);
        if (c.spoiled || name_bytes > CREATE_TAG_MOST)
            return;
        show_bytes(s, at, CREATE_CONTEXT_BYTES);
        if (name_at == CREATE_CONTEXT_BYTES)
            show_bytes(s, at + name_at, name_bytes);
        if (next < CREATE_CONTEXT_BYTES || next > s->size - at)
            return;
        at += next;
    }
}

static void show_body(struct showing *s, uint16_t command, bool is_response, uint32_t status,
                      const struct sbl_report *report) {
    bool is_error = is_response && sbl_block_le16(s->base, SMB2_HEADER_BYTES) == 9 &&
                    command != SMB2_SESSION_SETUP;
    const struct smb2_direction *direction = smb2_direction_of(command, is_response);
    bool is_own = direction->structure_size == sbl_block_le16(s->base, SMB2_HEADER_BYTES);
    size_t fields = is_own && command < SMB2_COMMAND_COUNT ? FIELDS[is_response][command] : 0;
    if (is_error && status != 0)
        fields = ERROR_FIXED;
    show_bytes(s, SMB2_HEADER_BYTES, fields > HEAD_ONLY ? fields : HEAD_ONLY);
    if (is_error || !is_own)
        return;
    if (command == SMB2_NEGOTIATE)
        show_negotiate(s, is_response);
    else if (command == SMB2_SESSION_SETUP)
        show_setup(s, is_response);
    else if (command == SMB2_CREATE && !is_response)
        show_create_contexts(s);
    if (!is_response && report->count > 0)
        show_names(s, &report->observations[0], SHOW_ANY_SCRIPT);
}

static void show_header(struct showing *s) {
    show_bytes(s, 0, SIGNATURE_AT);
    show_masked(s, SIGNATURE_AT, SIGNATURE_BYTES);
}

/* Of a sealed message its header, of a compressed one the like. */
static void show_opaque(struct showing *s) {
    if (s->base[0] == 0xFD) {
        show_bytes(s, 0, 4);
        show_masked(s, 4, SIGNATURE_BYTES);
        show_bytes(s, TRANSFORM_NONCE_AT, TRANSFORM_BYTES - TRANSFORM_NONCE_AT);
    } else if (s->base[0] == 0xFC) {
        show_bytes(s, 0, COMPRESSION_BYTES);
    }
}

void smb2_show(struct sbl_cursor part_bytes, const struct sbl_part *part,
               const struct sbl_report *report, struct sbl_spans *spans) {
    struct showing s = {spans, part_bytes.base, part_bytes.size};
    (void)part;
    if (!sbl_cursor_starts(&part_bytes, "\xFESMB", 4)) {
        if (s.size >= TRANSFORM_BYTES || (s.size >= COMPRESSION_BYTES && s.base[0] == 0xFC))
            show_opaque(&s);
        return;
    }
    if (s.size < SIGNATURE_AT)
        return;
    show_header(&s);
    if (s.size < SMB2_BODY_FIELDS)
        return;
    bool is_response = (sbl_block_le32(s.base, 16) & 1) != 0; /* SMB2_FLAGS_SERVER_TO_REDIR */
    show_body(&s, sbl_block_le16(s.base, 12), is_response, sbl_block_le32(s.base, 8), report);
}
