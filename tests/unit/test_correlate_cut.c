/* What is missing or comes in the wrong order: half of an exchange, gaps, early and stale replies,
 * disputed bytes; and every cap, reached. */
#include "correlate_play.h"

static void a_request_without_reply_is_half_seen(void **state) {
    (void)state;
    static const struct {
        enum sbl_close how;
        enum sbl_reason reason;
    } ends[] = {{SBL_CLOSE_RESET, SBL_REASON_ABANDONED},
                {SBL_CLOSE_FIN, SBL_REASON_ABANDONED},
                {SBL_CLOSE_REUSED, SBL_REASON_ABANDONED},
                {SBL_CLOSE_END, SBL_REASON_UNKNOWN},
                {SBL_CLOSE_EVICTED, SBL_REASON_UNKNOWN}};
    for (unsigned i = 0; i < 5; i++) {
        say(&play, 0, CLIENT, ntlm_authenticate(1, 0, "jdoe"));
        play.events.close(play.c, &play.conversations[0], ends[i].how, 0);
        assert_int_equal(play.told_count, i + 1);
        struct told *told = &play.told[i];
        assert_int_equal(told->attempt.half_seen, SBL_HALF_REQUEST);
        assert_int_equal(told->attempt.outcome, SBL_OUTCOME_UNKNOWN);
        assert_int_equal(told->attempt.reason, ends[i].reason);
        assert_false(told->finding.has_status);
        assert_string_equal(told->account, "jdoe");
        assert_int_equal(told->finding.evidence.response.number, 0);
        assert_int_equal(told->finding.evidence.request.number, i + 1);
    }
    assert_int_equal(play.stats.logons_half_seen, 5);
    assert_int_equal(play.stats.requests_unanswered, 5);
    assert_int_equal(play.stats.logons_granted + play.stats.logons_refused, 0);
}

static void a_challenge_and_then_nothing_is_abandoned(void **state) {
    (void)state;
    struct sbl_observation first = ntlm_negotiate(1, 0);
    first.session_setup.token.ntlm.domain = text("SUPPLIED");
    first.session_setup.token.ntlm.workstation = text("WSX");
    say(&play, 0, CLIENT, first);
    say(&play, 0, SERVER, ntlm_challenge(1, 9, "CAP01", "CORP"));
    play.events.close(play.c, &play.conversations[0], SBL_CLOSE_FIN, 0);
    assert_int_equal(play.told_count, 1);
    assert_int_equal(play.told[0].attempt.half_seen, SBL_HALF_REQUEST);
    assert_int_equal(play.told[0].attempt.reason, SBL_REASON_ABANDONED);
    assert_string_equal(play.told[0].account, "-");
    assert_string_equal(play.told[0].domain,
                        "-"); /* the computer's, which says nothing of the user */
    assert_string_equal(play.told[0].workstation, "WSX");
    assert_string_equal(play.told[0].server, "CAP01");
    assert_int_equal(play.told[0].finding.session_id, 9);
    assert_int_equal(play.told[0].finding.evidence.frame_count, 2);
    assert_false(play.told[0].finding.has_status);
}

static void a_reply_without_request_is_half_seen_after_a_while(void **state) {
    (void)state;
    say(&play, 0, SERVER, setup_reply(5, 9, LOGON_FAILURE));
    for (unsigned i = 0; i < EARLY_MESSAGES; i++) {
        assert_int_equal(play.told_count, 0);
        say(&play, 0, SERVER, command(SBL_SAW_OTHER, 2, 8, 50 + i, 9));
    }
    assert_int_equal(play.told_count, 1);
    assert_int_equal(play.told[0].attempt.half_seen, SBL_HALF_RESPONSE);
    assert_int_equal(play.told[0].attempt.outcome, SBL_OUTCOME_FAILURE);
    assert_string_equal(play.told[0].account, "-");
    assert_int_equal(play.told[0].finding.session_id, 9);
    assert_int_equal(play.told[0].finding.message_id, 5);
    assert_int_equal(play.told[0].finding.evidence.request.number, 0);
    assert_int_equal(play.told[0].finding.evidence.response.number, 1);
    assert_int_equal(play.stats.logons_refused, 1);
    assert_int_equal(play.stats.logons_half_seen, 1);
    assert_int_equal(play.stats.replies_unmatched, 1);
}

static void the_end_of_an_exchange_keeps_its_beginning(void **state) {
    (void)state;
    say(&play, 0, CLIENT, ntlm_negotiate(1, 0));
    say(&play, 0, SERVER, ntlm_challenge(1, 9, "CAP01", "CORP"));
    say(&play, 0, SERVER, setup_reply(2, 9, LOGON_FAILURE)); /* AUTHENTICATE not captured */
    play.events.gap(play.c, &play.conversations[0], CLIENT, 0);
    assert_int_equal(play.told_count, 1);
    assert_int_equal(play.told[0].attempt.half_seen, SBL_HALF_RESPONSE);
    assert_int_equal(play.told[0].attempt.outcome, SBL_OUTCOME_FAILURE);
    assert_string_equal(play.told[0].server, "CAP01");
    assert_int_equal(play.told[0].finding.evidence.frame_count, 3);
}

/* The frames of each pair swapped, as a mirror port may deliver them. */
static void replies_before_their_requests_pair(void **state) {
    (void)state;
    uint32_t c = 1000, s = 5000;
    struct {
        struct sbl_observation ask, answer;
    } rounds[] = {
        {ntlm_negotiate(1, 0), ntlm_challenge(1, 9, "CAP01", "CORP")},
        {ntlm_authenticate(2, 9, "jdoe"), setup_reply(2, 9, 0)},
        {tree_request(2, 3, 9, "\\\\CAP01\\A"), tree_reply(2, 3, 9, 7, 0)},
        {create2(4, 9, "x.dll"), open_reply(2, CREATE2, 4, 9, NAME_NOT_FOUND)},
        {tree_request(2, 5, 9, "\\\\CAP01\\B"), tree_reply(2, 5, 9, 8, 0xC0000022)},
    };
    for (unsigned i = 0; i < 5; i++) {
        add(&play, rounds[i].answer);
        send_at(&play, 0, SERVER, s, c + MESSAGE_BYTES);
        add(&play, rounds[i].ask);
        send_at(&play, 0, CLIENT, c, s);
        c += MESSAGE_BYTES;
        s += MESSAGE_BYTES;
    }
    assert_int_equal(play.told_count, 3);
    assert_int_equal(play.told[0].kind, TOLD_ATTEMPT);
    assert_int_equal(play.told[0].attempt.half_seen, SBL_HALF_NONE);
    assert_int_equal(play.told[0].attempt.outcome, SBL_OUTCOME_SUCCESS);
    assert_string_equal(play.told[0].account, "jdoe");
    assert_string_equal(play.told[0].server, "CAP01");
    const struct sbl_evidence *evidence = &play.told[0].finding.evidence;
    assert_int_equal(evidence->frame_count, 4);
    static const uint64_t order[] = {2, 1, 4, 3}; /* of the exchange, not of the capture */
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(evidence->frames[i].number, order[i]);
    assert_string_equal(play.told[1].name, "x.dll");
    assert_string_equal(play.told[1].share, "\\\\CAP01\\A");
    assert_string_equal(play.told[1].account, "jdoe");
    assert_string_equal(play.told[2].share, "\\\\CAP01\\B");
    assert_int_equal(play.stats.replies_unmatched, 0);
}

static void an_early_reply_is_not_for_a_later_request(void **state) {
    (void)state;
    add(&play, setup_reply(1, 9, LOGON_FAILURE));
    send_at(&play, 0, SERVER, 5000, 1000);
    add(&play, ntlm_authenticate(1, 0, "jdoe")); /* ends at 1100: after what was acknowledged */
    send_at(&play, 0, CLIENT, 1000, 5100);
    assert_int_equal(play.told_count, 1); /* overtaken, so it is told before what comes after it */
    assert_int_equal(play.told[0].attempt.half_seen, SBL_HALF_RESPONSE);
    assert_int_equal(play.told[0].attempt.outcome, SBL_OUTCOME_FAILURE);
    add(&play, setup_reply(1, 8, 0));
    send_at(&play, 0, SERVER, 5100, 1100);
    assert_int_equal(play.told_count, 2);
    assert_int_equal(play.told[1].attempt.outcome, SBL_OUTCOME_SUCCESS);
    assert_string_equal(play.told[1].account, "jdoe");
}

static void a_reply_cannot_answer_what_was_not_received(void **state) {
    (void)state;
    add(&play, create2(1, 9, "x.dll"));
    send_at(&play, 0, CLIENT, 0xFFFFFFF0u, 5000); /* ends at 0x54, after the wrap */
    add(&play, open_reply(2, CREATE2, 1, 9, NAME_NOT_FOUND));
    send_at(&play, 0, SERVER, 5000, 0xFFFFFFF0u);
    assert_int_equal(play.told_count, 0);
    add(&play, open_reply(2, CREATE2, 1, 9, 0xC0000022));
    send_at(&play, 0, SERVER, 5100, 0x54);
    assert_int_equal(play.told_count, 1);
    assert_string_equal(play.told[0].name, "x.dll");
    assert_int_equal(play.told[0].finding.status, 0xC0000022);
    add(&play, create2(2, 9, "y.dll")); /* a capture without acknowledgements still works */
    send_at(&play, 0, CLIENT, 0x54, 0);
    add(&play, open_reply(2, CREATE2, 2, 9, NAME_NOT_FOUND));
    send_at(&play, 0, SERVER, 5200, 0);
    assert_int_equal(play.told_count, 3);
    assert_string_equal(play.told[1].name, "-"); /* the refusal that answered nothing we saw */
    assert_string_equal(play.told[2].name, "y.dll");
}

static void unmatched_refusals_are_told_without_a_name(void **state) {
    (void)state;
    say(&play, 0, SERVER, open_reply(2, CREATE2, 1, 9, NAME_NOT_FOUND));
    say(&play, 0, SERVER, open_reply(1, CREATE1, 1, 9, 2 << 16 | 5));
    say(&play, 0, SERVER, tree_reply(2, 2, 9, 0, 0xC0000022));
    say(&play, 0, SERVER, open_reply(2, CREATE2, 3, 9, 0)); /* a success is nothing to tell */
    play.events.close(play.c, &play.conversations[0], SBL_CLOSE_FIN, 0);
    assert_int_equal(play.told_count, 2);
    assert_int_equal(play.told[0].kind, TOLD_PROBE);
    assert_string_equal(play.told[0].name, "-");
    assert_int_equal(play.told[0].finding.evidence.request.number, 0);
    assert_int_equal(play.told[0].finding.evidence.response.number, 1);
    assert_int_equal(play.told[1].kind, TOLD_TREE);
    assert_int_equal(play.stats.replies_unmatched, 2);
}

static void a_lost_challenge_does_not_cut_the_attempt(void **state) {
    (void)state;
    say(&play, 0, CLIENT, ntlm_negotiate(1, 0));
    play.events.gap(play.c, &play.conversations[0], SERVER, 0);
    say(&play, 0, CLIENT, ntlm_authenticate(2, 9, "jdoe"));
    say(&play, 0, SERVER, setup_reply(2, 9, LOGON_FAILURE));
    assert_int_equal(play.told_count, 1);
    assert_string_equal(play.told[0].account, "jdoe");
    assert_int_equal(play.told[0].finding.evidence.frame_count, 3);
}

static void of_the_client_alone_an_attempt_is_one(void **state) {
    (void)state;
    say(&play, 0, CLIENT, ntlm_negotiate(1, 0));
    say(&play, 0, CLIENT, ntlm_authenticate(2, 9, "jdoe"));
    say(&play, 0, CLIENT, ntlm_negotiate(3, 0));
    say(&play, 0, CLIENT, ntlm_authenticate(4, 10, "adam"));
    play.events.close(play.c, &play.conversations[0], SBL_CLOSE_FIN, 0);
    assert_int_equal(play.told_count, 2);
    assert_string_equal(play.told[0].account, "jdoe");
    assert_string_equal(play.told[1].account, "adam");
    assert_int_equal(play.told[0].attempt.half_seen, SBL_HALF_REQUEST);
    assert_int_equal(play.told[0].finding.evidence.frame_count, 2);
    assert_int_equal(play.stats.logons_half_seen, 2);
}

static void a_second_authentication_of_the_client_alone_is_one(void **state) {
    (void)state;
    say(&play, 0, CLIENT, ntlm_negotiate(1, 0));
    say(&play, 0, CLIENT, ntlm_authenticate(2, 9, "jdoe"));
    say(&play, 0, CLIENT, ntlm_negotiate(3, 0));
    say(&play, 0, CLIENT, ntlm_negotiate(4, 9));
    say(&play, 0, CLIENT, ntlm_authenticate(5, 9, "jdoe"));
    play.events.close(play.c, &play.conversations[0], SBL_CLOSE_FIN, 0);
    assert_int_equal(play.told_count, 3);
}

/* Two first rounds wait: which of them the AUTHENTICATE continues cannot be said. */
static void of_two_first_rounds_none_is_chosen(void **state) {
    (void)state;
    say(&play, 0, CLIENT, ntlm_negotiate(1, 0));
    say(&play, 0, CLIENT, ntlm_negotiate(2, 0));
    say(&play, 0, CLIENT, ntlm_authenticate(3, 9, "jdoe"));
    play.events.close(play.c, &play.conversations[0], SBL_CLOSE_FIN, 0);
    assert_int_equal(play.told_count, 3);
}

static void later_replies_after_a_gap_end_the_waiting(void **state) {
    (void)state;
    say(&play, 0, CLIENT, ntlm_authenticate(1, 0, "jdoe"));
    play.events.gap(play.c, &play.conversations[0], SERVER, 0);
    assert_int_equal(play.told_count, 0);
    say(&play, 0, CLIENT, create2(2, 9, "x.dll"));
    say(&play, 0, SERVER, open_reply(2, CREATE2, 2, 9, NAME_NOT_FOUND));
    assert_int_equal(play.told_count, 2);
    assert_int_equal(play.told[0].kind, TOLD_ATTEMPT);
    assert_int_equal(play.told[0].attempt.half_seen, SBL_HALF_REQUEST);
    assert_int_equal(play.told[0].attempt.reason, SBL_REASON_UNKNOWN);
    assert_int_equal(play.told[1].kind, TOLD_PROBE);
}

static void after_a_gap_the_same_id_is_a_new_request(void **state) {
    (void)state;
    struct sbl_observation ask =
        open_request_of(1, CREATE1, SBL_OPEN_NT_CREATE_ANDX, 3, 100, "lost.dll");
    say(&play, 0, CLIENT, ask);
    play.events.gap(play.c, &play.conversations[0], SERVER, 0);
    ask.open.name = text("new.dll");
    say(&play, 0, CLIENT, ask);
    say(&play, 0, SERVER, open_reply(1, CREATE1, 3, 100, NAME_NOT_FOUND));
    assert_int_equal(play.told_count, 1);
    assert_string_equal(play.told[0].name, "new.dll");
    assert_int_equal(play.stats.requests_unanswered, 1);
}

/* The reply to the first logon is lost and so is the second logon, of somebody else: the reply to
 * it has the id of the first and acknowledges more. */
static void a_lost_request_with_the_same_id_takes_the_reply(void **state) {
    (void)state;
    struct sbl_observation ask = ntlm_authenticate(5, 100, "jdoe");
    ask.head.version = 1;
    ask.head.command = SETUP1;
    say(&play, 0, CLIENT, ask);
    play.events.gap(play.c, &play.conversations[0], SERVER, 0);
    play.seq[0][CLIENT] += MESSAGE_BYTES;
    play.seq[0][SERVER] += MESSAGE_BYTES;
    struct sbl_observation no = setup_reply(5, 101, LOGON_FAILURE);
    no.head.version = 1;
    no.head.command = SETUP1;
    say(&play, 0, SERVER, no);
    play.events.close(play.c, &play.conversations[0], SBL_CLOSE_FIN, 0);
    assert_int_equal(play.told_count, 2);
    for (unsigned i = 0; i < 2; i++) {
        bool is_failure = play.told[i].attempt.outcome == SBL_OUTCOME_FAILURE;
        assert_string_equal(play.told[i].account, is_failure ? "-" : "jdoe");
        assert_int_equal(play.told[i].attempt.half_seen,
                         is_failure ? SBL_HALF_RESPONSE : SBL_HALF_REQUEST);
    }
}

/* What acknowledges just this request can only be its reply, whatever else was lost. */
static void the_reply_that_acknowledges_no_more_is_its_own(void **state) {
    (void)state;
    struct sbl_observation ask =
        open_request_of(1, CREATE1, SBL_OPEN_NT_CREATE_ANDX, 3, 100, "x.dll");
    say(&play, 0, CLIENT, ask);
    play.events.gap(play.c, &play.conversations[0], CLIENT, 0);
    play.events.gap(play.c, &play.conversations[0], SERVER, 0);
    say(&play, 0, SERVER, open_reply(1, CREATE1, 3, 100, NAME_NOT_FOUND));
    assert_int_equal(play.told_count, 1);
    assert_string_equal(play.told[0].name, "x.dll");
}

/* The id of a share is given out again by a connect whose request was not captured. */
static void a_tree_id_given_out_unseen_is_no_known_share(void **state) {
    (void)state;
    logon2(&play, 0, 9, "jdoe", 0);
    tree2(&play, 0, 3, 9, 7, "\\\\CAP01\\A");
    say(&play, 0, SERVER, tree_reply(2, 5, 9, 7, 0));
    say(&play, 0, CLIENT, create2(6, 9, "x.dll"));
    say(&play, 0, SERVER, open_reply(2, CREATE2, 6, 9, NAME_NOT_FOUND));
    assert_string_equal(play.told[1].name, "x.dll");
    assert_string_equal(play.told[1].share, "-");
    assert_string_equal(play.told[1].account, "jdoe");
}

/* Without a gap that anybody could notice: the server's first packet is not there. */
static void an_id_used_again_was_answered_before(void **state) {
    (void)state;
    struct sbl_observation ask =
        open_request_of(1, CREATE1, SBL_OPEN_NT_CREATE_ANDX, 3, 100, "first.dll");
    say(&play, 0, CLIENT, ask);
    play.seq[0][SERVER] += MESSAGE_BYTES; /* what the client got, and we did not */
    ask.open.name = text("second.dll");
    say(&play, 0, CLIENT, ask);
    say(&play, 0, SERVER, open_reply(1, CREATE1, 3, 100, NAME_NOT_FOUND));
    assert_int_equal(play.told_count, 1);
    assert_string_equal(play.told[0].name, "second.dll");
    assert_int_equal(play.c->pending.in_use, 0);
}

static void disputed_bytes_say_no_names(void **state) {
    (void)state;
    uint32_t at = play.seq[0][CLIENT];
    say(&play, 0, CLIENT, ntlm_authenticate(1, 0, "jdoe"));
    say(&play, 0, CLIENT, create2(2, 9, "x.dll"));
    say(&play, 0, CLIENT, create2(3, 9, "y.dll"));
    play.events.dispute(play.c, &play.conversations[0], SERVER, at, at + 10); /* the other side */
    play.events.dispute(play.c, &play.conversations[0], CLIENT, at - 50, at + 1);
    play.events.dispute(play.c, &play.conversations[0], CLIENT, at + 199, at + 200);
    say(&play, 0, SERVER, setup_reply(1, 9, LOGON_FAILURE));
    say(&play, 0, SERVER, open_reply(2, CREATE2, 2, 9, NAME_NOT_FOUND));
    say(&play, 0, SERVER, open_reply(2, CREATE2, 3, 9, NAME_NOT_FOUND));
    assert_int_equal(play.told_count, 3);
    assert_true(play.told[0].attempt.is_disputed);
    assert_int_equal(play.told[0].finding.status, LOGON_FAILURE);
    assert_string_equal(play.told[0].account, "-");
    assert_string_equal(play.told[0].workstation, "-");
    assert_string_equal(play.told[1].name, "-");
    assert_string_equal(play.told[2].name, "y.dll");
}

static void a_disputed_challenge_names_no_server(void **state) {
    (void)state;
    uint32_t at = play.seq[0][SERVER];
    say(&play, 0, CLIENT, ntlm_negotiate(1, 0));
    struct sbl_observation challenge = ntlm_challenge(1, 9, "CAP01", "CORP");
    challenge.session_setup.token.ntlm.challenge = 1;
    say(&play, 0, SERVER, challenge);
    play.events.dispute(play.c, &play.conversations[0], SERVER, at, at + 1);
    say(&play, 0, CLIENT, ntlm_authenticate(2, 9, "jdoe"));
    say(&play, 0, SERVER, setup_reply(2, 9, LOGON_FAILURE));
    assert_string_equal(play.told[0].account, "jdoe");
    assert_string_equal(play.told[0].server, "-");
    assert_true(play.told[0].attempt.challenge_mark == 0);
}

static void connections_beyond_the_cap_push_out_idle_ones(void **state) {
    (void)state;
    static struct sbl_conversation more[20];
    for (unsigned i = 0; i < 20; i++) {
        play.report.count = 0;
        add(&play, ntlm_authenticate(1, 0, "jdoe"));
        play.report.observations[0].head.is_last = true;
        struct sbl_message message = {.report = &play.report, .end_seq = 100, .frame = {i + 1, 0}};
        play.events.message(play.c, &more[i], &message);
        assert_true(more[i].correlate_slot != 0);
    }
    play.report.count = 0;
    assert_int_equal(play.c->connections.in_use, 8);
    assert_int_equal(play.told_count, 12); /* half seen, pushed out */
    assert_int_equal(play.told[0].attempt.reason, SBL_REASON_UNKNOWN);
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_CONNECTIONS], 12);
    unsigned known = 0;
    for (unsigned i = 0; i < 20; i++) {
        known += more[i].correlate_slot != 0;
        play.events.close(play.c, &more[i], SBL_CLOSE_END, 0);
    }
    assert_int_equal(known, 8);
}

static void requests_beyond_the_cap_push_out_the_oldest(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 40; i++) /* one connection: 32 */
        say(&play, 0, CLIENT, create2(i, 9, "x.dll"));
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_PENDING_PER_CONNECTION], 8);
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_PENDING], 0);
    assert_int_equal(play.stats.requests_unanswered, 8);
    say(&play, 0, SERVER, open_reply(2, CREATE2, 8, 9, NAME_NOT_FOUND));
    assert_int_equal(play.told_count, 1);
    for (unsigned conversation = 1; conversation < 3; conversation++)
        for (uint64_t i = 0; i < 32; i++) /* all connections: 64 */
            say(&play, conversation, CLIENT, create2(i, 9, "x.dll"));
    assert_int_equal(play.c->pending.in_use, 64);
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_PENDING], 31);
}

static void exchanges_beyond_the_cap_push_out_the_oldest(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 10; i++) /* one connection: 8 */
        say(&play, 0, CLIENT, ntlm_negotiate(i, 0));
    assert_int_equal(play.told_count, 2);
    for (uint64_t i = 0; i < 8; i++)
        say(&play, 1, CLIENT, ntlm_negotiate(i, 0));
    say(&play, 2, CLIENT, ntlm_negotiate(1, 0)); /* all: 16 */
    assert_int_equal(play.told_count, 3);
    assert_int_equal(play.c->exchanges.in_use, 16);
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_ATTEMPTS_PER_CONNECTION], 2);
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_ATTEMPTS], 1);
}

static void sessions_trees_and_files_are_capped(void **state) {
    (void)state;
    for (uint64_t i = 1; i <= 20; i++) {
        say(&play, 0, CLIENT, ntlm_authenticate(i, 0, "jdoe"));
        say(&play, 0, SERVER, setup_reply(i, i, 0));
        tree2(&play, 0, 100 + i, 20, (uint32_t)i, "\\\\CAP01\\A");
        say(&play, 0, CLIENT, create2(200 + i, 20, "dir"));
        say(&play, 0, SERVER, open_reply(2, CREATE2, 200 + i, 20, 0));
    }
    assert_int_equal(table_count(&play.c->sessions), 16);
    assert_int_equal(table_count(&play.c->trees), 16);
    assert_int_equal(table_count(&play.c->files), 16);
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_SESSIONS], 4);
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_TREES], 4);
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_FILES], 4);
}

static void early_replies_are_capped(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 40; i++)
        add(&play, open_reply(2, CREATE2, i, 9, NAME_NOT_FOUND));
    send(&play, 0, SERVER);
    assert_int_equal(play.told_count, 24);
    for (uint64_t i = 0; i < 16; i++)
        add(&play, open_reply(2, CREATE2, i, 9, NAME_NOT_FOUND));
    send(&play, 1, SERVER);
    add(&play, open_reply(2, CREATE2, 1, 9, NAME_NOT_FOUND));
    send(&play, 2, SERVER); /* no room at all: told at once */
    assert_int_equal(play.told_count, 25);
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_EARLY_REPLIES], 24 + 1);
}

static void names_beyond_the_cap_are_lost_after_files(void **state) {
    (void)state;
    play_end(&play);
    struct correlate_caps caps = play_caps;
    caps.name_bytes = (size_t)64 * 20;
    play_begin(&play, &caps);
    static char name[60 * 6 + 1];
    memset(name, 'x', sizeof name - 1);
    for (uint64_t i = 0; i < 2; i++) { /* two directories: 12 chunks */
        say(&play, 0, CLIENT, create2(i, 9, name));
        say(&play, 0, SERVER, open_reply(2, CREATE2, i, 9, 0));
    }
    for (uint64_t i = 10; i < 13; i++)
        say(&play, 0, CLIENT, create2(i, 9, name));
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_NAME_BYTES], 0);
    assert_int_equal(table_count(&play.c->files), 0);
    say(&play, 0, CLIENT, create2(13, 9, name));
    assert_int_equal(play.stats.cap_hits[SBL_LIMIT_NAME_BYTES], 1);
    say(&play, 0, SERVER, open_reply(2, CREATE2, 13, 9, NAME_NOT_FOUND));
    assert_string_equal(play.told[0].name, "-");
    say(&play, 0, SERVER, open_reply(2, CREATE2, 12, 9, NAME_NOT_FOUND));
    assert_int_equal(strlen(play.told[1].name), 63);
}

static void state_is_taken_lazily_and_the_ceiling_is_known(void **state) {
    (void)state;
    say(&play, 0, CLIENT, command(SBL_SAW_OTHER, 2, 8, 1, 9)); /* a READ */
    assert_int_equal(play.conversations[0].correlate_slot, 0);
    play.events.gap(play.c, &play.conversations[0], CLIENT, 0);
    play.events.dispute(play.c, &play.conversations[0], CLIENT, 0, 10);
    assert_true(correlate_ceiling(NULL) > SBL_MAX_NAME_BYTES);
    struct correlate *c;
    struct correlate_listener nobody = {0};
    assert_int_equal(correlate_new(&c, &nobody, &play.stats, NULL), 0);
    correlate_free(c);
    correlate_free(NULL);
}

int main(void) {
#define PLAY(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        PLAY(a_request_without_reply_is_half_seen),
        PLAY(a_challenge_and_then_nothing_is_abandoned),
        PLAY(a_reply_without_request_is_half_seen_after_a_while),
        PLAY(the_end_of_an_exchange_keeps_its_beginning),
        PLAY(replies_before_their_requests_pair),
        PLAY(an_early_reply_is_not_for_a_later_request),
        PLAY(a_reply_cannot_answer_what_was_not_received),
        PLAY(unmatched_refusals_are_told_without_a_name),
        PLAY(a_lost_challenge_does_not_cut_the_attempt),
        PLAY(of_the_client_alone_an_attempt_is_one),
        PLAY(a_second_authentication_of_the_client_alone_is_one),
        PLAY(of_two_first_rounds_none_is_chosen),
        PLAY(later_replies_after_a_gap_end_the_waiting),
        PLAY(after_a_gap_the_same_id_is_a_new_request),
        PLAY(a_lost_request_with_the_same_id_takes_the_reply),
        PLAY(the_reply_that_acknowledges_no_more_is_its_own),
        PLAY(a_tree_id_given_out_unseen_is_no_known_share),
        PLAY(an_id_used_again_was_answered_before),
        PLAY(disputed_bytes_say_no_names),
        PLAY(a_disputed_challenge_names_no_server),
        PLAY(connections_beyond_the_cap_push_out_idle_ones),
        PLAY(requests_beyond_the_cap_push_out_the_oldest),
        PLAY(exchanges_beyond_the_cap_push_out_the_oldest),
        PLAY(sessions_trees_and_files_are_capped),
        PLAY(early_replies_are_capped),
        PLAY(names_beyond_the_cap_are_lost_after_files),
        PLAY(state_is_taken_lazily_and_the_ceiling_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
