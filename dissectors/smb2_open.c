/* SMB2 commands that name or close a file, [MS-SMB2] 2.2.13-15 and 2.2.33. Offsets from the body's
 * start:
 *
 *     CREATE request            40 CreateOptions  44 NameOffset  46 NameLength
 *     CREATE response           64 FileId
 *     CLOSE request              8 FileId
 *     QUERY_DIRECTORY request    8 FileId  24 FileNameOffset  26 FileNameLength
 *
 * Names are relative to the share's root and have no leading backslash; no name is the root itself.
 * A search is a QUERY_DIRECTORY with a pattern, below the directory that FileId names; in a
 * compound FileId is all ones and means what the CREATE before it opened. */
#include "smb2.h"

enum {
    CREATE_NAME_END = SMB2_HEADER_BYTES + 48, /* of NameLength */
    CREATE_FLOOR = SMB2_HEADER_BYTES + 56,
    QUERY_FLOOR = SMB2_HEADER_BYTES + 32,
};

static void read_file_id(struct sbl_cursor *c, uint64_t id[2]) {
    id[0] = sbl_cursor_le64(c);
    id[1] = sbl_cursor_le64(c);
}

SBL_STEP struct smb2_place create_fields(struct sbl_cursor *c, struct sbl_open *open) {
    sbl_cursor_skip(c, 38); /* from SecurityFlags to CreateDisposition */
    open->options = sbl_cursor_le32(c);
    return smb2_read_place(c);
}

SBL_ASIDE struct smb2_place short_create(struct smb2_body *body, struct sbl_open *open) {
    return create_fields(&body->c, open);
}

void smb2_read_create_request(struct smb2_body *body, struct sbl_observation *seen) {
    struct sbl_open *open = &seen->open;
    struct sbl_cursor fixed = smb2_fixed(body, CREATE_NAME_END);
    sbl_observation_begin(seen, SBL_SAW_OPEN_REQUEST);
    open->command = SBL_OPEN_SMB2_CREATE;
    struct smb2_place name =
        body->c.size >= CREATE_NAME_END ? create_fields(&fixed, open) : short_create(body, open);
    open->name = smb2_text(body, name, CREATE_FLOOR);
}

void smb2_read_create_response(struct smb2_body *body, struct sbl_observation *seen) {
    sbl_observation_begin(seen, SBL_SAW_OPEN_RESPONSE);
    sbl_cursor_skip(&body->c, 62); /* from OplockLevel to Reserved2 */
    seen->open.command = SBL_OPEN_SMB2_CREATE;
    read_file_id(&body->c, seen->open.file_id);
}

void smb2_read_close_request(struct smb2_body *body, struct sbl_observation *seen) {
    sbl_observation_begin(seen, SBL_SAW_CLOSE_REQUEST);
    sbl_cursor_skip(&body->c, 6); /* Flags, Reserved */
    read_file_id(&body->c, seen->open.file_id);
}

void smb2_read_query_directory_request(struct smb2_body *body, struct sbl_observation *seen) {
    struct sbl_cursor *c = &body->c;
    struct sbl_open *open = &seen->open;
    sbl_observation_begin(seen, SBL_SAW_OPEN_REQUEST);
    open->command = SBL_OPEN_SMB2_QUERY_DIRECTORY;
    sbl_cursor_skip(c, 6); /* FileInformationClass, Flags, FileIndex */
    read_file_id(c, open->root);
    open->has_root = !c->spoiled;
    struct smb2_place name = smb2_read_place(c);
    open->name = smb2_text(body, name, QUERY_FLOOR);
}
