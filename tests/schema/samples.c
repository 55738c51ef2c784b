/* Writes records of every kind, with every field there is and with none, for the schema to judge.
 */
#include <stdio.h>
#include <unistd.h>

#include "../unit/diagnosis_scenario.h"
#include "../unit/emit_scenario.h"

static const char *file_name(void *context, uint16_t file) {
    (void)context;
    return file == 0 ? "cap01.pcap" : "broken \xFF name.pcap";
}

static bool process_name(void *context, uint16_t file, uint32_t process, uint32_t *pid,
                         struct sbl_text *path) {
    (void)context, (void)file;
    *pid = process;
    *path = ASCII("C:\\WINNT\\system32\\svchost.exe");
    return true;
}

static const char *application_name(void *context, uint16_t application) {
    (void)context;
    return application == 41 ? "SMBv23" : application == 10 ? "NetBIOS" : NULL;
}

static int print(void *context, const char *bytes, size_t size) {
    (void)context;
    return fwrite(bytes, 1, size, stdout) == size ? 0 : -1;
}

static struct sbl_finding finding_of(const struct sbl_conversation *conversation, uint32_t status) {
    return (struct sbl_finding){
        .conversation = conversation,
        .time_ns = INT64_C(1795227721123456789),
        .status = status,
        .has_status = true,
        .smb_version = 2,
        .dialect = 0x0311,
        .message_id = 3,
        .session_id = 0x740000000005,
        .account = UTF16("j\0\x3D\xD8"),
        .domain = ASCII("CORP"),
        .workstation = ASCII("WS042"),
        .server_name = ASCII("CAP01"),
        .share = ASCII("\\\\CAP01\\CAP_S01"),
        .called = {"CAP01", 5, 0x20, true},
        .calling = {"WS042", 5, 0x00, true},
        .evidence = scenario_evidence(12, 13),
        .event_id = {[6] = 0x80, [8] = 0xBF, [15] = 1},
    };
}

static void write_logons(struct records *records, const struct sbl_conversation *conversation) {
    static const uint32_t statuses[] = {0, 0xC000006D, 0xC0000234, 0xC0FFEE00};
    for (unsigned i = 0; i < 64; i++) {
        struct sbl_attempt attempt = {
            .finding = finding_of(conversation, statuses[i % 4]),
            .outcome = i % 4 ? SBL_OUTCOME_FAILURE : SBL_OUTCOME_SUCCESS,
            .reason = i % SBL_REASON_COUNT,
            .half_seen = i % 3,
            .wrapping = (uint8_t)(i % 4),
            .mechanism = (uint8_t)(i % 7),
            .answer = (uint8_t)(i % 9),
            .is_guest = i & 1,
            .is_null = i & 2,
            .is_binding = i & 4,
            .is_reauthentication = i & 8,
            .is_disputed = i & 16,
            .has_ntlm = i & 32,
            .has_challenge = i & 32,
            .client = {.message = SBL_NTLM_AUTHENTICATE,
                       .has_version = true,
                       .version_major = 10,
                       .version_build = 19041,
                       .flags = 0xE2888215,
                       .spn = ASCII("cifs/cap01"),
                       .answer_time = UINT64_C(134397013211234567)},
            .server = {.nb_domain = ASCII("CORP"),
                       .nb_computer = ASCII("CAP01"),
                       .dns_domain = ASCII("corp.example"),
                       .dns_computer = ASCII("cap01.corp.example"),
                       .dns_tree = ASCII("corp.example"),
                       .has_timestamp = true,
                       .timestamp = UINT64_C(134397013200000000)},
            .native_os = ASCII("Windows 2000 2195"),
            .native_lanman = ASCII("Windows 2000 5.0"),
            .realm = ASCII("CORP.EXAMPLE"),
            .service = ASCII("cifs/cap01"),
            .authority = i % 4,
            .authority_name = ASCII("CORP"),
        };
        attempt.finding.evidence.process = i;
        records_attempt(records, &attempt);
        attempt = (struct sbl_attempt){
            .finding = {.conversation = conversation, .event_id = {[6] = 0x80, [8] = 0x80}}};
        attempt.finding.smb_version = 1;
        attempt.half_seen = SBL_HALF_REQUEST;
        records_attempt(records, &attempt);
    }
}

static void write_files(struct records *records, const struct sbl_conversation *conversation) {
    struct sbl_tree_refusal refusal = {finding_of(conversation, 0xC0000022)};
    records_tree_refusal(records, &refusal);
    for (unsigned command = 0; command <= SBL_OPEN_COMMAND_COUNT; command++) {
        struct sbl_probe probe = {.finding = finding_of(conversation, 0xC0000034),
                                  .command = (enum sbl_open_command)command,
                                  .directory = ASCII("dir"),
                                  .name = OEM("J\x81rgen.ini")};
        records_probe(records, &probe);
        probe.finding.is_dos_error = true;
        probe.finding.status = 0x00010002;
        probe.name = (struct sbl_text){0};
        probe.directory = (struct sbl_text){0};
        probe.finding.share = (struct sbl_text){0};
        records_probe(records, &probe);
    }
}

/* Lists beyond their ends, of machines of both IP versions. */
static void write_many(struct records *records, struct sbl_diagnosis diagnosis) {
    enum { MANY = 50 };
    struct sbl_machine machines[MANY];
    struct sbl_evidence_line lines[MANY];
    struct sbl_culprit candidates[MANY];
    const char *names[MANY];
    for (unsigned i = 0; i < MANY; i++) {
        names[i] = i % 3 ? "b\xED\xA0\x80" : "\\\\CAP01\\C";
        machines[i] = (struct sbl_machine){.address = {10, 0, 0, (uint8_t)i},
                                           .ip_version = i % 2 ? 6 : 4,
                                           .has_mac = i % 2,
                                           .name = names[i],
                                           .contradiction = i % 5 ? "" : names[i]};
        lines[i] = diagnosis.lines[i % SCENARIO_LINES];
        candidates[i] = diagnosis.culprit;
        candidates[i].files = (struct sbl_strings){names, MANY, MANY};
    }
    struct sbl_strings all = {names, MANY, 1000};
    diagnosis.accounts = diagnosis.walk.directories = diagnosis.walk.missing = all;
    diagnosis.remedy = diagnosis.references = diagnosis.windows_events = diagnosis.shares = all;
    diagnosis.evidence_for = diagnosis.evidence_against = all;
    diagnosis.clients = diagnosis.servers = machines;
    diagnosis.client_count = diagnosis.server_count = MANY;
    diagnosis.client_total = diagnosis.server_total = 1000;
    diagnosis.lines = lines;
    diagnosis.line_count = MANY;
    diagnosis.line_first_count = MANY / 2;
    diagnosis.candidates = candidates;
    diagnosis.candidate_count = MANY;
    records_diagnosis(records, &diagnosis);
}

static void write_diagnoses(struct records *records) {
    static const char *const techniques[] = {"T1110.001"};
    struct scenario scenario;
    scenario_init(&scenario, INT64_C(1795227721123456789));
    struct sbl_diagnosis *diagnosis = &scenario.diagnosis;
    for (unsigned i = 0; i < 32; i++) {
        diagnosis->state = (enum sbl_diagnosis_state)(i % 3);
        diagnosis->culprit.kind = (enum sbl_culprit_kind)(i % 7);
        diagnosis->culprit.basis = (enum sbl_basis)(i % 7);
        diagnosis->threshold_source = (enum sbl_threshold_source)(i % 4);
        diagnosis->is_hostile = i & 1;
        diagnosis->attack = (struct sbl_strings){techniques, i & 2 ? 1 : 0, i & 2 ? 1 : 0};
        diagnosis->is_anonymous = i & 4;
        diagnosis->has_forecast = i & 8;
        diagnosis->lock_at_ns = i & 16 ? diagnosis->time_ns : 0;
        diagnosis->superseded_by = i & 16 ? "7d3f0c1e-5a6b-8c4d-9e2f-012345678904" : "";
        records_diagnosis(records, diagnosis);
    }
    write_many(records, *diagnosis);
    struct sbl_diagnosis bare = scenario_bare();
    memcpy(bare.id, diagnosis->id, sizeof bare.id);
    memcpy(bare.event_id, diagnosis->event_id, sizeof bare.event_id);
    records_diagnosis(records, &bare);
}

static void write_stats(struct records *records) {
    struct sbl_stats *stats = calloc(1, sizeof *stats);
    if (!stats)
        abort();
    records_stats(records, stats);
    for (size_t at = 0; at < sizeof *stats; at += sizeof(uint64_t)) {
        uint64_t counter = 1000000000 + at;
        memcpy((char *)stats + at, &counter, sizeof counter);
    }
    records_stats(records, stats);
    const struct sbl_live_interface interfaces[] = {{"eth0", true, 1, 2, 3, 16 << 20},
                                                    {"b\xFF\x1B[2J", false, UINT64_MAX, 0, 0, 0},
                                                    {.frames = 0}};
    struct sbl_live_stats live = {INT64_MAX, interfaces, 3, 7, 8};
    records_live_stats(records, stats, &live);
    live = (struct sbl_live_stats){0};
    records_live_stats(records, stats, &live);
    free(stats);
}

/* Every kind and reason. */
static void write_health(struct records *records) {
    static const int64_t now_ns = INT64_C(1795227721123456789), second_ns = 1000000000;
    for (unsigned reason = 0; reason <= SBL_GAP_REASON_COUNT; reason++) {
        struct sbl_health health = {SBL_HEALTH_CAPTURE_GAP, now_ns, .is.gap = {.reason = reason}};
        struct sbl_health_gap *gap = &health.is.gap;
        memset(gap->interface, 0xFF, sizeof gap->interface);
        memcpy(gap->renamed_to, "lan\"0\n", 7);
        gap->kernel_drops = gap->interface_drops = gap->ring_bytes = UINT64_MAX;
        gap->from_ns = now_ns - second_ns;
        gap->to_ns = now_ns;
        records_health(records, &health);
    }
    for (int signal = 0; signal < 70; signal += 3) {
        struct sbl_health health = {SBL_HEALTH_PROCESS_RESTART, now_ns,
                                    .is.restart = {"watch", signal, -1, 1, 2, 10000, 213, 4}};
        records_health(records, &health);
    }
    struct sbl_health sink = {SBL_HEALTH_SINK_STATE, now_ns,
                              .is.sink = {"https://siem.example/in", true, 111, 12, now_ns - 1}};
    records_health(records, &sink);
    struct sbl_health dropped = {SBL_HEALTH_RECORDS_DROPPED, now_ns,
                                 .is.dropped = {"file", 7, now_ns - second_ns, now_ns}};
    records_health(records, &dropped);
}

int main(void) {
    const struct emit_names names = {NULL, file_name, process_name, application_name, false};
    const struct emit_output output = {NULL, print};
    struct sbl_conversation conversation = scenario_conversation();
    struct records *records;
    struct text_codepage page;
    if (text_codepage_init(&page, "CP850") || records_new(&records, &output, &names, &page))
        return 1;
    write_logons(records, &conversation);
    write_files(records, &conversation);
    conversation = (struct sbl_conversation){
        .side = {{.address = {0x20, 1, 0x0D, 0xB8, [15] = 1}, .port = 49152},
                 {.address = {[10] = 0xFF, 0xFF, 10, 0, 0, 1}, .port = 445}},
        .ip_version = 6,
        .application = 41};
    write_logons(records, &conversation);
    write_files(records, &conversation);
    write_diagnoses(records);
    write_stats(records);
    write_health(records);
    int failed = records_flush(records);
    records_free(records);
    return failed != 0;
}
