/* SMB2 IOCTL requests, [MS-SMB2] 2.2.31, of which only the question for a DFS referral matters: its
 * refusal by a server without DFS is noise that must not be taken for a missing file. Offsets from
 * the body's start:
 *
 *     4 CtlCode  8 FileId  24 InputOffset  28 InputCount
 *     input of FSCTL_DFS_GET_REFERRALS     [MS-DFSC] 2.2.2: MaxReferralLevel 2, name, terminated
 *     input of FSCTL_DFS_GET_REFERRALS_EX  2.2.3: MaxReferralLevel 2, RequestFlags 2,
 *                                          RequestDataLength 4, then length 2 and name */
#include "smb2.h"

enum {
    FSCTL_DFS_GET_REFERRALS = 0x00060194,
    FSCTL_DFS_GET_REFERRALS_EX = 0x000601B0,
    INPUT_FLOOR = SMB2_HEADER_BYTES + 56,
};

bool smb2_is_dfs_referral(const uint8_t *element, size_t size) {
    struct sbl_cursor body = sbl_cursor_of(element, size);
    sbl_cursor_seek(&body, SMB2_HEADER_BYTES + 4); /* behind StructureSize, Reserved */
    uint32_t code = sbl_cursor_le32(&body);
    return code == FSCTL_DFS_GET_REFERRALS || code == FSCTL_DFS_GET_REFERRALS_EX;
}

/* The name asked for; the input's end was found to be cut or not by its window. */
static struct sbl_text referral_name(struct sbl_cursor input, uint32_t code) {
    sbl_cursor_skip(&input, 2); /* MaxReferralLevel */
    if (code == FSCTL_DFS_GET_REFERRALS)
        return sbl_cursor_string(&input, SBL_TEXT_UTF16LE);
    sbl_cursor_skip(&input, 2 + 4); /* RequestFlags, RequestDataLength */
    uint16_t bytes = sbl_cursor_le16(&input);
    return sbl_cursor_text_at(&input, input.at, bytes, SBL_TEXT_UTF16LE);
}

/* The name in the `count` bytes at `offset` of the element, or in what is there of them. */
static void read_referral(struct sbl_cursor *c, uint32_t code, struct sbl_report *report,
                          struct sbl_observation *seen) {
    uint32_t offset = sbl_cursor_le32(c);
    uint32_t count = sbl_cursor_le32(c);
    if (c->spoiled)
        return;
    bool is_outside = offset < INPUT_FLOOR || offset > c->size;
    bool is_short = !is_outside && count > c->size - offset;
    if ((is_outside || is_short) && !seen->head.is_cut)
        sbl_report_odd(report, is_short ? SBL_ODDITY_BAD_LENGTH : SBL_ODDITY_BAD_OFFSET);
    if (is_outside)
        return;
    struct sbl_cursor input = sbl_cursor_window(c, offset, is_short ? c->size - offset : count);
    seen->open.name = referral_name(input, code);
    seen->open.name.is_cut = seen->open.name.is_cut || is_short;
}

void smb2_read_ioctl_request(const uint8_t *element, size_t size, struct sbl_report *report,
                             struct sbl_observation *seen) {
    struct sbl_cursor c = smb2_body(element, size);
    seen->kind = SBL_SAW_OTHER;
    sbl_cursor_skip(&c, 2); /* Reserved */
    uint32_t code = sbl_cursor_le32(&c);
    if (!c.spoiled && (code == FSCTL_DFS_GET_REFERRALS || code == FSCTL_DFS_GET_REFERRALS_EX)) {
        sbl_observation_begin(seen, SBL_SAW_DFS_REFERRAL_REQUEST);
        sbl_cursor_skip(&c, 16); /* FileId */
        read_referral(&c, code, report, seen);
    }
    if (c.spoiled)
        smb2_end_short(SBL_SAW_OTHER, report, seen);
}
