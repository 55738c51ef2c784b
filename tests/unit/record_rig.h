/* The stage of the record tests: a refused logon of WS042\SMSCliToknAcct& as value, the records it
 * is written through, and the lines that came out. Included once. */
#ifndef SMBLAME_TESTS_RECORD_RIG_H
#define SMBLAME_TESTS_RECORD_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "emit/emit.h"
#include "emit/identity.h"
#include "emit_scenario.h"
#include "json_check.h"
#include "pieces.h"

#define PRODUCER                                                                                   \
    "\"ecs\":{\"version\":\"9.4.0\"},\"observer\":{\"type\":\"sensor\",\"vendor\":\"smblame\","    \
    "\"product\":\"smblame\",\"version\":\"0.1.0\"},"
#define ID "7d3f0c1e-5a6b-8c4d-9e2f-010203040506"
/* 10.1.2.42:1047 and 10.1.0.10:139; computed with another implementation (Python, hashlib) */
#define COMMUNITY "1:8DNcfc6K0WP5s7TsUGAv6yn3lzg="
#define SIDES                                                                                      \
    "\"source\":{\"ip\":\"10.1.2.42\",\"port\":1047,\"mac\":\"00-00-5E-00-53-2A\","                \
    "\"domain\":\"WS042\"},\"destination\":{\"ip\":\"10.1.0.10\",\"port\":139,"                    \
    "\"mac\":\"00-00-5E-00-53-23\",\"domain\":\"CAP01\"},\"network\":{\"transport\":\"tcp\","      \
    "\"protocol\":\"smb\",\"type\":\"ipv4\",\"community_id\":\"" COMMUNITY "\"},"

enum { SECOND = 1000000000 };

static const int64_t start_ns = INT64_C(1795227721) * SECOND; /* 2026-11-21T02:22:01Z */

static const char *file_name(void *context, uint16_t file) {
    (void)context;
    return file == 0 ? "cap01.pcap" : file == 1 ? "cap02.pcap" : NULL;
}

static bool process_name(void *context, uint16_t file, uint32_t process, uint32_t *pid,
                         struct sbl_text *path) {
    (void)context;
    if (file != 0 || process != 3)
        return false;
    *pid = 1234;
    *path = UTF16("C\0:\0\\\0s\0.\0e\0x\0e\0");
    return true;
}

static const char *application_name(void *context, uint16_t application) {
    (void)context;
    return application == 41 ? "SMBv23" : application == 10 ? "NetBIOS" : NULL;
}

static const struct emit_names names = {NULL, file_name, process_name, application_name, false};

struct fixture {
    struct kept kept;
    struct records *records;
    struct text_codepage page;
    struct sbl_conversation conversation;
};

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct emit_output output = {&fixture->kept, keep};
    *state = fixture;
    fixture->conversation = scenario_conversation();
    return text_codepage_init(&fixture->page, "CP850") ||
           records_new(&fixture->records, &output, &names, &fixture->page);
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    records_free(fixture->records);
    free(fixture->kept.bytes);
    free(fixture);
    return 0;
}

/* What was written since the last call. */
static inline const char *lines(struct fixture *fixture) {
    fixture->kept.size = 0;
    assert_int_equal(records_flush(fixture->records), 0);
    assert_true(fixture->kept.size > 0);
    assert_true(check_lines(fixture->kept.bytes, fixture->kept.size));
    return fixture->kept.bytes;
}

static struct sbl_finding finding_of(struct fixture *fixture) {
    return (struct sbl_finding){
        .conversation = &fixture->conversation,
        .time_ns = start_ns + 123456000,
        .seq = 0x01020304,
        .status = 0xC000006D,
        .has_status = true,
        .smb_version = 1,
        .dialect_name = ASCII("NT LM 0.12"),
        .message_id = 0x40,
        .session_id = 0x800,
        .account = UTF16("S\0M\0S\0&\0"),
        .domain = UTF16("W\0S\0"
                        "0\0"
                        "4\0"
                        "2\0"),
        .workstation = UTF16("W\0S\0"
                             "0\0"
                             "4\0"
                             "2\0"),
        .server_name = UTF16("C\0A\0P\0"
                             "0\0"
                             "1\0"),
        .share = ASCII("\\\\CAP01\\CAP_S01"),
        .evidence = scenario_evidence(12, 13),
        .event_id = {0x7D, 0x3F, 0x0C, 0x1E, 0x5A, 0x6B, 0x8C, 0x4D, 0x9E, 0x2F, 1, 2, 3, 4, 5, 6},
    };
}

static inline struct sbl_attempt attempt_of(struct fixture *fixture) {
    struct sbl_attempt attempt = {
        .finding = finding_of(fixture),
        .outcome = SBL_OUTCOME_FAILURE,
        .reason = SBL_REASON_BAD_CREDENTIALS,
        .wrapping = SBL_WRAPPING_SPNEGO,
        .mechanism = SBL_MECHANISM_NTLMSSP,
        .answer = SBL_ANSWER_NTLMV2,
        .has_ntlm = true,
        .has_challenge = true,
        .authority = SBL_AUTHORITY_LOCAL,
        .authority_name = ASCII("CAP01"),
        .request_time_ns = start_ns,
    };
    attempt.finding.called = (struct sbl_netbios_name){"CAP01", 5, 0x20, true};
    attempt.finding.calling = (struct sbl_netbios_name){"WS042", 5, 0x00, true};
    attempt.client = (struct sbl_ntlm){.message = SBL_NTLM_AUTHENTICATE,
                                       .has_version = true,
                                       .version_major = 5,
                                       .version_build = 2195,
                                       .flags = 0xE2888215,
                                       .spn = ASCII("cifs/cap01")};
    attempt.server = (struct sbl_ntlm){
        .message = SBL_NTLM_CHALLENGE, .nb_domain = ASCII("CAP01"), .nb_computer = ASCII("CAP01")};
    return attempt;
}

static inline void is_line(struct fixture *fixture, const char *wanted) {
    assert_string_equal(lines(fixture), wanted);
}

#endif
