/* NTLMSSP: names, versions, AV pairs, and the kinds of answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../dissectors/token.h"
#include "../mutate/expect.h"
#include "../mutate/tokens.h"

static struct sbl_report report;

static struct sbl_ntlm read_bytes(const void *bytes, size_t size, bool is_cut) {
    struct sbl_ntlm ntlm = {0};
    sbl_report_reset(&report, is_cut);
    ntlmssp_read(bytes, size, is_cut, &report, &ntlm);
    return ntlm;
}

static struct sbl_ntlm read_golden(const char *name) {
    struct golden g = expect_golden(SBL_DISSECTOR_NTLMSSP, name);
    struct sbl_ntlm ntlm = read_bytes(g.bytes, g.size, false);
    assert_int_equal(expect_odd(&report), 0);
    return ntlm;
}

static void negotiate_names_are_oem(void **state) {
    (void)state;
    struct sbl_ntlm ntlm = read_golden("negotiate");
    assert_int_equal(ntlm.message, SBL_NTLM_NEGOTIATE);
    assert_true(text_is(ntlm.workstation, "WS042"));
    assert_int_equal(ntlm.workstation.encoding, SBL_TEXT_OEM);
    assert_true(ntlm.has_version && ntlm.version_major == 10 && ntlm.version_build == 19041);
}

static void negotiate_of_sixteen_bytes_is_whole(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_NTLMSSP, "negotiate");
    struct sbl_ntlm ntlm = read_bytes(g.bytes, 16, false);
    assert_int_equal(ntlm.flags, 0xE2083297);
    assert_false(ntlm.has_version);
    assert_int_equal(expect_odd(&report), 0);
}

static void challenge_names_the_server(void **state) {
    (void)state;
    struct sbl_ntlm ntlm = read_golden("challenge");
    assert_int_equal(ntlm.message, SBL_NTLM_CHALLENGE);
    assert_true(text_is(ntlm.target_name, "Domain"));
    assert_true(ntlm.has_av_pairs);
    assert_true(text_is(ntlm.nb_domain, "Domain"));
    assert_true(text_is(ntlm.nb_computer, "Server"));
    assert_true(text_is(ntlm.dns_domain, "domain.example"));
    assert_true(text_is(ntlm.dns_computer, "server.domain.example"));
    assert_true(text_is(ntlm.dns_tree, "forest.example"));
    assert_true(ntlm.has_timestamp && ntlm.timestamp == 0x01D9A1B2C3D4E5F6);
    assert_true(ntlm.has_version && ntlm.version_major == 6 && ntlm.version_minor == 1);
    assert_true(ntlm.challenge == UINT64_C(0x5C5C5C5C5C5C5C5C));
    ntlm = read_golden("challenge-short");
    assert_true(ntlm.challenge == UINT64_C(0x5C5C5C5C5C5C5C5C));
    assert_true(text_is(ntlm.target_name, "CAP01"));
    assert_int_equal(ntlm.target_name.encoding, SBL_TEXT_OEM);
    assert_false(ntlm.has_av_pairs || ntlm.has_version);
}

static void authenticate_names_the_client(void **state) {
    (void)state;
    struct sbl_ntlm ntlm = read_golden("authenticate-v2");
    assert_int_equal(ntlm.message, SBL_NTLM_AUTHENTICATE);
    assert_true(text_is(ntlm.domain, "Domain"));
    assert_true(text_is(ntlm.user, "User"));
    assert_true(text_is(ntlm.workstation, "COMPUTER"));
    assert_int_equal(ntlm.answer, SBL_ANSWER_NTLMV2);
    assert_true(text_is(ntlm.spn, "cifs/fs1"));
    assert_int_equal(ntlm.av_flags, 2);
    assert_true(ntlm.has_mic && ntlm.has_version);
    assert_true(ntlm.answer_time == 0x01D9A1B2C3D4E5F7);
    assert_true(ntlm.has_timestamp && ntlm.timestamp == 0x01D9A1B2C3D4E5F6);
    assert_int_equal(ntlm.lm_bytes, 24);
}

static void old_clients_stop_before_key_and_flags(void **state) {
    (void)state;
    struct sbl_ntlm ntlm = read_golden("authenticate-oem-old");
    assert_true(text_is(ntlm.user, "USER") && ntlm.user.encoding == SBL_TEXT_OEM);
    assert_int_equal(ntlm.flags, 0);
    assert_int_equal(ntlm.answer, SBL_ANSWER_NTLMV1);
}

static void every_kind_of_answer_is_told_apart(void **state) {
    (void)state;
    assert_int_equal(read_golden("authenticate-v1").answer, SBL_ANSWER_NTLMV1);
    assert_int_equal(read_golden("authenticate-v1-same-lm").answer, SBL_ANSWER_NTLMV1);
    assert_int_equal(read_golden("authenticate-ess").answer, SBL_ANSWER_NTLMV1_ESS);
    assert_int_equal(read_golden("authenticate-lm").answer, SBL_ANSWER_LM);
    struct sbl_ntlm anonymous = read_golden("authenticate-anonymous");
    assert_int_equal(anonymous.answer, SBL_ANSWER_ANONYMOUS);
    assert_true(sbl_text_is_present(anonymous.user) && sbl_text_is_empty(anonymous.user));
    assert_false(anonymous.has_mic); /* room for one, all zero */
}

static void answers_by_length_alone(void **state) {
    (void)state;
    static const uint8_t zeros[64] = {0};
    static const uint8_t v2[64] = {[16] = 1, [17] = 1};
    uint8_t some[64];
    memset(some, 0x77, sizeof some);
    assert_int_equal(ntlm_answer_of(NULL, 0, NULL, 0, false), SBL_ANSWER_ANONYMOUS);
    assert_int_equal(ntlm_answer_of(zeros, 1, NULL, 0, false), SBL_ANSWER_ANONYMOUS);
    assert_int_equal(ntlm_answer_of(some, 24, NULL, 0, true), SBL_ANSWER_LM);
    assert_int_equal(ntlm_answer_of(some, 24, some, 24, true), SBL_ANSWER_NTLMV1);
    assert_int_equal(ntlm_answer_of(zeros, 24, some, 24, true), SBL_ANSWER_NTLMV1);
    assert_int_equal(ntlm_answer_of(NULL, 0, some, 24, true), SBL_ANSWER_NTLMV1);
    assert_int_equal(ntlm_answer_of(some, 24, v2, 44, true), SBL_ANSWER_NTLMV2);
    assert_int_equal(ntlm_answer_of(zeros, 24, NULL, 200, true), SBL_ANSWER_NTLMV2);
    assert_int_equal(ntlm_answer_of(some, 24, some, 44, true), SBL_ANSWER_UNKNOWN);
    assert_int_equal(ntlm_answer_of(some, 24, some, 30, true), SBL_ANSWER_UNKNOWN);
    assert_int_equal(ntlm_answer_of(some, 9, NULL, 0, true), SBL_ANSWER_PLAINTEXT);
    assert_int_equal(ntlm_answer_of(NULL, 0, some, 16, true), SBL_ANSWER_PLAINTEXT);
    assert_int_equal(ntlm_answer_of(NULL, 0, NULL, 0, true), SBL_ANSWER_UNKNOWN);
}

static void version_must_stand_before_every_payload(void **state) {
    (void)state;
    struct build b = {0};
    token_build_authenticate(&b, &(struct authenticate){.user = "User",
                                                        .flags = (uint32_t)TOKEN_FLAGS_V2,
                                                        .fixed_bytes = 64});
    struct sbl_ntlm ntlm = read_bytes(b.bytes, b.size, false);
    assert_true(text_is(ntlm.user, "User"));
    assert_false(ntlm.has_version || ntlm.has_mic);
    b.size = 0;
    token_build_authenticate(&b,
                             &(struct authenticate){.user = "User", .flags = 1, .fixed_bytes = 72});
    assert_false(read_bytes(b.bytes, b.size, false).has_version); /* room, but not flagged */
}

static void pairs_stand_anywhere_and_may_lack_their_end(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_NTLMSSP, "challenge");
    uint8_t bytes[512];
    memcpy(bytes, g.bytes, g.size);
    bytes[40] = (uint8_t)(bytes[40] - 4); /* TargetInfo without EOL */
    struct sbl_ntlm ntlm = read_bytes(bytes, g.size, false);
    assert_true(ntlm.has_timestamp && text_is(ntlm.dns_tree, "forest.example"));
    assert_int_equal(expect_odd(&report), 0);
    bytes[40] = (uint8_t)(bytes[40] - 4); /* and now cut inside the timestamp */
    ntlm = read_bytes(bytes, g.size, false);
    assert_false(ntlm.has_timestamp);
    assert_true(text_is(ntlm.dns_tree, "forest.example") && ntlm.is_cut);
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_LENGTH], 1);
}

static void payloads_that_lie_are_not_believed(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_NTLMSSP, "authenticate-v2");
    uint8_t bytes[512];
    memcpy(bytes, g.bytes, g.size);
    bytes[40] = 4; /* UserName inside the header */
    struct sbl_ntlm ntlm = read_bytes(bytes, g.size, false);
    assert_false(sbl_text_is_present(ntlm.user));
    assert_true(text_is(ntlm.domain, "Domain"));
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_OFFSET], 1);
    memcpy(bytes, g.bytes, g.size);
    bytes[45] = 0x7F; /* Workstation longer than the message */
    ntlm = read_bytes(bytes, g.size, false);
    assert_true(ntlm.workstation.is_cut && ntlm.is_cut);
    assert_int_equal(report.oddities[SBL_ODDITY_BAD_LENGTH], 1);
}

static void a_cut_message_gives_the_names_it_still_has(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_NTLMSSP, "authenticate-v2");
    struct sbl_ntlm ntlm = read_bytes(g.bytes, 110, true); /* domain, user, half a workstation */
    assert_true(text_is(ntlm.domain, "Domain") && text_is(ntlm.user, "User"));
    assert_true(ntlm.workstation.is_cut && text_is(ntlm.workstation, "C"));
    assert_int_equal(ntlm.answer, SBL_ANSWER_NTLMV2);
    assert_true(ntlm.is_cut);
    assert_int_equal(expect_odd(&report), 0);
    ntlm = read_bytes(g.bytes, 40, true);
    assert_int_equal(ntlm.message, SBL_NTLM_AUTHENTICATE);
    assert_false(sbl_text_is_present(ntlm.user));
    assert_int_equal(report.oddities[SBL_ODDITY_CUT_BY_SNAPLEN], 1);
}

/* A MIC that is promised and not there accuses: never because the capture cut it off. */
static void a_promised_mic_is_missing_only_from_a_whole_message(void **state) {
    (void)state;
    struct golden g = expect_golden(SBL_DISSECTOR_NTLMSSP, "authenticate-v2");
    struct sbl_ntlm ntlm = read_bytes(g.bytes, g.size, false);
    assert_true((ntlm.av_flags & 2) != 0 && ntlm.has_mic && !ntlm.is_cut);
    for (size_t size = 0; size < g.size; size++) {
        ntlm = read_bytes(g.bytes, size, true);
        assert_true(ntlm.is_cut);
        ntlm = read_bytes(g.bytes, size, false); /* the sender's own doing */
        assert_true((ntlm.av_flags & 2) == 0 || ntlm.has_mic || ntlm.is_cut);
    }
    /* a challenge cut before its end is none */
    g = expect_golden(SBL_DISSECTOR_NTLMSSP, "challenge");
    assert_true(read_bytes(g.bytes, 31, true).challenge == 0);
    assert_true(read_bytes(g.bytes, 32, true).challenge != 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(negotiate_names_are_oem),
        cmocka_unit_test(negotiate_of_sixteen_bytes_is_whole),
        cmocka_unit_test(challenge_names_the_server),
        cmocka_unit_test(authenticate_names_the_client),
        cmocka_unit_test(old_clients_stop_before_key_and_flags),
        cmocka_unit_test(every_kind_of_answer_is_told_apart),
        cmocka_unit_test(answers_by_length_alone),
        cmocka_unit_test(version_must_stand_before_every_payload),
        cmocka_unit_test(pairs_stand_anywhere_and_may_lack_their_end),
        cmocka_unit_test(payloads_that_lie_are_not_believed),
        cmocka_unit_test(a_promised_mic_is_missing_only_from_a_whole_message),
        cmocka_unit_test(a_cut_message_gives_the_names_it_still_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
