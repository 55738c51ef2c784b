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

/* Says how many dialects follow. */
SBL_STEP uint16_t request_fields(struct sbl_cursor *c, struct sbl_negotiate *negotiate) {
    uint16_t dialect_count = sbl_cursor_le16(c);
    negotiate->signing_required = requires_signing(c);
    sbl_cursor_skip(c, 2 + 4); /* Reserved, Capabilities */
    read_guid(c, negotiate);
    sbl_cursor_skip(c, 8); /* NegotiateContextOffset and -Count */
    return dialect_count;
}

SBL_ASIDE void short_request(struct smb2_body *body, struct sbl_negotiate *negotiate) {
    (void)request_fields(&body->c, negotiate);
}

void smb2_read_negotiate_request(struct smb2_body *body, struct sbl_observation *seen) {
    struct sbl_cursor fixed = smb2_fixed(body, REQUEST_END);
    sbl_observation_begin(seen, SBL_SAW_NEGOTIATE_REQUEST);
    if (body->c.size < REQUEST_END)
        short_request(body, &seen->negotiate);
    else if (2u * request_fields(&fixed, &seen->negotiate) > body->c.size - REQUEST_END)
        body->c.spoiled = true;
}

SBL_STEP void response_fields(struct sbl_cursor *c, struct sbl_negotiate *negotiate) {
    negotiate->encrypts_passwords = true;
    negotiate->signing_required = requires_signing(c);
    negotiate->dialect = sbl_cursor_le16(c);
    sbl_cursor_skip(c, 2); /* NegotiateContextCount */
    read_guid(c, negotiate);
    sbl_cursor_skip(c, 40); /* from Capabilities to NegotiateContextOffset */
}

SBL_ASIDE void short_response(struct smb2_body *body, struct sbl_negotiate *negotiate) {
    response_fields(&body->c, negotiate);
}

void smb2_read_negotiate_response(struct smb2_body *body, struct sbl_observation *seen) {
    struct sbl_cursor fixed = smb2_fixed(body, RESPONSE_END);
    sbl_observation_begin(seen, SBL_SAW_NEGOTIATE_RESPONSE);
    if (body->c.size < RESPONSE_END)
        short_response(body, &seen->negotiate);
    else
        response_fields(&fixed, &seen->negotiate);
}
