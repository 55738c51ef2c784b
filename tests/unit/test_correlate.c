/* Session setups of SMB2: rounds, names, sessions, bindings, second authentications. */
#include "correlate_play.h"

static void a_refused_logon_is_one_attempt(void **state) {
    (void)state;
    logon2(&play, 0, 0x55, "jdoe", LOGON_FAILURE);
    assert_int_equal(play.told_count, 1);
    struct told *told = &play.told[0];
    assert_int_equal(told->kind, TOLD_ATTEMPT);
    assert_string_equal(told->account, "jdoe");
    assert_string_equal(told->domain, "CORP");
    assert_string_equal(told->workstation, "WS042");
    assert_string_equal(told->server, "CAP01");
    assert_int_equal(told->attempt.outcome, SBL_OUTCOME_FAILURE);
    assert_int_equal(told->finding.status, LOGON_FAILURE);
    assert_true(told->finding.has_status);
    assert_int_equal(told->attempt.mechanism, SBL_MECHANISM_NTLMSSP);
    assert_int_equal(told->attempt.wrapping, SBL_WRAPPING_SPNEGO);
    assert_int_equal(told->attempt.answer, SBL_ANSWER_NTLMV2);
    assert_true(told->attempt.has_ntlm && told->attempt.has_challenge);
    assert_true(told->attempt.has_server_time);
    assert_int_equal(told->attempt.server.timestamp, 77);
    assert_int_equal(told->attempt.client.nt_bytes, 200);
    assert_int_equal(told->finding.evidence.frame_count, 4);
    assert_int_equal(told->finding.evidence.frames[0].number, 1);
    assert_int_equal(told->finding.evidence.frames[3].number, 4);
    assert_int_equal(told->finding.evidence.request.number, 3);
    assert_int_equal(told->finding.evidence.response.number, 4);
    assert_int_equal(told->finding.time_ns, 4000);
    assert_int_equal(told->finding.seq, 5100);
    assert_int_equal(told->attempt.request_time_ns, 3000);
    assert_int_equal(told->finding.message_id, 2);
    assert_int_equal(told->finding.session_id, 0x55);
    assert_int_equal(play.stats.logons_refused, 1);
    assert_int_equal(play.stats.logons_granted, 0);
}

static void exchanges_of_one_connection_interleave(void **state) {
    (void)state;
    say(&play, 0, CLIENT, ntlm_negotiate(1, 0));
    say(&play, 0, CLIENT, ntlm_negotiate(2, 0));
    say(&play, 0, SERVER, ntlm_challenge(2, 0xB, "CAP01", "CORP"));
    say(&play, 0, SERVER, ntlm_challenge(1, 0xA, "CAP01", "CORP"));
    say(&play, 0, CLIENT, ntlm_authenticate(3, 0xA, "anna"));
    say(&play, 0, CLIENT, ntlm_authenticate(4, 0xB, "bert"));
    say(&play, 0, SERVER, setup_reply(4, 0xB, 0));
    say(&play, 0, SERVER, setup_reply(3, 0xA, LOGON_FAILURE));
    assert_int_equal(play.told_count, 2);
    assert_string_equal(play.told[0].account, "bert");
    assert_int_equal(play.told[0].attempt.outcome, SBL_OUTCOME_SUCCESS);
    assert_int_equal(play.told[0].finding.evidence.frames[0].number, 2);
    assert_string_equal(play.told[1].account, "anna");
    assert_int_equal(play.told[1].attempt.outcome, SBL_OUTCOME_FAILURE);
}

static void pending_and_warnings_are_no_end(void **state) {
    (void)state;
    say(&play, 0, CLIENT, ntlm_authenticate(1, 0, "jdoe"));
    say(&play, 0, SERVER, setup_reply(1, 0, STATUS_PENDING));
    assert_int_equal(play.told_count, 0);
    say(&play, 0, SERVER, setup_reply(1, 9, LOGON_FAILURE));
    assert_int_equal(play.told_count, 1);
    assert_int_equal(play.told[0].attempt.half_seen, SBL_HALF_NONE);
}

static void guest_is_a_success_that_is_counted(void **state) {
    (void)state;
    say(&play, 0, CLIENT, ntlm_authenticate(1, 0, "jdoe"));
    struct sbl_observation granted = setup_reply(1, 9, 0);
    granted.session_setup.is_guest = true;
    say(&play, 0, SERVER, granted);
    assert_int_equal(play.told[0].attempt.outcome, SBL_OUTCOME_SUCCESS);
    assert_true(play.told[0].attempt.is_guest);
    assert_int_equal(play.stats.logons_guest, 1);
}

static void kerberos_then_ntlm_is_told_as_ntlm(void **state) {
    (void)state;
    struct sbl_observation ticket = ntlm_negotiate(1, 0);
    struct sbl_auth_token *token = &ticket.session_setup.token;
    token->ntlm.message = SBL_NTLM_NONE;
    token->mechanism = SBL_MECHANISM_KERBEROS;
    token->kerberos = (struct sbl_kerberos){.message = 14,
                                            .realm = text("CORP.EXAMPLE"),
                                            .service = {text("cifs"), text("cap01")},
                                            .service_count = 2};
    say(&play, 0, CLIENT, ticket);
    say(&play, 0, SERVER, setup_reply(1, 9, LOGON_FAILURE));
    char service[64], realm[64];
    assert_int_equal(play.told[0].attempt.mechanism, SBL_MECHANISM_KERBEROS);
    assert_int_equal(play.told[0].attempt.service.size, strlen("cifs/cap01"));
    play_copy(service, play.told[0].attempt.service); /* scratch is not reused yet */
    play_copy(realm, play.told[0].attempt.realm);
    assert_string_equal(service, "cifs/cap01");
    assert_string_equal(realm, "CORP.EXAMPLE");
    assert_string_equal(play.told[0].account, "-");
    ticket.head.message_id = 2;
    say(&play, 0, CLIENT, ticket);
    say(&play, 0, SERVER, ntlm_challenge(2, 9, "CAP01", "CORP"));
    say(&play, 0, CLIENT, ntlm_authenticate(3, 9, "jdoe"));
    say(&play, 0, SERVER, setup_reply(3, 9, LOGON_FAILURE));
    assert_int_equal(play.told_count, 2);
    assert_int_equal(play.told[1].attempt.mechanism, SBL_MECHANISM_NTLMSSP);
    assert_false(sbl_text_is_present(play.told[1].attempt.realm));
    assert_string_equal(play.told[1].account, "jdoe");
}

static void second_authentication_is_not_a_new_logon(void **state) {
    (void)state;
    logon2(&play, 0, 9, "jdoe", 0);
    assert_false(play.told[0].attempt.is_reauthentication);
    say(&play, 0, CLIENT, ntlm_negotiate(3, 9));
    say(&play, 0, SERVER, ntlm_challenge(3, 9, "CAP01", "CORP"));
    say(&play, 0, CLIENT, ntlm_authenticate(4, 9, "jdoe"));
    say(&play, 0, SERVER, setup_reply(4, 9, 0));
    assert_true(play.told[1].attempt.is_reauthentication);
    say(&play, 0, CLIENT, tree_request(2, 5, 9, "\\\\CAP01\\A"));
    say(&play, 0, SERVER, tree_reply(2, 5, 9, 0, 0xC0000022));
    assert_string_equal(play.told[2].account, "jdoe");
    say(&play, 0, CLIENT, ntlm_authenticate(6, 9, "jdoe"));
    say(&play, 0, SERVER, setup_reply(6, 9, LOGON_FAILURE));
    assert_true(play.told[3].attempt.is_reauthentication);
    say(&play, 0, CLIENT, tree_request(2, 7, 9, "\\\\CAP01\\A"));
    say(&play, 0, SERVER, tree_reply(2, 7, 9, 0, 0xC0000203));
    assert_string_equal(play.told[4].account, "-"); /* that killed the session */
}

static struct sbl_observation binding(uint64_t message_id, uint64_t session_id) {
    struct sbl_observation seen = ntlm_negotiate(message_id, session_id);
    seen.session_setup.is_binding = true;
    seen.session_setup.token.ntlm.message = SBL_NTLM_NONE;
    seen.session_setup.token.mechanism = SBL_MECHANISM_KERBEROS;
    return seen;
}

static void a_bound_connection_knows_account_and_trees(void **state) {
    (void)state;
    play.conversations[1].side[0] = play.conversations[0].side[0];
    logon2(&play, 0, 9, "jdoe", 0);
    tree2(&play, 0, 3, 9, 7, "\\\\CAP01\\A");
    say(&play, 1, CLIENT, binding(1, 9));
    say(&play, 1, SERVER, setup_reply(1, 9, 0));
    assert_true(play.told[1].attempt.is_binding);
    assert_false(play.told[1].attempt.is_reauthentication);
    say(&play, 1, CLIENT, create2(2, 9, "x.dll"));
    say(&play, 1, SERVER, open_reply(2, CREATE2, 2, 9, NAME_NOT_FOUND));
    assert_string_equal(play.told[2].account, "jdoe");
    assert_string_equal(play.told[2].share, "\\\\CAP01\\A");
    /* another pair of hosts with the same session id is another session */
    say(&play, 2, CLIENT, binding(1, 9));
    say(&play, 2, SERVER, setup_reply(1, 9, 0));
    say(&play, 2, CLIENT, create2(2, 9, "x.dll"));
    say(&play, 2, SERVER, open_reply(2, CREATE2, 2, 9, NAME_NOT_FOUND));
    assert_string_equal(play.told[4].account, "-");
    assert_string_equal(play.told[4].share, "-");
}

static void guids_tie_channels_of_other_interfaces(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct sbl_observation hello = command(SBL_SAW_NEGOTIATE_REQUEST, 2, 0, 0, 0);
        memset(hello.negotiate.guid, 0x11, 16);
        say(&play, i, CLIENT, hello);
        hello = reply(SBL_SAW_NEGOTIATE_RESPONSE, 2, 0, 0, 0, 0);
        memset(hello.negotiate.guid, 0x22, 16);
        hello.negotiate.dialect = 0x0311;
        say(&play, i, SERVER, hello);
    }
    logon2(&play, 0, 9, "jdoe", 0);
    assert_int_equal(play.told[0].finding.dialect, 0x0311);
    say(&play, 1, CLIENT, binding(1, 9));
    say(&play, 1, SERVER, setup_reply(1, 9, 0));
    say(&play, 1, CLIENT, create2(2, 9, "x.dll"));
    say(&play, 1, SERVER, open_reply(2, CREATE2, 2, 9, NAME_NOT_FOUND));
    assert_string_equal(play.told[2].account, "jdoe");
}

static void logoff_ends_the_session(void **state) {
    (void)state;
    logon2(&play, 0, 9, "jdoe", 0);
    say(&play, 0, CLIENT, command(SBL_SAW_LOGOFF_REQUEST, 2, LOGOFF2, 3, 9));
    say(&play, 0, SERVER, reply(SBL_SAW_OTHER, 2, LOGOFF2, 3, 9, 0));
    say(&play, 0, CLIENT, create2(4, 9, "x.dll"));
    say(&play, 0, SERVER, open_reply(2, CREATE2, 4, 9, 0xC0000203));
    assert_string_equal(play.told[1].account, "-");
}

static void long_exchanges_keep_sixteen_frames(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 12; i++) {
        say(&play, 0, CLIENT, ntlm_negotiate(i, i ? 9 : 0));
        say(&play, 0, SERVER, ntlm_challenge(i, 9, "CAP01", "CORP"));
    }
    say(&play, 0, CLIENT, ntlm_authenticate(12, 9, "jdoe"));
    say(&play, 0, SERVER, setup_reply(12, 9, LOGON_FAILURE));
    assert_int_equal(play.told_count, 1);
    const struct sbl_evidence *evidence = &play.told[0].finding.evidence;
    assert_int_equal(evidence->frame_count, SBL_EVIDENCE_FRAMES);
    assert_int_equal(evidence->frames[0].number, 1);
    assert_int_equal(evidence->frames[SBL_EVIDENCE_FRAMES - 1].number, 26);
    assert_int_equal(evidence->response.number, 26);
}

static void refused_trees_name_share_and_account(void **state) {
    (void)state;
    logon2(&play, 0, 9, "jdoe", 0);
    say(&play, 0, CLIENT, tree_request(2, 3, 9, "\\\\CAP01\\SECRET"));
    say(&play, 0, SERVER, tree_reply(2, 3, 9, 0, 0xC00000CC));
    assert_int_equal(play.told_count, 2);
    assert_int_equal(play.told[1].kind, TOLD_TREE);
    assert_string_equal(play.told[1].share, "\\\\CAP01\\SECRET");
    assert_string_equal(play.told[1].account, "jdoe");
    assert_int_equal(play.told[1].finding.evidence.frame_count, 2);
    assert_int_equal(play.stats.tree_connects_refused, 1);
    say(&play, 0, CLIENT, tree_request(2, 4, 9, "\\\\CAP01\\DFS"));
    say(&play, 0, SERVER, tree_reply(2, 4, 9, 0, STATUS_PATH_NOT_COVERED));
    assert_int_equal(play.told_count, 2);
    assert_int_equal(play.stats.dfs_noise, 1);
}

static void encryption_is_told_and_hides_quietly(void **state) {
    (void)state;
    say(&play, 0, CLIENT, ntlm_authenticate(1, 0, "jdoe"));
    struct sbl_observation granted = setup_reply(1, 9, 0);
    granted.session_setup.is_encrypting = true;
    say(&play, 0, SERVER, granted);
    assert_true(play.told[0].finding.is_encrypted);
    say(&play, 0, CLIENT, create2(2, 9, "x.dll"));
    struct sbl_observation sealed = command(SBL_SAW_ENCRYPTED, 2, 0, 0, 9);
    say(&play, 0, SERVER, sealed);
    play.events.close(play.c, &play.conversations[0], SBL_CLOSE_FIN, 0);
    assert_int_equal(play.told_count, 1);
    assert_int_equal(play.stats.requests_unanswered, 0);
    logon2(&play, 1, 9, "jdoe", 0);
    say(&play, 1, SERVER, sealed);
    say(&play, 1, CLIENT, tree_request(2, 3, 9, "\\\\CAP01\\A"));
    say(&play, 1, SERVER, tree_reply(2, 3, 9, 0, 0xC0000022));
    assert_true(play.told[2].finding.is_encrypted);
}

static void a_name_of_any_length_is_whole(void **state) {
    (void)state;
    static char longest[NAMES_TEXT_BYTES + 10];
    memset(longest, 'x', sizeof longest - 1);
    for (unsigned size = 50; size < 70; size++) {
        struct sbl_observation request = create2(size, 9, longest);
        request.open.name.size = size;
        say(&play, 0, CLIENT, request);
        say(&play, 0, SERVER, open_reply(2, CREATE2, size, 9, NAME_NOT_FOUND));
        assert_int_equal(strlen(play.told[size - 50].name), size < 63 ? size : 63);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_refused_logon_is_one_attempt, begin, end),
        cmocka_unit_test_setup_teardown(exchanges_of_one_connection_interleave, begin, end),
        cmocka_unit_test_setup_teardown(pending_and_warnings_are_no_end, begin, end),
        cmocka_unit_test_setup_teardown(guest_is_a_success_that_is_counted, begin, end),
        cmocka_unit_test_setup_teardown(kerberos_then_ntlm_is_told_as_ntlm, begin, end),
        cmocka_unit_test_setup_teardown(second_authentication_is_not_a_new_logon, begin, end),
        cmocka_unit_test_setup_teardown(a_bound_connection_knows_account_and_trees, begin, end),
        cmocka_unit_test_setup_teardown(guids_tie_channels_of_other_interfaces, begin, end),
        cmocka_unit_test_setup_teardown(logoff_ends_the_session, begin, end),
        cmocka_unit_test_setup_teardown(long_exchanges_keep_sixteen_frames, begin, end),
        cmocka_unit_test_setup_teardown(refused_trees_name_share_and_account, begin, end),
        cmocka_unit_test_setup_teardown(encryption_is_told_and_hides_quietly, begin, end),
        cmocka_unit_test_setup_teardown(a_name_of_any_length_is_whole, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
