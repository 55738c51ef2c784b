/* SMB2 SESSION_SETUP, [MS-SMB2] 2.2.5 and 2.2.6. Offsets from the body's start:
 *
 *     request   2 Flags  3 SecurityMode  4 Capabilities  8 Channel  12 SecurityBufferOffset
 *              14 SecurityBufferLength  16 PreviousSessionId
 *     response  2 SessionFlags  4 SecurityBufferOffset  6 SecurityBufferLength
 *
 * Whoever logs on stands in the token. A refusal has an error body (2.2.2), whose StructureSize is
 * 9 as well: 2 ErrorContextCount, 3 reserved, 4 ByteCount of 4 bytes. Only STATUS_SUCCESS and
 * STATUS_MORE_PROCESSING_REQUIRED promise the normal one, but servers do send it with other
 * statuses, to hand over a KRB-ERROR; a SecurityBufferOffset that fits exactly gives it away. */
#include "smb2.h"

enum {
    SMB2_SESSION_FLAG_BINDING = 0x01,
    SMB2_SESSION_FLAG_IS_GUEST = 0x0001,
    SMB2_SESSION_FLAG_IS_NULL = 0x0002,
    SMB2_SESSION_FLAG_ENCRYPT_DATA = 0x0004,
    FORM_SMB2 = 25,
    REQUEST_FLOOR = SMB2_HEADER_BYTES + 24,
    RESPONSE_FLOOR = SMB2_HEADER_BYTES + 8,
};

void smb2_read_session_setup_request(struct smb2_body *body, struct sbl_observation *seen) {
    struct sbl_cursor c = body->c;
    struct sbl_session_setup *setup = &seen->session_setup;
    setup->form = FORM_SMB2;
    setup->is_binding = (sbl_cursor_u8(&c) & SMB2_SESSION_FLAG_BINDING) != 0;
    sbl_cursor_skip(&c, 1 + 4 + 4); /* SecurityMode, Capabilities, Channel */
    uint16_t token_offset = sbl_cursor_le16(&c);
    uint16_t token_bytes = sbl_cursor_le16(&c);
    setup->previous_session_id = sbl_cursor_le64(&c);
    body->c = c;
    smb2_token(body, token_offset, token_bytes, REQUEST_FLOOR, &setup->token);
}

void smb2_read_session_setup_response(struct smb2_body *body, struct sbl_observation *seen) {
    struct sbl_cursor c = body->c;
    struct sbl_session_setup *setup = &seen->session_setup;
    setup->form = FORM_SMB2;
    setup->flags = sbl_cursor_le16(&c);
    setup->is_guest = (setup->flags & SMB2_SESSION_FLAG_IS_GUEST) != 0;
    setup->is_null = (setup->flags & SMB2_SESSION_FLAG_IS_NULL) != 0;
    setup->is_encrypting = (setup->flags & SMB2_SESSION_FLAG_ENCRYPT_DATA) != 0;
    uint16_t token_offset = sbl_cursor_le16(&c);
    uint16_t token_bytes = sbl_cursor_le16(&c);
    body->c = c;
    smb2_token(body, token_offset, token_bytes, RESPONSE_FLOOR, &setup->token);
}

bool smb2_has_session_setup_body(struct smb2_body body) {
    struct sbl_cursor *c = &body.c;
    sbl_cursor_skip(c, 2 + 2);
    uint16_t token_offset = sbl_cursor_le16(c);
    uint16_t token_bytes = sbl_cursor_le16(c);
    return !c->spoiled && token_offset == RESPONSE_FLOOR && token_bytes > 0 &&
           token_bytes <= sbl_cursor_left(c);
}
