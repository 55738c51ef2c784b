/* SMB2 commands that name or close a file, [MS-SMB2] 2.2.13-15 and 2.2.33. Offsets from the body's
 * start:
 *
 *     CREATE request            24 DesiredAccess  36 CreateDisposition  40 CreateOptions
 *                               44 NameOffset  46 NameLength
 *     CREATE response           64 FileId
 *     CLOSE request              8 FileId
 *     QUERY_DIRECTORY request    8 FileId  24 FileNameOffset  26 FileNameLength
 *
 * Names are relative to the share's root and have no leading backslash; no name is the root itself.
 * A search is a QUERY_DIRECTORY with a pattern, below the directory that FileId names; in a
 * compound FileId is all ones and means what the CREATE before it opened. */
#include "smb2.h"

enum {
    CREATE_FLOOR = SMB2_HEADER_BYTES + 56,
    QUERY_FLOOR = SMB2_HEADER_BYTES + 32,
};

static void read_file_id(struct sbl_cursor *c, uint64_t id[2]) {
    id[0] = sbl_cursor_le64(c);
    id[1] = sbl_cursor_le64(c);
}

/* The cursor is stepped as a copy that the compiler can keep in registers. */
void smb2_read_create_request(struct smb2_body *body, struct sbl_observation *seen) {
    struct sbl_cursor c = body->c;
    struct sbl_open *open = &seen->open;
    open->command = SBL_OPEN_SMB2_CREATE;
    sbl_cursor_skip(&c, 22); /* from SecurityFlags to Reserved */
    open->access = sbl_cursor_le32(&c);
    sbl_cursor_skip(&c, 8); /* FileAttributes, ShareAccess */
    open->disposition = sbl_cursor_le32(&c);
    open->options = sbl_cursor_le32(&c);
    uint16_t name_offset = sbl_cursor_le16(&c);
    uint16_t name_bytes = sbl_cursor_le16(&c);
    body->c = c;
    open->name = smb2_text(body, name_offset, name_bytes, CREATE_FLOOR);
}

void smb2_read_create_response(struct smb2_body *body, struct sbl_observation *seen) {
    sbl_cursor_skip(&body->c, 62); /* from OplockLevel to Reserved2 */
    seen->open.command = SBL_OPEN_SMB2_CREATE;
    read_file_id(&body->c, seen->open.file_id);
}

void smb2_read_close_request(struct smb2_body *body, struct sbl_observation *seen) {
    sbl_cursor_skip(&body->c, 6); /* Flags, Reserved */
    read_file_id(&body->c, seen->open.file_id);
}

void smb2_read_query_directory_request(struct smb2_body *body, struct sbl_observation *seen) {
    struct sbl_cursor *c = &body->c;
    struct sbl_open *open = &seen->open;
    open->command = SBL_OPEN_SMB2_QUERY_DIRECTORY;
    sbl_cursor_skip(c, 6); /* FileInformationClass, Flags, FileIndex */
    read_file_id(c, open->root);
    open->has_root = !c->spoiled;
    uint16_t name_offset = sbl_cursor_le16(c);
    uint16_t name_bytes = sbl_cursor_le16(c);
    open->name = smb2_text(body, name_offset, name_bytes, QUERY_FLOOR);
}
