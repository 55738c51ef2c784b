/* Texts in SMB1 messages. A message is Unicode (UTF-16LE) or OEM as its own Flags2 says. Unicode
 * texts begin at an even offset from the SMB header ([MS-CIFS] 2.2.1.1, 3.2.4.1.5), one pad byte
 * where it is needed, but clients forget the pad, or put one where none belongs, and the last text
 * often lacks its terminator. What follows the first text needs no alignment of its own.
 *
 * The place of the first text is judged by how its first characters look. Only a text that looks
 * displaced by one byte (a zero low byte under a high byte that is not zero, which is how Latin
 * letters look from the wrong side) is looked for at the other parity, and only taken there when it
 * reads as Latin letters: a name in another script stays where the rule puts it. */
#include "smb1.h"

enum { NO_UNIT = 0x10000 };

/* The code unit at an offset, or NO_UNIT where there is none. */
static uint32_t unit_at(const struct sbl_cursor *bytes, size_t at) {
    struct sbl_cursor look = *bytes;
    sbl_cursor_seek(&look, at);
    uint32_t unit = sbl_cursor_le16(&look);
    return look.spoiled ? NO_UNIT : unit;
}

static bool is_latin(uint32_t unit) {
    return unit >= 0x20 && unit <= 0xFF;
}

static bool looks_displaced(uint32_t unit) {
    return unit != 0 && unit < NO_UNIT && (unit & 0xFF) == 0;
}

/* The pad byte was skipped, and perhaps it was none. An empty text without its pad shows as a
 * displaced beginning of the text behind it. */
static bool begins_before_pad(const struct sbl_cursor *bytes, size_t at) {
    uint32_t here = unit_at(bytes, at), second = unit_at(bytes, at + 2);
    uint32_t aligned = unit_at(bytes, at + 1);
    if (aligned == 0)
        return is_latin(here) && second == 0;
    if (!looks_displaced(aligned))
        return false;
    if (here == 0)
        return is_latin(second) && is_latin(unit_at(bytes, at + 4));
    return is_latin(here) && (is_latin(second) || second == 0);
}

void smb1_text_align(struct smb1_block *block) {
    struct sbl_cursor *bytes = &block->bytes;
    if (!block->is_unicode || sbl_cursor_left(bytes) == 0)
        return;
    size_t at = bytes->at;
    if ((block->origin + at) % 2 != 0) {
        if (!begins_before_pad(bytes, at))
            sbl_cursor_skip(bytes, 1);
    } else if (looks_displaced(unit_at(bytes, at)) && is_latin(unit_at(bytes, at + 1)) &&
               is_latin(unit_at(bytes, at + 3))) {
        sbl_cursor_skip(bytes, 1);
    }
}

struct sbl_text smb1_string_of(struct smb1_block *block, enum sbl_encoding encoding) {
    struct sbl_cursor *bytes = &block->bytes;
    size_t unit = encoding == SBL_TEXT_UTF16LE ? 2 : 1;
    size_t start = bytes->at;
    if (bytes->spoiled || sbl_cursor_left(bytes) < unit) {
        bytes->at = bytes->size;
        return (struct sbl_text){.is_cut = block->is_cut};
    }
    struct sbl_text text = sbl_cursor_string(bytes, encoding);
    bool is_terminated = bytes->at - start - text.size == unit;
    text.is_cut = block->is_cut && !is_terminated;
    return text;
}

struct sbl_text smb1_string(struct smb1_block *block) {
    return smb1_string_of(block, block->is_unicode ? SBL_TEXT_UTF16LE : SBL_TEXT_OEM);
}

struct sbl_text smb1_counted_string(struct smb1_block *block, size_t count) {
    struct sbl_cursor *bytes = &block->bytes;
    enum sbl_encoding encoding = block->is_unicode ? SBL_TEXT_UTF16LE : SBL_TEXT_OEM;
    size_t unit = block->is_unicode ? 2 : 1;
    smb1_text_align(block);
    if (!block->is_unicode && count > 0 && sbl_cursor_left(bytes) > count &&
        sbl_cursor_starts(bytes, "", 1))
        sbl_cursor_skip(bytes, 1); /* a pad that only Unicode asks for */
    size_t left = sbl_cursor_left(bytes);
    if (count > 0 && left == 0)
        return (struct sbl_text){.is_cut = true};
    if (count > left && !block->is_cut)
        sbl_report_odd(block->report, SBL_ODDITY_BAD_LENGTH);
    struct sbl_cursor window = sbl_cursor_window(bytes, bytes->at, count > left ? left : count);
    struct sbl_text text = sbl_cursor_string(&window, encoding);
    /* a length that counts a terminator nobody sent is no cut */
    bool is_whole = window.at - bytes->at > text.size || count <= left ||
                    (!block->is_cut && count - left <= unit);
    text.is_cut = !is_whole;
    sbl_cursor_skip(bytes, count > left ? left : count);
    return text;
}

struct sbl_text smb1_formatted_string(struct smb1_block *block) {
    if (sbl_cursor_starts(&block->bytes, "\x04", 1))
        sbl_cursor_skip(&block->bytes, 1);
    else if (sbl_cursor_left(&block->bytes) > 0)
        sbl_report_odd(block->report, SBL_ODDITY_BAD_STRUCTURE_SIZE);
    smb1_text_align(block);
    return smb1_string(block);
}
