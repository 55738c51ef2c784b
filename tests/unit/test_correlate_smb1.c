/* SMB1: the greeting, sessions by UID, and whose error stands at the head of an AndX chain. */
#include "correlate_play.h"

static struct sbl_observation setup_of(uint64_t message_id, const char *user) {
    struct sbl_observation seen = command(SBL_SAW_SESSION_SETUP_REQUEST, 1, SETUP1, message_id, 0);
    seen.head.word_count = 13;
    seen.session_setup.form = 13;
    seen.session_setup.lm_bytes = seen.session_setup.nt_bytes = 24;
    seen.session_setup.answer = *user ? SBL_ANSWER_NTLMV1 : SBL_ANSWER_ANONYMOUS;
    seen.session_setup.account = text(user);
    seen.session_setup.domain = text("WS042");
    seen.session_setup.native_os = text("Unix");
    return seen;
}

static struct sbl_observation setup_answer(uint64_t message_id, uint64_t uid, uint32_t status) {
    return reply(status == 0 ? SBL_SAW_SESSION_SETUP_RESPONSE : SBL_SAW_OTHER, 1, SETUP1,
                 message_id, uid, status);
}

static struct sbl_observation create_of(uint64_t message_id, uint64_t uid, const char *name) {
    return open_request_of(1, CREATE1, SBL_OPEN_NT_CREATE_ANDX, message_id, uid, name);
}

/* A reply block as it stands in a chain: every block repeats the header's status. */
static struct sbl_observation block(enum sbl_observation_kind kind, uint16_t code,
                                    uint8_t word_count, uint32_t status) {
    struct sbl_observation seen = reply(kind, 1, code, 5, 100, status);
    seen.head.word_count = word_count;
    seen.head.tree_id = 7;
    return seen;
}

static void chained_request(void) {
    add(&play, setup_of(5, "jdoe"));
    add(&play, tree_request(1, 5, 0, "\\\\CAP01\\SMSSHARE"));
    add(&play, create_of(5, 0, "cwbaudio.dll"));
    send(&play, 0, CLIENT);
}

static void a_refused_setup_keeps_the_share_that_rode_along(void **state) {
    (void)state;
    chained_request();
    add(&play, block(SBL_SAW_OTHER, SETUP1, 0, LOGON_FAILURE));
    send(&play, 0, SERVER);
    assert_int_equal(play.told_count, 1);
    assert_int_equal(play.told[0].kind, TOLD_ATTEMPT);
    assert_int_equal(play.told[0].attempt.outcome, SBL_OUTCOME_FAILURE);
    assert_int_equal(play.told[0].finding.status, LOGON_FAILURE);
    assert_string_equal(play.told[0].share, "\\\\CAP01\\SMSSHARE");
    assert_string_equal(play.told[0].account, "jdoe");
    assert_int_equal(play.c->pending.in_use, 0);
    assert_int_equal(play.stats.tree_connects_refused + play.stats.opens_refused, 0);
}

static void the_error_is_the_last_blocks(void **state) {
    (void)state;
    chained_request();
    add(&play, block(SBL_SAW_SESSION_SETUP_RESPONSE, SETUP1, 3, NAME_NOT_FOUND));
    add(&play, block(SBL_SAW_TREE_CONNECT_RESPONSE, TREE1, 3, NAME_NOT_FOUND));
    add(&play, block(SBL_SAW_OTHER, CREATE1, 0, NAME_NOT_FOUND));
    send(&play, 0, SERVER);
    assert_int_equal(play.told_count, 2);
    assert_int_equal(play.told[0].attempt.outcome, SBL_OUTCOME_SUCCESS);
    assert_int_equal(play.told[0].finding.status, 0);
    assert_int_equal(play.told[1].kind, TOLD_PROBE);
    assert_string_equal(play.told[1].name, "cwbaudio.dll");
    assert_string_equal(play.told[1].share, "\\\\CAP01\\SMSSHARE");
    assert_string_equal(play.told[1].account, "jdoe");
    assert_int_equal(play.told[1].finding.session_id, 100);
}

static void a_refused_tree_in_the_chain(void **state) {
    (void)state;
    chained_request();
    add(&play, block(SBL_SAW_SESSION_SETUP_RESPONSE, SETUP1, 3, 0xC00000CC));
    add(&play, block(SBL_SAW_OTHER, TREE1, 0, 0xC00000CC));
    send(&play, 0, SERVER);
    assert_int_equal(play.told_count, 2);
    assert_int_equal(play.told[0].attempt.outcome, SBL_OUTCOME_SUCCESS);
    assert_int_equal(play.told[1].kind, TOLD_TREE);
    assert_string_equal(play.told[1].account, "jdoe");
    assert_int_equal(play.c->pending.in_use, 0);
}

static void the_error_of_a_block_that_is_not_there(void **state) {
    (void)state;
    chained_request();
    add(&play, block(SBL_SAW_SESSION_SETUP_RESPONSE, SETUP1, 3, 0xC00000CC));
    send(&play, 0, SERVER);
    assert_int_equal(play.told_count, 2);
    assert_int_equal(play.told[0].attempt.outcome, SBL_OUTCOME_SUCCESS);
    assert_int_equal(play.told[1].kind, TOLD_TREE);
    assert_string_equal(play.told[1].share, "\\\\CAP01\\SMSSHARE");
    assert_int_equal(play.told[1].finding.status, 0xC00000CC);
    /* and one further on */
    chained_request();
    add(&play, block(SBL_SAW_SESSION_SETUP_RESPONSE, SETUP1, 3, NAME_NOT_FOUND));
    add(&play, block(SBL_SAW_TREE_CONNECT_RESPONSE, TREE1, 3, NAME_NOT_FOUND));
    send(&play, 0, SERVER);
    assert_int_equal(play.told_count, 4);
    assert_int_equal(play.told[3].kind, TOLD_PROBE);
    assert_string_equal(play.told[3].name, "cwbaudio.dll");
    assert_string_equal(play.told[3].share, "\\\\CAP01\\SMSSHARE");
}

static void an_unknown_setup_with_words_was_granted(void **state) {
    (void)state;
    add(&play, block(SBL_SAW_SESSION_SETUP_RESPONSE, SETUP1, 3, NAME_NOT_FOUND));
    send(&play, 0, SERVER);
    play.events.close(play.c, &play.conversations[0], SBL_CLOSE_FIN, 0);
    assert_int_equal(play.told_count, 1);
    assert_int_equal(play.told[0].attempt.outcome, SBL_OUTCOME_SUCCESS);
    assert_int_equal(play.told[0].attempt.half_seen, SBL_HALF_RESPONSE);
}

/* A refusal may carry a security blob, as of a server that hands over a KRB-ERROR. */
static void an_error_with_words_is_no_grant(void **state) {
    (void)state;
    static const uint32_t statuses[] = {LOGON_FAILURE, 0xC0000022, 0xC0000234};
    for (unsigned i = 0; i < 3; i++) {
        add(&play, block(SBL_SAW_SESSION_SETUP_RESPONSE, SETUP1, 4, statuses[i]));
        send(&play, 0, SERVER);
        play.events.close(play.c, &play.conversations[0], SBL_CLOSE_FIN, 0);
        assert_int_equal(play.told_count, i + 1);
        assert_int_equal(play.told[i].attempt.outcome, SBL_OUTCOME_FAILURE);
        assert_int_equal(play.told[i].finding.status, statuses[i]);
    }
    say(&play, 0, CLIENT, setup_of(5, "jdoe"));
    add(&play, block(SBL_SAW_SESSION_SETUP_RESPONSE, SETUP1, 4, LOGON_FAILURE));
    send(&play, 0, SERVER);
    assert_int_equal(play.told[3].attempt.outcome, SBL_OUTCOME_FAILURE);
    assert_string_equal(play.told[3].account, "jdoe");
    assert_int_equal(table_count(&play.c->sessions), 0);
}

static struct sbl_observation search_reply(uint64_t message_id, uint32_t status) {
    struct sbl_observation seen = reply(SBL_SAW_OTHER, 1, 0x81, message_id, 100, status);
    seen.head.is_dos_error = true;
    return seen;
}

/* With a resume key a search goes on, and at its end the server says ERRnofiles. Without its
 * request nobody knows which of the two it was. */
static void the_end_of_a_listing_refuses_nothing(void **state) {
    (void)state;
    say(&play, 0, CLIENT, open_request_of(1, 0x81, SBL_OPEN_SEARCH, 7, 100, "\\*.*"));
    say(&play, 0, SERVER, reply(SBL_SAW_OTHER, 1, 0x81, 7, 100, 0));
    say(&play, 0, CLIENT, command(SBL_SAW_OTHER, 1, 0x81, 8, 100));
    say(&play, 0, SERVER, search_reply(8, 1 << 16 | 18));
    say(&play, 0, SERVER, search_reply(9, 1 << 16 | 18));
    play.events.gap(play.c, &play.conversations[0], CLIENT, 0);
    assert_int_equal(play.told_count, 0);
    say(&play, 0, CLIENT, open_request_of(1, 0x81, SBL_OPEN_SEARCH, 10, 100, "\\x.dll"));
    say(&play, 0, SERVER, search_reply(10, 1 << 16 | 18));
    assert_int_equal(play.told_count, 1);
    assert_string_equal(play.told[0].name, "\\x.dll");
    say(&play, 0, SERVER, search_reply(11, 1 << 16 | 3));
    play.events.gap(play.c, &play.conversations[0], CLIENT, 0);
    assert_int_equal(play.told_count, 2);
}

static void extended_security_goes_by_the_uid_of_the_first_reply(void **state) {
    (void)state;
    struct sbl_observation seen = ntlm_negotiate(1, 0);
    seen.head.version = 1;
    seen.head.command = SETUP1;
    seen.session_setup.form = 12;
    say(&play, 0, CLIENT, seen);
    struct sbl_observation more = ntlm_challenge(1, 100, "CAP01", "CORP");
    more.head.version = 1;
    more.head.command = SETUP1;
    more.head.word_count = 4;
    say(&play, 0, SERVER, more);
    struct sbl_observation last = ntlm_authenticate(1, 100, "jdoe");
    last.head.version = 1;
    last.head.command = SETUP1;
    last.session_setup.form = 12;
    say(&play, 0, CLIENT, last);
    say(&play, 0, SERVER, setup_answer(1, 100, LOGON_FAILURE));
    assert_int_equal(play.told_count, 1);
    assert_string_equal(play.told[0].account, "jdoe");
    assert_int_equal(play.told[0].finding.evidence.frame_count, 4);
    /* a client that leaves the UID out of its second request */
    say(&play, 0, CLIENT, seen);
    say(&play, 0, SERVER, more);
    last.head.session_id = 0;
    say(&play, 0, CLIENT, last);
    say(&play, 0, SERVER, setup_answer(1, 100, 0));
    assert_int_equal(play.told_count, 2);
    assert_int_equal(play.told[1].finding.evidence.frame_count, 4);
    assert_string_equal(play.told[1].server, "CAP01");
}

static void greeting(const char *dialects, uint32_t size, uint16_t index, bool encrypts) {
    struct sbl_observation seen = command(SBL_SAW_NEGOTIATE_REQUEST, 1, 0x72, 0, 0);
    seen.negotiate.dialect_name =
        (struct sbl_text){(const uint8_t *)dialects, size, SBL_TEXT_ASCII, false};
    say(&play, 0, CLIENT, seen);
    seen = reply(SBL_SAW_NEGOTIATE_RESPONSE, 1, 0x72, 0, 0, 0);
    seen.negotiate.dialect_index = index;
    seen.negotiate.encrypts_passwords = encrypts;
    seen.negotiate.domain = text("CORP");
    seen.negotiate.server = text("OLDSRV");
    say(&play, 0, SERVER, seen);
}

static void the_greeting_names_dialect_and_server(void **state) {
    (void)state;
    static const char dialects[] = "\002PC NETWORK PROGRAM 1.0\0\002LANMAN1.0\0\002NT LM 0.12";
    greeting(dialects, sizeof dialects, 2, true);
    say(&play, 0, CLIENT, setup_of(1, "jdoe"));
    say(&play, 0, SERVER, setup_answer(1, 0, LOGON_FAILURE));
    assert_string_equal(play.told[0].dialect, "NT LM 0.12");
    assert_string_equal(play.told[0].server, "OLDSRV");
    assert_int_equal(play.told[0].attempt.mechanism, SBL_MECHANISM_LANMAN_NT);
    assert_int_equal(play.told[0].attempt.answer, SBL_ANSWER_NTLMV1);
    assert_int_equal(play.told[0].attempt.server.nb_domain.size, 4);
    greeting(dialects, sizeof dialects, 9, true); /* an index beyond what was offered */
    say(&play, 0, CLIENT, setup_of(1, "jdoe"));
    say(&play, 0, SERVER, setup_answer(1, 0, LOGON_FAILURE));
    assert_string_equal(play.told[1].dialect, "-");
}

static void clear_text_is_told_by_the_greeting(void **state) {
    (void)state;
    greeting("\002LANMAN1.0", 11, 0, false);
    say(&play, 0, CLIENT, setup_of(1, "jdoe"));
    say(&play, 0, SERVER, setup_answer(1, 0, LOGON_FAILURE));
    assert_int_equal(play.told[0].attempt.mechanism, SBL_MECHANISM_PLAINTEXT);
    assert_int_equal(play.told[0].attempt.answer, SBL_ANSWER_PLAINTEXT);
    say(&play, 0, CLIENT, setup_of(2, ""));
    say(&play, 0, SERVER, setup_answer(2, 100, 0));
    assert_int_equal(play.told[1].attempt.answer, SBL_ANSWER_ANONYMOUS);
    assert_true(play.told[1].attempt.is_null);
    assert_string_equal(play.told[1].account, "");
    struct sbl_observation plain = setup_of(1, "jdoe");
    plain.session_setup.answer = SBL_ANSWER_PLAINTEXT;
    plain.session_setup.lm_bytes = 9;
    plain.session_setup.nt_bytes = 0;
    say(&play, 1, CLIENT, plain); /* greeting not seen: by the lengths */
    say(&play, 1, SERVER, setup_answer(1, 0, LOGON_FAILURE));
    assert_int_equal(play.told[2].attempt.mechanism, SBL_MECHANISM_PLAINTEXT);
    say(&play, 2, SERVER, reply(SBL_SAW_NEGOTIATE_RESPONSE, 2, 0, 1, 0, 0xC00000BB));
    say(&play, 2, CLIENT, setup_of(1, "jdoe")); /* a refused greeting says nothing */
    say(&play, 2, SERVER, setup_answer(1, 0, LOGON_FAILURE));
    assert_int_equal(play.told[3].attempt.mechanism, SBL_MECHANISM_LANMAN_NT);
}

static void netbios_names_are_the_last_resort(void **state) {
    (void)state;
    struct sbl_observation seen = {.kind = SBL_SAW_NBSS, .nbss = {.type = SBL_NBSS_REQUEST}};
    seen.nbss.called =
        (struct sbl_netbios_name){.name = "CAP01", .size = 5, .suffix = 0x20, .is_present = true};
    seen.nbss.calling = (struct sbl_netbios_name){.name = "WS042", .size = 5, .is_present = true};
    say(&play, 0, CLIENT, seen);
    say(&play, 0, CLIENT, setup_of(1, "jdoe"));
    say(&play, 0, SERVER, setup_answer(1, 0, LOGON_FAILURE));
    assert_string_equal(play.told[0].server, "CAP01");
    assert_true(play.told[0].finding.calling.is_present);
    memcpy(seen.nbss.called.name, "*SMBSERVER", 10);
    seen.nbss.called.size = 10;
    say(&play, 1, CLIENT, seen);
    say(&play, 1, CLIENT, setup_of(1, "jdoe"));
    say(&play, 1, SERVER, setup_answer(1, 0, LOGON_FAILURE));
    assert_string_equal(play.told[1].server, "-");
}

static void uids_are_used_again(void **state) {
    (void)state;
    const char *users[] = {"anna", "bert"};
    for (unsigned i = 0; i < 2; i++) {
        say(&play, 0, CLIENT, setup_of(1, users[i]));
        say(&play, 0, SERVER, setup_answer(1, 0, 0)); /* UID 0 is one, too */
        say(&play, 0, CLIENT, create_of(2, 0, "x.dll"));
        say(&play, 0, SERVER, open_reply(1, CREATE1, 2, 0, NAME_NOT_FOUND));
        const struct told *told = &play.told[(size_t)2 * i];
        assert_string_equal(told[1].account, users[i]);
        assert_false(told[0].attempt.is_reauthentication);
    }
}

static void dos_errors_in_both_forms(void **state) {
    (void)state;
    say(&play, 0, CLIENT, setup_of(1, "jdoe"));
    struct sbl_observation seen = setup_answer(1, 0, 1 << 16 | 5);
    seen.head.is_dos_error = true;
    say(&play, 0, SERVER, seen);
    assert_int_equal(play.told[0].attempt.outcome, SBL_OUTCOME_FAILURE);
    assert_true(play.told[0].finding.is_dos_error);
    say(&play, 0, CLIENT, setup_of(1, "jdoe"));
    say(&play, 0, SERVER, setup_answer(1, 0, 0x005B0002)); /* STATUS_SMB_BAD_UID */
    assert_int_equal(play.told[1].finding.status, 2 << 16 | 91);
    assert_true(play.told[1].finding.is_dos_error);
    say(&play, 0, CLIENT, create_of(2, 0, "x.dll"));
    seen = open_reply(1, CREATE1, 2, 0, 1 << 16 | 234); /* ERRmoredata */
    seen.head.is_dos_error = true;
    say(&play, 0, SERVER, seen);
    assert_int_equal(play.told_count, 2);
}

static void interim_replies_and_repeated_ids(void **state) {
    (void)state;
    struct sbl_observation find =
        open_request_of(1, TRANS2, SBL_OPEN_TRANS2_FIND_FIRST2, 3, 100, "\\a*.dll");
    say(&play, 0, CLIENT, find);
    struct sbl_observation interim = reply(SBL_SAW_OTHER, 1, TRANS2, 3, 100, 0);
    interim.head.word_count = 0;
    say(&play, 0, SERVER, interim);
    find.open.name = text("\\b*.dll");
    say(&play, 0, CLIENT, find);
    say(&play, 0, SERVER, reply(SBL_SAW_OTHER, 1, TRANS2, 3, 100, 0xC000000F));
    say(&play, 0, SERVER, reply(SBL_SAW_OTHER, 1, TRANS2, 3, 100, 0xC000000F));
    assert_int_equal(play.told_count, 2);
    assert_string_equal(play.told[0].name, "\\a*.dll"); /* first come, first served */
    assert_string_equal(play.told[1].name, "\\b*.dll");
    /* the refusal of another TRANS2 is nobody's open */
    say(&play, 0, CLIENT, command(SBL_SAW_OTHER, 1, TRANS2, 3, 100));
    say(&play, 0, SERVER, reply(SBL_SAW_OTHER, 1, TRANS2, 3, 100, 0xC0000022));
    say(&play, 0, SERVER, reply(SBL_SAW_OTHER, 1, TRANS2, 3, 100, 0xC0000022));
    assert_int_equal(play.told_count, 2);
    assert_int_equal(play.stats.replies_unmatched, 1);
}

static void referrals_are_noise(void **state) {
    (void)state;
    const uint32_t not_found = 0xC0000225u; /* STATUS_NOT_FOUND */
    struct sbl_observation ask = command(SBL_SAW_DFS_REFERRAL_REQUEST, 1, TRANS2, 3, 100);
    ask.open.name = text("\\CAP01\\A");
    say(&play, 0, CLIENT, ask);
    say(&play, 0, SERVER, reply(SBL_SAW_OTHER, 1, TRANS2, 3, 100, not_found));
    ask.head.version = 2;
    ask.head.command = IOCTL2;
    say(&play, 0, CLIENT, ask);
    say(&play, 0, SERVER, reply(SBL_SAW_OTHER, 2, IOCTL2, 3, 100, not_found));
    assert_int_equal(play.told_count, 0);
    assert_int_equal(play.stats.dfs_noise, 2);
}

static void share_passwords_are_tree_refusals(void **state) {
    (void)state;
    say(&play, 0, CLIENT, tree_request(1, 1, 0, "\\\\WIN95\\C"));
    struct sbl_observation seen = tree_reply(1, 1, 0, 0, 2 << 16 | 2);
    seen.head.is_dos_error = true;
    say(&play, 0, SERVER, seen);
    assert_int_equal(play.told[0].kind, TOLD_TREE);
    assert_string_equal(play.told[0].share, "\\\\WIN95\\C");
    assert_string_equal(play.told[0].account, "-");
}

int main(void) {
#define PLAY(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        PLAY(a_refused_setup_keeps_the_share_that_rode_along),
        PLAY(the_error_is_the_last_blocks),
        PLAY(a_refused_tree_in_the_chain),
        PLAY(the_error_of_a_block_that_is_not_there),
        PLAY(an_unknown_setup_with_words_was_granted),
        PLAY(an_error_with_words_is_no_grant),
        PLAY(the_end_of_a_listing_refuses_nothing),
        PLAY(extended_security_goes_by_the_uid_of_the_first_reply),
        PLAY(the_greeting_names_dialect_and_server),
        PLAY(clear_text_is_told_by_the_greeting),
        PLAY(netbios_names_are_the_last_resort),
        PLAY(uids_are_used_again),
        PLAY(dos_errors_in_both_forms),
        PLAY(interim_replies_and_repeated_ids),
        PLAY(referrals_are_noise),
        PLAY(share_passwords_are_tree_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
