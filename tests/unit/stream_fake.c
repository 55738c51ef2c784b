/* The fake dissector of stream_fake.h. */
#include "stream_fake.h"

static uint64_t hash_of(struct sbl_cursor bytes) {
    uint64_t hash = 0xCBF29CE484222325u;
    while (sbl_cursor_left(&bytes) > 0)
        hash = (hash ^ sbl_cursor_u8(&bytes)) * 0x100000001B3u;
    return hash;
}

static void see(struct sbl_cursor bytes, const struct sbl_part *part, struct sbl_report *report,
                struct sbl_smb_head head) {
    head.session_id = hash_of(bytes);
    head.status = (uint32_t)sbl_cursor_left(&bytes);
    head.chain_position = part->chain_position;
    head.is_cut = report->is_cut;
    struct sbl_observation seen = {.kind = SBL_SAW_OTHER, .head = head};
    sbl_report_add(report, &bytes, &seen);
}

static bool is_smb1(const uint8_t *prefix, size_t size) {
    struct sbl_cursor c = sbl_cursor_of(prefix, size);
    return sbl_cursor_starts(&c, "\xFFSMB", 4);
}

static bool is_smb2(const uint8_t *prefix, size_t size) {
    struct sbl_cursor c = sbl_cursor_of(prefix, size);
    return sbl_cursor_starts(&c, "\xFESMB", 4) || sbl_cursor_starts(&c, "\xFDSMB", 4) ||
           sbl_cursor_starts(&c, "\xFCSMB", 4);
}

static void dissect_smb1(struct sbl_cursor c, const struct sbl_part *part,
                         struct sbl_report *report) {
    struct sbl_cursor at = c;
    sbl_cursor_seek(&at, 4);
    see(c, part, report, (struct sbl_smb_head){.version = 1, .command = sbl_cursor_u8(&at)});
}

static uint32_t le32_at(struct sbl_cursor c, size_t offset) {
    sbl_cursor_seek(&c, offset);
    return sbl_cursor_le32(&c);
}

/* Command at 12, NextCommand at 20, MessageId at 24, TreeId at 36. */
static struct sbl_need need_smb2(struct sbl_cursor prefix, const struct sbl_part *part) {
    uint32_t command = le32_at(prefix, 12) & 0xFFFF, next = le32_at(prefix, 20);
    struct sbl_need need = {.want_until = part->message_bytes};
    if (sbl_cursor_left(&prefix) < 64 && part->message_bytes - part->offset >= 64)
        return (struct sbl_need){.more_bytes = 64};
    if (next != 0 && next <= UINT32_MAX - part->offset)
        need.want_until = need.resume_at = part->offset + next;
    if (command == FAKE_COMMAND_BULK)
        need.want_until = part->offset + 80;
    if (command == FAKE_COMMAND_STRANGE) {
        need.want_until = le32_at(prefix, 24);
        need.resume_at = le32_at(prefix, 36);
    }
    return need;
}

static void dissect_smb2(struct sbl_cursor c, const struct sbl_part *part,
                         struct sbl_report *report) {
    see(c, part, report,
        (struct sbl_smb_head){.version = 2,
                              .command = (uint16_t)le32_at(c, 12),
                              .message_id = le32_at(c, 24),
                              .tree_id = le32_at(c, 36)});
}

static void dissect_nbss(struct sbl_cursor c, const struct sbl_part *part,
                         struct sbl_report *report) {
    struct sbl_observation seen = {.kind = SBL_SAW_NBSS};
    struct sbl_cursor at = c;
    seen.nbss.type = sbl_cursor_u8(&at);
    seen.head.session_id = hash_of(c);
    seen.head.status = part->message_bytes;
    sbl_report_add(report, &c, &seen);
}

static const struct sbl_dissector fake_nbss = {.name = "nbss", .dissect = dissect_nbss};
static const struct sbl_dissector fake_smb1 = {
    .name = "smb1", .prefix_bytes = 32, .recognises = is_smb1, .dissect = dissect_smb1};
static const struct sbl_dissector fake_smb2 = {.name = "smb2",
                                               .prefix_bytes = 40,
                                               .recognises = is_smb2,
                                               .need = need_smb2,
                                               .dissect = dissect_smb2};

const struct sbl_dissector *const fake_dissectors[SBL_DISSECTOR_COUNT] = {
    [SBL_DISSECTOR_NBSS] = &fake_nbss,
    [SBL_DISSECTOR_SMB1] = &fake_smb1,
    [SBL_DISSECTOR_SMB2] = &fake_smb2,
};
