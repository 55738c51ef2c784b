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
SBL_ASIDE void misplaced_token(const uint8_t *element, size_t size, struct smb2_place place,
                               struct sbl_report *report, struct sbl_observation *seen) {
    bool is_outside = place.offset < place.floor || place.offset >= size;
    bool is_cut = seen->head.is_cut;
    if (is_outside && !(is_cut && place.offset >= place.floor))
        sbl_report_odd(report, SBL_ODDITY_BAD_OFFSET);
    if (is_outside)
        return;
    if (!is_cut)
        sbl_report_odd(report, SBL_ODDITY_BAD_LENGTH);
    struct sbl_cursor c = sbl_cursor_of(element, size);
    sbl_cursor_seek(&c, place.offset);
    size_t bytes = sbl_cursor_left(&c);
    token_read(sbl_cursor_take(&c, bytes), bytes, is_cut, report, &seen->session_setup.token);
}

/* The token of a security blob, in an element of `size` bytes. */
SBL_STEP void read_token(const struct sbl_cursor *fields, size_t size, struct smb2_place place,
                         struct sbl_report *report, struct sbl_observation *seen) {
    struct sbl_cursor element = {.base = fields->base, .size = size};
    const uint8_t *bytes = sbl_cursor_look(&element, place.offset, place.bytes);
    if (place.bytes == 0 || fields->spoiled)
        return;
    if (SBL_RARELY(!bytes || place.offset < place.floor))
        misplaced_token(fields->base, size, place, report, seen);
    else
        token_read(bytes, place.bytes, false, report, &seen->session_setup.token);
}

SBL_STEP void read_request(struct sbl_cursor fields, size_t size, struct sbl_report *report,
                           struct sbl_observation *seen) {
    struct sbl_session_setup *setup = &seen->session_setup;
    sbl_observation_begin(seen, SBL_SAW_SESSION_SETUP_REQUEST);
    setup->form = FORM_SMB2;
    setup->is_binding = (sbl_cursor_u8(&fields) & SMB2_SESSION_FLAG_BINDING) != 0;
    sbl_cursor_skip(&fields, 1 + 4 + 4); /* SecurityMode, Capabilities, Channel */
    struct smb2_place token = smb2_read_place(&fields, REQUEST_FLOOR);
    sbl_cursor_skip(&fields, 8); /* PreviousSessionId */
    read_token(&fields, size, token, report, seen);
    if (fields.spoiled)
        smb2_end_short(SBL_SAW_SESSION_SETUP_REQUEST, report, seen);
}

SBL_ASIDE void read_short_request(const uint8_t *element, size_t size, struct sbl_report *report,
                                  struct sbl_observation *seen) {
    read_request(smb2_body(element, size), size, report, seen);
}

void smb2_read_session_setup_request(const uint8_t *element, size_t size, struct sbl_report *report,
                                     struct sbl_observation *seen) {
    if (size < REQUEST_FLOOR)
        read_short_request(element, size, report, seen);
    else
        read_request(smb2_body(element, REQUEST_FLOOR), size, report, seen);
}

SBL_STEP void read_response(struct sbl_cursor fields, size_t size, struct sbl_report *report,
                            struct sbl_observation *seen) {
    struct sbl_session_setup *setup = &seen->session_setup;
    sbl_observation_begin(seen, SBL_SAW_SESSION_SETUP_RESPONSE);
    uint16_t flags = sbl_cursor_le16(&fields);
    setup->form = FORM_SMB2;
    setup->is_guest = (flags & SMB2_SESSION_FLAG_IS_GUEST) != 0;
    setup->is_null = (flags & SMB2_SESSION_FLAG_IS_NULL) != 0;
    setup->is_encrypting = (flags & SMB2_SESSION_FLAG_ENCRYPT_DATA) != 0;
    struct smb2_place token = smb2_read_place(&fields, RESPONSE_FLOOR);
    read_token(&fields, size, token, report, seen);
    if (fields.spoiled)
        smb2_end_short(SBL_SAW_SESSION_SETUP_RESPONSE, report, seen);
}

SBL_ASIDE void read_short_response(const uint8_t *element, size_t size, struct sbl_report *report,
                                   struct sbl_observation *seen) {
    read_response(smb2_body(element, size), size, report, seen);
}

void smb2_read_session_setup_response(const uint8_t *element, size_t size,
                                      struct sbl_report *report, struct sbl_observation *seen) {
    if (size < RESPONSE_FLOOR)
        read_short_response(element, size, report, seen);
    else
        read_response(smb2_body(element, RESPONSE_FLOOR), size, report, seen);
}

bool smb2_has_session_setup_body(const uint8_t *element, size_t size) {
    struct sbl_cursor c = sbl_cursor_of(element, size);
    sbl_cursor_seek(&c, SMB2_HEADER_BYTES + 4);
    struct smb2_place token = smb2_read_place(&c, RESPONSE_FLOOR);
    return !c.spoiled && token.offset == RESPONSE_FLOOR && token.bytes > 0 &&
           token.bytes <= sbl_cursor_left(&c);
}
