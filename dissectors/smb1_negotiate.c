/* SMB_COM_NEGOTIATE, [MS-CIFS] 2.2.4.52 and [MS-SMB] 2.2.4.5. The request lists dialects, each a
 * byte 02 and a terminated name. The reply chooses one by its index, and its word count tells the
 * generation:
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
 *   and a security blob, for which nobody asks; LANMAN: key, PrimaryDomain.
 *
 * A challenge of 8 bytes is handed on to be compared with others, and never told. */
#include "smb1.h"

enum {
    NEGOTIATE_ENCRYPT_PASSWORDS = 0x02,
    NEGOTIATE_SECURITY_SIGNATURES_REQUIRED = 0x08,
    CAP_UNICODE = 0x00000004,
    NO_DIALECT = 0xFFFF,
    DIALECT_FOLLOWS = 0x02,
    CHALLENGE_BYTES = 8,
};
#define CAP_EXTENDED_SECURITY 0x80000000u

/* Whether bytes are a list of dialects: the first is 02, and so is each behind a terminator; the
 * last one may lack its own. Byte by byte and without a branch, so that the compiler looks at
 * sixteen at once. */
static bool are_dialects(const uint8_t *bytes, size_t size) {
    uint8_t is_other = size > 0 && bytes[0] != DIALECT_FOLLOWS;
    for (size_t i = 1; i < size; i++)
        is_other |= (uint8_t)((bytes[i - 1] == 0) & (bytes[i] != DIALECT_FOLLOWS));
    return is_other == 0;
}

void smb1_negotiate_request(struct smb1_block *block, struct sbl_observation *seen) {
    struct sbl_cursor *c = &block->bytes;
    size_t size = sbl_cursor_left(c);
    const uint8_t *bytes = sbl_cursor_look(c, c->at, size);
    seen->negotiate.dialect_name = sbl_cursor_text_at(c, c->at, size, SBL_TEXT_ASCII);
    seen->negotiate.dialect_name.is_cut = block->is_cut;
    if (!are_dialects(bytes, size))
        sbl_report_odd(block->report, SBL_ODDITY_BAD_STRUCTURE_SIZE);
}

static void read_security_mode(uint32_t mode, struct sbl_negotiate *negotiate) {
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
    negotiate->signing_required = (mode & NEGOTIATE_SECURITY_SIGNATURES_REQUIRED) != 0;
    sbl_cursor_skip(words, 16);
    uint32_t capabilities = sbl_cursor_le32(words);
    sbl_cursor_skip(words, 8 + 2); /* SystemTime, ServerTimeZone */
    uint8_t challenge_bytes = sbl_cursor_u8(words);
    if (capabilities & CAP_EXTENDED_SECURITY)
        return;
    read_key(block, challenge_bytes, negotiate);
    block->is_unicode = names_are_unicode(block, capabilities);
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
}
