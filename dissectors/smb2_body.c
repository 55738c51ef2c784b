/* The bodies of SMB2 commands, [MS-SMB2] 2.2: how much of each is wanted, who reads it, and what
 * holds for all of them. Of READ and WRITE nothing but the fixed part is wanted, so that stream
 * never keeps their payload; whole are only the bodies with names and tokens. The answer to a
 * command that failed has an error body (2.2.2) in the place of its own: the head says it all. */
#include "smb2.h"
#include "token.h"

#define STATUS_PENDING 0x00000103u
#define STATUS_MORE_PROCESSING_REQUIRED 0xC0000016u

enum { HEAD_ONLY = 8 };

#define OTHER                                                                                      \
    { .want = HEAD_ONLY, .kind = SBL_SAW_OTHER }

const struct smb2_direction smb2_requests[SMB2_COMMAND_COUNT + 1] = {
    [SMB2_NEGOTIATE] = {SMB2_WHOLE, SBL_SAW_NEGOTIATE_REQUEST, 36, false,
                        smb2_read_negotiate_request},
    [SMB2_SESSION_SETUP] = {SMB2_WHOLE, SBL_SAW_SESSION_SETUP_REQUEST, 25, false,
                            smb2_read_session_setup_request},
    [SMB2_LOGOFF] = {HEAD_ONLY, SBL_SAW_LOGOFF_REQUEST, 0, false, NULL},
    [SMB2_TREE_CONNECT] = {SMB2_WHOLE, SBL_SAW_TREE_CONNECT_REQUEST, 9, false,
                           smb2_read_tree_connect_request},
    [SMB2_TREE_DISCONNECT] = {HEAD_ONLY, SBL_SAW_TREE_DISCONNECT_REQUEST, 0, false, NULL},
    [SMB2_CREATE] = {SMB2_WHOLE, SBL_SAW_OPEN_REQUEST, 57, false, smb2_read_create_request},
    [SMB2_CLOSE] = {24, SBL_SAW_CLOSE_REQUEST, 24, false, smb2_read_close_request},
    [SMB2_FLUSH] = OTHER,
    [SMB2_READ] = OTHER,
    [SMB2_WRITE] = {48, SBL_SAW_OTHER, 0, false, NULL},
    [SMB2_LOCK] = OTHER,
    [SMB2_IOCTL] = {56, SBL_SAW_OTHER, 57, true, smb2_read_ioctl_request},
    [SMB2_CANCEL] = OTHER,
    [SMB2_ECHO] = OTHER,
    [SMB2_QUERY_DIRECTORY] = {SMB2_WHOLE, SBL_SAW_OPEN_REQUEST, 33, false,
                              smb2_read_query_directory_request},
    [SMB2_CHANGE_NOTIFY] = OTHER,
    [SMB2_QUERY_INFO] = OTHER,
    [SMB2_SET_INFO] = OTHER,
    [SMB2_OPLOCK_BREAK] = OTHER,
    [SMB2_COMMAND_COUNT] = OTHER,
};

const struct smb2_direction smb2_responses[SMB2_COMMAND_COUNT + 1] = {
    [SMB2_NEGOTIATE] = {SMB2_WHOLE, SBL_SAW_NEGOTIATE_RESPONSE, 65, false,
                        smb2_read_negotiate_response},
    [SMB2_SESSION_SETUP] = {SMB2_WHOLE, SBL_SAW_SESSION_SETUP_RESPONSE, 9, false,
                            smb2_read_session_setup_response},
    [SMB2_LOGOFF] = OTHER,
    [SMB2_TREE_CONNECT] = {SMB2_WHOLE, SBL_SAW_TREE_CONNECT_RESPONSE, 16, false,
                           smb2_read_tree_connect_response},
    [SMB2_TREE_DISCONNECT] = OTHER,
    [SMB2_CREATE] = {SMB2_WHOLE, SBL_SAW_OPEN_RESPONSE, 89, false, smb2_read_create_response},
    [SMB2_CLOSE] = OTHER,
    [SMB2_FLUSH] = OTHER,
    [SMB2_READ] = {16, SBL_SAW_OTHER, 0, false, NULL},
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
};

struct sbl_text smb2_text(struct smb2_body *body, uint32_t offset, uint32_t bytes, uint32_t floor) {
    struct sbl_cursor *c = &body->c;
    if (bytes == 0)
        return sbl_cursor_text_at(c, c->at, 0, SBL_TEXT_UTF16LE);
    if (offset < floor) {
        sbl_report_odd(body->report, SBL_ODDITY_BAD_OFFSET);
        return (struct sbl_text){.is_cut = true};
    }
    struct sbl_text text = sbl_cursor_text_at(c, offset, bytes, SBL_TEXT_UTF16LE);
    if (text.is_cut && !body->is_cut)
        sbl_report_odd(body->report,
                       sbl_text_is_present(text) ? SBL_ODDITY_BAD_LENGTH : SBL_ODDITY_BAD_OFFSET);
    if (bytes % 2 != 0)
        sbl_report_odd(body->report, SBL_ODDITY_ODD_UTF16);
    return text;
}

void smb2_token(struct smb2_body *body, uint32_t offset, uint32_t bytes, uint32_t floor,
                struct sbl_auth_token *token) {
    struct sbl_cursor c = body->c;
    if (bytes == 0 || c.spoiled)
        return;
    bool is_outside = offset < floor || offset >= c.size;
    bool is_short = !is_outside && bytes > c.size - offset;
    if (is_outside && !(body->is_cut && offset >= floor))
        sbl_report_odd(body->report, SBL_ODDITY_BAD_OFFSET);
    if (is_short && !body->is_cut)
        sbl_report_odd(body->report, SBL_ODDITY_BAD_LENGTH);
    if (is_outside)
        return;
    sbl_cursor_seek(&c, offset);
    struct sbl_cursor blob = sbl_cursor_blob(&c, is_short ? c.size - offset : bytes);
    token_read(blob, is_short && body->is_cut, body->report, token);
}

/* Whether the reply's body is the command's own and not an error body. Warnings have error bodies
 * here too: no command that we read answers with one. */
static bool has_own_body(const struct smb2_body *body, const struct sbl_smb_head *head) {
    if (!head->is_response)
        return true;
    if (head->status == STATUS_PENDING)
        return false;
    if (head->command == SMB2_SESSION_SETUP)
        return head->status >> 30 == 0 || head->status == STATUS_MORE_PROCESSING_REQUIRED ||
               smb2_has_session_setup_body(*body);
    return head->status >> 31 == 0;
}

/* The kind of an answer that has no body of its own: the refusal of an open is but its head. */
static enum sbl_observation_kind kind_without_body(enum sbl_observation_kind kind,
                                                   bool is_refused) {
    return kind == SBL_SAW_OPEN_RESPONSE && is_refused ? SBL_SAW_OTHER : kind;
}

void smb2_read_body(struct smb2_body *body, struct sbl_observation *seen) {
    const struct smb2_direction *direction = body->direction;
    bool has_body = direction->read && has_own_body(body, &seen->head);
    if (!has_body) {
        sbl_observation_begin(seen,
                              kind_without_body(direction->kind, seen->head.status >> 31 != 0));
        return;
    }
    sbl_observation_begin(seen, direction->kind);
    uint16_t structure_size = sbl_cursor_le16(&body->c);
    if (!body->c.spoiled && structure_size != direction->structure_size)
        sbl_report_odd(body->report, SBL_ODDITY_BAD_STRUCTURE_SIZE);
    else
        direction->read(body, seen);
    if (body->c.spoiled && !body->is_cut)
        sbl_report_odd(body->report, SBL_ODDITY_TRUNCATED);
    if (structure_size == direction->structure_size && (!body->c.spoiled || body->is_cut))
        return;
    /* without a file id the answer to an open says no more than its head */
    sbl_observation_begin(seen, kind_without_body(direction->kind, true));
}
