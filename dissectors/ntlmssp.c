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
    NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED = 0x00002000,
    NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY = 0x00080000,
    NTLMSSP_NEGOTIATE_VERSION = 0x02000000,
};

enum {
    MSV_AV_EOL = 0,
    MSV_AV_NB_COMPUTER_NAME = 1,
    /* 2 MsvAvNbDomainName, 3 MsvAvDnsComputerName, 4 MsvAvDnsDomainName, 5 MsvAvDnsTreeName */
    MSV_AV_FLAGS = 6,
    MSV_AV_TIMESTAMP = 7,
    MSV_AV_TARGET_NAME = 9,
    MSV_AV_FLAGS_MIC = 0x00000002,
};

enum {
    SIGNATURE_BYTES = 8,
    TYPE_END = 12, /* of MessageType, behind the signature */
    VERSION_BYTES = 8,
    MIC_AT = 72,
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

/* The reading of one message. The fixed part is read by a cursor of its own; `c` never moves. */
struct reading {
    struct sbl_cursor c; /* over the message; spoiled when the fixed part was short */
    struct sbl_report *report;
    struct sbl_ntlm *ntlm;
    bool is_cut;
    size_t fixed_end; /* where the lowest payload begins; no payload: the end */
};

/* A cursor over the fixed part behind MessageType, which ends at `end`. Where it is whole, as
 * nearly always, its size is a constant: the compiler then leaves out the check of every field.
 * Both ways are to be one function, made for each. */
SBL_STEP struct sbl_cursor fixed_of(const struct reading *r, size_t end) {
    return (struct sbl_cursor){.base = r->c.base, .size = end, .at = TYPE_END};
}

/* Reads a field and lets its payload, when it has one, bound the fixed part. A payload that would
 * lie before `floor` is a lie and becomes a field of no bytes far outside. */
SBL_STEP struct field read_field(struct reading *r, struct sbl_cursor *fixed, size_t floor) {
    struct field field = {.bytes = sbl_cursor_le16(fixed)};
    sbl_cursor_skip(fixed, 2);
    field.offset = sbl_cursor_le32(fixed);
    if (field.bytes == 0)
        return field;
    if (SBL_RARELY(field.offset < floor)) {
        sbl_report_odd(r->report, SBL_ODDITY_BAD_OFFSET);
        field.offset = UINT32_MAX;
    }
    if (field.offset < r->fixed_end)
        r->fixed_end = field.offset;
    return field;
}

/* Notes a payload that is not all there: the capture's fault or the sender's. */
SBL_ASIDE void note_short(struct reading *r, uint32_t offset) {
    r->ntlm->is_cut = true;
    if (!r->is_cut && offset != UINT32_MAX)
        sbl_report_odd(r->report,
                       offset > r->c.size ? SBL_ODDITY_BAD_OFFSET : SBL_ODDITY_BAD_LENGTH);
}

SBL_STEP void check_whole(struct reading *r, struct field field) {
    size_t size = r->c.size;
    if (SBL_RARELY(field.offset > size || field.bytes > size - field.offset))
        note_short(r, field.offset);
}

SBL_STEP struct sbl_text text_of(struct reading *r, struct field field,
                                 enum sbl_encoding encoding) {
    if (field.bytes == 0) /* sent, and empty; the offset of nothing may be anything */
        return sbl_cursor_text_at(&r->c, 0, 0, encoding);
    check_whole(r, field);
    if (SBL_RARELY(encoding == SBL_TEXT_UTF16LE && field.bytes % 2 != 0))
        sbl_report_odd(r->report, SBL_ODDITY_ODD_UTF16);
    return sbl_cursor_text_at(&r->c, field.offset, field.bytes, encoding);
}

/* A window over what there is of a payload. */
SBL_STEP struct sbl_cursor payload_of(const struct reading *r, struct field field) {
    size_t size = r->c.size;
    if (field.bytes == 0 || field.offset >= size)
        return sbl_cursor_of(NULL, 0);
    size_t left = size - field.offset;
    struct sbl_cursor whole = {.base = r->c.base, .size = size};
    return sbl_cursor_window(&whole, field.offset, field.bytes < left ? field.bytes : left);
}

/* The first byte of a payload that is all there, else NULL. */
SBL_STEP const uint8_t *bytes_of(const struct reading *r, struct field field) {
    struct sbl_cursor payload = payload_of(r, field);
    return field.bytes > 0 ? sbl_cursor_take(&payload, field.bytes) : NULL;
}

/* Whether `count` bytes, at most those of an LM answer, are zero. */
SBL_STEP bool are_zero(const uint8_t *bytes, size_t count) {
    static const uint8_t zero[LM_ANSWER_BYTES];
    return memcmp(bytes, zero, count) == 0;
}

/* Version stands at `at` when it is flagged and every payload is behind it. */
SBL_STEP void read_version(struct reading *r, size_t at) {
    struct sbl_cursor c = {.base = r->c.base, .size = at + VERSION_BYTES, .at = at};
    struct sbl_ntlm *ntlm = r->ntlm;
    if (!(ntlm->flags & NTLMSSP_NEGOTIATE_VERSION) || r->fixed_end < at + VERSION_BYTES ||
        r->c.size < at + VERSION_BYTES)
        return;
    ntlm->has_version = true;
    ntlm->version_major = sbl_cursor_u8(&c);
    ntlm->version_minor = sbl_cursor_u8(&c);
    ntlm->version_build = sbl_cursor_le16(&c);
}

/* Where the text of an AV pair belongs: `names` has the first five, `spn` MsvAvTargetName. NULL for
 * what is not kept of this message, or not text. Sets whether it is text. */
SBL_STEP struct sbl_text *place_of(uint16_t id, struct sbl_text *names, struct sbl_text *spn,
                                   bool *is_text) {
    unsigned index = id - (unsigned)MSV_AV_NB_COMPUTER_NAME;
    *is_text = index < SBL_NTLM_NAMES || id == MSV_AV_TARGET_NAME;
    if (names)
        return index < SBL_NTLM_NAMES ? &names[index] : NULL;
    return id == MSV_AV_TARGET_NAME ? spn : NULL;
}

/* The value of a pair that is no text. */
SBL_STEP void read_value(struct sbl_ntlm *ntlm, uint16_t id, const uint8_t *value, size_t bytes) {
    if (id == MSV_AV_FLAGS && bytes >= 4)
        ntlm->av_flags = sbl_block_le32(value, 0);
    if (id == MSV_AV_TIMESTAMP && bytes >= 8) {
        ntlm->timestamp = sbl_block_le64(value, 0);
        ntlm->has_timestamp = true;
    }
}

/* AV pairs, [MS-NLMP] 2.2.2.1: Id 2, Len 2, value; in any order, the list may end without EOL. Of
 * an id sent twice the first counts. */
SBL_STEP void read_av_pairs(struct reading *r, struct sbl_cursor list, struct sbl_text *names,
                            struct sbl_text *spn) {
    struct sbl_ntlm *ntlm = r->ntlm;
    while (sbl_cursor_left(&list) >= 4) {
        uint16_t id = sbl_cursor_le16(&list);
        uint16_t bytes = sbl_cursor_le16(&list);
        bool is_text, is_short = bytes > sbl_cursor_left(&list);
        if (id == MSV_AV_EOL)
            return;
        ntlm->has_av_pairs = true;
        struct sbl_text *text = place_of(id, names, spn, &is_text);
        if (text && !sbl_text_is_present(*text))
            *text = sbl_cursor_text_at(&list, list.at, bytes, SBL_TEXT_UTF16LE);
        if (SBL_RARELY(is_text && bytes % 2 != 0))
            sbl_report_odd(r->report, SBL_ODDITY_ODD_UTF16);
        if (SBL_RARELY(is_short)) {
            note_short(r, 0);
            return;
        }
        const uint8_t *value = sbl_cursor_take(&list, bytes);
        if (!is_text)
            read_value(ntlm, id, value, bytes);
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
    if (answer == SBL_ANSWER_PLAINTEXT)
        return SBL_ANSWER_UNKNOWN;
    if (!(flags & NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY))
        return answer;
    if (answer == SBL_ANSWER_LM)
        return SBL_ANSWER_LMV2;
    if (answer != SBL_ANSWER_NTLMV1)
        return answer;
    return lm && !are_zero(lm, LM_ANSWER_BYTES) ? answer : SBL_ANSWER_NTLMV1_ESS;
}

struct negotiate_fields {
    struct field domain, workstation;
};

SBL_STEP struct negotiate_fields negotiate_fields(struct reading *r, struct sbl_cursor fixed) {
    struct negotiate_fields f = {{0}, {0}};
    r->ntlm->flags = sbl_cursor_le32(&fixed);
    if (fixed.size >= NEGOTIATE_FIXED) {
        f.domain = read_field(r, &fixed, NEGOTIATE_FIXED);
        f.workstation = read_field(r, &fixed, NEGOTIATE_FIXED);
    }
    r->c.spoiled = fixed.spoiled;
    return f;
}

SBL_ASIDE void read_short_negotiate(struct reading *r) {
    (void)negotiate_fields(r, fixed_of(r, r->c.size));
    if (r->c.size > NEGOTIATE_SHORT && !r->is_cut)
        sbl_report_odd(r->report, SBL_ODDITY_TRUNCATED);
}

/* The domain in a NEGOTIATE is the computer's, and nobody asks for it. */
SBL_STEP void read_negotiate(struct reading *r) {
    struct sbl_ntlm *ntlm = r->ntlm;
    ntlm->workstation = (struct sbl_text){0};
    if (r->c.size < NEGOTIATE_FIXED) {
        read_short_negotiate(r);
        return;
    }
    struct negotiate_fields f = negotiate_fields(r, fixed_of(r, NEGOTIATE_FIXED));
    if (f.domain.bytes > 0)
        check_whole(r, f.domain);
    if (f.workstation.bytes > 0 || ntlm->flags & NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED)
        ntlm->workstation = text_of(r, f.workstation, SBL_TEXT_OEM);
    read_version(r, NEGOTIATE_FIXED);
}

struct challenge_fields {
    struct field target_name, target_info;
    bool has_target_info;
};

SBL_STEP struct challenge_fields challenge_fields(struct reading *r, struct sbl_cursor fixed) {
    struct challenge_fields f = {.target_name = read_field(r, &fixed, CHALLENGE_SHORT)};
    r->ntlm->flags = sbl_cursor_le32(&fixed);
    r->c.spoiled = fixed.spoiled;
    if (!fixed.spoiled && sbl_cursor_left(&fixed) >= CHALLENGE_BYTES)
        r->ntlm->challenge = sbl_cursor_le64(&fixed);
    f.has_target_info =
        !fixed.spoiled && r->fixed_end >= CHALLENGE_FIXED && fixed.size >= CHALLENGE_FIXED;
    sbl_cursor_skip(&fixed, 8); /* Reserved */
    if (f.has_target_info)
        f.target_info = read_field(r, &fixed, CHALLENGE_FIXED);
    return f;
}

SBL_ASIDE struct challenge_fields short_challenge_fields(struct reading *r) {
    return challenge_fields(r, fixed_of(r, r->c.size));
}

SBL_APART void read_challenge(struct reading *r) {
    struct sbl_ntlm *ntlm = r->ntlm;
    memset(ntlm->names, 0, sizeof ntlm->names);
    ntlm->target_name = (struct sbl_text){0};
    struct challenge_fields f = r->c.size < CHALLENGE_FIXED
                                    ? short_challenge_fields(r)
                                    : challenge_fields(r, fixed_of(r, CHALLENGE_FIXED));
    if (r->c.spoiled)
        return;
    ntlm->target_name =
        text_of(r, f.target_name,
                ntlm->flags & NTLMSSP_NEGOTIATE_UNICODE ? SBL_TEXT_UTF16LE : SBL_TEXT_OEM);
    if (!f.has_target_info)
        return;
    if (f.target_info.bytes > 0) {
        check_whole(r, f.target_info);
        read_av_pairs(r, payload_of(r, f.target_info), ntlm->names, NULL);
    }
    read_version(r, CHALLENGE_FIXED);
}

/* NTLMv2_CLIENT_CHALLENGE, [MS-NLMP] 2.2.2.7, behind the 16 bytes of proof: types 2, reserved 6,
 * TimeStamp 8, client challenge 8, reserved 4, AV pairs. */
SBL_STEP void read_v2_answer(struct reading *r, struct field nt) {
    struct sbl_cursor answer = payload_of(r, nt);
    sbl_cursor_skip(&answer, PROOF_BYTES + 8);
    r->ntlm->answer_time = sbl_cursor_le64(&answer);
    sbl_cursor_skip(&answer, CHALLENGE_BYTES + 4);
    if (!answer.spoiled)
        read_av_pairs(r, answer, NULL, &r->ntlm->spn);
}

struct authenticate_fields {
    struct field lm, nt, domain, user, workstation;
};

/* Old clients stop before the key and the flags. */
SBL_STEP struct authenticate_fields authenticate_fields(struct reading *r,
                                                        struct sbl_cursor fixed) {
    struct authenticate_fields f;
    f.lm = read_field(r, &fixed, AUTHENTICATE_SHORT);
    f.nt = read_field(r, &fixed, AUTHENTICATE_SHORT);
    f.domain = read_field(r, &fixed, AUTHENTICATE_SHORT);
    f.user = read_field(r, &fixed, AUTHENTICATE_SHORT);
    f.workstation = read_field(r, &fixed, AUTHENTICATE_SHORT);
    if (!fixed.spoiled && r->fixed_end >= AUTHENTICATE_FIXED) {
        (void)read_field(r, &fixed, AUTHENTICATE_SHORT); /* EncryptedRandomSessionKey: its place */
        r->ntlm->flags = r->fixed_end >= AUTHENTICATE_FIXED ? sbl_cursor_le32(&fixed) : 0;
    }
    r->c.spoiled = fixed.spoiled;
    return f;
}

SBL_ASIDE struct authenticate_fields short_authenticate_fields(struct reading *r) {
    return authenticate_fields(r, fixed_of(r, r->c.size));
}

/* Old clients send no flags: their first name tells by its shape how text is encoded. */
SBL_STEP enum sbl_encoding encoding_of(const struct reading *r,
                                       const struct authenticate_fields *f) {
    if (r->fixed_end >= AUTHENTICATE_FIXED)
        return r->ntlm->flags & NTLMSSP_NEGOTIATE_UNICODE ? SBL_TEXT_UTF16LE : SBL_TEXT_OEM;
    struct field name = f->user.bytes > 0 ? f->user : f->domain;
    const uint8_t *bytes = bytes_of(r, name);
    return bytes && name.bytes % 2 == 0 && bytes[1] == 0 ? SBL_TEXT_UTF16LE : SBL_TEXT_OEM;
}

SBL_STEP bool has_mic(const struct reading *r) {
    struct sbl_cursor c = {.base = r->c.base, .size = MIC_AT + MIC_BYTES, .at = MIC_AT};
    if (r->fixed_end < MIC_AT + MIC_BYTES || r->c.size < MIC_AT + MIC_BYTES)
        return false;
    const uint8_t *mic = sbl_cursor_take(&c, MIC_BYTES);
    return r->ntlm->av_flags & MSV_AV_FLAGS_MIC || !are_zero(mic, MIC_BYTES);
}

/* Lengths and kind of the two answers, and what an NTLMv2 answer says besides. */
SBL_STEP void read_answers(struct reading *r, struct field lm, struct field nt, bool has_user) {
    struct sbl_ntlm *ntlm = r->ntlm;
    ntlm->lm_bytes = lm.bytes;
    ntlm->nt_bytes = nt.bytes;
    check_whole(r, lm);
    check_whole(r, nt);
    const uint8_t *lm_answer = lm.bytes == LM_ANSWER_BYTES ? bytes_of(r, lm) : NULL;
    enum sbl_ntlm_answer answer =
        ntlm_answer_of(lm_answer, lm.bytes, bytes_of(r, nt), nt.bytes, has_user);
    ntlm->answer = (uint8_t)answer_by_flags(answer, lm_answer, ntlm->flags);
    if (ntlm->answer == SBL_ANSWER_NTLMV2)
        read_v2_answer(r, nt);
}

SBL_APART void read_authenticate(struct reading *r) {
    struct sbl_ntlm *ntlm = r->ntlm;
    ntlm->domain = ntlm->user = ntlm->workstation = ntlm->spn = (struct sbl_text){0};
    struct authenticate_fields f = r->c.size < AUTHENTICATE_FIXED
                                       ? short_authenticate_fields(r)
                                       : authenticate_fields(r, fixed_of(r, AUTHENTICATE_FIXED));
    if (r->c.spoiled && r->c.size < AUTHENTICATE_SHORT)
        return;
    enum sbl_encoding encoding = encoding_of(r, &f);
    ntlm->domain = text_of(r, f.domain, encoding);
    ntlm->user = text_of(r, f.user, encoding);
    ntlm->workstation = text_of(r, f.workstation, encoding);
    read_answers(r, f.lm, f.nt, f.user.bytes > 0);
    read_version(r, AUTHENTICATE_FIXED);
    ntlm->has_mic = has_mic(r);
}

/* What no message of the three is. */
SBL_ASIDE void note_unknown(struct reading *r) {
    if (!r->c.spoiled)
        sbl_report_odd(r->report, SBL_ODDITY_BAD_MAGIC);
}

void ntlmssp_read(const uint8_t *message, size_t size, bool is_cut, struct sbl_report *report,
                  struct sbl_ntlm *ntlm) {
    struct reading r = {
        .c = sbl_cursor_of(message, size), .report = report, .ntlm = ntlm, .is_cut = is_cut};
    struct sbl_cursor head = r.c;
    r.fixed_end = is_cut ? SIZE_MAX : size;
    memset(ntlm, 0, offsetof(struct sbl_ntlm, workstation));
    ntlm->is_cut = is_cut;
    if (!sbl_cursor_starts(&head, signature, sizeof signature)) {
        sbl_report_odd(report, SBL_ODDITY_BAD_MAGIC);
        return;
    }
    sbl_cursor_skip(&head, sizeof signature);
    uint32_t type = sbl_cursor_le32(&head);
    r.c.spoiled = head.spoiled;
    if (type >= SBL_NTLM_NEGOTIATE && type <= SBL_NTLM_AUTHENTICATE)
        ntlm->message = (uint8_t)type;
    if (type == SBL_NTLM_NEGOTIATE)
        read_negotiate(&r);
    else if (type == SBL_NTLM_CHALLENGE)
        read_challenge(&r);
    else if (type == SBL_NTLM_AUTHENTICATE)
        read_authenticate(&r);
    else
        note_unknown(&r);
    if (SBL_RARELY(r.c.spoiled))
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
    ntlmssp_read(part_bytes.base, part_bytes.size, report->is_cut, report, &seen.token.ntlm);
    if (seen.token.ntlm.message != SBL_NTLM_NONE)
        seen.token.mechanism = SBL_MECHANISM_NTLMSSP;
    sbl_report_add(report, &part_bytes, &seen);
}

const struct sbl_dissector sbl_dissector_ntlmssp = {
    .name = "ntlmssp", .prefix_bytes = 12, .recognises = recognises, .dissect = dissect};
