/* SMB_COM_NEGOTIATE, [MS-CIFS] 2.2.4.52 and [MS-SMB] 2.2.4.5. The request lists dialects, each a
 * byte 02 and a terminated name; "SMB 2.002" and "SMB 2.???" among them ask for SMB2. The reply
 * chooses one by its index, and its word count tells the generation:
 *
 *   words 17 (NT LM 0.12)             words 13 (LANMAN)               words 1 (core)
 *     0  2  DialectIndex                0  2  DialectIndex              0  2  DialectIndex
 *     2  1  SecurityMode                2  2  SecurityMode
 *     3  4  MaxMpxCount, MaxNumberVcs   4  8  sizes, RawMode
 *     7 12  sizes, SessionKey          12 10  SessionKey, time, zone
 *    19  4  Capabilities               22  2  EncryptionKeyLength
 *    23  8  SystemTime                 24  2  reserved
 *    31  2  ServerTimeZone
 *    33  1  ChallengeLength
 *   challenge, DomainName, ServerName (NT, without pads); or, with extended security, ServerGUID 16
 *   and a security blob; LANMAN: key, PrimaryDomain.
 *
 * A challenge of 8 bytes is handed on to be compared with others, and never told. */
#include "smb1.h"

enum {
    NEGOTIATE_USER_SECURITY = 0x01,
    NEGOTIATE_ENCRYPT_PASSWORDS = 0x02,
    NEGOTIATE_SECURITY_SIGNATURES_ENABLED = 0x04,
    NEGOTIATE_SECURITY_SIGNATURES_REQUIRED = 0x08,
    CAP_UNICODE = 0x00000004,
    GUID_BYTES = 16,
    NO_DIALECT = 0xFFFF,
    CHALLENGE_BYTES = 8,
};
#define CAP_EXTENDED_SECURITY 0x80000000u

static bool is_smb2_dialect(struct sbl_text name) {
    return name.size == 9 &&
           (memcmp(name.bytes, "SMB 2.002", 9) == 0 || memcmp(name.bytes, "SMB 2.???", 9) == 0);
}

void smb1_negotiate_request(struct smb1_block *block, struct sbl_observation *seen) {
    struct sbl_negotiate *negotiate = &seen->negotiate;
    struct sbl_cursor *bytes = &block->bytes;
    negotiate->dialect_name =
        sbl_cursor_text_at(bytes, bytes->at, sbl_cursor_left(bytes), SBL_TEXT_ASCII);
    negotiate->dialect_name.is_cut = block->is_cut;
    while (sbl_cursor_starts(bytes, "\x02", 1) && negotiate->dialect_count < UINT16_MAX) {
        sbl_cursor_skip(bytes, 1);
        struct sbl_text name = smb1_string_of(block, SBL_TEXT_ASCII);
        if (name.is_cut)
            break;
        negotiate->dialect_count++;
        negotiate->has_smb2_dialect = negotiate->has_smb2_dialect || is_smb2_dialect(name);
    }
    if (sbl_cursor_left(bytes) > 0)
        sbl_report_odd(block->report, SBL_ODDITY_BAD_STRUCTURE_SIZE);
}

static void read_security_mode(uint32_t mode, struct sbl_negotiate *negotiate) {
    negotiate->is_share_level = (mode & NEGOTIATE_USER_SECURITY) == 0;
    negotiate->encrypts_passwords = (mode & NEGOTIATE_ENCRYPT_PASSWORDS) != 0;
}

static void read_key(struct smb1_block *block, size_t key_bytes, struct sbl_negotiate *negotiate) {
    size_t left = sbl_cursor_left(&block->bytes);
    if (key_bytes > left && !block->is_cut)
        sbl_report_odd(block->report, SBL_ODDITY_BAD_LENGTH);
    struct sbl_cursor key = sbl_cursor_blob(&block->bytes, key_bytes < left ? key_bytes : left);
    if (key_bytes == CHALLENGE_BYTES && key_bytes <= left)
        negotiate->challenge = sbl_cursor_le64(&key);
}

static void read_extended(struct smb1_block *block, struct sbl_negotiate *negotiate) {
    struct sbl_cursor *bytes = &block->bytes;
    if (sbl_cursor_left(bytes) < GUID_BYTES)
        return;
    memcpy(negotiate->guid, sbl_cursor_take(bytes, GUID_BYTES), GUID_BYTES);
    /* the blob has no length of its own: it is what remains of the Bytes */
    size_t left = sbl_cursor_left(bytes);
    if (left > 0)
        smb1_token_read(block, block->is_cut ? left + 1 : left, &negotiate->token);
}

/* Some servers write Unicode names into a message that is not flagged so, and say it only by
 * their capability; the names then look it. */
static bool names_are_unicode(const struct smb1_block *block, uint32_t capabilities) {
    struct sbl_cursor look = block->bytes;
    uint16_t unit = sbl_cursor_le16(&look);
    bool looks_unicode = !look.spoiled && unit >= 0x20 && unit <= 0xFF;
    return block->is_unicode || ((capabilities & CAP_UNICODE) != 0 && looks_unicode);
}

static void read_nt(struct smb1_block *block, struct sbl_negotiate *negotiate) {
    struct sbl_cursor *words = &block->words;
    uint8_t mode = sbl_cursor_u8(words);
    read_security_mode(mode, negotiate);
    negotiate->signing_enabled = (mode & NEGOTIATE_SECURITY_SIGNATURES_ENABLED) != 0;
    negotiate->signing_required = (mode & NEGOTIATE_SECURITY_SIGNATURES_REQUIRED) != 0;
    sbl_cursor_skip(words, 16);
    negotiate->capabilities = sbl_cursor_le32(words);
    negotiate->system_time = sbl_cursor_le64(words);
    sbl_cursor_skip(words, 2);
    uint8_t challenge_bytes = sbl_cursor_u8(words);
    negotiate->has_extended_security = (negotiate->capabilities & CAP_EXTENDED_SECURITY) != 0;
    if (negotiate->has_extended_security) {
        read_extended(block, negotiate);
        return;
    }
    read_key(block, challenge_bytes, negotiate);
    block->is_unicode = names_are_unicode(block, negotiate->capabilities);
    /* these names follow the challenge without a pad: the beginning counts as aligned */
    block->origin = (uint32_t)(block->bytes.at % 2);
    smb1_text_align(block);
    negotiate->domain = smb1_string(block);
    negotiate->server = smb1_string(block);
}

static void read_lanman(struct smb1_block *block, struct sbl_negotiate *negotiate) {
    struct sbl_cursor *words = &block->words;
    read_security_mode(sbl_cursor_le16(words), negotiate);
    sbl_cursor_skip(words, 18);
    uint16_t key_bytes = sbl_cursor_le16(words);
    read_key(block, key_bytes, negotiate);
    negotiate->domain = smb1_string_of(block, SBL_TEXT_OEM);
}

void smb1_negotiate_response(struct smb1_block *block, struct sbl_observation *seen) {
    struct sbl_negotiate *negotiate = &seen->negotiate;
    negotiate->dialect_index = NO_DIALECT;
    if (block->word_count == 0)
        return;
    negotiate->dialect_index = sbl_cursor_le16(&block->words);
    if (block->word_count == 17)
        read_nt(block, negotiate);
    else if (block->word_count == 13)
        read_lanman(block, negotiate);
    else
        negotiate->is_share_level = negotiate->dialect_index != NO_DIALECT;
}
