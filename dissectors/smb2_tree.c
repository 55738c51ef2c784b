/* SMB2 TREE_CONNECT, [MS-SMB2] 2.2.9 and 2.2.10. Offsets from the body's start:
 *
 *     request   2 Flags  4 PathOffset  6 PathLength (UTF-16, without terminator)
 *     response  2 ShareType  3 reserved  4 ShareFlags  8 Capabilities  12 MaximalAccess; not read
 *
 * With SMB2_TREE_CONNECT_FLAG_EXTENSION_PRESENT (3.1.1) an extension of 16 bytes stands before the
 * path; PathOffset points behind it, so it needs no special case. */
#include "smb2.h"

enum { REQUEST_FLOOR = SMB2_HEADER_BYTES + 8 };

void smb2_read_tree_connect_request(const uint8_t *element, size_t size, struct sbl_report *report,
                                    struct sbl_observation *seen) {
    struct sbl_cursor c = smb2_body(element, size);
    seen->kind = SBL_SAW_TREE_CONNECT_REQUEST;
    sbl_cursor_skip(&c, 2); /* Flags */
    struct smb2_place path = smb2_read_place(&c, REQUEST_FLOOR);
    smb2_read_text(&c, size, path, report,
                   (struct smb2_named){&seen->head, &seen->tree_connect.path});
    if (c.spoiled)
        smb2_end_short(SBL_SAW_TREE_CONNECT_REQUEST, report, seen);
}

void smb2_read_tree_connect_response(const uint8_t *element, size_t size, struct sbl_report *report,
                                     struct sbl_observation *seen) {
    struct sbl_cursor c = smb2_body(element, size);
    sbl_observation_begin(seen, SBL_SAW_TREE_CONNECT_RESPONSE);
    sbl_cursor_skip(&c, 1); /* ShareType, the first of what must be there */
    if (c.spoiled)
        smb2_end_short(SBL_SAW_TREE_CONNECT_RESPONSE, report, seen);
}
