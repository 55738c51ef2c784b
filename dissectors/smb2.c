/* SMB2 and SMB3 messages, [MS-SMB2] 2.2: the header and the compound walk. A message is one or more
 * elements, each with its own header of 64 bytes:
 *
 *      0  FE 'S' 'M' 'B'     4  StructureSize 64     6  CreditCharge
 *      8  Status (replies)  12  Command             14  credits
 *     16  Flags             20  NextCommand         24  MessageId
 *     32  AsyncId, or 32 reserved, 36 TreeId        40  SessionId      48  Signature
 *
 * NextCommand is the distance to the next element's header, 0 in the last. Elements that are
 * related to the one before them inherit its session and tree, written as all ones.
 * A message may instead be sealed (FD, 2.2.41: only the session id is readable) or compressed (FC,
 * 2.2.42); these are counted and not opened. */
#include "smb2.h"

#include <smblame/limits.h>

#define STATUS_PENDING 0x00000103u
#define STATUS_MORE_PROCESSING_REQUIRED 0xC0000016u

enum {
    SMB2_FLAGS_SERVER_TO_REDIR = 0x00000001,
    SMB2_FLAGS_ASYNC_COMMAND = 0x00000002,
    SMB2_FLAGS_RELATED_OPERATIONS = 0x00000004,
    SMB2_FLAGS_SIGNED = 0x00000008,
};

enum {
    MAGIC_BYTES = 4,
    HEADER_FIELDS_BYTES = 48, /* of the header, before the signature */
    COMPOUND_ALIGNMENT = 8,
    TRANSFORM_BYTES = 52, /* SMB2 TRANSFORM_HEADER, SessionId at 44 */
    TRANSFORM_SESSION_OFFSET = 44,
    COMPRESSION_BYTES = 16,
    IOCTL_CODE_END = SMB2_HEADER_BYTES + 8,
};

static const uint8_t magic_plain[MAGIC_BYTES] = {0xFE, 'S', 'M', 'B'};
static const uint8_t magic_sealed[MAGIC_BYTES] = {0xFD, 'S', 'M', 'B'};
static const uint8_t magic_compressed[MAGIC_BYTES] = {0xFC, 'S', 'M', 'B'};

/* Where the element ends and the next one begins, and how much of it is wanted before any cap.
 * Offsets count from the element's start. */
struct element {
    const struct smb2_direction *direction;
    uint32_t next_command;
    uint32_t end;       /* of the element */
    uint32_t resume_at; /* of the next one; 0 = none that can be followed */
    uint32_t wanted;
};

static bool is_response(const uint8_t *fields) {
    return (sbl_block_le32(fields, 16) & SMB2_FLAGS_SERVER_TO_REDIR) != 0;
}

static struct element element_of(const uint8_t *fields, const struct sbl_cursor *part_bytes,
                                 const struct sbl_part *part) {
    uint16_t command = sbl_block_le16(fields, 12);
    struct element e = {.direction = smb2_direction_of(command, is_response(fields)),
                        .next_command = sbl_block_le32(fields, 20),
                        .end = part->message_bytes - part->offset};
    if (e.next_command >= SMB2_HEADER_BYTES && e.next_command < e.end) {
        e.end = e.next_command;
        if (part->chain_position + 1u < SBL_MAX_CHAIN_LENGTH)
            e.resume_at = e.next_command;
    }
    e.wanted =
        SMB2_HEADER_BYTES + smb2_body_wanted(e.direction, part_bytes->base, part_bytes->size);
    if (e.wanted > e.end)
        e.wanted = e.end;
    return e;
}

/* Related elements write all ones (or nothing) where the previous element's value holds. */
SBL_STEP void inherit(struct sbl_smb_head *head, const struct sbl_part *part, bool is_async) {
    if (part->offset == 0)
        return;
    if (head->session_id == UINT64_MAX || (head->is_related && head->session_id == 0))
        head->session_id = part->session_id;
    if (head->tree_id == UINT32_MAX || (head->is_related && head->tree_id == 0 && !is_async))
        head->tree_id = part->tree_id;
}

/* Reads the header as far as the signature into a head of which every field is written. */
SBL_STEP void read_head(const uint8_t *fields, const struct sbl_part *part, bool is_last,
                        struct sbl_smb_head *head) {
    uint32_t flags = sbl_block_le32(fields, 16);
    bool is_async = (flags & SMB2_FLAGS_ASYNC_COMMAND) != 0;
    head->version = 2;
    head->word_count = 0;
    head->chain_position = part->chain_position;
    head->is_first = part->offset == 0;
    head->is_last = is_last;
    head->is_response = (flags & SMB2_FLAGS_SERVER_TO_REDIR) != 0;
    head->is_dos_error = false;
    head->is_signed = (flags & SMB2_FLAGS_SIGNED) != 0;
    head->is_related = (flags & SMB2_FLAGS_RELATED_OPERATIONS) != 0;
    head->is_cut = false;
    head->command = sbl_block_le16(fields, 12);
    head->status = flags & SMB2_FLAGS_SERVER_TO_REDIR ? sbl_block_le32(fields, 8) : 0;
    head->tree_id = is_async ? 0 : sbl_block_le32(fields, 36);
    head->message_id = sbl_block_le64(fields, 24);
    head->session_id = sbl_block_le64(fields, 40);
    inherit(head, part, is_async);
}

/* Answers for a part that holds nothing to walk: only its first bytes are wanted. */
static struct sbl_need need_no_more(const struct sbl_part *part, uint32_t bytes) {
    uint32_t left = part->message_bytes - part->offset;
    return (struct sbl_need){.want_until = part->offset + (bytes < left ? bytes : left)};
}

/* Looks at three fields and no more. */
static struct sbl_need need_of_element(const uint8_t *fields, struct sbl_cursor prefix,
                                       const struct sbl_part *part) {
    struct element e = element_of(fields, &prefix, part);
    /* how much of an IOCTL is wanted depends on its code, behind the header */
    if (e.direction->depends_on_code && prefix.size < IOCTL_CODE_END && IOCTL_CODE_END <= e.end)
        return (struct sbl_need){.more_bytes = IOCTL_CODE_END};
    uint32_t wanted = e.wanted < SBL_MAX_MESSAGE_BYTES ? e.wanted : SBL_MAX_MESSAGE_BYTES;
    return (struct sbl_need){.want_until = part->offset + wanted,
                             .resume_at = e.resume_at > 0 ? part->offset + e.resume_at : 0};
}

static struct sbl_need need(struct sbl_cursor prefix, const struct sbl_part *part) {
    uint32_t left = part->message_bytes - part->offset;
    struct sbl_cursor c = prefix;
    if (prefix.size >= SMB2_HEADER_BYTES && sbl_cursor_starts(&prefix, magic_plain, MAGIC_BYTES))
        return need_of_element(sbl_cursor_take(&c, HEADER_FIELDS_BYTES), prefix, part);
    if (sbl_cursor_starts(&prefix, magic_sealed, MAGIC_BYTES))
        return need_no_more(part, TRANSFORM_BYTES);
    if (sbl_cursor_starts(&prefix, magic_compressed, MAGIC_BYTES))
        return need_no_more(part, COMPRESSION_BYTES);
    if (prefix.size < SMB2_HEADER_BYTES && prefix.size < left)
        return (struct sbl_need){.more_bytes = SMB2_HEADER_BYTES < left ? SMB2_HEADER_BYTES : left};
    return need_no_more(part, SMB2_HEADER_BYTES);
}

/* Counts a message that ends too early: the capture's fault or the sender's. */
static void note_short(struct sbl_report *report) {
    sbl_report_odd(report, report->is_cut ? SBL_ODDITY_CUT_BY_SNAPLEN : SBL_ODDITY_TRUNCATED);
}

/* A sealed or compressed message: one observation, of which a sealed one has the session id. */
static void dissect_opaque(struct sbl_cursor c, enum sbl_observation_kind kind,
                           struct sbl_report *report) {
    struct sbl_cursor whole = c;
    struct sbl_observation *seen = sbl_report_next(report);
    sbl_observation_begin(seen, kind);
    seen->head = (struct sbl_smb_head){.version = 2, .is_first = true, .is_last = true};
    if (kind == SBL_SAW_ENCRYPTED) {
        sbl_cursor_seek(&c, TRANSFORM_SESSION_OFFSET);
        seen->head.session_id = sbl_cursor_le64(&c);
    } else {
        sbl_cursor_seek(&c, COMPRESSION_BYTES);
    }
    if (c.spoiled)
        note_short(report);
    seen->head.is_cut = c.spoiled && report->is_cut;
    sbl_report_keep(report, &whole);
}

/* Counts what the header says that cannot be. */
static void note_oddities(const uint8_t *fields, const struct element *e,
                          const struct sbl_part *part, struct sbl_report *report) {
    if (sbl_block_le16(fields, 4) != SMB2_HEADER_BYTES)
        sbl_report_odd(report, SBL_ODDITY_BAD_STRUCTURE_SIZE);
    if (e->next_command == 0)
        return;
    if (e->next_command < SMB2_HEADER_BYTES)
        sbl_report_odd(report, SBL_ODDITY_CHAIN_LOOP);
    else if (e->next_command >= part->message_bytes - part->offset ||
             e->next_command % COMPOUND_ALIGNMENT != 0)
        sbl_report_odd(report, SBL_ODDITY_BAD_OFFSET);
    else if (e->resume_at == 0)
        sbl_report_odd(report, SBL_ODDITY_CHAIN_TOO_LONG);
}

SBL_APART void begin_other(struct sbl_observation *seen, enum sbl_observation_kind kind) {
    sbl_observation_begin(seen, kind);
}

/* Begins an observation that has no body. The refusal of an open is but its head. */
SBL_STEP void begin_without_body(struct sbl_observation *seen, enum sbl_observation_kind kind,
                                 bool is_refused) {
    if (kind == SBL_SAW_OTHER || (kind == SBL_SAW_OPEN_RESPONSE && is_refused))
        seen->kind = SBL_SAW_OTHER;
    else
        begin_other(seen, kind);
}

void smb2_end_short(enum sbl_observation_kind kind, struct sbl_report *report,
                    struct sbl_observation *seen) {
    if (seen->head.is_cut)
        return;
    sbl_report_odd(report, SBL_ODDITY_TRUNCATED);
    /* without a file id the answer to an open says no more than its head */
    begin_without_body(seen, kind, true);
}

/* A body that cannot be the command's. */
SBL_ASIDE void refuse_body(const struct smb2_direction *direction, size_t size,
                           struct sbl_report *report, struct sbl_observation *seen) {
    if (size >= SMB2_BODY_FIELDS)
        sbl_report_odd(report, SBL_ODDITY_BAD_STRUCTURE_SIZE);
    else if (!seen->head.is_cut)
        sbl_report_odd(report, SBL_ODDITY_TRUNCATED);
    begin_without_body(seen, (enum sbl_observation_kind)direction->kind, true);
}

/* Reads the body of the element of `size` bytes. */
SBL_STEP void read_own_body(const struct smb2_direction *direction, const uint8_t *element,
                            size_t size, struct sbl_report *report, struct sbl_observation *seen) {
    if (SBL_RARELY(size < SMB2_BODY_FIELDS ||
                   sbl_block_le16(element, SMB2_HEADER_BYTES) != direction->structure_size))
        refuse_body(direction, size, report, seen);
    else
        direction->read(element, size, report, seen);
}

/* A refused session setup may have its own body all the same. */
SBL_APART void read_refused_setup(const struct smb2_direction *direction, const uint8_t *element,
                                  size_t size, struct sbl_report *report,
                                  struct sbl_observation *seen) {
    if (smb2_has_session_setup_body(element, size))
        read_own_body(direction, element, size, report, seen);
    else
        begin_without_body(seen, (enum sbl_observation_kind)direction->kind, true);
}

/* Makes an observation of which nothing but the head is set what it is. The body of a reply is the
 * command's own, or an error body. Warnings have error bodies here too: no command that we read
 * answers with one. Whatever is to be done is done last: this step needs no registers kept. */
SBL_STEP void read_body(const struct smb2_direction *direction, const uint8_t *element, size_t size,
                        struct sbl_report *report, struct sbl_observation *seen) {
    uint32_t status = seen->head.status; /* 0 in a request */
    bool is_setup = seen->head.command == SMB2_SESSION_SETUP;
    if (!direction->read || status == STATUS_PENDING || (status >> 31 != 0 && !is_setup))
        begin_without_body(seen, (enum sbl_observation_kind)direction->kind, status >> 31 != 0);
    else if (!is_setup || status >> 30 == 0 || status == STATUS_MORE_PROCESSING_REQUIRED)
        read_own_body(direction, element, size, report, seen);
    else
        read_refused_setup(direction, element, size, report, seen);
}

/* Dissects the element whose header's fields are all there. */
static void dissect_element(const uint8_t *fields, const struct sbl_cursor *part_bytes,
                            const struct sbl_part *part, struct sbl_report *report) {
    struct element e = element_of(fields, part_bytes, part);
    struct sbl_observation *seen = sbl_report_next(report);
    bool is_short = report->is_cut && part_bytes->size < e.wanted;
    read_head(fields, part, e.resume_at == 0, &seen->head);
    if (is_short)
        note_short(report);
    if (e.wanted > SBL_MAX_MESSAGE_BYTES)
        sbl_report_odd(report, SBL_ODDITY_MESSAGE_TOO_LONG);
    seen->head.is_cut = is_short || e.wanted > SBL_MAX_MESSAGE_BYTES;
    note_oddities(fields, &e, part, report);
    read_body(e.direction, part_bytes->base, e.end < part_bytes->size ? e.end : part_bytes->size,
              report, seen);
    sbl_report_keep(report, part_bytes);
}

static void dissect_plain(struct sbl_cursor part_bytes, const struct sbl_part *part,
                          struct sbl_report *report) {
    struct sbl_cursor c = part_bytes;
    const uint8_t *fields = sbl_cursor_take(&c, HEADER_FIELDS_BYTES);
    if (!fields || (part_bytes.size < SMB2_HEADER_BYTES && !report->is_cut))
        note_short(report);
    else
        dissect_element(fields, &part_bytes, part, report);
}

/* Whether a message of one element begins so, of whose header there is nothing odd to count. */
SBL_STEP bool is_plain(const struct sbl_cursor *message) {
    static const uint8_t begins[] = {0xFE, 'S', 'M', 'B', SMB2_HEADER_BYTES, 0};
    return message->size >= SMB2_HEADER_BYTES &&
           sbl_cursor_starts(message, begins, sizeof begins) &&
           sbl_block_le32(message->base, 20) == 0;
}

/* What dissect does with such a message of `size` bytes, all of it there and `wanted` of it wanted,
 * for a report that holds nothing: every condition of a cut, of a compound and of an oddity is a
 * constant here. */
SBL_STEP uint32_t take_wanted(const struct smb2_direction *direction, uint32_t wanted,
                              const uint8_t *message, size_t size, struct sbl_report *report) {
    static const struct sbl_part first = {0};
    struct sbl_observation *seen = &report->observations[0];
    if (wanted > size)
        wanted = (uint32_t)size;
    if (wanted > SBL_MAX_MESSAGE_BYTES)
        return 0;
    read_head(message, &first, true, &seen->head);
    report->count = 1;
    read_body(direction, message, wanted, report, seen);
    return wanted;
}

SBL_ASIDE uint32_t take_ioctl(const struct smb2_direction *direction, const uint8_t *message,
                              size_t size, struct sbl_report *report) {
    uint32_t want = smb2_body_wanted(direction, message, size);
    return take_wanted(direction, SMB2_HEADER_BYTES + want, message, size, report);
}

SBL_APART uint32_t take_element(const struct smb2_direction *direction, const uint8_t *message,
                                size_t size, struct sbl_report *report) {
    if (SBL_RARELY(direction->depends_on_code))
        return take_ioctl(direction, message, size, report);
    return take_wanted(direction, SMB2_HEADER_BYTES + direction->want, message, size, report);
}

static uint32_t take(const uint8_t *message, size_t size, const struct sbl_part *part,
                     struct sbl_report *report) {
    struct sbl_cursor c = {.base = message, .size = size};
    (void)part;
    if (!is_plain(&c))
        return 0;
    return take_element(smb2_direction_of(sbl_block_le16(message, 12), is_response(message)),
                        message, size, report);
}

static void dissect(struct sbl_cursor part_bytes, const struct sbl_part *part,
                    struct sbl_report *report) {
    bool is_first = part->offset == 0;
    if (sbl_cursor_starts(&part_bytes, magic_plain, MAGIC_BYTES))
        dissect_plain(part_bytes, part, report);
    else if (is_first && sbl_cursor_starts(&part_bytes, magic_sealed, MAGIC_BYTES))
        dissect_opaque(part_bytes, SBL_SAW_ENCRYPTED, report);
    else if (is_first && sbl_cursor_starts(&part_bytes, magic_compressed, MAGIC_BYTES))
        dissect_opaque(part_bytes, SBL_SAW_COMPRESSED, report);
    else
        sbl_report_odd(report, report->is_cut && part_bytes.size < MAGIC_BYTES
                                   ? SBL_ODDITY_CUT_BY_SNAPLEN
                                   : SBL_ODDITY_BAD_MAGIC);
}

static bool recognises(const uint8_t *prefix, size_t size) {
    return size >= MAGIC_BYTES && (memcmp(prefix, magic_plain, MAGIC_BYTES) == 0 ||
                                   memcmp(prefix, magic_sealed, MAGIC_BYTES) == 0 ||
                                   memcmp(prefix, magic_compressed, MAGIC_BYTES) == 0);
}

const struct sbl_dissector sbl_dissector_smb2 = {.name = "smb2",
                                                 .prefix_bytes = SMB2_HEADER_BYTES,
                                                 .recognises = recognises,
                                                 .need = need,
                                                 .dissect = dissect,
                                                 .take = take,
                                                 .show = smb2_show};
