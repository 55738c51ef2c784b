/* What --stop-when takes, what it refuses, and what meets it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "knowledge/knowledge.h"
#include "pieces.h"
#include "service/trigger.h"

#define TEXT(kind, literal)                                                                        \
    ((struct sbl_text){                                                                            \
        .bytes = (const uint8_t *)(literal), .size = sizeof(literal) - 1, .encoding = (kind)})
#define OEM(literal) TEXT(SBL_TEXT_OEM, literal)
#define UTF8(literal) TEXT(SBL_TEXT_UTF8, literal)

struct fixture {
    struct sbl_knowledge *knowledge;
    struct trigger *trigger;
    struct text_codepage page;
    char *said;
    size_t said_bytes;
};

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    return text_codepage_init(&fixture->page, "CP850") ||
           sbl_knowledge_new(&fixture->knowledge, NULL, stderr);
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    trigger_free(fixture->trigger);
    sbl_knowledge_free(fixture->knowledge);
    free(fixture->said);
    free(fixture);
    return 0;
}

static int start(struct fixture *fixture, const char *const *words, size_t count,
                 bool diagnosis_off) {
    const struct trigger_options options = {words, count, fixture->knowledge, diagnosis_off,
                                            &fixture->page};
    trigger_free(fixture->trigger);
    fixture->trigger = NULL;
    free(fixture->said);
    FILE *errors = open_memstream(&fixture->said, &fixture->said_bytes);
    int failed = trigger_new(&fixture->trigger, &options, errors);
    fclose(errors);
    return failed;
}

static void takes(struct fixture *fixture, const char *word) {
    assert_int_equal(start(fixture, &word, 1, false), 0);
    assert_string_equal(fixture->said, "");
    assert_null(trigger_hit(fixture->trigger).word);
}

static void refuses(struct fixture *fixture, const char *word, const char *why) {
    assert_int_equal(start(fixture, &word, 1, false), -EINVAL);
    has(fixture->said, why);
    assert_non_null(strchr(fixture->said, '\n'));
    assert_null(strchr(strchr(fixture->said, '\n') + 1, '\n'));
}

static struct sbl_attempt refused(uint32_t status, struct sbl_text domain,
                                  struct sbl_text account) {
    return (struct sbl_attempt){.finding = {.status = status,
                                            .has_status = true,
                                            .time_ns = 7,
                                            .account = account,
                                            .domain = domain,
                                            .evidence = {.request = {70, 1}, .response = {72, 1}}},
                                .outcome = SBL_OUTCOME_FAILURE};
}

static bool meets(struct fixture *fixture, const char *word, const struct sbl_attempt *attempt) {
    takes(fixture, word);
    trigger_attempt(fixture->trigger, attempt);
    return trigger_hit(fixture->trigger).word != NULL;
}

static void statuses(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = refused(0xC000006D, UTF8("CORP"), UTF8("jdoe"));
    assert_true(meets(fixture, "STATUS_LOGON_FAILURE", &attempt));
    assert_true(meets(fixture, "status_logon_failure", &attempt));
    assert_true(meets(fixture, "0xC000006D", &attempt));
    assert_true(meets(fixture, "0xc000006d", &attempt));
    assert_false(meets(fixture, "STATUS_ACCOUNT_LOCKED_OUT", &attempt));
    assert_false(meets(fixture, "0xC0FFEE00", &attempt)); /* nobody knows it, and yet it may come */
    attempt.finding.status = 0x00020002;
    assert_false(meets(fixture, "2/2", &attempt));
    attempt.finding.is_dos_error = true;
    assert_true(meets(fixture, "2/2", &attempt));
    assert_true(meets(fixture, "ERRSRV/ERRbadpw", &attempt));
    attempt.finding.has_status = false;
    assert_false(meets(fixture, "2/2", &attempt));
}

static void accounts(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = refused(0xC000006D, UTF8("WS042"), OEM("J\x81rgen"));
    attempt.authority_name = UTF8("CAP01");
    assert_true(meets(fixture, "J\xC3\x9CRGEN", &attempt));
    assert_true(meets(fixture, "\\j\xC3\xBCrgen", &attempt));
    assert_true(meets(fixture, "ws042\\J\xC3\xBCrgen", &attempt));
    assert_true(meets(fixture, "CAP01\\j\xC3\xBCrgen", &attempt));
    assert_false(meets(fixture, "CORP\\j\xC3\xBCrgen", &attempt));
    assert_false(meets(fixture, "J\xC3\x9CRGE", &attempt));
    assert_false(meets(fixture, "J\xC3\x9CRGENS", &attempt));
    attempt.outcome = SBL_OUTCOME_SUCCESS;
    assert_false(meets(fixture, "J\xC3\x9CRGEN", &attempt));
    attempt = refused(0xC000006D, (struct sbl_text){0}, (struct sbl_text){0});
    assert_false(meets(fixture, "jdoe", &attempt));
    struct sbl_probe probe = {.finding = refused(0xC0000034, UTF8("A"), UTF8("jdoe")).finding};
    struct sbl_tree_refusal refusal = {probe.finding};
    takes(fixture, "a\\jdoe");
    trigger_probe(fixture->trigger, &probe);
    assert_string_equal(trigger_hit(fixture->trigger).word, "a\\jdoe");
    takes(fixture, "0xC0000034");
    trigger_tree_refusal(fixture->trigger, &refusal);
    assert_string_equal(trigger_hit(fixture->trigger).word, "0xC0000034");
}

static void causes(void **state) {
    struct fixture *fixture = *state;
    const struct sbl_evidence_line line = {.request = {9, 2}, .response = {10, 2}};
    struct sbl_diagnosis diagnosis = {.rule_id = "password-spray",
                                      .time_ns = 5,
                                      .lines = &line,
                                      .line_count = 1,
                                      .state = SBL_DIAGNOSIS_CLOSE};
    takes(fixture, "password-spray");
    trigger_diagnosis(fixture->trigger, &diagnosis);
    assert_null(trigger_hit(fixture->trigger).word);
    diagnosis.state = SBL_DIAGNOSIS_UPDATE;
    trigger_diagnosis(fixture->trigger, &diagnosis);
    assert_string_equal(trigger_hit(fixture->trigger).word, "password-spray");
    assert_int_equal(trigger_hit(fixture->trigger).frame.number, 10);
    takes(fixture, "nal-debug-logging");
    diagnosis.line_count = 0;
    trigger_diagnosis(fixture->trigger, &diagnosis);
    assert_null(trigger_hit(fixture->trigger).word);
}

/* The first that is met is told, whatever comes after it. */
static void the_first_stays(void **state) {
    struct fixture *fixture = *state;
    static const char *const words[] = {"nobody", "0xC0000234", "jdoe"};
    struct sbl_attempt attempt = refused(0xC000006D, UTF8("CORP"), UTF8("jdoe"));
    assert_int_equal(start(fixture, words, 3, false), 0);
    trigger_attempt(fixture->trigger, &attempt);
    attempt.finding.status = 0xC0000234;
    attempt.finding.time_ns = 9;
    trigger_attempt(fixture->trigger, &attempt);
    struct trigger_hit hit = trigger_hit(fixture->trigger);
    assert_string_equal(hit.word, "jdoe");
    assert_int_equal(hit.frame.number, 72);
    assert_int_equal(hit.frame.file, 1);
    assert_int_equal(hit.time_ns, 7);
}

static void what_is_none_of_them(void **state) {
    struct fixture *fixture = *state;
    refuses(fixture, "STATUS_LOGIN_FAILURE", "did you mean 'STATUS_LOGON_FAILURE'?");
    refuses(fixture, "STATUS_NOTHING_LIKE_ANY", "a status that is not known");
    refuses(fixture, "0xC00000000", "a status that is not known");
    refuses(fixture, "0x", "a status that is not known");
    refuses(fixture, "0x-5", "a status that is not known");
    refuses(fixture, "2/", "a status that is not known");
    refuses(fixture, "/2", "a status that is not known");
    refuses(fixture, "2/2/2", "a status that is not known");
    refuses(fixture, "99999999999999999999/2", "a status that is not known");
    refuses(fixture, "pasword-spray", "did you mean 'password-spray'?");
    refuses(fixture, "password-spra", "write \\NAME");
    refuses(fixture, "svc*", "is a pattern");
    refuses(fixture, "CORP\\j?oe", "is a pattern");
    refuses(fixture, "CORP\\", "names no cause");
    refuses(fixture, "", "names no cause");
    refuses(fixture, "\x1B[2J*", "x1b[2J");
    takes(fixture, "\\pasword-spray");
    takes(fixture, "svc-backup");
    takes(fixture, "SMSCliToknAcct&");
    static const char *const words[] = {"0x", "fine", "a*"};
    assert_int_equal(start(fixture, words, 3, false), -EINVAL);
    has(fixture->said, "'0x'");
    has(fixture->said, "'a*'");
}

static void without_diagnosis(void **state) {
    struct fixture *fixture = *state;
    const char *word = "password-spray";
    assert_int_equal(start(fixture, &word, 1, true), -EINVAL);
    has(fixture->said, "--no-diagnosis looks for none");
    struct sbl_knowledge *knowledge = fixture->knowledge;
    fixture->knowledge = NULL;
    word = "0xC000006D";
    assert_int_equal(start(fixture, &word, 1, true), 0);
    fixture->knowledge = knowledge;
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(statuses),
        TEST(accounts),
        TEST(causes),
        TEST(the_first_stays),
        TEST(what_is_none_of_them),
        TEST(without_diagnosis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
