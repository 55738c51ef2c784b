/* Opens, attribute queries and searches outside the transactions: who asks for which file.
 *
 *   SMB_COM_NT_CREATE_ANDX   [MS-CIFS] 2.2.4.64   words 24: AndX 4, reserved 1, NameLength 2,
 *        Flags 4, RootDirectoryFID 4, DesiredAccess 4, AllocationSize 8, ExtFileAttributes 4,
 *        ShareAccess 4, CreateDisposition 4, CreateOptions 4, ...; Bytes: name
 *   SMB_COM_OPEN_ANDX        2.2.4.41   words 15: AndX 4, Flags 2, AccessMode 2, SearchAttrs 2,
 *        FileAttrs 2, CreationTime 4, OpenMode 2, ...; Bytes: name
 *   SMB_COM_OPEN, CREATE, CREATE_NEW    2.2.4.3, .4, .16   words 2, 3, 3; Bytes: 04 name
 *   SMB_COM_QUERY_INFORMATION, CHECK_DIRECTORY   2.2.4.9, .17   words 0; Bytes: 04 name
 *   SMB_COM_SEARCH, FIND, FIND_UNIQUE   2.2.4.58-60   words 2; Bytes: 04 pattern, 05 length 2,
 *        resume key
 *   SMB_COM_CLOSE            2.2.4.5    words 3: FID 2, ...
 *
 * Replies: the FID is at 5 (NT_CREATE_ANDX), 4 (OPEN_ANDX) or 0 of the words. */
#include "smb1.h"

/* Whether the header's status speaks of this block and refuses it, whatever words it has. */
static bool is_refused(const struct sbl_smb_head *head) {
    return head->is_last && (head->is_dos_error || head->status >> 30 == 3);
}

void smb1_nt_create_request(struct smb1_block *block, struct sbl_observation *seen) {
    struct sbl_cursor *words = &block->words;
    struct sbl_open *open = &seen->open;
    sbl_cursor_skip(words, 5);
    uint16_t name_bytes = sbl_cursor_le16(words);
    sbl_cursor_skip(words, 4);
    open->root[0] = sbl_cursor_le32(words);
    open->has_root = open->root[0] != 0;
    sbl_cursor_skip(words, 24); /* from DesiredAccess to CreateDisposition */
    open->options = sbl_cursor_le32(words);
    open->name = smb1_counted_string(block, name_bytes);
}

void smb1_open_andx_request(struct smb1_block *block, struct sbl_observation *seen) {
    smb1_text_align(block);
    seen->open.name = smb1_string(block);
}

void smb1_open_core_request(struct smb1_block *block, struct sbl_observation *seen) {
    seen->open.name = smb1_formatted_string(block);
}

void smb1_path_request(struct smb1_block *block, struct sbl_observation *seen) {
    seen->open.name = smb1_formatted_string(block);
}

/* A search that goes on where its last reply ended (a resume key is there) asks for no new name;
 * the end of a listing would pass for a refusal. */
void smb1_search_request(struct smb1_block *block, struct sbl_observation *seen) {
    struct sbl_cursor *bytes = &block->bytes;
    struct sbl_text pattern = smb1_formatted_string(block);
    if (sbl_cursor_starts(bytes, "\x05", 1) && sbl_cursor_left(bytes) >= 3) {
        sbl_cursor_skip(bytes, 1);
        if (sbl_cursor_le16(bytes) > 0) {
            seen->kind = SBL_SAW_OTHER;
            return;
        }
    }
    seen->open.name = pattern;
}

void smb1_close_request(struct smb1_block *block, struct sbl_observation *seen) {
    seen->open.file_id[0] = sbl_cursor_le16(&block->words);
}

static void read_file_id(struct smb1_block *block, size_t at, struct sbl_observation *seen) {
    if (is_refused(&seen->head)) {
        seen->kind = SBL_SAW_OTHER;
        return;
    }
    sbl_cursor_skip(&block->words, at);
    seen->open.file_id[0] = sbl_cursor_le16(&block->words);
}

void smb1_nt_create_response(struct smb1_block *block, struct sbl_observation *seen) {
    read_file_id(block, 5, seen);
}

void smb1_open_andx_response(struct smb1_block *block, struct sbl_observation *seen) {
    read_file_id(block, 4, seen);
}

void smb1_open_core_response(struct smb1_block *block, struct sbl_observation *seen) {
    read_file_id(block, 0, seen);
}
