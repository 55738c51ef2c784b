/* SMB2 NEGOTIATE, [MS-SMB2] 2.2.3 and 2.2.4. Offsets from the body's start:
 *
 *     request   2 DialectCount  4 SecurityMode  8 Capabilities  12 ClientGuid
 *     response  2 SecurityMode  4 DialectRevision  6 NegotiateContextCount  8 ServerGuid
 *
 * We want the dialect, who the two are (the GUIDs), and who insists on signing. What else the two
 * can do stands in capabilities, contexts and the server's security blob; nobody asks for it. */
#include "smb2.h"

enum {
    SMB2_NEGOTIATE_SIGNING_REQUIRED = 0x0002,
    REQUEST_END = SMB2_HEADER_BYTES + 36, /* of the fixed part, before the dialects */
    RESPONSE_END = SMB2_HEADER_BYTES + 64,
};

SBL_STEP void read_guid(struct sbl_cursor *c, struct sbl_negotiate *negotiate) {
    const uint8_t *guid = sbl_cursor_take(c, sizeof negotiate->guid);
    if (guid)
        memcpy(negotiate->guid, guid, sizeof negotiate->guid);
}

SBL_STEP bool requires_signing(struct sbl_cursor *c) {
    return (sbl_cursor_le16(c) & SMB2_NEGOTIATE_SIGNING_REQUIRED) != 0;
}

SBL_STEP void read_request(struct sbl_cursor fields, size_t size, struct sbl_report *report,
                           struct sbl_observation *seen) {
    struct sbl_negotiate *negotiate = &seen->negotiate;
    sbl_observation_begin(seen, SBL_SAW_NEGOTIATE_REQUEST);
    size_t dialects_bytes = 2u * sbl_cursor_le16(&fields);
    negotiate->signing_required = requires_signing(&fields);
    sbl_cursor_skip(&fields, 2 + 4); /* Reserved, Capabilities */
    read_guid(&fields, negotiate);
    sbl_cursor_skip(&fields, 8); /* NegotiateContextOffset and -Count */
    if (SBL_RARELY(fields.spoiled || dialects_bytes > size - fields.at))
        smb2_end_short(SBL_SAW_NEGOTIATE_REQUEST, report, seen);
}

SBL_ASIDE void read_short_request(const uint8_t *element, size_t size, struct sbl_report *report,
                                  struct sbl_observation *seen) {
    read_request(smb2_body(element, size), size, report, seen);
}

void smb2_read_negotiate_request(const uint8_t *element, size_t size, struct sbl_report *report,
                                 struct sbl_observation *seen) {
    if (size < REQUEST_END)
        read_short_request(element, size, report, seen);
    else
        read_request(smb2_body(element, REQUEST_END), size, report, seen);
}

SBL_STEP void read_response(struct sbl_cursor fields, struct sbl_report *report,
                            struct sbl_observation *seen) {
    struct sbl_negotiate *negotiate = &seen->negotiate;
    sbl_observation_begin(seen, SBL_SAW_NEGOTIATE_RESPONSE);
    negotiate->encrypts_passwords = true;
    negotiate->signing_required = requires_signing(&fields);
    negotiate->dialect = sbl_cursor_le16(&fields);
    sbl_cursor_skip(&fields, 2); /* NegotiateContextCount */
    read_guid(&fields, negotiate);
    sbl_cursor_skip(&fields, 40); /* from Capabilities to NegotiateContextOffset */
    if (fields.spoiled)
        smb2_end_short(SBL_SAW_NEGOTIATE_RESPONSE, report, seen);
}

SBL_ASIDE void read_short_response(const uint8_t *element, size_t size, struct sbl_report *report,
                                   struct sbl_observation *seen) {
    read_response(smb2_body(element, size), report, seen);
}

void smb2_read_negotiate_response(const uint8_t *element, size_t size, struct sbl_report *report,
                                  struct sbl_observation *seen) {
    if (size < RESPONSE_END)
        read_short_response(element, size, report, seen);
    else
        read_response(smb2_body(element, RESPONSE_END), report, seen);
}
