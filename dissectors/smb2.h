/* What the files of the SMB2 dissector share: the body of one compound element, and the readers of
 * the commands whose bodies we want. Offsets in SMB2 bodies count from the element's header, so the
 * cursor's base is the header and its `at` the body. */
#ifndef SMBLAME_DISSECTORS_SMB2_H
#define SMBLAME_DISSECTORS_SMB2_H

#include <smblame/cursor.h>
#include <smblame/dissector.h>
#include <smblame/observation.h>
#include <smblame/report.h>

enum smb2_command {
    SMB2_NEGOTIATE = 0x0000,
    SMB2_SESSION_SETUP = 0x0001,
    SMB2_LOGOFF = 0x0002,
    SMB2_TREE_CONNECT = 0x0003,
    SMB2_TREE_DISCONNECT = 0x0004,
    SMB2_CREATE = 0x0005,
    SMB2_CLOSE = 0x0006,
    SMB2_FLUSH = 0x0007,
    SMB2_READ = 0x0008,
    SMB2_WRITE = 0x0009,
    SMB2_LOCK = 0x000A,
    SMB2_IOCTL = 0x000B,
    SMB2_CANCEL = 0x000C,
    SMB2_ECHO = 0x000D,
    SMB2_QUERY_DIRECTORY = 0x000E,
    SMB2_CHANGE_NOTIFY = 0x000F,
    SMB2_QUERY_INFO = 0x0010,
    SMB2_SET_INFO = 0x0011,
    SMB2_OPLOCK_BREAK = 0x0012,
    SMB2_COMMAND_COUNT = 0x0013,
};

enum { SMB2_HEADER_BYTES = 64, SMB2_WHOLE = 0x7FFFFFFF };

struct smb2_body;

/* One direction of a command: how much of the body is wanted, and who reads it (smb2_body.c). */
struct smb2_direction {
    uint32_t want; /* bytes of the body; SMB2_WHOLE: all of it */
    enum sbl_observation_kind kind;
    uint16_t structure_size; /* 0: the body is not looked at */
    bool depends_on_code;    /* an IOCTL: what is wanted depends on its CtlCode */
    void (*read)(struct smb2_body *body, struct sbl_observation *seen);
};

/* By command, and for commands that are not in it the last line. */
extern const struct smb2_direction smb2_requests[SMB2_COMMAND_COUNT + 1],
    smb2_responses[SMB2_COMMAND_COUNT + 1];

static inline const struct smb2_direction *smb2_direction_of(uint16_t command, bool is_response) {
    const struct smb2_direction *table = is_response ? smb2_responses : smb2_requests;
    return &table[command < SMB2_COMMAND_COUNT ? command : SMB2_COMMAND_COUNT];
}

/* One element's body. `c` stands behind StructureSize; when a reader spoils it, the caller decides
 * what that means. */
struct smb2_body {
    struct sbl_cursor c;
    struct sbl_report *report;
    bool is_cut; /* the element's end is missing, and not by the sender's doing */
};

/* A cursor over the body's fixed part behind StructureSize, which ends at `end` of the element and
 * is all there. Its size is a constant: the compiler leaves out the check of every field. Readers
 * read their fields by a function that is made twice, for this cursor and for a body that is short.
 */
SBL_STEP struct sbl_cursor smb2_fixed(const struct smb2_body *body, size_t end) {
    return (struct sbl_cursor){.base = body->c.base, .size = end, .at = SMB2_HEADER_BYTES + 2};
}

/* Where a name or a security blob lies, counted from the element's header. */
struct smb2_place {
    uint16_t offset, bytes;
};

SBL_STEP struct smb2_place smb2_read_place(struct sbl_cursor *c) {
    struct smb2_place place = {.offset = sbl_cursor_le16(c)};
    place.bytes = sbl_cursor_le16(c);
    return place;
}

/* Counts what is wrong with the place of a text that is not empty (smb2_body.c). */
void smb2_note_text(struct smb2_body *body, struct smb2_place place, uint32_t floor);

/* The UTF-16 text at a place; `floor` is the first offset a buffer of this body may have. Empty is
 * a text too; one that lies elsewhere is absent and an oddity. */
SBL_STEP struct sbl_text smb2_text(struct smb2_body *body, struct smb2_place place,
                                   uint32_t floor) {
    const struct sbl_cursor *c = &body->c;
    if (place.bytes == 0)
        return sbl_cursor_text_at(c, c->at, 0, SBL_TEXT_UTF16LE);
    if (SBL_RARELY(place.offset < floor || place.bytes % 2 != 0 ||
                   (uint32_t)place.offset + place.bytes > c->size))
        smb2_note_text(body, place, floor);
    if (SBL_RARELY(place.offset < floor))
        return (struct sbl_text){.is_cut = true};
    return sbl_cursor_text_at(c, place.offset, place.bytes, SBL_TEXT_UTF16LE);
}

/* The token of a security blob at a place, by the same rules (smb2_session.c). */
void smb2_token(struct smb2_body *body, struct smb2_place place, uint32_t floor,
                struct sbl_auth_token *token);

/* Readers: begin `seen`, of which nothing but the head is set, as what it is, and fill the body's
 * part of it. */
void smb2_read_negotiate_request(struct smb2_body *body, struct sbl_observation *seen);
void smb2_read_negotiate_response(struct smb2_body *body, struct sbl_observation *seen);
void smb2_read_session_setup_request(struct smb2_body *body, struct sbl_observation *seen);
void smb2_read_session_setup_response(struct smb2_body *body, struct sbl_observation *seen);
void smb2_read_tree_connect_request(struct smb2_body *body, struct sbl_observation *seen);
void smb2_read_tree_connect_response(struct smb2_body *body, struct sbl_observation *seen);
void smb2_read_create_request(struct smb2_body *body, struct sbl_observation *seen);
void smb2_read_create_response(struct smb2_body *body, struct sbl_observation *seen);
void smb2_read_close_request(struct smb2_body *body, struct sbl_observation *seen);
void smb2_read_query_directory_request(struct smb2_body *body, struct sbl_observation *seen);
void smb2_read_ioctl_request(struct smb2_body *body, struct sbl_observation *seen);

/* Whether a refused session setup nevertheless carries the normal body (smb2_session.c). */
bool smb2_has_session_setup_body(const struct smb2_body *body);

/* Whether an element that is an IOCTL request asks for a DFS referral (smb2_ioctl.c). */
bool smb2_is_dfs_referral(const uint8_t *element, size_t size);

/* How many bytes of the body are wanted. Only of an IOCTL request the element is looked at, as far
 * as CtlCode. */
static inline uint32_t smb2_body_wanted(const struct smb2_direction *direction,
                                        const uint8_t *element, size_t size) {
    bool is_referral = direction->depends_on_code && smb2_is_dfs_referral(element, size);
    return is_referral ? SMB2_WHOLE : direction->want;
}

#endif
