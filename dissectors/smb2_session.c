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
#include "token.h"

enum {
    SMB2_SESSION_FLAG_BINDING = 0x01,
    SMB2_SESSION_FLAG_IS_GUEST = 0x0001,
    SMB2_SESSION_FLAG_IS_NULL = 0x0002,
    SMB2_SESSION_FLAG_ENCRYPT_DATA = 0x0004,
    FORM_SMB2 = 25,
    REQUEST_FLOOR = SMB2_HEADER_BYTES + 24,
    RESPONSE_FLOOR = SMB2_HEADER_BYTES + 8,
};

/* The token of a blob that is not all there, or not where it may be. */
SBL_ASIDE void misplaced_token(struct smb2_body *body, struct smb2_place place, uint32_t floor,
                               struct sbl_auth_token *token) {
    struct sbl_cursor c = body->c;
    bool is_outside = place.offset < floor || place.offset >= c.size;
    if (is_outside && !(body->is_cut && place.offset >= floor))
        sbl_report_odd(body->report, SBL_ODDITY_BAD_OFFSET);
    if (is_outside)
        return;
    if (!body->is_cut)
        sbl_report_odd(body->report, SBL_ODDITY_BAD_LENGTH);
    sbl_cursor_seek(&c, place.offset);
    struct sbl_cursor blob = sbl_cursor_blob(&c, sbl_cursor_left(&c));
    token_read(&blob, body->is_cut, body->report, token);
}

void smb2_token(struct smb2_body *body, struct smb2_place place, uint32_t floor,
                struct sbl_auth_token *token) {
    struct sbl_cursor c = {.base = body->c.base, .size = body->c.size};
    if (place.bytes == 0 || body->c.spoiled)
        return;
    if (SBL_RARELY(place.offset < floor || (uint32_t)place.offset + place.bytes > c.size)) {
        misplaced_token(body, place, floor, token);
        return;
    }
    sbl_cursor_seek(&c, place.offset);
    struct sbl_cursor blob = sbl_cursor_blob(&c, place.bytes);
    token_read(&blob, false, body->report, token);
}

SBL_STEP struct smb2_place request_fields(struct sbl_cursor *c, struct sbl_session_setup *setup) {
    setup->form = FORM_SMB2;
    setup->is_binding = (sbl_cursor_u8(c) & SMB2_SESSION_FLAG_BINDING) != 0;
    sbl_cursor_skip(c, 1 + 4 + 4); /* SecurityMode, Capabilities, Channel */
    struct smb2_place token = smb2_read_place(c);
    sbl_cursor_skip(c, 8); /* PreviousSessionId */
    return token;
}

SBL_ASIDE struct smb2_place short_request(struct smb2_body *body, struct sbl_session_setup *setup) {
    return request_fields(&body->c, setup);
}

void smb2_read_session_setup_request(struct smb2_body *body, struct sbl_observation *seen) {
    struct sbl_session_setup *setup = &seen->session_setup;
    struct sbl_cursor fixed = smb2_fixed(body, REQUEST_FLOOR);
    sbl_observation_begin(seen, SBL_SAW_SESSION_SETUP_REQUEST);
    struct smb2_place token =
        body->c.size >= REQUEST_FLOOR ? request_fields(&fixed, setup) : short_request(body, setup);
    smb2_token(body, token, REQUEST_FLOOR, &setup->token);
}

SBL_STEP struct smb2_place response_fields(struct sbl_cursor *c, struct sbl_session_setup *setup) {
    uint16_t flags = sbl_cursor_le16(c);
    setup->form = FORM_SMB2;
    setup->is_guest = (flags & SMB2_SESSION_FLAG_IS_GUEST) != 0;
    setup->is_null = (flags & SMB2_SESSION_FLAG_IS_NULL) != 0;
    setup->is_encrypting = (flags & SMB2_SESSION_FLAG_ENCRYPT_DATA) != 0;
    return smb2_read_place(c);
}

SBL_ASIDE struct smb2_place short_response(struct smb2_body *body,
                                           struct sbl_session_setup *setup) {
    return response_fields(&body->c, setup);
}

void smb2_read_session_setup_response(struct smb2_body *body, struct sbl_observation *seen) {
    struct sbl_session_setup *setup = &seen->session_setup;
    struct sbl_cursor fixed = smb2_fixed(body, RESPONSE_FLOOR);
    sbl_observation_begin(seen, SBL_SAW_SESSION_SETUP_RESPONSE);
    struct smb2_place token = body->c.size >= RESPONSE_FLOOR ? response_fields(&fixed, setup)
                                                             : short_response(body, setup);
    smb2_token(body, token, RESPONSE_FLOOR, &setup->token);
}

bool smb2_has_session_setup_body(const struct smb2_body *body) {
    struct sbl_cursor c = body->c;
    sbl_cursor_skip(&c, 2 + 2);
    struct smb2_place token = smb2_read_place(&c);
    return !c.spoiled && token.offset == RESPONSE_FLOOR && token.bytes > 0 &&
           token.bytes <= sbl_cursor_left(&c);
}
