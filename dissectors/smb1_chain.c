/* The AndX chain ([MS-CIFS] 2.2.3.4) and how much of a message it is worth keeping.
 *
 *   header 32 | WordCount 1 | Words 2 x WordCount | ByteCount 2 | Bytes | next block ...
 *   Words of an AndX command: AndXCommand 1, reserved 1, AndXOffset 2 (from the header), ...
 *
 * AndXCommand 0xFF ends the chain, whatever the offset says. Offsets must lead past the words of
 * the block they stand in, so a chain always advances.
 *
 * Of a block whose Bytes nobody reads (all reads and writes, every reply but those that tell names)
 * only the words are wanted. When the chain goes on behind bulk, the next part begins there. */
#include "smb1.h"

enum {
    COMMAND_AT = 4,
    FLAGS_AT = 9,
    SMB_FLAGS_REPLY = 0x80,
    /* between two blocks so much is kept rather than cutting the message into parts */
    GAP_WORTH_SKIPPING = 512,
};

static bool is_andx(uint8_t command) {
    switch (command) {
    case SMB_COM_LOCKING_ANDX:
    case SMB_COM_OPEN_ANDX:
    case SMB_COM_READ_ANDX:
    case SMB_COM_WRITE_ANDX:
    case SMB_COM_SESSION_SETUP_ANDX:
    case SMB_COM_LOGOFF_ANDX:
    case SMB_COM_TREE_CONNECT_ANDX:
    case SMB_COM_SECURITY_PACKAGE_ANDX:
    case SMB_COM_NT_CREATE_ANDX:
        return true;
    default:
        return false;
    }
}

struct smb1_frame smb1_frame_read(const struct sbl_cursor *part, size_t at, uint8_t command) {
    struct smb1_frame frame = {.next_command = SMB_COM_NO_ANDX_COMMAND};
    const uint8_t *count = sbl_cursor_look(part, at, 1);
    frame.has_word_count = count != NULL;
    frame.word_count = count ? *count : 0;
    frame.words_at = at + 1;
    frame.words_bytes = (size_t)frame.word_count * 2;
    frame.bytes_at = frame.words_at + frame.words_bytes + 2;
    const uint8_t *words = sbl_cursor_look(part, frame.words_at, frame.words_bytes);
    frame.has_words = count != NULL && words != NULL;
    if (frame.has_words && frame.word_count >= 2 && is_andx(command)) {
        frame.next_command = words[0];
        frame.next_at = sbl_block_le16(words, 2);
    }
    const uint8_t *byte_count = sbl_cursor_look(part, frame.words_at + frame.words_bytes, 2);
    frame.has_byte_count = frame.has_words && byte_count != NULL;
    frame.byte_count = frame.has_byte_count ? sbl_block_le16(byte_count, 0) : 0;
    return frame;
}

uint32_t smb1_chain_next(const struct smb1_frame *frame, const struct sbl_part *part,
                         struct sbl_report *report) {
    if (!frame->has_words || frame->next_command == SMB_COM_NO_ANDX_COMMAND)
        return 0;
    enum sbl_oddity oddity = SBL_ODDITY_BAD_OFFSET;
    if (frame->next_at < part->offset + frame->words_at)
        oddity = SBL_ODDITY_CHAIN_LOOP;
    else if (frame->next_at >= part->offset + frame->bytes_at &&
             frame->next_at < part->message_bytes)
        return frame->next_at;
    if (report)
        sbl_report_odd(report, oddity);
    return 0;
}

/* The message offset behind what is wanted of a block. */
static uint32_t wanted_end(const struct smb1_frame *frame, const struct smb1_rule *rule,
                           struct sbl_cursor prefix, uint32_t origin) {
    uint32_t end = origin + (uint32_t)frame->bytes_at;
    if (!rule || !rule->reads_bytes)
        return end;
    if (!rule->extent)
        return end + frame->byte_count;
    uint32_t extent = rule->extent(sbl_cursor_window(&prefix, frame->words_at, frame->words_bytes));
    return extent > end ? extent : end;
}

/* The answer when the walk is at its end, or at bulk (`resume_at`). */
static struct sbl_need need_until(const struct sbl_part *part, uint32_t until, uint32_t resume_at,
                                  uint8_t next_command) {
    uint32_t cap = part->offset + SBL_MAX_MESSAGE_BYTES;
    uint32_t want = until < part->message_bytes ? until : part->message_bytes;
    return (struct sbl_need){.want_until = want < cap ? want : cap,
                             .resume_at = resume_at,
                             .next_command = next_command};
}

/* The answer when the walk needs `count` bytes of the part: to be asked again, or, as the message
 * has no more, all that is left of it. */
static struct sbl_need need_more(const struct sbl_part *part, size_t count) {
    uint32_t left = part->message_bytes - part->offset;
    if (count > left || count > SBL_MAX_MESSAGE_BYTES)
        return need_until(part, part->message_bytes, 0, 0);
    return (struct sbl_need){.more_bytes = (uint32_t)count};
}

/* Where the walk over a part begins. */
struct beginning {
    size_t at;
    uint8_t command;
    bool is_response;
};

static struct beginning begin_walk(struct sbl_cursor prefix, const struct sbl_part *part) {
    struct sbl_cursor header =
        part->offset ? sbl_cursor_of(part->header, SMB1_HEADER_BYTES) : prefix;
    struct beginning beginning = {.at = part->offset ? 0 : SMB1_HEADER_BYTES};
    sbl_cursor_seek(&header, COMMAND_AT);
    beginning.command = part->offset ? part->next_command : sbl_cursor_u8(&header);
    sbl_cursor_seek(&header, FLAGS_AT);
    beginning.is_response = (sbl_cursor_u8(&header) & SMB_FLAGS_REPLY) != 0;
    return beginning;
}

struct sbl_need smb1_need(struct sbl_cursor prefix, const struct sbl_part *part) {
    if (part->offset >= part->message_bytes)
        return (struct sbl_need){.want_until = part->message_bytes};
    if (part->offset == 0 && prefix.size < SMB1_HEADER_BYTES)
        return need_more(part, SMB1_HEADER_BYTES);
    struct beginning block = begin_walk(prefix, part);
    uint32_t until = part->offset;
    for (uint32_t count = part->chain_position; count < SBL_MAX_CHAIN_LENGTH; count++) {
        struct smb1_frame frame = smb1_frame_read(&prefix, block.at, block.command);
        if (!frame.has_byte_count)
            return need_more(part, frame.has_word_count ? frame.bytes_at : block.at + 1);
        const struct smb1_rule *rule = smb1_rule_find(block.command, block.is_response);
        uint32_t end = wanted_end(&frame, rule, prefix, part->offset);
        until = end > until ? end : until;
        uint32_t next = smb1_chain_next(&frame, part, NULL);
        if (!next)
            break;
        if (next > until && next - until > GAP_WORTH_SKIPPING)
            return need_until(part, until, next, frame.next_command);
        block.command = frame.next_command;
        block.at = next - part->offset;
    }
    return need_until(part, until, 0, 0);
}
