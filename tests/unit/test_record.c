/* One record of each kind, letter by letter; then what only some findings
 * have. The expected lines are written from the contract, not taken from the program. */
#include "record_rig.h"

static void a_refused_logon(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = attempt_of(fixture);
    records_attempt(fixture->records, &attempt);
    is_line(fixture,
            "{\"@timestamp\":\"2026-11-21T02:22:01.123456Z\","
            "\"message\":\"Logon of WS042\\\\SMS& from 10.1.2.42 (WS042) refused by CAP01: "
            "STATUS_LOGON_FAILURE\"," PRODUCER
            "\"event\":{\"kind\":\"event\",\"module\":\"smblame\",\"dataset\":\"smblame.logon\","
            "\"action\":\"logon\",\"category\":[\"authentication\",\"network\"],"
            "\"type\":[\"start\",\"denied\"],\"outcome\":\"failure\",\"id\":\"" ID "\","
            "\"reason\":\"STATUS_LOGON_FAILURE\"},"
            "\"error\":{\"code\":\"0xC000006D\",\"type\":\"NTSTATUS\","
            "\"message\":\"STATUS_LOGON_FAILURE\"},"
            "\"user\":{\"name\":\"SMS&\",\"domain\":\"WS042\"}," SIDES
            "\"smblame\":{\"schema\":1,\"reason\":\"bad_credentials\","
            "\"auth\":{\"mechanism\":\"ntlmssp\",\"wrapping\":\"spnego\",\"authority\":\"local\","
            "\"authority_name\":\"CAP01\",\"ntlm\":{\"version\":\"NTLMv2\",\"mic\":false,"
            "\"flags\":\"0xE2888215\",\"client_os_build\":\"5.0.2195\","
            "\"target_name\":\"cifs/cap01\",\"server\":{\"netbios_domain\":\"CAP01\","
            "\"netbios_computer\":\"CAP01\"}}},"
            "\"smb\":{\"version\":1,\"dialect\":\"NT LM 0.12\",\"session_id\":\"0x0800\","
            "\"message_id\":\"0x0040\",\"signed\":false,\"encrypted\":false},"
            "\"transport\":\"netbios\",\"share\":\"\\\\\\\\CAP01\\\\CAP_S01\","
            "\"netbios\":{\"called\":\"CAP01<20>\",\"calling\":\"WS042<00>\"},"
            "\"windows_event\":{\"modern\":4625,\"sub_status\":\"0xC000006A\",\"classic\":529},"
            "\"evidence\":{\"file\":\"cap01.pcap\",\"request_frame\":12,\"response_frame\":13,"
            "\"frames\":[12,13]}}}\n");
}

static void a_refused_share(void **state) {
    struct fixture *fixture = *state;
    struct sbl_tree_refusal refusal = {finding_of(fixture)};
    refusal.finding.dialect_name = (struct sbl_text){0};
    records_tree_refusal(fixture->records, &refusal);
    is_line(fixture,
            "{\"@timestamp\":\"2026-11-21T02:22:01.123456Z\","
            "\"message\":\"Share \\\\\\\\CAP01\\\\CAP_S01 refused to WS042\\\\SMS& from 10.1.2.42: "
            "STATUS_LOGON_FAILURE\"," PRODUCER
            "\"event\":{\"kind\":\"event\",\"module\":\"smblame\","
            "\"dataset\":\"smblame.tree_connect\",\"action\":\"tree-connect\","
            "\"category\":[\"network\",\"file\"],\"type\":[\"access\",\"denied\"],"
            "\"outcome\":\"failure\",\"id\":\"" ID "\",\"reason\":\"STATUS_LOGON_FAILURE\"},"
            "\"error\":{\"code\":\"0xC000006D\",\"type\":\"NTSTATUS\","
            "\"message\":\"STATUS_LOGON_FAILURE\"},"
            "\"user\":{\"name\":\"SMS&\",\"domain\":\"WS042\"}," SIDES
            "\"smblame\":{\"schema\":1,\"smb\":{\"version\":1,\"session_id\":\"0x0800\","
            "\"message_id\":\"0x0040\",\"signed\":false,\"encrypted\":false},"
            "\"transport\":\"netbios\",\"share\":\"\\\\\\\\CAP01\\\\CAP_S01\","
            "\"evidence\":{\"file\":\"cap01.pcap\",\"request_frame\":12,\"response_frame\":13,"
            "\"frames\":[12,13]}}}\n");
}

static void a_refused_open(void **state) {
    struct fixture *fixture = *state;
    struct sbl_probe probe = {.finding = finding_of(fixture),
                              .command = SBL_OPEN_NT_CREATE_ANDX,
                              .name = OEM("\\dir\\J\x81rgen.ini")};
    probe.finding.dialect_name = (struct sbl_text){0};
    records_probe(fixture->records, &probe);
    is_line(fixture,
            "{\"@timestamp\":\"2026-11-21T02:22:01.123456Z\","
            "\"message\":\"dir\\\\J\xC3\xBCrgen.ini refused in \\\\\\\\CAP01\\\\CAP_S01 for "
            "WS042\\\\SMS& from 10.1.2.42: STATUS_LOGON_FAILURE\"," PRODUCER
            "\"event\":{\"kind\":\"event\",\"module\":\"smblame\","
            "\"dataset\":\"smblame.open_probe\",\"action\":\"open-probe\","
            "\"category\":[\"file\",\"network\"],\"type\":[\"access\",\"denied\"],"
            "\"outcome\":\"failure\",\"id\":\"" ID "\",\"reason\":\"STATUS_LOGON_FAILURE\"},"
            "\"error\":{\"code\":\"0xC000006D\",\"type\":\"NTSTATUS\","
            "\"message\":\"STATUS_LOGON_FAILURE\"},"
            "\"user\":{\"name\":\"SMS&\",\"domain\":\"WS042\"}," SIDES
            "\"file\":{\"path\":\"\\\\\\\\CAP01\\\\CAP_S01\\\\dir\\\\J\xC3\xBCrgen.ini\","
            "\"name\":\"J\xC3\xBCrgen.ini\",\"extension\":\"ini\","
            "\"directory\":\"\\\\\\\\CAP01\\\\CAP_S01\\\\dir\"},"
            "\"smblame\":{\"schema\":1,\"smb\":{\"version\":1,"
            "\"command\":\"SMB_COM_NT_CREATE_ANDX\",\"session_id\":\"0x0800\","
            "\"message_id\":\"0x0040\",\"signed\":false,\"encrypted\":false},"
            "\"transport\":\"netbios\",\"share\":\"\\\\\\\\CAP01\\\\CAP_S01\","
            "\"evidence\":{\"file\":\"cap01.pcap\",\"request_frame\":12,\"response_frame\":13,"
            "\"frames\":[12,13]}}}\n");
}

static void stats_have_what_is_not_zero(void **state) {
    struct fixture *fixture = *state;
    struct sbl_stats *stats = calloc(1, sizeof *stats);
    stats->frames = 120;
    stats->frame_bytes = 30511;
    stats->first_ns = start_ns;
    stats->last_ns = start_ns + INT64_C(12500000000);
    stats->connections = 17;
    stats->connections_by_protocol[41] = 9;
    stats->connections_by_protocol[77] = 2;
    stats->connections_by_protocol[78] = 1;
    stats->smb1_commands[0x73] = 4;
    stats->smb2_commands[1] = 8;
    stats->smb2_commands[31] = 1;
    stats->smb1_commands[0x5E] = 1;
    stats->logons_refused = 6;
    stats->logons_by_reason[SBL_REASON_BAD_CREDENTIALS] = 5;
    stats->logons_by_reason[SBL_REASON_LOCKED_OUT] = 1;
    stats->logons_half_seen = 1;
    stats->oddities[SBL_DISSECTOR_SMB2][SBL_ODDITY_BAD_OFFSET] = 3;
    stats->oddities_below[SBL_ODDITY_BAD_HEADER] = 2;
    stats->oddities_below[SBL_ODDITY_TIME_JUMP_BACK] = 1;
    stats->cap_hits[SBL_LIMIT_FLOWS] = 7;
    records_stats(fixture->records, stats);
    const char *line = lines(fixture);
    has(line, "{\"@timestamp\":\"2026-11-21T02:22:13.500000Z\","
              "\"message\":\"120 packets read, 6 logons refused, nothing lost\"," PRODUCER
              "\"event\":{\"kind\":\"metric\",\"module\":\"smblame\","
              "\"dataset\":\"smblame.stats\",\"action\":\"capture-stats\","
              "\"category\":[\"network\"],\"type\":[\"info\"],\"outcome\":\"unknown\",\"id\":\"");
    has(line, "\"},\"smblame\":{\"schema\":1,\"stats\":{\"packets\":120,\"bytes\":30511,"
              "\"span_s\":12.5,\"first\":\"2026-11-21T02:22:01.000000Z\","
              "\"last\":\"2026-11-21T02:22:13.500000Z\",\"connections\":17,\"gaps\":0,"
              "\"protocols\":{\"SMBv23\":9,\"unnamed\":3},"
              "\"smb\":{\"commands\":{\"SMB_COM_SESSION_SETUP_ANDX\":4,\"SMB2_SESSION_SETUP\":8,"
              "\"reserved\":2}},"
              "\"logons\":{\"bad_credentials\":5,\"locked_out\":1},\"logons_refused\":6,"
              "\"half_seen\":1,"
              "\"malformed\":{\"smb2\":{\"bad_offset\":3},\"transport\":{\"bad_header\":2}},"
              "\"time_jumps\":{\"back\":1},\"evicted\":{\"flows\":7}}}}\n");
    char first_id[37];
    memcpy(first_id, strstr(line, "\"id\":\"") + 6, 36);
    first_id[36] = 0;
    stats->gaps = 2;
    stats->gap_bytes = 1;
    stats->kernel_drops = 4;
    records_stats(fixture->records, stats);
    line = lines(fixture);
    has(line, "6 logons refused, 2 gaps of 1 byte, 4 packets dropped\"");
    lacks(line, first_id);
    memset(stats, 0, sizeof *stats);
    records_stats(fixture->records, stats);
    has(lines(fixture), "\"stats\":{\"packets\":0,\"bytes\":0,\"span_s\":0,\"connections\":0,"
                        "\"gaps\":0}}}\n");
    free(stats);
}

static void a_granted_logon_says_so(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = attempt_of(fixture);
    attempt.outcome = SBL_OUTCOME_SUCCESS;
    attempt.reason = SBL_REASON_SUCCESS;
    attempt.finding.status = 0;
    attempt.finding.is_dos_error = true; /* status 0 is the same in both numberings */
    records_attempt(fixture->records, &attempt);
    const char *line = lines(fixture);
    has(line, "\"message\":\"Logon of WS042\\\\SMS& from 10.1.2.42 (WS042) granted by CAP01\"");
    has(line, "\"type\":[\"start\"],\"outcome\":\"success\"");
    has(line, "\"reason\":\"STATUS_SUCCESS\"},\"error\":{\"code\":\"0x00000000\","
              "\"type\":\"NTSTATUS\"},\"user\"");
    has(line, "\"reason\":\"success\"");
    has(line, "\"windows_event\":{\"modern\":4624,\"classic\":528}");
    attempt.is_guest = true;
    attempt.reason = SBL_REASON_GUEST_MAPPED;
    records_attempt(fixture->records, &attempt);
    line = lines(fixture);
    has(line, "granted by CAP01 as guest\"");
    has(line, "\"reason\":\"guest_mapped\"");
    has(line, "\"guest\":true");
}

static void names_that_are_not_there(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = attempt_of(fixture);
    attempt.finding.account = UTF16("");
    attempt.finding.domain = UTF16("");
    attempt.finding.workstation = (struct sbl_text){0};
    attempt.finding.server_name = (struct sbl_text){0};
    attempt.answer = SBL_ANSWER_ANONYMOUS;
    records_attempt(fixture->records, &attempt);
    const char *line = lines(fixture);
    has(line, "\"message\":\"Anonymous logon from 10.1.2.42 refused by 10.1.0.10: STATUS_LOGON");
    lacks(line, "\"user\"");
    lacks(line, "\"domain\":");
    has(line, "\"version\":\"anonymous\"");
    attempt.finding.account = (struct sbl_text){0};
    attempt.half_seen = SBL_HALF_RESPONSE;
    attempt.finding.evidence = scenario_evidence(0, 13);
    records_attempt(fixture->records, &attempt);
    line = lines(fixture);
    has(line, "\"message\":\"Logon from 10.1.2.42 refused by 10.1.0.10: STATUS_LOGON_FAILURE (its "
              "request was not captured)\"");
    has(line, "\"half_seen\":\"response\",\"evidence\":{\"file\":\"cap01.pcap\","
              "\"response_frame\":13,\"frames\":[13]}");
    attempt.half_seen = SBL_HALF_REQUEST;
    attempt.outcome = SBL_OUTCOME_UNKNOWN;
    attempt.reason = SBL_REASON_UNKNOWN;
    attempt.mechanism = SBL_MECHANISM_KERBEROS;
    attempt.realm = TEXT_OF(SBL_TEXT_UTF8, "CORP.EXAMPLE");
    attempt.service = TEXT_OF(SBL_TEXT_UTF8, "cifs/cap01");
    attempt.finding.has_status = false;
    attempt.finding.evidence = scenario_evidence(12, 0);
    records_attempt(fixture->records, &attempt);
    line = lines(fixture);
    has(line, "\"message\":\"Kerberos logon from 10.1.2.42 to 10.1.0.10 has no answer in this "
              "capture\"");
    has(line, "\"type\":[\"start\"],\"outcome\":\"unknown\"");
    has(line, "\"kerberos\":{\"realm\":\"CORP.EXAMPLE\",\"service\":\"cifs/cap01\"}");
    has(line, "\"half_seen\":\"request\"");
    lacks(line, "\"error\"");
    lacks(line, "windows_event");
    attempt.half_seen = SBL_HALF_NONE;
    attempt.outcome = SBL_OUTCOME_FAILURE;
    attempt.reason = SBL_REASON_CLOCK_SKEW;
    attempt.finding.has_status = true;
    attempt.finding.status = 0xC0000016;
    attempt.kerberos_error = 37;
    records_attempt(fixture->records, &attempt);
    line = lines(fixture);
    has(line, "\"message\":\"Kerberos logon from 10.1.2.42 refused by 10.1.0.10: "
              "0xC0000016 with a KRB-ERROR\"");
    has(line, "\"service\":\"cifs/cap01\",\"error\":37}");
    has(line, "\"reason\":\"clock_skew\"");
}

static void dos_and_unknown_statuses(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = attempt_of(fixture);
    attempt.finding.is_dos_error = true;
    attempt.finding.status = 0x00020002;
    records_attempt(fixture->records, &attempt);
    const char *line = lines(fixture);
    has(line, "\"reason\":\"ERRSRV/ERRbadpw\"},\"error\":{\"code\":\"2/2\",\"type\":\"DOS\","
              "\"message\":\"ERRSRV/ERRbadpw\"}");
    attempt.finding.status = 0x0002005B;
    records_attempt(fixture->records, &attempt);
    has(lines(fixture), "\"reason\":\"2/91\"},\"error\":{\"code\":\"2/91\",\"type\":\"DOS\"");
    attempt.finding.is_dos_error = false;
    attempt.finding.status = 0xC0FFEE01;
    records_attempt(fixture->records, &attempt);
    has(lines(fixture), "\"reason\":\"0xC0FFEE01\"},\"error\":{\"code\":\"0xC0FFEE01\"");
}

static void smb2_over_ipv6(void **state) {
    struct fixture *fixture = *state;
    fixture->conversation = (struct sbl_conversation){
        .side = {{.address = {0x20, 0x01, 0x04, 0x70, 0xe5, 0xbf, 0xde, 0xad, 0x49, 0x57, 0x21,
                              0x74, 0xe8, 0x2c, 0x48, 0x87},
                  .port = 63943},
                 {.address = {0x26, 0x07, 0xf8, 0xb0, 0x40, 0x0c, 0x0c, 0x03, 0, 0, 0, 0, 0, 0, 0,
                              0x1a},
                  .port = 25}},
        .ip_version = 6,
        .application = 41,
    };
    struct sbl_attempt attempt = attempt_of(fixture);
    attempt.finding.smb_version = 2;
    attempt.finding.dialect = 0x0311;
    attempt.finding.session_id = 0x0000740000000005;
    attempt.finding.message_id = 3;
    attempt.finding.is_signed = true;
    attempt.finding.time_ns = start_ns + 1;
    attempt.finding.evidence.process = 3;
    attempt.finding.called.is_present = false;
    attempt.finding.calling.is_present = false;
    records_attempt(fixture->records, &attempt);
    const char *line = lines(fixture);
    has(line, "{\"@timestamp\":\"2026-11-21T02:22:01.000000001Z\"");
    has(line, "\"source\":{\"ip\":\"2001:470:e5bf:dead:4957:2174:e82c:4887\",\"port\":63943,"
              "\"domain\"");
    has(line, "\"destination\":{\"ip\":\"2607:f8b0:400c:c03::1a\",\"port\":25,");
    /* a published Community ID test vector */
    has(line, "\"type\":\"ipv6\",\"community_id\":\"1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=\","
              "\"application\":\"smbv23\"}");
    has(line, "\"process\":{\"pid\":1234,\"executable\":\"C:\\\\s.exe\"}");
    has(line, "\"smb\":{\"version\":2,\"dialect\":\"3.1.1\",\"session_id\":\"0x0000740000000005\","
              "\"message_id\":\"0x0000000000000003\",\"signed\":true,\"encrypted\":false},"
              "\"transport\":\"direct\"");
    lacks(line, "\"mac\"");
    lacks(line, "\"netbios\":");
}

static void published_community_ids(void **state) {
    (void)state;
    struct sbl_conversation conversation = {
        .side = {{.address = {128, 232, 110, 120}, .port = 34855},
                 {.address = {66, 35, 250, 204}, .port = 80}},
        .ip_version = 4};
    static struct identity_communities known;
    assert_string_equal(identity_community_of(&known, &conversation),
                        "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
    struct sbl_endpoint swap = conversation.side[0];
    conversation.side[0] = conversation.side[1];
    conversation.side[1] = swap;
    assert_string_equal(identity_community_of(&known, &conversation),
                        "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
    conversation.side[0] = (struct sbl_endpoint){.address = {1, 2, 3, 4}, .port = 1122};
    conversation.side[1] = (struct sbl_endpoint){.address = {5, 6, 7, 8}, .port = 3344};
    assert_string_equal(identity_community_of(&known, &conversation),
                        "1:wCb3OG7yAFWelaUydu0D+125CLM=");
}

static void undecodable_names_keep_their_bytes(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = attempt_of(fixture);
    attempt.finding.account = UTF16("a\0\x3D\xD8");
    attempt.finding.domain = ASCII("D\xFF");
    attempt.finding.workstation.is_cut = true;
    records_attempt(fixture->records, &attempt);
    const char *line = lines(fixture);
    has(line, "\"user\":{\"name\":\"a\xEF\xBF\xBD\",\"domain\":\"D\xEF\xBF\xBD\"}");
    has(line, "\"raw_hex\":\"user.name=61003dd8,user.domain=44ff\","
              "\"cut_fields\":[\"source.domain\"]}}\n");
}

static void controls_in_names_are_escaped(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = attempt_of(fixture);
    attempt.finding.account = UTF16("\"\0\\\0\x1B\0\x7F\0\x9B\0\x2E\x20\x1C\x06\xE9\0");
    records_attempt(fixture->records, &attempt);
    has(lines(fixture), "\"name\":\"\\\"\\\\\\u001b\\u007f\\u009b\\u202e\\u061c\xC3\xA9\"");
}

static void clocks_are_compared_when_they_can_be(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = attempt_of(fixture);
    const uint64_t filetime = UINT64_C(116444736000000000) + (uint64_t)start_ns / 100;
    attempt.client.answer_time = filetime - 50000; /* 5 ms behind */
    records_attempt(fixture->records, &attempt);
    has(lines(fixture), "\"clock_skew_ms\":-5,\"clock_skew_against\":\"capture\"");
    attempt.server.has_timestamp = attempt.has_server_time = true;
    attempt.server.timestamp = filetime - 3600 * UINT64_C(10000000);
    records_attempt(fixture->records, &attempt);
    const char *line = lines(fixture);
    has(line, "\"clock_skew_ms\":3599995,\"clock_skew_against\":\"server\"");
    has(line, "\"time\":\"2026-11-21T01:22:01.000000Z\"");
    attempt.client.answer_time = attempt.server.timestamp; /* copied: says nothing */
    records_attempt(fixture->records, &attempt);
    lacks(lines(fixture), "clock_skew");
    attempt.server.timestamp = UINT64_MAX; /* a year no record can show */
    records_attempt(fixture->records, &attempt);
    line = lines(fixture);
    lacks(line, "clock_skew");
    lacks(line, "\"time\"");
}

static void times_that_cannot_be_shown_are_clamped(void **state) {
    (void)state;
    char time[IDENTITY_TIME_BYTES];
    identity_time(-1, time);
    assert_string_equal(time, "1970-01-01T00:00:00.000000Z");
    identity_time(INT64_MIN, time);
    assert_string_equal(time, "1970-01-01T00:00:00.000000Z");
    identity_time(INT64_MAX, time);
    assert_string_equal(time, "2262-04-11T23:47:16.854775807Z");
    identity_time(INT64_C(951782399) * SECOND, time);
    assert_string_equal(time, "2000-02-28T23:59:59.000000Z");
    identity_time(INT64_C(951782400) * SECOND + 999999999, time);
    assert_string_equal(time, "2000-02-29T00:00:00.999999999Z");
    identity_time(INT64_C(4107542400) * SECOND, time);
    assert_string_equal(time, "2100-03-01T00:00:00.000000Z");
}

static void probe(struct fixture *fixture, const char *share, const char *directory,
                  const char *name, const char *wanted) {
    struct sbl_probe value = {.finding = finding_of(fixture), .command = SBL_OPEN_SMB2_CREATE};
    struct sbl_text *texts[] = {&value.finding.share, &value.directory, &value.name};
    const char *parts[] = {share, directory, name};
    for (size_t i = 0; i < 3; i++)
        *texts[i] = (struct sbl_text){.bytes = (const uint8_t *)parts[i],
                                      .size = parts[i] ? (uint32_t)strlen(parts[i]) : 0,
                                      .encoding = parts[i] ? SBL_TEXT_ASCII : SBL_TEXT_ABSENT};
    value.finding.status = 0xC0000034;
    records_probe(fixture->records, &value);
    has(lines(fixture), wanted);
}

static void paths_are_joined_and_split(void **state) {
    struct fixture *fixture = *state;
    probe(fixture, "\\\\S\\C", "a\\b", "x.tar.gz",
          "\"file\":{\"path\":\"\\\\\\\\S\\\\C\\\\a\\\\b\\\\x.tar.gz\",\"name\":\"x.tar.gz\","
          "\"extension\":\"gz\",\"directory\":\"\\\\\\\\S\\\\C\\\\a\\\\b\"},");
    probe(fixture, "\\\\S\\C", NULL, "a/b.c",
          "\"file\":{\"path\":\"\\\\\\\\S\\\\C\\\\a/b.c\",\"name\":\"b.c\",\"extension\":\"c\","
          "\"directory\":\"\\\\\\\\S\\\\C\\\\a\"},");
    probe(fixture, NULL, NULL, "\\.hidden",
          "\"file\":{\"path\":\"\\\\.hidden\",\"name\":\".hidden\"},");
    probe(fixture, "\\\\S\\C", NULL, "f.txt:Zone.Identifier",
          "\"name\":\"f.txt:Zone.Identifier\",\"extension\":\"txt\",");
    probe(fixture, "\\\\S\\C", "d\\", "*.*",
          "\"file\":{\"path\":\"\\\\\\\\S\\\\C\\\\d\\\\*.*\",\"name\":\"*.*\","
          "\"directory\":\"\\\\\\\\S\\\\C\\\\d\"},");
    probe(fixture, "\\\\S\\C", NULL, "\\", "\"file\":{\"path\":\"\\\\\\\\S\\\\C\\\\\",");
    probe(fixture, "\\\\S\\C", NULL, "gone.ini",
          "\"message\":\"gone.ini not found in \\\\\\\\S\\\\C for WS042\\\\SMS& from 10.1.2.42: "
          "STATUS_OBJECT_NAME_NOT_FOUND\"");
    probe(fixture, NULL, NULL, NULL,
          "\"message\":\"A file whose name was not captured not found for WS042\\\\SMS& from");
}

static void no_path_is_guessed_below_an_unknown_directory(void **state) {
    struct fixture *fixture = *state;
    struct sbl_probe value = {.finding = finding_of(fixture),
                              .command = SBL_OPEN_SMB2_QUERY_DIRECTORY,
                              .name = {(const uint8_t *)"ess*.dll", 8, SBL_TEXT_ASCII, false},
                              .is_below_unknown = true};
    value.finding.share = (struct sbl_text){(const uint8_t *)"\\\\S\\C", 5, SBL_TEXT_ASCII, false};
    value.finding.status = 0xC000000F;
    records_probe(fixture->records, &value);
    const char *told = lines(fixture);
    has(told, "\"file\":{\"name\":\"ess*.dll\",\"extension\":\"dll\"},");
    has(told,
        "\"message\":\"ess*.dll not found in a directory that is not known in \\\\\\\\S\\\\C for");
}

static void evidence_names_the_right_file(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = attempt_of(fixture);
    attempt.finding.evidence = scenario_evidence(900, 3);
    attempt.finding.evidence.response.file = 1;
    attempt.finding.evidence.frames[1].file = 1;
    records_attempt(fixture->records, &attempt);
    has(lines(fixture), "\"evidence\":{\"file\":\"cap02.pcap\",\"request_frame\":900,"
                        "\"request_file\":\"cap01.pcap\",\"response_frame\":3,\"frames\":[3]}");
}

static void the_first_failure_of_the_output_is_kept(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = attempt_of(fixture);
    fixture->kept.fail_with = -ENOSPC;
    for (int i = 0; i < 1000; i++)
        records_attempt(fixture->records, &attempt);
    assert_int_equal(fixture->kept.calls, 1);
    fixture->kept.fail_with = -EIO;
    assert_int_equal(records_flush(fixture->records), -ENOSPC);
}

static void lines_are_handed_over_whole(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = attempt_of(fixture);
    for (int i = 0; i < 1000; i++) {
        fixture->kept.size = 0;
        unsigned calls = fixture->kept.calls;
        records_attempt(fixture->records, &attempt);
        if (fixture->kept.calls != calls)
            assert_true(check_lines(fixture->kept.bytes, fixture->kept.size));
    }
    assert_true(fixture->kept.calls > 10);
}

static void a_name_of_any_length_is_one_record(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = attempt_of(fixture);
    size_t size = 200000;
    uint8_t *bytes = malloc(size);
    memset(bytes, 0x01, size);
    attempt.finding.account =
        (struct sbl_text){.bytes = bytes, .size = (uint32_t)size, .encoding = SBL_TEXT_UTF8};
    records_attempt(fixture->records, &attempt);
    assert_int_equal(records_flush(fixture->records), 0);
    assert_true(check_lines(fixture->kept.bytes, fixture->kept.size));
    has(fixture->kept.bytes, "\"cut_fields\":[\"user.name\"]");
    free(bytes);
}

/* Plain text is copied eight bytes at a time: every byte of ASCII at every place. */
static void one_byte_to_escape_among_others(void **state) {
    struct fixture *fixture = *state;
    struct sbl_attempt attempt = attempt_of(fixture);
    for (unsigned byte = 1; byte < 0x80; byte++)
        for (size_t place = 0; place < 17; place++) {
            char name[18], escaped[8], wanted[64];
            memset(name, 'a', sizeof name);
            name[place] = (char)byte;
            if (byte < 0x20 || byte == 0x7F)
                snprintf(escaped, sizeof escaped, "\\u%04x", byte);
            else
                snprintf(escaped, sizeof escaped, "%s%c", strchr("\"\\", (int)byte) ? "\\" : "",
                         (char)byte);
            snprintf(wanted, sizeof wanted, "\"name\":\"%.*s%s%.*s\"", (int)place, name, escaped,
                     (int)(sizeof name - place - 1), name + place + 1);
            attempt.finding.account = (struct sbl_text){
                .bytes = (uint8_t *)name, .size = sizeof name, .encoding = SBL_TEXT_ASCII};
            fixture->kept.size = 0;
            records_attempt(fixture->records, &attempt);
            assert_int_equal(records_flush(fixture->records), 0);
            has(fixture->kept.bytes, wanted);
        }
}

int main(void) {
#define RECORD_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        RECORD_TEST(a_refused_logon),
        RECORD_TEST(a_refused_share),
        RECORD_TEST(a_refused_open),
        RECORD_TEST(stats_have_what_is_not_zero),
        RECORD_TEST(a_granted_logon_says_so),
        RECORD_TEST(names_that_are_not_there),
        RECORD_TEST(dos_and_unknown_statuses),
        RECORD_TEST(smb2_over_ipv6),
        cmocka_unit_test(published_community_ids),
        RECORD_TEST(undecodable_names_keep_their_bytes),
        RECORD_TEST(controls_in_names_are_escaped),
        RECORD_TEST(clocks_are_compared_when_they_can_be),
        cmocka_unit_test(times_that_cannot_be_shown_are_clamped),
        RECORD_TEST(paths_are_joined_and_split),
        RECORD_TEST(no_path_is_guessed_below_an_unknown_directory),
        RECORD_TEST(evidence_names_the_right_file),
        RECORD_TEST(the_first_failure_of_the_output_is_kept),
        RECORD_TEST(lines_are_handed_over_whole),
        RECORD_TEST(a_name_of_any_length_is_one_record),
        RECORD_TEST(one_byte_to_escape_among_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
