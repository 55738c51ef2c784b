/* A dissector: one kind of message, as one const descriptor. It has no memory: it sees a message,
 * or a part of one, and says what it saw. It links with libc alone and never allocates.
 *
 * A message (what NBSS or direct TCP framed, without the 4-byte frame header) is read in parts, so
 * that bulk payload is skipped by its length instead of being kept: `need` looks at the first bytes
 * of a part and says how many of them it wants, and where the next part begins. */
#ifndef SMBLAME_DISSECTOR_H
#define SMBLAME_DISSECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <smblame/cursor.h>
#include <smblame/report.h>
#include <smblame/spans.h>

/* Where a part stands in its message. Parts after the first carry what the earlier ones found. */
struct sbl_part {
    uint32_t offset;        /* of the part's first byte in the message */
    uint32_t message_bytes; /* the framed length of the whole message */
    uint8_t chain_position; /* commands seen in earlier parts */
    uint8_t next_command;   /* SMB1: the AndXCommand that led here; first part: unused */
    uint8_t header[32];     /* SMB1: the message's header, when offset > 0 */
    uint64_t session_id;    /* SMB2: of the previous compound part, for related operations */
    uint32_t tree_id;
};

/* What `need` answers. Offsets count from the start of the MESSAGE. */
struct sbl_need {
    uint32_t more_bytes;  /* not 0: ask again when so many bytes of the part are there */
    uint32_t want_until;  /* the part to hand over is [part.offset, want_until) */
    uint32_t resume_at;   /* where the next part begins; 0 = nothing more in this message */
    uint8_t next_command; /* SMB1: command of the part at resume_at */
};

struct sbl_dissector {
    const char *name;
    uint32_t prefix_bytes; /* need is first called with so many bytes, or all there are if fewer */

    /* Whether a message that begins with these bytes (at least 4) is this dissector's. */
    bool (*recognises)(const uint8_t *prefix, size_t size);

    /* What it wants of the part whose first bytes `prefix` is a cursor over (base = part start).
     * Pure; the same prefix and part give the same answer. NULL: the whole message, as one part. */
    struct sbl_need (*need)(struct sbl_cursor prefix, const struct sbl_part *part);

    /* Says what it saw. `part_bytes` is a cursor whose base is the part's first byte; it may be
     * shorter than wanted when report->is_cut. Never fails: oddities go to the report. */
    void (*dissect)(struct sbl_cursor part_bytes, const struct sbl_part *part,
                    struct sbl_report *report);

    /* `need` and `dissect` in one look, for a message of `size` bytes that is all there; `part` is
     * its first part, and the report was just reset. Answers how many of its bytes are wanted and
     * has dissected them, when they are its only part. 0: nothing was done, need has more to say.
     * NULL: it has no such shortcut. */
    uint32_t (*take)(const uint8_t *message, size_t size, const struct sbl_part *part,
                     struct sbl_report *report);

    /* Says which bytes of a part that was dissected may be shown, and where its secrets are;
     * `report` is what `dissect` or `take` made of it. Apart from these, for it is asked of few
     * messages. NULL: of none. */
    void (*show)(struct sbl_cursor part_bytes, const struct sbl_part *part,
                 const struct sbl_report *report, struct sbl_spans *spans);
};

enum sbl_dissector_id {
    SBL_DISSECTOR_NBSS = 0, /* session packets that are no messages, with their header */
    SBL_DISSECTOR_SMB1,
    SBL_DISSECTOR_SMB2, /* also the transform (FD) and compression (FC) headers */
    SBL_DISSECTOR_SPNEGO,
    SBL_DISSECTOR_NTLMSSP,
    SBL_DISSECTOR_KERBEROS,
    SBL_DISSECTOR_NBNS, /* datagrams of port 137 */
    SBL_DISSECTOR_COUNT
};

/* All dissectors, by enum sbl_dissector_id. */
extern const struct sbl_dissector *const sbl_dissectors[SBL_DISSECTOR_COUNT];

/* The dissector for a framed message that begins so: SMB1 or SMB2; NULL when it is neither. */
const struct sbl_dissector *sbl_dissector_find(const uint8_t *prefix, size_t size);

#endif
