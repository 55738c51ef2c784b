/* The SMB1 dissector, message by message: every form with every field, chains, bulk, cut captures,
 * the habits of old clients, and all of it mutated. The messages are in smb1_golden.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "smb1_drive.h"
#include "smb1_golden.h"

/* One message at hand; the observations point into it. */
static struct smb1_message message;
static struct sbl_report report;

static void read_captured(size_t captured) {
    struct sbl_part part = {.message_bytes = (uint32_t)message.size};
    sbl_report_reset(&report, captured < message.size);
    sbl_dissector_smb1.dissect(sbl_cursor_of(message.bytes, captured), &part, &report);
}

/* Builds and reads a golden message of one block, without oddities, and checks its head. */
static const struct sbl_observation *read_one(void (*build)(struct smb1_message *),
                                              enum sbl_observation_kind kind) {
    build(&message);
    read_captured(message.size);
    assert_int_equal(report.count, 1);
    for (unsigned i = 0; i < SBL_ODDITY_COUNT; i++)
        assert_int_equal(report.oddities[i], 0);
    const struct sbl_observation *seen = &report.observations[0];
    assert_int_equal(seen->kind, kind);
    assert_int_equal(seen->head.version, 1);
    assert_int_equal(seen->head.command, message.bytes[4]);
    assert_int_equal(seen->head.word_count, message.bytes[32]);
    assert_int_equal(seen->head.message_id, MID | (uint64_t)PID << 16 | UINT64_C(2) << 32);
    assert_int_equal(seen->head.session_id, UID);
    assert_true(seen->head.is_first && seen->head.is_last && !seen->head.is_cut);
    assert_int_equal(seen->head.is_response, message.bytes[9] == REPLY);
    return seen;
}

static void check_text(struct sbl_text text, enum sbl_encoding encoding, const char *expected) {
    size_t unit = encoding == SBL_TEXT_UTF16LE ? 2 : 1;
    assert_int_equal(text.encoding, encoding);
    assert_false(text.is_cut);
    assert_int_equal(text.size, strlen(expected) * unit);
    for (size_t i = 0; i < strlen(expected); i++) {
        assert_int_equal(text.bytes[i * unit], expected[i]);
        if (unit == 2)
            assert_int_equal(text.bytes[i * unit + 1], 0);
    }
}

static void check_absent(struct sbl_text text, bool is_cut) {
    assert_int_equal(text.encoding, SBL_TEXT_ABSENT);
    assert_int_equal(text.size, 0);
    assert_int_equal(text.is_cut, is_cut);
}

static void negotiate_requests(void **state) {
    (void)state;
    const struct sbl_negotiate *n =
        &read_one(negotiate_request, SBL_SAW_NEGOTIATE_REQUEST)->negotiate;
    assert_int_equal(n->dialect_name.encoding, SBL_TEXT_ASCII);
    assert_int_equal(n->dialect_name.size, 23);
    assert_memory_equal(n->dialect_name.bytes, "\2NT LM 0.12\0\2SMB 2.???", 23);
}

static void negotiate_replies(void **state) {
    (void)state;
    const struct sbl_negotiate *n = &read_one(negotiate_nt, SBL_SAW_NEGOTIATE_RESPONSE)->negotiate;
    assert_int_equal(n->dialect_index, 5);
    assert_true(n->encrypts_passwords && !n->signing_required);
    check_text(n->domain, SBL_TEXT_UTF16LE, "CORP");
    check_text(n->server, SBL_TEXT_UTF16LE, "CAP01");
    assert_true(n->challenge == UINT64_C(0x5A5A5A5A5A5A5A5A));

    n = &read_one(negotiate_extended, SBL_SAW_NEGOTIATE_RESPONSE)->negotiate;
    check_absent(n->domain, false);
    assert_true(n->challenge == 0);

    n = &read_one(negotiate_lanman, SBL_SAW_NEGOTIATE_RESPONSE)->negotiate;
    assert_int_equal(n->dialect_index, 6);
    assert_true(n->encrypts_passwords);
    check_text(n->domain, SBL_TEXT_OEM, "CORP");

    n = &read_one(negotiate_core, SBL_SAW_NEGOTIATE_RESPONSE)->negotiate;
    assert_int_equal(n->dialect_index, 0);
    assert_false(n->encrypts_passwords);
}

/* A reply whose names are Unicode although only its capabilities say so. */
static void negotiate_reply_unicode_by_capability(void **state) {
    (void)state;
    negotiate_nt(&message);
    message.bytes[11] = 0x40;
    read_captured(message.size);
    check_text(report.observations[0].negotiate.domain, SBL_TEXT_UTF16LE, "CORP");
    check_text(report.observations[0].negotiate.server, SBL_TEXT_UTF16LE, "CAP01");
}

static void check_session(void (*build)(struct smb1_message *), unsigned form,
                          enum sbl_encoding encoding) {
    const struct sbl_session_setup *s =
        &read_one(build, SBL_SAW_SESSION_SETUP_REQUEST)->session_setup;
    assert_int_equal(s->form, form);
    assert_int_equal(s->lm_bytes, 24);
    assert_int_equal(s->nt_bytes, form == 13 ? 24 : 0);
    assert_int_equal(s->answer, form == 13 ? SBL_ANSWER_NTLMV1 : SBL_ANSWER_LM);
    assert_int_equal(s->token.mechanism, SBL_MECHANISM_LANMAN_NT);
    assert_int_equal(s->token.wrapping, SBL_WRAPPING_NONE);
    check_text(s->account, encoding, "SMSCliToknAcct&");
    check_text(s->domain, encoding, "WS042");
    check_text(s->native_os, encoding, "Windows NT 1381");
    check_text(s->native_lanman, encoding, "Windows NT 4.0");
}

static void session_requests(void **state) {
    (void)state;
    check_session(session_lanman, 10, SBL_TEXT_OEM);
    check_session(session_nt, 13, SBL_TEXT_UTF16LE);
    check_session(session_nt_oem, 13, SBL_TEXT_OEM);

    const struct sbl_session_setup *s =
        &read_one(session_plaintext, SBL_SAW_SESSION_SETUP_REQUEST)->session_setup;
    assert_int_equal(s->answer, SBL_ANSWER_PLAINTEXT);
    assert_int_equal(s->token.mechanism, SBL_MECHANISM_PLAINTEXT);
    assert_int_equal(s->nt_bytes, 14);
    check_text(s->account, SBL_TEXT_UTF16LE, "jdoe");
    check_text(s->domain, SBL_TEXT_UTF16LE, "CORP");

    s = &read_one(session_null, SBL_SAW_SESSION_SETUP_REQUEST)->session_setup;
    assert_int_equal(s->answer, SBL_ANSWER_ANONYMOUS);
    check_text(s->account, SBL_TEXT_UTF16LE, "");
    check_text(s->domain, SBL_TEXT_UTF16LE, "");
    check_text(s->native_os, SBL_TEXT_UTF16LE, "Windows NT 1381");

    s = &read_one(session_extended, SBL_SAW_SESSION_SETUP_REQUEST)->session_setup;
    assert_int_equal(s->form, 12);
    assert_int_equal(s->token.wrapping, SBL_WRAPPING_RAW);
    assert_int_equal(s->token.mechanism, SBL_MECHANISM_NTLMSSP);
    assert_int_equal(s->token.ntlm.message, SBL_NTLM_NEGOTIATE);
    check_text(s->native_os, SBL_TEXT_UTF16LE, "Unix");
    check_text(s->native_lanman, SBL_TEXT_UTF16LE, "Samba");
    check_absent(s->native_domain, false);
}

static void session_replies(void **state) {
    (void)state;
    const struct sbl_observation *seen = read_one(session_granted, SBL_SAW_SESSION_SETUP_RESPONSE);
    assert_int_equal(seen->head.status, 0);
    assert_true(seen->session_setup.is_guest);
    check_text(seen->session_setup.native_os, SBL_TEXT_UTF16LE, "Windows 5.0");
    check_text(seen->session_setup.native_lanman, SBL_TEXT_UTF16LE, "Windows 2000 LAN Manager");
    check_text(seen->session_setup.native_domain, SBL_TEXT_UTF16LE, "CORP");

    seen = read_one(session_more, SBL_SAW_SESSION_SETUP_RESPONSE);
    assert_true(seen->head.status == 0xC0000016u && !seen->head.is_dos_error);
    assert_int_equal(seen->session_setup.token.mechanism, SBL_MECHANISM_NTLMSSP);
    check_text(seen->session_setup.native_domain, SBL_TEXT_UTF16LE, "CORP");

    seen = read_one(session_refused, SBL_SAW_SESSION_SETUP_RESPONSE);
    assert_true(seen->head.status == 0xC000006Du && !seen->head.is_dos_error);
    assert_int_equal(seen->head.word_count, 0);
    check_absent(seen->session_setup.native_os, false);

    seen = read_one(session_refused_dos, SBL_SAW_SESSION_SETUP_RESPONSE);
    assert_true(seen->head.is_dos_error);
    assert_int_equal(seen->head.status, 0x00020002);
}

static void tree_connects(void **state) {
    (void)state;
    const struct sbl_tree_connect *t =
        &read_one(tree_andx, SBL_SAW_TREE_CONNECT_REQUEST)->tree_connect;
    check_text(t->path, SBL_TEXT_UTF16LE, "\\\\CAP01\\SMSSHARE");
    read_one(tree_granted, SBL_SAW_TREE_CONNECT_RESPONSE);
    assert_int_equal(report.observations[0].head.tree_id, TID);

    t = &read_one(tree_core, SBL_SAW_TREE_CONNECT_REQUEST)->tree_connect;
    check_text(t->path, SBL_TEXT_OEM, "\\\\CAP01\\SMSSHARE");
    read_one(tree_core_granted, SBL_SAW_TREE_CONNECT_RESPONSE);
    assert_int_equal(report.observations[0].head.tree_id, 0x0777);
}

static const struct sbl_open *check_open(void (*build)(struct smb1_message *),
                                         enum sbl_open_command command, enum sbl_encoding encoding,
                                         const char *name) {
    const struct sbl_open *open = &read_one(build, SBL_SAW_OPEN_REQUEST)->open;
    assert_int_equal(open->command, command);
    check_text(open->name, encoding, name);
    return open;
}

static void opens(void **state) {
    (void)state;
    const struct sbl_open *open =
        check_open(nt_create, SBL_OPEN_NT_CREATE_ANDX, SBL_TEXT_UTF16LE, "\\cwbaudio.dll");
    assert_int_equal(open->options, 0x40);
    assert_false(open->has_root);
    open = check_open(nt_create_oem, SBL_OPEN_NT_CREATE_ANDX, SBL_TEXT_OEM, "ess.dll");
    assert_true(open->has_root && open->root[0] == 0x4001);
    check_open(open_andx, SBL_OPEN_OPEN_ANDX, SBL_TEXT_UTF16LE, "\\auddrive.sys");
    check_open(open_core, SBL_OPEN_OPEN, SBL_TEXT_OEM, "\\ESS.DLL");
    check_open(create_new, SBL_OPEN_CREATE, SBL_TEXT_UTF16LE, "\\new.txt");
    check_open(query_information, SBL_OPEN_QUERY_INFORMATION, SBL_TEXT_OEM, "\\AUTOEXEC.BAT");
    check_open(check_directory, SBL_OPEN_CHECK_DIRECTORY, SBL_TEXT_UTF16LE, "\\i386");
    check_open(search, SBL_OPEN_SEARCH, SBL_TEXT_OEM, "\\ESS*.DLL");
    read_one(search_goes_on, SBL_SAW_OTHER);
    check_open(trans2_open2, SBL_OPEN_TRANS2_OPEN2, SBL_TEXT_UTF16LE, "\\x.dll");
    check_open(trans2_find_first2, SBL_OPEN_TRANS2_FIND_FIRST2, SBL_TEXT_UTF16LE, "\\rasadhlp.dll");
    check_open(trans2_query_path, SBL_OPEN_TRANS2_QUERY_PATH_INFORMATION, SBL_TEXT_UTF16LE,
               "\\ctaud2k.sys");
    open =
        check_open(nt_transact_create, SBL_OPEN_NT_TRANSACT_CREATE, SBL_TEXT_UTF16LE, "\\nt.sys.");
    assert_true(open->has_root && open->root[0] == 0x4005);
    assert_int_equal(open->options, 0x40);
}

static void opened_files(void **state) {
    (void)state;
    assert_int_equal(read_one(nt_create_granted, SBL_SAW_OPEN_RESPONSE)->open.file_id[0], 0x4002);
    assert_int_equal(read_one(open_andx_granted, SBL_SAW_OPEN_RESPONSE)->open.file_id[0], 0x4003);
    assert_int_equal(read_one(open_core_granted, SBL_SAW_OPEN_RESPONSE)->open.file_id[0], 0x4004);
    assert_int_equal(read_one(close_file, SBL_SAW_CLOSE_REQUEST)->open.file_id[0], 0x4002);
    begin(&message, 0xA2, REPLY, UNICODE, 0xC0000034);
    empty(&message);
    read_captured(message.size);
    assert_int_equal(report.observations[0].kind, SBL_SAW_OTHER);
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_STRUCTURE_SIZE], 0);
}

static void the_rest(void **state) {
    (void)state;
    check_text(read_one(trans2_dfs, SBL_SAW_DFS_REFERRAL_REQUEST)->open.name, SBL_TEXT_UTF16LE,
               "\\CAP01\\SMSSHARE");
    read_one(logoff, SBL_SAW_LOGOFF_REQUEST);
    read_one(tree_disconnect, SBL_SAW_TREE_DISCONNECT_REQUEST);
    read_one(read_reply, SBL_SAW_OTHER);
}

static void chained_request(void **state) {
    (void)state;
    chain_request(&message);
    read_captured(message.size);
    assert_int_equal(report.count, 3);
    const struct sbl_observation *seen = report.observations;
    assert_int_equal(seen[0].kind, SBL_SAW_SESSION_SETUP_REQUEST);
    check_text(seen[0].session_setup.account, SBL_TEXT_OEM, "SMSCliToknAcct&");
    assert_int_equal(seen[1].kind, SBL_SAW_TREE_CONNECT_REQUEST);
    assert_int_equal(seen[1].head.command, 0x75);
    check_text(seen[1].tree_connect.path, SBL_TEXT_OEM, "\\\\CAP01\\SMSSHARE");
    assert_int_equal(seen[2].kind, SBL_SAW_OPEN_REQUEST);
    check_text(seen[2].open.name, SBL_TEXT_OEM, "\\cwbaudio.dll");
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(seen[i].head.chain_position, i);
        assert_int_equal(seen[i].head.is_first, i == 0);
        assert_int_equal(seen[i].head.is_last, i == 2);
    }
}

static void chained_reply(void **state) {
    (void)state;
    chain_reply(&message);
    read_captured(message.size);
    assert_int_equal(report.count, 3);
    const struct sbl_observation *seen = report.observations;
    assert_int_equal(seen[0].kind, SBL_SAW_SESSION_SETUP_RESPONSE);
    assert_int_equal(seen[0].head.word_count, 3);
    assert_int_equal(seen[1].kind, SBL_SAW_TREE_CONNECT_RESPONSE);
    assert_int_equal(seen[2].kind, SBL_SAW_OTHER);
    assert_int_equal(seen[2].head.command, 0xA2);
    assert_int_equal(seen[2].head.word_count, 0);
    assert_true(seen[2].head.is_last && !seen[1].head.is_last && !seen[0].head.is_last);
    for (unsigned i = 0; i < 3; i++)
        assert_true(seen[i].head.status == 0xC0000034u);
}

static void chains_that_lead_nowhere(void **state) {
    (void)state;
    static const struct {
        unsigned offset;
        enum sbl_oddity oddity;
    } cases[] = {
        {0, SBL_ODDITY_CHAIN_LOOP},
        {32, SBL_ODDITY_CHAIN_LOOP},
        {36, SBL_ODDITY_BAD_OFFSET}, /* into its own words */
        {0xFFFF, SBL_ODDITY_BAD_OFFSET},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        session_nt(&message);
        message.bytes[33] = 0x75;
        message.bytes[35] = (uint8_t)cases[i].offset;
        message.bytes[36] = (uint8_t)(cases[i].offset >> 8);
        read_captured(message.size);
        assert_int_equal(report.count, 1);
        assert_true(report.observations[0].head.is_last);
        assert_int_equal(report.oddities[cases[i].oddity], 1);
    }
}

static void a_chain_has_an_end(void **state) {
    (void)state;
    begin(&message, 0x74, REQUEST, UNICODE, 0);
    for (unsigned i = 0; i < SBL_MAX_CHAIN_LENGTH + 5; i++) {
        words(&message, 2);
        andx(&message);
        bytes(&message);
        chain(&message, 0x74);
    }
    read_captured(message.size);
    assert_int_equal(report.count, SBL_MAX_CHAIN_LENGTH);
    assert_int_equal(report.oddities[SBL_ODDITY_CHAIN_TOO_LONG], 1);
}

static void bulk_is_skipped(void **state) {
    (void)state;
    static struct drive drive;
    write_and_close(&message);
    drive_message(message.bytes, message.size, (uint32_t)message.size, &drive);
    assert_int_equal(drive.parts, 2);
    assert_int_equal(drive.observations, 2);
    assert_int_equal(drive.oddities, 0);
    assert_int_equal(drive.first_until, 59);
    assert_int_equal(drive.resumed_at, 1059);
    assert_int_equal(drive.first.head.command, 0x2F);
    assert_false(drive.first.head.is_last || drive.first.head.is_cut);
    assert_int_equal(drive.last.kind, SBL_SAW_CLOSE_REQUEST);
    assert_int_equal(drive.last.open.file_id[0], 0x4002);
    assert_int_equal(drive.last.head.session_id, UID);
    assert_int_equal(drive.last.head.chain_position, 1);
    assert_true(drive.last.head.is_last && !drive.last.head.is_first);

    read_reply(&message);
    drive_message(message.bytes, message.size, (uint32_t)message.size, &drive);
    assert_int_equal(drive.parts, 1);
    assert_int_equal(drive.first_until, 59);
    assert_true(drive.last.head.is_last);
}

/* In parts or at once, a message without bulk says the same. */
static void parts_change_nothing(void **state) {
    (void)state;
    static struct drive drive;
    for (size_t i = 0; i < GOLDEN_COUNT; i++) {
        GOLDEN[i].build(&message);
        read_captured(message.size);
        drive_message(message.bytes, message.size, (uint32_t)message.size, &drive);
        assert_int_equal(drive.observations, report.count);
        assert_int_equal(drive.oddities, 0);
        assert_int_equal(drive.last.kind, report.observations[report.count - 1].kind);
        assert_memory_equal(&drive.last.head, &report.observations[report.count - 1].head,
                            sizeof drive.last.head);
    }
}

static void cut_by_the_capture(void **state) {
    (void)state;
    session_nt(&message);
    read_captured(120); /* within the account's name, 110 to 142 */
    const struct sbl_observation *seen = &report.observations[0];
    assert_int_equal(report.count, 1);
    assert_int_equal(report.oddities[SBL_ODDITY_CUT_BY_SNAPLEN], 1);
    assert_int_equal(report.oddities[SBL_ODDITY_TRUNCATED], 0);
    assert_true(seen->head.is_cut);
    assert_int_equal(seen->session_setup.lm_bytes, 24);
    assert_int_equal(seen->session_setup.account.size, 10);
    assert_true(seen->session_setup.account.is_cut);
    check_absent(seen->session_setup.domain, true);

    read_captured(40); /* within the words: only the kind is known */
    assert_int_equal(report.count, 1);
    assert_int_equal(seen->kind, SBL_SAW_SESSION_SETUP_REQUEST);
    assert_true(seen->head.is_cut);
    assert_int_equal(seen->head.word_count, 13);
    assert_int_equal(seen->session_setup.form, 0);

    read_captured(31);
    assert_int_equal(report.count, 0);
    assert_int_equal(report.oddities[SBL_ODDITY_CUT_BY_SNAPLEN], 1);

    chain_reply(&message);
    read_captured(60); /* more follows, so the status is not of this block */
    assert_int_equal(report.count, 1);
    assert_false(seen->head.is_last);
}

static void too_short_by_the_sender(void **state) {
    (void)state;
    session_nt(&message);
    message.size = 120;
    read_captured(message.size);
    assert_int_equal(report.count, 1);
    assert_int_equal(report.oddities[SBL_ODDITY_TRUNCATED], 1);
    assert_true(report.observations[0].session_setup.account.is_cut);

    session_nt(&message);
    message.bytes[47] = 0xFF; /* OEMPasswordLength beyond the message */
    message.bytes[48] = 0x7F;
    read_captured(message.size);
    assert_int_equal(report.count, 1);
    assert_true(report.oddities[SBL_ODDITY_BAD_LENGTH] > 0);
    check_absent(report.observations[0].session_setup.account, true);

    session_nt(&message);
    message.bytes[32] = 11; /* a form that nobody has */
    read_captured(message.size);
    assert_int_equal(report.observations[0].kind, SBL_SAW_OTHER);
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_STRUCTURE_SIZE], 1);

    message.bytes[1] = 'X';
    read_captured(message.size);
    assert_int_equal(report.count, 0);
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_MAGIC], 1);
}

/* Reads a Unicode session setup whose texts are laid out by hand behind 48 bytes of answers. */
static const struct sbl_session_setup *read_layout(const char *layout, size_t count) {
    begin(&message, 0x73, REQUEST, UNICODE, 0);
    session_words(&message, 13, 24, 24);
    put_many(&message, 0x11, 48);
    for (size_t i = 0; i < count; i++)
        put8(&message, (uint8_t)layout[i]);
    end(&message);
    read_captured(message.size);
    return &report.observations[0].session_setup;
}

static void habits_of_old_clients(void **state) {
    (void)state;
    const struct sbl_session_setup *s;
    s = read_layout("j\0d\0\0\0C\0O\0\0\0", 12); /* no pad */
    check_text(s->account, SBL_TEXT_UTF16LE, "jd");
    check_text(s->domain, SBL_TEXT_UTF16LE, "CO");
    s = read_layout("\0j\0d\0\0\0C\0O\0", 11); /* no last terminator */
    check_text(s->account, SBL_TEXT_UTF16LE, "jd");
    check_text(s->domain, SBL_TEXT_UTF16LE, "CO");
    check_absent(s->native_os, false);
    s = read_layout("\0\0\0C\0O\0\0\0", 9); /* anonymous, padded */
    check_text(s->account, SBL_TEXT_UTF16LE, "");
    check_text(s->domain, SBL_TEXT_UTF16LE, "CO");
    s = read_layout("\0\0C\0O\0\0\0", 8); /* anonymous, no pad */
    check_text(s->account, SBL_TEXT_UTF16LE, "");
    check_text(s->domain, SBL_TEXT_UTF16LE, "CO");
    s = read_layout("\0\0\x4E\x8C\x5B\0\0", 7); /* U+4E00 U+5B8C: where the rule puts it */
    assert_int_equal(s->account.size, 4);
    assert_int_equal(s->account.bytes[1], 0x4E);

    nt_create(&message); /* NameLength counts the terminator, as some do */
    message.bytes[38] = 28;
    read_captured(message.size);
    check_text(report.observations[0].open.name, SBL_TEXT_UTF16LE, "\\cwbaudio.dll");
    message.bytes[38] = 200;
    read_captured(message.size);
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_LENGTH], 1);
}

static void statuses_of_each_kind(void **state) {
    (void)state;
    session_refused_dos(&message);
    message.bytes[5] = 0; /* class 0: success */
    read_captured(message.size);
    assert_int_equal(report.observations[0].head.status, 0);
    assert_false(report.observations[0].head.is_dos_error);
    message.bytes[5] = 1;
    message.bytes[9] = REQUEST; /* a request has no DOS error */
    read_captured(message.size);
    assert_false(report.observations[0].head.is_dos_error);
}

static void signatures(void **state) {
    (void)state;
    session_refused(&message);
    message.bytes[10] |= 0x04;
    read_captured(message.size);
    assert_false(report.observations[0].head.is_signed);
    memcpy(&message.bytes[14], "BSRSPYL ", 8);
    read_captured(message.size);
    assert_false(report.observations[0].head.is_signed);
    message.bytes[14] = 0x91;
    read_captured(message.size);
    assert_true(report.observations[0].head.is_signed);
}

static void recognises_its_own(void **state) {
    (void)state;
    assert_true(sbl_dissector_smb1.recognises((const uint8_t *)"\xFFSMB", 4));
    assert_false(sbl_dissector_smb1.recognises((const uint8_t *)"\xFESMB", 4));
    assert_false(sbl_dissector_smb1.recognises((const uint8_t *)"\xFFSMB", 3));
}

static void drive_mutated(void) {
    static struct drive drive;
    drive_message(message.bytes, message.size, (uint32_t)message.size, &drive);
}

/* Every truncation, by the sender and by the capture. */
static void survives_truncation(void **state) {
    (void)state;
    static struct drive drive;
    for (size_t i = 0; i < GOLDEN_COUNT; i++) {
        GOLDEN[i].build(&message);
        for (size_t size = 0; size <= message.size; size++) {
            drive_message(message.bytes, size, (uint32_t)size, &drive);
            drive_message(message.bytes, size, (uint32_t)message.size, &drive);
        }
    }
}

/* Every bit, and every byte and pair of bytes to its extremes. */
static void survives_mutation(void **state) {
    (void)state;
    for (size_t i = 0; i < GOLDEN_COUNT; i++) {
        GOLDEN[i].build(&message);
        size_t end = message.size < 300 ? message.size : 300;
        for (size_t at = 0; at < end; at++) {
            uint8_t old = message.bytes[at], next = message.bytes[at + 1];
            const uint8_t extremes[] = {
                0, 0x7F, 0x80, 0xFF, (uint8_t)(old + 1), (uint8_t)(old - 1)};
            for (unsigned bit = 0; bit < 8; bit++) {
                message.bytes[at] = (uint8_t)(old ^ 1u << bit);
                drive_mutated();
            }
            for (size_t e = 0; e < sizeof extremes; e++) {
                message.bytes[at] = extremes[e];
                drive_mutated();
                message.bytes[at + 1] = extremes[e];
                drive_mutated();
                message.bytes[at + 1] = next;
            }
            message.bytes[at] = old;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(negotiate_requests),
        cmocka_unit_test(negotiate_replies),
        cmocka_unit_test(negotiate_reply_unicode_by_capability),
        cmocka_unit_test(session_requests),
        cmocka_unit_test(session_replies),
        cmocka_unit_test(tree_connects),
        cmocka_unit_test(opens),
        cmocka_unit_test(opened_files),
        cmocka_unit_test(the_rest),
        cmocka_unit_test(chained_request),
        cmocka_unit_test(chained_reply),
        cmocka_unit_test(chains_that_lead_nowhere),
        cmocka_unit_test(a_chain_has_an_end),
        cmocka_unit_test(bulk_is_skipped),
        cmocka_unit_test(parts_change_nothing),
        cmocka_unit_test(cut_by_the_capture),
        cmocka_unit_test(too_short_by_the_sender),
        cmocka_unit_test(habits_of_old_clients),
        cmocka_unit_test(statuses_of_each_kind),
        cmocka_unit_test(signatures),
        cmocka_unit_test(recognises_its_own),
        cmocka_unit_test(survives_truncation),
        cmocka_unit_test(survives_mutation),
    };
    return cmocka_run_group_tests_name("smb1", tests, NULL, NULL);
}
