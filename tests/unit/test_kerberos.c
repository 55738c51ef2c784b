/* Kerberos tokens: what of a ticket and of an error is readable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../dissectors/token.h"
#include "../mutate/expect.h"
#include "../mutate/tokens.h"

static struct sbl_report report;

static struct sbl_kerberos read_golden(const char *name) {
    struct golden g = expect_golden(SBL_DISSECTOR_KERBEROS, name);
    return expect_one(SBL_DISSECTOR_KERBEROS, g.bytes, g.size, &report)->token.kerberos;
}

static void a_ticket_names_realm_and_service(void **state) {
    (void)state;
    const char *const names[] = {"ap-req", "ap-req-gss"};
    for (size_t i = 0; i < 2; i++) {
        struct sbl_kerberos kerberos = read_golden(names[i]);
        assert_int_equal(kerberos.message, 14);
        assert_true(text_is(kerberos.realm, "CORP.EXAMPLE"));
        assert_int_equal(kerberos.service_count, 2);
        assert_true(text_is(kerberos.service[0], "cifs"));
        assert_true(text_is(kerberos.service[1], "fs1.corp.example"));
        assert_int_equal(expect_odd(&report), 0);
    }
}

static void a_service_of_many_parts_gives_the_first(void **state) {
    (void)state;
    struct sbl_kerberos kerberos = read_golden("ap-req-long");
    assert_int_equal(kerberos.service_count, 3);
    assert_true(text_is(kerberos.service[2], "fs1.corp.example"));
}

static void an_error_has_its_code(void **state) {
    (void)state;
    const char *const names[] = {"krb-error", "krb-error-gss"};
    for (size_t i = 0; i < 2; i++) {
        struct sbl_kerberos kerberos = read_golden(names[i]);
        assert_int_equal(kerberos.message, 30);
        assert_int_equal(kerberos.error_code, 37);
        assert_true(text_is(kerberos.realm, "CORP.EXAMPLE"));
        assert_int_equal(expect_odd(&report), 0);
    }
    assert_int_equal(read_golden("ap-rep").message, 15);
}

static void an_error_may_name_the_client(void **state) {
    (void)state;
    struct sbl_kerberos kerberos = read_golden("krb-error-client");
    assert_int_equal(kerberos.error_code, 24);
    assert_true(text_is(kerberos.client_realm, "CORP.EXAMPLE"));
    assert_int_equal(kerberos.client_count, 2); /* of three */
    assert_true(text_is(kerberos.client[0], "host"));
    assert_true(text_is(kerberos.client[1], "ws042.corp.example"));
    assert_true(text_is(kerberos.service[0], "cifs"));
    assert_int_equal(read_golden("krb-error").client_count, 0);
}

static void broken_lengths_are_counted_once(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_KERBEROS, "ap-req");
    uint8_t bytes[512];
    memcpy(bytes, g.bytes, g.size);
    bytes[1] = 0x80; /* indefinite */
    const struct sbl_observation *seen = expect_one(SBL_DISSECTOR_KERBEROS, bytes, g.size, &report);
    assert_int_equal(seen->token.kerberos.message, 0);
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_ASN1], 1);
    bytes[1] = 0x85; /* five bytes of length */
    (void)expect_one(SBL_DISSECTOR_KERBEROS, bytes, g.size, &report);
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_ASN1], 1);
}

static void a_cut_ticket_gives_what_was_captured(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_KERBEROS, "ap-req-gss");
    struct sbl_kerberos kerberos = {0};
    sbl_report_reset(&report, true);
    kerberos_read(sbl_cursor_of(g.bytes, 100), true, &report, &kerberos);
    assert_int_equal(kerberos.message, 14);
    assert_true(text_is(kerberos.realm, "CORP.EXAMPLE"));
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_ASN1], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_names_realm_and_service),
        cmocka_unit_test(a_service_of_many_parts_gives_the_first),
        cmocka_unit_test(an_error_has_its_code),
        cmocka_unit_test(an_error_may_name_the_client),
        cmocka_unit_test(broken_lengths_are_counted_once),
        cmocka_unit_test(a_cut_ticket_gives_what_was_captured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
