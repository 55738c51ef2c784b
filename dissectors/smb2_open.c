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

SBL_STEP void read_create(struct sbl_cursor fields, size_t size, struct sbl_report *report,
                          struct sbl_observation *seen) {
    struct sbl_open *open = &seen->open;
    sbl_observation_begin(seen, SBL_SAW_OPEN_REQUEST);
    open->command = SBL_OPEN_SMB2_CREATE;
    sbl_cursor_skip(&fields, 38); /* from SecurityFlags to CreateDisposition */
    open->options = sbl_cursor_le32(&fields);
    struct smb2_place name = smb2_read_place(&fields, CREATE_FLOOR);
    smb2_read_text(&fields, size, name, report, (struct smb2_named){&seen->head, &open->name});
    if (fields.spoiled)
        smb2_end_short(SBL_SAW_OPEN_REQUEST, report, seen);
}

SBL_ASIDE void read_short_create(const uint8_t *element, size_t size, struct sbl_report *report,
                                 struct sbl_observation *seen) {
    read_create(smb2_body(element, size), size, report, seen);
}

void smb2_read_create_request(const uint8_t *element, size_t size, struct sbl_report *report,
                              struct sbl_observation *seen) {
    if (size < CREATE_NAME_END)
        read_short_create(element, size, report, seen);
    else
        read_create(smb2_body(element, CREATE_NAME_END), size, report, seen);
}

void smb2_read_create_response(const uint8_t *element, size_t size, struct sbl_report *report,
                               struct sbl_observation *seen) {
    struct sbl_cursor c = smb2_body(element, size);
    sbl_observation_begin(seen, SBL_SAW_OPEN_RESPONSE);
    sbl_cursor_skip(&c, 62); /* from OplockLevel to Reserved2 */
    seen->open.command = SBL_OPEN_SMB2_CREATE;
    read_file_id(&c, seen->open.file_id);
    if (c.spoiled)
        smb2_end_short(SBL_SAW_OPEN_RESPONSE, report, seen);
}

void smb2_read_close_request(const uint8_t *element, size_t size, struct sbl_report *report,
                             struct sbl_observation *seen) {
    struct sbl_cursor c = smb2_body(element, size);
    sbl_observation_begin(seen, SBL_SAW_CLOSE_REQUEST);
    sbl_cursor_skip(&c, 6); /* Flags, Reserved */
    read_file_id(&c, seen->open.file_id);
    if (c.spoiled)
        smb2_end_short(SBL_SAW_CLOSE_REQUEST, report, seen);
}

void smb2_read_query_directory_request(const uint8_t *element, size_t size,
                                       struct sbl_report *report, struct sbl_observation *seen) {
    struct sbl_cursor c = smb2_body(element, size);
    struct sbl_open *open = &seen->open;
    sbl_observation_begin(seen, SBL_SAW_OPEN_REQUEST);
    open->command = SBL_OPEN_SMB2_QUERY_DIRECTORY;
    sbl_cursor_skip(&c, 6); /* FileInformationClass, Flags, FileIndex */
    read_file_id(&c, open->root);
    open->has_root = !c.spoiled;
    struct smb2_place name = smb2_read_place(&c, QUERY_FLOOR);
    smb2_read_text(&c, size, name, report, (struct smb2_named){&seen->head, &open->name});
    if (c.spoiled)
        smb2_end_short(SBL_SAW_OPEN_REQUEST, report, seen);
}
