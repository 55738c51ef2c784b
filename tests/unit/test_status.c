/* The status table, and what attribute makes of an attempt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attribute/attribute.h"

static const struct sbl_conversation somewhere = {.ip_version = 4};

static void statuses_are_found_by_code_and_kind(void **state) {
    (void)state;
    const struct sbl_status *status = sbl_status_find(0xC000006Du, false);
    assert_non_null(status);
    assert_string_equal(status->name, "STATUS_LOGON_FAILURE");
    assert_int_equal(status->reason, SBL_REASON_BAD_CREDENTIALS);
    assert_int_equal(status->sub_status, 0);
    assert_int_equal(status->modern_event, 4625);
    assert_int_equal(status->classic_event, 529);
    assert_null(sbl_status_find(0xC000006Du, true));
    status = sbl_status_find(2 << 16 | 2, true);
    assert_string_equal(status->name, "ERRSRV/ERRbadpw");
    assert_int_equal(status->reason, SBL_REASON_BAD_PASSWORD);
    assert_null(sbl_status_find(2 << 16 | 2, false));
    assert_string_equal(sbl_status_find(0, false)->name, "STATUS_SUCCESS"); /* the first */
    assert_string_equal(sbl_status_find(3 << 16 | 39, true)->name, "ERRHRD/ERRdiskfull");
    assert_null(sbl_status_find(0xFFFFFFFFu, false));
    assert_null(sbl_status_find(0xFFFFFFFFu, true));
    assert_null(sbl_status_find(0xC0000003u, false));
}

static void some_say_that_a_file_is_not_there(void **state) {
    (void)state;
    static const uint32_t codes[] = {0xC000000Fu, 0xC0000034u, 0xC000003Au};
    static const uint32_t dos_codes[] = {1 << 16 | 2, 1 << 16 | 3, 1 << 16 | 18};
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(sbl_status_find(codes[i], false)->missing, SBL_MISSING_NOT_THERE);
        assert_int_equal(sbl_status_find(dos_codes[i], true)->missing, SBL_MISSING_NOT_THERE);
    }
    assert_int_equal(sbl_status_find(0xC0000033u, false)->missing, SBL_MISSING_NO_SUCH_NAME);
    assert_int_equal(sbl_status_find(0xC0000039u, false)->missing, SBL_MISSING_NO_SUCH_NAME);
    assert_int_equal(sbl_status_find(0xC0000022u, false)->missing, SBL_MISSING_NO);
    assert_int_equal(sbl_status_find(0, false)->missing, SBL_MISSING_NO);
}

static void every_reason_that_the_records_promise(void **state) {
    (void)state;
    static const struct {
        uint32_t code;
        bool is_dos_error;
        enum sbl_reason reason;
    } promises[] = {
        {0xC000006Du, false, SBL_REASON_BAD_CREDENTIALS},
        {1 << 16 | 5, true, SBL_REASON_BAD_CREDENTIALS},
        {0xC000006Au, false, SBL_REASON_BAD_PASSWORD},
        {2 << 16 | 2, true, SBL_REASON_BAD_PASSWORD},
        {0xC0000064u, false, SBL_REASON_NO_SUCH_USER},
        {0xC0000234u, false, SBL_REASON_LOCKED_OUT},
        {0xC0000072u, false, SBL_REASON_DISABLED},
        {0xC0000071u, false, SBL_REASON_PASSWORD_EXPIRED},
        {2 << 16 | 2242, true, SBL_REASON_PASSWORD_EXPIRED},
        {0xC0000224u, false, SBL_REASON_MUST_CHANGE},
        {0xC0000193u, false, SBL_REASON_ACCOUNT_EXPIRED},
        {0xC000006Fu, false, SBL_REASON_BAD_HOURS},
        {0xC0000070u, false, SBL_REASON_BAD_WORKSTATION},
        {2 << 16 | 2240, true, SBL_REASON_BAD_WORKSTATION},
        {0xC000015Bu, false, SBL_REASON_LOGON_TYPE_DENIED},
        {0xC000006Eu, false, SBL_REASON_RESTRICTION},
        {0xC0000199u, false, SBL_REASON_RESTRICTION},
        {0xC000018Du, false, SBL_REASON_TRUST_FAILURE},
        {0xC0000418u, false, SBL_REASON_NTLM_BLOCKED},
        {0xC0000133u, false, SBL_REASON_CLOCK_SKEW},
        {0xC00000BBu, false, SBL_REASON_NOT_SUPPORTED},
        {0xC0000022u, false, SBL_REASON_ACCESS_DENIED},
        {0xC0000225u, false, SBL_REASON_UNKNOWN},
        {0xC0ABCDEFu, false, SBL_REASON_UNKNOWN},
    };
    for (unsigned i = 0; i < sizeof promises / sizeof *promises; i++) {
        struct sbl_attempt attempt = {.outcome = SBL_OUTCOME_FAILURE};
        attempt.finding.conversation = &somewhere;
        attempt.finding.status = promises[i].code;
        attempt.finding.is_dos_error = promises[i].is_dos_error;
        attribute_attempt(&attempt);
        assert_int_equal(attempt.reason, promises[i].reason);
    }
}

static void grants_and_special_refusals(void **state) {
    (void)state;
    struct sbl_attempt attempt = {.outcome = SBL_OUTCOME_SUCCESS};
    attempt.finding.conversation = &somewhere;
    attribute_attempt(&attempt);
    assert_int_equal(attempt.reason, SBL_REASON_SUCCESS);
    attempt.answer = SBL_ANSWER_ANONYMOUS;
    attribute_attempt(&attempt);
    assert_int_equal(attempt.reason, SBL_REASON_ANONYMOUS);
    attempt.is_guest = true;
    attribute_attempt(&attempt);
    assert_int_equal(attempt.reason, SBL_REASON_GUEST_MAPPED);
    attempt = (struct sbl_attempt){.outcome = SBL_OUTCOME_FAILURE, .answer = SBL_ANSWER_ANONYMOUS};
    attempt.finding.conversation = &somewhere;
    attempt.finding.status = 0xC0000022u;
    attribute_attempt(&attempt);
    assert_int_equal(attempt.reason, SBL_REASON_ANONYMOUS);
    attempt.finding.status = 0xC0000234u;
    attribute_attempt(&attempt);
    assert_int_equal(attempt.reason, SBL_REASON_LOCKED_OUT);
    attempt =
        (struct sbl_attempt){.outcome = SBL_OUTCOME_FAILURE, .mechanism = SBL_MECHANISM_LANMAN_NT};
    attempt.finding.conversation = &somewhere;
    attempt.finding.status = 0xC000000Du;
    attempt.client.nt_bytes = 24;
    attribute_attempt(&attempt);
    assert_int_equal(attempt.reason, SBL_REASON_UNKNOWN);
    attempt.client.nt_bytes = 120;
    attribute_attempt(&attempt);
    assert_int_equal(attempt.reason, SBL_REASON_REFUSED_BEFORE_AUTHENTICATION);
    static const struct {
        int32_t error;
        enum sbl_reason reason;
    } kerberos[] = {{37, SBL_REASON_CLOCK_SKEW},
                    {33, SBL_REASON_CLOCK_SKEW},
                    {41, SBL_REASON_UNKNOWN},
                    {-1, SBL_REASON_UNKNOWN}};
    for (unsigned i = 0; i < sizeof kerberos / sizeof *kerberos; i++) {
        attempt = (struct sbl_attempt){.outcome = SBL_OUTCOME_FAILURE,
                                       .kerberos_error = kerberos[i].error};
        attempt.finding.conversation = &somewhere;
        attempt.finding.status = 0xC0000016u;
        attribute_attempt(&attempt);
        assert_int_equal(attempt.reason, kerberos[i].reason);
    }
    attempt = (struct sbl_attempt){.reason = SBL_REASON_ABANDONED};
    attempt.finding.conversation = &somewhere;
    attribute_attempt(&attempt);
    assert_int_equal(attempt.reason, SBL_REASON_ABANDONED);
}

static struct sbl_text oem(const char *ascii) {
    return (struct sbl_text){(const uint8_t *)ascii, (uint32_t)strlen(ascii), SBL_TEXT_OEM, false};
}

static enum sbl_authority authority_of(struct sbl_text domain, const char *computer,
                                       const char *server_domain, bool has_challenge) {
    struct sbl_attempt attempt = {.has_challenge = has_challenge};
    attempt.finding.conversation = &somewhere;
    attempt.finding.domain = domain;
    attempt.server.nb_computer = oem(computer);
    attempt.server.nb_domain = oem(server_domain);
    attempt.server.dns_domain = oem("corp.example");
    attribute_attempt(&attempt);
    assert_int_equal(attempt.authority != SBL_AUTHORITY_UNKNOWN, attempt.authority_name.size != 0);
    return attempt.authority;
}

static void authority_is_told_only_when_the_wire_shows_it(void **state) {
    (void)state;
    static const uint8_t wide[] = {'c', 0, 'O', 0, 'r', 0, 'P', 0};
    struct sbl_text corp = {wide, sizeof wide, SBL_TEXT_UTF16LE, false};
    assert_int_equal(authority_of(corp, "DC01", "CORP", true), SBL_AUTHORITY_DOMAIN);
    assert_int_equal(authority_of(oem("CORP.example"), "DC01", "CORP", true), SBL_AUTHORITY_DOMAIN);
    assert_int_equal(authority_of(oem("dc01"), "DC01", "CORP", true), SBL_AUTHORITY_LOCAL);
    assert_int_equal(authority_of(oem("CORP"), "CAP01", "CAP01", true), SBL_AUTHORITY_LOCAL);
    assert_int_equal(authority_of(oem("WS042"), "DC01", "CORP", true), SBL_AUTHORITY_UNKNOWN);
    assert_int_equal(authority_of(oem(""), "DC01", "CORP", true), SBL_AUTHORITY_UNKNOWN);
    /* a greeting may name a workgroup */
    assert_int_equal(authority_of(oem("CORP"), "CAP01", "CORP", false), SBL_AUTHORITY_UNKNOWN);
    assert_int_equal(authority_of(oem("CAP01"), "CAP01", "CORP", false), SBL_AUTHORITY_LOCAL);
    /* Windows NT 4.0 tells no name of its own in its greeting: what was called on port 139 */
    struct sbl_attempt old = {.finding = {.conversation = &somewhere, .domain = oem("cap01")}};
    old.finding.server_name = oem("CAP01");
    old.server.nb_domain = oem("CORP");
    attribute_attempt(&old);
    assert_int_equal(old.authority, SBL_AUTHORITY_LOCAL);
    assert_int_equal(old.authority_name.size, 5);
    old.finding.domain = oem("CORP");
    attribute_attempt(&old);
    assert_int_equal(old.authority, SBL_AUTHORITY_UNKNOWN);
    corp.is_cut = true; /* half a name is no name */
    assert_int_equal(authority_of(corp, "DC01", "CORP", true), SBL_AUTHORITY_UNKNOWN);
    corp.is_cut = false;
    corp.size = 7;
    assert_int_equal(authority_of(corp, "DC01", "CORP", true), SBL_AUTHORITY_UNKNOWN);
    assert_int_equal(authority_of(oem("CORPX"), "DC01", "CORP", true), SBL_AUTHORITY_UNKNOWN);
    /* the same byte beyond ASCII is the same letter only in the same encoding */
    static const uint8_t accent[] = {0xE9, 0};
    struct sbl_text wide_accent = {accent, 2, SBL_TEXT_UTF16LE, false};
    assert_int_equal(authority_of(wide_accent, "\xE9", "CORP", true), SBL_AUTHORITY_UNKNOWN);
    assert_int_equal(authority_of(oem("\xE9"), "\xE9", "CORP", true), SBL_AUTHORITY_LOCAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_are_found_by_code_and_kind),
        cmocka_unit_test(some_say_that_a_file_is_not_there),
        cmocka_unit_test(every_reason_that_the_records_promise),
        cmocka_unit_test(grants_and_special_refusals),
        cmocka_unit_test(authority_is_told_only_when_the_wire_shows_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
