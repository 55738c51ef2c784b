/* SMB_COM_SESSION_SETUP_ANDX, [MS-CIFS] 2.2.4.53 and [MS-SMB] 2.2.4.6: the logon. Three forms of
 * the request, told by the word count, all beginning alike:
 *
 *    0  4  AndX          10 (LANMAN)            12 (extended security)   13 (NT)
 *    4  2  MaxBufferSize 14 2 PasswordLength    14 2 SecurityBlobLength  14 2 OEMPasswordLength
 *    6  2  MaxMpxCount                                                   16 2 UnicodePasswordLength
 *    8  2  VcNumber
 *   10  4  SessionKey
 *   Bytes: 10, 13: password(s), AccountName, PrimaryDomain, NativeOS, NativeLanMan
 *          12: security blob, NativeOS, NativeLanMan, from some clients PrimaryDomain
 *
 * Reply: words 3: AndX, Action; 4: AndX, Action, SecurityBlobLength; 0: refused. Bytes: [blob,]
 * NativeOS, NativeLanMan, PrimaryDomain (of the server, whoever checked the account).
 *
 * Of passwords and answers only the lengths and the kind leave this file, never a byte. */
#include "smb1.h"
#include "token.h"

enum {
    SMB_SETUP_GUEST = 0x0001,
    ANSWER_BYTES = 24,       /* LM, NTLMv1, LMv2 */
    NTLMV2_LEAST_BYTES = 44, /* NTProofStr and the shortest NTLMv2_CLIENT_CHALLENGE */
    NTLMV2_VERSION_AT = 16,  /* RespType, HiRespType: 01 01 */
};

void smb1_token_read(struct smb1_block *block, size_t count, struct sbl_auth_token *token) {
    size_t left = sbl_cursor_left(&block->bytes);
    bool is_cut = count > left;
    if (is_cut && !block->is_cut)
        sbl_report_odd(block->report, SBL_ODDITY_BAD_LENGTH);
    size_t bytes = is_cut ? left : count;
    const uint8_t *blob = sbl_cursor_take(&block->bytes, bytes);
    if (blob)
        token_read(blob, bytes, is_cut, block->report, token);
}

/* A password of form 10 or 13 by its length; bytes is NULL when it was not captured. */
struct password {
    const uint8_t *bytes;
    size_t size;
};

static bool is_answer_length(size_t size) {
    return size <= 1 || size == ANSWER_BYTES;
}

/* A clear-text password shows by a length no answer has. A long one passes for an NTLMv2 answer
 * unless the bytes that every such answer has in the same place are missing. */
static bool is_plaintext(struct password lm, struct password nt) {
    if (lm.size == ANSWER_BYTES)
        return false;
    if (!is_answer_length(lm.size))
        return true;
    if (nt.size < NTLMV2_LEAST_BYTES)
        return !is_answer_length(nt.size);
    return nt.bytes && (nt.bytes[NTLMV2_VERSION_AT] != 1 || nt.bytes[NTLMV2_VERSION_AT + 1] != 1);
}

static uint8_t answer_of(struct password lm, struct password nt, bool has_user) {
    enum { EMPTY_PASSWORDS_BYTES = 3 }; /* a terminator in each encoding */
    if (!has_user && lm.size + nt.size <= EMPTY_PASSWORDS_BYTES)
        return SBL_ANSWER_ANONYMOUS;
    if (is_plaintext(lm, nt))
        return SBL_ANSWER_PLAINTEXT;
    return (uint8_t)ntlm_answer_of(lm.bytes, lm.size, nt.bytes, nt.size, has_user);
}

/* Steps over a password; what was not captured, or never sent, is NULL. */
static struct password take_password(struct smb1_block *block, size_t size) {
    size_t left = sbl_cursor_left(&block->bytes);
    if (size > left) {
        if (!block->is_cut)
            sbl_report_odd(block->report, SBL_ODDITY_BAD_LENGTH);
        sbl_cursor_skip(&block->bytes, left);
        return (struct password){.size = size};
    }
    return (struct password){.bytes = sbl_cursor_take(&block->bytes, size), .size = size};
}

/* Forms 10 and 13: names and passwords in the open. */
static void read_passwords_form(struct smb1_block *block, struct sbl_session_setup *setup) {
    struct sbl_cursor *words = &block->words;
    setup->lm_bytes = sbl_cursor_le16(words);
    setup->nt_bytes = setup->form == 13 ? sbl_cursor_le16(words) : 0;
    struct password lm = take_password(block, setup->lm_bytes);
    struct password nt = {.size = setup->nt_bytes};
    if (block->is_unicode && is_plaintext(lm, nt) && (block->origin + block->bytes.at) % 2 != 0 &&
        sbl_cursor_starts(&block->bytes, "", 1))
        sbl_cursor_skip(&block->bytes, 1); /* a clear-text password is a text with its own pad */
    nt = take_password(block, nt.size);
    bool has_passwords = lm.bytes && nt.bytes;
    if (has_passwords) {
        smb1_text_align(block);
        setup->account = smb1_string(block);
        setup->domain = smb1_string(block);
        setup->native_os = smb1_string(block);
        setup->native_lanman = smb1_string(block);
    } else {
        setup->account = setup->domain = (struct sbl_text){.is_cut = true};
    }
    bool has_user = !sbl_text_is_present(setup->account) || !sbl_text_is_empty(setup->account);
    setup->answer = answer_of(lm, nt, has_user);
    setup->token.mechanism =
        setup->answer == SBL_ANSWER_PLAINTEXT ? SBL_MECHANISM_PLAINTEXT : SBL_MECHANISM_LANMAN_NT;
}

static void read_natives(struct smb1_block *block, struct sbl_session_setup *setup) {
    smb1_text_align(block);
    setup->native_os = smb1_string(block);
    setup->native_lanman = smb1_string(block);
    setup->native_domain = smb1_string(block);
}

void smb1_session_request(struct smb1_block *block, struct sbl_observation *seen) {
    struct sbl_session_setup *setup = &seen->session_setup;
    setup->form = block->word_count;
    sbl_cursor_skip(&block->words, 14);
    if (setup->form != 12) {
        read_passwords_form(block, setup);
        return;
    }
    smb1_token_read(block, sbl_cursor_le16(&block->words), &setup->token);
    read_natives(block, setup);
}

void smb1_session_response(struct smb1_block *block, struct sbl_observation *seen) {
    struct sbl_session_setup *setup = &seen->session_setup;
    if (block->word_count == 0)
        return;
    sbl_cursor_skip(&block->words, 4);
    setup->is_guest = (sbl_cursor_le16(&block->words) & SMB_SETUP_GUEST) != 0; /* Action */
    if (block->word_count == 4)
        smb1_token_read(block, sbl_cursor_le16(&block->words), &setup->token);
    read_natives(block, setup);
}
