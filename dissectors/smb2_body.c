/* The bodies of SMB2 commands, [MS-SMB2] 2.2: how much of each is wanted, who reads it, and what
 * holds for all of them. Of READ and WRITE nothing but the fixed part is wanted, so that stream
 * never keeps their payload; whole are only the bodies with names and tokens. The answer to a
 * command that failed has an error body (2.2.2) in the place of its own: the head says it all. */
#include "smb2.h"

enum { HEAD_ONLY = 8 };

#define OTHER                                                                                      \
    { .want = HEAD_ONLY, .kind = SBL_SAW_OTHER }

const struct smb2_direction smb2_directions[2][SMB2_COMMANDS_ROOM] = {
    {
        [SMB2_NEGOTIATE] = {SMB2_WHOLE, 36, SBL_SAW_NEGOTIATE_REQUEST, false,
                            smb2_read_negotiate_request},
        [SMB2_SESSION_SETUP] = {SMB2_WHOLE, 25, SBL_SAW_SESSION_SETUP_REQUEST, false,
                                smb2_read_session_setup_request},
        [SMB2_LOGOFF] = {HEAD_ONLY, 0, SBL_SAW_LOGOFF_REQUEST, false, NULL},
        [SMB2_TREE_CONNECT] = {SMB2_WHOLE, 9, SBL_SAW_TREE_CONNECT_REQUEST, false,
                               smb2_read_tree_connect_request},
        [SMB2_TREE_DISCONNECT] = {HEAD_ONLY, 0, SBL_SAW_TREE_DISCONNECT_REQUEST, false, NULL},
        [SMB2_CREATE] = {SMB2_WHOLE, 57, SBL_SAW_OPEN_REQUEST, false, smb2_read_create_request},
        [SMB2_CLOSE] = {24, 24, SBL_SAW_CLOSE_REQUEST, false, smb2_read_close_request},
        [SMB2_FLUSH] = OTHER,
        [SMB2_READ] = OTHER,
        [SMB2_WRITE] = {48, 0, SBL_SAW_OTHER, false, NULL},
        [SMB2_LOCK] = OTHER,
        [SMB2_IOCTL] = {56, 57, SBL_SAW_OTHER, true, smb2_read_ioctl_request},
        [SMB2_CANCEL] = OTHER,
        [SMB2_ECHO] = OTHER,
        [SMB2_QUERY_DIRECTORY] = {SMB2_WHOLE, 33, SBL_SAW_OPEN_REQUEST, false,
                                  smb2_read_query_directory_request},
        [SMB2_CHANGE_NOTIFY] = OTHER,
        [SMB2_QUERY_INFO] = OTHER,
        [SMB2_SET_INFO] = OTHER,
        [SMB2_OPLOCK_BREAK] = OTHER,
        [SMB2_COMMAND_COUNT] = OTHER,
    },
    {
        [SMB2_NEGOTIATE] = {SMB2_WHOLE, 65, SBL_SAW_NEGOTIATE_RESPONSE, false,
                            smb2_read_negotiate_response},
        [SMB2_SESSION_SETUP] = {SMB2_WHOLE, 9, SBL_SAW_SESSION_SETUP_RESPONSE, false,
                                smb2_read_session_setup_response},
        [SMB2_LOGOFF] = OTHER,
        [SMB2_TREE_CONNECT] = {SMB2_WHOLE, 16, SBL_SAW_TREE_CONNECT_RESPONSE, false,
                               smb2_read_tree_connect_response},
        [SMB2_TREE_DISCONNECT] = OTHER,
        [SMB2_CREATE] = {SMB2_WHOLE, 89, SBL_SAW_OPEN_RESPONSE, false, smb2_read_create_response},
        [SMB2_CLOSE] = OTHER,
        [SMB2_FLUSH] = OTHER,
        [SMB2_READ] = {16, 0, SBL_SAW_OTHER, false, NULL},
        [SMB2_WRITE] = OTHER,
        [SMB2_LOCK] = OTHER,
        [SMB2_IOCTL] = OTHER,
        [SMB2_CANCEL] = OTHER,
        [SMB2_ECHO] = OTHER,
        [SMB2_QUERY_DIRECTORY] = OTHER,
        [SMB2_CHANGE_NOTIFY] = OTHER,
        [SMB2_QUERY_INFO] = OTHER,
        [SMB2_SET_INFO] = OTHER,
        [SMB2_OPLOCK_BREAK] = OTHER,
        [SMB2_COMMAND_COUNT] = OTHER,
    },
};

struct sbl_text smb2_odd_text(const uint8_t *element, size_t size, struct smb2_place place,
                              struct sbl_report *report, bool is_cut) {
    struct sbl_cursor c = sbl_cursor_of(element, size);
    if (place.bytes == 0)
        return sbl_cursor_text_at(&c, 0, 0, SBL_TEXT_UTF16LE);
    if (place.offset < place.floor) {
        sbl_report_odd(report, SBL_ODDITY_BAD_OFFSET);
        return (struct sbl_text){.is_cut = true};
    }
    struct sbl_text text = sbl_cursor_text_at(&c, place.offset, place.bytes, SBL_TEXT_UTF16LE);
    if (text.is_cut && !is_cut)
        sbl_report_odd(report,
                       sbl_text_is_present(text) ? SBL_ODDITY_BAD_LENGTH : SBL_ODDITY_BAD_OFFSET);
    if (place.bytes % 2 != 0)
        sbl_report_odd(report, SBL_ODDITY_ODD_UTF16);
    return text;
}
