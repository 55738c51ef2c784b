/* SMB1 (CIFS), [MS-CIFS] 2.2.3.1 and [MS-SMB] 2.2.3.1: the header, the walk along the AndX chain,
 * and the table of the commands that are read. All integers are little-endian.
 *
 *   off len                                    off len
 *     0   4  FF 'S' 'M' 'B'                     12   2  PIDHigh
 *     4   1  Command                            14   8  SecuritySignature
 *     5   4  Status: NTSTATUS, or               22   2  reserved
 *            ErrorClass 1, reserved 1,          24   2  TID
 *            ErrorCode 2                        26   2  PIDLow
 *     9   1  Flags                              28   2  UID
 *    10   2  Flags2                             30   2  MID
 *
 * Whether Status is an NTSTATUS, and whether texts are Unicode, each message says for itself: a
 * reply may differ from its request. In a chained reply the header's status is that of the LAST
 * command; nothing is decided here, every block is reported with its word count and its place.
 *
 * We want who logs on, to which share they connect and which files they name. Everything else is
 * reported by its head alone, so that requests and replies can still be paired. */
#include "smb1.h"

enum {
    SMB_FLAGS_REPLY = 0x80,
    SMB_FLAGS2_SMB_SECURITY_SIGNATURE = 0x0004,
    SMB_FLAGS2_NT_STATUS = 0x4000,
    SMB_FLAGS2_UNICODE = 0x8000,
    PREFIX_BYTES = 96, /* reaches the end of the words of all but the longest forms */
};

static const uint8_t PROTOCOL_ID[4] = {0xFF, 'S', 'M', 'B'};

/* What signing clients put into the signature while no key is agreed on. */
static const uint8_t NO_SIGNATURE[8] = "BSRSPYL ";

#define FORM(word_count) (UINT64_C(1) << (word_count))
#define FORMS_FROM(word_count) (~UINT64_C(0) << (word_count))

static const struct smb1_rule REQUESTS[256] = {
    [SMB_COM_OPEN] = {.parse = smb1_open_core_request,
                      .forms = FORM(2),
                      .kind = SBL_SAW_OPEN_REQUEST,
                      .open_command = SBL_OPEN_OPEN,
                      .reads_bytes = true},
    [SMB_COM_CREATE] = {.parse = smb1_open_core_request,
                        .forms = FORM(3),
                        .kind = SBL_SAW_OPEN_REQUEST,
                        .open_command = SBL_OPEN_CREATE,
                        .reads_bytes = true},
    [SMB_COM_CLOSE] = {.parse = smb1_close_request,
                       .forms = FORM(3),
                       .kind = SBL_SAW_CLOSE_REQUEST},
    [SMB_COM_QUERY_INFORMATION] = {.parse = smb1_path_request,
                                   .forms = FORM(0),
                                   .kind = SBL_SAW_OPEN_REQUEST,
                                   .open_command = SBL_OPEN_QUERY_INFORMATION,
                                   .reads_bytes = true},
    [SMB_COM_CREATE_NEW] = {.parse = smb1_open_core_request,
                            .forms = FORM(3),
                            .kind = SBL_SAW_OPEN_REQUEST,
                            .open_command = SBL_OPEN_CREATE,
                            .reads_bytes = true},
    [SMB_COM_CHECK_DIRECTORY] = {.parse = smb1_path_request,
                                 .forms = FORM(0),
                                 .kind = SBL_SAW_OPEN_REQUEST,
                                 .open_command = SBL_OPEN_CHECK_DIRECTORY,
                                 .reads_bytes = true},
    [SMB_COM_OPEN_ANDX] = {.parse = smb1_open_andx_request,
                           .forms = FORM(15),
                           .kind = SBL_SAW_OPEN_REQUEST,
                           .open_command = SBL_OPEN_OPEN_ANDX,
                           .reads_bytes = true},
    [SMB_COM_TRANSACTION2] = {.parse = smb1_trans2_request,
                              .extent = smb1_trans2_extent,
                              .forms = FORMS_FROM(14),
                              .reads_bytes = true},
    [SMB_COM_TREE_CONNECT] = {.parse = smb1_tree_core_request,
                              .forms = FORM(0),
                              .kind = SBL_SAW_TREE_CONNECT_REQUEST,
                              .reads_bytes = true},
    [SMB_COM_TREE_DISCONNECT] = {.forms = FORM(0), .kind = SBL_SAW_TREE_DISCONNECT_REQUEST},
    [SMB_COM_NEGOTIATE] = {.parse = smb1_negotiate_request,
                           .forms = FORM(0),
                           .kind = SBL_SAW_NEGOTIATE_REQUEST,
                           .reads_bytes = true},
    [SMB_COM_SESSION_SETUP_ANDX] = {.parse = smb1_session_request,
                                    .forms = FORM(10) | FORM(12) | FORM(13),
                                    .kind = SBL_SAW_SESSION_SETUP_REQUEST,
                                    .reads_bytes = true},
    [SMB_COM_LOGOFF_ANDX] = {.forms = FORM(2), .kind = SBL_SAW_LOGOFF_REQUEST},
    [SMB_COM_TREE_CONNECT_ANDX] = {.parse = smb1_tree_andx_request,
                                   .forms = FORM(4),
                                   .kind = SBL_SAW_TREE_CONNECT_REQUEST,
                                   .reads_bytes = true},
    [SMB_COM_SEARCH] = {.parse = smb1_search_request,
                        .forms = FORM(2),
                        .kind = SBL_SAW_OPEN_REQUEST,
                        .open_command = SBL_OPEN_SEARCH,
                        .reads_bytes = true},
    [SMB_COM_FIND] = {.parse = smb1_search_request,
                      .forms = FORM(2),
                      .kind = SBL_SAW_OPEN_REQUEST,
                      .open_command = SBL_OPEN_SEARCH,
                      .reads_bytes = true},
    [SMB_COM_FIND_UNIQUE] = {.parse = smb1_search_request,
                             .forms = FORM(2),
                             .kind = SBL_SAW_OPEN_REQUEST,
                             .open_command = SBL_OPEN_SEARCH,
                             .reads_bytes = true},
    [SMB_COM_NT_TRANSACT] = {.parse = smb1_nt_transact_request,
                             .extent = smb1_nt_transact_extent,
                             .forms = FORMS_FROM(19),
                             .reads_bytes = true},
    [SMB_COM_NT_CREATE_ANDX] = {.parse = smb1_nt_create_request,
                                .forms = FORM(24),
                                .kind = SBL_SAW_OPEN_REQUEST,
                                .open_command = SBL_OPEN_NT_CREATE_ANDX,
                                .reads_bytes = true},
};

/* Of opens only the words are read, and only of those that succeeded. */
static const struct smb1_rule RESPONSES[256] = {
    [SMB_COM_OPEN] = {.parse = smb1_open_core_response,
                      .forms = FORM(7),
                      .kind = SBL_SAW_OPEN_RESPONSE},
    [SMB_COM_CREATE] = {.parse = smb1_open_core_response,
                        .forms = FORM(1),
                        .kind = SBL_SAW_OPEN_RESPONSE},
    [SMB_COM_CREATE_NEW] = {.parse = smb1_open_core_response,
                            .forms = FORM(1),
                            .kind = SBL_SAW_OPEN_RESPONSE},
    [SMB_COM_OPEN_ANDX] = {.parse = smb1_open_andx_response,
                           .forms = FORM(15) | FORM(19),
                           .kind = SBL_SAW_OPEN_RESPONSE},
    [SMB_COM_TREE_CONNECT] = {.parse = smb1_tree_core_response,
                              .forms = FORM(0) | FORM(2),
                              .kind = SBL_SAW_TREE_CONNECT_RESPONSE},
    [SMB_COM_NEGOTIATE] = {.parse = smb1_negotiate_response,
                           .forms = FORM(0) | FORM(1) | FORM(13) | FORM(17),
                           .kind = SBL_SAW_NEGOTIATE_RESPONSE,
                           .reads_bytes = true},
    [SMB_COM_SESSION_SETUP_ANDX] = {.parse = smb1_session_response,
                                    .forms = FORM(0) | FORM(3) | FORM(4),
                                    .kind = SBL_SAW_SESSION_SETUP_RESPONSE,
                                    .reads_bytes = true},
    [SMB_COM_TREE_CONNECT_ANDX] = {.forms = FORM(0) | FORM(2) | FORM(3) | FORM(7),
                                   .kind = SBL_SAW_TREE_CONNECT_RESPONSE,
                                   .reads_bytes = true},
    [SMB_COM_NT_CREATE_ANDX] = {.parse = smb1_nt_create_response,
                                .forms = FORM(34) | FORM(42) | FORM(50),
                                .kind = SBL_SAW_OPEN_RESPONSE},
};

const struct smb1_rule *smb1_rule_find(uint8_t command, bool is_response) {
    const struct smb1_rule *rule = is_response ? &RESPONSES[command] : &REQUESTS[command];
    return rule->forms ? rule : NULL;
}

/* The status as it stood: NTSTATUS, or class and code where the reply says so. A class of 0 is
 * success, whatever the code. */
static void read_status(const uint8_t *header, uint16_t flags2, struct sbl_smb_head *head) {
    head->is_dos_error = false;
    head->status = sbl_block_le32(header, 5);
    if ((flags2 & SMB_FLAGS2_NT_STATUS) != 0 || !head->is_response)
        return;
    uint32_t error_class = header[5];
    head->is_dos_error = error_class != 0;
    head->status = error_class ? error_class << 16 | sbl_block_le16(header, 7) : 0;
}

static bool read_signed(const uint8_t *header, uint16_t flags2) {
    uint64_t signature = sbl_block_le64(header, 14);
    return (flags2 & SMB_FLAGS2_SMB_SECURITY_SIGNATURE) != 0 && signature != 0 &&
           signature != sbl_block_le64(NO_SIGNATURE, 0);
}

/* Fills the fields that all blocks of the message share. */
static void read_header(const uint8_t *header, struct sbl_smb_head *head) {
    uint16_t flags2 = sbl_block_le16(header, 10);
    uint64_t process_id_high = sbl_block_le16(header, 12);
    uint64_t process_id_low = sbl_block_le16(header, 26);
    head->version = 1;
    head->is_response = (header[9] & SMB_FLAGS_REPLY) != 0;
    head->is_signed = read_signed(header, flags2);
    head->command = header[4];
    head->tree_id = sbl_block_le16(header, 24);
    head->session_id = sbl_block_le16(header, 28);
    head->message_id = sbl_block_le16(header, 30) | process_id_low << 16 | process_id_high << 32;
    read_status(header, flags2, head);
}

/* The walk along the blocks of one part. */
struct walk {
    const struct sbl_part *part;
    struct sbl_cursor bytes;
    struct sbl_report *report;
    struct sbl_smb_head head; /* of the block at hand */
    bool is_unicode;
};

/* Counts what is missing: as the sender's doing only when the message itself ends too early. */
static void count_shortness(const struct walk *walk, size_t end) {
    if (walk->part->offset + end > walk->part->message_bytes)
        sbl_report_odd(walk->report, SBL_ODDITY_TRUNCATED);
    else if (walk->report->is_cut)
        sbl_report_odd(walk->report, SBL_ODDITY_CUT_BY_SNAPLEN);
}

/* Its words are all there; of its Bytes the window holds what is. */
static struct smb1_block block_of(const struct walk *walk, const struct smb1_frame *frame) {
    const struct sbl_cursor *part = &walk->bytes;
    size_t end = frame->bytes_at + frame->byte_count;
    size_t have = end < part->size ? end : part->size;
    size_t start = frame->bytes_at < have ? frame->bytes_at : have;
    return (struct smb1_block){
        .report = walk->report,
        .part = part,
        .words = {.base = part->base,
                  .size = frame->words_at + frame->words_bytes,
                  .at = frame->words_at},
        .bytes = {.base = part->base, .size = have, .at = start},
        .origin = walk->part->offset,
        .word_count = frame->word_count,
        .is_unicode = walk->is_unicode,
        .is_cut = end > part->size,
    };
}

/* Reads the body of a block that has a rule. Without its words only its kind is known. */
static void read_body(struct walk *walk, const struct smb1_frame *frame,
                      const struct smb1_rule *rule, struct sbl_observation *seen) {
    bool is_open_response = rule->kind == SBL_SAW_OPEN_RESPONSE;
    bool has_form = frame->word_count < 64 && (rule->forms >> frame->word_count & 1) != 0;
    if (frame->has_word_count && !has_form) {
        if (frame->word_count != 0 || !seen->head.is_response)
            sbl_report_odd(walk->report, SBL_ODDITY_BAD_STRUCTURE_SIZE);
        return;
    }
    sbl_observation_begin(seen, is_open_response && !frame->has_words
                                    ? SBL_SAW_OTHER
                                    : (enum sbl_observation_kind)rule->kind);
    if (seen->kind == SBL_SAW_OPEN_REQUEST)
        seen->open.command = rule->open_command;
    if (!frame->has_words) {
        seen->head.is_cut = true;
        count_shortness(walk, frame->bytes_at);
        return;
    }
    struct smb1_block block = block_of(walk, frame);
    size_t end = frame->bytes_at + (rule->reads_bytes && !rule->extent ? frame->byte_count : 0u);
    if (end > walk->bytes.size) {
        seen->head.is_cut = walk->part->offset + end <= walk->part->message_bytes;
        count_shortness(walk, end);
    }
    if (rule->parse)
        rule->parse(&block, seen);
    if (block.words.spoiled || block.bytes.spoiled)
        walk->bytes.spoiled = true; /* a parser that read too far: the report refuses it */
}

static void see_block(struct walk *walk, const struct smb1_frame *frame) {
    struct sbl_observation *seen = sbl_report_next(walk->report);
    const struct smb1_rule *rule =
        smb1_rule_find((uint8_t)walk->head.command, walk->head.is_response);
    seen->kind = SBL_SAW_OTHER;
    seen->head = walk->head;
    seen->head.word_count = frame->word_count;
    if (rule)
        read_body(walk, frame, rule, seen);
    else if (!frame->has_words)
        count_shortness(walk, frame->bytes_at);
    sbl_report_keep(walk->report, &walk->bytes);
    walk->bytes.spoiled = false;
}

static void walk_chain(struct walk *walk, size_t at) {
    const struct sbl_part *part = walk->part;
    for (uint32_t position = part->chain_position;; position++) {
        if (position >= SBL_MAX_CHAIN_LENGTH) {
            sbl_report_odd(walk->report, SBL_ODDITY_CHAIN_TOO_LONG);
            return;
        }
        struct smb1_frame frame = smb1_frame_read(&walk->bytes, at, (uint8_t)walk->head.command);
        uint32_t next = smb1_chain_next(&frame, part, walk->report);
        walk->head.chain_position = (uint8_t)position;
        walk->head.is_first = position == 0;
        walk->head.is_last = next == 0;
        see_block(walk, &frame);
        /* not handed over: bulk lies between, and it comes as the next part, or it was cut */
        if (next == 0 || next - part->offset >= walk->bytes.size)
            return;
        walk->head.command = frame.next_command;
        at = next - part->offset;
    }
}

static bool recognises(const uint8_t *prefix, size_t size) {
    return size >= sizeof PROTOCOL_ID && memcmp(prefix, PROTOCOL_ID, sizeof PROTOCOL_ID) == 0;
}

static void dissect_part(const uint8_t *bytes, size_t size, const struct sbl_part *part,
                         struct sbl_report *report) {
    struct walk walk = {.part = part, .bytes = sbl_cursor_of(bytes, size), .report = report};
    struct sbl_cursor c =
        part->offset ? sbl_cursor_of(part->header, SMB1_HEADER_BYTES) : walk.bytes;
    bool is_ours = sbl_cursor_starts(&c, PROTOCOL_ID, sizeof PROTOCOL_ID);
    const uint8_t *header = sbl_cursor_take(&c, SMB1_HEADER_BYTES);
    if (!is_ours) {
        sbl_report_odd(report, SBL_ODDITY_BAD_MAGIC);
        return;
    }
    if (!header) {
        count_shortness(&walk, SMB1_HEADER_BYTES);
        return;
    }
    read_header(header, &walk.head);
    walk.is_unicode = (sbl_block_le16(header, 10) & SMB_FLAGS2_UNICODE) != 0;
    if (part->offset)
        walk.head.command = part->next_command;
    walk_chain(&walk, part->offset ? 0 : SMB1_HEADER_BYTES);
}

static void dissect(struct sbl_cursor part_bytes, const struct sbl_part *part,
                    struct sbl_report *report) {
    dissect_part(part_bytes.base, part_bytes.size, part, report);
}

/* A message that comes whole needs no second look for how much of it is wanted. */
static uint32_t take(const uint8_t *message, size_t size, const struct sbl_part *part,
                     struct sbl_report *report) {
    if (!recognises(message, size))
        return 0;
    struct sbl_need need = smb1_need(sbl_cursor_of(message, size), part);
    if (need.more_bytes > 0 || need.resume_at > 0)
        return 0;
    dissect_part(message, need.want_until, part, report);
    return need.want_until;
}

const struct sbl_dissector sbl_dissector_smb1 = {
    .name = "smb1",
    .prefix_bytes = PREFIX_BYTES,
    .recognises = recognises,
    .need = smb1_need,
    .dissect = dissect,
    .take = take,
    .show = smb1_show,
};
