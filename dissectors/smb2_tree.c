/* SMB2 TREE_CONNECT, [MS-SMB2] 2.2.9 and 2.2.10. Offsets from the body's start:
 *
 *     request   2 Flags  4 PathOffset  6 PathLength (UTF-16, without terminator)
 *     response  2 ShareType  3 reserved  4 ShareFlags  8 Capabilities  12 MaximalAccess
 *
 * With SMB2_TREE_CONNECT_FLAG_EXTENSION_PRESENT (3.1.1) an extension of 16 bytes stands before the
 * path; PathOffset points behind it, so it needs no special case. */
#include "smb2.h"

enum { REQUEST_FLOOR = SMB2_HEADER_BYTES + 8 };

void smb2_read_tree_connect_request(struct smb2_body *body, struct sbl_observation *seen) {
    struct sbl_cursor *c = &body->c;
    sbl_cursor_skip(c, 2); /* Flags */
    uint16_t path_offset = sbl_cursor_le16(c);
    uint16_t path_bytes = sbl_cursor_le16(c);
    seen->tree_connect.path = smb2_text(body, path_offset, path_bytes, REQUEST_FLOOR);
}

void smb2_read_tree_connect_response(struct smb2_body *body, struct sbl_observation *seen) {
    seen->tree_connect.share_type = sbl_cursor_u8(&body->c);
}
