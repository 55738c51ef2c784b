/* Accounts, pairs and what is told when: the memory of history from the outside. */
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

static void settles_ten_seconds_after_the_first(void **state) {
    (void)state;
    fails(&jdoe, 2, 1000);
    play.now = BEGIN + 10 * SECOND_NS - 1;
    history_tick(play.h, play.now);
    assert_int_equal(play.count, 0);
    history_tick(play.h, ++play.now);
    assert_int_equal(play.count, 1);
    const struct told *told = &play.told[0];
    assert_int_equal(told->incident.moment, INCIDENT_SETTLED);
    assert_int_equal(told->incident.failures, 2);
    assert_int_equal(told->incident.refused, 2);
    assert_string_equal(told->account, "jdoe");
    assert_string_equal(told->domain, "CORP");
    assert_string_equal(told->client, "WS042");
    assert_int_equal(told->incident.line_count, 2);
    assert_int_equal(told->lines[0].request.number, 1);
    assert_int_equal(told->lines[1].count_after, 2);
    assert_int_equal(told->incident.client.failures, 2);
    assert_int_equal(told->incident.server.failures, 2);
    assert_true(holds(told, FACT_BAD_CREDENTIALS) && holds(told, FACT_CLIENT_ONLY));
    assert_true(holds(told, FACT_GRANTED_NEVER) && holds(told, FACT_ACCOUNT_PERSON));
}

static void changes_are_told_once_a_minute(void **state) {
    (void)state;
    fails(&jdoe, 300, 1000); /* five minutes */
    unsigned changed = 0;
    for (unsigned i = 0; i < play.count; i++)
        changed += play.told[i].incident.moment == INCIDENT_CHANGED;
    assert_int_equal(play.told[0].incident.moment, INCIDENT_SETTLED);
    assert_int_equal(changed, 4);
    assert_int_equal(play.count, 5);
    finish();
    assert_int_equal(play.told[5].incident.moment, INCIDENT_END);
    assert_int_equal(play.told[5].incident.failures, 300);
    assert_int_equal(play.told[5].incident.line_count, 40);
    assert_int_equal(play.told[5].incident.line_first_count, 20);
    assert_int_equal(play.told[5].lines[19].request.number, 39);
    assert_int_equal(play.told[5].lines[20].request.number, 561);
    assert_int_equal(play.told[5].lines[39].request.number, 599);
    assert_int_equal(play.told[5].incident.line_total, 300);
}

static void a_first_lockout_is_told_at_once(void **state) {
    (void)state;
    fails(&jdoe, 3, 100);
    history_tick(play.h, play.now += 10 * SECOND_NS);
    assert_int_equal(play.count, 1);
    logon(&jdoe, LOCKED);
    history_tick(play.h, play.now += 2 * SECOND_NS);
    assert_int_equal(play.count, 2);
    assert_true(holds(&play.told[1], FACT_LOCKED_OUT));
    assert_false(holds(&play.told[1], FACT_LOCKED_OUT_ONLY));
    logon(&jdoe, LOCKED);
    history_tick(play.h, play.now += 30 * SECOND_NS);
    assert_int_equal(play.count, 2);
    history_tick(play.h, play.now += 30 * SECOND_NS);
    assert_int_equal(play.count, 3);
}

static void idle_is_told_once(void **state) {
    (void)state;
    fails(&jdoe, 1, 0);
    history_tick(play.h, play.now += 10 * SECOND_NS);
    history_tick(play.h, play.now += 150 * MINUTE_NS - 10 * SECOND_NS - 1);
    assert_int_equal(play.count, 1);
    history_tick(play.h, ++play.now);
    assert_int_equal(play.count, 2);
    assert_int_equal(play.told[1].incident.moment, INCIDENT_IDLE);
    history_tick(play.h, play.now += 60 * HOUR_NS);
    assert_int_equal(play.count, 2);
}

/* Many are due at once: so many are told with each second until all are. */
static void a_gap_is_told_of_in_portions(void **state) {
    (void)state;
    enum { PAIRS = 100, AT_ONCE = 64 };
    for (unsigned i = 0; i < PAIRS; i++) {
        char name[16];
        snprintf(name, sizeof name, "user%u", i);
        logon(&(struct who){.account = name}, LOGON_FAILURE);
    }
    history_tick(play.h, play.now += 30 * SECOND_NS);
    assert_int_equal(play.count, AT_ONCE);
    history_tick(play.h, play.now += SECOND_NS);
    assert_int_equal(play.count, PAIRS);
}

/* What comes again once an hour, or once a day, is not over between two times. */
static void a_period_is_waited_for(void **state) {
    (void)state;
    static const struct {
        int64_t period, silence;
    } cases[] = {{HOUR_NS, 150 * MINUTE_NS},
                 {2 * HOUR_NS, 5 * HOUR_NS},
                 {24 * HOUR_NS, 60 * HOUR_NS},
                 {72 * HOUR_NS, 60 * HOUR_NS}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        play_begin(NULL, 0);
        for (unsigned n = 0; n < 5; n++) {
            play.now += n ? cases[i].period : 0;
            for (int64_t at = 0; n && at < cases[i].period; at += HOUR_NS)
                history_tick(play.h, play.now - cases[i].period + at);
            logon(&jdoe, LOGON_FAILURE);
        }
        unsigned before = 0;
        for (unsigned n = 0; n < play.count; n++)
            before += play.told[n].incident.moment == INCIDENT_IDLE;
        if (i < 1)
            assert_int_equal(before, 0);
        for (int64_t at = 0; at < cases[i].silence; at += MINUTE_NS)
            history_tick(play.h, play.now + at);
        assert_int_not_equal(play.told[play.count - 1].incident.moment, INCIDENT_IDLE);
        history_tick(play.h, play.now + cases[i].silence);
        assert_int_equal(play.told[play.count - 1].incident.moment, INCIDENT_IDLE);
    }
}

static void purely_granted_is_not_told(void **state) {
    (void)state;
    logon(&jdoe, 0);
    history_finish(play.h, play.now + HOUR_NS);
    assert_int_equal(play.count, 0);
}

static void grants_before_after_and_elsewhere(void **state) {
    (void)state;
    struct who other = {.client = 7, .workstation = "WS007"};
    logon(&jdoe, 0);
    play.now += SECOND_NS;
    logon(&other, 0);
    play.now += SECOND_NS;
    fails(&jdoe, 2, 1000);
    struct told *told = finish();
    assert_true(holds(told, FACT_GRANTED_BEFORE));
    assert_false(holds(told, FACT_GRANTED_AFTER) || holds(told, FACT_GRANTED_NEVER));
    assert_true(holds(told, FACT_GRANTED_OTHER_CLIENT));
    assert_string_equal(told->granted_client, "WS007 (10.0.0.7)");
    play.now += 4 * MINUTE_NS;
    logon(&jdoe, 0);
    told = finish();
    assert_true(holds(told, FACT_GRANTED_AFTER) && holds(told, FACT_TYPING_ERROR));
    assert_int_equal(told->incident.granted, 2);
    assert_true(told->lines[2].is_granted);
}

static void a_typing_error_has_its_borders(void **state) {
    (void)state;
    fails(&jdoe, 2, 1000);
    play.now += 5 * MINUTE_NS;
    logon(&jdoe, 0);
    assert_false(holds(finish(), FACT_TYPING_ERROR)); /* 5 min and a second after */
    play_begin(NULL, 0);
    fails(&jdoe, 5, 1000);
    logon(&jdoe, 0);
    assert_true(holds(finish(), FACT_TYPING_ERROR));
    play_begin(NULL, 0);
    fails(&jdoe, 6, 1000);
    logon(&jdoe, 0);
    assert_false(holds(finish(), FACT_TYPING_ERROR));
    play_begin(NULL, 0);
    fails(&jdoe, 3, 1000);
    play.now += MINUTE_NS + SECOND_NS;
    logon(&jdoe, 0);
    assert_false(holds(finish(), FACT_TYPING_ERROR)); /* three, and more than a minute after */
    play_begin(NULL, 0);
    fails(&jdoe, 2, 1000);
    play.now += 5 * MINUTE_NS - SECOND_NS;
    logon(&jdoe, 0);
    assert_true(holds(finish(), FACT_TYPING_ERROR));
}

static void shares_near_a_refusal_were_wanted(void **state) {
    (void)state;
    struct who chained = {.share = "\\\\CAP01\\CAP_S01"};
    fails(&chained, 1, 1000);
    struct told *told = finish();
    assert_true(holds(told, FACT_SHARE_SITE));
    assert_string_equal(told->share, "\\\\CAP01\\CAP_S01");
    assert_string_equal(told->lines[0].share, "\\\\CAP01\\CAP_S01");
    play_begin(NULL, 0);
    fails(&jdoe, 1, 2001);
    tree(&jdoe, "\\\\CAP01\\HOME", 0);
    assert_true(holds(finish(), FACT_SHARE_NONE));
    play.now += 2000 * MS;
    fails(&jdoe, 1, 0);
    told = finish(); /* wanted; that nobody knows it does not make it a user's */
    assert_false(holds(told, FACT_SHARE_USER));
    assert_false(holds(told, FACT_SHARE_NONE));
    play_begin(NULL, 0);
    fails(&jdoe, 1, 2000);
    tree(&jdoe, "\\\\CAP01\\HOME", 0xC0000022);
    assert_false(holds(finish(), FACT_SHARE_USER));
}

static void users_of_a_realm_are_users_of_the_domain(void **state) {
    (void)state;
    struct who principal = {
        .account = "jdoe@corp.example", .domain = "", .client = 43, .workstation = "WS043"};
    struct who plain = {.authority = SBL_AUTHORITY_DOMAIN, .authority_name = "CORP"};
    fails(&plain, 1, 100);
    fails(&principal, 1, 100);
    struct told *told = finish();
    assert_string_equal(told->account, "jdoe");
    assert_string_equal(told->domain, "");
    assert_int_equal(told->incident.account_serial, play.told[0].incident.account_serial);
    assert_int_equal(told->incident.authority, SBL_AUTHORITY_DOMAIN);
    assert_string_equal(told->authority_name, "CORP");
    assert_true(holds(told, FACT_DOMAIN_OF_SERVER) && holds(told, FACT_CLIENTS_FEW));
}

static void case_does_not_make_two_accounts(void **state) {
    (void)state;
    static const char *const names[][2] = {{"jdoe", "JDOE"},
                                           {"m\xc3\xbcller", "M\xc3\x9cLLER"},
                                           {"\xce\xb1\xcf\x82", "\xce\x91\xce\xa3"},
                                           {"\xd1\x8f\xd1\x91", "\xd0\xaf\xd0\x81"}};
    for (unsigned i = 0; i < 4; i++) {
        struct who small = {.account = names[i][0]}, large = {.account = names[i][1]};
        play_begin(NULL, 0);
        fails(&small, 1, 10);
        fails(&large, 1, 10);
        assert_int_equal(finish()->incident.failures, 2);
        assert_int_equal(play.count, 1);
    }
}

static const struct who own_token = {.account = "SMSCliToknAcct&", .domain = "WS042"};
static const struct who domain_token = {.account = "SMSCliToknAcct&",
                                        .authority = SBL_AUTHORITY_DOMAIN,
                                        .authority_name = "CORP",
                                        .client = 43,
                                        .workstation = "WS043"};

static void a_controller_known_late_joins_the_accounts(void **state) {
    (void)state;
    fails(&own_token, 2, 100);
    struct told *told = finish();
    assert_int_equal(told->incident.authority, SBL_AUTHORITY_UNKNOWN);
    assert_true(holds(told, FACT_SERVER_ROLE_UNKNOWN) && holds(told, FACT_AUTHORITY_UNKNOWN));
    assert_true(holds(told, FACT_DOMAIN_OWN_NAME) && holds(told, FACT_ACCOUNT_SMS_TOKEN));
    tree(&own_token, "\\\\DC01\\SYSVOL", 0);
    fails(&own_token, 1, 100);
    fails(&domain_token, 1, 100);
    finish();
    const struct told *mine = &play.told[play.count - 2], *theirs = &play.told[play.count - 1];
    assert_int_equal(mine->incident.authority, SBL_AUTHORITY_DOMAIN);
    assert_string_equal(mine->authority_name, "CORP");
    assert_int_equal(mine->incident.failures, 3);
    assert_int_equal(mine->incident.account_serial, theirs->incident.account_serial);
    assert_int_equal(mine->lines[2].count_after, 3);
    assert_int_equal(theirs->lines[0].count_after, 4);
    assert_true(holds(mine, FACT_SERVER_DC));
}

static void a_member_known_late_answers_for_itself(void **state) {
    (void)state;
    struct who member = own_token;
    member.server = 11;
    member.computer = "MEM01";
    fails(&member, 2, 100);
    struct told *told = finish();
    uint64_t serial = told->incident.account_serial;
    assert_int_equal(told->incident.authority, SBL_AUTHORITY_UNKNOWN);
    struct who controller = {.account = "x"};
    logon(&controller, 0);
    witness_of(SBL_WITNESS_KERBEROS_SERVER, 1, 0, 0);
    fails(&member, 1, 100);
    told = finish();
    assert_int_equal(told->incident.failures, 3);
    assert_int_equal(told->incident.authority, SBL_AUTHORITY_LOCAL);
    assert_string_equal(told->authority_name, "MEM01");
    assert_int_equal(told->incident.account_serial, serial);
    assert_true(holds(told, FACT_SERVER_NOT_DC));
    fails(&domain_token, 1, 100);
    assert_int_not_equal(finish()->incident.account_serial, serial);
}

static void a_stand_alone_server_has_its_own_accounts(void **state) {
    (void)state;
    struct who cap = {.computer = "CAP01",
                      .server_domain = "CAP01",
                      .server = 10,
                      .account = "SMSCliToknAcct&",
                      .authority = SBL_AUTHORITY_LOCAL,
                      .authority_name = "CAP01"};
    fails(&cap, 1, 100);
    fails(&domain_token, 1, 100);
    finish();
    const struct told *local = &play.told[play.count - 2];
    assert_int_equal(local->incident.authority, SBL_AUTHORITY_LOCAL);
    assert_int_not_equal(local->incident.account_serial, local[1].incident.account_serial);
    assert_true(holds(local, FACT_SERVER_NOT_DC));
}

static void the_same_name_granted_under_another_domain(void **state) {
    (void)state;
    struct who real = {.client = 7,
                       .workstation = "WS007",
                       .authority = SBL_AUTHORITY_DOMAIN,
                       .authority_name = "CORP"};
    struct who local = {.domain = "WS042"};
    logon(&real, 0);
    fails(&local, 2, 10);
    struct told *told = finish();
    assert_true(holds(told, FACT_SAME_NAME_GRANTED));
    fails(&real, 2, 10);
    assert_false(holds(finish(), FACT_SAME_NAME_GRANTED));
}

static void domains_are_told_apart(void **state) {
    (void)state;
    static const struct {
        const char *domain;
        enum fact fact;
    } cases[] = {{"WS042", FACT_DOMAIN_OWN_NAME},
                 {"", FACT_DOMAIN_EMPTY},
                 {".", FACT_DOMAIN_EMPTY},
                 {"ELSEWHERE", FACT_DOMAIN_FOREIGN},
                 {"corp", FACT_DOMAIN_OF_SERVER},
                 {"DC01", FACT_DOMAIN_OF_SERVER},
                 {"Corp.Example", FACT_DOMAIN_OF_SERVER}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        static const enum fact all[] = {FACT_DOMAIN_OWN_NAME, FACT_DOMAIN_EMPTY,
                                        FACT_DOMAIN_FOREIGN, FACT_DOMAIN_OF_SERVER};
        struct who who = {.domain = cases[i].domain};
        play_begin(NULL, 0);
        fails(&who, 1, 0);
        struct told *told = finish();
        for (unsigned n = 0; n < 4; n++)
            assert_int_equal(holds(told, all[n]), all[n] == cases[i].fact);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(settles_ten_seconds_after_the_first),
        TEST(changes_are_told_once_a_minute),
        TEST(a_first_lockout_is_told_at_once),
        TEST(idle_is_told_once),
        TEST(a_gap_is_told_of_in_portions),
        TEST(a_period_is_waited_for),
        TEST(purely_granted_is_not_told),
        TEST(grants_before_after_and_elsewhere),
        TEST(a_typing_error_has_its_borders),
        TEST(shares_near_a_refusal_were_wanted),
        TEST(users_of_a_realm_are_users_of_the_domain),
        TEST(case_does_not_make_two_accounts),
        TEST(a_controller_known_late_joins_the_accounts),
        TEST(a_member_known_late_answers_for_itself),
        TEST(a_stand_alone_server_has_its_own_accounts),
        TEST(the_same_name_granted_under_another_domain),
        TEST(domains_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
