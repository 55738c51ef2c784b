/* NTLMSSP messages, [MS-NLMP] 2.2.1. Offsets count from the 'N' of the signature; a field is
 * {Len 2, MaxLen 2, BufferOffset 4}, MaxLen is to be ignored. [MS-NLMP] 2.2.1.1-3:
 *
 *     NEGOTIATE     12 flags, 16 DomainName, 24 Workstation (OEM text), 32 Version
 *     CHALLENGE     12 TargetName, 20 flags, 24 ServerChallenge, 40 TargetInfo, 48 Version
 *     AUTHENTICATE  12 LM, 20 NT, 28 DomainName, 36 UserName, 44 Workstation, 52 SessionKey,
 *                   60 flags, 64 Version, 72 MIC
 *
 * The fixed part has grown with the years and no length says where it ends: it ends where the
 * lowest payload begins. Version therefore counts only when it is flagged and stands before every
 * payload. The MIC counts when there is room for it and either MsvAvFlags promises it (bit 1) or
 * its bytes are not all zero: Windows and Samba leave the room empty when they send none.
 *
 * We want names, flags, times and the kind of answer. Answers and keys are secrets: their lengths
 * and shapes are looked at, their bytes never leave this file. The ServerChallenge is handed on for
 * one question, whether two servers sent the same, and never told. */
#include "token.h"

#include <smblame/dissector.h>

enum {
    NTLMSSP_NEGOTIATE_UNICODE = 0x00000001,
    NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED = 0x00001000,
    NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED = 0x00002000,
    NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY = 0x00080000,
    NTLMSSP_NEGOTIATE_VERSION = 0x02000000,
};

enum {
    MSV_AV_EOL = 0,
    MSV_AV_NB_COMPUTER_NAME = 1,
    MSV_AV_NB_DOMAIN_NAME = 2,
    MSV_AV_DNS_COMPUTER_NAME = 3,
    MSV_AV_DNS_DOMAIN_NAME = 4,
    MSV_AV_DNS_TREE_NAME = 5,
    MSV_AV_FLAGS = 6,
    MSV_AV_TIMESTAMP = 7,
    MSV_AV_TARGET_NAME = 9,
    MSV_AV_FLAGS_MIC = 0x00000002,
};

enum {
    SIGNATURE_BYTES = 8,
    VERSION_BYTES = 8,
    MIC_BYTES = 16,
    CHALLENGE_BYTES = 8,
    LM_ANSWER_BYTES = 24,
    NT_ANSWER_BYTES = 24,
    PROOF_BYTES = 16,     /* NTProofStr before the client challenge */
    V2_FIXED_BYTES = 28,  /* of NTLMv2_CLIENT_CHALLENGE before its AV pairs */
    NEGOTIATE_FIXED = 32, /* the fixed part up to Version; older clients stop at 16 */
    NEGOTIATE_SHORT = 16,
    CHALLENGE_FIXED = 48, /* up to Version; old servers stop at 32 */
    CHALLENGE_SHORT = 32,
    AUTHENTICATE_FIXED = 64, /* up to Version; old clients stop at 52, without key and flags */
    AUTHENTICATE_SHORT = 52,
};

static const uint8_t signature[SIGNATURE_BYTES] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0};

struct field {
    uint16_t bytes;
    uint32_t offset;
};

/* The reading of one message. */
struct reading {
    struct sbl_cursor c; /* in the fixed part */
    struct sbl_report *report;
    struct sbl_ntlm *ntlm;
    bool is_cut;
    size_t fixed_end; /* where the lowest payload begins; no payload: the end */
};

/* Reads a field and lets its payload, when it has one, bound the fixed part. A payload that would
 * lie before `floor` is a lie and becomes a field of no bytes far outside. */
static struct field read_field(struct reading *r, size_t floor) {
    struct field field = {.bytes = sbl_cursor_le16(&r->c)};
    sbl_cursor_skip(&r->c, 2);
    field.offset = sbl_cursor_le32(&r->c);
    if (field.bytes == 0)
        return field;
    if (field.offset < floor) {
        sbl_report_odd(r->report, SBL_ODDITY_BAD_OFFSET);
        field.offset = UINT32_MAX;
    }
    if (field.offset < r->fixed_end)
        r->fixed_end = field.offset;
    return field;
}

/* Notes a payload that is not all there: the capture's fault or the sender's. */
static bool is_whole(struct reading *r, struct field field) {
    size_t size = r->c.size;
    if (field.offset <= size && field.bytes <= size - field.offset)
        return true;
    r->ntlm->is_cut = true;
    if (!r->is_cut && field.offset != UINT32_MAX)
        sbl_report_odd(r->report,
                       field.offset > size ? SBL_ODDITY_BAD_OFFSET : SBL_ODDITY_BAD_LENGTH);
    return false;
}

static struct sbl_text text_of(struct reading *r, struct field field, enum sbl_encoding encoding) {
    if (field.bytes == 0) /* sent, and empty; the offset of nothing may be anything */
        return sbl_cursor_text_at(&r->c, 0, 0, encoding);
    (void)is_whole(r, field);
    if (encoding == SBL_TEXT_UTF16LE && field.bytes % 2 != 0)
        sbl_report_odd(r->report, SBL_ODDITY_ODD_UTF16);
    return sbl_cursor_text_at(&r->c, field.offset, field.bytes, encoding);
}

/* A window over what there is of a payload. */
static struct sbl_cursor payload_of(struct reading *r, struct field field) {
    size_t size = r->c.size;
    struct sbl_cursor whole = sbl_cursor_of(r->c.base, size);
    if (field.bytes == 0 || field.offset >= size)
        return sbl_cursor_of(NULL, 0);
    size_t left = size - field.offset;
    return sbl_cursor_window(&whole, field.offset, field.bytes < left ? field.bytes : left);
}

/* The first byte of a payload that is all there, else NULL. */
static const uint8_t *bytes_of(struct reading *r, struct field field) {
    struct sbl_cursor payload = payload_of(r, field);
    return field.bytes > 0 ? sbl_cursor_take(&payload, field.bytes) : NULL;
}

static bool are_zero(const uint8_t *bytes, size_t count) {
    uint8_t any = 0;
    for (size_t i = 0; i < count; i++)
        any |= bytes[i];
    return any == 0;
}

/* Version stands at `at` when it is flagged and every payload is behind it. */
static void read_version(struct reading *r, size_t at) {
    struct sbl_cursor c = sbl_cursor_of(r->c.base, r->c.size);
    struct sbl_ntlm *ntlm = r->ntlm;
    if (!(ntlm->flags & NTLMSSP_NEGOTIATE_VERSION) || r->fixed_end < at + VERSION_BYTES ||
        c.size < at + VERSION_BYTES)
        return;
    sbl_cursor_seek(&c, at);
    ntlm->has_version = true;
    ntlm->version_major = sbl_cursor_u8(&c);
    ntlm->version_minor = sbl_cursor_u8(&c);
    ntlm->version_build = sbl_cursor_le16(&c);
}

/* Where the text of an AV pair belongs; NULL for pairs that are no text we keep. */
static struct sbl_text *text_of_pair(struct sbl_ntlm *ntlm, uint16_t id) {
    switch (id) {
    case MSV_AV_NB_COMPUTER_NAME:
        return &ntlm->nb_computer;
    case MSV_AV_NB_DOMAIN_NAME:
        return &ntlm->nb_domain;
    case MSV_AV_DNS_COMPUTER_NAME:
        return &ntlm->dns_computer;
    case MSV_AV_DNS_DOMAIN_NAME:
        return &ntlm->dns_domain;
    case MSV_AV_DNS_TREE_NAME:
        return &ntlm->dns_tree;
    case MSV_AV_TARGET_NAME:
        return &ntlm->spn;
    default:
        return NULL;
    }
}

/* AV pairs, [MS-NLMP] 2.2.2.1: Id 2, Len 2, value; in any order, the list may end without EOL. Of
 * an id sent twice the first counts. */
static void read_av_pairs(struct reading *r, struct sbl_cursor list) {
    struct sbl_ntlm *ntlm = r->ntlm;
    while (sbl_cursor_left(&list) >= 4) {
        uint16_t id = sbl_cursor_le16(&list);
        uint16_t bytes = sbl_cursor_le16(&list);
        if (id == MSV_AV_EOL)
            return;
        ntlm->has_av_pairs = true;
        struct sbl_text *text = text_of_pair(ntlm, id);
        if (text && !sbl_text_is_present(*text))
            *text = sbl_cursor_text_at(&list, list.at, bytes, SBL_TEXT_UTF16LE);
        if (text && bytes % 2 != 0)
            sbl_report_odd(r->report, SBL_ODDITY_ODD_UTF16);
        if (bytes > sbl_cursor_left(&list)) {
            ntlm->is_cut = true;
            if (!r->is_cut)
                sbl_report_odd(r->report, SBL_ODDITY_BAD_LENGTH);
            return;
        }
        const uint8_t *value = sbl_cursor_take(&list, bytes);
        if (id == MSV_AV_FLAGS && bytes >= 4)
            ntlm->av_flags = sbl_block_le32(value, 0);
        if (id == MSV_AV_TIMESTAMP && bytes >= 8) {
            ntlm->timestamp = sbl_block_le64(value, 0);
            ntlm->has_timestamp = true;
        }
    }
}

enum sbl_ntlm_answer ntlm_answer_of(const uint8_t *lm, size_t lm_bytes, const uint8_t *nt,
                                    size_t nt_bytes, bool has_user) {
    if (nt_bytes == 0 && lm_bytes <= 1 && !has_user)
        return SBL_ANSWER_ANONYMOUS;
    if (nt_bytes >= PROOF_BYTES + V2_FIXED_BYTES)
        return !nt || (nt[PROOF_BYTES] == 1 && nt[PROOF_BYTES + 1] == 1) ? SBL_ANSWER_NTLMV2
                                                                         : SBL_ANSWER_UNKNOWN;
    if (nt_bytes == NT_ANSWER_BYTES && lm_bytes == LM_ANSWER_BYTES) {
        bool is_padded = lm && are_zero(&lm[CHALLENGE_BYTES], LM_ANSWER_BYTES - CHALLENGE_BYTES);
        return is_padded && !are_zero(lm, CHALLENGE_BYTES) ? SBL_ANSWER_NTLMV1_ESS
                                                           : SBL_ANSWER_NTLMV1;
    }
    if (nt_bytes == NT_ANSWER_BYTES && lm_bytes <= 1)
        return SBL_ANSWER_NTLMV1;
    if (nt_bytes == 0 && lm_bytes == LM_ANSWER_BYTES)
        return SBL_ANSWER_LM;
    if (lm_bytes != LM_ANSWER_BYTES && nt_bytes < NT_ANSWER_BYTES && lm_bytes + nt_bytes > 0)
        return SBL_ANSWER_PLAINTEXT;
    return SBL_ANSWER_UNKNOWN;
}

/* What the lengths leave open, NTLMSSP's flags decide: an answer under extended session security
 * can be neither plain LM (so it is LMv2) nor plain NTLMv1 whose LM half is missing. There are no
 * clear-text passwords here. */
static enum sbl_ntlm_answer answer_by_flags(enum sbl_ntlm_answer answer, const uint8_t *lm,
                                            uint32_t flags) {
    bool has_lm = lm && !are_zero(lm, LM_ANSWER_BYTES);
    if (answer == SBL_ANSWER_PLAINTEXT)
        return SBL_ANSWER_UNKNOWN;
    if (!(flags & NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY))
        return answer;
    if (answer == SBL_ANSWER_LM)
        return SBL_ANSWER_LMV2;
    return answer == SBL_ANSWER_NTLMV1 && !has_lm ? SBL_ANSWER_NTLMV1_ESS : answer;
}

static void read_negotiate(struct reading *r) {
    struct sbl_ntlm *ntlm = r->ntlm;
    ntlm->flags = sbl_cursor_le32(&r->c);
    if (r->c.size < NEGOTIATE_FIXED) {
        if (r->c.size > NEGOTIATE_SHORT && !r->is_cut)
            sbl_report_odd(r->report, SBL_ODDITY_TRUNCATED);
        return;
    }
    struct field domain = read_field(r, NEGOTIATE_FIXED);
    struct field workstation = read_field(r, NEGOTIATE_FIXED);
    if (domain.bytes > 0 || ntlm->flags & NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED)
        ntlm->domain = text_of(r, domain, SBL_TEXT_OEM);
    if (workstation.bytes > 0 || ntlm->flags & NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED)
        ntlm->workstation = text_of(r, workstation, SBL_TEXT_OEM);
    read_version(r, NEGOTIATE_FIXED);
}

static void read_challenge(struct reading *r) {
    struct sbl_ntlm *ntlm = r->ntlm;
    struct field target_name = read_field(r, CHALLENGE_SHORT);
    ntlm->flags = sbl_cursor_le32(&r->c);
    if (r->c.spoiled)
        return;
    ntlm->target_name = text_of(
        r, target_name, ntlm->flags & NTLMSSP_NEGOTIATE_UNICODE ? SBL_TEXT_UTF16LE : SBL_TEXT_OEM);
    if (sbl_cursor_left(&r->c) >= CHALLENGE_BYTES)
        ntlm->challenge = sbl_cursor_le64(&r->c);
    if (r->fixed_end < CHALLENGE_FIXED || r->c.size < CHALLENGE_FIXED)
        return;
    sbl_cursor_skip(&r->c, 8); /* Reserved */
    struct field target_info = read_field(r, CHALLENGE_FIXED);
    if (target_info.bytes > 0) {
        (void)is_whole(r, target_info);
        read_av_pairs(r, payload_of(r, target_info));
    }
    read_version(r, CHALLENGE_FIXED);
}

/* NTLMv2_CLIENT_CHALLENGE, [MS-NLMP] 2.2.2.7, behind the 16 bytes of proof: types 2, reserved 6,
 * TimeStamp 8, client challenge 8, reserved 4, AV pairs. */
static void read_v2_answer(struct reading *r, struct field nt) {
    struct sbl_cursor answer = payload_of(r, nt);
    sbl_cursor_skip(&answer, PROOF_BYTES + 8);
    r->ntlm->answer_time = sbl_cursor_le64(&answer);
    sbl_cursor_skip(&answer, CHALLENGE_BYTES + 4);
    if (!answer.spoiled)
        read_av_pairs(r, answer);
}

/* Old clients send no flags: their first name tells by its shape how text is encoded. */
static enum sbl_encoding encoding_of(struct reading *r, struct field name) {
    if (r->fixed_end >= AUTHENTICATE_FIXED)
        return r->ntlm->flags & NTLMSSP_NEGOTIATE_UNICODE ? SBL_TEXT_UTF16LE : SBL_TEXT_OEM;
    const uint8_t *bytes = bytes_of(r, name);
    return bytes && name.bytes % 2 == 0 && bytes[1] == 0 ? SBL_TEXT_UTF16LE : SBL_TEXT_OEM;
}

static bool has_mic(struct reading *r) {
    struct sbl_cursor c = sbl_cursor_of(r->c.base, r->c.size);
    if (r->fixed_end < AUTHENTICATE_FIXED + VERSION_BYTES + MIC_BYTES)
        return false;
    sbl_cursor_seek(&c, AUTHENTICATE_FIXED + VERSION_BYTES);
    const uint8_t *mic = sbl_cursor_take(&c, MIC_BYTES);
    return mic && (r->ntlm->av_flags & MSV_AV_FLAGS_MIC || !are_zero(mic, MIC_BYTES));
}

static void read_authenticate(struct reading *r) {
    struct sbl_ntlm *ntlm = r->ntlm;
    struct field lm = read_field(r, AUTHENTICATE_SHORT);
    struct field nt = read_field(r, AUTHENTICATE_SHORT);
    struct field domain = read_field(r, AUTHENTICATE_SHORT);
    struct field user = read_field(r, AUTHENTICATE_SHORT);
    struct field workstation = read_field(r, AUTHENTICATE_SHORT);
    if (r->c.spoiled)
        return;
    if (r->fixed_end >= AUTHENTICATE_FIXED) {
        (void)read_field(r, AUTHENTICATE_SHORT); /* EncryptedRandomSessionKey: only its place */
        ntlm->flags = r->fixed_end >= AUTHENTICATE_FIXED ? sbl_cursor_le32(&r->c) : 0;
    }
    enum sbl_encoding encoding = encoding_of(r, user.bytes > 0 ? user : domain);
    ntlm->domain = text_of(r, domain, encoding);
    ntlm->user = text_of(r, user, encoding);
    ntlm->workstation = text_of(r, workstation, encoding);
    ntlm->lm_bytes = lm.bytes;
    ntlm->nt_bytes = nt.bytes;
    (void)is_whole(r, lm);
    (void)is_whole(r, nt);
    const uint8_t *lm_answer = lm.bytes == LM_ANSWER_BYTES ? bytes_of(r, lm) : NULL;
    ntlm->answer = (uint8_t)answer_by_flags(
        ntlm_answer_of(lm_answer, lm.bytes, bytes_of(r, nt), nt.bytes, user.bytes > 0), lm_answer,
        ntlm->flags);
    if (ntlm->answer == SBL_ANSWER_NTLMV2)
        read_v2_answer(r, nt);
    read_version(r, AUTHENTICATE_FIXED);
    ntlm->has_mic = has_mic(r);
}

void ntlmssp_read(struct sbl_cursor message, bool is_cut, struct sbl_report *report,
                  struct sbl_ntlm *ntlm) {
    struct reading r = {.c = message, .report = report, .ntlm = ntlm, .is_cut = is_cut};
    r.fixed_end = is_cut ? SIZE_MAX : message.size;
    ntlm->is_cut = is_cut;
    if (!sbl_cursor_starts(&message, signature, sizeof signature)) {
        sbl_report_odd(report, SBL_ODDITY_BAD_MAGIC);
        return;
    }
    sbl_cursor_skip(&r.c, sizeof signature);
    uint32_t type = sbl_cursor_le32(&r.c);
    if (type >= SBL_NTLM_NEGOTIATE && type <= SBL_NTLM_AUTHENTICATE)
        ntlm->message = (uint8_t)type;
    if (type == SBL_NTLM_NEGOTIATE)
        read_negotiate(&r);
    else if (type == SBL_NTLM_CHALLENGE)
        read_challenge(&r);
    else if (type == SBL_NTLM_AUTHENTICATE)
        read_authenticate(&r);
    else if (!r.c.spoiled)
        sbl_report_odd(report, SBL_ODDITY_BAD_MAGIC);
    if (r.c.spoiled)
        sbl_report_odd(report, is_cut ? SBL_ODDITY_CUT_BY_SNAPLEN : SBL_ODDITY_TRUNCATED);
}

static bool recognises(const uint8_t *prefix, size_t size) {
    return size >= 4 && memcmp(prefix, signature, size < 8 ? size : 8) == 0;
}

static void dissect(struct sbl_cursor part_bytes, const struct sbl_part *part,
                    struct sbl_report *report) {
    (void)part;
    struct sbl_observation seen = {.kind = SBL_SAW_NTLMSSP};
    seen.token.wrapping = SBL_WRAPPING_RAW;
    ntlmssp_read(part_bytes, report->is_cut, report, &seen.token.ntlm);
    if (seen.token.ntlm.message != SBL_NTLM_NONE)
        seen.token.mechanism = SBL_MECHANISM_NTLMSSP;
    sbl_report_add(report, &part_bytes, &seen);
}

const struct sbl_dissector sbl_dissector_ntlmssp = {
    .name = "ntlmssp", .prefix_bytes = 12, .recognises = recognises, .dissect = dissect};
