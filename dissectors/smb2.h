/* What the files of the SMB2 dissector share: the readers of the commands whose bodies we want, and
 * what bodies have in common. Offsets in them count from the element's header, so cursors have the
 * header as base and begin in the body.
 *
 * A reader of what comes often is made twice out of one function: for a body whose fixed part is
 * all there, over a cursor of constant size, where the compiler leaves out the check of every
 * field, and for one that is short. */
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

enum {
    SMB2_HEADER_BYTES = 64,
    SMB2_BODY_FIELDS = SMB2_HEADER_BYTES + 2, /* behind StructureSize */
    SMB2_WHOLE = 0x7FFFFFFF,
    SMB2_COMMANDS_ROOM = 32, /* a power of two: a line is found by a shift */
};

/* Reads the body of an element of `size` bytes, which begins with the StructureSize of its command:
 * begins `seen`, of which nothing but the head is set, as what it is, and fills the body's part of
 * it. A body that was too short it ends with smb2_end_short. */
typedef void smb2_reader(const uint8_t *element, size_t size, struct sbl_report *report,
                         struct sbl_observation *seen);

/* What is left of an observation of this kind whose body is too short: half a body of a malformed
 * message is no fact, of a cut one (head.is_cut) it is all there is (smb2.c). */
void smb2_end_short(enum sbl_observation_kind kind, struct sbl_report *report,
                    struct sbl_observation *seen);

/* One direction of a command: how much of the body is wanted, and who reads it (smb2_body.c). Four
 * to a cache line, as every message asks for one. */
struct smb2_direction {
    uint32_t want;           /* bytes of the body; SMB2_WHOLE: all of it */
    uint16_t structure_size; /* 0: the body is not looked at */
    uint8_t kind;            /* enum sbl_observation_kind */
    bool depends_on_code;    /* an IOCTL: what is wanted depends on its CtlCode */
    smb2_reader *read;
};

/* Requests, then responses, by command; for commands that are not in it the last line of each. */
extern const struct smb2_direction smb2_directions[2][SMB2_COMMANDS_ROOM];

SBL_STEP const struct smb2_direction *smb2_direction_of(uint16_t command, bool is_response) {
    size_t line = command < SMB2_COMMAND_COUNT ? command : SMB2_COMMAND_COUNT;
    return &smb2_directions[is_response][line];
}

/* A cursor over the element that stands behind StructureSize. */
SBL_STEP struct sbl_cursor smb2_body(const uint8_t *element, size_t size) {
    return (struct sbl_cursor){.base = element, .size = size, .at = SMB2_BODY_FIELDS};
}

/* Where a name or a security blob lies, counted from the element's header, and the first offset
 * that a buffer of this body may have. */
struct smb2_place {
    uint16_t offset, bytes, floor;
};

SBL_STEP struct smb2_place smb2_read_place(struct sbl_cursor *c, uint16_t floor) {
    struct smb2_place place = {.offset = sbl_cursor_le16(c), .floor = floor};
    place.bytes = sbl_cursor_le16(c);
    return place;
}

/* What a text is to be of: where it belongs, and the head of its observation. */
struct smb2_named {
    const struct sbl_smb_head *head;
    struct sbl_text *text;
};

/* The text at a place that is empty, or not all there, or of an odd length; counts what is wrong
 * with it (smb2_body.c). */
struct sbl_text smb2_odd_text(const uint8_t *element, size_t size, struct smb2_place place,
                              struct sbl_report *report, bool is_cut);

/* The UTF-16 text at a place of an element of `size` bytes. Empty is a text too; one that lies
 * elsewhere is absent and an oddity, one whose place is not known (`fields` are spoiled) absent. */
SBL_STEP void smb2_read_text(const struct sbl_cursor *fields, size_t size, struct smb2_place place,
                             struct sbl_report *report, struct smb2_named named) {
    struct sbl_cursor element = {.base = fields->base, .size = size};
    const uint8_t *bytes = sbl_cursor_look(&element, place.offset, place.bytes);
    if (fields->spoiled) {
        *named.text = (struct sbl_text){0};
    } else if (SBL_RARELY(!bytes || place.bytes == 0 || place.offset < place.floor ||
                          place.bytes % 2 != 0)) {
        *named.text = smb2_odd_text(fields->base, size, place, report, named.head->is_cut);
    } else {
        named.text->bytes = bytes;
        named.text->size = place.bytes;
        named.text->encoding = SBL_TEXT_UTF16LE;
        named.text->is_cut = false;
    }
}

/* Which bytes may be shown (show_smb2.c). */
void smb2_show(struct sbl_cursor part_bytes, const struct sbl_part *part,
               const struct sbl_report *report, struct sbl_spans *spans);

/* Readers, each an smb2_reader. */
void smb2_read_negotiate_request(const uint8_t *element, size_t size, struct sbl_report *report,
                                 struct sbl_observation *seen);
void smb2_read_negotiate_response(const uint8_t *element, size_t size, struct sbl_report *report,
                                  struct sbl_observation *seen);
void smb2_read_session_setup_request(const uint8_t *element, size_t size, struct sbl_report *report,
                                     struct sbl_observation *seen);
void smb2_read_session_setup_response(const uint8_t *element, size_t size,
                                      struct sbl_report *report, struct sbl_observation *seen);
void smb2_read_tree_connect_request(const uint8_t *element, size_t size, struct sbl_report *report,
                                    struct sbl_observation *seen);
void smb2_read_tree_connect_response(const uint8_t *element, size_t size, struct sbl_report *report,
                                     struct sbl_observation *seen);
void smb2_read_create_request(const uint8_t *element, size_t size, struct sbl_report *report,
                              struct sbl_observation *seen);
void smb2_read_create_response(const uint8_t *element, size_t size, struct sbl_report *report,
                               struct sbl_observation *seen);
void smb2_read_close_request(const uint8_t *element, size_t size, struct sbl_report *report,
                             struct sbl_observation *seen);
void smb2_read_query_directory_request(const uint8_t *element, size_t size,
                                       struct sbl_report *report, struct sbl_observation *seen);
void smb2_read_ioctl_request(const uint8_t *element, size_t size, struct sbl_report *report,
                             struct sbl_observation *seen);

/* Whether a refused session setup nevertheless carries the normal body (smb2_session.c). */
bool smb2_has_session_setup_body(const uint8_t *element, size_t size);

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
