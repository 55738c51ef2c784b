/* Who is named, who is only a candidate, and who is never named at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "diagnose_stage.h"

static struct incident_candidate candidate(const char *id, double weight, enum sbl_basis basis) {
    return (struct incident_candidate){.signature = knowledge_signature(shared, id),
                                       .kind = SBL_CULPRIT_DRIVER,
                                       .basis = basis,
                                       .weight = weight,
                                       .process = ""};
}

static struct told *judge_walk(struct stage *stage, struct incident_case *made) {
    CASE_FACTS(made, FACT_WALK, FACT_WALK_JOINED, FACT_WALK_VENDOR_NAME);
    hand(stage, made, INCIDENT_SETTLED, 1000);
    assert_string_equal(last(stage)->rule, "third-party-driver-path-search");
    return last(stage);
}

static void a_clear_driver_is_named(void **state) {
    struct incident_case made;
    static const char *const files[] = {"cwaudio.bin"};
    static const char *const directories[] = {"\\\\CAP01\\CAP_S01", "\\\\CAP01\\SMSLOGON"};
    token(&made, 1, 42);
    made.incident.candidates[0] = candidate("crystal-nt4", 0.7, SBL_BASIS_VENDOR_FILE_NAME);
    made.incident.candidates[1] = candidate("ess-solo-pci", 0.3, SBL_BASIS_VENDOR_FILE_NAME);
    made.incident.candidates[0].files = (struct sbl_strings){files, 1, 1};
    made.incident.candidate_count = 2;
    made.incident.walk.directories = (struct sbl_strings){directories, 2, 2};
    made.incident.walk.missing = (struct sbl_strings){files, 1, 1};
    made.incident.walk.steps = 6;
    const struct told *told = judge_walk(*state, &made);
    assert_string_equal(told->culprit_id, "crystal-nt4");
    assert_int_equal(told->candidate_count, 0);
    assert_non_null(strstr(told->message, "Crystal"));
    assert_non_null(strstr(told->message, "\\\\CAP01\\CAP_S01, \\\\CAP01\\SMSLOGON"));
    assert_non_null(strstr(told->message, "CORP\\SMSCliToknAcct&"));
    assert_null(strstr(told->message, "documented"));
    assert_non_null(strstr(told->remedy, "SYSTEM path"));
}

static void two_that_fit_alike_are_both_listed(void **state) {
    struct incident_case made;
    token(&made, 1, 42);
    made.incident.candidates[0] = candidate("crystal-nt4", 0.55, SBL_BASIS_VENDOR_FILE_NAME);
    made.incident.candidates[1] = candidate("ess-solo-pci", 0.45, SBL_BASIS_VENDOR_FILE_NAME);
    made.incident.candidate_count = 2;
    const struct told *told = judge_walk(*state, &made);
    assert_string_equal(told->culprit_id, "");
    assert_string_equal(told->culprit_vendor, "");
    assert_string_equal(told->culprit_product, "");
    assert_int_equal(told->culprit_kind, SBL_CULPRIT_DRIVER);
    assert_int_equal(told->candidate_count, 2);
    assert_non_null(strstr(told->message, "CS423x NT 4.0 drivers (SP3/SP4) or the ESS Technology"));
    assert_non_null(strstr(told->against, "Crystal"));
    assert_non_null(strstr(told->against, "ESS"));
}

/* A program that may not be blamed, and files of nobody: what they do is all that is known. */
static void what_is_not_named_has_no_documents(void **state) {
    struct incident_case made;
    token(&made, 1, 42);
    made.incident.candidates[0] = candidate("ws2-ras-autodial", 0.5, SBL_BASIS_DOCUMENTED);
    made.incident.candidates[0].kind = SBL_CULPRIT_PROGRAM;
    made.incident.candidates[1] = candidate("", 0.5, SBL_BASIS_BEHAVIOUR);
    made.incident.candidate_count = 2;
    const struct told *told = judge_walk(*state, &made);
    assert_int_equal(told->culprit_kind, SBL_CULPRIT_UNKNOWN);
    assert_int_equal(told->culprit_basis, SBL_BASIS_BEHAVIOUR);
    assert_int_equal(told->candidate_count, 0);
    assert_string_equal(told->culprit_product, "");
    assert_non_null(strstr(told->message, "a driver or program there"));
}

/* What one machine searched for is not what the others of a crowd did. */
static void a_crowd_names_no_driver(void **state) {
    struct stage *stage = *state;
    struct incident_case made[SBL_MAX_DIAGNOSES_PER_RULE + 2];
    for (unsigned i = 0; i < SBL_MAX_DIAGNOSES_PER_RULE + 2; i++) {
        token(&made[i], i + 1, 40 + i);
        made[i].incident.candidates[0] = candidate("crystal-nt4", 1, SBL_BASIS_VENDOR_FILE_NAME);
        made[i].incident.candidate_count = 1;
        const struct told *told = judge_walk(stage, &made[i]);
        assert_true((told->culprit_id[0] != 0) == (i < SBL_MAX_DIAGNOSES_PER_RULE));
    }
    assert_null(strstr(last(stage)->message, "Crystal"));
    assert_non_null(strstr(last(stage)->message, "Many of one kind"));
}

static void a_vendor_is_named_when_all_agree(void **state) {
    struct incident_case made;
    token(&made, 1, 42);
    made.incident.candidates[0] = candidate("crystal-nt4", 0.5, SBL_BASIS_VENDOR_FILE_NAME);
    made.incident.candidates[1] = candidate("crystal-wdm", 0.5, SBL_BASIS_VENDOR_FILE_NAME);
    made.incident.candidate_count = 2;
    const struct told *told = judge_walk(*state, &made);
    assert_string_equal(told->culprit_id, "");
    assert_non_null(strstr(told->culprit_vendor, "Crystal"));
}

static void too_narrow_a_lead_is_no_lead(void **state) {
    struct incident_case made;
    token(&made, 1, 42);
    made.incident.candidates[0] = candidate("crystal-nt4", 0.6, SBL_BASIS_VENDOR_FILE_NAME);
    made.incident.candidates[1] = candidate("ess-solo-pci", 0.41, SBL_BASIS_VENDOR_FILE_NAME);
    made.incident.candidate_count = 2;
    assert_string_equal(judge_walk(*state, &made)->culprit_id, "");
}

static void innocents_are_never_named(void **state) {
    struct incident_case made;
    token(&made, 1, 42);
    made.incident.candidates[0] = candidate("ws2-ras-autodial", 1.0, SBL_BASIS_DOCUMENTED);
    made.incident.candidate_count = 1;
    const struct told *told = judge_walk(*state, &made);
    assert_string_equal(told->culprit_id, "");
    assert_string_equal(told->culprit_vendor, "");
    assert_null(strstr(told->message, "Microsoft"));
}

static void no_driver_is_named_by_another_rule(void **state) {
    struct stage *stage = *state;
    struct incident_case made;
    person(&made, 1, 42);
    CASE_FACTS(&made, FACT_WALK, FACT_WALK_DOCUMENTED);
    made.incident.candidates[0] = candidate("compaq-auddrive", 1.0, SBL_BASIS_DOCUMENTED);
    made.incident.candidate_count = 1;
    hand(stage, &made, INCIDENT_SETTLED, 1000);
    assert_string_equal(last(stage)->rule, "wrong-password-unknown-cause");
    assert_int_equal(last(stage)->culprit_kind, SBL_CULPRIT_UNKNOWN);
    assert_string_equal(last(stage)->culprit_id, "");
    assert_int_equal(last(stage)->candidate_count, 0);
}

static void a_period_alone_names_no_program(void **state) {
    struct stage *stage = *state;
    struct incident_case made;
    person(&made, 1, 42);
    CASE_FACTS(&made, FACT_PERIODIC, FACT_PERIOD_DOCUMENTED);
    made.incident.period = knowledge_period(shared, 60.5);
    made.incident.period_s = 60.5;
    hand(stage, &made, INCIDENT_SETTLED, 1000);
    assert_string_equal(last(stage)->rule, "periodic-retry-program");
    assert_string_equal(last(stage)->culprit_id, "");
    assert_int_equal(last(stage)->culprit_kind, SBL_CULPRIT_UNKNOWN);
    CASE_FACTS(&made, FACT_SHARE_SMS_SHR);
    hand(stage, &made, INCIDENT_CHANGED, 1001);
    assert_string_equal(last(stage)->culprit_id, "sms12-climonnt");
    assert_non_null(strstr(last(stage)->message, "documented by Q191828"));
}

static void the_share_of_metering_names_its_client(void **state) {
    struct stage *stage = *state;
    struct incident_case made;
    person(&made, 1, 42);
    CASE_FACTS(&made, FACT_SHARE_LICMTR);
    made.incident.candidates[0] = candidate("crystal-nt4", 1.0, SBL_BASIS_VENDOR_FILE_NAME);
    made.incident.candidate_count = 1;
    hand(stage, &made, INCIDENT_SETTLED, 1000);
    assert_string_equal(last(stage)->culprit_id, "sms-licmtr");
    assert_int_equal(last(stage)->culprit_kind, SBL_CULPRIT_PROGRAM);
}

static void the_process_table_names_the_program(void **state) {
    struct stage *stage = *state;
    struct incident_case made;
    person(&made, 1, 42);
    CASE_FACTS(&made, FACT_PERIODIC, FACT_PROCESS_KNOWN);
    made.incident.candidates[0] = (struct incident_candidate){.kind = SBL_CULPRIT_PROGRAM,
                                                              .basis = SBL_BASIS_PROCESS_TABLE,
                                                              .weight = 1,
                                                              .process = "C:\\BIN\\Sync.exe"};
    made.incident.candidate_count = 1;
    hand(stage, &made, INCIDENT_SETTLED, 1000);
    assert_string_equal(last(stage)->culprit_product, "Sync.exe");
    assert_non_null(strstr(last(stage)->message, "process table"));
}

/* The fact holds of the leg whose client is the relay, and of no other. */
static void a_relay_is_named_when_it_is_shown(void **state) {
    struct stage *stage = *state;
    struct incident_case made;
    person(&made, 1, 42);
    CASE_FACTS(&made, FACT_MIC_MISSING);
    hand(stage, &made, INCIDENT_SETTLED, 1000);
    assert_string_equal(last(stage)->rule, "relay-suspicion");
    assert_int_equal(last(stage)->culprit_kind, SBL_CULPRIT_UNKNOWN);
    CASE_FACTS(&made, FACT_CHALLENGE_TWICE);
    hand(stage, &made, INCIDENT_CHANGED, 1001);
    assert_int_equal(last(stage)->culprit_kind, SBL_CULPRIT_HOST);
}

#define NAMING(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        NAMING(a_clear_driver_is_named),
        NAMING(two_that_fit_alike_are_both_listed),
        NAMING(a_vendor_is_named_when_all_agree),
        NAMING(too_narrow_a_lead_is_no_lead),
        NAMING(innocents_are_never_named),
        NAMING(no_driver_is_named_by_another_rule),
        NAMING(a_period_alone_names_no_program),
        NAMING(the_share_of_metering_names_its_client),
        NAMING(the_process_table_names_the_program),
        NAMING(what_is_not_named_has_no_documents),
        NAMING(a_crowd_names_no_driver),
        NAMING(a_relay_is_named_when_it_is_shown),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
