/* Connecting to a share: SMB_COM_TREE_CONNECT_ANDX ([MS-CIFS] 2.2.4.55, [MS-SMB] 2.2.4.7) and the
 * SMB_COM_TREE_CONNECT of the core dialect ([MS-CIFS] 2.2.4.50).
 *
 *   AndX request, words 4: AndX 4, Flags 2, PasswordLength 2; Bytes: Password, Path, Service
 *   AndX reply, words 2, 3 or 7: AndX 4, OptionalSupport 2, ...; Bytes: Service, NativeFileSystem
 *   core request, words 0; Bytes: 04 Path, 04 Password, 04 Service, all OEM
 *   core reply, words 2: MaxBufferSize 2, TID 2
 *
 * We want the path. A password travels here when the server has share-level security; it is stepped
 * over, and nothing is told of it. */
#include "smb1.h"

void smb1_tree_andx_request(struct smb1_block *block, struct sbl_observation *seen) {
    struct sbl_text *path = &seen->tree_connect.path;
    sbl_cursor_skip(&block->words, 6);
    size_t password_bytes = sbl_cursor_le16(&block->words);
    if (password_bytes > sbl_cursor_left(&block->bytes)) {
        if (!block->is_cut)
            sbl_report_odd(block->report, SBL_ODDITY_BAD_LENGTH);
        path->is_cut = true;
        return;
    }
    sbl_cursor_skip(&block->bytes, password_bytes);
    smb1_text_align(block);
    *path = smb1_string(block);
}

void smb1_tree_core_request(struct smb1_block *block, struct sbl_observation *seen) {
    block->is_unicode = false;
    seen->tree_connect.path = smb1_formatted_string(block);
    (void)smb1_formatted_string(block); /* Password */
    (void)smb1_formatted_string(block); /* Service */
}

/* The header of this reply need not have the new TID yet; the words do. */
void smb1_tree_core_response(struct smb1_block *block, struct sbl_observation *seen) {
    if (block->word_count == 0)
        return;
    sbl_cursor_skip(&block->words, 2);
    seen->head.tree_id = sbl_cursor_le16(&block->words);
}
