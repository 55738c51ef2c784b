/* Bad-password counts, thresholds, what tips them, and the rhythm of failures. */
#include "history_play.h"

static int begin(void **state) {
    (void)state;
    play_begin(NULL, 0);
    return 0;
}

static int end(void **state) {
    (void)state;
    history_free(play.h);
    free(play.told);
    play = (struct play){0};
    return 0;
}

static const struct who jdoe = {0};
static const struct who elsewhere = {.client = 43, .workstation = "WS043"};

static void a_threshold_is_learned(void **state) {
    (void)state;
    fails(&jdoe, 5, 1000);
    logon(&jdoe, LOCKED);
    const struct told *told = finish();
    assert_int_equal(told->incident.threshold, 5);
    assert_int_equal(told->incident.threshold_source, SBL_THRESHOLD_OBSERVED);
    assert_int_equal(told->incident.tipping.number, 10); /* the fifth reply */
    assert_string_equal(told->tipping, "WS042 (10.0.0.42)");
    assert_string_equal(told->counted_by, "DC01 (10.0.0.1)");
    assert_true(told->incident.tipped_here);
    assert_false(told->incident.has_forecast);
    assert_int_equal(told->incident.failures, 5);
    assert_int_equal(told->incident.lockouts, 1);
}

/* What two locks taught on a whole window holds for the next account of that server. */
static void a_whole_window_teaches_the_server(void **state) {
    (void)state;
    struct who other = {.account = "anna"};
    fails(&jdoe, 3, 1000);
    logon(&jdoe, LOCKED);
    fails(&other, 1, 1000);
    finish();
    assert_int_equal(last_of("anna")->incident.threshold, 0); /* the capture began just before */
    assert_false(last_of("anna")->incident.has_forecast);
    logon(&jdoe, 0);
    fails(&jdoe, 4, 1000);
    logon(&jdoe, LOCKED);
    finish();
    assert_int_equal(last_of("anna")->incident.threshold, 0); /* others may have failed unseen */
    logon(&jdoe, 0);
    fails(&jdoe, 4, 1000);
    logon(&jdoe, LOCKED);
    finish();
    assert_int_equal(last_of("anna")->incident.threshold, 4);
    assert_true(last_of("anna")->incident.has_forecast);
    assert_int_equal(last_of("anna")->incident.attempts_left, 3);
}

static void a_configured_threshold_forecasts(void **state) {
    (void)state;
    play_begin(NULL, 5);
    fails(&jdoe, 4, 60000);
    struct told *told = finish();
    assert_int_equal(told->incident.threshold_source, SBL_THRESHOLD_CONFIGURED);
    assert_true(told->incident.has_forecast);
    assert_int_equal(told->incident.attempts_left, 1);
    assert_true(holds(told, FACT_PERIODIC) && !holds(told, FACT_PERIOD_DOCUMENTED));
    assert_true(told->incident.period_s > 59.99 && told->incident.period_s < 60.01);
    assert_true(told->incident.lock_at_ns > BEGIN + 239 * SECOND_NS &&
                told->incident.lock_at_ns < BEGIN + 241 * SECOND_NS);
    fails(&jdoe, 1, 60000);
    told = finish();
    assert_int_equal(told->incident.attempts_left, 0);
    assert_int_equal(told->incident.tipping.number, 10);
    fails(&jdoe, 1, 60000); /* refused as before: it did not lock */
    told = finish();
    assert_int_equal(told->incident.tipping.number, 0);
    assert_false(told->incident.has_forecast);
}

static void another_client_may_tip(void **state) {
    (void)state;
    fails(&jdoe, 2, 1000);
    fails(&elsewhere, 1, 1000);
    logon(&jdoe, LOCKED);
    finish();
    const struct told *mine = &play.told[play.count - 2], *theirs = &play.told[play.count - 1];
    assert_string_equal(mine->tipping, "WS043 (10.0.0.43)");
    assert_false(mine->incident.tipped_here);
    assert_true(theirs->incident.tipped_here);
    assert_int_equal(mine->incident.threshold, 3);
    assert_false(holds(theirs, FACT_LOCKED_OUT));
}

static void the_one_that_is_only_locked_out_is_innocent(void **state) {
    (void)state;
    fails(&jdoe, 3, 1000);
    logon(&elsewhere, LOCKED);
    finish();
    const struct told *theirs = &play.told[play.count - 1];
    assert_true(holds(theirs, FACT_LOCKED_OUT_ONLY));
    assert_string_equal(theirs->tipping, "WS042 (10.0.0.42)");
    assert_false(theirs->incident.tipped_here);
}

static void a_window_ends_the_count(void **state) {
    (void)state;
    fails(&jdoe, 3, 1000);
    play.now += 30 * MINUTE_NS - SECOND_NS;
    fails(&jdoe, 1, 0);
    assert_int_equal(finish()->incident.bad_count, 4); /* exactly the window later */
    play.now += 30 * MINUTE_NS + 1;
    assert_int_equal(finish()->incident.bad_count, 0);
    fails(&jdoe, 2, 1000);
    assert_int_equal(finish()->incident.bad_count, 0); /* or six, who knows */
    play_begin(NULL, 0);
    play.h->options.window_min = 30;
    fails(&jdoe, 4, 1000);
    play.now += 31 * MINUTE_NS;
    fails(&jdoe, 2, 1000);
    assert_int_equal(finish()->incident.bad_count, 2);
}

static unsigned learned(void) {
    const struct told *told = finish();
    unsigned threshold = told->incident.threshold;
    assert_int_equal(told->incident.threshold_source,
                     threshold ? SBL_THRESHOLD_OBSERVED : SBL_THRESHOLD_UNKNOWN);
    return threshold;
}

/* So many once did not lock, as they were followed by a success: no less is a threshold. */
static void what_did_not_lock_is_no_threshold(void **state) {
    (void)state;
    for (unsigned seen = 1; seen < 6; seen++) {
        play_begin(NULL, 0);
        logon(&jdoe, 0);
        fails(&jdoe, 3, 1000);
        logon(&jdoe, 0);
        fails(&jdoe, seen, 1000);
        logon(&jdoe, LOCKED);
        assert_int_equal(learned(), seen > 3 ? seen : 0);
        assert_int_equal(finish()->incident.tipping.number, seen > 3 ? 2 * (5 + seen) : 0);
    }
}

/* Learned once, then more bad passwords without a lock: what was learned is wrong. */
static void a_threshold_is_unlearned(void **state) {
    (void)state;
    struct who other = {.account = "anna"};
    for (unsigned i = 0; i < 2; i++) {
        logon(&jdoe, 0);
        fails(&jdoe, 3, 1000);
        logon(&jdoe, LOCKED);
        assert_int_equal(learned(), 3);
    }
    fails(&jdoe, 3, 1000);
    fails(&other, 3, 1000);
    assert_int_equal(last_of("jdoe")->incident.threshold, 3);
    assert_int_equal(learned(), 3); /* the third of these may lock as well */
    logon(&jdoe, LOGON_FAILURE);
    logon(&other, LOGON_FAILURE);
    assert_int_equal(learned(), 0);
    assert_int_equal(last_of("jdoe")->incident.threshold, 0);
}

/* Before a pause as long as the window that is only assumed there were bad passwords that may count
 * still, and do where no more came after it than stood before. Where the operator gave the window
 * they do not. */
static void a_pause_teaches_little(void **state) {
    (void)state;
    for (unsigned window = 0; window <= 30; window += 30)
        for (unsigned seen = 1; seen < 4; seen++) {
            play_begin(NULL, 0);
            play.h->options.window_min = window;
            logon(&jdoe, 0);
            fails(&jdoe, 2, 0);
            play.now += 40 * MINUTE_NS;
            fails(&jdoe, seen, 1000);
            logon(&jdoe, LOCKED);
            unsigned all = seen > 2 ? 0 : 2 + seen;
            assert_int_equal(learned(), window ? (seen > 2 ? seen : 0) : all);
        }
    play_begin(NULL, 0);
    fails(&jdoe, 1, 0);
    play.now += 40 * MINUTE_NS;
    fails(&jdoe, 1, 1000);
    logon(&jdoe, LOCKED);
    assert_int_equal(learned(), 0); /* nobody locks so soon */
    assert_int_equal(finish()->incident.tipping.number, 0);
}

/* Bad passwords at another server of the domain may have counted, and may have been the last. */
static void two_servers_teach_nothing(void **state) {
    (void)state;
    struct who second = {.server = 2, .computer = "DC02"};
    for (unsigned i = 0; i < 2; i++) {
        play_begin(NULL, 0);
        logon(&jdoe, 0);
        fails(i ? &second : &jdoe, i ? 1 : 3, 1000);
        fails(i ? &jdoe : &second, i ? 3 : 1, 1000);
        logon(&jdoe, LOCKED);
        assert_int_equal(learned(), 0);
        assert_int_equal(finish()->incident.tipping.number, i ? 10 : 0);
    }
}

static void a_success_ends_the_count(void **state) {
    (void)state;
    fails(&jdoe, 3, 1000);
    logon(&elsewhere, 0);
    fails(&jdoe, 2, 1000);
    assert_int_equal(finish()->incident.bad_count, 2);
}

static void each_server_counts_for_itself(void **state) {
    (void)state;
    struct who second = {.server = 2, .computer = "DC02"};
    fails(&jdoe, 3, 1000);
    fails(&second, 2, 1000);
    const struct told *told = finish();
    assert_int_equal(told->incident.bad_count, 3);
    assert_int_equal(told->incident.failures, 5);
    assert_int_equal(told->incident.server_count, 2);
    assert_int_equal(told->lines[4].count_after, 2);
}

static void what_does_not_count(void **state) {
    (void)state;
    struct who ticket = {.is_kerberos = true};
    struct sbl_attempt attempt = attempt_of(&jdoe, 0xC0000064u);
    attempt.reason = SBL_REASON_NO_SUCH_USER;
    history_attempt(play.h, &attempt);
    struct told *told = finish();
    assert_int_equal(told->incident.failures, 0);
    assert_int_equal(told->incident.bad_count, 0);
    fails(&ticket, 1, 1000);
    told = finish();
    assert_int_equal(told->incident.failures, 1);
    assert_int_equal(told->lines[0].count_after, 0);
    play_begin(NULL, 0);
    attempt = attempt_of(&(struct who){.account = ""}, LOGON_FAILURE);
    attempt.answer = SBL_ANSWER_ANONYMOUS;
    attempt.reason = SBL_REASON_ANONYMOUS;
    history_attempt(play.h, &attempt);
    told = finish();
    assert_true(told->incident.is_anonymous && holds(told, FACT_ACCOUNT_ANONYMOUS));
    assert_int_equal(told->incident.failures, 0);
    assert_false(holds(told, FACT_BAD_CREDENTIALS));
}

static void a_guest_may_be_a_failure(void **state) {
    (void)state;
    struct sbl_attempt attempt = attempt_of(&jdoe, 0);
    attempt.reason = SBL_REASON_GUEST_MAPPED;
    attempt.is_guest = true;
    history_attempt(play.h, &attempt);
    struct told *told = finish();
    assert_int_equal(told->incident.failures, 1);
    assert_int_equal(told->incident.refused, 0);
    assert_int_equal(told->incident.bad_count, 1);
    assert_true(holds(told, FACT_GUEST_MAPPED));
    assert_false(holds(told, FACT_GUEST_DENIED));
    tree(&jdoe, "\\\\DC01\\HOME", 0xC0000022u);
    assert_true(holds(finish(), FACT_GUEST_DENIED));
}

/* The window is over, the lock is not; a day later it may be another's. */
static void a_lock_outlives_the_window(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        play_begin(NULL, 0);
        logon(&jdoe, 0);
        fails(&jdoe, 5, 1000);
        play.now += i ? 24 * HOUR_NS : HOUR_NS;
        logon(&jdoe, LOCKED);
        struct told *told = finish();
        assert_int_equal(told->incident.threshold, i ? 0 : 5);
        assert_int_equal(told->incident.tipping.number, i ? 0 : 12);
    }
}

/* Five are configured, and the lock came after three: others are not on this wire. */
static void fewer_than_configured_tip_nothing(void **state) {
    (void)state;
    for (unsigned seen = 3; seen < 7; seen++) {
        play_begin(NULL, 5);
        fails(&jdoe, seen, 1000);
        logon(&jdoe, LOCKED);
        assert_int_equal(finish()->incident.tipping.number, seen < 5 ? 0 : 2 * seen);
    }
}

static void a_denial_where_nothing_can_be_encrypted(void **state) {
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        play_begin(NULL, 0);
        struct sbl_attempt attempt = attempt_of(&jdoe, 0xC0000022u);
        attempt.reason = SBL_REASON_ACCESS_DENIED;
        attempt.finding.dialect = i == 1 ? 0x0311 : 0x0210;
        if (i == 2)
            attempt.finding.smb_version = 1;
        history_attempt(play.h, &attempt);
        if (i == 3)
            logon(&(struct who){.client = 7, .account = "rroe"}, 0); /* it demands nothing */
        finish();
        assert_int_equal(holds(last_of("jdoe"), FACT_SIGNING_MISMATCH), i == 0);
    }
}

static void lines_tell_when_asked_and_whom(void **state) {
    (void)state;
    struct who other = {.server = 2, .computer = "DC02"};
    fails(&jdoe, 1, 1000);
    fails(&other, 2, 1000); /* the most: it is the first server */
    struct sbl_attempt attempt = attempt_of(&jdoe, 0);
    attempt.request_time_ns = play.now - 5;
    history_attempt(play.h, &attempt);
    struct told *told = finish();
    assert_int_equal(told->incident.server.address[3], 2);
    assert_int_equal(told->lines[0].server_number, 2);
    assert_int_equal(told->lines[1].server_number, 1);
    assert_int_equal(told->lines[3].server_number, 2);
    assert_int_equal(told->lines[0].request_time_ns, 0);
    assert_int_equal(told->lines[3].request_time_ns, play.now - 5);
}

static void dos_errors_claim_nothing(void **state) {
    (void)state;
    play_begin(NULL, 3);
    for (unsigned i = 0; i < 3; i++) {
        struct sbl_attempt attempt = attempt_of(&jdoe, 0x00010005u);
        attempt.finding.is_dos_error = true;
        history_attempt(play.h, &attempt);
    }
    struct told *told = finish();
    assert_true(holds(told, FACT_DOS_ERROR_ONLY));
    assert_int_equal(told->incident.failures, 3);
    assert_false(told->incident.has_forecast);
    assert_int_equal(told->incident.tipping.number, 0);
}

static void ten_in_a_minute_are_fast(void **state) {
    (void)state;
    fails(&jdoe, 9, 6666);
    assert_false(holds(finish(), FACT_FAST));
    fails(&jdoe, 1, 0);
    assert_true(holds(finish(), FACT_FAST)); /* the tenth 59.994 s after the first */
    play_begin(NULL, 0);
    fails(&jdoe, 30, 6667);
    assert_false(holds(finish(), FACT_FAST));
    play_begin(NULL, 0);
    fails(&jdoe, 20, 3000);
    assert_false(holds(finish(), FACT_VERY_FAST));
    fails(&jdoe, 1, 0);
    assert_true(holds(finish(), FACT_VERY_FAST));
}

/* Whoever goes on at an account that is locked attempts as fast as before, and fails no more. */
static void locked_replies_are_attempts(void **state) {
    (void)state;
    for (unsigned failures = 0; failures < 12; failures++) {
        play_begin(NULL, 0);
        fails(&jdoe, failures, 2000);
        for (unsigned i = failures; i < 20; i++, play.now += 2 * SECOND_NS)
            logon(&jdoe, LOCKED);
        assert_false(holds(finish(), FACT_VERY_FAST));
        logon(&jdoe, LOCKED);
        assert_true(holds(finish(), FACT_VERY_FAST));
        assert_int_equal(holds(finish(), FACT_FAST), failures >= 10);
    }
    play_begin(NULL, 0);
    fails(&jdoe, 5, 3001);
    for (unsigned i = 0; i < 40; i++, play.now += 3001 * MS)
        logon(&jdoe, LOCKED);
    assert_false(holds(finish(), FACT_VERY_FAST)); /* 21 in 60.02 s */
}

/* Four gaps around 100 s, so that their deviation is `percent` of their mean. */
static struct told *jittered(unsigned percent) {
    play_begin(NULL, 0);
    int64_t apart = INT64_C(1000) * percent;
    for (unsigned i = 0; i < 4; i++)
        fails(&jdoe, 1, 100000 + (i % 2 ? apart : -apart));
    fails(&jdoe, 1, 0);
    return finish();
}

static void a_period_may_vary_by_a_tenth(void **state) {
    (void)state;
    assert_true(holds(jittered(0), FACT_PERIODIC));
    assert_true(holds(jittered(9), FACT_PERIODIC));
    assert_false(holds(jittered(11), FACT_PERIODIC));
    assert_false(holds(jittered(0), FACT_PERIOD_DOCUMENTED));
}

static void a_period_needs_four_bursts(void **state) {
    (void)state;
    fails(&jdoe, 2, 100);
    play.now += 60 * SECOND_NS;
    fails(&jdoe, 2, 100);
    play.now += 60 * SECOND_NS;
    fails(&jdoe, 2, 100);
    assert_false(holds(finish(), FACT_PERIODIC));
    play.now += 60 * SECOND_NS;
    fails(&jdoe, 2, 100);
    assert_true(holds(finish(), FACT_PERIODIC));
}

static void one_retry_may_go_unseen(void **state) {
    (void)state;
    fails(&jdoe, 3, 60000);
    play.now += 60 * SECOND_NS;
    fails(&jdoe, 3, 60000);
    struct told *told = finish();
    assert_true(holds(told, FACT_PERIODIC));
    assert_true(told->incident.period_s > 59 && told->incident.period_s < 61);
    play.now += 30 * SECOND_NS;
    fails(&jdoe, 2, 60000);
    assert_false(holds(finish(), FACT_PERIODIC));
}

static void bursts_of_three(void **state) {
    (void)state;
    fails(&jdoe, 3, 500);
    play.now += 600 * MS;
    struct told *told = finish();
    assert_true(holds(told, FACT_BURST_OF_THREE) && holds(told, FACT_BURST_SMALL));
    play.now += 60 * SECOND_NS;
    fails(&jdoe, 4, 100);
    told = finish();
    assert_false(holds(told, FACT_BURST_OF_THREE));
    assert_true(holds(told, FACT_BURST_SMALL));
    play_begin(NULL, 0);
    fails(&jdoe, 3, 501);
    play.now += 60 * SECOND_NS;
    assert_false(holds(finish(), FACT_BURST_OF_THREE)); /* 1.002 s */
    play_begin(NULL, 0);
    fails(&jdoe, 7, 100);
    assert_false(holds(finish(), FACT_BURST_SMALL));
}

static void clocks_may_jump(void **state) {
    (void)state;
    static const int64_t times[] = {INT64_MAX, INT64_MIN, 0, BEGIN, INT64_MAX - 1, -1, BEGIN};
    fails(&jdoe, 2, 1000);
    for (unsigned i = 0; i < sizeof times / sizeof *times; i++) {
        play.now = times[i];
        logon(&jdoe, i % 3 ? LOGON_FAILURE : LOCKED);
        history_tick(play.h, play.now);
    }
    play.now = BEGIN - 5 * HOUR_NS;
    fails(&elsewhere, 1, 0);
    unsigned before = play.count;
    history_tick(play.h, play.now += 10 * SECOND_NS);
    assert_true(play.count > before); /* waits go on after a jump back */
    finish();
    assert_int_equal(last_of("jdoe")->incident.failures, 1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_threshold_is_learned),
        TEST(a_whole_window_teaches_the_server),
        TEST(a_configured_threshold_forecasts),
        TEST(another_client_may_tip),
        TEST(the_one_that_is_only_locked_out_is_innocent),
        TEST(a_window_ends_the_count),
        TEST(what_did_not_lock_is_no_threshold),
        TEST(a_threshold_is_unlearned),
        TEST(a_pause_teaches_little),
        TEST(two_servers_teach_nothing),
        TEST(a_success_ends_the_count),
        TEST(each_server_counts_for_itself),
        TEST(what_does_not_count),
        TEST(a_guest_may_be_a_failure),
        TEST(a_lock_outlives_the_window),
        TEST(fewer_than_configured_tip_nothing),
        TEST(a_denial_where_nothing_can_be_encrypted),
        TEST(lines_tell_when_asked_and_whom),
        TEST(dos_errors_claim_nothing),
        TEST(ten_in_a_minute_are_fast),
        TEST(locked_replies_are_attempts),
        TEST(a_period_may_vary_by_a_tenth),
        TEST(a_period_needs_four_bursts),
        TEST(one_retry_may_go_unseen),
        TEST(bursts_of_three),
        TEST(clocks_may_jump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
