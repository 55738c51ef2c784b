/* The life of diagnoses: opening, updating, closing, opening again; what is told as one; what
 * changes its verdict; what happens at the caps; and that the same goes out twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "diagnose_stage.h"

static void one_is_opened_updated_and_closed(void **state) {
    struct stage *stage = *state;
    struct incident_case made;
    person(&made, 1, 42);
    hand(stage, &made, INCIDENT_SETTLED, 1000);
    assert_int_equal(stage->count, 1);
    assert_int_equal(last(stage)->state, SBL_DIAGNOSIS_OPEN);
    assert_int_equal(last(stage)->revision, 1);
    assert_string_equal(last(stage)->rule, "wrong-password-unknown-cause");
    assert_string_equal(last(stage)->account, "jdoe");
    assert_int_equal(last(stage)->failures, 3);
    case_fail(&made, 2);
    hand(stage, &made, INCIDENT_CHANGED, 1059);
    assert_int_equal(stage->count, 1);
    case_fail(&made, 1);
    hand(stage, &made, INCIDENT_CHANGED, 1060);
    assert_int_equal(stage->count, 2);
    assert_int_equal(last(stage)->state, SBL_DIAGNOSIS_UPDATE);
    assert_int_equal(last(stage)->failures, 6);
    hand(stage, &made, INCIDENT_CHANGED, 1200);
    assert_int_equal(stage->count, 2);
    hand(stage, &made, INCIDENT_IDLE, 5000);
    assert_int_equal(stage->count, 3);
    assert_int_equal(last(stage)->state, SBL_DIAGNOSIS_CLOSE);
    assert_int_equal(last(stage)->revision, 3);
    assert_true(is_same_id(&stage->told[0], last(stage)));
    assert_memory_not_equal(stage->told[0].event_id, last(stage)->event_id, 16);
    hand(stage, &made, INCIDENT_END, 6000);
    diagnose_finish(stage->diagnose, 6000 * SECOND);
    assert_int_equal(stage->count, 3);
}

/* When only the numbers grow, each update waits twice as long as the one before. */
static void updates_come_ever_more_seldom(void **state) {
    struct stage *stage = *state;
    struct incident_case made;
    person(&made, 1, 42);
    for (unsigned i = 0; i <= 100; i++) {
        hand(stage, &made, i ? INCIDENT_CHANGED : INCIDENT_SETTLED, 1000 + 60 * i);
        case_fail(&made, 1);
    }
    assert_int_equal(stage->count, 7);
    assert_int_equal(last(stage)->time_ns, (1000 + 60 * 63) * SECOND);
    CASE_FACTS(&made, FACT_LOCKED_OUT);
    made.incident.lockouts = 1;
    hand(stage, &made, INCIDENT_CHANGED, 1000 + 60 * 100 + 1);
    case_fail(&made, 1);
    hand(stage, &made, INCIDENT_CHANGED, 1000 + 60 * 101 + 1);
    assert_int_equal(stage->count, 9);
}

/* A machine that was only told of the lock is none of those that lock. */
static void a_victim_is_not_counted_among_those_who_lock(void **state) {
    struct stage *stage = *state;
    struct incident_case made[3];
    for (unsigned i = 0; i < 3; i++) {
        token(&made[i], i + 1, 42 + i);
        CASE_FACTS(&made[i], FACT_LOCKED_OUT);
        made[i].incident.lockouts = 1;
        if (i == 2)
            made[i].incident.failures = 0;
        hand(stage, &made[i], INCIDENT_SETTLED, 1000 + 1000 * i);
    }
    assert_int_equal(last(stage)->client_total, 3);
    assert_non_null(strstr(last(stage)->message, "locked out by WS042 (10.1.0.42) and WS0"));
    assert_null(strstr(last(stage)->message, "3 machines"));
}

static void a_closed_one_opens_again(void **state) {
    struct stage *stage = *state;
    struct incident_case made;
    person(&made, 1, 42);
    hand(stage, &made, INCIDENT_SETTLED, 1000);
    hand(stage, &made, INCIDENT_IDLE, 5000);
    case_fail(&made, 1);
    hand(stage, &made, INCIDENT_CHANGED, 9000);
    assert_int_equal(last(stage)->state, SBL_DIAGNOSIS_OPEN);
    assert_int_equal(last(stage)->revision, 3);
    assert_true(is_same_id(&stage->told[0], last(stage)));
    diagnose_finish(stage->diagnose, 9001 * SECOND);
    assert_int_equal(last(stage)->state, SBL_DIAGNOSIS_CLOSE);
    assert_int_equal(last(stage)->time_ns, 9001 * SECOND);
    assert_int_equal(last(stage)->failures, 4);
}

static void the_end_tells_open_and_close(void **state) {
    struct stage *stage = *state;
    struct incident_case made[3];
    for (unsigned i = 0; i < 3; i++) {
        person(&made[i], i + 1, 40 + i);
        hand(stage, &made[i], INCIDENT_END, 1000);
        hand(stage, &made[i], INCIDENT_END, 1000);
    }
    assert_int_equal(stage->count, 3);
    diagnose_finish(stage->diagnose, 1000 * SECOND);
    assert_int_equal(stage->count, 6);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(stage->told[i].state, SBL_DIAGNOSIS_OPEN);
        assert_int_equal(stage->told[3 + i].state, SBL_DIAGNOSIS_CLOSE);
        assert_true(is_same_id(&stage->told[i], &stage->told[3 + i]));
    }
}

static void a_lockout_and_another_verdict_are_told_at_once(void **state) {
    struct stage *stage = *state;
    struct incident_case made;
    person(&made, 1, 42);
    hand(stage, &made, INCIDENT_SETTLED, 1000);
    made.incident.lockouts = 1;
    made.incident.refused++;
    CASE_FACTS(&made, FACT_LOCKED_OUT);
    hand(stage, &made, INCIDENT_CHANGED, 1001);
    assert_int_equal(stage->count, 2);
    assert_int_equal(last(stage)->lockouts, 1);
    assert_int_equal(last(stage)->severity, 5);
    made.incident.lockouts = 2;
    hand(stage, &made, INCIDENT_CHANGED, 1002);
    assert_int_equal(stage->count, 2);
    made.incident.granted_client = "WS007 (10.1.0.7)";
    CASE_FACTS(&made, FACT_GRANTED_OTHER_CLIENT);
    hand(stage, &made, INCIDENT_CHANGED, 1003);
    assert_int_equal(stage->count, 3);
    assert_string_equal(last(stage)->rule, "stale-mapped-drive-or-saved-credential");
    assert_non_null(strstr(last(stage)->message, "WS007"));
    assert_true(is_same_id(&stage->told[0], last(stage)));
    assert_int_equal(last(stage)->failures, 3);
}

static void clients_of_one_account_are_one(void **state) {
    struct stage *stage = *state;
    struct incident_case made[60];
    for (unsigned i = 0; i < 60; i++) {
        token(&made[i], i + 1, 100 + i);
        if (i == 7)
            case_fail(&made[i], 5);
        hand(stage, &made[i], INCIDENT_SETTLED, 1000 + i);
    }
    diagnose_finish(stage->diagnose, 2000 * SECOND);
    assert_int_equal(stage->count, 2);
    assert_string_equal(last(stage)->rule, "local-account-used-against-site-system");
    assert_int_equal(last(stage)->client_total, 60);
    assert_int_equal(last(stage)->client_count, 40);
    assert_int_equal(last(stage)->failures, 245);
    assert_int_equal(last(stage)->first_client_failures, 9);
    assert_int_equal(last(stage)->line_total, 245);
    assert_int_equal(last(stage)->line_count, 40);
    assert_int_equal(last(stage)->line_first_count, 20);
    assert_int_equal(last(stage)->culprit_kind, SBL_CULPRIT_SERVICE);
    assert_string_equal(last(stage)->culprit_product, "SMS 2.0 client");
    assert_non_null(strstr(last(stage)->message, "60 machines"));
    assert_true(last(stage)->first_line_ns <= last(stage)->last_line_ns);
}

/* The driver is seen later: the incident leaves the account's diagnosis for one of its own. */
static void an_emptied_one_is_superseded(void **state) {
    struct stage *stage = *state;
    struct incident_case one, other;
    token(&one, 1, 42);
    token(&other, 2, 43);
    hand(stage, &one, INCIDENT_SETTLED, 1000);
    hand(stage, &other, INCIDENT_SETTLED, 1001);
    assert_int_equal(stage->count, 1);
    CASE_FACTS(&one, FACT_WALK, FACT_WALK_JOINED, FACT_WALK_DOCUMENTED);
    hand(stage, &one, INCIDENT_CHANGED, 1002);
    assert_int_equal(stage->count, 2);
    assert_string_equal(last(stage)->rule, "third-party-driver-path-search");
    assert_int_equal(last(stage)->state, SBL_DIAGNOSIS_OPEN);
    assert_int_equal(last(stage)->failures, 4);
    CASE_FACTS(&other, FACT_WALK, FACT_WALK_JOINED, FACT_WALK_DOCUMENTED);
    hand(stage, &other, INCIDENT_CHANGED, 1003);
    assert_int_equal(stage->count, 4);
    assert_int_equal(stage->told[2].state, SBL_DIAGNOSIS_CLOSE);
    assert_int_equal(strlen(stage->told[2].superseded_by), 36);
    assert_int_equal(stage->told[2].failures, 4);
    assert_int_equal(stage->told[2].client_total, 1);
    assert_true(is_same_id(&stage->told[0], &stage->told[2]));
    /* And back again: the first one goes on, with nothing counted twice. */
    one.incident.facts = (struct facts){0};
    CASE_FACTS(&one, FACT_ACCOUNT_SMS_LOCAL, FACT_ACCOUNT_SMS_TOKEN, FACT_DOMAIN_OWN_NAME,
               FACT_BAD_CREDENTIALS);
    hand(stage, &one, INCIDENT_CHANGED, 1004);
    assert_int_equal(stage->told[4].state, SBL_DIAGNOSIS_CLOSE);
    assert_int_equal(last(stage)->state, SBL_DIAGNOSIS_OPEN);
    assert_true(is_same_id(&stage->told[0], last(stage)));
    assert_int_equal(last(stage)->revision, 3);
    assert_int_equal(last(stage)->failures, 4);
    assert_int_equal(last(stage)->line_total, 4);
}

static void a_category_goes_on_as_one(void **state) {
    struct stage *stage = *state;
    struct incident_case made[3];
    for (unsigned i = 0; i < 3; i++) {
        case_init(&made[i], i + 1, "SMSClient_S01", 100 + i);
        CASE_FACTS(&made[i], FACT_ACCOUNT_SHARED, FACT_ACCOUNT_DOCUMENTED, FACT_BAD_CREDENTIALS);
        case_fail(&made[i], 2);
        if (i == 2)
            CASE_FACTS(&made[i], FACT_CLIENTS_SEVERAL, FACT_CLIENTS_TOGETHER);
        hand(stage, &made[i], INCIDENT_SETTLED, 1000 + 20 * i);
    }
    assert_int_equal(stage->count, 2);
    assert_string_equal(stage->told[0].rule, "stale-service-account-password");
    assert_string_equal(last(stage)->rule, "many-clients-one-account");
    assert_true(is_same_id(&stage->told[0], last(stage)));
    assert_int_equal(last(stage)->client_total, 3);
    assert_int_equal(last(stage)->failures, 6);
}

static void accounts_of_one_client_are_one(void **state) {
    struct stage *stage = *state;
    struct incident_case made[30];
    char names[30][16];
    for (unsigned i = 0; i < 30; i++) {
        snprintf(names[i], sizeof names[i], "user%02u", i);
        case_init(&made[i], i + 1, names[i], 66);
        made[i].incident.account_serial = i + 1;
        CASE_FACTS(&made[i], FACT_ACCOUNT_PERSON, FACT_ACCOUNTS_10, FACT_ACCOUNTS_FEW_EACH,
                   FACT_ACCOUNTS_FAIL_95, FACT_ACCOUNTS_LIST_ORDER);
        case_fail(&made[i], 1);
        hand(stage, &made[i], INCIDENT_SETTLED, 1000 + i);
    }
    diagnose_finish(stage->diagnose, 2000 * SECOND);
    assert_int_equal(stage->count, 2);
    assert_string_equal(last(stage)->rule, "password-spray");
    assert_true(last(stage)->is_hostile);
    assert_string_equal(last(stage)->account, "");
    assert_int_equal(last(stage)->account_total, 30);
    assert_int_equal(last(stage)->client_total, 1);
    assert_int_equal(last(stage)->culprit_kind, SBL_CULPRIT_HOST);
    assert_non_null(strstr(last(stage)->message, "30 accounts"));
}

static void too_many_are_a_crowd(void **state) {
    struct stage *stage = *state;
    struct incident_case made[12];
    for (unsigned i = 0; i < 12; i++) {
        person(&made[i], i + 1, 40 + i);
        made[i].incident.account_serial = i + 1;
        hand(stage, &made[i], INCIDENT_SETTLED, 1000 + i);
    }
    assert_int_equal(stage->count, 4);
    assert_non_null(strstr(last(stage)->message, "Many of one kind"));
    assert_int_equal(stage->stats.cap_hits[SBL_LIMIT_DIAGNOSES_PER_RULE], 9);
    for (unsigned i = 0; i < 12; i++)
        hand(stage, &made[i], INCIDENT_END, 2000);
    diagnose_finish(stage->diagnose, 2000 * SECOND);
    assert_int_equal(stage->count, 8);
    assert_int_equal(last(stage)->failures, 27);
    assert_int_equal(last(stage)->client_total, 9);
    assert_int_equal(last(stage)->account_total, 9);
}

/* More members than there is room for: each client and account of a crowd says itself that it is
 * counted there. */
static void a_crowd_counts_each_once(void **state) {
    struct stage *stage = *state;
    struct incident_case made[40];
    struct incident_member clients[40] = {{{0}, {0}}}, accounts[4] = {{{0}, {0}}};
    for (unsigned i = 0; i < 40; i++) {
        person(&made[i], i + 1, 40 + i);
        made[i].incident.account_serial = i % 4 + 1;
        made[i].incident.account_member = &accounts[i % 4];
        made[i].incident.client_member = &clients[i];
        hand(stage, &made[i], INCIDENT_FORGOTTEN, 1000 + i);
    }
    diagnose_finish(stage->diagnose, 2000 * SECOND);
    assert_int_equal(last(stage)->client_total, 40);
    assert_int_equal(last(stage)->account_total, 4);
    assert_int_equal(accounts[0].incidents[0], 10);
}

static void closed_ones_make_room(void **state) {
    struct stage *stage = *state;
    struct incident_case made[20];
    for (unsigned i = 0; i < 20; i++) {
        person(&made[i], i + 1, 40 + i);
        hand(stage, &made[i], INCIDENT_SETTLED, 1000 + i);
        hand(stage, &made[i], INCIDENT_IDLE, 5000 + i);
    }
    assert_int_equal(stage->count, 40);
    assert_int_equal(stage->stats.cap_hits[SBL_LIMIT_DIAGNOSES], 0);
    /* Its slot was given to another: it is a new diagnosis, with records of its own. */
    case_fail(&made[0], 1);
    hand(stage, &made[0], INCIDENT_CHANGED, 9000);
    assert_int_equal(last(stage)->revision, 1);
    assert_false(is_same_id(&stage->told[0], last(stage)));
}

static void all_open_ones_are_a_limit_too(void **state) {
    struct stage *stage = *state;
    static const enum fact explicit_facts[] = {FACT_DISABLED, FACT_BAD_HOURS, FACT_RESTRICTION};
    struct incident_case made[9];
    for (unsigned i = 0; i < 9; i++) {
        case_init(&made[i], i + 1, "jdoe", 40 + i);
        CASE_FACTS(&made[i], FACT_ACCOUNT_PERSON, explicit_facts[i / 3]);
        case_fail(&made[i], 1);
        hand(stage, &made[i], INCIDENT_SETTLED, 1000 + i);
    }
    assert_int_equal(stage->stats.cap_hits[SBL_LIMIT_DIAGNOSES], 3);
    assert_int_equal(stage->count, 7);
    diagnose_finish(stage->diagnose, 2000 * SECOND);
    assert_int_equal(stage->count, 14);
    assert_int_equal(last(stage)->failures, 3);
}

static void nobody_is_diagnosed_for_a_null_session(void **state) {
    struct stage *stage = *state;
    struct incident_case made;
    case_init(&made, 1, "", 42);
    made.incident.is_anonymous = true;
    CASE_FACTS(&made, FACT_ACCOUNT_ANONYMOUS);
    case_fail(&made, 30);
    hand(stage, &made, INCIDENT_SETTLED, 1000);
    hand(stage, &made, INCIDENT_END, 1000);
    diagnose_finish(stage->diagnose, 1000 * SECOND);
    assert_int_equal(stage->count, 0);
}

static void time_that_jumps_back_is_no_minute(void **state) {
    struct stage *stage = *state;
    struct incident_case made;
    person(&made, 1, 42);
    hand(stage, &made, INCIDENT_SETTLED, 1000);
    case_fail(&made, 1);
    hand(stage, &made, INCIDENT_CHANGED, 10);
    made.incident.now_ns = INT64_MIN;
    diagnose_incident(stage->diagnose, &made.incident);
    assert_int_equal(stage->count, 1);
    case_fail(&made, 1);
    made.incident.now_ns = INT64_MAX;
    diagnose_incident(stage->diagnose, &made.incident);
    assert_int_equal(stage->count, 2);
}

static void play_once(struct stage *stage) {
    struct incident_case made[20];
    for (unsigned i = 0; i < 20; i++) {
        if (i % 2)
            token(&made[i], i + 1, 40 + i % 5);
        else
            person(&made[i], i + 1, 40 + i % 5);
        made[i].incident.account_serial = i % 7;
        hand(stage, &made[i], INCIDENT_SETTLED, 1000 + i);
    }
    for (unsigned i = 0; i < 20; i++) {
        CASE_FACTS(&made[i], (enum fact)(FACT_WALK_JOINED + i % 3));
        hand(stage, &made[i], INCIDENT_END, 2000);
    }
    diagnose_finish(stage->diagnose, 2000 * SECOND);
}

static void the_same_is_told_twice(void **state) {
    struct stage *stage = *state, *again = NULL;
    void *other = NULL;
    assert_int_equal(begin_small(&other), 0);
    again = other;
    play_once(stage);
    play_once(again);
    assert_int_equal(stage->count, again->count);
    assert_memory_equal(stage->told, again->told, stage->count * sizeof *stage->told);
    for (unsigned i = 0; i < stage->count; i++)
        for (unsigned j = 0; j < i; j++)
            assert_memory_not_equal(stage->told[i].event_id, stage->told[j].event_id, 16);
    end(&other);
}

#define LIFE(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define SMALL(name) cmocka_unit_test_setup_teardown(name, begin_small, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        LIFE(one_is_opened_updated_and_closed),
        LIFE(updates_come_ever_more_seldom),
        LIFE(a_victim_is_not_counted_among_those_who_lock),
        LIFE(a_closed_one_opens_again),
        LIFE(the_end_tells_open_and_close),
        LIFE(a_lockout_and_another_verdict_are_told_at_once),
        LIFE(clients_of_one_account_are_one),
        LIFE(an_emptied_one_is_superseded),
        LIFE(a_category_goes_on_as_one),
        LIFE(accounts_of_one_client_are_one),
        SMALL(too_many_are_a_crowd),
        SMALL(a_crowd_counts_each_once),
        SMALL(closed_ones_make_room),
        SMALL(all_open_ones_are_a_limit_too),
        LIFE(nobody_is_diagnosed_for_a_null_session),
        LIFE(time_that_jumps_back_is_no_minute),
        SMALL(the_same_is_told_twice),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
