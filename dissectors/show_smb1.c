/* What may be shown of an SMB1 message: the header but for its signature, the words of commands
 * whose words hold no data, and of their Bytes the names that the dissector found. Passwords and
 * challenges lie in the Bytes, in front of names and told from them by a length alone: where that
 * is none a password can have, no name is shown. */
#include "show.h"
#include "smb1.h"

enum {
    SMB1_FLAGS_AT = 9,
    SMB1_SIGNATURE_AT = 14,
    SMB1_SIGNATURE_BYTES = 8,
    SMB1_FLAGS_REPLY = 0x80,
    FORMAT_ASCII = 0x04, /* before the names of the core commands */
    GUID_BYTES = 16,
    ANDX_BYTES = 4,       /* AndXCommand, reserved, AndXOffset */
    WORDS_MOST = 50,      /* of the longest form, the reply to NT_CREATE_ANDX */
    PARAMETERS_MOST = 64, /* of a transaction, before the name in them */
};
#define CAP_EXTENDED_SECURITY 0x80000000u

static const uint8_t NO_SIGNATURE[] = "BSRSPYL ";

/* The block at hand. */
struct block {
    struct showing *s;
    const struct sbl_report *report;
    struct smb1_frame frame;
    uint8_t command;
    bool is_response;
    uint32_t origin; /* of the part in the message */
};

static const struct sbl_observation *seen_of(const struct block *b, uint8_t kind) {
    for (uint32_t i = 0; i < b->report->count; i++)
        if (b->report->observations[i].kind == kind)
            return &b->report->observations[i];
    return NULL;
}

/* Whether the names of forms 10 and 13 are all there is behind the passwords: where a length is
 * wrong, what is left of a password passes for a name, and there is one name too many. */
static bool are_names_all(const struct block *b, const struct sbl_session_setup *setup) {
    const struct sbl_text names[] = {setup->account, setup->domain, setup->native_os,
                                     setup->native_lanman};
    size_t end = b->frame.bytes_at + b->frame.byte_count, at = 0, unit = 1;
    bool is_cut = end > b->s->size;
    if (is_cut)
        end = b->s->size;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!sbl_text_is_present(names[i]) || names[i].bytes < b->s->base)
            return is_cut && at > 0;
        unit = names[i].encoding == SBL_TEXT_UTF16LE ? 2 : 1;
        at = (size_t)(names[i].bytes - b->s->base) + names[i].size;
    }
    return at <= end && end - at <= 2 * unit;
}

/* Passwords of forms 10 and 13. A clear one in Unicode has a pad before it. */
static void show_passwords(struct block *b, const struct sbl_observation *seen) {
    const struct sbl_session_setup *setup = &seen->session_setup;
    size_t lm_at = b->frame.bytes_at, nt_at = lm_at + setup->lm_bytes;
    bool is_plain = setup->answer == SBL_ANSWER_PLAINTEXT;
    if (setup->answer == SBL_ANSWER_UNKNOWN)
        return;
    show_lm_answer(b->s, lm_at, setup->lm_bytes);
    if (setup->nt_bytes > 0)
        show_nt_answer(b->s, nt_at, setup->nt_bytes);
    if (are_names_all(b, setup))
        show_names(b->s, seen, is_plain ? SHOW_LATIN : SHOW_ANY_SCRIPT);
    if (is_plain) /* whatever the lengths say, all of it up to the names */
        show_masked(b->s, lm_at, (size_t)setup->lm_bytes + setup->nt_bytes);
}

static void show_setup(struct block *b) {
    const struct sbl_observation *seen =
        seen_of(b, b->is_response ? SBL_SAW_SESSION_SETUP_RESPONSE : SBL_SAW_SESSION_SETUP_REQUEST);
    if (!seen)
        return;
    if (!b->is_response && seen->session_setup.form != 12) {
        show_passwords(b, seen);
        return;
    }
    size_t blob_at = b->is_response ? 6 : 14;
    struct sbl_cursor c = sbl_cursor_of(b->s->base, b->s->size);
    sbl_cursor_seek(&c, b->frame.words_at + blob_at);
    if (b->frame.word_count == (b->is_response ? 4 : 12))
        show_token(b->s, b->frame.bytes_at, sbl_cursor_le16(&c));
    show_names(b->s, seen, SHOW_ANY_SCRIPT);
}

/* Dialects are printable, each behind a byte 02. */
static void show_dialects(struct block *b) {
    struct sbl_cursor c = sbl_cursor_of(b->s->base, b->s->size);
    const uint8_t *bytes = sbl_cursor_look(&c, b->frame.bytes_at, b->frame.byte_count);
    for (size_t i = 0; bytes && i < b->frame.byte_count; i++)
        if (bytes[i] != 0 && bytes[i] != 2 && (bytes[i] < 0x20 || bytes[i] > 0x7E))
            return;
    if (bytes)
        show_bytes(b->s, b->frame.bytes_at, b->frame.byte_count);
}

static void show_negotiate_response(struct block *b) {
    struct sbl_cursor c = sbl_cursor_of(b->s->base, b->s->size);
    size_t at = b->frame.bytes_at, key_bytes = 0;
    if (b->frame.word_count == 17) {
        sbl_cursor_seek(&c, b->frame.words_at + 19);
        bool is_extended = (sbl_cursor_le32(&c) & CAP_EXTENDED_SECURITY) != 0;
        sbl_cursor_skip(&c, 10); /* SystemTime, ServerTimeZone */
        key_bytes = sbl_cursor_u8(&c);
        if (is_extended && key_bytes == 0 && b->frame.byte_count > GUID_BYTES) {
            show_bytes(b->s, at, GUID_BYTES);
            show_token(b->s, at + GUID_BYTES, b->frame.byte_count - (size_t)GUID_BYTES);
            return;
        }
    } else if (b->frame.word_count == 13) {
        sbl_cursor_seek(&c, b->frame.words_at + 22);
        key_bytes = sbl_cursor_le16(&c);
    }
    const struct sbl_observation *seen = seen_of(b, SBL_SAW_NEGOTIATE_RESPONSE);
    show_masked(b->s, at, key_bytes);
    if (seen)
        show_names(b->s, seen, SHOW_LATIN);
}

/* The path behind a password: whatever is shown begins as a path does. */
static void show_tree(struct block *b) {
    const struct sbl_observation *seen = seen_of(b, SBL_SAW_TREE_CONNECT_REQUEST);
    if (b->is_response || !seen)
        return;
    struct sbl_text path = seen->tree_connect.path;
    bool is_unicode = path.encoding == SBL_TEXT_UTF16LE;
    bool is_path = sbl_text_is_present(path) && path.size >= (is_unicode ? 2u : 1u) &&
                   (path.bytes[0] == '\\' || path.bytes[0] == '/') &&
                   (!is_unicode || path.bytes[1] == 0);
    if (b->command == SMB_COM_TREE_CONNECT_ANDX) {
        struct sbl_cursor c = sbl_cursor_of(b->s->base, b->s->size);
        sbl_cursor_seek(&c, b->frame.words_at + 6);
        show_lm_answer(b->s, b->frame.bytes_at, sbl_cursor_le16(&c));
    }
    if (is_path)
        show_text(b->s, path, SHOW_ANY_SCRIPT);
    if (is_path && b->command == SMB_COM_TREE_CONNECT)
        show_bytes(b->s, b->frame.bytes_at, 1); /* its format byte */
}

/* A name with what stands before it: the format byte of a core command, or the parameters of a
 * transaction. */
static void show_open(struct block *b) {
    const struct sbl_observation *seen = seen_of(b, SBL_SAW_OPEN_REQUEST);
    if (!seen)
        seen = seen_of(b, SBL_SAW_DFS_REFERRAL_REQUEST);
    if (seen)
        show_names(b->s, seen, SHOW_ANY_SCRIPT);
    if (b->s->base[b->frame.bytes_at] == FORMAT_ASCII)
        show_bytes(b->s, b->frame.bytes_at, 1);
    bool is_transaction = b->command == SMB_COM_TRANSACTION2 || b->command == SMB_COM_NT_TRANSACT;
    if (!is_transaction || !seen || !sbl_text_is_present(seen->open.name))
        return;
    struct sbl_cursor c = sbl_cursor_of(b->s->base, b->s->size);
    bool is_nt = b->command == SMB_COM_NT_TRANSACT;
    sbl_cursor_seek(&c, b->frame.words_at + (is_nt ? 23 : 20));
    size_t at = is_nt ? sbl_cursor_le32(&c) : sbl_cursor_le16(&c);
    at = at < b->origin ? SIZE_MAX : at - b->origin;
    size_t name_at = (size_t)(seen->open.name.bytes - b->s->base);
    if (seen->open.name.bytes >= b->s->base && name_at <= b->s->size && at <= name_at &&
        name_at - at <= PARAMETERS_MOST)
        show_bytes(b->s, at, name_at - at);
}

static void show_names_and_secrets(struct block *b) {
    if (b->frame.bytes_at >= b->s->size)
        return;
    switch (b->command) {
    case SMB_COM_NEGOTIATE:
        (b->is_response ? show_negotiate_response : show_dialects)(b);
        break;
    case SMB_COM_SESSION_SETUP_ANDX:
        show_setup(b);
        break;
    case SMB_COM_TREE_CONNECT:
    case SMB_COM_TREE_CONNECT_ANDX:
        show_tree(b);
        break;
    default:
        if (!b->is_response)
            show_open(b);
    }
}

/* Words are those of the command only where it has a form of so many; of others the chain alone is
 * followed. */
static void show_block(struct block *b, size_t at) {
    const struct smb1_rule *rule = smb1_rule_find(b->command, b->is_response);
    bool has_form = rule && b->frame.has_words && b->frame.word_count < 64 &&
                    (rule->forms >> b->frame.word_count & 1) != 0;
    show_bytes(b->s, at, 1); /* WordCount */
    if (has_form && b->frame.word_count <= WORDS_MOST)
        show_bytes(b->s, b->frame.words_at, b->frame.words_bytes);
    else if (b->frame.next_command != SMB_COM_NO_ANDX_COMMAND)
        show_bytes(b->s, b->frame.words_at, ANDX_BYTES);
    if (!b->frame.has_byte_count || (rule && !has_form && b->frame.word_count > 0))
        return;
    show_bytes(b->s, b->frame.bytes_at - 2, 2);
    if (has_form && rule->reads_bytes)
        show_names_and_secrets(b);
}

/* `header` is the message's, `part_bytes` may begin behind it. */
static void show_blocks(struct showing *s, const uint8_t *header, const struct sbl_part *part,
                        const struct sbl_report *report) {
    struct sbl_cursor bytes = sbl_cursor_of(s->base, s->size);
    struct block b = {.s = s,
                      .report = report,
                      .command = part->offset ? part->next_command : header[4],
                      .is_response = (header[SMB1_FLAGS_AT] & SMB1_FLAGS_REPLY) != 0,
                      .origin = part->offset};
    size_t at = part->offset ? 0 : SMB1_HEADER_BYTES;
    for (unsigned i = 0; i < SBL_MAX_CHAIN_LENGTH && at < s->size; i++) {
        b.frame = smb1_frame_read(&bytes, at, b.command);
        show_block(&b, at);
        uint32_t next = smb1_chain_next(&b.frame, part, NULL);
        if (next == 0)
            return;
        b.command = b.frame.next_command;
        at = next - part->offset;
    }
}

void smb1_show(struct sbl_cursor part_bytes, const struct sbl_part *part,
               const struct sbl_report *report, struct sbl_spans *spans) {
    struct showing s = {spans, part_bytes.base, part_bytes.size};
    if (part->offset) {
        show_blocks(&s, part->header, part, report);
        return;
    }
    if (s.size < SMB1_HEADER_BYTES || !sbl_cursor_starts(&part_bytes, "\xFFSMB", 4))
        return;
    const uint8_t *signature = &s.base[SMB1_SIGNATURE_AT];
    show_bytes(&s, 0, SMB1_SIGNATURE_AT);
    if (memcmp(signature, NO_SIGNATURE, SMB1_SIGNATURE_BYTES) == 0)
        show_bytes(&s, SMB1_SIGNATURE_AT, SMB1_SIGNATURE_BYTES);
    else
        show_masked(&s, SMB1_SIGNATURE_AT, SMB1_SIGNATURE_BYTES);
    show_bytes(&s, SMB1_SIGNATURE_AT + SMB1_SIGNATURE_BYTES,
               SMB1_HEADER_BYTES - SMB1_SIGNATURE_AT - SMB1_SIGNATURE_BYTES);
    show_blocks(&s, s.base, part, report);
}
