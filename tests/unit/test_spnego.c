/* Security blobs: the mechanism and the token inside, whatever it is wrapped in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../dissectors/token.h"
#include "../mutate/expect.h"
#include "../mutate/tokens.h"

static struct sbl_report report;

static struct sbl_auth_token read_bytes(const void *bytes, size_t size, bool is_cut) {
    struct sbl_auth_token token = {0};
    sbl_report_reset(&report, is_cut);
    token_read(bytes, size, is_cut, &report, &token);
    return token;
}

static struct sbl_auth_token read_golden(const char *name) {
    struct golden g = expect_golden(SBL_DISSECTOR_SPNEGO, name);
    struct sbl_auth_token token = read_bytes(g.bytes, g.size, false);
    assert_int_equal(expect_odd(&report), 0);
    return token;
}

static void an_initial_token_holds_ntlmssp(void **state) {
    (void)state;
    struct sbl_auth_token token = read_golden("init-ntlmssp");
    assert_int_equal(token.wrapping, SBL_WRAPPING_SPNEGO);
    assert_int_equal(token.mechanism, SBL_MECHANISM_NTLMSSP);
    assert_int_equal(token.ntlm.message, SBL_NTLM_NEGOTIATE);
}

static void an_initial_token_holds_kerberos(void **state) {
    (void)state;
    struct sbl_auth_token token = read_golden("init-kerberos");
    assert_int_equal(token.mechanism, SBL_MECHANISM_KERBEROS);
    assert_int_equal(token.kerberos.message, 14);
    assert_true(text_is(token.kerberos.service[1], "fs1.corp.example"));
    assert_int_equal(token.ntlm.message, SBL_NTLM_NONE);
}

static void hints_name_what_the_server_prefers(void **state) {
    (void)state;
    struct sbl_auth_token token = read_golden("init-hints");
    assert_int_equal(token.mechanism, SBL_MECHANISM_NEGOEX);
}

static void responses_hold_a_token(void **state) {
    (void)state;
    struct sbl_auth_token token = read_golden("resp-challenge");
    assert_int_equal(token.ntlm.message, SBL_NTLM_CHALLENGE);
    token = read_golden("resp-authenticate");
    assert_true(text_is(token.ntlm.user, "User"));
    token = read_golden("resp-done");
    assert_int_equal(token.mechanism, SBL_MECHANISM_UNKNOWN);
    token = read_golden("resp-krb-error");
    assert_int_equal(token.kerberos.error_code, 37);
}

static void raw_tokens_need_no_wrapping(void **state) {
    (void)state;
    struct sbl_auth_token token = read_golden("raw-ntlmssp");
    assert_int_equal(token.wrapping, SBL_WRAPPING_RAW);
    assert_int_equal(token.mechanism, SBL_MECHANISM_NTLMSSP);
    token = read_golden("raw-kerberos");
    assert_int_equal(token.wrapping, SBL_WRAPPING_RAW);
    assert_int_equal(token.mechanism, SBL_MECHANISM_KERBEROS);
}

static void no_blob_is_no_token(void **state) {
    (void)state;
    struct sbl_auth_token token = read_bytes("", 0, false);
    assert_int_equal(token.wrapping, SBL_WRAPPING_NONE);
    assert_int_equal(token.mechanism, SBL_MECHANISM_UNKNOWN);
    assert_int_equal(expect_odd(&report), 0);
}

static void broken_asn1_does_not_hide_the_names(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_SPNEGO, "resp-authenticate");
    static const struct {
        size_t at;
        uint8_t byte;
    } damages[] = {{0, 0x60}, {0, 0x00}, {1, 0x80}, {2, 0xFF}, {4, 0x31}, {5, 0x84}};
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        uint8_t bytes[1024];
        memcpy(bytes, g.bytes, g.size);
        bytes[damages[i].at] = damages[i].byte;
        struct sbl_auth_token token = read_bytes(bytes, g.size, false);
        assert_int_equal(report.oddities[SBL_ODDITY_BAD_ASN1], 1);
        assert_int_equal(token.mechanism, SBL_MECHANISM_NTLMSSP);
        assert_true(text_is(token.ntlm.user, "User"));
    }
}

static void a_cut_blob_gives_what_was_captured(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_SPNEGO, "resp-authenticate");
    struct sbl_auth_token token = read_bytes(g.bytes, 140, true);
    assert_int_equal(token.mechanism, SBL_MECHANISM_NTLMSSP);
    assert_true(token.ntlm.is_cut);
    assert_true(text_is(token.ntlm.user, "User"));
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_ASN1], 0);
}

static void what_is_neither_is_counted(void **state) {
    (void)state;
    struct sbl_auth_token token = read_bytes("certainly no token", 18, false);
    assert_int_equal(token.mechanism, SBL_MECHANISM_UNKNOWN);
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_ASN1], 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_initial_token_holds_ntlmssp),
        cmocka_unit_test(an_initial_token_holds_kerberos),
        cmocka_unit_test(hints_name_what_the_server_prefers),
        cmocka_unit_test(responses_hold_a_token),
        cmocka_unit_test(raw_tokens_need_no_wrapping),
        cmocka_unit_test(no_blob_is_no_token),
        cmocka_unit_test(broken_asn1_does_not_hide_the_names),
        cmocka_unit_test(a_cut_blob_gives_what_was_captured),
        cmocka_unit_test(what_is_neither_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
