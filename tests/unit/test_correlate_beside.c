/* What is told beside logons and refusals: granted shares, challenges by their mark, who insists on
 * signing, and what Kerberos refuses in a reply that asks for more. */
#include "correlate_play.h"

static void a_granted_share_is_told_with_its_session(void **state) {
    (void)state;
    logon2(&play, 0, 9, "jdoe", 0);
    tree2(&play, 0, 3, 9, 7, "\\\\CAP01\\CAP_S01");
    assert_int_equal(play.grant_count, 1);
    assert_int_equal(play.told_count, 1);
    const struct told *grant = &play.grant;
    assert_string_equal(grant->share, "\\\\CAP01\\CAP_S01");
    assert_string_equal(grant->account, "jdoe");
    assert_string_equal(grant->domain, "CORP");
    assert_string_equal(grant->workstation, "WS042");
    assert_string_equal(grant->server, "CAP01");
    assert_int_equal(grant->finding.session_id, 9);
    assert_int_equal(grant->finding.tree_id, 7);
    assert_int_equal(grant->finding.status, 0);
    assert_true(grant->finding.has_status);
    assert_int_equal(grant->finding.evidence.frame_count, 2);
    assert_int_equal(grant->finding.evidence.response.number, 6);
    say(&play, 0, CLIENT, tree_request(2, 4, 9, "\\\\CAP01\\SECRET"));
    say(&play, 0, SERVER, tree_reply(2, 4, 9, 0, 0xC0000022));
    assert_int_equal(play.grant_count, 1);
    assert_int_equal(play.told_count, 2);
}

/* A reply whose request was not captured says nothing of a share; one that came first does. */
static void only_a_share_with_a_name_is_told(void **state) {
    (void)state;
    say(&play, 0, SERVER, tree_reply(2, 3, 9, 7, 0));
    assert_int_equal(play.grant_count, 0);
    uint32_t *seq = play.seq[0];
    add(&play, tree_reply(2, 4, 9, 8, 0));
    send_at(&play, 0, SERVER, seq[SERVER], seq[CLIENT] + MESSAGE_BYTES);
    seq[SERVER] += MESSAGE_BYTES;
    say(&play, 0, CLIENT, tree_request(2, 4, 9, "\\\\CAP01\\SYSVOL"));
    assert_int_equal(play.grant_count, 1);
    assert_string_equal(play.grant.share, "\\\\CAP01\\SYSVOL");
    assert_int_equal(play.grant.finding.tree_id, 8);
}

static struct sbl_observation setup_of(uint64_t message_id, const char *user) {
    struct sbl_observation seen = command(SBL_SAW_SESSION_SETUP_REQUEST, 1, SETUP1, message_id, 0);
    seen.head.word_count = 13;
    seen.session_setup.form = 13;
    seen.session_setup.lm_bytes = seen.session_setup.nt_bytes = 24;
    seen.session_setup.answer = SBL_ANSWER_NTLMV1;
    seen.session_setup.account = text(user);
    seen.session_setup.domain = text("WS042");
    return seen;
}

static void a_share_that_rides_behind_its_logon(void **state) {
    (void)state;
    add(&play, setup_of(5, "SMSCliToknAcct&"));
    add(&play, tree_request(1, 5, 0, "\\\\CAP01\\SMSLOGON"));
    send(&play, 0, CLIENT);
    struct sbl_observation seen = reply(SBL_SAW_SESSION_SETUP_RESPONSE, 1, SETUP1, 5, 100, 0);
    add(&play, seen);
    seen = tree_reply(1, 5, 100, 7, 0);
    add(&play, seen);
    send(&play, 0, SERVER);
    assert_int_equal(play.told_count, 1);
    assert_int_equal(play.grant_count, 1);
    assert_string_equal(play.grant.share, "\\\\CAP01\\SMSLOGON");
    assert_string_equal(play.grant.account, "SMSCliToknAcct&");
    assert_int_equal(play.grant.finding.session_id, 100);
}

static void logon_with(unsigned conversation, uint64_t challenge) {
    say(&play, conversation, CLIENT, ntlm_negotiate(1, 0));
    struct sbl_observation seen = ntlm_challenge(1, 9, "CAP01", "CORP");
    seen.session_setup.token.ntlm.challenge = challenge;
    say(&play, conversation, SERVER, seen);
    say(&play, conversation, CLIENT, ntlm_authenticate(2, 9, "jdoe"));
    say(&play, conversation, SERVER, setup_reply(2, 9, LOGON_FAILURE));
}

static void equal_challenges_have_equal_marks(void **state) {
    (void)state;
    static const uint64_t challenges[] = {0x1122334455667788, 0x1122334455667788,
                                          0x1122334455667789, 0};
    for (unsigned i = 0; i < 4; i++)
        logon_with(i, challenges[i]);
    assert_true(play.told[0].attempt.challenge_mark != 0);
    assert_true(play.told[0].attempt.challenge_mark != challenges[0]);
    assert_true(play.told[0].attempt.challenge_mark == play.told[1].attempt.challenge_mark);
    assert_true(play.told[0].attempt.challenge_mark != play.told[2].attempt.challenge_mark);
    assert_true(play.told[3].attempt.challenge_mark == 0);
    assert_true(play.told[0].attempt.server.challenge == 0); /* it stays in this room */
}

static void greet(unsigned conversation, uint8_t version, bool client, bool server) {
    struct sbl_observation seen = command(SBL_SAW_NEGOTIATE_REQUEST, version, 0, 0, 0);
    seen.negotiate.signing_required = client;
    say(&play, conversation, CLIENT, seen);
    seen = reply(SBL_SAW_NEGOTIATE_RESPONSE, version, 0, 0, 0, 0);
    seen.negotiate.signing_required = server;
    seen.negotiate.encrypts_passwords = true;
    seen.negotiate.challenge = version == 1 ? 0x1122334455667788 : 0;
    say(&play, conversation, SERVER, seen);
}

static void a_greeting_has_its_challenge_too(void **state) {
    (void)state;
    logon_with(0, 0x1122334455667788);
    greet(1, 1, false, false);
    say(&play, 1, CLIENT, setup_of(1, "jdoe"));
    say(&play, 1, SERVER, reply(SBL_SAW_OTHER, 1, SETUP1, 1, 0, LOGON_FAILURE));
    assert_true(play.told[1].attempt.challenge_mark == play.told[0].attempt.challenge_mark);
    struct sbl_observation plain = setup_of(2, "jdoe"); /* a clear password answers to none */
    plain.session_setup.answer = SBL_ANSWER_PLAINTEXT;
    plain.session_setup.lm_bytes = 9;
    plain.session_setup.nt_bytes = 0;
    say(&play, 1, CLIENT, plain);
    say(&play, 1, SERVER, reply(SBL_SAW_OTHER, 1, SETUP1, 2, 0, LOGON_FAILURE));
    assert_int_equal(play.told[2].attempt.mechanism, SBL_MECHANISM_PLAINTEXT);
    assert_true(play.told[2].attempt.challenge_mark == 0);
}

static void who_requires_signing(void **state) {
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        greet(i, 2, i & 1, i & 2);
        logon_with(i, 0);
        assert_int_equal(play.told[i].attempt.client_requires_signing, i & 1);
        assert_int_equal(play.told[i].attempt.server_requires_signing, (i & 2) != 0);
    }
    greet(3, 2, false, false); /* greeted anew */
    logon_with(3, 0);
    assert_false(play.told[4].attempt.client_requires_signing);
    assert_false(play.told[4].attempt.server_requires_signing);
    logon_with(4, 0); /* not captured: nobody is said to insist */
    assert_false(play.told[5].attempt.client_requires_signing);
    assert_false(play.told[5].attempt.server_requires_signing);
}

/* A ticket, or the reply to one with a KRB-ERROR in it that asks for more. */
static struct sbl_observation ticket(uint64_t message_id, uint64_t session_id) {
    struct sbl_observation seen = ntlm_negotiate(message_id, session_id);
    seen.session_setup.token.ntlm.message = SBL_NTLM_NONE;
    seen.session_setup.token.mechanism = SBL_MECHANISM_KERBEROS;
    seen.session_setup.token.kerberos.message = 14;
    return seen;
}

static void refuse_ticket(uint64_t message_id, uint64_t session_id, int32_t error) {
    struct sbl_observation seen =
        reply(SBL_SAW_SESSION_SETUP_RESPONSE, 2, SETUP2, message_id, session_id, MORE);
    seen.session_setup.token.wrapping = SBL_WRAPPING_SPNEGO;
    seen.session_setup.token.mechanism = SBL_MECHANISM_KERBEROS;
    seen.session_setup.token.kerberos.message = 30;
    seen.session_setup.token.kerberos.error_code = error;
    say(&play, 0, SERVER, seen);
}

enum { SKEW = 37 };

/* Its status asks for more. Who gives up, by whatever end, was refused; what our own cap ends may
 * go on, and so may what was no error. */
static void a_kerberos_error_is_the_end_when_nothing_follows(void **state) {
    (void)state;
    static const struct {
        enum sbl_close how;
        int32_t error;
        bool is_refused;
    } cases[] = {{SBL_CLOSE_FIN, SKEW, true},      {SBL_CLOSE_RESET, SKEW, true},
                 {SBL_CLOSE_REUSED, SKEW, true},   {SBL_CLOSE_END, SKEW, true},
                 {SBL_CLOSE_EVICTED, SKEW, false}, {SBL_CLOSE_FIN, 0, false}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        say(&play, 0, CLIENT, ticket(1, 0));
        refuse_ticket(1, 9, cases[i].error);
        assert_int_equal(play.told_count, i);
        play.events.close(play.c, &play.conversations[0], cases[i].how, 0);
        const struct sbl_attempt *told = &play.told[i].attempt;
        assert_int_equal(play.told_count, i + 1);
        assert_int_equal(told->outcome,
                         cases[i].is_refused ? SBL_OUTCOME_FAILURE : SBL_OUTCOME_UNKNOWN);
        assert_int_equal(told->half_seen, cases[i].is_refused ? SBL_HALF_NONE : SBL_HALF_REQUEST);
        assert_int_equal(told->kerberos_error, cases[i].is_refused ? SKEW : 0);
        assert_int_equal(told->finding.has_status, cases[i].is_refused);
        assert_int_equal(told->finding.status, cases[i].is_refused ? MORE : 0);
        assert_int_equal(told->mechanism, SBL_MECHANISM_KERBEROS);
    }
    assert_int_equal(play.stats.logons_refused, 4);
}

static void a_kerberos_error_that_is_mended_is_none(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        say(&play, 0, CLIENT, ticket(1, 0));
        refuse_ticket(1, 9, SKEW);
        say(&play, 0, CLIENT, ticket(2, 9));
        say(&play, 0, SERVER, setup_reply(2, 9, i ? LOGON_FAILURE : 0));
        play.events.close(play.c, &play.conversations[0], SBL_CLOSE_FIN, 0);
        assert_int_equal(play.told_count, i + 1);
        assert_int_equal(play.told[i].attempt.outcome,
                         i ? SBL_OUTCOME_FAILURE : SBL_OUTCOME_SUCCESS);
        assert_int_equal(play.told[i].attempt.kerberos_error, 0);
    }
}

/* The client turns to NTLM, in a setup of its own: two attempts, in their order. One that is under
 * way beside it, before it has its answer, may go on. */
static void a_kerberos_error_before_a_new_setup_is_refused(void **state) {
    (void)state;
    say(&play, 0, CLIENT, ticket(1, 0));
    refuse_ticket(1, 9, SKEW);
    say(&play, 0, CLIENT, ntlm_negotiate(2, 0));
    say(&play, 0, SERVER, ntlm_challenge(2, 10, "CAP01", "CORP"));
    say(&play, 0, CLIENT, ntlm_authenticate(3, 10, "jdoe"));
    assert_int_equal(play.told_count, 0);
    say(&play, 0, SERVER, setup_reply(3, 10, 0));
    assert_int_equal(play.told_count, 2);
    assert_int_equal(play.told[0].attempt.kerberos_error, SKEW);
    assert_int_equal(play.told[1].attempt.outcome, SBL_OUTCOME_SUCCESS);
    assert_string_equal(play.told[1].account, "jdoe");
    say(&play, 0, CLIENT, ticket(4, 0));
    refuse_ticket(4, 11, SKEW);
    say(&play, 0, CLIENT, ticket(5, 0));
    refuse_ticket(5, 12, SKEW); /* again: the one before was in vain */
    assert_int_equal(play.told_count, 3);
    say(&play, 0, CLIENT, ticket(6, 12));
    say(&play, 0, SERVER, setup_reply(6, 12, 0));
    assert_int_equal(play.told_count, 4);
    assert_int_equal(play.stats.logons_refused, 2);
}

int main(void) {
#define PLAY(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        PLAY(a_granted_share_is_told_with_its_session),
        PLAY(only_a_share_with_a_name_is_told),
        PLAY(a_share_that_rides_behind_its_logon),
        PLAY(equal_challenges_have_equal_marks),
        PLAY(a_greeting_has_its_challenge_too),
        PLAY(who_requires_signing),
        cmocka_unit_test_setup_teardown(a_kerberos_error_is_the_end_when_nothing_follows, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_kerberos_error_that_is_mended_is_none, begin, end),
        cmocka_unit_test_setup_teardown(a_kerberos_error_before_a_new_setup_is_refused, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
