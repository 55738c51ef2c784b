/* SMB2 NEGOTIATE, [MS-SMB2] 2.2.3 and 2.2.4. Offsets from the body's start:
 *
 *     request   2 DialectCount  4 SecurityMode  8 Capabilities  12 ClientGuid
 *              28 NegotiateContextOffset 32 NegotiateContextCount (3.1.1)  36 Dialects
 *     response  2 SecurityMode  4 DialectRevision  6 NegotiateContextCount  8 ServerGuid
 *              24 Capabilities  40 SystemTime  56 SecurityBufferOffset 58 SecurityBufferLength
 *              60 NegotiateContextOffset
 *
 * We want the dialect, who the two are (the GUIDs), whether they may seal or compress, and the
 * mechanisms that the server offers. Preauthentication hashes and cipher lists are of no use. */
#include "smb2.h"

enum {
    SMB2_DIALECT_311 = 0x0311,
    SMB2_NEGOTIATE_SIGNING_ENABLED = 0x0001,
    SMB2_NEGOTIATE_SIGNING_REQUIRED = 0x0002,
    SMB2_GLOBAL_CAP_ENCRYPTION = 0x00000040,
    SMB2_ENCRYPTION_CAPABILITIES = 0x0002,
    SMB2_COMPRESSION_CAPABILITIES = 0x0003,
    CONTEXT_ALIGNMENT = 8,
    CONTEXT_COUNT_MAX = 32, /* six kinds are known */
    RESPONSE_FLOOR = SMB2_HEADER_BYTES + 64,
    REQUEST_FLOOR = SMB2_HEADER_BYTES + 36,
};

static void read_security_mode(uint16_t mode, struct sbl_negotiate *negotiate) {
    negotiate->signing_enabled = (mode & SMB2_NEGOTIATE_SIGNING_ENABLED) != 0;
    negotiate->signing_required = (mode & SMB2_NEGOTIATE_SIGNING_REQUIRED) != 0;
}

static void read_guid(struct sbl_cursor *c, struct sbl_negotiate *negotiate) {
    const uint8_t *guid = sbl_cursor_take(c, sizeof negotiate->guid);
    if (guid)
        memcpy(negotiate->guid, guid, sizeof negotiate->guid);
}

/* Whether a list of 16-bit algorithm ids names any that is not 0 (none). */
static bool names_algorithm(struct sbl_cursor *data, uint16_t count) {
    bool any = false;
    for (uint16_t i = 0; i < count && !data->spoiled; i++)
        any = sbl_cursor_le16(data) != 0 || any;
    return any;
}

/* SMB2_ENCRYPTION_CAPABILITIES: CipherCount 2, Ciphers. SMB2_COMPRESSION_CAPABILITIES:
 * CompressionAlgorithmCount 2, padding 2, flags 4, algorithms. */
static void read_context(uint16_t type, struct sbl_cursor data, struct sbl_negotiate *negotiate) {
    uint16_t count = sbl_cursor_le16(&data);
    if (type == SMB2_ENCRYPTION_CAPABILITIES) {
        negotiate->has_encryption |= names_algorithm(&data, count);
    } else if (type == SMB2_COMPRESSION_CAPABILITIES) {
        sbl_cursor_skip(&data, 6);
        negotiate->has_compression |= names_algorithm(&data, count);
    }
}

/* Negotiate contexts, 2.2.3.1: ContextType 2, DataLength 2, reserved 4, data; 8-aligned. */
static void read_contexts(struct smb2_body *body, uint32_t offset, uint16_t count, uint32_t floor,
                          struct sbl_negotiate *negotiate) {
    struct sbl_cursor c = body->c;
    if (count == 0 || c.spoiled)
        return;
    sbl_cursor_seek(&c, offset);
    for (uint16_t i = 0; i < count && i < CONTEXT_COUNT_MAX && !c.spoiled; i++) {
        uint16_t type = sbl_cursor_le16(&c);
        uint16_t bytes = sbl_cursor_le16(&c);
        sbl_cursor_skip(&c, 4);
        struct sbl_cursor data = sbl_cursor_window(&c, c.at, bytes);
        read_context(type, data, negotiate);
        sbl_cursor_skip(&c, bytes);
        if (i + 1 < count)
            sbl_cursor_align(&c, CONTEXT_ALIGNMENT);
    }
    if ((c.spoiled || offset < floor) && !body->is_cut)
        sbl_report_odd(body->report, SBL_ODDITY_BAD_OFFSET);
}

void smb2_read_negotiate_request(struct smb2_body *body, struct sbl_observation *seen) {
    struct sbl_cursor c = body->c;
    struct sbl_negotiate *negotiate = &seen->negotiate;
    negotiate->dialect_count = sbl_cursor_le16(&c);
    read_security_mode(sbl_cursor_le16(&c), negotiate);
    sbl_cursor_skip(&c, 2);
    negotiate->capabilities = sbl_cursor_le32(&c);
    negotiate->has_encryption = (negotiate->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION) != 0;
    read_guid(&c, negotiate);
    uint32_t context_offset = sbl_cursor_le32(&c);
    uint16_t context_count = sbl_cursor_le16(&c);
    sbl_cursor_skip(&c, 2);
    bool has_311 = false;
    for (uint16_t i = 0; i < negotiate->dialect_count && !c.spoiled; i++)
        has_311 = sbl_cursor_le16(&c) == SMB2_DIALECT_311 || has_311;
    body->c = c;
    if (has_311)
        read_contexts(body, context_offset, context_count, REQUEST_FLOOR, negotiate);
}

void smb2_read_negotiate_response(struct smb2_body *body, struct sbl_observation *seen) {
    struct sbl_cursor c = body->c;
    struct sbl_negotiate *negotiate = &seen->negotiate;
    negotiate->encrypts_passwords = negotiate->has_extended_security = true;
    read_security_mode(sbl_cursor_le16(&c), negotiate);
    negotiate->dialect = sbl_cursor_le16(&c);
    uint16_t context_count = sbl_cursor_le16(&c);
    read_guid(&c, negotiate);
    negotiate->capabilities = sbl_cursor_le32(&c);
    negotiate->has_encryption = (negotiate->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION) != 0;
    sbl_cursor_skip(&c, 12); /* MaxTransactSize, MaxReadSize, MaxWriteSize */
    negotiate->system_time = sbl_cursor_le64(&c);
    sbl_cursor_skip(&c, 8); /* ServerStartTime */
    uint16_t token_offset = sbl_cursor_le16(&c);
    uint16_t token_bytes = sbl_cursor_le16(&c);
    uint32_t context_offset = sbl_cursor_le32(&c);
    body->c = c;
    smb2_token(body, token_offset, token_bytes, RESPONSE_FLOOR, &negotiate->token);
    if (negotiate->dialect == SMB2_DIALECT_311)
        read_contexts(body, context_offset, context_count, RESPONSE_FLOOR, negotiate);
}
