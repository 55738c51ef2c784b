/* A small office: an account that is locked out by one client and then let in, a guest, a client
 * that looks for names that are not there; and strangers who fill the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "emit/emit.h"
#include "emit_scenario.h"
#include "json_check.h"
#include "pieces.h"

enum { SECOND = 1000000000 };

static const int64_t start_ns = INT64_C(1795227721) * SECOND; /* 2026-11-21T02:22:01Z */

static const char *file_name(void *context, uint16_t file) {
    (void)context;
    return file == 0 ? "cap 01.pcap" : NULL;
}

static const struct emit_names names = {.file = file_name};

struct fixture {
    struct summary *summary;
    struct sbl_stats stats;
    struct sbl_conversation conversation;
    uint64_t frame;
    char *printed;
    size_t size;
};

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    fixture->conversation = scenario_conversation();
    fixture->conversation.side[1].port = 445;
    fixture->stats = (struct sbl_stats){.frames = 1200,
                                        .frame_bytes = 305110,
                                        .first_ns = start_ns,
                                        .last_ns = start_ns + 60 * INT64_C(1000000000),
                                        .connections = 17,
                                        .connections_smb = 9};
    return summary_new(&fixture->summary, &names, NULL);
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    summary_free(fixture->summary);
    free(fixture->printed);
    free(fixture);
    return 0;
}

static const char *print(struct fixture *fixture, struct summary_style style) {
    free(fixture->printed);
    FILE *out = open_memstream(&fixture->printed, &fixture->size);
    summary_print(fixture->summary, &fixture->stats, &style, out);
    fclose(out);
    assert_true(check_utf8(fixture->printed, fixture->size));
    return fixture->printed;
}

static struct sbl_text text_of(const char *word) {
    return (struct sbl_text){.bytes = (const uint8_t *)word,
                             .size = word ? (uint32_t)strlen(word) : 0,
                             .encoding = word ? SBL_TEXT_UTF8 : SBL_TEXT_ABSENT};
}

/* The next exchange, two frames and a second later. */
static struct sbl_finding finding_of(struct fixture *fixture, const char *domain,
                                     const char *account, uint32_t status) {
    fixture->frame += 2;
    return (struct sbl_finding){
        .conversation = &fixture->conversation,
        .time_ns = start_ns + (int64_t)fixture->frame / 2 * SECOND,
        .status = status,
        .has_status = true,
        .smb_version = 2,
        .dialect = 0x0311,
        .account = text_of(account),
        .domain = text_of(domain),
        .workstation = text_of("WS042"),
        .server_name = text_of("CAP01"),
        .evidence = scenario_evidence(fixture->frame, fixture->frame + 1),
    };
}

static void logon(struct fixture *fixture, const char *domain, const char *account, uint32_t status,
                  enum sbl_reason reason) {
    struct sbl_attempt attempt = {
        .finding = finding_of(fixture, domain, account, status),
        .outcome = status ? SBL_OUTCOME_FAILURE : SBL_OUTCOME_SUCCESS,
        .reason = reason,
        .mechanism = SBL_MECHANISM_NTLMSSP,
        .answer = SBL_ANSWER_NTLMV2,
        .is_guest = reason == SBL_REASON_GUEST_MAPPED,
    };
    summary_attempt(fixture->summary, &attempt);
}

static void probe(struct fixture *fixture, const char *name) {
    struct sbl_probe probe = {.finding = finding_of(fixture, "CORP", "jdoe", 0xC0000034),
                              .command = SBL_OPEN_SMB2_CREATE,
                              .name = text_of(name)};
    probe.finding.share = text_of("\\\\CAP01\\CAP_S01");
    summary_probe(fixture->summary, &probe);
}

static void a_locked_out_account_comes_first(void **state) {
    struct fixture *fixture = *state;
    for (int i = 0; i < 9; i++)
        logon(fixture, "CORP", "noise", 0xC000006D, SBL_REASON_BAD_CREDENTIALS);
    for (int i = 0; i < 5; i++)
        logon(fixture, i % 2 ? "corp" : "CORP", i % 2 ? "SMSCLITOKNACCT&" : "SMSCliToknAcct&",
              0xC000006D, SBL_REASON_BAD_CREDENTIALS);
    logon(fixture, "CORP", "SMSCliToknAcct&", 0xC0000234, SBL_REASON_LOCKED_OUT);
    logon(fixture, "CORP", "SMSCliToknAcct&", 0, SBL_REASON_SUCCESS);
    logon(fixture, "CORP", "never_failed", 0, SBL_REASON_SUCCESS);
    logon(fixture, "CORP", "visitor", 0, SBL_REASON_GUEST_MAPPED);
    const char *printed = print(fixture, (struct summary_style){.width = 120});
    const char *wanted =
        "Refused logons\n"
        "CORP\\SMSCliToknAcct&  5 refused (bad_credentials 5), then locked out 1, "
        "1 granted after a failure\n"
        "  from 10.1.2.42 (WS042) -> 10.1.0.10 (CAP01) port 445\n"
        "       SMB 3.1.1, NTLMv2, 6x, first 02:22:11.0 frame 21, last 02:22:16.0 frame 31\n"
        "       then granted at 02:22:17.0 frame 33\n"
        "  STATUS_LOGON_FAILURE (0xC000006D) 5x, STATUS_ACCOUNT_LOCKED_OUT (0xC0000234) 1x\n"
        "  tshark -r 'cap 01.pcap' -Y 'frame.number in {20,21,22,23,24,25,26,27,28,29,30,31}'\n"
        "\n"
        "CORP\\noise  9 refused (bad_credentials 9)\n";
    printed = strstr(printed, "Refused logons") ? strstr(printed, "Refused logons") : "";
    assert_memory_equal(printed, wanted, strlen(wanted));
    has(printed, "{2,3,4,5,6,7,8,9,10,11,12,13,14,15,18,19}' (and others)\n");
    has(printed, "CORP\\visitor  1 let in as guest (that may hide a refusal)\n");
    lacks(printed, "never_failed");
}

static void refused_names_are_listed_by_client(void **state) {
    struct fixture *fixture = *state;
    for (int i = 0; i < 3; i++)
        probe(fixture, "auddrive.ini");
    probe(fixture, "AUDDRIVE.SYS");
    probe(fixture, "auddrive.sys");
    fixture->conversation.side[0].address[3] = 41; /* a lower address, but less to tell */
    probe(fixture, "desktop.ini");
    fixture->conversation.side[0].address[3] = 42;
    struct sbl_tree_refusal refusal = {finding_of(fixture, "CORP", "jdoe", 0xC0000022)};
    refusal.finding.share = text_of("\\\\CAP01\\SMSPKGC$");
    summary_tree_refusal(fixture->summary, &refusal);
    const char *printed = print(fixture, (struct summary_style){.width = 120});
    has(printed, "Refused shares\n"
                 "  10.1.2.42 (WS042)  1 refused, 1 share\n"
                 "         1x  \\\\CAP01\\SMSPKGC$  STATUS_ACCESS_DENIED for CORP\\jdoe, "
                 "first 02:22:08.0 frame 15\n"
                 "\n"
                 "Refused names\n"
                 "  10.1.2.42 (WS042)  5 refused, 2 names\n"
                 "         3x  \\\\CAP01\\CAP_S01\\auddrive.ini  STATUS_OBJECT_NAME_NOT_FOUND for "
                 "CORP\\jdoe, first 02:22:02.0 frame 3\n"
                 "         2x  \\\\CAP01\\CAP_S01\\AUDDRIVE.SYS  STATUS_OBJECT_NAME_NOT_FOUND "
                 "for CORP\\jdoe, first 02:22:05.0 frame 9\n"
                 "  10.1.2.41 (WS042)  1 refused, 1 name\n");
}

static void nothing_found_is_said_plainly(void **state) {
    struct fixture *fixture = *state;
    const char *printed = print(fixture, (struct summary_style){0});
    assert_string_equal(printed, "No refused logon, share or open in this capture.\n\n"
                                 "What was read\n"
                                 "  Read      1,200 packets, 305,110 bytes, 17 TCP connections, 9 "
                                 "with SMB\n"
                                 "  Time      2026-11-21 02:22:01.0 to 02:23:01.0 UTC\n");
    fixture->stats.gaps = 3;
    fixture->stats.gap_bytes = 12004;
    fixture->stats.oddities[SBL_DISSECTOR_SMB2][SBL_ODDITY_BAD_OFFSET] = 3;
    fixture->stats.cap_hits[SBL_LIMIT_FLOWS] = 7;
    fixture->stats.last_ns += INT64_C(24) * 3600 * 1000000000;
    printed = print(fixture, (struct summary_style){0});
    has(printed, "  Not seen  3 gaps in connections, 12,004 bytes in gaps\n"
                 "  Damage    smb2 bad_offset 3\n"
                 "  Caps hit  flows 7\n");
    has(printed, "to 2026-11-22 02:23:01.0 UTC\n");
    fixture->stats.connections_smb = 0;
    has(print(fixture, (struct summary_style){0}), "No SMB in this capture");
}

static void a_name_cannot_move_the_cursor(void **state) {
    struct fixture *fixture = *state;
    logon(fixture, "CORP\x1B[2J", "a\xE2\x80\xAE\n\xC2\x9B", 0xC000006D, SBL_REASON_BAD_PASSWORD);
    probe(fixture, "\x07\x08.txt");
    const char *printed = print(fixture, (struct summary_style){.verbose = true});
    has(printed, "CORP\\x1b[2J\\a\\u{202e}\\x0a\\u{9b}  1 refused (bad_password 1)\n");
    for (size_t i = 0; printed[i]; i++)
        assert_true((uint8_t)printed[i] >= 0x20 || printed[i] == '\n');
    has(print(fixture, (struct summary_style){.colour = true}), "\x1B[1;31m1 refused");
}

static void who_is_not_known_is_said(void **state) {
    struct fixture *fixture = *state;
    logon(fixture, NULL, NULL, 0xC000006D, SBL_REASON_BAD_CREDENTIALS);
    logon(fixture, "", "", 0xC0000022, SBL_REASON_ACCESS_DENIED);
    struct sbl_attempt attempt = {.finding = finding_of(fixture, NULL, NULL, 0),
                                  .mechanism = SBL_MECHANISM_KERBEROS,
                                  .half_seen = SBL_HALF_REQUEST};
    attempt.finding.has_status = false;
    summary_attempt(fixture->summary, &attempt);
    const char *printed = print(fixture, (struct summary_style){.width = 120});
    has(printed, "(account not captured)  1 refused (bad_credentials 1)\n");
    has(printed, "(anonymous)  1 refused (access_denied 1)\n");
    has(printed, "(Kerberos: the ticket hides the account)  1 without an answer in this capture\n");
    has(printed, "SMB 3.1.1, kerberos, 1x, first");
}

static void strangers_cannot_fill_the_memory(void **state) {
    struct fixture *fixture = *state;
    char name[300];
    for (unsigned i = 0; i < SBL_MAX_SUMMARY_ACCOUNTS + 100; i++) {
        snprintf(name, sizeof name, "user%0200u", i);
        fixture->conversation.side[0].address[3] = (uint8_t)i;
        logon(fixture, "CORP", name, 0xC000006D, SBL_REASON_BAD_CREDENTIALS);
        probe(fixture, name);
    }
    const char *printed = print(fixture, (struct summary_style){0});
    has(printed, "100 accounts made room for later ones and are not shown\n");
    has(printed, "100 clients made room");
    has(printed, "100 names made room");
    has(printed, "... and 4,076 more accounts (-v shows all that was kept)\n");
    has(printed, "0...\n    1 refused (bad"); /* a long name is cut and marked */
    printed = print(fixture, (struct summary_style){.verbose = true, .width = 1});
    lacks(printed, "more account");
    lacks(printed, "(-v");
}

static char *print_scenario(unsigned clients) {
    void *state;
    assert_int_equal(set_up(&state), 0);
    struct fixture *fixture = state;
    for (unsigned i = 0; i < 300; i++) {
        char name[16];
        snprintf(name, sizeof name, "u%u", i % 37);
        fixture->conversation.side[0].address[3] = (uint8_t)(i % clients);
        logon(fixture, "CORP", name, 0xC000006D, SBL_REASON_BAD_CREDENTIALS);
        probe(fixture, name);
    }
    print(fixture, (struct summary_style){.verbose = true});
    char *printed = fixture->printed;
    fixture->printed = NULL;
    tear_down(&state);
    return printed;
}

/* Every summary has other hash seeds. */
static void the_same_findings_give_the_same_bytes(void **state) {
    (void)state;
    char *one = print_scenario(7), *two = print_scenario(7);
    assert_string_equal(one, two);
    free(one);
    free(two);
}

int main(void) {
#define SUMMARY_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SUMMARY_TEST(a_locked_out_account_comes_first),
        SUMMARY_TEST(refused_names_are_listed_by_client),
        SUMMARY_TEST(nothing_found_is_said_plainly),
        SUMMARY_TEST(a_name_cannot_move_the_cursor),
        SUMMARY_TEST(who_is_not_known_is_said),
        SUMMARY_TEST(strangers_cannot_fill_the_memory),
        cmocka_unit_test(the_same_findings_give_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
